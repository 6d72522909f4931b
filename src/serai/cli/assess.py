"""``serai progress`` and ``serai project``: where each country stands, and what the target year will probably look like."""

from __future__ import annotations

from serai.cli._io import Output, RegionName, show, steps
from serai.cli.figures import Areas, Series


def progress(
    *,
    method: str = "statcan",
    series: Series = None,
    area: Areas = None,
    as_of: str | None = None,
    goals: bool = False,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Progress towards the goals by a published method: inputs, class, score, and the reason where there is none.

    Parameters
    ----------
    method
        Which published method.
    series
        Series codes; all when left out.
    area
        Area codes; the members when left out, "all" for the whole world.
    as_of
        A date: with the figures published by that day.
    goals
        One row per area and goal in place of one per area and series.
    """
    import serai

    areas = "all" if area == ["all"] else area
    with steps() as tell:
        house = serai.open(region)
        house.tell = tell
        if goals:
            frame = house.goals(method, areas=areas, as_of=as_of)
        else:
            frame = house.progress(method, areas=areas, series=series, as_of=as_of)
    show(frame, output)


def project(
    *,
    series: Series = None,
    area: Areas = None,
    to: int = 2030,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Projections with 80 and 95 % bands taken from tested errors. Model output, not an official figure.

    Parameters
    ----------
    series
        Series codes; all when left out.
    area
        Area codes; the members when left out.
    to
        Last year to project.
    """
    import serai

    with steps() as tell:
        house = serai.open(region)
        house.tell = tell
        frame = house.project(areas=area, series=series, to=to)
    show(frame, output)

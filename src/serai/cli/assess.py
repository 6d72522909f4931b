"""``serai progress``, ``serai assess`` and ``serai project``: where each area stands, and the years to come."""

from __future__ import annotations

import sys
from typing import Annotated

import polars as pl
from cyclopts import Parameter

from serai.cli._io import Output, RegionName, opened, show, tell_first_release
from serai.cli.figures import Areas, Series
from serai.errors import UnknownName


def progress(
    *,
    method: str = "statcan",
    series: Series = None,
    area: Areas = None,
    as_of: str | None = None,
    goals: Annotated[bool, Parameter(negative="")] = False,
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
    areas = "all" if area == ["all"] else area
    with opened(region) as house:
        if goals:
            frame = house.goals(method, areas=areas, as_of=as_of)
        else:
            frame = house.progress(method, areas=areas, series=series, as_of=as_of)
        tell_first_release(house, as_of, house.pack.manifest.primary_provider)
    show(frame, output)


def project(
    *,
    series: Series = None,
    area: Areas = None,
    to: int | None = None,
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
        Last year to project; the region's last year when left out.
    """
    with opened(region) as house:
        frame = house.project(areas=area, series=series, to=to)
    show(frame, output)


def backtest(
    *,
    world: Annotated[bool, Parameter(negative="")] = False,
    held_out: Annotated[bool, Parameter(negative="")] = False,
    forecasts: Annotated[bool, Parameter(negative="")] = False,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """How earlier projections would have fared: error, coverage and score by horizon and nature.

    Parameters
    ----------
    world
        The test on two origins in the latest release of the whole world (revised data), not the real-time test.
    held_out
        The outcomes of the real-time test, forecast by what is learnt from all outcomes of other areas.
    forecasts
        Every forecast with its outcome, in place of the scores.
    """
    with opened(region) as house:
        house.tell("back-test", 0, 1)
        found = house.backtest(world=world, held_out=held_out)
        house.tell("back-test", 1, 1)
    show(found.forecasts if forecasts else found.scores, output)
    for reason, number in found.skipped.iter_rows():
        sys.stderr.write(f"left out: {number:,} ({reason})\n")


def national(
    *,
    area: Areas = None,
    kind: str | None = None,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """National figures beside the international ones, and what kind of difference lies between them.

    Parameters
    ----------
    area
        Area codes; the members when left out.
    kind
        One kind of difference only: same, scale, index_growth, year_shift, other_slice, other_release, unit, genuine …
    """
    from serai.assess.national import KINDS

    if kind is not None and kind not in KINDS:
        raise UnknownName("kind of difference", kind, KINDS)
    with opened(region) as house:
        frame = house.national(areas="all" if area == ["all"] else area)
    show(frame if kind is None else frame.filter(pl.col("kind") == kind), output)


def assess(
    *,
    areas: Annotated[
        list[str] | None, Parameter(name=["--areas", "--area", "-a"], negative="", consume_multiple=True)
    ] = None,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """All published methods at once: series by class, reasons where there is none, and goals by class.

    Parameters
    ----------
    areas
        Area codes; the members when left out, "all" for the whole world.
    output
        File for every series and area by every method: .csv, .json or .parquet.
    """
    from serai.cli._tally import classes_of, reasons_of

    wanted = "all" if areas == ["all"] else areas
    with opened(region) as house:
        made = house.compare_methods(areas=wanted)
        goals = house.goals_of(made, areas=wanted)
    if output is not None:
        show(made, output)
    series = made.select("provider", "series", "area", "dimensions").n_unique()
    sys.stdout.write(f"{series:,} series of {made['area'].n_unique():,} areas, each by every method\n")
    parts = {
        "series by class": classes_of(made),
        "why there is no class": reasons_of(made),
        "goals by class": classes_of(goals),
    }
    for title, frame in parts.items():
        sys.stdout.write(f"\n{title}\n")
        with pl.Config(fmt_str_lengths=80):
            show(frame, None)

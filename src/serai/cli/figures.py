"""``serai observations``, ``releases``, ``changes``: figures, and when they were published."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from serai.cli._io import Output, RegionName, opened, show, tell_first_release

Series = Annotated[list[str] | None, Parameter(name=["--series", "-s"], consume_multiple=True, negative="")]
Areas = Annotated[list[str] | None, Parameter(name=["--area", "-a"], consume_multiple=True, negative="")]


def observations(
    *,
    series: Series = None,
    area: Areas = None,
    provider: str | None = None,
    as_of: str | None = None,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Figures, as they stood at any release.

    Example: serai observations --series SI_POV_DAY1 --area KGZ TJK --as-of 2021-06-30

    Parameters
    ----------
    series
        Series codes; all when left out.
    area
        Area codes; the members when left out, "all" for the whole world.
    provider
        Figures of one provider only.
    as_of
        A date: what was published by that day. The latest release when left out.
    """
    areas = "all" if area == ["all"] else area
    with opened(region) as house:
        frame = house.observations(series=series, areas=areas, provider=provider, as_of=as_of)
        if frame.is_empty():
            tell_first_release(house, as_of, provider)
    show(frame, output)


def releases(*, region: RegionName = "central_asia", output: Output = None) -> None:
    """What each provider published, and when."""
    with opened(region) as house:
        frame = house.releases()
    show(frame, output)


def changes(
    *,
    provider: str | None = None,
    area: Areas = None,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """What changed for the members between a provider's last two releases: added, withdrawn, revised.

    Parameters
    ----------
    provider
        The provider; the region's primary one when left out.
    area
        Area codes; the members when left out.
    """
    with opened(region) as house:
        frame = house.changes(provider=provider, areas=area)
    show(frame, output)

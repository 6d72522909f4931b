"""Corridors: the freight network, routes side by side, disruptions, what matters most, and what it all rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from serai.publish.messages import _
from serai.publish.sections import Limit, Part, Section
from serai.publish.sections.corridor.words import WORDS

if TYPE_CHECKING:
    from serai.publish.material import PackLike
    from serai.publish.sections import Setting
    from serai.publish.sections.corridor.gather import Gathered

__all__ = ["SECTION"]


def _has(pack: PackLike) -> bool:
    return pack.has("links") and pack.has("places")


def _make(region: Any, setting: Setting) -> Part:  # noqa: ANN401 - a region, or what stands for one in tests
    from serai.publish.sections.corridor.gather import Gathered
    from serai.publish.sections.corridor.moving import files
    from serai.publish.sections.corridor.pages import MENU, pages

    corridors = region.corridors
    ledger = region.ledger
    money = ledger.segments(as_of=ledger.compiled)
    found = Gathered(corridors, corridors.pack.table("commodities")["commodity"][0], money)
    made = pages(found, setting)
    there = {page.path for page in made}
    links = corridors.pack.table("links").to_dicts()
    world = (-12.0, -12.0, 130.0, 66.0)
    moving = files(links, found.places, setting.pack.geometry, setting.members, world, found.bends)
    return Part(made, menu=[entry for entry in MENU if entry[0] in there], frames=_frames(found), files=moving)


def _frames(found: Gathered) -> dict[str, pl.DataFrame]:
    """Published tables."""
    pack = found.corridors.pack
    frames = {"freight_places": pack.table("places"), "freight_links": pack.table("links")}
    routes = [found.routes(pair).with_columns(pl.lit(pair["pair"]).alias("pair")) for pair in found.pairs]
    if routes:
        frames["freight_routes"] = pl.concat(routes, how="diagonal").select("pair", pl.exclude("pair"))
    if found.disruptions:
        frames["freight_disruptions"] = pl.concat(found.disruptions.values())
    if found.critical is not None:
        frames["freight_criticality"] = found.critical
    if found.appraised is not None:
        ways = [(found.choice, found.appraised), ("cheapest", found.appraised_cheapest)]
        frames["freight_projects"] = pl.concat(
            table.with_columns(pl.lit(choice).alias("choice")) for choice, table in ways if table is not None
        )
    if found.influences is not None:
        frames["freight_assumptions"] = found.influences
    if found.times is not None:
        frames["freight_times"] = found.times
    if found.prices is not None:
        frames["freight_prices"] = found.prices
    if found.through is not None:
        frames["freight_throughputs"] = found.through
    if found.constants is not None:
        frames["freight_constants"] = found.constants
    if found.split is not None:
        frames |= {"freight_volumes": found.split.table, "freight_calibration": found.split.fitted}
    frames |= {
        f"freight_{name}": pack.table(name)
        for name in ("facts", "disputed", "fibre", "project_costs", "lengths")
        if pack.has(name)
    }
    return frames


def _state(region: Any) -> str:  # noqa: ANN401 - a region, or what stands for one in tests
    """Whether the map can be moved: the library that does it is optional."""
    from serai.publish.sections.corridor.moving import installed

    return "moving" if installed() else ""


SECTION = Section(
    id="corridor",
    title=_("Corridors"),
    address="corridor/index.html",
    has=_has,
    make=_make,
    about=_("How goods reach the sea and each other: routes side by side, what a closure costs whom, which works pay."),
    state=_state,
    words=WORDS,
    limits=(
        Limit(
            title=_("Freight on the network"),
            address="corridor/evidence.html",
            serves=_("Comparing routes, closures and works on one network, by what they cost whom."),
            leaves=_(
                "Whether a border opens or a carrier raises its fares; goods that are not in the demand held; jobs and "
                "local gains."
            ),
            sure=_("Ranges over the numbers it rests on; every published time, price and volume beside the model’s."),
        ),
    ),
)

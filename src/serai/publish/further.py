"""What stands beside the classes: all methods, what a target would take, peers, groups of people, regions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from serai.assess import GAP_STATES, method_classes, methods

if TYPE_CHECKING:
    from serai.publish.material import Material, RegionLike

__all__ = ["COMPARED", "Further", "further", "world_name"]

Row = dict[str, Any]
Frames = Mapping[str, pl.DataFrame]
COMPARED = (
    "method", "area", "series", "dimensions", "unit", "class", "standing", "score", "value", "agree", "why", "detail",
    "reason", "remark", "trend_from", "base_year", "base_value", "latest_year", "latest_value", "target",
    "observed_rate", "required_rate", "provider", "release", "nature",
)  # fmt: skip
"""Columns of the table of all methods that is published."""


@dataclass(frozen=True)
class Further:
    """Frames beside the classes, and indexes over them.

    Attributes:
        comparison: every series and member by every method.
        goal_standings: (method, goal, area) -> standing.
        required: what each target would take.
        group: the group of countries the members are ranked in; none if the pack names none.
        peers, peer_goals: ranks within it.
        programmes: targets of programmes of action.
        gaps: groups of people beside their counterparts.
        regions: regions of the members.
    """

    comparison: pl.DataFrame
    goal_standings: Mapping[tuple[str, str, str], str | None]
    required: pl.DataFrame
    group: str | None
    peers: pl.DataFrame
    peer_goals: pl.DataFrame
    programmes: pl.DataFrame
    gaps: pl.DataFrame
    regions: pl.DataFrame

    @cached_property
    def compared(self) -> Mapping[tuple[str, str], list[Row]]:
        """Rows of all methods by (series, area), in the order of the methods."""
        return _by(self.comparison, "series", "area")

    @cached_property
    def required_of(self) -> Mapping[tuple[str, str], Row]:
        """What a target would take, by (series, area)."""
        return {key: rows[0] for key, rows in _by(self.required, "series", "area").items()}

    @property
    def frames(self) -> Frames:
        """The tables that are published, by name."""
        return {
            "methods": self.comparison,
            "required": self.required,
            "peers": self.peers,
            "peer_goals": self.peer_goals,
            "programmes": self.programmes,
            "groups": self.gaps,
            "regions": self.regions,
        }


def _by(frame: pl.DataFrame, *keys: str) -> dict[Any, list[Row]]:
    out: dict[Any, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        out.setdefault(tuple(row[key] for key in keys), []).append(row)
    return out


def further(region: RegionLike, finite: Callable[[pl.DataFrame], pl.DataFrame]) -> Further:
    """Ask the region for all of it; ``finite`` empties cells that no page can show."""
    group = _group(region)
    members = list(region.members)

    def ours(frame: pl.DataFrame) -> pl.DataFrame:
        return finite(frame).filter(pl.col("area").is_in(members))

    compared = ours(region.compare_methods())
    order = pl.col("method").replace_strict({name: n for n, name in enumerate(methods())}, return_dtype=pl.Int8)
    area = pl.col("area").replace_strict({code: n for n, code in enumerate(members)}, return_dtype=pl.Int16)
    return Further(
        comparison=compared.select(COMPARED).sort("series", area, "dimensions", order),
        goal_standings=_standings(region, compared),
        required=ours(region.required()).sort("series", area, "dimensions"),
        group=group,
        peers=ours(region.peers(group)).sort("series", area, "dimensions") if group else _none("peers"),
        peer_goals=ours(region.peer_goals(group)) if group else _none("peer_goals"),
        programmes=finite(region.programmes()),
        gaps=ours(region.left_behind()),
        regions=finite(region.subnational()),
    )


def _none(name: str) -> pl.DataFrame:
    from serai.assess import PEER_GOALS, PEERS

    return pl.DataFrame(schema=PEERS if name == "peers" else PEER_GOALS)


def _group(region: RegionLike) -> str | None:
    """The group of countries whose programmes the pack holds."""
    if not region.pack.has("programme_targets"):
        return None
    named = [name for name in region.pack.table("programme_targets")["group"] if name]
    return named[0] if named else None


def _standings(region: RegionLike, compared: pl.DataFrame) -> dict[tuple[str, str, str], str | None]:
    """Standing of each goal and member by each method, on the scale the methods share."""
    classes = {(row["method"], row["class"]): row["standing"] for row in method_classes().iter_rows(named=True)}
    out: dict[tuple[str, str, str], str | None] = {}
    for row in region.goals_of(compared).iter_rows(named=True):
        standing = classes.get((row["method"], row["class"]))
        # A class that covers both standing still and moving away says "not on track" of a mean, no more.
        out[row["method"], str(row["goal"]), row["area"]] = "too_slow" if standing == "by_sign" else standing
    return out


@lru_cache(maxsize=8)
def _territories(tongue: str) -> Mapping[str, str]:
    from serai.publish.i18n import language

    return dict(language(tongue).locale.territories)


def world_name(material: Material, code: str | None) -> dict[str, str]:
    """Name of any area: the pack's own, and CLDR's in languages the pack has none in."""
    if not code:
        return {}
    text = dict(material.names.area(code))
    iso2 = material.iso2.get(code)
    for tongue in material.languages:
        if tongue not in text and iso2 and (name := _territories(tongue).get(iso2)):
            text[tongue] = name
    return text


def tallied(states: Sequence[str | None]) -> list[tuple[str, int]]:
    """How often each state of a gap occurs, in their order; those that do not are left out."""
    return [(name, count) for name in GAP_STATES if (count := sum(1 for state in states if state == name))]

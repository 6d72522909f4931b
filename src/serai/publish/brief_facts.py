"""What a brief says, as figures: counts, and choices made by rules that are printed beside them; in no language."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Protocol

import polars as pl

from serai.publish.material import Material, RegionLike, finite, gather
from serai.publish.palette import CLASSES

__all__ = ["GOALS", "RECENT", "STANDINGS", "BriefRegion", "Evidence", "ask", "middle", "standing"]

Row = dict[str, Any]
GOALS = tuple(str(number) for number in range(1, 18))
STANDINGS: Mapping[str, str] = {
    "target_achieved": "on_track",
    "substantial_progress": "on_track",
    "moderate_progress": "slow",
    "limited_progress": "slow",
    "deterioration": "away",
}
"""Five classes in three: on track or there already, too slow, moving away."""
RANK = {name: place for place, name in enumerate(reversed(tuple(CLASSES)))}
"""Place of a class, the worst being 0."""
CHANGES = ("added", "revised", "withdrawn")
RECENT = 3
"""Years before the release within which a figure counts as recent."""


class BriefRegion(RegionLike, Protocol):
    """What a brief needs of a region beyond what a site needs: the state as of an earlier release."""

    def progress(self, *, as_of: date | None = None) -> pl.DataFrame:
        """Progress of the members, with the figures published by a day."""
        ...

    def goals(self, method: str = "statcan", *, as_of: date | None = None) -> pl.DataFrame:
        """Where the members stand on the goals, with the figures published by a day."""
        ...


def standing(name: str | None) -> str:
    """``on_track``, ``slow``, ``away``, or ``none`` where there is no class."""
    return STANDINGS.get(name or "", "none")


@dataclass(frozen=True)
class Evidence:
    """The frames behind a brief: the latest release, and progress as the one before had it.

    Attributes:
        now: everything of the latest release.
        old, new: dates of the two releases compared; ``old`` is none where there is only one.
        goals_before, progress_before: goals and progress with the figures of the earlier release and today's rules.
    """

    now: Material
    old: date | None
    new: date | None
    goals_before: pl.DataFrame
    progress_before: pl.DataFrame

    @property
    def members(self) -> tuple[str, ...]:
        """Codes of the members, in the order of the pack."""
        return self.now.members

    @cached_property
    def official(self) -> pl.DataFrame:
        """The official list: ``indicator, goal``, each indicator once."""
        return self.now.pack.table("indicators").select("indicator", "goal").unique().sort("indicator")

    @cached_property
    def dated(self) -> pl.DataFrame:
        """Indicators of the official list with data: ``indicator, goal, area, latest_year`` (of any of its series)."""
        links = self.now.pack.table("series_indicators").select("series", "indicator").unique()
        known = self.now.progress.filter(pl.col("latest_year").is_not_null()).select("series", "area", "latest_year")
        found = known.join(links, on="series").join(self.official, on="indicator")
        return found.group_by("indicator", "goal", "area").agg(pl.col("latest_year").max())

    @cached_property
    def goals_of(self) -> Mapping[str, str]:
        """The goal of each series (of its first indicator in official order)."""
        return {code: rows[0]["goal"] for code, rows in self.now.indicators_of.items()}

    def grid(self) -> list[Row]:
        """One row a goal, with a cell for each member: class, reason, indicators with data, median year."""
        return [{"goal": goal, "cells": [self._cell(goal, area) for area in self.members]} for goal in GOALS]

    def _cell(self, goal: str, area: str) -> Row:
        row = self.now.goal_of.get((goal, area), {})
        names = ("class", "reason", "indicators", "indicators_with_data", "indicators_classified", "median_latest_year")
        return {"area": area, **{name: row.get(name) for name in names}, "standing": standing(row.get("class"))}

    def unclassed(self) -> list[Row]:
        """Why goals have no class: the reason, the members it holds for, and in which goals."""
        found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for row in self.grid():
            empty = [(cell["reason"], cell["area"]) for cell in row["cells"] if not cell["class"] and cell["reason"]]
            for why in dict.fromkeys(reason for reason, _ in empty):
                areas = tuple(area for reason, area in empty if reason == why)
                found.setdefault((why, areas), []).append(row["goal"])
        return [{"why": why, "areas": areas, "goals": goals} for (why, areas), goals in found.items()]

    def tally(self) -> list[Row]:
        """For each member: goals by standing, indicators in all and with data, and how old their figures are."""
        grid = self.grid()
        return [self._member(area, [row["cells"][place] for row in grid]) for place, area in enumerate(self.members)]

    def _member(self, area: str, cells: list[Row]) -> Row:
        mine = self.dated.filter(pl.col("area") == area)
        recent = self.new.year - RECENT if self.new else None
        stands = [cell["standing"] for cell in cells]
        return {
            "area": area,
            **{name: stands.count(name) for name in ("on_track", "slow", "away", "none")},
            "indicators": self.official.height,
            "with_data": mine.height,
            "recent": mine.filter(pl.col("latest_year") >= recent).height if recent else 0,
            "median_year": middle(self.years(area)),
            **self._silences(area),
        }

    def _silences(self, area: str) -> Row:
        """Figures that are there but hold no number: withheld, and not applicable; any slice, all providers."""
        mine = self.now.observations.filter(pl.col("area") == area)
        counts = dict(mine["status"].value_counts().iter_rows())
        return {
            "withheld": counts.get("withheld", 0) + counts.get("embargoed", 0),
            "not_applicable": counts.get("not_applicable", 0),
        }

    def coverage(self) -> list[Row]:
        """For each goal: official indicators, and those with data in all members, in some, in none."""
        reach = self.dated.group_by("indicator").agg(pl.col("area").n_unique().alias("areas"))
        frame = self.official.join(reach, on="indicator", how="left").with_columns(pl.col("areas").fill_null(0))
        everywhere = len(self.members)
        counts = frame.group_by("goal").agg(
            pl.len().alias("indicators"),
            (pl.col("areas") == everywhere).sum().alias("all"),
            pl.col("areas").is_between(1, everywhere - 1).sum().alias("some"),
            (pl.col("areas") == 0).sum().alias("none"),
        )
        known = {row["goal"]: row for row in counts.iter_rows(named=True)}
        return [known.get(goal, {"goal": goal, "indicators": 0, "all": 0, "some": 0, "none": 0}) for goal in GOALS]

    def years(self, area: str | None = None) -> list[int]:
        """Last years of the series with data, of all members or of one."""
        frame = self.now.progress if area is None else self.now.progress.filter(pl.col("area") == area)
        return frame["latest_year"].drop_nulls().to_list()

    def natures(self) -> Mapping[str, int]:
        """Latest figures behind the classes, by their nature."""
        frame = self.now.progress.filter(pl.col("latest_year").is_not_null())
        return dict(frame["nature"].fill_null("").value_counts().sort("nature").iter_rows())

    def change_counts(self) -> list[Row]:
        """For each member: figures added, revised, withdrawn, and those with other words or decimals only."""
        empty = dict.fromkeys((*CHANGES, "described", "series"), 0)
        if self.now.changes.is_empty():
            return [{"area": area, **empty} for area in self.members]
        frame = self.now.changes.with_columns(
            kind=pl.when(_only_described()).then(pl.lit("described")).otherwise("change")
        )
        out = []
        for area in self.members:
            mine = frame.filter(pl.col("area") == area)
            counts = dict(mine["kind"].value_counts().iter_rows())
            out.append({"area": area, **empty, **counts, "series": mine["series"].n_unique()})
        return out

    def moves(self) -> list[Row]:
        """Classes of goals that differ from those the earlier release gives: goal, area, before, after, way."""
        if self.goals_before.is_empty():
            return []
        before = {(str(row["goal"]), row["area"]): row["class"] for row in self.goals_before.iter_rows(named=True)}
        out = []
        for goal in GOALS:
            for area in self.members:
                was, now = before.get((goal, area)), self.now.goal_of.get((goal, area), {}).get("class")
                if was != now:
                    out.append({"goal": goal, "area": area, "before": was, "after": now, "way": _way(was, now)})
        return out

    def series_moves(self) -> list[Row]:
        """For each member: series classed now, and those whose class is better, worse, new or lost."""
        key = ["series", "area"]
        old = self.progress_before.select(*key, was="class") if self.progress_before.width else _nothing(key)
        pairs = self.now.progress.select(*key, now="class").join(old, on=key, how="full", coalesce=True)
        out = []
        for area in self.members:
            mine = list(pairs.filter(pl.col("area") == area).select("was", "now").iter_rows())
            ways = [_way(was, now) for was, now in mine]
            counts = {name: ways.count(name) for name in ("better", "worse", "gained", "lost")}
            out.append({"area": area, "classed": sum(now is not None for _, now in mine), **counts})
        return out

    def busiest(self, limit: int) -> list[Row]:
        """Series with most figures added, revised or withdrawn, all slices: counts, and the members touched."""
        if self.now.changes.is_empty():
            return []
        frame = self.now.changes.filter(~_only_described())
        kinds = {kind: (pl.col("change") == kind).sum() for kind in CHANGES}
        counts = frame.group_by("series").agg(pl.len().alias("all"), members=pl.col("area").n_unique(), **kinds)
        return counts.sort(["all", "series"], descending=[True, False]).head(limit).to_dicts()

    def class_changes(self, limit: int) -> list[Row]:
        """Series whose class is better or worse in a member: for each the member with the largest change of score."""
        if not self.progress_before.width:
            return []
        key = ["series", "area"]
        names = ("class", "score", "latest_year", "latest_value", "latest_bound")
        old = self.progress_before.select(*key, *(pl.col(name).alias(f"old_{name}") for name in names))
        both = self.now.progress.select(*key, *names).join(old, on=key)
        moved = both.filter(pl.col("class") != pl.col("old_class")).with_columns(
            size=(pl.col("score") - pl.col("old_score")).abs(), members=pl.len().over("series")
        )
        ranked = moved.sort(["size", *key], descending=[True, False, False], nulls_last=True)
        return ranked.unique("series", keep="first", maintain_order=True).head(limit).to_dicts()

    def revisions(self, limit: int) -> list[Row]:
        """The largest revisions of the figure that was a series' latest one, one row a series.

        Only headline slices that have a class, a value in both releases and the same unit in both. Size is the
        change over the mean size of the two values: 0 to 2, the same up and down.
        """
        if self.now.changes.is_empty() or self.progress_before.is_empty():
            return []
        classed = self.progress_before.filter(pl.col("class").is_not_null())
        quoted = classed.select("series", "area", pl.col("dimensions").fill_null(""), period="latest_year")
        old, new = pl.col("old_value"), pl.col("new_value")
        found = (
            self.now.changes.filter((pl.col("change") == "revised") & (old != new) & _same("unit"))
            .join(quoted, on=["series", "area", "dimensions", "period"], how="semi")
            .with_columns(size=2 * (new - old).abs() / (old.abs() + new.abs()))
            .filter(pl.col("size").is_finite())
            .sort(["size", "series", "area"], descending=[True, False, False])
        )
        touched = dict(found.group_by("series").agg(pl.col("area").n_unique()).iter_rows())
        top = found.unique("series", keep="first", maintain_order=True).head(limit)
        names = ("series", "area", "period", "old_value", "new_value", "old_bound", "new_bound", "size", "new_unit")
        return [{**{name: row[name] for name in names}, "members": touched[row["series"]]} for row in top.to_dicts()]


def ask(region: BriefRegion, languages: Iterable[str], now: Material | None = None) -> Evidence:
    """Ask the region for everything a brief is made from; ``now`` is what is at hand of the latest release."""
    now = now or gather(region, tuple(languages))
    old, new = _compared(now)
    if old is None:
        return Evidence(now, None, new, pl.DataFrame(), pl.DataFrame())
    ours = pl.col("area").is_in(now.members)
    goals, progress = region.goals(as_of=old), region.progress(as_of=old)
    return Evidence(now, old, new, finite(goals).filter(ours), finite(progress).filter(ours))


def _compared(now: Material) -> tuple[date | None, date | None]:
    """The earlier and the latest release of the primary provider for the members."""
    if not now.changes.is_empty():
        old, new = now.changes["old_release"].max(), now.changes["new_release"].max()
        return (old if isinstance(old, date) else None), (new if isinstance(new, date) else None)
    return None, now.last_release


def _same(name: str) -> pl.Expr:
    return pl.col(f"old_{name}").fill_null("") == pl.col(f"new_{name}").fill_null("")


def _only_described() -> pl.Expr:
    """Whether a revised figure kept its number, bound and unit: only its nature, note or decimals moved."""
    old, new = pl.col("old_value"), pl.col("new_value")
    finer = pl.any_horizontal((old == old.round(digits)) & (old == new.round(digits)) for digits in (0, 1, 2))
    number = (old.eq_missing(new) | finer.fill_null(False)) & (pl.col("old_status") == pl.col("new_status"))
    return (pl.col("change") == "revised") & number & _same("bound") & _same("unit")


def _way(was: str | None, now: str | None) -> str:
    if was == now:
        return "same"
    if was is None:
        return "gained"
    if now is None:
        return "lost"
    return "better" if RANK[now] > RANK[was] else "worse"


def _nothing(key: list[str]) -> pl.DataFrame:
    return pl.DataFrame(schema={**dict.fromkeys(key, pl.String), "was": pl.String})


def middle(years: Sequence[int]) -> int | None:
    """Lower median: half of the figures are of this year or older."""
    return sorted(years)[math.ceil(len(years) / 2) - 1] if years else None

"""Which series a brief shows: chosen by rules that are printed beside them, never by hand."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from serai.publish.brief_facts import Evidence

__all__ = ["LIKELY", "MIN_RECORD", "OLDEST", "SHARE", "Choice", "choose", "needed"]

Row = dict[str, Any]
SHARE = 2 / 3
"""Share of the members that must have good evidence before a series is looked at."""
OLDEST = 5
"""Years before the release that a last figure may be old."""
MIN_RECORD = 30
"""Past cases that a series' own record must hold."""
LIKELY = (1 / 3, 2 / 3)
"""Chances below the first are called low, from the second on high."""
PROJECTED = (
    "period", "median", "lo80", "hi80", "lo95", "hi95", "p_target", "last_year", "last_value", "record_n",
    "record_coverage80", "record_note", "nature", "release", "provider",
)  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """The series a brief speaks of.

    Attributes:
        closest, divided, furthest: one series each to be shown in full, where there is one.
        unlikely: series least likely to reach their target, the least likely first.
        away: series that move away in most members.
        pairs: pairs of series and member with a chance: in all, high, low, and those of good evidence.
        considered: series that had good evidence in enough members.
    """

    telling: tuple[tuple[str, Row], ...]
    unlikely: tuple[Row, ...]
    away: tuple[Row, ...]
    pairs: Row
    considered: int


def needed(members: int) -> int:
    """How many members two thirds are."""
    return math.ceil(SHARE * members - 1e-9)


def choose(evidence: Evidence, *, rows: int = 5) -> Choice:
    """Choose the series that a brief shows.

    Good evidence of a pair of series and member: a numeric target, a last figure at most :data:`OLDEST` years older
    than the release, and a tested record of at least :data:`MIN_RECORD` past cases. A series is considered where two
    thirds of the members have it. No two series of a list share a goal.

    Args:
        evidence: everything of the region.
        rows: length of the lists.
    """
    chances = _chances(evidence)
    good = _good(evidence, chances)
    considered = _considered(evidence, good)
    return Choice(
        telling=tuple(_telling(evidence, good, considered)),
        unlikely=tuple(_unlikely(evidence, good, considered, rows)),
        away=tuple(_away(evidence, rows)),
        pairs={
            "all": chances.height,
            "high": chances.filter(pl.col("p_target") >= LIKELY[1]).height,
            "low": chances.filter(pl.col("p_target") < LIKELY[0]).height,
            "good": good.height,
        },
        considered=considered.height,
    )


def _chances(evidence: Evidence) -> pl.DataFrame:
    """Projections of the last year that say how likely the target is, with the class of today."""
    frame = evidence.now.projections
    if frame.is_empty():
        return pl.DataFrame(schema={"series": pl.String, "area": pl.String, "p_target": pl.Float64})
    end = evidence.now.manifest.end
    frame = frame.filter((pl.col("period") == end) & pl.col("p_target").is_not_null())
    frame = frame.filter(pl.col("area").is_in(evidence.members) & pl.col("series").is_in(list(evidence.goals_of)))
    today = evidence.now.progress.select("series", "area", "class", "score").unique(["series", "area"])
    return frame.join(today, on=["series", "area"], how="left")


def _good(evidence: Evidence, chances: pl.DataFrame) -> pl.DataFrame:
    if chances.is_empty() or evidence.new is None:
        return chances.clear()
    fresh = pl.col("last_year") >= evidence.new.year - OLDEST
    return chances.filter(fresh & (pl.col("record_n") >= MIN_RECORD))


def _considered(evidence: Evidence, good: pl.DataFrame) -> pl.DataFrame:
    """Series with good evidence in enough members: mean, lowest and highest chance, and how many meet it today."""
    schema = {"series": pl.String, "members": pl.UInt32, "mean": pl.Float64, "gap": pl.Float64, "met": pl.UInt32}
    if good.is_empty():
        return pl.DataFrame(schema=schema)
    chance = pl.col("p_target")
    frame = good.group_by("series").agg(
        pl.len().alias("members"),
        # Whole per cents: finer differences of tested errors mean nothing, and would decide the order.
        chance.mean().round(2).alias("mean"),
        (chance.max() - chance.min()).round(2).alias("gap"),
        (pl.col("class") == "target_achieved").sum().alias("met"),
        pl.col("score").mean().alias("score"),
    )
    goals = pl.DataFrame(list(evidence.goals_of.items()), schema=["series", "goal"], orient="row")
    frame = frame.filter(pl.col("members") >= needed(len(evidence.members)))
    return frame.join(goals, on="series", how="left").sort("series")


def _telling(evidence: Evidence, good: pl.DataFrame, considered: pl.DataFrame) -> Iterable[tuple[str, Row]]:
    """Closest to its target though most members have yet to meet it; most divided; furthest from its target."""
    open_ = considered.filter(pl.col("met") * 2 <= pl.col("members")) if considered.height else considered
    orders = {
        "closest": (["mean", "series"], [True, False]),
        "divided": (["gap", "series"], [True, False]),
        "furthest": (["mean", "score", "series"], [False, False, False]),
    }
    taken: set[str] = set()
    for name, (keys, falling) in orders.items():
        left = open_.filter(~pl.col("goal").is_in(list(taken))) if open_.height else open_
        if left.height:
            row = left.sort(keys, descending=falling, nulls_last=True).row(0, named=True)
            taken.add(row["goal"])
            yield name, {**row, "cells": _cells(evidence, good, row["series"])}


def _unlikely(evidence: Evidence, good: pl.DataFrame, considered: pl.DataFrame, rows: int) -> Iterable[Row]:
    if considered.is_empty():
        return
    order = considered.sort(["mean", "score", "series"], nulls_last=True)
    for row in order.unique("goal", keep="first", maintain_order=True).head(rows).iter_rows(named=True):
        yield {**row, "cells": _cells(evidence, good, row["series"])}


def _cells(evidence: Evidence, good: pl.DataFrame, series: str) -> dict[str, Row]:
    mine = good.filter(pl.col("series") == series)
    return {row["area"]: {name: row[name] for name in PROJECTED} for row in mine.iter_rows(named=True)}


def _away(evidence: Evidence, rows: int) -> Iterable[Row]:
    """Series that move away from what is wanted in more than half of the members, those in most members first."""
    classed = evidence.now.progress.filter(
        pl.col("class").is_not_null() & pl.col("series").is_in(list(evidence.goals_of))
    )
    if classed.is_empty():
        return
    least = needed(len(evidence.members))
    frame = classed.group_by("series").agg(
        pl.len().alias("members"),
        (pl.col("class") == "deterioration").sum().alias("away"),
        pl.col("score").mean().alias("score"),
    )
    frame = frame.filter((pl.col("members") >= least) & (pl.col("away") * 2 > len(evidence.members)))
    goals = pl.DataFrame(list(evidence.goals_of.items()), schema=["series", "goal"], orient="row")
    frame = frame.join(goals, on="series").sort(["away", "score", "series"], descending=[True, False, False])
    for row in frame.unique("goal", keep="first", maintain_order=True).head(rows).iter_rows(named=True):
        cells = {cell["area"]: cell for cell in classed.filter(pl.col("series") == row["series"]).iter_rows(named=True)}
        names = ("class", "base_year", "base_value", "latest_year", "latest_value", "latest_bound", "nature")
        yield {**row, "cells": {area: {name: cell[name] for name in names} for area, cell in cells.items()}}

"""Which series a brief shows: chosen by rules that are printed beside them, never by hand."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from serai.publish.brief_facts import Evidence

__all__ = ["LIKELY", "MIN_RECORD", "OLDEST", "SHARE", "TESTED", "Choice", "choose", "needed"]

Row = dict[str, Any]
SHARE = 2 / 3
"""Share of the members that must have good evidence before a series is looked at."""
OLDEST = 5
"""Years before the release that a last figure may be old."""
MIN_RECORD = 30
"""Past cases that a series' own record must hold."""
TESTED = 0.03
"""Chances below this, or this near to one, lie beyond the outermost tested band (95 %), rounded up to a per cent."""
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
        telling: ``closest``, ``divided``, ``furthest``: one series each to be shown in full, where there is one.
        balance: series whose mean chance is between low and high, those nearest to one half first.
        unlikely: series least likely to reach their target, the least likely first.
        away: series that move away in most members.
        pairs: pairs of series and member with a chance: in all, high, low, and those of good evidence.
        considered: series that had good evidence in enough members.
        widest: members in which the telling series have good evidence.
    """

    telling: tuple[tuple[str, Row], ...]
    balance: tuple[Row, ...]
    unlikely: tuple[Row, ...]
    away: tuple[Row, ...]
    pairs: Row
    considered: int
    widest: int


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
        rows: length of the lists; that of the balance is one row shorter.
    """
    chances = _chances(evidence)
    good = _good(evidence, chances)
    considered = _considered(evidence, good)
    return Choice(
        telling=tuple(_telling(evidence, good, considered)),
        balance=tuple(_balance(evidence, good, considered, rows - 1)),
        unlikely=tuple(_unlikely(evidence, good, considered, rows)),
        away=tuple(_away(evidence, rows)),
        pairs={
            "all": chances.height,
            "high": chances.filter(pl.col("p_target") >= LIKELY[1]).height,
            "low": chances.filter(pl.col("p_target") < LIKELY[0]).height,
            "good": good.height,
        },
        considered=considered.height,
        widest=int(considered["members"].max() or 0) if considered.height else 0,  # type: ignore[arg-type]
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
    """Series with good evidence in enough members: mean chance, gap between members, how many meet the target today."""
    schema = {"series": pl.String, "members": pl.UInt32, "mean": pl.Float64, "gap": pl.Float64, "met": pl.UInt32}
    if good.is_empty():
        return pl.DataFrame(schema=schema)
    chance = pl.col("p_target")
    frame = good.group_by("series").agg(
        pl.len().alias("members"),
        chance.mean().alias("mean"),
        # Whole per cents, none beyond what was tested: finer differences mean nothing and must not decide the order.
        chance.mean().clip(lower_bound=TESTED).round(2).alias("order"),
        (chance.max() - chance.min()).round(2).alias("gap"),
        (pl.col("class") == "target_achieved").sum().alias("met"),
        pl.col("score").mean().alias("score"),
    )
    goals = pl.DataFrame(list(evidence.goals_of.items()), schema=["series", "goal"], orient="row")
    frame = frame.filter(pl.col("members") >= needed(len(evidence.members)))
    return frame.join(goals, on="series", how="left").sort("series")


def _telling(evidence: Evidence, good: pl.DataFrame, considered: pl.DataFrame) -> Iterable[tuple[str, Row]]:
    """Closest to its target though most members have yet to meet it; most divided; furthest from its target.

    Taken from the series that have good evidence in most members: a panel without a band tells nothing.
    """
    if considered.is_empty():
        return
    widest = considered.filter(pl.col("members") == pl.col("members").max())
    open_ = widest.filter(pl.col("met") * 2 <= pl.col("members"))
    orders = {
        "closest": (["order", "series"], [True, False]),
        "divided": (["gap", "series"], [True, False]),
        "furthest": (["order", "score", "series"], [False, False, False]),
    }
    taken: set[str] = set()
    for name, (keys, falling) in orders.items():
        left = open_.filter(~pl.col("goal").is_in(list(taken)))
        if left.height:
            row = left.sort(keys, descending=falling, nulls_last=True).row(0, named=True)
            taken.add(row["goal"])
            yield name, {**row, "cells": _cells(evidence, good, row["series"])}


def _unlikely(evidence: Evidence, good: pl.DataFrame, considered: pl.DataFrame, rows: int) -> Iterable[Row]:
    if considered.height:
        order = considered.sort(["order", "score", "series"], nulls_last=True)
        yield from _listed(evidence, good, order, rows)


def _balance(evidence: Evidence, good: pl.DataFrame, considered: pl.DataFrame, rows: int) -> Iterable[Row]:
    if considered.height:
        middle = considered.filter(pl.col("order").is_between(*LIKELY, closed="left"))
        order = middle.with_columns(off=(pl.col("order") - 0.5).abs().round(2)).sort(["off", "series"])
        yield from _listed(evidence, good, order, rows)


def _listed(evidence: Evidence, good: pl.DataFrame, order: pl.DataFrame, rows: int) -> Iterable[Row]:
    """The first series of each goal, with its members' projections."""
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
    # A figure that stands still moves nowhere, whatever a formula makes of a zero.
    changed = pl.col("latest_value") != pl.col("base_value")
    least = needed(len(evidence.members))
    frame = classed.group_by("series").agg(
        pl.len().alias("members"),
        ((pl.col("class") == "deterioration") & changed).sum().alias("away"),
        pl.col("score").mean().alias("score"),
    )
    frame = frame.filter((pl.col("members") >= least) & (pl.col("away") * 2 > len(evidence.members)))
    goals = pl.DataFrame(list(evidence.goals_of.items()), schema=["series", "goal"], orient="row")
    frame = frame.join(goals, on="series").sort(["away", "score", "series"], descending=[True, False, False])
    for row in frame.unique("goal", keep="first", maintain_order=True).head(rows).iter_rows(named=True):
        cells = {cell["area"]: cell for cell in classed.filter(pl.col("series") == row["series"]).iter_rows(named=True)}
        names = ("class", "base_year", "base_value", "latest_year", "latest_value", "latest_bound", "nature")
        yield {**row, "cells": {area: {name: cell[name] for name in names} for area, cell in cells.items()}}

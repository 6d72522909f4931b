"""Whom the centre is for, by which instruments, and in which programme lines; a scope test for every record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from serai.coordinate.dates import first_day, last_day
from serai.region.notes_coordinate import Indicator, Line, Mandate
from serai.region.tables_coordinate import PARTIAL

__all__ = ["LINES", "SCOPES", "frameworks", "lines", "scope"]

SCOPES: Mapping[str, str] = {
    "in_remit": "about members of the centre only",
    "cross_border": "about members and others: in remit, the others are its context",
    "transit_neighbour": "about neighbours only: out of remit, kept as cross-border context",
    "outside": "about none of them: out of remit",
    "unknown": "no area is held for it: nothing is said about its scope",
}

LINES: Mapping[str, Any] = {
    "line": pl.String, "indicator": pl.String, "area": pl.String, "baseline": pl.String, "baseline_value": pl.Float64,
    "period": pl.String, "value": pl.Float64, "unit": pl.String, "change": pl.Float64, "moves": pl.String,
    "nature": pl.String, "provider": pl.String, "release": pl.String, "missing": pl.String,
}  # fmt: skip
"""Columns of :func:`lines`. ``moves``: ``better``, ``worse`` or ``same`` by the indicator's own direction, ``up`` or
``down`` where neither is better, ``partial`` where a share counts a period that had not ended; no sum over indicators
exists. ``missing`` says why there is no figure."""

Row = dict[str, Any]
Figures = Callable[[Indicator], pl.DataFrame]
"""Figures of an indicator: ``area, period, value, unit, nature, provider, release``."""


def scope(areas: Iterable[str], members: Iterable[str], neighbours: Iterable[str]) -> str:
    """Where a record about some areas lies; one of :data:`SCOPES`.

    Args:
        areas: areas the record is about.
        members: areas of the centre.
        neighbours: areas its goods and people pass through.
    """
    about, inside = set(areas), set(members)
    if not about:
        return "unknown"
    if about <= inside:
        return "in_remit"
    if about & inside:
        return "cross_border"
    return "transit_neighbour" if about <= set(neighbours) else "outside"


def frameworks(table: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The pack's ``frameworks`` with ``stage`` on a day: ``planned``, ``running`` or ``ended`` by their own months.

    ``status`` is what the source lists for the country, which may be older and of its next framework too.
    """
    stages = [
        "planned" if (first_day(start) or as_of) > as_of else "ended" if (last_day(end) or as_of) < as_of else "running"
        for start, end in table.select("start", "end").iter_rows()
    ]
    return table.with_columns(pl.Series("stage", stages, dtype=pl.String)).sort("area", "start")


def scopes(records: pl.DataFrame, members: Iterable[str], neighbours: Iterable[str]) -> pl.DataFrame:
    """The scope test on every record.

    Args:
        records: ``record, kind, areas`` (a list of areas).
        members, neighbours: as for :func:`scope`.

    Returns:
        The same with ``scope``.
    """
    inside, around = list(members), list(neighbours)
    found = [scope(areas, inside, around) for areas in records["areas"].to_list()]
    return records.with_columns(pl.Series("scope", found, pl.String))


def lines(mandate: Mandate, figures: Figures, members: Iterable[str], start: int) -> pl.DataFrame:
    """Every indicator of the programme lines for every area: baseline, latest figure, which way it moved.

    Args:
        mandate: the pack's ``mandate.toml``.
        figures: gives the figures of an indicator.
        members: areas of the centre.
        start: first year that can be a baseline.

    Returns:
        One row per line, indicator and area, those without a figure included; columns as in :data:`LINES`.
    """
    every = list(members)
    rows = [
        _row(line, entry, area, found.filter(pl.col("area") == area), start)
        for line in mandate.line
        for entry in line.indicator
        for found in [figures(entry).sort("period")]
        for area in (line.areas or every)
    ]
    return pl.DataFrame(rows, schema=dict(LINES), orient="row")


def _row(line: Line, entry: Indicator, area: str, figures: pl.DataFrame, start: int) -> Row:
    named = {"line": line.id, "indicator": entry.id, "area": area}
    known = figures.filter(pl.col("value").is_not_null())
    if not known.height:
        return {**named, "missing": "no figure is held"}
    since = known.filter(pl.col("period").str.slice(0, 4).cast(pl.Int64, strict=False) >= (entry.baseline or start))
    last = known.row(-1, named=True)
    first = since.row(0, named=True) if since.height else last
    change = last["value"] - first["value"] if first["period"] != last["period"] else None
    return {
        **named, "baseline": first["period"], "baseline_value": first["value"], "period": last["period"],
        "value": last["value"], "unit": last["unit"], "change": change, "moves": _moves(change, entry, last),
        "nature": last["nature"], "provider": last["provider"], "release": last["release"], "missing": "",
    }  # fmt: skip


def _moves(change: float | None, entry: Indicator, last: Row) -> str:
    if change is None:
        return ""
    if entry.ratio and re.match(PARTIAL, last["period"]):
        counted, ends = last_day(last["release"]), last_day(last["period"])
        if counted is not None and ends is not None and counted < ends:
            return "partial"
    better = entry.better
    if change == 0:
        return "same"
    if better == "neither":
        return "up" if change > 0 else "down"
    return "better" if (change > 0) == (better == "more") else "worse"

"""Promised against actual rhythm of formats, and what was to follow: due, done, overdue, outcome unknown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from statistics import fmean, pstdev
from typing import Any

import polars as pl

from serai.coordinate.dates import DAYS_A_MONTH, first_day, last_day, months_between

__all__ = ["CADENCE", "FOLLOWUPS", "REGULARITY", "cadence", "followups"]

REGULARITY = "1 - standard deviation of the gaps / mean gap, at least 0; from three meetings on"
"""How regular meetings have been; 1 is a clockwork."""

CADENCE: Mapping[str, Any] = {
    "format": pl.String, "meetings": pl.Int64, "not_held": pl.Int64, "first": pl.String, "last": pl.String,
    "gap_mean": pl.Float64, "gap_min": pl.Float64, "gap_max": pl.Float64, "regularity": pl.Float64,
    "promised": pl.Int64, "firmness": pl.String, "off_promise": pl.Float64, "next_due": pl.String,
    "due_basis": pl.String, "overdue_days": pl.Int64, "state": pl.String, "rhythm_en": pl.String,
    "rhythm_ru": pl.String, "source": pl.String, "note": pl.String,
}  # fmt: skip
"""Columns of :func:`cadence`. ``not_held`` counts meetings that the numbering shows and the pack does not hold: a gap
across them is shared out. Gaps and ``promised`` are months; ``off_promise`` is mean gap less promised. ``state``:
``not_due``, ``overdue`` (due by now and no meeting since is held), ``no_promise``, ``not_held`` (no meeting held)."""

FOLLOWUPS: Mapping[str, Any] = {
    "followup": pl.String, "format": pl.String, "agreement": pl.String, "event": pl.String, "what_en": pl.String,
    "what_ru": pl.String, "owners": pl.List(pl.String), "due": pl.String, "basis": pl.String, "state": pl.String,
    "overdue_days": pl.Int64, "done": pl.String, "done_by": pl.String, "late_days": pl.Int64, "source": pl.String,
    "note": pl.String,
}  # fmt: skip
"""Columns of :func:`followups`. ``state``: ``done``, ``overdue`` (known not to be done), ``outcome_unknown`` (due, and
no source says), ``not_due``, ``undated`` (nothing was promised by a date), ``dropped``."""

Row = dict[str, Any]


def cadence(formats: pl.DataFrame, events: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The rhythm of every format by a day, from the meetings that count in it.

    Args:
        formats: the pack's ``formats``: what was promised.
        events: the pack's ``events``.
        as_of: the day; later meetings are left out. Before the last meeting of the table what it announced was not
            known, and a format that had not met yet is left out.

    Returns:
        One row per format; columns as in :data:`CADENCE`.
    """
    held: dict[str, list[Row]] = {}
    later: set[str] = set()
    for row in events.filter(pl.col("in_rhythm")).sort("start").iter_rows(named=True):
        begun = first_day(row["start"])
        if begun is not None and begun <= as_of:
            held.setdefault(row["format"], []).append(row)
        else:
            later.add(row["format"])
    known = [
        {**row, "next_due": "" if row["format"] in later else row["next_due"]}
        for row in formats.iter_rows(named=True)
        if row["format"] in held or row["format"] not in later
    ]
    rows = [_format(row, held.get(row["format"], []), as_of) for row in known]
    return pl.DataFrame(rows, schema=dict(CADENCE), orient="row")


def _format(row: Row, meetings: list[Row], as_of: date) -> Row:
    starts = [meeting["start"] for meeting in meetings]
    days = [found for text in starts if (found := _middle(text)) is not None]
    steps = [_steps(one, other) for one, other in pairwise(meetings)]
    gaps = [months_between(one, other) / step for (one, other), step in zip(pairwise(days), steps, strict=True)]
    promised = row["rhythm_months"]
    due, basis = _due(row, days)
    end = last_day(due)
    overdue = None if end is None else (as_of - end).days
    return {
        **row,
        "meetings": len(starts),
        "not_held": sum(steps) - len(steps),
        "first": starts[0] if starts else "",
        "last": starts[-1] if starts else "",
        "gap_mean": fmean(gaps) if gaps else None,
        "gap_min": min(gaps, default=None),
        "gap_max": max(gaps, default=None),
        "regularity": max(0.0, 1 - pstdev(gaps) / fmean(gaps)) if len(gaps) > 1 and fmean(gaps) > 0 else None,
        "promised": promised,
        "off_promise": fmean(gaps) - promised if gaps and promised else None,
        "next_due": due,
        "due_basis": basis,
        "overdue_days": overdue if overdue is not None and overdue > 0 else None,
        "state": _state(starts, overdue),
    }


def _steps(one: Row, other: Row) -> int:
    """How many meetings on the second is, as the sources number them; those between may be missing here."""
    return max(1, other["number"] - one["number"]) if one["number"] and other["number"] else 1


def _middle(text: str) -> date | None:
    """The middle of what a date can mean, so that an unknown day errs both ways alike."""
    first, last = first_day(text), last_day(text)
    return None if first is None or last is None else first + (last - first) / 2


def _due(row: Row, days: list[date]) -> tuple[str, str]:
    """When the next meeting is due and why; a date announced that has been met already is no longer due."""
    end = last_day(row["next_due"])
    if end is not None and not (days and days[-1] >= (first_day(row["next_due"]) or end)):
        return row["next_due"], "announced"
    if days and row["rhythm_months"]:
        return (days[-1] + timedelta(days=round(row["rhythm_months"] * DAYS_A_MONTH))).isoformat()[:7], "rhythm"
    return "", ""


def _state(starts: list[str], overdue: int | None) -> str:
    if overdue is None:
        return "no_promise" if starts else "not_held"
    return "overdue" if overdue > 0 else "not_due"


def followups(table: pl.DataFrame, as_of: date, begun: Mapping[str, str] | None = None) -> pl.DataFrame:
    """What was to follow, relative to a day.

    Args:
        table: the pack's ``followups``.
        as_of: the day. What was done later counts as not done.
        begun: first day of events and agreements, by their identifiers: what was to follow from one of a later day was
            not known, and is left out.

    Returns:
        One row per follow-up, the longest overdue first; columns as in :data:`FOLLOWUPS`.
    """
    start = begun or {}
    rows = [
        _followup(row, as_of)
        for row in table.iter_rows(named=True)
        if (first_day(start.get(row["event"] or row["agreement"])) or as_of) <= as_of
    ]
    found = pl.DataFrame(rows, schema=dict(FOLLOWUPS), orient="row")
    return found.sort("overdue_days", "due", "followup", descending=[True, False, False], nulls_last=True)


def _followup(row: Row, as_of: date) -> Row:
    end, done = last_day(row["due"]), first_day(row["done"])
    finished = row["state"] == "done" and done is not None and done <= as_of
    overdue = (as_of - end).days if end is not None and not finished and row["state"] != "dropped" else None
    late = (done - end).days if finished and end is not None and done is not None else None
    return {
        **row,
        "owners": row["owners"].split(),
        "state": _followup_state(row, finished, overdue),
        "overdue_days": overdue if overdue is not None and overdue > 0 else None,
        "done": row["done"] if finished else "",
        "done_by": row["done_by"] if finished else "",
        "late_days": late if late is not None and late > 0 else None,
    }


def _followup_state(row: Row, finished: bool, overdue: int | None) -> str:
    if finished or row["state"] == "dropped":
        return "done" if finished else "dropped"
    if overdue is None:
        return "undated"
    if overdue <= 0:
        return "not_due"
    return "outcome_unknown" if row["state"] == "unknown" else "overdue"

"""Dates that may be less exact than a day: ``2025``, ``2025-08``, ``2025-08-03``; empty: not known."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

import polars as pl

from serai.errors import InputError

__all__ = ["day", "exactness", "first_day", "last_day", "months_between", "with_days"]

DAYS_A_MONTH = 365.2425 / 12


def first_day(text: str | None) -> date | None:
    """The first day a date can mean; ``None`` where it is not known."""
    if not text:
        return None
    year, month, dom = _parts(text)
    return date(year, month or 1, dom or 1)


def last_day(text: str | None) -> date | None:
    """The last day a date can mean; ``None`` where it is not known."""
    if not text:
        return None
    year, month, dom = _parts(text)
    month = month or 12
    return date(year, month, dom or monthrange(year, month)[1])


def exactness(text: str | None) -> str:
    """``day``, ``month``, ``year``, or empty where the date is not known."""
    return {0: "", 4: "year", 7: "month", 10: "day"}[len(text or "")]


def day(value: date | str | None) -> date:
    """A day the user gave, or today.

    Raises:
        InputError: not a date in the form 2026-11-25.
    """
    if value is None:
        return date.today()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise InputError(f"'{value}' is not a date; write it as 2026-11-25") from None


def months_between(earlier: date, later: date) -> float:
    """Months from one day to another, a month being 30.44 days."""
    return (later - earlier).days / DAYS_A_MONTH


def with_days(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """The frame with ``<column>_from`` and ``<column>_to``: first and last day the column can mean."""
    texts = frame[column].to_list()
    return frame.with_columns(
        pl.Series(f"{column}_from", [first_day(text) for text in texts], pl.Date),
        pl.Series(f"{column}_to", [last_day(text) for text in texts], pl.Date),
    )


def _parts(text: str) -> tuple[int, int, int]:
    numbers = [int(part) for part in text.split("-")]
    year, month, dom = (*numbers, 0, 0)[:3]
    return year, month, dom

"""Refusing what cannot be read: one place, one form of message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from serai.errors import Fault, SourceError

MAX_FAULTS = 20
"""A column that is wrong throughout is one mistake, not ten thousand."""

YEARS = (1950, 2035)
"""Years an indicator of development may plausibly speak of."""

KEY = ("series", "area", "period", "dimensions")
"""What one release may carry once."""


def refuse(faults: Iterable[Fault]) -> None:
    """Raise everything found at once, one line each; return where there is nothing.

    Raises:
        SourceError: at least one fault.
    """
    if found := sorted(faults, key=lambda fault: (fault.file, fault.row or 0)):
        raise SourceError("\n".join(str(fault) for fault in found))


def rows_where(
    frame: pl.DataFrame, bad: pl.Expr, shown: pl.Expr, *, source: str, problem: str, remedy: str
) -> Iterator[Fault]:
    """A fault for each row of ``frame`` where ``bad`` holds; ``frame`` has a column ``row`` counted from 1."""
    wrong = frame.lazy().filter(bad).select("row", shown=shown.cast(pl.String).fill_null("")).head(MAX_FAULTS).collect()
    for row, value in wrong.iter_rows():
        yield Fault(source, row, value, problem, remedy)


def keep_to_key(frame: pl.DataFrame, source: str) -> Iterator[Fault]:
    """Rows that carry an observation a second time."""
    again = frame.filter(pl.struct(KEY).is_duplicated())
    if again.is_empty():
        return
    shown = pl.concat_str([pl.col(name).cast(pl.String) for name in KEY], separator=" ").str.strip_chars()
    second = ~pl.struct(KEY).is_first_distinct()
    problem, remedy = "the same observation appears twice", "keep one of the rows"
    yield from rows_where(again, second, shown, source=source, problem=problem, remedy=remedy)


def in_years(frame: pl.DataFrame, column: str, source: str) -> Iterator[Fault]:
    """Years nobody can have meant; an empty year is one of them."""
    low, high = YEARS
    bad = ~pl.col(column).is_between(low, high)
    problem, remedy = "year out of range", f"give a year from {low} to {high}"
    yield from rows_where(frame, bad.fill_null(True), pl.col(column), source=source, problem=problem, remedy=remedy)


def need_columns(frame: pl.DataFrame, columns: Sequence[str], source: str) -> None:
    """The shape of a source, before anything is read from it.

    Raises:
        SourceError: a column is missing.
    """
    found = ", ".join(frame.columns[:12])
    refuse(
        Fault(source, None, name, "column is missing", f"give a table of this form; found: {found}")
        for name in columns
        if name not in frame.columns
    )

"""What the lake holds: its tables, their columns, and the rules a row must keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

__all__ = [
    "CONTENT",
    "FORMAT",
    "KEY",
    "OBSERVATION",
    "OPEN",
    "RULES",
    "RUN",
    "TABLES",
    "Names",
    "Receipt",
    "Rule",
    "names",
]

Names = Iterable[str] | str | None
"""One name, several, or ``None``: all."""

FORMAT = 1
"""Version of the tables below; a lake of another version is refused."""

OPEN = date(9999, 12, 31)
"""``release_to`` of a run that the latest release of its area carries: a release then costs only what it changes."""

KEY = ("series", "area", "period", "dimensions")
"""What a release may carry once."""

CONTENT = (*KEY, "value", "bound", "unit", "nature", "status", "note")
"""What makes two rows the same row: a run is unbroken while none of these changes."""

OBSERVATION = (*CONTENT[:8], "provider", "release", *CONTENT[8:])
"""Columns of the observation table, in their order."""

RUN = (*CONTENT[:8], "provider", "release_from", "release_to", *CONTENT[8:])
"""Columns of the run table: one row per unbroken run of a provider's releases that carried the row."""

# Areas first taken in together are a part: a read of some areas passes over the data files of other parts.
TABLES = (
    """CREATE TABLE lake.observation (
        series VARCHAR NOT NULL, area VARCHAR NOT NULL, period INTEGER NOT NULL, dimensions VARCHAR NOT NULL,
        value DOUBLE, bound VARCHAR NOT NULL, unit VARCHAR NOT NULL, nature VARCHAR NOT NULL,
        provider VARCHAR NOT NULL, release_from DATE NOT NULL, release_to DATE NOT NULL,
        status VARCHAR NOT NULL, note VARCHAR NOT NULL, part INTEGER NOT NULL)""",
    # One row per area a release covers: an area that is covered and carries no rows has lost them;
    # an area that is not covered has only not been read.
    """CREATE TABLE lake.release (
        provider VARCHAR NOT NULL, release DATE NOT NULL, area VARCHAR NOT NULL,
        rows BIGINT NOT NULL, digest VARCHAR NOT NULL, ingested_at TIMESTAMP NOT NULL, part INTEGER NOT NULL)""",
)


def names(given: Names) -> tuple[str, ...] | None:
    """What was given, each name once, in order."""
    return None if given is None else (given,) if isinstance(given, str) else tuple(sorted(set(given)))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one ingest did to the lake."""

    provider: str
    releases: tuple[date, ...]
    areas: int
    """Number of areas covered."""
    added: int
    """Runs written: new rows, and old runs whose end is now known."""
    removed: int
    """Runs taken out of the current snapshot (earlier snapshots keep them)."""
    changed: bool
    """Whether this made a snapshot."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Something every row must keep, as a condition on the row that breaks it."""

    broken: str
    problem: str
    shown: str
    remedy: str


_ROW = "series || ' ' || area || ' ' || period || CASE WHEN dimensions = '' THEN '' ELSE ' ' || dimensions END"

RULES = (
    *(
        Rule(
            f"{column} IS NULL" + ("" if column in ("period", "dimensions") else f" OR {column}::VARCHAR = ''"),
            f"no {column}",
            "coalesce(series, '?') || ' ' || coalesce(area, '?') || ' ' || coalesce(period::VARCHAR, '?')",
            "every row names its series, area, period, dimensions and status",
        )
        for column in (*KEY, "status")
    ),
    Rule(
        "status NOT IN ('published', 'provisional', 'not_applicable', 'withheld', 'embargoed')",
        "unknown status",
        f"status || ' at ' || {_ROW}",
        "known: published, provisional, not_applicable, withheld, embargoed",
    ),
    Rule("period NOT BETWEEN 1900 AND 2100", "year out of range", f"{_ROW}", "periods are calendar years 1900 to 2100"),
    Rule("bound NOT IN ('', '<', '>')", "unknown bound", f"bound || ' at ' || {_ROW}", "a bound is empty, < or >"),
    Rule(
        "value IS NOT NULL AND NOT isfinite(value)",
        "value is not a number",
        _ROW,
        "say not_applicable, withheld, or leave the row out",
    ),
    Rule(
        # Providers do publish "no value given": such a row stays, and says so in its note.
        "value IS NULL AND status IN ('published', 'provisional') AND note = ''",
        "published without a value",
        _ROW,
        "a missing figure has no row; one held back has status withheld; else say in note why there is none",
    ),
    Rule(
        "value IS NOT NULL AND status IN ('withheld', 'not_applicable')",
        "a value where there can be none",
        f"status || ' at ' || {_ROW}",
        "leave value empty",
    ),
    Rule("status = 'withheld' AND note = ''", "withheld without a reason", _ROW, "put the reason in note"),
)

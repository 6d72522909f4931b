"""Decisions on matches that somebody took on a page and sent as a table: taken in row by row, each with its name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from serai.coordinate.decisions import Decision, Decisions
from serai.errors import Fault, SourceError
from serai.files import bounded_text

__all__ = ["COLUMNS", "Decided", "read_decisions"]

COLUMNS = ("match", "decision", "by", "at", "reason")
"""Columns of the table, as the page of matches writes it."""
MAX_BYTES = 16 * 2**20
_KINDS = {"accept": "accept", "accepted": "accept", "reject": "reject", "rejected": "reject"}


@dataclass
class Decided:
    """What became of a table of decisions."""

    kept: list[Decision] = field(default_factory=list)
    known: int = 0
    """Rows kept before, word for word."""
    faults: list[Fault] = field(default_factory=list)
    """Rows that do not hold; the others are kept."""


def read_decisions(path: Path, matches: pl.DataFrame, decisions: Decisions) -> Decided:
    """Keep what a table of decisions says.

    Args:
        path: a CSV table with :data:`COLUMNS`; ``reason`` may be missing.
        matches: every pair that may be proposed, as :func:`match.propose` gives it.
        decisions: where they are kept.

    Raises:
        SourceError: the file cannot be read, is too large or lacks a column; nothing is kept.
        OutputError: they cannot be written.
    """
    pairs = {row["match"]: [row["left_key"], row["right_key"]] for row in matches.iter_rows(named=True)}
    there = {(row["subject"], row["kind"], row["by"], row["at"]) for row in decisions.table().iter_rows(named=True)}
    done = Decided()
    for line, row in list(_rows(path)):  # all of it is read before any of it is kept
        problem = _problem(row, pairs)
        if problem:
            done.faults.append(Fault(str(path), line, *problem))
            continue
        subject, kind = f"match {row['match']}", _KINDS[row["decision"].lower()]
        at = _moment(row["at"]).isoformat(timespec="seconds")
        if (subject, kind, row["by"], at) in there:
            done.known += 1
            continue
        there.add((subject, kind, row["by"], at))
        value = json.dumps(pairs[row["match"]], ensure_ascii=False)
        done.kept.append(decisions.add(subject, kind, by=row["by"], value=value, reason=row["reason"], at=at))
    return done


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their line in the file, cells without blanks around them."""
    try:
        text = bounded_text(path, MAX_BYTES).removeprefix("\ufeff")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SourceError(f"{path}: cannot be read ({why}); give the CSV table the page of matches writes") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        missing = [name for name in COLUMNS[:-1] if name not in (reader.fieldnames or ())]
        if missing:
            wanted = ", ".join(COLUMNS)
            raise SourceError(f"{path}: missing columns: {', '.join(missing)}; give {wanted}")
        for row in reader:
            yield reader.line_num, {name: " ".join((row.get(name) or "").split()) for name in COLUMNS}
    except csv.Error as error:
        raise SourceError(f"{path}: no table of text ({error}); save it again as CSV in UTF-8") from error


def _problem(row: Mapping[str, str], pairs: Mapping[str, list[str]]) -> tuple[str, str, str] | None:
    """Value, problem and way out of a row that does not hold."""
    if row["match"] not in pairs:
        return row["match"], "no such match", "see serai ledger match for the numbers of those proposed"
    if row["decision"].lower() not in _KINDS:
        return row["decision"], "neither accepted nor rejected", "write accept or reject"
    if not row["by"]:
        return row["match"], "a decision without a name", "say in by who took it"
    try:
        late = _moment(row["at"]) > datetime.now(UTC) + timedelta(days=1)
    except ValueError:
        return row["at"], "no date", "write at as 2026-11-25 or 2026-11-25T10:30:00Z"
    return (row["at"], "a day to come", "say in at when it was taken") if late else None


def _moment(text: str) -> datetime:
    """A day or a moment, in UTC where nothing else is said."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

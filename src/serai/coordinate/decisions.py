"""What people decided: kept for good, each with who and when. Nothing is ever overwritten; the last word counts."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from serai.errors import InputError, OutputError, StoreError

KINDS = ("accept", "reject", "split")


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision."""

    subject: str
    """What it is about: a match, or the identifier of an activity."""
    kind: str
    """``accept`` or ``reject`` a match; ``split`` an activity among countries."""
    value: str
    """For a split, the shares: ``KAZ=60 TKM=20 UZB=20``."""
    by: str
    at: str
    """When, in UTC."""
    reason: str


SCHEMA = dict.fromkeys(Decision.__slots__, pl.String())


class Decisions:
    """The decisions kept in a file, one JSON object a line, only ever added to.

    Args:
        path: the file; made by the first decision.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def table(self) -> pl.DataFrame:
        """All decisions, oldest first: ``subject, kind, value, by, at, reason``.

        Raises:
            StoreError: a line of the file is no decision.
        """
        if not self.path.is_file():
            return pl.DataFrame(schema=SCHEMA)
        rows: list[dict[str, Any]] = []
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                loaded = json.loads(line)
                rows.append({name: str(loaded[name]) for name in SCHEMA})
            except (ValueError, KeyError, TypeError) as error:
                raise StoreError(f"{self.path}:{number}: not a decision ({error}); restore the file") from error
        return pl.DataFrame(rows, schema=SCHEMA)

    def last(self) -> pl.DataFrame:
        """The decision that counts for each subject."""
        return self.table().unique("subject", keep="last", maintain_order=True)

    def add(self, subject: str, kind: str, *, by: str, value: str = "", reason: str = "", at: str = "") -> Decision:
        """Keep a decision, taken now or at another time.

        Raises:
            InputError: nobody's name is given, or the kind is unknown.
            OutputError: it cannot be written.
        """
        if not by.strip():
            raise InputError("a decision needs the name of who takes it; give --by NAME")
        if kind not in KINDS:
            raise InputError(f"unknown kind of decision '{kind}'; use one of: {', '.join(KINDS)}")
        when = at or datetime.now(UTC).isoformat(timespec="seconds")
        made = Decision(subject, kind, value, by.strip(), when, " ".join(reason.split()))
        line = json.dumps(asdict(made), ensure_ascii=False, sort_keys=True) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # One write of one line, at the end whatever others write: no reader sees half of it.
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                os.write(handle, line.encode())
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise OutputError(f"cannot write '{self.path}': {error.strerror}; the decision is not kept") from error
        return made

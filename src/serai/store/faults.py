"""What a fault of DuckDB means for the lake, in one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from serai.errors import OutputError, SeraiError, StoreError

__all__ = ["is_busy", "one_line", "translated"]

_BUSY = ("Could not set lock", "Unique file handle conflict", "already attached", "Resource temporarily unavailable")
_FULL = ("No space left", "Disk quota", "File too large", "Could not write", "out of disk", "Failed to flush")
_BARRED = ("Permission denied", "Read-only file system", "Operation not permitted")
_MISSING = ('.parquet": No such file',)
_DAMAGED = ("not a valid DuckDB", "Could not read enough bytes", "orrupt", "hecksum", "INTERNAL", "FATAL")

# What DuckDB says, whether it matters only while writing, what is raised, and what it says. First match holds.
_FAULTS: tuple[tuple[tuple[str, ...], bool, type[SeraiError], str], ...] = (
    (_BUSY, False, StoreError, "lake {lake} is in use by {holder}; try again when it has finished"),
    (
        _FULL,
        True,
        OutputError,
        "cannot write the lake {lake}: disk full or limit reached; make room, nothing was changed",
    ),
    (_BARRED, True, OutputError, "cannot write the lake {lake}: not permitted; choose a home that can be written"),
    (_BARRED, False, StoreError, "lake {lake} may not be read; ask its owner, or name another home"),
    (_MISSING, False, StoreError, "lake {lake} is damaged: no data file {file}; restore it, or move the lake away"),
    (_DAMAGED, False, StoreError, "lake {lake} is damaged ({text}); restore it, or move it away and ingest anew"),
    (("",), False, StoreError, "lake {lake}: {text}"),
)


def is_busy(error: duckdb.Error) -> bool:
    """Whether another process, or another part of this one, has the lake."""
    return any(sign in str(error) for sign in _BUSY)


def one_line(error: Exception, length: int) -> str:
    """The message of ``error`` in one line of at most ``length`` characters."""
    return " ".join(str(error).split())[:length]


@contextmanager
def translated(lake: str, *, writing: bool) -> Iterator[None]:
    """Raise what DuckDB raises as StoreError or OutputError about ``lake``."""
    try:
        yield
    except duckdb.Error as error:
        raise _explained(error, lake, writing=writing) from None


def _explained(error: duckdb.Error, lake: str, *, writing: bool) -> SeraiError:
    text = one_line(error, 10_000)
    signs = (fault for fault in _FAULTS if any(sign in text for sign in fault[0]) and (writing or not fault[1]))
    _, _, kind, message = next(signs)
    process = re.search(r"\(PID (\d+)\)", text)
    file = re.search(r'"([^"]+\.parquet)"', text)
    return kind(
        message.format(
            lake=lake,
            holder=f"process {process[1]}" if process else "another process",
            file=file[1] if file else "",
            text=text[:200],
        )
    )

"""Every error Serai raises on purpose.

    SeraiError
    ├── InputError          something the user gave is wrong (exit code 2 on the command line)
    │   ├── PackError       a region pack breaks its schema; carries every fault found
    │   ├── SourceError     an outside file or reply cannot be read as what it claims to be
    │   ├── UnknownName     an area, series, method, language or release that does not exist
    │   └── OutputError     the place to write to cannot be written
    └── StoreError          the lake is damaged, locked, or of another version

A message names the thing, the place, the value found and the way out, in one line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

__all__ = [
    "Fault",
    "InputError",
    "OutputError",
    "PackError",
    "SeraiError",
    "SourceError",
    "StoreError",
    "UnknownName",
]


class SeraiError(Exception):
    """Base of all errors Serai raises on purpose."""


class InputError(SeraiError):
    """Something the user gave is wrong; the message says what, where, and the way out."""


class SourceError(InputError):
    """An outside file or reply cannot be read as what it claims to be."""


class OutputError(InputError):
    """The place to write to cannot be written; whatever was there before is untouched."""


class StoreError(SeraiError):
    """The lake is damaged, locked, or of another version."""


class UnknownName(InputError):
    """A name that does not exist where it was looked up."""

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str = "", also: str = "") -> None:
        known = sorted(known)
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        shown = near or known[:6]
        more = "" if near or len(known) <= len(shown) else f", … ({len(known)} in all)"
        lead = "did you mean" if near else "known"
        place = f" in {where}" if where else ""
        told = f"{lead}: {', '.join(shown)}{more}" if shown else "none is held"
        super().__init__(f"unknown {kind} '{name}'{place}{also}; {told}")
        self.kind, self.name = kind, name


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong with an input file: where it is, what was found, what to do."""

    file: str
    row: int | None
    """Line of the file, the header being line 1; ``None`` where the fault is of the whole file."""
    value: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.row}" if self.row is not None else self.file
        value = f" [{self.value}]" if self.value else ""
        return f"{place}: {self.problem}{value}; {self.remedy}"


class PackError(InputError):
    """A region pack breaks its schema. ``faults`` holds every fault found, not only the first."""

    def __init__(self, pack: str, faults: Iterable[Fault]) -> None:
        self.pack = pack
        self.faults = tuple(sorted(faults, key=str))
        if len(self.faults) == 1:
            super().__init__(f"pack {pack}: {self.faults[0]}")
            return
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"pack {pack}: {len(self.faults)} faults\n{lines}")

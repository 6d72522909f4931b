"""Codes and names of countries as sources write them, turned into the region's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from serai.errors import Fault, SourceError
from serai.region import Pack
from serai.region.flow_kinds import WORLD

MAX_FAULTS = 20
LEFT_OUT = ""
"""What a code stands for that is part of totals only: an aggregate, an unknown origin."""


@dataclass(frozen=True)
class AreaCodes:
    """What a source's codes stand for: three-letter codes, UN numbers, names, and the pack's ``depend/codes.csv``.

    Attributes:
        source: name of the source, as in ``codes.csv``.
        known: codes, numbers without leading zeros and names in lower case, to areas.
    """

    source: str
    known: Mapping[str, str]

    @classmethod
    def of(cls, pack: Pack, source: str, more: Mapping[str, str] | None = None) -> AreaCodes:
        """All a pack knows, what it says of this source last, then ``more``."""
        countries = pack.table("areas").filter(pl.col("kind") == "country")
        found = {WORLD.lower(): WORLD, "world": WORLD}
        for row in countries.iter_rows(named=True):
            found |= {row["area"].lower(): row["area"], row["name"].lower(): row["area"]}
            if row["m49"] is not None:
                found[str(row["m49"])] = row["area"]
        codes = set(countries["area"])
        for row in pack.table("names").filter(pl.col("area").is_in(list(codes))).iter_rows(named=True):
            found |= {row["name"].lower(): row["area"], row["short"].lower(): row["area"]}
        if pack.has("flow_codes"):
            own = pack.table("flow_codes").filter(pl.col("source") == source)
            found |= {cls.plain(row["code"]): row["area"] or LEFT_OUT for row in own.iter_rows(named=True)}
        return cls(source, {**found, **{cls.plain(code): area for code, area in (more or {}).items()}})

    @staticmethod
    def plain(code: str) -> str:
        """A code or name as it is looked up: lower case, one space, no zeros before a number."""
        text = " ".join(code.strip().lower().split())
        return text.lstrip("0") or "0" if text.isdigit() else text

    def areas(self, texts: Iterable[str | None], file: str, column: str) -> dict[str, str]:
        """Every different text and the area it stands for; empty for what is only part of totals.

        Raises:
            SourceError: texts that stand for nothing known, all at once.
        """
        found, faults = {}, []
        for text in dict.fromkeys(text or "" for text in texts):
            area = self.known.get(self.plain(text))
            if area is None:
                remedy = (
                    f"add it to depend/codes.csv of the pack (source {self.source}), without an area to leave it out"
                )
                faults.append(Fault(file, None, text, f"{column} is no country known", remedy))
            else:
                found[text] = area
        refuse(faults)
        return found


def refuse(faults: list[Fault]) -> None:
    """Raise all faults at once, a bounded number of them.

    Raises:
        SourceError: at least one fault.
    """
    if not faults:
        return
    lines = [str(fault) for fault in faults[:MAX_FAULTS]]
    if len(faults) > MAX_FAULTS:
        lines.append(f"… and {len(faults) - MAX_FAULTS} more")
    raise SourceError("\n".join(lines))


def numbers(frame: pl.DataFrame, column: str, file: str) -> pl.Series:
    """A column of text as numbers.

    Raises:
        SourceError: cells that are no numbers, with their lines.
    """
    parsed = frame[column].str.strip_chars().str.replace_all(r"[,\s\u00a0]", "").cast(pl.Float64, strict=False)
    wrong = frame.with_row_index("line", offset=2).filter(parsed.is_null() & frame[column].is_not_null())
    refuse([
        Fault(file, row["line"], str(row[column]), f"{column} is no number", "correct it, or leave it empty if missing")
        for row in wrong.head(MAX_FAULTS).iter_rows(named=True)
    ])  # fmt: skip
    return parsed

"""Code tables: how a provider's codes become ours, and back.

The canonical key of a slice is ``AGE=15-24|SEX=F``: keys upper case and sorted, totals and what is not specified
left out, so that the empty key is the total. The table of dimensions holds every code of the source beside ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from serai.errors import Fault
from serai.observe._refuse import MAX_FAULTS, refuse

SEP, EQUALS = "|", "="
NOT_GIVEN = "_"
"""A code by which a source says that the dimension does not exist for the row."""


@dataclass(frozen=True)
class Codes:
    """What a source may say.

    Attributes:
        dimensions: columns dimension, source_dimension, code, source_code, name, total; one row per code of the source.
        units: unit codes (ours, upper case).
        areas: area codes (ours).
    """

    dimensions: pl.DataFrame
    units: frozenset[str]
    areas: frozenset[str]
    _pairs: Mapping[str, str | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        columns = ("source_dimension", "source_code", "dimension", "code", "total")
        rows = self.dimensions.select(columns).iter_rows()
        pairs = {
            f"{source}{EQUALS}{source_code}": None if total else f"{dimension}{EQUALS}{code}"
            for source, source_code, dimension, code, total in rows
        }
        object.__setattr__(self, "_pairs", pairs)

    @classmethod
    def of(cls, dimensions: pl.DataFrame, units: Iterable[str], areas: Iterable[str]) -> Codes:
        """From the tables of a pack (``dimensions``, ``units.unit``, ``areas.area``)."""
        return cls(dimensions, frozenset(units), frozenset(areas))

    def canonical(self, source_key: str) -> tuple[str, list[str]]:
        """The canonical key of one key of the source, and the parts of it that no table knows."""
        parts, unknown = [], []
        for part in filter(None, source_key.split(SEP)):
            if part.endswith(EQUALS + NOT_GIVEN):
                continue
            if part not in self._pairs:
                unknown.append(part)
            elif (ours := self._pairs[part]) is not None:
                parts.append(ours)
        return SEP.join(sorted(parts)), unknown


def canonical_dimensions(dims: pl.Series, codes: Codes, source: str = "dims") -> pl.Series:
    """Canonical keys for a column of the source's keys (``age=15_24|sex=female``); null counts as the empty key.

    Raises:
        SourceError: a dimension or code that the table does not hold; names the first row of each.
    """
    text = dims.cast(pl.String).fill_null("")
    mapping: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for source_key in text.unique().sort():
        mapping[source_key], missing = codes.canonical(source_key)
        unknown |= dict.fromkeys(missing, source_key)
    remedy = "add it to the table of dimensions or correct it"
    refuse(
        Fault(source, _first(text, source_key), part, "unknown dimension code", remedy)
        for part, source_key in sorted(unknown.items())[:MAX_FAULTS]
    )
    return text.replace_strict(mapping, return_dtype=pl.String).alias("dimensions")


def _first(text: pl.Series, value: str) -> int:
    position = (text == value).arg_max()
    return 1 if position is None else position + 1

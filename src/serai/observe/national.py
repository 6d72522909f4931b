"""What tables of national statistical offices have in common: own units, own area codes, repeated rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import polars as pl

from serai.errors import Fault
from serai.observe._refuse import KEY, in_years, refuse, rows_where
from serai.observe.codes import Codes, canonical_dimensions
from serai.observe.schema import CONTENT, OBSERVATION
from serai.observe.sdmx_columns import BOUND

NO_VALUE = ("", "nan")
"""Texts (lower case) by which a table says that it holds no figure."""


@dataclass(frozen=True)
class Office:
    """A national statistical office as a source.

    Attributes:
        provider: its identifier.
        areas: its area codes -> ours; the empty code is the country where a table leaves it out.
        units: (unit, multiplier) of the source -> (our unit, power of ten to apply to the value).
    """

    provider: str
    areas: Mapping[str, str]
    units: Mapping[tuple[str, int], tuple[str, int]]


def source_keys(raw: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """One key of the source per row (``SEX=F|AGE=Y0T4``) from its columns of codes; empty cells are left out."""
    parts = [pl.when(pl.col(name) != "").then(pl.format(f"{name}={{}}", pl.col(name))) for name in columns]
    return raw.select(pl.concat_list(parts).list.drop_nulls().list.join("|").alias("key")).to_series()


def finish(frame: pl.DataFrame, office: Office, codes: Codes, source: str) -> pl.DataFrame:
    """The observation table, from columns in the words of the source.

    Args:
        frame: row, series, area (code of the source), period, key (see :func:`source_keys`), text (the value as
            written), unit and multiplier (Int32) of the source, nature, release, status, note.
        office: the provider.
        codes: known dimension codes, units and areas.
        source: name of the file, for messages.

    Rows that repeat an observation are kept once; where they contradict each other, the first is kept and the note
    gives the others. A row without a figure keeps an empty value, and the note says so.

    Raises:
        SourceError: an unknown area, unit or dimension code, a year out of range, or a value that is no number.
    """
    refuse([*_code_faults(frame, office, codes, source), *in_years(frame, "period", source)])
    read = frame.join(_values(frame, office, source), on=("text", "unit", "multiplier"), how="left").with_columns(
        area=pl.col("area").replace_strict(office.areas, return_dtype=pl.String),
        unit=pl.col("our_unit"),
        dimensions=canonical_dimensions(frame["key"], codes, source),
        bound=pl.col("text").str.extract(BOUND, 1).fill_null(""),
        provider=pl.lit(office.provider),
        note=pl.when(pl.col("value").is_null() & (pl.col("note") == ""))
        .then(pl.lit("no value given"))
        .otherwise(pl.col("note")),
    )
    return merged(read).select(pl.col(name).cast(dtype) for name, dtype in OBSERVATION.items())


def _code_faults(frame: pl.DataFrame, office: Office, codes: Codes, source: str) -> Iterator[Fault]:
    known = {code for code, area in office.areas.items() if area in codes.areas}
    problem, remedy = "unknown area", "add it to the table of areas or correct the code"
    bad = ~pl.col("area").is_in(sorted(known))
    yield from rows_where(frame, bad, pl.col("area"), source=source, problem=problem, remedy=remedy)
    for unit, multiplier in sorted(set(frame.select("unit", "multiplier").iter_rows())):
        if (unit, multiplier) not in office.units or office.units[unit, multiplier][0] not in codes.units | {""}:
            bad = (pl.col("unit") == unit) & (pl.col("multiplier") == multiplier)
            problem, remedy = f"unknown unit, multiplier {multiplier}", "add it to the table of units"
            first = frame.filter(bad).head(1)
            yield from rows_where(first, pl.lit(True), pl.col("unit"), source=source, problem=problem, remedy=remedy)


def _values(frame: pl.DataFrame, office: Office, source: str) -> pl.DataFrame:
    """Each (text, unit, multiplier) as a number in our unit, shifted as decimal digits: no rounding is added."""
    rows, wrong = [], []
    for text, unit, multiplier in frame.select("text", "unit", "multiplier").unique().sort(pl.all()).iter_rows():
        our_unit, exponent = office.units[unit, multiplier]
        value = None
        if text.lower() not in NO_VALUE:
            try:
                value = float(Decimal(text.removeprefix("<").removeprefix(">")).scaleb(exponent))
            except InvalidOperation:
                wrong.append(text)
        rows.append((text, unit, multiplier, our_unit, value))
    bad = pl.col("text").is_in(wrong)
    problem, remedy = "value is not a number", "correct it, or teach the reader what it says"
    refuse(rows_where(frame, bad, pl.col("text"), source=source, problem=problem, remedy=remedy) if wrong else ())
    names = ("text", "unit", "multiplier", "our_unit", "value")
    types = (pl.String(), pl.String(), pl.Int32(), pl.String(), pl.Float64())
    return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")


def merged(observations: pl.DataFrame) -> pl.DataFrame:
    """Each observation once: repeats dropped, contradictions named in the note of the first."""
    said = [name for name in CONTENT if name != "note"]
    once = observations.unique([*KEY, *said], keep="first", maintain_order=True)
    others = pl.col("value").cast(pl.String).fill_null("no value").slice(1).over(KEY, mapping_strategy="join")
    many = pl.len().over(KEY) > 1
    named = pl.format("contradicted by the same source: {}", others.list.join(", "))
    note = pl.when(~many).then(pl.col("note")).when(pl.col("note") == "").then(named)
    return once.with_columns(note=note.otherwise(pl.format("{}; {}", "note", named))).unique(
        list(KEY), keep="first", maintain_order=True
    )

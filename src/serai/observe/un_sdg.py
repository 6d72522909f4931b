"""The UN SDG Global Database, as packaged by Open Numbers: one row per observation, codes in lower case.

Columns read: series, m49, iso3 (empty for statistical groups), year, value, value_raw (only where the value is not a
number), units, nature, observation_status, dims (``age=15_24|sex=female``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from serai.errors import Fault
from serai.observe._refuse import in_years, keep_to_key, need_columns, refuse, rows_where
from serai.observe.codes import Codes, canonical_dimensions
from serai.observe.schema import OBSERVATION
from serai.observe.sdmx_status import STATUS_NOTES

__all__ = ["PROVIDER", "RAW", "canonical_dimensions", "observations"]

PROVIDER = "unsd"

RAW = ("series", "m49", "iso3", "year", "value", "value_raw", "units", "nature", "observation_status", "dims")
"""Columns the source table must have; observation_status and value_raw may be entirely empty."""

NATURES = ("", "C", "CA", "E", "M", "G", "N")
NOT_APPLICABLE = "N"
NO_VALUE = ("NV", ". . .")
_BOUND = r"^([<>])\s*([0-9]+(?:\.[0-9]+)?)$"
_THOUSANDS = r"^[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$"


def observations(raw: pl.DataFrame, release: date, codes: Codes, source: str = PROVIDER) -> pl.DataFrame:
    """The observation table of one release: as many rows as the source, in its order.

    What is not a number is kept as what it says: ``>95`` is 95 with a bound, ``N`` is not applicable, ``NV`` and
    ``. . .`` are published without a value, ``408,787`` is a number (the note gives its original form). The flag of a
    row (estimated, break in series, ...) becomes words in the note; a provisional one sets the status.

    Args:
        raw: the source table, see the module.
        release: date of publication.
        codes: known dimension codes, units and areas.
        source: name of the file, for messages.

    Raises:
        SourceError: anything unknown - a text in place of a number, a unit, nature, flag, dimension or area code - or a
            year out of range, or an observation given twice; every fault with its row, counted from 1.
    """
    need_columns(raw, RAW, source)
    text = raw.select(_text(raw, name) for name in RAW).with_row_index("row", offset=1)
    refuse([*_code_faults(text, codes, source), *in_years(text, "year", source), *_value_faults(text, source)])
    frame = text.with_columns(dimensions=canonical_dimensions(text["dims"], codes, source)).with_columns(
        *_read_values(), period=pl.col("year"), provider=pl.lit(PROVIDER), release=pl.lit(release, pl.Date)
    )
    refuse(keep_to_key(frame, source))
    return frame.select(pl.col(name).cast(dtype) for name, dtype in OBSERVATION.items())


def _text(raw: pl.DataFrame, name: str) -> pl.Expr:
    if name in ("m49", "year"):
        return pl.col(name).cast(pl.Int32)
    if name == "value":
        return pl.col(name).cast(pl.Float64)
    empty = "" if name != "value_raw" else None
    column = pl.col(name).cast(pl.String)
    return column if empty is None else column.fill_null(empty)


def _flag() -> pl.Expr:
    flag = pl.col("observation_status").str.to_uppercase()
    return pl.when(flag == "NOTSPEC").then(pl.lit("")).otherwise(flag)


def _nature() -> pl.Expr:
    nature = pl.col("nature").str.to_uppercase()
    return pl.when(nature == "NOTSPEC").then(pl.lit("")).otherwise(nature)


def _area() -> pl.Expr:
    return pl.when(pl.col("iso3") != "").then(pl.col("iso3")).otherwise(pl.format("M49:{}", "m49"))


def _code_faults(text: pl.DataFrame, codes: Codes, source: str) -> Iterator[Fault]:
    units = codes.units | {""}
    known = [
        (_area(), codes.areas, "unknown area", "add it to the table of areas or correct the code"),
        (pl.col("units").str.to_uppercase(), units, "unknown unit", "add it to the table of units"),
        (_nature(), NATURES, "unknown nature", "use C, CA, E, M, G, N or nothing"),
        (_flag(), {"", *STATUS_NOTES}, "unknown observation status", "use a code of SDMX CL_OBS_STATUS"),
    ]
    for found, allowed, problem, remedy in known:
        values = set(text.select(found.unique()).to_series())
        if wrong := sorted(values - set(allowed), key=str):
            bad = found.is_in(wrong) | found.is_null()
            yield from rows_where(text, bad, found, source=source, problem=problem, remedy=remedy)


def _value_faults(text: pl.DataFrame, source: str) -> Iterator[Fault]:
    said = pl.col("value_raw")
    known = said.is_in([NOT_APPLICABLE, *NO_VALUE]) | said.str.contains(_BOUND) | said.str.contains(_THOUSANDS)
    problem, remedy = "value is not a number", "correct it, or teach the reader what it says"
    yield from rows_where(text, said.is_not_null() & ~known, said, source=source, problem=problem, remedy=remedy)
    nothing = said.is_null() & (pl.col("value").is_null() | ~pl.col("value").is_finite())
    problem, remedy = "no finite value", "leave the row out, or say why in value_raw"
    yield from rows_where(text, nothing, pl.col("value"), source=source, problem=problem, remedy=remedy)


def _read_values() -> list[pl.Expr]:
    said, value = pl.col("value_raw"), pl.col("value")
    number = (
        pl.when(said.str.contains(_THOUSANDS))
        .then(said.str.replace_all(",", ""))
        .when(said.str.contains(_BOUND))
        .then(said.str.extract(_BOUND, 2))
    )
    status = (
        pl.when((said == NOT_APPLICABLE) | _cannot_exist())
        .then(pl.lit("not_applicable"))
        .when(_flag() == "P")
        .then(pl.lit("provisional"))
        .otherwise(pl.lit("published"))
    )
    return [
        _area().alias("area"),
        pl.when(~_cannot_exist()).then(pl.coalesce(value, number.cast(pl.Float64))).alias("value"),
        said.str.extract(_BOUND, 1).fill_null("").alias("bound"),
        pl.col("units").str.to_uppercase().alias("unit"),
        _nature().alias("nature"),
        status.alias("status"),
        _note().alias("note"),
    ]


def _cannot_exist() -> pl.Expr:
    """A zero flagged "data cannot exist" is no measured zero."""
    return ((_flag() == "M") & (pl.col("value") == 0)).fill_null(False)


def _note() -> pl.Expr:
    said = pl.col("value_raw")
    written = (
        pl.when(said.is_in(NO_VALUE))
        .then(pl.lit("no value given"))
        .when(said.str.contains(_THOUSANDS))
        .then(pl.format("written {}", said))
        .when(_cannot_exist())
        .then(pl.lit("written 0"))
    )
    flagged = _flag().replace_strict(STATUS_NOTES, default=None, return_dtype=pl.String).replace("", None)
    return pl.concat_list(written, flagged).list.drop_nulls().list.join("; ")

"""Figures in the form of the SDG data structure (SERIES, REF_AREA, SEX, AGE, …) to the observation table.

The table may come from :func:`serai.observe.sdmx_ml.read_messages` or from any file with the same columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from serai.errors import Fault
from serai.observe._refuse import KEY, MAX_FAULTS, YEARS, need_columns, refuse
from serai.observe.codes import EQUALS, SEP, Codes
from serai.observe.schema import CONTENT, OBSERVATION
from serai.observe.sdmx_columns import (
    ATTRIBUTES,
    BOUND,
    FLAG_REMEDY,
    FLAGS,
    NATURE_REMEDY,
    NATURES,
    note,
    status,
    with_attributes,
)
from serai.observe.sdmx_ml import FILE, PERIOD, PREPARED, ROW, VALUE
from serai.observe.sdmx_structure import NO_BREAKDOWN

NEEDED = ("SERIES", "REF_AREA", PERIOD, VALUE)
UNITS = ("UNIT_MEASURE", "UNIT_MULT")
"""What is read besides the key, the value and `sdmx_columns.ATTRIBUTES`; empty where a table lacks it."""
LEFT_OUT = (
    "BASE_PER", "CONF_STATUS", "CUST_BREAKDOWN_LB", "DATA_LAST_UPDATE", "DECIMALS", "GEO_INFO_TYPE", "GEO_INFO_URL",
    "LOWERBOUND", "SOURCE_DETAIL", "TIME_COVERAGE", "TIME_FORMAT", "UPPERBOUND",
)  # fmt: skip
"""Attributes of the SDG data structure that the observation table has no place for."""
MAX_POWER = 15
"""Powers of ten in the code list CL_UNIT_MULT."""

_NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$"
_NOTHING = ("", "NaN")


def observations(
    raw: pl.DataFrame,
    *,
    provider: str,
    codes: Codes,
    areas: Mapping[str, str],
    units: Mapping[str, str] | None = None,
    release: date | None = None,
) -> pl.DataFrame:
    """The observation table of one release; a figure that several files repeat unchanged is kept once.

    Values are in units: ``UNIT_MULT`` is worked in, exactly (``4.35`` thousands are 4350, not 4349.999…). What is
    flagged (imputed, break in series, …) is said in the note, with the provider's comments; a provisional flag sets
    the status. An observation without a value is withheld where flagged as suppressed (``Q``), not applicable where
    flagged as impossible (``M``), else published without a value.

    Args:
        raw: table of text with the columns of the SDG data structure, and ``file, row, prepared``.
        provider: who published it.
        codes: known dimension codes (ours and the source's), units (ours) and areas (ours).
        areas: our code by the source's (a country may have several).
        units: our unit by the source's, where they differ.
        release: day of publication; by default the day each message was prepared.

    Raises:
        SourceError: a value that is no number, an unknown area, unit, dimension, code, nature or flag, a year out of
            range, or one key with two values; every
            fault with file and line (the same fault of a file once).
    """
    need_columns(raw, (*NEEDED, FILE, ROW, PREPARED), "SDMX")
    refuse(_column_faults(raw, codes))
    said = with_attributes(raw, (*NEEDED, *UNITS))
    said = said.with_columns(*_slices(raw, codes), *_mapped(codes, areas, units or {}), _release(release))
    refuse(_faults(said))
    frame = said.select(FILE, ROW, **_columns(provider)).cast(dict(OBSERVATION))  # type: ignore[arg-type]
    frame = frame.unique([*KEY, *(name for name in CONTENT if name != "note")], keep="first", maintain_order=True)
    refuse(_twice(frame))
    return frame.select(list(OBSERVATION))


def _column_faults(raw: pl.DataFrame, codes: Codes) -> Iterator[Fault]:
    known = {FILE, ROW, PREPARED, *NEEDED, *UNITS, *ATTRIBUTES, *LEFT_OUT, *NO_BREAKDOWN, *_dimensions(raw, codes)}
    for name in sorted(set(raw.columns) - known):
        file, row = raw.filter(pl.col(name).is_not_null()).select(FILE, ROW).row(0)
        yield Fault(file, row, name, "unknown dimension or attribute", "add it to the table of dimensions")


def _dimensions(raw: pl.DataFrame, codes: Codes) -> list[str]:
    known = set(codes.dimensions["source_dimension"])
    return [name for name in raw.columns if name in known]


def _slices(raw: pl.DataFrame, codes: Codes) -> tuple[pl.Series, pl.Series]:
    """Canonical key of each row, and the codes in it that no table knows."""
    names = _dimensions(raw, codes)
    parts = [pl.lit(f"{name}{EQUALS}") + pl.col(name) for name in names]
    whole = pl.concat_str(parts, separator=SEP, ignore_nulls=True) if parts else pl.lit("")
    keys = raw.with_columns(key=whole)["key"]
    canonical = {key: codes.canonical(key) for key in keys.unique()}
    ours = {key: ours for key, (ours, _) in canonical.items()}
    unknown = {key: SEP.join(parts) for key, (_, parts) in canonical.items()}
    return (
        keys.replace_strict(ours, return_dtype=pl.String).alias("dimensions"),
        keys.replace_strict(unknown, return_dtype=pl.String).alias("unknown"),
    )


def _mapped(codes: Codes, areas: Mapping[str, str], units: Mapping[str, str]) -> Iterator[pl.Expr]:
    same = {unit: unit for unit in codes.units}
    ours = {source: area for source, area in areas.items() if area in codes.areas}
    for name, source, table in (
        ("area", "REF_AREA", ours),
        ("unit", "UNIT_MEASURE", {"": ""} | same | dict(units)),
        ("flag", "OBS_STATUS", FLAGS),
        ("nature", "NATURE", NATURES),
    ):
        yield pl.col(source).replace_strict(table, default=None, return_dtype=pl.String).alias(name)


def _release(release: date | None) -> pl.Expr:
    day = pl.lit(release, pl.Date) if release else pl.col(PREPARED).str.to_date("%Y-%m-%d", strict=False)
    return day.alias("release")


def _faults(said: pl.DataFrame) -> Iterator[Fault]:
    low, high = YEARS
    year = pl.col(PERIOD).str.extract(r"^(\d{4})$", 1).cast(pl.Int32)
    number, power = (
        pl.col(VALUE).str.replace(BOUND, ""),
        pl.col("UNIT_MULT").replace("", "0").cast(pl.Int32, strict=False),
    )
    nothing = pl.col(VALUE).is_in(_NOTHING)
    for bad, shown, problem, remedy in (
        (pl.col("SERIES") == "", "SERIES", "no series", "give its code"),
        (pl.col("area").is_null(), "REF_AREA", "unknown area", "add it to the table of areas or correct the code"),
        (pl.col("unknown") != "", "unknown", "unknown dimension code", "add it to the table of dimensions"),
        (pl.col("unit").is_null(), "UNIT_MEASURE", "unknown unit", "add it to the table of units"),
        (pl.col("flag").is_null(), "OBS_STATUS", "unknown observation status", FLAG_REMEDY),
        (pl.col("nature").is_null(), "NATURE", "unknown nature", NATURE_REMEDY),
        (~year.is_between(low, high), PERIOD, "year out of range", f"give a year from {low} to {high}"),
        (~nothing & ~number.str.contains(_NUMBER), VALUE, "value is not a number", "correct it or leave it empty"),
        (~nothing & ~_value().is_finite(), VALUE, "value is not finite", "correct it or leave it empty"),
        (~power.is_between(-MAX_POWER, MAX_POWER), "UNIT_MULT", "unknown power of ten", "use a code of CL_UNIT_MULT"),
        (pl.col("release").is_null(), PREPARED, "no day of publication", "give the release"),
    ):
        wrong = said.filter(bad.fill_null(True)).select(FILE, ROW, pl.col(shown).fill_null(""))
        wrong = wrong.unique([FILE, shown], keep="first", maintain_order=True).head(MAX_FAULTS)
        yield from (Fault(file, row, value, problem, remedy) for file, row, value in wrong.iter_rows())


def _value() -> pl.Expr:
    """The number in units; written with its power of ten before it is read, so that no digit is lost."""
    text = pl.col(VALUE).str.replace(BOUND, "")
    power = pl.col("UNIT_MULT").replace("", "0")
    plain = (text + pl.lit("e") + power).cast(pl.Float64, strict=False)
    exponent = text.cast(pl.Float64, strict=False) * pl.lit(10.0).pow(power.cast(pl.Int32, strict=False))
    return pl.when(text.str.contains("[eE]")).then(exponent).otherwise(plain)


def _columns(provider: str) -> dict[str, pl.Expr]:
    nothing = pl.col(VALUE).is_in(_NOTHING)
    return {
        "series": pl.col("SERIES"),
        "area": pl.col("area"),
        "period": pl.col(PERIOD).cast(pl.Int32),
        "dimensions": pl.col("dimensions"),
        "value": pl.when(nothing).then(None).otherwise(_value()),
        "bound": pl.col(VALUE).str.extract(BOUND, 1).fill_null(""),
        "unit": pl.col("unit"),
        "nature": pl.col("nature"),
        "provider": pl.lit(provider),
        "release": pl.col("release"),
        "status": status(nothing),
        "note": note(nothing, PERIOD),
    }


def _twice(frame: pl.DataFrame) -> Iterator[Fault]:
    again = frame.filter(~pl.struct(KEY).is_first_distinct()).head(MAX_FAULTS)
    for row in again.iter_rows(named=True):
        key = " ".join(str(row[name]) for name in KEY).strip()
        yield Fault(row[FILE], row[ROW], f"{key} = {row['value']}", "another value for one key", "keep one of them")

"""SDMX data laid flat as one table: a column per dimension and attribute of the SDG data structure definition."""

from __future__ import annotations

from datetime import date

import polars as pl

from serai.observe._refuse import need_columns, refuse, rows_where
from serai.observe.codes import Codes
from serai.observe.national import NO_VALUE, Office, finish, source_keys
from serai.observe.sdmx_columns import FLAG_REMEDY, FLAGS, NATURE_REMEDY, NATURES, note, status, with_attributes

DIMENSIONS = (
    "SEX",
    "AGE",
    "URBANISATION",
    "INCOME_WEALTH_QUANTILE",
    "EDUCATION_LEV",
    "OCCUPATION",
    "CUST_BREAKDOWN",
    "COMPOSITE_BREAKDOWN",
    "DISABILITY_STATUS",
    "ACTIVITY",
    "PRODUCT",
)
"""Dimensions of the global SDG structure that split a series."""

NEEDED = ("SERIES", "REF_AREA", "TIME_PERIOD", "OBS_VALUE", "UNIT_MEASURE", "UNIT_MULT", "NATURE", "OBS_STATUS")


def observations(
    raw: pl.DataFrame, release: date, codes: Codes, *, office: Office, source: str = "sdmx"
) -> pl.DataFrame:
    """The observation table of one release.

    A multiplier is applied to the value or is part of the unit, as ``office.units`` says. Comments of the source become
    the note; a figure that a country only republishes from the global database is marked. Flags, natures, states
    and notes are read as :mod:`serai.observe.sdmx_columns` says.

    Raises:
        SourceError: see :func:`serai.observe.national.finish`; also an unknown nature or observation flag.
    """
    need_columns(raw, (*NEEDED, *DIMENSIONS), source)
    text = with_attributes(raw.with_columns(pl.all().cast(pl.String).str.strip_chars().fill_null("")))
    text = text.with_row_index("row", offset=1)
    flag, nature = pl.col("OBS_STATUS"), pl.col("NATURE")
    refuse([
        *rows_where(
            text, ~flag.is_in(list(FLAGS)), flag, source=source, problem="unknown flag", remedy=FLAG_REMEDY
        ),
        *rows_where(
            text, ~nature.is_in(list(NATURES)), nature, source=source, problem="unknown nature", remedy=NATURE_REMEDY
        ),
    ])  # fmt: skip
    nothing = pl.col("OBS_VALUE").str.to_lowercase().is_in(list(NO_VALUE))
    frame = text.select(
        "row",
        series="SERIES",
        area="REF_AREA",
        period=pl.col("TIME_PERIOD").cast(pl.Int32, strict=False),
        key=source_keys(text, DIMENSIONS),
        text="OBS_VALUE",
        unit="UNIT_MEASURE",
        multiplier=pl.col("UNIT_MULT").replace("", "0").cast(pl.Int32, strict=False).fill_null(0),
        nature=nature.replace_strict(NATURES, default="", return_dtype=pl.String),
        release=pl.lit(release, pl.Date),
        status=status(nothing),
        note=note(nothing, "TIME_PERIOD"),
    )
    return finish(frame, office, codes, source)

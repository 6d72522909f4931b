"""SDMX data laid flat as one table: a column per dimension and attribute of the SDG data structure definition."""

from __future__ import annotations

from datetime import date

import polars as pl

from serai.observe._refuse import need_columns, refuse, rows_where
from serai.observe.codes import Codes
from serai.observe.national import Office, finish, source_keys
from serai.observe.sdmx_status import STATUS_NOTES

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
GLOBAL_FIGURE = "global figure, republished"
_NATURES = {"C": "C", "CA": "CA", "E": "E", "M": "M", "G": "G", "N": "N", "_X": "", "": ""}


def observations(
    raw: pl.DataFrame, release: date, codes: Codes, *, office: Office, source: str = "sdmx"
) -> pl.DataFrame:
    """The observation table of one release.

    A multiplier is applied to the value or is part of the unit, as ``office.units`` says. Comments of the source become
    the note; a figure that a country only republishes from the global database is marked.

    Raises:
        SourceError: see :func:`serai.observe.national.finish`; also an unknown nature or observation flag.
    """
    need_columns(raw, (*NEEDED, *DIMENSIONS), source)
    text = raw.with_columns(pl.all().cast(pl.String).str.strip_chars().fill_null("")).with_row_index("row", offset=1)
    flag = pl.col("OBS_STATUS").str.to_uppercase()
    nature = pl.col("NATURE").str.to_uppercase()
    known = "use a code of SDMX CL_OBS_STATUS"
    refuse([
        *rows_where(text, ~flag.is_in(["", *STATUS_NOTES]), flag, source=source, problem="unknown flag", remedy=known),
        *rows_where(
            text, ~nature.is_in(list(_NATURES)), nature, source=source, problem="unknown nature", remedy="correct it"
        ),
    ])  # fmt: skip
    status = pl.when(flag == "P").then(pl.lit("provisional")).otherwise(pl.lit("published"))
    frame = text.select(
        "row",
        series="SERIES",
        area="REF_AREA",
        period=pl.col("TIME_PERIOD").cast(pl.Int32, strict=False),
        key=source_keys(text, DIMENSIONS),
        text="OBS_VALUE",
        unit="UNIT_MEASURE",
        multiplier=pl.col("UNIT_MULT").replace("", "0").cast(pl.Int32, strict=False).fill_null(0),
        nature=nature.replace(_NATURES),
        release=pl.lit(release, pl.Date),
        status=status,
        note=_note(text.columns, flag),
    )
    return finish(frame, office, codes, source)


def _note(columns: list[str], flag: pl.Expr) -> pl.Expr:
    words = [flag.replace_strict(STATUS_NOTES, default="")]
    if "TIME_DETAIL" in columns:
        longer = pl.col("TIME_DETAIL").str.contains(r"^[0-9]{4}\s*-\s*[0-9]{4}$")
        words.append(pl.when(longer).then(pl.format("period {}", "TIME_DETAIL")).otherwise(pl.lit("")))
    if "REPORTING_TYPE" in columns:
        world = pl.col("REPORTING_TYPE") == "G"
        words.append(pl.when(world).then(pl.lit(GLOBAL_FIGURE)).otherwise(pl.lit("")))
    if "COMMENT_OBS" in columns:
        words.append(pl.col("COMMENT_OBS").str.replace_all(r"\s+", " ").str.strip_chars("* "))
    return pl.concat_list([pl.when(word != "").then(word) for word in words]).list.drop_nulls().list.join("; ")

"""Data files of an Open SDG site: one CSV per indicator, laid below each other with the file's name beside each row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from serai.observe._refuse import need_columns
from serai.observe.codes import Codes
from serai.observe.national import Office, finish, source_keys

NEEDED = ("indicator_file", "Year", "Value")
OPTIONAL = ("SERIES", "REF_AREA", "UNIT_MEASURE", "Units")


def observations(
    raw: pl.DataFrame,
    release: date,
    codes: Codes,
    *,
    office: Office,
    prefix: str,
    dimensions: Sequence[str],
    source: str = "open_sdg",
) -> pl.DataFrame:
    """The observation table of one release.

    A row's series is the code in its column SERIES; rows without one get ``<prefix>_<indicator file>``. Where rows of
    one series are in several units (tonnes, and per cent of the year before), each unit is a series of its own:
    ``<series>_<unit>``; rows without a unit keep the plain code. Where one code serves several indicators (moderate
    deviation: of height, of weight), each is a series of its own: ``<series>_<indicator file>``.

    Args:
        raw: columns indicator_file, Year, Value, and where given SERIES, REF_AREA, UNIT_MEASURE, Units and the
            ``dimensions``; every cell as text.
        release: date of publication.
        codes: known dimension codes, units and areas.
        office: the provider.
        prefix: what the codes of series without a code begin with.
        dimensions: columns that split a series.
        source: name of the file, for messages.

    Raises:
        SourceError: see :func:`serai.observe.national.finish`.
    """
    text = named(raw, prefix, source)
    frame = text.select(
        "row",
        "series",
        area="REF_AREA",
        period=pl.col("Year").cast(pl.Int32, strict=False),
        key=source_keys(text, dimensions),
        text="Value",
        unit="unit",
        multiplier=pl.lit(0, pl.Int32),
        nature=pl.lit(""),
        release=pl.lit(release, pl.Date),
        status=pl.lit("published"),
        note=pl.lit(""),
    )
    return finish(frame, office, codes, source)


def named(raw: pl.DataFrame, prefix: str, source: str = "open_sdg") -> pl.DataFrame:
    """The source table as text, with the columns ``row`` (from 1), ``series`` and ``unit``; see :func:`observations`.

    Raises:
        SourceError: a column is missing.
    """
    need_columns(raw, NEEDED, source)
    given = raw.with_columns(pl.lit(None, pl.String).alias(name) for name in OPTIONAL if name not in raw.columns)
    text = given.with_columns(pl.all().cast(pl.String).str.strip_chars().fill_null("")).with_row_index("row", offset=1)
    own = pl.format("{}_{}", pl.lit(prefix), "indicator_file")
    shared = pl.col("indicator_file").n_unique().over("SERIES") > 1
    coded = text.with_columns(
        series=pl.when(pl.col("SERIES") == "")
        .then(own)
        .when(shared)
        .then(pl.format("{}_{}", "SERIES", "indicator_file"))
        .otherwise(pl.col("SERIES")),
        unit=pl.when(pl.col("UNIT_MEASURE") == "").then(pl.col("Units")).otherwise(pl.col("UNIT_MEASURE")),
    )
    several = (pl.col("unit").n_unique().over("series") > 1) & (pl.col("unit") != "")
    split = pl.when(several).then(pl.format("{}_{}", "series", "unit")).otherwise(pl.col("series"))
    return coded.with_columns(series=split)

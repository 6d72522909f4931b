"""Small tables to ingest."""

from __future__ import annotations

from datetime import date

import polars as pl

R1, R2, R3, R4 = (date(2020, month, 1) for month in (1, 4, 7, 10))

SCHEMA = pl.Schema(
    {
        "series": pl.String,
        "area": pl.String,
        "period": pl.Int32,
        "dimensions": pl.String,
        "value": pl.Float64,
        "bound": pl.String,
        "unit": pl.String,
        "nature": pl.String,
        "status": pl.String,
        "note": pl.String,
    }
)
BLANK = {
    "series": "S1",
    "area": "AAA",
    "period": 2015,
    "dimensions": "",
    "value": None,
    "bound": "",
    "unit": "PERCENT",
    "nature": "C",
    "status": "published",
    "note": "",
}


def rows(*given: dict[str, object]) -> pl.DataFrame:
    """Rows of an observation table; what is not given is that of an ordinary row."""
    return pl.DataFrame([BLANK | row for row in given], schema=SCHEMA)


def runs(*given: dict[str, object]) -> pl.DataFrame:
    """Rows of a run table."""
    schema = {**SCHEMA, "release_from": pl.Date, "release_to": pl.Date}
    return pl.DataFrame([BLANK | row for row in given], schema=schema)

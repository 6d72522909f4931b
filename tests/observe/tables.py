"""Small source tables and code tables for the tests of this room."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from serai.observe.codes import Codes

RELEASE = date(2023, 12, 17)

DIMENSIONS = pl.DataFrame(
    [
        ("AGE", "age", "15-24", "15_24", "15-24 years", False),
        ("AGE", "age", "ALLAGE", "allage", "All ages", True),
        ("AGE", "age", "NOTSPEC", "notspec", "Not specified", True),
        ("SEX", "sex", "F", "female", "Female", False),
        ("SEX", "sex", "M", "male", "Male", False),
        ("SEX", "sex", "BOTHSEX", "bothsex", "Both sexes", True),
        ("SEX", "SEX", "F", "F", "Female", False),
        ("SEX", "SEX", "_T", "_T", "Total", True),
        ("LOCATION", "URBANISATION", "URBAN", "U", "Urban", False),
        ("COUNTERPART", "counterpart", "NOTSPEC", "notspec", "Origin not specified", False),
        ("COUNTERPART", "counterpart", "T", "t", "All", True),
    ],
    schema=["dimension", "source_dimension", "code", "source_code", "name", "total"],
    orient="row",
)

CODES = Codes.of(DIMENSIONS, ["PERCENT", "NUMBER", "CU_USD", "CU_USD_M", "TONNES"], ["AAA", "AAA-A1", "BBB", "M49:1"])


def un_rows(*rows: dict[str, Any]) -> pl.DataFrame:
    """A table of the UN shape; a row need only give what differs."""
    plain = {
        "series": "S1", "m49": 4, "iso3": "AAA", "year": 2015, "value": 1.5, "value_raw": None, "units": "percent",
        "nature": "c", "observation_status": None, "dims": "sex=bothsex",
    }  # fmt: skip
    types = {"m49": pl.Int32, "year": pl.Int16, "value": pl.Float64}
    full = [plain | row for row in rows]
    return pl.DataFrame(full, schema={name: types.get(name, pl.String) for name in plain})


def raw(text: str, **more: Any) -> dict[str, Any]:
    """A row whose value is not a number."""
    return {"value": None, "value_raw": text} | more

"""Small frames for the tests of this room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

SCHEMA = {
    "series": pl.String(),
    "area": pl.String(),
    "period": pl.Int32(),
    "dimensions": pl.String(),
    "value": pl.Float64(),
    "bound": pl.String(),
    "unit": pl.String(),
    "nature": pl.String(),
    "provider": pl.String(),
    "release": pl.Date(),
    "status": pl.String(),
    "note": pl.String(),
}


def observed(
    points: Mapping[int, float | None] | Sequence[tuple[int, float | None]],
    *,
    series: str = "S",
    area: str = "AAA",
    **columns: Any,
) -> pl.DataFrame:
    """Observations of one series: a year and a value each."""
    pairs = list(points.items()) if isinstance(points, Mapping) else list(points)
    defaults = {"dimensions": "", "bound": "", "unit": "percent", "nature": "C", "provider": "p", "status": "published"}
    rows = [
        {"series": series, "area": area, "period": year, "value": value, "release": date(2023, 12, 17), "note": ""}
        | defaults
        | columns
        for year, value in pairs
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def rule(series: str = "S", direction: int | None = 1, target: float | None = None, **columns: Any) -> pl.DataFrame:
    """The rule of one series."""
    defaults = {
        "status": "rule",
        "target_type": "" if target is None else "absolute",
        "parity": False,
        "lower_limit": None,
        "upper_limit": None,
        "unit": "percent",
        "reason": "because",
    }
    row = {"series": series, "direction": direction, "target": target} | defaults | columns
    schema = {
        "series": pl.String(),
        "direction": pl.Int64(),
        "target": pl.Float64(),
        "status": pl.String(),
        "target_type": pl.String(),
        "parity": pl.Boolean(),
        "lower_limit": pl.Float64(),
        "upper_limit": pl.Float64(),
        "unit": pl.String(),
        "reason": pl.String(),
    }
    return pl.DataFrame([row], schema=schema)

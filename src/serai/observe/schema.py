"""The observation table: what every source is turned into."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

OBSERVATION: Mapping[str, pl.DataType] = {
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
"""Columns and types, in order. ``period`` is a calendar year; texts are empty, never null; ``value`` may be null."""

CONTENT = ("value", "bound", "unit", "nature", "status", "note")
"""What a release says about a key: a run of releases is unbroken while none of these changes."""

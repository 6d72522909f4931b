"""What a series cannot exceed: read from what was ever published of it anywhere, and from reviewed rules."""

from __future__ import annotations

import numpy as np
import polars as pl

from serai.assess.projection.histories import Floats, usable

PERCENT = ("percent", "%", "pt")
"""Units of which 100 is the top, unless the series has shown otherwise."""


def limits(observations: pl.DataFrame) -> pl.DataFrame:
    """Bounds per series and slice: ``series, dimensions, lower, upper``; null where there is none.

    A series that was never negative anywhere has the lower bound 0. A share in per cent that never passed 100 has the
    upper bound 100.
    """
    by = (
        usable(observations)
        .group_by("series", "dimensions")
        .agg(
            low=pl.col("value").min(),
            high=pl.col("value").max(),
            share=pl.col("unit").str.to_lowercase().is_in(PERCENT).all(),
        )
    )
    lower = pl.when(pl.col("low") >= 0).then(0.0)
    upper = pl.when(pl.col("share") & (pl.col("low") >= 0) & (pl.col("high") <= 100 * (1 + 1e-9))).then(100.0)
    return by.select("series", "dimensions", lower=lower, upper=upper).sort("series", "dimensions")


def bounds_of(keys: pl.DataFrame, table: pl.DataFrame) -> tuple[Floats, Floats]:
    """Lower and upper bound of every key, infinite where there is none; shape (n,) each."""
    found = keys.select("series", "dimensions").join(
        table.select("series", "dimensions", "lower", "upper"),
        on=["series", "dimensions"],
        how="left",
        maintain_order="left",
    )
    return (
        found["lower"].fill_null(-np.inf).to_numpy().astype(np.float64),
        found["upper"].fill_null(np.inf).to_numpy().astype(np.float64),
    )


def with_rules(table: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """``table`` with the reviewed limits of the rules where a reviewer gave one."""
    reviewed = rules.select("series", "lower_limit", "upper_limit").unique("series", keep="first")
    joined = table.join(reviewed, on="series", how="left", maintain_order="left")
    return joined.with_columns(
        lower=pl.coalesce("lower_limit", "lower"), upper=pl.coalesce("upper_limit", "upper")
    ).drop("lower_limit", "upper_limit")

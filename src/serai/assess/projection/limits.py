"""What a series cannot exceed: read from what was ever published of it anywhere, and from reviewed rules."""

from __future__ import annotations

import numpy as np
import polars as pl

from serai.assess.projection.histories import Floats, usable

PERCENT = ("percent", "%", "pt")
"""Units of which 100 is the top, unless the series has shown otherwise."""


def limits(observations: pl.DataFrame) -> pl.DataFrame:
    """Bounds and usual level per series and slice: ``series, dimensions, lower, upper, level``; null if none.

    A series that was never negative anywhere has the lower bound 0. A share in per cent that never passed 100 has the
    upper bound 100.
    """
    by_area = usable(observations).group_by("series", "dimensions", "area").agg(level=pl.col("value").abs().mean())
    levels = by_area.group_by("series", "dimensions").agg(level=pl.col("level").median())
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
    bounded = by.select("series", "dimensions", lower=lower, upper=upper)
    return bounded.join(levels, on=["series", "dimensions"]).sort("series", "dimensions")


def bounds_of(keys: pl.DataFrame, table: pl.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Lower and upper bound of every key (infinite where there is none) and usual level (0: unknown); (n,) each."""
    found = keys.select("series", "dimensions").join(
        table.select("series", "dimensions", "lower", "upper", "level"),
        on=["series", "dimensions"],
        how="left",
        maintain_order="left",
    )
    return (
        found["lower"].fill_null(-np.inf).to_numpy().astype(np.float64),
        found["upper"].fill_null(np.inf).to_numpy().astype(np.float64),
        found["level"].fill_null(0.0).to_numpy().astype(np.float64),
    )


def with_rules(table: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """``table`` with the reviewed limits of the rules where a reviewer gave one."""
    reviewed = rules.select("series", "lower_limit", "upper_limit").unique("series", keep="first")
    joined = table.join(reviewed, on="series", how="left", maintain_order="left")
    return joined.with_columns(
        lower=pl.coalesce("lower_limit", "lower"), upper=pl.coalesce("upper_limit", "upper")
    ).drop("lower_limit", "upper_limit")

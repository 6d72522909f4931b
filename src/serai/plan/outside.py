"""What the plan asks of the rooms before it: shares of members that hang on partners, and what closures cost them."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

SHARES = {"member": pl.String, "partner": pl.String, "low": pl.Float64, "value": pl.Float64, "high": pl.Float64}
COSTS = {"member": pl.String, "low": pl.Float64, "value": pl.Float64, "high": pl.Float64}
UNSERVED = 1.0
"""Extra cost, as a share of the cost before, of a journey to which no way is left: as if it cost twice as much. What it
would really cost is not known; what it does in the model is bounded anyway."""


def shares_of(exposed: pl.DataFrame) -> pl.DataFrame:
    """Shares by member and partner from a table of exposure.

    Args:
        exposed: ``area, partner, low, value, high`` and more; several sides (what comes in, what goes out) of one pair
            count as the larger, where nothing else is known the value lies in the middle of its range.

    Returns:
        ``member, partner, low, value, high``, each from 0 to 1.
    """
    middle = pl.col("value").fill_null((pl.col("low") + pl.col("high")) / 2)
    return (
        exposed.with_columns(middle.alias("value"))
        .filter(pl.col("value").is_not_null())
        .group_by(pl.col("area").alias("member"), "partner", maintain_order=True)
        .agg(pl.max("low", "value", "high"))
        .select(pl.col(name).cast(dtype) for name, dtype in SHARES.items())
    )


def costs_of(disrupted: pl.DataFrame) -> pl.DataFrame:
    """Extra cost by member from journeys before and after a disruption.

    Args:
        disrupted: ``from_area, to_area, cost_usd_before, cost_usd_extra, served``.

    Returns:
        ``member, low, value, high``: quartiles and mean, over the journeys from or to a member, of the extra cost as a
        share of the cost before; journeys to which no way is left count as :data:`UNSERVED`. An area without journeys
        has no row.
    """
    extra = pl.when(pl.col("served")).then(pl.col("cost_usd_extra") / pl.col("cost_usd_before")).otherwise(UNSERVED)
    ends = [
        disrupted.select(pl.col(side).alias("member"), extra.clip(0.0, None).alias("extra"))
        for side in ("from_area", "to_area")
    ]
    return (
        pl.concat(ends)
        .filter(pl.col("extra").is_finite())
        .group_by("member", maintain_order=True)
        .agg(
            low=pl.min_horizontal(pl.col("extra").quantile(0.25, "linear"), pl.col("extra").mean()),
            value=pl.col("extra").mean(),
            high=pl.max_horizontal(pl.col("extra").quantile(0.75, "linear"), pl.col("extra").mean()),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in COSTS.items())
    )


def asked(
    ask: Callable[[str], pl.DataFrame] | None, schema: dict[str, type[pl.DataType]]
) -> Callable[[str], pl.DataFrame]:
    """A question to a room; no rows where the pack has nothing for that room."""

    def answer(name: str) -> pl.DataFrame:
        return pl.DataFrame(schema=schema) if ask is None else ask(name)

    return answer

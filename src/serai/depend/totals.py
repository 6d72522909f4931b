"""Totals a provider gives with its pairs, and what of them no pair at hand accounts for."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from serai.region.flow_kinds import WORLD, Kind

GROUP = ["kind", "side", "area", "period"]


def residuals(flows: pl.DataFrame, sided: pl.DataFrame, kinds: Mapping[str, Kind]) -> pl.DataFrame:
    """What is left of each total when the pairs of the same provider are taken away.

    Args:
        flows: the flow table with its totals.
        sided: pairs seen from each side, with ``kind, side, area, partner, period, value, high, missing``.
        kinds: kinds by identifier.

    Returns:
        ``kind, side, area, period, rest_low, rest_high, excess``: over all totals given. ``excess`` says that pairs add
        up to more than a total; the rest is then zero. Where a total holds missing pairs too, the rest may be less by
        as much as these may be.
    """
    totals = _totals(flows, kinds)
    if totals.is_empty():
        return totals.select(*GROUP, *(pl.lit(None, pl.Float64).alias(n) for n in ("rest_low", "rest_high")),
                             pl.lit(False).alias("excess"))  # fmt: skip
    own = _own_sums(flows.filter(pl.col("kind").is_in(totals["kind"].unique().to_list())), kinds)
    known = sided.group_by(GROUP, maintain_order=True).agg(
        pl.col("value").sum().alias("all"), pl.col("high").filter(pl.col("missing")).sum().alias("open")
    )
    joined = totals.join(own, on=[*GROUP, "provider", "reported_by"], how="left").join(known, on=GROUP, how="left")
    rest = pl.col("total") - pl.coalesce("own", "all", pl.lit(0.0))
    published = [name for name, kind in kinds.items() if kind.totals == "published"]
    # Rounding in the source is no excess.
    slack = 0.005 * pl.col("total")
    return (
        joined.with_columns(rest.alias("rest"))
        .with_columns(
            pl.when(pl.col("kind").is_in(published)).then(pl.col("open").fill_null(0.0)).otherwise(0.0).alias("open")
        )
        .group_by(GROUP, maintain_order=True)
        .agg(
            (pl.col("rest") - pl.col("open")).min().clip(lower_bound=0.0).alias("rest_low"),
            pl.col("rest").max().clip(lower_bound=0.0).alias("rest_high"),
            (pl.col("rest") < -slack).any().alias("excess"),
        )
    )


def _totals(flows: pl.DataFrame, kinds: Mapping[str, Kind]) -> pl.DataFrame:
    given = flows.filter((pl.col("origin") == WORLD) ^ (pl.col("destination") == WORLD))
    sides = given.with_columns(
        pl.when(pl.col("origin") == WORLD).then(pl.lit("in")).otherwise(pl.lit("out")).alias("side"),
        pl.when(pl.col("origin") == WORLD).then("destination").otherwise("origin").alias("area"),
    )
    sides = _undirected(sides, kinds)
    return sides.select(*GROUP, "provider", "reported_by", pl.col("value").alias("total"))


def _undirected(frame: pl.DataFrame, kinds: Mapping[str, Kind]) -> pl.DataFrame:
    names = [name for name, kind in kinds.items() if not kind.directed]
    return frame.with_columns(pl.when(pl.col("kind").is_in(names)).then(pl.lit("out")).otherwise("side").alias("side"))


def _own_sums(flows: pl.DataFrame, kinds: Mapping[str, Kind]) -> pl.DataFrame:
    single = flows.filter((pl.col("origin") != WORLD) & (pl.col("destination") != WORLD))
    both = [
        single.with_columns(pl.lit(side).alias("side"), pl.col(end).alias("area"))
        for side, end in (("in", "destination"), ("out", "origin"))
    ]
    keys = [*GROUP, "provider", "reported_by"]
    return (
        _undirected(pl.concat(both), kinds).group_by(keys, maintain_order=True).agg(pl.col("value").sum().alias("own"))
    )

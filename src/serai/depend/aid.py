"""Aid as a ledger records it, as flows between countries."""

from __future__ import annotations

import polars as pl

from serai.depend.flows import FLOWS, as_flows
from serai.region.flow_kinds import WORLD

COMMITTED = ("commitment", "incoming commitment")
PROVIDER = "ledger"


def committed(aid: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """What donors committed to a member in a year; what was spent is another stage, and is left out.

    Reports of several publishers on one donor add up: the ledger counts none twice. Donors that are no country (banks,
    agencies) are not partners here; they are in the totals, so that shares are of all that is recorded.

    Args:
        aid: flow rows of donors and members, ``note`` holding the stage.
        areas: the pack's table ``areas``.

    Returns:
        A flow table of kind ``aid``, with one total per member and year.
    """
    countries = areas.filter(pl.col("kind") == "country")["area"].to_list()
    stage = aid.filter(pl.col("note").is_in(COMMITTED) & pl.col("period").is_not_null())
    stage = stage.filter(pl.col("destination").is_in(countries) & (pl.col("origin") != pl.col("destination")))
    # Summed in one order, so that the same ledger gives the same last digit in every run.
    way = ("origin", "destination", "period")
    pairs = stage.sort(*way, "value").group_by(way, maintain_order=True).agg(pl.col("value").sum())
    # A year in which more was taken back than committed is no flow of aid.
    pairs = pairs.filter(pl.col("value") > 0)
    totals = pairs.group_by("destination", "period", maintain_order=True).agg(pl.col("value").sum())
    totals = totals.with_columns(pl.lit(WORLD).alias("origin"), pl.lit("all donors recorded").alias("note"))
    pairs = pairs.filter(pl.col("origin").is_in(countries)).with_columns(pl.lit("commitments").alias("note"))
    fixed = {"kind": "aid", "unit": "USD", "provider": PROVIDER, "nature": "C", "reported_by": ""}
    rows = pl.concat([pairs, totals.select(pairs.columns)]).with_columns(pl.lit(v).alias(k) for k, v in fixed.items())
    return as_flows(rows.select(list(FLOWS))).sort("destination", "period", "origin")

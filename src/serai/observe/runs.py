"""Runs: many releases of a provider as one row per unbroken run of releases that carried exactly the same row."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from serai.observe._refuse import KEY
from serai.observe.schema import CONTENT

RUNS: Mapping[str, pl.DataType] = {
    "series": pl.String(),
    "area": pl.String(),
    "period": pl.Int32(),
    "dimensions": pl.String(),
    "value": pl.Float64(),
    "bound": pl.String(),
    "unit": pl.String(),
    "nature": pl.String(),
    "status": pl.String(),
    "note": pl.String(),
    "provider": pl.String(),
    "release_from": pl.Date(),
    "release_to": pl.Date(),
}
"""Columns and types of a run table, in order."""

ROW = ("provider", *KEY, *CONTENT)


def to_runs(observations: pl.DataFrame, releases: Sequence[date]) -> pl.DataFrame:
    """The run table of observations of several releases; expanding it gives them back, row for row.

    A row that changes in any column, or is missing in one of ``releases``, ends its run; when it returns, it starts
    another one.

    Args:
        observations: observation tables of all releases, one below the other.
        releases: every release of the provider, in any order.
    """
    order = {release: number for number, release in enumerate(sorted(releases))}
    number = pl.col("release").replace_strict(order, return_dtype=pl.Int32)
    rows = observations.with_columns(number.alias("number")).sort(*ROW, "number")
    first = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in ROW)
    starts = (first | (pl.col("number") != pl.col("number").shift() + 1)).fill_null(True)
    return (
        rows.with_columns(starts.cum_sum().alias("run"))
        .group_by("run", maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in ROW),
            pl.col("release").first().alias("release_from"),
            pl.col("release").last().alias("release_to"),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in RUNS.items())
    )


def from_runs(runs: pl.DataFrame, releases: Sequence[date]) -> pl.DataFrame:
    """The observations of every release: each row of a run once per release it spans."""
    every = pl.DataFrame({"release": sorted(releases)}, schema={"release": pl.Date})
    spans = pl.col("release").is_between(pl.col("release_from"), pl.col("release_to"))
    ends = runs.select("release_from", "release_to").unique().join(every, how="cross").filter(spans)
    rows = runs.join(ends, on=["release_from", "release_to"])
    return rows.select("release", *ROW)


def digest(observations: pl.DataFrame) -> str:
    """SHA-256 of what the rows of one release say - key, value, bound, status - whatever their order.

    Units and natures are left out: where early releases lack them they are filled in.
    """
    texts = [*KEY, "bound", "status"]
    rows = observations.select(*(pl.col(name).cast(pl.String) for name in texts), "value").sort(KEY)
    found = hashlib.sha256()
    for name in texts:
        found.update("\n".join(rows[name]).encode())
    # Values as their eight bytes: no formatting of numbers comes between; an empty one is the canonical NaN.
    found.update(rows["value"].fill_null(math.nan).to_numpy().astype("<f8").tobytes())
    return found.hexdigest()

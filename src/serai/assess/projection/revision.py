"""Revision: how much new releases change what an old one said. Reported apart, and a warning for what is to come."""

from __future__ import annotations

import numpy as np
import polars as pl

from serai.assess.projection.histories import KEY, WINDOW, Floats, Histories, groups
from serai.assess.projection.members import mean_changes

REVISED = 1e-6
"""Changes up to this part of a year's change are rounding."""
PRIOR_PAIRS = 5.0
"""A series' mean revision counts as if so many pairs of releases more had shown none."""


def revisions(histories: Histories) -> pl.DataFrame:
    """What became of every history's last value in the key's next history that still has that year.

    Columns: `KEY`, nature, release, known (the next release), last (year), before, after, paces (|after - before| over
    the history's mean yearly change; null for a constant history). ``histories`` are sorted by key and release.
    """
    keys = histories.keys.with_columns(
        pl.Series("last", histories.last),
        pl.Series("before", histories.values[:, -1]),
        pl.Series("pace", mean_changes(histories.values)),
    )
    lag = np.append(histories.last[1:] - histories.last[:-1], 0)
    inside = (lag >= 0) & (lag < WINDOW)
    after = np.full(len(histories), np.nan)
    rows = np.flatnonzero(inside[:-1])
    after[rows] = histories.values[rows + 1, WINDOW - 1 - lag[rows]]
    moved = pl.when(pl.col("pace") > 0).then((pl.col("after") - pl.col("before")).abs() / pl.col("pace"))
    pairs = keys.with_columns(
        pl.Series("after", after), known=pl.col("release").shift(-1).over(KEY, order_by="release")
    )
    kept = pairs.filter(pl.col("known").is_not_null() & pl.col("after").is_not_nan())
    return kept.with_columns(paces=moved).select(*KEY, "nature", "release", "known", "last", "before", "after", "paces")


def usual_revision(pairs: pl.DataFrame) -> pl.DataFrame:
    """Mean log(1 + revision in paces) of each series as known at each release: series, dimensions, known, revised."""
    by = (
        pairs.drop_nulls("paces")
        .group_by("series", "dimensions", "known")
        .agg(total=pl.col("paces").log1p().clip(upper_bound=3.0).sum(), count=pl.len())
    )
    keys = ["series", "dimensions"]
    by = by.sort(*keys, "known").with_columns(pl.col("total", "count").cum_sum().over(keys))
    return by.select(*keys, "known", revised=pl.col("total") / (pl.col("count") + PRIOR_PAIRS)).sort("known")


def with_revision(histories: Histories) -> Histories:
    """``histories`` (sorted by key and release) with what was known of their series' revisions at their release."""
    usual = usual_revision(revisions(histories))
    numbered = histories.keys.drop("revised").with_row_index("_row").sort("release")
    joined = numbered.join_asof(
        usual, left_on="release", right_on="known", by=["series", "dimensions"], check_sortedness=False
    )
    keys = joined.sort("_row").with_columns(pl.col("revised").fill_null(0.0)).select(histories.keys.columns)
    return Histories(keys, histories.last, histories.values)


def revised_of(keys: pl.DataFrame) -> Floats:
    """The column `revised` of histories' keys, shape (n,)."""
    return keys["revised"].to_numpy().astype(np.float64)


def revision_report(pairs: pl.DataFrame) -> pl.DataFrame:
    """Revision by nature (rows of `revisions`): pairs, share revised, median, 80 % and 95 % quantile in paces."""
    moved = pairs.drop_nulls("paces").with_columns(nature_group=groups(pairs.drop_nulls("paces")["nature"]))
    measures = [
        pl.len().alias("n"),
        pl.col("area").n_unique().alias("areas"),
        (pl.col("paces") > REVISED).mean().alias("revised"),
        (pl.col("paces") > 1).mean().alias("by_more_than_a_year"),
        *[pl.col("paces").quantile(level / 100).alias(f"paces_{level}") for level in (50, 80, 95)],
    ]
    everything = moved.select(pl.lit("all").alias("nature_group"), *measures)
    by = moved.group_by("nature_group").agg(measures).sort("nature_group")
    return pl.concat([everything, by.select(everything.columns)])

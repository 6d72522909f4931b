"""Dependence on data: whose figures rest on one foreign or modelled source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

DATA: Mapping[str, pl.DataType] = {
    "area": pl.String(),
    "series": pl.UInt32(),
    "own": pl.UInt32(),
    "country_reported": pl.UInt32(),
    "not_country": pl.UInt32(),
    "unsaid": pl.UInt32(),
    "one_foreign": pl.UInt32(),
    "one_foreign_not_country": pl.UInt32(),
    "share": pl.Float64(),
    "providers": pl.UInt32(),
    "hhi": pl.Float64(),
    "largest": pl.String(),
    "largest_share": pl.Float64(),
}
"""One row per member; see :func:`data_dependence`."""

COUNTRY, OTHERS = ("C", "CA"), ("E", "M", "G")


def data_dependence(figures: pl.DataFrame, providers: pl.DataFrame, members: Sequence[str]) -> pl.DataFrame:
    """How far a member's figures are its own.

    Each series counts once, by its latest published figure of each provider.

    Args:
        figures: observations: ``series, area, period, nature, provider, status``.
        providers: ``provider, kind, area``: a national provider belongs to an area.
        members: areas to speak of; one without any figure has a row of zeros.

    Returns:
        Columns as in :data:`DATA`: ``series`` with a figure; of these ``own`` (a provider of the area has it),
        ``country_reported`` (the latest figure of somebody is of nature C or CA), ``not_country`` (all latest figures
        are estimated, modelled or global), ``unsaid`` (no nature is given), ``one_foreign`` (a single provider, which
        is not the area's), ``one_foreign_not_country`` (that, and estimated or modelled), ``share`` of the last in all;
        ``hhi`` and ``largest`` over providers, a series with several counting in parts.
    """
    latest = (
        figures.filter(pl.col("area").is_in(members) & pl.col("status").is_in(["published", "provisional"]))
        .group_by("area", "series", "provider")
        .agg(pl.col("nature").sort_by("period").last())
        .join(providers.select("provider", pl.col("area").alias("home")), on="provider", how="left")
    )
    home = (pl.col("home") == pl.col("area")).fill_null(False)
    each = latest.group_by("area", "series").agg(
        home.any().alias("own"),
        pl.col("nature").is_in(COUNTRY).any().alias("country_reported"),
        pl.col("nature").is_in(OTHERS).all().alias("not_country"),
        (pl.col("nature").fill_null("") == "").all().alias("unsaid"),
        (pl.col("provider").n_unique() == 1).alias("single"),
    )
    foreign = pl.col("single") & ~pl.col("own")
    counted = each.group_by("area").agg(
        pl.len().alias("series"),
        pl.col("own", "country_reported", "not_country", "unsaid").sum(),
        foreign.sum().alias("one_foreign"),
        (foreign & pl.col("not_country")).sum().alias("one_foreign_not_country"),
    )
    weights = latest.with_columns((1 / pl.len().over("area", "series")).alias("weight"))
    weights = (
        weights.group_by("area", "provider", maintain_order=True).agg(pl.col("weight").sum()).sort("area", "provider")
    )
    part = pl.col("weight") / pl.col("weight").sum()
    over = weights.group_by("area").agg(
        pl.len().alias("providers"), (part**2).sum().alias("hhi"),
        pl.col("provider").get(pl.col("weight").arg_max()).alias("largest"), part.max().alias("largest_share"),
    )  # fmt: skip
    frame = pl.DataFrame({"area": list(members)}, schema={"area": pl.String}).join(counted, on="area", how="left")
    frame = frame.join(over, on="area", how="left", maintain_order="left").with_columns(
        pl.col(name).fill_null(0)
        for name, dtype in DATA.items()
        if dtype == pl.UInt32() and name in (*counted.columns, "providers")
    )
    share = pl.when(pl.col("series") > 0).then(pl.col("one_foreign_not_country") / pl.col("series"))
    return frame.with_columns(share.alias("share")).select(pl.col(n).cast(d) for n, d in DATA.items())

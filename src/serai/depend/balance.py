"""Balance over blocs of partners: whether any bloc, whichever it is, holds more than a stated share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from serai.depend.totals import GROUP

BALANCE: Mapping[str, pl.DataType] = {
    "kind": pl.String(),
    "side": pl.String(),
    "area": pl.String(),
    "period": pl.Int32(),
    "bloc": pl.String(),
    "partners": pl.UInt32(),
    "share_low": pl.Float64(),
    "share": pl.Float64(),
    "share_high": pl.Float64(),
    "threshold": pl.Float64(),
    "status": pl.String(),
}
"""``status``: ``above`` (even at its low end), ``may_be_above``, ``below``; ``partial`` where the figures at hand are a
fragment that no threshold is held against. A partner of no bloc is one by itself."""


def balance(
    partners: pl.DataFrame,
    areas: pl.DataFrame,
    blocs: pl.DataFrame,
    threshold: float,
    *,
    own: Sequence[str] = (),
    partial: Sequence[str] = (),
) -> pl.DataFrame:
    """Shares of blocs, with every bloc that passes the threshold, or may.

    Args:
        partners, areas: as from :func:`serai.depend.indices.indices`.
        blocs: ``bloc, area``; an area is in one bloc at most.
        threshold: share above which a bloc is named.
        own: kinds whose totals hold, beside their pairs, a country's own supply and no partner's.
        partial: kinds of which a fragment is at hand.

    Returns:
        Columns as in :data:`BALANCE`. Unlisted partners may belong to any bloc of several countries: its high end says
        so. Rows without shares are left out.
    """
    said = areas.filter((pl.col("reason") == "") & pl.col("total_high").is_not_null())
    sums = [pl.col(name).sum().over(GROUP).alias(f"all_{name}") for name in ("low", "high")]
    joined = partners.with_columns(sums).join(
        said.select(*GROUP, "total_low", "total", "total_high"), on=GROUP, how="inner"
    )
    joined = joined.join(blocs.select("area", "bloc"), left_on="partner", right_on="area", how="left")
    several = pl.col("bloc").is_not_null() & ~pl.col("kind").is_in(list(own))
    joined = joined.with_columns(several.alias("open"), pl.coalesce("bloc", "partner").alias("bloc"))
    grouped = joined.group_by(*GROUP, "bloc", maintain_order=True).agg(
        pl.len().cast(pl.UInt32).alias("partners"),
        pl.col("low", "value", "high").sum(),
        pl.col("total_low", "total", "total_high", "all_low", "all_high", "open").first(),
    )
    # Partners that are not listed may all belong to a bloc of several countries, or none of them.
    top = pl.col("high") + pl.when("open").then(pl.col("total_high") - pl.col("all_high")).otherwise(0.0)
    rest_low = pl.when("open").then(pl.col("total_low") - pl.col("all_low")).otherwise(0.0)
    others_low = pl.col("total_low") - pl.col("low") - rest_low
    low = pl.col("low") / (pl.col("low") + pl.col("total_high") - pl.col("high"))
    high = pl.when(top + others_low > 0).then(top / (top + others_low)).otherwise(0.0)
    frame = grouped.with_columns(
        low.fill_nan(0.0).alias("share_low"), (pl.col("value") / pl.col("total")).alias("share"),
        high.alias("share_high"), pl.lit(threshold).alias("threshold"),
    )  # fmt: skip
    status = (
        pl.when(pl.col("kind").is_in(list(partial))).then(pl.lit("partial"))
        .when(pl.col("share_low") > threshold).then(pl.lit("above"))
        .when(pl.col("share_high") > threshold).then(pl.lit("may_be_above"))
        .otherwise(pl.lit("below"))
    )  # fmt: skip
    frame = frame.with_columns(status.alias("status"))
    return frame.select(pl.col(name).cast(dtype) for name, dtype in BALANCE.items())

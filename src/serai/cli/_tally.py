"""Counts of classes and of reasons, method by method; they add up to the rows that went in."""

from __future__ import annotations

import polars as pl

NO_CLASS = "(no class)"


def classes_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of each method by class, in the order of the methods; ``share`` is of the method's rows."""
    counted = rows.group_by("method", "class", maintain_order=True).agg(rows=pl.len())
    order = rows.select(pl.col("method").unique(maintain_order=True)).with_row_index("place")
    counted = counted.join(order, on="method").sort("place", "rows", "class", descending=[False, True, False])
    return counted.select(
        "method",
        pl.col("class").fill_null(NO_CLASS),
        "rows",
        share=(pl.col("rows") / pl.sum("rows").over("method")).round(3),
    )


def reasons_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows without a class by reason, methods side by side; wordings that differ by a year or a rule are one."""
    reason = (
        pl.when(pl.col("reason").str.starts_with("no rule: "))
        .then(pl.lit("no rule, for a reviewed reason"))
        .otherwise(
            pl.col("reason")
            .str.replace(r" \(\d{4}\)$", "")
            .str.replace(r"^unit .*", "another unit than the rule's")
            .str.replace(r"^year \d+ is", "a year is")
            .str.replace(r", \d+ have data", ", fewer have data")
        )
    )
    lacking = rows.filter(pl.col("class").is_null()).with_columns(reason=reason.fill_null("(none given)"))
    table = lacking.group_by("reason", "method").agg(n=pl.len()).sort("method")
    wide = table.pivot("method", index="reason", values="n").fill_null(0)
    methods = [name for name in rows["method"].unique(maintain_order=True) if name in wide.columns]
    total = pl.sum_horizontal(methods) if methods else pl.lit(0)
    return wide.select("reason", *methods).sort(total, "reason", descending=[True, False])

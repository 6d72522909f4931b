"""The slice of each series that stands for it."""

from __future__ import annotations

import polars as pl

from serai.errors import InputError

__all__ = ["headline"]


def headline(observations: pl.DataFrame, headline_table: pl.DataFrame) -> pl.DataFrame:
    """Keep the headline slice of every series.

    A series the table does not speak of stands for itself by its total (``dimensions`` empty); one the table gives no
    slice (kind ``none``) has no headline.

    Args:
        observations: the observation table.
        headline_table: ``series, dimensions, kind`` (``all_total``, ``standing_slice`` or ``none``), one row a series.

    Returns:
        Rows of ``observations``, in their order, with their columns.

    Raises:
        InputError: a column is missing, or a series is listed twice.
    """
    for name, frame in (("observations", observations), ("headline table", headline_table)):
        for column in ("series", "dimensions"):
            if column not in frame.columns:
                raise InputError(f"{name}: column '{column}' is missing; found {', '.join(frame.columns)}")
    twice = headline_table["series"].filter(headline_table["series"].is_duplicated())
    if len(twice):
        raise InputError(f"headline table: series '{twice[0]}' has more than one row; keep one")
    table = headline_table.select(
        pl.col("series").cast(pl.String), _slice=pl.col("dimensions").cast(pl.String).fill_null(""), _kind="kind"
    )
    wanted = pl.when(pl.col("_kind").is_null()).then(pl.lit("")).when(pl.col("_kind") != "none").then("_slice")
    return (
        observations.join(table, on="series", how="left", maintain_order="left")
        .filter(pl.col("dimensions").fill_null("") == wanted)
        .drop("_slice", "_kind")
    )

"""Statements that someone published, beside what the sources held say on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

__all__ = ["CLAIMS", "STATES", "claims", "evidence"]

STATES: Mapping[str, str] = {
    "supported": "at least one source supports it and none contradicts it",
    "contradicted": "at least one source contradicts it and none supports it",
    "disputed": "sources support it and sources contradict it",
    "partly": "sources bear it out in part, none contradicts it",
    "unverified": "no source held supports or contradicts it",
    "judgement": "an opinion: nothing can support or contradict it, measures may bear on it",
    "forecast": "about the future: it cannot be tested yet",
}
"""State of a claim, always derived from the sources and never set by hand."""

CLAIMS: Mapping[str, Any] = {
    "claim": pl.String, "state": pl.String, "statement_en": pl.String, "statement_ru": pl.String, "kind": pl.String,
    "supports": pl.Int64, "contradicts": pl.Int64, "partly": pl.Int64, "context": pl.Int64, "measured_by": pl.String,
    "said_in": pl.String, "where": pl.String, "note": pl.String,
}  # fmt: skip
"""Columns of :func:`claims`; the counts are of sources."""

EVIDENCE: Mapping[str, Any] = {
    "claim": pl.String, "stance": pl.String, "source": pl.String, "publisher": pl.String, "url": pl.String,
    "says_en": pl.String, "says_ru": pl.String, "event": pl.String, "pledge": pl.String,
}  # fmt: skip
ORDER = ("supports", "contradicts", "partly", "context")


def claims(table: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """Every claim with its state.

    Args:
        table: the pack's ``claims``.
        sources: the pack's ``claim_sources``.

    Returns:
        One row per claim; columns as in :data:`CLAIMS`, states as in :data:`STATES`.
    """
    counts = {stance: pl.col("stance").eq(stance).sum().cast(pl.Int64).alias(stance) for stance in ORDER}
    joined = table.join(sources.group_by("claim").agg(*counts.values()), on="claim", how="left", maintain_order="left")
    joined = joined.with_columns(pl.col(stance).fill_null(0) for stance in ORDER)
    state = (
        pl.when(pl.col("kind") != "fact").then(pl.col("kind"))
        .when((pl.col("supports") > 0) & (pl.col("contradicts") > 0)).then(pl.lit("disputed"))
        .when(pl.col("contradicts") > 0).then(pl.lit("contradicted"))
        .when(pl.col("supports") > 0).then(pl.lit("supported"))
        .when(pl.col("partly") > 0).then(pl.lit("partly"))
        .otherwise(pl.lit("unverified"))
    )  # fmt: skip
    return joined.with_columns(state.alias("state")).select(pl.col(name).cast(kind) for name, kind in CLAIMS.items())


def evidence(sources: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """What each source says on each claim, supporting ones first; columns as in :data:`EVIDENCE`."""
    rank = pl.col("stance").replace_strict({name: place for place, name in enumerate(ORDER)}, return_dtype=pl.Int64)
    joined = sources.join(documents, on="source", how="left", maintain_order="left")
    return joined.sort("claim", rank, maintain_order=True).select(list(EVIDENCE))

"""The model against published times and prices: rows, how often it is right, and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from serai.publish.i18n import language
from serai.publish.sections.corridor import bars
from serai.publish.sections.corridor.words import WORDS

__all__ = ["picture", "rows_of", "tallies"]

Row = dict[str, Any]
Names = Mapping[str, Mapping[str, str]]
SHOWN = {"times": "fr:panel:published", "prices": "fr:panel:usd"}


def rows_of(table: pl.DataFrame, names: Names) -> list[Row]:
    """Rows with the names of their ends."""
    return [{**row, "ends": [names[row["from"]], names[row["to"]]]} for row in table.to_dicts()]


def tallies(times: pl.DataFrame) -> list[Row]:
    """How far off the model is, and how many published times lie in its ranges, by when they were held out and service.

    Returns:
        ``held, service, journeys, error`` (mean absolute residual, days), ``bias`` (mean residual), ``inside,
        inside_single``.
    """
    return (
        times.group_by("held", "service", maintain_order=True)
        .agg(
            pl.len().alias("journeys"),
            pl.col("residual").abs().mean().alias("error"),
            pl.col("residual").mean().alias("bias"),
            pl.col("inside", "inside_single").sum(),
        )
        .sort("held", "error")
        .to_dicts()
    )


def picture(kind: str, rows: list[Row], tongue: str) -> str:
    """Published figures against the model's; ``kind`` is times or prices."""
    points = [
        bars.Against(
            " – ".join(end.get(tongue) or end["en"] for end in row["ends"])
            + (f", {row['year']}" if row["year"] else ""),
            (row["published_low"], row["published"], row["published_high"]),
            (row["model_low"], row["model"], row["model_high"]),
            (row["single_low"], row["single_high"]) if kind == "times" else None,
        )
        for row in rows
        if row["model"] is not None
    ]
    return bars.spread(points, language(tongue).text(WORDS[SHOWN[kind]]))

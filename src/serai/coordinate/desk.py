"""The desk of an area: what providers say on its needs, funding, movements, power and water, side by side.

Nothing overwrites anything: two providers on one figure are two rows with their as-of dates. A figure withheld is a row
without a value and with its reason; a total over members says how many are in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from serai.region.notes_coordinate import Desk, Ratio

__all__ = ["DESK", "RATIOS", "TOTALS", "desk", "ratios", "totals"]

DESK: Mapping[str, Any] = {
    "area": pl.String, "topic": pl.String, "metric": pl.String, "counterpart": pl.List(pl.String),
    "period": pl.String, "value": pl.Float64, "unit": pl.String, "variant": pl.String, "as_of": pl.String,
    "provider": pl.String, "de_facto": pl.Boolean, "status": pl.String, "conflict": pl.Boolean,
    "source": pl.String, "note": pl.String,
}  # fmt: skip
"""Columns of :func:`desk`. ``conflict``: another provider gives another value for the same metric, counterpart, period
and variant; ``de_facto``: the figure comes from de facto authorities."""

RATIOS: Mapping[str, Any] = {
    "ratio": pl.String, "area": pl.String, "period": pl.String, "as_of": pl.String, "numerator": pl.Float64,
    "denominator": pl.Float64, "unit": pl.String, "percent": pl.Float64, "numerator_provider": pl.String,
    "denominator_provider": pl.String, "variant": pl.String, "formula": pl.String, "source": pl.String,
}  # fmt: skip

TOTALS: Mapping[str, Any] = {
    "metric": pl.String, "period": pl.String, "unit": pl.String, "provider": pl.String, "value": pl.Float64,
    "given": pl.Int64, "withheld": pl.Int64, "missing": pl.Int64, "members": pl.Int64, "complete": pl.Boolean,
    "withheld_by": pl.List(pl.String), "missing_from": pl.List(pl.String),
}  # fmt: skip
"""Columns of :func:`totals`: ``value`` is the sum of what is given; it is the total only where ``complete``."""

USABLE = ("published", "disputed")
SAME = ("metric", "counterpart", "period", "variant")
Row = dict[str, Any]


def desk(table: pl.DataFrame, notes: Desk, area: str) -> pl.DataFrame:
    """Every figure of one area, in the order of topics and metrics of the pack.

    Args:
        table: the pack's ``desk``.
        notes: the pack's ``desk.toml``.
        area: code of the area.

    Returns:
        Columns as in :data:`DESK`; empty where the pack holds nothing on the area.
    """
    de_facto = [provider.id for provider in notes.provider if provider.de_facto]
    mine = table.filter(pl.col("area") == area).with_columns(
        pl.col("provider").is_in(de_facto).alias("de_facto"),
        pl.col("value")
        .n_unique()
        .over(SAME)
        .gt(1)
        .and_(pl.col("provider").n_unique().over(SAME) > 1)
        .alias("conflict"),
        _rank("topic", [entry.id for entry in notes.topic]),
        _rank("metric", [entry.id for entry in notes.metric]),
    )
    ordered = mine.sort("topic_rank", "metric_rank", "period", "counterpart", "as_of", maintain_order=True)
    split = ordered.with_columns(pl.col("counterpart").str.split(" ").list.filter(pl.element() != ""))
    return split.select(pl.col(name).cast(kind) for name, kind in DESK.items())


def _rank(column: str, ids: list[str]) -> pl.Expr:
    place = {name: number for number, name in enumerate(ids)}
    return pl.col(column).replace_strict(place, default=len(ids), return_dtype=pl.Int64).alias(f"{column}_rank")


def ratios(table: pl.DataFrame, notes: Desk, areas: Iterable[str]) -> pl.DataFrame:
    """The shares of the pack, one row per figure of the numerator: an earlier as-of stays beside a later one.

    The denominator is the last version of the same area and period: a revised one before the original.

    Returns:
        Columns as in :data:`RATIOS`; ``percent`` is not rounded.
    """
    wanted = set(areas)
    rows = [row for row in table.iter_rows(named=True) if row["area"] in wanted and row["status"] in USABLE]
    found = [line for ratio in notes.ratio for line in _ratio(ratio, rows)]
    return pl.DataFrame(found, schema=dict(RATIOS), orient="row").sort("ratio", "area", "period", "as_of")


def _ratio(ratio: Ratio, rows: list[Row]) -> Iterable[Row]:
    below: dict[tuple[str, str, str, str], Row] = {}
    for row in rows:
        if row["metric"] == ratio.denominator:
            key = (row["area"], row["period"], row["counterpart"], row["unit"])
            below[key] = max((below.get(key, row), row), key=_version)
    for row in rows:
        other = below.get((row["area"], row["period"], row["counterpart"], row["unit"]))
        if row["metric"] == ratio.numerator and other is not None and other["value"]:
            yield {
                "ratio": ratio.id, "area": row["area"], "period": row["period"], "as_of": row["as_of"],
                "numerator": row["value"], "denominator": other["value"], "unit": row["unit"],
                "percent": 100 * row["value"] / other["value"], "numerator_provider": row["provider"],
                "denominator_provider": other["provider"], "variant": other["variant"], "formula": ratio.formula,
                "source": row["source"],
            }  # fmt: skip


def _version(row: Row) -> tuple[int, str]:
    return {"original": 0, "": 1, "revised": 2}.get(row["variant"], 1), row["as_of"]


def totals(table: pl.DataFrame, members: Iterable[str], metrics: Iterable[str] | None = None) -> pl.DataFrame:
    """Sums over the members of figures without a counterpart; what is withheld or missing is counted, never zero.

    Args:
        table: the pack's ``desk``.
        members: areas the sum is over.
        metrics: metrics to sum; by default all that more than one member has.

    Returns:
        One row per metric, period, unit and provider; columns as in :data:`TOTALS`.
    """
    wanted = list(members)
    rows = table.filter(
        pl.col("area").is_in(wanted) & (pl.col("counterpart") == "") & (pl.col("variant") == "")
        & pl.col("status").is_in([*USABLE, "withheld"])
    )  # fmt: skip
    if metrics is None:
        several = rows.group_by("metric").agg(pl.col("area").n_unique()).filter(pl.col("area") > 1)
        rows = rows.filter(pl.col("metric").is_in(several["metric"].to_list()))
    else:
        rows = rows.filter(pl.col("metric").is_in(list(metrics)))
    last = rows.sort("as_of").group_by("metric", "period", "unit", "provider", "area", maintain_order=True).last()
    groups = last.group_by("metric", "period", "unit", "provider", maintain_order=True)
    lines = [_total(key, group, wanted) for key, group in groups]
    return pl.DataFrame(lines, schema=dict(TOTALS), orient="row").sort("metric", "period", "provider")


def _total(key: tuple[object, ...], group: pl.DataFrame, members: list[str]) -> Row:
    held = group.filter(pl.col("status") == "withheld")["area"].to_list()
    given = group.filter(pl.col("status") != "withheld")
    missing = [area for area in members if area not in {*given["area"], *held}]
    return {
        **dict(zip(("metric", "period", "unit", "provider"), key, strict=True)),
        "value": given["value"].sum() if given.height else None,
        "given": given.height, "withheld": len(held), "missing": len(missing), "members": len(members),
        "complete": given.height == len(members),
        "withheld_by": [area for area in members if area in held], "missing_from": missing,
    }  # fmt: skip

"""Where an area stands among its peers: rank in a group of countries, and distance to the group's best."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from serai.assess.spans import spans

__all__ = ["FEWEST_PEERS", "PEERS", "PEER_GOALS", "peer_goals", "peers"]

FEWEST_PEERS = 5
"""A rank among fewer countries says little; it is not given."""

PEERS: dict[str, pl.DataType] = {
    "area": pl.String(),
    "series": pl.String(),
    "dimensions": pl.String(),
    "unit": pl.String(),
    "direction": pl.Int8(),
    "latest_year": pl.Int32(),
    "latest_value": pl.Float64(),
    "latest_bound": pl.String(),
    "rank": pl.Int64(),
    "of": pl.Int64(),
    "median": pl.Float64(),
    "best_area": pl.String(),
    "best_year": pl.Int32(),
    "best_value": pl.Float64(),
    "best_shared": pl.Int64(),
    "distance": pl.Float64(),
    "reason": pl.String(),
    "provider": pl.String(),
    "release": pl.Date(),
    "nature": pl.String(),
}
"""Columns of :func:`peers`."""

PEER_GOALS: dict[str, pl.DataType] = {
    "method": pl.String(),
    "area": pl.String(),
    "goal": pl.String(),
    "score": pl.Float64(),
    "rank": pl.Int64(),
    "of": pl.Int64(),
    "median": pl.Float64(),
    "best_area": pl.String(),
    "best_score": pl.Float64(),
    "distance": pl.Float64(),
    "indicators": pl.Int64(),
    "indicators_with_data": pl.Int64(),
    "reason": pl.String(),
}
"""Columns of :func:`peer_goals`."""

LEAST_EVIDENCE = 1 / 3
"""Share of a goal's official indicators that must have data for its mean score to be ranked."""

_SERIES = ("provider", "series", "dimensions")


def peers(
    observations: pl.DataFrame,
    rules: pl.DataFrame,
    group: Collection[str],
    *,
    areas: Collection[str] | None = None,
    start: int = 2015,
    end: int = 2030,
) -> pl.DataFrame:
    """Rank of each area among a group of countries, series by series, and its distance to the group's best.

    Compared are latest values since ``start``, whatever their years (which stand beside them), in the direction of the
    series' rule; a parity index is compared by its distance from one. Equal values share the better rank.

    Args:
        observations: headline figures of the whole group, as for :func:`progress`.
        rules, start, end: as for :func:`progress`.
        group: codes of the countries compared.
        areas: which areas get rows; by default the whole group. One outside the group is compared with it too.

    Returns:
        One row for every series and area in ``observations`` that is asked for; columns as in ``PEERS``. Rank 1 is the
        best of ``of``; ``distance`` is what separates the area from the best, in units, never negative (a parity
        index: of its distance from one); ``best_shared`` counts the countries at the best value; ``reason`` says why
        there is no rank.

    Raises:
        InputError: as for :func:`progress`.
    """
    wanted, among = set(group if areas is None else areas), set(group)
    found = spans(observations.filter(pl.col("area").is_in(wanted | among)), rules, start, end)
    frame = found.keys.with_columns(able=pl.col("blocked").is_null(), well=pl.col("direction") * pl.col("yt"))
    inside = pl.col("area").is_in(among) & pl.col("able")
    field = frame.filter(inside).group_by(_SERIES).agg(
        everyone=pl.col("well"),
        best=pl.col("well").max(),
        median=pl.col("latest_value").median(),
        first=pl.struct(
            best_area=pl.col("area"), best_year=pl.col("latest_year"), best_value=pl.col("latest_value")
        ).sort_by(-pl.col("well"), "area").first(),
        best_shared=(pl.col("well") == pl.col("well").max()).sum().cast(pl.Int64),
    ).unnest("first")  # fmt: skip
    frame = frame.filter(pl.col("area").is_in(wanted)).join(field, on=_SERIES, how="left", maintain_order="left")
    frame = _places(frame, among)
    return frame.sort("series", "area", "dimensions", "provider").select(
        pl.col(name).cast(dtype) for name, dtype in PEERS.items()
    )


def _places(frame: pl.DataFrame, among: Collection[str]) -> pl.DataFrame:
    """Rank and distance, where enough countries can be compared."""
    inside = pl.col("area").is_in(list(among))
    of = pl.col("everyone").list.len().fill_null(0).cast(pl.Int64) + pl.when(inside).then(0).otherwise(1)
    better = (pl.col("everyone") - pl.col("well")).list.eval((pl.element() > 0).sum()).list.first()
    few = pl.format("fewer than {} countries of the group have figures", pl.lit(FEWEST_PEERS))
    frame = frame.with_columns(of=of, reason=pl.coalesce("blocked", pl.when(of < FEWEST_PEERS).then(few)))
    ranked = pl.col("reason").is_null()
    frame = frame.with_columns(
        rank=pl.when(ranked).then(1 + better.fill_null(0).cast(pl.Int64)),
        distance=pl.when(ranked).then(pl.max_horizontal(pl.col("best") - pl.col("well"), pl.lit(0.0))),
    )
    shown = ("median", "best_area", "best_year", "best_value", "best_shared")
    return frame.with_columns(pl.when(ranked).then(pl.col(name)).alias(name) for name in shown)


def peer_goals(goals: pl.DataFrame, group: Collection[str], *, areas: Collection[str] | None = None) -> pl.DataFrame:
    """Rank of each area on each goal by its mean score among a group of countries.

    Args:
        goals: as from :func:`goal_status`, for the whole group and ``areas``, one method or several.
        group, areas: as for :func:`peers`.

    Returns:
        One row a method, area and goal; columns as in ``PEER_GOALS``, in the method's points. Only scores with data on
        a third of the goal's official indicators are ranked or ranked against: a country is not best for want of data.
    """
    among = set(group)
    wanted = among if areas is None else set(areas)
    known = pl.col("indicators_with_data") >= LEAST_EVIDENCE * pl.col("indicators")
    scored = goals.filter(pl.col("area").is_in(among) & pl.col("score").is_not_null() & known)
    by = ("method", "goal")
    field = scored.group_by(by).agg(
        everyone=pl.col("score"),
        median=pl.col("score").median(),
        best_area=pl.col("area").sort_by(-pl.col("score"), "area").first(),
        best_score=pl.col("score").max(),
    )
    frame = goals.filter(pl.col("area").is_in(wanted)).join(field, on=by, how="left", maintain_order="left")
    inside = pl.col("area").is_in(among)
    of = pl.col("everyone").list.len().fill_null(0).cast(pl.Int64) + pl.when(inside).then(0).otherwise(1)
    better = (pl.col("everyone") - pl.col("score")).list.eval((pl.element() > 0).sum()).list.first()
    few = pl.format("fewer than {} countries of the group have figures", pl.lit(FEWEST_PEERS))
    thin = pl.when(~known).then(pl.lit("fewer than a third of the indicators have data"))
    none = pl.when(pl.col("score").is_null()).then(pl.coalesce("reason", pl.lit("no data"))).otherwise(thin)
    frame = frame.with_columns(of=of, reason=pl.coalesce(none, pl.when(of < FEWEST_PEERS).then(few)))
    ranked = pl.col("reason").is_null()
    frame = frame.with_columns(
        rank=pl.when(ranked).then(1 + better.fill_null(0).cast(pl.Int64)),
        distance=pl.when(ranked).then(pl.max_horizontal(pl.col("best_score") - pl.col("score"), pl.lit(0.0))),
    )
    shown = ("median", "best_area", "best_score")
    frame = frame.with_columns(pl.when(ranked).then(pl.col(name)).alias(name) for name in shown)
    order = pl.col("goal").cast(pl.Int32, strict=False)
    return frame.sort("method", "area", order).select(pl.col(name).cast(dtype) for name, dtype in PEER_GOALS.items())

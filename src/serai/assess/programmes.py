"""Targets of programmes of action: growth required against growth observed, with the arithmetic in the table."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

__all__ = ["PROGRAMMES", "programme_status"]

LOOKBACK = 10
"""Years over which growth is observed, as far as figures go."""

SHORTEST = 3
"""Growth over fewer years is not called a trend."""

PROGRAMMES: dict[str, pl.DataType] = {
    "programme": pl.String(),
    "id": pl.String(),
    "area": pl.String(),
    "series": pl.String(),
    "reading": pl.String(),
    "factor": pl.Float64(),
    "deadline": pl.Int32(),
    "first_year": pl.Int32(),
    "first_value": pl.Float64(),
    "last_year": pl.Int32(),
    "last_value": pl.Float64(),
    "needed_value": pl.Float64(),
    "observed_rate": pl.Float64(),
    "required_rate": pl.Float64(),
    "reached_factor": pl.Float64(),
    "rest_rate": pl.Float64(),
    "answer": pl.String(),
    "reason": pl.String(),
    "unit": pl.String(),
    "provider": pl.String(),
    "release": pl.Date(),
    "nature": pl.String(),
}
"""Columns of :func:`programme_status`."""


def programme_status(
    observations: pl.DataFrame, targets: pl.DataFrame, areas: Sequence[str], *, whole: Sequence[str] = ()
) -> pl.DataFrame:
    """Required against observed growth for every target that a series can speak to.

    The base is the latest figure, since programmes seldom name one: required is ``factor ** (1 / years left) - 1``.
    Observed is the compound growth over the last ten years of figures (for a series of yearly rates: those rates
    compounded). ``reached_factor`` is where the observed growth leads by the deadline. Where the series is a share of a
    whole, ``rest_rate`` is how fast the whole must grow for the level to reach the factor while the share grows as
    observed: the share alone cannot say whether the level does.

    Args:
        observations: headline figures.
        targets: ``programme, id, factor, deadline, series, reading, reason``, as in a pack's ``programme_targets``.
        areas: areas that get rows.
        whole: further areas to report, such as the group the programme is for.

    Returns:
        One row a target and area; a target without a series has one row without an area. Columns as in
        ``PROGRAMMES``: rates are shares a year; ``answer`` is ``on_course``, ``not_on_course``, ``partly`` (only the
        share is at hand) or empty, and then ``reason`` says why there is none.
    """
    wanted = targets.filter(pl.col("factor").is_not_null() | (pl.col("reason").fill_null("") != ""))
    rows = []
    for target in wanted.iter_rows(named=True):
        if not target["series"]:
            rows.append({**_head(target, None), "reason": target["reason"] or "no series at hand measures it"})
            continue
        figures = observations.filter((pl.col("series") == target["series"]) & pl.col("value").is_finite())
        rows += [_row(target, area, figures.filter(pl.col("area") == area)) for area in (*whole, *areas)]
    return pl.DataFrame(rows, schema=PROGRAMMES, orient="row")


def _head(target: dict[str, object], area: str | None) -> dict[str, object]:
    empty = dict.fromkeys(PROGRAMMES)
    kept = ("programme", "id", "series", "reading", "factor", "deadline")
    return {**empty, **{name: target[name] or None for name in kept}, "area": area}


def _row(target: dict[str, object], area: str, figures: pl.DataFrame) -> dict[str, object]:
    """One target and area: the arithmetic, or why there is none."""
    row = _head(target, area)
    points = figures.unique("period", keep="last").sort("period").tail(LOOKBACK + 1)
    if not points.is_empty():
        points = points.filter(pl.col("period") >= points["period"].max() - LOOKBACK)  # type: ignore[operator]
    if points.height < SHORTEST:
        return {**row, "reason": "fewer than three years of figures"}
    first, last = points.row(0, named=True), points.row(-1, named=True)
    deadline, factor = int(str(target["deadline"])), float(str(target["factor"]))
    left = deadline - last["period"]
    row |= {name: last[name] for name in ("unit", "provider", "release", "nature")}
    row |= {"first_year": first["period"], "first_value": first["value"]}
    row |= {"last_year": last["period"], "last_value": last["value"]}
    if left <= 0:
        return {**row, "reason": "the deadline is past"}
    observed = _growth(points, target["reading"] == "rate")
    if observed is None:
        return {**row, "reason": "no growth rate: a figure is zero or below"}
    required = factor ** (1 / left) - 1
    row |= {"observed_rate": observed, "required_rate": required, "reached_factor": (1 + observed) ** left}
    if target["reading"] != "rate":
        row["needed_value"] = factor * last["value"]
    if target["reading"] == "share":
        row["rest_rate"] = (1 + required) / (1 + observed) - 1
        return {**row, "answer": "partly"}
    return {**row, "answer": "on_course" if observed >= required else "not_on_course"}


def _growth(points: pl.DataFrame, rates: bool) -> float | None:
    """Compound yearly growth over the points, as a share."""
    if rates:
        steps = (1 + points["value"] / 100).to_list()[1:]
        product = 1.0
        for step in steps:
            product *= step
        return float(product ** (1 / len(steps)) - 1) if product > 0 else None
    first, last = points.row(0, named=True), points.row(-1, named=True)
    if first["value"] <= 0 or last["value"] <= 0:
        return None
    return float((last["value"] / first["value"]) ** (1 / (last["period"] - first["period"])) - 1)

"""Progress of every series by a published method: inputs, class, score, and the reason where there is no class."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from serai.assess import escap, eurostat, sdsn, statcan, unsd
from serai.assess._outcome import OUTCOME
from serai.assess.methods import method as known
from serai.assess.spans import Spans, spans

__all__ = ["PROGRESS", "judge", "progress"]

PROGRESS: dict[str, pl.DataType] = {
    "method": pl.String(),
    "area": pl.String(),
    "series": pl.String(),
    "dimensions": pl.String(),
    "unit": pl.String(),
    "direction": pl.Int8(),
    "target": pl.Float64(),
    "target_year": pl.Int32(),
    "limit": pl.Float64(),
    "base_year": pl.Int32(),
    "base_value": pl.Float64(),
    "base_bound": pl.String(),
    "latest_year": pl.Int32(),
    "latest_value": pl.Float64(),
    "latest_bound": pl.String(),
    "observed_rate": pl.Float64(),
    "required_rate": pl.Float64(),
    "value": pl.Float64(),
    "class": pl.String(),
    "score": pl.Float64(),
    "reason": pl.String(),
    "provider": pl.String(),
    "release": pl.Date(),
    "nature": pl.String(),
    "remark": pl.String(),
}
"""Columns of a progress table. ``remark`` says what a reader of the figure should know: a zero replaced, a bound used
as a number, a target met before."""

_FORMULAS: Mapping[str, Callable[[Spans], pl.DataFrame]] = {
    "statcan": statcan.classify,
    "unsd": unsd.three_classes,
    "unsd5": unsd.five_classes,
    "escap": escap.classify,
    "eurostat": eurostat.classify,
}
_DIFFERENCES = frozenset({"escap", "sdsn"})
"""Methods of differences, which have something to say about a single year, and about a series that is a rate of change
already; the others take compound growth."""


def progress(
    observations: pl.DataFrame,
    rules: pl.DataFrame,
    method: str = "statcan",
    start: int = 2015,
    end: int = 2030,
    *,
    world: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Progress of every series and area in ``observations`` by one method.

    Args:
        observations: the observation table, reduced to the slices to be judged (see :func:`headline`).
        rules: the reviewed rules: direction, target, limits and unit of each series.
        method: one of :func:`methods`.
        start: base year; the first later year with data where it has none.
        end: year the targets are set for.
        world: figures of all countries, from which ``sdsn`` takes its bounds; by default ``observations``.

    Returns:
        One row for every provider, series, area and dimensions in ``observations``, sorted; columns as in
        ``PROGRESS``. ``class`` is null exactly where ``reason`` says why. Rates are shares a year (``escap``: units,
        ``sdsn``: points of the score).

    Raises:
        UnknownName: no such method.
        InputError: a column is missing, a series has two rules, or ``end`` is not after ``start``.
    """
    known(method)
    found = spans(observations, rules, start, end)
    limits = None
    if method == "sdsn":
        limits = sdsn.bounds(found if world is None else spans(world, rules, start, end))
    return judge(found, method, limits)


def judge(found: Spans, method: str, limits: pl.DataFrame | None = None) -> pl.DataFrame:
    """Progress of prepared series by one method.

    Args:
        found: series with their rule, base and latest value.
        method: one of :func:`methods`.
        limits: bounds for ``sdsn``, as from ``sdsn.bounds``; by default taken from ``found``.

    Returns:
        As :func:`progress`.
    """
    if method == "sdsn":
        made = sdsn.classify(found, sdsn.bounds(found) if limits is None else limits)
    else:
        made = _FORMULAS[known(method).id](found)
    frame = pl.concat([found.keys.drop("reason", strict=False), made], how="horizontal")
    blocked = pl.col("blocked") if method in _DIFFERENCES else pl.coalesce("blocked", "lone", "rate")
    free = blocked.is_null()
    frame = frame.with_columns(pl.when(free).then(pl.col(name)).alias(name) for name in OUTCOME if name != "reason")
    classed = pl.col("class").is_not_null()
    reason = pl.coalesce(blocked, "reason", pl.lit("the formula gives no finite figure here"))
    return frame.with_columns(
        method=pl.lit(method),
        reason=pl.when(~classed).then(reason),
        remark=pl.when(classed).then(_remarks()),
    ).select(pl.col(name).cast(dtype) for name, dtype in PROGRESS.items())


def _remarks() -> pl.Expr:
    """The method's own remark, and what the figures carry with them."""
    bounded = (pl.col("base_bound").fill_null("") != "") | (pl.col("latest_bound").fill_null("") != "")
    notes = pl.concat_list(
        "remark",
        pl.when(bounded).then(pl.lit("a published bound is used as its number")),
        pl.when("parity").then(pl.lit("parity index: distance from one")),
        pl.when(pl.col("broken") > 0).then(pl.format("{} values are not finite and were left aside", "broken")),
    )
    return notes.list.drop_nulls().list.join("; ").replace("", None)

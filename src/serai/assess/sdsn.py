"""The SDG Index: scores, colours and trend arrows of the Sustainable Development Report.

Source: Lafortune, Fuller, Moreno, Schmidt-Traub and Kroll, "SDG Index and Dashboards: detailed methodological paper",
2018; Sachs et al., Sustainable Development Report 2020. Formulas are facts of those papers; the code is ours. The
report's own bounds may not be shipped; :func:`bounds` derives bounds for other series by the report's rule.
"""

from __future__ import annotations

import polars as pl

from serai.assess._outcome import outcome
from serai.assess.spans import Spans

__all__ = ["arrow", "bounds", "classify", "colour", "goal_colours", "goal_scores", "index", "score"]

COUNTRY = r"^[A-Z]{3}$"
FEWEST = 20
"""Countries below which a percentile of the world says nothing."""

TIE = 1e-9
"""Share of the range within which a value counts as at its threshold: 0.85 is the midpoint of 0.8 and 0.9."""

COLOURS = ("red", "orange", "yellow", "green")


def _share(value: pl.Expr) -> pl.Expr:
    """Where a value lies between lower bound (0) and optimum (1), not clipped."""
    return (value - pl.col("lower")) / (pl.col("optimum") - pl.col("lower"))


def score(value: pl.Expr) -> pl.Expr:
    """Score from 0 (``lower``) to 100 (``optimum``), clipped."""
    return (100 * _share(value)).clip(0, 100)


def _middle() -> pl.Expr:
    return (pl.col("green") + pl.col("red")) / 2


def colour(value: pl.Expr) -> pl.Expr:
    """Green at the ``green`` threshold, red beyond the ``red`` one, orange and yellow cut at their midpoint."""
    at = _share(value) + TIE
    return (
        pl.when(at >= _share(pl.col("green")))
        .then(pl.lit("green"))
        .when(_share(value) < _share(pl.col("red")) - TIE)
        .then(pl.lit("red"))
        .when(at >= _share(_middle()))
        .then(pl.lit("yellow"))
        .when(value.is_not_null())
        .then(pl.lit("orange"))
    )


def rating(value: pl.Expr) -> pl.Expr:
    """A value rescaled to 0 (lower bound), 1 (red), 1.5 (middle), 2 (green) and 3 (optimum), linear between."""
    knots = [pl.col("lower"), pl.col("red"), _middle(), pl.col("green"), pl.col("optimum")]
    at = _share(value)
    places = (0.0, 1.0, 1.5, 2.0, 3.0)
    found = pl.lit(0.0)
    for low, high, bottom, top in zip(knots, knots[1:], places, places[1:], strict=False):
        width = _share(high) - _share(low)
        step = (
            pl.when(width > 0).then(((at - _share(low)) / width).clip(0, 1)).otherwise((at >= _share(high)).cast(float))
        )
        found = found + (top - bottom) * step
    return pl.when(value.is_not_null()).then(found)


def arrow(ratio: pl.Expr, *, at_green: pl.Expr, moves: pl.Expr) -> pl.Expr:
    """Trend from the observed over the required yearly change: cuts at 1 and 1/2; a change for the worse decreases."""
    return (
        pl.when(at_green)
        .then(pl.lit("on_track"))
        .when(moves < 0)
        .then(pl.lit("decreasing"))
        .when(ratio >= 1)
        .then(pl.lit("on_track"))
        .when(ratio >= 0.5)
        .then(pl.lit("moderately_improving"))
        .when(ratio >= 0)
        .then(pl.lit("stagnating"))
    )


def trend(frame: pl.DataFrame, end: int = 2030) -> pl.DataFrame:
    """Arrow of every row from two values and the ``green`` threshold, on unclipped scores.

    Args:
        frame: ``y0, yt, base_year, latest_year, lower, optimum, green``.
        end: year by which the threshold is to be reached.

    Returns:
        The frame with ``rate`` and ``need`` (points of the 0-100 score a year), ``ratio`` and ``arrow``.
    """
    early, late, green = (100 * _share(pl.col(name)) for name in ("y0", "yt", "green"))
    years = (pl.col("latest_year") - pl.col("base_year")).cast(pl.Float64)
    horizon = (end - pl.col("base_year")).cast(pl.Float64)
    frame = frame.with_columns(rate=pl.when(years > 0).then((late - early) / years), need=(green - early) / horizon)
    frame = frame.with_columns(ratio=pl.col("rate") / pl.col("need"))
    at_green = (late + 100 * TIE >= green).fill_null(value=False)
    return frame.with_columns(arrow=arrow(pl.col("ratio"), at_green=at_green, moves=pl.col("rate")))


def bounds(world: Spans) -> pl.DataFrame:
    """Bounds of every series by the report's rule, from the latest values of all countries.

    Optimum: the 2030 value, or the mean of the five best countries where there is none (or where it is a factor of
    each country's own base). Lower bound: the 2.5th percentile at the worst end. Green threshold: the optimum.

    Args:
        world: series of all countries; groups and regions of countries are left aside.

    Returns:
        ``provider, series, dimensions, lower, optimum, green, countries``; ``lower`` is null below 20 countries.
    """
    rows = world.keys.filter(
        pl.col("area").str.contains(COUNTRY) & pl.col("yt").is_not_null() & pl.col("blocked").is_null()
    )
    own = pl.when(pl.col("target_type") != "factor").then("target")
    best = pl.col("better").sort(descending=True).head(5).mean()
    shape = (
        rows.with_columns(better=pl.col("direction") * pl.col("yt"), aim=own)
        .group_by("provider", "series", "dimensions", maintain_order=True)
        .agg(
            direction=pl.col("direction").first(),
            aim=pl.col("aim").first(),
            top=best,
            worst=pl.col("better").quantile(0.025, "linear"),
            countries=pl.len(),
        )
    )
    optimum = pl.coalesce(pl.col("aim"), pl.col("direction") * pl.col("top"))
    lower = pl.when(pl.col("countries") >= FEWEST).then(pl.col("direction") * pl.col("worst"))
    return shape.select(
        "provider", "series", "dimensions", lower=lower, optimum=optimum, green=optimum, countries="countries"
    )


def classify(spans: Spans, limits: pl.DataFrame) -> pl.DataFrame:
    """Trend arrow and 0-100 score of every series.

    Args:
        spans: series with rule, base and latest value.
        limits: ``provider, series, dimensions, lower, optimum, green``, as from :func:`bounds`.

    Returns:
        One row a series: the columns of ``OUTCOME``; rates in points of the score a year, ``value`` their ratio.
        A single year gives a score and no arrow.
    """
    on = ["provider", "series", "dimensions"]
    frame = spans.keys.join(limits, on=on, how="left", maintain_order="left")
    frame = trend(frame, spans.end)
    usable = pl.col("direction") * (pl.col("optimum") - pl.col("lower")) > 0
    usable = usable.fill_null(value=False)
    few = pl.format("bounds need {} countries, {} have data", pl.lit(FEWEST), pl.col("countries").fill_null(0))
    lone = pl.col("lone").is_not_null()
    return outcome(
        frame,
        observed_rate=pl.when(usable).then("rate"),
        required_rate=pl.when(usable).then("need"),
        value=pl.when(usable).then("ratio"),
        score=pl.when(usable).then(score(pl.col("yt"))),
        reason=pl.when(pl.col("lower").is_null())
        .then(few)
        .when(~usable)
        .then(pl.lit("the worst countries are at the optimum: no range to score on"))
        .when(lone)
        .then("lone"),
        remark=pl.when(pl.col("target").is_null() | (pl.col("target_type") == "factor"))
        .then(pl.lit("threshold: mean of the five best countries"))
        .otherwise(pl.lit("threshold: the 2030 value")),
        **{"class": pl.when(usable & ~lone).then("arrow")},
    )


def goal_scores(scores: pl.DataFrame) -> pl.DataFrame:
    """Goal scores: the mean of a goal's indicators.

    Args:
        scores: ``area, goal, score``, one row an indicator; nulls count as missing.

    Returns:
        ``area, goal, score``.
    """
    return scores.group_by("area", "goal", maintain_order=True).agg(pl.col("score").mean())


def index(goals: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    """The SDG Index: the mean of all goals, a missing goal taking the score of the area's region.

    Args:
        goals: ``area, goal, score``, every goal of every area present, null where missing.
        regions: ``area, goal, regional``, what to put in place of a missing goal.

    Returns:
        ``area, index, filled`` (how many goals were taken from the region).
    """
    frame = goals.join(regions, on=["area", "goal"], how="left", maintain_order="left")
    return frame.group_by("area", maintain_order=True).agg(
        index=pl.coalesce("score", "regional").mean(), filled=pl.col("score").is_null().sum()
    )


def goal_colours(indicators: pl.DataFrame) -> pl.DataFrame:
    """Goal colours from the two worst indicators, rescaled to 0-3.

    Their mean cuts at 2, 1.5 and 1; green only if every indicator is green, red only if both of the two are red.

    Args:
        indicators: ``area, goal, value, lower, optimum, green, red``, one row an indicator.

    Returns:
        ``area, goal, rating, colour``.
    """
    rated = indicators.drop_nulls("value").with_columns(rating=rating(pl.col("value")), colour=colour(pl.col("value")))
    goals = rated.group_by("area", "goal", maintain_order=True).agg(
        rating=pl.col("rating").sort().head(2).mean(),
        all_green=(pl.col("colour") == "green").all(),
        both_red=(pl.col("colour").sort_by("rating").head(2) == "red").all(),
    )
    cut = (
        pl.when(pl.col("rating") >= 2)
        .then(pl.when("all_green").then(pl.lit("green")).otherwise(pl.lit("yellow")))
        .when(pl.col("rating") >= 1.5)
        .then(pl.lit("yellow"))
        .when(pl.col("rating") >= 1)
        .then(pl.lit("orange"))
        .otherwise(pl.when("both_red").then(pl.lit("red")).otherwise(pl.lit("orange")))
    )
    return goals.select("area", "goal", "rating", colour=cut)

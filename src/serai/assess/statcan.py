"""Statistics Canada's measure of progress, as in Open SDG 2.4.

Formulas are facts of the published measure (Statistics Canada, 2026 results; Open SDG, "Progress measurement
methodology"); the code is ours.
"""

from __future__ import annotations

import polars as pl

from serai.assess._outcome import band, growth, met, outcome
from serai.assess.spans import Spans

__all__ = ["CLASSES_BY_SCORE", "classify", "limit_coefficient", "score_growth", "score_ratio"]

ZERO = 0.001
"""A zero base, and a zero target, are published as this. Zero in both years is no change: no published case."""

BACK = "deterioration"
RATIO_CUTS = ((0.95, "substantial_progress"), (0.60, "moderate_progress"), (0.0, "limited_progress"))
GROWTH_CUTS = ((0.015, "substantial_progress"), (0.005, "moderate_progress"), (0.0, "limited_progress"))
CLASSES_BY_SCORE = ((2.5, "substantial_progress"), (0.0, "moderate_progress"), (-2.5, "limited_progress"))

POWER = 4.44


def limit_coefficient(base: pl.Expr, limit: pl.Expr) -> pl.Expr:
    """How far the growth cuts shrink near a natural limit: 1 far from it, 0 at it, 1 where there is none.

    Up to the limit 1 - (y0/yL)^4.44; beyond it, as for a minimum, the mirror image, and 1 from twice the limit on. The
    published results hold maxima only; the mirrored side is unchecked.
    """
    base, limit = base.abs(), limit.abs()
    return (
        pl.when(limit.is_null() | (base >= 2 * limit))
        .then(1.0)
        .when(base <= limit)
        .then(1 - (base / limit).pow(POWER))
        .otherwise(1 - ((2 * limit - base) / limit).pow(POWER))
    )


def score_ratio(ratio: pl.Expr) -> pl.Expr:
    """Score from -5 to 5 of observed over required growth, with the constants as published."""
    return pl.when(ratio >= 0.6).then(7.1429 * ratio - 4.2857).otherwise(4.1667 * ratio - 2.5).clip(-5, 5)


def score_growth(rate: pl.Expr, coefficient: pl.Expr) -> pl.Expr:
    """Score from -5 to 5 of growth in the desired direction, without a target.

    Linear through (-2 %, -5), (0, -2.5), (0.5 % C, 0), (1.5 % C, 2.5) and (2 % C, 5).
    """
    scaled = rate / coefficient
    return (
        pl.when(rate < 0)
        .then(125 * rate - 2.5)
        .when(coefficient == 0)
        .then(5.0)
        .when(scaled >= 0.015)
        .then(500 * scaled - 5)
        .when(scaled >= 0.005)
        .then(250 * scaled - 1.25)
        .otherwise(500 * scaled - 2.5)
        .clip(-5, 5)
    )


def classify(spans: Spans) -> pl.DataFrame:
    """Class and score of every series by the StatCan measure.

    With a target, the observed over the required compound growth rate is cut at 0.95, 0.60 and 0; without one, the
    observed rate at 1.5 %, 0.5 % and 0, shrunk near a limit. A target that is met gives 5 whatever the growth.

    Args:
        spans: series with rule, base and latest value.

    Returns:
        One row a series: the columns of ``OUTCOME``; rates a year, ``value`` the ratio or the growth rate.
    """
    still = (pl.col("y0") == 0) & (pl.col("yt") == 0)
    # The published substitute must stay below the latest figure, or a rise from zero would read as a fall.
    tiny = (pl.col("yt") != 0) & (pl.col("yt").abs() < ZERO)
    frame = spans.keys.with_columns(
        base=pl.when(pl.col("y0") != 0).then("y0").when(tiny).then(pl.col("yt") * ZERO).otherwise(ZERO),
        aim=pl.when(pl.col("target") == 0).then(ZERO).otherwise("target"),
        C=limit_coefficient(pl.col("base_value"), pl.col("limit")),
        horizon=(spans.end - pl.col("base_year")).cast(pl.Float64),
    )
    base, latest, aim, direction = pl.col("base"), pl.col("yt"), pl.col("aim"), pl.col("direction")
    turns = base * latest < 0
    observed = pl.when(still).then(0.0).when(~turns).then(growth(base, latest, pl.col("years")))
    required = pl.when(base * aim > 0).then(growth(base, aim, pl.col("horizon")))
    frame = frame.with_columns(
        achieved=met(latest, aim, direction),
        g=observed,
        G=required,
        forward=pl.when(base < 0).then(-1.0).otherwise(1.0) * direction * observed,
    )
    return _judge(frame.with_columns(R=pl.col("forward") / pl.col("G").abs()), turns)


def _judge(frame: pl.DataFrame, turns: pl.Expr) -> pl.DataFrame:
    """Class, score and reasons from the growth rates."""
    forward, ratio, coefficient = pl.col("forward"), pl.col("R"), pl.col("C")
    aimed = pl.col("aim").is_not_null()
    left = aimed & (pl.col("G") == 0) & (forward < 0)
    scaled = pl.when(coefficient > 0).then(forward / coefficient).otherwise(forward * float("inf"))
    free = pl.when(forward == 0).then(_at_rest()).otherwise(band(scaled, GROWTH_CUTS, BACK))
    judged = pl.when(left).then(pl.lit(BACK)).when(aimed).then(band(ratio, RATIO_CUTS, BACK)).otherwise(free)
    scored = pl.when(left).then(-5.0).when(aimed).then(score_ratio(ratio)).otherwise(score_growth(forward, coefficient))
    achieved = pl.col("achieved")
    return outcome(
        frame,
        observed_rate=pl.col("g"),
        required_rate=pl.col("G"),
        value=pl.when(aimed).then(ratio).otherwise(forward),
        score=pl.when(achieved).then(5.0).otherwise(scored),
        reason=pl.when(turns & ~achieved)
        .then(pl.lit("sign changes between base and latest value: no growth rate"))
        .when(aimed & pl.col("G").is_null() & ~achieved)
        .then(pl.lit("target and base are of different sign: no required rate")),
        remark=_remark(),
        **{"class": pl.when(achieved).then(pl.lit("target_achieved")).otherwise(judged)},
    )


def _at_rest() -> pl.Expr:
    """No change: limited progress, but at the limit itself the limit is held."""
    return pl.when(pl.col("C") == 0).then(pl.lit("substantial_progress")).otherwise(pl.lit("limited_progress"))


def _remark() -> pl.Expr:
    """What was put in place of a zero."""
    zero = pl.col("y0") == 0
    notes = pl.concat_list(
        pl.when(zero & (pl.col("yt") == 0)).then(pl.lit("zero in both years: no change")),
        pl.when(zero & (pl.col("yt") != 0)).then(pl.lit("zero base taken as 0.001")),
        pl.when(pl.col("target") == 0).then(pl.lit("zero target taken as 0.001")),
    )
    return notes.list.drop_nulls().list.join("; ").replace("", None)

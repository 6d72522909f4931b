"""Eurostat's assessment of trends in the EU SDG indicator set.

Source: Eurostat, Sustainable development in the European Union: monitoring report, annex on the assessment method.
Formulas are facts of the annex; the code is ours. No published country table was at hand to check against.
"""

from __future__ import annotations

import polars as pl

from serai.assess._outcome import band, growth, met, outcome
from serai.assess.spans import Spans
from serai.assess.statcan import score_ratio

__all__ = ["CLASSES_BY_SCORE", "classify"]

RATIO_CUTS = ((0.95, "significant_progress"), (0.60, "moderate_progress"), (0.0, "insufficient_progress"))
RATIO_LAST = "movement_away"
GROWTH_CUTS = ((0.01, "significant_progress"), (0.0, "moderate_progress"), (-0.01, "moderate_movement_away"))
GROWTH_LAST = "significant_movement_away"
CLASSES_BY_SCORE = ((2.5, "significant_progress"), (0.0, "moderate_progress"), (-2.5, "moderate_movement_away"))


def classify(spans: Spans) -> pl.DataFrame:
    """Class and score of every series by Eurostat's method.

    With a target, the observed over the required compound growth rate is cut at 95 %, 60 % and 0. Without one, growth
    in the desired direction at 1 %, 0 and -1 %. The score runs from -5 to 5: 2.5 a percentage point of growth, or the
    piecewise line with 60 % at 0 and 95 % at 2.5.

    Args:
        spans: series with rule, base and latest value.

    Returns:
        One row a series: the columns of ``OUTCOME``; rates a year, ``value`` the ratio or the growth rate.
    """
    base, latest, target, direction = (pl.col(name) for name in ("y0", "yt", "target", "direction"))
    defined = (base != 0) & (base * latest >= 0)
    horizon = (spans.end - pl.col("base_year")).cast(pl.Float64)
    frame = spans.keys.with_columns(
        achieved=met(latest, target, direction),
        g=pl.when(defined).then(growth(base, latest, pl.col("years"))),
        G=pl.when((base != 0) & (base * target >= 0)).then(growth(base, target, horizon)),
    )
    forward = base.sign() * direction * pl.col("g")
    return _judge(frame.with_columns(forward=forward, R=forward / pl.col("G").abs()))


def _judge(frame: pl.DataFrame) -> pl.DataFrame:
    """Class, score and reasons from the growth rates."""
    aimed, achieved, forward = pl.col("target").is_not_null(), pl.col("achieved"), pl.col("forward")
    left = aimed & ~achieved & (pl.col("G") == 0) & (forward < 0)
    ratio = pl.when(left).then(float("-inf")).otherwise(pl.col("R"))
    judged = pl.when(aimed).then(band(ratio, RATIO_CUTS, RATIO_LAST)).otherwise(band(forward, GROWTH_CUTS, GROWTH_LAST))
    scored = pl.when(aimed).then(score_ratio(ratio)).otherwise((250 * forward).clip(-5, 5))
    return outcome(
        frame,
        observed_rate=pl.col("g"),
        required_rate=pl.col("G"),
        value=pl.when(aimed).then(ratio).otherwise(forward),
        score=pl.when(achieved).then(5.0).otherwise(scored),
        reason=pl.when(achieved)
        .then(None)
        .when(pl.col("g").is_null())
        .then(pl.lit("growth rate undefined: zero base or a change of sign"))
        .when(aimed & pl.col("G").is_null())
        .then(pl.lit("required rate undefined: target and base are of different sign")),
        remark=pl.when(achieved)
        .then(pl.lit("target met"))
        .when(pl.col("target") == 0)
        .then(pl.lit("zero target: the required rate is -100 % a year")),
        **{"class": pl.when(achieved).then(pl.lit("significant_progress")).otherwise(judged)},
    )

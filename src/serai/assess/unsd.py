"""The UN Statistics Division's trend to target: three classes (Progress Chart) and five classes with a score.

Source: UNSD, Sustainable Development Goals Progress Chart technical note; The Sustainable Development Goals Report,
Technical Note for Progress Assessment. Formulas are facts of the notes; the code is ours.
"""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from serai.assess._outcome import band, growth, met, outcome
from serai.assess.spans import Spans

__all__ = ["five_classes", "three_classes"]

RATIO_THREE = ((0.95, "on_track"), (0.10, "fair_progress"))
GROWTH_THREE = ((0.02, "on_track"), (0.005, "fair_progress"))
LAST_THREE = "stagnation_or_regression"

FIVE = ("on_track", "moderate_progress", "marginal_progress", "stagnation", "regression")
RATIO_EDGES = (1.5, 0.95, 0.50, 0.10, 0.0, -0.5)
GROWTH_EDGES = (0.05, 0.02, 0.0125, 0.005, 0.0, -0.05)
"""From the top of the best band to the bottom of the worst; scores run 5, 4, 3, 2, 1, 0 at these points."""


def score(measure: pl.Expr, edges: tuple[float, ...]) -> pl.Expr:
    """Score from 0 to 5, linear inside each band."""
    found = pl.lit(0.0)
    for points, (high, low) in enumerate(reversed(list(pairwise(edges)))):
        inside = points + (measure - low) / (high - low)
        found = pl.when(measure >= low).then(pl.min_horizontal(inside, pl.lit(points + 1.0))).otherwise(found)
    return pl.when(measure.is_not_null() & measure.is_not_nan()).then(found)


def three_classes(spans: Spans) -> pl.DataFrame:
    """On track, fair progress, stagnation or regression.

    With a target, growth since the base is carried on to the target year and the change that gives is compared with
    the change needed: cuts at 0.95 and 0.10. Without one, growth in the desired direction: 2 % and 0.5 %. The score is
    ours and ordinal (2, 1, 0): the note has none, and roll-ups need one.

    Returns:
        One row a series: the columns of ``OUTCOME``; rates a year.
    """
    frame = _measure(spans)
    bounds = {"aim": RATIO_THREE, "free": GROWTH_THREE}
    judged = _either(*(band(pl.col(name), cuts, LAST_THREE) for name, cuts in bounds.items()))
    final = _met_at_base(judged, "on_track", LAST_THREE)
    points = {"on_track": 2.0, "fair_progress": 1.0, LAST_THREE: 0.0}
    return _result(frame, final, final.replace_strict(points, default=None, return_dtype=pl.Float64))


def five_classes(spans: Spans) -> pl.DataFrame:
    """On track, moderate, marginal, stagnation, regression, with a score from 0 to 5.

    The measures of :func:`three_classes` with the cuts 0.95, 0.50, 0.10, 0 and 2 %, 1.25 %, 0.5 %, 0; the score is
    linear inside a band, bands ending at 1.5 and -0.5, or 5 % and -5 %. A series at its target in the base year scores
    5 while it still meets it and 0 once it does not.

    Returns:
        One row a series: the columns of ``OUTCOME``; rates a year.
    """
    frame = _measure(spans)
    judged, scored = [], []
    for name, edges in (("aim", RATIO_EDGES), ("free", GROWTH_EDGES)):
        cuts = tuple(zip(edges[1:5], FIVE, strict=False))
        judged.append(band(pl.col(name), cuts, FIVE[-1]))
        scored.append(score(pl.col(name), edges))
    final = _met_at_base(_either(*judged), FIVE[0], FIVE[-1])
    points = pl.when("met_at_base").then(pl.when("still_met").then(5.0).otherwise(0.0)).otherwise(_either(*scored))
    return _result(frame, final, points)


def _measure(spans: Spans) -> pl.DataFrame:
    """Growth, and with a target the projected change over the change needed."""
    base, latest, target, direction = (pl.col(name) for name in ("y0", "yt", "target", "direction"))
    frame = spans.keys.with_columns(
        met_at_base=met(base, target, direction),
        still_met=met(latest, target, direction),
        g=pl.when((base > 0) & (latest > 0)).then(growth(base, latest, pl.col("years"))),
        left=(spans.end - pl.col("latest_year")).cast(pl.Float64),
        horizon=(spans.end - pl.col("base_year")).cast(pl.Float64),
    )
    projected = latest * (1 + pl.col("g")).pow(pl.col("left"))
    return frame.with_columns(
        aim=pl.when(target.is_not_null() & ~pl.col("met_at_base")).then((projected - base) / (target - base)),
        free=pl.when(target.is_null()).then(direction * pl.col("g")),
        G=pl.when((base > 0) & (target > 0)).then(growth(base, target, pl.col("horizon"))),
    )


def _either(aimed: pl.Expr, free: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("target").is_not_null()).then(aimed).otherwise(free)


def _met_at_base(judged: pl.Expr, best: str, worst: str) -> pl.Expr:
    """The note's rule for a base that is at the target already."""
    return (
        pl.when("met_at_base").then(pl.when("still_met").then(pl.lit(best)).otherwise(pl.lit(worst))).otherwise(judged)
    )


def _result(frame: pl.DataFrame, judged: pl.Expr, points: pl.Expr) -> pl.DataFrame:
    undefined = pl.col("g").is_null() & ~pl.col("met_at_base")
    remark = pl.when("met_at_base").then(
        pl.when("still_met")
        .then(pl.lit("target met in the base year"))
        .otherwise(pl.lit("met in the base year, no longer"))
    )
    return outcome(
        frame,
        observed_rate=pl.col("g"),
        required_rate=pl.col("G"),
        value=_either(pl.col("aim"), pl.col("free")),
        score=points,
        reason=pl.when(undefined).then(pl.lit("growth rate undefined: base or latest value is not above zero")),
        remark=remark,
        **{"class": judged},
    )

"""ESCAP's current status and anticipated progress indices.

Source: ESCAP Statistics Division, Asia and the Pacific SDG Progress Report, technical notes; Bidarbakht Nia, "Tracking
progress towards the SDGs: measuring the otherwise ambiguous progress", SD/WP/05, 2017. Formulas are facts of those
papers; the code is ours. Target values taken from champion areas, and the weights of ESCAP's own aggregates, are not
published in a form at hand: a series without a 2030 value is not classified, and means here are plain ones.
"""

from __future__ import annotations

import polars as pl

from serai.assess._outcome import met, outcome
from serai.assess.spans import Spans

__all__ = ["CLASSES_BY_SCORE", "classify", "weighted_line"]

SINCE = 2000
"""First year the trend looks at."""

ON_TRACK = 9.0
CLASSES_BY_SCORE = ((9.0, "on_track"), (0.0, "accelerate"))


def weighted_line(points: pl.DataFrame, end: int, since: int = SINCE) -> pl.DataFrame:
    """Value of ``end`` on the time-weighted regression line of every series.

    Weighted least squares with weight (T - t1)/(T - ti), T the target year and t1 the first year used, so that a
    later value counts more. Points in the target year itself are its value and need no line.

    Args:
        points: ``key, period, value``, one value a year.
        end: the target year.
        since: first year used.

    Returns:
        ``key, predicted, slope`` (a year), ``first`` (year), ``used`` (number of points); ``predicted`` is null
        with fewer than two points before ``end``.
    """
    year = pl.col("period").cast(pl.Float64)
    before = points.filter((pl.col("period") >= since) & (pl.col("period") < end))
    weighted = before.with_columns(
        x=year - end,  # centred on the target year: the line's value there is its intercept
        w=(end - year.min().over("key")) / (end - year),
    )
    w, x, y = pl.col("w"), pl.col("x"), pl.col("value")
    sums = weighted.group_by("key").agg(
        used=pl.len(), first=pl.col("period").min(), sw=w.sum(), mx=(w * x).sum() / w.sum(), my=(w * y).sum() / w.sum()
    )
    spread = (
        weighted.join(sums, on="key")
        .group_by("key")
        .agg(
            sxx=(w * (x - pl.col("mx")).pow(2)).sum(),
            sxy=(w * (x - pl.col("mx")) * (y - pl.col("my"))).sum(),
        )
    )
    slope = pl.when(pl.col("used") > 1).then(pl.col("sxy") / pl.col("sxx"))
    return sums.join(spread, on="key").select(
        "key", "first", "used", slope=slope, predicted=pl.col("my") - slope * pl.col("mx")
    )


def classify(spans: Spans) -> pl.DataFrame:
    """Current status (``value``) and anticipated progress (``score``) of every series.

    Both are ten times the change since the base over the change needed, in the desired direction: to the latest value,
    and to the value the time-weighted line gives for the target year; 10 once the target is met. Anticipated progress
    above 9 is on track, at 0 or below regression, else acceleration is needed. One year of data is on track where it
    meets the target and insufficient where not. The score is kept within -10 and 10, so that one series cannot carry a
    goal (ours).

    Args:
        spans: series with rule, base, latest value and points.

    Returns:
        One row a series: the columns of ``OUTCOME``; ``observed_rate`` is the slope of the line and
        ``required_rate`` the straight yearly change from the base to the target, both in units a year.
    """
    line = weighted_line(spans.points, spans.end)
    rows = spans.keys.join(line, on="key", how="left", maintain_order="left")
    base, latest, target, direction = (pl.col(name) for name in ("y0", "yt", "target", "direction"))
    predicted = pl.when(pl.col("latest_year") == spans.end).then(latest).otherwise("predicted")
    gap = (target - base).abs()
    frame = rows.with_columns(
        achieved=met(latest, target, direction),
        status=10 * direction * (latest - base) / gap,
        reached=met(predicted, target, direction),
        anticipated=10 * direction * (predicted - base) / gap,
        horizon=(spans.end - pl.col("base_year")).cast(pl.Float64),
    )
    return _judge(frame)


def _judge(frame: pl.DataFrame) -> pl.DataFrame:
    """Class and reasons from the two indices."""
    achieved, reached = pl.col("achieved"), pl.col("reached")
    lost = (pl.col("y0") == pl.col("target")) & ~achieved
    lone = pl.col("lone").is_not_null() & ~achieved
    anticipated = (
        pl.when(lone).then(None).when(achieved | reached).then(10.0).when(lost).then(-10.0).otherwise("anticipated")
    )
    judged = (
        pl.when(anticipated > ON_TRACK)
        .then(pl.lit("on_track"))
        .when(anticipated > 0)
        .then(pl.lit("accelerate"))
        .when(anticipated <= 0)
        .then(pl.lit("regression"))
    )
    trend = pl.format("line through {} values since {}", pl.col("used"), pl.col("first"))
    return outcome(
        frame,
        observed_rate=pl.col("slope"),
        required_rate=(pl.col("target") - pl.col("y0")) / pl.col("horizon"),
        value=pl.when(achieved).then(10.0).when(~lone).then("status"),
        score=anticipated.clip(-10, 10),
        reason=pl.when(pl.col("target").is_null())
        .then(pl.lit("no 2030 value: ESCAP takes it from champion areas, which are not published"))
        .when(lone)
        .then("lone"),
        remark=pl.when(achieved).then(pl.lit("target met")).otherwise(trend),
        **{"class": judged},
    )

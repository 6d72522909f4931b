"""How good a set of forecasts was: error, coverage, width and interval score, with areas as clusters."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from serai.assess.projection.histories import Floats, Ints

BOOTSTRAPS = 2000
SEED = 20301231
HORIZONS: tuple[tuple[str, int, int], ...] = (
    ("all", 1, 99),
    ("1-2", 1, 2),
    ("3-4", 3, 4),
    ("5+", 5, 99),
    ("3+", 3, 99),
    ("7-10", 7, 10),
    ("11+", 11, 99),
)
"""Horizon bands of the report: name, first and last year ahead."""
CAP = 100.0
"""Scaled interval scores are averaged up to this: beyond it lie redefinitions, and one would outweigh all forecasts."""


def interval_score(low: Floats, high: Floats, truth: Floats, alpha: float) -> Floats:
    """Width plus 2/alpha times the distance by which the band was missed (Gneiting and Raftery 2007, eq. 43)."""
    missed = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
    score: Floats = (high - low) + 2 / alpha * missed
    return score


def cluster_interval(values: Floats, cluster: Ints, level: float = 0.95) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean of ``values``, whole clusters drawn with replacement; seeded."""
    count = np.bincount(cluster)
    total = np.bincount(cluster, values)
    draws = np.random.default_rng(SEED).multinomial(len(count), np.full(len(count), 1 / len(count)), BOOTSTRAPS)
    means = (draws @ total) / np.maximum(draws @ count, 1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def relative_score(score: Floats, against: Floats, key: Ints) -> float:
    """Average relative interval score: geometric mean over series of the ratio of mean scores, weighted by forecasts.

    Free of units and of outliers' weight (Davydenko and Fildes 2013, for absolute errors). Below 1 is better.
    """
    count = np.bincount(key)
    some = count > 0
    ours, theirs = np.bincount(key, score)[some], np.bincount(key, against)[some]
    sure = (ours > 0) & (theirs > 0)
    weight = count[some][sure]
    return float(np.exp((weight * np.log(ours[sure] / theirs[sure])).sum() / weight.sum()))


def rounded(frame: pl.DataFrame, digits: int = 4) -> pl.DataFrame:
    """``frame`` with floats rounded to ``digits`` significant digits, so that it reads and compares well."""
    return frame.with_columns(pl.col(pl.Float64).round_sig_figs(digits))


def _codes(frame: pl.DataFrame, columns: list[str]) -> Ints:
    return (frame.select(pl.struct(columns).rank("dense")).to_series().to_numpy() - 1).astype(np.int64)


def score(forecasts: pl.DataFrame) -> pl.DataFrame:
    """One row per horizon band and nature of a table of forecasts with outcomes (columns of `backtest.FORECASTS`).

    Errors and scores are scaled by mean yearly change x horizon; constant histories have none and are left out here.
    """
    moving = forecasts.filter(pl.col("pace") > 0)
    natures: Iterable[str] = ["all", *moving["nature_group"].unique().sort().to_list()]
    rows = []
    for nature in natures:
        part = moving if nature == "all" else moving.filter(pl.col("nature_group") == nature)
        for band, first, last in HORIZONS:
            here = part.filter(pl.col("horizon").is_between(first, last))
            if len(here):
                rows.append({"horizons": band, "nature": nature, **summary(here)})
    return pl.DataFrame(rows) if rows else pl.DataFrame(schema={"horizons": pl.String, "nature": pl.String})


def summary(forecasts: pl.DataFrame) -> dict[str, float | int]:
    """The measures of one set of forecasts with moving histories."""
    column = {name: forecasts[name].to_numpy() for name in forecasts.columns if forecasts[name].dtype.is_numeric()}
    truth, scale = column["truth"], column["pace"] * column["horizon"]
    area, key = _codes(forecasts, ["area"]), _codes(forecasts, ["series", "area", "dimensions"])
    error = np.abs(truth - column["median"]) / scale
    naive = np.abs(truth - column["last_value"]) / scale
    out: dict[str, float | int] = {
        "n": len(forecasts),
        "areas": int(forecasts["area"].n_unique()),
        "series": int(forecasts["series"].n_unique()),
        "scaled_error": float(np.median(error)),
        "scaled_error_last_value": float(np.median(naive)),
        "relative_error": float(np.median(error) / np.median(naive)) if np.median(naive) else 1.0,
    }
    for level, alpha in (("80", 0.2), ("95", 0.05)):
        low, high = column[f"lo{level}"], column[f"hi{level}"]
        inside = ((truth >= low) & (truth <= high)).astype(np.float64)
        ours = interval_score(low, high, truth, alpha) / scale
        toy = interval_score(column[f"toy_lo{level}"], column[f"toy_hi{level}"], truth, alpha) / scale
        toy_inside = (truth >= column[f"toy_lo{level}"]) & (truth <= column[f"toy_hi{level}"])
        out[f"coverage{level}"] = float(inside.mean())
        out[f"coverage{level}_low"], out[f"coverage{level}_high"] = cluster_interval(inside, area)
        out[f"width{level}"] = float(np.median((high - low) / scale))
        out[f"relative_score{level}"] = relative_score(ours, toy, key)
        out[f"relative_mean_score{level}"] = float(np.minimum(ours, CAP).mean() / np.minimum(toy, CAP).mean())
        out[f"toy_coverage{level}"] = float(toy_inside.mean())
    return out

"""Members of the ensemble: point forecasters over short yearly series with gaps, for all histories at once.

A member is a path: what it adds to the last value after h years. Own vectorised numpy: a history has 3 to 30 points,
many have gaps, and there are tens of thousands of them; a library that fits one series at a time takes minutes
where one pass over a matrix takes a second (benchmarks/projection.py measures it), and it refuses gaps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from serai.assess.projection.histories import WINDOW, Floats, Ints, Mask

LAGS: Floats = np.arange(WINDOW - 1, -1, -1, dtype=np.float64)
"""Years before the last observed one, per column of a history."""
PHI = 0.85
"""Damping of a trend per year: a trend of 1 a year comes to phi / (1 - phi) = 5.7 in the end."""
RECENT: Floats = np.power(PHI, LAGS)
"""Weights of a time-weighted line: a year counts 15 % less than the year after it."""
SMOOTHING = ((0.3, 0.0), (0.3, 0.1), (0.6, 0.0), (0.6, 0.1), (0.6, 0.3), (0.9, 0.0), (0.9, 0.1), (0.9, 0.3))
"""(alpha, beta) tried by exponential smoothing; the pair with the smallest one-step error is kept."""


def damped(horizon: Ints) -> Floats:
    """Years of trend that ``horizon`` years of damped trend are worth: phi (1 - phi^h) / (1 - phi)."""
    steps: Floats = PHI * (1 - PHI ** horizon.astype(np.float64)) / (1 - PHI)
    return steps


def line(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Weighted least-squares line of each history: height at the last observed year, slope a year."""
    weight = np.where(np.isfinite(values), weights, 0.0)
    filled = np.nan_to_num(values)
    total = weight.sum(axis=1)
    lag_mean = (weight * LAGS).sum(axis=1) / total
    mean = (weight * filled).sum(axis=1) / total
    away = LAGS - lag_mean[:, None]
    spread = (weight * away**2).sum(axis=1)
    slope = -(weight * away * filled).sum(axis=1) / np.where(spread > 0, spread, 1.0)
    return mean + slope * lag_mean, slope


def steps(values: Floats) -> tuple[Floats, Floats]:
    """Change since the previous observed year, and how many years that took; (n, WINDOW), NaN where there is none."""
    before, years = np.full_like(values, np.nan), np.full_like(values, np.nan)
    value, since = np.full(len(values), np.nan), np.zeros(len(values))
    for column in range(WINDOW):
        since += 1
        before[:, column], years[:, column] = value, since
        here = np.isfinite(values[:, column])
        value = np.where(here, values[:, column], value)
        since = np.where(here, 0.0, since)
    change = values - before
    return change, np.where(np.isfinite(change), years, np.nan)


def smooth(values: Floats, alpha: float, beta: float) -> tuple[Floats, Floats, Floats]:
    """Damped-trend exponential smoothing: level and trend at the last year, mean squared one-step error.

    Over a gap the trend runs on, damped, until the next value is seen (Gardner and McKenzie 1985).
    """
    n = len(values)
    level, trend, error, count = np.full(n, np.nan), np.zeros(n), np.zeros(n), np.zeros(n)
    for column in range(WINDOW):
        value = values[:, column]
        ahead = level + PHI * trend
        first: Mask = np.isnan(level)
        here: Mask = np.isfinite(value)
        miss = np.where(here & ~first, value - ahead, 0.0)
        error += miss**2
        count += here & ~first
        trend = PHI * trend + beta * alpha * miss
        level = np.where(first, value, ahead + alpha * miss)
    return level, trend, error / np.maximum(count, 1)


def best_smoothing(values: Floats) -> tuple[Floats, Floats, Floats]:
    """`smooth` with the pair of `SMOOTHING` that misses least, history by history: level, trend, root mean square."""
    level, trend, error = smooth(values, *SMOOTHING[0])
    for alpha, beta in SMOOTHING[1:]:
        other = smooth(values, alpha, beta)
        better = other[2] < error
        level, trend, error = (
            np.where(better, new, old) for new, old in zip(other, (level, trend, error), strict=True)
        )
    return level, trend, np.sqrt(error)


def mean_changes(values: Floats) -> Floats:
    """Mean absolute yearly change of each history (n, WINDOW), shape (n,)."""
    change, _ = steps(values)
    span = np.where(np.isfinite(values), LAGS, 0.0).max(axis=1)
    mean: Floats = np.nansum(np.abs(change), axis=1) / np.maximum(span, 1)
    return mean


def drift(values: Floats, years: int) -> Floats:
    """Change a year between the oldest value at most ``years`` back and the last one; 0 where there is none."""
    oldest = np.where(np.isfinite(values) & (years >= LAGS), LAGS, 0).max(axis=1).astype(np.int64)
    start = np.take_along_axis(values, (WINDOW - 1 - oldest)[:, None], axis=1)[:, 0]
    change: Floats = np.where(oldest > 0, (values[:, -1] - start) / np.maximum(oldest, 1), 0.0)
    return change


@dataclass(frozen=True)
class Paths:
    """Every member's path per history: ``jump`` at once, ``trend`` a year, the trend damped. Unit of the series."""

    jump: Floats
    """Shape (n, members)."""
    trend: Floats
    """Shape (n, members)."""

    def at(self, row: Ints, horizon: Ints) -> Floats:
        """Members' deviations from the last value, shape (m, members)."""
        return self.jump[row] + self.trend[row] * damped(horizon)[:, None]


MEMBERS = (
    "drift",
    "recent_drift",
    "last_step",
    "weighted_line",
    "smoothing",
    "theta",
    "median",
)
"""Names of the members, in the order of their weights; the last value is where all of them start from."""


def paths(values: Floats) -> Paths:
    """All members for histories ``values`` (n, WINDOW)."""
    now = values[:, -1]
    zero = np.zeros(len(values))
    height, slope = line(values, RECENT)
    _, plain = line(values, np.ones_like(RECENT))
    level, trend, _ = best_smoothing(values)
    flat, _, _ = smooth(values, 0.5, 0.0)
    members = {
        "drift": (zero, drift(values, WINDOW)),
        "recent_drift": (zero, drift(values, 5)),
        "last_step": (zero, drift(values, 2)),
        "weighted_line": (height - now, slope),
        "smoothing": (level - now, trend),
        "theta": (flat - now, plain / 2),
        "median": (np.nanmedian(values, axis=1) - now, zero),
    }
    jumps, trends = zip(*[members[name] for name in MEMBERS], strict=True)
    return Paths(np.column_stack(jumps), np.column_stack(trends))

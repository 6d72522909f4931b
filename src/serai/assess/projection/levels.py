"""Quantile functions kept at a few levels: how far a value misses their bands, and stretching them."""

from __future__ import annotations

import numpy as np

from serai.assess.projection.histories import Floats

LEVELS: Floats = np.array([0.025, 0.05, *(place / 20 for place in range(2, 19)), 0.95, 0.975])
"""Levels of the predictive quantiles kept; 0.1 and 0.9 bound the 80 % band, the outermost the 95 % band."""
MIDDLE = len(LEVELS) // 2
BAND_PLACES = ((2, len(LEVELS) - 3), (0, len(LEVELS) - 1))
"""Places of the bounds of the 80 % and the 95 % band in `LEVELS`."""
THIN = 1e-3
"""Least half-width a miss is counted in."""


def weighted_quantiles(values: Floats, weights: Floats, levels: Floats, *, in_order: bool = False) -> Floats:
    """Quantiles of weighted ``values`` (sorted already if ``in_order``) at ``levels``, between mid-ranks."""
    if not in_order:
        order = np.argsort(values, kind="stable")
        values, weights = values[order], weights[order]
    heap = np.cumsum(weights) - weights / 2
    quantiles: Floats = np.interp(levels * weights.sum(), heap, values)
    return quantiles


def misses(quantiles: Floats, value: Floats) -> Floats:
    """Distance of ``value`` (m,) from the median, in half-widths of the 80 % and the 95 % band on its side: (m, 2)."""
    away = value - quantiles[:, MIDDLE]
    columns = []
    for low, high in BAND_PLACES:
        half = np.where(away < 0, quantiles[:, MIDDLE] - quantiles[:, low], quantiles[:, high] - quantiles[:, MIDDLE])
        columns.append(np.abs(away) / np.maximum(half, THIN))
    return np.column_stack(columns)


def stretched(quantiles: Floats, factors: Floats) -> Floats:
    """Quantile functions (m, levels) with the 80 and 95 % bands multiplied by ``factors`` (m, 2) about the median."""
    inner = np.repeat(factors[:, :1], len(LEVELS), axis=1)
    inner[:, [0, -1]] = factors[:, 1:]
    inner[:, [1, -2]] = factors.mean(axis=1, keepdims=True)
    middle = quantiles[:, MIDDLE, None]
    moved: Floats = np.sort(middle + (quantiles - middle) * inner, axis=1)
    return moved

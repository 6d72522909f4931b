"""The Herfindahl-Hirschman index when flows are known only to lie in ranges.

For partners with flows ``x`` in ``[low, high]`` the index is ``sum(x^2) / sum(x)^2``. Along one flow it first falls and
then rises, so its greatest value stands at a corner of the box; the least is where every flow lies as near as it can to
one common level ``t = sum(x^2) / sum(x)``. Both follow from the derivative ``2 (x_i S - Q) / S^3``.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CORNERS = 12
"""Ranges up to which all corners are tried; above it the bound is that of the hull of corners, never too narrow."""
STEPS = 80


def bounds(low: Floats, high: Floats, *, rest: tuple[float, float] = (0.0, 0.0), largest: float = np.inf) -> Floats:
    """Least and greatest index of flows in ranges, with a rest of unlisted partners.

    Args:
        low, high: ends of each partner's flow, shape ``(partners,)``.
        rest: ends of what goes to partners not listed.
        largest: the most one unlisted partner may have; 0 where the rest is no partner's (own supply).

    Returns:
        Two numbers in [0, 1]; not a number where all flows may be zero.
    """
    least = _least(low, high, rest)
    most = max(_most(low, high, amount, largest) for amount in set(rest))
    return np.array([min(least, most), min(most, 1.0)])


def _least(low: Floats, high: Floats, rest: tuple[float, float]) -> float:
    """Over all spreads of the rest: thinly spread, it adds to the sum and nothing to the squares."""
    amount = rest[1]
    bottom, top = 0.0, float(high.max(initial=0.0))
    if high.sum() + amount <= 0:
        return float("nan")
    for _ in range(STEPS):
        middle = (bottom + top) / 2
        x = np.clip(middle, low, high)
        level = float(x @ x) / max(float(x.sum()) + amount, 1e-300)
        bottom, top = (middle, top) if level > middle else (bottom, middle)
    x = np.clip((bottom + top) / 2, low, high)
    total = float(x.sum()) + amount
    return float(x @ x) / total**2 if total > 0 else float("nan")


def _most(low: Floats, high: Floats, rest: float, largest: float) -> float:
    squares, total = _lumps(rest, largest), rest
    open_ = high > low
    fixed = low[~open_]
    squares, total = squares + float(fixed @ fixed), total + float(fixed.sum())
    ends = low[open_], high[open_]
    if not len(ends[0]):
        return squares / total**2 if total > 0 else float("nan")
    if len(ends[0]) <= CORNERS:
        corners = np.array(list(product((False, True), repeat=len(ends[0]))))
        x = np.where(corners, ends[1], ends[0])
        sums = x.sum(axis=1) + total
        found = np.divide((x * x).sum(axis=1) + squares, sums**2, out=np.zeros(len(sums)), where=sums > 0)
        return float(found.max())
    return _hull(*ends, squares, total)


def _lumps(rest: float, largest: float) -> float:
    """Squares of a rest in as few parts as the largest unlisted partner allows."""
    part = min(largest, rest)
    if part <= 0:
        return 0.0
    whole = int(rest // part)
    return whole * part**2 + (rest - whole * part) ** 2


def _hull(low: Floats, high: Floats, squares: float, total: float) -> float:
    """Greatest ``Q / S^2`` over the upper hull of the corners' ``(S, Q)``: at least that of every corner.

    The hull's corners raise partners in the order of the middles of their ranges; along an edge ``Q = q + s m`` the
    ratio is greatest where ``S = -2 (q - S0 m) / m`` or at an end.
    """
    order = np.argsort(-(low + high))
    width, middle = (high - low)[order], (high + low)[order]
    s = total + low.sum() + np.concatenate([[0.0], np.cumsum(width)])
    q = squares + (low**2).sum() + np.concatenate([[0.0], np.cumsum(width * middle)])
    best = float(np.max(np.divide(q, s**2, out=np.zeros_like(s), where=s > 0)))
    offset = q[:-1] - s[:-1] * middle
    with np.errstate(divide="ignore", invalid="ignore"):
        at = np.clip(-2 * offset / middle, s[:-1], s[1:])
        inner = (offset + middle * at) / at**2
    return max(best, float(np.nanmax(np.where(np.isfinite(inner), inner, 0.0), initial=0.0)))

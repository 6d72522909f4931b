"""The law of an earlier version of the model, in which six countries' calibrations were published: no option.

Differences from the law of the kernel: growth probability beta (R C + mean C) / (1 + exp(-S)), no falls, one beta, and
allocations that stay what they were drawn as. All runs advance together, one array a quantity.
"""

from __future__ import annotations

import numpy as np


def finals(
    start: np.ndarray, alphas: np.ndarray, beta: float, A: np.ndarray, R: np.ndarray, *,
    qm: float, rl: float, budget: float, steps: int, runs: int, rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Levels before the last step, (runs, N), and mean growth probabilities, (runs, N)."""
    N, n, R = start.size, int(R.sum()), R.astype(bool)
    A = A - np.diag(np.diag(A))
    P = rng.random((runs, n))
    P *= budget / P.sum(axis=1, keepdims=True)
    F, before = rng.random((runs, n)), rng.random((runs, n))
    X, X_before = rng.random((runs, n)) - 0.5, rng.random((runs, n)) - 0.5
    sign_before, change_before = np.sign(rng.random((runs, n)) - 0.5), rng.random((runs, n)) - 0.5
    levels, lagged = np.tile(start, (runs, 1)), rng.random((runs, N))
    gamma_sum = np.zeros((runs, N))
    for _ in range(steps):
        last = levels
        moved = (levels - lagged)[:, R]
        total = np.abs(moved).sum(axis=1, keepdims=True)
        moved = np.where(total > 0, moved / np.where(total > 0, total, 1), 0.0)
        rose = (levels > lagged).astype(float)
        change, step = F - before, X - X_before
        sign = np.sign(change * step)
        change = np.where(change == 0, change_before, change)
        sign = np.where(sign == 0, sign_before, sign)
        X_before, X = X, X + sign * np.abs(change)
        share = 1 / (1 + np.exp(-X))
        sign_before, change_before = sign, change
        caught = rng.random((runs, n)) < qm * P / P.max(axis=1, keepdims=True) * (1 - share)
        before, F = F, moved * share + (1 - caught * rl) * (1 - share)
        C = P * share
        given = np.zeros((runs, N))
        given[:, R] = C
        gamma = beta * (given + C.mean(axis=1, keepdims=True)) / (1 + np.exp(-(rose @ A)))
        gamma_sum += gamma
        lagged, levels = levels, levels + alphas * (rng.random((runs, N)) < gamma)
    return last, gamma_sum / steps

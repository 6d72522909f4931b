"""Small invented countries for the tests of the model."""

from __future__ import annotations

from typing import Any

import numpy as np

N = 12


def arrays(seed: int = 1, *, collateral: bool = True, links: float = 0.25, **more: Any) -> dict[str, Any]:
    """Arguments of the reference's ``run_ppi`` for a country of twelve indicators, some of them collateral."""
    rng = np.random.default_rng(seed)
    A = rng.normal(0, 0.6, (N, N)) * (rng.random((N, N)) < links)
    np.fill_diagonal(A, 0.0)
    R = np.ones(N)
    if collateral:
        R[[1, 4, 9]] = 0
    return {
        "I0": rng.uniform(0.2, 0.6, N),
        "alphas": rng.uniform(0.002, 0.02, N),
        "alphas_prime": rng.uniform(0.001, 0.01, N),
        "betas": rng.uniform(0.1, 0.6, N),
        "A": A,
        "R": R,
        "qm": np.full(int(R.sum()), 0.4),
        "rl": np.full(int(R.sum()), 0.6),
        "Bs": np.full((1, 30), 100.0),
        **more,
    }


def programmes(R: np.ndarray, seed: int = 2, count: int = 3) -> dict[int, list[int]]:
    """Each instrumental indicator served by one or two of ``count`` programmes."""
    rng = np.random.default_rng(seed)
    return {int(i): sorted({int(at % count), int(rng.integers(count))}) for at, i in enumerate(np.flatnonzero(R))}

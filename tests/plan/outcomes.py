"""Outcomes of strategies under shocks, made by hand."""

from __future__ import annotations

import numpy as np
import polars as pl


def outcomes(closed: np.ndarray, strategies: list[str], member: str = "AAA") -> pl.DataFrame:
    """Outcomes of one member from an array of shape ``(shocks, strategies)``."""
    rows = [(member, s, name, closed[s, k]) for s in range(len(closed)) for k, name in enumerate(strategies)]
    return pl.DataFrame(rows, schema=["member", "shock", "strategy", "closed"], orient="row")

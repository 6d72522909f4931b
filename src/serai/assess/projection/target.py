"""The chance of meeting a target: read off the predictive quantiles."""

from __future__ import annotations

import numpy as np
import polars as pl

from serai.assess.projection.histories import KEY, Floats, usable
from serai.assess.projection.levels import LEVELS

BASE_YEAR = 2015
"""A target given as a factor is of the value of this year, or of the first later one."""
PARITY = (0.97, 1.03)
"""A ratio within these counts as parity (as in the Open SDG progress method)."""
TAIL = float(LEVELS[0]) / 2
"""Chance given beyond the outermost tested quantile: half the untested tail, never 0 or 1."""


def below(quantiles: Floats, at: Floats, *, inclusive: bool) -> Floats:
    """P(value < at), or P(value <= at) if ``inclusive``; rows of ``quantiles`` (m, levels) against ``at`` (m,)."""
    under = quantiles <= at[:, None] if inclusive else quantiles < at[:, None]
    count = under.sum(axis=1)
    left, right = np.clip(count - 1, 0, None), np.clip(count, None, len(LEVELS) - 1)
    rows = np.arange(len(at))
    low, high = quantiles[rows, left], quantiles[rows, right]
    part = np.divide(at - low, high - low, out=np.zeros_like(at), where=high > low)
    inner = LEVELS[left] + np.clip(part, 0, 1) * (LEVELS[right] - LEVELS[left])
    chance: Floats = np.where(count == 0, TAIL, np.where(count == len(LEVELS), 1 - TAIL, inner))
    return chance


def targets(observations: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """The target value of every key with a rule: `KEY`, direction, target, parity."""
    asked = rules.filter(pl.col("target").is_not_null() | pl.col("parity").fill_null(value=False))
    base = (
        usable(observations)
        .filter(pl.col("period") >= BASE_YEAR)
        .sort("period")
        .group_by(KEY, maintain_order=True)
        .agg(base=pl.col("value").first())
    )
    keys = observations.select(KEY).unique(maintain_order=True).join(base, on=KEY, how="left")
    factor = pl.col("target_type") == "factor"
    value = pl.when(factor).then(pl.col("target") * pl.col("base")).otherwise(pl.col("target"))
    return keys.join(asked, on="series").select(
        *KEY, "direction", target=value, parity=pl.col("parity").fill_null(value=False)
    )


def chances(keys: pl.DataFrame, quantiles: Floats, observations: pl.DataFrame, rules: pl.DataFrame) -> pl.Series:
    """Chance that each case (rows of ``keys`` and ``quantiles``) meets its series' target; null without a rule."""
    known = keys.join(targets(observations, rules), on=KEY, how="left", maintain_order="left")
    target = known["target"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    direction = known["direction"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    parity = known["parity"].fill_null(value=False).to_numpy()
    meets = np.where(
        direction > 0, 1 - below(quantiles, target, inclusive=False), below(quantiles, target, inclusive=True)
    )
    low, high = (np.full(len(target), bound) for bound in PARITY)
    equal = below(quantiles, high, inclusive=True) - below(quantiles, low, inclusive=False)
    chance = np.where(parity, np.maximum(equal, TAIL), meets)
    open_ = ~parity & (np.isnan(target) | np.isnan(direction))
    return pl.Series("p_target", np.where(open_, np.nan, chance)).fill_nan(None)

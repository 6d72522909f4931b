"""Two small countries, calibrated by hand, linked across their border."""

from __future__ import annotations

import numpy as np
import polars as pl

from serai.plan.model import Model
from serai.plan.world import Member, StackedWorld, linked
from serai.region.plan_files import Channel

SERIES = ("S1", "S2", "S3", "S4", "S5", "S6")
GOALS = ("1", "1", "6", "6", "9", "9")
CHANNELS = (Channel(kind="trade", goals=("9",), reason="x"), Channel(kind="water", goals=("6",), reason="x"))


def member(code: str, seed: int, networks: tuple[str, ...] = ("a", "b"), years: int = 7) -> Member:
    """Six indicators, three goals with a programme each, money of its own currency."""
    rng = np.random.default_rng(seed)
    start, rise = rng.uniform(0.2, 0.5, 6), rng.uniform(0.01, 0.05, 6)
    target = np.append(start[:5] + 0.3, np.nan)
    budget = rng.uniform(5, 20, (3, 1)) * 10**seed * np.ones((3, years))
    models = {
        name: Model.build(
            I0=start, alphas=rise, alphas_prime=rise / 4, betas=np.full(6, 0.8), A=_network(seed, at),
            R=[1, 1, 1, 1, 1, 0], qm=0.5, rl=0.5, Imax=np.ones(6), Imin=np.zeros(6), Bs=budget,
            B_dict={0: [0], 1: [0], 2: [1], 3: [1], 4: [2]}, name=code, indicators=SERIES,
        )
        for at, name in enumerate(networks)
    }  # fmt: skip
    return Member(models, SERIES, GOALS, target, ("1", "6", "9"))


def _network(seed: int, at: int) -> np.ndarray:
    rng = np.random.default_rng([seed, at])
    weights = rng.uniform(-0.3, 0.6, (6, 6)) * (rng.random((6, 6)) < 0.4)
    np.fill_diagonal(weights, 0)
    return weights


def exposure(kind: str) -> pl.DataFrame:
    """The second hangs on the first for six tenths, the first on the second for two."""
    shares = {"trade": [0.6, 0.2], "water": [0.9, 0.0]}[kind]
    return pl.DataFrame(
        {"member": ["BBB", "AAA"], "partner": ["AAA", "BBB"], "low": shares, "value": shares, "high": shares}
    )


def world(*members: Member) -> StackedWorld:
    """Both countries, unless some are given."""
    these = members or (member("AAA", 1), member("BBB", 2))
    return StackedWorld(these, linked(these, CHANNELS, exposure), 2024)

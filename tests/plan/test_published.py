"""Published calibrations of six countries come out under their own law; where a law is exact, ours is too."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import old_law
import polars as pl
import pytest
from scipy.stats import binom, chisquare

from serai.plan import Model, simulate

FOLDER = Path(os.environ.get("SERAI_PLAN_PUBLISHED", ""))
COUNTRIES = sorted(path.stem for path in (FOLDER / "parameters").glob("*.csv"))
THEIRS, OURS = 10_000, 10_000
"""Runs behind the published errors (their scatter says so), and ours."""
FLOOR = 0.01
"""Smallest gap of that study: where the last year is not further from the first, the largest year is the target."""


@pytest.mark.published
@pytest.mark.skipif(not COUNTRIES, reason="SERAI_PLAN_PUBLISHED names no folder with the study's parameters")
@pytest.mark.parametrize("country", COUNTRIES)
def test_six_published_calibrations(country: str) -> None:
    rows = pl.read_csv(FOLDER / "indicators.csv").filter(pl.col("countryCode") == country)
    parameters = pl.read_csv(FOLDER / f"parameters/{country}.csv")
    scale, steps = parameters["scalar"][0], int(parameters["steps"][0])
    levels = scale * rows.select(str(year) for year in range(2000, 2021)).to_numpy()
    start, end = levels[:, 0], levels[:, -1]
    end = np.where(end - start < FLOOR, levels.max(axis=1), end)
    found, gamma = old_law.finals(
        start, parameters["alphas"].to_numpy(), parameters["beta"][0],
        np.loadtxt(FOLDER / f"networks/A_{country}.csv", delimiter=","), rows["instrumental"].to_numpy(),
        qm=rows["cc"][0], rl=rows["cc"][0], budget=rows["budget_pc"][0] * levels.shape[1] / steps,
        steps=steps, runs=OURS, rng=np.random.default_rng(1),
    )  # fmt: skip
    error = start + np.maximum(end - start, FLOOR) - found.mean(axis=0)
    z = (error - scale * parameters["error_alpha"].to_numpy()) / (found.std(axis=0) * np.sqrt(1 / OURS + 1 / THEIRS))
    assert 0.75 < np.sqrt(np.mean(z**2)) < 1.3  # indicators share their luck: wider than 50 independent ones
    assert np.abs(z).max() < 5
    assert (gamma >= 0).all()


def test_the_old_law_on_a_case_known_by_hand() -> None:
    start, alphas = np.array([0.0, 10.0, 3.0]), np.array([1.0, 0.5, 0.0])
    A, R = np.full((3, 3), 0.2), np.array([1, 0, 1])
    sure = {"qm": 0.5, "rl": 0.5, "budget": 30.0, "steps": 50, "runs": 20, "rng": np.random.default_rng(0)}
    always, gamma = old_law.finals(start, alphas, 1e6, A, R, **sure)
    assert np.allclose(always, start + 49 * alphas)
    assert gamma.min() > 1
    never, gamma = old_law.finals(start, alphas, 0.0, A, R, **sure)
    assert np.array_equal(never, np.tile(start, (20, 1)))
    assert not gamma.any()


@pytest.mark.parametrize("chance", [0.03, 0.5, 0.97])
def test_a_constant_frontier_gives_the_binomial_law(chance: float) -> None:
    runs, periods = 20_000, 21
    model = Model.build([1.0, 5.0], 0.25, 0.125, 0.3, frontier=[chance, np.nan], T=periods)
    final = simulate(model, runs, seed=4, keep=("final",))["final"][:, 0]
    rises = np.rint((final - 1.0 + 0.125 * (periods - 1)) / 0.375).astype(int)
    assert np.allclose(final, 1.0 + 0.25 * rises - 0.125 * (periods - 1 - rises))
    law = binom(periods - 1, chance)
    counts, expected = np.bincount(rises, minlength=periods), runs * law.pmf(np.arange(periods))
    often = expected > 5
    rest = np.array([counts[~often].sum(), expected[~often].sum()])
    seen, wanted = np.append(counts[often], rest[0]), np.append(expected[often], rest[1])
    assert chisquare(seen, wanted * seen.sum() / wanted.sum()).pvalue > 1e-4


def test_a_sure_frontier_always_grows() -> None:
    model = Model.build([0.0, 0.0], 0.5, 0.25, 0.3, frontier=[1.0, 0.0], T=9)
    final = simulate(model, 500, keep=("final",))["final"]
    assert (final[:, 0] == 4.0).all()
    assert (final[:, 1] == -2.0).all()

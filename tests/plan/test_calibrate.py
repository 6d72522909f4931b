"""A calibration returns parameters that fit as it says they do."""

from __future__ import annotations

import cases
import numpy as np
import pytest

from serai.plan import Model, calibrate, simulate


def aim(seed: int = 1) -> tuple[Model, np.ndarray, np.ndarray]:
    """A country some of whose indicators rise, some fall, and some are collateral."""
    rng = np.random.default_rng(seed)
    model = Model.build(**cases.arrays(seed))
    gap = rng.uniform(0.02, 0.2, cases.N) * np.where(np.arange(cases.N) % 4 == 0, -1, 1)
    return model, model.I0 + gap, np.clip(0.5 + 2 * gap + rng.normal(0, 0.08, cases.N), 0.1, 0.95)


@pytest.mark.parametrize("start", [None, 0.5])
def test_the_fit_reported_is_the_fit_of_the_parameters_returned(start: float | None) -> None:
    model, end, rate = aim()
    found = calibrate(model, end, rate, threshold=0.85, start=start)
    assert found.reached
    runs = simulate(found.model, 20_000, seed=99, keep=("mean", "mean_rate"))
    level = 1 - np.abs((end - runs["mean"][:, -1]) / (end - model.I0))
    rates = 1 - np.abs(rate - runs["mean_rate"]) / rate
    assert np.abs(level - found.table["fit_level"].to_numpy()).max() < 0.15
    assert np.abs(rates - found.table["fit_rate"].to_numpy()).max() < 0.05
    assert min(level.min(), rates.min()) > 0.75


def test_it_is_the_same_every_time_for_any_number_of_workers() -> None:
    model, end, rate = aim(2)
    one, other = (calibrate(model, end, rate, workers=workers).table for workers in (1, 2))
    assert one.equals(other)
    assert not calibrate(model, end, rate, seed=5).table.equals(one)


def test_the_currency_of_the_budget_does_not_matter() -> None:
    model, end, rate = aim(3)
    dear = Model.build(**{**cases.arrays(3), "Bs": model.Bs * 2.0**20})
    assert calibrate(dear, end, rate).table.equals(calibrate(model, end, rate).table)


def test_the_callers_arrays_stay_as_they_are() -> None:
    model, end, rate = aim(4)
    before = end.copy(), rate.copy()
    calibrate(model, end, rate)
    assert np.array_equal(before[0], end)
    assert np.array_equal(before[1], rate)


def test_giving_up_is_said() -> None:
    model, end, rate = aim(5)
    found = calibrate(model, end, rate, threshold=0.999, iterations=12)
    assert not found.reached
    assert found.iterations == 12
    assert found.fit == min(found.table["fit_level"].min(), found.table["fit_rate"].min())


def test_one_indicator_is_calibrated() -> None:
    model = Model.build([0.2], 0.5, 0.5, 0.5, T=20)
    assert calibrate(model, [0.6], [0.7]).reached

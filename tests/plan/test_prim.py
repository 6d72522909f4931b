"""Failure boxes: a known box is found again, noise gives none, and the figures beside a box are by definition."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import qmc

from serai.errors import InputError
from serai.plan.prim import find_boxes, quasi_p


def sample(n: int = 512, inputs: int = 6, seed: int = 0) -> pl.DataFrame:
    points = qmc.Sobol(inputs, rng=np.random.default_rng(seed)).random(n)
    return pl.DataFrame({f"x{i}": points[:, i] for i in range(inputs)})


def test_a_known_box_is_found_with_its_edges():
    x = sample()
    box = find_boxes(x, (x["x0"] > 0.6) & (x["x3"] < 0.5))[0]
    limits = {limit.name: limit for limit in box.limits}
    assert set(limits) == {"x0", "x3"}
    assert limits["x0"].low == pytest.approx(0.6, abs=0.03)
    assert limits["x0"].high is None
    assert limits["x3"].high == pytest.approx(0.5, abs=0.03)
    assert limits["x3"].low is None
    assert box.coverage > 0.95
    assert box.density > 0.95
    assert all(limit.quasi_p < 1e-10 and limit.again > 0.9 for limit in box.limits)


def test_coverage_density_and_mass_are_what_they_say():
    x, rng = sample(), np.random.default_rng(5)
    fails = (x["x1"] > 0.7) & pl.Series(rng.random(x.height) < 0.8)
    box = find_boxes(x, fails)[0]
    inside = x["x1"].to_numpy() >= box.limits[0].low
    bad = fails.to_numpy()
    assert (box.inside == inside).all()
    assert box.coverage == pytest.approx(bad[inside].sum() / bad.sum())
    assert box.density == pytest.approx(bad[inside].mean())
    assert (box.mass, box.base) == pytest.approx((inside.mean(), bad.mean()))


def test_two_separate_boxes_are_found_one_after_the_other():
    x = sample(1024)
    fails = ((x["x0"] > 0.6) & (x["x3"] < 0.5)) | ((x["x1"] > 0.8) & (x["x4"] > 0.7))
    found = find_boxes(x, fails)
    assert [{limit.name for limit in box.limits} for box in found] == [{"x0", "x3"}, {"x1", "x4"}]
    assert (found[0].inside | found[1].inside)[fails.to_numpy()].mean() > 0.9


def test_categories_are_peeled_one_by_one():
    x = sample().with_columns(network=pl.Series(["a", "b", "c", "d"] * 128))
    box = find_boxes(x, x["network"].is_in(["b", "d"]) & (x["x2"] > 0.5))[0]
    limits = {limit.name: limit for limit in box.limits}
    assert limits["network"].values == ("b", "d")
    assert limits["x2"].low == pytest.approx(0.5, abs=0.03)


def test_chance_gives_hardly_ever_a_box():
    x = sample(256)
    found = [find_boxes(x, pl.Series(np.random.default_rng(seed).random(x.height) < 0.2)) for seed in range(20)]
    assert sum(map(bool, found)) <= 3
    assert all(box.coverage < 0.6 for boxes in found for box in boxes)


def test_an_input_that_means_nothing_is_not_in_the_box():
    x = sample(512, 12)
    for seed in range(5):
        noise = np.random.default_rng(seed).random(x.height)
        fails = pl.Series(noise < np.where(x["x0"].to_numpy() > 0.5, 0.9, 0.05))
        assert find_boxes(x, fails)[0].limits[0].name == "x0"


def test_quasi_p_is_the_binomial_tail():
    assert quasi_p(3, 3, 0.5) == pytest.approx(0.125)
    assert quasi_p(0, 3, 0.5) == 1
    assert quasi_p(2, 3, 0.5) == pytest.approx(0.5)


def test_no_failures_or_nothing_but_failures_have_no_box():
    x = sample(64)
    assert find_boxes(x, pl.Series([False] * 64)) == []
    assert find_boxes(x, pl.Series([True] * 64)) == []


def test_bad_samples_are_refused():
    x, fails = sample(64), pl.Series([True, False] * 32)
    with pytest.raises(InputError, match="for 63 outcomes"):
        find_boxes(x, fails[:-1])
    with pytest.raises(InputError, match="'x1' holds"):
        find_boxes(x.with_columns(x1=pl.lit(float("inf"))), fails)
    with pytest.raises(InputError, match="peel is 1"):
        find_boxes(x, fails, peel=1)
    with pytest.raises(InputError, match="true or false"):
        find_boxes(x, fails.cast(pl.Int8))

"""Numbers in lanes: exp and log to the last digits, streams that do not touch, and sums over any shape of stack."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from serai.plan import Links, Model, Stack, simulate
from serai.plan._lanes import exp_ratio, log_of


@given(st.floats(-690, 690))
def test_exp_is_exp(x: float) -> None:
    over, under = exp_ratio(x)
    assert math.isclose(over / under, math.exp(x), rel_tol=1e-15)


def test_exp_of_zero_is_one_and_large_numbers_stay_finite() -> None:
    assert exp_ratio(0.0) == (2.0, 2.0)
    for x in (800.0, -800.0, 1e300, -1e300):
        over, under = exp_ratio(x)
        assert math.isfinite(over)
        assert 0 < under < 3


@given(st.floats(1e-300, 1e300))
def test_log_is_log(x: float) -> None:
    assert math.isclose(log_of(x), math.log(x), rel_tol=1e-14, abs_tol=1e-15)


def starts(seed: int, runs: int, names: tuple[str, ...]) -> np.ndarray:
    """Benefits at the start: uniform numbers straight from the streams, (runs, countries)."""
    models = tuple(Model.build([0.5], 0.1, 0.1, 0.1, T=2, name=name) for name in names)
    return simulate(Stack(models), runs, seed=seed, keep=("F",))["F"][:, :, 0]


def test_streams_are_uniform_and_independent() -> None:
    drawn = starts(3, 20_000, ("a", "b", "c"))
    assert all(kstest(column, "uniform").pvalue > 1e-4 for column in drawn.T)
    together = np.column_stack(
        [drawn, starts(4, 20_000, ("a", "b", "c")), drawn[:, :1].take(range(1, 20_001), 0, mode="wrap")]
    )
    correlation = np.corrcoef(together.T) - np.eye(7)
    assert np.abs(correlation).max() < 4.5 / np.sqrt(20_000)


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    programmes=st.integers(1, 3),
    seed=st.integers(0, 2**64 - 1),
    links=st.integers(0, 5),
    lanes=st.sampled_from([1, 7, 64]),
)
def test_invariants_of_any_stack(sizes: list[int], programmes: int, seed: int, links: int, lanes: int) -> None:
    rng = np.random.default_rng(seed)
    models = []
    for at, size in enumerate(sizes):
        A = rng.normal(0, 1, (size, size))
        np.fill_diagonal(A, 0)
        models.append(
            Model.build(
                rng.uniform(0, 1, size), rng.uniform(0, 0.1, size), rng.uniform(0, 0.1, size),
                rng.uniform(0, 5, size), A,
                bs=rng.uniform(0.2, 3, size), Imax=np.full(size, 1.0), Imin=np.zeros(size),
                Bs=rng.uniform(0.1, 1e9, (programmes, 6)), name=f"c{at}",
            )
        )  # fmt: skip
    many = links if len(sizes) > 1 else 0
    home = np.repeat(np.arange(len(sizes)), sizes)
    origin = rng.integers(0, home.size, many)
    destination = np.array([rng.choice(np.flatnonzero(home != home[i])) for i in origin], dtype=np.int64)
    stack = Stack(tuple(models), Links(origin, destination, rng.normal(0, 1, many)))
    calm = stack.calm()
    calm.money[:] = rng.uniform(0, 2, calm.money.shape)
    calm.capacity[:] = rng.uniform(0, 1, calm.capacity.shape)
    keep = ("I", "C", "F", "P", "S", "gamma")
    runs = simulate(stack, 9, seed=seed, keep=keep, forcing=calm, lanes=lanes)
    assert all(np.isfinite(runs[name]).all() for name in keep)
    assert runs["I"].min() >= 0 and runs["I"].max() <= 1  # noqa: PT018
    assert runs["gamma"].min() >= 0 and runs["gamma"].max() <= 1  # noqa: PT018
    assert (runs["C"] <= runs["P"] * (1 + 1e-12)).all()
    for model, first, k in zip(models, stack.instruments[:-1], stack.programmes[:-1], strict=True):
        spent = runs["P"][:, first : first + model.instruments.size].sum(axis=1)
        assert np.allclose(spent, (model.Bs * calm.money[k : k + programmes]).sum(axis=0))
    again = simulate(stack, 9, seed=seed, keep=keep, forcing=calm, lanes=32)
    assert all(np.array_equal(runs[name], again[name]) for name in keep)

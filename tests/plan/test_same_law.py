"""The kernel draws from the law of the reference package, in every shape of input that package takes."""

from __future__ import annotations

from typing import Any

import cases
import numpy as np
import policy_priority_inference as ppi
import pytest
from scipy.stats import ks_2samp

from serai.plan import Model, simulate

RUNS = 1000
KS_LIMIT = 1e-4
"""Smallest p-value of some 200 Kolmogorov-Smirnov tests a case: a right law falls below it once in fifty cases."""


def reference(arguments: dict[str, Any]) -> list[np.ndarray]:
    """1,000 runs of the reference: I, C, F, P, S, gamma."""
    np.random.seed(7)  # the reference draws from numpy's old global generator
    given = {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in arguments.items()}
    return [np.array(path) for path in zip(*(ppi.run_ppi(**given) for _ in range(RUNS)), strict=True)]


def plain() -> dict[str, Any]:
    return cases.arrays()


def bounded() -> dict[str, Any]:
    base = cases.arrays(3)
    high = np.where(np.arange(cases.N) % 2 == 0, base["I0"] + 0.05, np.nan)
    low = np.where(np.arange(cases.N) % 3 == 0, base["I0"] - 0.01, np.nan)
    return {**base, "Imax": high, "Imin": low}


def modulated() -> dict[str, Any]:
    base = cases.arrays(4)
    return {**base, "bs": np.linspace(0.3, 2.5, int(base["R"].sum()))}


def frontier() -> dict[str, Any]:
    return cases.arrays(5, frontier=np.linspace(0.05, 0.95, cases.N))


def with_programmes() -> dict[str, Any]:
    base = cases.arrays(6)
    rng = np.random.default_rng(6)
    return {**base, "Bs": rng.uniform(20, 200, (3, 30)), "B_dict": cases.programmes(base["R"])}


def with_goals() -> dict[str, Any]:
    base = cases.arrays(7, collateral=False)
    return {**base, "G": base["I0"] + np.linspace(0.01, 0.5, cases.N)}


def goals_beside_collaterals() -> dict[str, Any]:
    base = cases.arrays(8)
    return {**base, "G": base["I0"] + np.linspace(0.01, 0.5, cases.N) ** 2}


def governed_by_indicators() -> dict[str, Any]:
    return {**cases.arrays(9), "qm": 2, "rl": 4}


def ambitious() -> dict[str, Any]:
    return {**cases.arrays(10), "betas": np.linspace(0.5, 3.0, cases.N)}


CASES = [
    plain, bounded, modulated, frontier, with_programmes, with_goals, goals_beside_collaterals,
    governed_by_indicators, ambitious,
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_reference_law(case: Any) -> None:
    arguments = case()
    theirs = reference(arguments)
    ours = simulate(Model.build(**arguments), RUNS, seed=11, keep=("I", "C", "F", "P", "S", "gamma"), reference=True)
    worst, scores = 1.0, []
    for name, path in zip(ours, theirs, strict=True):
        for t in (1, 2, 9, 29):
            for row in range(path.shape[1]):
                a, b = ours[name][:, row, t], path[:, row, t]
                spread = np.sqrt((a.var() + b.var()) / RUNS)
                if spread < 1e-12:
                    assert np.allclose(a, b, rtol=1e-9)
                    continue
                worst = min(worst, ks_2samp(a, b, method="asymp").pvalue)
                scores.append((a.mean() - b.mean()) / spread)
    assert worst > KS_LIMIT / 2, worst
    assert 0.7 < np.sqrt(np.mean(np.square(scores))) < 1.35


def test_first_allocations_follow_the_gaps_of_the_right_indicators() -> None:
    arguments = goals_beside_collaterals()
    model = Model.build(**arguments)
    gap = (arguments["G"] - arguments["I0"])[model.R]
    first = simulate(model, 2, keep=("P",))["P"][:, :, 0]
    assert np.allclose(first, 100 * gap / gap.sum())
    wrong = simulate(model, 2, keep=("P",), reference=True)["P"][:, :, 0]
    assert not np.allclose(wrong, first)


def test_budgets_are_spent_when_due_the_last_one_too() -> None:
    arguments = with_programmes()
    total = arguments["Bs"].sum(axis=0)
    ours, theirs = (
        simulate(Model.build(**arguments), 2, keep=("P",), reference=late)["P"].sum(axis=1) for late in (0, 1)
    )
    assert np.allclose(ours, total)
    assert np.allclose(theirs[:, 0], total[0])
    assert np.allclose(theirs[:, 1:], total[:-1])


def test_a_frontier_leaves_those_without_a_number_to_the_model() -> None:
    chance = np.full(cases.N, np.nan)
    chance[0] = 0.7
    model = Model.build(**cases.arrays(1, frontier=chance))
    ours, theirs = (simulate(model, 500, keep=("gamma", "I"), reference=late) for late in (False, True))
    assert (ours["gamma"][:, 0] == 0.7).all()
    assert (ours["gamma"][:, 1:] > 0).all()
    assert (theirs["I"][:, 1:, 1:] < theirs["I"][:, 1:, :-1]).all()


def test_where_nothing_differs_on_purpose_both_laws_are_one() -> None:
    model = Model.build(**plain())
    ours, theirs = (simulate(model, 200, seed=3, keep=("I", "F"), reference=late) for late in (False, True))
    assert np.array_equal(ours["I"], theirs["I"])
    assert np.array_equal(ours["F"], theirs["F"])

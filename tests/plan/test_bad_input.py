"""What cannot be a model is refused: everything that is wrong at once, by name, with the way out."""

from __future__ import annotations

from typing import Any

import cases
import numpy as np
import polars as pl
import pytest

from serai.errors import InputError
from serai.plan import Links, Model, Stack, calibrate, simulate

NAMES = [f"i{n}" for n in range(cases.N)]


def nan_at(name: str, at: int = 3) -> dict[str, Any]:
    broken = cases.arrays()[name].copy()
    broken[at] = np.nan
    return {name: broken}


def loop() -> dict[str, Any]:
    A = cases.arrays()["A"].copy()
    A[2, 2] = 0.5
    return {"A": A}


def serving(*programmes: int) -> dict[int, list[int]]:
    return {int(i): list(programmes) for i in np.flatnonzero(cases.arrays()["R"])}


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("short", {"alphas": np.full(5, 0.1)}, r"alphas has shape \(5,\).*needs \(12,\)"),
    ("matrix for vector", {"I0": np.ones((3, 4))}, r"I0 has shape \(3, 4\)"),
    ("nothing", {"I0": []}, "at least one"),
    ("words", {"betas": ["much"] * 12}, "betas is no table of numbers"),
    ("nan in I0", nan_at("I0"), "I0 has no finite number at 3"),
    ("nan in betas", nan_at("betas"), "betas has no finite number at 3"),
    ("negative alpha", {"alphas": np.r_[-0.1, np.full(11, 0.1)]}, r"alphas below zero: i0 \[-0.1\]"),
    ("negative alpha prime", {"alphas_prime": np.r_[np.full(11, 0.1), -1]}, r"alphas_prime below zero: i11"),
    ("network shape", {"A": np.zeros((3, 3))}, r"A has shape \(3, 3\)"),
    ("loop", loop(), r"loop of an indicator on itself: i2 \[0.5\]; put 0 on the diagonal"),
    ("network nan", {"A": np.full((12, 12), np.nan)}, "A has no finite number at i0 to i0"),
    ("R of twos", {"R": np.full(12, 2.0)}, "R holds 2"),
    ("nothing instrumental", {"R": np.zeros(12)}, "no instrumental indicator"),
    ("quality above one", {"qm": 1.5}, r"qm holds 1.5; a quality lies in \[0, 1\]"),
    ("quality of nobody", {"rl": 12}, "rl = 12 is no indicator"),
    ("no money", {"Bs": np.zeros((1, 30))}, "programme 0 of Bs has no money"),
    ("no money in a year", {"Bs": np.r_[np.full(10, 5.0), 0.0]}, "no money at all in period 10"),
    ("negative money", {"Bs": np.r_[np.full(10, 5.0), -1.0]}, "Bs is -1.0 for programme 0 in period 10"),
    ("idle programme", {"Bs": np.full((3, 9), 5.0), "B_dict": serving(0, 2)}, "programme 1 of Bs serves no indicator"),
    ("unserved", {"Bs": np.full((1, 9), 5.0), "B_dict": {0: [0]}}, "instrumental indicator i2 has no programme"),
    (
        "collateral served",
        {"Bs": np.full((1, 9), 5.0), "B_dict": {**serving(0), 1: [0]}},
        "B_dict names 1, which is not",
    ),
    ("goal below", {"G": cases.arrays()["I0"] - 0.1}, "goal below the start"),
    ("no gap", {"G": cases.arrays()["I0"]}, "all gaps of programme 0 are closed.*raise a goal"),
    ("goal nan", {"G": np.full(12, np.nan)}, "no goal for an instrumental indicator"),
    ("frontier", {"frontier": np.full(12, 1.2)}, r"frontier outside \[0, 1\]"),
    ("above its bound", {"Imax": cases.arrays()["I0"] - 0.01}, "I0 above Imax"),
    ("below its bound", {"Imin": cases.arrays()["I0"] + 0.01}, "I0 below Imin"),
    ("periods differ", {"T": 5}, "Bs has 30 periods and T is 5"),
    ("no periods", {"Bs": None, "T": 0}, "T is 0"),
    ("no unit of money", {"money": 0.0}, "money is 0.0"),
    ("names", {"indicators": ["a", "a"]}, "for 12 indicators"),
]


@pytest.mark.parametrize(("broken", "says"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_wrong_input_is_named(broken: dict[str, Any], says: str) -> None:
    given = {**cases.arrays(), "indicators": NAMES, **broken}
    with pytest.raises(InputError, match=says):
        Model.build(**given, name="somewhere")


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InputError) as told:
        Model.build(**{**cases.arrays(), **nan_at("alphas"), **loop(), "betas": [1.0]})
    assert all(word in str(told.value) for word in ("3 faults", "alphas", "loop", "betas"))


def test_one_indicator_is_a_model() -> None:
    model = Model.build([0.2], [0.01], [0.005], [0.02], T=10)
    paths = simulate(model, 200, keep=("I", "P"))
    assert np.allclose(paths["P"], 100.0)
    assert paths["I"].shape == (200, 1, 10)


def test_a_goal_that_is_met_beside_one_that_is_not_is_fine() -> None:
    given = cases.arrays(collateral=False)
    goals = given["I0"].copy()
    goals[0] += 0.2
    first = simulate(Model.build(**given, G=goals), 3, keep=("P",))["P"][:, :, 0]
    assert np.allclose(first[:, 0], 100)
    assert np.allclose(first[:, 1:], 0)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"IF": cases.arrays()["I0"]}, "IF equals I0"),
        ({"success_rates": np.zeros(12)}, r"success rate outside \(0, 1\].*0.05"),
        ({"success_rates": np.full(12, np.nan)}, "success_rates has no finite number"),
        ({"threshold": 1.0}, "threshold is 1.0"),
    ],
)
def test_what_cannot_be_calibrated_is_named(broken: dict[str, Any], says: str) -> None:
    model = Model.build(**cases.arrays())
    given = {"IF": model.I0 + 0.1, "success_rates": np.full(12, 0.6), **broken}
    with pytest.raises(InputError, match=says):
        calibrate(model, **given)


@pytest.mark.parametrize(("runs", "seed"), [(0, 0), (-3, 0), (2.5, 0), (10, -1), (10, 2**64)])
def test_what_cannot_be_run_is_named(runs: Any, seed: int) -> None:
    with pytest.raises(InputError, match="give a whole number"):
        simulate(Model.build(**cases.arrays()), runs, seed=seed)


def test_outputs_larger_than_the_machine_are_refused() -> None:
    with pytest.raises(InputError, match=r"GB and this machine has .* keep 'mean'"):
        simulate(Model.build(**cases.arrays()), 10**9, keep=("I", "gamma"))


def test_no_bound_may_be_infinity() -> None:
    given = cases.arrays()
    one, other = (Model.build(**given, Imax=np.full(12, high), Imin=np.full(12, -high)) for high in (np.inf, np.nan))
    assert np.array_equal(simulate(one, 5)["I"], simulate(other, 5)["I"])
    with pytest.raises(InputError, match="Imin has no finite number"):
        Model.build(**given, Imin=np.full(12, np.inf))


def test_stacks_that_do_not_fit_are_named() -> None:
    one, other = (Model.build(**cases.arrays(), name=name) for name in "ab")
    with pytest.raises(InputError, match="two models of one name"):
        Stack((one, one))
    with pytest.raises(InputError, match="different numbers of periods"):
        Stack((one, other.replace(Bs=np.full((1, 7), 3.0))))
    with pytest.raises(InputError, match="link 0 stays within a"):
        Stack((one, other), Links(np.array([0]), np.array([3]), np.array([1.0])))
    stack = Stack((one, other))
    with pytest.raises(InputError, match="growth has shape"):
        simulate(stack, 3, forcing=stack.calm()._replace(growth=np.ones((2, 2))))


def tables() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    indicators = pl.DataFrame(
        {
            "indicator": ["water", "schools", "growth"], "I0": [0.2, 0.4, 0.3], "alpha": [0.02, 0.01, 0.03],
            "alpha_prime": [0.01, 0.01, 0.02], "beta": [0.5, 0.4, 0.9], "R": [1, 1, 0],
            "programmes": ["works", "works; schooling", None],
        }
    )  # fmt: skip
    links = pl.DataFrame({"origin": ["water"], "destination": ["growth"], "weight": [0.3]})
    rows = [(name, year, 5.0 + year % 3) for name in ("works", "schooling") for year in range(2020, 2026)]
    return indicators, links, pl.DataFrame(rows, schema=["programme", "period", "value"], orient="row")


def test_tables_and_arrays_are_the_same_model() -> None:
    indicators, links, budget = tables()
    A = np.zeros((3, 3))
    A[0, 2] = 0.3
    money = np.array([[5.0 + year % 3 for year in range(2020, 2026)]] * 2)
    same = Model.build(
        [0.2, 0.4, 0.3], [0.02, 0.01, 0.03], [0.01, 0.01, 0.02], [0.5, 0.4, 0.9], A, [1, 1, 0],
        Bs=money, B_dict={0: [0], 1: [0, 1]}, name="x",
    )  # fmt: skip
    table = Model.from_table(indicators, links, budget, name="x")
    assert np.array_equal(simulate(table, 20)["I"], simulate(same, 20)["I"])


def test_faults_in_tables_are_named() -> None:
    indicators, links, budget = tables()
    with pytest.raises(InputError, match="column 'beta' is missing"):
        Model.from_table(indicators.drop("beta"), links, budget)
    with pytest.raises(InputError, match="column 'colour' is unknown"):
        Model.from_table(indicators.with_columns(colour=pl.lit(1)), links, budget)
    with pytest.raises(InputError, match="row 1 names 'fire', which is no indicator"):
        Model.from_table(indicators, links.with_columns(origin=pl.lit("fire")), budget)
    with pytest.raises(InputError, match="schooling has no number in 2025"):
        Model.from_table(indicators, links, budget.head(11))
    with pytest.raises(InputError, match=r"'works' \(row 1\) has no budget"):
        Model.from_table(indicators, links, budget.filter(pl.col("programme") == "schooling"))

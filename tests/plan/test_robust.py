"""Robust choice: definitions by hand, and whether a ranking is called decided only when it is."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan.outcomes import outcomes
from serai.errors import InputError, UnknownName
from serai.plan import robust

HAND = np.array([[0.10, 0.30, 0.20], [0.40, 0.20, 0.40], [0.50, 0.60, 0.10], [0.20, 0.25, 0.15]])
NAMES = ["as_is", "equal", "water"]


def by(frame: pl.DataFrame, column: str) -> dict[str, float]:
    return dict(frame.select("strategy", column).iter_rows())


def test_regret_is_measured_against_the_best_strategy_of_the_same_shock():
    found = robust.regret(outcomes(HAND, NAMES))
    assert found["regret"].to_numpy().reshape(4, 3) == pytest.approx(HAND.max(axis=1, keepdims=True) - HAND)
    assert found["best"].to_list()[:3] == [0.30] * 3


def test_summary_by_hand():
    found = robust.summary(outcomes(HAND, NAMES), tail=0.5)
    assert by(found, "mean") == pytest.approx({"as_is": 0.3, "equal": 0.3375, "water": 0.2125})
    assert by(found, "cvar") == pytest.approx({"as_is": 0.15, "equal": 0.225, "water": 0.125})
    assert by(found, "regret_max") == pytest.approx({"as_is": 0.2, "equal": 0.2, "water": 0.5})
    # Equal beats the status quo in three of four shocks; water in one, and ties in one, which is no win.
    assert by(found, "satisficing") == {"as_is": None, "equal": 0.75, "water": 0.25}
    assert set(found["nature"]) == {"M"}


def test_cvar_takes_part_of_the_value_at_the_edge_of_the_tail():
    values = np.arange(10.0)[:, None]
    assert robust.cvar(values, 0.25)[0] == pytest.approx((0 + 1 + 0.5 * 2) / 2.5)
    assert robust.cvar(values, 1.0)[0] == pytest.approx(4.5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 1.0))
def test_cvar_is_never_above_the_mean_and_regret_never_below_zero(seed, tail):
    values = np.random.default_rng(seed).random((40, 3))
    assert (robust.cvar(values, tail) <= values.mean(axis=0) + 1e-12).all()
    assert robust.regret(outcomes(values, NAMES))["regret"].min() == 0


def test_a_small_constant_lead_is_decided_however_much_shocks_vary():
    common = np.random.default_rng(0).normal(0.4, 0.2, (200, 1))
    found = robust.paired(outcomes(common + np.array([0, 0.02, -0.03]), NAMES))
    assert found.select("strategy", "other", "verdict").rows() == [
        ("as_is", "equal", "behind"),
        ("as_is", "water", "ahead"),
        ("equal", "water", "ahead"),
    ]
    made = robust.decision(found).row(0, named=True)
    assert (made["best"], made["leading"], made["decided"]) == ("equal", ["equal"], True)


def test_a_lead_that_does_not_matter_is_called_alike_and_decides_nothing():
    common = np.random.default_rng(0).normal(0.4, 0.2, (200, 1))
    made = robust.decision(robust.paired(outcomes(common + np.array([0, 0.004]), NAMES[:2]))).row(0, named=True)
    assert (made["leading"], made["alike"], made["decided"]) == (["as_is", "equal"], ["as_is"], False)


def test_noise_is_hardly_ever_called_a_ranking():
    """Intervals hold for all ten pairs at once: under noise alone a pair is told apart in one sample of twenty."""
    names = [f"s{i}" for i in range(5)]
    wrong = 0
    for seed in range(60):
        noise = np.random.default_rng(seed).normal(0.4, 0.2, (80, 5))
        wrong += (robust.paired(outcomes(noise, names), margin=0, draws=400)["verdict"] != "open").any()
    assert wrong <= 9  # 60 samples at 5 %: more than 9 has a chance below .1 %


def test_worst_regret_can_rank_otherwise_than_the_mean():
    closed = np.tile([0.5, 0.45], (100, 1))
    closed[:5, 0] = 0.1  # better on average, far worse in a few shocks
    rows = outcomes(closed, ["bold", "careful"])
    assert robust.decision(robust.paired(rows))["best"][0] == "bold"
    assert robust.decision(robust.paired(rows, criterion="regret"))["best"][0] == "careful"


def test_the_same_rows_in_another_order_give_the_same_intervals():
    rows = outcomes(np.random.default_rng(3).random((50, 3)), NAMES)
    mixed = rows.sort("closed").sort("shock", "strategy")
    assert robust.summary(rows).equals(robust.summary(mixed))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows.drop("closed"), "column 'closed' is missing"),
        (lambda rows: rows.head(0), "run an ensemble first"),
        (lambda rows: rows.slice(1), "strategy 'as_is' lacks shock"),
        (lambda rows: pl.concat([rows, rows.head(1)]), "appears twice"),
        (lambda rows: rows.with_columns(closed=pl.lit(float("nan"))), "is no finite number"),
    ],
)
def test_incomplete_outcomes_are_refused(change, words):
    with pytest.raises(InputError, match=words):
        robust.summary(change(outcomes(HAND, NAMES)))


def test_unknown_names_and_too_little_to_compare():
    rows = outcomes(HAND, NAMES)
    with pytest.raises(UnknownName, match="nothing"):
        robust.summary(rows, status_quo="nothing")
    with pytest.raises(UnknownName, match="median"):
        robust.paired(rows, criterion="median")
    with pytest.raises(InputError, match="ten shocks"):
        robust.paired(rows)
    with pytest.raises(InputError, match="tail is 0"):
        robust.summary(rows, tail=0)

"""Strategies: all spend the same money; a user's table is taken as it is or refused with every fault."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.errors import PackError, SourceError, UnknownName
from serai.plan import strategies
from serai.plan.strategies import Money, shared_out
from serai.region import find_pack
from serai.region.plan_files import STRATEGIES, Strategy

MONEY = Money(
    members=("AAA", "AAA", "AAA", "BBB", "BBB"),
    programmes=("1", "6", "9", "1", "6"),
    goals=("1", "6", "9", "1", "6"),
    budget=np.array([[4.0, 8], [4, 8], [2, 4], [30, 0], [10, 80]]),
    gaps=np.array([3.0, 1, 0, 0, 0]),
    reach=np.array([1.0, 1, 2, 0, 0]),
    assumed=np.array([True, True, False, True, True]),
)


def made(rule: str, **more: object) -> Strategy:
    return Strategy.model_validate({"id": "one", "title": {"en": "x"}, "text": {"en": "x"}, "rule": rule} | more)


def test_rules_by_hand():
    assert (shared_out(made("as_is"), MONEY) == MONEY.budget).all()
    assert shared_out(made("equal", share=1), MONEY)[:3, 1] == pytest.approx([20 / 3] * 3)
    assert shared_out(made("gap", share=1), MONEY)[:3, 0] == pytest.approx([7.5, 2.5, 0])
    assert shared_out(made("bottleneck", share=1), MONEY)[:3, 0] == pytest.approx([2.5, 2.5, 5])
    assert shared_out(made("focus", goals=["9"], share=0.5), MONEY)[:3, 0] == pytest.approx([2, 2, 6])
    assert shared_out(made("gap", share=0.2), MONEY)[:3, 0] == pytest.approx([4.7, 3.7, 1.6])


def test_a_member_that_a_rule_says_nothing_about_keeps_its_shares():
    for strategy in (made("gap", share=1), made("focus", goals=["9"], share=0.6)):
        assert (shared_out(strategy, MONEY)[3:] == MONEY.budget[3:]).all()


def test_what_changes_nothing_changes_no_digit():
    equal = replace(MONEY, budget=np.array([[10.0] * 2] * 3 + [[20.0] * 2] * 2) / 3)
    assert (shared_out(made("equal", share=1), equal) == equal.budget).all()


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(
        [
            made("as_is"),
            *(made(rule, share=0.4) for rule in ("equal", "gap", "bottleneck")),
            made("focus", goals=["6"], share=0.3),
        ]
    ),
    st.lists(st.floats(0, 100), min_size=10, max_size=10),
)
def test_every_strategy_spends_the_same_money_in_every_period(strategy, amounts):
    money = replace(MONEY, budget=np.array(amounts).reshape(5, 2))
    spent = shared_out(strategy, money)
    assert (spent >= 0).all()
    for rows in money.blocks.values():
        assert spent[rows].sum(axis=0) == pytest.approx(money.budget[rows].sum(axis=0))


def test_assumed_shares_lean_to_the_wider_gap_or_away_from_it():
    assert MONEY.leaning(1.5)[:2] == pytest.approx(np.array([[6.0, 12], [2, 4]]))
    assert MONEY.leaning(0.5)[:2] == pytest.approx(np.array([[2.0, 4], [6, 12]]))
    assert (MONEY.leaning(1.5)[3:] == MONEY.budget[3:]).all()  # gaps alike: nothing to lean to
    four = replace(MONEY, members=("AAA",) * 5, budget=np.full((5, 1), 2.0), gaps=np.array([3.0, 1, 9, 2, 0]))
    assert four.leaning(1.6)[:, 0] == pytest.approx([3.2, 1.6, 2, 2.4, 0.8])


@settings(max_examples=50, deadline=None)
@given(
    st.floats(0, 2),
    st.lists(st.floats(0, 100), min_size=10, max_size=10),
    st.lists(st.floats(0, 5), min_size=5, max_size=5),
    st.lists(st.booleans(), min_size=5, max_size=5),
)
def test_leaning_spends_the_same_money_and_leaves_sourced_shares_alone(widest, amounts, gaps, assumed):
    money = replace(
        MONEY, budget=np.array(amounts).reshape(5, 2), gaps=np.array(gaps), assumed=np.array(assumed, dtype=bool)
    )
    leant = money.leaning(widest)
    assert (leant >= 0).all()
    assert (leant[~money.assumed] == money.budget[~money.assumed]).all()
    assert (money.leaning(1.0) == money.budget).all()
    for rows in money.blocks.values():
        assert leant[rows].sum(axis=0) == pytest.approx(money.budget[rows].sum(axis=0))


def test_every_strategy_starts_from_the_same_drawn_shares_and_a_table_replaces_them():
    rules = tuple(
        made(rule, **more).model_copy(update={"id": rule}) for rule, more in (("as_is", {}), ("gap", {"share": 0.2}))
    )
    deal = strategies.Deal(MONEY, rules, {"mine": {"AAA": np.array([0.5, 0.25, 0.25])}})
    found = deal.budgets(1.5)
    assert found["as_is"][:3, 0] == pytest.approx([6, 2, 2])
    assert found["gap"][:3, 0] == pytest.approx([0.8 * 6 + 1.5, 0.8 * 2 + 0.5, 1.6])
    assert (found["mine"][:3] == deal.budgets()["mine"][:3]).all()
    assert (deal.budgets()["as_is"] == MONEY.budget).all()


def test_a_users_table_is_taken_as_it_is(tmp_path):
    path = tmp_path / "shares.csv"
    path.write_text("member,programme,share\nAAA,1,50\nAAA,9,50\n")
    found = strategies.read_table(path, MONEY)
    assert found[:3] == pytest.approx(np.array([[5, 10], [0, 0], [5, 10]]))
    assert (found[3:] == MONEY.budget[3:]).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("member,share\nAAA,1\n", "give member, programme, share"),
        ("member,programme,share\n", "no rows"),
        ("member,programme,share\nAAA,1,0.5\n", "shares do not add up"),
        ("member,programme,share\nAAA,1,-1\nAAA,6,2\n", r"shares.csv:2: share is no number from 0 \[-1\]"),
        ("member,programme,share\nAAA,1,much\n", r"\[much\]"),
        ("member,programme,share\nCCC,1,1\n", r"unknown member \[CCC\]; known: AAA, BBB"),
        ("member,programme,share\nBBB,9,1\n", r"unknown programme of BBB \[9\]; known: 1, 6"),
        ("member,programme,share\nAAA,1,0\nAAA,1,1\n", "appears twice"),
    ],
)
def test_a_bad_table_is_refused(tmp_path, text, words):
    path = tmp_path / "shares.csv"
    path.write_text(text)
    with pytest.raises(SourceError, match=words):
        strategies.read_table(path, MONEY)


def test_all_faults_of_a_table_are_told_at_once(tmp_path):
    path = tmp_path / "shares.csv"
    path.write_text("member,programme,share\nCCC,1,1\nAAA,7,1\nAAA,1,x\n")
    with pytest.raises(SourceError) as caught:
        strategies.read_table(path, MONEY)
    assert str(caught.value).count("shares.csv:") == 3
    with pytest.raises(SourceError, match="no such file"):
        strategies.read_table(tmp_path / "none.csv", MONEY)


def test_the_shipped_strategies_begin_with_the_status_quo():
    known = strategies.read(find_pack("central_asia"))
    assert list(known) == ["as_is", "equal", "largest_gap", "bottleneck", "corridor", "water"]
    assert [one.id for one in strategies.chosen(known, ["water"])] == ["as_is", "water"]
    with pytest.raises(UnknownName, match="watr"):
        strategies.chosen(known, ["watr"])


def test_faults_of_a_file_of_strategies_are_named(tmp_path):
    (tmp_path / "plan").mkdir()
    text = (find_pack("central_asia") / STRATEGIES).read_text()
    for old, new, words in (
        ('id = "as_is"', 'id = "other"', "status quo"),
        ('id = "equal"', 'id = "as_is"', "there already"),
        ("share = 0.2", "share = 1.4", "less than or equal to 1"),
        ('rule = "equal"', 'rule = "equal"\ngoals = ["1"]', "belong to the rule focus"),
        ("share = 1.0", "", "share of the money that moves"),
    ):
        (tmp_path / STRATEGIES).write_text(text.replace(old, new, 1))
        with pytest.raises(PackError, match=words):
            strategies.read(tmp_path)
    (tmp_path / STRATEGIES).unlink()
    assert list(strategies.read(tmp_path)) == ["as_is"]

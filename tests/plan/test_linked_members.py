"""Several countries and shocks: what must hold whatever the figures."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan.two_countries import member, world
from serai.errors import InputError
from serai.plan.forcing import Arrays
from serai.plan.simulate import simulate
from serai.plan.world import StackedWorld

DRAWN = {"network": 0.1, "links": 1.0, "monitoring": 0.5, "law": 0.5, "shares": 1.0}


def calm(of) -> Arrays:
    return Arrays(*of.stack("a").calm())


def final(of, arrays=None, budget=None, runs=16, first=0, **drawn):
    money = of.money.budget if budget is None else budget
    return of.final(DRAWN | drawn, money, arrays or calm(of), first_run=first, runs=runs, seed=3)


def test_without_links_and_shocks_each_country_is_as_alone_bit_for_bit():
    both = world()
    for at, name in ((0.1, "a"), (0.9, "b")):
        found = final(both, network=at, links=0.0)
        for one, part in zip(both.members, np.split(found, 2, axis=1), strict=True):
            alone = simulate(one.models[name], 16, seed=3, keep=("final",))["final"]
            assert (part == alone).all()


def test_a_country_has_the_same_luck_whoever_is_beside_it():
    alone, both, turned = world(member("AAA", 1)), world(), world(member("BBB", 2), member("AAA", 1))
    part = final(both, links=0.0)[:, :6]
    assert (final(alone, links=0.0) == part).all()
    assert (final(turned, links=0.0)[:, 6:] == part).all()


def test_where_spending_is_not_known_the_past_stays_as_it_was_whatever_is_drawn():
    slow = {"betas": np.full(6, 0.03)}  # money decides: nothing rises for sure
    both = world(*(
        replace(one, models={name: model.replace(**slow) for name, model in one.models.items()})
        for one in (member("AAA", 1), member("BBB", 2))
    ))  # fmt: skip
    assert (both.yields(1.0) == 1).all()
    assert (both.yields(1.7)[[5, 11]] == 1).all()  # no money is spent on these
    calibrated = final(both, runs=512).mean(axis=0)
    for widest in (0.3, 1.7):
        money = both.money.leaning(widest)
        drawn, stale = (final(both, budget=money, runs=512, shares=one).mean(axis=0) for one in (widest, 1.0))
        assert np.abs(drawn - calibrated).max() < 0.3 * np.abs(stale - calibrated).max()


def test_links_reach_the_same_series_of_the_other_country():
    links = world().links
    assert links.select("kind", "origin", "destination", "series").rows() == [
        ("trade", "AAA", "BBB", "S5"), ("trade", "AAA", "BBB", "S6"),
        ("trade", "BBB", "AAA", "S5"), ("trade", "BBB", "AAA", "S6"),
        ("water", "AAA", "BBB", "S3"), ("water", "AAA", "BBB", "S4"),
    ]  # fmt: skip
    assert links["share"].to_list() == [0.6, 0.6, 0.2, 0.2, 0.9, 0.9]
    both = world()
    moved = (final(both, links=5.0, runs=64) != final(both, links=0.0, runs=64)).any(axis=0)
    assert moved[[8, 9, 10]].any()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_more_capacity_never_lowers_spillovers(seed, capacities):
    """Spillovers of the first step, which all runs share: after it, growth itself may differ."""
    both = world()
    stack, few = both.stack("a"), both.stack("a").calm()
    few.capacity[...] = np.array(capacities)[:, None]
    more = few._replace(capacity=np.minimum(few.capacity + 0.3, 1.0))
    low, high = (simulate(stack, 32, seed=seed, keep=("S",), forcing=one, workers=1)["S"] for one in (few, more))
    assert (high[:, :, 0] >= low[:, :, 0]).all()


def test_more_capacity_never_lowers_expected_spillovers_of_the_linked():
    both = world()
    stack, shut = both.stack("a", links=2.0), both.stack("a").calm()
    shut.capacity[...] = 0
    half = shut._replace(capacity=np.full_like(shut.capacity, 0.5))
    means = [
        simulate(stack, 4000, seed=1, keep=("S",), forcing=one)["S"][:, [8, 9, 10], :].mean(axis=(0, 2))
        for one in (shut, half, stack.calm())
    ]
    assert (means[0] < means[1]).all()
    assert (means[1] < means[2]).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 1))
def test_money_spent_is_money_budgeted(seed, cut):
    both = world()
    stack, forcing = both.stack("b"), both.stack("b").calm()
    forcing.money[1, 2:4] *= 1 - cut
    spent = simulate(stack, 8, seed=seed, keep=("P",), forcing=forcing, workers=1)["P"]
    budget = both.money.budget * forcing.money
    for part, whole in zip(np.split(spent, 2, axis=1), np.split(budget, 2), strict=True):
        assert part.sum(axis=1) == pytest.approx(np.tile(whole.sum(axis=0), (8, 1)))


def test_runs_are_the_same_in_one_go_or_many():
    both = world()
    whole = final(both, runs=40)
    parts = [final(both, runs=10, first=at) for at in range(0, 40, 10)]
    assert (whole == np.concatenate(parts)).all()


def test_a_world_takes_the_money_of_a_strategy_in_the_members_currency():
    both = world()
    assert (final(both, budget=both.money.budget * 1.0) == final(both)).all()
    none = final(both, budget=both.money.budget * 0.01, runs=200).mean(axis=0)
    much = final(both, budget=both.money.budget * 4.0, runs=200).mean(axis=0)
    assert (much >= none).mean() > 0.8


def test_gaps_and_what_hangs_on_them():
    both = world()
    assert both.gaps.gap[:6] == pytest.approx([0.3] * 5 + [0])
    first = both.members[0]
    hanging = [0.3 * 0.3 * np.mean([np.maximum(m.A, 0)[i, :5].sum() for m in first.models.values()]) for i in range(5)]
    assert both.money.reach[:3] == pytest.approx([sum(hanging[:2]), sum(hanging[2:4]), hanging[4]])
    assert both.money.gaps[:3] == pytest.approx([0.6, 0.6, 0.3])
    assert both.ground.years == tuple(range(2024, 2031))


def test_members_of_different_networks_or_none_are_refused():
    with pytest.raises(InputError, match="different networks"):
        world(member("AAA", 1), member("BBB", 2, networks=("a", "c")))
    with pytest.raises(InputError, match="no member"):
        StackedWorld((), world().links, 2024)


def test_a_member_of_one_network_takes_part_under_all():
    both = world(member("AAA", 1), member("BBB", 2, networks=("a",)))
    assert both.networks == ("a", "b")
    alone = both.members[1]
    found = final(both, network=0.9, links=0.0)[:, 6:]
    assert (found == simulate(alone.any, 16, seed=3, keep=("final",))["final"]).all()

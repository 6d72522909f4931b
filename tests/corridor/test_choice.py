"""Goods that share routes: link-nested logit by hand, constants fitted to what was observed, users' losses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import serai
from corridor.network_pack import add_network
from serai.corridor import Corridors, _logit
from serai.corridor._logit import Ridden, Sets
from serai.corridor.choice import GAP
from serai.corridor.choice_sets import DETOUR, OVERLAP, choice_sets, nested
from serai.corridor.disruption import shocked
from serai.region import load_pack

THETA = 0.1


@pytest.fixture
def folder(pack_dir: Path) -> Path:
    add_network(pack_dir)
    return pack_dir


@pytest.fixture
def corridors(folder: Path) -> Corridors:
    return Corridors(load_pack(folder))


@pytest.fixture(scope="module")
def region() -> Corridors:
    return Corridors(load_pack("central_asia"))


def shares(routes: list[list[int]], costs: list[float]) -> tuple[list[float], float]:
    """Shares of one pair's routes, all links being of one length, and the logarithm of the generating function."""
    sizes = [len(route) for route in routes]
    begin = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    steps = np.array([step for route in routes for step in route], dtype=np.int64)
    part = np.array([1 / size for size in sizes for _ in range(size)])
    none, ends = np.zeros(0, dtype=np.int64), np.array([0, len(routes)])
    bare = Sets(np.array([0]), ends, begin, steps, np.zeros(begin.size, dtype=np.int64), none, *[none] * 5)
    sets = nested(bare, Ridden(begin, steps, part), int(steps.max()) + 1)
    flow, gain, nothing = np.zeros(len(routes)), np.zeros(1), np.zeros(0)
    _logit.load(
        sets, -THETA * np.array(costs), np.ones(1), nothing, THETA, np.ones(1), flow, nothing, np.zeros((0, 0)), gain,
        nothing, np.zeros(len(routes)),
    )  # fmt: skip
    return flow.tolist(), float(gain[0])


def test_routes_without_a_common_link_share_as_in_a_plain_logit() -> None:
    found, gain = shares([[0, 1], [2], [3, 4, 5]], [10.0, 12.0, 15.0])
    odds = np.exp(-THETA * np.array([10.0, 12.0, 15.0]))
    assert found == pytest.approx(odds / odds.sum())
    assert gain == pytest.approx(np.log(odds.sum()))


def test_a_route_given_twice_is_one_route_with_half_the_goods_each() -> None:
    """Two that are the same: sqrt(2) of one's odds at a nesting coefficient of one half (Vovsha and Bekhor, 1998)."""
    found, gain = shares([[0, 1], [0, 1], [2]], [10.0, 10.0, 10.0])
    assert found[0] == pytest.approx(found[1])
    assert found[0] + found[1] == pytest.approx(np.sqrt(2) / (1 + np.sqrt(2)))
    assert gain == pytest.approx(-1.0 + np.log(1 + np.sqrt(2)))


def test_half_a_common_way_by_hand() -> None:
    """Routes 0-1 and 0-2: links hold (1/2)^2 + (w/2)^2, (1/2)^2 and (w/2)^2 with w the odds of the second."""
    w = np.exp(-THETA * 5.0)
    common = np.sqrt((1 + w**2) / 4)
    total = common + 0.5 + w / 2
    found, gain = shares([[0, 1], [0, 2]], [10.0, 15.0])
    assert found[0] == pytest.approx((0.25 / common + 0.5) / total)
    assert sum(found) == pytest.approx(1.0)
    assert gain == pytest.approx(-THETA * 10.0 + np.log(total))


def test_routes_beyond_those_a_mark_tells_apart_stand_each_for_itself() -> None:
    found, gain = shares([[0, 1]] * (_logit.MASK + 2), [0.0] * (_logit.MASK + 2))
    assert np.exp(gain) == pytest.approx(np.sqrt(_logit.MASK) + 2)
    assert found[-2:] == pytest.approx([1 / np.exp(gain)] * 2)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_nests_share_as_the_links_they_stand_for(data: st.DataObject) -> None:
    """Against the formula with every link a nest of its own, routes of any links at any costs."""
    route = st.lists(st.integers(0, 9), min_size=1, max_size=10, unique=True)
    routes = data.draw(st.lists(route, min_size=1, max_size=8))
    routes += [[n % 10, (n + 1) % 10] for n in range(data.draw(st.sampled_from([0, 0, 50])))]
    costs = [data.draw(st.floats(0, 80)) for _ in routes]
    odds = np.exp(-THETA * np.array(costs))
    own = np.zeros((len(routes), 10))
    for number, links in enumerate(routes):
        own[number, links] = odds[number] / len(links)
    nests = np.sqrt((own**2).sum(axis=0))
    each = np.divide(own**2, nests, out=np.zeros_like(own), where=nests > 0).sum(axis=1)
    found, gain = shares(routes, costs)
    assert found == pytest.approx((each / each.sum()).tolist())
    assert gain == pytest.approx(np.log(each.sum()))


def test_sets_hold_routes_that_differ_and_do_not_cost_too_much(region: Corridors) -> None:
    choice = region.sharing("logit")
    sets, cost, freight = choice.sets, region.freight.base_costs.cost, region.freight
    for place in range(0, sets.pair.size, 97):
        kind, routes = freight.demand.kind[sets.pair[place]], range(*sets.first[place : place + 2])
        spent = [cost[kind, sets.links[sets.begin[r] : sets.begin[r + 1]]].sum() for r in routes]
        assert max(spent) <= DETOUR * min(spent) * (1 + 1e-9)
        steps = [freight.chained(sets.links[sets.begin[r] : sets.begin[r + 1]]) for r in routes]
        moving = np.array([edge.start != edge.end for edge in freight.net.edges])
        rides = [own[moving[own]] for own in steps]
        for at, own in enumerate(rides):
            ends = [freight.net.edges[step].end for step in own]
            passed = [end for end, before in zip(ends, ["", *ends], strict=False) if end != before]
            assert len(set(passed)) == len(passed)
            common = [choice.weight[kind, np.intersect1d(own, other)].sum() for other in rides[:at]]
            assert max(common, default=0.0) <= OVERLAP * choice.weight[kind, own].sum() * (1 + 1e-9)


def observed(folder: Path, tonnes: float) -> Corridors:
    """The lake network with a constant fitted at the pier."""
    table = folder / "corridor/throughputs.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("ferry,1,checked", f"ferry,{tonnes!r},fitted"), encoding="utf-8")
    return Corridors(load_pack(folder))


def test_a_constant_is_found_again_from_what_passes_with_it(corridors: Corridors, folder: Path) -> None:
    plain = corridors.sharing("logit")
    known = plain.with_constants({"pier": -12.5})
    fitted = observed(folder, known.through(known.base)["pier"])
    table = fitted.constants()
    assert table["constant"].to_list() == pytest.approx([-12.5], rel=1e-4)
    row = fitted.throughput().filter(pl.col("point") == "pier").row(0, named=True)
    assert row["fitted_share"] == pytest.approx(1.0, rel=1e-5)
    assert row["without_mt"] == pytest.approx(plain.through(plain.base)["pier"])
    assert fitted.assign().areas.equals(fitted.assign(choice="fitted").areas)


def test_what_cannot_be_reached_leaves_a_residual(folder: Path) -> None:
    fitted = observed(folder, 1e4)
    row = fitted.throughput().filter(pl.col("point") == "pier").row(0, named=True)
    assert row["fitted_share"] < 0.1


def test_without_points_to_fit_to_the_cheapest_way_is_meant(corridors: Corridors) -> None:
    assert corridors.chooses() == "cheapest"
    with pytest.raises(serai.InputError, match="has the role 'fitted'"):
        corridors.disrupt("bridge_out", choice="fitted")
    with pytest.raises(serai.InputError, match="unknown choice 'best'"):
        corridors.appraise(choice="best")
    with pytest.raises(serai.InputError, match=r"theta 0\.05 is of goods that share routes"):
        corridors.assign(choice="cheapest", theta=0.05)


def test_volumes_are_those_that_their_own_delays_cause(region: Corridors) -> None:
    found = region.assign()
    assert found.solution.converged
    flow = found.solution.flow.sum(axis=0)
    for place, one in enumerate(region.freight.shared):
        assert flow[list(one.edges)].sum() == pytest.approx(found.solution.volume[place], rel=1e-6, abs=1e-9)
    assert found.solution.pairs[:, 0].sum() == pytest.approx(region.freight.demand.value.sum())


def test_volumes_are_found_where_demand_is_a_hundred_times_what_there_is(region: Corridors) -> None:
    choice = region.sharing("fitted")
    demand, worth = region.freight.demand.value, region.freight.world.worth
    for name in ("northern_closed", "red_sea", "afghan_borders"):
        costs = shocked(region.freight, region.scenarios[name])
        for times in (30, 100):
            assert choice.shares(costs, worth, times * demand, start=choice.base.volume).relative_gap <= GAP


def test_sets_end_where_marks_do(region: Corridors) -> None:
    choice, freight = region.sharing("logit"), region.freight
    sets = choice_sets(freight, freight.base_costs.cost, choice.weight, range(freight.small.links))
    assert np.diff(sets.first).max() == _logit.MASK


def test_the_shipped_network_carries_what_was_observed_over_the_caspian(region: Corridors) -> None:
    table = region.throughput().filter(pl.col("role") == "fitted")
    assert table["fitted_share"].to_list() == pytest.approx([1.0] * table.height, rel=1e-4)
    assert (table["without_mt"] < table["observed_mt"]).all()


@pytest.mark.parametrize("choice", ["logit", "fitted"])
def test_a_closure_makes_all_users_together_no_better_off(region: Corridors, choice: str) -> None:
    losses = region.criticality(kinds=("port",), choice=choice).filter(pl.col("area") == "all")
    assert losses.height > 10
    assert (losses["extra_cost_usd"] >= -1e-3).all()


def test_runs_of_the_same_goods_are_the_same_whatever_came_before(region: Corridors) -> None:
    runner = region.runner("fitted")
    demand = region.freight.demand.value
    first, _ = runner.before(demand)
    runner.after(region.freight.costs(closed=np.array([e.kind == "sailing" for e in region.net.edges])), demand)
    again, _ = runner.before(demand)
    assert np.array_equal(first, again)


def test_a_project_that_opens_a_way_is_no_loss(region: Corridors) -> None:
    table = region.appraise("cku", draws=1)
    assert table.filter(pl.col("area") == "all")["benefit_usd"][0] > 0


def test_an_ensemble_of_goods_that_share_is_the_same_for_any_number_of_threads(folder: Path, tmp_path: Path) -> None:
    fitted = observed(folder, 0.5)
    one, two = tmp_path / "one.parquet", tmp_path / "two.parquet"
    fitted.ensemble(one, runs=300, choice="fitted")
    fitted.ensemble(two, runs=300, choice="fitted", jobs=2)
    assert one.read_bytes() == two.read_bytes()

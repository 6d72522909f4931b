"""Freight in equilibrium: by hand, against an independent shortest path, conserved, and the same from any start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

import serai
from corridor.network_pack import add_network
from serai.corridor import Change, Corridors, Shock, _contract, _freight, _paths, scenarios
from serai.corridor.demand import Demand
from serai.corridor.disruption import shocked
from serai.corridor.freight import Freight, Solution
from serai.corridor.runs import Runner
from serai.region import load_pack

MEMBERS = ("KAZ", "KGZ", "TJK", "TKM", "UZB", "AFG")


@pytest.fixture
def corridors(pack_dir: Path) -> Corridors:
    add_network(pack_dir)
    return Corridors(load_pack(pack_dir))


@pytest.fixture(scope="module")
def region() -> Corridors:
    return Corridors(load_pack("central_asia"))


def frame(*rows: tuple[str, str, str, float]) -> pl.DataFrame:
    table = pl.DataFrame(rows, schema=["from", "to", "commodity", "value"], orient="row")
    return table.with_columns(low=pl.col("value"), high=pl.col("value"))


def full_costs(freight: Freight, solution: Solution) -> np.ndarray:
    """Cheapest costs of every pair on the whole supernetwork at the delays of a solution, by scipy."""
    net, world = freight.net, freight.world
    hours = np.zeros(len(net.edges))
    for facility, lost in zip(freight.shared, solution.lost, strict=True):
        hours[list(facility.edges)] += lost
    values = net.numbers.values()
    reach = np.full(freight.demand.pairs, np.nan)
    for kind, coster in enumerate(freight.costers):
        cost = coster.cost(coster.terms(freight.steps, values), values) + world.worth[kind] * hours
        cost[~freight.open] = np.inf
        for origin in np.unique(freight.demand.origin[freight.demand.kind == kind]):
            start = net.places.index(freight.demand.places[origin])
            # Places carry no through traffic: only this origin may be left.
            kept = np.isfinite(cost) & ((net.graph.tail >= len(net.places)) | (net.graph.tail == start))
            cheapest: dict[tuple[int, int], float] = {}
            for tail, head, own in zip(net.graph.tail[kept], net.graph.head[kept], cost[kept], strict=True):
                cheapest[tail, head] = min(own + 1e-12, cheapest.get((tail, head), np.inf))
            ends = np.array(list(cheapest), dtype=np.int64).T
            size = (len(net.nodes), len(net.nodes))
            found = dijkstra(csr_matrix((list(cheapest.values()), tuple(ends)), size), indices=start)
            own_pairs = np.flatnonzero((freight.demand.kind == kind) & (freight.demand.origin == origin))
            targets = [net.places.index(freight.demand.places[at]) for at in freight.demand.target[own_pairs]]
            reach[own_pairs] = found[targets]
    return reach


def test_nobody_can_do_better_on_the_shipped_network(region: Corridors) -> None:
    solution = region.freight.base
    assert solution.converged
    reach = full_costs(region.freight, solution)
    spent = solution.pairs[:, 1]
    assert (solution.pairs[:, 0] * reach).sum() == pytest.approx(spent.sum(), rel=2e-8)
    assert (spent >= solution.pairs[:, 0] * reach * (1 - 1e-9)).all()


def test_a_full_bridge_sends_some_over_the_lake_until_both_ways_cost_the_same(corridors: Corridors) -> None:
    found = corridors.assign(demand=frame(("elm", "quay", "boxes", 20_000.0)))
    (paths,) = found.solution.paths
    assert len(paths) == 2
    freight, values = found.freight, found.freight.net.numbers.values()
    coster = freight.costers[0]
    cost = coster.cost(coster.terms(freight.steps, values), values)
    lost = {facility.name: hours for facility, hours in zip(freight.shared, found.solution.lost, strict=True)}
    worth = 0.5 * (1 + 0.8 * 0.2)
    totals = []
    for edges, _ in paths:
        names = [one.name for one in freight.shared if set(one.edges) & set(edges.tolist())]
        totals.append(cost[edges].sum() + worth * sum(lost[name] for name in names))
    assert totals[0] == pytest.approx(totals[1], rel=1e-6)
    assert sum(flow for _, flow in paths) == pytest.approx(20.0)


def test_hours_lost_are_those_of_the_formula(corridors: Corridors) -> None:
    found = corridors.assign(demand=frame(("elm", "oak", "boxes", 5_000.0)))
    (row,) = found.facilities.filter(pl.col("facility") == "bridge").to_dicts()
    ratio = row["volume_mt"] / 4
    queue = 0.5 * 30 * 24 * max(ratio - 1, 0)
    assert row["used"] == pytest.approx(ratio)
    assert row["hours"] == pytest.approx(10 * 0.15 * ratio**4 + queue)


def test_classes_share_a_facility_and_feel_it_by_what_an_hour_is_worth(corridors: Corridors) -> None:
    alone = corridors.assign(demand=frame(("elm", "oak", "boxes", 3_000.0)))
    both = corridors.assign(demand=frame(("elm", "oak", "boxes", 3_000.0), ("elm", "oak", "sand", 3_000.0)))
    boxes = [found.pairs.filter(pl.col("commodity") == "boxes")["usd_per_t"][0] for found in (alone, both)]
    sand = both.pairs.filter(pl.col("commodity") == "sand")
    free = corridors.route("elm", "oak", k=1, commodity="sand")["cost_usd"][0]
    assert boxes[1] > boxes[0]
    assert sand["usd_per_t"][0] == pytest.approx(free)
    assert sand["days"][0] > corridors.route("elm", "oak", k=1, commodity="sand")["days"][0]


def test_rows_of_several_sources_add_up(corridors: Corridors) -> None:
    pairs = corridors.assign().pairs
    assert pairs.filter((pl.col("to") == "oak") & (pl.col("from") == "elm"))["tonnes"].to_list() == [2_100_000]


def test_exports_and_imports_are_the_same_goods(region: Corridors) -> None:
    areas = region.assign().areas
    totals = dict(areas.group_by("role").agg(pl.col("tonnes").sum()).iter_rows())
    assert totals["export"] == pytest.approx(totals["all"])
    assert totals["import"] == pytest.approx(totals["all"])
    assert totals["all"] == pytest.approx(region.demand["value"].sum() * 1000)


def test_what_enters_a_node_leaves_it(region: Corridors) -> None:
    freight, flow = region.freight, region.freight.base.flow
    for kind in range(len(flow)):
        balance = np.zeros(len(freight.net.nodes))
        np.add.at(balance, freight.net.graph.tail, -flow[kind])
        np.add.at(balance, freight.net.graph.head, flow[kind])
        assert np.abs(balance[len(freight.net.places) :]).max() < 1e-9


def test_all_members_trade_and_over_two_hundred_pairs_do(region: Corridors) -> None:
    areas = region.net.areas
    owners = region.demand.select(pl.col("from", "to").replace_strict(areas))
    for side in ("from", "to"):
        assert set(MEMBERS) <= set(owners[side])
    assert region.demand.select("from", "to").unique().height >= 200
    assert set(region.demand["basis"]) == {"derived"}
    assert set(region.demand["commodity"]) == {"containers", "grain", "oil_products", "ores"}


EDGES = st.lists(st.integers(0, 10_000), min_size=1, max_size=6)


@settings(max_examples=25, deadline=None)
@given(picks=EDGES, slower=st.floats(1.0, 6.0), chance=st.floats(0.01, 0.99))
def test_a_run_from_what_is_known_ends_as_one_from_nothing(picks: list[int], slower: float, chance: float) -> None:
    freight = _shipped()
    used = np.flatnonzero(freight.base.flow.sum(axis=0) > 0)
    places = {freight.net.edges[used[pick % used.size]].start for pick in picks}
    shock = Shock(
        id="any",
        change=tuple(
            Change(places=(place,), close=True) if number % 2 else Change(places=(place,), slower=slower)
            for number, place in enumerate(sorted(places))
        ),
    )
    demand = freight.demand.drawn(np.full((1, 4), chance))[0]
    costs, runner = shocked(freight, shock), Runner(freight)
    response, scratch = runner.response(costs, demand, gap=1e-11), freight.solved(costs, demand, gap=1e-11)
    assert response.after[:, 0] == pytest.approx(scratch.pairs[:, 0])
    assert response.after[:, 1].sum() == pytest.approx(scratch.pairs[:, 1].sum(), rel=1e-8)
    again = runner.response(costs, demand, gap=1e-11)
    assert (again.after == response.after).all()


_KEPT: list[Freight] = []


def _shipped() -> Freight:
    if not _KEPT:
        _KEPT.append(Corridors(load_pack("central_asia")).freight)
    return _KEPT[0]


@pytest.mark.parametrize("seed", range(8))
def test_the_contracted_graph_keeps_every_distance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ends = np.array(sorted({(int(a), int(b)) for a, b in rng.integers(0, 30, (90, 2)) if a != b}), dtype=np.int64).T
    terminals = [0, 1, 2, 3]
    # Terminals carry no through traffic, as places do not.
    cost = rng.uniform(1, 9, ends.shape[1])
    small = _contract.contract((ends[0], ends[1]), np.ones(ends.shape[1], dtype=np.bool_), terminals)
    tree = _paths.tree_for(small.graph.start.size - 1)
    for origin in terminals:
        _paths.shortest_tree(small.graph, small.gathered(cost), origin, tree)
        kept = (ends[0] > 3) | (ends[0] == origin)
        matrix = csr_matrix((cost[kept], (ends[0][kept], ends[1][kept])), (30, 30))
        expected = dijkstra(matrix, indices=origin)[terminals]
        assert tree.distance[:4] == pytest.approx(expected)


def test_shares_are_those_of_the_logit(corridors: Corridors) -> None:
    theta = 0.02
    found = corridors.assign(demand=frame(("elm", "quay", "boxes", 6_000.0)), theta=theta)
    (paths,) = found.solution.paths
    freight, values = found.freight, found.freight.net.numbers.values()
    coster = freight.costers[0]
    cost = coster.cost(coster.terms(freight.steps, values), values)
    totals = []
    for edges, _ in paths:
        lost = sum(hours for one, hours in zip(freight.shared, found.solution.lost, strict=True)
                   if set(one.edges) & set(edges.tolist()))  # fmt: skip
        totals.append(cost[edges].sum() + freight.world.worth[0] * lost)
    assert len(paths) == 2
    assert found.solution.converged
    assert paths[0][1] / paths[1][1] == pytest.approx(np.exp(-theta * (totals[0] - totals[1])), rel=1e-5)


def test_a_large_theta_is_the_cheapest_way(region: Corridors) -> None:
    sharp = region.assign(theta=50.0)
    assert sharp.solution.pairs[:, 1].sum() == pytest.approx(region.freight.base.pairs[:, 1].sum(), rel=1e-3)


def test_demand_is_drawn_from_a_triangle(corridors: Corridors) -> None:
    demand = corridors.freight.demand
    chances = np.random.default_rng(1).uniform(size=(50, 2))
    drawn = demand.drawn(chances)
    low, mode, high = demand.ends
    for pair in range(demand.pairs):
        width = high[pair] - low[pair]
        law = stats.triang((mode[pair] - low[pair]) / width, low[pair], width)
        assert drawn[:, pair] == pytest.approx(law.ppf(chances[:, demand.kind[pair]]))


def test_the_trade_of_a_landlocked_country_passes_its_neighbours(region: Corridors) -> None:
    flows = region.transit()
    assert flows.columns == ["kind", "origin", "destination", "period", "value", "unit", "provider", "nature",
                             "reported_by", "note"]  # fmt: skip
    assert set(flows["kind"]) == {"transit"}
    assert (flows["origin"] != flows["destination"]).all()
    (row,) = flows.filter(
        (pl.col("origin") == "KGZ") & (pl.col("destination") == "KAZ") & pl.col("note").str.starts_with("imports")
    ).to_dicts()
    imports = region.assign().areas.filter((pl.col("area") == "KGZ") & (pl.col("role") == "import"))["tonnes"].sum()
    assert 0 < row["value"] < imports


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda c: c.assign(demand=frame(("elm", "elm", "boxes", 1.0))), "begins and ends at the same place"),
        (lambda c: c.assign(demand=frame(("elm", "oak", "gold", 1.0))), "unknown commodity"),
        (lambda c: c.assign(demand=frame(("elm", "moon", "boxes", 1.0))), "unknown place"),
        (lambda c: c.assign(demand=frame(("elm", "oak", "boxes", -1.0))), "must have 0 <= low <= value <= high"),
        (lambda c: c.assign(demand=frame(("elm", "oak", "boxes", float("nan")))), "must have 0 <= low"),
        (lambda c: c.assign(demand=frame()), "there is no demand"),
        (lambda c: c.assign(demand=frame(("elm", "oak", "boxes", 1.0)).drop("high")), "lacks the column high"),
        (lambda c: c.assign(theta=0.0), "theta is 0"),
        (lambda c: c.disrupt("flood"), "unknown scenario"),
        (lambda c: c.disrupt("low", days=0), "days is 0"),
        (lambda c: c.disrupt("low", draws=-1), "draws is -1"),
        (lambda c: c.disrupt("low", areas="MOON"), "unknown area"),
    ],
)
def test_what_cannot_be_assigned_is_named(
    corridors: Corridors, call: Callable[[Corridors], object], problem: str
) -> None:
    with pytest.raises(serai.InputError, match=problem):
        call(corridors)


def test_a_pair_without_a_way_is_unserved(corridors: Corridors) -> None:
    shock = Shock(id="all", change=(Change(borders_of=("AAA",), close=True),))
    table = corridors.disrupt(shock, draws=0, areas="all")
    total = table.filter((pl.col("area") == "all") & (pl.col("commodity") == "boxes")).to_dicts()[0]
    assert total["unserved_t"] == pytest.approx(total["tonnes"]) == 6_600_000
    assert total["extra_cost_usd"] == 0
    assert total["extra_usd_per_t"] is None


def test_a_shorter_disruption_costs_its_share_of_the_year(corridors: Corridors) -> None:
    whole, month = (corridors.disrupt("bridge_out", days=days, draws=0, areas="all") for days in (365, 36.5))
    assert month["extra_cost_usd"].to_numpy() * 10 == pytest.approx(whole["extra_cost_usd"].to_numpy())


def test_low_water_costs_who_needs_the_lake(corridors: Corridors) -> None:
    shock = Shock(id="both", change=(Change(kind="border", modes=("rail",), close=True),))
    deep, shallow = (
        corridors.disrupt(Shock(id="x", change=shock.change, level=level), draws=0) for level in (None, -30)
    )
    name = ["area", "role", "commodity"]
    joined = deep.join(shallow, on=name, suffix="_low_water").filter(pl.col("area") == "all")
    assert (joined["extra_cost_usd_low_water"] > joined["extra_cost_usd"]).all()


def test_ranges_hold_the_value_of_a_disruption(region: Corridors) -> None:
    table = region.disrupt("northern_closed", draws=20)
    for name in ("tonnes", "extra_cost_usd", "delay_tonne_days", "extra_co2_t", "unserved_t"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()
    assert set(table["area"]) == {*MEMBERS, "all"}


def test_ranges_do_not_depend_on_what_was_asked_before(corridors: Corridors) -> None:
    few, many = corridors.disrupt("bridge_out", draws=3), corridors.disrupt("bridge_out", draws=8)
    assert not few.equals(many)
    assert corridors.disrupt("bridge_out", draws=3).equals(few)
    assert Corridors(corridors.pack).disrupt("bridge_out", draws=8).equals(many)


def test_flows_before_and_after_tell_where_goods_went(region: Corridors) -> None:
    table = region.disrupted_flows("northern_closed")
    closed = table.filter((pl.col("kind") == "border") & (pl.col("area") == "POL") & (pl.col("from") == "brest"))
    assert (closed["tonnes_after"] == 0).all()
    assert table["tonnes_extra"].max() > 1e6


def test_without_transit_through_russia_its_own_trade_goes_on_and_more_crosses_the_caspian(region: Corridors) -> None:
    flows = region.disrupted_flows("russia_transit")
    inside = (*MEMBERS, "RUS")
    area = region.net.areas
    step = flows.filter((pl.col("kind") == "border") & (pl.col("tonnes_after") > 0)).select("from", "to").rows()
    left = [pair for pair in step if "RUS" in {area[pair[0]], area[pair[1]]}]
    assert left  # with the members
    assert all({area[start], area[end]} <= set(inside) for start, end in left)
    caspian = flows.filter(
        (pl.col("kind") == "sailing") & (pl.col("from") == "aktau_port") & (pl.col("to") == "alat_port")
    )
    assert caspian["tonnes_after"].sum() > 2 * caspian["tonnes_before"].sum()


def test_hours_lost_never_fall_as_volume_rises(corridors: Corridors) -> None:
    world = corridors.freight.world
    hours = [_freight.hours_lost(world, 4.0, 0, volume) for volume in np.linspace(0, 12, 50)]
    assert (np.diff(hours) >= 0).all()
    assert _freight.hours_lost(world, 0.0, 0, 1.0) > 0


def test_a_demand_keeps_pairs_of_a_class_and_origin_together(region: Corridors) -> None:
    demand = Demand.read(region.demand, region.pack.table("commodities")["commodity"].to_list())
    keys = list(zip(demand.kind.tolist(), demand.origin.tolist(), strict=True))
    assert keys == sorted(keys)


OWN = """
[[scenario]]
id = "mine"
title = { en = "Mine" }
reason = "invented"
source = "invented"
days = 73
fall = 1.0
[[scenario.change]]
between = ["ford", "oak"]
close = true
"""


def test_a_scenario_of_ones_own_file_is_that_of_the_pack(corridors: Corridors, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    (own,) = scenarios.read_file(path).values()
    shut = (Change(between=("ford", "oak"), close=True),)
    here = corridors.disrupt(Shock(id="mine", change=shut, level=-30), days=73, draws=0)
    assert here.equals(corridors.disrupt(own, draws=0))
    assert set(here["days"]) == {73.0}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("close = true", "", "a change that does nothing"),
        ("fall = 1.0", "fall = 1.0\nlevel = -29", "not both"),
        ("fall = 1.0", "fall = nan", "finite"),
        ("days = 73", "days = 0", "greater than 0"),
        ('["ford", "oak"]', '["ford"]', "field required"),
        ("[[scenario]]", "[[scene]]", "extra inputs"),
        ("= {", "= [", "not valid TOML"),
    ],
)
def test_a_broken_file_of_ones_own_is_one_line(tmp_path: Path, old: str, new: str, problem: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(serai.InputError, match=problem) as caught:
        scenarios.read_file(path)
    assert "own.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (Change(between=("elm", "moon"), close=True), "unknown place 'moon'"),
        (Change(between=("elm", "quay"), close=True), "no step of the network meets this change"),
        (Change(areas=("ZZZ",), close=True), "unknown area 'ZZZ'"),
    ],
)
def test_a_change_of_nothing_is_named(corridors: Corridors, change: Change, problem: str) -> None:
    with pytest.raises(serai.InputError, match=problem):
        corridors.disrupt(Shock(id="x", change=(change,)), draws=0)


def test_a_slower_link_takes_longer_to_run(corridors: Corridors) -> None:
    slow = Shock(id="x", change=(Change(kind="link", between=("elm", "ford"), slower=3.0),))
    pairs = [("elm", "oak")]
    (row,) = corridors.detours(slow, pairs=pairs, family="bridge", commodity="boxes").to_dicts()
    assert row["days_extra"] == pytest.approx(2 * 100 / 25 / 24)


def test_a_higher_sea_is_a_gain(region: Corridors) -> None:
    table = region.disrupt(Shock(id="up", fall=-0.7), draws=0).filter(pl.col("area") == "all")
    # Not for every class: those who come are in the way of those who were there.
    assert table["extra_cost_usd"].sum() < -1e6


def test_what_is_assigned_stands_beside_what_was_observed(corridors: Corridors) -> None:
    table = corridors.throughput()
    assert table["observed_mt"].to_list() == [3.5, 1.0]
    flows = corridors.assign().flows.filter((pl.col("kind") == "border") & (pl.col("mode") == "rail"))
    assert table["cheapest_mt"][0] == pytest.approx(flows["tonnes"].sum() / 1e6)
    assert table["cheapest_share"][0] == pytest.approx(table["cheapest_mt"][0] / 3.5)


def test_demand_is_not_scaled_to_what_was_observed(region: Corridors) -> None:
    table = region.throughput()
    assert table.height >= 5
    assert table["cheapest_share"].max() != pytest.approx(1.0, abs=1e-6)
    assert table["logit_share"].max() != pytest.approx(1.0, abs=1e-6)


def test_a_network_without_capacities_sends_everyone_the_cheapest_way(pack_dir: Path) -> None:
    add_network(pack_dir)
    (pack_dir / "corridor/capacities.csv").unlink()
    transfers = pack_dir / "corridor/transfers.csv"
    transfers.write_text(transfers.read_text(encoding="utf-8").replace("5,10,5,true", "5,,,true"), encoding="utf-8")
    free = Corridors(load_pack(pack_dir))
    found = free.assign()
    assert found.facilities.is_empty()
    row = found.pairs.filter((pl.col("from") == "elm") & (pl.col("to") == "oak")).to_dicts()[0]
    cheapest = free.route("elm", "oak", k=1, commodity="boxes").to_dicts()[0]
    assert row["usd_per_t"] == pytest.approx(cheapest["cost_usd"] / 20)
    assert row["days"] == pytest.approx(cheapest["days"])
    assert free.disrupt("bridge_out", draws=3).height > 0
    assert free.assign(theta=0.05).solution.converged


def test_what_has_no_way_at_all_is_unserved_before_and_after(corridors: Corridors) -> None:
    net = corridors.net
    shut = [replace(edge, status="closed") if "quay" in (edge.start, edge.end) else edge for edge in net.edges]
    net.edges[:] = shut
    areas = corridors.assign().areas
    lost = areas.filter((pl.col("area") == "all") & (pl.col("commodity") == "sand")).to_dicts()[0]
    assert lost["unserved_t"] == lost["tonnes"] == 1_000_000
    assert lost["usd_per_t"] is None
    table = corridors.disrupt("low", draws=0, areas="all").filter(pl.col("commodity") == "sand")
    assert table["unserved_t"].to_list() == [0.0] * table.height

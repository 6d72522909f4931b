"""User equilibrium: against hand-worked cases, the principle itself, and published flows where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

import serai
from serai.corridor import Network, read_network, read_trips, stochastic_equilibrium, user_equilibrium

TNTP = os.environ.get("SERAI_TNTP")


def network(links: list[tuple[float, ...]], zones: int = 2, **keywords: int) -> Network:
    """Links as (tail, head, free flow, b, power, capacity)."""
    tail, head, free, b, power, capacity = zip(*links, strict=True)
    return Network.build((tail, head), capacity=capacity, free_flow=free, b=b, power=power, zones=zones, **keywords)


def between(volume: float, zones: int = 2) -> np.ndarray:
    demand = np.zeros((zones, zones))
    demand[0, 1] = volume
    return demand


BRAESS = [(1, 3, 1e-9, 1e10, 1, 1), (1, 4, 50, 0.02, 1, 1), (3, 2, 50, 0.02, 1, 1), (4, 2, 1e-9, 1e10, 1, 1),
          (3, 4, 10, 0.1, 1, 1)]  # fmt: skip


def test_braess_a_new_road_makes_everyone_slower() -> None:
    """Braess (1968): costs 10x, 50+x, 50+x, 10x and 10+x; six vehicles take 83 without the last road and 92 with it."""
    without = user_equilibrium(network(BRAESS[:4]), between(6), gap=1e-12)
    with_road = user_equilibrium(network(BRAESS), between(6), gap=1e-12)
    assert without.flow @ without.cost / 6 == pytest.approx(83)
    assert with_road.flow @ with_road.cost / 6 == pytest.approx(92)
    assert with_road.flow == pytest.approx([4, 2, 2, 4, 2])


@pytest.mark.parametrize("power", [0.0, 0.3, 0.5, 1.0, 2.5, 4.0])
def test_any_power_equalises_the_used_paths(power: float) -> None:
    roads = network([(1, 3, 10, 0.5, power, 5), (3, 2, 1, 0, 1, 1), (1, 2, 11.5, 1.0, power, 5)])
    found = user_equilibrium(roads, between(8), gap=1e-10)
    assert found.converged
    assert found.flow[0] + found.flow[2] == pytest.approx(8)
    if power > 0:
        assert found.cost[0] + found.cost[1] == pytest.approx(found.cost[2], rel=1e-9)


def test_demand_that_no_path_serves_is_told_apart() -> None:
    found = user_equilibrium(network([(1, 3, 1, 0, 1, 1)], zones=3), between(5, zones=3))
    assert (found.unserved, found.converged, found.flow.sum()) == (5, True, 0)


def test_no_demand_is_an_empty_network() -> None:
    found = user_equilibrium(network(BRAESS), between(0))
    assert (found.converged, found.objective) == (True, 0)


def test_zones_below_the_first_through_node_carry_no_through_flow() -> None:
    links = [(1, 3, 1, 0, 1, 1), (3, 2, 1, 0, 1, 1), (1, 4, 5, 0, 1, 1), (4, 2, 5, 0, 1, 1)]
    assert user_equilibrium(network(links, zones=3), between(1, 3)).flow[0] == 1
    assert user_equilibrium(network(links, zones=3, first_through_node=4), between(1, 3)).flow[0] == 0


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_no_used_path_is_dearer_than_a_cheapest_one(seed: int) -> None:
    draw = np.random.default_rng(seed)
    size = 9
    ends = [(a, b) for a in range(1, size + 1) for b in range(1, size + 1) if a != b and draw.random() < 0.45]
    links = [(a, b, draw.uniform(1, 9), 0.15, draw.choice([0.5, 1, 4]), draw.uniform(2, 9)) for a, b in ends]
    links.append((1, 2, 40, 0.15, 4, 5))
    demand = draw.uniform(0, 6, (4, 4))
    net = network(links, zones=4)
    found = user_equilibrium(net, demand, gap=1e-8)
    assert found.converged
    balance = np.bincount(net.tail, found.flow, size + 1) - np.bincount(net.head, found.flow, size + 1)
    if found.unserved == 0:
        np.fill_diagonal(demand, 0)
        expected = demand.sum(axis=1) - demand.sum(axis=0)
        assert balance[1:5] == pytest.approx(expected, abs=1e-9)
    assert balance[5:] == pytest.approx(0, abs=1e-9)


def test_pairs_without_a_path_are_named() -> None:
    found = user_equilibrium(network([(1, 2, 1, 0, 1, 1)], zones=3), np.ones((3, 3)), gap=1e-9)
    assert found.cut_off == ((1, 3), (2, 1), (2, 3), (3, 1), (3, 2))
    assert (found.unserved, found.flow.sum()) == (5, 1)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_the_flows_are_those_of_the_convex_programme(seed: int) -> None:
    """Beckmann's programme on all loopless paths, solved by a general solver that knows nothing of networks."""
    draw = np.random.default_rng(seed)
    links = [(1, 3, 2, 1), (1, 4, 3, 1), (3, 4, 1, 1), (4, 3, 1, 1), (3, 2, 3, 1), (4, 2, 2, 1), (1, 2, 9, 1)]
    net = network(
        [(a, b, free * draw.uniform(0.5, 2), draw.uniform(0, 1), draw.choice([1.0, 2.0, 4.0]), draw.uniform(2, 6))
         for a, b, free, _ in links]
    )  # fmt: skip
    routes = np.zeros((5, 7))
    for route, passed in enumerate([(0, 4), (1, 5), (0, 2, 5), (1, 3, 4), (6,)]):
        routes[route, passed] = 1
    volume = draw.uniform(1, 12)
    best = minimize(
        lambda share: net.objective(np.maximum(share * volume, 0) @ routes), np.full(5, 0.2), method="SLSQP",
        bounds=[(0, 1)] * 5, constraints={"type": "eq", "fun": lambda share: share.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 500},
    )  # fmt: skip
    found = user_equilibrium(net, between(volume), gap=1e-10)
    assert found.converged
    assert found.objective <= best.fun * (1 + 1e-9)
    assert found.objective == pytest.approx(best.fun, rel=1e-5)


def overloaded(seed: int, side: int = 6, zones: int = 10) -> tuple[Network, np.ndarray]:
    """Streets at a hundred times their capacity, and zones with three approaches each that hardly mind flow."""
    draw = np.random.default_rng(seed)
    at = np.arange(side * side)
    right, down = at[at % side < side - 1], at[:-side]
    street = np.vstack([np.column_stack([right, right + 1]), np.column_stack([down, down + side])]) + zones + 1
    gates = [(zone, node + zones + 1) for zone in range(1, zones + 1) for node in draw.choice(side * side, 3, False)]
    ends = np.vstack([street, street[:, ::-1], gates, np.array(gates)[:, ::-1]])
    capacity = np.concatenate([draw.uniform(1, 3, 2 * len(street)), np.full(2 * len(gates), 1000.0)])
    net = Network.build(
        (ends[:, 0], ends[:, 1]), capacity=capacity, free_flow=0.75, b=0.1, power=1.5, zones=zones,
        first_through_node=zones + 1,
    )  # fmt: skip
    return net, draw.gamma(0.5, 300, (zones, zones))


@pytest.mark.parametrize("seed", range(4))
def test_a_stiff_network_reaches_the_gap_in_few_searches(seed: int) -> None:
    """One pair of segments at a time stalls near 1e-6 on three of these; all paths together do not."""
    net, demand = overloaded(seed)
    found = user_equilibrium(net, demand, gap=1e-12, iterations=60)
    assert found.converged
    assert (found.flow >= 0).all()
    np.fill_diagonal(demand, 0)
    balance = np.bincount(net.tail, found.flow, net.nodes + 1) - np.bincount(net.head, found.flow, net.nodes + 1)
    assert balance[1:11] == pytest.approx(demand.sum(axis=1) - demand.sum(axis=0), abs=1e-6)
    assert balance[11:] == pytest.approx(0, abs=1e-6)


TWO_ROADS = [(1, 3, 10, 0.3, 4, 5), (3, 2, 1, 0, 1, 1), (1, 4, 9, 0.2, 2, 5), (4, 2, 3, 0, 1, 1)]


@pytest.mark.parametrize("theta", [0.05, 0.5, 3.0, 50.0])
def test_stochastic_equilibrium_has_logit_odds(theta: float) -> None:
    found = stochastic_equilibrium(network(TWO_ROADS), between(9), theta=theta)
    costs = found.cost[0] + found.cost[1], found.cost[2] + found.cost[3]
    assert found.converged
    assert found.flow[0] + found.flow[2] == pytest.approx(9)
    assert np.log(found.flow[0] / found.flow[2]) == pytest.approx(-theta * (costs[0] - costs[1]), abs=1e-6)


@pytest.mark.parametrize("theta", [0.01, 0.5, 2.0])
def test_without_delay_the_shares_are_those_of_the_closed_form(theta: float) -> None:
    """Three roads of 10, 11 and 14: shares are exp(-theta c) over their sum, whatever the demand."""
    roads = network([(1, 2, cost, 0, 1, 1) for cost in (10, 11, 14)])
    found = stochastic_equilibrium(roads, between(100), theta=theta, gap=1e-11)
    weight = np.exp(-theta * np.array([10, 11, 14]))
    assert found.flow == pytest.approx(100 * weight / weight.sum(), rel=1e-9)


def test_two_congested_roads_split_as_the_fixed_point_of_logit_says() -> None:
    """Costs 10 + x and 15 + x / 2 with 8 trips: the share is found here by bisection of its own definition."""
    roads = network([(1, 2, 10, 0.1, 1, 1), (1, 2, 15, 1 / 30, 1, 1)])
    low, high = 0.0, 8.0
    for _ in range(100):
        flow = (low + high) / 2
        share = 8 / (1 + np.exp(0.4 * ((10 + flow) - (15 + (8 - flow) / 2))))
        low, high = (flow, high) if share > flow else (low, flow)
    found = stochastic_equilibrium(roads, between(8), theta=0.4)
    assert found.flow == pytest.approx([flow, 8 - flow], rel=1e-8)


def test_stochastic_flows_are_those_of_fisks_programme() -> None:
    """Fisk's programme on the three routes of Braess's network, solved by a general solver."""
    net, theta = network(BRAESS), 0.05
    routes = np.array([[1, 0, 1, 0, 0], [0, 1, 0, 1, 0], [1, 0, 0, 1, 1]])

    def objective(flow: np.ndarray) -> float:
        kept = np.maximum(flow, 1e-12)
        return net.objective(kept @ routes) + float(kept @ np.log(kept)) / theta

    best = minimize(
        objective, np.full(3, 2.0), method="SLSQP", bounds=[(1e-9, 6)] * 3, options={"ftol": 1e-15, "maxiter": 500},
        constraints={"type": "eq", "fun": lambda flow: flow.sum() - 6},
    )  # fmt: skip
    found = stochastic_equilibrium(net, between(6), theta=theta)
    assert found.flow == pytest.approx(best.x @ routes, abs=2e-4)


def test_stochastic_equilibrium_tends_to_the_deterministic_one() -> None:
    sharp = stochastic_equilibrium(network(TWO_ROADS), between(9), theta=1e6)
    assert sharp.flow == pytest.approx(user_equilibrium(network(TWO_ROADS), between(9), gap=1e-12).flow, abs=1e-4)


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ((1, 1, 1, 0, 1, 1), "a link onto itself"),
        ((1, 2, -1, 0, 1, 1), "free_flow -1"),
        ((1, 2, 1, 0.15, 4, 0), "capacity of 0 with delay"),
        ((1, 2, float("nan"), 0, 1, 1), "free_flow nan"),
    ],
)
def test_bad_links_are_named(link: tuple[float, ...], message: str) -> None:
    with pytest.raises(serai.InputError, match=message):
        network([link, (1, 2, 1, 0, 1, 1)])


def test_bad_demand_is_named() -> None:
    with pytest.raises(serai.InputError, match="demand 1 -> 2 is -3"):
        user_equilibrium(network(BRAESS), between(-3))


NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 3
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 2
<END OF METADATA>
~ init term capacity length free_flow_time b power speed toll type ;
1 3 10 2 1.5 0.15 4 0 7 1 ;
3 2 10 4 1.0 0.15 4 0 0 1 ;
"""
TRIPS = "<NUMBER OF ZONES> 2\n<TOTAL OD FLOW> 6\n<END OF METADATA>\n\nOrigin 1\n 1 : 0.0; 2 : 6.0;\n"


def test_a_tntp_file_is_read_with_toll_and_distance(tmp_path: Path) -> None:
    (tmp_path / "net.tntp").write_text(NET)
    (tmp_path / "trips.tntp").write_text(TRIPS)
    net = read_network(tmp_path / "net.tntp", toll_weight=0.02, distance_weight=0.04)
    assert net.fixed == pytest.approx([0.02 * 7 + 0.04 * 2, 0.04 * 4])
    assert read_trips(tmp_path / "trips.tntp", net.zones)[0, 1] == 6


@pytest.mark.parametrize(
    "text",
    [
        "<number of zones>\t2\n<END OF METADATA> ~ a comment\n~ more\nOrigin\t1\t\n\t2\t:\t6.0",
        "<END OF METADATA>\r\norigin 1 2 : 4; 2 : 2e0 ;\r\n",
        "<TOTAL OD FLOW> 6\n<END OF METADATA>\nOrigin 1\n1:3;2:6;\nOrigin 2\n",
    ],
)
def test_trips_are_read_in_the_ways_they_are_written(tmp_path: Path, text: str) -> None:
    """Tabs, no last semicolon, an origin and its trips on one line, comments, trips within a zone the header skips."""
    (tmp_path / "trips.tntp").write_bytes(text.encode())
    assert read_trips(tmp_path / "trips.tntp", 2)[0, 1] == 6


def test_what_is_no_trip_is_named(tmp_path: Path) -> None:
    (tmp_path / "trips.tntp").write_text("<END OF METADATA>\nOrigin 1\n 2 6.0;\n")
    with pytest.raises(serai.SourceError, match=r"trips.tntp:3: '2 6.0'"):
        read_trips(tmp_path / "trips.tntp", 2)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1 3 10 2", "1 3 ten 2", "net.tntp:7: 'ten' is not a number"),
        ("0.15 4 0 0 1 ;", "0.15 4 ;", "net.tntp:8: 7 fields"),
        ("LINKS> 2", "LINKS> 3", "2 links where the header says 3"),
        ("<END OF METADATA>", "", "no <END OF METADATA>"),
        ("1 3 10 2", "3 3 10 2", r"net.tntp:7: 3 -> 3, head 3: a link onto itself"),
        ("1 3 10 2", "1 3 0 2", r"net.tntp:7: 1 -> 3, capacity 0: a capacity of 0 with delay"),
        ("3 2 10 4 1.0", "3 2 10 4 -1.0", r"net.tntp:8: 3 -> 2, free_flow -1"),
        ("3 2 10", "3.5 2 10", r"net.tntp:8: 3.5 -> 2: nodes are whole numbers"),
        ("ZONES> 2", "ZONES> 1e9", "1,000,000,000 zones"),
        ("ZONES> 2", "ZONES> 2\n<NUMBER OF ZONES> 3", "'2' and '3'; leave one"),
        ("NODE> 1", "NODE> 9", "<FIRST THRU NODE> is 9; nodes are 1 to 3"),
        ("NODE> 1", "NODE> 1.5", "is 1.5; give a whole number"),
    ],
)
def test_a_damaged_tntp_file_is_named_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    (tmp_path / "net.tntp").write_text(NET.replace(old, new))
    with pytest.raises(serai.SourceError, match=message):
        read_network(tmp_path / "net.tntp")


def test_a_weight_on_tolls_wants_a_column_of_tolls(tmp_path: Path) -> None:
    columns = "~ init_node term_node capacity length free_flow_time b power speed critical_speed lanes ;"
    text = "\n".join(columns if line.startswith("~") else line for line in NET.splitlines())
    (tmp_path / "net.tntp").write_text(text)
    assert read_network(tmp_path / "net.tntp").links == 2
    with pytest.raises(serai.SourceError, match="ninth column is 'critical_speed'"):
        read_network(tmp_path / "net.tntp", toll_weight=0.1)
    with pytest.raises(serai.InputError, match="the distance weight is -1"):
        read_network(tmp_path / "net.tntp", distance_weight=-1)


def test_trips_of_more_zones_than_the_network_has_are_refused(tmp_path: Path) -> None:
    (tmp_path / "trips.tntp").write_text(TRIPS.replace("ZONES> 2", "ZONES> 5"))
    with pytest.raises(serai.SourceError, match="5 zones where the network has 2"):
        read_trips(tmp_path / "trips.tntp", 2)


def test_a_cost_beyond_all_numbers_names_the_link() -> None:
    with pytest.raises(serai.InputError, match="link 1: 1 -> 2: a flow of 5 on a capacity of 1e-300"):
        user_equilibrium(network([(1, 2, 1, 0.15, 4, 1e-300)]), between(5))


def test_parallel_links_are_told() -> None:
    assert network([(1, 2, 1, 0, 1, 1), (1, 2, 2, 0, 1, 1), (2, 1, 1, 0, 1, 1)]).parallel() == [(1, 2)]


BEST = {"SiouxFalls": 42.31335287107440e5, "Barcelona": 1265654.92203176, "Winnipeg": 827911.494629963,
        "ChicagoSketch": 17313018.7387477, "Anaheim": None}  # fmt: skip
WEIGHTS = {"ChicagoSketch": {"toll_weight": 0.02, "distance_weight": 0.04}}


@pytest.mark.published
@pytest.mark.parametrize("name", BEST)
def test_published_networks_are_reproduced(name: str) -> None:
    """TransportationNetworks: best-known objectives, and flows of the links whose cost rises with flow.

    SERAI_TNTP names a directory in which, at any depth, the files stand; flows that only a constant cost decides on are
    not unique.
    """
    files = (
        [next(Path(str(TNTP)).rglob(f"{name}_{part}.tntp"), None) for part in ("net", "trips", "flow")] if TNTP else []
    )
    if not files or None in files:
        pytest.skip("set SERAI_TNTP to a directory with this network's files")
    net_file, trips, flows = (Path(str(file)) for file in files)
    net = read_network(net_file, **WEIGHTS.get(name, {}))
    found = user_equilibrium(net, read_trips(trips, net.zones), gap=1e-12)
    assert found.converged
    if best := BEST[name]:
        assert found.objective == pytest.approx(best, rel=1e-10)
    known = {(int(a), int(b)): flow for a, b, flow, _ in np.loadtxt(flows, skiprows=1)}
    rising = np.flatnonzero((net.b > 0) & (net.power > 0))
    expected = [known[int(net.tail[link]), int(net.head[link])] for link in rising]
    assert found.flow[rising] == pytest.approx(expected, rel=1e-6, abs=1e-3)

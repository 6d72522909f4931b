"""User equilibrium: against hand-worked cases, the principle itself, and published flows where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


TWO_ROADS = [(1, 3, 10, 0.3, 4, 5), (3, 2, 1, 0, 1, 1), (1, 4, 9, 0.2, 2, 5), (4, 2, 3, 0, 1, 1)]


@pytest.mark.parametrize("theta", [0.05, 0.5, 3.0, 50.0])
def test_stochastic_equilibrium_has_logit_odds(theta: float) -> None:
    found = stochastic_equilibrium(network(TWO_ROADS), between(9), theta=theta)
    costs = found.cost[0] + found.cost[1], found.cost[2] + found.cost[3]
    assert found.converged
    assert found.flow[0] + found.flow[2] == pytest.approx(9)
    assert np.log(found.flow[0] / found.flow[2]) == pytest.approx(-theta * (costs[0] - costs[1]), abs=1e-6)


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
    ("old", "new", "message"),
    [
        ("1 3 10 2", "1 3 ten 2", "net.tntp:7: 'ten' is not a number"),
        ("0.15 4 0 0 1 ;", "0.15 4 ;", "net.tntp:8: 7 fields"),
        ("LINKS> 2", "LINKS> 3", "2 links where the header says 3"),
        ("<END OF METADATA>", "", "no <END OF METADATA>"),
    ],
)
def test_a_damaged_tntp_file_is_named_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    (tmp_path / "net.tntp").write_text(NET.replace(old, new))
    with pytest.raises(serai.SourceError, match=message):
        read_network(tmp_path / "net.tntp")


@pytest.mark.published
@pytest.mark.skipif(not TNTP, reason="set SERAI_TNTP to a directory with the Sioux Falls files")
def test_sioux_falls_is_reproduced() -> None:
    """TransportationNetworks: objective 42.31335287107440 (1e5) and the best-known flows."""
    folder = Path(str(TNTP))
    net = read_network(folder / "SiouxFalls_net.tntp")
    found = user_equilibrium(net, read_trips(folder / "SiouxFalls_trips.tntp", net.zones), gap=1e-12)
    best = {(int(a), int(b)): flow for a, b, flow, _ in np.loadtxt(folder / "SiouxFalls_flow.tntp", skiprows=1)}
    assert found.objective / 1e5 == pytest.approx(42.31335287107440, rel=1e-10)
    expected = [best[pair] for pair in zip(net.tail, net.head, strict=True)]
    assert found.flow == pytest.approx(expected, rel=1e-6)

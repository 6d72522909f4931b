"""Criticality is exact: the same as closing every link in turn and solving the whole network again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from serai.corridor import Network, criticality


def random_network(seed: int, size: int, degree: float) -> tuple[Network, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    ends = np.argwhere(draw.random((size, size)) < degree / size)
    ends = ends[ends[:, 0] != ends[:, 1]] + 1
    ends = np.unique(np.vstack([ends, [[1, size]], [[size, 2]]]), axis=0)
    cost = draw.integers(1, 6, len(ends)).astype(float)
    net = Network.build((ends[:, 0], ends[:, 1]), capacity=1, free_flow=cost, b=0, power=1, zones=4)
    return net, cost, np.floor(draw.uniform(0, 3, (4, 4)))


def naive(net: Network, cost: np.ndarray, demand: np.ndarray, closed: int | None) -> np.ndarray:
    keep = np.arange(net.links) != closed
    graph = csr_array((cost[keep], (net.tail[keep] - 1, net.head[keep] - 1)), shape=(net.nodes, net.nodes))
    return np.asarray(dijkstra(graph, indices=range(4)))[:, :4]


@given(st.integers(0, 2**32 - 1), st.integers(6, 30), st.floats(1, 4))
@settings(max_examples=60, deadline=None)
def test_equals_the_loop_over_all_links(seed: int, size: int, degree: float) -> None:
    net, cost, demand = random_network(seed, size, degree)
    np.fill_diagonal(demand, 0)
    found, before = criticality(net, demand), naive(net, cost, demand, None)
    served = (demand > 0) & np.isfinite(before)
    for link in range(net.links):
        after = naive(net, cost, demand, link)
        lost = served & ~np.isfinite(after)
        rise = np.zeros_like(demand)
        kept = served & ~lost
        rise[kept] = demand[kept] * (after[kept] - before[kept])
        assert found.unserved[link] == pytest.approx(np.where(lost, demand, 0).sum(axis=1))
        assert found.extra_cost[link] == pytest.approx(rise.sum(axis=1))
        assert found.used[link] or (rise.sum() == 0 and not lost.any())


def test_a_bridge_that_nothing_replaces_leaves_demand_unserved() -> None:
    net = Network.build(([1, 3, 1], [3, 2, 4]), capacity=1, free_flow=[2, 3, 1], b=0, power=1, zones=2)
    table = criticality(net, [[0, 7], [0, 0]]).table
    assert table.select("link", "extra_cost", "unserved").rows() == [(1, 0.0, 7.0), (2, 0.0, 7.0)]

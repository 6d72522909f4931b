"""Stochastic user equilibrium: logit shares of paths at the costs these shares cause."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from serai.corridor import _paths
from serai.corridor._enumerate import Enumerator
from serai.corridor.equilibrium import Equilibrium, doubled, integers
from serai.corridor.network import Floats, Graph, Network, checked_demand, graph_of
from serai.errors import InputError

LEAST_ODDS = 1e-9
"""Paths whose odds against the cheapest are below this are left out."""


def stochastic_equilibrium(
    network: Network,
    demand: ArrayLike,
    *,
    theta: float,
    gap: float = 1e-8,
    iterations: int = 1000,
    searches: int = 8,
    paths: int = 16,
) -> Equilibrium:
    """The flows at which every path of a pair is used in its logit share at the costs they cause (Fisk, 1980).

    The paths of a pair are the cheapest at free flow (at most ``paths``, without a repeated node, and not those whose
    odds against the cheapest are below 1e-9), and then, ``searches`` times over, the cheapest at the costs of the
    equilibrium on the paths known so far (column generation; Damberg et al., 1996). The path set belongs to the result.

    Args:
        network: links and zones.
        demand: trips between zones, shape ``(zones, zones)``.
        theta: how much travellers mind cost: the odds of two paths are ``exp(-theta x difference)``.
        gap: largest relative error of the odds of two paths.
        iterations: passes over all pairs to make at most.
        searches: times new paths are looked for.
        paths: of a pair, to begin with at most.

    Returns:
        The equilibrium; ``relative_gap`` is the largest relative error of the odds of two paths of a pair.

    Raises:
        InputError: demand of the wrong shape, negative or not finite; ``theta`` not above 0; ``paths`` below 1.
    """
    if not 0 < theta < np.inf:
        raise InputError(
            f"theta is {theta:g}; give a number above 0 (a very large one is the deterministic equilibrium)"
        )
    if paths < 1:
        raise InputError(f"paths is {paths}; a pair needs one to begin with")
    state = _State(network, checked_demand(network, demand))
    state.begin(paths, -np.log(LEAST_ODDS) / theta)
    error, passes = state.balance(theta, gap, 0, iterations)
    for _ in range(searches):
        known = int(state.paths.used[0])
        state.search()
        if int(state.paths.used[0]) == known:
            break
        error, passes = state.balance(theta, gap, passes, iterations)
    loads = state.loads
    return Equilibrium(network, loads.volume, loads.cost, error, passes, error <= gap, state.unserved)


class _State:
    """Paths of every pair and the flows on them; pairs are ordered by origin."""

    def __init__(self, network: Network, trips: Floats) -> None:
        origin, target = np.nonzero(trips)
        self.net = network
        self.origin = origin.astype(np.int64)
        self.target, self.demand = target.astype(np.int64), trips[origin, target]
        self.origins, bounds = np.unique(origin, return_index=True)
        self.bounds = np.append(bounds, origin.size).astype(np.int64)
        self.graph = graph_of(network)
        self.law = _paths.Law(network.capacity, network.free_flow, network.b, network.power, network.fixed)
        self.tree = _paths.tree_for(network.nodes)
        volume = np.zeros(network.links)
        self.loads = _paths.Loads(volume, network.cost(volume), integers(network.links), integers(1))
        room = 4 * origin.size + 1024
        self.paths = _paths.Paths(
            np.full(origin.size, -1, dtype=np.int64), integers(room), integers(room), integers(room),
            integers(max(64 * origin.size, 4096)), np.zeros(room), integers(2),
        )  # fmt: skip
        self.unserved = 0.0

    def begin(self, most: int, spread: float) -> None:
        """Give every pair its cheapest paths at free flow, the demand on the first of them."""
        onward, tree = Enumerator(self.graph, self.loads.cost), _paths.tree_for(self.net.nodes)
        back = _reversed(self.net)
        for target in np.unique(self.target):
            _paths.shortest_tree(back, self.loads.cost, target, tree)
            for pair in np.flatnonzero(self.target == target):
                origin = self.origin[pair]
                if not np.isfinite(tree.distance[origin]):
                    self.unserved += float(self.demand[pair])
                    continue
                for links in onward.cheapest(origin, target, tree.distance, most=most, spread=spread):
                    self._add(int(pair), links)
        _paths.sum_volume(self.paths, self.loads.volume)
        self.loads.cost[:] = self.net.cost(self.loads.volume)

    def _add(self, pair: int, links: list[int]) -> None:
        self._make_room(1)
        paths = self.paths
        new, slot = (int(count) for count in paths.used[:2])
        paths.begin[new], paths.length[new] = slot, len(links)
        paths.links[slot : slot + len(links)] = links
        paths.flow[new] = self.demand[pair] if paths.first[pair] < 0 else 0.0
        paths.follow[new], paths.first[pair] = paths.first[pair], new
        paths.used[:2] = new + 1, slot + len(links)

    def search(self) -> None:
        """Add the cheapest path of every pair at the present costs, where it is new."""
        for number, origin in enumerate(self.origins):
            low, high = self.bounds[number], self.bounds[number + 1]
            self._make_room(int(high - low))
            _paths.search_origin(self.graph, self.tree, self.paths, self.loads, origin, low, high, self.target)

    def balance(self, theta: float, gap: float, passes: int, most: int) -> tuple[float, int]:
        """Logit shares on the known paths: the error that is left, and the passes made so far."""
        error = np.inf
        while error > gap and passes < most:
            error = _paths.balance_logit(self.paths, self.loads, self.law, theta)
            _paths.sum_volume(self.paths, self.loads.volume)
            self.loads.cost[:] = self.net.cost(self.loads.volume)
            passes += 1
        return float(error), passes

    def _make_room(self, pairs: int) -> None:
        used, paths = self.paths.used, self.paths
        if used[0] + pairs > paths.flow.size:
            wider = {name: doubled(getattr(paths, name)) for name in ("follow", "begin", "length", "flow")}
            self.paths = paths._replace(**wider)
        if used[1] + pairs * self.net.nodes > paths.links.size:
            more = max(paths.links.size, pairs * self.net.nodes)
            self.paths = self.paths._replace(links=np.concatenate([paths.links, integers(more)]))


def _reversed(network: Network) -> Graph:
    """The graph with every link turned round: the zones that carry no through flow stay the same."""
    order, tail, head = np.argsort(network.head, kind="stable"), network.tail - 1, network.head - 1
    start = np.searchsorted(head[order], np.arange(network.nodes + 1)).astype(np.int64)
    return Graph(start, order.astype(np.int64), head, tail, network.first_through_node - 1)

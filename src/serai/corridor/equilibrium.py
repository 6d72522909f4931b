"""User equilibrium, deterministic and stochastic, path based."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from serai.corridor import _paths
from serai.corridor.network import Floats, Ints, Network, checked_demand, graph_of
from serai.errors import InputError

SWEEPS = 20
"""Passes over the known paths between two searches for new ones: a pass is cheaper than a search."""
CALM = 0.1
"""A pair whose paths differ by less than this part of the gap is left alone until the next search."""


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """A flow pattern in which nobody can do better by changing route.

    Attributes:
        network: the network it is of.
        flow, cost: of each link, shape ``(links,)``.
        relative_gap: ``1 - sum of demand x cheapest cost / sum of flow x cost`` (Boyce et al., 2004).
        iterations: searches for new paths that were made.
        converged: whether the gap asked for was reached.
        unserved: demand between zones that no path joins.
    """

    network: Network
    flow: Floats
    cost: Floats
    relative_gap: float
    iterations: int
    converged: bool
    unserved: float

    @property
    def objective(self) -> float:
        """Beckmann's objective at the flow."""
        return self.network.objective(self.flow)

    def table(self) -> pl.DataFrame:
        """One row per link: ``from, to, flow, cost``."""
        ends = {"from": self.network.tail, "to": self.network.head}
        return pl.DataFrame({**ends, "flow": self.flow, "cost": self.cost})


def user_equilibrium(network: Network, demand: ArrayLike, *, gap: float = 1e-6, iterations: int = 1000) -> Equilibrium:
    """The flows at which every used path of a pair is a cheapest one (Wardrop's first principle).

    Gradient projection on path flows (Jayakrishnan et al., 1994), one pair at a time with costs kept up to date.

    Args:
        network: links and zones.
        demand: trips between zones, shape ``(zones, zones)``; the diagonal is not routed.
        gap: relative gap to reach.
        iterations: searches for new paths to make at most.

    Raises:
        InputError: demand of the wrong shape, negative or not finite; a gap below what doubles can tell apart.
    """
    trips = checked_demand(network, demand)
    if not 1e-15 <= gap < 1:
        raise InputError(f"gap {gap:g} cannot be reached; ask for one from 1e-15 to below 1")
    state = _State(network, trips)
    found = 0.0
    iteration = 0
    while iteration < iterations:
        iteration += 1
        found = state.search()
        if found <= gap:
            break
        state.sweep(min(found, 1.0))
    loads = state.loads
    return Equilibrium(network, loads.volume, loads.cost, found, iteration, found <= gap, state.unserved)


def stochastic_equilibrium(
    network: Network, demand: ArrayLike, *, theta: float, gap: float = 1e-8, iterations: int = 1000, searches: int = 8
) -> Equilibrium:
    """The flows at which every path of a pair is used in its logit share at the costs they cause (Fisk, 1980).

    Paths are those that are cheapest at free flow and then, ``searches`` times over, at the costs of the equilibrium on
    the paths known so far (column generation; Damberg et al., 1996): the path set belongs to the result.

    Args:
        network: links and zones.
        demand: trips between zones, shape ``(zones, zones)``.
        theta: how much travellers mind cost: the odds of two paths are ``exp(-theta x difference)``.
        gap: largest relative error of the odds of two paths.
        iterations: passes over all pairs to make at most.
        searches: times new paths are looked for.

    Returns:
        The equilibrium; ``relative_gap`` is the largest relative error of the odds of two paths of a pair.

    Raises:
        InputError: demand of the wrong shape, negative or not finite; ``theta`` not above 0.
    """
    if not 0 < theta < np.inf:
        raise InputError(
            f"theta is {theta:g}; give a number above 0 (a very large one is the deterministic equilibrium)"
        )
    state = _State(network, checked_demand(network, demand))
    error, passes = 0.0, 0
    for _ in range(searches):
        known = int(state.paths.used[0])
        state.search()
        if known and int(state.paths.used[0]) == known:
            break
        error, passes = state.balance(theta, gap, passes, iterations)
    loads = state.loads
    return Equilibrium(network, loads.volume, loads.cost, error, passes, error <= gap, state.unserved)


class _State:
    """Paths of every pair and the flows on them; pairs are ordered by origin."""

    def __init__(self, network: Network, trips: Floats) -> None:
        origin, target = np.nonzero(trips)
        self.net = network
        self.target, self.demand = target.astype(np.int64), trips[origin, target]
        self.origins, bounds = np.unique(origin, return_index=True)
        self.bounds = np.append(bounds, origin.size).astype(np.int64)
        self.graph = graph_of(network)
        self.law = _paths.Law(network.capacity, network.free_flow, network.b, network.power, network.fixed)
        self.tree = _paths.tree_for(network.nodes)
        volume = np.zeros(network.links)
        self.loads = _paths.Loads(volume, network.cost(volume), _integers(network.links), _integers(1))
        room = 4 * origin.size + 1024
        self.paths = _paths.Paths(
            np.full(origin.size, -1, dtype=np.int64), _integers(room), _integers(room), _integers(room),
            _integers(max(64 * origin.size, 4096)), np.zeros(room), _integers(2),
        )  # fmt: skip
        self.active = np.arange(origin.size)
        self.unserved = 0.0

    def search(self) -> float:
        """Add the cheapest path of every pair at the present costs; the relative gap those costs have.

        The first search loads the demand, on an empty network: its gap counts as infinite.
        """
        empty = self.paths.used[0] == 0
        spent, least, self.unserved = float(self.loads.volume @ self.loads.cost), 0.0, 0.0
        for number, origin in enumerate(self.origins):
            low, high = self.bounds[number], self.bounds[number + 1]
            self._make_room(int(high - low))
            cheapest, lost = _paths.search_origin(
                self.graph, self.tree, self.paths, self.loads, origin, low, high, self.target, self.demand
            )
            least += cheapest
            self.unserved += lost
        self.loads.cost[:] = self.net.cost(self.loads.volume)
        if empty:
            return np.inf if self.paths.used[0] else 0.0
        return max(spent - least, 0.0) / spent if spent > 0 else 0.0

    def sweep(self, gap: float) -> None:
        """Even out the known paths of every pair, then again those that were far apart, then sum volumes afresh."""
        count = self.active.size
        self.active[:] = np.arange(count)
        for _ in range(SWEEPS):
            count = _paths.equilibrate(self.paths, self.loads, self.law, self.active, count, CALM * gap)
        _paths.sum_volume(self.paths, self.loads.volume)
        self.loads.cost[:] = self.net.cost(self.loads.volume)

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
            wider = {name: _doubled(getattr(paths, name)) for name in ("follow", "begin", "length", "flow")}
            self.paths = paths._replace(**wider)
        if used[1] + pairs * self.net.nodes > paths.links.size:
            more = max(paths.links.size, pairs * self.net.nodes)
            self.paths = self.paths._replace(links=np.concatenate([paths.links, _integers(more)]))


def _integers(size: int) -> Ints:
    return np.zeros(size, dtype=np.int64)


def _doubled(array: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([array, np.zeros_like(array)])

"""Deterministic user equilibrium by pairs of alternative segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from serai.corridor import _newton, _paths, _segments
from serai.corridor.network import Floats, Ints, LinkError, Network, checked_demand, graph_of, links_into
from serai.errors import InputError

SWEEPS = 20
"""Passes over the known pairs of segments between two searches for new ones: a pass is cheaper than a search."""
PATIENCE = 40
"""Searches without progress (a tenth off the best gap) after which a gap counts as out of reach."""
SLOW, NEAR, OFTEN = 0.5, 1e-3, 4
"""So many searches in a row that leave more than this part of a gap, once it is this small, call for Newton steps."""
CRUMB = 1e-14
"""Flow of an origin that counts as none, as a part of the mean demand of an origin."""
CALM = 0.1
"""A pair whose segments differ by less than this part of the gap is left alone until the next search."""


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """A flow pattern in which nobody can do better by changing route.

    Attributes:
        network: the network it is of.
        flow, cost: of each link, shape ``(links,)``.
        relative_gap: ``1 - sum of demand x cheapest cost / sum of flow x cost`` (Boyce et al., 2004).
        iterations: searches for dear links (or passes over all pairs) that were made.
        converged: whether the gap asked for was reached.
        unserved: demand between zones that no path joins.
        cut_off: those pairs of zones, counted from 1, where the solver knows them.
    """

    network: Network
    flow: Floats
    cost: Floats
    relative_gap: float
    iterations: int
    converged: bool
    unserved: float
    cut_off: tuple[tuple[int, int], ...] = ()

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

    Flow is held by origin and link and shifted between pairs of alternative segments, for all origins that share one at
    once, by Newton's method (Bar-Gera, 2010); where that is slow, between the paths of all pairs of zones at once.
    Memory is 8 bytes an origin and link. The flow of a link whose cost does
    not rise with it need not be the only one; the objective is.

    Args:
        network: links and zones.
        demand: trips between zones, shape ``(zones, zones)``; the diagonal is not routed.
        gap: relative gap to reach.
        iterations: searches for dear links to make at most; it ends earlier after 40 without progress.

    Raises:
        InputError: demand of the wrong shape, negative or not finite; a gap below what doubles can tell apart; a cost
            too large for a double.
    """
    trips = checked_demand(network, demand)
    if not 1e-15 <= gap < 1:
        raise InputError(f"gap {gap:g} cannot be reached; ask for one from 1e-15 to below 1")
    state = _Segments(network, trips)
    found = best = state.gap()
    if not np.isfinite(found):
        _refuse_overflow(network, state.field.volume)
    iteration, last, slow = 1, 1, 0
    while found > gap and iteration < iterations and iteration - last < PATIENCE:
        before = found
        state.improve(found)
        found = state.gap()
        slow = slow + 1 if found > SLOW * before else 0
        if gap < found < NEAR and slow >= OFTEN:
            found = state.improve_together()
        iteration += 1
        if found < 0.9 * best:
            best, last = found, iteration
    field, lost = state.field, state.cut_off
    unserved = float(sum(trips[origin - 1, target - 1] for origin, target in lost))
    return Equilibrium(network, field.volume, field.cost, found, iteration, found <= gap, unserved, tuple(lost))


def _refuse_overflow(network: Network, volume: Floats) -> None:
    bad = np.flatnonzero(~np.isfinite(network.cost(volume)))
    link = int(bad[0]) if bad.size else int(np.argmax(network.cost(volume)))
    raise LinkError(
        network.name, link,
        f"{network.tail[link]} -> {network.head[link]}: a flow of {volume[link]:g} on a capacity of "
        f"{network.capacity[link]:g} costs more than a number can hold; correct capacity, b or power",
    )  # fmt: skip


class _Segments:
    """Flow of every origin on every link, shifted between pairs of alternative segments."""

    def __init__(self, network: Network, trips: Floats) -> None:
        self.net = network
        self.origins = np.flatnonzero(trips.any(axis=1)).astype(np.int64)
        self.demand = np.ascontiguousarray(trips[self.origins])
        self.graph = graph_of(network)
        self.law = _paths.Law(network.capacity, network.free_flow, network.b, network.power, network.fixed)
        self.tree = _paths.tree_for(network.nodes)
        volume = np.zeros(network.links)
        self.field = _segments.Field(
            np.zeros((self.origins.size, network.links)), volume, network.cost(volume), *links_into(network),
            integers(network.nodes), integers(1), np.zeros(self.origins.size),
        )  # fmt: skip
        room = 1024
        self.pairs = _segments.Pairs(
            integers((room, 2)), integers((room, 2)), integers(room), np.full(network.nodes, -1, dtype=np.int64),
            integers(8 * room + 2 * network.nodes), integers(room), integers(room), integers(room), integers(3),
        )  # fmt: skip
        self.crumb = CRUMB * trips.sum() / max(self.origins.size, 1)
        self.moves = moves_for(1024)
        self.cut_off: list[tuple[int, int]] = []
        for row, origin in enumerate(self.origins.tolist()):
            _segments.load(self.graph, self.tree, self.field, self.law, row, origin, self.demand[row])
            lost = (self.demand[row] > 0) & ~np.isfinite(self.tree.distance[: network.zones])
            self.cut_off.extend((int(origin) + 1, int(target) + 1) for target in np.flatnonzero(lost))

    def gap(self) -> float:
        """Relative gap of the present flows."""
        field = self.field
        _segments.sum_flow(field)
        field.cost[:] = self.net.cost(field.volume)
        spent = float(field.volume @ field.cost)
        least = _segments.least_cost(self.graph, self.tree, field.cost, self.origins, self.demand)
        if not np.isfinite(spent):
            return np.inf
        return max(spent - least, 0.0) / spent if spent > 0 else 0.0

    def improve(self, gap: float) -> None:
        """Move each origin's flow off its dear links, then even out all pairs known."""
        crumb, calm, row, link = self.crumb, CALM * gap, 0, 0
        while row < self.origins.size:
            row, link = _segments.improve_all(
                self.graph, self.tree, self.pairs, self.field, self.law, self.origins, row, link, crumb, calm
            )
            if row < self.origins.size:
                self._make_room()
        _segments.compact(self.graph, self.pairs)
        active = np.arange(int(self.pairs.used[0]))
        _segments.settle_all(self.pairs, self.field, self.law, active, SWEEPS, crumb, calm)

    def improve_together(self) -> float:
        """A step of Newton's method on the path flows of all pairs of zones; the relative gap it leaves."""
        while not _newton.lay_out(self.graph, self.field, self.law, self.moves, self.origins, self.demand, self.crumb):
            self.moves = moves_for(2 * self.moves.row.size)
        if self.moves.used[0]:
            _newton.improve_together(self.moves, self.field, self.law, self.crumb)
        return self.gap()

    def _make_room(self) -> None:
        wider = {
            name: doubled(getattr(self.pairs, name)) for name in self.pairs._fields if name not in ("first", "used")
        }
        self.pairs = self.pairs._replace(**wider)


def integers(size: int | tuple[int, int]) -> Ints:
    """Zeros to count in."""
    return np.zeros(size, dtype=np.int64)


def moves_for(room: int) -> _newton.Moves:
    """Room for so many moves between paths."""
    return _newton.Moves(
        integers((room, 3)), integers(64 * room), integers(room), np.zeros(room), np.zeros(room), integers(2)
    )


def doubled(array: NDArray[Any]) -> NDArray[Any]:
    """An array with as much room again."""
    return np.concatenate([array, np.zeros_like(array)])

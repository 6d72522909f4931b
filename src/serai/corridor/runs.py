"""Runs on a freight network: what changes, solved from what is known, against the network as it is.

A run costs little because only the pairs a change reaches, and those that share a facility with them, are searched
again; everything starts from the paths of the network as it is, so that a run does not depend on the runs before it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from serai.corridor import _freight, _paths
from serai.corridor.freight import GAP, ROOM, SEARCHES, Costs, Freight
from serai.corridor.network import Floats
from serai.errors import InputError

if TYPE_CHECKING:
    from serai.corridor._freight import World
    from serai.corridor.hazards import Hit

MEASURES = ("tonnes", "extra_cost_usd", "delay_tonne_days", "extra_co2_t", "unserved_t")
HOURS_A_DAY, PER_MT = 24.0, 1e6
Task = TypeVar("Task")
Made = TypeVar("Made")
Progress = Callable[[int, int], None]
"""Told of how many are done, of how many."""
ROLES = ("export", "import")


@dataclass(frozen=True, eq=False)
class Response:
    """How one run ended, of each pair.

    Attributes:
        before, after: Mt served and their USD, hours and t CO2 times Mt; shape ``(pairs, 4)``.
        demand: Mt a year.
        relative_gap: of the worse of the two equilibria.
    """

    before: Floats
    after: Floats
    demand: Floats
    relative_gap: float

    def measures(self) -> Floats:
        """Of each pair: :data:`MEASURES` a year; shape ``(5, pairs)``.

        Extra cost, delay and emissions are of the goods that still arrive; those that do not count as unserved.
        """
        share = np.divide(
            self.after[:, 0], self.before[:, 0], out=np.zeros(len(self.after)), where=self.before[:, 0] > 0
        )
        share = np.where(share > 1.0 - 1e-9, 1.0, share)
        extra = self.after[:, 1:] - self.before[:, 1:] * share[:, None]
        noise = 1e-9 * np.abs(self.before[:, 1:])
        extra = np.where(np.abs(extra) <= noise, 0.0, extra)
        unserved = self.before[:, 0] * (1.0 - share)
        return np.array([self.demand, extra[:, 0], extra[:, 1] / HOURS_A_DAY, extra[:, 2], unserved]) * PER_MT


class Runner:
    """Solves run after run in the same arrays; one of its own for each thread."""

    def __init__(self, freight: Freight) -> None:
        self.freight, self.known = freight, freight.known
        self.base, self.world = freight.base_costs, freight.world
        self.pool = freight.pool(self.known.start, room=ROOM)
        self.state = freight.state(self.base)
        self.tree = _paths.tree_for(freight.nodes)
        self.known.write(self.pool)
        self.changed = False
        """Whether anything is other than on the network as it is."""

    def before(self, demand: Floats, *, gap: float = GAP) -> tuple[Floats, float]:
        """The network as it is at a demand: outcome of each pair, and the relative gap."""
        self._reset()
        return self._solved(demand, gap)

    def after(self, costs: Costs, demand: Floats, *, gap: float = GAP) -> tuple[Floats, float]:
        """The network at other costs, at a demand: outcome of each pair, and the relative gap."""
        self._reset()
        self._apply(costs)
        return self._solved(demand, gap)

    def afresh(self, costs: Costs, world: World, demand: Floats, *, gap: float = GAP) -> tuple[Floats, float]:
        """The network at other numbers altogether: outcome of each pair, and the relative gap."""
        self._reset()
        state, self.changed = self.state, True
        state.cost[:], state.hours[:], state.carbon[:] = costs.cost, costs.hours, costs.carbon
        state.capacity[:] = costs.capacity
        state.touched[:] = True
        self.world = world
        found = self._solved(demand, gap)
        self.world = self.freight.world
        return found

    def response(self, costs: Costs, demand: Floats, *, gap: float = GAP) -> Response:
        """Before and after at one demand."""
        (before, one), (after, other) = self.before(demand, gap=gap), self.after(costs, demand, gap=gap)
        return Response(before, after, demand, max(one, other))

    def strike(self, struck: Sequence[tuple[Hit, str, Floats]]) -> None:
        """Change the network as it is: links that close, or cost and take longer by an amount of each class."""
        self._reset()
        state, self.changed = self.state, True
        for hit, does, amounts in struck:
            if does == "close":
                state.cost[:, hit.links] = np.inf
            else:
                state.cost[:, hit.links] += amounts[:, None] * hit.cost
                state.hours[hit.links] += amounts[0] * hit.hours
            self.touch(hit.links)

    def sink(self, factors: Sequence[float]) -> None:
        """Let the capacity of facilities in shallow water shrink, each by its factor."""
        by_level, self.changed = self.freight.by_level, True
        self.state.capacity[by_level] *= np.asarray(factors)[by_level]

    def struck(self, demand: Floats, *, gap: float = GAP) -> tuple[Floats, float]:
        """The network as :meth:`strike` has left it: outcome of each pair, and the relative gap."""
        return self._solved(demand, gap)

    def costs(self) -> Costs:
        """The network the last run was of."""
        state = self.state
        return Costs(state.cost.copy(), state.hours.copy(), state.carbon.copy(), state.capacity.copy())

    def _reset(self) -> None:
        self.changed = False
        state, base = self.state, self.base
        state.cost[:], state.hours[:], state.carbon[:] = base.cost, base.hours, base.carbon
        state.capacity[:] = base.capacity
        state.touched[:] = False
        self.pool.terms[: len(self.known.terms)] = self.known.terms
        self.pool.used[2] = 0

    def _apply(self, costs: Costs) -> None:
        state, base, self.changed = self.state, self.base, True
        changed = (costs.cost != base.cost).any(axis=0) | (costs.hours != base.hours) | (costs.carbon != base.carbon)
        if (costs.cost < base.cost).any():
            state.touched[:] = True  # what was dearer may now be the cheapest way of anyone
        else:
            self.touch(np.flatnonzero(changed))
        state.cost[:], state.hours[:], state.carbon[:] = costs.cost, costs.hours, costs.carbon
        state.capacity[:] = costs.capacity

    def touch(self, links: np.ndarray) -> None:
        """Mark the pairs whose known paths hold any of the links."""
        start = self.known.start
        for link in links:
            self.state.touched[start.users[start.user_begin[link] : start.user_begin[link + 1]]] = True

    def _solved(self, demand: Floats, gap: float) -> tuple[Floats, float]:
        demand = np.ascontiguousarray(demand)
        found, _ = _freight.solve(self.world, self.known.start, self.pool, self.state, self.tree, demand, gap, SEARCHES)
        if self.pool.used[2]:
            raise MemoryError  # pragma: no cover - room for eight paths a pair has always been enough
        pairs = np.zeros((demand.size, 4))
        _freight.outcome(self.world, self.pool, self.state, pairs)
        return pairs, found


def each(tasks: Iterable[Task], maker: Callable[[], Callable[[Task], Made]], jobs: int) -> Iterator[Made]:
    """Do tasks in so many threads, and give what comes of each in their order.

    Args:
        tasks: what is to be done.
        maker: makes what does them, one for each thread.
        jobs: threads.

    Raises:
        InputError: less than one.
    """
    if jobs < 1:
        raise InputError(f"{jobs} jobs; give at least one")
    return map(maker(), tasks) if jobs == 1 else _threaded(tasks, maker, jobs)


def _threaded(tasks: Iterable[Task], maker: Callable[[], Callable[[Task], Made]], jobs: int) -> Iterator[Made]:
    own, making = threading.local(), threading.Lock()

    def done(task: Task) -> Made:
        if not hasattr(own, "does"):
            with making:  # what makers have in common is worked out by the first
                own.does = maker()
        found: Made = own.does(task)
        return found

    with ThreadPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(done, tasks)
        finally:
            pool.shutdown(cancel_futures=True)

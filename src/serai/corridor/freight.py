"""Freight on a supernetwork: several classes of goods that share ports, borders and lines, in user equilibrium."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from serai.corridor import _contract, _freight, _paths, sailing
from serai.corridor._logit import Rides
from serai.corridor.demand import Demand
from serai.corridor.facilities import Facility
from serai.corridor.network import Floats, Ints
from serai.corridor.supernetwork import Edge, Supernetwork
from serai.corridor.terms import Coster, Steps
from serai.errors import InputError, UnknownName

Links = tuple[int, ...]
"""A path on the contracted graph, from its end to its beginning."""
GAP = 1e-8
SEARCHES = 60
HOURS_A_DAY = 24.0
ROOM = 8
"""Paths a pair may have on average before more room is made."""


@dataclass(frozen=True, eq=False)
class Costs:
    """What a tonne meets on each link of the contracted graph, and the capacity of facilities.

    Attributes:
        cost: USD a tonne, shape ``(classes, links)``; infinite where a link is closed.
        hours, carbon: hours, t CO2 a tonne; shape ``(links,)``.
        capacity: Mt a year, shape ``(facilities,)``.
    """

    cost: Floats
    hours: Floats
    carbon: Floats
    capacity: Floats


@dataclass(frozen=True, eq=False)
class Solution:
    """A user equilibrium of the freight network.

    Attributes:
        pairs: of each pair Mt served and their USD, hours and t CO2 times Mt; shape ``(pairs, 4)``.
        demand: Mt a year, shape ``(pairs,)``.
        volume, lost: Mt a year at each facility and the hours lost there, shape ``(facilities,)``.
        flow: Mt a year of each class on each step of the supernetwork, shape ``(classes, edges)``.
        relative_gap, searches, converged: how near to equilibrium, and after how many searches.
        paths: of each pair ``(edges of the supernetwork, Mt)``.
    """

    pairs: Floats
    demand: Floats
    volume: Floats
    lost: Floats
    flow: Floats
    relative_gap: float
    searches: int
    converged: bool
    paths: list[list[tuple[Ints, float]]]

    @property
    def unserved(self) -> Floats:
        """Mt a year that find no way, shape ``(pairs,)``."""
        short: Floats = np.maximum(self.demand - self.pairs[:, 0], 0.0)
        return np.where(short > 1e-9 * np.maximum(self.demand, 1e-12), short, 0.0)


@dataclass(frozen=True, eq=False)
class Known:
    """Paths that runs start from, as the first places of a pool hold them."""

    start: _freight.Start
    begin: Ints
    length: Ints
    links: Ints
    terms: Floats
    usage: np.ndarray

    def write(self, pool: _freight.Pool) -> None:
        """Put the paths into a pool."""
        for name in ("begin", "length", "terms", "usage"):
            own = getattr(self, name)
            getattr(pool, name)[: len(own)] = own
        pool.links[: self.links.size] = self.links


class Freight:
    """The freight network as the kernels read it; solved as often as asked.

    Links of every status but ``closed`` are in it; those that are not open cost infinitely much until a project opens
    them.

    Args:
        net: the supernetwork.
        costers: what turns terms into cost, by class, in the order of the demand's.
        demand: what is to be carried.
        shared: what has a capacity.

    Raises:
        UnknownName: a place of the demand that the network does not have.
    """

    def __init__(
        self, net: Supernetwork, costers: Mapping[str, Coster], demand: Demand, shared: Sequence[Facility]
    ) -> None:
        self.net, self.demand, self.shared = net, demand, list(shared)
        self.costers = [costers[name] for name in demand.commodities]
        self.steps = self.stepped(net.edges)
        self.values = net.numbers.values()
        self.open = np.array([edge.status == "open" for edge in net.edges])
        for place in demand.places:
            if place not in net.areas:
                raise UnknownName("place", place, net.places, "demand")
        terminals = [net.places.index(place) for place in demand.places]
        served = set(demand.places)
        kept = np.array([e.status != "closed" and (e.kind != "access" or e.start in served) for e in net.edges])
        self.small = _contract.contract((net.graph.tail, net.graph.head), kept, terminals)

    # -- costs ----------------------------------------------------------------------------------------------------

    def stepped(self, edges: Sequence[Edge]) -> Steps:
        """Columns of steps; what goes through a facility is what the assignment finds, not what was observed there."""
        return replace(Steps.of(edges), load=np.zeros(len(edges)))

    def costs(
        self, values: Floats | None = None, steps: Steps | None = None, *, closed: np.ndarray | None = None,
        opened: np.ndarray | None = None, capacity: Floats | None = None,
    ) -> Costs:  # fmt: skip
        """Costs at given numbers and steps.

        Args:
            values: the numbers, shape ``(numbers,)``; by default their central values.
            steps: the steps, where something has changed them; as from :meth:`stepped`.
            closed: steps that are closed, shape ``(edges,)``.
            opened: steps that are open beside those whose status says so.
            capacity: of facilities at full draught; by default as the pack says.
        """
        numbers = self.values if values is None else values
        steps = self.steps if steps is None else steps
        shut = ~self.open if opened is None else ~(self.open | opened)
        shut = shut if closed is None else shut | closed
        rows, hours, carbon = [], np.zeros(len(self.net.edges)), np.zeros(len(self.net.edges))
        for coster in self.costers:
            terms = coster.terms(steps, numbers)
            rows.append(np.where(shut, np.inf, coster.cost(terms, numbers)))
            hours, carbon = terms.hours, terms.emissions
        size = self.capacity if capacity is None else capacity
        share = np.array([self.load_share(numbers, metres) for metres in self.depths(steps)])
        return Costs(
            self.small.gathered(np.array(rows)), self.small.gathered(hours), self.small.gathered(carbon),
            np.where(self.by_level, size * share, size),
        )  # fmt: skip

    def depths(self, steps: Steps) -> list[float]:
        """Metres each facility has been deepened by: it is as deep as the shallowest of its steps."""
        return [min((float(steps.deepened[at]) for at in one.edges), default=0.0) for one in self.shared]

    def load_share(self, values: Floats, deepened: float = 0.0) -> float:
        """Mean share of a full load over the classes, at the level of the sea."""
        shares = [
            sailing.load_share(values[one.level], values[one.full], values[one.loss], deepened) for one in self.costers
        ]
        return float(np.mean(shares))

    def rebuilt(self, values: Floats, steps: Steps, opened: np.ndarray, capacity: Floats) -> Freight:
        """The network with other numbers and steps, more of it open, and other capacities; all else is shared."""
        twin = copy(self)
        for name in [name for name in vars(twin) if isinstance(getattr(type(self), name, None), cached_property)]:
            del vars(twin)[name]
        twin.values, twin.steps, twin.open = values, steps, opened
        twin.capacity = capacity
        return twin

    @cached_property
    def capacity(self) -> Floats:
        """Of facilities at full draught, Mt a year."""
        return np.array([facility.capacity for facility in self.shared])

    @cached_property
    def by_level(self) -> np.ndarray:
        """Facilities whose capacity the sea's level moves."""
        return np.array([facility.level for facility in self.shared], dtype=np.bool_)

    # -- what the kernels read ------------------------------------------------------------------------------------

    @cached_property
    def world(self) -> _freight.World:
        """What no run changes."""
        numbers = self.values
        at = self.net.parameter
        owners: list[list[int]] = [[] for _ in self.net.edges]
        for place, facility in enumerate(self.shared):
            for edge in facility.edges:
                owners[edge].append(place)
        small = self.small
        lists = [
            [owner for edge in small.chain[small.begin[e] : small.begin[e + 1]] for owner in owners[edge]]
            for e in range(small.links)
        ]
        first = np.concatenate([[0], np.cumsum([len(part) for part in lists])]).astype(np.int64)
        law = [numbers[at(name)] for name in ("bpr_b", "bpr_power", "queue_days")]
        kinds, origins, begins = self._groups()
        return _freight.World(
            small.graph, first, np.array([owner for part in lists for owner in part], dtype=np.int64),
            self._empty_hours(numbers), np.array([law[0], law[1], law[2] * HOURS_A_DAY]), self.worth(numbers),
            kinds, origins, begins, self.demand.target,
        )  # fmt: skip

    @cached_property
    def rides(self) -> Rides:
        """Of each link of the contracted graph the steps that lead from place to place."""
        net, small = self.net, self.small
        places = {place: number for number, place in enumerate(net.areas)}
        to = np.array([places[edge.end] for edge in net.edges], dtype=np.int64)
        moving = np.array([edge.start != edge.end for edge in net.edges], dtype=np.bool_)
        own = moving[small.chain]
        first = np.concatenate([[0], np.cumsum(own)])[small.begin].astype(np.int64)
        start = np.zeros(self.nodes, dtype=np.int64)
        start[: len(self.demand.places)] = [places[place] for place in self.demand.places]
        return Rides(first, small.chain[own], to, start)

    def worth(self, values: Floats) -> Floats:
        """USD per t of an hour lost in a queue, by class: value of time, and of the spread such hours have."""
        share = values[self.net.parameter("delay_share", "transfer")]
        weights = [coster.weights for coster in self.costers]
        return np.array([values[one.time] * (1.0 + one.reliability_ratio * share) for one in weights])

    def _empty_hours(self, values: Floats) -> Floats:
        hours = self.costers[0].terms(self.steps, values).hours
        return np.array([hours[list(facility.edges)].mean() for facility in self.shared])

    def _groups(self) -> tuple[Ints, Ints, Ints]:
        kind, origin = self.demand.kind, self.demand.origin
        changes = np.flatnonzero((np.diff(kind) != 0) | (np.diff(origin) != 0)) + 1
        begins = np.concatenate([[0], changes, [kind.size]]).astype(np.int64)
        return kind[begins[:-1]], origin[begins[:-1]], begins

    @cached_property
    def base_costs(self) -> Costs:
        """Costs of the network as it is."""
        return self.costs()

    @cached_property
    def base(self) -> Solution:
        """The equilibrium of the network as it is, at central demand."""
        return self.solved(self.base_costs)

    @cached_property
    def known(self) -> Known:
        """Paths of the network as it is: those of its equilibrium, and the cheapest without delay."""
        pool, _, _, _ = self._from_nothing(self.base_costs, self.demand.value, GAP)
        return _known(self, pool)

    # -- solving --------------------------------------------------------------------------------------------------

    def solved(self, costs: Costs, demand: Floats | None = None, *, gap: float = GAP) -> Solution:
        """The user equilibrium, from scratch.

        Args:
            costs: as from :meth:`costs`.
            demand: Mt a year of each pair; by default the central one.
            gap: relative gap to reach.

        Raises:
            InputError: a demand of the wrong shape, below 0 or not finite.
        """
        wanted = self.demand.value if demand is None else np.asarray(demand, dtype=np.float64)
        if wanted.shape != (self.demand.pairs,) or not (np.isfinite(wanted) & (wanted >= 0)).all():
            raise InputError(f"demand has shape {wanted.shape}; give {self.demand.pairs} numbers from 0 up, one a pair")
        pool, state, found, searches = self._from_nothing(costs, wanted, gap)
        return self.solution(pool, state, wanted, found, searches, gap)

    def _from_nothing(
        self, costs: Costs, wanted: Floats, gap: float
    ) -> tuple[_freight.Pool, _freight.State, float, int]:
        start, room = _nothing_known(self.demand.pairs, self.small.links), ROOM
        while True:
            pool, state = self.pool(start, room=room), self.state(costs)
            state.touched[:] = True
            tree = _paths.tree_for(self.nodes)
            found, searches = _freight.solve(self.world, start, pool, state, tree, wanted, gap, SEARCHES)
            if not pool.used[2]:
                return pool, state, found, searches
            room *= 4

    def solution(
        self, pool: _freight.Pool, state: _freight.State, wanted: Floats, found: float, searches: int, gap: float
    ) -> Solution:
        """What the kernels have found, apart from their arrays."""
        pairs = np.zeros((self.demand.pairs, 4))
        _freight.outcome(self.world, pool, state, pairs)
        paths = self._paths(pool)
        done = found <= gap
        flow, volume, lost = self.flow(paths), state.volume.copy(), state.lost.copy()
        return Solution(pairs, wanted, volume, lost, flow, found, searches, done, paths)

    @property
    def nodes(self) -> int:
        """Nodes of the contracted graph."""
        return int(self.small.graph.start.size - 1)

    def pool(self, start: _freight.Start, *, room: int = ROOM) -> _freight.Pool:
        """Room for paths."""
        paths = start.share.size + room * self.demand.pairs + 256
        return _freight.Pool(
            start.head.copy(), np.full(paths, -1, dtype=np.int64), np.zeros(paths, dtype=np.int64),
            np.zeros(paths, dtype=np.int64), np.zeros(paths * 24 + self.nodes, dtype=np.int64), np.zeros(paths),
            np.zeros((paths, 3)), np.zeros((paths, len(self.shared)), dtype=np.int8), np.zeros(3, dtype=np.int64),
        )  # fmt: skip

    def state(self, costs: Costs) -> _freight.State:
        """State of a run, before it."""
        size = len(self.shared)
        return _freight.State(
            np.ascontiguousarray(costs.cost).copy(), costs.hours.copy(), costs.carbon.copy(), costs.capacity.copy(),
            np.zeros(size), np.zeros(size), np.zeros(self.demand.pairs, dtype=np.bool_), np.zeros(self.demand.pairs),
            np.zeros(size), np.zeros(self.small.links),
        )  # fmt: skip

    def _paths(self, pool: _freight.Pool) -> list[list[tuple[Ints, float]]]:
        """Paths with flow, of each pair, as steps of the supernetwork in the order they are travelled."""
        found: list[list[tuple[Ints, float]]] = []
        for head in pool.head:
            own, path = [], int(head)
            while path >= 0:
                if pool.flow[path] > 0:
                    links = pool.links[pool.begin[path] : pool.begin[path] + pool.length[path]][::-1]
                    own.append((self.chained(links), float(pool.flow[path])))
                path = int(pool.follow[path])
            found.append(own)
        return found

    def chained(self, links: Ints) -> Ints:
        """Steps of the supernetwork that links of the contracted graph stand for."""
        small = self.small
        parts = [small.chain[small.begin[link] : small.begin[link + 1]] for link in links]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    def flow(self, paths: list[list[tuple[Ints, float]]]) -> Floats:
        """Mt a year of each class on each step of the supernetwork, from paths of pairs."""
        flow = np.zeros((len(self.costers), len(self.net.edges)))
        for kind, own in zip(self.demand.kind, paths, strict=True):
            for edges, amount in own:
                np.add.at(flow[kind], edges, amount)
        return flow


def _nothing_known(pairs: int, links: int) -> _freight.Start:
    nothing = np.zeros(0, dtype=np.int64)
    unknown = np.full(pairs, -1, dtype=np.int64)
    none, starts = np.zeros(pairs), np.zeros(links + 1, dtype=np.int64)
    return _freight.Start(none, unknown, none, nothing, unknown, np.zeros(0), starts, nothing)


def _known(freight: Freight, pool: _freight.Pool) -> Known:
    """The paths with flow of a solved pool, and of each pair the cheapest without delay."""
    least, cheapest = _without_delay(freight, freight.base_costs.cost)
    chains: list[dict[Links, float]] = []
    for pair, head in enumerate(pool.head):
        own: dict[Links, float] = {}
        path = int(head)
        while path >= 0:
            if pool.flow[path] > 0:
                links = pool.links[pool.begin[path] : pool.begin[path] + pool.length[path]]
                own[tuple(links.tolist())] = float(pool.flow[path])
            path = int(pool.follow[path])
        total = sum(own.values())
        if (links_ := cheapest[pair]) is not None:
            own.setdefault(links_, 0.0)
        chains.append({links: flow / total if total else 1.0 for links, flow in own.items()})
    return _laid_out(freight, least, cheapest, chains)


def _without_delay(freight: Freight, costs: Floats) -> tuple[Floats, list[Links | None]]:
    """Of each pair the least cost without delay (infinite: no way), and a path that has it, from its end."""
    world, tree = freight.world, _paths.tree_for(freight.nodes)
    least = np.full(freight.demand.pairs, np.inf)
    found: list[Links | None] = [None] * freight.demand.pairs
    for group, kind in enumerate(world.group_class):
        _paths.shortest_tree(world.graph, np.ascontiguousarray(costs[kind]), world.group_origin[group], tree)
        for pair in range(world.group_begin[group], world.group_begin[group + 1]):
            node = int(world.target[pair])
            least[pair] = tree.distance[node]
            if np.isfinite(least[pair]):
                links = []
                while tree.entering[node] >= 0:
                    links.append(int(tree.entering[node]))
                    node = int(world.graph.tail[links[-1]])
                found[pair] = tuple(links)
    return least, found


def _spare(freight: Freight, least: Floats, usage: np.ndarray) -> Floats:
    """By how much more it costs each pair, at least, to avoid one of the facilities of its cheapest path."""
    world, costs = freight.world, freight.base_costs.cost
    spare = np.full(least.size, np.inf)
    owner = np.repeat(np.arange(freight.small.links), np.diff(world.first))
    for facility in np.flatnonzero(usage.any(axis=0)):
        barred = costs.copy()
        barred[:, owner[world.facilities == facility]] = np.inf
        without, _ = _without_delay(freight, barred)
        hit = usage[:, facility] > 0
        spare[hit] = np.minimum(spare[hit], without[hit] - least[hit])
    return spare


def _laid_out(
    freight: Freight, least: Floats, cheapest: Sequence[Links | None], chains: Sequence[Mapping[Links, float]]
) -> Known:
    flat = [(pair, links, share) for pair, own in enumerate(chains) for links, share in own.items()]
    head = np.full(len(chains), -1, dtype=np.int64)
    best = np.full(len(chains), -1, dtype=np.int64)
    follow = np.full(len(flat), -1, dtype=np.int64)
    users: list[set[int]] = [set() for _ in range(freight.small.links)]
    for path, (pair, links, _) in enumerate(flat):
        follow[path], head[pair] = head[pair], path
        best[pair] = path if links == cheapest[pair] else best[pair]
        for link in links:
            users[link].add(pair)
    length = np.array([len(links) for _, links, _ in flat], dtype=np.int64)
    begin = _starts(length)[:-1]
    terms, usage = _measured(freight, [links for _, links, _ in flat], [pair for pair, _, _ in flat])
    own = np.where((best >= 0)[:, None], usage[best], 0) if flat else np.zeros((len(chains), usage.shape[1]))
    start = _freight.Start(
        np.where(np.isfinite(least), least, 0.0), best, _spare(freight, least, own), follow, head,
        np.array([share for _, _, share in flat]), _starts([len(one) for one in users]),
        np.array([pair for one in users for pair in sorted(one)], dtype=np.int64),
    )  # fmt: skip
    listed = np.array([link for _, links, _ in flat for link in links], dtype=np.int64)
    return Known(start, begin, length, listed, terms, usage)


def _starts(sizes: Sequence[int] | Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _measured(freight: Freight, paths: list[Links], pairs: list[int]) -> tuple[Floats, np.ndarray]:
    """Terms a tonne and facilities of paths, on the network as it is."""
    world, costs = freight.world, freight.base_costs
    terms = np.zeros((len(paths), 3))
    usage = np.zeros((len(paths), len(freight.shared)), dtype=np.int8)
    for path, links in enumerate(paths):
        at = list(links)
        kind = freight.demand.kind[pairs[path]]
        terms[path] = costs.cost[kind, at].sum(), costs.hours[at].sum(), costs.carbon[at].sum()
        for link in links:
            np.add.at(usage[path], world.facilities[world.first[link] : world.first[link + 1]], 1)
    return terms, usage

"""Sets of routes that goods choose among: unlike each other, and none more than twice as dear as the cheapest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from serai.corridor import _logit, _paths
from serai.corridor._logit import Sets
from serai.corridor.freight import Freight
from serai.corridor.network import Floats, Graph, Ints

MOST = 8
"""Routes of a pair, but for those by the points that must not be missed."""
OVERLAP = 0.8
"""Part of its cost that a route may share with a cheaper one of its pair."""
DETOUR = 2.0
"""A route that costs more than this many times the cheapest is no choice."""


def choice_sets(freight: Freight, cost: Floats, weight: Floats, points: Collection[int] = ()) -> Sets:
    """Routes of every pair at costs without queues.

    Of every link the cheapest way by it is a candidate (single-via paths: Abraham, Delling, Goldberg and Werneck,
    2013). Candidates are kept from the cheapest on, up to :data:`MOST`, each only if it shares little with those kept;
    the cheapest way by each of the points is kept in any case, so that goods may turn to it when it becomes better.

    Args:
        freight: the network.
        cost: USD a tonne of the links of the contracted graph, shape ``(classes, links)``; infinite where closed.
        weight: cost of the steps of the supernetwork by class, as from :func:`step_costs`.
        points: links of the contracted graph.

    Returns:
        The sets; a pair without a way has none.
    """
    pairs = freight.demand.pairs
    zeros, every = np.zeros(pairs + 1, dtype=np.int64), np.arange(pairs)
    none = _complete(freight, weight, every, zeros, zeros[:1], zeros[:0])
    asked = _Asked(every, np.full(pairs, MOST), none, np.zeros(0, dtype=np.bool_), points)
    sizes, found = _searched(freight, cost, weight, asked)
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    routes, links = found.used[:2]
    return _complete(freight, weight, every, first, found.begin[: routes + 1].copy(), found.links[:links].copy())


def replaced(
    freight: Freight, sets: Sets, cost: Floats, weight: Floats, able: np.ndarray, wanted: np.ndarray,
    points: Collection[int] = (),
) -> Sets:  # fmt: skip
    """The sets with a further route for each one that is closed, unlike those of its pair that are open.

    Args:
        freight: the network.
        sets: the routes.
        cost: USD a tonne of links, infinite where closed.
        weight: cost of steps, as from :func:`step_costs`.
        able: which routes are open.
        wanted: which pairs of the sets need it, shape ``(pairs of the sets,)``.
        points: as in :func:`choice_sets`.
    """
    places = np.flatnonzero(wanted)
    if not places.size:
        return sets
    asked = _Asked(places, np.maximum(np.diff(sets.first)[places], 1), sets, able, points)
    sizes, found = _searched(freight, cost, weight, asked)
    ends = np.concatenate([[0], np.cumsum(sizes)])
    ways = {
        own: [found.links[found.begin[route] : found.begin[route + 1]] for route in range(*ends[place : place + 2])]
        for place, own in enumerate(places.tolist()) if sizes[place]
    }  # fmt: skip
    return extended(freight, weight, sets, ways) if ways else sets


class _Asked(NamedTuple):
    """Places of pairs whose routes are looked for: how many each may have, those there are, and which are open."""

    places: Ints
    most: Ints
    old: Sets
    able: np.ndarray
    points: Collection[int]


def _searched(freight: Freight, cost: Floats, weight: Floats, asked: _Asked) -> tuple[Ints, _logit.Found]:
    room = int(asked.most.sum()) + 4 * asked.places.size + 16
    while True:
        found = _logit.Found(
            np.zeros(room + 1, dtype=np.int64), np.zeros(room * 24, dtype=np.int64), np.zeros(3, dtype=np.int64)
        )
        sizes = _filled(freight, cost, weight, asked, found)
        if not found.used[2]:
            return sizes, found
        room *= 2


def step_costs(freight: Freight) -> Floats:
    """USD a tonne of the steps of the supernetwork by class, open or not, above 0; shape ``(classes, steps)``."""
    values, steps = freight.values, freight.steps
    rows = [coster.cost(coster.terms(steps, values), values) for coster in freight.costers]
    return np.maximum(np.array(rows), 1e-9)


def _complete(freight: Freight, weight: Floats, pair: Ints, first: Ints, begin: Ints, links: Ints) -> Sets:
    """Routes as slices of links, with the facilities they pass, the links they ride and what part each of them is."""
    world, rides = freight.world, freight.rides
    passed, facilities = _of_links(world.first, world.facilities, begin, links)
    leads = np.diff(rides.first) > 0
    own = leads[links]
    ridden, ways = np.concatenate([[0], np.cumsum(own)])[begin].astype(np.int64), links[own]
    owner = np.repeat(np.arange(leads.size), np.diff(rides.first))
    spent = np.array([np.bincount(owner, one[rides.step], minlength=leads.size) for one in weight])
    sizes = np.diff(ridden)
    length = spent[np.repeat(np.repeat(freight.demand.kind[pair], np.diff(first)), sizes), ways]
    route = np.repeat(np.arange(sizes.size), sizes)
    whole = np.bincount(route, length, minlength=sizes.size)
    none, zero = np.zeros(0, dtype=np.int64), np.zeros(0)
    lanes = Sets(pair, first, begin, links, passed, facilities, zero, none, none, none, zero)
    return nested(lanes, _logit.Ridden(ridden, ways, length / whole[route]), leads.size)


def nested(sets: Sets, ridden: _logit.Ridden, links: int) -> Sets:
    """The sets with their nests.

    Args:
        sets: without.
        ridden: what their routes ride.
        links: of the contracted graph.
    """
    size = ridden.links.size
    room = sets._replace(
        alone=np.zeros(sets.begin.size - 1), nest=np.zeros(sets.first.size, dtype=np.int64),
        held=np.zeros(size + 1, dtype=np.int64), member=np.zeros(size, dtype=np.int64), part=np.zeros(size),
    )  # fmt: skip
    mark, own = np.zeros(links, dtype=np.int64), np.zeros(links, dtype=np.int64)
    members = _logit.gather_nests(sets.first, ridden, room, mark, own)
    held = room.held[: room.nest[-1] + 1].copy()
    return room._replace(held=held, member=room.member[:members].copy(), part=room.part[:members].copy())


def _of_links(first: Ints, what: Ints, begin: Ints, links: Ints) -> tuple[Ints, Ints]:
    """What the links of routes have, where link ``e`` has ``what[first[e]:first[e + 1]]``: slices by route."""
    each = first[links + 1] - first[links]
    ends: Ints = np.concatenate([[0], np.cumsum(each)])[begin].astype(np.int64)
    return ends, what[_runs(first[links], each)]


def holding(sets: Sets, links: Ints) -> np.ndarray:
    """Which routes hold any of the links."""
    hit = np.concatenate([[0], np.cumsum(np.isin(sets.links, links))])
    found: np.ndarray = hit[sets.begin[1:]] > hit[sets.begin[:-1]]
    return found


def joined(freight: Freight, weight: Floats, now: Sets, later: Sets, shut: np.ndarray) -> Sets:
    """The routes of ``now``, and after them those of ``later`` that hold a link that is shut now."""
    owner = np.repeat(np.arange(freight.demand.pairs), np.diff(later.first))
    ways: dict[int, list[Ints]] = {}
    for route in np.flatnonzero(holding(later, np.flatnonzero(shut))).tolist():
        ways.setdefault(int(owner[route]), []).append(later.links[later.begin[route] : later.begin[route + 1]])
    return extended(freight, weight, now, ways)


def taken(sets: Sets, places: Ints) -> Sets:
    """The routes of the pairs in some places alone, which are in order."""
    counts = np.diff(sets.first)[places]
    routes = _runs(sets.first[places], counts)
    begin, links = _of_routes(sets.begin, routes)
    passed, facilities = _of_routes(sets.passed, routes)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    nest, nests = _of_routes(sets.nest, places)
    held, members = _of_routes(sets.held, nests)
    return Sets(
        sets.pair[places], first, begin, sets.links[links], passed, sets.facilities[facilities], sets.alone[routes],
        nest, held, sets.member[members], sets.part[members],
    )  # fmt: skip


def _of_routes(begin: Ints, routes: Ints) -> tuple[Ints, Ints]:
    """Slices of some routes or whatever else, and where in the slices of all they are."""
    sizes = np.diff(begin)[routes]
    ends: Ints = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return ends, _runs(begin[routes], sizes)


def _runs(starts: Ints, sizes: Ints) -> Ints:
    """Whole numbers from each start on, as many as its size."""
    ends = np.cumsum(sizes)
    found: Ints = np.repeat(starts - ends + sizes, sizes) + np.arange(int(sizes.sum()))
    return found


def extended(freight: Freight, weight: Floats, sets: Sets, ways: Mapping[int, Sequence[Ints]]) -> Sets:
    """The sets with further routes of pairs in some places, after those the pair has."""
    links, sizes, counts, last = [], [], np.diff(sets.first), 0
    lengths = np.diff(sets.begin)
    for place in sorted(ways):
        end = int(sets.first[place + 1])
        links += [sets.links[sets.begin[last] : sets.begin[end]], *ways[place]]
        sizes += [lengths[last:end], np.array([len(way) for way in ways[place]])]
        counts[place] += len(ways[place])
        last = end
    links.append(sets.links[sets.begin[last] :])
    sizes.append(lengths[last:])
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    begin = np.concatenate([[0], np.cumsum(np.concatenate(sizes))]).astype(np.int64)
    return _complete(freight, weight, sets.pair, first, begin, np.concatenate(links).astype(np.int64))


def _filled(freight: Freight, cost: Floats, weight: Floats, asked: _Asked, found: _logit.Found) -> Ints:
    """Routes of the pairs asked for, one after the other into ``found``; how many each was given."""
    demand, graph = freight.demand, freight.small.graph
    back, links = _backwards(graph), freight.small.links
    rides = freight.rides
    marks = _logit.Marks(
        np.full(len(freight.net.areas), -1, dtype=np.int64), np.zeros(len(freight.net.edges), dtype=np.int64),
        np.zeros(2 * freight.nodes, dtype=np.int64), np.zeros(links), np.zeros(links, dtype=np.int64),
        np.zeros(1, dtype=np.int64), np.zeros(_logit.MASK),
    )  # fmt: skip
    points = np.array(sorted(asked.points), dtype=np.int64)
    sizes = np.zeros(asked.places.size, dtype=np.int64)
    pairs = asked.old.pair[asked.places]
    kinds = demand.kind[pairs]
    for kind in np.unique(kinds):
        own = np.flatnonzero(kinds == kind)
        spent = np.ascontiguousarray(cost[kind])
        origins, at_origin = np.unique(demand.origin[pairs[own]], return_inverse=True)
        targets, at_target = np.unique(demand.target[pairs[own]], return_inverse=True)
        there, entering = _trees(graph, spent, origins)
        onward, leaving = _trees(back, spent, targets)
        trees = _logit.Trees(there, entering, onward, leaving)
        for place, start, end in zip(own.tolist(), at_origin.tolist(), at_target.tolist(), strict=True):
            if np.isfinite(there[start, targets[end]]):
                sizes[place] = _logit.routes_of(
                    graph, spent, trees, rides, weight[kind], (start, end), (int(origins[start]), int(targets[end])),
                    points, (int(asked.most[place]), OVERLAP, DETOUR), asked.old, int(asked.places[place]), asked.able,
                    found, marks,
                )  # fmt: skip
    return sizes


def _trees(graph: Graph, cost: Floats, roots: Ints) -> tuple[Floats, Ints]:
    """Costs and entering links of the cheapest ways from each root, shape ``(roots, nodes)``."""
    nodes = graph.start.size - 1
    distance, entering = np.empty((roots.size, nodes)), np.empty((roots.size, nodes), dtype=np.int64)
    tree = _paths.tree_for(nodes)
    for row, root in enumerate(roots):
        _paths.shortest_tree(graph, cost, int(root), tree)
        distance[row], entering[row] = tree.distance, tree.entering
    return distance, entering


def _backwards(graph: Graph) -> Graph:
    """The graph with every link turned round."""
    order = np.argsort(graph.head, kind="stable").astype(np.int64)
    start = np.searchsorted(graph.head[order], np.arange(graph.start.size)).astype(np.int64)
    return Graph(start, order, graph.head, graph.tail, graph.first_through)

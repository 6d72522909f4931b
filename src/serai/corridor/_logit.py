"""Compiled kernels: sets of routes between places, and the shares of their routes by link-nested logit.

Arguments travel in named tuples of arrays. A route is a slice of links of the contracted graph, in the order they are
travelled; the routes of a pair stand together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from serai.corridor.network import Floats, Graph, Ints
from serai.kernels import entrance, part

INFINITY = np.inf
SAME = 1e-12
"""Relative difference of costs that is rounding."""
MASK = 62
"""Routes that the bits of a mark can tell apart."""


class Sets(NamedTuple):
    """Routes of some pairs: those of ``pair[n]`` are ``first[n]`` to ``first[n + 1]``.

    Route ``r`` is ``links[begin[r]:begin[r + 1]]`` and goes through the facilities
    ``facilities[passed[r]:passed[r + 1]]``, one named as often as it is gone through.

    Links that lead from place to place and are held by the same routes of a pair are one nest: sums over them come to
    the same. ``alone[r]`` is what part of the cost of riding route ``r`` no other route has; pair ``n`` has nests
    ``nest[n]`` to ``nest[n + 1]``, of which nest ``k`` is held by routes ``member[held[k]:held[k + 1]]``, counted from
    the first of their pair, each with a ``part`` of its cost.
    """

    pair: Ints
    first: Ints
    begin: Ints
    links: Ints
    passed: Ints
    facilities: Ints
    alone: Floats
    nest: Ints
    held: Ints
    member: Ints
    part: Floats


class Ridden(NamedTuple):
    """Links that lead from place to place, of routes: those of ``r`` are ``links[begin[r]:begin[r + 1]]``.

    ``part`` is what part of the cost of riding its route each is.
    """

    begin: Ints
    links: Ints
    part: Floats


class Trees(NamedTuple):
    """Cheapest ways of one class: from origins to all nodes, and from all nodes to targets.

    ``(origins, nodes)`` and ``(targets, nodes)``: cost, and the link that enters a node on the way from an origin or
    leaves it on the way to a target.
    """

    there: Floats
    entering: Ints
    onward: Floats
    leaving: Ints


class Rides(NamedTuple):
    """Of each link of the contracted graph the steps that lead from place to place: ``step[first[e]:first[e + 1]]``.

    ``place`` is where a step leads to, and ``start`` the place of each origin.
    """

    first: Ints
    step: Ints
    place: Ints
    start: Ints


class Found(NamedTuple):
    """Room for routes: ``begin`` and ``links`` as in :class:`Sets`; ``used`` holds routes, links and lack of room."""

    begin: Ints
    links: Ints
    used: Ints


class Marks(NamedTuple):
    """Scratch: of each place the way that last met it, of each step the routes that hold it, and a way; of each link
    what the way by it costs, a heap of links, the number of the last way, and what it shares with each kept route.
    """

    place: Ints
    step: Ints
    route: Ints
    whole: Floats
    heap: Ints
    stamp: Ints
    shared: Floats


@part
def _walk(graph: Graph, trees: Trees, rides: Rides, rows: tuple[int, int], via: int, marks: Marks) -> int:
    """Write the way from an origin by a link to a target into ``marks.route``: its length, 0 if it meets a place twice.

    ``rows`` are those of the origin and the target in the trees.
    """
    origin, target = rows
    node, size = graph.tail[via], 1
    marks.route[0] = via
    while trees.entering[origin, node] >= 0:
        link = trees.entering[origin, node]
        marks.route[size] = link
        size += 1
        node = graph.tail[link]
    for slot in range(size // 2):
        other = size - 1 - slot
        marks.route[slot], marks.route[other] = marks.route[other], marks.route[slot]
    node = graph.head[via]
    while trees.leaving[target, node] >= 0:
        link = trees.leaving[target, node]
        if size >= marks.route.size:
            return 0
        marks.route[size] = link
        size += 1
        node = graph.head[link]
    marks.stamp[0] += 1
    stamp, here = marks.stamp[0], rides.start[graph.tail[marks.route[0]]]
    marks.place[here] = stamp
    for slot in range(size):
        for ride in range(rides.first[marks.route[slot]], rides.first[marks.route[slot] + 1]):
            place = rides.place[rides.step[ride]]
            if place == here:
                continue  # a link, its border and its sailing lead to the same place
            if marks.place[place] == stamp:
                return 0
            marks.place[place], here = stamp, place
    return size


@part
def _differs(marks: Marks, rides: Rides, weight: Floats, size: int, own: int, overlap: float) -> bool:
    """Whether the way in ``marks.route`` shares no more than a part of its cost with any of the ``own`` kept ones."""
    whole = 0.0
    marks.shared[:own] = 0.0
    for slot in range(size):
        for ride in range(rides.first[marks.route[slot]], rides.first[marks.route[slot] + 1]):
            step = rides.step[ride]
            whole += weight[step]
            held, kept = marks.step[step], 0
            while held:
                if held & 1:
                    marks.shared[kept] += weight[step]
                held >>= 1
                kept += 1
    most = 0.0
    for kept in range(own):
        most = max(most, marks.shared[kept])
    return most <= overlap * whole


@part
def _sink(heap: Ints, whole: Floats, slot: int, size: int) -> None:
    """Move a candidate down the heap to where its cost belongs; the lower link first where costs are the same."""
    while True:
        child = 2 * slot + 1
        if child >= size:
            return
        if child + 1 < size and _before(whole, heap[child + 1], heap[child]):
            child += 1
        if not _before(whole, heap[child], heap[slot]):
            return
        heap[slot], heap[child] = heap[child], heap[slot]
        slot = child


@part
def _before(whole: Floats, one: int, other: int) -> bool:
    return whole[one] < whole[other] or (whole[one] == whole[other] and one < other)


@part
def _candidates(
    graph: Graph, cost: Floats, trees: Trees, rows: tuple[int, int], ends: tuple[int, int], within: float, marks: Marks
) -> int:  # fmt: skip
    """A heap in ``marks.heap`` of the links by which a way costs at most ``within``; terminals let nothing through."""
    size = 0
    for link in range(graph.tail.size):
        tail, head = graph.tail[link], graph.head[link]
        marks.whole[link] = INFINITY
        if (tail < graph.first_through and tail != ends[0]) or (head < graph.first_through and head != ends[1]):
            continue
        marks.whole[link] = trees.there[rows[0], tail] + cost[link] + trees.onward[rows[1], head]
        if marks.whole[link] <= within:
            marks.heap[size] = link
            size += 1
    for slot in range(size // 2 - 1, -1, -1):
        _sink(marks.heap, marks.whole, slot, size)
    return size


@part
def _keep(rides: Rides, weight: Floats, size: int, own: int, overlap: float, found: Found, marks: Marks) -> int:
    """Keep the way in ``marks.route`` if it is unlike the ``own`` kept ones, not beyond :data:`MASK`: how many then."""
    if size == 0 or own >= MASK or not _differs(marks, rides, weight, size, own, overlap):
        return own
    new, slot = found.used[0], found.used[1]
    if new + 1 >= found.begin.size or slot + size > found.links.size:
        found.used[2] = 1
        return own
    for step in range(size):
        found.links[slot + step] = marks.route[step]
    _mark(rides, found.links, (slot, slot + size), 1 << own, marks)
    found.used[0], found.used[1] = new + 1, slot + size
    found.begin[new + 1] = slot + size
    return own + 1


@part
def _mark(rides: Rides, links: Ints, ends: tuple[int, int], bit: int, marks: Marks) -> None:
    """Mark the steps of a slice of links as held by a route; with 0 as held by none."""
    for slot in range(ends[0], ends[1]):
        for ride in range(rides.first[links[slot]], rides.first[links[slot] + 1]):
            if bit:
                marks.step[rides.step[ride]] |= bit
            else:
                marks.step[rides.step[ride]] = 0


@entrance
def routes_of(
    graph: Graph, cost: Floats, trees: Trees, rides: Rides, weight: Floats, rows: tuple[int, int],
    ends: tuple[int, int], points: Ints, limits: tuple[int, float, float], old: Sets, place: int,
    able: NDArray[np.bool_], found: Found, marks: Marks,
) -> int:  # fmt: skip
    """Add routes of one pair: cheapest ways by one link each (single-via paths: Abraham et al., 2013).

    Args:
        graph: the network.
        cost: of its links, USD a tonne.
        trees: cheapest ways.
        rides: steps from place to place.
        weight: cost of each, USD a tonne, above 0.
        rows: of the pair's origin and target in the trees.
        ends: its origin and target.
        points: links the way by which is kept even beyond the number of routes, if it differs.
        limits: how many routes, what part of its cost a route may share with a kept one, and how many times the
            cheapest it may cost.
        old: routes there are already.
        place: of the pair, in ``old``.
        able: which of the old routes are open, and count as kept.
        found: where routes are added; ``used[2]`` is set where there was no room.
        marks: scratch, ``step`` all zero before and after.

    Returns:
        How many routes were added.
    """
    most, overlap, detour = limits
    own, first = 0, found.used[0]
    for route in range(old.first[place], old.first[place + 1]):
        if able[route] and own < MASK:
            _mark(rides, old.links, (old.begin[route], old.begin[route + 1]), 1 << own, marks)
            own += 1
    known, within = own, detour * trees.there[rows[0], ends[1]]
    size = _candidates(graph, cost, trees, rows, ends, within, marks)
    last = -1.0
    while size and own < most and not found.used[2]:
        via = marks.heap[0]
        size -= 1
        marks.heap[0] = marks.heap[size]
        _sink(marks.heap, marks.whole, 0, size)
        if marks.whole[via] <= last * (1.0 + SAME):
            continue  # another link of the way just looked at
        last = marks.whole[via]
        length = _walk(graph, trees, rides, rows, via, marks)
        own = _keep(rides, weight, length, own, overlap, found, marks)
    for via in points:
        if marks.whole[via] <= within and not found.used[2]:
            length = _walk(graph, trees, rides, rows, via, marks)
            own = _keep(rides, weight, length, own, overlap, found, marks)
    _mark(rides, found.links, (found.begin[first], found.used[1]), 0, marks)
    _mark(rides, old.links, (old.begin[old.first[place]], old.begin[old.first[place + 1]]), 0, marks)
    return own - known


@entrance
def touched(sets: Sets, changed: NDArray[np.bool_], into: NDArray[np.bool_]) -> None:
    """Mark in ``into`` the places of pairs with a route that holds a link which has changed."""
    for place in range(sets.pair.size):
        for slot in range(sets.begin[sets.first[place]], sets.begin[sets.first[place + 1]]):
            if changed[sets.links[slot]]:
                into[place] = True
                break


@entrance
def gather_nests(first: Ints, ridden: Ridden, found: Sets, mark: Ints, own: Ints) -> int:
    """Part the links that routes ride into nests; beyond :data:`MASK` routes of a pair, each stands for itself.

    Args:
        first: routes of pairs, as in :class:`Sets`.
        ridden: their links.
        found: where to: ``alone`` of all zeros, the rest with room for as many as there are links ridden.
        mark: scratch of all zeros, by link: the routes that hold it.
        own: scratch, by link: its nest.

    Returns:
        How many members all nests have.
    """
    nests = members = 0
    found.held[0] = 0
    for place in range(first.size - 1):
        low, high, begun = first[place], first[place + 1], nests
        found.nest[place] = begun
        for route in range(low, min(high, low + MASK)):
            for slot in range(ridden.begin[route], ridden.begin[route + 1]):
                mark[ridden.links[slot]] |= 1 << (route - low)
        for route in range(low, high):
            for slot in range(ridden.begin[route], ridden.begin[route + 1]):
                link = ridden.links[slot]
                if route - low >= MASK or mark[link] == 1 << (route - low):
                    found.alone[route] += ridden.part[slot]
                    continue
                if mark[link] & ((1 << (route - low)) - 1) == 0:  # met first
                    own[link] = _nest(found, begun, nests, mark[link])
                    if own[link] == nests:
                        members = _begin_nest(found, nests, mark[link])
                        nests += 1
                at = found.held[own[link]]
                while found.member[at] != route - low:
                    at += 1
                found.part[at] += ridden.part[slot]
        for slot in range(ridden.begin[low], ridden.begin[high]):
            mark[ridden.links[slot]] = 0
    found.nest[first.size - 1] = nests
    return members


@part
def _nest(found: Sets, begun: int, nests: int, routes: int) -> int:
    """The nest of a pair that just these routes hold; ``nests`` where there is none yet."""
    for nest in range(begun, nests):
        held = 0
        for slot in range(found.held[nest], found.held[nest + 1]):
            held |= 1 << found.member[slot]
        if held == routes:
            return nest
    return nests


@part
def _begin_nest(found: Sets, nest: int, routes: int) -> int:
    """Write down the members of a nest; where those of the next begin."""
    at, route = int(found.held[nest]), 0
    while routes >> route:
        if (routes >> route) & 1:
            found.member[at], found.part[at] = route, 0.0
            at += 1
        route += 1
    found.held[nest + 1] = at
    return at


@entrance
def measure(
    sets: Sets, kind: Ints, cost: Floats, hours: Floats, carbon: Floats, constant: Floats, terms: Floats
) -> None:  # fmt: skip
    """Sums along every route without queues, into ``terms`` of shape ``(routes, 4)``.

    USD, hours and t CO2 a tonne, and the constants of links.
    """
    for place in range(sets.pair.size):
        pair = sets.pair[place]
        for route in range(sets.first[place], sets.first[place + 1]):
            spent = took = gave = beside = 0.0
            for slot in range(sets.begin[route], sets.begin[route + 1]):
                link = sets.links[slot]
                spent += cost[kind[pair], link]
                took += hours[link]
                gave += carbon[link]
                beside += constant[link]
            terms[route, 0], terms[route, 1], terms[route, 2], terms[route, 3] = spent, took, gave, beside


@entrance
def load(
    sets: Sets, utility: Floats, worth: Floats, lost: Floats, theta: float, demand: Floats, flow: Floats,
    volume: Floats, slope: Floats, gain: Floats, mean: Floats, odds: Floats,
) -> None:  # fmt: skip
    """Shares of routes at the hours lost, what they load on facilities, and how that load answers to the hours.

    Link-nested logit (Vovsha and Bekhor, 1998) with a nesting coefficient of one half: with ``w = exp(utility)`` and
    ``x`` the part of route ``r`` that link ``a`` is times ``w``, the generating function is the sum over links of the
    square root of the sum of ``x^2`` over the routes that hold the link. Routes without a common link share as in a
    plain logit; of two that are the same, each gets half and no user gains.

    Args:
        sets: the routes.
        utility: logarithm of the odds of each route without queues; minus infinity where one is closed.
        worth: USD a tonne of an hour, by pair.
        lost: hours lost at each facility.
        theta: t per USD.
        demand: Mt a year, by pair.
        flow: filled with the Mt a year of each route.
        volume: the load of each facility is added to it.
        slope: to it is added, roughly, the derivative of the load by the hours, shape ``(facilities, facilities)``.
        gain: filled with the logarithm of the generating function, by pair; minus infinity where no route is open.
        mean: scratch of all zeros, by facility.
        odds: scratch, as long as the largest set of a pair.
    """
    for place in range(sets.pair.size):
        pair, low, high = sets.pair[place], sets.first[place], sets.first[place + 1]
        most = -INFINITY
        for route in range(low, high):
            queue = 0.0
            for slot in range(sets.passed[route], sets.passed[route + 1]):
                queue += lost[sets.facilities[slot]]
            flow[route] = utility[route] - theta * worth[pair] * queue
            most = max(most, flow[route])
        gain[pair] = -INFINITY
        if most == -INFINITY:
            for route in range(low, high):
                flow[route] = 0.0
            continue
        total = _nested(sets, place, flow, most, odds)
        gain[pair] = most + np.log(total)
        scale = demand[pair] / total
        for route in range(low, high):
            flow[route] *= scale
            for slot in range(sets.passed[route], sets.passed[route + 1]):
                volume[sets.facilities[slot]] += flow[route]
        if sets.passed[low] < sets.passed[high] and demand[pair] > 0.0:
            _respond(sets, flow, theta * worth[pair], demand[pair], (low, high), slope, mean)


@part
def _nested(sets: Sets, place: int, flow: Floats, most: float, odds: Floats) -> float:
    """Turn the utilities of a pair's routes in ``flow`` into their parts of the generating function; its value."""
    low, high = sets.first[place], sets.first[place + 1]
    for route in range(low, high):
        odds[route - low] = np.exp(flow[route] - most)
        flow[route] = sets.alone[route] * odds[route - low]
    for nest in range(sets.nest[place], sets.nest[place + 1]):
        begin, end, square = sets.held[nest], sets.held[nest + 1], 0.0
        for slot in range(begin, end):
            own = sets.part[slot] * odds[sets.member[slot]]
            square += own * own
        if square > 0.0:
            root = 1.0 / np.sqrt(square)
            for slot in range(begin, end):
                own = sets.part[slot] * odds[sets.member[slot]]
                flow[low + sets.member[slot]] += own * own * root
    total = 0.0
    for route in range(low, high):
        total += flow[route]
    return total


@part
def _respond(
    sets: Sets, flow: Floats, steep: float, demand: float, ends: tuple[int, int], slope: Floats, mean: Floats
) -> None:
    """Add a pair's part of the derivative, as of a plain logit: minus theta times worth times a covariance."""
    low, high = ends
    for route in range(low, high):
        for slot in range(sets.passed[route], sets.passed[route + 1]):
            mean[sets.facilities[slot]] += flow[route]
            for other in range(sets.passed[route], sets.passed[route + 1]):
                slope[sets.facilities[slot], sets.facilities[other]] -= steep * flow[route]
    for one in range(mean.size):
        if mean[one] > 0.0:
            for other in range(mean.size):
                slope[one, other] += steep * mean[one] * mean[other] / demand
    mean[:] = 0.0

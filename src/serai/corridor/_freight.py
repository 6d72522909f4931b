"""Compiled kernels: several classes of goods on one network whose facilities they share.

Costs of links do not depend on flow; the hours that goods lose at facilities do. Classes differ in what an hour is
worth to them, so that costs over that worth have a common potential (Beckmann's) and its least value is the
equilibrium. Arguments travel in named tuples of arrays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from serai.corridor import _paths
from serai.corridor.network import Floats, Graph, Ints
from serai.kernels import entrance, part

INFINITY = np.inf
SWEEPS = 30
Bools = NDArray[np.bool_]


class World(NamedTuple):
    """What no run changes. ``K`` classes, ``E`` links, ``F`` facilities, ``P`` pairs in groups of class and origin.

    ``facilities[first[e]:first[e + 1]]`` are those of link ``e``; ``law`` holds b, power and hours of the queue;
    ``worth`` is USD per t and hour of each class; ``empty`` the hours of each facility without traffic.
    """

    graph: Graph
    first: Ints
    facilities: Ints
    empty: Floats
    law: Floats
    worth: Floats
    group_class: Ints
    group_origin: Ints
    group_begin: Ints
    target: Ints


class Start(NamedTuple):
    """What a run starts from: known paths of each pair with their shares, and what tells that they stay the cheapest.

    ``cheapest`` is the path of least cost without delay (-1: none), ``least`` its cost. Every other path either uses
    the same facilities, or avoids one of them and then costs at least ``spare`` more: as long as delay on the cheapest
    path is worth less than that, and no cost has fallen, it stays the cheapest. The known paths of the pairs
    ``users[user_begin[e]:user_begin[e + 1]]`` hold link ``e``.
    """

    least: Floats
    cheapest: Ints
    spare: Floats
    follow: Ints
    head: Ints
    share: Floats
    user_begin: Ints
    users: Ints


class Pool(NamedTuple):
    """Paths of all pairs: chains of positions, slices of ``links``, flow, ``(cost, hours, t CO2)`` a tonne, facilities.

    The known paths stay in the first places; ``used`` holds how many paths and links there are.
    """

    head: Ints
    follow: Ints
    begin: Ints
    length: Ints
    links: Ints
    flow: Floats
    terms: Floats
    usage: NDArray[np.int8]
    used: Ints


class State(NamedTuple):
    """Of one run: costs ``(K, E)``, hours and t CO2 of links, capacity and volume (Mt), and hours lost.

    ``touched`` marks pairs a known path of which has changed; ``floor`` is their cheapest cost when last searched
    (-1: never), ``peak`` the most hours lost at any search: since then no path can have become cheaper than the floor
    less what the hours have fallen.
    """

    cost: Floats
    hours: Floats
    carbon: Floats
    capacity: Floats
    volume: Floats
    lost: Floats
    touched: Bools
    floor: Floats
    peak: Floats
    loaded: Floats


@entrance
def hours_lost(world: World, capacity: float, facility: int, volume: float) -> float:
    """Hours at a facility: the function of the Bureau of Public Roads, and beyond capacity half the queue there is."""
    if volume <= 0.0:
        return 0.0
    if capacity <= 0.0:
        return world.law[2]
    ratio = volume / capacity
    delay: float = world.empty[facility] * world.law[0] * ratio ** world.law[1]
    if ratio > 1.0:
        delay += 0.5 * world.law[2] * (ratio - 1.0)
    return delay


@part
def _refresh(world: World, state: State) -> None:
    for facility in range(state.volume.size):
        volume = state.volume[facility]
        state.lost[facility] = hours_lost(world, state.capacity[facility], facility, volume)


@part
def queue_hours(pool: Pool, state: State, path: int) -> float:
    """Hours a path now loses at its facilities."""
    queue = 0.0
    for facility in range(state.lost.size):
        queue += pool.usage[path, facility] * state.lost[facility]
    return queue


@part
def path_cost(world: World, pool: Pool, state: State, path: int, kind: int) -> float:
    """USD a tonne of a path at the hours now lost."""
    total: float = pool.terms[path, 0] + world.worth[kind] * queue_hours(pool, state, path)
    return total


@part
def _measure(world: World, pool: Pool, state: State, path: int, kind: int) -> None:
    cost = hours = carbon = 0.0
    for facility in range(state.lost.size):
        pool.usage[path, facility] = 0
    for slot in range(pool.begin[path], pool.begin[path] + pool.length[path]):
        link = pool.links[slot]
        cost += state.cost[kind, link]
        hours += state.hours[link]
        carbon += state.carbon[link]
        for place in range(world.first[link], world.first[link + 1]):
            pool.usage[path, world.facilities[place]] += 1
    pool.terms[path, 0], pool.terms[path, 1], pool.terms[path, 2] = cost, hours, carbon


@part
def _load(pool: Pool, state: State, path: int, flow: float) -> None:
    pool.flow[path] += flow
    for facility in range(state.volume.size):
        state.volume[facility] += pool.usage[path, facility] * flow


@entrance
def begin(world: World, start: Start, pool: Pool, state: State, demand: Floats) -> None:
    """Load the demand on the known paths that are still open, in the shares they had."""
    known = start.share.size
    for pair in range(start.head.size):
        pool.head[pair] = start.head[pair]
        state.floor[pair] = -1.0
    for path in range(known):
        pool.follow[path] = start.follow[path]
        pool.flow[path] = 0.0
    pool.used[0] = known
    pool.used[1] = pool.begin[known - 1] + pool.length[known - 1] if known else 0
    for facility in range(state.volume.size):
        state.volume[facility] = state.peak[facility] = 0.0
    for group in range(world.group_class.size):
        kind = world.group_class[group]
        for pair in range(world.group_begin[group], world.group_begin[group + 1]):
            open_share, path = 0.0, pool.head[pair]
            while path >= 0:
                if state.touched[pair]:
                    _measure(world, pool, state, path, kind)
                if pool.terms[path, 0] < INFINITY:
                    open_share += start.share[path]
                path = start.follow[path]
            _keep_open(start, pool, state, pair, demand[pair], open_share)
    _refresh(world, state)


@part
def _keep_open(start: Start, pool: Pool, state: State, pair: int, demand: float, open_share: float) -> None:
    path, before = start.head[pair], -1
    pool.head[pair] = -1
    while path >= 0:
        after = start.follow[path]
        if pool.terms[path, 0] < INFINITY:
            if before < 0:
                pool.head[pair] = path
            else:
                pool.follow[before] = path
            pool.follow[path] = -1
            before = path
            if open_share > 0.0:
                _load(pool, state, path, demand * start.share[path] / open_share)
        path = after


@part
def _cost_row(world: World, state: State, kind: int) -> None:
    """Costs of links to a class at the hours now lost."""
    for link in range(state.loaded.size):
        queue = 0.0
        for place in range(world.first[link], world.first[link + 1]):
            queue += state.lost[world.facilities[place]]
        state.loaded[link] = state.cost[kind, link] + world.worth[kind] * queue


@part
def _spent(world: World, pool: Pool, state: State, pair: int, kind: int) -> float:
    total, path = 0.0, pool.head[pair]
    while path >= 0:
        if pool.flow[path] > 0.0:
            total += pool.flow[path] * path_cost(world, pool, state, path, kind)
        path = pool.follow[path]
    return total


@part
def _settled(world: World, start: Start, pool: Pool, state: State, pair: int, kind: int, demand: float) -> bool:
    """Whether an untouched pair is known to have all its goods on its cheapest path."""
    path = start.cheapest[pair]
    if path < 0 or pool.flow[path] < demand * (1.0 - 1e-12):
        return False
    settled: bool = world.worth[kind] * queue_hours(pool, state, path) <= start.spare[pair]
    return settled


@entrance
def search(
    world: World, start: Start, pool: Pool, state: State, tree: _paths.Tree, demand: Floats, gap: float
) -> tuple[float, float, bool]:
    """Look for cheaper paths where there may be any: what is spent, the least it could be, whether anything is new.

    What a group without touched pairs can gain is bounded; where that is below half the gap it is not searched.
    """
    spent = least = fallen = 0.0
    fresh, row = False, -1
    for facility in range(state.lost.size):
        fallen += max(state.peak[facility] - state.lost[facility], 0.0)
    for group in range(world.group_class.size):
        kind, low, high = world.group_class[group], world.group_begin[group], world.group_begin[group + 1]
        own = floor = 0.0
        needed = False
        for pair in range(low, high):
            if demand[pair] > 0.0:
                mine = _spent(world, pool, state, pair, kind)
                own += mine
                if state.touched[pair]:
                    needed = needed or state.floor[pair] < 0.0
                    floor += min(demand[pair] * max(state.floor[pair] - world.worth[kind] * fallen, 0.0), mine)
                elif _settled(world, start, pool, state, pair, kind, demand[pair]):
                    floor += mine
                else:
                    floor += min(demand[pair] * start.least[pair], mine)
        spent += own
        if not needed and own - floor <= 0.5 * gap * own:
            least += floor
            continue
        if row != kind:
            _cost_row(world, state, kind)
            row = kind
        _paths.shortest_tree(world.graph, state.loaded, world.group_origin[group], tree)
        for pair in range(low, high):
            reach = tree.distance[world.target[pair]]
            state.floor[pair] = 0.0 if reach == INFINITY else reach
            if demand[pair] > 0.0 and reach < INFINITY:
                least += demand[pair] * reach
                fresh = _add(world, pool, state, tree, pair, kind, demand[pair]) or fresh
    for facility in range(state.lost.size):
        state.peak[facility] = max(state.peak[facility], state.lost[facility])
    return spent, least, fresh


@part
def _add(world: World, pool: Pool, state: State, tree: _paths.Tree, pair: int, kind: int, demand: float) -> bool:
    """Add the path the tree holds unless a known one is as cheap; a first path takes all demand. Whether it did."""
    target = world.target[pair]
    path = pool.head[pair]
    while path >= 0:
        if path_cost(world, pool, state, path, kind) <= tree.distance[target] * (1.0 + 1e-12):
            return False
        path = pool.follow[path]
    new, slot, node = pool.used[0], pool.used[1], target
    if new >= pool.flow.size or slot + tree.distance.size > pool.links.size:
        pool.used[2] = 1  # no room: the caller asks again with more
        return False
    pool.begin[new] = slot
    while tree.entering[node] >= 0:
        pool.links[slot] = tree.entering[node]
        slot += 1
        node = world.graph.tail[tree.entering[node]]
    pool.length[new], pool.flow[new] = slot - pool.used[1], 0.0
    pool.used[0], pool.used[1] = new + 1, slot
    _measure(world, pool, state, new, kind)
    first = pool.head[pair] < 0
    pool.follow[new], pool.head[pair] = pool.head[pair], new
    if first:
        _load(pool, state, new, demand)
    return first


@part
def _rise(world: World, pool: Pool, state: State, path: int, best: int, kind: int, step: float) -> float:
    """By how much ``path`` costs more than ``best`` once ``step`` has moved from the one to the other."""
    queue = 0.0
    for facility in range(state.volume.size):
        turn = pool.usage[path, facility] - pool.usage[best, facility]
        if turn != 0:
            volume = state.volume[facility] - turn * step
            queue += turn * hours_lost(world, state.capacity[facility], facility, volume)
    total: float = pool.terms[path, 0] - pool.terms[best, 0] + world.worth[kind] * queue
    return total


@part
def _step(world: World, pool: Pool, state: State, path: int, best: int, kind: int) -> float:
    """The flow to move so that two paths cost the same, or all of it: false position on a falling function."""
    low, high = 0.0, pool.flow[path]
    at_low = _rise(world, pool, state, path, best, kind, low)
    if at_low <= 0.0:
        return 0.0
    at_high = _rise(world, pool, state, path, best, kind, high)
    if at_high >= 0.0:
        return high
    tolerance = 1e-13 * (abs(pool.terms[path, 0]) + at_low)
    for round_ in range(100):
        step = low + (high - low) * (at_low / (at_low - at_high) if round_ % 3 < 2 else 0.5)
        found = _rise(world, pool, state, path, best, kind, step)
        if abs(found) <= tolerance or high - low <= 1e-15 * high:
            return step
        if found > 0.0:
            low, at_low = step, found
        else:
            high, at_high = step, found
    return low


@part
def _level(world: World, pool: Pool, state: State, pair: int, kind: int) -> float:
    """Even out the paths of one pair; the relative difference between its used paths that was found."""
    best, least, most = -1, INFINITY, 0.0
    path = pool.head[pair]
    while path >= 0:
        found = path_cost(world, pool, state, path, kind)
        if found < least:
            best, least = path, found
        if pool.flow[path] > 0.0:
            most = max(most, found)
        path = pool.follow[path]
    if most <= least:
        return 0.0
    path = pool.head[pair]
    while path >= 0:
        if path != best and pool.flow[path] > 0.0:
            step = _step(world, pool, state, path, best, kind)
            if step > 0.0:
                _load(pool, state, path, -step)
                _load(pool, state, best, step)
                _refresh(world, state)
        path = pool.follow[path]
    return (most - least) / most


@entrance
def even(world: World, pool: Pool, state: State, tolerance: float) -> None:
    """Passes over all pairs with a choice until their used paths cost the same."""
    _refresh(world, state)
    for _ in range(SWEEPS):
        worst = 0.0
        for group in range(world.group_class.size):
            for pair in range(world.group_begin[group], world.group_begin[group + 1]):
                path = pool.head[pair]
                if path >= 0 and pool.follow[path] >= 0:
                    worst = max(worst, _level(world, pool, state, pair, world.group_class[group]))
        if worst <= tolerance:
            break


def solve(
    world: World, start: Start, pool: Pool, state: State, tree: _paths.Tree, demand: Floats, gap: float, most: int
) -> tuple[float, int]:
    """The user equilibrium of one run: the relative gap and the searches made.

    ``state.touched`` marks the pairs a known path of which has changed its cost; where any cost has fallen below what
    ``start`` was made at, all must be marked.
    """
    begin(world, start, pool, state, demand)
    found = 0.0
    for number in range(1, most + 1):
        spent, least, fresh = search(world, start, pool, state, tree, demand, gap)
        found = max(spent - least, 0.0) / spent if spent > 0.0 else 0.0
        if (found <= gap and not fresh) or pool.used[2]:
            return found, number
        even(world, pool, state, 0.1 * gap)
    return found, most


@entrance
def outcome(world: World, pool: Pool, state: State, result: Floats) -> None:
    """Of each pair: Mt served, and their USD, hours and t CO2 (each times Mt), added to ``result`` of shape (P, 4)."""
    for group in range(world.group_class.size):
        kind = world.group_class[group]
        for pair in range(world.group_begin[group], world.group_begin[group + 1]):
            path = pool.head[pair]
            while path >= 0:
                flow = pool.flow[path]
                if flow > 0.0:
                    result[pair, 0] += flow
                    result[pair, 1] += flow * path_cost(world, pool, state, path, kind)
                    result[pair, 2] += flow * (pool.terms[path, 1] + queue_hours(pool, state, path))
                    result[pair, 3] += flow * pool.terms[path, 2]
                path = pool.follow[path]

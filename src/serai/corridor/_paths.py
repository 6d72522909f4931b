"""Compiled kernels: shortest paths, volume-delay functions, and logit shares of the paths of a pair.

Arguments travel in named tuples of arrays, which numba unpacks at no cost.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from serai.corridor.network import Floats, Graph, Ints
from serai.kernels import at, entrance, part

INFINITY = np.inf
SAME = 1e-12
"""Relative difference of costs that is rounding."""
LARGEST_ODDS = 600.0
"""Log odds beyond which a path carries nothing a double can tell from zero."""


class Law(NamedTuple):
    """Parameters of the volume-delay function of each link."""

    capacity: Floats
    free_flow: Floats
    b: Floats
    power: Floats
    fixed: Floats


class Tree(NamedTuple):
    """Room for a shortest-path tree: distance, entering link, heap, place in the heap; one per node."""

    distance: Floats
    entering: Ints
    heap: Ints
    place: Ints


class Paths(NamedTuple):
    """Paths as chains: the first of each pair, the next of each path, and each path's slice of ``links`` and flow."""

    first: Ints
    follow: Ints
    begin: Ints
    length: Ints
    links: Ints
    flow: Floats
    used: Ints


class Loads(NamedTuple):
    """State of the links: volume and cost, and marks to tell the links of two paths apart."""

    volume: Floats
    cost: Floats
    mark: Ints
    stamp: Ints


def tree_for(nodes: int) -> Tree:
    """Room for the trees of a network of so many nodes."""
    return Tree(np.empty(nodes), *(np.empty(nodes, dtype=np.int64) for _ in range(3)))


@entrance
def shortest_tree(graph: Graph, cost: Floats, origin: int, tree: Tree) -> None:
    """Dijkstra with a heap of four branches from ``origin``; fills the distance and the link entering each node.

    The link is -1 where there is none. Four branches make a heap half as high, whose children lie side by side.
    """
    distance, entering, place = tree.distance, tree.entering, tree.place
    distance[:] = INFINITY
    entering[:] = -1
    place[:] = -1
    distance[origin] = 0.0
    tree.heap[0] = origin
    place[origin] = 0
    size = 1
    while size:
        node = tree.heap[0]
        size -= 1
        if size:
            sift_down(tree, at(tree.heap, size), size)
        place[np.uint64(node)] = -2
        if node < graph.first_through and node != origin:
            continue
        here = at(distance, node)
        for slot in range(at(graph.start, node), at(graph.start, node + 1)):
            link = at(graph.link_of, slot)
            other, reached = at(graph.head, link), here + at(cost, link)
            if reached < at(distance, other):
                distance[np.uint64(other)] = reached
                entering[np.uint64(other)] = link
                if at(place, other) < 0:
                    place[np.uint64(other)] = size
                    size += 1
                sift_up(tree, other)


@part
def sift_up(tree: Tree, node: int) -> None:
    """Move a node up the heap to where its distance belongs."""
    distance, heap, place = tree.distance, tree.heap, tree.place
    slot, own = at(place, node), at(distance, node)
    while slot > 0:
        parent = (slot - 1) >> 2
        above = at(heap, parent)
        if at(distance, above) <= own:
            break
        heap[np.uint64(slot)] = above
        place[np.uint64(above)] = slot
        slot = parent
    heap[np.uint64(slot)] = node
    place[np.uint64(node)] = slot


@part
def sift_down(tree: Tree, node: int, size: int) -> None:
    """Put a node at the top of the heap and move it down to where its distance belongs."""
    distance, heap, place = tree.distance, tree.heap, tree.place
    slot, own = 0, at(distance, node)
    while True:
        child = 4 * slot + 1
        if child >= size:
            break
        below = at(heap, child)
        nearest = at(distance, below)
        for further in range(child + 1, min(child + 4, size)):
            other = at(heap, further)
            if at(distance, other) < nearest:
                child, below, nearest = further, other, at(distance, other)
        if own <= nearest:
            break
        heap[np.uint64(slot)] = below
        place[np.uint64(below)] = slot
        slot = child
    heap[np.uint64(slot)] = node
    place[np.uint64(node)] = slot


@part
def link_cost(law: Law, link: int, flow: float) -> float:
    """Cost of one link at a flow; the power in common use is worked out without a call to ``pow``."""
    if law.b[link] == 0.0:
        return law.free_flow[link] + law.fixed[link]
    power = law.power[link]
    if power == 0.0:
        return law.free_flow[link] * (1.0 + law.b[link]) + law.fixed[link]
    ratio = flow / law.capacity[link]
    raised = (ratio * ratio) * (ratio * ratio) if power == 4.0 else ratio**power
    return law.free_flow[link] * (1.0 + law.b[link] * raised) + law.fixed[link]


@part
def link_slope(law: Law, link: int, flow: float) -> float:
    """Derivative of the cost of one link; infinite at zero flow where the power is below 1."""
    power = law.power[link]
    if law.b[link] == 0.0 or power == 0.0:
        return 0.0
    ratio = flow / law.capacity[link]
    steepness = law.free_flow[link] * law.b[link] * power / law.capacity[link]
    if power == 4.0:
        return steepness * ratio * ratio * ratio
    if ratio <= 0.0:
        return INFINITY if power < 1.0 else steepness if power == 1.0 else 0.0
    return steepness * ratio ** (power - 1.0)


@part
def path_cost(paths: Paths, path: int, cost: Floats) -> float:
    """Sum of the costs of a path's links."""
    total = 0.0
    for slot in range(paths.begin[path], paths.begin[path] + paths.length[path]):
        total += cost[paths.links[slot]]
    return total


@entrance
def search_origin(
    graph: Graph, tree: Tree, paths: Paths, loads: Loads, origin: int, low: int, high: int, target: Ints
) -> None:
    """Shortest paths from one origin, given to its pairs ``low`` to ``high`` where none they have is as cheap."""
    shortest_tree(graph, loads.cost, origin, tree)
    for pair in range(low, high):
        if tree.distance[target[pair]] < INFINITY and paths.first[pair] >= 0:
            _add_shortest(graph, tree, paths, loads, pair, target[pair])


@part
def _add_shortest(graph: Graph, tree: Tree, paths: Paths, loads: Loads, pair: int, target: int) -> None:
    path = paths.first[pair]
    while path >= 0:
        # Sums in another order differ by rounding: without room for it, a path would be added to itself.
        if path_cost(paths, path, loads.cost) <= tree.distance[target] * (1.0 + SAME):
            return
        path = paths.follow[path]
    new, slot, node = paths.used[0], paths.used[1], target
    paths.begin[new] = slot
    while tree.entering[node] >= 0:
        paths.links[slot] = tree.entering[node]
        slot += 1
        node = graph.tail[tree.entering[node]]
    paths.length[new] = slot - paths.used[1]
    paths.used[0], paths.used[1] = new + 1, slot
    paths.flow[new] = 0.0
    paths.follow[new] = paths.first[pair]
    paths.first[pair] = new


@part
def _difference(paths: Paths, loads: Loads, law: Law, path: int, best: int, shared: int) -> tuple[float, float]:
    """By how much ``path`` costs more than ``best``, and how fast that falls as flow moves from it to ``best``."""
    gain = slope = 0.0
    for side, sign in ((path, 1.0), (best, -1.0)):
        for slot in range(paths.begin[side], paths.begin[side] + paths.length[side]):
            link = paths.links[slot]
            if loads.mark[link] != shared:
                gain += sign * loads.cost[link]
                slope += link_slope(law, link, loads.volume[link])
    return gain, slope


@part
def _move(paths: Paths, loads: Loads, law: Law, path: int, best: int, shared: int, step: float) -> None:
    """Move flow from one path to another and bring the links they do not share up to date."""
    paths.flow[path] -= step
    paths.flow[best] += step
    for side, change in ((path, -step), (best, step)):
        for slot in range(paths.begin[side], paths.begin[side] + paths.length[side]):
            link = paths.links[slot]
            if loads.mark[link] != shared:
                loads.volume[link] = max(loads.volume[link] + change, 0.0)
                loads.cost[link] = link_cost(law, link, loads.volume[link])


@part
def _mark(paths: Paths, loads: Loads, path: int, best: int) -> int:
    """Mark the links that two paths share; the value of the mark."""
    loads.stamp[0] += 2
    only, shared = loads.stamp[0], loads.stamp[0] + 1
    for slot in range(paths.begin[best], paths.begin[best] + paths.length[best]):
        loads.mark[paths.links[slot]] = only
    for slot in range(paths.begin[path], paths.begin[path] + paths.length[path]):
        if loads.mark[paths.links[slot]] == only:
            loads.mark[paths.links[slot]] = shared
    return shared


@entrance
def sum_volume(paths: Paths, volume: Floats) -> None:
    """Link volumes afresh from path flows: sums of many small shifts drift."""
    volume[:] = 0.0
    for pair in range(paths.first.size):
        path = paths.first[pair]
        while path >= 0:
            for slot in range(paths.begin[path], paths.begin[path] + paths.length[path]):
                volume[paths.links[slot]] += paths.flow[path]
            path = paths.follow[path]


@entrance
def balance_logit(paths: Paths, loads: Loads, law: Law, theta: float) -> float:
    """One pass over all pairs towards logit shares; the largest relative error of a share that was found.

    Between two paths the pass equalises ``cost + ln(flow) / theta``, the condition of the optimum of Fisk's program.
    """
    worst = 0.0
    for pair in range(paths.first.size):
        # Flow moves by way of the fullest path: through an almost empty one next to nothing would pass.
        fullest = path = paths.first[pair]
        while path >= 0:
            if paths.flow[path] > paths.flow[fullest]:
                fullest = path
            path = paths.follow[path]
        path = paths.first[pair]
        while path >= 0:
            if path != fullest:
                worst = max(worst, _balance_two(paths, loads, law, path, fullest, theta))
            path = paths.follow[path]
    return worst


@part
def _balance_two(paths: Paths, loads: Loads, law: Law, path: int, other: int, theta: float) -> float:
    """Newton's method on the log odds of two paths, kept inside a bracket; the error of the odds it began with."""
    shared = _mark(paths, loads, path, other)
    total = paths.flow[path] + paths.flow[other]
    if total <= 0.0:
        return 0.0
    low, high = -LARGEST_ODDS, LARGEST_ODDS
    odds = np.log(max(paths.flow[path], 1e-300)) - np.log(max(paths.flow[other], 1e-300))
    odds = min(max(odds, low), high)
    begun = INFINITY
    for round_ in range(60):
        gain, slope = _difference(paths, loads, law, path, other, shared)
        wrong = theta * gain + odds
        if round_ == 0:
            at_end = (odds == low and wrong > 0.0) or (odds == high and wrong < 0.0)
            begun = 0.0 if at_end else abs(wrong)
        if abs(wrong) < 1e-13 * max(1.0, abs(odds)):
            break
        if wrong > 0.0:
            high = min(high, odds)
        else:
            low = max(low, odds)
        share = paths.flow[path] * paths.flow[other] / total
        newton = odds - wrong / (theta * min(slope * share, 1e300) + 1.0)
        odds = newton if low < newton < high else 0.5 * (low + high)
        flow = total / (1.0 + np.exp(-odds))
        _move(paths, loads, law, path, other, shared, paths.flow[path] - flow)
        paths.flow[path], paths.flow[other] = flow, total / (1.0 + np.exp(odds))
        if high - low < 1e-12:
            break
    return begun

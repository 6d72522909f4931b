"""Compiled kernels: closing one link of a shortest-path tree and mending what hangs below it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from serai.corridor import _paths
from serai.corridor.network import Floats, Graph, Ints
from serai.kernels import making, part


@making
def close_each(
    graph: Graph, into: Ints, into_link: Ints, tree: _paths.Tree, cost: Floats, origin: int,
    demand: Floats, extra: Floats, unserved: Floats, used: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Close every link that carries demand from ``origin``; add to ``extra``, ``unserved`` and ``used``."""
    nodes = tree.distance.size
    _paths.shortest_tree(graph, cost, origin, tree)
    old, entering = tree.distance.copy(), tree.entering.copy()
    begin, order = _children(graph, entering, nodes)
    carries = np.zeros(nodes, dtype=np.bool_)
    for zone in range(demand.size):
        node = zone if demand[zone] > 0.0 and zone != origin else -1
        while node >= 0 and entering[node] >= 0 and not carries[node]:
            carries[node] = True
            node = graph.tail[entering[node]]
    below = np.empty(nodes, dtype=np.int64)
    inside = np.zeros(nodes, dtype=np.bool_)
    new = old.copy()
    for root in range(nodes):
        if not carries[root]:
            continue
        link = entering[root]
        used[link] = True
        count = _gather(root, begin, order, below, inside)
        _repair(graph, into, into_link, tree, cost, origin, link, below, count, inside, old, new)
        for at in range(count):
            node = below[at]
            if node < demand.size and demand[node] > 0.0 and node != origin:
                if new[node] == _paths.INFINITY:
                    unserved[link, origin] += demand[node]
                else:
                    extra[link, origin] += demand[node] * (new[node] - old[node])
            inside[node] = False
            new[node] = old[node]


@making
def _children(graph: Graph, entering: Ints, nodes: int) -> tuple[Ints, Ints]:
    """The tree as lists of children: ``order[begin[n]:begin[n + 1]]``."""
    begin = np.zeros(nodes + 2, dtype=np.int64)
    for node in range(nodes):
        if entering[node] >= 0:
            begin[graph.tail[entering[node]] + 2] += 1
    for node in range(nodes):
        begin[node + 2] += begin[node + 1]
    order = np.empty(begin[nodes + 1], dtype=np.int64)
    for node in range(nodes):
        if entering[node] >= 0:
            parent = graph.tail[entering[node]]
            order[begin[parent + 1]] = node
            begin[parent + 1] += 1
    return begin[: nodes + 1], order


@part
def _gather(root: int, begin: Ints, order: Ints, below: Ints, inside: NDArray[np.bool_]) -> int:
    """All nodes of the tree below (and with) ``root``; how many."""
    below[0] = root
    inside[root] = True
    count, at = 1, 0
    while at < count:
        node = below[at]
        at += 1
        for slot in range(begin[node], begin[node + 1]):
            below[count] = order[slot]
            inside[order[slot]] = True
            count += 1
    return count


@part
def _repair(
    graph: Graph, into: Ints, into_link: Ints, tree: _paths.Tree, cost: Floats, origin: int, closed: int,
    below: Ints, count: int, inside: NDArray[np.bool_], old: Floats, new: Floats,
) -> None:  # fmt: skip
    """New distances of the nodes below a closed link: the best way in from outside, then Dijkstra among themselves."""
    distance, place, heap = tree.distance, tree.place, tree.heap
    size = 0
    for at in range(count):
        node = below[at]
        best = _paths.INFINITY
        for slot in range(into[node], into[node + 1]):
            link = into_link[slot]
            source = graph.tail[link]
            if link == closed or inside[source] or (source < graph.first_through and source != origin):
                continue
            best = min(best, old[source] + cost[link])
        distance[node], place[node] = best, -1
        if best < _paths.INFINITY:
            place[node] = size
            heap[size] = node
            size += 1
            _paths.sift_up(tree, node)
    while size:
        node = heap[0]
        size -= 1
        if size:
            _paths.sift_down(tree, heap[size], size)
        place[node] = -2
        if node < graph.first_through and node != origin:
            continue
        for slot in range(graph.start[node], graph.start[node + 1]):
            link = graph.link_of[slot]
            other = graph.head[link]
            reached = distance[node] + cost[link]
            if link != closed and inside[other] and reached < distance[other]:
                distance[other] = reached
                if place[other] < 0:
                    place[other] = size
                    size += 1
                _paths.sift_up(tree, other)
    for at in range(count):
        new[below[at]] = distance[below[at]]

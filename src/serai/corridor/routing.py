"""Cheapest paths on a supernetwork: one, the k cheapest, through stages, and the supported Pareto set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from serai.corridor import _paths
from serai.corridor.network import Floats, Graph

Path = tuple[int, ...]
"""Positions of edges, in the order they are travelled."""


class Router:
    """Paths on a graph. Costs are per edge; an infinite cost closes the edge."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes = graph.start.size - 1
        self.tree = _paths.tree_for(self.nodes)

    @cached_property
    def _leaving(self) -> list[list[int]]:
        start, links = self.graph.start, self.graph.link_of
        return [links[start[node] : start[node + 1]].tolist() for node in range(self.nodes)]

    def cheapest(self, cost: Floats, origin: int, target: int) -> Path | None:
        """The cheapest path, or ``None``."""
        _paths.shortest_tree(self.graph, cost, origin, self.tree)
        return trace(self.graph, self.tree.entering, self.tree.distance, origin, target)

    def k_cheapest(self, cost: Floats, origin: int, target: int, k: int) -> list[Path]:
        """The k cheapest paths without a repeated node (Yen, 1971), cheapest first; fewer where there are no more."""
        first = self.cheapest(cost, origin, target)
        found: list[Path] = [] if first is None else [first]
        waiting: dict[Path, float] = {}
        while found and len(found) < k:
            for candidate in self._deviations(cost, target, found):
                waiting.setdefault(candidate, float(cost[list(candidate)].sum()))
            for known in found:
                waiting.pop(known, None)
            if not waiting:
                break
            best = min(waiting, key=lambda path: (waiting[path], path))
            found.append(best)
        return found

    def _deviations(self, cost: Floats, target: int, found: Sequence[Path]) -> Iterable[Path]:
        last = found[-1]
        passed: list[int] = []
        for position, edge in enumerate(last):
            spur, root = int(self.graph.tail[edge]), last[:position]
            barred = cost.copy()
            barred[[path[position] for path in found if path[:position] == root and len(path) > position]] = np.inf
            barred[np.isin(self.graph.tail, passed)] = np.inf
            passed.append(spur)
            rest = self.cheapest(barred, spur, target)
            if rest is not None:
                yield root + rest

    def staged(self, cost: Floats, origin: int, target: int, stages: Sequence[Iterable[int]]) -> Path | None:
        """The cheapest path that passes, in order, one node of each stage; a node may be passed twice.

        The graph is laid out once per stage; where a stage's nodes are reached, the next layer begins.
        """
        if not stages:
            return self.cheapest(cost, origin, target)
        layers, size, links = len(stages) + 1, self.nodes, self.graph.tail.size
        tails = [self.graph.tail + layer * size for layer in range(layers)]
        heads = [self.graph.head + layer * size for layer in range(layers)]
        for layer, stage in enumerate(stages):
            gates = np.array(sorted(stage), dtype=np.int64)
            tails.append(gates + layer * size)
            heads.append(gates + (layer + 1) * size)
        tail, head = np.concatenate(tails), np.concatenate(heads)
        costs = np.concatenate([np.tile(cost, layers), np.zeros(tail.size - layers * links)])
        # Only the origin and the target may be passed among the places: layers would let places carry traffic.
        centre = (tail % size < self.graph.first_through) & (tail != origin) & (np.arange(tail.size) < layers * links)
        costs[centre] = np.inf
        order = np.argsort(tail, kind="stable").astype(np.int64)
        start = np.searchsorted(tail[order], np.arange(layers * size + 1)).astype(np.int64)
        wide = Graph(start, order, tail, head, 0)
        tree = _paths.tree_for(layers * size)
        _paths.shortest_tree(wide, costs, origin, tree)
        path = trace(wide, tree.entering, tree.distance, origin, target + (layers - 1) * size)
        return None if path is None else tuple(edge % links for edge in path if edge < layers * links)

    def supported(self, objectives: Floats, origin: int, target: int, steps: int = 12) -> list[Path]:
        """Paths that are cheapest for some weights of the objectives: the supported part of the Pareto set.

        Args:
            objectives: shape ``(objectives, edges)``; three of them, each infinite where an edge is closed.
            steps: divisions of the triangle of weights.
        """
        best = [self.cheapest(objective, origin, target) for objective in objectives]
        if any(path is None for path in best):
            return []
        scale = np.array([max(o[list(p or ())].sum(), 1e-12) for o, p in zip(objectives, best, strict=True)])
        found: dict[Path, None] = {}
        for i in range(steps + 1):
            for j in range(steps + 1 - i):
                weight = np.maximum(np.array([i, j, steps - i - j]) / steps, 1e-6)
                path = self.cheapest((weight / scale) @ np.nan_to_num(objectives, posinf=1e15), origin, target)
                if path is not None:
                    found.setdefault(path)
        return list(found)


def trace(graph: Graph, entering: np.ndarray, distance: Floats, origin: int, target: int) -> Path | None:
    """The path a shortest-path tree holds to a node, or ``None``."""
    if not np.isfinite(distance[target]):
        return None
    path: list[int] = []
    node = target
    while node != origin:
        edge = int(entering[node])
        path.append(edge)
        node = int(graph.tail[edge])
    return tuple(path[::-1])

"""The cheapest paths of a pair, in order: best first, guided by exact costs to the target."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

from serai.corridor.network import Floats, Graph, Ints

STEPS_PER_PATH = 2000
"""Partial paths looked at for each path wanted before the search is given up."""

Trail = tuple[int, int, "Trail | None"]
"""Node, link that led there, and the trail before."""


class Enumerator:
    """Loopless paths between nodes at fixed costs, cheapest first.

    Args:
        graph: the network.
        cost: of each link, shape ``(links,)``.
    """

    def __init__(self, graph: Graph, cost: Floats) -> None:
        self.tail, self.head, self.cost = graph.tail.tolist(), graph.head.tolist(), cost.tolist()
        self.first_through = graph.first_through
        nodes = graph.start.size - 1
        links, start = graph.link_of.tolist(), graph.start.tolist()
        self.leaving = [links[start[node] : start[node + 1]] for node in range(nodes)]

    def cheapest(self, origin: int, target: int, onward: Floats, *, most: int, spread: float) -> list[list[int]]:
        """At most so many paths, those that cost no more than ``spread`` above the cheapest.

        Args:
            origin, target: nodes.
            onward: cheapest cost from each node to the target, shape ``(nodes,)``.
            most: paths to give.
            spread: how much dearer than the cheapest a path may be.
        """
        found: list[list[int]] = []
        limit = onward[origin] + spread
        queue: list[tuple[float, int, float, Trail]] = [(float(onward[origin]), 0, 0.0, (origin, -1, None))]
        pushed = 0
        while queue and len(found) < most and pushed < STEPS_PER_PATH * most:
            _, _, spent, trail = heappop(queue)
            node = trail[0]
            if node == target:
                found.append(_links(trail))
                continue
            passed = {one[0] for one in _back(trail)}
            for link in self._onward(node, origin):
                other, total = self.head[link], spent + self.cost[link]
                reach = total + onward[other]
                if other not in passed and reach <= limit:
                    pushed += 1
                    # Of two that promise the same, the one that is further along goes first.
                    heappush(queue, (float(reach), -pushed, total, (other, link, trail)))
        return found

    def _onward(self, node: int, origin: int) -> list[int]:
        return [] if node < self.first_through and node != origin else self.leaving[node]


def _back(trail: Trail | None) -> Iterator[Trail]:
    while trail is not None:
        yield trail
        trail = trail[2]


def _links(trail: Trail) -> list[int]:
    """The links of a trail, in order."""
    links: Ints | list[int] = [one[1] for one in _back(trail)][:-1]
    return list(links[::-1])

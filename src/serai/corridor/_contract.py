"""A smaller graph with the same cheapest paths between terminals: nodes that only pass things on are taken out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from serai.corridor.network import Floats, Graph, Ints

Chain = tuple[int, ...]


class Contracted(NamedTuple):
    """A graph whose every link stands for a chain of links of another.

    ``chain[begin[e]:begin[e + 1]]`` are the links that link ``e`` stands for; nodes from 0, the terminals first.
    """

    graph: Graph
    begin: Ints
    chain: Ints

    @property
    def links(self) -> int:
        """Number of links."""
        return int(self.graph.tail.size)

    def gathered(self, values: Floats) -> Floats:
        """Sums along the chains, shape ``(..., links)`` from ``(..., links of the other graph)``; infinity stays."""
        if not self.links:
            return np.zeros((*values.shape[:-1], 0))
        result: Floats = np.add.reduceat(values[..., self.chain], self.begin[:-1], axis=-1)
        return result

    def holding(self, links: Iterable[int]) -> Ints:
        """The links whose chain holds any of the links given."""
        owner = np.repeat(np.arange(self.links), np.diff(self.begin))
        found: Ints = np.unique(owner[np.isin(self.chain, np.fromiter(links, dtype=np.int64))])
        return found


def contract(ends: tuple[Ints, Ints], kept: np.ndarray, terminals: Sequence[int]) -> Contracted:
    """Take out every node that is no terminal and whose removal adds no links.

    A chain never turns back to where it came from: with costs from 0 up that is never cheaper. Terminals carry no
    through traffic.

    Args:
        ends: tails and heads of all links.
        kept: which links there are, shape ``(links,)``.
        terminals: nodes where demand begins and ends; they become the first nodes.
    """
    work = _Elimination(ends, np.flatnonzero(kept), set(terminals))
    work.run()
    names = {node: place for place, node in enumerate(terminals)}
    chains = sorted(work.chains.values(), key=lambda link: (link[0], link[1], link[2]))
    for tail, head, _ in chains:
        for node in (tail, head):
            names.setdefault(node, len(names))
    tails = np.array([names[link[0]] for link in chains], dtype=np.int64)
    heads = np.array([names[link[1]] for link in chains], dtype=np.int64)
    order = np.argsort(tails, kind="stable").astype(np.int64)
    start = np.searchsorted(tails[order], np.arange(len(names) + 1)).astype(np.int64)
    sizes = [len(link[2]) for link in chains]
    begin = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    chain = np.array([part for link in chains for part in link[2]], dtype=np.int64)
    return Contracted(Graph(start, order, tails, heads, len(terminals)), begin, chain)


class _Elimination:
    """Links as they stand while nodes are taken out."""

    def __init__(self, ends: tuple[Ints, Ints], kept: Ints, terminals: set[int]) -> None:
        self.terminals, self.made = terminals, 0
        self.chains: dict[int, tuple[int, int, Chain]] = {}
        self.leaving: dict[int, set[int]] = {}
        self.entering: dict[int, set[int]] = {}
        for link in kept:
            self._add(int(ends[0][link]), int(ends[1][link]), (int(link),))

    def _add(self, tail: int, head: int, chain: Chain) -> None:
        name = self.made = self.made + 1
        self.chains[name] = (tail, head, chain)
        self.leaving.setdefault(tail, set()).add(name)
        self.entering.setdefault(head, set()).add(name)
        self.leaving.setdefault(head, set())
        self.entering.setdefault(tail, set())

    def run(self) -> None:
        """Take nodes out, again and again, until each that is left would add links."""
        waiting = sorted(set(self.leaving) - self.terminals)
        while waiting:
            again: set[int] = set()
            for node in waiting:
                pairs = self._pairs(node)
                if len(pairs) <= len(self.entering[node]) + len(self.leaving[node]):
                    again |= self._take_out(node, pairs)
            waiting = sorted((again & set(self.leaving)) - self.terminals)

    def _pairs(self, node: int) -> list[tuple[int, int]]:
        return [
            (one, other)
            for one in sorted(self.entering[node])
            for other in sorted(self.leaving[node])
            if self.chains[one][0] != self.chains[other][1]
        ]

    def _take_out(self, node: int, pairs: Sequence[tuple[int, int]]) -> set[int]:
        new = [(self.chains[a][0], self.chains[b][1], self.chains[a][2] + self.chains[b][2]) for a, b in pairs]
        touched: set[int] = set()
        for name in self.entering.pop(node) | self.leaving.pop(node):
            tail, head, _ = self.chains.pop(name)
            touched |= {tail, head}
            self.leaving.get(tail, set()).discard(name)
            self.entering.get(head, set()).discard(name)
        for link in new:
            self._add(*link)
        return touched - {node}

"""What the loss of each link, border and port in use costs whom."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
import polars as pl

from serai.corridor import _paths
from serai.corridor.accounts import ALL, Accounts
from serai.corridor.freight import Freight, Solution
from serai.corridor.hazards import Element, Hit, carrying, elements
from serai.corridor.network import Floats, Ints
from serai.corridor.runs import Progress, Response, Runner, each

KINDS = ("link", "border", "port")
PER_MT = 1e6


def losses(
    freight: Freight, base: Solution, runner: Callable[[], Runner] | None, *, kinds: Sequence[str] = KINDS,
    areas: Collection[str] | None = None, jobs: int = 1, tell: Progress | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Close each element in use in turn; see :meth:`serai.corridor.Corridors.criticality`.

    Args:
        freight: the network.
        base: the goods on it as it is.
        runner: makes what solves each closure, one for each thread; none where delays stay what they are.
        kinds, areas, jobs, tell: as there.
    """
    accounts = Accounts(freight, areas)
    rows = []
    used = carrying(base.flow)
    every = [element for kind in kinds for element in elements(freight, kind, used)]
    found = each(every, (lambda: _Fixed(freight)) if runner is None else (lambda: _Again(runner())), jobs)
    for done, (element, (extra, unserved)) in enumerate(zip(every, found, strict=True), 1):
        rows += _rows(base, accounts, element, extra, unserved)
        if tell is not None:
            tell(done, len(every))
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    everyone = pl.col("area") == ALL
    rank = frame.filter(everyone).select(
        "kind", "element", pl.col("unserved_t").alias("lost"), pl.col("extra_cost_usd").alias("dear")
    )
    ordered = frame.join(rank, on=["kind", "element"], maintain_order="left")
    ordered = ordered.sort("lost", "dear", descending=True, maintain_order=True).drop("lost", "dear")
    return ordered.with_columns(pl.lit("M").alias("nature"))


_SCHEMA = {
    "kind": pl.String, "element": pl.String, "area": pl.String, "tonnes": pl.Float64, "extra_cost_usd": pl.Float64,
    "unserved_t": pl.Float64,
}  # fmt: skip


def _rows(
    base: Solution, accounts: Accounts, element: Element, extra: Floats, unserved: Floats
) -> list[tuple[str, str, str, float, float, float]]:
    through = float(base.flow[:, element.edges].sum(axis=0).max()) * PER_MT
    sums = accounts.summed(np.column_stack([extra, unserved])) * PER_MT
    by_area: dict[str, Floats] = {}
    for area, row in zip(accounts.keys["area"], sums, strict=True):
        by_area[area] = by_area.get(area, np.zeros(2)) + row
    return [
        (element.what, element.name, area, through, float(total[0]), float(total[1])) for area, total in by_area.items()
    ]


class _Fixed:
    """Extra cost at the delays of the network as it is: only trees that used the element are worked out again."""

    def __init__(self, freight: Freight) -> None:
        self.freight, self.tree = freight, _paths.tree_for(freight.nodes)
        world, base = freight.world, freight.base_costs
        owner = np.repeat(np.arange(freight.small.links), np.diff(world.first))
        queue = np.bincount(owner, freight.base.lost[world.facilities], minlength=freight.small.links)
        self.cost = base.cost + world.worth[:, None] * queue
        self.old, self.users = self._trees()

    def _trees(self) -> tuple[Floats, list[set[int]]]:
        """Cheapest costs of pairs, and of each link the pairs whose cheapest path holds it."""
        world = self.freight.world
        old = np.full(self.freight.demand.pairs, np.inf)
        users: list[set[int]] = [set() for _ in range(self.freight.small.links)]
        for group, kind in enumerate(world.group_class):
            _paths.shortest_tree(world.graph, self.cost[kind], world.group_origin[group], self.tree)
            for pair in range(world.group_begin[group], world.group_begin[group + 1]):
                node = int(world.target[pair])
                old[pair] = self.tree.distance[node]
                while np.isfinite(old[pair]) and self.tree.entering[node] >= 0:
                    link = int(self.tree.entering[node])
                    users[link].add(pair)
                    node = int(world.graph.tail[link])
        return old, users

    def __call__(self, element: Element) -> tuple[Floats, Floats]:
        demand = self.freight.demand.value
        links = self.freight.small.holding(element.edges)
        extra, unserved = np.zeros(demand.size), np.zeros(demand.size)
        hit = np.array(sorted(set().union(*(self.users[link] for link in links))), dtype=np.int64)
        if not hit.size:
            return extra, unserved
        barred = self.cost.copy()
        barred[:, links] = np.inf
        new = self._again(barred, hit)
        lost = ~np.isfinite(new)
        extra[hit] = np.where(lost, 0.0, demand[hit] * (np.where(lost, 0.0, new) - self.old[hit]))
        unserved[hit] = np.where(lost, demand[hit], 0.0)
        return extra, unserved

    def _again(self, cost: Floats, hit: Ints) -> Floats:
        world = self.freight.world
        new = np.zeros(hit.size)
        group_of = np.searchsorted(world.group_begin, hit, side="right") - 1
        for group in np.unique(group_of):
            own = np.flatnonzero(group_of == group)
            kind = world.group_class[group]
            _paths.shortest_tree(world.graph, cost[kind], world.group_origin[group], self.tree)
            new[own] = self.tree.distance[world.target[hit[own]]]
        return new


class _Again:
    """Extra cost with the equilibrium solved again, so that those who go round are in each other's way."""

    def __init__(self, runner: Runner) -> None:
        self.freight, self.runner = runner.freight, runner
        self.before, _ = runner.before(self.freight.demand.value)

    def __call__(self, element: Element) -> tuple[Floats, Floats]:
        links = self.freight.small.holding(element.edges)
        nothing = np.zeros((len(self.freight.costers), links.size))
        self.runner.strike([(Hit(element, links, nothing, nothing[0]), "close", np.zeros(len(nothing)))])
        after, gap = self.runner.struck(self.freight.demand.value)
        measures = Response(self.before, after, self.freight.demand.value, gap).measures() / PER_MT
        return measures[1], measures[4]

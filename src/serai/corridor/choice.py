"""Stochastic equilibrium of freight: routes share goods by logit, at the delays that these goods cause."""

from __future__ import annotations

import numpy as np

from serai.corridor import _freight, _paths
from serai.corridor.freight import Costs, Freight, Solution
from serai.corridor.network import Floats, Ints
from serai.errors import InputError

ALTERNATIVES = 6
"""Rounds of search for routes of a pair."""
PENALTY = 1.4
"""Factor by which steps already used cost more in the next round of the search."""
DETOUR = 2.0
"""A route that costs more than this many times the cheapest is no choice."""
GAP, ROUNDS = 1e-8, 5000


def chosen(freight: Freight, costs: Costs, demand: Floats, theta: float, *, gap: float = GAP) -> Solution:
    """The flows at which every route of a pair carries its logit share at the costs they cause (Fisk, 1980).

    Routes of a pair are found before: the cheapest, then again with the steps used so far made dearer by
    :data:`PENALTY` (De la Barra et al., 1993). The set belongs to the result.

    Args:
        freight: the network.
        costs: of its links.
        demand: Mt a year, shape ``(pairs,)``.
        theta: odds of two routes are ``exp(-theta x difference in USD a tonne)``.
        gap: largest relative change of the volume of a facility between two rounds.

    Returns:
        The equilibrium; ``relative_gap`` is that of the volumes.

    Raises:
        InputError: ``theta`` is not above 0.
    """
    if not 0 < theta < np.inf:
        raise InputError(
            f"theta is {theta:g}; give a number above 0 (t per USD); a large one sends all the cheapest way"
        )
    routes = _routes(freight, costs)
    pair = np.array([one for one, links in enumerate(routes) for _ in links], dtype=np.int64)
    flat = [links for own in routes for links in own]
    fixed, hours, carbon, usage = _terms(freight, costs, flat, pair)
    worth = freight.world.worth[freight.demand.kind[pair]]
    volume, found, rounds, weight = np.zeros(len(freight.shared)), np.inf, 0, 1.0
    before = np.inf
    flow = np.zeros(pair.size)
    while found > gap and rounds < ROUNDS:
        rounds += 1
        lost = _lost(freight, costs, volume)
        flow = _shares(fixed + worth * (usage @ lost), pair, theta, routes) * demand[pair]
        aim = usage.T @ flow
        found = float(np.max(np.abs(aim - volume) / np.maximum(aim, 1e-9), initial=0.0))
        # Steps shorten while the aim moves away and hardly while it comes nearer (Liu, He and He, 2009).
        weight += 1.5 if found >= before else 0.02
        before = found
        volume = volume + (aim - volume) / weight
    return _solution(
        freight, flat, (pair, flow, fixed, hours, carbon, usage, worth), demand, volume, costs, found, rounds
    )


def _routes(freight: Freight, costs: Costs) -> list[list[Ints]]:
    """Of each pair its routes as links of the contracted graph; none where there is no way."""
    world, tree = freight.world, _paths.tree_for(freight.nodes)
    found: list[list[Ints]] = [[] for _ in range(freight.demand.pairs)]
    for group, kind in enumerate(world.group_class):
        cost = np.ascontiguousarray(costs.cost[kind])
        _paths.shortest_tree(world.graph, cost, world.group_origin[group], tree)
        for pair in range(world.group_begin[group], world.group_begin[group + 1]):
            target = int(world.target[pair])
            if np.isfinite(tree.distance[target]):
                found[pair].append(_traced(freight, tree, target))
    for pair, own in enumerate(found):
        if own:
            kind = freight.demand.kind[pair]
            _further(freight, np.ascontiguousarray(costs.cost[kind]), pair, own, tree)
    return found


def _further(freight: Freight, cost: Floats, pair: int, own: list[Ints], tree: _paths.Tree) -> None:
    dearer, most = cost.copy(), DETOUR * float(cost[own[0]].sum())
    seen = {_ridden(freight, own[0])}
    last = own[0]
    for _ in range(ALTERNATIVES - 1):
        dearer[last] *= PENALTY
        _paths.shortest_tree(freight.world.graph, dearer, freight.demand.origin[pair], tree)
        last = _traced(freight, tree, int(freight.world.target[pair]))
        ridden = _ridden(freight, last)
        if ridden not in seen and cost[last].sum() <= most:
            own.append(last)
        seen.add(ridden)


def _ridden(freight: Freight, links: Ints) -> tuple[int, ...]:
    """The steps that lead somewhere: routes that differ only in transfers are one."""
    edges = freight.net.edges
    return tuple(int(at) for at in freight.chained(links) if edges[at].kind == "link")


def _traced(freight: Freight, tree: _paths.Tree, node: int) -> Ints:
    links = []
    while tree.entering[node] >= 0:
        links.append(int(tree.entering[node]))
        node = int(freight.world.graph.tail[links[-1]])
    return np.array(links[::-1], dtype=np.int64)


def _terms(freight: Freight, costs: Costs, flat: list[Ints], pair: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    world = freight.world
    kinds = freight.demand.kind[pair]
    fixed = np.array([costs.cost[kind, links].sum() for kind, links in zip(kinds, flat, strict=True)])
    hours, carbon = (np.array([side[links].sum() for links in flat]) for side in (costs.hours, costs.carbon))
    usage = np.zeros((len(flat), len(freight.shared)))
    for row, links in enumerate(flat):
        for link in links:
            np.add.at(usage[row], world.facilities[world.first[link] : world.first[link + 1]], 1.0)
    return fixed, hours, carbon, usage


def _lost(freight: Freight, costs: Costs, volume: Floats) -> Floats:
    return np.array(
        [_freight.hours_lost(freight.world, size, place, flow) for place, (size, flow) in
         enumerate(zip(costs.capacity, volume, strict=True))]
    )  # fmt: skip


def _shares(cost: Floats, pair: Ints, theta: float, routes: list[list[Ints]]) -> Floats:
    least = np.full(len(routes), np.inf)
    np.minimum.at(least, pair, cost)
    odds = np.exp(-theta * (cost - least[pair]))
    total = np.bincount(pair, odds, minlength=len(routes))
    shares: Floats = odds / total[pair]
    return shares


def _solution(
    freight: Freight, flat: list[Ints], routes: tuple[Ints, Floats, Floats, Floats, Floats, Floats, Floats],
    demand: Floats, volume: Floats, costs: Costs, found: float, rounds: int,
) -> Solution:  # fmt: skip
    pair, flow, fixed, hours, carbon, usage, worth = routes
    lost = _lost(freight, costs, volume)
    queue = usage @ lost
    columns = (flow, flow * (fixed + worth * queue), flow * (hours + queue), flow * carbon)
    pairs = np.array([np.bincount(pair, column, minlength=demand.size) for column in columns]).T
    paths: list[list[tuple[Ints, float]]] = [[] for _ in range(demand.size)]
    for one, links, amount in zip(pair, flat, flow, strict=True):
        if amount > 0:
            paths[one].append((freight.chained(links), float(amount)))
    return Solution(pairs, demand, volume, lost, freight.flow(paths), found, rounds, found <= GAP, paths)

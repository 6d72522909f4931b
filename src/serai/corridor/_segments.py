"""Compiled kernels: flow of each origin on each link, and pairs of alternative segments it is shifted between.

Two segments are alternative when they leave one node and meet again in another. Whatever differs between two patterns
of flow of one demand is made of such pairs, and many origins share one: shifting all of them at once settles in one
step what a path at a time takes many for (Bar-Gera, 2010, Transportation Research Part B 44, 1022-1046).
"""

from __future__ import annotations

from typing import NamedTuple

from serai.corridor import _paths
from serai.corridor.network import Floats, Graph, Ints
from serai.kernels import entrance, making, part

KNOWN_ENOUGH = 0.25
"""A known pair is good enough for a link when it saves this part of what the link costs too much."""
NO_PAIR = -1


class Pairs(NamedTuple):
    """Pairs of segments: each a slice of ``links``, last link first; chains by the node they meet in, and of origins.

    ``begin`` and ``length`` have shape ``(pairs, 2)``. ``used`` counts pairs, links, and members (origins of pairs).
    """

    begin: Ints
    length: Ints
    follow: Ints
    first: Ints
    links: Ints
    members: Ints
    origin: Ints
    next: Ints
    used: Ints


class Field(NamedTuple):
    """State of the network: flow of each origin on each link, and in all; cost; links into each node; marks."""

    flow: Floats
    volume: Floats
    cost: Floats
    into: Ints
    into_link: Ints
    mark: Ints
    stamp: Ints
    share: Floats


@entrance
def load(graph: Graph, tree: _paths.Tree, field: Field, law: _paths.Law, row: int, origin: int, demand: Floats) -> None:
    """Put all demand of an origin on its cheapest paths and bring costs up to date. Leaves the tree behind."""
    _paths.shortest_tree(graph, field.cost, origin, tree)
    for zone in range(demand.size):
        node = zone if demand[zone] > 0.0 else origin
        while tree.entering[node] >= 0:
            field.flow[row, tree.entering[node]] += demand[zone]
            node = graph.tail[tree.entering[node]]
    for link in range(graph.tail.size):
        if field.flow[row, link] > 0.0:
            field.volume[link] += field.flow[row, link]
            field.cost[link] = _paths.link_cost(law, link, field.volume[link])


@entrance
def least_cost(graph: Graph, tree: _paths.Tree, cost: Floats, origins: Ints, demand: Floats) -> float:
    """Demand of all origins times its cheapest costs; what no path serves is left out."""
    least = 0.0
    for row in range(origins.size):
        _paths.shortest_tree(graph, cost, origins[row], tree)
        for zone in range(demand.shape[1]):
            if demand[row, zone] > 0.0 and tree.distance[zone] < _paths.INFINITY:
                least += demand[row, zone] * tree.distance[zone]
    return least


@entrance
def improve_all(
    graph: Graph, tree: _paths.Tree, pairs: Pairs, field: Field, law: _paths.Law, origins: Ints, row: int, link: int,
    crumb: float, tolerance: float,
) -> tuple[int, int]:  # fmt: skip
    """Move the flow of each origin in turn off links that are too dear, each against its own tree.

    Args:
        row, link: where to begin.

    Returns:
        Origin and link to go on from when there is no room for another pair; else the number of origins, and 0.
    """
    while row < origins.size:
        _paths.shortest_tree(graph, field.cost, origins[row], tree)
        link = improve(graph, tree, pairs, field, law, row, link, crumb, tolerance)
        if link < graph.tail.size:
            return row, link
        row, link = row + 1, 0
    return row, 0


@part
def improve(
    graph: Graph, tree: _paths.Tree, pairs: Pairs, field: Field, law: _paths.Law, row: int, begin: int,
    crumb: float, tolerance: float,
) -> int:  # fmt: skip
    """Move an origin's flow off links that are too dear to its tree, by pairs known or new.

    Args:
        graph, tree: with the origin's cheapest tree.
        pairs, field, law: state.
        row: of the origin in ``field.flow``.
        begin: first link to look at.
        crumb: flow that counts as none.
        tolerance: excess cost, relative to the cost of the node, that is left alone.

    Returns:
        The link to go on from when there is no room for another pair; else the number of links.
    """
    nodes = tree.distance.size
    for link in range(begin, graph.tail.size):
        if field.flow[row, link] <= crumb:
            continue
        head = graph.head[link]
        cheap = tree.entering[head]
        reach = tree.distance[graph.tail[link]] + field.cost[link]
        excess = reach - tree.distance[head]
        if link == cheap or not excess > tolerance * reach:
            continue
        found = _known(pairs, field, row, link, cheap, head, excess)
        if found == NO_PAIR:
            if pairs.used[0] >= pairs.follow.size or pairs.used[1] + 2 * nodes > pairs.links.size:
                return link
            found = _new(graph, tree, pairs, field, law, row, link, head, crumb)
        if found == NO_PAIR:
            continue
        if not _joined(pairs, found, row):
            if pairs.used[2] >= pairs.origin.size:
                return link
            _join(pairs, found, row)
        shift(pairs, field, law, found, crumb)
    return graph.tail.size


@part
def _known(pairs: Pairs, field: Field, row: int, dear: int, cheap: int, head: int, excess: float) -> int:
    """A pair that meets in ``head`` by these two links, saves enough, and has flow of the origin to shift."""
    pair = pairs.first[head]
    while pair >= 0:
        for side in range(2):
            if (
                pairs.links[pairs.begin[pair, side]] == dear
                and pairs.links[pairs.begin[pair, 1 - side]] == cheap
                and side_cost(pairs, field.cost, pair, side) - side_cost(pairs, field.cost, pair, 1 - side)
                > KNOWN_ENOUGH * excess
                and _movable(pairs, field, pair, side, row) > KNOWN_ENOUGH * field.flow[row, dear]
            ):
                return pair
        pair = pairs.follow[pair]
    return NO_PAIR


@part
def side_cost(pairs: Pairs, cost: Floats, pair: int, side: int) -> float:
    """Sum of the costs of a segment."""
    total = 0.0
    for slot in range(pairs.begin[pair, side], pairs.begin[pair, side] + pairs.length[pair, side]):
        total += cost[pairs.links[slot]]
    return total


@part
def _movable(pairs: Pairs, field: Field, pair: int, side: int, row: int) -> float:
    """Flow of an origin that runs along a whole segment at most."""
    least = _paths.INFINITY
    for slot in range(pairs.begin[pair, side], pairs.begin[pair, side] + pairs.length[pair, side]):
        least = min(least, field.flow[row, pairs.links[slot]])
    return least


@part
def _new(
    graph: Graph, tree: _paths.Tree, pairs: Pairs, field: Field, law: _paths.Law, row: int, link: int, head: int,
    crumb: float,
) -> int:  # fmt: skip
    """A pair for a dear link: back from it along the greatest flow until the tree's path to ``head`` is met.

    Flow that runs in a circle on the way is taken off.
    """
    while True:
        field.stamp[0] += 2
        on_tree, walked = field.stamp[0], field.stamp[0] + 1
        node = head
        while True:
            field.mark[node] = on_tree
            if tree.entering[node] < 0:
                break
            node = graph.tail[tree.entering[node]]
        begin, slot, at = pairs.used[1], pairs.used[1], link
        circle = False
        while True:
            pairs.links[slot] = at
            slot += 1
            node = graph.tail[at]
            if field.mark[node] == on_tree and node != head:
                break
            if field.mark[node] == walked or node == head:
                circle = True
                break
            field.mark[node] = walked
            at = _fullest(field, row, node)
            if at < 0 or field.flow[row, at] <= crumb:
                return NO_PAIR
        if not circle:
            return _store(graph, tree, pairs, begin, slot, head, node)
        _uncircle(graph, pairs, field, law, row, slot, node)
        if field.flow[row, link] <= crumb:
            return NO_PAIR


@part
def _fullest(field: Field, row: int, node: int) -> int:
    best, most = -1, 0.0
    for slot in range(field.into[node], field.into[node + 1]):
        flow = field.flow[row, field.into_link[slot]]
        if flow > most:
            best, most = field.into_link[slot], flow
    return best


@part
def _store(graph: Graph, tree: _paths.Tree, pairs: Pairs, begin: int, slot: int, head: int, fork: int) -> int:
    """Write down the pair whose dear segment stands in ``links[begin:slot]``; its position."""
    pair = pairs.used[0]
    pairs.begin[pair, 0], pairs.length[pair, 0] = begin, slot - begin
    pairs.begin[pair, 1] = slot
    node = head
    while node != fork:
        pairs.links[slot] = tree.entering[node]
        slot += 1
        node = graph.tail[tree.entering[node]]
    pairs.length[pair, 1] = slot - pairs.begin[pair, 1]
    pairs.follow[pair] = pairs.first[head]
    pairs.first[head] = pair
    pairs.members[pair] = -1
    pairs.used[0], pairs.used[1] = pair + 1, slot
    return int(pair)


@part
def _uncircle(graph: Graph, pairs: Pairs, field: Field, law: _paths.Law, row: int, end: int, node: int) -> None:
    """Take off the flow that runs in a circle back to ``node``: the last links written up to where it was left."""
    first = end - 1
    while graph.head[pairs.links[first]] != node:
        first -= 1
    least = _paths.INFINITY
    for slot in range(first, end):
        least = min(least, field.flow[row, pairs.links[slot]])
    for slot in range(first, end):
        add(field, row, pairs.links[slot], -least)
        settle(field, law, pairs.links[slot], -least)


@part
def add(field: Field, row: int, link: int, change: float) -> None:
    """Change an origin's flow on a link; what rounding leaves below 0 is 0."""
    field.flow[row, link] = max(field.flow[row, link] + change, 0.0)


@part
def settle(field: Field, law: _paths.Law, link: int, change: float) -> None:
    """Change the volume of a link and bring its cost up to date."""
    field.volume[link] = max(field.volume[link] + change, 0.0)
    field.cost[link] = _paths.link_cost(law, link, field.volume[link])


@part
def _joined(pairs: Pairs, pair: int, row: int) -> bool:
    member = pairs.members[pair]
    while member >= 0:
        if pairs.origin[member] == row:
            return True
        member = pairs.next[member]
    return False


@part
def _join(pairs: Pairs, pair: int, row: int) -> None:
    member = pairs.used[2]
    pairs.origin[member] = row
    pairs.next[member] = pairs.members[pair]
    pairs.members[pair] = member
    pairs.used[2] = member + 1


@part
def shift(pairs: Pairs, field: Field, law: _paths.Law, pair: int, crumb: float) -> float:
    """Even out a pair by a step of Newton's method, all its origins giving in proportion to what they have on it.

    Returns:
        The relative difference in cost that was found, 0 where there is no flow to shift.
    """
    costs = side_cost(pairs, field.cost, pair, 0), side_cost(pairs, field.cost, pair, 1)
    dear = 0 if costs[0] > costs[1] else 1
    gain = abs(costs[0] - costs[1])
    if gain <= 1e-15 * costs[dear]:
        return 0.0
    most = _gather(pairs, field, pair, dear, crumb)
    if most <= 0.0:
        return 0.0
    step = _step(pairs, field, law, pair, dear, gain, most)
    member = pairs.members[pair]
    while member >= 0:
        row = pairs.origin[member]
        part = field.share[row] * (step / most)
        if part > 0.0:
            for side, sign in ((dear, -1.0), (1 - dear, 1.0)):
                for slot in range(pairs.begin[pair, side], pairs.begin[pair, side] + pairs.length[pair, side]):
                    add(field, row, pairs.links[slot], sign * part)
        member = pairs.next[member]
    for side, sign in ((dear, -1.0), (1 - dear, 1.0)):
        for slot in range(pairs.begin[pair, side], pairs.begin[pair, side] + pairs.length[pair, side]):
            settle(field, law, pairs.links[slot], sign * step)
    return gain / costs[dear]


@part
def _gather(pairs: Pairs, field: Field, pair: int, dear: int, crumb: float) -> float:
    """What each origin has along the dear segment, into ``field.share``; the sum. Origins on neither side leave."""
    most, before, member = 0.0, -1, pairs.members[pair]
    while member >= 0:
        row, after = pairs.origin[member], pairs.next[member]
        own = _movable(pairs, field, pair, dear, row)
        field.share[row] = own if own > crumb else 0.0
        most += field.share[row]
        if own <= crumb:
            if before < 0:
                pairs.members[pair] = after
            else:
                pairs.next[before] = after
        else:
            before = member
        member = after
    return most


@part
def _step(pairs: Pairs, field: Field, law: _paths.Law, pair: int, dear: int, gain: float, most: float) -> float:
    """How much to shift: Newton's step, shortened where it would turn the difference round by more than half."""
    slope = 0.0
    for side in range(2):
        for slot in range(pairs.begin[pair, side], pairs.begin[pair, side] + pairs.length[pair, side]):
            link = pairs.links[slot]
            slope += _paths.link_slope(law, link, field.volume[link])
    step = most
    if slope > 0.0 and gain < most * slope:
        step = gain / slope
    if step == 0.0:  # an infinite slope at zero flow
        step = most
    for _ in range(60):
        left = _gain(pairs, field, law, pair, dear, step)
        if left >= -0.5 * gain:
            break
        step *= max(gain / (gain - left), 1e-3)
    return step


@part
def _gain(pairs: Pairs, field: Field, law: _paths.Law, pair: int, dear: int, step: float) -> float:
    gain = 0.0
    for side, sign in ((dear, 1.0), (1 - dear, -1.0)):
        for slot in range(pairs.begin[pair, side], pairs.begin[pair, side] + pairs.length[pair, side]):
            link = pairs.links[slot]
            gain += sign * _paths.link_cost(law, link, max(field.volume[link] - sign * step, 0.0))
    return gain


@part
def shift_all(pairs: Pairs, field: Field, law: _paths.Law, active: Ints, count: int, crumb: float, calm: float) -> int:
    """One pass over the ``active`` pairs; those that differed by more than ``calm`` move to the front: how many."""
    restless = 0
    for at in range(count):
        pair = active[at]
        if shift(pairs, field, law, pair, crumb) > calm:
            active[restless] = pair
            restless += 1
    return restless


@entrance
def settle_all(
    pairs: Pairs, field: Field, law: _paths.Law, active: Ints, sweeps: int, crumb: float, calm: float
) -> None:
    """Passes over all pairs, each over those that the one before still moved."""
    count = active.size
    for _ in range(sweeps):
        count = shift_all(pairs, field, law, active, count, crumb, calm)
        if count == 0:
            break


@entrance
def sum_flow(field: Field) -> None:
    """Volumes afresh from the flows of the origins: sums of many small shifts drift."""
    field.volume[:] = 0.0
    for row in range(field.flow.shape[0]):
        for link in range(field.volume.size):
            field.volume[link] += field.flow[row, link]


@making
def compact(graph: Graph, pairs: Pairs) -> None:
    """Forget pairs without origins and close the gaps they leave."""
    pairs.first[:] = -1
    kept = links = members = 0
    origin, follow = pairs.origin.copy(), pairs.next.copy()
    for pair in range(pairs.used[0]):
        member = pairs.members[pair]
        if member < 0:
            continue
        for side in range(2):
            begin, length = pairs.begin[pair, side], pairs.length[pair, side]
            for slot in range(length):
                pairs.links[links + slot] = pairs.links[begin + slot]
            pairs.begin[kept, side], pairs.length[kept, side] = links, length
            links += length
        pairs.members[kept] = -1
        while member >= 0:
            pairs.origin[members], pairs.next[members] = origin[member], pairs.members[kept]
            pairs.members[kept] = members
            members += 1
            member = follow[member]
        head = graph.head[pairs.links[pairs.begin[kept, 0]]]
        pairs.follow[kept], pairs.first[head] = pairs.first[head], kept
        kept += 1
    pairs.used[0], pairs.used[1], pairs.used[2] = kept, links, members

"""Compiled kernels: Newton's method on the path flows of all pairs of zones at once.

One pair of segments after another settles slowly where links that hardly mind flow feed long stretches that mind it
much: what pays is to move several pairs by much and against each other. With costs as straight lines that is a convex
quadratic programme with bounds (no path can lose more than it has). It is solved by a primal-dual interior-point method
(Wright, 1997, Primal-Dual Interior-Point Methods), its linear systems by conjugate gradients, which need no matrix.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from serai.corridor import _paths
from serai.corridor._segments import Field, add, settle
from serai.corridor.network import Floats, Graph, Ints
from serai.kernels import making, part

MOST_PATHS = 255
"""Paths of a pair of zones that are told apart; the rest of its flow is left where it is."""
ROUNDS, CENTRING, BACK = 40, 0.1, 0.99
"""Rounds of the interior-point method; how far each lowers the barrier; how near the bound it may go."""
ENOUGH = 1e-2
"""Part of the improvement expected that may be left open: costs are not straight lines anyway."""
SOLVED, STEPS, MOST_STEPS = 3e-2, 1000, 20_000
"""Conjugate gradients: residual to reach, steps in a round, steps in all."""


class Moves(NamedTuple):
    """Shifts from the fullest path of a pair of zones to another of its paths.

    Move ``m`` puts flow on ``links[begin[m, 0]:begin[m, 1]]`` and takes it off ``links[begin[m, 1]:begin[m, 2]]``, for
    origin ``row[m]``, between ``low[m]`` and ``high[m]``. ``used`` counts moves and links.
    """

    begin: Ints
    links: Ints
    row: Ints
    low: Floats
    high: Floats
    used: Ints


class Problem(NamedTuple):
    """A programme in scaled shifts: slopes of links; scale, curvature, pull, bounds of shifts; room for link sums."""

    slope: Floats
    scale: Floats
    diagonal: Floats
    pull: Floats
    low: Floats
    high: Floats
    change: Floats


@making
def lay_out(
    graph: Graph, field: Field, law: _paths.Law, moves: Moves, origins: Ints, demand: Floats, crumb: float
) -> bool:
    """Take the flow of every origin apart into paths and write down the moves between them; whether there was room."""
    nodes = field.mark.size
    rest, mark = np.empty(graph.tail.size), np.zeros(graph.tail.size, dtype=np.int64)
    begin, size = np.zeros(MOST_PATHS + 1, dtype=np.int64), np.zeros(MOST_PATHS)
    walk = np.empty(64 * nodes, dtype=np.int64)
    moves.used[:] = 0
    for row in range(origins.size):
        rest[:] = field.flow[row]
        for zone in range(demand.shape[1]):
            left, count = demand[row, zone], 0
            while left > crumb and count < MOST_PATHS and begin[count] + 2 * nodes < walk.size:
                at = begin[count]
                size[count], begin[count + 1] = _trace(
                    graph, field, law, row, rest, zone, origins[row], left, walk, at, crumb
                )
                if size[count] <= 0.0:
                    break
                left -= size[count]
                count += 1
            if count < 2:
                continue
            most = int(np.argmax(size[:count]))
            length = begin[count] + count * (begin[most + 1] - begin[most])
            if moves.used[0] + count > moves.row.size or moves.used[1] + length > moves.links.size:
                return False
            for path in range(count):
                if path != most:
                    _write(moves, walk, begin, mark, path, most)
                    move = moves.used[0] - 1
                    moves.row[move], moves.low[move], moves.high[move] = row, -size[path], size[most] / (count - 1)
    return True


@part
def _trace(
    graph: Graph, field: Field, law: _paths.Law, row: int, rest: Floats, zone: int, origin: int, left: float,
    walk: Ints, begin: int, crumb: float,
) -> tuple[float, int]:  # fmt: skip
    """A path back from a zone along the greatest flow left, and its flow; flow that runs in a circle is taken off."""
    while True:
        field.stamp[0] += 2
        node, end, amount = zone, begin, left
        while node != origin and field.mark[node] != field.stamp[0]:
            field.mark[node] = field.stamp[0]
            fullest, most = -1, crumb
            for slot in range(field.into[node], field.into[node + 1]):
                if rest[field.into_link[slot]] > most:
                    fullest, most = field.into_link[slot], rest[field.into_link[slot]]
            if fullest < 0:
                return 0.0, begin
            amount = min(amount, most)
            walk[end] = fullest
            end += 1
            node = graph.tail[fullest]
        if node == origin:
            for slot in range(begin, end):
                rest[walk[slot]] -= amount
            return amount, end
        first = end - 1
        while graph.head[walk[first]] != node:
            first -= 1
        least = _paths.INFINITY
        for slot in range(first, end):
            least = min(least, rest[walk[slot]])
        for slot in range(first, end):
            rest[walk[slot]] -= least
            add(field, row, walk[slot], -least)
            settle(field, law, walk[slot], -least)


@part
def _write(moves: Moves, walk: Ints, begin: Ints, mark: Ints, path: int, most: int) -> None:
    """Write down the move from one path to another: only the links in which they differ."""
    move, slot = moves.used[0], moves.used[1]
    moves.begin[move, 0] = slot
    for side, other in ((path, most), (most, path)):
        for at in range(begin[other], begin[other + 1]):
            mark[walk[at]] = 1
        for at in range(begin[side], begin[side + 1]):
            if mark[walk[at]] == 0:
                moves.links[slot] = walk[at]
                slot += 1
        for at in range(begin[other], begin[other + 1]):
            mark[walk[at]] = 0
        moves.begin[move, 1 if side == path else 2] = slot
    moves.used[0], moves.used[1] = move + 1, slot


@making
def improve_together(moves: Moves, field: Field, law: _paths.Law, crumb: float) -> float:
    """A step of Newton's method, as far as it pays; the part of it that was taken, 0 if it led nowhere."""
    links = field.volume.size
    slope, change = np.empty(links), np.zeros(links)
    for link in range(links):
        slope[link] = _paths.link_slope(law, link, max(field.volume[link], crumb))
    shift = _solve(moves, slope, field.cost)
    _spread(moves, shift, change)
    part = _worth_taking(field, law, change)
    if part > 0.0:
        for move in range(shift.size):
            for slot in range(moves.begin[move, 0], moves.begin[move, 1]):
                add(field, moves.row[move], moves.links[slot], part * shift[move])
            for slot in range(moves.begin[move, 1], moves.begin[move, 2]):
                add(field, moves.row[move], moves.links[slot], -part * shift[move])
    return part


@part
def _along(moves: Moves, values: Floats, move: int) -> float:
    """What a move gains less what it leaves, of values of links."""
    total = 0.0
    for slot in range(moves.begin[move, 0], moves.begin[move, 1]):
        total += values[moves.links[slot]]
    for slot in range(moves.begin[move, 1], moves.begin[move, 2]):
        total -= values[moves.links[slot]]
    return total


@part
def _spread(moves: Moves, shift: Floats, change: Floats) -> None:
    """What shifts add to the links."""
    change[:] = 0.0
    for move in range(shift.size):
        for slot in range(moves.begin[move, 0], moves.begin[move, 1]):
            change[moves.links[slot]] += shift[move]
        for slot in range(moves.begin[move, 1], moves.begin[move, 2]):
            change[moves.links[slot]] -= shift[move]


@making
def _turned(moves: Moves, problem: Problem, shift: Floats) -> Floats:
    """By how much scaled shifts change the differences in cost they react to: the Hessian times the shifts."""
    _spread(moves, shift * problem.scale, problem.change)
    problem.change[:] *= problem.slope
    result = np.empty(shift.size)
    for move in range(shift.size):
        result[move] = _along(moves, problem.change, move) * problem.scale[move]
    return result


@making
def _pose(moves: Moves, slope: Floats, cost: Floats) -> Problem:
    """The programme, its shifts scaled so that each by itself has the same curvature."""
    count = moves.used[0]
    curve, pull = np.zeros(count), np.zeros(count)
    for move in range(count):
        for slot in range(moves.begin[move, 0], moves.begin[move, 2]):
            curve[move] += slope[moves.links[slot]]
        pull[move] = -_along(moves, cost, move)
    scale = 1.0 / np.sqrt(np.maximum(curve, 1e-9 * curve.max() + 1e-300))
    return Problem(
        slope, scale, curve * scale * scale, pull * scale, moves.low[:count] / scale, moves.high[:count] / scale,
        np.zeros(slope.size),
    )  # fmt: skip


@making
def _solve(moves: Moves, slope: Floats, cost: Floats) -> Floats:
    """The shifts after which, costs being straight lines, no move pays: by a primal-dual interior-point method."""
    problem = _pose(moves, slope, cost)
    low, high, pull = problem.low, problem.high, problem.pull
    shift = np.zeros(low.size)
    barrier = np.mean(np.abs(pull) * np.minimum(-low, high)) + 1e-300
    at_low, at_high = barrier / -low, barrier / high
    steps = 0
    for _ in range(ROUNDS):
        below, above = shift - low, high - shift
        turned = _turned(moves, problem, shift)
        slack = (below * at_low + above * at_high).sum()
        wrong = (np.abs(pull - turned + at_low - at_high) * np.minimum(below, above)).sum()
        worth = ((0.5 * turned - pull) * shift).sum()
        if slack + wrong < -ENOUGH * worth or steps > MOST_STEPS:
            break
        barrier = CENTRING * slack / (2 * low.size)
        stiff = at_low / below + at_high / above
        step, taken = _conjugate(moves, problem, stiff, pull - turned + barrier / below - barrier / above)
        steps += taken
        low_step = barrier / below - at_low - at_low / below * step
        high_step = barrier / above - at_high + at_high / above * step
        size = min(_room(below, step), _room(above, -step))
        shift += size * step
        size = min(_room(at_low, low_step), _room(at_high, high_step))
        at_low += size * low_step
        at_high += size * high_step
    # A bound whose multiplier exceeds the room to it holds: a path that is to be empty is left quite empty.
    result = shift * problem.scale
    for move in range(shift.size):
        if at_low[move] > shift[move] - low[move]:
            result[move] = moves.low[move]
        elif at_high[move] > high[move] - shift[move]:
            result[move] = moves.high[move]
    return result


@part
def _room(values: Floats, step: Floats) -> float:
    """How much of a step leaves all values above 0."""
    size = 1.0
    for at in range(values.size):
        if step[at] < 0.0:
            size = min(size, -BACK * values[at] / step[at])
    return size


@making
def _conjugate(moves: Moves, problem: Problem, stiff: Floats, right: Floats) -> tuple[Floats, int]:
    """Solve (Hessian + ``stiff``) step = ``right`` by conjugate gradients with the diagonal as preconditioner."""
    diagonal = problem.diagonal + stiff
    step, rest = np.zeros(right.size), right.copy()
    way = rest / diagonal
    worth = (rest * way).sum()
    goal = SOLVED * SOLVED * worth
    for taken in range(STEPS):
        if worth <= goal:
            return step, taken
        turned = _turned(moves, problem, way) + stiff * way
        curve = (way * turned).sum()
        if not curve > 0.0:
            return step, taken
        step += worth / curve * way
        rest -= worth / curve * turned
        before, worth = worth, (rest * rest / diagonal).sum()
        way = rest / diagonal + worth / before * way
    return step, STEPS


@part
def _worth_taking(field: Field, law: _paths.Law, change: Floats) -> float:
    """The part of a change of all volumes beyond which going on costs more than half of what it saved at first."""
    begun, part = _fall(field, law, change, 0.0), 1.0
    for _ in range(30):
        if not begun < 0.0:
            break
        here = _fall(field, law, change, part)
        if here <= -0.5 * begun:
            return part
        part *= max(begun / (begun - here), 0.1)
    return 0.0


@part
def _fall(field: Field, law: _paths.Law, change: Floats, part: float) -> float:
    """How fast Beckmann's objective changes on the way, a part of it gone."""
    total = 0.0
    for link in range(change.size):
        if change[link] != 0.0:
            total += change[link] * _paths.link_cost(law, link, max(field.volume[link] + part * change[link], 0.0))
    return total

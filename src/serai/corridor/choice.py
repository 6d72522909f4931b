"""Stochastic equilibrium of freight: routes share goods by logit, at the delays that these goods cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from serai.corridor import _freight, _logit
from serai.corridor._logit import Sets
from serai.corridor.choice_sets import choice_sets, holding, joined, replaced, step_costs, taken
from serai.corridor.freight import Costs, Freight, Solution
from serai.corridor.network import Floats, Ints
from serai.errors import InputError

GAP, ROUNDS = 1e-8, 200
IGNORED = 0.01
"""Part of a pair's goods on routes that close without others being looked for: users lose at most that over theta."""
SHORTEST = 1.0 / 1024
"""Least part of a step of Newton's method."""


@dataclass(frozen=True)
class Point:
    """Steps whose goods may be given a constant: what costs do not explain about a way, USD a tonne.

    Attributes:
        name: identifier.
        edges: positions in the supernetwork.
    """

    name: str
    edges: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Part:
    """Routes of some pairs.

    Attributes:
        sets: the routes.
        terms: USD, hours, t CO2 and constants a tonne of each route without queues, shape ``(routes, 4)``.
        utility: logarithm of their odds without queues; minus infinity where a route is closed.
    """

    sets: Sets
    terms: Floats
    utility: Floats

    @cached_property
    def pair(self) -> Ints:
        """Of each route."""
        found: Ints = np.repeat(self.sets.pair, np.diff(self.sets.first))
        return found

    @cached_property
    def owner(self) -> Ints:
        """Of each facility passed, the route."""
        found: Ints = np.repeat(np.arange(self.utility.size), np.diff(self.sets.passed))
        return found


@dataclass(frozen=True, eq=False)
class Shares:
    """How a run ended.

    Attributes:
        parts: the routes: of each pair those of the last part that has it.
        flows: Mt a year of each route, by part.
        volume, lost: Mt a year at each facility and the hours lost there.
        expected: expected least cost of each pair, USD a tonne; infinite where there is no way.
        relative_gap, rounds: largest relative error of a volume, and how many loads it took.
    """

    parts: list[Part]
    flows: list[Floats]
    volume: Floats
    lost: Floats
    expected: Floats
    relative_gap: float
    rounds: int


class Choice:
    """Goods that share routes by link-nested logit (Vovsha and Bekhor, 1998), facilities delaying all.

    Odds of two routes of a pair that have no link in common are ``exp(-theta x difference of USD a tonne)``, at the
    delays these odds cause (Fisk, 1980); routes that are much the same share the odds of one. What a route costs
    includes the constants of the points it passes.

    Args:
        freight: the network.
        theta: t per USD.
        points: steps with a constant.
        constants: USD a tonne by point; a point that is not named has none.

    Raises:
        InputError: ``theta`` is not above 0.
    """

    def __init__(
        self, freight: Freight, theta: float, points: Sequence[Point] = (),
        constants: Mapping[str, float] | None = None,
    ) -> None:  # fmt: skip
        if not 0 < theta < np.inf:
            raise InputError(
                f"theta is {theta:g}; give a number above 0 (t per USD); a large one sends all the cheapest way"
            )
        self.freight, self.theta, self.points = freight, theta, list(points)
        self.at = [freight.small.holding(point.edges) for point in self.points]
        self.constant = np.zeros(freight.small.links)
        self._last: tuple[Costs, list[Part]] | None = None
        for point, links in zip(self.points, self.at, strict=True):
            self.constant[links] += (constants or {}).get(point.name, 0.0)

    def with_constants(self, constants: Mapping[str, float]) -> Choice:
        """The same goods and routes with other constants, USD a tonne by point."""
        twin = Choice(self.freight, self.theta, self.points, constants)
        twin.sets, twin.later, twin.weight = self.sets, self.later, self.weight
        return twin

    @cached_property
    def weight(self) -> Floats:
        """What steps cost, open or not: what part of its route each is."""
        return step_costs(self.freight)

    @cached_property
    def shut(self) -> np.ndarray:
        """Links that are not open in the network as it is."""
        found: np.ndarray = ~np.isfinite(self.freight.base_costs.cost[0])
        return found

    @cached_property
    def sets(self) -> Sets:
        """Routes of the network as it is."""
        return choice_sets(self.freight, self.freight.base_costs.cost, self.weight, self._marked)

    @cached_property
    def later(self) -> Sets:
        """The routes of the network as it is, and those that lead over what may open."""
        if not self.shut.any():
            return self.sets
        every = np.ones(len(self.freight.net.edges), dtype=np.bool_)
        later = choice_sets(self.freight, self.freight.costs(opened=every).cost, self.weight, self._marked)
        return joined(self.freight, self.weight, self.sets, later, self.shut)

    @property
    def _marked(self) -> Ints:
        return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *self.at]))

    # -- one run --------------------------------------------------------------------------------------------------

    def shares(
        self, costs: Costs, worth: Floats, demand: Floats, *, gap: float = GAP, start: Floats | None = None
    ) -> Shares:
        """The equilibrium.

        Args:
            costs: of the links of the contracted graph.
            worth: USD a tonne of an hour, by class.
            demand: Mt a year, shape ``(pairs,)``.
            gap: largest relative error of the volume of a facility.
            start: volumes to start from.
        """
        parts = self._parts(costs)
        wanted = [demand.copy() for _ in parts]
        for part, before in zip(parts[1:], wanted[:-1], strict=True):
            before[part.sets.pair] = 0.0
        mine, facilities = np.ascontiguousarray(worth[self.freight.demand.kind]), len(self.freight.shared)
        flows, load = [np.zeros(part.utility.size) for part in parts], np.zeros(facilities)
        slope, gain = np.zeros((facilities, facilities)), np.full(demand.size, -np.inf)
        mean, odds = np.zeros(facilities), _room(*(part.sets for part in parts))

        def rest(volume: Floats) -> tuple[Floats, float]:
            """By how much the load at the delays of volumes exceeds the volumes, and the largest part that is."""
            lost = self._lost(costs, volume)
            load[:], slope[:] = 0.0, 0.0
            for part, own, flow in zip(parts, wanted, flows, strict=True):
                _logit.load(
                    part.sets, part.utility, mine, lost, self.theta, own, flow, load, slope, gain, mean, odds
                )  # fmt: skip
            short = load - volume
            return short, float(np.max(np.abs(short) / np.maximum(load, 1e-9), initial=0.0))

        volume, rounds = np.zeros(facilities) if start is None else start.copy(), 1
        short, found = rest(volume)
        moved = gone = np.zeros(facilities)
        while found > gap and rounds < ROUNDS:
            # Newton's method: load falls as hours rise and hours rise with volume, so there is one solution. The slope
            # is that of a plain logit, put right along the last step by what the step did (Broyden, 1965) if it was a
            # whole one: where steps have to be shortened, what the last did says nothing of the next.
            fall = np.eye(facilities) - slope * self._steepness(costs, volume)
            if (length := moved @ moved) > 0.0:
                fall += np.outer(gone - fall @ moved, moved) / length
            step = np.linalg.solve(fall, short)
            share = 1.0
            while True:
                trial = np.maximum(volume + share * step, 0.0)
                rounds += 1
                new, better = rest(trial)
                if np.linalg.norm(new) <= (1.0 - 0.1 * share) * np.linalg.norm(short) or share <= SHORTEST:
                    break
                share *= 0.5
            moved, gone = (trial - volume if share == 1.0 else np.zeros(facilities)), short - new
            volume, short, found = trial, new, better
        return Shares(parts, flows, volume, self._lost(costs, volume), -gain / self.theta, found, rounds)

    @cached_property
    def _as_it_is(self) -> Part:
        return self._worked_out(self.sets, self.freight.base_costs)

    def _parts(self, costs: Costs) -> list[Part]:
        """The routes as they are, and after them those of pairs which a change of costs reaches.

        Those of the costs asked for last are kept: runs that differ in demand alone need them once.
        """
        if costs is self.freight.base_costs:
            return [self._as_it_is]
        last = self._last
        if last is None or last[0] is not costs:
            self._last = last = (costs, self._changed(costs))
        return last[1]

    def _changed(self, costs: Costs) -> list[Part]:
        """A route that is closed is replaced by the next that is unlike those still open, where there is one."""
        known, base = self._as_it_is, self.freight.base_costs
        changed = (costs.cost != base.cost).any(axis=0) | (costs.hours != base.hours) | (costs.carbon != base.carbon)
        opened = self.shut & np.isfinite(costs.cost[0])
        sets, reached = self.sets, np.zeros(self.freight.demand.pairs, dtype=np.bool_)
        _logit.touched(sets, changed, reached)
        if opened.any():
            sets = self.later
            _logit.touched(sets, opened, reached)
        reached |= np.diff(sets.first) == 0
        if not reached.any():
            return [known]
        own = self._worked_out(taken(sets, np.flatnonzero(reached)), costs)
        able = np.isfinite(own.utility)
        missed = self._missed(own, able)
        more = replaced(self.freight, own.sets, costs.cost, self.weight, able, missed, self._marked)
        return [known, own if more is own.sets else self._held(own, self._worked_out(more, costs))]

    def _missed(self, part: Part, able: np.ndarray) -> np.ndarray:
        """Places of pairs without an open route, or that lose one which carries more than :data:`IGNORED` of them."""
        sets = part.sets
        old, at = self._known(part)
        flow = np.where(able[old], 0.0, self.base.flows[0][at])
        lost = np.bincount(part.pair[old], flow, minlength=self.freight.demand.pairs)
        left = np.diff(np.concatenate([[0], np.cumsum(able)])[sets.first])
        missed: np.ndarray = (lost > IGNORED * self.freight.demand.value)[sets.pair] | (left == 0)
        return missed

    def _known(self, part: Part) -> tuple[np.ndarray, Ints]:
        """Which routes are those of the network as it is, and their places among them: they come first in each pair."""
        first = part.sets.first
        place = np.arange(part.utility.size) - np.repeat(first[:-1], np.diff(first))
        old = place < np.diff(self.sets.first)[part.pair]
        return old, (self.sets.first[part.pair] + place)[old]

    def _held(self, before: Part, after: Part) -> Part:
        """Routes found in place of closed ones, their odds held to what was lost: a closure makes nobody better off.

        Sets of routes are never complete; without this a pair could gain by a route that was not looked for before.
        The generating function is convex in a common factor of the odds, so that the factor found is low enough.
        """
        old, at = self._known(before)
        open_ = before.utility.copy()
        open_[old] = np.where(np.isfinite(open_[old]), open_[old], self._as_it_is.utility[at])
        most = self._gain(before.sets, open_)
        left, whole = self._gain(before.sets, before.utility), self._gain(after.sets, after.utility)
        had = np.isfinite(most)
        top = np.where(had, most, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = (1.0 - np.exp(left - top)) / (np.exp(whole - top) - np.exp(left - top))
            shift = np.where(had & (whole > most), np.log(np.maximum(factor, 1e-300)), 0.0)
        # A pair without any way before has nothing to be held to.
        counts = np.diff(before.sets.first)
        place = np.arange(after.utility.size) - np.repeat(after.sets.first[:-1], np.diff(after.sets.first))
        added = place >= np.repeat(counts, np.diff(after.sets.first))
        return Part(after.sets, after.terms, np.where(added, after.utility + shift[after.pair], after.utility))

    def _gain(self, sets: Sets, utility: Floats) -> Floats:
        """Logarithm of the generating function of each pair at the delays of the network as it is."""
        pairs, facilities = self.freight.demand.pairs, len(self.freight.shared)
        gain, worth = np.full(pairs, -np.inf), self.freight.world.worth[self.freight.demand.kind]
        _logit.load(
            sets, utility, worth, self.base.lost, self.theta, np.zeros(pairs), np.zeros(utility.size),
            np.zeros(facilities), np.zeros((facilities, facilities)), gain, np.zeros(facilities), _room(sets),
        )  # fmt: skip
        return gain

    def _worked_out(self, sets: Sets, costs: Costs) -> Part:
        terms = np.zeros((sets.begin.size - 1, 4))
        kind = self.freight.demand.kind
        _logit.measure(sets, kind, costs.cost, costs.hours, costs.carbon, self.constant, terms)
        return Part(sets, terms, -self.theta * (terms[:, 0] + terms[:, 3]))

    def _lost(self, costs: Costs, volume: Floats) -> Floats:
        world = self.freight.world
        return np.array(
            [_freight.hours_lost(world, size, place, flow) for place, (size, flow) in
             enumerate(zip(costs.capacity, volume, strict=True))]
        )  # fmt: skip

    def _steepness(self, costs: Costs, volume: Floats) -> Floats:
        """Derivative of the hours lost by the volume, of each facility."""
        b, power, queue = self.freight.world.law
        size = np.where(costs.capacity > 0, costs.capacity, np.inf)
        ratio = volume / size
        steep: Floats = self.freight.world.empty * b * power * ratio ** (power - 1.0) / size
        return steep + np.where(ratio > 1.0, 0.5 * queue / size, 0.0)

    # -- what runs are asked for ----------------------------------------------------------------------------------

    @cached_property
    def base(self) -> Shares:
        """The network as it is, at central demand."""
        return self.shares(self.freight.base_costs, self.freight.world.worth, self.freight.demand.value)

    def through(self, own: Shares) -> dict[str, float]:
        """Mt a year on routes by each point."""
        both = list(zip(own.parts, own.flows, strict=True))
        return {
            point.name: float(sum(flow[holding(part.sets, links)].sum() for part, flow in both))
            for point, links in zip(self.points, self.at, strict=True)
        }

    def solution(self, costs: Costs, demand: Floats) -> Solution:
        """The equilibrium in full; costs of pairs are what is paid, without constants."""
        own = self.shares(costs, self.freight.world.worth, demand)
        paths: list[list[tuple[Ints, float]]] = [[] for _ in range(demand.size)]
        for part, flow in zip(own.parts, own.flows, strict=True):
            for route in np.flatnonzero(flow > 0):
                links = part.sets.links[part.sets.begin[route] : part.sets.begin[route + 1]]
                paths[part.pair[route]].append((self.freight.chained(links), float(flow[route])))
        flow, done = self.freight.flow(paths), own.relative_gap <= GAP
        pairs = self._sums(own, self.freight.world.worth)
        return Solution(pairs, demand, own.volume, own.lost, flow, own.relative_gap, own.rounds, done, paths)

    def outcome(
        self, costs: Costs, worth: Floats, demand: Floats, *, gap: float = GAP
    ) -> tuple[Floats, float]:  # fmt: skip
        """Mt served of each pair and their USD, hours and t CO2 times Mt, and the relative gap.

        USD are the expected least cost with constants, whose differences are what users gain or lose (Williams, 1977),
        counted from the mean cost of the network as it is.
        """
        own = self.shares(costs, worth, demand, gap=gap, start=self.base.volume)
        pairs = self._sums(own, worth)
        pairs[:, 1] = pairs[:, 0] * np.where(np.isfinite(own.expected), own.expected + self._anchor, 0.0)
        return pairs, own.relative_gap

    @cached_property
    def _anchor(self) -> Floats:
        """What is added to the expected least cost of each pair, so that it is the mean cost of the network as it is.

        Only differences of expected costs mean anything; their level hangs on how many routes a set holds.
        """
        pairs = self._sums(self.base, self.freight.world.worth)
        mean = np.divide(pairs[:, 1], pairs[:, 0], out=np.zeros(len(pairs)), where=pairs[:, 0] > 0)
        anchor: Floats = np.where(np.isfinite(self.base.expected), mean - self.base.expected, 0.0)
        return anchor

    def _sums(self, own: Shares, worth: Floats) -> Floats:
        """Mt served of each pair and their USD paid, hours and t CO2 times Mt; shape ``(pairs, 4)``."""
        pairs = self.freight.demand.pairs
        total: Floats = np.zeros((pairs, 4))
        for part, flow in zip(own.parts, own.flows, strict=True):
            used = flow > 0
            queue = np.bincount(part.owner, own.lost[part.sets.facilities], minlength=flow.size)
            cost, hours, carbon = (np.where(used, part.terms[:, column], 0.0) for column in range(3))
            cost = cost + worth[self.freight.demand.kind[part.pair]] * queue
            for column, value in enumerate((np.ones(flow.size), cost, hours + queue, carbon)):
                total[:, column] += np.bincount(part.pair, flow * value, minlength=pairs)
        return total


def _room(*sets: Sets) -> Floats:
    """Scratch as long as the largest set of a pair."""
    return np.empty(max(int(np.diff(one.first).max(initial=0)) for one in sets))

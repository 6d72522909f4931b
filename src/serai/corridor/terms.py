"""What steps cost: kilometres, hours, money, emissions, spread; apart, and as one generalised cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import NamedTuple

import numpy as np

from serai.corridor import sailing
from serai.corridor.network import Floats, Ints
from serai.corridor.numbers import ONE, ZERO
from serai.corridor.supernetwork import Edge, Supernetwork

FEE_TONNES = 20.0
"""Border fees are of a consignment of 20 t, the sample of CPMM."""
GRAMS_PER_TONNE = 1e6


class Terms(NamedTuple):
    """Of each step, per tonne where it is not a time or a length; shape ``(..., steps)``."""

    km: Floats
    running: Floats
    border: Floats
    paper: Floats
    handling: Floats
    waiting: Floats
    money: Floats
    emissions: Floats
    spread: Floats
    late: Floats
    """The part of the spread that is of running."""

    @property
    def hours(self) -> Floats:
        """All hours; ``paper`` is part of ``border``."""
        return self.running + self.border + self.handling + self.waiting


class Weights(NamedTuple):
    """What turns terms into USD per tonne: positions of numbers, and the commodity's own factors."""

    time: int
    emissions: int
    reliability_ratio: float
    rate_factor: float
    ship: str
    wagonload: bool = False
    """Whether goods go by rail in wagons that yards sort, not in trains of their own."""


@dataclass(frozen=True, eq=False)
class Steps:
    """Columns of edges."""

    km: Floats
    circuity: Ints
    speed: Ints
    rate: Ints
    emissions: Ints
    delay: Ints
    wagons: Ints
    wagon_delay: Ints
    ease: Ints
    platforms: Ints
    rest: Ints
    first: Ints
    second: Ints
    fee: Ints
    handling: Ints
    fare: Ints
    headway: Ints
    irregularity: Ints
    capacity: Floats
    load: Floats
    level: np.ndarray
    deepened: Floats
    estimated: np.ndarray
    border: np.ndarray

    @classmethod
    def of(cls, edges: Sequence[Edge]) -> Steps:
        """The columns of edges."""
        columns = {
            part.name: np.array([getattr(edge, part.name) for edge in edges])
            for part in fields(cls)
            if part.name != "border"
        }
        return cls(**columns, border=np.array([edge.kind == "border" for edge in edges], dtype=np.bool_))

    @cached_property
    def used(self) -> Ints:
        """Positions of all numbers the edges refer to."""
        return self._used((*_ALWAYS, *_TRAINS, *_WAGONS))

    def used_by(self, weights: Weights) -> Ints:
        """Positions of the numbers the edges refer to, of those that goods with these weights meet."""
        return self._used((*_ALWAYS, *(_WAGONS if weights.wagonload else _TRAINS)))

    def _used(self, names: Sequence[str]) -> Ints:
        found: Ints = np.setdiff1d(np.concatenate([getattr(self, name) for name in names]), [ZERO, ONE])
        return found


_ALWAYS = (
    "circuity", "rate", "emissions", "rest", "first", "second", "fee", "handling", "fare", "headway", "irregularity",
)  # fmt: skip
_TRAINS, _WAGONS = ("speed", "delay", "ease"), ("wagons", "wagon_delay", "platforms")


class Coster:
    """Works out terms and generalised costs of a supernetwork for one commodity."""

    def __init__(self, net: Supernetwork, weights: Weights) -> None:
        self.weights = weights
        self.level = net.parameter("level")
        self.full = net.parameter("full_level")
        self.loss = net.parameter("loss_per_metre", weights.ship)
        self.paper = net.parameter("paper_share", "border")
        self.bpr = (net.parameter("bpr_b"), net.parameter("bpr_power"))
        self.base = net.numbers.values()

    @property
    def common(self) -> Ints:
        """Positions of the numbers that every route rests on."""
        weights = self.weights
        return np.array([self.level, self.full, self.loss, self.paper, *self.bpr, weights.time, weights.emissions])

    def terms(self, steps: Steps, values: Floats) -> Terms:
        """Terms of steps at numbers of shape ``(numbers,)`` or ``(draws, numbers)``."""

        def of(position: int | Ints) -> Floats:
            result: Floats = values[..., position]
            return result

        km = steps.km * np.where(steps.estimated, of(steps.circuity) / self.base[steps.circuity], 1.0)
        share = self._share(steps, values)
        crowded = self._crowding(steps, values, share)
        if self.weights.wagonload:
            speed, delay = of(steps.wagons), of(steps.wagon_delay)
            stop = of(steps.first) + of(steps.second) + of(steps.platforms)
        else:
            speed, delay = of(steps.speed), of(steps.delay)
            stop = (of(steps.first) + of(steps.second)) * of(steps.ease)
        running = km / (speed * of(steps.rest))
        late = running * delay
        border, handling = np.where(steps.border, stop, 0.0), np.where(steps.border, 0.0, stop) * crowded
        headway, irregularity = of(steps.headway), of(steps.irregularity)
        money = (
            km * of(steps.rate) * self.weights.rate_factor
            + of(steps.fee) / FEE_TONNES
            + of(steps.handling)
            + of(steps.fare) / np.maximum(share, 1e-9)
        )
        return Terms(
            km=km,
            running=running,
            border=border,
            paper=border * of(np.array([self.paper])),
            handling=handling,
            waiting=sailing.wait(headway, irregularity),
            money=money,
            emissions=km * of(steps.emissions) / GRAMS_PER_TONNE,
            spread=late + (border + handling) * delay + sailing.wait_spread(headway, irregularity),
            late=late,
        )

    def _share(self, steps: Steps, values: Floats) -> Floats:
        level, full, loss = (values[..., [position]] for position in (self.level, self.full, self.loss))
        share = sailing.load_share(level, full, loss, steps.deepened)
        return np.where(steps.level, share, 1.0)

    def _crowding(self, steps: Steps, values: Floats, share: Floats) -> Floats:
        """Delay of the Bureau of Public Roads where both load and capacity are known."""
        known = (steps.capacity > 0) & (steps.load > 0)
        capacity = np.where(known, steps.capacity, 1.0) * np.maximum(share, 1e-9)
        ratio = np.where(known, steps.load, 0.0) / capacity
        b, power = (values[..., [position]] for position in self.bpr)
        crowded: Floats = 1.0 + b * ratio**power
        return crowded

    def cost(self, terms: Terms, values: Floats) -> Floats:
        """Generalised cost in USD per tonne of each step.

        Money, hours at the value of time, spread at that of reliability, emissions at their price. Spreads of steps
        add up, as if all were late together: the upper bound of a route's spread.
        """
        weights = self.weights
        time = values[..., [weights.time]]
        return (
            terms.money
            + time * terms.hours
            + time * weights.reliability_ratio * terms.spread
            + values[..., [weights.emissions]] * terms.emissions
        )

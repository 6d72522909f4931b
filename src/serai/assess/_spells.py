"""Spells: how fast countries have moved, over any number of years, in one series."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

__all__ = ["Grid", "Precedent", "Spells"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEWEST = 5
"""Countries with a spell of that length below which a percentile is not given."""

NEAREST, FARTHEST = 0.5, 2.0
"""A spell is comparable if it began between half and twice as far from the target."""


@dataclass(frozen=True, slots=True)
class Precedent:
    """Who has moved as fast as asked. ``percentile`` is null where too few countries have spells of that length."""

    countries: int
    percentile: float | None
    comparable: int = 0
    precedents: int = 0
    best_change: float | None = None
    best_area: str | None = None
    best_from: int | None = None
    best_to: int | None = None


@dataclass(frozen=True)
class Spells:
    """Spells of one length: country, first year, length, level at the start, yearly change for the better."""

    who: Ints
    begin: Ints
    length: Ints
    level: Floats
    speed: Floats

    @cached_property
    def best(self) -> Floats:
        """The fastest spell of every country, slowest country first."""
        if not len(self.who):
            return np.array([])
        fastest = np.full(int(self.who.max()) + 1, -np.inf)
        np.maximum.at(fastest, self.who, self.speed)
        return np.sort(fastest[np.isfinite(fastest)])


class Grid:
    """Values of one series, countries by years.

    Args:
        areas: codes of the countries, one a row of ``values``.
        first: year of the first column.
        values: figures; NaN where there is none.
        direction: 1 where more is better, -1 where less is.
    """

    def __init__(self, areas: list[str], first: int, values: Floats, direction: int) -> None:
        self.areas, self.first, self.values, self.direction = areas, first, values, direction
        self._made: dict[int, Spells] = {}

    def spells(self, years: int) -> Spells:
        """Spells between years ``years`` apart, give or take one."""
        if years not in self._made:
            lengths = range(max(1, years - 1), min(years + 1, self.values.shape[1] - 1) + 1)
            self._made[years] = self._join([self._of(length) for length in lengths])
        return self._made[years]

    def _of(self, length: int) -> Spells:
        early, late = self.values[:, :-length], self.values[:, length:]
        who, when = np.nonzero(np.isfinite(early) & np.isfinite(late))
        level = early[who, when]
        speed = self.direction * (late[who, when] - level) / length
        return Spells(who, when + self.first, np.full(len(who), length), level, speed)

    @staticmethod
    def _join(parts: list[Spells]) -> Spells:
        def together(name: str) -> npt.NDArray[np.generic]:
            return np.concatenate([getattr(part, name) for part in parts]) if parts else np.array([])

        who, begin, length = (together(name).astype(np.int64) for name in ("who", "begin", "length"))
        return Spells(who, begin, length, together("level").astype(float), together("speed").astype(float))

    def precedent(
        self, area: str, years: int, change: float, target: float, peers: Collection[str] | None
    ) -> Precedent:
        """Who has moved by ``change`` a year (for the better) over ``years``, from about as far from the target.

        Args:
            area: the country asking; its own past is no precedent among the comparable.
            years: years left.
            change: yearly change for the better that is required; ``years * change`` is how far the target is.
            target: the target value.
            peers: countries to compare with; all where not given.
        """
        spells = self.spells(years)
        best = spells.best
        if len(best) < FEWEST:
            return Precedent(len(best), None)
        percentile = 100 * float(np.searchsorted(best, change, side="left")) / len(best)
        allowed = np.array([code != area and (peers is None or code in peers) for code in self.areas])
        share = self.direction * (target - spells.level) / (years * change)
        near = np.flatnonzero(allowed[spells.who] & (share >= NEAREST) & (share <= FARTHEST))
        if not len(near):
            return Precedent(len(best), percentile)
        top = near[np.argmax(spells.speed[near])]
        who, fast = spells.who[near], spells.speed[near] >= change
        return Precedent(
            countries=len(best),
            percentile=percentile,
            comparable=len(np.unique(who)),
            precedents=len(np.unique(who[fast])),
            best_change=self.direction * float(spells.speed[top]),
            best_area=self.areas[int(spells.who[top])],
            best_from=int(spells.begin[top]),
            best_to=int(spells.begin[top] + spells.length[top]),
        )

"""Every number a freight model rests on: value, range, and where it is from. Edges refer to numbers by position."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from serai.corridor.network import Floats, Ints

ZERO, ONE = 0, 1
"""Positions of the constants 0 and 1: what an edge refers to where a term does not apply."""


class Number(NamedTuple):
    """A number with its range (taken as all there is to know of it) and its origin."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    basis: str
    source: str
    year: int | None
    reason: str


class Numbers:
    """A growing list of numbers; positions stay valid."""

    def __init__(self) -> None:
        fixed = [Number(name, value, value, value, "", "", "", None, "") for name, value in (("0", 0.0), ("1", 1.0))]
        self._all: list[Number] = fixed
        self._at: dict[str, int] = {}

    def add(self, number: Number) -> int:
        """Add a number; its position. A name that is there already keeps its first number."""
        if number.name not in self._at:
            self._at[number.name] = len(self._all)
            self._all.append(number)
        return self._at[number.name]

    def at(self, name: str) -> int | None:
        """Position of a name, if it is there."""
        return self._at.get(name)

    def values(self) -> Floats:
        """The central values, shape ``(numbers,)``."""
        return np.array([number.value for number in self._all])

    def bounds(self) -> Floats:
        """Low and high ends, shape ``(2, numbers)``; a value outside its own range widens it."""
        low = [min(number.low, number.value) for number in self._all]
        high = [max(number.high, number.value) for number in self._all]
        return np.array([low, high])

    def sample(self, used: Ints, draws: int, seed: int) -> Floats:
        """Draws of the numbers used, the others at their value, shape ``(draws, numbers)``.

        A draw is as likely below the value as above it, and the rarer the farther: two triangles that meet at the
        value, each with half the weight, so that one far end does not drag the middle along. The same number gets the
        same draws whatever else is used, so that routes are compared on common ground.
        """
        result = np.repeat(self.values()[None, :], draws, axis=0)
        low, high = self.bounds()
        for position in used:
            if high[position] > low[position]:
                value = self._all[position].value
                luck = 2.0 * np.random.default_rng([seed, int(position)]).random(draws) - 1.0
                reach = np.where(luck < 0, value - low[position], high[position] - value)
                result[:, position] = value + np.sign(luck) * reach * (1.0 - np.sqrt(1.0 - np.abs(luck)))
        return result

    def table(self, used: Ints) -> pl.DataFrame:
        """``number, value, low, high, unit, basis, source, year, reason`` of the numbers at positions."""
        rows = [self._all[position] for position in used]
        names = ("number", "value", "low", "high", "unit", "basis", "source", "year", "reason")
        kinds = (pl.String, *[pl.Float64] * 3, *[pl.String] * 3, pl.Int64, pl.String)
        return pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")

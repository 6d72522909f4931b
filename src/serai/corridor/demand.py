"""What is to be carried: Mt a year by class of goods and pair of places, with a range; drawn for ensembles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from serai.corridor.network import Floats, Ints
from serai.errors import InputError

COLUMNS = ("from", "to", "commodity", "value", "low", "high")
PER_MT = 1000.0
"""Tables give thousand tonnes."""


@dataclass(frozen=True, eq=False)
class Demand:
    """Pairs of places, those of one class and origin together.

    Attributes:
        commodities: classes, in order.
        places: every place where something begins or ends, sorted.
        kind, origin, target: of each pair, positions in ``commodities`` and ``places``; shape ``(pairs,)``.
        ends: low, value and high, Mt a year; shape ``(3, pairs)``.
    """

    commodities: tuple[str, ...]
    places: tuple[str, ...]
    kind: Ints
    origin: Ints
    target: Ints
    ends: Floats

    @classmethod
    def read(cls, table: pl.DataFrame, commodities: Sequence[str]) -> Demand:
        """Rows of several sources for one pair and class are added up.

        Args:
            table: ``from, to, commodity, value, low, high`` in thousand tonnes a year, as ``corridor/demand.csv``.
            commodities: all classes there are, in order.

        Raises:
            InputError: no demand; an unknown class; a place to itself; a value below zero or outside its range.
        """
        missing = [name for name in COLUMNS if name not in table.columns]
        if missing:
            raise InputError(f"demand lacks the column {', '.join(missing)}; give {', '.join(COLUMNS)}")
        rows = table.group_by("from", "to", "commodity").agg(pl.col("value", "low", "high").sum())
        _refuse(rows, commodities)
        order = {name: place for place, name in enumerate(commodities)}
        rows = rows.with_columns(pl.col("commodity").replace_strict(order, return_dtype=pl.Int64).alias("kind"))
        rows = rows.sort("kind", "from", "to")
        places = sorted({*rows["from"], *rows["to"]})
        at = {place: number for number, place in enumerate(places)}
        kind, origin, target = (
            np.array([known[name] for name in rows[column]], dtype=np.int64)
            for column, known in (("commodity", order), ("from", at), ("to", at))
        )
        ends = rows.select("low", "value", "high").to_numpy().T / PER_MT
        return cls(tuple(commodities), tuple(places), kind, origin, target, np.ascontiguousarray(ends))

    @property
    def value(self) -> Floats:
        """Central demand, Mt a year, shape ``(pairs,)``."""
        found: Floats = self.ends[1].copy()
        return found

    @property
    def pairs(self) -> int:
        """Number of pairs."""
        return int(self.kind.size)

    def drawn(self, chances: Floats) -> Floats:
        """Demand at quantiles of a triangular distribution, one quantile for all pairs of a class.

        The pairs of a class move together because their ranges come from the same unit values.

        Args:
            chances: quantiles, shape ``(draws, classes)``.

        Returns:
            Mt a year, shape ``(draws, pairs)``.
        """
        low, mode, high = self.ends
        width = np.maximum(high - low, 1e-300)
        chance = chances[:, self.kind]
        rising = low + np.sqrt(chance * width * (mode - low))
        falling = high - np.sqrt((1.0 - chance) * width * (high - mode))
        drawn: Floats = np.where(chance * width <= mode - low, rising, falling)
        return np.ascontiguousarray(np.where(high > low, drawn, mode))

    def areas(self, of: Mapping[str, str]) -> tuple[list[str], Ints, Ints]:
        """The areas there are, and of each pair the positions of those it begins and ends in."""
        names = sorted({of[place] for place in self.places})
        at = np.array([names.index(of[place]) for place in self.places], dtype=np.int64)
        return names, at[self.origin], at[self.target]


def _refuse(rows: pl.DataFrame, commodities: Sequence[str]) -> None:
    if rows.is_empty():
        raise InputError("there is no demand (corridor/demand.csv); add rows or pass a table")
    for problem, bad in (
        (f"unknown commodity; known: {', '.join(commodities)}", ~pl.col("commodity").is_in(list(commodities))),
        ("begins and ends at the same place; give two", pl.col("from") == pl.col("to")),
        ("must have 0 <= low <= value <= high", ~((pl.col("low") >= 0) & (pl.col("low") <= pl.col("value"))
                                                & (pl.col("value") <= pl.col("high")) & pl.col("high").is_finite())),
    ):  # fmt: skip
        wrong = rows.filter(bad).sort("from", "to")
        if wrong.height:
            row = wrong.row(0, named=True)
            shown = f"{row['from']} -> {row['to']}, {row['commodity']}, {row['low']} {row['value']} {row['high']}"
            raise InputError(f"demand {shown}: {problem}")

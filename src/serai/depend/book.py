"""The latest flows of every kind as arrays, with their ranges: what a propagation starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from serai.region.flow_kinds import Kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
UNLISTED = "unlisted"
"""The account of partners that totals hold and no pair names."""


@dataclass(frozen=True, eq=False)
class Ranged:
    """Numbers with ranges: ``low``, ``value`` and ``high``, each of shape ``(numbers,)``."""

    low: Floats
    value: Floats
    high: Floats

    @classmethod
    def of(cls, rows: Sequence[tuple[float, float, float]]) -> Ranged:
        """From ``(low, value, high)`` triples."""
        three = np.array(rows, dtype=np.float64).reshape(-1, 3)
        return cls(three[:, 0], three[:, 1], three[:, 2])

    def draws(self, rng: np.random.Generator, size: int) -> Floats:
        """Triangular draws between the ends, shape ``(numbers, size)``; a number without a range is repeated."""
        out: Floats = np.repeat(self.value[:, None], size, axis=1)
        wide = np.flatnonzero(self.high > self.low)
        if not len(wide):
            return out
        low, mode, high = (end[wide][:, None] for end in (self.low, self.value, self.high))
        u = rng.random((len(wide), size))
        split = (mode - low) / (high - low)
        out[wide] = np.where(
            u < split,
            low + np.sqrt(u * (high - low) * (mode - low)),
            high - np.sqrt((1 - u) * (high - low) * (high - mode)),
        )
        return out


@dataclass(frozen=True, eq=False)
class Entries:
    """The flows of one kind in its latest year.

    Attributes:
        origin, destination: positions of areas, shape ``(flows,)``.
        amount: the flows; a missing one lies between zero and its bound, its value being zero.
        rest_in, rest_out: what members have with partners not listed, by position of the member.
        rows: kind, origin, destination, period, value, providers, nature, for the reader.
    """

    kind: Kind
    period: int | None
    origin: Ints
    destination: Ints
    amount: Ranged
    rest_in: Ranged
    rest_out: Ranged
    rows: pl.DataFrame


@dataclass(frozen=True, eq=False)
class Book:
    """Flows of all kinds. ``areas``: members first, then partners; one more position stands for those not listed."""

    areas: tuple[str, ...]
    members: int
    entries: Mapping[str, Entries]

    @property
    def places(self) -> int:
        """Positions of accounts: areas and the unlisted."""
        return len(self.areas) + 1


def open_book(pairs: pl.DataFrame, areas: pl.DataFrame, kinds: Mapping[str, Kind], members: Sequence[str]) -> Book:
    """Flows with a member, of the latest year of each kind.

    Args:
        pairs: as from :func:`serai.depend.flows.pairs`.
        areas: as ``areas`` of :func:`serai.depend.indices.indices`: totals, for what is not listed.
        kinds: kinds by identifier; sums and undirected kinds are left out.
        members: members in order.
    """
    used = {name: kind for name, kind in kinds.items() if kind.directed and not kind.parts}
    own = pairs.filter(
        pl.col("kind").is_in(list(used)) & (pl.col("origin").is_in(members) | pl.col("destination").is_in(members))
    )
    own = own.filter(pl.col("period") == pl.col("period").filter(~pl.col("missing")).max().over("kind"))
    others = sorted({*own["origin"], *own["destination"]} - set(members))
    places = (*members, *others)
    at = {area: number for number, area in enumerate(places)}
    entries = {}
    for name, kind in used.items():
        rows = own.filter(pl.col("kind") == name).sort("origin", "destination")
        period = rows["period"].max() if rows.height else None
        amounts = [(low, value or 0.0, high if high is not None else 0.0)
                   for low, value, high in rows.select("low", "value", "high").iter_rows()]  # fmt: skip
        entries[name] = Entries(
            kind=kind, period=int(str(period)) if period is not None else None,
            origin=np.array([at[area] for area in rows["origin"]], dtype=np.int64),
            destination=np.array([at[area] for area in rows["destination"]], dtype=np.int64),
            amount=Ranged.of(amounts),
            rest_in=_rests(rows, areas, name, "in", period, members),
            rest_out=_rests(rows, areas, name, "out", period, members),
            rows=rows,
        )  # fmt: skip
    return Book(places, len(members), entries)


def _rests(
    rows: pl.DataFrame, areas: pl.DataFrame, kind: str, side: str, period: object, members: Sequence[str]
) -> Ranged:
    """Totals less what is listed; own supply is nobody's and is not passed on, but is part of the total."""
    now = pl.col("period") == period if period is not None else pl.lit(False)
    own = areas.filter((pl.col("kind") == kind) & (pl.col("side") == side) & now)
    listed = rows.group_by(pl.col("destination" if side == "in" else "origin").alias("area"), maintain_order=True).agg(
        pl.col("low", "value", "high").sum()
    )
    joined = own.join(listed, on="area", how="left").with_columns(pl.col("low", "value", "high").fill_null(0.0))
    found = {
        area: (max(tl - low, 0.0), max(t - v, 0.0), max((th if th is not None else t) - high, 0.0))
        for area, tl, t, th, low, v, high in joined.select(
            "area", "total_low", "total", "total_high", "low", "value", "high"
        ).iter_rows()
    }
    triples = [sorted(found.get(member, (0.0, 0.0, 0.0))) for member in members]
    return Ranged.of([(low, value, high) for low, value, high in triples])

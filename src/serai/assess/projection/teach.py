"""From cases to a model: which past errors teach, and with what weight."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from serai.assess.projection.cases import Cases
from serai.assess.projection.design import Design, Traits, design, paces, traits
from serai.assess.projection.histories import KEY, Floats, Histories, Ints, Mask, Strings
from serai.assess.projection.levels import LEVELS, weighted_quantiles
from serai.assess.projection.limits import bounds_of
from serai.assess.projection.members import mean_changes
from serai.assess.projection.model import Lesson, Model
from serai.assess.projection.working import Working, working

ROLLING_WEIGHT = 0.1
"""Weight of a rolling-origin outcome (revised data) against one that was really waited for."""
ROLLING_CASES = 12_000
"""Rolling-origin cases taken; more change nothing but the time."""
TOY_CASES = 200
"""Real outcomes from which on the benchmark's residuals are taken from them alone."""


@dataclass(frozen=True)
class Bundle:
    """Cases with everything the model needs to know of them, ready to be cut by area and date."""

    traits: Traits
    working: Working
    now: Floats
    """Last value of each history, unit of the series, shape (n,)."""
    pace: Floats
    """Mean absolute yearly change of each history, unit of the series, shape (n,): what errors are scaled by."""
    row: Ints
    horizon: Ints
    truth: Floats
    """Unit of the series, shape (m,)."""
    known: NDArray[np.datetime64]
    real_time: bool

    @property
    def area(self) -> Strings:
        """Area of each case."""
        return self.traits.area[self.row]

    def design(self, rows: Ints, typical: Floats, pooled: Floats) -> Design:
        """The cases ``rows`` as the model takes them; ``pooled`` are the benchmark's quantiles."""
        at = self.row[rows]
        ahead = np.hstack([self.truth[rows][:, None], self.benchmark(pooled, rows)])
        worked = self.working.forward(ahead, at)
        known = self.known[rows].astype("datetime64[D]").astype(np.int64)
        return design(self.traits, at, self.horizon[rows], worked, typical, known, real_time=self.real_time)

    def forecast(self, model: Model, rows: Ints, typical: Floats) -> Floats:
        """Predictive quantiles at `LEVELS` of the cases ``rows``, unit of the series, inside the bounds."""
        at = self.row[rows]
        cases = self.design(rows, typical, model.pooled)
        paced = paces(self.traits, typical)[at]
        calm = self.traits.pace[at] == 0
        known = (typical[at] > 0)[:, None]
        ahead = np.where(calm[:, None], model.still_quantiles(cases) * known, model.quantiles(cases))
        return self.working.backward(self.traits.now[at][:, None] + ahead * paced[:, None], at)

    def benchmark(self, pooled: Floats, rows: Ints) -> Floats:
        """Last value plus pooled residuals of the cases ``rows``, at `LEVELS`, inside the bounds."""
        at = self.row[rows]
        size = self.pace[at] * self.horizon[rows]
        return self.working.clip(self.now[at][:, None] + size[:, None] * pooled, at)


def bundle(cases: Cases, limits: pl.DataFrame, *, real_time: bool) -> Bundle:
    """Describe the histories of ``cases``; those without a case are dropped, except for real time."""
    histories, row = cases.histories, cases.row
    if not real_time:
        used, row = np.unique(cases.row, return_inverse=True)
        histories = histories.take(used)
    scale = working(histories.values, *bounds_of(histories.keys, limits))
    worked = scale.forward(histories.values, np.arange(len(histories)))
    return Bundle(
        traits(histories.keys, worked, scale.share),
        scale,
        histories.values[:, -1],
        mean_changes(histories.values),
        row.astype(np.int64),
        cases.horizon,
        cases.truth,
        cases.known,
        real_time,
    )


def thin(cases: Cases, most: int) -> Cases:
    """Every k-th case, so that at most about ``most`` remain."""
    return cases.take(np.arange(0, len(cases), max(1, -(-len(cases) // most))))


def current(histories: Histories, until: date) -> Ints:
    """Rows of the latest history of each key known at release ``until``."""
    at = histories.keys.with_row_index("row").filter(pl.col("release") <= until)
    latest = at.sort("release").group_by(KEY, maintain_order=True).last()
    return np.sort(latest["row"].to_numpy().astype(np.int64))


def subset(of: Traits, rows: Ints | Mask) -> Traits:
    """Traits of some histories."""
    return Traits(*(getattr(of, field.name)[rows] for field in fields(of)))


def stack_designs(parts: list[Design]) -> Design:
    """Several designs as one."""
    return Design(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Design)))


def lesson(parts: list[tuple[Bundle, Ints, Floats]], pooled: Floats) -> Lesson:
    """Cases of several bundles, ``(bundle, rows, typical paces)`` each, weighted by whether they are real time.

    ``pooled`` are the benchmark's quantiles (`toy_quantiles`).
    """
    designs, weights, kinds = [], [], []
    for part, rows, typical in parts:
        at = part.row[rows]
        designs.append(part.design(rows, typical, pooled))
        weights.append(np.full(len(rows), 1.0 if part.real_time else ROLLING_WEIGHT))
        kinds.append(np.where(part.traits.pace[at] > 0, 0, np.where(typical[at] > 0, 1, 2)))
    cases, weight, kind = stack_designs(designs), np.concatenate(weights), np.concatenate(kinds)
    return Lesson(cases.take(kind == 0), weight[kind == 0], cases.take(kind == 1), weight[kind == 1], pooled)


def toy_quantiles(parts: list[tuple[Bundle, Ints]]) -> Floats:
    """The benchmark: pooled quantiles of (truth - last value) / (mean yearly change x horizon).

    From the first of ``parts`` (bundle, rows) alone if it has `TOY_CASES` cases of moving histories, else from all.
    """
    scaled = [_scaled(part, rows) for part, rows in parts]
    chosen = scaled[0] if len(scaled[0]) >= TOY_CASES else np.concatenate(scaled)
    return weighted_quantiles(chosen, np.ones(len(chosen)), LEVELS)


def _scaled(part: Bundle, rows: Ints) -> Floats:
    at = part.row[rows]
    moving = part.pace[at] > 0
    at, rows = at[moving], rows[moving]
    scaled: Floats = (part.truth[rows] - part.now[at]) / part.pace[at] / part.horizon[rows]
    return scaled

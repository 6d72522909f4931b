"""From cases to a model: which past errors teach, and with what weight."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import polars as pl

from serai.assess.projection.cases import Cases
from serai.assess.projection.design import Design, Traits, design, paces, traits
from serai.assess.projection.histories import KEY, Floats, Histories, Ints, Mask, Strings
from serai.assess.projection.limits import bounds_of
from serai.assess.projection.model import LEVELS, Model, fit, weighted_quantiles

ROLLING_WEIGHT = 0.1
"""Weight of a rolling-origin outcome (revised data) against one that was really waited for."""
ROLLING_CASES = 25_000
"""Rolling-origin cases taken; more change nothing but the time."""
TOY_CASES = 200
"""Real outcomes from which on the benchmark's residuals are taken from them alone."""


@dataclass(frozen=True)
class Bundle:
    """Cases with everything the model needs to know of them, ready to be cut by area and date."""

    traits: Traits
    lower: Floats
    upper: Floats
    row: Ints
    horizon: Ints
    truth: Floats
    known: np.ndarray
    real_time: bool

    @property
    def area(self) -> Strings:
        """Area of each case."""
        return self.traits.area[self.row]

    def forecast(self, model: Model, rows: Ints, typical: Floats) -> Floats:
        """Predictive quantiles at `LEVELS` of the cases ``rows``, unit of the series, inside the bounds."""
        at = self.row[rows]
        cases = self.design(rows, typical)
        paced = paces(self.traits, typical)[at]
        calm = self.traits.pace[at] == 0
        known = (typical[at] > 0)[:, None]
        ahead = np.where(calm[:, None], model.still_quantiles(cases) * known, model.quantiles(cases))
        now = self.traits.now[at][:, None]
        quantiles: Floats = np.clip(now + ahead * paced[:, None], *self.bounds(at))
        return quantiles

    def bounds(self, at: Ints) -> tuple[Floats, Floats]:
        """Lower and upper bound of histories ``at``, (m, 1) each; a bound the history itself passes is none."""
        now = self.traits.now[at]
        lower = np.where(now < self.lower[at], -np.inf, self.lower[at])
        upper = np.where(now > self.upper[at], np.inf, self.upper[at])
        return lower[:, None], upper[:, None]

    def design(self, rows: Ints, typical: Floats) -> Design:
        """The cases ``rows`` as the model takes them."""
        return design(
            self.traits, self.row[rows], self.horizon[rows], self.truth[rows], typical, real_time=self.real_time
        )


def bundle(cases: Cases, limits: pl.DataFrame, *, real_time: bool) -> Bundle:
    """Describe the histories of ``cases``; those without a case are dropped, except for real time."""
    histories, row = cases.histories, cases.row
    if not real_time:
        used, row = np.unique(cases.row, return_inverse=True)
        histories = histories.take(used)
    lower, upper = bounds_of(histories.keys, limits)
    return Bundle(
        traits(histories, upper), lower, upper, row.astype(np.int64), cases.horizon, cases.truth, cases.known, real_time
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


@dataclass(frozen=True)
class Lesson:
    """What one model learns from: cases of moving histories and of constant ones, each with its weight."""

    moving: Design
    weights: Floats
    still: Design
    still_weights: Floats

    def learn(self, start: Model | None = None) -> Model:
        """The model these cases teach."""
        return fit(self.moving, self.weights, self.still, self.still_weights, start)


def lesson(parts: list[tuple[Bundle, Ints, Floats]]) -> Lesson:
    """Cases of several bundles, ``(bundle, rows, typical paces)`` each, weighted by whether they are real time."""
    designs, weights, still = [], [], []
    for part, rows, typical in parts:
        designs.append(part.design(rows, typical))
        weights.append(np.full(len(rows), 1.0 if part.real_time else ROLLING_WEIGHT))
        own = part.traits.pace[part.row[rows]]
        still.append(np.where(own > 0, 0, np.where(typical[part.row[rows]] > 0, 1, 2)))
    cases, weight, kind = stack_designs(designs), np.concatenate(weights), np.concatenate(still)
    return Lesson(cases.take(kind == 0), weight[kind == 0], cases.take(kind == 1), weight[kind == 1])


def toy_quantiles(outcome: Floats, horizon: Ints, real: Mask) -> Floats:
    """The benchmark: pooled quantiles of (truth - last value) / (mean yearly change x horizon), real outcomes first."""
    rows = real if real.sum() >= TOY_CASES else np.ones(len(outcome), dtype=bool)
    scaled = outcome[rows] / horizon[rows]
    return weighted_quantiles(scaled, np.ones(len(scaled)), LEVELS)

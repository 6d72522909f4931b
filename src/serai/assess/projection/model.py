"""The error model: where the truth usually lies around a weighted average of members, and how far from it.

A Student-t regression of past outcomes sets the members' weights and the scale of the error (robust: a third of all
outcomes are revisions or redefinitions no method foresees). How volatile a series is, beyond what its own few points
tell, is pooled from other areas. Bands are then quantiles of past standardised errors, so they are measured, not
assumed: normalised conformal prediction, by horizon band and nature (Lei et al. 2018; Vovk et al. 2005, ch. 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from scipy.optimize import minimize

from serai.assess.projection.design import SCALE_FEATURES, Design
from serai.assess.projection.histories import Floats, Ints, Strings

LEVELS: Floats = np.array([0.025, 0.05, *np.arange(2, 19) / 20, 0.95, 0.975])
"""Levels of the predictive quantiles kept; 0.1 and 0.9 bound the 80 % band, the outermost the 95 % band."""
BANDS = ((1, 2), (3, 4), (5, 6), (7, 10), (11, 99))
BAND_NAMES = ("1-2", "3-4", "5-6", "7-10", "11+")
GROUP_NAMES = ("C+CA", "M+E", "G")
NU = 2.0
"""Degrees of freedom of the Student t: heavy tails, because outcomes have them."""
FLOOR = 0.03
"""Least scale, in paces: outcomes equal to the last value would otherwise promise certainty."""
RIDGE = 1e-3
BORROWED = 200.0
"""A cell's quantiles are averaged with its band's (and those with all) as if the latter were so many outcomes."""
SHARED = 4.0
"""A series' own scale counts fully when many more areas than this have it."""
RANK = 0.7
"""Rank of the absolute errors that measures a series' scale: high enough to see the bands, low enough to be stable."""


def band_index(horizon: Ints) -> Ints:
    """Place of each horizon in `BANDS`."""
    place = np.digitize(horizon, [low for low, _ in BANDS[1:]]).astype(np.int64)
    return np.asarray(place, dtype=np.int64)


def cell_index(horizon: Ints, group: Strings) -> Ints:
    """Place of each case in the table of cells: band by band, natures within, the last for any other nature."""
    place = np.full(len(group), len(GROUP_NAMES))
    for number, name in enumerate(GROUP_NAMES):
        place[group == name] = number
    return band_index(horizon) * (len(GROUP_NAMES) + 1) + place


def weighted_quantiles(values: Floats, weights: Floats, levels: Floats) -> Floats:
    """Quantiles of weighted ``values`` at ``levels``, interpolated between mid-ranks."""
    order = np.argsort(values, kind="stable")
    heap = np.cumsum(weights[order]) - weights[order] / 2
    quantiles: Floats = np.interp(levels * weights.sum(), heap, values[order])
    return quantiles


@dataclass(frozen=True)
class Model:
    """What past errors have taught. Immutable; all in paces of a history."""

    location: Floats
    """Weights of the members, shape (members,)."""
    spread: Floats
    """Coefficients of the log scale on `SCALE_FEATURES`."""
    cells: Floats
    """Quantiles of standardised errors, shape (bands x (natures + 1), levels)."""
    still: Floats
    """Quantiles of changes after a constant history, per typical pace of the series, shape (bands, levels)."""
    shifts: Mapping[str, float] = field(default_factory=dict)
    """Log scale of a series against what its histories alone would say."""

    def centre(self, cases: Design) -> Floats:
        """Weighted average of the members, shape (m,), paces from the last value."""
        moved: Floats = cases.location @ self.location
        return moved

    def scale(self, cases: Design) -> Floats:
        """Scale of the error, shape (m,), paces."""
        shift = np.array([self.shifts.get(name, 0.0) for name in cases.series])
        scale: Floats = _scale(cases.spread @ self.spread) * np.exp(shift)
        return scale

    def still_quantiles(self, cases: Design) -> Floats:
        """Predictive quantiles after constant histories, shape (m, levels), typical paces from the last value."""
        quantiles: Floats = self.still[band_index(cases.horizon)]
        return quantiles

    def quantiles(self, cases: Design) -> Floats:
        """Predictive quantiles at `LEVELS`, shape (m, levels), paces from the last value."""
        cell = self.cells[cell_index(cases.horizon, cases.group)]
        return self.centre(cases)[:, None] + self.scale(cases)[:, None] * cell


def _scale(log_scale: Floats) -> Floats:
    scale: Floats = np.sqrt(np.exp(2 * np.clip(log_scale, -12, 12)) + FLOOR**2)
    return scale


def student(cases: Design, weights: Floats, start: Floats | None = None) -> tuple[Floats, Floats]:
    """Location and scale coefficients that maximise the weighted Student-t likelihood of the outcomes.

    Minimised by L-BFGS from ``start`` (or zero) with analytic gradient and a small ridge; deterministic.
    """
    x, z, outcome = cases.location, cases.spread, cases.outcome
    members, share = x.shape[1], weights / weights.sum()

    def loss(at: Floats) -> tuple[float, Floats]:
        miss = outcome - x @ at[:members]
        spread = np.exp(2 * np.clip(z @ at[members:], -12, 12))
        square = spread + FLOOR**2
        ratio = miss**2 / (NU * square)
        value = share @ (0.5 * np.log(square) + (NU + 1) / 2 * np.log1p(ratio)) + RIDGE * (at @ at)
        by_centre = -(NU + 1) * miss / (NU * square) / (1 + ratio)
        by_square = 0.5 / square - (NU + 1) / 2 * ratio / square / (1 + ratio)
        slope = np.concatenate([x.T @ (share * by_centre), z.T @ (share * by_square * 2 * spread)])
        return float(value), slope + 2 * RIDGE * at

    first = np.zeros(members + z.shape[1]) if start is None else start
    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": 120, "ftol": 1e-7}).x
    return found[:members], found[members:]


def series_scales(size: Floats, weights: Floats, cases: Design) -> tuple[dict[str, float], Floats]:
    """Log scale of each series from the areas that have it, and for each case the same without its own area.

    Per series and area: log of the weighted `RANK` quantile of standardised errors ``size``; averaged over areas,
    shrunk towards 0 as if `SHARED` more areas had shown nothing.
    """
    frame = pl.DataFrame({"series": cases.series, "area": cases.area, "size": size, "weight": weights})
    heap = pl.col("weight").cum_sum() / pl.col("weight").sum()
    ordered = frame.sort("series", "area", "size").with_columns(heap.over("series", "area").alias("rank"))
    each = ordered.filter(pl.col("rank") >= RANK - 1e-9).group_by("series", "area").agg(pl.col("size").first())
    usual = float(weighted_quantiles(size, weights, np.array([RANK]))[0])
    each = each.with_columns(log=((pl.col("size") + 0.01) / (usual + 0.01)).log().clip(-2.5, 2.5)).sort(
        "series", "area"
    )
    total, count = pl.col("log").sum().over("series"), pl.len().over("series")
    each = each.with_columns(all=total / (count + SHARED), others=(total - pl.col("log")) / (count - 1 + SHARED))
    apart = frame.join(each, on=["series", "area"], how="left", maintain_order="left")["others"].fill_null(0.0)
    pooled = each.unique("series", keep="first", maintain_order=True).select("series", "all")
    return dict(pooled.iter_rows()), apart.to_numpy()


def cell_table(errors: Floats, weights: Floats, horizon: Ints, group: Strings) -> Floats:
    """Quantiles of standardised errors per cell, each averaged with its band's, and those with all."""
    everything = weighted_quantiles(errors, weights, LEVELS)
    band, cell, width = band_index(horizon), cell_index(horizon, group), len(GROUP_NAMES) + 1
    rows = []
    for number in range(len(BANDS)):
        at_band = _borrow(errors, weights, band == number, everything)
        rows += [_borrow(errors, weights, cell == number * width + place, at_band) for place in range(width - 1)]
        rows.append(at_band)
    return np.array(rows)


def _borrow(errors: Floats, weights: Floats, here: Floats | np.ndarray, other: Floats) -> Floats:
    mass = float(weights[here].sum())
    if mass == 0:
        return other
    own = weighted_quantiles(errors[here], weights[here], LEVELS)
    mixed: Floats = (own * mass + other * BORROWED) / (mass + BORROWED)
    return mixed


def still_table(outcome: Floats, weights: Floats, horizon: Ints) -> Floats:
    """Quantiles of change after constant histories (in typical paces), per band; zero where none was seen."""
    if len(outcome) == 0:
        return np.zeros((len(BANDS), len(LEVELS)))
    everything = weighted_quantiles(outcome, weights, LEVELS)
    band = band_index(horizon)
    return np.array([_borrow(outcome, weights, band == number, everything) for number in range(len(BANDS))])


def fit(cases: Design, weights: Floats, still: Design, still_weights: Floats, start: Model | None = None) -> Model:
    """Learn from cases (moving histories) and ``still`` ones (constant histories), each with its weight."""
    begin = None if start is None else np.concatenate([start.location, start.spread])
    location, spread = student(cases, weights, begin)
    errors = (cases.outcome - cases.location @ location) / _scale(cases.spread @ spread)
    shifts, apart = series_scales(np.abs(errors), weights, cases)
    cells = cell_table(errors / np.exp(apart), weights, cases.horizon, cases.group)
    calm = still_table(still.outcome, still_weights, still.horizon)
    return Model(location, spread, cells, calm, shifts)


def coefficients(model: Model) -> dict[str, float]:
    """The scale coefficients by name, for reading."""
    return dict(zip(SCALE_FEATURES, model.spread.tolist(), strict=True))

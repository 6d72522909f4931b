"""The error model: where the truth usually lies around a weighted average of members, and how far from it.

1. A Student-t regression of past outcomes sets the members' weights and the scale of the error (robust: many outcomes
   are revisions or redefinitions that no method foresees).
2. How wild a series is, beyond what its own few points tell, and where its errors lie, is pooled from other areas.
3. Bands are quantiles of past standardised errors, stretched until they really held in their horizon band and nature:
   measured, not assumed (normalised conformal prediction; Lei et al. 2018, Romano et al. 2019).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from scipy.optimize import minimize

from serai.assess.projection.design import FAR, SCALE_FEATURES, Design
from serai.assess.projection.histories import Floats, Ints, Mask, Strings
from serai.assess.projection.levels import LEVELS, misses, stretched, weighted_quantiles
from serai.assess.projection.members import MEMBERS

BANDS = ((1, 2), (3, 4), (5, 6), (7, 10), (11, 99))
BAND_NAMES = ("1-2", "3-4", "5-6", "7-10", "11+")
GROUP_NAMES = ("C+CA", "M+E", "G")
NU = 2.0
"""Degrees of freedom of the Student t: heavy tails, because outcomes have them."""
FLOOR = 0.03
"""Least scale, in paces: outcomes equal to the last value would otherwise promise certainty."""
RIDGE = 1e-3
PRIOR_WIDENING = {"real_time": 1.4, "real_time_model_output": 2.0}
"""What waiting adds to errors within one release until outcomes tell, more so where each release is modelled anew."""
PRIOR_OUTCOMES = 300.0
"""The prior on real time counts as so many outcomes."""
BORROWED = 200.0
"""A cell's quantiles are averaged with its band's (and those with all) as if the latter were so many outcomes."""
SHARED = 8.0
"""A series' own scale counts fully when many more areas than this have it."""
FELLOWS = 60.0
"""A series' own quantiles count half when so many areas have it (towards the tails: more)."""
RANK = 0.7
"""Rank of the absolute errors that measures a series' scale: high enough to see the bands, low enough to be stable."""
Own = Mapping[str, tuple[float, Floats]]
BLEND = 0.4
"""Part of the benchmark in the bands of what is waited for: it knows nothing of a series, and errs on no side."""


def band_index(horizon: Ints) -> Ints:
    """Place of each horizon in `BANDS`."""
    place: Ints = np.zeros(len(horizon), dtype=np.int64)
    for low, _ in BANDS[1:]:
        place += horizon >= low
    return place


def cell_index(horizon: Ints, group: Strings) -> Ints:
    """Place of each case in the table of cells: band by band, natures within, the last for any other nature."""
    place: Ints = np.full(len(group), len(GROUP_NAMES), dtype=np.int64)
    for number, name in enumerate(GROUP_NAMES):
        place[group == name] = number
    return place + band_index(horizon) * (len(GROUP_NAMES) + 1)


@dataclass(frozen=True)
class Model:
    """What past errors have taught. Immutable; all in paces of a history."""

    location: Floats
    """Weights of the members on revised data, then on outcomes waited for, shape (2 x members,)."""
    spread: Floats
    """Coefficients of the log scale on `SCALE_FEATURES`."""
    cells: Floats
    """Quantiles of standardised errors, shape (bands x (natures + 1), levels)."""
    still: Floats
    """Quantiles of changes after a constant history, per typical pace of the series, shape (bands, levels)."""
    stretch: Floats
    """What the 80 % and the 95 % band have to be multiplied by to hold in their cell, shape (cells, 2)."""
    pooled: Floats
    """The benchmark's quantiles: (truth - last value) / (mean yearly change x horizon), unit of the series."""
    scales: Mapping[str, float] = field(default_factory=dict)
    """Log scale of a series against what its histories alone would say."""
    near: Own = field(default_factory=dict)
    far: Own = field(default_factory=dict)
    """Per series: in how many areas errors were seen, and their standardised quantiles. `near` is of outcomes waited
    for, `far` (from `FAR` years ahead on, where those are few) of all."""

    def centre(self, cases: Design) -> Floats:
        """Weighted average of the members, shape (m,), paces from the last value."""
        return combined(cases.location, self.location)

    def scale(self, cases: Design) -> Floats:
        """Scale of the error, shape (m,), paces."""
        own = np.array([self.scales.get(name, 0.0) for name in cases.series])
        scale: Floats = _scale(combined(cases.spread, self.spread)) * np.exp(own)
        return scale

    def standard(self, cases: Design) -> Floats:
        """Quantiles of the standardised error (m, levels): the cell's, averaged with the series' own."""
        names, which = np.unique(cases.series.astype(str), return_inverse=True)
        far = (cases.horizon >= FAR) | ~cases.live
        nothing = (0.0, np.zeros(len(LEVELS)))
        found = [[table.get(name, nothing) for name in names] for table in (self.near, self.far)]
        areas = np.array([[count for count, _ in table] for table in found])[far.astype(int), which]
        series = np.array([[quantiles for _, quantiles in table] for table in found])[far.astype(int), which]
        trust = areas[:, None] / (areas[:, None] + FELLOWS / (4 * LEVELS * (1 - LEVELS)))
        mixed: Floats = (1 - trust) * self.cells[cell_index(cases.horizon, cases.group)] + trust * series
        return mixed

    def misses(self, cases: Design) -> Floats:
        """Distance of each outcome from the median in half-widths of the raw 80 % and 95 % bands, shape (m, 2)."""
        return misses(self.standard(cases), (cases.outcome - self.centre(cases)) / self.scale(cases))

    def quantiles(self, cases: Design) -> Floats:
        """Predictive quantiles at `LEVELS`, shape (m, levels), paces from the last value."""
        held = stretched(self.standard(cases), self.stretch[cell_index(cases.horizon, cases.group)])
        return self.centre(cases)[:, None] + self.scale(cases)[:, None] * held

    def still_quantiles(self, cases: Design) -> Floats:
        """Predictive quantiles after constant histories, shape (m, levels), typical paces from the last value."""
        quantiles: Floats = self.still[band_index(cases.horizon)]
        return quantiles


def combined(columns: Floats, weights: Floats) -> Floats:
    """``columns @ weights``, in one thread: the same bytes on any machine, and no waiting for a second core."""
    total: Floats = np.einsum("ij,j->i", columns, weights)
    return total


def _scale(log_scale: Floats) -> Floats:
    scale: Floats = np.sqrt(np.exp(2 * np.clip(log_scale, -12, 12)) + FLOOR**2)
    return scale


def _prior(weight: float) -> tuple[Floats, Floats]:
    """Where the ridge pulls each coefficient (members, then scale), and how hard per unit of mean loss.

    Members are pulled to 0, the last value; the scale in real time to `PRIOR_WIDENING`.
    """
    names = [*[("revised", name) for name in MEMBERS], *[("waited", name) for name in MEMBERS]]
    names += [("scale", name) for name in SCALE_FEATURES]
    real = np.array([part == "waited" or name.startswith("real_time") for part, name in names])
    at = np.array([np.log(PRIOR_WIDENING.get(name, 1.0)) for _, name in names])
    return at, RIDGE + real * PRIOR_OUTCOMES / 2 / weight


def student(cases: Design, weights: Floats, start: Floats | None = None) -> tuple[Floats, Floats]:
    """Location and scale coefficients that maximise the weighted Student-t likelihood of the outcomes.

    Minimised by L-BFGS from ``start`` (or the prior) with analytic gradient and a ridge; deterministic.
    """
    x, z, outcome = cases.location, cases.spread, cases.outcome
    members, share = x.shape[1], weights / weights.sum()
    prior, pull = _prior(float(weights.sum()))

    def loss(at: Floats) -> tuple[float, Floats]:
        miss = outcome - combined(x, at[:members])
        spread = np.exp(2 * np.clip(combined(z, at[members:]), -12, 12))
        square = spread + FLOOR**2
        ratio = miss**2 / (NU * square)
        away = at - prior
        value = (share * (0.5 * np.log(square) + (NU + 1) / 2 * np.log1p(ratio))).sum() + (pull * away**2).sum()
        by_centre = -(NU + 1) * miss / (NU * square) / (1 + ratio)
        by_square = 0.5 / square - (NU + 1) / 2 * ratio / square / (1 + ratio)
        slope = np.concatenate(
            [np.einsum("ij,i->j", x, share * by_centre), np.einsum("ij,i->j", z, share * by_square * 2 * spread)]
        )
        return float(value), slope + 2 * pull * away

    first = prior if start is None else start
    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": 80, "ftol": 1e-6}).x
    return found[:members], found[members:]


def series_scales(size: Floats, weights: Floats, cases: Design) -> tuple[dict[str, float], Floats]:
    """Log scale of each series from the areas that have it, and for each case the same without its own area.

    Per series and area: log of the weighted `RANK` quantile of standardised errors ``size``; averaged over areas,
    shrunk towards 0 as if `SHARED` more areas had shown nothing.
    """
    frame = pl.DataFrame({"series": cases.series, "area": cases.area, "size": size, "weight": weights})
    heap = pl.col("weight").cum_sum() / pl.col("weight").sum()
    ordered = frame.sort("series", "area", "size").with_columns(heap.over("series", "area").alias("rank"))
    kept = ordered.filter(pl.col("rank") >= RANK - 1e-9)
    each = kept.group_by("series", "area", maintain_order=True).agg(pl.col("size").first())
    usual = float(weighted_quantiles(size, weights, np.array([RANK]))[0])
    each = each.with_columns(log=((pl.col("size") + 0.01) / (usual + 0.01)).log().clip(-2.5, 2.5))
    total, count = pl.col("log").sum().over("series"), pl.len().over("series")
    each = each.with_columns(all=total / (count + SHARED), others=(total - pl.col("log")) / (count - 1 + SHARED))
    apart = frame.join(each, on=["series", "area"], how="left", maintain_order="left")["others"].fill_null(0.0)
    pooled = each.unique("series", keep="first", maintain_order=True).select("series", "all")
    return dict(pooled.iter_rows()), apart.to_numpy()


def series_quantiles(errors: Floats, weights: Floats, cases: Design) -> dict[str, tuple[float, Floats]]:
    """Areas and quantiles of the standardised errors of each series."""
    if len(cases) == 0:
        return {}
    order = np.argsort(cases.series, kind="stable")
    names, first = np.unique(cases.series[order].astype(str), return_index=True)
    parts = zip(names, np.split(order, first[1:]), strict=True)
    return {
        str(name): (float(len(set(cases.area[rows]))), weighted_quantiles(errors[rows], weights[rows], LEVELS))
        for name, rows in parts
    }


def cell_table(errors: Floats, weights: Floats, horizon: Ints, group: Strings) -> Floats:
    """Quantiles of ``errors`` per cell, each averaged with its band's, and those with all."""
    everything = weighted_quantiles(errors, weights, LEVELS)
    band, cell, width = band_index(horizon), cell_index(horizon, group), len(GROUP_NAMES) + 1
    rows = []
    for number in range(len(BANDS)):
        at_band = _borrow(errors, weights, band == number, everything)
        rows += [_borrow(errors, weights, cell == number * width + place, at_band) for place in range(width - 1)]
        rows.append(at_band)
    return np.array(rows)


def _borrow(errors: Floats, weights: Floats, here: Mask, other: Floats, levels: Floats = LEVELS) -> Floats:
    mass = float(weights[here].sum())
    if mass == 0:
        return other
    own = weighted_quantiles(errors[here], weights[here], levels)
    mixed: Floats = (own * mass + other * BORROWED) / (mass + BORROWED)
    return mixed


def stretch_table(missed: Floats, weights: Floats, horizon: Ints, group: Strings) -> Floats:
    """Factors that make the 80 % and 95 % bands hold, per cell; borrowed like quantiles. Shape (cells, 2)."""
    band, cell, width = band_index(horizon), cell_index(horizon, group), len(GROUP_NAMES) + 1
    columns = []
    for column, level in enumerate((0.8, 0.95)):
        one, miss = np.array([level]), missed[:, column]
        everything, rows = weighted_quantiles(miss, weights, one), []
        for number in range(len(BANDS)):
            at_band = _borrow(miss, weights, band == number, everything, one)
            cells = [cell == number * width + place for place in range(width - 1)]
            rows += [_borrow(miss, weights, here, at_band, one) for here in cells]
            rows.append(at_band)
        columns.append(np.array(rows)[:, 0])
    return np.column_stack(columns)


def still_table(outcome: Floats, weights: Floats, horizon: Ints) -> Floats:
    """Quantiles of change after constant histories (in typical paces), per band; zero where none was seen."""
    if len(outcome) == 0:
        return np.zeros((len(BANDS), len(LEVELS)))
    everything = weighted_quantiles(outcome, weights, LEVELS)
    band = band_index(horizon)
    return np.array([_borrow(outcome, weights, band == number, everything) for number in range(len(BANDS))])


@dataclass(frozen=True)
class Lesson:
    """What one model learns from: cases of moving histories and of constant ones, each with its weight."""

    moving: Design
    weights: Floats
    still: Design
    still_weights: Floats
    pooled: Floats
    """Pooled quantiles of outcomes per mean yearly change x horizon, at `LEVELS` (`teach.toy_quantiles`)."""

    def learn(self, start: Model | None = None) -> Model:
        """The model these cases teach; ``start`` is a model near by, to begin the search from."""
        cases, weights = self.moving, self.weights
        begin = None if start is None else np.concatenate([start.location, start.spread])
        location, spread = student(cases, weights, begin)
        errors = (cases.outcome - combined(cases.location, location)) / _scale(combined(cases.spread, spread))
        scales, apart = series_scales(np.abs(errors), weights, cases)
        cells = cell_table(errors / np.exp(apart), weights, cases.horizon, cases.group)
        standard = errors / np.exp(np.array([scales[name] for name in cases.series]))
        live = np.flatnonzero(cases.live)
        near = series_quantiles(standard[live], weights[live], cases.take(live))
        far = series_quantiles(standard, weights, cases)
        calm = still_table(self.still.outcome, self.still_weights, self.still.horizon)
        raw = Model(location, spread, cells, calm, np.ones((len(cells), 2)), self.pooled, scales, near, far)
        stretch = stretch_table(raw.misses(cases), weights, cases.horizon, cases.group)
        return replace(raw, stretch=stretch)

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
BORROWED = 16.0
"""A cell's median is averaged with its band's (and that with all) as if the latter were so many series; towards the
tails, of which a series says less, as if more: over the root of 4 p (1 - p)."""
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

    def raw(self, cases: Design) -> Floats:
        """Quantiles before they are stretched (m, levels), paces from the last value: blended with the benchmark."""
        own = self.centre(cases)[:, None] + self.scale(cases)[:, None] * self.standard(cases)
        near = (cases.live & (cases.horizon < FAR))[:, None]
        blended: Floats = np.where(near, (1 - BLEND) * own + BLEND * cases.benchmark, own)
        return blended

    def misses(self, cases: Design) -> Floats:
        """Distance of each outcome from the median in half-widths of the raw 80 % and 95 % bands, shape (m, 2)."""
        return misses(self.raw(cases), cases.outcome)

    def quantiles(self, cases: Design) -> Floats:
        """Predictive quantiles at `LEVELS`, shape (m, levels), paces from the last value."""
        return stretched(self.raw(cases), self.stretch[cell_index(cases.horizon, cases.group)])

    def pool(self, errors: Floats, weights: Floats, cases: Design) -> Model:
        """This model with what the standardised ``errors`` (m,) of ``cases`` tell of series and of cells."""
        scales, apart = series_scales(np.abs(errors), weights, cases)
        cells = cell_table(errors / np.exp(apart), weights, cases)
        standard = errors / np.exp(np.array([scales[name] for name in cases.series]))
        live = np.flatnonzero(cases.live)
        near = series_quantiles(standard[live], weights[live], cases.take(live))
        far = series_quantiles(standard, weights, cases)
        return replace(self, cells=cells, scales=scales, near=near, far=far)

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


NAMES = (
    *[("revised", name) for name in MEMBERS],
    *[("waited", name) for name in MEMBERS],
    *[("scale", name) for name in SCALE_FEATURES],
)
"""Part and name of every coefficient, in the order they are fitted and kept."""


def _prior(weight: float) -> tuple[Floats, Floats]:
    """Where the ridge pulls each coefficient, and how hard per unit of mean loss.

    Members are pulled to 0, the last value; the scale in real time to `PRIOR_WIDENING`.
    """
    real = np.array([part == "waited" or name.startswith("real_time") for part, name in NAMES])
    at = np.array([np.log(PRIOR_WIDENING.get(name, 1.0)) for _, name in NAMES])
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


def cell_table(errors: Floats, weights: Floats, cases: Design) -> Floats:
    """Quantiles of ``errors`` per cell, each averaged with its band's, and those with all: (cells, levels)."""
    tails = np.minimum(np.minimum(LEVELS, 1 - LEVELS), 0.1)
    made = np.empty((len(BANDS) * (len(GROUP_NAMES) + 1), len(LEVELS)))
    for tail in np.unique(tails.round(3)):
        columns = np.isclose(tails, tail)
        made[:, columns] = by_cell(errors, weights, cases, LEVELS[columns], float(tail))
    return np.sort(made, axis=1)


def stretch_table(missed: Floats, weights: Floats, cases: Design) -> Floats:
    """Factors that make the 80 % and 95 % bands hold, per cell; borrowed like their bounds. Shape (cells, 2)."""
    bands = ((0.8, 0.1), (0.95, 0.025))
    columns = [
        by_cell(missed[:, at], weights, cases, np.array([level]), tail) for at, (level, tail) in enumerate(bands)
    ]
    return np.hstack(columns)


def by_cell(values: Floats, weights: Floats, cases: Design, levels: Floats, tail: float) -> Floats:
    """Weighted quantiles of ``values`` (m,) at ``levels`` per cell, borrowing from wider ones, shape (cells, levels).

    ``tail`` is the share beyond the levels, which says how much is borrowed. All, then the band, then the nature in it;
    of each, nearer than `FAR`, rather those that were waited for.
    """
    order = np.argsort(values, kind="stable")
    values, weights, horizon = values[order], weights[order], cases.horizon[order]
    band, cell = band_index(horizon), cell_index(horizon, cases.group[order])
    width, near = len(GROUP_NAMES) + 1, cases.live[order] & (horizon < FAR)
    series = cases.series_code[order]
    lent = BORROWED / np.sqrt(4 * tail * (1 - tail))

    def narrow(here: Mask, wider: Floats) -> Floats:
        return borrowed(weights, series, near & here, borrowed(weights, series, here, wider, lent), lent)

    everything, made = weights / weights.sum(), []
    for number in range(len(BANDS)):
        at_band = narrow(band == number, everything)
        made += [narrow(cell == number * width + place, at_band) for place in range(width - 1)]
        made.append(at_band)
    return np.array([weighted_quantiles(values, mixed, levels, in_order=True) for mixed in made])


def borrowed(weights: Floats, series: Ints, here: Mask, wider: Floats, lent: float = BORROWED) -> Floats:
    """Weights (m,), summing to 1, of the cases ``here`` mixed with ``wider`` ones by how many series speak here.

    ``lent`` is the number of series that the wider cases count as.
    """
    mass = effective(weights[here], series[here])
    if mass == 0:
        return wider
    own = np.where(here, weights, 0.0)
    mixed: Floats = (own / own.sum() * mass + wider * lent) / (mass + lent)
    return mixed


def effective(weights: Floats, series: Ints) -> float:
    """Number of series that so many outcomes are worth (Kish): (sum of weights)^2 / sum of squares over series.

    Areas' errors of one series move together, as one release of one model gives them all: many outcomes of few series
    tell little.
    """
    total = np.bincount(series, weights) if len(series) else np.zeros(1)
    square = float((total**2).sum())
    return float(total.sum()) ** 2 / square if square > 0 else 0.0


def still_table(cases: Design, weights: Floats) -> Floats:
    """Quantiles of change after constant histories (in typical paces), per band; zero where none was seen."""
    if len(cases) == 0:
        return np.zeros((len(BANDS), len(LEVELS)))
    band, everything = band_index(cases.horizon), weights / weights.sum()
    mixed = [borrowed(weights, cases.series_code, band == number, everything) for number in range(len(BANDS))]
    return np.array([weighted_quantiles(cases.outcome, share, LEVELS) for share in mixed])


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
        calm = still_table(self.still, self.still_weights)
        flat = np.ones((len(BANDS) * (len(GROUP_NAMES) + 1), 2))
        fitted = Model(location, spread, flat[:, :0], calm, flat, self.pooled)
        missed = np.empty((len(cases), 2))
        for held, rest in folds(cases):
            others = fitted.pool(errors[rest], weights[rest], cases.take(rest))
            missed[held] = others.misses(cases.take(held))
        whole = fitted.pool(errors, weights, cases)
        return replace(whole, stretch=stretch_table(missed, weights, cases))


FOLDS = (4, 3)
"""Groups of areas, and of days of publication, that are held out in turn to measure how the bands hold."""


def folds(cases: Design) -> list[tuple[Mask, Mask]]:
    """Pairs of masks: the cases held out, and those that teach meanwhile: other areas, and other days of publication.

    A release brings errors that its areas share; what it brings next is not known from what it brought. Outcomes read
    off revised data share one release and are told apart by area only. Where nothing is left, all teach.
    """
    _, area = np.unique(cases.area.astype(str), return_inverse=True)
    _, day = np.unique(cases.known, return_inverse=True)
    group, block = area % FOLDS[0], day * FOLDS[1] // (day.max(initial=0) + 1)
    pairs = []
    for at in range(FOLDS[0]):
        for when in range(FOLDS[1]):
            held = (group == at) & ((block == when) | ~cases.live if when == 0 else (block == when) & cases.live)
            rest = (group != at) & ((block != when) | ~cases.live)
            if held.any():
                pairs.append((held, rest if rest.any() else np.ones(len(cases), dtype=bool)))
    return pairs

"""What the error model sees of a case: how far each member moves, and what makes a forecast of it more or less sure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import polars as pl

from serai.assess.projection.histories import Floats, Ints, Mask, Strings, groups
from serai.assess.projection.members import LAGS, RECENT, best_smoothing, damped, line, paths, steps
from serai.assess.projection.revision import revised_of

SCALE_FEATURES = (
    "constant",
    "log_horizon",
    "log_horizon_squared",
    "change_10_years",
    "change_5_years",
    "change_2_years",
    "root_mean_square_change",
    "line_residual",
    "smoothing_error",
    "log_points",
    "inverse_points",
    "relative_pace",
    "relative_pace_squared",
    "share_unchanged",
    "autocorrelation",
    "drift",
    "share",
    "share_level",
    "typical_pace",
    "country_figure",
    "model_output",
    "real_time",
    "real_time_log_horizon",
    "real_time_model_output",
    "real_time_revised",
)


@dataclass(frozen=True)
class Traits:
    """What describes each history, computed once, on its working scale. Shape (n,) or (n, k)."""

    now: Floats
    """Last value."""
    pace: Floats
    """Mean absolute yearly change; 0 for a constant history."""
    jump: Floats
    trend: Floats
    """Members' paths in paces, shape (n, members), clipped at `LIMIT`."""
    spread: Floats
    """Scale features that do not depend on the horizon, shape (n, k)."""
    series: Strings
    """Series and slice: what is pooled across areas."""
    area: Strings
    group: Strings
    revised: Floats
    """How much new releases have been revising the series, as known at the history's release."""

    def __len__(self) -> int:
        return len(self.now)


FAR = 7
"""Years ahead from which on too few outcomes have been waited for, and revised data teach instead."""
STILL = 1e-9
"""Changes up to this are none, on a working scale."""
LIMIT = 6.0
"""A member may move at most so many paces at once, or so many a year: short histories make wild members."""


def _log(ratio: Floats) -> Floats:
    logs: Floats = np.log(np.clip(ratio, 1e-3, 1e3))
    return logs


def traits(keys: pl.DataFrame, values: Floats, share: Mask) -> Traits:
    """Describe histories: their keys, values (n, WINDOW) on the working scale, and which are shares (logits)."""
    change, years = steps(values)
    span = np.where(np.isfinite(values), LAGS, 0.0).max(axis=1)
    pace = np.nansum(np.abs(change), axis=1) / np.maximum(span, 1)
    pace = np.where(pace > STILL, pace, 0.0)
    unit = np.where(pace > 0, pace, 1.0)
    made = paths(values)
    return Traits(
        now=values[:, -1],
        pace=pace,
        jump=np.clip(made.jump / unit[:, None], -2 * LIMIT, 2 * LIMIT),
        trend=np.clip(made.trend / unit[:, None], -LIMIT, LIMIT),
        spread=np.column_stack([*_volatility(values, change, years, unit), *_shape(values, change, unit, share)]),
        series=keys.select(pl.concat_str("series", "dimensions", separator="|")).to_series().to_numpy(),
        area=keys["area"].to_numpy(),
        group=groups(keys["nature"]).to_numpy(),
        revised=revised_of(keys),
    )


def _volatility(values: Floats, change: Floats, years: Floats, pace: Floats) -> list[Floats]:
    """How far the series has moved and missed, against its pace: change_10_years to smoothing_error."""
    size, took = np.nan_to_num(np.abs(change)), np.nan_to_num(years)

    def recent(reach: int) -> Floats:
        near = reach >= LAGS
        over: Floats = (size * near).sum(axis=1) / np.maximum((took * near).sum(axis=1), 1.0)
        return over

    count = np.maximum(np.isfinite(change).sum(axis=1), 1)
    squares = np.divide(size**2, took, out=np.zeros_like(size), where=took > 0).sum(axis=1) / count
    height, slope = line(values, RECENT)
    residual = values - (height[:, None] - slope[:, None] * LAGS)
    misses = [np.sqrt(squares), np.sqrt(np.nanmean(residual**2, axis=1)), best_smoothing(values)[2]]
    return [_log(measure / pace) for measure in (recent(10), recent(5), recent(2), *misses)]


def _shape(values: Floats, change: Floats, pace: Floats, share: Mask) -> list[Floats]:
    """Length, roughness and place of a history: log_points to share_level."""
    now = values[:, -1]
    seen, observed = np.isfinite(change), np.isfinite(values)
    points, count = observed.sum(axis=1), np.maximum(seen.sum(axis=1), 1)
    step = np.nan_to_num(change)
    around = np.where(seen, step - step.sum(axis=1, keepdims=True) / count[:, None], 0.0)
    echo = (around[:, 1:] * around[:, :-1]).sum(axis=1) / np.maximum((around**2).sum(axis=1), np.finfo(float).tiny)
    relative = np.clip(np.log(pace), -9, 3)
    unchanged = (seen & (np.abs(step) <= STILL)).sum(axis=1) / count
    span = np.where(observed, LAGS, 0.0).max(axis=1)
    return [
        np.log(points),
        1 / points,
        relative,
        relative**2 / 10,
        unchanged,
        np.clip(echo, -1, 1),
        _log(np.abs(step.sum(axis=1)) / np.maximum(span, 1) / pace + 0.02),
        share.astype(np.float64),
        np.where(share, now, 0.0),
    ]


@dataclass(frozen=True)
class Design:
    """Cases as the error model takes them; everything in paces of the history. Shape (m,) or (m, k)."""

    location: Floats
    """Members' deviations from the last value, shape (m, 2 x members): on revised data, then on what is waited for."""
    spread: Floats
    """Scale features, shape (m, len(SCALE_FEATURES))."""
    benchmark: Floats
    """Quantiles of the benchmark, from the last value, shape (m, levels)."""
    outcome: Floats
    """Truth less last value."""
    horizon: Ints
    series: Strings
    area: Strings
    group: Strings
    live: Mask
    """Whether the outcome is waited for (real time), or read off revised data."""
    known: Ints
    """Day on which the outcome was published, counted from an arbitrary one."""

    def __len__(self) -> int:
        return len(self.outcome)

    @cached_property
    def series_code(self) -> Ints:
        """Number of each case's series among those there are, shape (m,)."""
        code: Ints = np.unique(self.series.astype(str), return_inverse=True)[1].astype(np.int64)
        return code

    def take(self, rows: Ints | Mask) -> Design:
        """The cases at ``rows``."""
        return Design(*(getattr(self, field.name)[rows] for field in fields(self)))


def design(
    of: Traits, row: Ints, horizon: Ints, ahead: Floats, typical: Floats, known: Ints, *, real_time: bool
) -> Design:
    """Cases put to histories ``of``: ``row`` (m,), ``horizon`` (m,).

    ``ahead`` (m, 1 + levels) is what is compared on the working scale: the truth, and the benchmark's quantiles.
    ``typical`` (n,) is the pace that the series usually has in other areas; 0 where unknown.
    """
    log_horizon = np.log(horizon)
    pace = paces(of, typical)
    usual = _log(np.where(typical > 0, typical, pace) / pace)
    modelled = (of.group == "M+E")[row].astype(np.float64)
    live = waiting(horizon) * real_time
    spread = np.column_stack(
        [
            np.ones(len(row)),
            log_horizon,
            log_horizon**2,
            of.spread[row],
            usual[row],
            (of.group == "C+CA")[row].astype(np.float64),
            modelled,
            live,
            live * log_horizon,
            live * modelled,
            live * of.revised[row],
        ]
    )
    moves = of.jump[row] + of.trend[row] * damped(horizon)[:, None]
    near = ((horizon < FAR) & real_time)[:, None]
    location = np.hstack([moves * ~near, moves * near])
    paced = (ahead - of.now[row][:, None]) / pace[row][:, None]
    of_case = (horizon, of.series[row], of.area[row], of.group[row], np.full(len(row), real_time), known)
    return Design(location, spread, paced[:, 1:], paced[:, 0], *of_case)


def waiting(horizon: Ints) -> Floats:
    """How much of what waiting adds to near errors is added so far ahead: all at 3 years, half from 10 years on.

    A revision is made once, while the years' own changes go on; few outcomes more than 6 years ahead were waited for.
    """
    share: Floats = np.interp(horizon, [3, 10], [1.0, 0.5])
    return share


def paces(of: Traits, typical: Floats) -> Floats:
    """What a history is measured in, (n,): its own pace; for a constant one the typical pace; 1 where none is known."""
    pace: Floats = np.where(of.pace > 0, of.pace, np.where(typical > 0, typical, 1.0))
    return pace


def typical_paces(usual: pl.DataFrame, of: Traits) -> Floats:
    """Pace usual for each history's series (table of `usual_paces`), shape (n,); 0 where the series is not in it."""
    keys = pl.DataFrame({"series": of.series})
    found = keys.join(usual, on="series", how="left", maintain_order="left")["pace"]
    return found.fill_null(0.0).to_numpy().astype(np.float64)


def usual_paces(of: Traits) -> pl.DataFrame:
    """Usual pace of each series and slice: ``series, pace``, the median over areas of the areas' medians."""
    moving = np.flatnonzero(of.pace > 0)
    frame = pl.DataFrame({"series": of.series[moving], "area": of.area[moving], "pace": of.pace[moving]})
    by_area = frame.group_by("series", "area").agg(pl.col("pace").median())
    return by_area.group_by("series").agg(pl.col("pace").median()).sort("series")

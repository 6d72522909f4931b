"""The two tests of the projections: what would really have been said, and how it turned out.

Real time: every release is an origin; the model is fitted on outcomes published by then, in other areas than the one
it is tried on. World: one origin in the latest release, horizons up to 2030's; labelled revised data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from serai.assess.projection.cases import RealTime, real_time, rolling
from serai.assess.projection.design import typical_paces, usual_paces
from serai.assess.projection.histories import KEY, Floats, Ints, Mask, usable
from serai.assess.projection.levels import LEVELS
from serai.assess.projection.limits import limits
from serai.assess.projection.metrics import score
from serai.assess.projection.model import BAND_NAMES, band_index
from serai.assess.projection.revision import revision_report, revisions
from serai.assess.projection.teach import (
    ROLLING_CASES,
    Bundle,
    bundle,
    current,
    lesson,
    subset,
    thin,
    toy_quantiles,
)

FOLDS = 5
"""Areas are dealt into so many groups; each is forecast by models that never saw it."""
SHOWN = {"lo95": 0.025, "lo80": 0.1, "median": 0.5, "hi80": 0.9, "hi95": 0.975}
AT = {name: int(np.argmin(np.abs(LEVELS - level))) for name, level in SHOWN.items()}
CALIBRATION_HORIZONS = range(1, 13)
FORECASTS = [
    *KEY,
    "nature_group",
    "release",
    "period",
    "horizon",
    "band",
    "last_value",
    "pace",
    "truth",
    "known",
    *AT,
    *[f"toy_{name}" for name in AT if name != "median"],
]
Told = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Backtest:
    """What a test found."""

    test: str
    """``real time`` or ``revised data``."""
    forecasts: pl.DataFrame
    """One row per forecast with its outcome; columns `FORECASTS`."""
    scores: pl.DataFrame
    """One row per horizon band and nature; columns of `metrics.score`."""
    skipped: pl.DataFrame
    """Candidate cases that are no forecasts: reason, n."""
    revision: pl.DataFrame
    """How much last values were revised, by nature (`revision.revision_report`); empty for the world test."""


def folds_of(areas: pl.Series) -> dict[str, int]:
    """The fold of every area: dealt in alphabetical order, so that it does not depend on the order of rows."""
    return {area: number % FOLDS for number, area in enumerate(areas.unique().sort().to_list())}


def forecast_table(cases: Bundle, rows: Ints, quantiles: Floats, toy: Floats, keys: pl.DataFrame) -> pl.DataFrame:
    """The forecasts ``rows`` as a frame with columns `FORECASTS`; ``keys`` are the histories' keys and `last` years."""
    at, horizon = cases.row[rows], cases.horizon[rows]
    band = np.array(BAND_NAMES)[band_index(horizon)]
    columns = {name: quantiles[:, place] for name, place in AT.items()}
    toys = {f"toy_{name}": toy[:, place] for name, place in AT.items() if name != "median"}
    return (
        keys[at]
        .select(*KEY, "release")
        .with_columns(
            pl.Series("nature_group", cases.traits.group[at], dtype=pl.String),
            pl.Series("period", keys["last"].to_numpy()[at] + horizon),
            pl.Series("horizon", horizon),
            pl.Series("band", band),
            pl.Series("last_value", cases.now[at]),
            pl.Series("pace", cases.pace[at]),
            pl.Series("truth", cases.truth[rows]),
            pl.Series("known", cases.known[rows]),
            *[pl.Series(name, values) for name, values in {**columns, **toys}.items()],
        )
        .select(FORECASTS)
    )


def nothing_forecast() -> pl.DataFrame:
    """A table of forecasts without rows."""
    text = [*KEY, "nature_group", "band"]
    kinds = {**dict.fromkeys(text, pl.String), **dict.fromkeys(["period", "horizon"], pl.Int64)}
    kinds |= dict.fromkeys(["release", "known"], pl.Date)
    return pl.DataFrame(schema={name: kinds.get(name, pl.Float64) for name in FORECASTS})


def backtest(runs: pl.DataFrame, *, previous: pl.DataFrame | None = None, tell: Told | None = None) -> Backtest:
    """Real-time back-test of a run table (columns `cases.RUN_COLUMNS`).

    At each release a model is fitted per fold of areas on what was published by then for the other folds: outcomes of
    earlier forecasts, and rolling origins within the release. ``previous`` (the `forecasts` of an earlier run) is kept
    as it is and only cases it lacks are forecast. Natures and units that early releases leave out are those
    stated later (labels, no figures). Raises `InputError` where a column is missing.
    """
    found = real_time(runs)
    bounds = limits(_first_releases(usable(runs)))
    cases = bundle(found.cases, bounds, real_time=True)
    keys = found.cases.histories.keys.with_columns(pl.Series("last", found.cases.histories.last))
    released = keys["release"].to_numpy()
    kept = nothing_forecast() if previous is None else previous.select(FORECASTS)
    asked = _not_in(kept, keys, cases)
    parts = [kept]
    origins = np.unique(released[cases.row[asked]])
    for number, origin in enumerate(origins):
        if tell:
            tell("back-test", number, len(origins))
        test = asked & (released[cases.row] == origin)
        parts += _at_release(found, cases, bounds, keys, origin, test)
    forecasts = pl.concat(parts).sort([*KEY, "release", "period"])
    revision = revision_report(revisions(found.cases.histories))
    return Backtest("real time", forecasts, score(forecasts), found.skipped, revision)


def _not_in(kept: pl.DataFrame, keys: pl.DataFrame, cases: Bundle) -> Mask:
    """Which cases are not among the forecasts ``kept``, shape (m,)."""
    mine = keys[cases.row].select(*KEY, "release", period=pl.col("last") + pl.Series(cases.horizon))
    known = kept.select(*KEY, "release", "period", _kept=pl.lit(value=True))
    found = mine.join(known, on=[*KEY, "release", "period"], how="left", maintain_order="left")
    missing: Mask = found["_kept"].is_null().to_numpy()
    return missing


def _first_releases(runs: pl.DataFrame) -> pl.DataFrame:
    """The rows of each series' first release: bounds read off later ones would know too much."""
    return runs.filter(pl.col("release_from") == pl.col("release_from").min().over("series", "dimensions"))


def _at_release(
    found: RealTime,
    cases: Bundle,
    bounds: pl.DataFrame,
    keys: pl.DataFrame,
    origin: np.datetime64,
    test: Mask,
) -> list[pl.DataFrame]:
    """The forecasts made at one release, fold by fold."""
    known = current(found.cases.histories, origin.astype("datetime64[D]").item())
    again = bundle(
        thin(rolling(found.cases.histories.take(known), CALIBRATION_HORIZONS, step=2), ROLLING_CASES),
        bounds,
        real_time=False,
    )
    fold = folds_of(keys["area"])
    fold_of_history = np.array([fold[area] for area in cases.traits.area])
    fold_again = np.array([fold[area] for area in again.traits.area])
    parts = []
    for held in range(FOLDS):
        rows = np.flatnonzero(test & (fold_of_history[cases.row] == held))
        if not len(rows):
            continue
        usual = usual_paces(subset(cases.traits, known[fold_of_history[known] != held]))
        typical = typical_paces(usual, cases.traits)
        past = np.flatnonzero((cases.known <= origin) & (fold_of_history[cases.row] != held))
        other = np.flatnonzero(fold_again[again.row] != held)
        toy = toy_quantiles([(cases, past), (again, other)])
        parts_of = [(cases, past, typical), (again, other, typical_paces(usual, again.traits))]
        model = lesson(parts_of, toy).learn()
        parts.append(
            forecast_table(cases, rows, cases.forecast(model, rows, typical), cases.benchmark(toy, rows), keys)
        )
    return parts

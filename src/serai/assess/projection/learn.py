"""The world test, and the record learnt from everything at hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from serai.assess.projection.backtest import FOLDS, Backtest, folds_of, forecast_table
from serai.assess.projection.cases import MAX_HORIZON, Cases, join, of_release, real_time, rolling
from serai.assess.projection.design import typical_paces, usual_paces
from serai.assess.projection.histories import KEY, Floats, Ints
from serai.assess.projection.limits import limits
from serai.assess.projection.metrics import score
from serai.assess.projection.model import Model
from serai.assess.projection.record import TABLES, Record, tested_record
from serai.assess.projection.revision import revisions, usual_revision
from serai.assess.projection.teach import Bundle, bundle, lesson, subset, thin, toy_quantiles

ORIGIN = 2012
AHEAD = range(7, 11)
EARLY = 2007
"""A second origin, for the years ahead that the first has no outcomes for."""
FAR_AHEAD = range(11, MAX_HORIZON + 1)
WORLD_CASES = 120_000
"""Rolling-origin cases of the world release that teach."""


def world_test(
    observations: pl.DataFrame, *, origin: int = ORIGIN, blind: bool = False, widened: bool = False
) -> Backtest:
    """Origin 2012 in one release, 7 to 10 years ahead, and origin 2007, 11 and more. Revised data.

    Every area is forecast by models that never saw it.

    The models learn from the same origins in other areas, and from rolling origins there; ``blind`` restricts them to
    outcomes for years up to ``origin``, so that no shock common to all areas is known beforehand, and leaves out the
    earlier origin. ``widened`` adds what waiting adds (by prior, as no outcome was waited for here): the bands as they
    are shown for years to come.
    """
    histories = of_release(observations)
    bounds = limits(observations)
    asked = rolling(histories, AHEAD, [origin])
    if not blind:
        asked = join([part for part in (asked, rolling(histories, FAR_AHEAD, [EARLY])) if len(part)])
    cases = bundle(asked, bounds, real_time=False)
    keys = asked.histories.keys[np.unique(asked.row)].with_columns(
        pl.Series("last", asked.histories.last[np.unique(asked.row)])
    )
    again = bundle(
        thin(_learnable(rolling(histories, range(1, MAX_HORIZON + 1), step=2), origin, blind=blind), WORLD_CASES),
        bounds,
        real_time=False,
    )
    fold = folds_of(histories.keys["area"])
    fold_case = np.array([fold[area] for area in cases.traits.area])
    fold_again = np.array([fold[area] for area in again.traits.area])
    shown = replace(cases, real_time=widened)
    parts, start = [], None
    for held in range(FOLDS):
        rows = np.flatnonzero(fold_case[cases.row] == held)
        other = np.flatnonzero(fold_again[again.row] != held)
        same = np.flatnonzero(fold_case[cases.row] != held) if not blind else np.zeros(0, dtype=np.int64)
        usual = usual_paces(subset(again.traits, fold_again != held))
        typical = typical_paces(usual, cases.traits)
        toy = toy_quantiles([(cases, same), (again, other[again.horizon[other] >= AHEAD[0]])])
        taught = [(cases, same, typical), (again, other, typical_paces(usual, again.traits))]
        start = model = lesson(taught, toy).learn(start)
        parts.append(
            forecast_table(cases, rows, shown.forecast(model, rows, typical), cases.benchmark(toy, rows), keys)
        )
    forecasts = pl.concat(parts).sort([*KEY, "period"])
    name = "revised data" + ", earlier years only" * blind + ", widened as shown" * widened
    nothing = pl.DataFrame(schema={"reason": pl.String, "n": pl.UInt32})
    return Backtest(name, forecasts, score(forecasts), nothing, pl.DataFrame())


def held_out(runs: pl.DataFrame, world: pl.DataFrame) -> Backtest:
    """The outcomes of the real-time test, each area forecast by a record learnt as `learn` does without that area.

    ``runs`` is a run table, ``world`` one release. Outcomes of other areas teach whenever they were published: this is
    how the record that is kept does on areas it has not seen, not what could have been said at the time.
    """
    bounds, found = limits(world), real_time(runs)
    live = bundle(found.cases, bounds, real_time=True)
    again = bundle(
        thin(rolling(of_release(world), range(1, MAX_HORIZON + 1), step=2), WORLD_CASES), bounds, real_time=False
    )
    keys = found.cases.histories.keys.with_columns(pl.Series("last", found.cases.histories.last))
    fold = folds_of(keys["area"])
    fold_live = np.array([fold[area] for area in live.traits.area])
    fold_again = np.array([fold.get(area, -1) for area in again.traits.area])
    parts, start = [], None
    for held in range(FOLDS):
        rows, teach = (np.flatnonzero((fold_live[live.row] == held) == inside) for inside in (True, False))
        if not len(rows):
            continue
        usual = usual_paces(subset(again.traits, fold_again != held))
        typical, toy = typical_paces(usual, live.traits), toy_quantiles([(live, teach)])
        other = (again, np.flatnonzero(fold_again[again.row] != held), typical_paces(usual, again.traits))
        start = model = lesson([(live, teach, typical), other], toy).learn(start)
        parts.append(forecast_table(live, rows, live.forecast(model, rows, typical), live.benchmark(toy, rows), keys))
    forecasts = pl.concat(parts).sort([*KEY, "release", "period"])
    return Backtest("areas held out", forecasts, score(forecasts), found.skipped, pl.DataFrame())


def _learnable(cases: Cases, origin: int, *, blind: bool) -> Cases:
    if not blind:
        return cases
    return cases.take(cases.histories.last[cases.row] + cases.horizon <= origin)


def learn(runs: pl.DataFrame, world: pl.DataFrame, tests: list[Backtest]) -> Record:
    """The record for projecting from the latest release on: all real outcomes, and the world's rolling origins.

    ``runs`` is a run table, ``world`` one release, ``tests`` the back-tests whose coverage is noted per series.
    """
    bounds = limits(world)
    found = real_time(runs).cases
    live = bundle(found, bounds, real_time=True)
    histories = of_release(world)
    again = bundle(thin(rolling(histories, range(1, MAX_HORIZON + 1), step=2), WORLD_CASES), bounds, real_time=False)
    usual = usual_paces(again.traits)
    parts: list[tuple[Bundle, Ints, Floats]] = [
        (part, np.arange(len(part.row)), typical_paces(usual, part.traits)) for part in (live, again)
    ]
    model = lesson(parts, toy_quantiles([(live, parts[0][1])])).learn()
    tested = pl.concat([tested_record(test.forecasts, test.test) for test in tests])
    latest = usual_revision(revisions(found.histories)).group_by("series", "dimensions", maintain_order=True).last()
    return Record(model, _series_table(model, usual, bounds, latest), tested)


def _series_table(model: Model, usual: pl.DataFrame, bounds: pl.DataFrame, revised: pl.DataFrame) -> pl.DataFrame:
    scales = pl.DataFrame({"key": list(model.scales), "scale": list(model.scales.values())})
    joined = bounds.with_columns(key=pl.concat_str("series", "dimensions", separator="|"))
    for part in (scales, usual.rename({"series": "key"})):
        joined = joined.join(part, on="key", how="left")
    joined = joined.join(revised, on=["series", "dimensions"], how="left")
    return joined.select(TABLES["series"].names()).sort("series", "dimensions")

"""The world test, and the record learnt from everything at hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from serai.assess.projection.backtest import FOLDS, Backtest, folds_of, forecast_table
from serai.assess.projection.cases import MAX_HORIZON, Cases, of_release, real_time, rolling
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
WORLD_CASES = 120_000
"""Rolling-origin cases of the world release that teach."""


def world_test(
    observations: pl.DataFrame, *, origin: int = ORIGIN, blind: bool = False, widened: bool = False
) -> Backtest:
    """One origin in one release, horizons 7 to 10, every area forecast by models that never saw it. Revised data.

    The models learn from the same origin in other areas, and from rolling origins there; ``blind`` restricts them to
    outcomes for years up to ``origin``, so that no shock common to all areas is known beforehand. ``widened`` adds what
    waiting adds (by prior, as no outcome was waited for here): the bands as they are shown for years to come.
    """
    histories = of_release(observations)
    bounds = limits(observations)
    asked = rolling(histories, AHEAD, [origin])
    cases = bundle(asked, bounds, real_time=False)
    keys = asked.histories.keys[np.unique(asked.row)].with_columns(
        pl.Series("last", asked.histories.last[np.unique(asked.row)])
    )
    again = bundle(
        thin(_learnable(rolling(histories, range(1, 13), step=2), origin, blind=blind), WORLD_CASES),
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

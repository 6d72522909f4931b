"""Projections: a distribution for every year ahead, from what past errors have been."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from serai.assess.projection.cases import MAX_HORIZON, MIN_POINTS, OBSERVATION_COLUMNS, Cases, of_release
from serai.assess.projection.design import typical_paces
from serai.assess.projection.histories import KEY, Floats, Histories, Ints, require
from serai.assess.projection.levels import LEVELS, MIDDLE
from serai.assess.projection.limits import with_rules
from serai.assess.projection.model import BAND_NAMES, band_index
from serai.assess.projection.record import Record
from serai.assess.projection.target import chances
from serai.assess.projection.teach import Bundle, bundle
from serai.errors import InputError

COLUMNS = pl.Schema(
    {
        "series": pl.String,
        "area": pl.String,
        "dimensions": pl.String,
        "unit": pl.String,
        "period": pl.Int32,
        "median": pl.Float64,
        "lo80": pl.Float64,
        "hi80": pl.Float64,
        "lo95": pl.Float64,
        "hi95": pl.Float64,
        "p_target": pl.Float64,
        "method": pl.String,
        "last_year": pl.Int32,
        "last_value": pl.Float64,
        "horizon": pl.Int32,
        "record_n": pl.Int64,
        "record_coverage80": pl.Float64,
        "record_note": pl.String,
        "provider": pl.String,
        "release": pl.Date,
        "nature": pl.String,
    }
)
"""Columns of a projection. A key that is not projected has one row with null bands and the reason in `record_note`."""
SHOWN = {"lo95": 0.025, "lo80": 0.1, "median": 0.5, "hi80": 0.9, "hi95": 0.975}
LARGEST = 1e290
"""Size of a value from which on bands around it leave the range of numbers."""
REVISED_FROM = 7
"""Horizons from which on the record shown is that of the world test."""
NO_RECORD = "no tested record"


def project(observations: pl.DataFrame, rules: pl.DataFrame, record: Record, to: int = 2030) -> pl.DataFrame:
    """Project every key (series, area, slice) of an observation table to the year ``to``.

    Args:
        observations: one release, headline slices: `OBSERVATION_COLUMNS`.
        rules: reviewed rules (series, direction, target, ...), for the chance of meeting the target and for bounds.
        record: what past errors have taught; `record.shipped()` or a `learn`ed one.
        to: last year projected.

    Returns:
        Columns `COLUMNS`, unit of the series, one row per key and year after its last observation; for a key that
        cannot be projected one row with null bands, method "" and the reason in `record_note`. Never fewer keys out
        than in.

    Raises:
        InputError: a column is missing.
    """
    require(observations, OBSERVATION_COLUMNS, "the observation table")
    reasons = refusals(observations, to)
    good = observations.join(reasons, on=KEY, how="anti")
    histories = _with_revision(of_release(good), record)
    parts = [_refused(observations, reasons, to)]
    if len(histories):
        parts.append(_ahead(histories, good, rules, record, to))
    return pl.concat(parts).sort([*KEY, "period"])


def require_year(observations: pl.DataFrame, to: int) -> None:
    """Refuse a year to which no key of an observation table can be projected.

    Raises:
        InputError: every key is observed to that year or later, or it lies beyond all tested horizons.
    """
    last = observations.filter(pl.col("value").is_finite()).group_by(KEY).agg(pl.col("period").max())["period"]
    if last.is_empty():
        return
    first, final = int(last.to_numpy().min()) + 1, int(last.to_numpy().max()) + MAX_HORIZON
    if not first <= to <= final:
        raise InputError(f"nothing can be projected to {to}; give a year from {first} to {final}")


def refusals(observations: pl.DataFrame, to: int) -> pl.DataFrame:
    """Keys that cannot be projected: `KEY` and the reason."""
    finite = pl.col("value").is_not_null() & pl.col("value").is_finite()
    year = pl.col("period").filter(finite)
    facts = observations.group_by(KEY).agg(
        n=year.n_unique(),
        last=year.max(),
        twice=(pl.struct("period", "value").filter(finite).n_unique() > year.n_unique()),
        size=pl.col("value").filter(finite).abs().max(),
        odd=(pl.col("value").is_nan() | pl.col("value").is_infinite()).any(),
    )
    ahead = to - pl.col("last")
    reason = (
        pl.when(pl.col("twice"))
        .then(pl.lit("two different values for one year"))
        .when((pl.col("n") == 0) & pl.col("odd"))
        .then(pl.lit("no finite value"))
        .when(pl.col("n") == 0)
        .then(pl.lit("no value published"))
        .when(pl.col("size") > LARGEST)
        .then(pl.lit("values too large to be projected"))
        .when(pl.col("n") < MIN_POINTS)
        .then(pl.format("{} observed year(s), {} needed", "n", pl.lit(MIN_POINTS)))
        .when(ahead < 1)
        .then(pl.format("observed to {}, nothing left to project", "last"))
        .when(ahead > MAX_HORIZON)
        .then(pl.format("{} years ahead; errors are known to {}", ahead, pl.lit(MAX_HORIZON)))
    )
    return facts.with_columns(reason=reason).filter(pl.col("reason").is_not_null()).select(*KEY, "reason").sort(KEY)


def _refused(observations: pl.DataFrame, reasons: pl.DataFrame, to: int) -> pl.DataFrame:
    """One row per refused key."""
    finite = pl.col("value").is_not_null() & pl.col("value").is_finite()
    last = (
        observations.sort("period")
        .group_by(KEY)
        .agg(
            pl.col("unit", "provider", "release", "nature").last(),
            last_year=pl.col("period").filter(finite).last(),
            last_value=pl.col("value").filter(finite).last(),
        )
    )
    rows = reasons.join(last, on=KEY).with_columns(
        period=pl.lit(to), method=pl.lit(""), record_note=pl.format("not projected: {}", "reason")
    )
    rows = rows.with_columns(horizon=pl.col("period") - pl.col("last_year"))
    absent = [name for name in COLUMNS.names() if name not in rows.columns]
    rows = rows.with_columns(pl.lit(None).alias(name) for name in absent)
    return rows.select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())


def _with_revision(histories: Histories, record: Record) -> Histories:
    """``histories`` with how much new releases revise their series, from the record."""
    known = record.series.select("series", "dimensions", pl.col("revised").fill_null(0.0))
    keys = histories.keys.drop("revised").join(known, on=["series", "dimensions"], how="left", maintain_order="left")
    return replace(histories, keys=keys.with_columns(pl.col("revised").fill_null(0.0)))


def _ahead(
    histories: Histories, observations: pl.DataFrame, rules: pl.DataFrame, record: Record, to: int
) -> pl.DataFrame:
    """The rows of the keys that can be projected."""
    count = to - histories.last
    row = np.repeat(np.arange(len(histories)), count)
    horizon = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + 1
    blank = np.full(len(row), np.nan)
    cases = Cases(histories, row, horizon, blank, np.full(len(row), "NaT", dtype="datetime64[D]"))
    asked = bundle(cases, with_rules(record.series, rules), real_time=True)
    keyed = record.series.select(pl.concat_str("series", "dimensions", separator="|").alias("series"), "pace")
    raw = asked.forecast(record.model, np.arange(len(row)), typical_paces(keyed, asked.traits))
    quantiles = asked.working.clip(opening(raw, horizon), row)
    frame = _frame(histories, asked, quantiles)
    chance = chances(frame.select("series", "area", "dimensions"), quantiles, observations, rules)
    return _with_record(frame.with_columns(p_target=chance), record.tested).select(
        pl.col(name).cast(dtype) for name, dtype in COLUMNS.items()
    )


def opening(quantiles: Floats, horizon: Ints) -> Floats:
    """Quantiles (m, levels) whose distance from the median never shrinks from a year to the next.

    Rows are key by key, ``horizon`` counting up from 1: what is known of near and of far errors need not join smoothly.
    """
    middle = quantiles[:, MIDDLE, None]
    away = quantiles - middle
    for ahead in range(2, int(horizon.max(initial=1)) + 1):
        rows = np.flatnonzero(horizon == ahead)
        before = away[rows - 1]
        away[rows] = np.where(np.abs(before) > np.abs(away[rows]), before, away[rows])
    opened: Floats = middle + away
    return opened


def _frame(histories: Histories, asked: Bundle, quantiles: Floats) -> pl.DataFrame:
    """Keys, years and bands of the projected cases."""
    row, horizon = asked.row, asked.horizon
    places = {name: int(np.argmin(np.abs(LEVELS - level))) for name, level in SHOWN.items()}
    still = asked.traits.pace[row] == 0
    return histories.keys[row].with_columns(
        pl.Series("period", histories.last[row] + horizon),
        *[pl.Series(name, quantiles[:, place]) for name, place in places.items()],
        pl.Series("method", np.where(still, "constant", "ensemble")),
        pl.Series("last_year", histories.last[row]),
        pl.Series("last_value", asked.now[row]),
        pl.Series("horizon", horizon),
        pl.Series("band", np.array(BAND_NAMES)[band_index(horizon)]),
    )


def _with_record(frame: pl.DataFrame, tested: pl.DataFrame) -> pl.DataFrame:
    """The frame with its series' own record: real time for the near years, the world test from `REVISED_FROM` on."""
    wanted = pl.when(pl.col("horizon") < REVISED_FROM).then(pl.lit("real time")).otherwise(pl.lit("revised data"))
    shown = tested.select("series", "dimensions", "test", "band", record_n="n", record_coverage80="coverage80")
    joined = frame.with_columns(test=wanted).join(
        shown, on=["series", "dimensions", "test", "band"], how="left", maintain_order="left"
    )
    note = pl.when(pl.col("record_n").is_null()).then(pl.lit(NO_RECORD))
    return joined.with_columns(
        record_note=note.otherwise(pl.format("{}, {} years ahead", "test", "band")),
        record_n=pl.col("record_n").fill_null(0),
    )

"""Forecast cases: a history as it was known, a year asked of it, and what was published for that year afterwards.

Three sources of cases: the run table (real time: what was really known), one release cut at one year (the world
test), and one release cut at every year (rolling origins, which calibrate where real time has too few outcomes).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from serai.assess.projection.histories import KEY, WINDOW, Floats, Histories, Ints, fill_stated, require, stack, usable
from serai.assess.projection.revision import with_revision

MIN_POINTS = 3
"""Observed years a history needs before its volatility means anything."""
MAX_HORIZON = 18
"""Years ahead for which past errors exist to calibrate with; beyond that nothing is projected."""
RESCALED = 1.0
"""Median power of ten by which a later release differs that makes it another unit, whatever the label says."""
RUN_COLUMNS = [*KEY, "period", "value", "bound", "unit", "nature", "provider", "release_from", "release_to"]
OBSERVATION_COLUMNS = [*KEY, "period", "value", "bound", "unit", "nature", "provider", "release"]


@dataclass(frozen=True)
class Cases:
    """``m`` questions put to histories, with the answers published later."""

    histories: Histories
    row: Ints
    """Which history each case is put to, shape (m,)."""
    horizon: Ints
    """Target year minus last observed year, shape (m,)."""
    truth: Floats
    """First published value of the target year, shape (m,), unit of the series."""
    known: NDArray[np.datetime64]
    """Date on which the truth was published, shape (m,)."""

    def __len__(self) -> int:
        return len(self.row)

    def take(self, rows: Ints | NDArray[np.bool_]) -> Cases:
        """The cases at ``rows`` (indices or a mask)."""
        return Cases(self.histories, self.row[rows], self.horizon[rows], self.truth[rows], self.known[rows])

    def column(self, name: str) -> NDArray[np.object_]:
        """A key column (series, area, nature ...) of each case."""
        column: NDArray[np.object_] = self.histories.keys[name].to_numpy()
        return column[self.row]


def by_release(runs: pl.DataFrame) -> pl.DataFrame:
    """The run table unrolled: a row per value and release that carried it, in a column `release`."""
    dates = pl.concat([runs["release_from"], runs["release_to"]]).unique().sort()
    at = {date: place for place, date in enumerate(dates.to_list())}
    first, last = (pl.col(name).replace_strict(at, return_dtype=pl.Int64) for name in ("release_from", "release_to"))
    long = runs.with_columns(pl.int_ranges(first, last + 1).alias("_release")).explode("_release")
    return long.with_columns(release=dates.gather(long["_release"])).drop("_release", "release_from", "release_to")


def distinct_histories(long: pl.DataFrame) -> pl.DataFrame:
    """``long`` without the histories that repeat the release before: they are one forecast, not two."""
    print_of = pl.struct("period", "value").hash(seed=0)
    seen = long.group_by([*KEY, "release"]).agg(print_of.sum().alias("_print"), pl.len().alias("_n"))
    seen = seen.sort([*KEY, "release"])
    same = ((pl.col("_print") == pl.col("_print").shift()) & (pl.col("_n") == pl.col("_n").shift())).over(KEY)
    return long.join(seen.filter(~same.fill_null(value=False)), on=[*KEY, "release"], how="semi")


def first_publications(long: pl.DataFrame) -> pl.DataFrame:
    """For every key and year: when it was first published, and with which value, bound and unit."""
    first = long.sort("release").group_by([*KEY, "period"], maintain_order=True).first()
    return first.select(
        *KEY,
        target="period",
        truth="value",
        truth_bound="bound",
        truth_unit="unit",
        known="release",
    )


@dataclass(frozen=True)
class RealTime:
    """The cases of a run table, and what was left out of them and why."""

    cases: Cases
    skipped: pl.DataFrame
    """Columns reason, n: candidate cases that are not forecasts, counted."""


def real_time(runs: pl.DataFrame) -> RealTime:
    """Every forecast that could really have been made, with its outcome.

    Origin = a release; history = the key's values in it; horizon = target year - last observed year in it; truth = the
    target year's first publication, in a later release. Histories identical in successive releases count once.
    Needs `RUN_COLUMNS`; raises `InputError` without them.
    """
    require(runs, RUN_COLUMNS, "the run table")
    long = fill_stated(by_release(usable(runs).select(RUN_COLUMNS)))
    long = long.unique([*KEY, "period", "release"], keep="first", maintain_order=True)
    histories = with_revision(stack(distinct_histories(long), [*KEY, "release"]))
    origins = histories.keys.select(*KEY, "release", "unit", last=histories.last, points=histories.points)
    asked = origins.with_row_index("row").join(first_publications(long), on=KEY)
    asked = asked.filter((pl.col("target") > pl.col("last")) & (pl.col("known") > pl.col("release")))
    asked = asked.join(_rescaled(asked, long), on=[*KEY, "release", "known"], how="left")
    asked = asked.with_columns(reason=_reason()).sort("row", "target")
    skipped = asked.filter(pl.col("reason") != "").group_by("reason").agg(n=pl.len()).sort("reason")
    kept = asked.filter(pl.col("reason") == "")
    return RealTime(
        Cases(
            histories,
            kept["row"].to_numpy().astype(np.int64),
            (kept["target"] - kept["last"]).to_numpy().astype(np.int64),
            kept["truth"].to_numpy(),
            kept["known"].to_numpy(),
        ),
        skipped,
    )


def _rescaled(asked: pl.DataFrame, long: pl.DataFrame) -> pl.DataFrame:
    """How far the release of the truth is from the origin in the years both have: median |log10 ratio| of values."""
    pairs = asked.select(*KEY, "release", "known").unique()
    figures = long.filter(pl.col("value") != 0).select(*KEY, "period", "release", "value")
    then = pairs.join(figures, on=[*KEY, "release"])
    after = figures.rename({"release": "known", "value": "after"})
    both = then.join(after, on=[*KEY, "known", "period"])
    ratio = (pl.col("after") / pl.col("value")).abs().log10()
    return both.group_by(*KEY, "release", "known").agg(apart=ratio.median().abs())


def _reason() -> pl.Expr:
    """Why a candidate case is no forecast; empty where it is one."""
    other_unit = (pl.col("unit") != pl.col("truth_unit")) & (pl.col("unit") != "") & (pl.col("truth_unit") != "")
    return (
        pl.when(pl.col("points") < MIN_POINTS)
        .then(pl.lit(f"fewer than {MIN_POINTS} observed years"))
        .when(pl.col("truth_bound") != "")
        .then(pl.lit("truth published only as a bound"))
        .when(other_unit)
        .then(pl.lit("truth published in another unit"))
        .when(pl.col("apart") >= RESCALED)
        .then(pl.lit("series rescaled between the releases"))
        .when(pl.col("target") - pl.col("last") > MAX_HORIZON)
        .then(pl.lit(f"more than {MAX_HORIZON} years ahead"))
        .otherwise(pl.lit(""))
    )


def of_release(observations: pl.DataFrame) -> Histories:
    """One history per key of an observation table (one release); rows without a finite value are left out."""
    require(observations, OBSERVATION_COLUMNS, "the observation table")
    rows = usable(observations).select(OBSERVATION_COLUMNS)
    return stack(rows.unique([*KEY, "period"], keep="first", maintain_order=True), KEY)


def rolling(histories: Histories, horizons: range, origins: list[int] | None = None, step: int = 1) -> Cases:
    """Cut every history at its observed years and ask for the years after: revised data, hence optimistic.

    ``origins`` are calendar years to cut at; without them every ``step``-th year before the last.
    """
    parts = [_cut(histories, back, horizons, origins) for back in range(1, WINDOW - MIN_POINTS + 1, step)]
    return join([part for part in parts if len(part)])


def _cut(histories: Histories, back: int, horizons: range, origins: list[int] | None) -> Cases:
    """Cases whose origin lies ``back`` years before the last observed year."""
    edge = WINDOW - back
    keep = np.isfinite(histories.values[:, edge - 1])
    keep &= np.isfinite(histories.values[:, :edge]).sum(axis=1) >= MIN_POINTS
    if origins is not None:
        keep &= np.isin(histories.last - back, origins)
    rows = np.flatnonzero(keep)
    past = np.full((len(rows), WINDOW), np.nan)
    past[:, back:] = histories.values[rows, :edge]
    ahead = histories.values[rows, edge:]
    row, step = np.nonzero(np.isfinite(ahead))
    fits = np.isin(step + 1, np.asarray(horizons))
    row, step = row[fits], step[fits]
    cut = Histories(histories.keys[rows], histories.last[rows] - back, past)
    known = cut.keys["release"].to_numpy()[row]
    return Cases(cut, row, step + 1, ahead[row, step], known)


def join(parts: list[Cases]) -> Cases:
    """Several sets of cases as one."""
    offsets = np.cumsum([0, *[len(part.histories) for part in parts]])
    histories = Histories(
        pl.concat([part.histories.keys for part in parts]),
        np.concatenate([part.histories.last for part in parts]),
        np.concatenate([part.histories.values for part in parts]),
    )
    return Cases(
        histories,
        np.concatenate([part.row + offset for part, offset in zip(parts, offsets[:-1], strict=True)]),
        np.concatenate([part.horizon for part in parts]),
        np.concatenate([part.truth for part in parts]),
        np.concatenate([part.known for part in parts]),
    )

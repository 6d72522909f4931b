"""Histories: what was known of each series at one moment, as arrays the methods run over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from serai.errors import InputError

KEY = ["series", "area", "dimensions"]
WINDOW = 30
"""Years of history kept; no series in the back-test is helped by older ones."""

GROUPS = {"C": "C+CA", "CA": "C+CA", "M": "M+E", "E": "M+E", "G": "G"}
"""Natures reported together: country figures, model output, global monitoring. Any other is `UNSTATED`."""
UNSTATED = "unstated"

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Strings = NDArray[np.object_]


@dataclass(frozen=True)
class Histories:
    """``n`` histories on a yearly grid, right-aligned at their last observed year."""

    keys: pl.DataFrame
    """n rows: series, area, dimensions, unit, nature, provider, release, revised (how much new releases have been
    revising the series, by then; 0 where not known)."""
    last: Ints
    """Last observed year, shape (n,)."""
    values: Floats
    """Shape (n, WINDOW) in the unit of the series; column -1 is the last observed year; NaN where nothing is known."""

    def __len__(self) -> int:
        return len(self.last)

    @property
    def points(self) -> Ints:
        """Observed years per history, shape (n,)."""
        count: Ints = np.isfinite(self.values).sum(axis=1)
        return count

    def take(self, rows: Ints) -> Histories:
        """The histories at ``rows``, in that order."""
        return Histories(self.keys[rows], self.last[rows], self.values[rows])


def groups(nature: pl.Series) -> pl.Series:
    """The group of natures each figure is reported with."""
    return nature.replace_strict(GROUPS, default=UNSTATED, return_dtype=pl.String)


def require(frame: pl.DataFrame, columns: list[str], what: str) -> None:
    """Raise `InputError` naming the columns that ``frame`` lacks."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise InputError(f"{what} lacks the column(s) {', '.join(missing)}; it has {', '.join(frame.columns)}")


def usable(observations: pl.DataFrame) -> pl.DataFrame:
    """The rows that state a finite figure; bounds (``>95``) count as their limit, absences stay absent."""
    return observations.filter(pl.col("value").is_not_null() & pl.col("value").is_finite())


def stack(long: pl.DataFrame, by: list[str]) -> Histories:
    """Histories from a long table, one per distinct ``by``; no (``by``, period) may occur twice.

    ``long`` carries `KEY`, unit, nature, provider, release, period, value. Unit and nature are those of the last year.
    """
    ordered = long.sort([*by, "period"])
    labels = [name for name in [*KEY, "unit", "nature", "provider", "release"] if name not in by]
    keys = ordered.group_by(by, maintain_order=True).agg(
        *[pl.col(name).last() for name in labels], pl.col("period").last().alias("_last"), pl.len().alias("_n")
    )
    last = keys["_last"].to_numpy().astype(np.int64)
    row = np.repeat(np.arange(len(keys)), keys["_n"].to_numpy())
    column = WINDOW - 1 - (last[row] - ordered["period"].to_numpy())
    values = np.full((len(keys), WINDOW), np.nan)
    inside = column >= 0
    values[row[inside], column[inside]] = ordered["value"].to_numpy()[inside]
    shown = keys.select(*KEY, "unit", "nature", "provider", "release", revised=pl.lit(0.0))
    return Histories(shown, last, values)


def fill_stated(long: pl.DataFrame) -> pl.DataFrame:
    """Nature and unit that a release left out, from the nearest later release that states them for the same value.

    A year that never states its nature takes the commonest of its series. Labels only: no figure is filled.
    """
    for name in ("nature", "unit"):
        stated = pl.when(pl.col(name) != "").then(pl.col(name))
        later = stated.fill_null(strategy="backward").over([*KEY, "period"], order_by="release")
        common = stated.drop_nulls().mode(maintain_order=True).first().over("series", "dimensions")
        fill = pl.coalesce(later, common, pl.lit("")) if name == "nature" else pl.coalesce(later, pl.lit(""))
        long = long.with_columns(fill.alias(name))
    return long

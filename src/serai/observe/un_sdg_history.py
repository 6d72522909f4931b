"""Many releases of the UN SDG Global Database as one run table.

The releases before July 2020, as packaged, carry neither unit nor nature. Both are taken from the earliest later
release that has the same key, else the unit alone from the earliest later release that has the series; the note says
which. Where the values of a series are of another scale than in that later release, its unit would be wrong, and none
is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from serai.observe._refuse import KEY
from serai.observe.runs import RUNS, to_runs

__all__ = ["history"]

SAME_SCALE = (0.2, 5.0)
"""Median ratio of later to earlier values of a series within which both are taken to be in one unit."""
MIN_PAIRS = 5
"""Values to compare before a ratio says anything."""


def history(observations: pl.DataFrame, releases: Sequence[date]) -> pl.DataFrame:
    """The run table of observations of several releases, units and natures filled in where early releases lack them.

    Args:
        observations: observation tables of all releases, one below the other.
        releases: every release of the provider.
    """
    bare = _bare_releases(observations)
    early = pl.col("release").is_in(bare)
    complete = observations.filter(~early)
    by_key, by_series = _given_by_key(complete), _given_by_series(complete)
    filled = _filled(observations.filter(early), by_key, by_series)
    runs = to_runs(pl.concat([filled, complete]), releases)
    return _with_notes(runs, bare, by_key, by_series)


def _bare_releases(observations: pl.DataFrame) -> list[date]:
    units = observations.group_by("release").agg((pl.col("unit") != "").any().alias("given"))
    return sorted(units.filter(~pl.col("given"))["release"])


def _given_by_key(complete: pl.DataFrame) -> pl.DataFrame:
    first = pl.col("release") == pl.col("release").min().over(KEY)
    return complete.filter(first).select(
        *KEY, key_value="value", key_unit="unit", key_nature="nature", key_release="release"
    )


def _given_by_series(complete: pl.DataFrame) -> pl.DataFrame:
    """The unit of a series in the earliest release that gives it; nothing where that release gives two."""
    first = complete.filter(pl.col("release") == pl.col("release").min().over("series"))
    units = first.group_by("series").agg(pl.col("unit").unique(), pl.col("release").first().alias("series_release"))
    one = units.filter(pl.col("unit").list.len() == 1)
    return one.select("series", pl.col("unit").list.first().alias("series_unit"), "series_release")


def _filled(early: pl.DataFrame, by_key: pl.DataFrame, by_series: pl.DataFrame) -> pl.DataFrame:
    joined = early.join(by_key, on=KEY, how="left").join(by_series, on="series", how="left")
    ratio = (pl.col("key_value") / pl.col("value")).abs()
    comparable = (pl.col("value") != 0) & (pl.col("key_value") != 0)
    scale = joined.group_by("series", "release").agg(
        ratio.filter(comparable).median().alias("ratio"), comparable.sum().alias("pairs")
    )
    other = scale.filter((pl.col("pairs") >= MIN_PAIRS) & ~pl.col("ratio").is_between(*SAME_SCALE))
    known = joined.join(other.select("series", "release", other=True), on=["series", "release"], how="left")
    unit = pl.when(pl.col("other").is_null()).then(pl.coalesce("key_unit", "series_unit")).fill_null("")
    return known.with_columns(unit=unit, nature=pl.col("key_nature").fill_null("")).select(early.columns)


def _with_notes(
    runs: pl.DataFrame, bare: Sequence[date], by_key: pl.DataFrame, by_series: pl.DataFrame
) -> pl.DataFrame:
    joined = runs.join(by_key, on=KEY, how="left").join(by_series, on="series", how="left")
    key_release, series_release = (pl.col(name).cast(pl.String) for name in ("key_release", "series_release"))
    has_unit, has_key = pl.col("unit") != "", key_release.is_not_null()
    source = (
        pl.when(has_unit & has_key)
        .then(pl.format("unit and nature from release {}", key_release))
        .when(has_key)
        .then(pl.format("nature from release {}; unit not given, values of another scale", key_release))
        .when(has_unit)
        .then(pl.format("unit from release {}", series_release))
        .otherwise(pl.lit("unit not given"))
    )
    note = (
        pl.when(~pl.col("release_from").is_in(bare))
        .then(pl.col("note"))
        .when(pl.col("note") == "")
        .then(source)
        .otherwise(pl.format("{}; {}", "note", source))
    )
    return joined.with_columns(note=note).select(*RUNS)

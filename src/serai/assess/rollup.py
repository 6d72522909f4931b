"""From series to indicator, target, goal, area and region.

A series' score is averaged into its indicator, indicators into their target or goal, goals into the area; what has no
score counts for nothing in a mean, and the share of official indicators behind it (the evidence) stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from serai.assess._outcome import band
from serai.assess.methods import method_classes, methods
from serai.errors import InputError

__all__ = ["GOALS", "LEVELS", "classes_of_means", "goal_status", "nested_mean", "rollup"]

LEVELS = ("indicator", "target", "goal", "area")

GOALS = (
    "method",
    "area",
    "goal",
    "indicators",
    "indicators_with_data",
    "indicators_classified",
    "series_classified",
    "class",
    "score",
    "reason",
    "median_latest_year",
    "oldest_year",
    "newest_year",
)
"""Columns of a goal table."""


def nested_mean(frame: pl.DataFrame, *, by: Sequence[str], group: str = "group", value: str = "score") -> pl.DataFrame:
    """Mean of scores where parts are grouped: the mean of the groups' means, from the innermost group out.

    Args:
        frame: ``by`` columns, ``group`` (a path such as ``"3.1.0"``: the last step numbers the part within its group;
            empty where ungrouped) and ``value``; missing values count for nothing.
        by: what each mean is of, for instance the indicator.
        group: column of the paths.
        value: column to average.

    Returns:
        ``by`` columns and the mean, null where nothing has a value.
    """
    parts = frame.select(*by, path=pl.col(group).cast(pl.String).fill_null("").str.split("."), score=value)
    parts = parts.with_columns(depth=pl.col("path").list.len().cast(pl.Int64))
    deepest = parts["depth"].max()
    for depth in range(deepest if isinstance(deepest, int) else 1, 1, -1):
        deep = pl.col("depth") == depth
        inner = parts.filter(deep).with_columns(path=pl.col("path").list.head(depth - 1), depth=pl.col("depth") - 1)
        means = inner.group_by(*by, "path", maintain_order=True).agg(pl.col("score").mean(), pl.col("depth").first())
        parts = pl.concat([parts.filter(~deep), means.select(parts.columns)])
    return parts.group_by(*by, maintain_order=True).agg(pl.col("score").mean().alias(value))


def goal_status(
    progress: pl.DataFrame,
    series_indicators: pl.DataFrame,
    indicators: pl.DataFrame,
    *,
    areas: Iterable[str] | None = None,
    exceptions: pl.DataFrame | None = None,
    start: int = 2015,
) -> pl.DataFrame:
    """Where every area stands on every goal.

    Args:
        progress: as from :func:`progress`, one method or several.
        series_indicators: ``series, indicator, target, goal``.
        indicators: the official list: ``indicator, goal``; further columns and repetitions are ignored.
        areas: which areas; by default those in ``progress``.
        exceptions: ``area, goal, reason`` for goals that do not apply, such as the sea to a landlocked country.
        start: base year, for the wording of reasons.

    Returns:
        One row a method, area and goal, empty ones included: ``indicators`` in the official goal, those with data and
        with a class, ``series_classified``, class and score, the reason where there is none, and how old the figures
        are (last years of the series with data).

    Raises:
        InputError: a column is missing.
    """
    frame = rollup(
        progress, series_indicators, indicators, level="goal", areas=areas, exceptions=exceptions, start=start
    )
    return frame.select(GOALS)


def rollup(
    progress: pl.DataFrame,
    series_indicators: pl.DataFrame,
    indicators: pl.DataFrame,
    *,
    level: str = "goal",
    areas: Iterable[str] | None = None,
    exceptions: pl.DataFrame | None = None,
    start: int = 2015,
) -> pl.DataFrame:
    """Scores and classes of indicators, targets, goals or areas.

    The class of a mean follows the method's own cuts (``methods.toml``); for a method with ``rollup = "rank"`` the mean
    is of the classes' places. A class that all parts must share (target achieved) is given only if they do.

    Args:
        progress: as from :func:`progress`.
        series_indicators: ``series, indicator, target, goal``; with a column ``group`` (a path such as ``3.1.0``) the
            indicator's score is the mean of its groups' means.
        indicators: the official list: ``indicator, target, goal``.
        level: ``indicator``, ``target``, ``goal`` or ``area``.
        areas: which areas; by default those in ``progress``.
        exceptions: ``area, goal, reason`` for goals that do not apply.
        start: base year, for the wording of reasons.

    Returns:
        As :func:`goal_status`, with the level's code in place of the goal, and ``evidence`` (share of the official
        indicators that have data) and ``place`` (mean place of the classes, 0 the worst). A level that does not apply
        has null evidence.

    Raises:
        InputError: no such level, or a column is missing.
    """
    if level not in LEVELS:
        raise InputError(f"no level '{level}' to roll up to; known: {', '.join(LEVELS)}")
    official = _official(indicators)
    parts = _parts(progress, series_indicators, official)
    where = [] if level == "area" else [level]
    grid = _grid(progress, official, where, areas)
    found = _means(parts, level)
    ages = _ages(parts, where)
    on = ["method", "area", *where]
    frame = grid.join(found, on=on, how="left", maintain_order="left").join(
        ages, on=on, how="left", maintain_order="left"
    )
    counts = ["indicators_with_data", "indicators_classified", "series_classified"]
    frame = frame.with_columns(pl.col(counts).fill_null(0)).with_columns(
        evidence=pl.col("indicators_with_data") / pl.col("indicators")
    )
    return _reasons(classes_of_means(frame), exceptions, level, start)


def _official(indicators: pl.DataFrame) -> pl.DataFrame:
    """One row an indicator of the official list."""
    for column in ("indicator", "goal"):
        if column not in indicators.columns:
            raise InputError(f"indicators: column '{column}' is missing; found {', '.join(indicators.columns)}")
    known = [name for name in ("indicator", "target", "goal") if name in indicators.columns]
    return indicators.select(pl.col(known).cast(pl.String)).unique(maintain_order=True)


def _parts(progress: pl.DataFrame, links: pl.DataFrame, official: pl.DataFrame) -> pl.DataFrame:
    """One row a method, area, indicator and series: score, place, whether it has data and a class."""
    places = method_classes().select("method", "class", "place", "standing")
    top = {name: entry.all_of for name, entry in methods().items()}
    rows = progress.join(places, on=["method", "class"], how="left", maintain_order="left").with_columns(
        complete=pl.col("class") == pl.col("method").replace_strict(top, default="")
    )
    two = (pl.col("latest_year") > pl.col("base_year")).fill_null(value=False)
    series = rows.group_by("method", "area", "series", maintain_order=True).agg(
        score=pl.col("score").mean(),
        place=pl.col("place").mean(),
        complete=pl.col("complete").drop_nulls().all() & pl.col("class").is_not_null().any(),
        classified=pl.col("class").is_not_null().any(),
        data=pl.col("latest_year").is_not_null().any(),
        two=two.any(),
        latest=pl.col("latest_year").max(),
        why=pl.col("reason").drop_nulls().first(),
    )
    known = [name for name in ("indicator", "target", "goal") if name in links.columns]
    group = pl.col("group").cast(pl.String) if "group" in links.columns else pl.lit(None, pl.String)
    codes = (pl.col(name).cast(pl.String) for name in ("series", *known))
    link = links.select(*codes, group=group).unique(maintain_order=True)
    return series.join(link, on="series", maintain_order="left").join(
        official.select("indicator"), on="indicator", how="semi", maintain_order="left"
    )


def _grid(
    progress: pl.DataFrame, official: pl.DataFrame, where: list[str], areas: Iterable[str] | None
) -> pl.DataFrame:
    """Every method, area and code of the level, with the number of official indicators behind it."""
    named = progress["area"].unique(maintain_order=True) if areas is None else pl.Series("area", list(areas), pl.String)
    made = progress.select("method").unique(maintain_order=True)
    if where:
        units = official.group_by(where, maintain_order=True).agg(indicators=pl.col("indicator").n_unique())
    else:
        units = official.select(indicators=pl.col("indicator").n_unique())
    return made.join(named.to_frame("area"), how="cross").join(units, how="cross")


def _means(parts: pl.DataFrame, level: str) -> pl.DataFrame:
    """Means from series to the level asked for, step by step."""
    steps = {"indicator": [], "target": [["target"]], "goal": [["goal"]], "area": [["goal"], []]}[level]
    units = [name for name in ("indicator", "target", "goal") if name in parts.columns]
    classed = pl.col("classified")
    by = ["method", "area", *units]
    nested = nested_mean(parts, by=by) if parts["group"].is_not_null().any() else None
    frame = parts.group_by(by, maintain_order=True).agg(
        pl.col("score", "place").mean(),
        complete=pl.col("complete").filter(classed).all() & classed.any(),
        indicators_with_data=pl.col("data").any().cast(pl.Int64),
        indicators_classified=classed.any().cast(pl.Int64),
        series=pl.col("series").filter(classed),
    )
    if nested is not None:
        frame = frame.drop("score").join(nested, on=by, how="left", maintain_order="left")
    for step in steps:
        frame = _step(frame, step)
    return frame.with_columns(series_classified=pl.col("series").list.n_unique().cast(pl.Int64)).drop("series")


def _step(frame: pl.DataFrame, units: list[str]) -> pl.DataFrame:
    """One level up: the mean of the scores there are."""
    scored = pl.col("score").is_not_null() | pl.col("place").is_not_null()
    return frame.group_by("method", "area", *units, maintain_order=True).agg(
        pl.col("score", "place").mean(),
        complete=pl.col("complete").filter(scored).all() & scored.any(),
        indicators_with_data=pl.col("indicators_with_data").sum(),
        indicators_classified=pl.col("indicators_classified").sum(),
        series=pl.col("series").explode(),
    )


def _ages(parts: pl.DataFrame, where: list[str]) -> pl.DataFrame:
    """How old the figures are, what they lack, and the commonest reasons."""
    once = parts.unique(["method", "area", *where, "series"], maintain_order=True)
    said = pl.col("why").filter(~pl.col("why").str.starts_with("no rule")).drop_nulls()
    return once.group_by("method", "area", *where, maintain_order=True).agg(
        median_latest_year=pl.col("latest").median().round().cast(pl.Int32),
        oldest_year=pl.col("latest").min(),
        newest_year=pl.col("latest").max(),
        any_two=pl.col("two").any(),
        any_data=pl.col("data").any(),
        blocked=pl.col("why").filter("two").drop_nulls().mode().sort().first(),
        said=said.mode().sort().first(),
    )


def classes_of_means(frame: pl.DataFrame) -> pl.DataFrame:
    """Class of every mean by its method's own cuts.

    Args:
        frame: ``method, score, place`` (means) and ``complete`` (whether every part has the class all must share).

    Returns:
        The frame with ``class``.
    """
    found = pl.lit(None, pl.String)
    for name, entry in methods().items():
        measure = pl.col("place") if entry.rollup == "rank" else pl.col("score")
        *upper, (_, last) = entry.cuts
        label = band(measure, upper, last)
        if entry.all_of:
            label = pl.when(pl.col("complete")).then(pl.lit(entry.all_of)).otherwise(label)
        found = pl.when(pl.col("method") == name).then(label).otherwise(found)
    return frame.with_columns(found.alias("class"))


def _reasons(frame: pl.DataFrame, exceptions: pl.DataFrame | None, level: str, start: int) -> pl.DataFrame:
    """Why a cell is empty; what does not apply has no evidence to be short of."""
    excepted = pl.lit(None, pl.String)
    if exceptions is not None and "goal" in frame.columns:
        table = exceptions.select(pl.col("area", "goal").cast(pl.String), excepted=pl.col("reason").cast(pl.String))
        frame = frame.join(table.unique(["area", "goal"]), on=["area", "goal"], how="left", maintain_order="left")
        excepted = pl.col("excepted")
    unruled = pl.col("blocked").str.starts_with("no rule")
    lacking = (
        pl.when(pl.col("any_two"))
        .then(
            pl.when(unruled)
            .then(pl.lit("no rule for the series that have data"))
            .otherwise(pl.format("no series could be classified: {}", pl.col("blocked")))
        )
        .when(pl.col("any_data"))
        .then(pl.format("no series with two years since {}", pl.lit(start)))
        .otherwise(pl.coalesce("said", pl.lit("no data")))
    )
    empty = pl.col("class").is_null()
    frame = frame.with_columns(
        reason=pl.when(empty).then(pl.coalesce(excepted, lacking)),
        evidence=pl.when(empty & excepted.is_not_null()).then(None).otherwise("evidence"),
    )
    where = [] if level == "area" else [level]
    return frame.select("method", "area", *where, *GOALS[3:], "evidence", "place")

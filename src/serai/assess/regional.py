"""A region as a whole: three means over its areas."""

from __future__ import annotations

import polars as pl

from serai.assess.methods import methods
from serai.assess.rollup import LEVELS, classes_of_means

__all__ = ["regional"]


def regional(frame: pl.DataFrame, *, population: pl.DataFrame | None = None, year: int | None = None) -> pl.DataFrame:
    """Three means over areas of a rolled-up table: simple, weighted by population, weighted by coverage.

    The simple mean counts every area alike; the population-weighted one every person; the coverage-aware one every
    area by the share of official indicators that its score rests on.

    Args:
        frame: as from :func:`rollup`, of any level.
        population: ``area, population``, or ``area, year, population``.
        year: which year's population; by default the newest year that ``frame`` has figures of.

    Returns:
        One row a method and code of the level: ``areas``, ``areas_with_score``, ``simple``, ``population_weighted``,
        ``population_covered`` (share of the areas' people the mean speaks of), ``coverage_weighted``, ``evidence``
        (indicators with data over official ones, all areas), ``class`` of the simple mean, ``lowest`` and ``highest``
        score with their areas, and ``reason`` where no area has a score.
    """
    where = [name for name in LEVELS[:3] if name in frame.columns]
    people = _people(frame, population, year)
    rows = frame.join(people, on="area", how="left", maintain_order="left").with_columns(
        cover=pl.col("indicators_classified") / pl.col("indicators")
    )
    scored = pl.col("score").is_not_null()
    held = pl.col("population").filter(scored)
    found = rows.group_by("method", *where, maintain_order=True).agg(
        areas=pl.len(),
        areas_with_score=scored.sum(),
        simple=pl.col("score").mean(),
        place=pl.col("place").mean(),
        complete=(pl.col("class") == pl.col("method").replace_strict(_tops(), default="")).drop_nulls().all(),
        population_weighted=_weighted("population"),
        population_covered=held.sum() / pl.col("population").sum(),
        coverage_weighted=_weighted("cover"),
        evidence=pl.col("indicators_with_data").sum() / pl.col("indicators").sum(),
        lowest=pl.col("score").min(),
        lowest_area=pl.col("area").sort_by("score", nulls_last=True).first(),
        highest=pl.col("score").max(),
        highest_area=pl.col("area").sort_by("score", descending=True, nulls_last=True).first(),
        reason=pl.col("reason").drop_nulls().mode().sort().first(),
    )
    some = pl.col("simple").is_not_null()
    return (
        classes_of_means(found.rename({"simple": "score"}))
        .rename({"score": "simple"})
        .drop("complete")
        .with_columns(pl.when(some).then(pl.col(name)).alias(name) for name in ("lowest_area", "highest_area", "class"))
        .with_columns(reason=pl.when(~some).then("reason"))
    )


def _tops() -> dict[str, str]:
    return {name: entry.all_of or "-" for name, entry in methods().items()}


def _weighted(weight: str) -> pl.Expr:
    """Mean of the scores with a weight; null where no score has one."""
    both = pl.col("score").is_not_null() & (pl.col(weight) > 0).fill_null(value=False)
    total = pl.col(weight).filter(both).sum()
    return pl.when(total > 0).then((pl.col("score") * pl.col(weight)).filter(both).sum() / total)


def _people(frame: pl.DataFrame, population: pl.DataFrame | None, year: int | None) -> pl.DataFrame:
    """Population by area in one year, or the last before it."""
    if population is None:
        return pl.DataFrame(schema={"area": pl.String(), "population": pl.Float64()})
    table = population.with_columns(pl.col("area").cast(pl.String), pl.col("population").cast(pl.Float64))
    if "year" in table.columns:
        newest = frame["newest_year"].max()
        wanted = year if year is not None else newest if isinstance(newest, int) else None
        table = table if wanted is None else table.filter(pl.col("year") <= wanted)
        table = table.sort("year", maintain_order=True).unique("area", keep="last", maintain_order=True)
    return table.select("area", "population")

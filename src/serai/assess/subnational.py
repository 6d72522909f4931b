"""Regions of a country: each beside the country and the other regions, from its national provider."""

from __future__ import annotations

import polars as pl

from serai.assess.progress import progress
from serai.assess.spans import USABLE

__all__ = ["SUBNATIONAL", "subnational"]

SUBNATIONAL: dict[str, pl.DataType] = {
    "method": pl.String(),
    "parent": pl.String(),
    "area": pl.String(),
    "series": pl.String(),
    "dimensions": pl.String(),
    "unit": pl.String(),
    "direction": pl.Int8(),
    "first_year": pl.Int32(),
    "first_value": pl.Float64(),
    "last_year": pl.Int32(),
    "last_value": pl.Float64(),
    "country_value": pl.Float64(),
    "rank": pl.Int64(),
    "of": pl.Int64(),
    "class": pl.String(),
    "score": pl.Float64(),
    "reason": pl.String(),
    "provider": pl.String(),
    "release": pl.Date(),
    "nature": pl.String(),
}
"""Columns of :func:`subnational`."""

_BY = ["provider", "series"]


def subnational(
    observations: pl.DataFrame,
    areas: pl.DataFrame,
    rules: pl.DataFrame,
    headline_table: pl.DataFrame,
    *,
    method: str = "statcan",
    start: int = 2015,
    end: int = 2030,
    world: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The latest figure of every region and series beside the country's, with its rank and its progress.

    One slice stands for a series: its headline slice where regions have it, else the total, else the slice with most
    figures. Regions are ranked with those that have a figure of the same year, in the direction of the series' rule.
    Only a series with a rule (a UN code, in the rule's unit) can be ranked and classed; the others are shown as they
    are.

    Args:
        observations: the observation table of the regions and their countries.
        areas: ``area, kind, parent``; regions have ``kind`` ``region``.
        rules, method, start, end, world: as for :func:`progress`.
        headline_table: ``series, dimensions``.

    Returns:
        One row a region, provider and series with a figure; columns as in ``SUBNATIONAL``. ``country_value`` is the
        same provider's figure of the same slice and year; ``reason`` says why there is no class.

    Raises:
        UnknownName: no such method.
        InputError: as for :func:`progress`.
    """
    regions = areas.filter(pl.col("kind") == "region").select("area", "parent")
    number = pl.col("value").is_finite() & pl.col("status").is_in(USABLE) & (pl.col("period") <= end)
    table = observations.with_columns(pl.col("dimensions").fill_null("")).filter(number)
    inside = table.join(regions, on="area", how="inner", maintain_order="left")
    inside = inside.join(_slices(inside, headline_table), on=[*_BY, "dimensions"], how="semi", maintain_order="left")
    ends = (
        inside.sort("period")
        .group_by("parent", "area", *_BY, "dimensions")
        .agg(
            first_year=pl.col("period").filter(pl.col("period") >= start).first(),
            first_value=pl.col("value").filter(pl.col("period") >= start).first(),
            last_year=pl.col("period").last(),
            last_value=pl.col("value").last(),
            unit=pl.col("unit").last(),
            release=pl.col("release").last(),
            nature=pl.col("nature").last(),
        )
    )
    country = table.select(*_BY, "dimensions", "unit", parent="area", last_year="period", country_value="value")
    on = ["parent", *_BY, "dimensions", "unit", "last_year"]
    frame = ends.join(country.unique(on, keep="last"), on=on, how="left", maintain_order="left")
    found = progress(inside.drop("parent"), rules, method, start, end, world=world)
    judged = found.select("area", *_BY, "dimensions", "direction", "class", "score", "reason")
    frame = frame.join(judged, on=["area", *_BY, "dimensions"], how="left", maintain_order="left")
    frame = _ranked(frame).with_columns(method=pl.lit(method)).sort("parent", "area", "series", "provider")
    return frame.select(pl.col(name).cast(dtype) for name, dtype in SUBNATIONAL.items())


def _slices(inside: pl.DataFrame, headline_table: pl.DataFrame) -> pl.DataFrame:
    """The slice that stands for each series of each provider."""
    standing = headline_table.select(
        pl.col("series").cast(pl.String), standing=pl.col("dimensions").cast(pl.String).fill_null("")
    )
    sizes = inside.group_by(*_BY, "dimensions").agg(size=pl.len()).join(standing, on="series", how="left")
    sizes = sizes.with_columns(
        mine=(pl.col("dimensions") == pl.col("standing")).fill_null(value=False), whole=pl.col("dimensions") == ""
    )
    order = [*_BY, "mine", "whole", "size", "dimensions"]
    sizes = sizes.sort(order, descending=[False, False, True, True, True, False])
    return sizes.unique(_BY, keep="first", maintain_order=True).select(*_BY, "dimensions")


def _ranked(frame: pl.DataFrame) -> pl.DataFrame:
    """Rank among the regions of a country with a figure of the same year, where the rule says which way is better."""
    barred = pl.col("reason").fill_null("").str.contains("^(no rule|unit|parity)")
    way = pl.when(~barred & (pl.col("direction") != 0)).then(pl.col("direction").cast(pl.Float64))
    frame = frame.with_columns(well=way * pl.col("last_value"))
    peers = ["parent", *_BY, "last_year", "unit"]
    place = pl.col("well").rank("min", descending=True).over(peers)
    return frame.with_columns(
        rank=pl.when(pl.col("well").is_not_null()).then(place).cast(pl.Int64),
        of=pl.when(pl.col("well").is_not_null()).then(pl.col("well").count().over(peers)).cast(pl.Int64),
    )

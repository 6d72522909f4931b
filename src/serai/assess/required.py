"""What would it take: the yearly change a target needs, against what countries have managed before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import astuple, fields

import numpy as np
import polars as pl

from serai.assess._spells import FEWEST, Grid, Precedent
from serai.assess.sdsn import COUNTRY
from serai.assess.spans import Spans, spans

__all__ = ["REQUIRED", "required"]

REQUIRED: dict[str, pl.DataType] = {
    "area": pl.String(),
    "series": pl.String(),
    "dimensions": pl.String(),
    "unit": pl.String(),
    "direction": pl.Int8(),
    "target": pl.Float64(),
    "target_year": pl.Int32(),
    "latest_year": pl.Int32(),
    "latest_value": pl.Float64(),
    "years_left": pl.Int32(),
    "own_change": pl.Float64(),
    "required_change": pl.Float64(),
    "required_rate": pl.Float64(),
    "countries": pl.Int64(),
    "percentile": pl.Float64(),
    "comparable": pl.Int64(),
    "precedents": pl.Int64(),
    "best_change": pl.Float64(),
    "best_area": pl.String(),
    "best_from": pl.Int32(),
    "best_to": pl.Int32(),
    "reason": pl.String(),
    "provider": pl.String(),
    "release": pl.Date(),
    "nature": pl.String(),
}
"""Columns of :func:`required`."""

LONGEST = 100
"""Years before the base year that spells are looked for in."""

_SERIES = ("provider", "series", "dimensions")


def required(
    observations: pl.DataFrame,
    rules: pl.DataFrame,
    *,
    world: pl.DataFrame | None = None,
    peers: Collection[str] | None = None,
    start: int = 2015,
    end: int = 2030,
) -> pl.DataFrame:
    """Required yearly change to the target, and who has ever been as fast.

    A spell is a country's change between two years as far apart as the years left to the target, give or take one. The
    percentile is the share of all countries whose fastest spell was slower than what is required: 100 means nobody
    has ever done it. Comparable are spells of ``peers`` (other countries by default) that began between half and twice
    as far from the target as the area is now: the last per cent is harder than the first.

    Args:
        observations, rules, start, end: as for :func:`progress`.
        world: figures of all countries, for the spells; by default ``observations``.
        peers: codes of comparable countries, such as a group; by default all.

    Returns:
        One row for every series and area in ``observations``; columns as in ``REQUIRED``. Changes are in units a year
        (a parity index: of its distance from one), signed; ``required_rate`` is compound, where it is defined;
        ``percentile`` runs from 0 to 100; ``comparable`` counts countries with a comparable spell, ``precedents`` those
        that were fast enough; ``best_*`` is the fastest comparable spell. ``reason`` says why there is none.

    Raises:
        InputError: as for :func:`progress`.
    """
    found = spans(observations, rules, start, end)
    frame = _needs(found).with_row_index("row")
    asked = frame.filter(pl.col("reason").is_null())
    past = found if world is None else spans(world, rules, start, end)
    grids = _grids(past, asked.select(_SERIES).unique())
    columns = (*_SERIES, "row", "area", "years_left", "required_change", "target", "direction")
    made = []
    for provider, series, dimensions, row, area, left, change, target, direction in asked.select(columns).iter_rows():
        grid = grids.get((provider, series, dimensions))
        found_ = grid.precedent(area, left, direction * change, target, peers) if grid else Precedent(0, None)
        made.append((row, *astuple(found_)))
    names = [field.name for field in fields(Precedent)]
    placed = pl.DataFrame(made, schema={"row": pl.UInt32(), **{name: REQUIRED[name] for name in names}}, orient="row")
    frame = frame.join(placed, on="row", how="left", maintain_order="left")
    few = pl.col("reason").is_null() & pl.col("percentile").is_null()
    short = pl.format("fewer than {} countries have figures {} years apart", pl.lit(FEWEST), "years_left")
    frame = frame.with_columns(reason=pl.when(few).then(short).otherwise("reason"))
    return frame.select(pl.col(name).cast(dtype) for name, dtype in REQUIRED.items())


def _needs(found: Spans) -> pl.DataFrame:
    """What each series needs, and why it needs nothing."""
    latest, target, direction = pl.col("yt"), pl.col("target"), pl.col("direction")
    frame = found.keys.with_columns(years_left=(found.end - pl.col("latest_year")).cast(pl.Int32))
    reason = (
        pl.when(pl.col("blocked").is_not_null())
        .then("blocked")
        .when(target.is_null())
        .then(pl.lit("no 2030 value"))
        .when(direction * (latest - target) >= 0)
        .then(pl.lit("target met"))
        .when(pl.col("years_left") <= 0)
        .then(pl.lit("the target year has come"))
    )
    frame = frame.with_columns(reason=reason)
    open_, left = pl.col("reason").is_null(), pl.col("years_left").cast(pl.Float64)
    rate = pl.when((latest * target > 0) & open_).then((target / latest).pow(1 / left) - 1)
    return frame.with_columns(
        own_change=pl.when(pl.col("years") > 0).then((latest - pl.col("y0")) / pl.col("years")),
        required_change=pl.when(open_).then((target - latest) / left),
        required_rate=rate,
    )


def _grids(past: Spans, wanted: pl.DataFrame) -> dict[tuple[object, ...], Grid]:
    """Values of all countries, one grid a series; figures in another unit than the rule's are left out."""
    keys = past.keys.filter(
        pl.col("area").str.contains(COUNTRY) & pl.col("direction").is_not_null() & pl.col("blocked").is_null()
    )
    columns = ("key", *_SERIES, "area", "direction")
    keys = keys.select(columns).join(wanted, on=_SERIES, how="semi")
    recent = past.points.filter(pl.col("period") > past.start - LONGEST)
    points = recent.join(keys, on="key", how="inner").sort(*_SERIES, "area", "period")
    return {name: _grid(rows) for name, rows in points.group_by(_SERIES, maintain_order=True)}


def _grid(rows: pl.DataFrame) -> Grid:
    """One series as countries by years."""
    areas = rows["area"].unique(maintain_order=True)
    who = rows["area"].replace_strict(areas, pl.arange(0, len(areas), eager=True)).to_numpy()
    years = rows["period"].to_numpy()
    first = int(years.min())
    values = np.full((len(areas), int(years.max()) - first + 1), np.nan)
    values[who, years - first] = rows["value"].to_numpy()
    return Grid(areas.to_list(), first, values, int(rows["direction"][0]))

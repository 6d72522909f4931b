"""National against international figures: both as published, and what kind of difference lies between them.

A difference is named by the first cause that explains it within half a per cent; only what no cause explains is
called genuine.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from serai.assess.spans import USABLE
from serai.errors import InputError

__all__ = ["NATIONAL", "against_international"]

CLOSE = 0.005
"""Relative difference up to which two figures are the same."""
YEARS = (1, -1, 2, -2)
"""Shifts of the year that are looked for, the likeliest first."""
POWERS = 12
"""Powers of ten that are taken for a scale."""
AROUND_100, RATE = (70.0, 150.0), 30.0
"""Where an index against the year before lies, and how large a rate of change is at most, per cent."""
MEAN_100 = (92.0, 115.0)
"""Where the mean of such indices lies; shares that stay high and low in two sources are no index and rate."""
FEWEST = 3
"""Years from which on a whole series says that it is an index, or shifted."""

KEY = ["series", "area", "dimensions", "period"]
_NEEDED = [*KEY, "value", "unit", "provider", "release"]
KINDS = (
    "same",
    "scale",
    "index_growth",
    "year_shift",
    "other_slice",
    "other_release",
    "unit",
    "genuine",
    "other_years",
    "other_slices",
    "no_international",
)
"""Kinds of difference in the order they are looked for; the last three are of figures without a counterpart."""

NATIONAL: dict[str, pl.DataType] = {
    "series": pl.String(),
    "area": pl.String(),
    "period": pl.Int32(),
    "dimensions": pl.String(),
    "provider": pl.String(),
    "release": pl.Date(),
    "unit": pl.String(),
    "value": pl.Float64(),
    "other_provider": pl.String(),
    "other_release": pl.Date(),
    "other_unit": pl.String(),
    "other_value": pl.Float64(),
    "relative": pl.Float64(),
    "kind": pl.String(),
    "detail": pl.String(),
}
"""Columns of :func:`against_international`. ``relative`` is the national figure over the international one, less one;
``detail`` says which power, year, slice or release."""


def against_international(
    observations: pl.DataFrame,
    *,
    national: Collection[str],
    international: str,
    earlier: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Every national figure beside the international one of its series, area, year and slice.

    Kinds, the first that applies: ``same`` within 0.5 %; ``scale``, a power of ten apart; ``index_growth``, an index
    (109.3) against a rate of change; ``year_shift``, the international figure of a year or two before or after;
    ``other_slice``, that of another slice of the same year; ``other_release``, one that the international provider
    published in another release; ``unit``, other units; else ``genuine``. Without an international figure of the year
    and slice: ``other_years``, ``other_slices`` or ``no_international``, as there are others or none.

    Args:
        observations: the observation table, both kinds of providers; of each the latest release.
        national: providers that speak for one member.
        international: the provider compared with.
        earlier: run table (``release_from, release_to``) of the international provider, for ``other_release``.

    Returns:
        One row per national figure with a finite value (rows that repeat a key count once); columns `NATIONAL`, sorted.

    Raises:
        InputError: a column is missing.
    """
    for name in _NEEDED:
        if name not in observations.columns:
            raise InputError(f"observations: column '{name}' is missing; found {', '.join(observations.columns)}")
    usable = observations.filter(pl.col("value").is_finite().fill_null(value=False))
    if "status" in usable.columns:
        usable = usable.filter(pl.col("status").fill_null("published").is_in(USABLE))
    mine = usable.filter(pl.col("provider").is_in(list(national))).unique([*KEY, "provider"], keep="first")
    other = usable.filter(pl.col("provider") == international).unique(KEY, keep="first")
    pairs = mine.select(_NEEDED).join(_renamed(other), on=KEY, how="left").sort([*KEY, "provider"])
    pairs = pairs.with_row_index("row")
    found = _scale(pairs).join(_index(pairs), on="row", how="full", coalesce=True)
    for part in (_shifted(pairs, other), _sliced(pairs, other), _released(pairs, earlier), _elsewhere(pairs, other)):
        found = found.join(part, on="row", how="full", coalesce=True)
    return _named(pairs.join(found, on="row", how="left", maintain_order="left"))


def _renamed(other: pl.DataFrame) -> pl.DataFrame:
    return other.select(
        *KEY, other_value="value", other_unit="unit", other_provider="provider", other_release="release"
    )


def _close(one: pl.Expr, two: pl.Expr) -> pl.Expr:
    """Whether two figures are the same within `CLOSE` of the larger; two zeros are."""
    return (one - two).abs() <= CLOSE * pl.max_horizontal(one.abs(), two.abs())


def _scale(pairs: pl.DataFrame) -> pl.DataFrame:
    """Rows a power of ten apart: row, power."""
    ratio = pl.col("value") / pl.col("other_value")
    rows = pairs.filter((pl.col("value") * pl.col("other_value") > 0) & pl.col("other_value").is_not_null())
    rows = rows.with_columns(power=ratio.log10().round().clip(-POWERS, POWERS).cast(pl.Int32))
    right = (pl.col("power") != 0) & _close(pl.col("value"), pl.col("other_value") * pl.lit(10.0).pow(pl.col("power")))
    return rows.filter(right).select("row", "power")


def _index(pairs: pl.DataFrame) -> pl.DataFrame:
    """Rows where one figure is an index (100 = no change) and the other a rate of change: row, index.

    Either the two say the same growth, or over `FEWEST` years and more one stays where indices of a year are and the
    other where rates are.
    """
    one, two = pl.col("value"), pl.col("other_value")
    paired = pairs.filter(two.is_not_null())
    says = _near(one - 100, two) | _near(two - 100, one)
    key = [*KEY[:3], "provider"]

    def always(high: pl.Expr, low: pl.Expr) -> pl.Expr:
        inside = (high.is_between(*AROUND_100) & (low.abs() <= RATE)).all().over(key) & (pl.len().over(key) >= FEWEST)
        return inside & high.mean().over(key).is_between(*MEAN_100)

    return paired.filter(says | always(one, two) | always(two, one)).select("row", index=pl.lit(value=True))


def _near(growth: pl.Expr, rate: pl.Expr) -> pl.Expr:
    """Whether two growth rates in per cent are the same to a twentieth of a point, or within `CLOSE`."""
    return ((growth - rate).abs() <= 0.05 + CLOSE * rate.abs()) & (rate.abs() <= RATE)


def _shifted(pairs: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Rows that are the international figure of another year, where that differs from the year's own: row, shift.

    A slow series meets its neighbour's figure by chance: the same shift must explain `FEWEST` years and half of all.
    """
    key = [*KEY[:3], "provider"]
    parts = []
    for order, years in enumerate(YEARS):
        moved = other.select(*KEY[:3], period=pl.col("period") - years, moved="value")
        rows = pairs.join(moved, on=KEY)
        apart = pl.col("other_value").is_null() | ~_close(pl.col("moved"), pl.col("other_value"))
        rows = rows.with_columns(fits=_close(pl.col("value"), pl.col("moved")) & apart & (pl.col("value") != 0))
        often = (pl.col("fits").sum().over(key) >= FEWEST) & (pl.col("fits").mean().over(key) >= 0.5)
        parts.append(
            rows.filter(pl.col("fits") & often).select("row", shift=pl.lit(years, pl.Int32), order=pl.lit(order))
        )
    return pl.concat(parts).sort("row", "order").unique("row", keep="first").drop("order")


def _sliced(pairs: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Rows that are the international figure of another slice: row, slice."""
    slices = other.select("series", "area", "period", slice="dimensions", moved="value")
    rows = pairs.join(slices, on=["series", "area", "period"]).filter(pl.col("slice") != pl.col("dimensions"))
    kept = rows.filter(_close(pl.col("value"), pl.col("moved")) & (pl.col("value") != 0))
    return kept.sort("row", pl.col("slice").str.len_chars(), "slice").unique("row", keep="first").select("row", "slice")


def _released(pairs: pl.DataFrame, earlier: pl.DataFrame | None) -> pl.DataFrame:
    """Rows that the international provider once published: row, once (last release that carried the figure)."""
    if earlier is None:
        return pl.DataFrame(schema={"row": pl.UInt32, "once": pl.Date})
    past = earlier.select(*KEY, moved="value", once="release_to")
    rows = pairs.join(past, on=KEY).filter(_close(pl.col("value"), pl.col("moved")) & (pl.col("value") != 0))
    return rows.sort("row", "once").unique("row", keep="last").select("row", "once")


def _elsewhere(pairs: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """For figures without a counterpart: whether there are other years of the slice, other slices, or nothing."""
    alone = pairs.filter(pl.col("other_value").is_null())
    years = alone.join(other, on=KEY[:3], how="semi").select("row", years=pl.lit(value=True))
    slices = alone.join(other, on=["series", "area"], how="semi").select("row", slices=pl.lit(value=True))
    return years.join(slices, on="row", how="full", coalesce=True)


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """Kind and detail of every row."""
    paired = pl.col("other_value").is_not_null()
    same = paired & _close(pl.col("value"), pl.col("other_value"))
    units = (pl.col("unit") != "") & (pl.col("other_unit") != "") & (pl.col("unit") != pl.col("other_unit"))
    day = pl.col("once").dt.to_string("%Y-%m-%d")
    causes = (
        (same, "same", pl.lit("")),
        (pl.col("power").is_not_null(), "scale", pl.format("10^{}", "power")),
        (pl.col("index").is_not_null(), "index_growth", pl.lit("")),
        (pl.col("shift").is_not_null(), "year_shift", (pl.col("period") + pl.col("shift")).cast(pl.String)),
        (pl.col("slice").is_not_null(), "other_slice", pl.col("slice")),
        (paired & pl.col("once").is_not_null(), "other_release", day),
        (paired & units, "unit", pl.format("{} / {}", "unit", "other_unit")),
        (paired, "genuine", pl.lit("")),
        (pl.col("years").is_not_null(), "other_years", pl.lit("")),
        (pl.col("slices").is_not_null(), "other_slices", pl.lit("")),
    )
    kind, detail = pl.lit("no_international"), pl.lit("")
    for applies, name, what in reversed(causes):
        kind = pl.when(applies).then(pl.lit(name)).otherwise(kind)
        detail = pl.when(applies).then(what.fill_null("")).otherwise(detail)
    zero = pl.col("other_value") == 0
    relative = pl.when(~zero).then(pl.col("value") / pl.col("other_value") - 1)
    made = frame.with_columns(kind=kind, detail=detail, relative=relative)
    return made.select(pl.col(name).cast(dtype) for name, dtype in NATIONAL.items())

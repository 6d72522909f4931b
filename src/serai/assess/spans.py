"""What every progress method starts from: one row per series and area with its base and its latest value.

Nothing is dropped on the way: a series that gives a method nothing to work on keeps its row and says why.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from serai.errors import InputError

__all__ = ["KEY", "Spans", "spans"]

KEY = ("provider", "series", "area", "dimensions")
"""What tells one time series from another."""

USABLE = ("published", "provisional")

RATE = "the series is a rate of change already, and its compound growth says nothing"
"""Why methods of compound growth leave out a series whose rule has the status ``rate``."""

_OBSERVED: dict[str, pl.DataType] = {
    "provider": pl.String(),
    "series": pl.String(),
    "area": pl.String(),
    "dimensions": pl.String(),
    "period": pl.Int32(),
    "value": pl.Float64(),
    "bound": pl.String(),
    "unit": pl.String(),
    "nature": pl.String(),
    "release": pl.Date(),
    "status": pl.String(),
}
_NEEDED = ("series", "area", "period", "value")

_RULES: dict[str, pl.DataType] = {
    "series": pl.String(),
    "status": pl.String(),
    "direction": pl.Int64(),
    "target_type": pl.String(),
    "target": pl.Float64(),
    "parity": pl.Boolean(),
    "lower_limit": pl.Float64(),
    "upper_limit": pl.Float64(),
    "unit": pl.String(),
    "reason": pl.String(),
}

PARITY = (0.97, 1.03)
"""Ratios within this band count as parity (UNESCO's convention, used by Open SDG)."""


@dataclass(frozen=True, slots=True)
class Spans:
    """Series with their rule, base and latest value, and the usable points behind them.

    Attributes:
        keys: one row per provider, series, area and dimensions: ``unit, direction, target, limit, parity,
            base_year, base_value, base_bound, latest_year, latest_value, latest_bound, release, nature``, the
            working values ``y0`` and ``yt`` (a parity index as its distance from one), ``years`` between them, and
            ``blocked``, the reason why no method can classify the row (null where one can), ``lone``, the reason why
            most cannot: one year only, and ``rate``, why those cannot that take compound growth: the series is a rate
            of change already, says its rule (status ``rate``).
        points: ``key`` (row number in ``keys``), ``period``, ``value``: every usable value up to ``end``, oldest
            first, one a year, parity indices as their distance from one.
        start: base year of the goals.
        end: year the targets are set for.
    """

    keys: pl.DataFrame
    points: pl.DataFrame
    start: int
    end: int


def spans(observations: pl.DataFrame, rules: pl.DataFrame, start: int = 2015, end: int = 2030) -> Spans:
    """Base, latest value and rule of every series in ``observations``.

    The base is the value of ``start``, or of the first later year that has one; the latest value is the last one up
    to ``end``. A published bound (``>95``) counts as its number. Rows are usable when published or provisional, with a
    finite number.

    Args:
        observations: the observation table; ``series, area, period, value`` are needed, the rest is taken as unknown
            where it is missing.
        rules: the reviewed rules, one row a series.
        start: base year.
        end: target year, after ``start``.

    Returns:
        As many rows as ``observations`` has different series, areas, dimensions and providers.

    Raises:
        InputError: a column is missing, a series has two rules, or ``end`` does not come after ``start``.
    """
    if end <= start:
        raise InputError(f"the target year {end} does not come after the base year {start}; give a later one")
    table = _tidy(observations, _OBSERVED, _NEEDED, "observations")
    if table["release"].null_count() == table.height and "release_to" in observations.columns:
        table = table.with_columns(observations["release_to"].cast(pl.Date).alias("release"))
    keys, table = _number(table)
    ruled = keys.join(_rules(rules), on="series", how="left", maintain_order="left")
    points = _usable(table, end)
    blocked = _absences(table, keys.height, start, end)
    ends = _ends(points, keys.height, start)
    frame = pl.concat([ruled.drop("key"), ends, blocked], how="horizontal")
    frame = _working(frame, end)
    return Spans(_block(frame, start), _distance(points, frame), start, end)


def _tidy(frame: pl.DataFrame, schema: dict[str, pl.DataType], needed: tuple[str, ...], name: str) -> pl.DataFrame:
    """The columns of ``schema``, typed; unknown ones empty."""
    for column in needed:
        if column not in frame.columns:
            raise InputError(f"{name}: column '{column}' is missing; found {', '.join(frame.columns)}")
    return frame.select(
        pl.col(column).cast(dtype, strict=False) if column in frame.columns else pl.lit(None, dtype).alias(column)
        for column, dtype in schema.items()
    )


def _number(table: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Number the series; rows sorted by number and period.

    One integer stands for the four parts of the key: sorting two million rows by it takes a fifth of the time that
    sorting them by their strings does.
    """
    table = table.with_columns(pl.col("provider", "dimensions").fill_null(""))
    code = pl.lit(0, pl.Int64)
    for name in KEY:
        known = table[name].drop_nulls().unique().sort()
        place = pl.col(name).cast(pl.Enum(known)).to_physical().cast(pl.Int64).fill_null(len(known))
        code = code * (len(known) + 1) + place
    table = table.with_columns(code=code).sort("code", "period", maintain_order=True)
    table = table.with_columns(key=pl.col("code").rle_id()).drop("code")
    first = (pl.col("key") != pl.col("key").shift()).fill_null(value=True)
    return table.filter(first).select("key", *KEY), table


def _rules(rules: pl.DataFrame) -> pl.DataFrame:
    """Rules by series, named apart from what the observations carry."""
    table = _tidy(rules, _RULES, ("series", "status"), "rules")
    twice = table["series"].filter(table["series"].is_duplicated())
    if len(twice):
        raise InputError(f"rules: series '{twice[0]}' has more than one row; keep one")
    return table.select(
        "series",
        pl.col("parity").fill_null(value=False),
        rule_status="status",
        rule_reason="reason",
        rule_unit=pl.col("unit").replace("", None),
        direction=pl.when(pl.col("parity").fill_null(value=False)).then(-1).otherwise("direction").cast(pl.Int8),
        rule_target="target",
        target_type="target_type",
        limit=pl.when(pl.col("direction") > 0).then("upper_limit").when(pl.col("direction") < 0).then("lower_limit"),
    )


def _usable(table: pl.DataFrame, end: int) -> pl.DataFrame:
    """Rows a method may use, in order; ``again`` marks a second, different value for the same year."""
    number = pl.col("value").is_finite() & pl.col("status").fill_null("published").is_in(USABLE)
    rows = table.filter(number.fill_null(value=False) & (pl.col("period") <= end))
    same = (pl.col("key") == pl.col("key").shift()) & (pl.col("period") == pl.col("period").shift())
    rows = rows.with_columns(repeat=same.fill_null(value=False))
    rows = rows.with_columns(again=pl.col("repeat") & (pl.col("value") != pl.col("value").shift()))
    return rows.filter(~pl.col("repeat") | pl.col("again"))


def _absences(table: pl.DataFrame, count: int, start: int, end: int) -> pl.DataFrame:
    """Per series: usable rows before the base year, rows that are not numbers, and the states of rows without one."""
    state = pl.col("status").fill_null("published")
    number = pl.col("value").is_finite().fill_null(value=False)
    inside = pl.col("period").is_between(start, end)
    open_ = state.is_in(USABLE)
    counts = table.group_by("key").agg(
        before=(number & open_ & (pl.col("period") < start)).sum(),
        after=(number & open_ & (pl.col("period") > end)).sum(),
        broken=(~number & open_ & inside).sum(),
        withheld=(state.is_in(["withheld", "embargoed"]) & inside).sum(),
        not_applicable=((state == "not_applicable") & inside).sum(),
        yearless=pl.col("period").is_null().sum(),
    )
    every = pl.DataFrame({"key": pl.arange(0, count, eager=True, dtype=pl.UInt32)})
    return every.join(counts, on="key", how="left", maintain_order="left").drop("key")


def _ends(points: pl.DataFrame, count: int, start: int) -> pl.DataFrame:
    """Base and latest row of every series, and what is wrong between them."""
    window = points.filter(pl.col("period") >= start)
    key = window["key"].to_numpy()
    edge = np.flatnonzero(np.diff(key)) + 1
    firsts = np.concatenate([[0], edge]).astype(np.int64)[: len(key)]
    lasts = np.concatenate([edge - 1, [len(key) - 1]]).astype(np.int64)[: len(firsts)]
    faults = window.group_by("key", maintain_order=True).agg(
        points=pl.len(),
        twice=pl.col("period").filter(pl.col("again")).first(),
        units=pl.col("unit").n_unique(),
    )
    base = window[firsts].select(base_year="period", base_value="value", base_bound="bound", base_unit="unit")
    latest = window[lasts].select(
        "key", "unit", "nature", "release", latest_year="period", latest_value="value", latest_bound="bound"
    )
    found = pl.concat([latest, base, faults.drop("key")], how="horizontal")
    every = pl.DataFrame({"key": pl.arange(0, count, eager=True, dtype=pl.UInt32)})
    return every.join(found, on="key", how="left", maintain_order="left")


def _from_parity(value: pl.Expr) -> pl.Expr:
    """A parity index as its distance from one: max(y, 1/y), and one within the band that counts as parity."""
    far = pl.max_horizontal(value, 1 / value)
    return pl.when(value <= 0).then(None).when(value.is_between(*PARITY)).then(1.0).otherwise(far)


def _working(frame: pl.DataFrame, end: int) -> pl.DataFrame:
    """Working values, and the target as a number."""
    parity = pl.col("parity").fill_null(value=False)
    frame = frame.with_columns(
        y0=pl.when(parity).then(_from_parity(pl.col("base_value"))).otherwise("base_value"),
        yt=pl.when(parity).then(_from_parity(pl.col("latest_value"))).otherwise("latest_value"),
        years=(pl.col("latest_year") - pl.col("base_year")).cast(pl.Float64),
    )
    target = (
        pl.when(parity)
        .then(pl.col("rule_target").fill_null(1.0))
        .when(pl.col("target_type") == "factor")
        .then(pl.col("rule_target") * pl.col("y0"))
        .otherwise("rule_target")
    )
    return frame.with_columns(
        target=target, target_year=pl.when(target.is_not_null()).then(pl.lit(end, dtype=pl.Int32))
    )


def _block(frame: pl.DataFrame, start: int) -> pl.DataFrame:
    """The reason why no method can classify a row: rule first, then unit, then what the figures lack."""
    lone = pl.format("one year of data since {} ({})", pl.lit(start), pl.col("base_year"))
    reason = (
        pl.when(pl.col("rule_status").is_null())
        .then(pl.lit("no rule for this series"))
        .when(~pl.col("rule_status").is_in(["rule", "rate"]))
        .then(pl.format("no rule: {}", pl.col("rule_reason").fill_null("none was set")))
        .when(pl.col("direction").is_null() | (pl.col("direction") == 0))
        .then(pl.lit("the rule names no direction"))
        .when(pl.col("latest_year").is_null())
        .then(_nothing(start))
        .when(pl.col("twice").is_not_null())
        .then(pl.format("year {} is given twice with different values", pl.col("twice")))
        .when((pl.col("units") > 1) & (pl.col("base_unit").fill_null("") != pl.col("unit").fill_null("")))
        .then(
            pl.format("unit changes from '{}' to '{}'", pl.col("base_unit").fill_null(""), pl.col("unit").fill_null(""))
        )
        .when(pl.col("rule_unit").is_not_null() & (pl.col("unit").fill_null("") != pl.col("rule_unit")))
        .then(pl.format("unit '{}' is not the rule's unit '{}'", pl.col("unit").fill_null(""), pl.col("rule_unit")))
        .when(pl.col("y0").is_null() | pl.col("yt").is_null())
        .then(pl.lit("a parity index must be above zero"))
        .otherwise(None)
    )
    return frame.with_columns(
        blocked=reason,
        lone=pl.when(pl.col("years") < 1).then(lone),
        rate=pl.when(pl.col("rule_status") == "rate").then(pl.lit(RATE)),
    )


def _nothing(start: int) -> pl.Expr:
    """Why a series has no usable value in the window."""
    return (
        pl.when(pl.col("withheld") > 0)
        .then(pl.lit("withheld by the provider"))
        .when(pl.col("not_applicable") > 0)
        .then(pl.lit("does not apply here, says the provider"))
        .when(pl.col("broken") > 0)
        .then(pl.lit("no finite number among the values"))
        .when(pl.col("before") > 0)
        .then(pl.format("no data since {}", pl.lit(start)))
        .when(pl.col("after") > 0)
        .then(pl.lit("values only after the target year"))
        .when(pl.col("yearless") > 0)
        .then(pl.lit("values without a year"))
        .otherwise(pl.lit("no data"))
    )


def _distance(points: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """The points of the methods that look at more than two: parity indices as distance, one value a year."""
    rows = points.filter(~pl.col("again")).select("key", "period", "value")
    if not frame["parity"].fill_null(value=False).any():
        return rows
    flags = frame.select(key=pl.arange(0, pl.len(), dtype=pl.UInt32), parity=pl.col("parity").fill_null(value=False))
    rows = rows.join(flags, on="key", how="left", maintain_order="left")
    value = pl.when("parity").then(_from_parity(pl.col("value"))).otherwise("value")
    return rows.select("key", "period", value=value).drop_nulls("value")

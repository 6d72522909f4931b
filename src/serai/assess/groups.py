"""Groups left behind: a group's slice beside its counterpart's, progress of both, and whether the gap closes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import polars as pl

from serai.assess.progress import progress
from serai.assess.spans import USABLE
from serai.errors import UnknownName

__all__ = ["GAPS", "GAP_STATES", "Group", "groups", "left_behind"]

LEVEL = 0.01
"""A gap below this share of the counterpart's figure counts as none."""

STEADY = 0.05
"""A gap that changed by no more than this share of itself is unchanged."""

GAP_STATES = ("closed", "closing", "unchanged", "widening", "opened", "behind", "not_behind")
"""What became of a gap; ``behind`` where there is one year only, ``not_behind`` where there was none and is none."""

GAPS: dict[str, pl.DataType] = {
    "method": pl.String(),
    "group": pl.String(),
    "area": pl.String(),
    "series": pl.String(),
    "provider": pl.String(),
    "dimensions": pl.String(),
    "other_dimensions": pl.String(),
    "against": pl.String(),
    "unit": pl.String(),
    "direction": pl.Int8(),
    "first_year": pl.Int32(),
    "first_value": pl.Float64(),
    "other_first_value": pl.Float64(),
    "last_year": pl.Int32(),
    "last_value": pl.Float64(),
    "other_last_value": pl.Float64(),
    "gap_first": pl.Float64(),
    "gap_last": pl.Float64(),
    "gap": pl.String(),
    "class": pl.String(),
    "other_class": pl.String(),
    "score": pl.Float64(),
    "reason": pl.String(),
    "release": pl.Date(),
    "nature": pl.String(),
}
"""Columns of :func:`left_behind`."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of people: the code that is its slice of a dimension, and its counterpart's."""

    id: str
    title_en: str
    title_ru: str
    other_en: str
    other_ru: str
    dimension: str
    code: str
    counterpart: str


@cache
def groups() -> Mapping[str, Group]:
    """All groups by id, in the order they are shown."""
    text = files("serai.assess").joinpath("groups.toml").read_text(encoding="utf-8")
    return MappingProxyType({name: Group(id=name, **entry) for name, entry in tomllib.loads(text).items()})


def left_behind(
    observations: pl.DataFrame,
    rules: pl.DataFrame,
    headline_table: pl.DataFrame,
    *,
    names: Iterable[str] | None = None,
    method: str = "statcan",
    start: int = 2015,
    end: int = 2030,
    world: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Every series that is broken down by a group: the group beside its counterpart, then and now.

    Of several breakdowns of a series the one around the headline slice is taken (it plus the group), else the one with
    most common figures. The counterpart is the group's opposite, else everybody. Gaps are measured in the first and
    the last year since ``start`` in which both have a figure, in the direction of the series' rule: a positive gap is
    one the group is behind by.

    Args:
        observations: the observation table, all slices.
        rules, start, end, world: as for :func:`progress`.
        headline_table: ``series, dimensions``.
        names: which of :func:`groups`; by default all.
        method: method of progress for both slices.

    Returns:
        One row a group, provider, series and area that has any figure of the group; columns as in ``GAPS``. ``gap`` is
        one of ``GAP_STATES``; ``class`` and ``other_class`` are the progress of the two slices; ``reason`` says why
        there is no gap, or no class.

    Raises:
        UnknownName: no such group or method.
        InputError: as for :func:`progress`.
    """
    wanted = list(groups()) if names is None else list(names)
    for name in wanted:
        if name not in groups():
            raise UnknownName("group of people", name, groups())
    tables = [_pairs(observations, groups()[name], headline_table, start, end) for name in wanted]
    frame = pl.concat(tables) if tables else _pairs(observations.clear(), groups()["women"], headline_table, start, end)
    frame = _gaps(_classes(observations, frame, rules, method, start, end, world))
    order = {name: place for place, name in enumerate(wanted)}
    place = pl.col("group").replace_strict(order, default=None, return_dtype=pl.Int32)
    frame = frame.with_columns(method=pl.lit(method)).sort(place, "series", "area", "provider")
    return frame.select(pl.col(name).cast(dtype) for name, dtype in GAPS.items())


def _split(observations: pl.DataFrame, group: Group, start: int, end: int) -> pl.DataFrame:
    """Rows with the group's dimension apart from the rest of the slice; ``number`` marks usable ones."""
    part = rf"(^|\|){group.dimension}=([^|]*)"
    slice_ = pl.col("dimensions").fill_null("")
    usable = pl.col("value").is_finite() & pl.col("status").is_in(USABLE) & pl.col("period").is_between(start, end)
    return observations.with_columns(
        code=slice_.str.extract(part, 2),
        rest=slice_.str.replace(part, "").str.strip_prefix("|"),
        number=usable.fill_null(value=False),
    )


def _pairs(
    observations: pl.DataFrame, group: Group, headline_table: pl.DataFrame, start: int, end: int
) -> pl.DataFrame:
    """One row an area and series with figures of the group: both slices in the first and last common year."""
    table = _split(observations, group, start, end)
    by = ["provider", "series"]
    own = table.filter(pl.col("code") == group.code)
    side = table.filter("number").select(
        *by, "area", "rest", "period", "unit", "code", other_value="value", other_dimensions="dimensions"
    )
    opposite = side.filter(pl.col("code") == group.counterpart).with_columns(against=pl.lit("counterpart"))
    everyone = side.filter(pl.col("code").is_null()).with_columns(against=pl.lit("total"))
    on = [*by, "area", "rest", "period", "unit"]
    common = pl.concat(
        own.filter("number").join(other.drop("code"), on=on, how="inner", maintain_order="left")
        for other in (opposite, everyone)
    )
    chosen = _chosen(common, headline_table, group)
    common = common.join(chosen, on=[*by, "rest", "against"], how="semi", maintain_order="left").sort("period")
    ends = common.unique([*by, "area", "period"], keep="first", maintain_order=True).group_by([*by, "area"]).agg(
        first_year=pl.col("period").first(),
        first_value=pl.col("value").first(),
        other_first_value=pl.col("other_value").first(),
        last_year=pl.col("period").last(),
        last_value=pl.col("value").last(),
        other_last_value=pl.col("other_value").last(),
        release=pl.col("release").last(),
        nature=pl.col("nature").last(),
    )  # fmt: skip
    slices = common.group_by(by).agg(pl.col("dimensions").first(), pl.col("other_dimensions").first())
    units = own.group_by([*by, "area"], maintain_order=True).agg(pl.col("unit").last())
    keyed = units.join(chosen, on=by, how="left", maintain_order="left").join(slices, on=by, how="left")
    alone = own.group_by(by).agg(alone=pl.col("dimensions").sort().first())
    frame = keyed.join(ends, on=[*by, "area"], how="left", maintain_order="left").join(alone, on=by, how="left")
    return frame.with_columns(group=pl.lit(group.id), dimensions=pl.coalesce("dimensions", "alone")).drop("alone")


def _chosen(common: pl.DataFrame, headline_table: pl.DataFrame, group: Group) -> pl.DataFrame:
    """For each series the breakdown that is shown, and what it is held against: ``rest`` and ``against``."""
    part = rf"(^|\|){group.dimension}=([^|]*)"
    standing = headline_table.select(
        pl.col("series").cast(pl.String),
        standing=pl.col("dimensions").cast(pl.String).fill_null("").str.replace(part, "").str.strip_prefix("|"),
    )
    sizes = common.group_by("provider", "series", "rest", "against").agg(size=pl.len())
    ranked = sizes.join(standing, on="series", how="left").with_columns(
        mine=(pl.col("rest") == pl.col("standing")).fill_null(value=False), whole=pl.col("against") == "total"
    )
    order = ["provider", "series", "mine", "whole", "size", "rest"]
    ranked = ranked.sort(order, descending=[False, False, True, False, True, False])
    return ranked.unique(["provider", "series"], keep="first", maintain_order=True).select(
        "provider", "series", "rest", "against"
    )


def _classes(
    observations: pl.DataFrame,
    frame: pl.DataFrame,
    rules: pl.DataFrame,
    method: str,
    start: int,
    end: int,
    world: pl.DataFrame | None,
) -> pl.DataFrame:
    """The pairs with the progress of both slices."""
    by = ["provider", "series", "dimensions"]
    mine = frame.select(by)
    other = frame.select("provider", "series", dimensions="other_dimensions").drop_nulls()
    needed = pl.concat([mine, other]).unique()
    figures = observations.with_columns(pl.col("dimensions").fill_null("")).join(needed, on=by, how="semi")
    found = progress(figures, rules, method, start, end, world=world)
    key = ["provider", "series", "area", "dimensions"]
    made = found.select(*key, "direction", "class", "score", why="reason")
    beside = found.select("provider", "series", "area", other_dimensions="dimensions", other_class="class")
    frame = frame.join(made, on=key, how="left", maintain_order="left")
    return frame.join(beside, on=["provider", "series", "area", "other_dimensions"], how="left", maintain_order="left")


def _gaps(frame: pl.DataFrame) -> pl.DataFrame:
    """Gap in both years, what became of it, and why there is none."""
    way = pl.when(pl.col("direction") != 0).then(pl.col("direction").cast(pl.Float64))
    frame = frame.with_columns(
        gap_first=way * (pl.col("other_first_value") - pl.col("first_value")),
        gap_last=way * (pl.col("other_last_value") - pl.col("last_value")),
    )
    was = pl.col("gap_first") > LEVEL * pl.col("other_first_value").abs()
    now = pl.col("gap_last") > LEVEL * pl.col("other_last_value").abs()
    ratio = pl.col("gap_last") / pl.col("gap_first")
    state = (
        pl.when(pl.col("gap_last").is_null())
        .then(None)
        .when(pl.col("first_year") == pl.col("last_year"))
        .then(pl.when(now).then(pl.lit("behind")).otherwise(pl.lit("not_behind")))
        .when(was & ~now)
        .then(pl.lit("closed"))
        .when(~was & now)
        .then(pl.lit("opened"))
        .when(~now)
        .then(pl.lit("not_behind"))
        .when(ratio < 1 - STEADY)
        .then(pl.lit("closing"))
        .when(ratio > 1 + STEADY)
        .then(pl.lit("widening"))
        .otherwise(pl.lit("unchanged"))
    )
    lacking = (
        pl.when(pl.col("other_dimensions").is_null())
        .then(pl.lit("no counterpart is published"))
        .when(pl.col("last_year").is_null())
        .then(pl.lit("no year in which both have a figure"))
    )
    return frame.with_columns(gap=state, reason=pl.coalesce(lacking, "why"))

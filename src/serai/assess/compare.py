"""The published methods side by side, and why they differ."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import polars as pl

from serai.assess import escap, sdsn
from serai.assess.methods import method, method_classes, methods
from serai.assess.progress import judge
from serai.assess.spans import KEY, Spans, spans

__all__ = ["compare_methods", "differences"]

REFERENCE = "statcan"


@cache
def differences() -> Mapping[str, Mapping[str, str]]:
    """Why two methods can differ: ``cause``, ``text_en`` and ``text_ru`` by the id in the column ``detail``."""
    text = files("serai.assess").joinpath("differences.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


def compare_methods(
    observations: pl.DataFrame,
    rules: pl.DataFrame,
    *,
    names: Iterable[str] | None = None,
    reference: str = REFERENCE,
    start: int = 2015,
    end: int = 2030,
    world: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Every series and area by every method, and where and why they disagree.

    Args:
        observations, rules, start, end, world: as for :func:`progress`.
        names: which methods; by default all.
        reference: the method that each is compared with.

    Returns:
        One row a series, area and method: the columns of :func:`progress`, ``trend_from`` (first year the trend is
        read from), ``standing`` (``on_track``, ``too_slow`` or ``away``: the scale the methods share), ``agree``
        (whether all methods with a class give this series one standing; null with fewer than two), and where the
        standing is not the reference's, ``why`` (``baseline``, ``trend rule``, ``target``, ``cut`` or ``missing
        rule``) with ``detail``, an id of :func:`differences`.

    Raises:
        UnknownName: no such method.
        InputError: as for :func:`progress`.
    """
    wanted = list(dict.fromkeys(names)) if names is not None else list(methods())
    for name in (*wanted, reference):
        method(name)
    found = spans(observations, rules, start, end)
    limits = None
    if "sdsn" in (*wanted, reference):
        limits = sdsn.bounds(found if world is None else spans(world, rules, start, end))
    extra = found.keys.select("y0", "parity", "target_type").with_columns(_line_start(found))
    made = {name: pl.concat([judge(found, name, limits), extra], how="horizontal") for name in {*wanted, reference}}
    standing = {name: _standing(frame) for name, frame in made.items()}
    against = standing[reference].select(
        "C", ref="standing", ref_value="value", ref_class="class", ref_method=pl.lit(reference)
    )
    rows = [pl.concat([standing[name].drop("C"), against], how="horizontal") for name in wanted]
    frame = pl.concat(rows) if rows else standing[reference].clear()
    return _agreement(_explain(frame))


def _line_start(found: Spans) -> pl.Series:
    """First year that a line through all values would use, for every series."""
    first = found.points.filter(pl.col("period") >= escap.SINCE).group_by("key").agg(pl.col("period").min())
    every = pl.DataFrame({"key": pl.arange(0, found.keys.height, eager=True, dtype=pl.UInt32)})
    return every.join(first, on="key", how="left", maintain_order="left")["period"].alias("line_from")


def _standing(frame: pl.DataFrame) -> pl.DataFrame:
    """The class on the scale all methods share, and whether the growth cuts were shrunk near a limit."""
    classes = method_classes().select("method", "class", "standing")
    frame = frame.join(classes, on=["method", "class"], how="left", maintain_order="left")
    sign = pl.when(pl.col("value") < 0).then(pl.lit("away")).otherwise(pl.lit("too_slow"))
    return frame.with_columns(
        standing=pl.when(pl.col("standing") == "by_sign").then(sign).otherwise("standing"),
        trend_from=pl.when(pl.col("class").is_not_null()).then(
            pl.when(pl.col("method") == "escap")
            .then(pl.min_horizontal("line_from", "base_year"))
            .otherwise("base_year")
        ),
        C=pl.col("limit").is_not_null() & pl.col("target").is_null(),
    )


def _ratio() -> pl.Expr:
    """The measure of a method as a share of what its target needs."""
    return pl.when(pl.col("method") == "escap").then(pl.col("score") / 10).otherwise("value")


def _explain(frame: pl.DataFrame) -> pl.DataFrame:
    """The first cause that applies, for rows whose standing is not the reference's."""
    name, target = pl.col("method"), pl.col("target")
    same_cut = (
        pl.when(_ratio() >= 0.95)
        .then(pl.lit("on_track"))
        .when(_ratio() >= 0)
        .then(pl.lit("too_slow"))
        .otherwise(pl.lit("away"))
    )
    met_at_base = (pl.col("direction") * (pl.col("y0") - target) >= 0).fill_null(value=False)
    unsd = name.is_in(["unsd", "unsd5"])
    free = (
        pl.when(name == "sdsn")
        .then(pl.lit("benchmark"))
        .when("C")
        .then(pl.lit("near_limit"))
        .otherwise(pl.lit("growth_cuts"))
    )
    trend = (
        pl.when((name == "escap") & (pl.col("trend_from") < pl.col("base_year")))
        .then(pl.lit("looks_back"))
        .when(name == "escap")
        .then(pl.lit("weighted_line"))
        .when(name == "sdsn")
        .then(pl.lit("straight_line"))
        .otherwise(pl.lit("carried_on"))
    )
    cause = (
        pl.when(pl.col("class").is_null())
        .then(pl.when(pl.col("ref_class").is_not_null()).then(pl.lit("no_class_here")))
        .when(pl.col("ref_class").is_null())
        .then(pl.lit("no_class_there"))
        .when(pl.col("y0") == 0)
        .then(pl.lit("zero_base"))
        .when(target.is_null())
        .then(free)
        .when((name == "sdsn") & (pl.col("target_type") == "factor"))
        .then(pl.lit("own_factor"))
        .when(target == 0)
        .then(pl.lit("zero_target"))
        .when(unsd & met_at_base)
        .then(pl.lit("met_before"))
        .when(same_cut == pl.col("ref"))
        .then(pl.lit("threshold"))
        .otherwise(trend)
    )
    differs = pl.col("standing").fill_null("-") != pl.col("ref").fill_null("-")
    causes = {key: entry["cause"] for key, entry in differences().items()}
    frame = frame.with_columns(detail=pl.when(differs & (name != pl.col("ref_method"))).then(cause))
    return frame.with_columns(why=pl.col("detail").replace_strict(causes, default=None, return_dtype=pl.String))


def _agreement(frame: pl.DataFrame) -> pl.DataFrame:
    """Whether the methods agree, over all of a series' rows; columns in their final order."""
    standings = pl.col("standing").drop_nulls().n_unique().over(KEY)
    classed = pl.col("standing").is_not_null().sum().over(KEY)
    frame = frame.with_columns(agree=pl.when(classed > 1).then(standings == 1))
    unneeded = ["y0", "parity", "target_type", "line_from", "C", "ref", "ref_value", "ref_class", "ref_method"]
    last = ["trend_from", "standing", "agree", "why", "detail"]
    return frame.drop(unneeded, strict=False).select(pl.exclude(last), *last)

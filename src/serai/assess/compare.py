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
    extra = found.keys.select("y0", "target_type").with_columns(_line_start(found))
    made = {name: pl.concat([judge(found, name, limits), extra], how="horizontal") for name in {*wanted, reference}}
    standing = {name: _standing(frame) for name, frame in made.items()}
    against = standing[reference].select(ref="standing", ref_class="class", ref_method=pl.lit(reference))
    rows = [pl.concat([standing[name], against], how="horizontal") for name in wanted or [reference]]
    frame = pl.concat(rows) if wanted else rows[0].clear()
    return _agreement(_explain(frame))


def _line_start(found: Spans) -> pl.Series:
    """First year that a line through all values would use, for every series."""
    first = found.points.filter(pl.col("period") >= escap.SINCE).group_by("key").agg(pl.col("period").min())
    every = pl.DataFrame({"key": pl.arange(0, found.keys.height, eager=True, dtype=pl.UInt32)})
    return every.join(first, on="key", how="left", maintain_order="left")["period"].alias("line_from")


def _standing(frame: pl.DataFrame) -> pl.DataFrame:
    """The class on the scale all methods share, and the year its trend is read from."""
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
        limited=pl.col("limit").is_not_null(),
    )


def _first(*cases: tuple[pl.Expr, pl.Expr | str], otherwise: pl.Expr | str) -> pl.Expr:
    """The outcome of the first condition that holds; a plain string stands for itself."""
    found = pl.lit(otherwise) if isinstance(otherwise, str) else otherwise
    for condition, outcome in reversed(cases):
        value = pl.lit(outcome) if isinstance(outcome, str) else outcome
        found = pl.when(condition.fill_null(value=False)).then(value).otherwise(found)
    return found


def _either(*names: str) -> pl.Expr:
    """Whether one of the two methods of a row is among ``names``."""
    return pl.col("method").is_in(names) | pl.col("ref_method").is_in(names)


def _same_under_one_cut() -> pl.Expr:
    """Whether the measure, as a share of what the target needs, would give the reference's standing at its cuts."""
    share = pl.when(pl.col("method") == "escap").then(pl.col("score") / 10).otherwise("value")
    return _first((share >= 0.95, "on_track"), (share >= 0, "too_slow"), otherwise="away") == pl.col("ref")


def _cause() -> pl.Expr:
    """The first cause that applies to two methods of different standing."""
    target, own = pl.col("target"), pl.col("target_type") == "factor"
    met_at_base = pl.col("direction") * (pl.col("y0") - target) >= 0
    unaimed = _first(
        (_either("sdsn"), "benchmark"), (_either("statcan") & pl.col("limited"), "near_limit"), otherwise="growth_cuts"
    )
    trend = _first(
        (_either("escap") & (pl.col("line_from") < pl.col("base_year")), "looks_back"),
        (_either("escap"), "weighted_line"),
        (_either("sdsn"), "straight_line"),
        otherwise="carried_on",
    )
    both_missing = pl.col("class").is_null() & pl.col("ref_class").is_null()
    return _first(
        (both_missing, pl.lit(None, pl.String)),
        (pl.col("class").is_null(), "no_class_here"),
        (pl.col("ref_class").is_null(), "no_class_there"),
        (pl.col("y0") == 0, "zero_base"),
        (target.is_null(), unaimed),
        (_either("sdsn") & own, "own_factor"),
        (target == 0, "zero_target"),
        (_either("unsd", "unsd5") & met_at_base, "met_before"),
        (_same_under_one_cut(), "threshold"),
        otherwise=trend,
    )


def _explain(frame: pl.DataFrame) -> pl.DataFrame:
    """Cause and detail, for rows whose standing is not the reference's."""
    differs = pl.col("standing").ne_missing(pl.col("ref")) & (pl.col("method") != pl.col("ref_method"))
    causes = {key: entry["cause"] for key, entry in differences().items()}
    frame = frame.with_columns(detail=pl.when(differs).then(_cause()))
    return frame.with_columns(why=pl.col("detail").replace_strict(causes, default=None, return_dtype=pl.String))


def _agreement(frame: pl.DataFrame) -> pl.DataFrame:
    """Whether the methods agree, over all of a series' rows; columns in their final order."""
    standings = pl.col("standing").drop_nulls().n_unique().over(KEY)
    classed = pl.col("standing").is_not_null().sum().over(KEY)
    frame = frame.with_columns(agree=pl.when(classed > 1).then(standings == 1))
    unneeded = ["y0", "target_type", "line_from", "limited", "ref", "ref_class", "ref_method"]
    last = ["trend_from", "standing", "agree", "why", "detail"]
    return frame.drop(unneeded, strict=False).select(pl.exclude(last), *last)

"""Dependence of a country on its partners: shares, concentration, largest partner, reciprocity, all as ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from serai.depend import hhi
from serai.depend.flows import pairs
from serai.depend.totals import GROUP, residuals
from serai.region.flow_kinds import Kind

PARTNERS: Mapping[str, pl.DataType] = {
    "kind": pl.String(),
    "side": pl.String(),
    "area": pl.String(),
    "partner": pl.String(),
    "period": pl.Int32(),
    "unit": pl.String(),
    "low": pl.Float64(),
    "value": pl.Float64(),
    "high": pl.Float64(),
    "share_low": pl.Float64(),
    "share": pl.Float64(),
    "share_high": pl.Float64(),
    "reciprocity_low": pl.Float64(),
    "reciprocity": pl.Float64(),
    "reciprocity_high": pl.Float64(),
    "reports": pl.UInt32(),
    "providers": pl.String(),
    "nature": pl.String(),
    "missing": pl.Boolean(),
}
"""One row per kind, side, area, partner and year. ``side`` is ``in`` (from the partner) or ``out`` (to it)."""

AREAS: Mapping[str, pl.DataType] = {
    "kind": pl.String(),
    "side": pl.String(),
    "area": pl.String(),
    "period": pl.Int32(),
    "unit": pl.String(),
    "partners": pl.UInt32(),
    "missing": pl.UInt32(),
    "total_low": pl.Float64(),
    "total": pl.Float64(),
    "total_high": pl.Float64(),
    "hhi_low": pl.Float64(),
    "hhi": pl.Float64(),
    "hhi_high": pl.Float64(),
    "largest": pl.String(),
    "largest_low": pl.Float64(),
    "largest_share": pl.Float64(),
    "largest_high": pl.Float64(),
    "contenders": pl.String(),
    "reciprocity_low": pl.Float64(),
    "reciprocity": pl.Float64(),
    "reciprocity_high": pl.Float64(),
    "excess": pl.Boolean(),
    "reason": pl.String(),
}
"""One row per kind, side, area and year. ``contenders``: partners that may be the largest, if more than one;
``unlisted`` stands for those a total holds and no pair names."""

NO_TOTAL = "no_total"
NO_FLOW = "no_flow"
NO_VALUE = "no_value"


@dataclass(frozen=True)
class Indices:
    """``partners`` as in :data:`PARTNERS`, ``areas`` as in :data:`AREAS`."""

    partners: pl.DataFrame
    areas: pl.DataFrame


def indices(flows: pl.DataFrame, kinds: Mapping[str, Kind]) -> Indices:
    """All indices of all areas, both sides, every year.

    A share is a flow over the sum of all flows of its side; it is least when the flow is at its low end and all others
    at their high ends, and the other way round, so its range is exact. Unlisted partners (a total less its pairs) are
    in the sum. Without a total, a kind that is not complete has no shares: ``reason`` is ``no_total``. Reciprocity is
    ``sum(min(x_ij, x_ji)) / sum((x_ij + x_ji) / 2)`` over partners (Squartini et al. 2013); its range encloses the
    exact one.

    Args:
        flows: a flow table that has been checked.
        kinds: kinds by identifier.
    """
    found = _both_ways(pairs(flows, kinds), kinds)
    sided = _sided(found, kinds)
    rest = residuals(flows, sided, kinds)
    sums = _sums(sided, rest, kinds)
    shared = _shares(sided, sums)
    shared = _reciprocity(shared, rest, kinds)
    units = pl.col("kind").replace_strict({name: kind.unit for name, kind in kinds.items()}, default="").alias("unit")
    partners = shared.with_columns(units).select(pl.col(name).cast(dtype) for name, dtype in PARTNERS.items())
    areas = _areas(shared, sums, [name for name, kind in kinds.items() if kind.rest == "own"]).with_columns(units)
    return Indices(partners, areas.select(pl.col(name).cast(dtype) for name, dtype in AREAS.items()))


def _sided(found: pl.DataFrame, kinds: Mapping[str, Kind]) -> pl.DataFrame:
    """Every pair seen from its ends; an undirected kind is there both ways already and is seen from one."""
    undirected = [name for name, kind in kinds.items() if not kind.directed]
    out = found.rename({"origin": "area", "destination": "partner"}).with_columns(pl.lit("out").alias("side"))
    into = found.filter(~pl.col("kind").is_in(undirected)).rename({"destination": "area", "origin": "partner"})
    into = into.with_columns(pl.lit("in").alias("side")).select(out.columns)
    return pl.concat([out, into])


def _sums(sided: pl.DataFrame, rest: pl.DataFrame, kinds: Mapping[str, Kind]) -> pl.DataFrame:
    known = pl.col("value").is_not_null()
    summed = sided.group_by(GROUP, maintain_order=True).agg(
        pl.col("low").sum().alias("sum_low"),
        pl.col("value").sum().alias("sum"),
        pl.col("high").sum().alias("sum_high"),
        known.sum().alias("partners"),
        pl.col("missing").sum().alias("missing_pairs"),
        (pl.col("missing") & pl.col("high").is_null()).any().alias("unbounded"),
    )
    joined = summed.join(rest, on=GROUP, how="left")
    complete = [name for name, kind in kinds.items() if kind.complete]
    total_known = pl.col("kind").is_in(complete) | pl.col("rest_high").is_not_null()
    low, high = pl.col("rest_low").fill_null(0.0), pl.col("rest_high").fill_null(0.0)
    reason = (
        pl.when(~total_known).then(pl.lit(NO_TOTAL))
        .when(pl.col("partners") == 0).then(pl.lit(NO_FLOW))
        .when(pl.col("sum") + high <= 0).then(pl.lit(NO_VALUE))
        .otherwise(pl.lit(""))
    )  # fmt: skip
    return joined.with_columns(
        low.alias("rest_low"), high.alias("rest_high"), pl.col("excess").fill_null(False), reason.alias("reason")
    ).with_columns(
        (pl.col("sum_low") + pl.col("rest_low")).alias("total_low"),
        (pl.col("sum") + (pl.col("rest_low") + pl.col("rest_high")) / 2).alias("total"),
        pl.when(~pl.col("unbounded")).then(pl.col("sum_high") + pl.col("rest_high")).alias("total_high"),
    )


def _shares(sided: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
    columns = ["total_low", "total", "total_high", "reason"]
    joined = sided.join(sums.select(*GROUP, *columns), on=GROUP, how="left")
    said = pl.col("reason") == ""
    low_sum = pl.col("low") + pl.col("total_high") - pl.col("high")
    high_sum = pl.col("high") + pl.col("total_low") - pl.col("low")
    # A flow whose high end nothing bounds may be all there is.
    high = pl.when(pl.col("high").is_null()).then(1.0).when(high_sum > 0).then(pl.col("high") / high_sum).otherwise(0.0)
    low = pl.when(pl.col("total_high").is_null() | (low_sum <= 0)).then(0.0).otherwise(pl.col("low") / low_sum)
    return joined.with_columns(
        pl.when(said).then(low).alias("share_low"),
        pl.when(said).then(pl.col("value") / pl.col("total")).alias("share"),
        pl.when(said).then(high).alias("share_high"),
    )


def _both_ways(found: pl.DataFrame, kinds: Mapping[str, Kind]) -> pl.DataFrame:
    """Each pair with what goes the other way, ``there`` where a row says so; joined by one number a pair."""
    areas = pl.Enum(pl.concat([found["origin"], found["destination"]]).unique().sort())
    size, codes = max(len(areas.categories), 1), {name: number for number, name in enumerate(kinds)}
    head = pl.col("kind").replace_strict(codes, return_dtype=pl.Int64) * 10_000 + pl.col("period").cast(pl.Int64)
    ends = {end: pl.col(end).cast(areas).to_physical().cast(pl.Int64) for end in ("origin", "destination")}

    def key(first: str, second: str) -> pl.Expr:
        return ((head * size) + ends[first]) * size + ends[second]

    own = found.with_columns(key("destination", "origin").alias("way"))
    back = found.select(
        key("origin", "destination").alias("way"), *(pl.col(end).alias(f"back_{end}") for end in _ENDS),
        pl.lit(True).alias("there"),
    )  # fmt: skip
    return own.join(back, on="way", how="left", maintain_order="left").drop("way")


def _reciprocity(shared: pl.DataFrame, rest: pl.DataFrame, kinds: Mapping[str, Kind]) -> pl.DataFrame:
    """Both ways of a pair side by side.

    A way without a row is zero in a complete kind; elsewhere it is at most what unlisted partners have on that side.
    """
    none = pl.lit(None, pl.Float64).alias("other_rest")
    both = shared.with_columns(none) if rest.is_empty() else shared.join(
        rest.select("kind", pl.col("side").replace({"in": "out", "out": "in"}), "area", "period",
                    pl.col("rest_high").alias("other_rest")),
        on=GROUP, how="left",
    )  # fmt: skip
    complete = pl.col("kind").is_in([name for name, kind in kinds.items() if kind.complete])
    blank = pl.col("there").is_null()
    unlisted = pl.when(complete).then(0.0).otherwise("other_rest")
    both = both.with_columns(
        pl.when(blank).then(0.0).otherwise("back_low").alias("back_low"),
        pl.when(blank).then(unlisted).otherwise("back_high").alias("back_high"),
        pl.when(blank & (unlisted == 0)).then(0.0).otherwise("back_value").alias("back_value"),
    )
    x = {name: (pl.col(name), pl.col(f"back_{name}")) for name in _ENDS}
    ends = _of(x["low"][0], x["high"][1]), _of(x["high"][0], x["low"][1])
    overlap = (x["low"][0] <= x["high"][1].fill_null(np.inf)) & (x["low"][1] <= x["high"][0].fill_null(np.inf))
    unbounded = x["high"][0].is_null() | x["high"][1].is_null()
    way = pl.col("kind").is_in([name for name, kind in kinds.items() if kind.directed])
    return both.with_columns(
        pl.when(way).then(pl.when(unbounded).then(0.0).otherwise(pl.min_horizontal(ends))).alias("reciprocity_low"),
        pl.when(way).then(_of(*x["value"])).alias("reciprocity"),
        pl.when(way).then(pl.when(overlap).then(1.0).otherwise(pl.max_horizontal(ends))).alias("reciprocity_high"),
    )


_ENDS = ("low", "value", "high")


def _of(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    both = one + other
    return pl.when(both > 0).then(2 * pl.min_horizontal(one, other) / both).when(both == 0).then(0.0)


def _part(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """``one / (one + other)`` where either may be without bound."""
    return pl.when(other.is_infinite()).then(0.0).when(one.is_infinite()).then(1.0).otherwise(one / (one + other))


def _areas(shared: pl.DataFrame, sums: pl.DataFrame, own: Sequence[str]) -> pl.DataFrame:
    least = pl.col("low").max()
    reaching = pl.col("high").fill_null(np.inf)
    may_be = (reaching >= least) & (reaching > 0)
    first = pl.col("value").fill_null(-1.0).arg_max()
    far = pl.col("back_high").fill_null(np.inf)
    # Distances between two ranges: none where they overlap; the farthest ends otherwise.
    gap = pl.max_horizontal(pl.col("low") - far, pl.col("back_low") - reaching, 0.0).sum() / 2
    reach = pl.max_horizontal(reaching - pl.col("back_low"), far - pl.col("low")).sum() / 2
    grouped = shared.group_by(GROUP, maintain_order=True).agg(
        pl.when(pl.col("value").max() > 0).then(pl.col("partner").get(first)).alias("largest"),
        pl.col("share_low").get(first).alias("largest_low"),
        pl.col("share").get(first).alias("largest_share"),
        pl.col("share_high").get(first).alias("largest_high"),
        least.alias("lowest_largest"),
        may_be.sum().alias("several"),
        (pl.col("share") ** 2).sum().alias("squares"),
        (reaching > pl.col("low")).any().alias("ranged"),
        # Ways nobody reports leave only a range.
        pl.when((pl.col("value") + pl.col("back_value")).is_not_null().all())
        .then(pl.min_horizontal("value", "back_value").sum())
        .alias("both"),
        ((pl.col("value") - pl.col("back_value")).abs().sum() / 2).alias("apart"),
        pl.min_horizontal("low", "back_low").sum().alias("both_low"),
        pl.min_horizontal(reaching, far).sum().alias("both_high"),
        gap.alias("gap"),
        reach.alias("reach"),
        pl.col("reciprocity_high").is_not_null().any().alias("two_ways"),
    )
    ratios = [
        pl.when(pl.col("two_ways") & (pl.col(a) + pl.col(b) > 0)).then(_part(pl.col(a), pl.col(b))).alias(name)
        for name, a, b in (("reciprocity_low", "both_low", "reach"), ("reciprocity", "both", "apart"),
                           ("reciprocity_high", "both_high", "gap"))
    ]  # fmt: skip
    joined = sums.join(grouped, on=GROUP, how="left").with_columns(
        *ratios,
        ((pl.col("rest_high") > pl.col("lowest_largest")) & ~pl.col("kind").is_in(list(own))).alias("rest_larger"),
    )
    joined = joined.join(_contenders(shared, grouped), on=GROUP, how="left").with_columns(
        pl.col("contenders").fill_null("")
    )
    # What no pair names may be one partner, larger than all that are named.
    named = pl.when(pl.col("contenders") == "").then(pl.col("largest").fill_null("")).otherwise("contenders")
    unnamed = pl.format("{} unlisted", named).str.strip_chars()
    joined = joined.with_columns(pl.when("rest_larger").then(unnamed).otherwise("contenders").alias("contenders"))
    return _concentration(joined.with_columns(pl.col("missing_pairs").alias("missing")), shared, own)


def _contenders(shared: pl.DataFrame, grouped: pl.DataFrame) -> pl.DataFrame:
    """Partners that may be the largest, where there are several: mostly there are not."""
    several = grouped.filter(pl.col("several") > 1).select(*GROUP, "lowest_largest")
    rows = shared.select(*GROUP, "partner", "high").join(several, on=GROUP, how="inner")
    reaching = pl.col("high").fill_null(np.inf)
    rows = rows.filter((reaching >= pl.col("lowest_largest")) & (reaching > 0))
    return rows.group_by(GROUP).agg(pl.col("partner").sort().str.join(" ").alias("contenders"))


def _concentration(areas: pl.DataFrame, shared: pl.DataFrame, own: Sequence[str]) -> pl.DataFrame:
    """The index: exact where every flow is one number, between bounds where it is not."""
    said = pl.col("reason") == ""
    plain = ~pl.col("ranged") & (pl.col("rest_high") == 0)
    simple = pl.when(said & plain).then("squares")
    frame = areas.with_columns(simple.alias("hhi_low"), simple.alias("hhi"), simple.alias("hhi_high"))
    hard = frame.filter(said & ~plain)
    if hard.is_empty():
        return frame
    flows = hard.select(GROUP).join(shared.select(*GROUP, "low", "value", "high"), on=GROUP, how="left")
    parts = flows.partition_by(GROUP, as_dict=True)
    rows = [(*key, *_ranged(part, row, row["kind"] in own)) for key, part, row in _with_rows(hard, parts)]
    schema = {**{name: areas.schema[name] for name in GROUP}, **dict.fromkeys(("b_low", "b", "b_high"), pl.Float64())}
    bounded = pl.DataFrame(rows, schema=schema, orient="row").fill_nan(None)
    joined = frame.join(bounded, on=GROUP, how="left")
    names = ("hhi_low", "hhi", "hhi_high")
    return joined.with_columns(pl.coalesce(name, name.replace("hhi", "b")).alias(name) for name in names)


def _with_rows(
    hard: pl.DataFrame, parts: Mapping[tuple[object, ...], pl.DataFrame]
) -> list[tuple[tuple[object, ...], pl.DataFrame, dict[str, object]]]:
    rows = hard.iter_rows(named=True)
    return [(key, parts[key], row) for row in rows for key in [tuple(row[name] for name in GROUP)]]


def _ranged(part: pl.DataFrame, row: Mapping[str, object], own: bool) -> Sequence[float | None]:
    low, high = part["low"].to_numpy(), part["high"].to_numpy()
    value = part["value"].drop_nulls().to_numpy()
    rest = (float(str(row["rest_low"])), float(str(row["rest_high"])))
    total = float(str(row["total"]))
    if np.isnan(high).any():
        return None, None, None
    # Nobody says how the rest divides: it may all be one partner's, unless it is the country's own supply.
    largest = 0.0 if own else np.inf
    bound = hhi.bounds(low, high, rest=rest, largest=largest)
    # The value leaves the rest thinly spread: the least that the listed partners alone make.
    middle = float((value / total) @ (value / total)) if total > 0 else None
    return bound[0], middle, bound[1]

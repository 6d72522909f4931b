"""The flow table: what goes from one country to another, who says so, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import permutations

import polars as pl

from serai.errors import SourceError
from serai.region import Pack
from serai.region._check_depend import flow_faults
from serai.region._read import read_toml
from serai.region.flow_kinds import KINDS, WORLD, Kind, Kinds

FLOWS: Mapping[str, pl.DataType] = {
    "kind": pl.String(),
    "origin": pl.String(),
    "destination": pl.String(),
    "period": pl.Int32(),
    "value": pl.Float64(),
    "unit": pl.String(),
    "provider": pl.String(),
    "nature": pl.String(),
    "reported_by": pl.String(),
    "note": pl.String(),
}
"""The flow table. ``value`` is null where the pair is missing; ``M49:1`` is the partner of totals."""

PAIRS: Mapping[str, pl.DataType] = {
    "kind": pl.String(),
    "origin": pl.String(),
    "destination": pl.String(),
    "period": pl.Int32(),
    "low": pl.Float64(),
    "value": pl.Float64(),
    "high": pl.Float64(),
    "reports": pl.UInt32(),
    "providers": pl.String(),
    "nature": pl.String(),
    "missing": pl.Boolean(),
}
"""One row per pair: the range of what is reported. A missing pair has no value; ``high`` is then what bounds it."""

KEY = ["kind", "origin", "destination", "period"]
UNRANKED = 10_000


def read_kinds(pack: Pack) -> Kinds | None:
    """What kinds of flows a pack knows; ``None`` where it has none.

    Raises:
        PackError: ``depend/kinds.toml`` breaks its schema.
    """
    from serai.errors import PackError

    if not (pack.path / KINDS).is_file():
        return None
    kinds, faults = read_toml(pack.path, KINDS, Kinds)
    if kinds is None:
        raise PackError(pack.path.name, faults)
    return kinds


def as_flows(frame: pl.DataFrame, source: str = "flows") -> pl.DataFrame:
    """A frame as a flow table: its columns, in order, of the right types; empty text for null.

    Raises:
        SourceError: a column is missing or of another type.
    """
    if missing := [name for name in FLOWS if name not in frame.columns]:
        raise SourceError(f"{source}: column {missing[0]} is missing; a flow table has {', '.join(FLOWS)}")
    try:
        typed = frame.select(pl.col(name).cast(dtype) for name, dtype in FLOWS.items())
    except pl.exceptions.PolarsError as error:
        reason = " ".join(str(error).split())[:120]
        raise SourceError(f"{source}: a column is not of its type ({reason}); correct it") from None
    return typed.with_columns(pl.col(name).fill_null("") for name, dtype in FLOWS.items() if dtype == pl.String)


def check_flows(
    frame: pl.DataFrame, kinds: Mapping[str, Kind], countries: Iterable[str], source: str = "flows"
) -> pl.DataFrame:
    """The flow table of a frame, or everything that is wrong with it.

    Raises:
        SourceError: flows to oneself, of unknown areas or kinds, below zero, in a wrong unit or given twice.
    """
    flows = as_flows(frame, source)
    if faults := flow_faults(flows, kinds, countries, source):
        raise SourceError("\n".join(str(fault) for fault in faults))
    return flows


def with_missing(flows: pl.DataFrame, kinds: Iterable[Kind], members: Sequence[str]) -> pl.DataFrame:
    """Add the pairs of members that a kind expects and no row gives: missing, not zero."""
    ways = pl.DataFrame(list(permutations(members, 2)), schema=["origin", "destination"], orient="row")
    added = []
    for kind in (kind for kind in kinds if kind.expected == "members"):
        own = flows.filter(pl.col("kind") == kind.id)
        inside = own.filter(pl.col("origin").is_in(members) & pl.col("destination").is_in(members))
        periods = inside.select("period").unique()
        if periods.is_empty():
            continue
        blank = ways.join(periods, how="cross").join(own, on=["origin", "destination", "period"], how="anti")
        blank = blank.with_columns(
            pl.lit(kind.id).alias("kind"), pl.lit(kind.unit).alias("unit"), pl.lit(None, pl.Float64).alias("value"),
            pl.lit("expected, not at hand").alias("note"),
            *(pl.lit("").alias(name) for name in ("provider", "nature", "reported_by")),
        )  # fmt: skip
        added.append(as_flows(blank))
    return pl.concat([flows, *added])


def with_parts_added(flows: pl.DataFrame, kinds: Iterable[Kind]) -> pl.DataFrame:
    """Rows of one provider and reporter for one pair as one row, in kinds that say so; a missing part adds nothing."""
    names = [kind.id for kind in kinds if kind.adds]
    parts = flows.filter(pl.col("kind").is_in(names))
    if parts.is_empty():
        return flows
    total = pl.when(pl.col("value").is_not_null().any()).then(pl.col("value").sum()).alias("value")
    notes = pl.col("note").unique().sort().filter(pl.col("note").unique().sort() != "").str.join("; ").alias("note")
    natures = pl.when(pl.col("nature").n_unique() == 1).then(pl.col("nature").first()).otherwise(pl.lit("E"))
    keys = [*KEY, "unit", "provider", "reported_by"]
    added = parts.group_by(keys, maintain_order=True).agg(total, natures.alias("nature"), notes)
    return pl.concat([flows.filter(~pl.col("kind").is_in(names)), as_flows(added)])


def with_sums(flows: pl.DataFrame, kinds: Iterable[Kind]) -> pl.DataFrame:
    """Add the kinds that are sums of others: a pair is missing only where none of the parts has it."""
    sums = [kind for kind in kinds if kind.parts]
    if not sums:
        return flows
    added = []
    for kind in sums:
        own = flows.filter(pl.col("kind").is_in(kind.parts))
        texts = [pl.col(name).unique().sort().str.join("; ").alias(name) for name in ("provider", "note")]
        natures = pl.when(pl.col("nature").n_unique() == 1).then(pl.col("nature").first()).otherwise(pl.lit("E"))
        total = pl.when(pl.col("value").is_not_null().any()).then(pl.col("value").sum()).alias("value")
        added.append(
            own.group_by("origin", "destination", "period", maintain_order=True)
            .agg(total, pl.col("unit").first(), *texts, natures.alias("nature"))
            .with_columns(pl.lit(kind.id).alias("kind"), pl.lit("").alias("reported_by"))
        )
    return pl.concat([flows, *(as_flows(frame) for frame in added)])


def pairs(flows: pl.DataFrame, kinds: Mapping[str, Kind]) -> pl.DataFrame:
    """The range of reports of every pair, totals left out; undirected kinds appear both ways.

    ``low`` and ``high`` are the least and greatest report; ``value`` that of the provider the kind prefers, else the
    middle of the range. A missing pair lies between zero and the largest flow known of its origin, or of its
    destination if that is less: a stated assumption, and null where neither is known.

    Returns:
        Columns as in :data:`PAIRS`.
    """
    own = flows.filter((pl.col("origin") != WORLD) & (pl.col("destination") != WORLD))
    undirected = [name for name, kind in kinds.items() if not kind.directed]
    if undirected:
        own = _one_way(own, undirected)
    reports = _reports(own, kinds)
    found = reports.with_columns(pl.col("value").is_null().alias("missing"))
    if undirected:
        back = found.filter(pl.col("kind").is_in(undirected)).rename({"origin": "destination", "destination": "origin"})
        found = pl.concat([found, back.select(found.columns)])
    return _capped(found).select(pl.col(name).cast(dtype) for name, dtype in PAIRS.items())


def _one_way(flows: pl.DataFrame, undirected: Sequence[str]) -> pl.DataFrame:
    turn = pl.col("kind").is_in(undirected) & (pl.col("origin") > pl.col("destination"))
    return flows.with_columns(
        pl.when(turn).then("destination").otherwise("origin").alias("origin"),
        pl.when(turn).then("origin").otherwise("destination").alias("destination"),
    )


def _reports(own: pl.DataFrame, kinds: Mapping[str, Kind]) -> pl.DataFrame:
    once = own.select(pl.struct(KEY).is_unique().alias("once"))["once"]
    single = own.filter(once).select(
        *KEY, pl.col("value").alias("low"), "value", pl.col("value").alias("high"),
        pl.col("value").is_not_null().cast(pl.UInt32).alias("reports"), pl.col("provider").alias("providers"), "nature",
    )  # fmt: skip
    several = own.filter(~once)
    if several.is_empty():
        return single
    ranks = [(kind.id, provider, rank) for kind in kinds.values() for rank, provider in enumerate(kind.prefer)]
    order = pl.DataFrame(ranks, schema={"kind": pl.String, "provider": pl.String, "rank": pl.Int64}, orient="row")
    ranked = several.join(order, on=["kind", "provider"], how="left").with_columns(pl.col("rank").fill_null(UNRANKED))
    ranked = ranked.with_columns(
        pl.when(pl.col("value").is_not_null()).then("rank").otherwise(UNRANKED + 1).alias("rank")
    )
    best = pl.col("value").filter(pl.col("rank") == pl.col("rank").min())
    natures = pl.col("nature").filter(pl.col("rank") == pl.col("rank").min())
    grouped = ranked.group_by(KEY, maintain_order=True).agg(
        pl.col("value").min().alias("low"),
        ((best.min() + best.max()) / 2).alias("value"),
        pl.col("value").max().alias("high"),
        pl.col("value").is_not_null().sum().cast(pl.UInt32).alias("reports"),
        pl.col("provider").unique().sort().str.join("; ").alias("providers"),
        # Two natures, or a middle of two figures, make an estimate.
        pl.when((natures.n_unique() == 1) & (best.min() == best.max())).then(natures.first()).otherwise(pl.lit("E"))
        .alias("nature"),
    )  # fmt: skip
    return pl.concat([single, grouped])


def _capped(found: pl.DataFrame) -> pl.DataFrame:
    if not found["missing"].any():
        return found
    largest_out = found.group_by("kind", "origin", "period").agg(pl.col("high").max().alias("most_out"))
    largest_in = found.group_by("kind", "destination", "period").agg(pl.col("high").max().alias("most_in"))
    joined = found.join(largest_out, on=["kind", "origin", "period"], how="left").join(
        largest_in, on=["kind", "destination", "period"], how="left"
    )
    cap = pl.min_horizontal("most_out", "most_in")
    return joined.with_columns(
        pl.when("missing").then(0.0).otherwise("low").alias("low"),
        pl.when("missing").then(cap).otherwise("high").alias("high"),
    )

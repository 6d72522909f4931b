"""Central, dominant, or reactive: betweenness against weight against initiative, from who did what with whom.

An actor is *central* when it lies on the shortest ways between others (betweenness, Freeman 1977; Brandes 2001), with
the distance of two actors one over the weight of their tie; *dominant* when much of all weight is its own; *reactive*
when others initiate what it takes part in. Each group (an event, an agreement, a pledge, a body) gives every pair in it
``1 / (n - 1)``, so that it counts once for each who takes part (Newman 2001).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import lcm

import networkx as nx
import polars as pl

from serai.coordinate.events import TOOK_PART

CENTRALITY: Mapping[str, pl.DataType] = {
    "actor": pl.String(),
    "area": pl.Boolean(),
    "member": pl.Boolean(),
    "ties": pl.UInt32(),
    "partners": pl.UInt32(),
    "betweenness": pl.Float64(),
    "betweenness_rank": pl.UInt32(),
    "weight_share": pl.Float64(),
    "weight_rank": pl.UInt32(),
    "events": pl.UInt32(),
    "hosted": pl.UInt32(),
    "initiated": pl.UInt32(),
    "unknown": pl.UInt32(),
    "initiative_low": pl.Float64(),
    "initiative_high": pl.Float64(),
    "reaction_low": pl.Float64(),
    "reaction_high": pl.Float64(),
    "reading": pl.String(),
}
"""One row per actor. ``initiative``: share of all events it initiated; ``reaction``: share of its own events that
others did. Where no initiator is known it may be any who took part: both are ranges. ``reading``: ``more_central``,
``more_dominant`` or ``level``, by its ranks in betweenness and weight; ``no_event`` where it took part in none held."""

ROBUST: Mapping[str, pl.DataType] = {
    "removed": pl.String(),
    "groups": pl.UInt32(),
    "actor": pl.String(),
    "betweenness": pl.Float64(),
    "betweenness_rank": pl.UInt32(),
    "weight_share": pl.Float64(),
    "weight_rank": pl.UInt32(),
    "first": pl.String(),
    "holds": pl.Boolean(),
}
"""The picture without everything one partner took part in; ``first``: the member that is then most central, ``holds``:
whether it is the same as before."""

WEIGHTS: Mapping[str, pl.DataType] = {"a": pl.String(), "b": pl.String(), "weight": pl.Float64(), "groups": pl.UInt32()}
UNIT = lcm(*range(1, 31))
"""Distances are counted in whole parts of this: ways of one length are then equal in whatever order they are summed,
and those between groups of up to 31 exactly so. In decimals, which of them counts would hang on the last digit."""
INITIATOR, HOST = "initiator", "host"


def weights(ties: pl.DataFrame) -> pl.DataFrame:
    """Weight of every pair of actors: the sum over groups of ``1 / (n - 1)``.

    Args:
        ties: ``a, b, tie, via``: one row per pair and group, ``via`` being the group.

    Returns:
        Columns as in :data:`WEIGHTS`.
    """
    if ties.is_empty():
        return pl.DataFrame(schema=dict(WEIGHTS))
    ends = pl.concat([ties.select("tie", "via", pl.col(end).alias("actor")) for end in ("a", "b")])
    sizes = ends.group_by("tie", "via").agg(pl.col("actor").n_unique().alias("n"))
    joined = ties.select("a", "b", "tie", "via").unique().join(sizes, on=["tie", "via"])
    return (
        # In the order of sizes: pairs of the same groups get the same weight, to the last digit, in every run.
        joined.sort("a", "b", "n")
        .group_by("a", "b", maintain_order=True)
        .agg((1.0 / (pl.col("n") - 1)).sum().alias("weight"), pl.len().cast(pl.UInt32).alias("groups"))
        .sort("a", "b")
        .select(pl.col(name).cast(dtype) for name, dtype in WEIGHTS.items())
    )


def centrality(
    ties: pl.DataFrame, took_part: pl.DataFrame, members: Sequence[str], areas: Iterable[str]
) -> pl.DataFrame:
    """Betweenness, weight and initiative of every actor, most central first.

    Args:
        ties: ``a, b, tie, via``.
        took_part: ``event, actor, role``.
        members: members of the region.
        areas: codes of areas, to tell them from bodies.

    Returns:
        Columns as in :data:`CENTRALITY`. Ranks are among all actors; 1 is highest.
    """
    shape = _shape(weights(ties))
    acts = _initiative(took_part)
    everyone = sorted({*shape, *acts})
    known, region = set(areas), set(members)
    between = {actor: shape.get(actor, (0, 0, 0.0, 0.0))[2] for actor in everyone}
    share = {actor: shape.get(actor, (0, 0, 0.0, 0.0))[3] for actor in everyone}
    ranks = _ranks(between), _ranks(share)
    rows = []
    for actor in everyone:
        ties_of, partners = shape.get(actor, (0, 0, 0.0, 0.0))[:2]
        central, dominant = ranks[0][actor], ranks[1][actor]
        took = acts.get(actor)
        reading = "more_central" if central < dominant else "more_dominant" if central > dominant else "level"
        reading = reading if took else "no_event"
        rows.append((
            actor, actor in known, actor in region, ties_of, partners, between[actor], central, share[actor], dominant,
            *(took or (0, 0, 0, 0, None, None, None, None)), reading,
        ))  # fmt: skip
    frame = pl.DataFrame(rows, schema=dict(CENTRALITY), orient="row")
    return frame.sort("betweenness_rank", "weight_rank", "actor")


def _shape(pairs: pl.DataFrame) -> dict[str, tuple[int, int, float, float]]:
    """Groups, partners, betweenness and share of weight of every actor."""
    graph = nx.Graph()
    for a, b, weight, groups in pairs.iter_rows():
        graph.add_edge(a, b, weight=weight, distance=round(UNIT / weight), groups=groups)
    total = sum(weight for _, _, weight in graph.edges(data="weight"))
    between = nx.betweenness_centrality(graph, weight="distance", normalized=True)
    found = {}
    for actor in graph:
        own = graph[actor]
        strength = sum(edge["weight"] for edge in own.values())
        groups = sum(edge["groups"] for edge in own.values())
        found[actor] = (groups, len(own), float(between[actor]), strength / (2 * total))
    return found


def _initiative(took_part: pl.DataFrame) -> dict[str, tuple[object, ...]]:
    """Events, hosted, initiated, of unknown initiator; ranges of initiative and reaction, by actor."""
    if took_part.is_empty():
        return {}
    present = took_part.filter(pl.col("role").is_in(TOOK_PART))
    initiators = present.filter(pl.col("role") == INITIATOR).select("event", pl.col("actor").alias("by")).unique()
    total = took_part["event"].n_unique()
    flags = present.group_by("event", "actor").agg(
        (pl.col("role") == HOST).any().alias("hosted"), (pl.col("role") == INITIATOR).any().alias("initiated")
    )
    flags = flags.with_columns((~pl.col("event").is_in(initiators["event"].to_list())).alias("unknown"))
    counted = flags.group_by("actor").agg(pl.len(), pl.col("hosted", "initiated", "unknown").sum())
    found: dict[str, tuple[object, ...]] = {}
    for actor, events, hosted, initiated, unknown in counted.iter_rows():
        others = events - initiated - unknown
        found[actor] = (
            events, hosted, initiated, unknown, initiated / total, (initiated + unknown) / total, others / events,
            (events - initiated) / events,
        )  # fmt: skip
    return found


def _ranks(values: Mapping[str, float]) -> dict[str, int]:
    """Rank 1 for the highest; those that are equal share the better rank."""
    # Betweenness is a sum over ways in an order of its own: what differs in the last digits is equal.
    rounded = {actor: round(value, 12) for actor, value in values.items()}
    return {actor: 1 + sum(other > value for other in rounded.values()) for actor, value in rounded.items()}


def robustness(
    ties: pl.DataFrame, members: Sequence[str], partners: Sequence[str], *, before: str | None = None
) -> pl.DataFrame:
    """Ranks of the members when everything one partner took part in is left out, for each partner in turn.

    Args:
        ties: ``a, b, tie, via``.
        members: members of the region.
        partners: whose groups are left out.
        before: the member that is most central with everything in; by default worked out.

    Returns:
        Columns as in :data:`ROBUST`; members without a tie left have rank and values of none.
    """
    first = before if before is not None else _first(_shape(weights(ties)), members)
    rows: list[tuple[object, ...]] = []
    for partner in partners:
        gone = ties.filter((pl.col("a") == partner) | (pl.col("b") == partner)).select("tie", "via").unique()
        left = ties.join(gone, on=["tie", "via"], how="anti")
        shape = _shape(weights(left))
        ranks = [_ranks({actor: values[place] for actor, values in shape.items()}) for place in (2, 3)]
        now = _first(shape, members)
        for member in members:
            _, _, between, share = shape.get(member, (0, 0, None, None))
            places = [rank.get(member) for rank in ranks]
            rows.append((partner, gone.height, member, between, places[0], share, places[1], now, now == first))
    return pl.DataFrame(rows, schema=dict(ROBUST), orient="row")


def _first(shape: Mapping[str, tuple[int, int, float, float]], members: Sequence[str]) -> str | None:
    found = [(-round(shape[member][2], 12), -shape[member][3], member) for member in members if member in shape]
    return min(found)[2] if found else None

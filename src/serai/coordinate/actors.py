"""The network of actors: areas and bodies, joined by what they signed, met at, promised and belong to together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import combinations
from typing import Any

import polars as pl

from serai.coordinate.dates import first_day, last_day
from serai.coordinate.events import TOOK_PART
from serai.errors import InputError, UnknownName

__all__ = ["ACTORS", "EDGES", "TIES", "actors", "edges", "shared"]

TIES: Mapping[str, str] = {
    "co_signed": "both signed one agreement",
    "co_funded": "both stand behind one pledge, take part in one activity, or pay for one segment of the corridors",
    "membership": "both belong to one body at the same time; also a body and its member",
    "met": "both took part in one event",
}
"""Kinds of ties, the firmest first."""

EDGES: Mapping[str, Any] = {
    "a": pl.String, "b": pl.String, "tie": pl.String, "via": pl.String, "title_en": pl.String, "title_ru": pl.String,
    "since": pl.String, "source": pl.String,
}  # fmt: skip
"""Columns of :func:`edges`: one row per pair, tie and the identifier (``via``) of what joins them; ``a`` < ``b``."""

ACTORS: Mapping[str, Any] = {
    "actor": pl.String, "kind": pl.String, "events": pl.Int64, "hosted": pl.Int64, "initiated": pl.Int64,
    "partners": pl.Int64, **dict.fromkeys(TIES, pl.Int64),
}  # fmt: skip
"""Columns of :func:`actors`: ties by kind, and with how many different others (``partners``)."""

Row = dict[str, Any]
BELONGS = ("member", "partner", "secretariat")
PRESENT = ("host", "initiator", "signatory", "witness", "participant")
Group = tuple[str, str, str, str, str, str, Iterable[str]]


def edges(
    tables: Mapping[str, pl.DataFrame],
    as_of: date,
    activities: pl.DataFrame | None = None,
    paid: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Every tie between two actors that a document shows by a day.

    Args:
        tables: the pack's ``agreements, agreement_parties, pledges, body_members, bodies, events, event_actors``.
        as_of: the day.
        activities: ``activity, title, since, actor`` of co-funded activities, if any are held.
        paid: ``segment, funding, name_en, name_ru, actor, date, source``: who pays for segments of the corridors.

    Returns:
        Columns as in :data:`EDGES`.
    """
    groups = [*_signed(tables, as_of), *_funded(tables, as_of, activities), *_paid(paid), *_bodies(tables, as_of),
              *_met(tables, as_of)]  # fmt: skip
    rows = [
        dict(zip(EDGES, (one, other, *group[:6]), strict=True))
        for group in groups
        for one, other in combinations(sorted(set(group[6])), 2)
    ]
    found = pl.DataFrame(rows, schema=dict(EDGES), orient="row")
    return found.unique(["a", "b", "tie", "via"], keep="first").sort("a", "b", "tie", "via")


def _by(text: str, as_of: date) -> bool:
    begun = first_day(text)
    return begun is None or begun <= as_of


def _signed(tables: Mapping[str, pl.DataFrame], as_of: date) -> Iterable[Group]:
    signed: dict[str, list[str]] = {}
    for row in tables["agreement_parties"].iter_rows(named=True):
        if row["role"] == "signatory" and _by(row["signed"], as_of):
            signed.setdefault(row["agreement"], []).append(row["actor"])
    for row in tables["agreements"].iter_rows(named=True):
        who = signed.get(row["agreement"], [])
        yield "co_signed", row["agreement"], row["title_en"], row["title_ru"], row["signed"], row["source"], who


def _funded(tables: Mapping[str, pl.DataFrame], as_of: date, activities: pl.DataFrame | None) -> Iterable[Group]:
    for row in tables["pledges"].filter(pl.col("standing") == "counted").iter_rows(named=True):
        if _by(row["announced"], as_of):
            who = row["pledgers"].split()
            yield "co_funded", row["pledge"], row["what_en"], row["what_ru"], row["announced"], row["source"], who
    if activities is not None:
        for (name, title, since), group in activities.group_by("activity", "title", "since", maintain_order=True):
            if _by(str(since), as_of):  # titles are as published
                yield "co_funded", str(name), str(title), "", str(since), "", group["actor"].to_list()


def _paid(paid: pl.DataFrame | None) -> Iterable[Group]:
    """Those who pay for one segment, pair by pair: a tie is as old as the first document of whoever came later."""
    if paid is None:
        return
    first = paid.sort("segment", "date", "funding").unique(["segment", "actor"], keep="first", maintain_order=True)
    for _, group in first.group_by("segment", maintain_order=True):
        for one, later in combinations(group.to_dicts(), 2):
            titles, pair = (later["name_en"], later["name_ru"]), [one["actor"], later["actor"]]
            yield "co_funded", later["segment"], *titles, later["date"], later["source"], pair


def _bodies(tables: Mapping[str, pl.DataFrame], as_of: date) -> Iterable[Group]:
    names = {row["body"]: row for row in tables["bodies"].iter_rows(named=True)}
    inside: dict[str, list[str]] = {}
    for row in tables["body_members"].iter_rows(named=True):
        until = last_day(row["until"])
        if row["role"] in BELONGS and _by(row["since"], as_of) and (until is None or until >= as_of):
            member = row["area"] or row["organisation"]
            inside.setdefault(row["body"], []).append(member)
            body = names[row["body"]]
            pair = [row["body"], member]
            yield "membership", row["body"], body["name_en"], body["name_ru"], row["since"], row["source"], pair
    for name, who in inside.items():
        body = names[name]
        yield "membership", name, body["name_en"], body["name_ru"], body["since"], body["source"], who


def _met(tables: Mapping[str, pl.DataFrame], as_of: date) -> Iterable[Group]:
    present: dict[str, list[str]] = {}
    for row in tables["event_actors"].iter_rows(named=True):
        if row["role"] in PRESENT:
            present.setdefault(row["event"], []).append(row["actor"])
    for row in tables["events"].iter_rows(named=True):
        if _by(row["start"], as_of):
            who = present.get(row["event"], [])
            yield "met", row["event"], row["title_en"], row["title_ru"], row["start"], row["source"], who


def actors(tables: Mapping[str, pl.DataFrame], ties: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Every actor of the network with its ties and its part in events.

    Args:
        tables: as for :func:`edges`.
        ties: as from :func:`edges`.
        as_of: the day.

    Returns:
        One row per actor, the one with most partners first; columns as in :data:`ACTORS`.
    """
    kinds = dict(zip(tables["bodies"]["body"], tables["bodies"]["kind"], strict=True))
    held = {row["event"] for row in tables["events"].iter_rows(named=True) if _by(row["start"], as_of)}
    mine: dict[str, list[Row]] = {}
    for row in tables["event_actors"].iter_rows(named=True):
        if row["event"] in held:  # who only looked on is listed too, with no event of its own
            mine.setdefault(row["actor"], []).extend([row] if row["role"] in TOOK_PART else [])
    names = sorted({*ties["a"], *ties["b"], *mine})
    both = pl.concat([ties.select(actor="a", other="b", tie="tie"), ties.select(actor="b", other="a", tie="tie")])
    rows = [{"actor": name, "kind": kinds.get(name, "area"), **_part(mine.get(name, []))} for name in names]
    counts = both.group_by("actor").agg(
        pl.col("other").n_unique().cast(pl.Int64).alias("partners"),
        *(pl.col("tie").eq(tie).sum().cast(pl.Int64).alias(tie) for tie in TIES),
    )
    own = {name: ACTORS[name] for name in ("actor", "kind", "events", "hosted", "initiated")}
    found = pl.DataFrame(rows, schema=own, orient="row").join(counts, on="actor", how="left")
    numbers = [pl.col(name).fill_null(0).cast(pl.Int64) for name in ("partners", *TIES)]
    return found.with_columns(numbers).select(list(ACTORS)).sort("partners", "actor", descending=[True, False])


def _part(mine: list[Row]) -> Row:
    by_role = {role: {row["event"] for row in mine if row["role"] == role} for role in ("host", "initiator")}
    present = {row["event"] for row in mine}
    return {"events": len(present), "hosted": len(by_role["host"]), "initiated": len(by_role["initiator"])}


def shared(ties: pl.DataFrame, one: str, other: str) -> pl.DataFrame:
    """What two actors share, with identifiers; the firmest ties first. Columns as in :data:`EDGES`.

    Raises:
        UnknownName: no such actor in the network.
        InputError: both are one.
    """
    if one == other:
        raise InputError(f"{one} is given twice; name another actor to see what the two share")
    known = {*ties["a"], *ties["b"]}
    for name in (one, other):
        if name not in known:
            raise UnknownName("actor", name, known)
    a, b = sorted((one, other))
    order = pl.col("tie").replace_strict({tie: place for place, tie in enumerate(TIES)}, return_dtype=pl.Int64)
    return ties.filter((pl.col("a") == a) & (pl.col("b") == b)).sort(order, "via")

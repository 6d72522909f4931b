"""Hosting against working, seeing against doing: counts that can be opened, with their formula beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from serai.coordinate.dates import first_day, last_day
from serai.coordinate.events import TOOK_PART
from serai.errors import UnknownName
from serai.region.notes_coordinate import Measures

__all__ = ["ANCHORS", "BALANCE", "SYMBOLIC", "Comparison", "anchors", "balance", "compare", "symbolic"]

SYMBOLIC: Mapping[str, Any] = {
    "area": pl.String, "hosted": pl.Int64, "mechanisms": pl.Int64, "seats": pl.Int64, "signatures": pl.Int64,
    "data_supplied": pl.Int64, "projects": pl.Int64, "activities": pl.Int64, "symbolic": pl.Float64,
    "operational": pl.Float64, "visibility": pl.Int64, "influence": pl.Int64, "influence_traced": pl.Int64,
    "took_part": pl.Int64, "initiator_known": pl.Int64, "reaction": pl.Float64, "symbolic_rank": pl.Int64,
    "operational_rank": pl.Int64, "visibility_rank": pl.Int64, "influence_rank": pl.Int64,
}  # fmt: skip
"""Columns of :func:`symbolic`. A measure that nothing is held for is null for every area and enters no index; ranks are
shared where values are equal (1 is the largest)."""

BALANCE: Mapping[str, Any] = {
    "partner": pl.String, "events": pl.Int64, "share": pl.Float64, "pledges": pl.Int64, "above": pl.Boolean,
}  # fmt: skip
ANCHORS: Mapping[str, Any] = {"without": pl.String, "area": pl.String, "hosted": pl.Int64, "rank": pl.Int64}
THRESHOLD = 0.4
"""Share of an area's events with outside partners above which one partner is pointed out."""
Row = dict[str, Any]
Tables = Mapping[str, pl.DataFrame]


class Comparison(NamedTuple):
    """Two numbers of the members against each other: Spearman's rank correlation, and over how many areas."""

    one: str
    other: str
    correlation: float | None
    areas: int


def symbolic(tables: Tables, members: Iterable[str], as_of: date, notes: Measures,
             extra: Mapping[str, Mapping[str, int]] | None = None) -> pl.DataFrame:  # fmt: skip
    """The measures of every member and the indices made of them, by the formulas of the pack.

    Args:
        tables: the pack's ``events, event_actors, bodies, body_members, agreement_parties, pledges`` and the found
            pledges under ``found`` (as from :func:`serai.coordinate.pledges.pledges`).
        members: the areas compared.
        as_of: the day.
        notes: the pack's ``measures.toml``: which measures count on which side.
        extra: counts by measure and area that other rooms give (``data_supplied``, ``projects``, ``activities``).

    Returns:
        One row per member; columns as in :data:`SYMBOLIC`.
    """
    areas = list(members)
    held = {row["event"] for row in tables["events"].iter_rows(named=True) if _by(row["start"], as_of)}
    took = tables["event_actors"].filter(pl.col("event").is_in(list(held)))
    rows = [{"area": area, **_counts(tables, took, area, as_of)} for area in areas]
    for name in ("data_supplied", "projects", "activities"):
        given = (extra or {}).get(name)
        for row in rows:
            row[name] = None if given is None else given.get(row["area"], 0)
    for side in ("symbolic", "operational"):
        used = [measure.id for measure in notes.measure if measure.side == side]
        for row, value in zip(rows, _index(rows, used), strict=True):
            row[side] = value
    for name in ("symbolic", "operational", "visibility", "influence"):
        for row, rank in zip(rows, _ranks([row[name] for row in rows]), strict=True):
            row[f"{name}_rank"] = rank
    return pl.DataFrame(rows, schema=dict(SYMBOLIC), orient="row")


def _by(text: str, as_of: date) -> bool:
    begun = first_day(text)
    return begun is None or begun <= as_of


def _counts(tables: Tables, took: pl.DataFrame, area: str, as_of: date) -> Row:
    mine = took.filter(pl.col("actor") == area, pl.col("role").is_in(TOOK_PART))
    hosted = set(mine.filter(pl.col("role") == "host")["event"])
    started = set(mine.filter(pl.col("role") == "initiator")["event"])
    known = set(took.filter(pl.col("role") == "initiator")["event"]) & set(mine["event"])
    made = tables["found"].filter(
        pl.col("counted")
        & (pl.col("stage") != "statement")
        & pl.col("event").is_in(list(hosted | started))
        & ~pl.col("currency").is_in(["persons", "projects"])
    )
    return {
        "hosted": len(hosted),
        "mechanisms": _mechanisms(tables, area, as_of),
        "seats": tables["bodies"].filter(pl.col("seat_area") == area).height,
        "signatures": _signatures(tables["agreement_parties"], area, as_of),
        "visibility": len(hosted),
        "influence": made.height,
        "influence_traced": made.filter(pl.col("traced") != "nothing traceable").height,
        "took_part": mine["event"].n_unique(),
        "initiator_known": len(known),
        "reaction": len(known - started) / len(known) if known else None,
    }


def _mechanisms(tables: Tables, area: str, as_of: date) -> int:
    kinds = dict(zip(tables["bodies"]["body"], tables["bodies"]["kind"], strict=True))
    return sum(
        row["area"] == area
        and row["role"] == "member"
        and kinds[row["body"]] != "format"
        and _by(row["since"], as_of)
        and (last_day(row["until"]) or as_of) >= as_of
        for row in tables["body_members"].iter_rows(named=True)
    )


def _signatures(parties: pl.DataFrame, area: str, as_of: date) -> int:
    signed = parties.filter((pl.col("actor") == area) & (pl.col("role") == "signatory"))
    return sum(_by(text, as_of) for text in signed["signed"])


def _index(rows: list[Row], measures: Sequence[str]) -> list[float | None]:
    """Mean over the measures held of value over the largest value; null where none is held."""
    used = [name for name in measures if any(row[name] for row in rows)]
    tops = {name: max(row[name] or 0 for row in rows) for name in used}
    return [sum((row[name] or 0) / tops[name] for name in used) / len(used) if used else None for row in rows]


def _ranks(values: list[float | None]) -> list[int | None]:
    known = [value for value in values if value is not None]
    return [None if value is None else 1 + sum(other > value for other in known) for value in values]


def compare(found: pl.DataFrame, pairs: Iterable[tuple[str, str]] = (("symbolic", "operational"),
            ("visibility", "influence"))) -> list[Comparison]:  # fmt: skip
    """Spearman's correlation of pairs of columns over the members; null where one of them does not vary."""
    result = []
    for one, other in pairs:
        both = found.select(one, other).drop_nulls()
        varies = both.height > 2 and both[one].n_unique() > 1 and both[other].n_unique() > 1
        value = both.select(pl.corr(one, other, method="spearman")).item() if varies else None
        result.append(Comparison(one, other, value, both.height))
    return result


def anchors(tables: Tables, members: Iterable[str], as_of: date, *, most: int = 6) -> pl.DataFrame:
    """How members rank by events hosted, and how without the events of each partner from outside.

    Args:
        tables: as for :func:`symbolic`.
        members: the areas compared.
        as_of: the day.
        most: partners left out in turn, those at most events first.

    Returns:
        Columns as in :data:`ANCHORS`; the rows with ``without`` empty are of all events.
    """
    areas = list(members)
    who = _present(tables, as_of)
    counts: dict[str, int] = {}
    for actors in who.values():
        for actor in actors - set(areas):
            counts[actor] = counts.get(actor, 0) + 1
    hosts = [(row["event"], row["actor"]) for row in tables["event_actors"].iter_rows(named=True)
             if row["role"] == "host" and row["event"] in who]  # fmt: skip
    rows = []
    for partner in ("", *sorted(counts, key=lambda name: (-counts[name], name))[:most]):
        hosted = [sum(actor == area and partner not in who[event] for event, actor in hosts) for area in areas]
        ranks = _ranks([float(number) for number in hosted])
        rows += [{"without": partner, "area": area, "hosted": number, "rank": rank}
                 for area, number, rank in zip(areas, hosted, ranks, strict=True)]  # fmt: skip
    return pl.DataFrame(rows, schema=dict(ANCHORS), orient="row")


def _present(tables: Tables, as_of: date) -> dict[str, set[str]]:
    """Who was at each event by a day."""
    held = {row["event"] for row in tables["events"].iter_rows(named=True) if _by(row["start"], as_of)}
    who: dict[str, set[str]] = {}
    for row in tables["event_actors"].iter_rows(named=True):
        if row["event"] in held:
            who.setdefault(row["event"], set()).add(row["actor"])
    return who


def balance(
    tables: Tables, members: Iterable[str], area: str, as_of: date, without: Iterable[str] = ()
) -> pl.DataFrame:
    """With whom outside the members an area meets: events shared with each partner, and each partner's share of them.

    Args:
        tables: as for :func:`symbolic`.
        members: the members; they are no partners here.
        area: the area looked at.
        as_of: the day.
        without: partners left out with their events, to see whether the picture holds without them.

    Returns:
        One row per partner, the most frequent first: ``partner, events, share, pledges, above`` (share above .4).

    Raises:
        UnknownName: a partner to leave out that is at no event.
    """
    inside, left = set(members), set(without)
    who = _present(tables, as_of)
    partners = set().union(*who.values()) - inside
    for name in sorted(left - partners):
        raise UnknownName("partner", name, partners, "the events")
    shared = {name: actors - inside for name, actors in who.items() if area in actors and not actors & left}
    shared = {name: actors for name, actors in shared.items() if actors}
    counts: dict[str, int] = {}
    for actors in shared.values():
        for actor in actors:
            counts[actor] = counts.get(actor, 0) + 1
    promised = [row for row in tables["found"].iter_rows(named=True) if row["counted"] and area in row["beneficiaries"]]
    rows = [
        {"partner": name, "events": number, "share": number / len(shared), "above": number / len(shared) > THRESHOLD,
         "pledges": sum(name in row["pledgers"] for row in promised)}
        for name, number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=dict(BALANCE), orient="row")

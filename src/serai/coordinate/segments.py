"""Corridor segments and projects by funder: what is to be built or is slow, who pays, and where nobody is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from serai.coordinate.dates import first_day
from serai.region import Pack

__all__ = ["FUNDING", "SEGMENTS", "SLOW", "STATES", "TO_BUILD", "funding", "segments"]

TO_BUILD = ("building", "planned")
SLOW = 24.0
"""Hours at a border, both sides together, from which it is listed as a bottleneck."""
STATES: Mapping[str, str] = {
    "no record": "no document held says who pays, which is not that nobody does",
    "no funder": "a document held says that no money is there, and none names any",
    "study": "money for a study or a design, none for building",
    "promised": "a pledge or a statement, no commitment",
    "committed": "a loan or grant signed, a budget passed, a guarantee approved",
    "paid": "a payment is held",
}
"""What can be said of a segment's money, the least first; each is said only where nothing firmer is held."""

SEGMENTS: Mapping[str, Any] = {
    **dict.fromkeys(("segment", "kind", "name_en", "name_ru", "from", "to", "mode", "status", "areas"), pl.String),
    "owner": pl.String,
    "hours": pl.Float64, "hours_basis": pl.String, "bottleneck": pl.Boolean,
    **dict.fromkeys(("funders_en", "funders_ru", "state", "source", "note"), pl.String),
}  # fmt: skip
"""Columns of :func:`segments`. ``kind``: link, fibre, project, border or place; ``hours``: at a border, both sides
together, the slower direction; ``hours_basis``: sourced, derived or assumed, the weaker of both sides; ``owner``: held
for fibre links only; ``bottleneck``: to be built, or :data:`SLOW`; ``state``: one of :data:`STATES`."""
FUNDING: Mapping[str, Any] = {
    **dict.fromkeys(("segment", "funding", "actor", "funder_en", "funder_ru", "instrument", "stage"), pl.String),
    "amount": pl.Float64,
    **dict.fromkeys(("currency", "basis", "date", "source", "note"), pl.String),
}  # fmt: skip
"""Columns of :func:`funding`: one row for each segment that a record pays for; an amount that pays for several
segments stands with each and is to be counted once."""

Row = dict[str, Any]
BASES = ("sourced", "derived", "assumed")
PLEDGED = {"statement": "promised", "pledge": "promised", "commitment": "committed", "disbursement": "paid"}


def funding(pack: Pack, as_of: date, compiled: date) -> pl.DataFrame:
    """Who pays for which segment, by record known by a day; columns as in :data:`FUNDING`.

    Args:
        pack: the region as data.
        as_of: the day. A record is known from its own date on, else from that of its document.
        compiled: the day the tables were put together, from which a record is known that has neither date.
    """
    dated = {row["source"]: row["date"] for row in _table(pack, "documents")}
    rows = [
        {**{name: row.get(name) for name in FUNDING}, "segment": segment.strip()}
        for row in _table(pack, "funding")
        if (first_day(row["date"] or dated[row["source"]]) or compiled) <= as_of
        for segment in row["segments"].split(";")
    ]
    return pl.DataFrame(rows, schema=dict(FUNDING)).sort("segment", "funding")


def segments(pack: Pack, paid: pl.DataFrame, pledged: pl.DataFrame) -> pl.DataFrame:
    """Links to be built, fibre links, projects, slow borders, and whatever else somebody pays for, with who does.

    What is to be built and how slow a border is are as the pack has them, whatever the day of the money.

    Args:
        pack: the region as data.
        paid: records of money, as from :func:`funding`.
        pledged: pledges, as from :func:`serai.coordinate.pledges.pledges`; those that name a project pay for it.

    Returns:
        One row per segment; bottlenecks first, of these those of which least is known; columns as in
        :data:`SEGMENTS`.
    """
    network = _Network(pack)
    records: dict[str, list[Row]] = {}
    for name, row in [*((row["segment"], row) for row in paid.iter_rows(named=True)), *_pledged(pack, pledged)]:
        records.setdefault(name, []).append(row)
    rows = [_with_funders(row, records.get(row["segment"], [])) for row in network.rows(records)]
    order = {name: place for place, name in enumerate(STATES)}
    rank = pl.col("state").replace_strict(order, return_dtype=pl.Int64)
    frame = pl.DataFrame(rows, schema=dict(SEGMENTS))
    return frame.sort(~pl.col("bottleneck"), rank, -pl.col("hours").fill_null(0.0), "kind", "segment")


class _Network:
    """What a segment can be in a pack's corridors."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    @cached_property
    def places(self) -> dict[str, Row]:
        return {row["place"]: row for row in _table(self.pack, "places")}

    def rows(self, paid: Iterable[str]) -> Iterator[Row]:
        """Segments to show: those to be built, slow or projects, and those in ``paid``."""
        wanted = set(paid)
        for row in _table(self.pack, "links"):
            name = f"{row['from']}-{row['to']} {row['mode']}{row['gauge'] or ''}"
            if row["status"] in TO_BUILD or name in wanted:
                building = row["status"] in TO_BUILD
                yield {**row, **self._between(row), "segment": name, "kind": "link", "bottleneck": building}
        for row in _table(self.pack, "fibre"):
            own = {"segment": row["fibre"], "kind": "fibre", "mode": "fibre", "named": row["funder"]}
            yield {**row, **self._between(row), **own, "bottleneck": row["status"] in TO_BUILD}
        for row in _table(self.pack, "projects"):
            if not row.get("areas"):
                continue  # a scenario, nothing that anybody could pay for
            yield {**row, "segment": row["project"], "kind": "project", "bottleneck": row["status"] in TO_BUILD}
        yield from self._borders(wanted)
        for name in sorted(wanted & self.places.keys()):
            row = self.places[name]
            yield {**row, "segment": name, "kind": "place", "areas": row["area"], "bottleneck": False}

    def _borders(self, wanted: set[str]) -> Iterator[Row]:
        """Open borders of the members that are slow, and those that somebody pays for."""
        members, slowest = set(self.pack.manifest.members), dict[tuple[str, str, str], tuple[float, str]]()
        basis = {row["post"]: row["basis"] for row in _table(self.pack, "posts")}
        for row in _table(self.pack, "borders"):
            key = (*sorted((row["from"], row["to"])), row["mode"])
            sides = [basis.get(row[post], "assumed") for post in ("exit_post", "entry_post")]
            spent = (row["exit"] or 0.0) + (row["entry"] or 0.0)
            slowest[key] = max(slowest.get(key, (-1.0, "")), (spent, max(sides, key=BASES.index)))
        open_ = {(*sorted((row["from"], row["to"])), row["mode"])
                 for row in _table(self.pack, "links") if row["status"] == "open"}  # fmt: skip
        for (one, other, mode), (spent, how) in slowest.items():
            found: Row = {"from": one, "to": other, "mode": mode, "hours": round(spent, 2), "hours_basis": how}
            found |= {"status": "open", "kind": "border"}
            found |= {**self._between(found), "segment": f"border {one}-{other} {mode}"}
            slow = spent >= SLOW and (one, other, mode) in open_ and bool(members & set(found["areas"].split()))
            if slow or found["segment"] in wanted:
                yield {**found, "bottleneck": slow}

    def _between(self, row: Row) -> Row:
        """What to call a segment: its ends, and where these are."""
        ends = [self.places.get(row[side], {"name_en": row[side], "name_ru": row[side]}) for side in ("from", "to")]
        names = {name: " – ".join(end[name] for end in ends) for name in ("name_en", "name_ru")}
        return {**names, "areas": " ".join(dict.fromkeys(end.get("area") or "" for end in ends)).strip()}


def _table(pack: Pack, name: str) -> Iterator[Row]:
    if pack.has(name):
        yield from pack.table(name).iter_rows(named=True)


def _pledged(pack: Pack, pledged: pl.DataFrame) -> Iterator[tuple[str, Row]]:
    """Pledges that name a project, as funding of it, at the stage they have reached."""
    names = {row["area"]: dict.fromkeys(("en", "ru"), row["name"]) for row in _table(pack, "areas")}
    for row in _table(pack, "names"):
        names.setdefault(row["area"], {})[row["language"]] = row["name"]
    names |= {row["body"]: {"en": row["name_en"], "ru": row["name_ru"]} for row in _table(pack, "bodies")}
    for row in pledged.filter(pl.col("standing") == "counted").iter_rows(named=True):
        who = {
            f"funder_{code}": ", ".join(names.get(one, {}).get(code, one) for one in row["pledgers"])
            for code in ("en", "ru")
        }
        for name in row["projects"]:
            yield name, {**who, "instrument": "not_said", "stage": row["stage"]}


def _with_funders(row: Row, records: list[Row]) -> Row:
    named = row.get("named") or ""
    given = {
        side: list(dict.fromkeys(one[side] for one in records if one[side])) for side in ("funder_en", "funder_ru")
    }
    found: Row = {name: row.get(name) for name in SEGMENTS}
    for language, names in (("en", given["funder_en"]), ("ru", given["funder_ru"])):
        found[f"funders_{language}"] = "; ".join(names) or named
    found |= {name: found[name] or "" for name in ("from", "to", "mode", "areas", "owner", "source", "note")}
    return {**found, "state": _state(records, named)}


def _state(records: list[Row], named: str) -> str:
    """The firmest thing that is held."""
    held = {"promised"} if named and not records else {"no record"}  # a funder named, and no document of its money
    for one in records:
        if one["stage"] == "none":
            held.add("no funder")
        else:
            held.add("study" if one["instrument"] == "study" else PLEDGED[one["stage"]])
    return max(held, key=list(STATES).index)

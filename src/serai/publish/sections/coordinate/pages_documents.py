"""Pages about documents: pledges, agreements and rhythm, the calendar, claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from serai.coordinate.dates import first_day, last_day
from serai.publish.coverage import coverage
from serai.publish.messages import _
from serai.publish.render import Page
from serai.publish.sections.coordinate import figures
from serai.publish.sections.coordinate.gather import Gathered
from serai.publish.sections.coordinate.parts import Row, both, page

__all__ = ["agreements_page", "calendar_page", "claims_page", "followup", "pledges_page"]

NO_EVENT = _("in no event held")
NO_PLEDGE = _("named in no pledge held")
NO_AGREEMENT = _("party to no agreement held")
MEASURED = {
    "symbolic": "coordinate/hosting.html#symbolic",
    "influence": "coordinate/hosting.html#visibility",
    "balance": "coordinate/hosting.html#balance",
}
"""Where the measure that bears on a claim is shown."""


def pledges_page(found: Gathered, members: Sequence[str]) -> Page:
    """What was promised, part under whole, with totals as ranges and what is held outside them."""
    rows = [_pledge(found, row) for row in found.pledges.to_dicts()]
    by_whole: dict[str, list[Row]] = {}
    for row in rows:
        by_whole.setdefault(row["contained_in"], []).append(row)
    whole = [{**row, "children": by_whole.get(row["pledge"], [])} for row in by_whole.get("", [])]
    named = {area for row in rows for area in row["beneficiaries"]}
    context: Row = {
        "kind": "pledges",
        "coverage": coverage(members, {area: NO_PLEDGE for area in members if area not in named}),
        "counted": [row for row in whole if row["counted"]],
        "uncounted": [row for row in whole if not row["counted"]],
        "totals": found.ledger.pledge_totals(as_of=found.as_of).to_dicts(),
        "overlaps": found.ledger.pledge_overlaps(as_of=found.as_of).to_dicts(),
    }
    return page(found, "pledges.html", "pledges.html", context)


def _pledge(found: Gathered, row: Row) -> Row:
    return {**row, "what": both(row, "what"), "announced_text": found.when(row["announced"])}


def agreements_page(found: Gathered, members: Sequence[str]) -> Page:
    """Agreements party by party, the rhythm of formats, what was to follow."""
    who: dict[str, list[Row]] = {}
    for row in found.ledger.parties(as_of=found.as_of).to_dicts():
        who.setdefault(row["agreement"], []).append({**row, "signed_text": found.when(row["signed"])})
    rows = [
        {**row, "title": both(row, "title"), "signed_text": found.when(row["signed"]),
         "ends_text": found.when(row["ends"]), "parties": who.get(row["agreement"], [])}
        for row in found.agreements.sort("signed", descending=True).to_dicts()
    ]  # fmt: skip
    rhythm = [_format(found, row) for row in found.ledger.cadence(as_of=found.as_of).to_dicts()]
    inside = {party["actor"] for parties in who.values() for party in parties if party["role"] != "not_party"}
    context: Row = {
        "kind": "agreements",
        "coverage": coverage(members, {area: NO_AGREEMENT for area in members if area not in inside}),
        "agreements": rows,
        "rhythm": rhythm,
        "followups": [followup(found, row) for row in found.followups.to_dicts()],
    }
    return page(found, "agreements.html", "agreements.html", context, meetings=_meetings(found, rhythm))


def _format(found: Gathered, row: Row) -> Row:
    return {**row, "rhythm": both(row, "rhythm"), "first_text": found.when(row["first"]),
            "last_text": found.when(row["last"]), "due_text": found.when(row["next_due"])}  # fmt: skip


def _meetings(found: Gathered, rhythm: Sequence[Row]) -> str:
    held: dict[str, list[date]] = {}
    for row in found.ledger.register("events").filter(pl.col("in_rhythm")).to_dicts():
        begun = first_day(row["start"])
        if begun is not None and begun <= found.as_of:
            held.setdefault(row["format"], []).append(begun)
    lines = [
        (found.short[row["format"]], held.get(row["format"], []), last_day(row["next_due"]), row["state"] == "overdue")
        for row in rhythm
    ]
    return figures.meetings(lines, found.as_of)


def followup(found: Gathered, row: Row) -> Row:
    """A follow-up with its texts."""
    return {**row, "what": both(row, "what"), "due_text": found.when(row["due"]), "done_text": found.when(row["done"])}


def calendar_page(found: Gathered, members: Sequence[str]) -> Page:
    """What is coming, what is past, and who met whom."""
    entries = found.ledger.calendar(as_of=found.as_of)
    exact = {row["event"]: (row["start"], row["end"]) for row in found.ledger.register("events").to_dicts()}
    rows = [
        {**row, "title": both(row, "title"), "place": both(row, "place"), "when": _span(found, row, exact),
         "coming": row["end"] >= found.as_of}
        for row in entries.to_dicts()
    ]  # fmt: skip
    made: dict[str, list[Row]] = {}
    for kind, table, key, words in (("agreements", found.agreements, "agreement", "title"),
                                    ("pledges", found.pledges.filter("counted"), "pledge", "what")):  # fmt: skip
        for row in table.to_dicts():
            made.setdefault(row["event"], []).append({"page": kind, "id": row[key], "title": both(row, words)})
    who = found.ledger.register("event_actors")
    took = set(who["actor"]) | set(found.ledger.register("frameworks")["area"])
    context: Row = {
        "kind": "calendar",
        "coverage": coverage(members, {area: NO_EVENT for area in members if area not in took}),
        "coming": [row for row in rows if row["coming"]],
        "past": [row for row in reversed(rows) if not row["coming"]],
        "events": [
            {**_event(found, row), "made": made.get(row["event"], [])}
            for row in found.ledger.events().sort("start", descending=True).to_dicts()
        ],
    }
    return page(found, "calendar.html", "calendar.html", context)


def _span(found: Gathered, row: Row, exact: dict[str, tuple[str, str]]) -> Row:
    begin, end = exact.get(row["entry"], ("", ""))
    if not begin:
        length = {"day": 10, "month": 7, "year": 4}[row["exactness"]]
        begin, end = row["start"].isoformat()[:length], row["end"].isoformat()[:length]
    first, last = found.when(begin), found.when(end)
    return first if not last or first == last else {code: f"{first[code]} – {last[code]}" for code in first}


def _event(found: Gathered, row: Row) -> Row:
    return {**row, "title": both(row, "title"), "place": both(row, "place"), "outcome": both(row, "outcome"),
            "when": found.when(row["start"])}  # fmt: skip


def claims_page(found: Gathered, members: Sequence[str]) -> Page:
    """Claims by state, each with its sources."""
    sources: dict[str, list[Row]] = {}
    for row in found.ledger.evidence().to_dicts():
        sources.setdefault(row["claim"], []).append({**row, "says": both(row, "says")})
    rows = [
        {**row, "statement": both(row, "statement"), "sources": sources.get(row["claim"], [])}
        for row in found.claims.to_dicts()
    ]
    order = ("contradicted", "disputed", "partly", "supported", "unverified", "judgement", "forecast")
    context: Row = {
        "kind": "claims",
        "coverage": coverage(members),
        "groups": [
            {"state": state, "claims": mine} for state in order if (mine := [r for r in rows if r["state"] == state])
        ],
        "said_in": sorted({row["said_in"] for row in rows}),
        "measured": MEASURED if found.ledger.measures.measure else {},
    }
    return page(found, "claims.html", "claims.html", context)

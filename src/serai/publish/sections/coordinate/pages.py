"""The pages of coordination: what each shows, as contexts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from serai.coordinate.dates import first_day, last_day
from serai.coordinate.mandate import SCOPES
from serai.publish.coverage import coverage, of_one
from serai.publish.messages import _
from serai.publish.names import pick
from serai.publish.render import Page
from serai.publish.sections.coordinate import figures
from serai.publish.sections.coordinate.gather import Gathered, used

if TYPE_CHECKING:
    from serai.publish.sections import Setting

__all__ = ["MENU", "pages"]

Row = dict[str, Any]
MENU = (
    ("coordinate/index.html", _("Overview")),
    ("coordinate/pledges.html", _("Pledges")),
    ("coordinate/agreements.html", _("Agreements and rhythm")),
    ("coordinate/calendar.html", _("Calendar")),
    ("coordinate/claims.html", _("Claims")),
    ("coordinate/desk.html", _("Desks")),
    ("coordinate/actors.html", _("Actors")),
    ("coordinate/hosting.html", _("Hosting and working")),
    ("coordinate/mandate.html", _("Mandate and lines")),
    ("coordinate/workplan.html", _("Joint work plan")),
)
MEASURED = {
    "symbolic": "coordinate/hosting.html#symbolic",
    "influence": "coordinate/hosting.html#visibility",
    "balance": "coordinate/hosting.html#balance",
}
"""Where the measure that bears on a claim is shown."""
NOT_MONEY = ("persons", "projects")
NO_RECORD = _("in no record held")
NO_EVENT = _("in no event held")
NO_PLEDGE = _("named in no pledge held")
NO_AGREEMENT = _("party to no agreement held")
NO_FIGURE = _("no figure held")
NO_FRAMEWORK = _("no framework held")


def pages(found: Gathered, setting: Setting) -> list[Page]:
    """Every page of the section."""
    members = setting.members
    made = [
        _pledges(found, members),
        _agreements(found, members, setting),
        _calendar(found, members),
        _claims(found, members),
        _desks(found, members),
        *(_desk(found, members, area) for area in members),
        _actors(found, members, setting),
        *(_actor(found, members, name) for name in _linked(found, members)),
        _mandate(found, members),
    ]
    if found.ledger.measures.measure:
        made.append(_hosting(found, members, setting))
    if found.ledger.workplans:
        made.append(_workplan(found, members, setting))
    return [_overview(found, members, made), *made]


def _page(found: Gathered, path: str, template: str, context: Row, **pictures: str) -> Page:
    """A page whose context holds the names and documents its rows refer to."""
    context = {**context, **found.shared(used(context))}
    return Page(f"coordinate/{path}", f"coordinate/{template}", context, figures=pictures)


def _overview(found: Gathered, members: Sequence[str], made: Sequence[Page]) -> Page:
    by_path = {page.path: page.context for page in made}
    states = Counter(found.claims["state"].to_list())
    late = found.followups.filter(pl.col("state").is_in(["overdue", "outcome_unknown"]))
    money = found.pledges.filter(pl.col("counted") & ~pl.col("currency").is_in(NOT_MONEY))
    context: Row = {
        "kind": "coordinate",
        "coverage": coverage(members, {area: NO_RECORD for area in members if not _anywhere(by_path, area)}),
        "pledges": {"counted": money.height, "untraced": money.filter(traced="nothing traceable").height},
        "claims": {"all": found.claims.height, "states": dict(sorted(states.items()))},
        "late": [_followup(found, row) for row in late.head(6).to_dicts()],
        "late_count": late.height,
        "events": found.ledger.register("events").height,
        "actors": found.actors.height,
        "ties": found.edges.height,
    }
    return _page(found, "index.html", "index.html", context)


def _anywhere(contexts: Mapping[str, Row], area: str) -> bool:
    """Whether any page about the region has a member in it."""
    return any(
        area in context["coverage"]["present"] for context in contexts.values() if not context["coverage"]["one"]
    )


def _pledges(found: Gathered, members: Sequence[str]) -> Page:
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
    return _page(found, "pledges.html", "pledges.html", context)


def _pledge(found: Gathered, row: Row) -> Row:
    return {**row, "what": _both(row, "what"), "announced_text": found.when(row["announced"])}


def _both(row: Row, name: str) -> Row:
    """A text of the pack in its languages."""
    return {code: row[f"{name}_{code}"] for code in ("en", "ru") if row.get(f"{name}_{code}")}


def _agreements(found: Gathered, members: Sequence[str], setting: Setting) -> Page:
    who: dict[str, list[Row]] = {}
    for row in found.ledger.parties(as_of=found.as_of).to_dicts():
        who.setdefault(row["agreement"], []).append({**row, "signed_text": found.when(row["signed"])})
    rows = [
        {**row, "title": _both(row, "title"), "signed_text": found.when(row["signed"]),
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
        "followups": [_followup(found, row) for row in found.followups.to_dicts()],
    }
    return _page(found, "agreements.html", "agreements.html", context, meetings=_meetings(found, rhythm))


def _format(found: Gathered, row: Row) -> Row:
    return {**row, "rhythm": _both(row, "rhythm"), "first_text": found.when(row["first"]),
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


def _followup(found: Gathered, row: Row) -> Row:
    return {**row, "what": _both(row, "what"), "due_text": found.when(row["due"]), "done_text": found.when(row["done"])}


def _calendar(found: Gathered, members: Sequence[str]) -> Page:
    entries = found.ledger.calendar(as_of=found.as_of)
    exact = {row["event"]: (row["start"], row["end"]) for row in found.ledger.register("events").to_dicts()}
    rows = [
        {**row, "title": _both(row, "title"), "place": _both(row, "place"), "when": _span(found, row, exact),
         "coming": row["end"] >= found.as_of}
        for row in entries.to_dicts()
    ]  # fmt: skip
    made: dict[str, list[Row]] = {}
    for kind, table, key, words in (("agreements", found.agreements, "agreement", "title"),
                                    ("pledges", found.pledges.filter("counted"), "pledge", "what")):  # fmt: skip
        for row in table.to_dicts():
            made.setdefault(row["event"], []).append({"page": kind, "id": row[key], "title": _both(row, words)})
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
    return _page(found, "calendar.html", "calendar.html", context)


def _span(found: Gathered, row: Row, exact: dict[str, tuple[str, str]]) -> Row:
    begin, end = exact.get(row["entry"], ("", ""))
    if not begin:
        length = {"day": 10, "month": 7, "year": 4}[row["exactness"]]
        begin, end = row["start"].isoformat()[:length], row["end"].isoformat()[:length]
    first, last = found.when(begin), found.when(end)
    return first if not last or first == last else {code: f"{first[code]} – {last[code]}" for code in first}


def _event(found: Gathered, row: Row) -> Row:
    return {**row, "title": _both(row, "title"), "place": _both(row, "place"), "outcome": _both(row, "outcome"),
            "when": found.when(row["start"])}  # fmt: skip


def _claims(found: Gathered, members: Sequence[str]) -> Page:
    sources: dict[str, list[Row]] = {}
    for row in found.ledger.evidence().to_dicts():
        sources.setdefault(row["claim"], []).append({**row, "says": _both(row, "says")})
    rows = [
        {**row, "statement": _both(row, "statement"), "sources": sources.get(row["claim"], [])}
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
    return _page(found, "claims.html", "claims.html", context)


def _desks(found: Gathered, members: Sequence[str]) -> Page:
    table = found.ledger.register("desk")
    counts = Counter(table["area"].to_list())
    metrics = {entry.id: dict(entry.title) for entry in found.ledger.desk_notes.metric}
    totals = found.ledger.desk_totals()
    latest = totals.sort("period").group_by("metric", "provider", maintain_order=True).last().to_dicts()
    context: Row = {
        "kind": "desks",
        "coverage": coverage(members, {area: NO_FIGURE for area in members if not counts[area]}),
        "desks": [{"area": area, "figures": counts[area], "tracks": found.ledger.tracks(area).height}
                  for area in members],
        "totals": [{**row, "title": metrics[row["metric"]], "providers": [_provider(found, row["provider"])]}
                   for row in latest],
    }  # fmt: skip
    return _page(found, "desk.html", "desks.html", context)


def _provider(found: Gathered, name: str) -> Row:
    return next((dict(entry.title) for entry in found.ledger.desk_notes.provider if entry.id == name), {"en": name})


def _desk(found: Gathered, members: Sequence[str], area: str) -> Page:
    notes = found.ledger.desk_notes
    rows = [
        {**row, "provider_name": _provider(found, row["provider"]), "as_of_text": found.when(row["as_of"])}
        for row in found.ledger.desk(area).to_dicts()
    ]
    topics = []
    for topic in notes.topic:
        metrics = [
            {"id": entry.id, "title": dict(entry.title), "note": dict(entry.note or {}),
             "rows": _newest([row for row in rows if row["metric"] == entry.id and row["topic"] == topic.id])}
            for entry in notes.metric
        ]  # fmt: skip
        if metrics := [metric for metric in metrics if metric["rows"]]:
            topics.append({"id": topic.id, "title": dict(topic.title), "metrics": metrics})
    titles = {ratio.id: dict(ratio.title) for ratio in notes.ratio}
    context: Row = {
        "kind": "desk",
        "coverage": of_one(members, area),
        "area": area,
        "topics": topics,
        "ratios": [
            {**row, "title": titles[row["ratio"]], "as_of_text": found.when(row["as_of"]),
             "numerator_name": _provider(found, row["numerator_provider"])}
            for row in found.ledger.desk_ratios(area).to_dicts()
        ],
        "tracks": [{**row, "title": _both(row, "title")} for row in found.ledger.tracks(area).to_dicts()],
    }  # fmt: skip
    return _page(found, f"desk-{area}.html", "desk.html", context)


def _newest(rows: list[Row]) -> list[Row]:
    """Rows with the latest period first."""
    return sorted(rows, key=lambda row: (row["period"].split("..")[-1], row["as_of"]), reverse=True)


def _linked(found: Gathered, members: Sequence[str]) -> list[str]:
    """Actors with a page of their own: the members, and bodies that anything ties to another actor."""
    tied = {*found.edges["a"], *found.edges["b"]}
    return [name for name in (*members, *found.bodies) if name in tied]


def _actors(found: Gathered, members: Sequence[str], setting: Setting) -> Page:
    pictures = {}
    for tongue in setting.languages:
        areas = {row["actor"]: pick(setting.names.area(row["actor"]), tongue)[0]
                 for row in found.actors.filter(kind="area").to_dicts()}  # fmt: skip
        names = {**found.short, **areas}
        pictures[f"network.{tongue}"] = figures.network(found.edges.to_dicts(), members, names)
    linked = set(_linked(found, members))
    context: Row = {
        "kind": "actors",
        "coverage": coverage(members, {area: NO_EVENT for area in members if area not in linked}),
        "actors": [{**row, "page": row["actor"] in linked} for row in found.actors.to_dicts()],
        "ties": dict(sorted(Counter(found.edges["tie"].to_list()).items())),
    }
    return _page(found, "actors.html", "actors.html", context, **pictures)


def _actor(found: Gathered, members: Sequence[str], name: str) -> Page:
    mine = found.edges.filter((pl.col("a") == name) | (pl.col("b") == name))
    partners: dict[str, list[Row]] = {}
    for row in mine.to_dicts():
        other = row["b"] if row["a"] == name else row["a"]
        partners.setdefault(other, []).append(
            {**row, "title": _both(row, "title"), "since_text": found.when(row["since"])}
        )
    linked = set(_linked(found, members))
    order = sorted(partners, key=lambda other: (-len(partners[other]), other))
    context: Row = {
        "kind": "actor",
        "coverage": of_one(members, name) if name in members else coverage(members, _apart(members, partners)),
        "actor": name,
        "partners": [{"actor": other, "page": other in linked, "ties": partners[other]} for other in order],
    }
    return _page(found, f"actors/{name}.html", "actor.html", context)


def _apart(members: Sequence[str], partners: dict[str, list[Row]]) -> Row:
    return {area: _("shares nothing held with this actor") for area in members if area not in partners}


def _hosting(found: Gathered, members: Sequence[str], setting: Setting) -> Page:
    rows = found.measures.to_dicts()
    largest = max((row["visibility"] for row in rows), default=0) or 1
    most = max((row["influence"] for row in rows), default=0) or 1
    pairs = [(row["area"], row["symbolic"] or 0.0, row["operational"] or 0.0) for row in rows]
    seen = [(row["area"], row["visibility"] / largest, row["influence"] / most) for row in rows]
    pictures, notes = {}, found.ledger.measures
    for tongue in setting.languages:
        words = {name: pick(dict(entry.title), tongue)[0] for name, entry in notes.index.items()}
        for name, points, across, up in (("working", pairs, "symbolic", "operational"),
                                         ("doing", seen, "visibility", "influence")):  # fmt: skip
            if across in words and up in words:
                pictures[f"{name}.{tongue}"] = figures.scatter(points, words[across], words[up], members)
    context: Row = {
        "kind": "hosting",
        "coverage": coverage(members),
        "rows": rows,
        "measures": [{"id": one.id, "side": one.side, "title": dict(one.title), "formula": dict(one.formula),
                      "held": found.measures[one.id].null_count() < len(rows)} for one in notes.measure],
        "index": {name: {"title": dict(one.title), "formula": dict(one.formula)} for name, one in notes.index.items()},
        "anchors": _anchors(found, members),
        "correlations": [pair._asdict() for pair in found.ledger.symbolic_correlations(as_of=found.as_of)
                         if {pair.one, pair.other} <= notes.index.keys()],
        "balance": [{"area": area, "partners": found.ledger.balance(area, as_of=found.as_of).head(6).to_dicts()}
                    for area in members],
    }  # fmt: skip
    return _page(found, "hosting.html", "hosting.html", context, **pictures)


def _anchors(found: Gathered, members: Sequence[str]) -> list[Row]:
    """One row for all events and one without each partner: events hosted and rank of every member."""
    table = found.ledger.anchors(as_of=found.as_of)
    return [
        {"without": partner, "cells": group.select("hosted", "rank").to_dicts()}
        for (partner,), group in table.group_by(["without"], maintain_order=True)
    ]


def _mandate(found: Gathered, members: Sequence[str]) -> Page:
    notes = found.ledger.mandate_notes
    rows = found.lines.to_dicts()
    lines = [
        {"id": line.id, "title": dict(line.title), "reason": dict(line.reason), "source": line.source,
         "indicators": [
             {"id": entry.id, "title": dict(entry.title), "note": dict(entry.note or {}), "series": entry.series,
              "better": entry.better,
              "rows": [row for row in rows if row["line"] == line.id and row["indicator"] == entry.id]}
             for entry in line.indicator]}
        for line in (notes.line if notes else ())
    ]  # fmt: skip
    scopes = found.ledger.scopes()
    table = scopes.group_by("kind", "scope").len().sort("kind", "scope").to_dicts()
    frameworks = found.ledger.register("frameworks").sort("area", "start").to_dicts()
    under = {row["area"] for row in frameworks}
    context: Row = {
        "kind": "mandate",
        "coverage": coverage(members, {area: NO_FRAMEWORK for area in members if area not in under}),
        "centre": notes.centre if notes else "",
        "members": list(members),
        "neighbours": list(found.ledger.pack.manifest.neighbours),
        "instruments": [{**row, "title": _both(row, "title"), "signed_text": found.when(row["signed"])}
                        for row in found.ledger.instruments(as_of=found.as_of).to_dicts()],
        "lines": lines,
        "providers": {entry.id: dict(entry.title) for entry in found.ledger.desk_notes.provider},
        "scopes": list(SCOPES),
        "scope_counts": {f"{row['kind']} {row['scope']}": row["len"] for row in table},
        "kinds": list(dict.fromkeys(scopes["kind"])),
        "context_records": scopes.filter(scope="transit_neighbour").to_dicts(),
        "frameworks": [{**row, "title": _both(row, "title"), "start_text": found.when(row["start"]),
                        "end_text": found.when(row["end"])} for row in frameworks],
    }  # fmt: skip
    return _page(found, "mandate.html", "mandate.html", context)


def _workplan(found: Gathered, members: Sequence[str], setting: Setting) -> Page:
    plan = found.ledger.workplan()
    rows = plan.tasks.to_dicts()
    pictures = {}
    for tongue in setting.languages:
        lines = [_bar(found, row, tongue) for row in rows]
        pictures[f"plan.{tongue}"] = figures.gantt(lines, plan.plan.start, plan.plan.end)
    from serai.coordinate.workplan import suspension

    trials = []
    for member in [name for name in plan.plan.members if any(row["owner"] == name for row in rows)]:
        since = plan.plan.start
        trial = found.ledger.workplan(suspend=[suspension(member, since)])
        states = Counter(trial.tasks["state"].to_list())
        trials.append({"member": member, "frozen": states["frozen"], "waiting": states["waiting"], "tasks": len(rows),
                       "budget": trial.frozen, "finish": trial.finish})  # fmt: skip
    owners = {row["owner"] for row in rows}
    context: Row = {
        "kind": "workplan",
        "coverage": coverage(members, {area: _("owns no task of this plan") for area in members if area not in owners}),
        "title": dict(plan.plan.title),
        "note": dict(plan.plan.note or {}),
        "example": plan.plan.example,
        "start": plan.plan.start, "end": plan.plan.end, "finish": plan.finish, "late_days": plan.late_days,
        "budget": plan.plan.budget, "currency": plan.plan.currency, "allotted": plan.allotted,
        "path": plan.path,
        "tasks": [{**row, "title": _both(row, "title")} for row in rows],
        "trials": trials,
    }  # fmt: skip
    return _page(found, "workplan.html", "workplan.html", context, **pictures)


def _bar(found: Gathered, row: Row, tongue: str) -> figures.Gantt:
    owner = found.short.get(row["owner"]) or str(row["owner"])
    state = "" if row["state"] == "planned" else row["state"]
    title = str(pick(_both(row, "title"), tongue)[0])
    return title, owner, row["start"], row["finish"], str(state), bool(row["critical"])

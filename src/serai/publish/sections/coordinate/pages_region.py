"""Pages about members and others: desks, actors, hosting and working, the mandate, the joint work plan."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import polars as pl

from serai.coordinate.mandate import SCOPES
from serai.coordinate.workplan import suspension
from serai.publish.coverage import coverage, of_one
from serai.publish.messages import _
from serai.publish.names import pick
from serai.publish.render import Page
from serai.publish.sections.coordinate import figures
from serai.publish.sections.coordinate.gather import Gathered
from serai.publish.sections.coordinate.parts import Row, both, page
from serai.region.tables_coordinate import PARTIAL

if TYPE_CHECKING:
    from serai.publish.sections import Setting

__all__ = [
    "actor_page",
    "actors_page",
    "desk_page",
    "desks_page",
    "hosting_page",
    "linked",
    "mandate_page",
    "workplan_page",
]

NO_EVENT = _("in no event held")
NO_FIGURE = _("no figure held")
NO_FRAMEWORK = _("no framework held")


def desks_page(found: Gathered, members: Sequence[str]) -> Page:
    """The desks, and sums over the members with who is missing."""
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
    return page(found, "desk.html", "desks.html", context)


def _provider(found: Gathered, name: str) -> Row:
    return next((dict(entry.title) for entry in found.ledger.desk_notes.provider if entry.id == name), {"en": name})


def _quoted(found: Gathered, provider: str, source: str) -> bool:
    """Whether a provider's figure was read in somebody else's document."""
    hosts = next((entry.hosts for entry in found.ledger.desk_notes.provider if entry.id == provider), ())
    host = urlsplit(str(found.documents.get(source, {}).get("url", ""))).hostname or ""
    return bool(hosts and host) and not any(host == own or host.endswith(f".{own}") for own in hosts)


def desk_page(found: Gathered, members: Sequence[str], area: str) -> Page:
    """One member's figures, shares and technical tracks."""
    notes = found.ledger.desk_notes
    rows = [
        {**row, "provider_name": _provider(found, row["provider"]), "as_of_text": found.when(row["as_of"]),
         "period_text": _period(found, row["period"]),
         "quoted": _quoted(found, row["provider"], row["source"])}
        for row in found.ledger.desk(area).to_dicts()
    ]  # fmt: skip
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
             "numerator_name": _provider(found, row["numerator_provider"]),
             "quoted": _quoted(found, row["numerator_provider"], row["source"])}
            for row in found.ledger.desk_ratios(area).to_dicts()
        ],
        "tracks": [{**row, "title": both(row, "title")} for row in found.ledger.tracks(area).to_dicts()],
    }  # fmt: skip
    return page(found, f"desk-{area}.html", "desk.html", context)


def _period(found: Gathered, period: str) -> Row:
    """A period in words; quarters and split years stay as they are."""
    ends = period.split("..")
    if not all(re.match(PARTIAL, end) for end in ends):
        return dict.fromkeys(found.languages, period)
    words = [found.when(end) for end in ends]
    return {code: " – ".join(one[code] for one in words) for code in found.languages}


def _newest(rows: list[Row]) -> list[Row]:
    """Rows with the latest period first."""
    return sorted(rows, key=lambda row: (row["period"].split("..")[-1], row["as_of"]), reverse=True)


def linked(found: Gathered, members: Sequence[str]) -> list[str]:
    """Actors with a page of their own: the members, and bodies that anything ties to another actor."""
    tied = {*found.edges["a"], *found.edges["b"]}
    return [name for name in (*members, *found.bodies) if name in tied]


def actors_page(found: Gathered, members: Sequence[str], setting: Setting) -> Page:
    """The network of actors and how many ties each has."""
    pictures = {}
    for tongue in setting.languages:
        areas = {row["actor"]: pick(setting.names.area(row["actor"]), tongue)[0]
                 for row in found.actors.filter(kind="area").to_dicts()}  # fmt: skip
        names = {**found.short, **areas}
        pictures[f"network.{tongue}"] = figures.network(found.edges.to_dicts(), members, names)
    own = set(linked(found, members))
    context: Row = {
        "kind": "actors",
        "coverage": coverage(members, {area: NO_EVENT for area in members if area not in own}),
        "actors": [{**row, "page": row["actor"] in own} for row in found.actors.to_dicts()],
        "ties": dict(sorted(Counter(found.edges["tie"].to_list()).items())),
    }
    return page(found, "actors.html", "actors.html", context, **pictures)


def actor_page(found: Gathered, members: Sequence[str], name: str) -> Page:
    """What one actor shares with every other."""
    mine = found.edges.filter((pl.col("a") == name) | (pl.col("b") == name))
    partners: dict[str, list[Row]] = {}
    for row in mine.to_dicts():
        other = row["b"] if row["a"] == name else row["a"]
        partners.setdefault(other, []).append(
            {**row, "title": both(row, "title"), "since_text": found.when(row["since"])}
        )
    own = set(linked(found, members))
    order = sorted(partners, key=lambda other: (-len(partners[other]), other))
    context: Row = {
        "kind": "actor",
        "coverage": of_one(members, name) if name in members else coverage(members, _apart(members, partners)),
        "actor": name,
        "partners": [{"actor": other, "page": other in own, "ties": partners[other]} for other in order],
    }
    return page(found, f"actors/{name}.html", "actor.html", context)


def _apart(members: Sequence[str], partners: dict[str, list[Row]]) -> Row:
    return {area: _("shares nothing held with this actor") for area in members if area not in partners}


def hosting_page(found: Gathered, members: Sequence[str], setting: Setting) -> Page:
    """Hosting and working, visibility and influence, with formulas."""
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
    return page(found, "hosting.html", "hosting.html", context, **pictures)


def _anchors(found: Gathered, members: Sequence[str]) -> list[Row]:
    """One row for all events and one without each partner: events hosted and rank of every member."""
    table = found.ledger.anchors(as_of=found.as_of)
    return [
        {"without": partner, "cells": group.select("hosted", "rank").to_dicts()}
        for (partner,), group in table.group_by(["without"], maintain_order=True)
    ]


def mandate_page(found: Gathered, members: Sequence[str]) -> Page:
    """Instruments, the scope test, programme lines, UN frameworks."""
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
    frameworks = found.ledger.frameworks(as_of=found.as_of).to_dicts()
    under = {row["area"] for row in frameworks}
    context: Row = {
        "kind": "mandate",
        "coverage": coverage(members, {area: NO_FRAMEWORK for area in members if area not in under}),
        "centre": notes.centre if notes else "",
        "members": list(members),
        "neighbours": list(found.ledger.pack.manifest.neighbours),
        "instruments": [{**row, "title": both(row, "title"), "signed_text": found.when(row["signed"])}
                        for row in found.ledger.instruments(as_of=found.as_of).to_dicts()],
        "lines": lines,
        "providers": {entry.id: dict(entry.title) for entry in found.ledger.desk_notes.provider},
        "scopes": list(SCOPES),
        "scope_counts": {f"{row['kind']} {row['scope']}": row["len"] for row in table},
        "kinds": list(dict.fromkeys(scopes["kind"])),
        "context_records": scopes.filter(scope="transit_neighbour").to_dicts(),
        "frameworks": [{**row, "title": both(row, "title"), "start_text": found.when(row["start"]),
                        "end_text": found.when(row["end"])} for row in frameworks],
    }  # fmt: skip
    return page(found, "mandate.html", "mandate.html", context)


def workplan_page(found: Gathered, members: Sequence[str], setting: Setting) -> Page:
    """The joint work plan, and what the suspension of each owner would do to it."""
    plan = found.ledger.workplan()
    rows = plan.tasks.to_dicts()
    pictures = {}
    for tongue in setting.languages:
        lines = [_bar(found, row, tongue) for row in rows]
        pictures[f"plan.{tongue}"] = figures.gantt(lines, plan.plan.start, plan.plan.end)
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
        "titles": {row["task"]: both(row, "title") for row in rows},
        "tasks": [{**row, "title": both(row, "title")} for row in rows],
        "trials": trials,
    }  # fmt: skip
    return page(found, "workplan.html", "workplan.html", context, **pictures)


def _bar(found: Gathered, row: Row, tongue: str) -> figures.Gantt:
    owner = found.short.get(row["owner"]) or str(row["owner"])
    state = "" if row["state"] == "planned" else row["state"]
    title = str(pick(both(row, "title"), tongue)[0])
    return title, owner, row["start"], row["finish"], str(state), bool(row["critical"])

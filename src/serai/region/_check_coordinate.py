"""Checks of a pack's register that no single cell can fail: how actors, dates, stages and sums fit together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import isclose
from typing import Any

import polars as pl

from serai.errors import Fault
from serai.region.tables_coordinate import COORDINATE_TABLES, LIFE

Rows = list[dict[str, Any]]
FILES = {table.name: table.file for table in COORDINATE_TABLES}
ACTORS = {
    "event_actors": ("actor",),
    "agreement_parties": ("actor",),
    "followups": ("owners",),
    "pledges": ("pledgers", "beneficiaries", "beyond"),
    "funding": ("actor",),
    "desk": ("counterpart",),
}
"""Columns that name actors: areas, groups or bodies, several with blanks between."""
SPANS = {"bodies": ("since", "until"), "body_members": ("since", "until"), "events": ("start", "end"),
         "pledges": ("starts", "ends"), "frameworks": ("start", "end")}  # fmt: skip
TOLERANCE = 1e-6


def register_faults(known: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    """Everything wrong with the register as a whole; nothing where the pack has none.

    Args:
        known: tables as text with a ``row`` column.
    """
    rows = {name: known[name].to_dicts() for name in known if name in FILES}
    if not rows:
        return
    actors = {row["body"] for row in rows.get("bodies", [])}
    for table, column in (("areas", "area"), ("groups", "group")):
        actors |= set(known[table][column]) if table in known else set()
    yield from _actor_faults(rows, actors)
    yield from _member_faults(rows.get("body_members", []))
    yield from _span_faults(rows)
    yield from _agreement_faults(rows)
    yield from _pledge_faults(rows.get("pledges", []), rows.get("pledge_steps", []))
    yield from _funding_faults(rows.get("funding", []), known)
    if "projects" in known:
        yield from _project_faults(rows.get("pledges", []), set(known["projects"]["project"]))
    for row in rows.get("desk", []):
        if (row["status"] == "withheld") == bool(row["value"]):
            shown = f"{row['area']} {row['metric']} {row['period']} {row['value']}".strip()
            problem = "withheld with a value, or without a value and not withheld"
            yield Fault(FILES["desk"], row["row"], shown, problem, "leave the row out, or say withheld and why in note")
        if row["status"] == "withheld" and not row["note"]:
            yield Fault(
                FILES["desk"], row["row"], f"{row['area']} {row['metric']}", "withheld without a reason", "say why"
            )
    for row in rows.get("followups", []):
        if (row["state"] == "done") != bool(row["done"]):
            problem = "a follow-up is done without a date, or has a date without being done"
            yield Fault(FILES["followups"], row["row"], row["followup"], problem, "give both or neither")


def _actor_faults(rows: Mapping[str, Rows], actors: set[str]) -> Iterator[Fault]:
    for table, columns in ACTORS.items():
        for row in rows.get(table, []):
            for column in columns:
                for name in row[column].split():
                    if name not in actors:
                        remedy = "add it to bodies.csv, areas.csv or groups.csv, or correct it"
                        yield Fault(FILES[table], row["row"], name, f"unknown actor in {column}", remedy)


def _member_faults(members: Rows) -> Iterator[Fault]:
    for row in members:
        if bool(row["area"]) == bool(row["organisation"]):
            shown = f"{row['body']} {row['area']} {row['organisation']}".strip()
            problem = "a member is either an area or a body"
            yield Fault(FILES["body_members"], row["row"], shown, problem, "fill one of the two")
        if row["organisation"] == row["body"]:
            yield Fault(FILES["body_members"], row["row"], row["body"], "a body is its own member", "remove the row")


def _span_faults(rows: Mapping[str, Rows]) -> Iterator[Fault]:
    for table, (begin, end) in SPANS.items():
        for row in rows.get(table, []):
            first, last = row[begin], row[end]
            width = min(len(first), len(last))
            if width and last[:width] < first[:width]:
                yield Fault(FILES[table], row["row"], f"{first} {last}", f"{end} comes before {begin}", "swap them")


def _agreement_faults(rows: Mapping[str, Rows]) -> Iterator[Fault]:
    agreements = rows.get("agreements", [])
    replaced = {row["supersedes"] for row in agreements if row["supersedes"]}
    for row in agreements:
        if row["agreement"] in replaced and row["status"] != "superseded":
            problem = "another agreement supersedes it, its status does not say so"
            yield Fault(FILES["agreements"], row["row"], row["agreement"], problem, "set status to superseded")
        for status in ("ratified", "in_force"):
            if row[status] and row["status"] in LIFE[: LIFE.index(status)]:
                problem = f"it has a date for {status} and the status {row['status']}"
                yield Fault(FILES["agreements"], row["row"], row["agreement"], problem, "correct one of them")
        dates = [row[name] for name in ("negotiated", "signed", "ratified", "ends") if row[name]]
        if any(b[: len(a)] < a[: len(b)] for a, b in pairwise(dates)):
            problem = "its dates are not in the order negotiated, signed, ratified, ends"
            yield Fault(FILES["agreements"], row["row"], row["agreement"], problem, "correct them")


def _pledge_faults(pledges: Rows, steps: Rows) -> Iterator[Fault]:
    file, by_id = FILES["pledges"], {row["pledge"]: row for row in pledges}
    parts: dict[str, float] = {}
    for row in pledges:
        yield from _overlap_faults(row, by_id)
        whole = by_id.get(row["contained_in"])
        if whole is None:
            continue
        if _cycle(row, by_id):
            yield Fault(file, row["row"], row["pledge"], "a pledge contains itself", "correct contained_in")
        elif whole["currency"] != row["currency"]:
            shown = f"{row['pledge']} {row['currency']}, {whole['pledge']} {whole['currency']}"
            yield Fault(file, row["row"], shown, "part and whole differ in currency", "give the part in that currency")
        elif row["standing"] == "counted":
            parts[whole["pledge"]] = parts.get(whole["pledge"], 0.0) + _float(row["amount"])
    for name, total in parts.items():
        whole, amount = by_id[name], _float(by_id[name]["amount"])
        if whole["complete"] == "true" and not isclose(total, amount, rel_tol=TOLERANCE):
            problem = f"its parts come to {total:g} and are said to be all of it"
            yield Fault(file, whole["row"], f"{name} {amount:g}", problem, "correct a part, or leave complete empty")
        elif total > amount * (1 + TOLERANCE):
            yield Fault(file, whole["row"], f"{name} {amount:g}", f"its parts come to {total:g}", "correct a part")
    for row in steps:
        pledge = by_id.get(row["pledge"])
        if pledge is not None and row["currency"] != pledge["currency"]:
            shown = f"{row['pledge']} {row['currency']}, pledged in {pledge['currency']}"
            problem = "a step in another currency than its pledge"
            yield Fault(FILES["pledge_steps"], row["row"], shown, problem, "give it in that currency")
        if pledge is not None and row["date"][:4] < pledge["announced"][:4]:
            problem = f"a step before the pledge was announced ({pledge['announced']})"
            yield Fault(FILES["pledge_steps"], row["row"], f"{row['pledge']} {row['date']}", problem, "correct a date")


def _overlap_faults(row: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    for other in row["overlaps_with"].split():
        if other not in by_id or other == row["pledge"]:
            shown = f"{row['pledge']} {other}"
            yield Fault(FILES["pledges"], row["row"], shown, "overlap with no other pledge", "name one of the table")


def _cycle(row: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> bool:
    seen, name = {row["pledge"]}, row["contained_in"]
    while name in by_id:
        if name in seen:
            return True
        seen.add(name)
        name = by_id[name]["contained_in"]
    return False


def _project_faults(pledges: Rows, projects: set[str]) -> Iterator[Fault]:
    for row in pledges:
        for name in row["projects"].split():
            if name not in projects:
                yield Fault(FILES["pledges"], row["row"], name, "unknown project", "add it to corridor/projects.csv")


def _funding_faults(funding: Rows, known: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    segments = segment_names(known) if funding else set()
    for row in funding:
        for name in (part.strip() for part in row["segments"].split(";")):
            if name not in segments:
                remedy = (
                    "name a project, a fibre link, a place, a link ('from-to mode', rail with its gauge) or a border"
                )
                yield Fault(FILES["funding"], row["row"], name, "unknown segment", remedy)
        shown = f"{row['funding']} {row['amount']} {row['currency']}".strip()
        if bool(row["amount"]) != bool(row["currency"]):
            yield Fault(FILES["funding"], row["row"], shown, "an amount without a currency, or a currency without one",
                        "give both or neither")  # fmt: skip
        if (row["stage"] == "none") == bool(row["funder_en"]):
            problem = "no money is said to be there and a funder is named, or money is there and none is"
            yield Fault(FILES["funding"], row["row"], shown, problem, "correct stage or funder_en")


def segment_names(known: Mapping[str, pl.DataFrame]) -> set[str]:
    """What a row of funding may name: projects, fibre links, places, links and borders of the corridors."""
    columns = (("projects", "project"), ("fibre", "fibre"), ("places", "place"))
    names = {name for table, column in columns if table in known for name in known[table][column]}
    for row in known["links"].iter_rows(named=True) if "links" in known else ():
        names.add(f"{row['from']}-{row['to']} {row['mode']}{row['gauge'] or ''}")
    for row in known["borders"].iter_rows(named=True) if "borders" in known else ():
        names.add(f"border {'-'.join(sorted((row['from'], row['to'])))} {row['mode']}")
    return names


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0  # the check of cells has named it

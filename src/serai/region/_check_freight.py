"""Checks of what a freight network carries: demand between two places, capacities of steps that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from serai.errors import Fault
from serai.region.tables_freight import FREIGHT_TABLES

Rows = list[dict[str, Any]]
FILES = {table.name: table.file for table in FREIGHT_TABLES}
STEPS = {"link": "links", "border": "borders", "sailing": "services"}
"""Tables that hold the steps a capacity may be of; transfers are looked for by place."""


def freight_faults(known: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    """Everything wrong with demand and capacities that no single cell can fail.

    Args:
        known: tables as text with a ``row`` column.
    """
    rows = {name: frame.to_dicts() for name, frame in known.items() if name in FILES or name in _NEEDED}
    yield from _demand_faults(rows.get("demand", []))
    yield from _share_faults(rows.get("demand_places", []))
    yield from _capacity_faults(rows)
    yield from _project_faults(rows, set(known["areas"]["area"]) if "areas" in known else set())
    yield from _throughput_faults(rows)


_NEEDED = ("links", "borders", "services", "transfers")


def _demand_faults(demand: Rows) -> Iterator[Fault]:
    for row in demand:
        shown = f"{row['from']}-{row['to']} {row['commodity']}"
        if row["from"] == row["to"]:
            yield Fault(FILES["demand"], row["row"], shown, "demand that ends where it begins", "give two places")
        yield from _range("demand", row, shown, ("low", "value", "high"))


def _share_faults(places: Rows) -> Iterator[Fault]:
    sums: dict[tuple[str, str, str], float] = {}
    last: dict[tuple[str, str, str], int] = {}
    for row in places:
        key = (row["area"], row["commodity"], row["direction"])
        sums[key] = sums.get(key, 0.0) + as_float(row["share"])
        last[key] = row["row"]
    for key, total in sums.items():
        if abs(total - 1.0) > 1e-6:
            shown = " ".join(part for part in key if part)
            problem = f"shares of the places come to {total:g}"
            yield Fault(FILES["demand_places"], last[key], shown, problem, "let them come to 1")


def _capacity_faults(rows: Mapping[str, Rows]) -> Iterator[Fault]:
    steps = {kind: list(_steps(kind, rows)) for kind in (*STEPS, "transfer")}
    sizes: dict[str, tuple[str, int]] = {}
    for row in rows.get("capacities", []):
        shown = f"{row['facility']}: {row['kind']} {row['from']}-{row['to']} {row['mode']}{row['gauge']}"
        yield from _range("capacities", row, shown, ("capacity_low", "capacity", "capacity_high"))
        if not _there(steps, row, row["gauge"]):
            problem = f"the network has no such {row['kind']}"
            yield Fault(FILES["capacities"], row["row"], shown, problem, "correct the row or add the step")
        size = "/".join(str(row[name]) for name in ("capacity", "capacity_low", "capacity_high"))
        known, line = sizes.setdefault(row["facility"], (size, row["row"]))
        if known != size:
            problem = f"line {line} gives the same facility another capacity"
            yield Fault(FILES["capacities"], row["row"], shown, problem, "give all its rows the same")


def _throughput_faults(rows: Mapping[str, Rows]) -> Iterator[Fault]:
    steps = {kind: list(_steps(kind, rows)) for kind in (*STEPS, "transfer")}
    observed: dict[tuple[str, str], tuple[str, int]] = {}
    fitted: dict[str, tuple[str, int]] = {}
    for row in rows.get("throughputs", []):
        shown = f"{row['point']}: {row['kind']} {row['from']}-{row['to']} {row['mode']}"
        if not _there(steps, row, ""):
            problem = f"the network has no such {row['kind']}"
            yield Fault(FILES["throughputs"], row["row"], shown, problem, "correct the row or add the step")
        known, line = observed.setdefault((row["point"], row["year"]), (row["observed"], row["row"]))
        if known != row["observed"]:
            problem = f"line {line} gives the same point another figure"
            yield Fault(FILES["throughputs"], row["row"], shown, problem, "give all its rows the same")
        if row["role"] == "fitted":
            year, line = fitted.setdefault(row["point"], (row["year"], row["row"]))
            if year != row["year"]:
                problem = f"line {line} fits the same point to another year"
                yield Fault(FILES["throughputs"], row["row"], shown, problem, "fit it to one, the others are checks")


def _project_faults(rows: Mapping[str, Rows], areas: set[str]) -> Iterator[Fault]:
    effects = rows.get("project_effects", [])
    busy = {row["project"] for row in effects}
    for row in rows.get("projects", []):
        if row["project"] not in busy:
            problem = "a project that does nothing"
            yield Fault(FILES["projects"], row["row"], row["project"], problem, "add its rows to project_effects.csv")
        for name in row["areas"].split():
            if name not in areas:
                yield Fault(FILES["projects"], row["row"], f"{row['project']} {name}", "unknown area", "correct it")
    links = {(ends, mode, gauge) for ends, modes, gauge in _steps("link", rows) for mode in modes}
    facilities = {row["facility"] for row in rows.get("capacities", [])}
    facilities |= {_transfer_name(row) for row in rows.get("transfers", []) if row["capacity"]}
    for row in effects:
        shown = " ".join(row[name] for name in ("project", "effect", "facility", "from", "to", "areas") if row[name])
        yield from _range("project_effects", row, shown, ("with_low", "with", "with_high"))
        problem = _effect_problem(row, links, facilities)
        if problem:
            yield Fault(FILES["project_effects"], row["row"], shown, problem, "correct the row")
    for row in rows.get("project_costs", []):
        shown = " ".join(part for part in (row["project"], row["area"], row["payer"]) if part)
        yield from _range("project_costs", row, shown, ("cost_low", "cost", "cost_high"))


def _effect_problem(row: Mapping[str, Any], links: set[tuple[frozenset[str], str, str]], known: set[str]) -> str:
    """Why an effect reaches nothing; empty where it does."""
    link = (frozenset((row["from"], row["to"])), row["mode"], row["gauge"])
    kind = row["effect"]
    if kind == "capacity" and row["facility"] not in known:
        return "no facility of that name has a capacity"
    if kind in ("opens", "speed") and link not in links:
        return "the network has no such link"
    if kind == "opens" and {as_float(row[name]) for name in ("without", "with_low", "with", "with_high")} - {0.0, 1.0}:
        return "a link is open (1) or not (0)"
    if kind == "hours" and not row["areas"]:
        return "hours of the borders of no area"
    if kind == "deepens" and not row["from"]:
        return "no port to deepen"
    return ""


def _transfer_name(row: Mapping[str, Any]) -> str:
    return f"transfer {row['place']} {row['from_mode']}{row['from_gauge']}-{row['to_mode']}{row['to_gauge']}"


def _there(steps: Mapping[str, Any], row: Mapping[str, Any], gauge: str) -> bool:
    """Whether the network has the step a row is about."""
    ends = frozenset((row["from"], row["to"]))
    return any(
        places == ends and row["mode"] in modes and (not own or not gauge or own == gauge)
        for places, modes, own in steps.get(row["kind"], [])
    )


def _steps(kind: str, rows: Mapping[str, Rows]) -> Iterator[tuple[frozenset[str], set[str], str]]:
    if kind == "transfer":
        for row in rows.get("transfers", []):
            yield frozenset((row["place"],)), {row["from_mode"], row["to_mode"]}, ""
        return
    for row in rows.get(STEPS[kind], []):
        yield frozenset((row["from"], row["to"])), {row["mode"]}, row.get("gauge", "")


def _range(table: str, row: Mapping[str, Any], shown: str, names: tuple[str, str, str]) -> Iterator[Fault]:
    low, value, high = (as_float(row[name]) for name in names)
    if not low <= value <= high:
        problem = f"{names[1]} {value:g} lies outside {low:g} to {high:g}"
        yield Fault(FILES[table], row["row"], shown, problem, "correct low or high")


def as_float(text: str) -> float:
    """A cell as a number; 0 where it is none."""
    try:
        return float(text)
    except ValueError:
        return 0.0  # the check of cells has named it

"""Checks of a pack's freight network that no single cell can fail: how its tables fit together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

import polars as pl

from serai.errors import Fault
from serai.region._check_freight import as_float, freight_faults
from serai.region.tables_corridor import CORE, CORRIDOR_TABLES

Rows = list[dict[str, Any]]
FILES = {table.name: table.file for table in CORRIDOR_TABLES}
LAND = ("rail", "road")
LEVELS = ("level", "full_level")
"""Parameters that may be negative: heights of a sea."""
RANGES = {
    "posts": ("hours", "fee"),
    "borders": ("exit", "entry", "fee"),
    "transfers": ("hours", "money"),
    "services": ("headway", "fare"),
    "commodities": ("time_value",),
}


def network_faults(known: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    """Everything wrong with the network as a whole; nothing where the pack has none.

    Args:
        known: tables as text with a ``row`` column.
    """
    if not any(name in known for name in FILES):
        return
    yield from freight_faults(known)
    missing = [name for name in CORE if name not in known]
    for name in missing:
        yield Fault(FILES[name], None, "", "the freight network lacks this table", "add it")
    if missing:
        return
    rows = {name: known[name].to_dicts() for name in known if name in FILES}
    area = {row["place"]: row["area"] for row in rows["places"]}
    touching = {frozenset((row["area"], row["other"])) for row in rows["contiguity"]}
    yield from _link_faults(rows["links"], area)
    yield from _border_faults(rows, area, touching)
    yield from _uncovered(rows, area)
    yield from _transfer_faults(rows["transfers"])
    yield from _disconnected(rows)
    yield from _number_faults(rows)
    yield from _turning_faults(rows)


def _link_faults(links: Rows, area: Mapping[str, str]) -> Iterator[Fault]:
    seen: dict[tuple[frozenset[str], str, str], int] = {}
    for row in links:
        shown = f"{row['from']}-{row['to']} {row['mode']}{row['gauge']}"
        if row["from"] == row["to"]:
            yield Fault(FILES["links"], row["row"], shown, "a link whose ends are the same", "give two places")
        if as_float(row["km"]) == 0:
            yield Fault(FILES["links"], row["row"], shown, "a link of no length", "give its kilometres")
        if (row["mode"] == "rail") != bool(row["gauge"]):
            problem = "a railway without a gauge" if row["mode"] == "rail" else "a gauge where there are no rails"
            yield Fault(FILES["links"], row["row"], shown, problem, "give the gauge of railways, and only of them")
        key = (frozenset((row["from"], row["to"])), row["mode"], row["gauge"])
        if key in seen:
            problem = f"a loop: line {seen[key]} joins the same places in the same way"
            yield Fault(FILES["links"], row["row"], shown, problem, "keep one: links hold both ways")
        seen.setdefault(key, row["row"])


def _turning_faults(rows: Mapping[str, Rows]) -> Iterator[Fault]:
    linked = {(row["from"], row["to"], row["mode"]) for row in rows["links"]}
    for row in rows.get("waypoints", []):
        if (row["from"], row["to"], row["mode"]) not in linked:
            shown = f"{row['from']}-{row['to']} {row['mode']}"
            remedy = "name its ends as links.csv does, or remove it"
            yield Fault(FILES["waypoints"], row["row"], shown, "a way that is no link turns here", remedy)


def _border_faults(rows: Mapping[str, Rows], area: Mapping[str, str], touching: set[frozenset[str]]) -> Iterator[Fault]:
    linked = {(frozenset((row["from"], row["to"])), row["mode"]) for row in rows["links"]}
    for row in rows["borders"]:
        start, end = area.get(row["from"]), area.get(row["to"])
        shown = f"{row['from']}-{row['to']} {row['mode']}"
        if start is None or end is None:
            continue
        if start == end:
            problem = f"a border inside one country ({start})"
            yield Fault(FILES["borders"], row["row"], shown, problem, "remove it or correct the places")
        elif row["mode"] in LAND and frozenset((start, end)) not in touching:
            problem = f"a border between countries that do not touch ({start}, {end})"
            yield Fault(FILES["borders"], row["row"], shown, problem, "correct the places, or contiguity.csv")
        if (frozenset((row["from"], row["to"])), row["mode"]) not in linked:
            yield Fault(FILES["borders"], row["row"], shown, "no link crosses this border", "add the link or remove it")


def _uncovered(rows: Mapping[str, Rows], area: Mapping[str, str]) -> Iterator[Fault]:
    crossed = {(row["from"], row["to"], row["mode"]) for row in rows["borders"]}
    for row in rows["links"]:
        ends = (row["from"], row["to"])
        if row["mode"] not in LAND or not set(ends) <= area.keys() or len({area[end] for end in ends}) == 1:
            continue
        for start, end in (ends, ends[::-1]):
            if (start, end, row["mode"]) not in crossed:
                shown = f"{start}-{end} {row['mode']}"
                problem = "crosses a border that is not named"
                yield Fault(FILES["links"], row["row"], shown, problem, "add it to borders.csv")


def _transfer_faults(transfers: Rows) -> Iterator[Fault]:
    """Transfers onto themselves, given twice, or that go round more cheaply than straight."""
    places: dict[str, dict[frozenset[tuple[str, str]], dict[str, Any]]] = {}
    for row in transfers:
        ends = frozenset(((row["from_mode"], row["from_gauge"]), (row["to_mode"], row["to_gauge"])))
        shown = f"{row['place']} {row['from_mode']}{row['from_gauge']}-{row['to_mode']}{row['to_gauge']}"
        here = places.setdefault(row["place"], {})
        if len(ends) == 1:
            yield Fault(FILES["transfers"], row["row"], shown, "a transfer onto itself", "give two modes or gauges")
        elif ends in here:
            problem = f"a cycle: line {here[ends]['row']} is the same transfer"
            yield Fault(FILES["transfers"], row["row"], shown, problem, "keep one: transfers hold both ways")
        else:
            here[ends] = row
    for place, here in places.items():
        yield from _cycles(place, here)


def _cycles(place: str, here: Mapping[frozenset[tuple[str, str]], dict[str, Any]]) -> Iterator[Fault]:
    nodes = sorted({node for pair in here for node in pair})
    for three in combinations(nodes, 3):
        pairs = [frozenset(pair) for pair in combinations(three, 2)]
        if not all(pair in here for pair in pairs):
            continue
        for number, pair in enumerate(pairs):
            others = [here[other] for other in pairs[:number] + pairs[number + 1 :]]
            for name in ("hours", "money"):
                straight, round_about = here[pair][name], [other[name] for other in others]
                if not straight or not all(round_about):
                    continue
                around = sum(as_float(value) for value in round_about)
                if around == 0 or around < as_float(straight):
                    problem = f"a cycle in transfers: {name} by way of lines {others[0]['row']} and {others[1]['row']}"
                    shown, remedy = f"{place} {straight}", f"come to {around:g}; let the straight transfer cost no more"
                    yield Fault(FILES["transfers"], here[pair]["row"], shown, problem, remedy)


def _disconnected(rows: Mapping[str, Rows]) -> Iterator[Fault]:
    """Places that no way joins to the greatest part of the network, whatever the status of links."""
    group = {row["place"]: row["place"] for row in rows["places"]}

    def root(place: str) -> str:
        while group[place] != place:
            group[place] = group[group[place]]
            place = group[place]
        return place

    for row in rows["links"]:
        if row["from"] in group and row["to"] in group:
            group[root(row["from"])] = root(row["to"])
    sizes: dict[str, int] = {}
    for place in group:
        sizes[root(place)] = sizes.get(root(place), 0) + 1
    main = max(sizes, key=lambda name: sizes[name]) if sizes else ""
    for row in rows["places"]:
        if root(row["place"]) != main:
            problem = "disconnected: no link joins this place to the rest of the network"
            yield Fault(FILES["places"], row["row"], row["place"], problem, "add a link or remove the place")


def _number_faults(rows: Mapping[str, Rows]) -> Iterator[Fault]:
    for row in rows["parameters"]:
        shown = f"{row['parameter']} {row['key']} {row['area']}".strip()
        if not as_float(row["low"]) <= as_float(row["value"]) <= as_float(row["high"]):
            yield Fault(FILES["parameters"], row["row"], shown, "value lies outside its range", "correct low or high")
        if row["basis"] == "assumed" and not row["reason"]:
            yield Fault(FILES["parameters"], row["row"], shown, "assumed without a reason", "say why")
        least = min(as_float(row[name]) for name in ("low", "value"))
        if row["parameter"] not in LEVELS and least < 0:
            problem = f"a negative cost or measure ({least:g})"
            yield Fault(FILES["parameters"], row["row"], shown, problem, "give numbers from 0 up")
        if row["parameter"] == "speed" and least == 0:
            yield Fault(FILES["parameters"], row["row"], shown, "a speed of 0", "close the link instead")
    for table, names in RANGES.items():
        for row in rows.get(table, []):
            yield from _range_faults(table, row, names)


def _range_faults(table: str, row: Mapping[str, Any], names: Iterable[str]) -> Iterator[Fault]:
    for name in names:
        low, value, high = (row[part] for part in (f"{name}_low", name, f"{name}_high"))
        if value and low and high and not as_float(low) <= as_float(value) <= as_float(high):
            yield Fault(
                FILES[table], row["row"], f"{name} {value}", f"{name} lies outside {low} to {high}", "correct it"
            )

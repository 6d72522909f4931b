"""Places x modes x gauges as one graph: links, sailings, borders, transfers, and access to each place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from serai.corridor.network import Graph
from serai.corridor.numbers import ONE, ZERO, Number, Numbers
from serai.errors import InputError
from serai.region import Pack

SHIPS = ("ferry", "sea")
Node = tuple[str, str, str, str]
"""Place, mode, gauge, and what is about to happen there ("" for nothing); a place itself has no mode."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One step: what it is, and the positions of the numbers its cost is made of.

    ``kind`` is link, border, transfer, sailing or access. Hours are ``km / speed + first + second`` and the wait for a
    sailing; money per tonne is ``km x rate + fee / 20 + handling + fare / share of a full load``. On railways the hours
    hang on the service: trains of their own take ``ease`` of the hours of a border, wagons run at ``wagons`` and wait
    ``platforms`` for wagons of the other gauge. Lorries move ``rest`` of the day.
    """

    kind: str
    tail: int
    head: int
    start: str
    end: str
    mode: str
    gauge: str = ""
    area: str = ""
    status: str = "open"
    km: float = 0.0
    estimated: bool = False
    circuity: int = ONE
    speed: int = ONE
    rate: int = ZERO
    emissions: int = ZERO
    delay: int = ZERO
    wagons: int = ONE
    wagon_delay: int = ZERO
    ease: int = ONE
    platforms: int = ZERO
    rest: int = ONE
    first: int = ZERO
    second: int = ZERO
    fee: int = ZERO
    handling: int = ZERO
    fare: int = ZERO
    headway: int = ZERO
    irregularity: int = ZERO
    capacity: float = 0.0
    load: float = 0.0
    level: bool = False
    deepened: float = 0.0
    gauge_break: bool = False
    basis: str = ""
    source: str = ""
    name: str = ""


@dataclass
class Supernetwork:
    """The graph of a pack's freight network.

    Attributes:
        places: identifiers, in the order of ``places.csv``; they are the first nodes.
        nodes: of the graph.
        edges: of the graph.
        numbers: what the edges refer to.
    """

    places: list[str]
    areas: dict[str, str]
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    numbers: Numbers = field(default_factory=Numbers)
    _at: dict[Node, int] = field(default_factory=dict)

    def node(self, place: str, mode: str = "", gauge: str = "", tag: str = "") -> int:
        """Position of a node, added when it is new."""
        key = (place, mode, gauge, tag)
        if key not in self._at:
            self._at[key] = len(self.nodes)
            self.nodes.append(key)
        return self._at[key]

    def add(self, edge: Edge) -> None:
        """Add an edge."""
        self.edges.append(edge)

    def parameter(self, name: str, key: str = "", area: str = "") -> int:
        """Position of a parameter: of the area, else of everyone.

        Raises:
            InputError: the pack has no such parameter.
        """
        for place in (area, ""):
            found = self.numbers.at(parameter_name(name, key, place))
            if found is not None:
                return found
        raise InputError(f"corridor/parameters.csv: no parameter '{name}' with key '{key}'; add a row")

    def optional(self, name: str, key: str, area: str, default: int) -> int:
        """Position of a parameter that a pack may leave out, else the one given."""
        names = (parameter_name(name, key, place) for place in (area, ""))
        return next((found for found in map(self.numbers.at, names) if found is not None), default)

    @cached_property
    def graph(self) -> Graph:
        """The edges as the path kernels read them."""
        tail = np.array([edge.tail for edge in self.edges], dtype=np.int64)
        head = np.array([edge.head for edge in self.edges], dtype=np.int64)
        order = np.argsort(tail, kind="stable").astype(np.int64)
        start = np.searchsorted(tail[order], np.arange(len(self.nodes) + 1)).astype(np.int64)
        return Graph(start, order, tail, head, len(self.places))


def parameter_name(name: str, key: str, area: str) -> str:
    """How a parameter is called among the numbers."""
    return " ".join(part for part in ("parameter", name, key, area) if part)


def build(pack: Pack) -> Supernetwork:
    """The supernetwork of a pack; links of every status are in it.

    Raises:
        InputError: a parameter is missing.
        PackError: a table breaks its schema.
    """
    places = pack.table("places")
    net = Supernetwork(places["place"].to_list(), dict(places.select("place", "area").iter_rows()))
    for place in net.places:
        net.node(place)
    _read_parameters(net, pack.table("parameters"))
    levels = set(pack.table("transfers").filter(pl.col("level"))["place"])
    posts = {row["post"]: row for row in pack.table("posts").iter_rows(named=True)}
    borders = {(r["from"], r["to"], r["mode"]): r for r in pack.table("borders").iter_rows(named=True)}
    services = {(r["from"], r["to"], r["mode"]): r for r in pack.table("services").iter_rows(named=True)}
    for row in pack.table("links").iter_rows(named=True):
        for start, end in ((row["from"], row["to"]), (row["to"], row["from"])):
            _add_link(net, {**row, "from": start, "to": end}, borders, services, posts, levels)
    for row in pack.table("transfers").iter_rows(named=True):
        _add_transfer(net, row)
    waypoints = set(places.filter(pl.col("type") == "waypoint")["place"])
    for edge in list(_access(net, waypoints)):
        net.add(edge)
    return net


def _read_parameters(net: Supernetwork, table: pl.DataFrame) -> None:
    for row in table.iter_rows(named=True):
        name = parameter_name(row["parameter"], row["key"], row["area"])
        net.numbers.add(
            Number(
                name, row["value"], row["low"], row["high"], row["unit"], row["basis"], row["source"], row["year"],
                row["reason"],
            )
        )  # fmt: skip


def _number(net: Supernetwork, name: str, unit: str, row: dict[str, Any], key: str, origin: dict[str, Any]) -> int:
    value = row[key]
    low, high = (value if row[f"{key}_{end}"] is None else row[f"{key}_{end}"] for end in ("low", "high"))
    about = (origin["basis"], origin["source"], origin["year"], origin["reason"])
    return net.numbers.add(Number(name, value, low, high, unit, *about))


def _add_link(
    net: Supernetwork,
    row: dict[str, Any],
    borders: dict[tuple[str, str, str], dict[str, Any]],
    services: dict[tuple[str, str, str], dict[str, Any]],
    posts: dict[str, dict[str, Any]],
    levels: set[str],
) -> None:
    start, end, mode, gauge, status = (row[key] for key in ("from", "to", "mode", "gauge", "status"))
    area, key = net.areas[start], (start, end, mode)
    tail, head = net.node(start, mode, gauge), net.node(end, mode, gauge)
    common = {"start": start, "end": end, "mode": mode, "gauge": gauge, "area": area, "status": status}
    level = mode in SHIPS and bool({start, end} & levels)
    if key in services:
        boarded = net.node(start, mode, gauge, f"to {end}")
        net.add(_sailing(net, services[key], tail, boarded, common, level))
        tail = boarded
    if key in borders:
        reached = net.node(end, mode, gauge, f"from {start}")
        net.add(_border(net, borders[key], posts, reached, head, {**common, "area": net.areas[end]}))
        head = reached
    estimated = row["source"] == "gc"
    speed, delay = net.parameter("speed", mode, area), net.parameter("delay_share", mode, area)
    net.add(
        Edge(
            "link", tail, head, **common, km=row["km"], estimated=estimated,
            circuity=net.parameter("circuity", mode) if estimated else ONE,
            speed=speed, rate=net.parameter("rate", mode, area), emissions=net.parameter("emissions", mode, area),
            delay=delay, wagons=net.optional("wagon_speed", mode, area, speed),
            wagon_delay=net.optional("wagon_delay_share", mode, area, delay),
            rest=net.optional("driving_share", mode, area, ONE),
            basis=row["basis"], source=row["source"], name=f"{start}:{end}:{mode}{gauge}",
        )
    )  # fmt: skip


def _sailing(net: Supernetwork, row: dict[str, Any], tail: int, head: int, common: dict[str, Any], level: bool) -> Edge:
    name = f"sailing {row['from']}-{row['to']} {row['mode']}"
    return Edge(
        "sailing", tail, head, **common,
        headway=_number(net, f"{name} headway", "h", row, "headway", row),
        fare=_number(net, f"{name} fare", "USD/t", row, "fare", row),
        irregularity=net.parameter("irregularity", row["mode"]), level=level,
        basis=row["basis"], source=row["source"], name=name,
    )  # fmt: skip


def _border(
    net: Supernetwork,
    row: dict[str, Any],
    posts: dict[str, dict[str, Any]],
    tail: int,
    head: int,
    common: dict[str, Any],
) -> Edge:
    leave, enter = posts[row["exit_post"]], posts[row["entry_post"]]
    # Numbers are named after the post that holds, so that one assumption moves all borders that rest on it.
    first = _number(net, f"post {_post(leave)} hours", "h", row, "exit", leave)
    second = _number(net, f"post {_post(enter)} hours", "h", row, "entry", enter)
    fee = _number(net, f"fee {_post(leave)} + {_post(enter)}", "USD per 20 t", row, "fee", enter)
    mixed = bool(leave.get("mixed") or enter.get("mixed"))
    delay = net.parameter("delay_share", "border")
    return Edge(
        "border", tail, head, **common, first=first, second=second, fee=fee, delay=delay, wagon_delay=delay,
        ease=net.optional("train_share", "border", "", ONE) if mixed else ONE,
        basis=enter["basis"], source=enter["source"],
        name=f"border {row['from']}-{row['to']} {row['mode']}",
    )  # fmt: skip


def _post(row: dict[str, Any]) -> str:
    return " ".join((row["place"] or row["area"] or row["post"], row["mode"], row["side"]))


def transfer_kind(one: str, other: str) -> str:
    """Which parameters hold for a transfer between two modes."""
    ships = (one in SHIPS) + (other in SHIPS)
    if ships == 2:
        return "ship_ship"
    if ships == 1:
        return "rail_ship" if "rail" in (one, other) else "road_ship"
    return "gauge_change" if one == other else "road_rail"


def _add_transfer(net: Supernetwork, row: dict[str, Any]) -> None:
    place = row["place"]
    ends = [(row["from_mode"], row["from_gauge"]), (row["to_mode"], row["to_gauge"])]
    kind = transfer_kind(ends[0][0], ends[1][0])
    area, name = net.areas[place], f"transfer {place} {'-'.join(mode + gauge for mode, gauge in ends)}"
    own = row["hours"] is not None
    hours = _number(net, f"{name} hours", "h", row, "hours", row) if own else net.parameter(kind, "time", area)
    # Goods from sea-going ships lie in the port until someone fetches them; those to ships wait for the sailing.
    landed = hours if own else net.optional(kind, "landed", area, hours)
    # Where a post's hours hold the change of gauge, they hold the wait for it too.
    platforms = ZERO if own or kind != "gauge_change" else net.optional("platform_wait", "rail", area, ZERO)
    delay = net.parameter("delay_share", "transfer")
    priced = row["money"] is not None
    money = _number(net, f"{name} money", "USD/t", row, "money", row) if priced else net.parameter(kind, "money", area)
    for (mode, gauge), (other, wider) in (ends, ends[::-1]):
        net.add(
            Edge(
                "transfer", net.node(place, mode, gauge), net.node(place, other, wider), place, place,
                f"{mode}-{other}" if mode != other else mode, f"{gauge}-{wider}" if mode == other else "",
                area, first=landed if mode == "sea" else hours, handling=money, delay=delay, wagon_delay=delay,
                platforms=platforms, capacity=row["capacity"] or 0.0, load=row["load"] or 0.0, level=bool(row["level"]),
                gauge_break=kind == "gauge_change", basis=row["basis"], source=row["source"], name=name,
            )
        )  # fmt: skip


def _access(net: Supernetwork, waypoints: set[str]) -> Iterator[Edge]:
    for position, (place, mode, gauge, tag) in enumerate(list(net.nodes)):
        if mode and not tag and place not in waypoints:
            centre = net.node(place)
            common: dict[str, Any] = {
                "start": place,
                "end": place,
                "mode": mode,
                "gauge": gauge,
                "area": net.areas[place],
            }
            there = Edge("access", centre, position, **common)
            yield there
            yield replace(there, tail=position, head=centre)

"""Where goods get in each other's way: what has a capacity, and which steps share it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from serai.corridor.supernetwork import Supernetwork
from serai.errors import InputError
from serai.region import Pack


@dataclass(frozen=True, slots=True)
class Facility:
    """Steps that share a capacity, both ways together.

    Attributes:
        name: identifier.
        edges: positions in the supernetwork.
        capacity, low, high: Mt a year.
        level: whether ships that load less when the sea is low use it.
    """

    name: str
    edges: tuple[int, ...]
    capacity: float
    low: float
    high: float
    level: bool


def facilities(pack: Pack, net: Supernetwork) -> list[Facility]:
    """Transfers with a capacity, and what ``corridor/capacities.csv`` names.

    Raises:
        InputError: a row that no step of the network matches, or rows of one facility with different capacities.
    """
    found: dict[str, Facility] = {}
    for position, edge in enumerate(net.edges):
        if edge.kind == "transfer" and edge.capacity > 0:
            known = found.get(edge.name)
            edges = (*known.edges, position) if known else (position,)
            size = edge.capacity
            found[edge.name] = Facility(edge.name, edges, size, size, size, edge.level)
    if pack.has("capacities"):
        for (name,), rows in pack.table("capacities").group_by("facility", maintain_order=True):
            found[str(name)] = _shared(net, str(name), rows)
    return list(found.values())


def _shared(net: Supernetwork, name: str, rows: pl.DataFrame) -> Facility:
    sizes = rows.select("capacity", "capacity_low", "capacity_high").unique()
    if sizes.height > 1:
        raise InputError(f"corridor/capacities.csv: facility '{name}' has rows of different capacity; give one")
    edges: list[int] = []
    for row in rows.iter_rows(named=True):
        ends = {row["from"], row["to"]}
        matched = [
            position
            for position, edge in enumerate(net.edges)
            if edge.kind == row["kind"] and {edge.start, edge.end} == ends
            and edge.mode == row["mode"] and row["gauge"] in ("", edge.gauge)
        ]  # fmt: skip
        if not matched:
            shown = f"{row['kind']} {row['from']}-{row['to']} {row['mode']}{row['gauge']}"
            raise InputError(f"corridor/capacities.csv: facility '{name}': the network has no {shown}; correct the row")
        edges += matched
    level = any(net.edges[position].level for position in edges)
    size, low, high = sizes.row(0)
    return Facility(name, tuple(dict.fromkeys(edges)), size, low, high, level)

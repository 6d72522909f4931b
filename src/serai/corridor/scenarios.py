"""Disruptions: what is closed, slowed or lowered; read from ``corridor/scenarios.toml`` of a pack."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from serai.corridor.network import Floats
from serai.corridor.supernetwork import Edge, Supernetwork
from serai.errors import InputError, PackError, UnknownName
from serai.region.disruptions import SCENARIOS as FILE
from serai.region.disruptions import Change, Scenario, Shock, read_scenarios

__all__ = ["FILE", "Change", "Scenario", "Shock", "applied", "closed", "read", "read_file"]


def read(pack: Path) -> dict[str, Scenario]:
    """The scenarios of a pack, by identifier; empty where there is no file.

    Raises:
        PackError: the file is no TOML or breaks its schema.
    """
    path = pack / FILE
    return _scenarios(path, pack.name, FILE) if path.is_file() else {}


def read_file(path: Path) -> dict[str, Scenario]:
    """The scenarios of a file of one's own, written like that of a pack, by identifier.

    Raises:
        InputError: there is no such file, or nothing in it; it is no TOML or breaks its schema.
    """
    if not path.is_file():
        raise InputError(f"cannot read '{path}': no such file; name a TOML file of scenarios")
    found = _scenarios(path, path.name, str(path))
    if not found:
        raise InputError(
            f"{path}: no scenario in it; give [[scenario]] with id, title, reason, source, days and change"
        )
    return found


def _scenarios(path: Path, name: str, shown: str) -> dict[str, Scenario]:
    found, faults = read_scenarios(path.parent, path.name)
    if found is None:
        raise PackError(name, [dataclasses.replace(fault, file=shown) for fault in faults])
    ends = {"hubs": found.hubs, "gateways": found.gateways}
    given = {one.id: {key: getattr(one, key) or value for key, value in ends.items()} for one in found.scenario}
    return {one.id: one.model_copy(update=given[one.id]) for one in found.scenario}


def meets(edge: Edge, change: Change, areas: dict[str, str]) -> bool:
    """Whether a step meets every condition of a change."""
    ends = {areas[edge.start], areas[edge.end]}
    checks = (
        change.kind is None or edge.kind == change.kind,
        not change.areas or edge.area in change.areas,
        not change.borders_of or (edge.kind == "border" and bool(ends & set(change.borders_of))),
        not change.places or edge.start in change.places or edge.end in change.places,
        change.between is None or {edge.start, edge.end} == set(change.between),
        not change.modes or bool(set(edge.mode.split("-")) & set(change.modes)),
        not change.entering_from or areas[edge.start] in change.entering_from,
    )
    return edge.kind != "access" and all(checks)


def closed(net: Supernetwork, shock: Shock) -> np.ndarray:
    """Which edges a shock closes, shape ``(edges,)``.

    Raises:
        UnknownName: a place or area that the network does not have.
    """
    _known(net, shock)
    changes = [change for change in shock.change if change.close]
    return np.array([any(meets(edge, change, net.areas) for change in changes) for edge in net.edges], dtype=np.bool_)


def applied(net: Supernetwork, shock: Shock) -> tuple[Sequence[Edge], Floats]:
    """The edges and numbers as a shock leaves them; what it closes is told by :func:`closed`.

    Raises:
        UnknownName: a place or area that the network does not have.
    """
    _known(net, shock)
    edges = list(net.edges)
    fresh = {"shock": list(net.numbers.values())}
    for change in shock.change:
        for position, edge in enumerate(edges):
            if not meets(edge, change, net.areas):
                continue
            updates: dict[str, int] = {}
            if change.entry_hours is not None and edge.kind == "border":
                updates["second"] = _extra(fresh["shock"], change.entry_hours)
            if change.slower is not None:
                for name in ("first", "second", "headway"):
                    old = fresh["shock"][updates.get(name, getattr(edge, name))]
                    if old:
                        updates[name] = _extra(fresh["shock"], old * change.slower)
                if edge.kind == change.kind == "link":
                    for name in ("speed", "wagons"):
                        slow = fresh["shock"][getattr(edge, name)] / change.slower
                        updates[name] = _extra(fresh["shock"], slow)
            edges[position] = replace(edge, **updates)  # type: ignore[arg-type]
    values = np.array(fresh["shock"])
    if shock.level is not None:
        values[net.parameter("level")] = shock.level
    if shock.fall is not None:
        values[net.parameter("level")] -= shock.fall
    return edges, values


def _extra(values: list[float], value: float) -> int:
    values.append(value)
    return len(values) - 1


def _known(net: Supernetwork, shock: Shock) -> None:
    areas = set(net.areas.values())
    for change in shock.change:
        for place in (*change.places, *(change.between or ())):
            if place not in net.areas:
                raise UnknownName("place", place, net.places, f"scenario {shock.id}")
        for area in (*change.areas, *change.borders_of, *change.entering_from):
            if area not in areas:
                raise UnknownName("area", area, areas, f"scenario {shock.id}")
        if not any(meets(edge, change, net.areas) for edge in net.edges):
            conditions = change.model_dump(exclude_defaults=True, mode="json")
            shown = ", ".join(f"{key} {value}" for key, value in conditions.items())
            raise InputError(f"scenario {shock.id}: no step of the network meets this change ({shown}); correct it")

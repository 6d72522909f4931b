"""Disruptions: what is closed, slowed or lowered; read from ``corridor/scenarios.toml`` of a pack."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from serai.corridor.network import Floats
from serai.corridor.supernetwork import Edge, Supernetwork
from serai.errors import Fault, InputError, PackError, UnknownName

FILE = "corridor/scenarios.toml"
Mode = Literal["rail", "road", "ferry", "sea"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Change(_Frozen):
    """What happens to the steps that meet every condition given.

    A step is in an area where it starts; a border belongs to the area it enters.
    """

    kind: Literal["link", "border", "transfer", "sailing"] | None = None
    areas: tuple[str, ...] = ()
    """Steps in these areas."""
    borders_of: tuple[str, ...] = ()
    """Borders with one of these areas on either side."""
    places: tuple[str, ...] = ()
    """Steps that start or end at one of these places."""
    between: tuple[str, str] | None = None
    """Steps from one of these two places to the other."""
    modes: tuple[Mode, ...] = ()
    entering_from: tuple[str, ...] = ()
    """Borders that are entered from these areas; all where left out."""
    close: bool = False
    entry_hours: Annotated[float, Field(ge=0)] | None = None
    """Hours to enter take this long."""
    slower: Annotated[float, Field(gt=0)] | None = None
    """Hours of borders, transfers and headways are this many times as long; with ``kind = "link"``, running times."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.close and self.entry_hours is None and self.slower is None:
            raise ValueError("a change that does nothing: give close, entry_hours or slower")
        return self


class Shock(_Frozen):
    """A disruption: changes of steps, and of the level of the sea (metres, or metres below today's)."""

    id: str
    change: tuple[Change, ...] = ()
    level: Annotated[float, Field(allow_inf_nan=False)] | None = None
    fall: Annotated[float, Field(allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _once(self) -> Self:
        if self.level is not None and self.fall is not None:
            raise ValueError("give the level of the sea or its fall, not both")
        return self


class Scenario(Shock):
    """A shock with its story and the places it is looked at from."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: dict[str, str]
    reason: str
    source: str
    days: Annotated[int, Field(gt=0)]
    """How long it lasts."""
    hubs: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()

    @property
    def shock(self) -> Shock:
        """What happens."""
        return Shock(id=self.id, change=self.change, level=self.level, fall=self.fall)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Hubs to gateways and back."""
        there = [(hub, gate) for hub in self.hubs for gate in self.gateways if hub != gate]
        return [*there, *((gate, hub) for hub, gate in there)]


class _File(_Frozen):
    hubs: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    scenario: tuple[Scenario, ...] = ()

    @model_validator(mode="after")
    def _differ(self) -> Self:
        names = [one.id for one in self.scenario]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"scenario '{name}' is given twice; give each an id of its own")
        return self


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
    try:
        found = _scenarios(path, path.name, str(path))
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror or error}") from error
    if not found:
        raise InputError(
            f"{path}: no scenario in it; give [[scenario]] with id, title, reason, source, days and change"
        )
    return found


def _scenarios(path: Path, name: str, shown: str) -> dict[str, Scenario]:
    try:
        found = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackError(name, [Fault(shown, None, "", f"not valid TOML: {error}", "correct the syntax")]) from error
    except ValidationError as error:
        faults = [
            Fault(shown, None, ".".join(map(str, one["loc"])), one["msg"], "correct it")
            for one in error.errors(include_url=False)
        ]
        raise PackError(name, faults) from error
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
                    updates["speed"] = _extra(fresh["shock"], fresh["shock"][edge.speed] / change.slower)
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


__all__ = ["Change", "Scenario", "Shock", "applied", "closed", "read", "read_file"]

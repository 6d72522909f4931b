"""What may happen in a run of an ensemble: read from ``corridor/hazards.toml``, and what it does to the network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from serai.corridor.freight import Freight
from serai.corridor.network import Floats, Ints
from serai.corridor.supernetwork import SHIPS, Edge
from serai.errors import InputError, PackError
from serai.region.disruptions import HAZARDS as FILE
from serai.region.disruptions import Hazard, Hazards, read_hazards


def read(pack: Path) -> Hazards:
    """The hazards of a pack.

    Raises:
        InputError: the pack has no such file.
        PackError: the file is no TOML or breaks its schema.
    """
    if not (pack / FILE).is_file():
        raise InputError(f"pack {pack.name}: there are no hazards to draw from ({FILE}); add the file")
    found, faults = read_hazards(pack)
    if found is None:
        raise PackError(pack.name, faults)
    return found


LEAST = 1e-3
"""Mt a year: below a thousand tonnes a step is not in use. Goods that share routes leave some everywhere."""


@dataclass(frozen=True, eq=False)
class Element:
    """One thing that can be hit: a border, a port, a link both ways, an area or a mode.

    ``edges`` are its steps in the supernetwork, those a closure takes out.
    """

    what: str
    name: str
    edges: Ints


def carrying(flow: Floats) -> np.ndarray:
    """Steps in use: those that carry :data:`LEAST` a year or more of a flow of shape ``(classes, steps)``, Mt."""
    used: np.ndarray = flow.sum(axis=0) >= LEAST
    return used


def elements(freight: Freight, what: str, used: np.ndarray) -> list[Element]:
    """The elements of a kind that hold a step in use, by name."""
    edges = freight.net.edges
    names: dict[str, list[int]] = {}
    busy: set[str] = set()
    for position, edge in enumerate(edges):
        for name in _names(edge, what, freight.net.areas):
            names.setdefault(name, []).append(position)
            if used[position]:
                busy.add(name)
    return [Element(what, name, np.array(names[name], dtype=np.int64)) for name in sorted(busy)]


def _names(edge: Edge, what: str, areas: Mapping[str, str]) -> Iterable[str]:
    """The elements of a kind that a step belongs to."""
    ends = "-".join(sorted((edge.start, edge.end)))
    if what == "link" and edge.kind == "link":
        return (f"{ends} {edge.mode}{edge.gauge}",)
    if what == "border" and edge.kind == "border":
        return (f"{ends} {edge.mode}",)
    if what == "mode" and edge.kind == "link":
        return (edge.mode,)
    if what == "area" and edge.kind in ("border", "transfer"):
        both = {areas[edge.start], areas[edge.end]} if edge.kind == "border" else {edge.area}
        return tuple(sorted(both))
    if what == "port" and (
        edge.kind == "sailing" or (edge.kind == "transfer" and set(edge.mode.split("-")) & set(SHIPS))
    ):
        return tuple(sorted({edge.start, edge.end}))
    return ()


@dataclass(frozen=True, eq=False)
class Hit:
    """What hitting an element does to links of the contracted graph.

    ``links`` close; or they cost ``cost`` (classes, links) and take ``hours`` more for every time slower beyond one.
    """

    element: Element
    links: Ints
    cost: Floats
    hours: Floats


def hits(freight: Freight, hazard: Hazard, used: np.ndarray) -> list[Hit]:
    """What a hazard can hit, ready for the kernels.

    Args:
        freight: the network.
        hazard: what may happen.
        used: steps in use, whose elements it may strike.

    Raises:
        InputError: there is nothing of its kind, or the level it draws is above that of today.
    """
    if hazard.what == "level":
        today = freight.values[freight.net.parameter("level")]
        if hazard.high is not None and hazard.high > today:
            raise InputError(
                f"{FILE}: hazard '{hazard.id}' rises to {hazard.high:g} m above today's {today:g} m; lower it"
            )
        return [
            Hit(Element("level", "sea", np.zeros(0, np.int64)), np.zeros(0, np.int64), np.zeros((0, 0)), np.zeros(0))
        ]
    found = elements(freight, hazard.what, used)
    if not found:
        raise InputError(f"{FILE}: hazard '{hazard.id}': no {hazard.what} carries goods; remove it")
    unit_cost, unit_hours = _twice(freight) if hazard.does == "slower" else (None, None)
    return [_hit(freight, element, hazard, unit_cost, unit_hours) for element in found]


def _hit(
    freight: Freight, element: Element, hazard: Hazard, unit_cost: Floats | None, unit_hours: Floats | None
) -> Hit:
    edges = element.edges
    if unit_cost is None or unit_hours is None:
        kinds = [freight.net.edges[position].kind for position in edges]
        # An area is closed at its borders: its own transfers would stop what it trades within.
        closing = edges if hazard.what != "area" else edges[[kind == "border" for kind in kinds]]
        links = freight.small.holding(closing)
        return Hit(element, links, np.zeros((len(freight.costers), links.size)), np.zeros(links.size))
    mask = np.zeros(len(freight.net.edges))
    mask[edges] = 1.0
    links = freight.small.holding(edges)
    cost = freight.small.gathered(unit_cost * mask)[:, links]
    return Hit(element, links, cost, freight.small.gathered(unit_hours * mask)[links])


def _twice(freight: Freight) -> tuple[Floats, Floats]:
    """What steps cost more, by class, and take longer when hours of borders, transfers and headways double."""
    values, steps = freight.values, freight.steps
    # The same numbers stand a second time, doubled, behind themselves.
    slow = replace(steps, **{name: getattr(steps, name) + values.size for name in ("first", "second", "headway")})
    numbers = np.concatenate([values, 2.0 * values])
    cost, hours = [], np.zeros(0)
    for coster in freight.costers:
        before, after = coster.terms(steps, values), coster.terms(slow, numbers)
        cost.append(coster.cost(after, numbers) - coster.cost(before, values))
        hours = after.hours - before.hours
    return np.array(cost), hours


def seas(freight: Freight) -> list[tuple[float, Hit]]:
    """Steps that ships use which load less when the sea is low, by how deep they have been dredged.

    ``cost`` of a hit is the fare of a tonne at a full load: at a share of it the tonne costs so many times as much.
    """
    steps = freight.steps
    found = []
    for depth in np.unique(steps.deepened[steps.level.astype(np.bool_)]):
        own = steps.level.astype(np.bool_) & (steps.deepened == depth)
        gathered = freight.small.gathered(np.where(own, freight.values[steps.fare], 0.0))
        links = np.flatnonzero(gathered)
        cost = np.repeat(gathered[None, links], len(freight.costers), axis=0)
        found.append(
            (float(depth), Hit(Element("level", "sea", np.flatnonzero(own)), links, cost, np.zeros(links.size)))
        )
    return found

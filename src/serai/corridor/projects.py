"""What may be built: projects of a pack, and the network without and with each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from serai.corridor.freight import Costs, Freight
from serai.corridor.network import Floats, Ints
from serai.corridor.terms import Steps
from serai.errors import InputError, UnknownName
from serai.region import Pack

FILE = "corridor/project_effects.csv"
SEED = 20260101
WITHOUT, WITH = 0, 1


@dataclass(frozen=True, eq=False)
class Effect:
    """One thing a project does: which steps or facility, and how much without and with it.

    Attributes:
        kind: ``capacity`` of a facility (Mt a year), ``opens`` a link (0 or 1), ``hours`` of borders (times as long),
            ``speed`` of a link (km/h), ``deepens`` a port's fairway (metres).
        at: positions of the steps, or of the facility.
        without, ends: the amount without it; low, value and high with it.
        current: whether the network as it is has the amount without.
    """

    kind: str
    at: Ints
    without: float
    ends: tuple[float, float, float]
    current: bool


@dataclass(frozen=True, eq=False)
class Project:
    """A project and all it does."""

    name: str
    row: dict[str, Any]
    effects: list[Effect]

    def amounts(self, draws: int) -> Floats:
        """Amounts with it, shape ``(1 + draws, effects)``: the central ones, then triangular draws."""
        found = np.tile([effect.ends[1] for effect in self.effects], (draws + 1, 1))
        for number, effect in enumerate(self.effects):
            low, mode, high = effect.ends
            if high > low:
                # One draw for effects of one kind and range: one uncertainty moves all sections of a line.
                key = [SEED, *(ord(letter) for letter in f"{effect.kind} {low} {mode} {high}")]
                found[1:, number] = np.random.default_rng(key).triangular(low, mode, high, draws)
        return found

    @property
    def without_is_current(self) -> bool:
        """Whether the network as it is stands for the network without the project."""
        return all(effect.current for effect in self.effects)


def projects(pack: Pack, freight: Freight) -> dict[str, Project]:
    """The projects of a pack, by identifier.

    Raises:
        InputError: the pack holds none; an effect of what the network does not have.
    """
    if not pack.has("projects") or not pack.has("project_effects"):
        raise InputError(
            f"pack {pack.path.name}: there are no projects (corridor/projects.csv and project_effects.csv)"
        )
    effects = pack.table("project_effects")
    found = {}
    for row in pack.table("projects").iter_rows(named=True):
        own = effects.filter(pl.col("project") == row["project"]).to_dicts()
        if not own:
            raise InputError(f"{FILE}: project '{row['project']}' does nothing; add its effects")
        found[row["project"]] = Project(row["project"], row, [_effect(freight, one) for one in own])
    return found


def _effect(freight: Freight, row: dict[str, Any]) -> Effect:
    kind = row["effect"]
    at = _matched(freight, row)
    if not at.size:
        parts = (row[name] for name in ("facility", "from", "to", "mode", "gauge", "areas"))
        shown = " ".join(part for part in parts if part)
        raise InputError(f"{FILE}: project '{row['project']}', {kind} {shown}: the network has no such thing")
    without = float(row["without"])
    current = {
        "capacity": lambda: bool(freight.capacity[at[0]] == without),
        "opens": lambda: not freight.open[at].any() and without == 0,
        "hours": lambda: without == 1,
        "speed": lambda: bool((freight.net.numbers.values()[freight.steps.speed[at]] == without).all()),
        "deepens": lambda: without == 0,
    }[kind]()
    return Effect(kind, at, without, (row["with_low"], row["with"], row["with_high"]), current)


def _matched(freight: Freight, row: dict[str, Any]) -> Ints:
    kind, edges = row["effect"], freight.net.edges
    if kind == "capacity":
        names = [facility.name for facility in freight.shared]
        return np.array([names.index(row["facility"])] if row["facility"] in names else [], dtype=np.int64)
    areas, ends = set(row["areas"].split()), {row["from"], row["to"]}
    found = []
    for position, edge in enumerate(edges):
        if kind == "hours":
            both = {freight.net.areas[edge.start], freight.net.areas[edge.end]}
            hit = edge.kind == "border" and bool(both & areas)
        elif kind == "deepens":
            hit = edge.level and bool({edge.start, edge.end} & ends)
        else:
            hit = {edge.start, edge.end} == ends and edge.mode == row["mode"] and edge.gauge == row["gauge"]
            hit = hit and (edge.kind == "link" or (kind == "opens" and edge.kind in ("border", "sailing")))
        if hit:
            found.append(position)
    return np.array(found, dtype=np.int64)


def built(freight: Freight, found: Sequence[Project]) -> Freight:
    """The network with projects, each effect at its central amount."""
    effects = [effect for project in found for effect in project.effects]
    amounts = [effect.ends[1] for effect in effects]
    values, steps, opened, closed, capacity = _altered(freight, effects, amounts, freight.values)
    return freight.rebuilt(values, steps, (freight.open | opened) & ~closed, capacity)


def costs(freight: Freight, effects: Sequence[Effect], amounts: Sequence[float] | Floats, values: Floats) -> Costs:
    """The network when each effect stands at an amount.

    Args:
        freight: the network.
        effects: what is changed.
        amounts: of each effect.
        values: the numbers, shape ``(numbers,)``.
    """
    values, steps, opened, closed, capacity = _altered(freight, effects, amounts, values)
    return freight.costs(values, steps, opened=opened, closed=closed, capacity=capacity)


def _altered(
    freight: Freight, effects: Sequence[Effect], amounts: Sequence[float] | Floats, values: Floats
) -> tuple[Floats, Steps, np.ndarray, np.ndarray, Floats]:
    """Numbers, steps, which steps are opened and closed, and capacities."""
    steps, capacity = freight.steps, freight.capacity.copy()
    size = len(freight.net.edges)
    opened, closed = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
    for effect, amount in zip(effects, amounts, strict=True):
        if effect.kind == "capacity":
            capacity[effect.at] = amount
        elif effect.kind == "opens":
            (opened if amount >= 0.5 else closed)[effect.at] = True
        elif effect.kind == "deepens":
            deeper = steps.deepened.copy()
            deeper[effect.at] = np.maximum(deeper[effect.at], amount)
            steps = replace(steps, deepened=deeper)
        elif effect.kind == "speed":
            speed = steps.speed.copy()
            speed[effect.at] = values.size
            steps, values = replace(steps, speed=speed), np.append(values, amount)
        else:
            first, second = steps.first.copy(), steps.second.copy()
            first[effect.at] += values.size
            second[effect.at] += values.size
            steps, values = replace(steps, first=first, second=second), np.concatenate([values, values * amount])
    return values, steps, opened, closed, capacity


def known(found: dict[str, Project], name: str, pack: str) -> Project:
    """A project by its identifier.

    Raises:
        UnknownName: no such project.
    """
    if name not in found:
        raise UnknownName("project", name, found, f"pack {pack}")
    return found[name]

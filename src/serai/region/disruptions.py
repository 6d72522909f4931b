"""What may go wrong with a pack's freight network: scenarios and hazards as data, and what is wrong with the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from serai.errors import Fault
from serai.region._read import read_toml

SCENARIOS = "corridor/scenarios.toml"
HAZARDS = "corridor/hazards.toml"
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
    reason_ru: str = ""
    """The reason in Russian, where it is held."""
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


class Scenarios(_Frozen):
    """The scenarios of a file, and the places they are looked at from unless they name their own."""

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


What = Literal["link", "border", "port", "area", "mode", "level"]


class Hazard(_Frozen):
    """One thing that may happen, to one of the elements of its kind that are in use."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: dict[str, str]
    what: What
    does: Literal["close", "slower", "level"]
    chance: Annotated[float, Field(ge=0, le=1)]
    """How often it is drawn; no forecast."""
    low: float | None = None
    high: float | None = None
    """Range of the times slower, or of the level."""
    reason: str
    source: str

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.does == "level") != (self.what == "level"):
            raise ValueError("'level' is done to a level, and to nothing else")
        if self.does == "slower" and self.what in ("link", "mode"):
            raise ValueError("links and modes can be closed; what is slower is a border, a port or an area")
        if self.does == "close":
            if self.low is not None or self.high is not None:
                raise ValueError("what is closed takes no low and high")
        elif self.low is None or self.high is None or not self.low <= self.high:
            raise ValueError("give low and high, low first")
        elif self.does == "slower" and self.low < 1:
            raise ValueError("times slower begin at 1")
        return self


class Hazards(_Frozen):
    """The hazards of a pack, and for how many days a run lasts."""

    days: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]]
    hazard: tuple[Hazard, ...]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.days[0] > self.days[1]:
            raise ValueError("days: give the lesser first")
        names = [one.id for one in self.hazard]
        if len(set(names)) < len(names) or not names:
            raise ValueError("give at least one hazard, each with an id of its own")
        return self


def read_scenarios(root: Path, name: str = SCENARIOS) -> tuple[Scenarios | None, list[Fault]]:
    """A file of scenarios, or everything that is wrong with it."""
    return read_toml(root, name, Scenarios)


def read_hazards(root: Path, name: str = HAZARDS) -> tuple[Hazards | None, list[Fault]]:
    """A file of hazards, or everything that is wrong with it."""
    return read_toml(root, name, Hazards)


def disruption_faults(root: Path, known: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    """What is wrong with the two files, and places and areas in them that the network does not have.

    Args:
        root: directory of the pack.
        known: tables as text.
    """
    if (root / HAZARDS).is_file():
        yield from read_hazards(root)[1]
    if not (root / SCENARIOS).is_file():
        return
    found, faults = read_scenarios(root)
    yield from faults
    if found is None or "places" not in known:
        return
    places, areas = set(known["places"]["place"]), set(known["places"]["area"])
    yield from _unknown("hubs and gateways", "place", (*found.hubs, *found.gateways), places)
    for scenario in found.scenario:
        ends = [place for change in scenario.change for place in (*change.places, *(change.between or ()))]
        yield from _unknown(scenario.id, "place", (*scenario.hubs, *scenario.gateways, *ends), places)
        named = [
            area for change in scenario.change for area in (*change.areas, *change.borders_of, *change.entering_from)
        ]
        yield from _unknown(scenario.id, "area", named, areas)


def _unknown(scenario: str, kind: str, names: Iterable[str], known: set[str]) -> Iterator[Fault]:
    for name in dict.fromkeys(names):
        if name not in known:
            remedy = f"name a {kind} of corridor/places.csv"
            yield Fault(SCENARIOS, None, name, f"{scenario}: unknown {kind}", remedy)

"""The files of a pack that describe a plan: shocks, strategies, what is uncertain; and what is wrong with them.

A shock has no probability: its size, start and length are ranges that an ensemble explores, each with its source. What
it does to a member is ``size x weight x factor``, the weight being the product of what the effect names: exposure to
partners, the latest figure of a series, the extra cost of a disruption of the freight network.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from serai.errors import Fault
from serai.region._read import read_toml
from serai.region.disruptions import SCENARIOS
from serai.region.flow_kinds import KINDS

SHOCKS, STRATEGIES, UNCERTAIN = "plan/shocks.toml", "plan/strategies.toml", "plan/uncertain.toml"
STATUS_QUO = "as_is"
NUMBERS = ("links", "monitoring", "law", "shares", "exposure", "response")
"""Uncertain numbers of the model; every one is given once."""

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1)]
Words = dict[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], Text]
Basis = Literal["sourced", "derived", "assumed"]


class Frozen(BaseModel):
    """A piece of such a file: nothing unknown in it, nothing changed later."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Range(Frozen):
    """An uncertain number: its ends, both of them possible."""

    low: Annotated[float, Field(allow_inf_nan=False)]
    high: Annotated[float, Field(allow_inf_nan=False)]
    unit: Text
    basis: Basis
    source: Text
    reason: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low is {self.low:g}, high is {self.high:g}: swap them")
        if self.basis == "assumed" and not self.reason:
            raise ValueError("assumed without a reason: say why")
        return self


class Told(Range):
    """An uncertain number with the words for a condition on it; ``{}`` stands for the number."""

    over: Words
    under: Words

    @model_validator(mode="after")
    def _holds_the_number(self) -> Self:
        for words in (self.over, self.under):
            for language, text in words.items():
                if text.count("{}") != 1:
                    raise ValueError(f"the words in {language} must hold {{}} once, where the number goes")
        if self.over.keys() != self.under.keys():
            raise ValueError("over and under are not in the same languages: give both in each")
        return self


class Weight(Frozen):
    """By what a member is reached; the product of all that is given."""

    exposure: Identifier | None = None
    """Kind of flow: the member's share that hangs on the partners."""
    partners: tuple[str, ...] = ()
    """Partners of that share; all where left out."""
    series: str | None = None
    """Series whose latest figure, in per cent, is the weight."""
    complement: bool = False
    """A hundred less that figure."""
    corridor: Identifier | None = None
    """Disruption of the freight network: extra cost as a share of the cost before."""


class Effect(Frozen):
    """What a shock does in the model.

    ``capacity`` closes links across borders, ``budget`` takes money away, ``growth`` takes away from the chance that
    an indicator rises, ``level`` lowers indicators once, at the start of the shock.
    """

    does: Literal["capacity", "budget", "growth", "level"]
    kinds: tuple[Identifier, ...] = ()
    """Kinds of links (capacity only); all where left out."""
    goals: tuple[str, ...] = ()
    """Goals of the indicators or programmes; all where left out."""
    members: tuple[str, ...] = ()
    """Members; all where left out."""
    weight: Weight = Weight()
    factor: tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]] = (1.0, 1.0)
    """Of a size and weight of 1, how much arrives: ends of a range."""
    reason: Text

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kinds and self.does != "capacity":
            raise ValueError(f"kinds of links with an effect on {self.does}: remove them")
        if self.does == "capacity" and (self.goals or self.weight != Weight()):
            raise ValueError("a capacity is lost by kind of link and by member: remove goals and weight")
        if self.factor[0] > self.factor[1]:
            raise ValueError(f"factor runs from {self.factor[0]:g} to {self.factor[1]:g}: swap them")
        return self


class Shock(Frozen):
    """Something that gives way."""

    id: Identifier
    title: Words
    story: Words
    size: Told
    start: Range
    """Calendar year in which it begins, as a number with a fraction."""
    years: Range
    """How long it lasts."""
    effect: tuple[Effect, ...]

    @model_validator(mode="after")
    def _sizes(self) -> Self:
        if self.size.low < 0:
            raise ValueError("size starts below 0: say it the other way round")
        if self.size.unit == "%" and self.size.high > 100:
            raise ValueError("size ends above 100 %: nothing falls by more than all of itself")
        if self.years.low <= 0:
            raise ValueError("years start at 0 or below: a shock lasts")
        if not self.effect:
            raise ValueError("no effect: say what the shock does")
        return self

    @property
    def scale(self) -> float:
        """What a size of 1 is as a share: per cent and days of a year become shares."""
        return {"%": 0.01, "days a year": 1 / 365}.get(self.size.unit, 1.0)


class Strategy(Frozen):
    """A rule that shares out money.

    ``as_is`` keeps the shares of the calibration, or those drawn in their place. The others move ``share`` of every
    programme's money into one pot and give it out anew: ``equal`` the same to every programme, ``gap`` by the gaps of
    its indicators, ``bottleneck`` by gaps times the gaps that hang on them through the network, ``focus`` to the
    programmes of ``goals`` in their old proportions. Nothing is starved: the rest stays where it was.
    """

    id: Identifier
    title: Words
    text: Words
    rule: Literal["as_is", "equal", "gap", "bottleneck", "focus"]
    goals: tuple[str, ...] = ()
    share: Annotated[float, Field(gt=0, le=1)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.rule == "focus") != bool(self.goals):
            raise ValueError("goals belong to the rule focus, and only to it")
        if (self.rule == "as_is") != (self.share is None):
            raise ValueError("say the share of the money that moves, except where all stays as it is")
        return self


class Network(Frozen):
    """The choice among plausible networks."""

    title: Words
    reason: Text


class Uncertain(Told):
    """A number of the model that is not known."""

    id: Literal["links", "monitoring", "law", "shares", "exposure", "response"]
    title: Words

    @model_validator(mode="after")
    def _leaves_money(self) -> Self:
        if self.id == "shares" and not (self.low >= 0 and self.high <= 2):
            raise ValueError(f"shares run from {self.low:g} to {self.high:g}: beyond 0 to 2 one would be negative")
        return self


class Channel(Frozen):
    """By which flow progress in one member helps another, and on which goals."""

    kind: Identifier
    goals: Annotated[tuple[str, ...], Field(min_length=1)]
    reason: Text


class Unknowns(Frozen):
    """What is uncertain in the model itself."""

    network: Network
    uncertain: tuple[Uncertain, ...]
    channel: tuple[Channel, ...] = ()


class _Shocks(Frozen):
    shock: tuple[Shock, ...] = ()


class _Strategies(Frozen):
    strategy: Annotated[tuple[Strategy, ...], Field(min_length=1)]


def read_shocks(root: Path) -> tuple[dict[str, Shock], list[Fault]]:
    """Shocks by identifier, none where there is no file; and everything wrong with the file."""
    if not (root / SHOCKS).is_file():
        return {}, []
    found, faults = read_toml(root, SHOCKS, _Shocks)
    if found is None:
        return {}, faults
    return {shock.id: shock for shock in found.shock}, [*faults, *_repeated(found.shock)]


def read_strategies(root: Path) -> tuple[dict[str, Strategy], list[Fault]]:
    """Strategies by identifier, the status quo first, it alone where there is no file; and what is wrong with it."""
    if not (root / STRATEGIES).is_file():
        alone = Strategy(id=STATUS_QUO, title={"en": "As is"}, text={"en": "As calibrated."}, rule="as_is")
        return {STATUS_QUO: alone}, []
    found, faults = read_toml(root, STRATEGIES, _Strategies)
    if found is None:
        return {}, faults
    ordered = sorted(found.strategy, key=lambda one: one.id != STATUS_QUO)
    return {one.id: one for one in ordered}, [*faults, *_strategy_faults(found.strategy)]


def read_unknowns(root: Path) -> tuple[Unknowns | None, list[Fault]]:
    """What is uncertain in the model itself, and everything wrong with the file; a missing one is a fault."""
    found, faults = read_toml(root, UNCERTAIN, Unknowns)
    return found, [*faults, *(() if found is None else _uncertain_faults(found))]


def _repeated(shocks: tuple[Shock, ...]) -> Iterator[Fault]:
    seen: set[str] = set()
    for shock in shocks:
        if shock.id in seen:
            yield Fault(SHOCKS, None, shock.id, "a shock of this id is there already", "give it another id")
        seen.add(shock.id)


def _strategy_faults(strategies: Sequence[Strategy]) -> Iterator[Fault]:
    ids = [one.id for one in strategies]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield Fault(STRATEGIES, None, name, "a strategy of this id is there already", "give it another id")
    if not any(one.id == STATUS_QUO and one.rule == "as_is" for one in strategies):
        problem = "the others are compared with the status quo, which is missing"
        yield Fault(STRATEGIES, None, STATUS_QUO, problem, f'add a strategy with id and rule "{STATUS_QUO}"')


def _uncertain_faults(found: Unknowns) -> Iterator[Fault]:
    ids: list[str] = [one.id for one in found.uncertain]
    for name in NUMBERS:
        if ids.count(name) != 1:
            yield Fault(UNCERTAIN, None, name, f"given {ids.count(name)} times", "give every uncertain number once")
    kinds = [channel.kind for channel in found.channel]
    for kind in sorted({kind for kind in kinds if kinds.count(kind) > 1}):
        yield Fault(UNCERTAIN, None, kind, "a channel of this kind is there already", "name all its goals in one")


def unknown_names(shocks: Mapping[str, Shock], known: Mapping[str, set[str]]) -> Iterator[Fault]:
    """What shocks name that does not exist.

    Args:
        shocks: by identifier.
        known: what there is of ``members, areas, goals, series, exposures, corridors``; a list that is left out is not
            checked.
    """
    for shock in shocks.values():
        for number, effect in enumerate(shock.effect, 1):
            weight = effect.weight
            named = {
                "members": effect.members,
                "goals": effect.goals,
                "areas": weight.partners,
                "exposures": (*effect.kinds, weight.exposure),
                "series": (weight.series,),
                "corridors": (weight.corridor,),
            }
            for group, names in named.items():
                for name in names:
                    if name is not None and group in known and name not in known[group]:
                        shown = ", ".join(sorted(known[group])[:8])
                        place = f"{shock.id}.effect.{number}: {name}"
                        yield Fault(SHOCKS, None, place, f"unknown name among the {group}", f"known: {shown}")


def plan_faults(root: Path, known: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    """Everything wrong with a pack's plan; nothing where it has none.

    Args:
        root: directory of the pack.
        known: tables as text with a ``row`` column.
    """
    if not any((root / file).is_file() for file in (SHOCKS, STRATEGIES, UNCERTAIN)):
        return
    shocks, faults = read_shocks(root)
    strategies, more = read_strategies(root)
    unknowns, yet_more = read_unknowns(root)
    yield from (*faults, *more, *yet_more)
    there = _there(root, known)
    yield from unknown_names(shocks, there)
    named = [(STRATEGIES, one.id, one.goals) for one in strategies.values()]
    named += [(UNCERTAIN, channel.kind, channel.goals) for channel in unknowns.channel] if unknowns else []
    for file, where, goals in named:
        for goal in goals:
            if "goals" in there and goal not in there["goals"]:
                yield Fault(file, None, f"{where}: {goal}", "unknown goal", "give a number from 1 to 17")


def _there(root: Path, known: Mapping[str, pl.DataFrame]) -> dict[str, set[str]]:
    """What the pack holds that a plan may name; what it lacks altogether is not checked here."""
    columns = {"goals": ("goals", "goal"), "areas": ("areas", "area"), "series": ("series", "series")}
    found = {group: set(known[table][name]) for group, (table, name) in columns.items() if table in known}
    members = _listed(root / "region.toml", "members")
    if members:
        found["members"] = members
    for group, file, key in (("exposures", KINDS, "kind"), ("corridors", SCENARIOS, "scenario")):
        if names := _listed(root / file, key):
            found[group] = names
    return found


def _listed(path: Path, key: str) -> set[str]:
    """Texts of a list, or ids of tables, in a TOML file; empty where it cannot be read (others say why)."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get(key, [])
    except (OSError, ValueError):
        return set()
    names = [entry.get("id") if isinstance(entry, dict) else entry for entry in entries if isinstance(entries, list)]
    return {name for name in names if isinstance(name, str)}

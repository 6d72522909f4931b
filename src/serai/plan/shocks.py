"""Shocks as data: what gives way, whom it reaches, from when to when, how far, and on what ground.

Read from ``plan/shocks.toml`` of a pack. A shock has no probability: its size, start and length are ranges that an
ensemble explores, each with its source. What it does to a member is ``size x weight x factor``, the weight being the
product of what the effect names: exposure to partners, the latest figure of a series, the extra cost of a disruption of
the freight network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from serai.errors import Fault, PackError
from serai.region._read import read_toml

FILE = "plan/shocks.toml"
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


class _File(Frozen):
    shock: tuple[Shock, ...] = ()


def read(pack: Path) -> dict[str, Shock]:
    """The shocks of a pack, by identifier; empty where there is no file.

    Raises:
        PackError: the file is no TOML or breaks its schema; every fault is named.
    """
    if not (pack / FILE).is_file():
        return {}
    found, faults = read_toml(pack, FILE, _File)
    if found is not None:
        faults = list(_repeated(found.shock))
    if faults or found is None:
        raise PackError(pack.name, faults)
    return {shock.id: shock for shock in found.shock}


def _repeated(shocks: tuple[Shock, ...]) -> Iterator[Fault]:
    seen: set[str] = set()
    for shock in shocks:
        if shock.id in seen:
            yield Fault(FILE, None, shock.id, "a shock of this id is there already", "give it another id")
        seen.add(shock.id)


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
                        yield Fault(FILE, None, place, f"unknown name among the {group}", f"known: {shown}")

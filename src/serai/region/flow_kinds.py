"""Kinds of flows between countries and what may happen to them: ``depend/kinds.toml`` and ``depend/scenarios.toml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from serai.region.manifest import AreaCode, Text

KINDS, SCENARIOS = "depend/kinds.toml", "depend/scenarios.toml"
WORLD = "M49:1"
"""The partner that stands for all partners: rows with it are totals, never partners."""

KindId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Line = Annotated[str, StringConstraints(min_length=1)]
Side = Literal["in", "out"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Range(_Frozen):
    """A number with the ends between which it may lie, and why."""

    low: float
    value: float
    high: float
    reason: Text

    @model_validator(mode="after")
    def _is_ordered(self) -> Range:
        if not self.low <= self.value <= self.high:
            raise ValueError("low, value and high must be in this order")
        return self


class Absence(_Frozen):
    """A member no flow of a kind is at hand for, and why."""

    area: AreaCode
    text: Text


class Kind(_Frozen):
    """A kind of flow: its unit, who depends on whom, how far its figures reach."""

    id: KindId
    domain: KindId
    """What kinds of one sort have in common: trade, water, …"""
    title: Text
    unit: Line
    """Every flow of the kind is in this unit."""
    unit_name: Text
    inward: Text | None = None
    """How a destination sees it: "imports from"."""
    outward: Text | None = None
    """How an origin sees it: "exports to"."""
    depends: Literal["origin", "destination", "both"] = "both"
    directed: bool = True
    """An undirected kind (a turnover) has one value for both ways."""
    observed: bool = True
    """Without it, the kind appears only in scenarios."""
    complete: bool = False
    """Whether the pairs at hand are all there are; otherwise there is no share without a total."""
    partial: Text | None = None
    """Why the figures at hand are a fragment too small to call anyone concentrated or above a threshold by them."""
    rest: Literal["partners", "own"] = "partners"
    """What a total holds beyond its pairs: partners not listed, or a country's own supply."""
    totals: Literal["published", "summed"] = "published"
    """Whether a pair that is missing is part of the totals, or was left out of them."""
    adds: bool = False
    """Whether rows of one provider for one pair are parts that add up (exports and imports, one programme and another)
    and not several reports of the same."""
    expected: Literal["", "members"] = ""
    """Pairs that must be there in a period that has any: those without a row are missing, not zero."""
    prefer: tuple[str, ...] = ()
    """Providers, best first, where several give a figure for one pair; without it the middle of them stands."""
    parts: tuple[KindId, ...] = ()
    """Kinds whose flows add up to this one."""
    substitution: Range | None = None
    """Share of a lost inflow that other origins make good."""
    limits: Text
    source: Text
    absent: tuple[Absence, ...] = ()

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides on which dependence is read: ``in`` (a destination on its origins), ``out``."""
        if not self.directed:
            return ("out",)
        return {"origin": ("out",), "destination": ("in",), "both": ("in", "out")}[self.depends]  # type: ignore[return-value]


class Threshold(_Frozen):
    """A share above which something is said, and where it comes from."""

    share: Annotated[float, Field(gt=0, lt=1)]
    reason: Text


class Kinds(_Frozen):
    """``depend/kinds.toml``."""

    balance: Threshold
    """Share of one bloc of partners that does not pass unnoticed."""
    concentration: Threshold
    """Herfindahl-Hirschman index above which a kind is called concentrated."""
    kind: Annotated[tuple[Kind, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits_together(self) -> Kinds:
        known = {kind.id: kind for kind in self.kind}
        if len(known) < len(self.kind):
            raise ValueError("a kind is given twice")
        for kind in self.kind:
            for part in kind.parts:
                if part not in known or part == kind.id:
                    raise ValueError(f"kind {kind.id}: part '{part}' is no other kind")
                if known[part].unit != kind.unit or known[part].parts:
                    raise ValueError(f"kind {kind.id}: part '{part}' has another unit, or parts of its own")
        return self


class FlowChange(_Frozen):
    """Flows that fall (or, below zero, rise): by a share of each, or by an amount spread over them by size."""

    kind: KindId
    origins: tuple[AreaCode, ...] = ()
    """Empty: all."""
    destinations: tuple[AreaCode, ...] = ()
    fall: Range | None = None
    """Share of the flow that is lost while it lasts."""
    amount: Range | None = None
    """Lost in all, in the unit of the kind."""
    substituted: bool = True
    """Whether other origins make part of it good, as the kind says."""

    @model_validator(mode="after")
    def _says_how_much(self) -> FlowChange:
        if (self.fall is None) == (self.amount is None):
            raise ValueError("give either fall or amount")
        if self.fall is not None and self.fall.high > 1:
            raise ValueError("fall is a share: at most 1")
        return self


class DependScenario(_Frozen):
    """Something that gives way: which flows change, for how long."""

    id: KindId
    title: Text
    reason: Text
    source: Text
    days: Annotated[float, Field(gt=0, le=366)] = 365
    """How long a fall lasts within the year; amounts are of the year as they are."""
    change: Annotated[tuple[FlowChange, ...], Field(min_length=1)]


class DependScenarios(_Frozen):
    """``depend/scenarios.toml``."""

    scenario: tuple[DependScenario, ...] = ()

    @model_validator(mode="after")
    def _is_unique(self) -> DependScenarios:
        if len({one.id for one in self.scenario}) < len(self.scenario):
            raise ValueError("a scenario is given twice")
        return self

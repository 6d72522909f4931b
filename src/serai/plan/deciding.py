"""What a planner decides with: the ensembles of :mod:`serai.plan.decisions` over its calibrated members."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack

import polars as pl

from serai.errors import InputError
from serai.plan import inputs, robust
from serai.plan.decisions import RUNS, Comparison, Decisions, Options, Run, Tell
from serai.plan.inputs import Input
from serai.plan.outside import COSTS, SHARES, costs_of, shares_of
from serai.plan.shocks import Shock
from serai.plan.world import Member, StackedWorld, linked
from serai.region import Pack
from serai.region.plan_files import Strategy

Asked = Callable[[str], pl.DataFrame]


class Deciding:
    """The decision half of a :class:`serai.plan.Planner`."""

    pack: Pack
    cache: Path | None
    last: Any
    exposure: Asked | None
    """Exposure by kind of flow, as from :meth:`serai.depend.Dependence.exposure`; none where the pack has no flows."""
    detours: Asked | None
    """Journeys before and after a disruption, as from `Corridors.detours`; none where the pack has no network."""
    tell: Tell

    @property
    @abstractmethod
    def figures(self) -> pl.DataFrame:
        """Headline figures of the members."""

    @abstractmethod
    def ready(self, members: Iterable[str] | str | None = None) -> list[Member]:
        """Calibrated members."""

    @abstractmethod
    def state(self, code: str) -> str:
        """Changes with what a member's calibration is made from."""

    @cached_property
    def _taking_part(self) -> tuple[list[Member], dict[str, str]]:
        """Calibrated members, and why the others are not."""
        ready: list[Member] = []
        absent: dict[str, str] = {}
        codes = self.pack.manifest.members
        for done, code in enumerate(codes, 1):
            try:
                ready += self.ready(code)
            except InputError as error:
                absent[code] = str(error)
            self.tell("calibrate", done, len(codes))
        return ready, absent

    @property
    def absent(self) -> dict[str, str]:
        """Members without a model, and why."""
        return self._taking_part[1]

    @cached_property
    def decisions(self) -> Decisions:
        """Ensembles over all members that have a model.

        Raises:
            PackError: ``plan/uncertain.toml`` is missing or breaks its schema.
            InputError: no member has a model.
        """
        ready, _ = self._taking_part
        channels = inputs.read(self.pack.path).channel
        world = StackedWorld(ready, linked(ready, channels, self._shares), int(self.last))
        key = hashlib.sha256(" ".join(self.state(member.code) for member in ready).encode()).hexdigest()
        if self.cache is None:
            raise InputError("the planner has no place to keep ensembles; open the region with a home")
        return Decisions(
            world, pack=self.pack.path, figures=self.figures, exposure=self._shares, cost=self._costs,
            home=self.cache / "ensembles", key=key, tell=self.tell,
        )  # fmt: skip

    def _shares(self, kind: str) -> pl.DataFrame:
        return pl.DataFrame(schema=SHARES) if self.exposure is None else shares_of(self.exposure(kind))

    def _costs(self, scenario: str) -> pl.DataFrame:
        return pl.DataFrame(schema=COSTS) if self.detours is None else costs_of(self.detours(scenario))

    @property
    def shocks(self) -> dict[str, Shock]:
        """What may give way, by identifier; see :mod:`serai.plan.shocks`."""
        return self.decisions.shocks

    @property
    def strategies(self) -> dict[str, Strategy]:
        """How money may be shared out, by identifier; see :mod:`serai.plan.strategies`."""
        return self.decisions.strategies

    @property
    def uncertain(self) -> list[Input]:
        """Every uncertain input with its range and source."""
        return self.decisions.inputs

    @property
    def reach(self) -> pl.DataFrame:
        """How far each effect of each shock reaches each member, on what ground, or why that is not known."""
        return self.decisions.reach

    def run(self, strategies: Iterable[str] | None = None, **options: Unpack[Options]) -> Run:
        """Run an ensemble, or what is missing of it; see :meth:`serai.plan.Decisions.run` for the options."""
        return self.decisions.run(None if strategies is None else list(strategies), **options)

    def compare(
        self, run: Run | None = None, *, tail: float = robust.TAIL, margin: float = robust.MARGIN
    ) -> Comparison:
        """What an ensemble says of the strategies; the default ensemble where none is given.

        See :meth:`serai.plan.Decisions.compare`.
        """
        return self.decisions.compare(self.run() if run is None else run, tail=tail, margin=margin)

    def influence(
        self, strategies: Iterable[str] | None = None, *, base: int = 64, runs: int = RUNS, workers: int = 1
    ) -> pl.DataFrame:
        """How much each group of uncertain inputs moves the ranking; see :meth:`serai.plan.Decisions.influence`."""
        names = None if strategies is None else list(strategies)
        return self.decisions.influence(names, base=base, runs=runs, workers=workers)

    def bottlenecks(self, member: str | None = None) -> pl.DataFrame:
        """Indicators by what closes their gap, if anything does; see :func:`serai.plan.frontier.bottlenecks`."""
        return self.decisions.bottlenecks(member)

    def accelerators(self, member: str | None = None) -> pl.DataFrame:
        """Programmes by what they do for other goals; see :func:`serai.plan.frontier.accelerators`."""
        return self.decisions.accelerators(member)

    def frontier(self) -> pl.DataFrame:
        """Share of each member's gap closed with more or less money; see :func:`serai.plan.frontier.frontier`."""
        return self.decisions.frontier()

    def suspend(self, *members: str, **options: Unpack[Options]) -> Run:
        """The region's plan while some members take no part: recomputed without them, their own results frozen.

        Args:
            members: codes.
            options: as in :meth:`serai.plan.Decisions.run`.

        Returns:
            An ensemble of the others; its outcomes hold the suspended members' rows as the ensemble of the whole region
            left them, with ``status`` ``frozen`` and the day they are from.

        Raises:
            UnknownName: not a member that takes part.
            InputError: nobody would be left.
        """
        return self.decisions.suspended(members, **options)

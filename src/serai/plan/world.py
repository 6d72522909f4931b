"""Calibrated members as one world: plausible networks, links across borders, governance and budgets of a draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from serai.errors import InputError
from serai.plan import inputs as uncertain
from serai.plan._kernel import Forcing, Law, advance
from serai.plan.ensemble import Gaps
from serai.plan.forcing import Arrays, Exposure, Ground
from serai.plan.model import Model
from serai.plan.simulate import LANES, room
from serai.plan.stack import Links, Stack
from serai.plan.strategies import Money
from serai.region.plan_files import Channel

Floats = npt.NDArray[np.float64]
LINKS = {
    "kind": pl.String,
    "origin": pl.String,
    "destination": pl.String,
    "series": pl.String,
    "goal": pl.String,
    "share": pl.Float64,
}
"""Columns of :func:`linked`."""


@dataclass(frozen=True, eq=False)
class Member:
    """One member's calibrated models.

    Attributes:
        models: by network; the same indicators and programmes in each.
        series: of each indicator, ``(N,)``.
        goals: of each indicator.
        target: of each indicator, NaN where it has none.
        programme_goals: goal of each programme, ``(K,)``.
        sourced: goals whose share of the money a source gives; that of the others is assumed.
    """

    models: Mapping[str, Model]
    series: tuple[str, ...]
    goals: tuple[str, ...]
    target: Floats
    programme_goals: tuple[str, ...]
    sourced: frozenset[str] = frozenset()

    @property
    def code(self) -> str:
        """The member's code."""
        return self.any.name

    def under(self, network: str) -> Model:
        """The model under a network; one of a single network (too few indicators for others) takes part in all."""
        return self.any if len(self.models) == 1 else self.models[network]

    @property
    def any(self) -> Model:
        """One of the models, for what they share."""
        return next(iter(self.models.values()))


def linked(members: Sequence[Member], channels: Sequence[Channel], exposure: Exposure) -> pl.DataFrame:
    """Links across borders: progress of a series in one member helps the same series in another.

    Args:
        members: of the region.
        channels: by which flow, on which goals.
        exposure: shares of a member that hang on a partner, by kind of flow.

    Returns:
        One row per channel, ordered pair and common series, columns as in :data:`LINKS`; ``share`` is the share of the
        destination that hangs on the origin. Pairs without a figure have no row.
    """
    codes = [member.code for member in members]
    rows = []
    for channel in channels:
        shares = exposure(channel.kind).filter(
            pl.col("member").is_in(codes) & pl.col("partner").is_in(codes) & (pl.col("value") > 0)
        )
        known = {(row["partner"], row["member"]): row["value"] for row in shares.iter_rows(named=True)}
        for origin in members:
            for destination in members:
                share = known.get((origin.code, destination.code))
                if share is not None and origin is not destination:
                    rows += [
                        (channel.kind, origin.code, destination.code, series, goal, share)
                        for series, goal in zip(destination.series, destination.goals, strict=True)
                        if series in origin.series and goal in channel.goals
                    ]
    return pl.DataFrame(rows, schema=LINKS, orient="row")


class StackedWorld:
    """Members side by side, as an ensemble sees them.

    Args:
        members: calibrated over the same periods and networks.
        links: as from :func:`linked`.
        start_year: calendar year of the first period.

    Raises:
        InputError: no member, or members with different networks.
    """

    def __init__(self, members: Sequence[Member], links: pl.DataFrame, start_year: int) -> None:
        if not members:
            raise InputError("no member has a calibrated model; calibrate at least one")
        names = [tuple(member.models) for member in members if len(member.models) > 1] or [tuple(members[0].models)]
        if len(set(names)) > 1:
            told = "; ".join(f"{m.code}: {', '.join(m.models)}" for m in members)
            raise InputError(f"members have different networks ({told}); calibrate them with the same")
        self.members = tuple(members)
        self.networks: tuple[str, ...] = names[0]
        self.links = links
        self.start_year = start_year
        self._laws: dict[str, Law] = {}
        self._yields: tuple[float, Floats] = (float("nan"), np.empty(0))

    @cached_property
    def _calm(self) -> Stack:
        return self.stack(self.networks[0])

    @cached_property
    def ground(self) -> Ground:
        """Rows of the stacked model and what they stand for."""
        return Ground(
            members=tuple(member.code for member in self.members),
            indicator_members=tuple(member.code for member in self.members for _ in member.series),
            goals=tuple(goal for member in self.members for goal in member.goals),
            start=np.concatenate([member.any.I0 for member in self.members]),
            programme_members=tuple(member.code for member in self.members for _ in member.programme_goals),
            programme_goals=tuple(goal for member in self.members for goal in member.programme_goals),
            link_kinds=tuple(self.links["kind"]),
            origins=tuple(self.links["origin"]),
            destinations=tuple(self.links["destination"]),
            years=tuple(range(self.start_year, self.start_year + self.members[0].any.T)),
        )

    @cached_property
    def gaps(self) -> Gaps:
        """What is to be closed: targets above the start."""
        target = np.concatenate([member.target for member in self.members])
        aimed = np.where(np.isnan(target), -np.inf, target)
        return Gaps(self.ground.goals, self.ground.indicator_members, np.maximum(aimed - self.ground.start, 0.0), aimed)

    @cached_property
    def money(self) -> Money:
        """What strategies share out. What hangs on an indicator is the mean over the networks."""
        gap = self.gaps.gap
        reach = np.mean([self._hanging(name, gap) for name in self.networks], axis=0)
        return Money(
            members=self.ground.programme_members,
            programmes=self.ground.programme_goals,
            goals=self.ground.programme_goals,
            budget=np.concatenate([member.any.Bs for member in self.members]),
            gaps=np.array([gap[rows].sum() for rows in self._served]),
            reach=np.array([reach[rows].sum() for rows in self._served]),
            assumed=np.array(
                [goal not in member.sourced for member in self.members for goal in member.programme_goals]
            ),
        )

    @cached_property
    def _served(self) -> list[npt.NDArray[np.int64]]:
        """Indicators of each programme, as positions in the stack."""
        return [
            np.array(programme) + at
            for member, at in zip(self.members, self._calm.indicators, strict=False)
            for programme in member.any.programmes
        ]

    @cached_property
    def _payments(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
        """Who pays whom: programmes, indicators, and the part of the programme's money that each is to get."""
        sizes = [rows.size for rows in self._served]
        programmes = np.repeat(np.arange(len(sizes)), sizes)
        return programmes, np.concatenate(self._served), 1.0 / np.repeat(sizes, sizes)

    @cached_property
    def _whole(self) -> Floats:
        """What moves an indicator beside its own money: its part in all that its country spends, ``(N,)``."""
        money = (self.money.budget / self._unit).mean(axis=1)
        whole: Floats = np.add.reduceat(money, self._calm.programmes[:-1])[self._calm.country]
        return whole / (whole + 1)

    def yields(self, widest: float) -> Floats:
        """By how much more money moves each indicator than calibrated if assumed shares lean, ``(N,)``.

        How an indicator rose in the past is known, what was spent on it is not. Had it been less, each unit of it must
        have moved the indicator by so much more. To first order: officials contribute alike and share alike.

        Args:
            widest: as in :meth:`serai.plan.strategies.Money.leaning`; at 1 all are exactly 1.
        """
        kept, found = self._yields  # one pair, read and replaced whole: threads share the world
        if kept != widest:
            was, drawn = (self._paid(budget) for budget in (self.money.budget, self.money.leaning(widest)))
            found = was / drawn
            self._yields = (widest, found)
        return found

    def _paid(self, budget: Floats) -> Floats:
        programmes, indicators, parts = self._payments
        own = np.bincount(indicators, (budget / self._unit).mean(axis=1)[programmes] * parts, self._calm.N)
        paid: Floats = own + self._whole
        return paid

    def _hanging(self, network: str, gap: Floats) -> Floats:
        """Gap of each indicator times the gaps that its links within the country reach."""
        parts = np.split(gap, self._calm.indicators[1:-1])
        return np.concatenate([
            own * (np.maximum(member.under(network).A, 0.0) @ own)
            for member, own in zip(self.members, parts, strict=True)
        ])  # fmt: skip

    def stack(self, network: str, links: float = 1.0) -> Stack:
        """The members' models under one network, ``links`` being the strength of links across borders."""
        models = tuple(member.under(network) for member in self.members)
        plain = Stack(models)
        ends = self._ends(plain)
        pull = np.concatenate([_pull(model) for model in models])
        weight = links * self.links["share"].to_numpy() * pull[ends[1]]
        return Stack(models, Links(ends[0], ends[1], np.ascontiguousarray(weight)))

    def _ends(self, plain: Stack) -> list[npt.NDArray[np.int64]]:
        place = {
            (member.code, series): int(at) + i
            for member, at in zip(self.members, plain.indicators, strict=False)
            for i, series in enumerate(member.series)
        }
        return [
            np.array([place[pair] for pair in zip(self.links[side], self.links["series"], strict=True)], dtype=np.int64)
            for side in ("origin", "destination")
        ]

    def law(self, network: str) -> Law:
        """The kernel's arrays under one network, links at full strength; kept."""
        if network not in self._laws:
            self._laws[network] = self.stack(network).law()
        return self._laws[network]

    def final(
        self, drawn: Mapping[str, float], budget: Floats, arrays: Arrays, *, first_run: int, runs: int, seed: int
    ) -> Floats:
        """Levels at the end, shape ``(runs, N)``; see :class:`serai.plan.ensemble.World`."""
        network = self.networks[uncertain.network_of(drawn[uncertain.NETWORK], len(self.networks))]
        law = self.law(network)
        law = law._replace(
            beta=law.beta * self.yields(drawn[uncertain.SHARES]),
            qm=np.full_like(law.qm, drawn["monitoring"]),
            rl=np.full_like(law.rl, drawn["law"]),
            across_weight=law.across_weight * drawn["links"],
            budget=np.ascontiguousarray(budget / self._unit),
        )
        forcing = Forcing(arrays.capacity, arrays.money, arrays.growth, arrays.shift)
        return finals(self._calm, law, forcing, first_run=first_run, runs=runs, seed=seed)

    @cached_property
    def _unit(self) -> Floats:
        """Currency in one unit of the model's own money, one row a programme."""
        return np.repeat([m.any.money for m in self.members], np.diff(self._calm.programmes))[:, None]


def finals(stack: Stack, law: Law, forcing: Forcing, *, first_run: int, runs: int, seed: int) -> Floats:
    """Levels at the end of runs of the compiled law, shape ``(runs, N)``, on this thread alone."""
    keep = room(stack, runs, ("final",))
    advance(law, forcing, keep, np.uint64(seed), first_run, runs, min(LANES, runs), 0)
    return keep.final


def _pull(model: Model) -> Floats:
    """Mean inflow of an indicator, ``(N,)``: what a link as strong as all within the country together weighs."""
    return np.full(model.N, float(np.maximum(model.A, 0.0).sum() / model.N))

"""The decision half of a plan: ensembles over shocks, what holds up, what moves the ranking, what breaks it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TypedDict, Unpack

import numpy as np
import polars as pl

from serai.errors import InputError, UnknownName
from serai.files import write_beside
from serai.plan import ensemble, frontier, inputs, robust, sobol, strategies
from serai.plan import shocks as shocks_module
from serai.plan.boxes import failure_boxes
from serai.plan.ensemble import Job
from serai.plan.forcing import Cost, Exposure, hits, reach
from serai.plan.inputs import Input
from serai.plan.shocks import Shock
from serai.plan.world import StackedWorld
from serai.region.plan_files import STATUS_QUO, Strategy

Tell = Callable[[str, int, int], None]
SHOCKS, RUNS, SEED = 256, 32, 20301231
MADE = "made.txt"
CODE = ("_kernel", "_lanes", "ensemble", "forcing", "inputs", "stack", "strategies", "world")
"""Modules whose change changes outcomes: an ensemble of older code is not taken for one of this."""


class Options(TypedDict, total=False):
    """Options of :meth:`Decisions.run` beside the strategies."""

    shocks: int
    runs: int
    seed: int
    table: Path | None
    folder: Path | None
    workers: int
    scheduler: str | None


def check(*, shocks: int = SHOCKS, runs: int = RUNS, seed: int = SEED, workers: int = 1) -> None:
    """Refuse numbers no ensemble can be run with, before anything is computed.

    Raises:
        InputError: shocks no power of two, fewer than two runs or one worker, a seed that is no unsigned 64-bit number.
    """
    if runs < 2:
        raise InputError(f"{runs} runs; give at least two, so that luck can be told from shocks")
    if not 0 <= seed < 2**64:
        raise InputError(f"seed {seed}; give a whole number from 0 to {2**64 - 1}")
    if workers < 1:
        raise InputError(f"{workers} workers; give at least one")
    inputs.points(1, shocks, seed)  # refuses what is no power of two


def quiet(step: str, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Run:
    """A finished ensemble.

    Attributes:
        folder: where it is kept.
        job: what was run.
        values: the drawn inputs, ``shock`` and one column an input.
        frozen: rows of members that take no part, as they were; columns of :meth:`outcomes`.
    """

    folder: Path
    job: Job
    values: pl.DataFrame = field(repr=False)
    frozen: pl.DataFrame | None = field(default=None, repr=False)

    @property
    def made(self) -> str:
        """The day it was finished, ISO 8601."""
        return (self.folder / MADE).read_text(encoding="utf-8").strip()

    def outcomes(self, *, goals: bool = False) -> pl.DataFrame:
        """Share of the gap closed by member, shock and strategy.

        Args:
            goals: every goal of each member beside the member as a whole (``goal`` empty).

        Returns:
            Columns as in :data:`serai.plan.ensemble.OUTCOMES`, with ``status`` (``current``, or ``frozen`` for a
            suspended member) and ``made``, the day the figures are from.
        """
        rows = ensemble.outcomes(self.folder)
        if not goals:
            rows = rows.filter(pl.col("goal") == "")
        found = rows.collect().with_columns(pl.lit("current").alias("status"), pl.lit(self.made).alias("made"))
        if self.frozen is None:
            return found
        kept = self.frozen if goals else self.frozen.filter(pl.col("goal") == "")
        return pl.concat([found, kept.select(found.columns)])

    def with_frozen(self, rows: pl.DataFrame) -> Run:
        """The same ensemble with the rows of suspended members beside it, as from :meth:`Decisions.frozen`."""
        return replace(self, frozen=rows)

    def current(self) -> pl.DataFrame:
        """Outcomes of members as a whole, without frozen ones."""
        return self.outcomes().filter(pl.col("status") == "current")


@dataclass(frozen=True)
class Comparison:
    """What an ensemble says of the strategies. All frames are model output (``nature`` is ``M``).

    Attributes:
        summary: as from :func:`serai.plan.robust.summary`, with ``status`` and ``made``.
        paired: as from :func:`serai.plan.robust.paired`, for every criterion.
        decision: as from :func:`serai.plan.robust.decision`.
        boxes: as from :func:`serai.plan.boxes.failure_boxes`.
        regret: by member, strategy and shock: mean regret over the shocks in which that shock was large (the upper
            third of its range), ``member, strategy, shock, regret, closed, shocks``.
    """

    summary: pl.DataFrame
    paired: pl.DataFrame
    decision: pl.DataFrame
    boxes: pl.DataFrame
    regret: pl.DataFrame


class Decisions:
    """Ensembles over a world of calibrated members.

    Args:
        world: the members.
        pack: directory of the pack that describes shocks, strategies and what is uncertain.
        figures: observations ``series, area, period, value`` that weigh shocks.
        exposure: shares of a member that hang on its partners, by kind of flow.
        cost: extra cost of a disruption of the freight network, by its name.
        home: where ensembles are kept.
        key: stands for the calibration, so that an ensemble is not taken for one of another.
        tell: told of long work.
    """

    def __init__(
        self,
        world: StackedWorld,
        *,
        pack: Path,
        figures: pl.DataFrame,
        exposure: Exposure,
        cost: Cost,
        home: Path,
        key: str,
        tell: Tell = quiet,
    ) -> None:
        self.world = world
        self.pack, self.home, self.key, self.tell = pack, home, key, tell
        self._figures, self._exposure, self._cost = figures, exposure, cost

    @cached_property
    def shocks(self) -> dict[str, Shock]:
        """Shocks of the pack, by identifier.

        Raises:
            PackError: ``plan/shocks.toml`` breaks its schema.
        """
        return shocks_module.read(self.pack)

    @cached_property
    def strategies(self) -> dict[str, Strategy]:
        """Strategies of the pack, by identifier, the status quo first.

        Raises:
            PackError: ``plan/strategies.toml`` breaks its schema.
        """
        return strategies.read(self.pack)

    @cached_property
    def inputs(self) -> list[Input]:
        """Every uncertain input, with its range and source.

        Raises:
            PackError: ``plan/uncertain.toml`` is missing or breaks its schema.
        """
        return inputs.listed(self.shocks, inputs.read(self.pack))

    @cached_property
    def reach(self) -> pl.DataFrame:
        """How far each effect of each shock reaches each member; columns as in :data:`serai.plan.forcing.REACH`."""
        codes = [member.code for member in self.world.members]
        return reach(self.shocks, codes, self._figures, self._exposure, self._cost)

    def job(
        self,
        names: Sequence[str] | None = None,
        *,
        shocks: int = SHOCKS,
        runs: int = RUNS,
        seed: int = SEED,
        table: Path | None = None,
    ) -> Job:
        """An ensemble of this world, not yet run; arguments as in :meth:`run`."""
        check(shocks=shocks, runs=runs, seed=seed)
        unit = inputs.points(len(self.inputs), shocks, seed)
        rules, tables = strategies.chosen(self.strategies, names), {}
        if table is not None:
            if table.stem in {one.id for one in rules}:
                raise InputError(f"{table}: a strategy is called '{table.stem}' already; give the file another name")
            tables[table.stem] = strategies.read_shares(table, self.world.money)
        deal = strategies.Deal(self.world.money, tuple(rules), tables)
        return Job(
            world=self.world, gaps=self.world.gaps, inputs=self.inputs,
            met=hits(self.world.ground, self.shocks, self.reach),
            unit=unit, first_runs=np.arange(shocks, dtype=np.int64) * runs, budgets=deal.budgets(), runs=runs,
            seed=seed, key=self._key(), deal=deal,
        )  # fmt: skip

    def run(
        self,
        names: Sequence[str] | None = None,
        *,
        shocks: int = SHOCKS,
        runs: int = RUNS,
        seed: int = SEED,
        table: Path | None = None,
        folder: Path | None = None,
        workers: int = 1,
        scheduler: str | None = None,
    ) -> Run:
        """Run an ensemble, or what is missing of it.

        Args:
            names: strategies; all of the pack where none is named. The status quo always takes part.
            shocks: drawn shocks, a power of two.
            runs: of each strategy in each shock, on the same luck.
            seed: of shocks and luck.
            table: CSV ``member, programme, share``: one more strategy, called like the file.
            folder: where it is kept; by default a place in the home that hangs on all of the above.
            workers: threads.
            scheduler: address of a dask scheduler, in place of threads.

        Raises:
            UnknownName: no such strategy.
            InputError: shocks no power of two, fewer than two runs or one worker, a seed no unsigned 64-bit number, or
                another ensemble in the folder.
            SourceError: the table is faulty.
            OutputError: the folder cannot be written.
        """
        check(shocks=shocks, runs=runs, seed=seed, workers=workers)
        job = self.job(names, shocks=shocks, runs=runs, seed=seed, table=table)
        place = folder or self.home / _name(job)
        ensemble.run(job, place, workers=workers, scheduler=scheduler, tell=self.tell)
        if not (place / MADE).is_file():
            today = datetime.now(UTC).date().isoformat()
            write_beside(place / MADE, lambda beside: beside.write_text(f"{today}\n", encoding="utf-8"))
        return Run(place, job, inputs.values(self.inputs, job.unit, self.world.networks))

    def compare(self, run: Run, *, tail: float = robust.TAIL, margin: float = robust.MARGIN) -> Comparison:
        """What an ensemble says of the strategies.

        Args:
            run: as from :meth:`run`.
            tail: share of shocks in the conditional value at risk.
            margin: a difference in the share of the gap closed that does not matter.
        """
        rows = run.outcomes()
        dated = rows.select("member", "status", "made").unique(maintain_order=True)
        now = rows.filter(pl.col("status") == "current")
        together = pl.concat([robust.paired(now, criterion=name, margin=margin) for name in robust.CRITERIA])
        return Comparison(
            summary=robust.summary(rows, tail=tail).join(dated, on="member", maintain_order="left"),
            paired=together,
            decision=robust.decision(together),
            boxes=failure_boxes(now, run.values, self.inputs),
            regret=self._regret(now, run.values),
        )

    def _regret(self, rows: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
        """Mean regret where one shock is large, all the others being whatever they are."""
        short = robust.regret(rows)
        parts = []
        for shock in self.shocks.values():
            edge = shock.size.low + 2 / 3 * (shock.size.high - shock.size.low)
            large = values.filter(pl.col(f"{shock.id}.size") >= edge)["shock"].implode()
            parts.append(
                short.filter(pl.col("shock").is_in(large))
                .group_by("member", "strategy", maintain_order=True)
                .agg(pl.lit(shock.id).alias("shock"), pl.mean("regret", "closed"), pl.len().alias("shocks"))
            )
        return pl.concat(parts).with_columns(pl.lit("M").alias("nature")) if parts else short.head(0)

    def influence(
        self,
        names: Sequence[str] | None = None,
        *,
        base: int = 64,
        runs: int = RUNS,
        seed: int = SEED,
        workers: int = 1,
        scheduler: str | None = None,
    ) -> pl.DataFrame:
        """How much each group of uncertain inputs moves the ranking of the strategies.

        The answer whose variance is shared out is the lead of every strategy over their mean. Luck is an input like the
        others: what it is given is what no reduction of the other uncertainties would settle in so many runs.

        Args:
            names: strategies.
            base: base sample n, a power of two; ``n (groups + 2)`` points are run.
            runs, seed, workers, scheduler: as in :meth:`run`.

        Returns:
            One row per member and group, most influential first: ``member, input, first, first_low, first_high, total,
            total_low, total_high, variance, points, nature``.
        """
        check(runs=runs, seed=seed, workers=workers)
        groups = list(dict.fromkeys(one.group for one in self.inputs))
        places = [[at for at, one in enumerate(self.inputs) if one.group == group] for group in groups]
        luck = len(self.inputs)
        points = sobol.design(luck + 1, base, groups=[*places, [luck]], seed=seed)
        flat = points.reshape(-1, luck + 1)
        blocks = (flat[:, luck] * 2**20).astype(np.int64) * runs
        job = replace(self.job(names, runs=runs, seed=seed), unit=flat[:, :luck], first_runs=blocks)
        place = self.home / _name(job)
        ensemble.run(job, place, workers=workers, scheduler=scheduler, tell=self.tell)
        rows = ensemble.outcomes(place).filter(pl.col("goal") == "").collect()
        frames = []
        for table in robust.tables(rows.sort("shock", maintain_order=True)):
            leads = (table.closed - table.closed.mean(axis=1, keepdims=True)).reshape(*points.shape[:2], -1)
            found = sobol.indices(leads, [*groups, "luck"], seed=seed)
            frames.append(found.select(pl.lit(table.member).alias("member"), pl.all()))
        return pl.concat(frames).with_columns(pl.lit(len(flat)).alias("points"), pl.lit("M").alias("nature"))

    def frontier(self, member: str | None = None, *, runs: int = 256) -> pl.DataFrame:
        """Share of each member's gap closed with more or less money; see :func:`serai.plan.frontier.frontier`.

        Raises:
            UnknownName: no such member.
        """
        return self._told(frontier.frontier, member, runs)

    def bottlenecks(self, member: str | None = None, *, runs: int = 256) -> pl.DataFrame:
        """Indicators by what closes their gap; see :func:`serai.plan.frontier.bottlenecks`.

        Raises:
            UnknownName: no such member.
        """
        return self._told(frontier.bottlenecks, member, runs)

    def _told(self, ask: Callable[..., pl.DataFrame], member: str | None, runs: int) -> pl.DataFrame:
        """What is asked of all members at once, as all share one world; the rows of one where one is named."""
        if member is not None:
            self._known(member)
        found = ask(self.world, drawn=self._middle(), runs=runs, seed=SEED)
        return found if member is None else found.filter(pl.col("member") == member)

    def accelerators(self, member: str | None = None, *, runs: int = 256) -> pl.DataFrame:
        """Programmes by what they do for other goals; see :func:`serai.plan.frontier.accelerators`.

        Raises:
            UnknownName: no such member.
        """
        return frontier.accelerators(self.world, member=member, drawn=self._middle(), runs=runs, seed=SEED)

    def _middle(self) -> dict[str, float]:
        return {one.id: (one.low + one.high) / 2 for one in self.inputs if "." not in one.id}

    def suspend(self, *members: str) -> Decisions:
        """The region without some members: their models take no part, links to and from them end.

        Raises:
            UnknownName: no such member.
            InputError: nobody would be left.
        """
        for member in members:
            self._known(member)
        left = [one for one in self.world.members if one.code not in members]
        if not left:
            raise InputError("all members are suspended; leave at least one")
        links = self.world.links.filter(~(pl.col("origin").is_in(members) | pl.col("destination").is_in(members)))
        return Decisions(
            StackedWorld(left, links, self.world.start_year), pack=self.pack, figures=self._figures,
            exposure=self._exposure, cost=self._cost, home=self.home, key=self.key, tell=self.tell,
        )  # fmt: skip

    def suspended(self, members: Sequence[str], names: Sequence[str] | None = None, **options: Unpack[Options]) -> Run:
        """An ensemble without some members, their results frozen as the ensemble of the whole region left them.

        Args:
            members: codes.
            names, options: as in :meth:`run`; the whole region's ensemble is kept in the home.

        Raises:
            UnknownName: no such member.
            InputError: nobody would be left.
        """
        rest = self.suspend(*members)
        whole: Options = {**options, "folder": None}
        return rest.run(names, **options).with_frozen(self.frozen(self.run(names, **whole), members))

    def frozen(self, run: Run, members: Sequence[str]) -> pl.DataFrame:
        """Outcomes of members as a run of the whole region left them, marked ``frozen`` with the day they are from."""
        rows = run.outcomes(goals=True).filter(pl.col("member").is_in(list(members)))
        return rows.with_columns(pl.lit("frozen").alias("status"))

    def _known(self, member: str) -> None:
        codes = [one.code for one in self.world.members]
        if member not in codes:
            raise UnknownName("member", member, codes, "the plan")

    def _key(self) -> str:
        """Changes with code, calibration, the members that take part, the shocks and how far they reach."""
        code = [(Path(__file__).parent / f"{name}.py").read_bytes() for name in CODE]
        parts: Mapping[str, object] = {
            "code": hashlib.sha256(b"\0".join(code)).hexdigest(),
            "calibration": self.key,
            "members": [member.code for member in self.world.members],
            "links": self.world.links.write_csv(),
            "reach": self.reach.write_csv(),
            "inputs": [repr(one) for one in self.inputs],
            "shocks": [shock.model_dump_json() for shock in self.shocks.values()],
        }
        return hashlib.sha256(repr(parts).encode()).hexdigest()


def _name(job: Job) -> str:
    """A folder's name that hangs on all that the outcomes hang on."""
    return hashlib.sha256(repr(ensemble.identity(job)).encode()).hexdigest()[:16]


__all__ = ["STATUS_QUO", "Comparison", "Decisions", "Run"]

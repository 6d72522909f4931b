"""What the pages of the plan show: one modest ensemble and what follows from it, asked of the region once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from serai.errors import InputError
from serai.plan import Comparison, Decisions, Run
from serai.plan.boxes import in_words, limits_of
from serai.plan.holdout import HOLDOUT, skill
from serai.plan.inputs import Input

__all__ = ["Gathered", "gather"]

Row = dict[str, Any]
SHOCKS, RUNS = 256, 32
"""Of the ensemble on the pages: modest, so that a site is built in seconds; the command line runs larger ones."""
BASE, FEW = 16, 32
"""Base sample and runs of the indices."""
QUICK = 64
"""Runs of what accelerates: gains on the same luck, so that few will do."""
LEVEL = 512
"""Runs of the frontier: levels, not gains, so that luck must even out."""
DIGITS = 6
"""Sums in published tables are rounded to this many places."""


@dataclass(frozen=True)
class Gathered:
    """Everything, as frames of :mod:`serai.plan`.

    Attributes:
        decisions: of the members that have a model.
        absent: members without one, and why, in the words of the model.
        run: the ensemble.
        made: what it says.
        goals: mean share closed by member, strategy and goal.
        influence, frontier, bottlenecks, accelerators, calibration, indicators, spending: as the planner gives them.
        holdout: what was then observed against the models fitted to earlier years alone; empty where none can be.
        last: year the model starts from.
    """

    decisions: Decisions
    absent: Mapping[str, str]
    run: Run
    made: Comparison
    goals: pl.DataFrame
    influence: pl.DataFrame
    frontier: pl.DataFrame
    bottlenecks: pl.DataFrame
    accelerators: pl.DataFrame
    calibration: pl.DataFrame
    indicators: pl.DataFrame
    spending: pl.DataFrame
    holdout: pl.DataFrame
    last: int

    @property
    def members(self) -> list[str]:
        """Members that have a model and a gap to close."""
        there = set(self.made.summary["member"])
        return [member.code for member in self.decisions.world.members if member.code in there]

    @cached_property
    def known(self) -> dict[str, Input]:
        """Uncertain inputs by their id."""
        return {one.id: one for one in self.decisions.inputs}

    def boxes(self, member: str) -> list[Row]:
        """Failure boxes of a member: strategy, what failing means, conditions by language, and the figures beside."""
        rows = self.made.boxes.filter(pl.col("member") == member)
        found = []
        for _, part in rows.group_by("strategy", "box", maintain_order=True):
            first, limits = part.row(0, named=True), limits_of(part)
            words = {code: in_words(limits, self.known, code) for code in ("en", "ru")}
            keys = ("strategy", "fails", "box", "coverage", "density", "base", "cases")
            again = {"again_low": part["again"].min(), "again_high": part["again"].max()}
            found.append({key: first[key] for key in keys} | again | {"words": words, "limits": limits})
        return found


def gather(region: Any) -> Gathered:  # noqa: ANN401
    """Ask the region. What was run before, on the same figures by the same code, is read from the cache.

    Raises:
        InputError: no member has enough data for a model.
        PackError: the plan's files of the pack break their schema.
    """
    plan = region.plan
    decisions: Decisions = plan.decisions
    workers = min(os.cpu_count() or 1, 4)
    run = decisions.run(shocks=SHOCKS, runs=RUNS, workers=workers)
    members = [member.code for member in decisions.world.members]
    by_goal = (
        run.outcomes(goals=True)
        .filter(pl.col("goal") != "")
        .group_by("member", "strategy", "goal", maintain_order=True)
        .agg(pl.col("closed").mean())
        .with_columns(pl.lit("M").alias("nature"))
    )
    return Gathered(
        decisions=decisions,
        absent=plan.absent,
        run=run,
        made=decisions.compare(run),
        goals=by_goal,
        influence=decisions.influence(base=BASE, runs=FEW, workers=workers),
        frontier=decisions.frontier(runs=LEVEL),
        bottlenecks=decisions.bottlenecks(),
        accelerators=decisions.accelerators(runs=QUICK),
        calibration=plan.calibration(members),
        indicators=plan.indicators(members),
        spending=plan.spending(members),
        holdout=_holdout(plan, members),
        last=int(plan.last),
    )


def _holdout(plan: Any, members: list[str]) -> pl.DataFrame:  # noqa: ANN401
    """Empty where the pasts are too short to hold years out."""
    try:
        found: pl.DataFrame = plan.holdout(members)
    except InputError:
        return pl.DataFrame(schema=HOLDOUT)
    return found


def frames(found: Gathered) -> dict[str, pl.DataFrame]:
    """The published tables; described in ``tables.toml``."""
    made = {
        "plan_summary": found.made.summary.drop("status", "made"),
        "plan_paired": found.made.paired,
        "plan_decision": found.made.decision,
        "plan_regret": found.made.regret,
        "plan_boxes": found.made.boxes,
        "plan_goals": found.goals,
        "plan_influence": found.influence,
        "plan_frontier": found.frontier,
        "plan_bottlenecks": found.bottlenecks,
        "plan_accelerators": found.accelerators,
        "plan_reach": found.decisions.reach,
        "plan_calibration": found.calibration,
        "plan_holdout": skill(found.holdout),
    }
    return {name: frame.with_columns(pl.selectors.float().round(DIGITS)) for name, frame in made.items()}

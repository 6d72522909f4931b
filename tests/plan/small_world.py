"""A world of two members whose levels follow by hand from money and shocks, for what does not need the model."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import polars as pl

from serai.plan import inputs as uncertain
from serai.plan.ensemble import Gaps, Job
from serai.plan.forcing import REACH, Ground, hits
from serai.region.plan_files import Shock, Unknowns

GROUND = Ground(
    members=("AAA", "BBB"),
    indicator_members=("AAA", "AAA", "AAA", "BBB", "BBB"),
    goals=("1", "1", "6", "1", "6"),
    start=np.array([0.2, 0.4, 0.5, 0.1, 0.6]),
    programme_members=("AAA", "AAA", "BBB", "BBB"),
    programme_goals=("1", "6", "1", "6"),
    link_kinds=("trade", "water", "trade"),
    origins=("AAA", "AAA", "BBB"),
    destinations=("BBB", "BBB", "AAA"),
    years=(2024, 2025, 2026, 2027),
)
GAPS = Gaps(GROUND.goals, GROUND.indicator_members, np.array([0.8, 0.6, 0.5, 0.9, 0.0]), np.array([1.0, 1, 1, 1, 0.6]))
RANGE = {"low": 0.0, "high": 50.0, "unit": "%", "basis": "sourced", "source": "a table"}
SIZE = RANGE | {"over": {"en": "it falls by over {} %"}, "under": {"en": "it falls by under {} %"}}
SPAN = {"unit": "years", "basis": "sourced", "source": "a table"}
UNKNOWNS = Unknowns.model_validate(
    {
        "network": {"title": {"en": "Network"}, "reason": "several fit"},
        "uncertain": [
            SIZE | {"id": name, "title": {"en": name}, "low": 0.0, "high": 1.0}
            for name in ("links", "monitoring", "law", "shares", "exposure", "response")
        ],
    }
)


def shock(name: str = "fall", *, effects: list[dict] | None = None, **changes: object) -> Shock:
    """A shock to the budget, unless told otherwise."""
    told = {
        "id": name,
        "title": {"en": name},
        "story": {"en": name},
        "size": SIZE,
        "start": SPAN | {"low": 2024.0, "high": 2026.0},
        "years": SPAN | {"low": 1.0, "high": 2.0},
        "effect": effects or [{"does": "budget", "reason": "by hand"}],
    }
    return Shock.model_validate(told | changes)


def reached(shocks: dict[str, Shock], weight: float = 1.0) -> pl.DataFrame:
    """Every effect reaches every member alike."""
    rows = [
        {"shock": one.id, "effect": number, "does": effect.does, "member": member,
         "low": weight, "value": weight, "high": weight, "basis": "by hand", "missing": None}
        for one in shocks.values() for number, effect in enumerate(one.effect, 1) for member in GROUND.members
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=REACH)


class SmallWorld:
    """Levels rise by a tenth of the money of the goal's programme, less what shocks take, with a little luck."""

    ground = GROUND
    networks = ("a", "b")

    def __init__(self, luck: float = 0.01) -> None:
        self.luck = luck
        self.calls = 0

    def final(self, drawn, budget, arrays, *, first_run, runs, seed):
        self.calls += 1
        programme = [
            next(k for k, pair in enumerate(zip(GROUND.programme_members, GROUND.programme_goals, strict=True))
                 if pair == (member, goal))
            for member, goal in zip(GROUND.indicator_members, GROUND.goals, strict=True)
        ]  # fmt: skip
        gain = (0.1 * (budget * arrays.money)[programme] * arrays.growth).sum(axis=1) * (1 + drawn["network"])
        luck = np.array([np.random.default_rng([seed, first_run + run]).normal(size=5) for run in range(runs)])
        return GROUND.start + arrays.shift.sum(axis=1) + gain + self.luck * luck


def job(world: SmallWorld | None = None, *, shocks: int = 32, runs: int = 4, **changes: object) -> Job:
    """An ensemble of two strategies."""
    known = {"fall": shock()}
    listed = uncertain.listed(known, UNKNOWNS)
    budgets = {"as_is": np.full((4, 4), 1.0), "shifted": np.repeat([[1.5], [0.5], [0.5], [1.5]], 4, axis=1)}
    made = Job(
        world=world or SmallWorld(),
        gaps=GAPS,
        met=hits(GROUND, known, reached(known)),
        inputs=listed,
        unit=uncertain.points(len(listed), shocks, 0),
        first_runs=np.arange(shocks) * runs,
        budgets=budgets,
        runs=runs,
        seed=7,
        key="by hand",
    )
    return replace(made, **changes)


def digests(folder) -> dict[str, str]:
    """Every file of a folder and what is in it."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }

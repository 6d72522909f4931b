"""Appraisal: what a project is worth to whom, against what it costs, with the range of every assumption."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from serai.corridor import projects
from serai.corridor.accounts import ALL, Accounts
from serai.corridor.disruption import draws as demand_draws
from serai.corridor.freight import Costs, Freight
from serai.corridor.network import Floats
from serai.corridor.projects import Project
from serai.corridor.runs import Progress, Runner, each
from serai.corridor.summary import RANGE, SEED

PER_MT, PER_MUSD = 1e6, 1e6
GAP = 1e-7
MEASURES = ("benefit_usd", "co2_t", "new_tonnes")


@dataclass(frozen=True, eq=False)
class _Draws:
    """What is drawn, the central case first: numbers, demand (Mt a year), and factor of present value."""

    values: Floats
    demand: Floats
    elasticity: Floats
    annuity: Floats


def appraised(
    freight: Freight, runner: Callable[[], Runner], found: Sequence[Project], paid: pl.DataFrame, *, number: int,
    jobs: int = 1, tell: Progress | None = None,
) -> pl.DataFrame:  # fmt: skip
    """What projects are worth, to whom, against their cost; see :meth:`serai.corridor.Corridors.appraise`."""
    drawn, accounts = _drawn(freight, number), Accounts(freight)
    amounts = [project.amounts(number) for project in found]

    def maker() -> Callable[[int], Floats]:
        return partial(_draw, runner(), freight, found, amounts, drawn, accounts)

    results = np.zeros((len(found), number + 1, accounts.keys.height, len(MEASURES)))
    for draw, result in enumerate(each(range(number + 1), maker, jobs)):
        results[:, draw] = result
        if tell is not None:
            tell(draw + 1, number + 1)
    frames = [
        _table(project, accounts, results[place], drawn.annuity, paid.filter(pl.col("project") == project.name))
        for place, project in enumerate(found)
    ]
    return pl.concat(frames).with_columns(pl.lit("M").alias("nature"))


def _draw(
    runner: Runner, freight: Freight, found: Sequence[Project], amounts: Sequence[Floats], drawn: _Draws,
    accounts: Accounts, draw: int,
) -> Floats:  # fmt: skip
    """What each project changes for each account at one draw of all numbers, shape ``(projects, accounts, 3)``."""
    results, current = [], None
    for project, own in zip(found, amounts, strict=True):
        if project.without_is_current:
            current = current if current is not None else _without(runner, freight, [], drawn, draw)
            before = current
        else:
            before = _without(runner, freight, [project], drawn, draw)
        after_costs = projects.costs(freight, project.effects, own[draw], drawn.values[draw])
        results.append(accounts.summed(_gain(runner, freight, before, after_costs, drawn, draw).T))
    return np.array(results)


def _drawn(freight: Freight, number: int) -> _Draws:
    net = freight.net
    names = ("demand_elasticity", "discount_rate", "demand_growth", "project_years")
    at = [net.parameter(name) for name in names]
    used = np.unique(np.concatenate([freight.steps.used, *(one.common for one in freight.costers), at]))
    values = np.concatenate([net.numbers.values()[None], net.numbers.sample(used, number, SEED)])
    demand = np.concatenate([freight.demand.value[None], demand_draws(freight, number)]) if number else (
        freight.demand.value[None]
    )  # fmt: skip
    elasticity, rate, growth, years = (values[:, position] for position in at)
    return _Draws(
        values, demand, elasticity, np.array([_annuity(*one) for one in zip(rate, growth, years, strict=True)])
    )


def _annuity(rate: float, growth: float, years: float) -> float:
    """Present value of 1 a year that grows, from the first year of use on."""
    return float(np.sum(((1.0 + growth) / (1.0 + rate)) ** np.arange(1, round(years) + 1)))


def _solved(runner: Runner, freight: Freight, costs: Costs, values: Floats, demand: Floats) -> Floats:
    world = freight.world._replace(worth=freight.worth(values))
    return runner.afresh(costs, world, demand, gap=GAP)[0]


def _without(runner: Runner, freight: Freight, found: Sequence[Project], drawn: _Draws, draw: int) -> Floats:
    effects = [effect for project in found for effect in project.effects]
    costs = projects.costs(freight, effects, [effect.without for effect in effects], drawn.values[draw])
    return _solved(runner, freight, costs, drawn.values[draw], drawn.demand[draw])


def _gain(runner: Runner, freight: Freight, before: Floats, costs: Costs, drawn: _Draws, draw: int) -> Floats:
    """Of each pair: benefit of users by the rule of half, t CO2 more, tonnes new; a year, shape ``(3, pairs)``.

    Goods grow with the fall of their whole cost at a constant elasticity; the equilibrium is solved once more with
    those that have come. Pairs that had no way before have no cost to compare with: they count as new tonnes alone.
    """
    demand = drawn.demand[draw]
    served = before[:, 0] > 0
    old = np.divide(before[:, 1], before[:, 0], out=np.zeros(demand.size), where=served)
    wanted = demand
    for _ in range(2):
        after = _solved(runner, freight, costs, drawn.values[draw], wanted)
        new = np.divide(after[:, 1], after[:, 0], out=old.copy(), where=after[:, 0] > 0)
        ratio = np.divide(new, old, out=np.ones(demand.size), where=served & (old > 0))
        wanted = demand * ratio ** -drawn.elasticity[draw]
    both = served & (after[:, 0] > 0)
    benefit = np.where(both, 0.5 * (before[:, 0] + after[:, 0]) * (old - new), 0.0)
    return np.array([benefit, after[:, 3] - before[:, 3], after[:, 0] - before[:, 0]]) * PER_MT


def _table(project: Project, accounts: Accounts, results: Floats, annuity: Floats, paid: pl.DataFrame) -> pl.DataFrame:
    """One row per area that gains, loses or pays, and one for all; half of a gain is of each end of the goods."""
    areas = list(dict.fromkeys(accounts.keys["area"]))
    owner = np.array([areas.index(area) for area in accounts.keys["area"]])
    share = np.where(accounts.keys["area"].to_numpy() == ALL, 1.0, 0.5)
    sums = np.zeros((len(results), len(areas), len(MEASURES)))
    for place, own in enumerate(owner):
        sums[:, own] += results[:, place] * share[place]
    bears = {
        row["area"]: row for row in paid.group_by("area").agg(pl.col("cost", "cost_low", "cost_high").sum()).to_dicts()
    }
    rows = [
        _row(project, area, sums[:, place], annuity, _cost(bears, area))
        for place, area in enumerate(areas)
        if area == ALL or area in bears or np.abs(sums[0, place, 0]) >= 1.0
    ]
    silent = [area for area in bears if area not in areas]
    nothing = np.zeros((len(results), len(MEASURES)))
    rows += [_row(project, area, nothing, annuity, _cost(bears, area)) for area in silent]
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides=_KINDS)


_KINDS = dict.fromkeys(
    (f"{name}{end}" for name in ("cost_usd", "npv_usd", "benefit_cost") for end in ("", "_low", "_high")), pl.Float64
)


def _cost(bears: dict[str, dict[str, float]], area: str) -> Floats | None:
    """Low, value and high of what is known to fall on an area, USD; null where nothing is held."""
    kept = list(bears.values()) if area == ALL else [bears[area]] if area in bears else []
    if not kept:
        return None
    return np.array([sum(row[name] for row in kept) for name in ("cost_low", "cost", "cost_high")]) * PER_MUSD


def _row(project: Project, area: str, sums: Floats, annuity: Floats, cost: Floats | None) -> dict[str, object]:
    present = sums[:, 0] * annuity
    row: dict[str, object] = {
        "project": project.name, "name": project.row["name_en"], "status": project.row["status"], "area": area,
    }  # fmt: skip
    for place, measure in enumerate(MEASURES):
        row |= _ranged(measure, sums[:, place])
    row |= _ranged("present_value_usd", present)
    if cost is None:
        empty = ("cost_usd", "npv_usd", "benefit_cost")
        row |= {f"{name}{end}": None for name in empty for end in ("", "_low", "_high")}
        return row
    low, value, high = cost
    row |= {"cost_usd": value, "cost_usd_low": low, "cost_usd_high": high}
    # The cost is drawn with the rest: evenly over its range.
    drawn = np.concatenate([[value], low + (high - low) * np.random.default_rng(SEED).uniform(size=present.size - 1)])
    ratio = np.divide(present, drawn, out=np.full(present.size, np.nan), where=drawn > 0)
    return row | _ranged("npv_usd", present - drawn) | _ranged("benefit_cost", ratio)


def _ranged(name: str, found: Floats) -> dict[str, float | None]:
    central = float(found[0])
    if not np.isfinite(found).all():
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    low, high = np.percentile(found, RANGE)
    return {name: central, f"{name}_low": min(float(low), central), f"{name}_high": max(float(high), central)}

"""Where more money helps and where it does not: the budget frontier, bottlenecks, accelerators.

All at the middle of every uncertain input and without shocks, as means over the plausible networks, on the same luck.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from serai.errors import InputError, UnknownName
from serai.plan.forcing import Arrays
from serai.plan.inputs import NETWORK, SHARES
from serai.plan.world import StackedWorld

Floats = npt.NDArray[np.float64]
BUDGETS = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 8.0)
"""Multiples of the budget along the frontier."""
MORE = 1.25
"""Money of a programme that is asked whether it accelerates others, as a multiple of its own."""
MATTERS = 0.05
"""Share of a gap that more money must close to be said to help."""
TINY, TINY_GAP = 0.01, "gap below one hundredth of the range"
"""Below it shares of a gap say little: a small step back is a large share of it."""
MIDDLE = {"links": 0.5, "monitoring": 0.5, "law": 0.5, "shares": 1.0, "exposure": 0.5, "response": 0.5}

FRONTIER = {
    "member": pl.String,
    "budget": pl.Float64,
    "closed": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "network_low": pl.Float64,
    "network_high": pl.Float64,
    "nature": pl.String,
}
BOTTLENECKS = {
    "member": pl.String,
    "series": pl.String,
    "goal": pl.String,
    "start": pl.Float64,
    "target": pl.Float64,
    "closed": pl.Float64,
    "closed_double": pl.Float64,
    "closed_most": pl.Float64,
    "kind": pl.String,
    "networks_agree": pl.Float64,
    "remark": pl.String,
    "nature": pl.String,
}
ACCELERATORS = {
    "member": pl.String,
    "programme": pl.String,
    "money": pl.Float64,
    "own": pl.Float64,
    "elsewhere": pl.Float64,
    "abroad": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "nature": pl.String,
}


def middle(values: Mapping[str, tuple[float, float]] | None = None) -> dict[str, float]:
    """The uncertain numbers of the model at the middle of their ranges; of 0 and 1 where none is given."""
    given = {name: (low + high) / 2 for name, (low, high) in (values or {}).items()}
    return {**MIDDLE, **given}


def calm(world: StackedWorld) -> Arrays:
    """Arrays of a world in which nothing gives way."""
    ground = world.ground
    periods = len(ground.years)
    return Arrays(
        np.ones((len(ground.link_kinds), periods)), np.ones((len(ground.programme_members), periods)),
        np.ones((len(ground.goals), periods)), np.zeros((len(ground.goals), periods)),
    )  # fmt: skip


def levels(world: StackedWorld, budget: Floats, drawn: Mapping[str, float], *, runs: int, seed: int) -> Floats:
    """Levels at the end under each network without shocks, shape ``(networks, runs, N)``."""
    count = len(world.networks)
    return np.array([
        world.final({**drawn, NETWORK: (at + 0.5) / count}, budget, calm(world), first_run=0, runs=runs, seed=seed)
        for at in range(count)
    ])  # fmt: skip


def frontier(
    world: StackedWorld, *, budgets: Sequence[float] = BUDGETS, drawn: Mapping[str, float] = MIDDLE, runs: int = 256,
    seed: int = 0,
) -> pl.DataFrame:  # fmt: skip
    """Share of each member's gap that is closed with so many times its budget.

    Args:
        world: the members.
        budgets: multiples, shared out as in the calibration.
        drawn: the uncertain numbers.
        runs: under each network.
        seed: of the runs.

    Returns:
        ``member, budget, closed`` (mean), ``low, high`` (10th and 90th percentile of runs), ``network_low,
        network_high`` (least and greatest mean of a network), ``nature``.

    Raises:
        InputError: a budget that is not above zero.
    """
    if not all(np.isfinite(budget) and budget > 0 for budget in budgets):
        raise InputError(f"budgets {', '.join(f'{one:g}' for one in budgets)}: give multiples above zero")
    cells, weights = world.gaps.weights()
    rows = []
    money = world.money.leaning(drawn[SHARES])
    for budget in sorted(budgets):
        found = levels(world, money * budget, drawn, runs=runs, seed=seed)
        shares = np.array([world.gaps.closed(part, weights) for part in found])
        for at, (member, goal) in enumerate(cells):
            if not goal:
                part, means = shares[:, :, at], shares[:, :, at].mean(axis=1)
                ends = np.quantile(part, [0.1, 0.9])
                rows.append((member, budget, part.mean(), *ends, means.min(), means.max(), "M"))
    order = pl.col("member").replace_strict({m.code: n for n, m in enumerate(world.members)})
    return pl.DataFrame(rows, schema=FRONTIER, orient="row").sort(order, "budget")


def bottlenecks(
    world: StackedWorld, *, drawn: Mapping[str, float] = MIDDLE, runs: int = 256, seed: int = 0
) -> pl.DataFrame:
    """Every indicator with a gap: what closes it, if anything does.

    Returns:
        ``member, series, goal, start, target``; ``closed`` with the budget as it is, ``closed_double`` with twice as
        much for everything, ``closed_most`` if it rose in every year at the pace of its calibration (no money can do
        more); ``kind``: ``on_course`` (95 % closed as it is), ``money`` (twice the money closes at least 5 points
        more), ``structural`` (even rising every year less than half is closed: the pace itself is the bottleneck),
        ``slow`` (the rest); ``networks_agree``: share of networks that give this kind; ``remark``: says so where
        the gap is below :data:`TINY`; ``nature``.
    """
    gap = world.gaps.gap
    money = world.money.leaning(drawn[SHARES])
    means = [levels(world, money * factor, drawn, runs=runs, seed=seed).mean(axis=1) for factor in (1.0, 2.0)]
    open_gap = np.where(gap > 0, gap, 1.0)
    closed, double = (np.minimum((mean - world.ground.start) / open_gap, 1.0) for mean in means)
    rows = []
    alphas = np.array([
        np.concatenate([member.under(name).alphas for member in world.members]) for name in world.networks
    ])  # fmt: skip
    most = np.minimum(alphas * (len(world.ground.years) - 1) / open_gap, 1.0)
    series = [name for member in world.members for name in member.series]
    for at in np.flatnonzero(gap > 0):
        kinds = [_kind(*triple) for triple in zip(closed[:, at], double[:, at], most[:, at], strict=True)]
        kind = _kind(closed[:, at].mean(), double[:, at].mean(), most[:, at].mean())
        ground = world.ground
        rows.append((
            ground.indicator_members[at], series[at], ground.goals[at], ground.start[at], world.gaps.target[at],
            closed[:, at].mean(), double[:, at].mean(), most[:, at].mean(), kind, np.mean([k == kind for k in kinds]),
            TINY_GAP if gap[at] < TINY else "", "M",
        ))  # fmt: skip
    return pl.DataFrame(rows, schema=BOTTLENECKS, orient="row")


def _kind(closed: float, double: float, most: float) -> str:
    if closed >= 0.95:
        return "on_course"
    if most < 0.5:
        return "structural"
    return "money" if double - closed >= MATTERS else "slow"


def accelerators(
    world: StackedWorld,
    *,
    member: str | None = None,
    drawn: Mapping[str, float] = MIDDLE,
    runs: int = 256,
    seed: int = 0,
) -> pl.DataFrame:
    """What a quarter more money for one programme does for its own goal, for the member's others, and abroad.

    Args:
        world: the members.
        member: whose programmes; all where none is named.
        drawn: the uncertain numbers.
        runs: under each network.
        seed: of the runs.

    Returns:
        ``member, programme``; ``money``: what it adds as a share of the member's money; gains in share of gap closed:
        ``own`` (its goal), ``elsewhere`` (mean of the member's other goals), ``abroad`` (mean of the other members);
        ``low, high``: 95 % interval of ``elsewhere`` over runs; ``nature``. Most elsewhere first.

    Raises:
        UnknownName: no such member.
    """
    codes = [one.code for one in world.members]
    if member is not None and member not in codes:
        raise UnknownName("member", member, codes, "the plan")
    cells, weights = world.gaps.weights()
    money = world.money.leaning(drawn[SHARES])
    base = _closed(world, money, weights, drawn, runs, seed)
    rows = []
    for k, (code, programme) in enumerate(zip(world.money.members, world.money.programmes, strict=True)):
        if member is not None and code != member:
            continue
        budget = money.copy()
        budget[k] *= MORE
        gain = _closed(world, budget, weights, drawn, runs, seed) - base
        added = (budget[k] - money[k]).sum() / money[world.money.blocks[code]].sum()
        rows.append((code, programme, added, *_gains(cells, gain, code, programme), "M"))
    order = {code: n for n, code in enumerate(codes)}
    return pl.DataFrame(rows, schema=ACCELERATORS, orient="row").sort(
        pl.col("member").replace_strict(order), "elsewhere", "programme", descending=[False, True, False]
    )


def _closed(
    world: StackedWorld, budget: Floats, weights: Floats, drawn: Mapping[str, float], runs: int, seed: int
) -> Floats:
    """Shares closed, networks one after the other, shape ``(networks x runs, cells)``."""
    found = levels(world, budget, drawn, runs=runs, seed=seed)
    return np.concatenate([world.gaps.closed(part, weights) for part in found])


def _gains(cells: Sequence[tuple[str, str]], gain: Floats, code: str, goal: str) -> tuple[float, ...]:
    own = [at for at, cell in enumerate(cells) if cell == (code, goal)]
    others = [at for at, (one, other) in enumerate(cells) if one == code and other not in ("", goal)]
    abroad = [at for at, (one, other) in enumerate(cells) if one != code and other == ""]
    parts = [gain[:, at].mean(axis=1) if at else np.zeros(len(gain)) for at in (own, others, abroad)]
    half = 1.96 * float(parts[1].std(ddof=1)) / np.sqrt(len(gain)) if len(gain) > 1 else 0.0
    middle_gain = float(parts[1].mean())
    return float(parts[0].mean()), middle_gain, float(parts[2].mean()), middle_gain - half, middle_gain + half

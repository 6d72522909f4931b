"""The compiled law: many runs of one or several linked countries, advancing together in lanes.

What goes in are the named tuples of this module, all arrays C-contiguous, countries stacked one after the other:

``Law`` (what is calibrated; C countries, N indicators, n instrumental ones, K programmes, E links within a country)
    ``keys`` (C,) uint64: what a country's random numbers hang on beside seed and run: its *name*, not its place, so
    that a country has the same luck alone, among others, or after one of the others is suspended.
    ``indicators``, ``instruments``, ``programmes`` (C+1,): where each country's part of the arrays begins and ends.
    ``start, alpha, alpha_prime, beta, floor, ceiling`` (N,), the bounds -inf and inf where there are none;
    ``fixed`` (N,): growth probability of the frontier, NaN where it is endogenous.
    ``instrument`` (N,): position among the instrumental indicators, -1 for collateral ones.
    ``indicator`` (n,): the way back. ``qm, rl, power`` (n,): monitoring, rule of law, modulation (``bs``);
    ``qm_at, rl_at`` (n,): the indicator whose level stands for them, -1 where the number holds.
    ``gap`` (n,): weight of the first allocation, NaN to draw it.
    ``members_start`` (K+1,), ``members``: instrumental indicators of each programme.
    ``into`` (N+1,), ``origin`` (E,), ``weight`` (E,): links into each indicator within its country (by destination).
    ``across_into`` (N+1,), ``across_origin``, ``across_weight``, ``across_link`` (L,): links into each indicator from
    indicators of other countries, and the row of ``capacity`` that each obeys.
    ``budget`` (K, T): money of each programme, in its own unit. ``slack`` (C,): the constant added to all money spent
    where contributions are set against it. ``cap`` (1,): largest growth probability reported, 1.
``Forcing`` (what a shock touches; all ones, and zeros for the shift, where there is none)
    ``capacity`` (L, T) in [0, 1] of each link across borders;
    ``money`` (K, T) multiplies a programme's budget; ``growth`` (N, T) multiplies growth probabilities before they are
    capped at 1; ``shift`` (N, T) is added to the level reached in the step of that period, before it is clipped.
``Keep`` (what comes out; arrays with no runs are not written)
    paths ``I, S, gamma`` (runs, N, T) and ``C, F, P`` (runs, n, T); ``final`` (runs, N), the level of the last period;
    ``rate`` (runs, N), the mean growth probability over the periods; ``total, squares`` (N, T), sums over the runs of
    the change of the level since the start and of its square; ``rates`` (N,), the sum of ``rate``.

Column t holds the level at the start of period t (column 0 is ``start``), the money spent in t, and the probability of
growth from t to t + 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from serai.kernels import entrance, part
from serai.plan._lanes import Floats, Ints, Words, draw, seed_streams
from serai.plan._rows import (
    act,
    add_product,
    add_scaled,
    add_size,
    begin_level,
    change_since,
    copy,
    divided,
    fill,
    grow,
    inverse,
    largest,
    monitor,
    note_final,
    note_rise,
    note_rows,
    probabilities,
    push_collateral,
    push_instrumental,
    remember,
    renew,
    reward,
    rise,
    rise_alone,
    rise_fixed,
    sum_of,
    times,
    weigh,
)

FALSE: int = np.int64(0)  # type: ignore[assignment]
TRUE: int = np.int64(1)  # type: ignore[assignment]
"""Marks; written as plain numbers the compiler would make a kernel for each of them."""


class Law(NamedTuple):
    """Countries one after the other; see the head of this module."""

    keys: Words
    indicators: Ints
    instruments: Ints
    programmes: Ints
    start: Floats
    alpha: Floats
    alpha_prime: Floats
    beta: Floats
    floor: Floats
    ceiling: Floats
    fixed: Floats
    instrument: Ints
    indicator: Ints
    qm: Floats
    rl: Floats
    power: Floats
    qm_at: Ints
    rl_at: Ints
    gap: Floats
    members_start: Ints
    members: Ints
    into: Ints
    origin: Ints
    weight: Floats
    across_into: Ints
    across_origin: Ints
    across_weight: Floats
    across_link: Ints
    budget: Floats
    slack: Floats
    cap: Floats


class Forcing(NamedTuple):
    """What shocks do, period by period; see the head of this module."""

    capacity: Floats
    money: Floats
    growth: Floats
    shift: Floats


class Keep(NamedTuple):
    """What is kept; see the head of this module."""

    I: Floats  # noqa: E741 - the names of the field
    S: Floats
    gamma: Floats
    C: Floats
    F: Floats
    P: Floats
    final: Floats
    rate: Floats
    total: Floats
    squares: Floats
    rates: Floats


class State(NamedTuple):
    """Room for the runs of one block; (rows, lanes) each."""

    level: Floats
    rose: Floats
    moved: Floats
    """Change of each instrumental indicator in the last step."""
    action: Floats
    step: Floats
    """Last change of the action: its sign and size are what an official remembers."""
    benefit: Floats
    gained: Floats
    """Last change of the benefit."""
    share: Floats
    """Of the allocation, what is turned into contribution."""
    allocation: Floats
    spotted: Floats
    checks: Floats
    propensity: Floats
    spill: Floats
    rate: Floats
    random: Words
    """(4 C, lanes)."""


class Rows(NamedTuple):
    """Working rows, (lanes,) each."""

    u: Floats
    v: Floats
    weight: Floats
    quality: Floats
    law: Floats
    caught: Floats
    most: Floats
    """Largest allocation of a country; one row a country: (C, lanes)."""
    turmoil: Floats
    """Sum of absolute changes of a country's instrumental indicators; (C, lanes)."""
    contributed: Floats


def room(law: Law, lanes: int) -> tuple[State, Rows]:
    """Room for one block."""
    N, n, C = law.start.size, law.indicator.size, law.keys.size
    state = State(
        np.zeros((N, lanes)), np.zeros((N, lanes)), np.zeros((n, lanes)), np.zeros((n, lanes)), np.zeros((n, lanes)),
        np.zeros((n, lanes)), np.zeros((n, lanes)), np.zeros((n, lanes)), np.zeros((n, lanes)), np.zeros((n, lanes)),
        np.zeros((n, lanes)), np.zeros((n, lanes)), np.zeros((N, lanes)), np.zeros((N, lanes)),
        np.zeros((4 * C, lanes), dtype=np.uint64),
    )  # fmt: skip
    rows = Rows(
        np.zeros(lanes), np.zeros(lanes), np.zeros(lanes), np.zeros(lanes), np.zeros(lanes), np.zeros(lanes),
        np.zeros((C, lanes)), np.zeros((C, lanes)), np.zeros(lanes),
    )  # fmt: skip
    return state, rows


@part
def begin(law: Law, forcing: Forcing, state: State, rows: Rows, seed: np.uint64, first_run: int) -> None:
    """The state before the first period. Every number is drawn, used or not: streams of one seed stay in step."""
    lanes = rows.u.size
    for j in range(law.start.size):
        fill(state.rate[j], 0.0)
    for c in range(law.keys.size):
        random = state.random[4 * c : 4 * c + 4]
        seed_streams(random, law.keys[c], seed, first_run)
        fill(rows.turmoil[c], 0.0)
        for j in range(law.indicators[c], law.indicators[c + 1]):
            draw(random, rows.u, lanes)
            begin_level(law.start[j], rows.u, state.level[j], state.rose[j])
            if law.instrument[j] >= 0:
                moved = state.moved[law.instrument[j]]
                for lane in range(lanes):
                    moved[lane] = law.start[j] - rows.u[lane]
                    rows.turmoil[c, lane] += abs(moved[lane])
        for i in range(law.instruments[c], law.instruments[c + 1]):
            draw(random, state.propensity[i], lanes)
            if not np.isnan(law.gap[i]):
                fill(state.propensity[i], law.gap[i])
            begin_official(random, rows, state.action[i], state.step[i], lanes)
            begin_official(random, rows, state.benefit[i], state.gained[i], lanes)
            for lane in range(lanes):
                state.action[i, lane] -= 0.5
            fill(state.spotted[i], 1.0)
            fill(state.checks[i], 1.0)
        allocate(law, forcing, state, rows, c, FALSE, TRUE)
        for i in range(law.instruments[c], law.instruments[c + 1]):
            copy(state.allocation[i], state.propensity[i])


@part
def begin_official(random: Words, rows: Rows, now: Floats, change: Floats, lanes: int) -> None:
    """A quantity and its last change, from two uniform numbers."""
    draw(random, now, lanes)
    draw(random, rows.v, lanes)
    for lane in range(lanes):
        change[lane] = now[lane] - rows.v[lane]


@part
def allocate(law: Law, forcing: Forcing, state: State, rows: Rows, c: int, t: int, first_time: int) -> None:
    """Spend period t's money of country c: each programme's budget by (modulated) propensity over its indicators."""
    first, last = law.instruments[c], law.instruments[c + 1]
    for i in range(first, last):
        fill(state.allocation[i], 0.0)
    for k in range(law.programmes[c], law.programmes[c + 1]):
        money = law.budget[k, t] * forcing.money[k, t]
        fill(rows.quality, 0.0)
        for m in range(law.members_start[k], law.members_start[k + 1]):
            add_scaled(state.propensity[law.members[m]], 1.0, rows.quality)
        if first_time == TRUE or unmodulated(law, k):
            divided(money, rows.quality, rows.v)
            for m in range(law.members_start[k], law.members_start[k + 1]):
                add_product(state.propensity[law.members[m]], rows.v, state.allocation[law.members[m]])
        else:
            spend_modulated(law, state, rows, k, money)
    fill(rows.most[c], 0.0)
    for i in range(first, last):
        largest(state.allocation[i], rows.most[c])


@part
def unmodulated(law: Law, k: int) -> bool:
    """Whether no indicator of a programme is modulated."""
    for m in range(law.members_start[k], law.members_start[k + 1]):  # noqa: SIM110 - compiled: no generators
        if law.power[law.members[m]] != 1.0:
            return False
    return True


@part
def spend_modulated(law: Law, state: State, rows: Rows, k: int, money: float) -> None:
    """A programme's budget by the shares of its propensities (their sum in ``quality``), modulated."""
    fill(rows.weight, 0.0)
    for m in range(law.members_start[k], law.members_start[k + 1]):
        weigh(state.propensity[law.members[m]], rows.quality, law.power[law.members[m]], rows.u)
        add_scaled(rows.u, 1.0, rows.weight)
    divided(money, rows.weight, rows.v)
    for m in range(law.members_start[k], law.members_start[k + 1]):
        weigh(state.propensity[law.members[m]], rows.quality, law.power[law.members[m]], rows.u)
        add_product(rows.u, rows.v, state.allocation[law.members[m]])


@part
def officials(law: Law, state: State, rows: Rows, c: int, lanes: int) -> None:
    """Actions, contributions and monitoring of a country's officials in one period."""
    random = state.random[4 * c : 4 * c + 4]
    fill(rows.contributed, 0.0)
    inverse(rows.turmoil[c], rows.law)
    for i in range(law.instruments[c], law.instruments[c + 1]):
        share = state.share[i]
        act(state.gained[i], state.step[i], state.action[i], share)
        add_product(state.allocation[i], share, rows.contributed)
        draw(random, rows.u, lanes)
        if law.qm_at[i] < 0:
            monitor(rows.u, state.allocation[i], share, rows.most[c], law.qm[i], rows.caught)
        else:
            times(state.allocation[i], state.level[law.qm_at[i]], rows.v)
            monitor(rows.u, rows.v, share, rows.most[c], 1.0, rows.caught)
        remember(rows.caught, share, state.spotted[i], state.checks[i])
        if law.rl_at[i] < 0:
            reward(state.moved[i], rows.law, share, rows.caught, law.rl[i], rows.u)
        else:
            times(rows.caught, state.level[law.rl_at[i]], rows.v)
            reward(state.moved[i], rows.law, share, rows.v, 1.0, rows.u)
        renew(rows.u, state.benefit[i], state.gained[i])


@part
def spillovers(law: Law, forcing: Forcing, state: State, t: int) -> None:
    """S of every indicator: weights of what rose, within the country and across borders as far as these let through."""
    for j in range(law.start.size):
        spill = state.spill[j]
        if law.into[j + 1] > law.into[j] or law.across_into[j + 1] > law.across_into[j]:
            fill(spill, 0.0)
        for e in range(law.into[j], law.into[j + 1]):
            add_scaled(state.rose[law.origin[e]], law.weight[e], spill)
        for e in range(law.across_into[j], law.across_into[j + 1]):
            add_scaled(
                state.rose[law.across_origin[e]], law.across_weight[e] * forcing.capacity[law.across_link[e], t], spill
            )


@part
def pushes(law: Law, forcing: Forcing, state: State, rows: Rows, c: int, j: int, t: int, spent: float) -> None:
    """The growth probability before spillovers, into ``weight``."""
    factor, scale, i = law.beta[j] * forcing.growth[j, t], 1.0 / (spent + law.slack[c]), law.instrument[j]
    if i >= 0:
        push_instrumental(rows.contributed, state.allocation[i], state.share[i], scale, factor, rows.weight)
    else:
        push_collateral(rows.contributed, scale, factor, rows.weight)


@part
def growth(
    law: Law, forcing: Forcing, keep: Keep, state: State, rows: Rows, c: int, t: int, paid: int, block: int, used: int
) -> None:
    """The indicators of country c go up or down in period t."""
    lanes = rows.u.size
    random, spent = state.random[4 * c : 4 * c + 4], 0.0
    for k in range(law.programmes[c], law.programmes[c + 1]):
        spent += law.budget[k, paid] * forcing.money[k, paid]
    fill(rows.turmoil[c], 0.0)
    for j in range(law.indicators[c], law.indicators[c + 1]):
        alone = law.into[j + 1] == law.into[j] and law.across_into[j + 1] == law.across_into[j]
        fixed, i = law.fixed[j] * forcing.growth[j, t], law.instrument[j]
        up, down = law.alpha[j] + forcing.shift[j, t], forcing.shift[j, t] - law.alpha_prime[j]
        level, moved = state.level[j], rows.quality if i < 0 else state.moved[i]
        draw(random, rows.u, lanes)
        if not np.isnan(fixed):
            rise_fixed(rows.u, fixed, level, moved, up, down, law.floor[j], law.ceiling[j])
        else:
            pushes(law, forcing, state, rows, c, j, t, spent)
            if alone:
                rise_alone(rows.u, rows.weight, level, moved, up, down, law.floor[j], law.ceiling[j])
            else:
                rise(rows.u, rows.weight, state.spill[j], level, moved, up, down, law.floor[j], law.ceiling[j])
        note_rise(moved, state.rose[j])
        if i >= 0:
            add_size(moved, rows.turmoil[c])
        note_gamma(law.cap[0], keep, state, rows, fixed, j, t, block, used)


@part
def note_gamma(
    cap: float, keep: Keep, state: State, rows: Rows, fixed: float, j: int, t: int, block: int, used: int
) -> None:
    """Keep the growth probability where it is wanted."""
    path, sums = keep.gamma.shape[0] > 0, keep.rate.shape[0] > 0 or keep.rates.size > 0
    if not (path or sums):
        return
    if np.isnan(fixed):
        probabilities(rows.weight, state.spill[j], cap, rows.law)
    else:
        fill(rows.law, min(fixed, cap))
    if sums:
        add_scaled(rows.law, 1.0, state.rate[j])
    if path:
        for lane in range(used):
            keep.gamma[block + lane, j, t] = rows.law[lane]


@part
def propensities(law: Law, state: State, rows: Rows, c: int, lanes: int) -> None:
    """Propensities grow by chance and by the mean inefficiency found out."""
    random = state.random[4 * c : 4 * c + 4]
    for i in range(law.instruments[c], law.instruments[c + 1]):
        draw(random, rows.u, lanes)
        grow(rows.u, state.spotted[i], state.checks[i], state.propensity[i])


@part
def note_sums(start: Floats, keep: Keep, state: State, rows: Rows, t: int, used: int) -> None:
    """Sums over runs of the change since the start and of its square, where they are wanted."""
    if keep.total.size == 0:
        return
    for j in range(state.level.shape[0]):
        change_since(start[j], state.level[j], rows.u, rows.v)
        keep.total[j, t] += sum_of(rows.u, used)
        keep.squares[j, t] += sum_of(rows.v, used)


@part
def note_rates(keep: Keep, rate: Floats, periods: int, block: int, used: int) -> None:
    """Keep mean growth probabilities, where they are wanted."""
    for j in range(rate.shape[0]):
        if keep.rate.shape[0] > 0:
            for lane in range(used):
                keep.rate[block + lane, j] = rate[j, lane] / periods
        if keep.rates.size > 0:
            keep.rates[j] += sum_of(rate[j], used) / periods


def advance(
    law: Law, forcing: Forcing, keep: Keep, seed: np.uint64, first_run: int, runs: int, lanes: int, late: int
) -> None:
    """Runs ``first_run`` to ``first_run + runs`` in blocks of ``lanes``; what is wanted lands in ``keep``.

    ``late`` is 1 where budgets act a period late and the last is never spent, as in the reference, else 0.
    """
    state, rows = room(law, lanes)
    run(law, forcing, keep, state, rows, seed, first_run, runs, late)


@entrance
def run(
    law: Law,
    forcing: Forcing,
    keep: Keep,
    state: State,
    rows: Rows,
    seed: np.uint64,
    first_run: int,
    runs: int,
    late: int,
) -> None:
    """The law itself: blocks of runs, their periods, the countries in each."""
    lanes = rows.u.size
    periods = law.budget.shape[1]
    for block in range(0, runs, lanes):
        used = min(lanes, runs - block)
        begin(law, forcing, state, rows, seed, first_run + block)
        for t in range(periods):
            paid = max(t - late, 0)
            spillovers(law, forcing, state, t)
            note_rows(keep.I, state.level, t, block, used)
            note_sums(law.start, keep, state, rows, t, used)
            note_rows(keep.P, state.allocation, t, block, used)
            note_rows(keep.F, state.benefit, t, block, used)
            note_rows(keep.S, state.spill, t, block, used)
            if t == periods - 1:
                note_final(keep.final, state.level, block, used)
            for c in range(law.keys.size):
                officials(law, state, rows, c, lanes)
                growth(law, forcing, keep, state, rows, c, t, paid, block, used)
                propensities(law, state, rows, c, lanes)
                note_contributions(law, keep.C, state, c, t, block, used)
                if t < periods - 1:
                    allocate(law, forcing, state, rows, c, t + 1 - late, FALSE)
        note_rates(keep, state.rate, periods, block, used)


@part
def note_contributions(law: Law, path: Floats, state: State, c: int, t: int, block: int, used: int) -> None:
    """Keep the contributions of period t, where they are wanted."""
    if path.shape[0] == 0:
        return
    for i in range(law.instruments[c], law.instruments[c + 1]):
        for lane in range(used):
            path[block + lane, i, t] = state.allocation[i, lane] * state.share[i, lane]

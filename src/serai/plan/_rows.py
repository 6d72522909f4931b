"""The arithmetic of the model on rows: one quantity of one indicator, for all runs that advance together.

Each loop touches few rows, so that the compiler can tell that they do not overlap; see :mod:`serai.plan._lanes`.
"""

from __future__ import annotations

from serai.plan._lanes import Floats, compiled, exp_ratio, log_of


@compiled
def fill(row: Floats, value: float) -> None:
    """Every lane the same (a loop: assigning to a slice checks for overlap each time)."""
    for lane in range(row.size):
        row[lane] = value


@compiled
def copy(row: Floats, into: Floats) -> None:
    """One row's numbers in another."""
    for lane in range(row.size):
        into[lane] = row[lane]


@compiled
def begin_level(start: float, before: Floats, level: Floats, rose: Floats) -> None:
    """Levels at the start, and whether they are above their (random) predecessor."""
    for lane in range(level.size):
        level[lane] = start
        rose[lane] = 1.0 if start > before[lane] else 0.0


@compiled
def spend(weight: Floats, money: Floats, allocation: Floats) -> None:
    """Add a programme's money for one indicator."""
    for lane in range(weight.size):
        allocation[lane] += weight[lane] * money[lane]


@compiled
def largest(row: Floats, most: Floats) -> None:
    """Keep the larger of each lane."""
    for lane in range(row.size):
        most[lane] = max(most[lane], row[lane])


@compiled
def weigh(propensity: Floats, among: Floats, power: float, weight: Floats) -> None:
    """The share of a propensity ``among`` those of its programme, to the power of its modulation."""
    if power == 1.0:
        for lane in range(weight.size):
            weight[lane] = propensity[lane] / among[lane]
        return
    for lane in range(weight.size):
        over, under = exp_ratio(power * log_of(propensity[lane] / among[lane]))
        weight[lane] = over / under


@compiled
def act(gained: Floats, step: Floats, action: Floats, share: Floats) -> None:
    """An official moves on in the direction that paid, by as much as the benefit changed; else as last time."""
    for lane in range(gained.size):
        product = gained[lane] * step[lane]
        size = abs(gained[lane]) if gained[lane] != 0.0 else abs(step[lane])
        back = (product < 0.0) | ((product == 0.0) & (step[lane] < 0.0))
        step[lane] = -size if back else size
        action[lane] += step[lane]
    for lane in range(gained.size):
        over, under = exp_ratio(-action[lane])
        share[lane] = under / (under + over)


@compiled
def add_product(a: Floats, b: Floats, total: Floats) -> None:
    """total += a b."""
    for lane in range(a.size):
        total[lane] += a[lane] * b[lane]


@compiled
def monitor(u: Floats, allocation: Floats, share: Floats, quality: Floats, most: Floats, caught: Floats) -> None:
    """Whether what is not turned into contribution is found out: more likely where more is spent and more is lost."""
    for lane in range(u.size):
        chance = quality[lane] * allocation[lane] * (1.0 - share[lane])
        caught[lane] = 1.0 if u[lane] * most[lane] < chance else 0.0


@compiled
def remember(caught: Floats, share: Floats, spotted: Floats, checks: Floats) -> None:
    """The memory of inefficiencies found out, and of how often."""
    for lane in range(caught.size):
        spotted[lane] += caught[lane] * (1.0 - share[lane])
        checks[lane] += caught[lane]


@compiled
def reward(moved: Floats, turmoil: Floats, share: Floats, punished: Floats, new: Floats) -> None:
    """The benefit of an official: part in the progress seen, and what was kept less the fine."""
    for lane in range(moved.size):
        part = moved[lane] / turmoil[lane] if turmoil[lane] > 0.0 else 0.0
        new[lane] = part * share[lane] + (1.0 - punished[lane]) * (1.0 - share[lane])


@compiled
def renew(new: Floats, benefit: Floats, gained: Floats) -> None:
    """The new benefit takes the place of the old; the change is remembered."""
    for lane in range(new.size):
        gained[lane] = new[lane] - benefit[lane]
        benefit[lane] = new[lane]


@compiled
def times(a: Floats, b: Floats, product: Floats) -> None:
    """product = a b."""
    for lane in range(a.size):
        product[lane] = a[lane] * b[lane]


@compiled
def add_scaled(row: Floats, factor: float, total: Floats) -> None:
    """total += factor row."""
    for lane in range(row.size):
        total[lane] += factor * row[lane]


@compiled
def succeed(u: Floats, push: Floats, spill: Floats, succeeded: Floats) -> None:
    """u < push / (1 + exp(-S)), without the division."""
    for lane in range(u.size):
        over, under = exp_ratio(-spill[lane])
        succeeded[lane] = 1.0 if u[lane] * (under + over) < push[lane] * under else 0.0


@compiled
def succeed_alone(u: Floats, push: Floats, succeeded: Floats) -> None:
    """The same where nothing spills over: exp(0) is 1."""
    for lane in range(u.size):
        succeeded[lane] = 1.0 if u[lane] * 2.0 < push[lane] else 0.0


@compiled
def succeed_fixed(u: Floats, probability: float, succeeded: Floats) -> None:
    """The frontier: a probability that nothing changes."""
    for lane in range(u.size):
        succeeded[lane] = 1.0 if u[lane] < probability else 0.0


@compiled
def probabilities(push: Floats, spill: Floats, cap: float, gamma: Floats) -> None:
    """The growth probability itself."""
    for lane in range(push.size):
        over, under = exp_ratio(-spill[lane])
        gamma[lane] = min(push[lane] * under / (under + over), cap)


@compiled
def move(level: Floats, succeeded: Floats, up: float, down: float, low: float, high: float, new: Floats) -> None:
    """The level after growth or fall, within its bounds."""
    for lane in range(level.size):
        new[lane] = min(max(level[lane] + (up if succeeded[lane] > 0.0 else down), low), high)


@compiled
def settle(new: Floats, level: Floats, rose: Floats, moved: Floats) -> None:
    """The new level takes the place of the old; whether and by how much it rose is remembered."""
    for lane in range(new.size):
        change = new[lane] - level[lane]
        moved[lane] = change
        rose[lane] = 1.0 if change > 0.0 else 0.0
        level[lane] = new[lane]


@compiled
def add_size(row: Floats, total: Floats) -> None:
    """total += |row|."""
    for lane in range(row.size):
        total[lane] += abs(row[lane])


@compiled
def grow(u: Floats, spotted: Floats, checks: Floats, propensity: Floats) -> None:
    """P0 += U H / HC."""
    for lane in range(u.size):
        propensity[lane] += u[lane] * spotted[lane] / checks[lane]


@compiled
def note_rows(path: Floats, rows: Floats, t: int, block: int, used: int) -> None:
    """Keep period t of a path, where it is wanted."""
    if path.shape[0] == 0:
        return
    for row in range(rows.shape[0]):
        for lane in range(used):
            path[block + lane, row, t] = rows[row, lane]


@compiled
def note_final(final: Floats, level: Floats, block: int, used: int) -> None:
    """Keep the levels of the last period, where they are wanted."""
    if final.shape[0] == 0:
        return
    for j in range(level.shape[0]):
        for lane in range(used):
            final[block + lane, j] = level[j, lane]

"""The arithmetic of the model on rows: one quantity of one indicator, for all runs that advance together.

Each loop touches few rows, so that the compiler can tell that they do not overlap; see :mod:`serai.plan._lanes`.
"""

from __future__ import annotations

from serai.kernels import inlined, part
from serai.plan._lanes import Floats, exp_ratio, log_of


@part
def fill(row: Floats, value: float) -> None:
    """Every lane the same (a loop: assigning to a slice checks for overlap each time)."""
    for lane in range(row.size):
        row[lane] = value


@part
def copy(row: Floats, into: Floats) -> None:
    """One row's numbers in another."""
    for lane in range(row.size):
        into[lane] = row[lane]


@part
def begin_level(start: float, before: Floats, level: Floats, rose: Floats) -> None:
    """Levels at the start, and whether they are above their (random) predecessor."""
    for lane in range(level.size):
        level[lane] = start
        rose[lane] = 1.0 if start > before[lane] else 0.0


@part
def divided(a: float, row: Floats, into: Floats) -> None:
    """a / row."""
    for lane in range(row.size):
        into[lane] = a / row[lane]


@part
def largest(row: Floats, most: Floats) -> None:
    """Keep the larger of each lane."""
    for lane in range(row.size):
        most[lane] = max(most[lane], row[lane])


@part
def weigh(propensity: Floats, among: Floats, power: float, weight: Floats) -> None:
    """The share of a propensity ``among`` those of its programme, to the power of its modulation."""
    if power == 1.0:
        for lane in range(weight.size):
            weight[lane] = propensity[lane] / among[lane]
        return
    for lane in range(weight.size):
        over, under = exp_ratio(power * log_of(propensity[lane] / among[lane]))
        weight[lane] = over / under


@part
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


@part
def add_product(a: Floats, b: Floats, total: Floats) -> None:
    """total += a b."""
    for lane in range(a.size):
        total[lane] += a[lane] * b[lane]


@part
def remember(caught: Floats, share: Floats, spotted: Floats, checks: Floats) -> None:
    """The memory of inefficiencies found out, and of how often."""
    for lane in range(caught.size):
        spotted[lane] += caught[lane] * (1.0 - share[lane])
        checks[lane] += caught[lane]


@part
def renew(new: Floats, benefit: Floats, gained: Floats) -> None:
    """The new benefit takes the place of the old; the change is remembered."""
    for lane in range(new.size):
        gained[lane] = new[lane] - benefit[lane]
        benefit[lane] = new[lane]


@part
def times(a: Floats, b: Floats, product: Floats) -> None:
    """product = a b."""
    for lane in range(a.size):
        product[lane] = a[lane] * b[lane]


@part
def add_scaled(row: Floats, factor: float, total: Floats) -> None:
    """total += factor row."""
    for lane in range(row.size):
        total[lane] += factor * row[lane]


@part
def probabilities(push: Floats, spill: Floats, cap: float, gamma: Floats) -> None:
    """The growth probability itself."""
    for lane in range(push.size):
        over, under = exp_ratio(-spill[lane])
        gamma[lane] = min(push[lane] * under / (under + over), cap)


@part
def grow(u: Floats, spotted: Floats, checks: Floats, propensity: Floats) -> None:
    """P0 += U H / HC."""
    for lane in range(u.size):
        propensity[lane] += u[lane] * spotted[lane] / checks[lane]


@part
def note_rows(path: Floats, rows: Floats, t: int, block: int, used: int) -> None:
    """Keep period t of a path, where it is wanted."""
    if path.shape[0] == 0:
        return
    for row in range(rows.shape[0]):
        for lane in range(used):
            path[block + lane, row, t] = rows[row, lane]


@part
def note_final(final: Floats, level: Floats, block: int, used: int) -> None:
    """Keep the levels of the last period, where they are wanted."""
    if final.shape[0] == 0:
        return
    for j in range(level.shape[0]):
        for lane in range(used):
            final[block + lane, j] = level[j, lane]


@part
def monitor(u: Floats, allocation: Floats, share: Floats, most: Floats, quality: float, caught: Floats) -> None:
    """Whether what is not turned into contribution is found out: more likely where more is spent and more is lost."""
    for lane in range(u.size):
        chance = quality * allocation[lane] * (1.0 - share[lane])
        caught[lane] = 1.0 if u[lane] * most[lane] < chance else 0.0


@part
def inverse(row: Floats, into: Floats) -> None:
    """1 / row, 0 where it is 0."""
    for lane in range(row.size):
        into[lane] = 1.0 / row[lane] if row[lane] > 0.0 else 0.0


@part
def reward(moved: Floats, per_turmoil: Floats, share: Floats, caught: Floats, law: float, new: Floats) -> None:
    """The benefit of an official: part in the progress seen, and what was kept less the fine."""
    for lane in range(moved.size):
        part = moved[lane] * per_turmoil[lane]
        new[lane] = part * share[lane] + (1.0 - caught[lane] * law) * (1.0 - share[lane])


@part
def push_collateral(contributed: Floats, scale: float, factor: float, push: Floats) -> None:
    """The growth probability before spillovers of an indicator that no money is spent on."""
    for lane in range(push.size):
        push[lane] = contributed[lane] * scale * factor


@part
def push_instrumental(
    contributed: Floats, allocation: Floats, share: Floats, scale: float, factor: float, push: Floats
) -> None:
    """The growth probability before spillovers of one that contributes itself."""
    for lane in range(push.size):
        push[lane] = (contributed[lane] * scale + allocation[lane] * share[lane]) * factor


@inlined
def after(level: float, rises: bool, up: float, down: float, low: float, high: float) -> float:
    """A level after its growth or fall, within its bounds."""
    return min(max(level + (up if rises else down), low), high)


@part
def rise(
    u: Floats,
    push: Floats,
    spill: Floats,
    level: Floats,
    moved: Floats,
    up: float,
    down: float,
    low: float,
    high: float,
) -> None:
    """Growth where u < push / (1 + exp(-S)), without the division, else a fall."""
    for lane in range(u.size):
        over, under = exp_ratio(-spill[lane])
        new = after(level[lane], u[lane] * (under + over) < push[lane] * under, up, down, low, high)
        moved[lane] = new - level[lane]
        level[lane] = new


@part
def rise_alone(
    u: Floats, push: Floats, level: Floats, moved: Floats, up: float, down: float, low: float, high: float
) -> None:
    """The same where nothing spills over: exp(0) is 1."""
    for lane in range(u.size):
        new = after(level[lane], u[lane] * 2.0 < push[lane], up, down, low, high)
        moved[lane] = new - level[lane]
        level[lane] = new


@part
def rise_fixed(
    u: Floats, probability: float, level: Floats, moved: Floats, up: float, down: float, low: float, high: float
) -> None:
    """Growth with a probability that nothing changes: the frontier."""
    for lane in range(u.size):
        new = after(level[lane], u[lane] < probability, up, down, low, high)
        moved[lane] = new - level[lane]
        level[lane] = new


@part
def note_rise(moved: Floats, rose: Floats) -> None:
    """Whether a level rose."""
    for lane in range(moved.size):
        rose[lane] = 1.0 if moved[lane] > 0.0 else 0.0


@part
def add_size(row: Floats, total: Floats) -> None:
    """total += |row|."""
    for lane in range(row.size):
        total[lane] += abs(row[lane])


@part
def sum_of(row: Floats, used: int) -> float:
    """Sum of the first lanes, in four threads: one addition need not wait for the last."""
    a, b, c, d = 0.0, 0.0, 0.0, 0.0
    even = used - used % 4
    for lane in range(0, even, 4):
        a += row[lane]
        b += row[lane + 1]
        c += row[lane + 2]
        d += row[lane + 3]
    for lane in range(even, used):
        a += row[lane]
    return (a + b) + (c + d)


@part
def change_since(start: float, level: Floats, change: Floats, square: Floats) -> None:
    """The change of a level since the start, and its square."""
    for lane in range(level.size):
        change[lane] = level[lane] - start
        square[lane] = change[lane] * change[lane]

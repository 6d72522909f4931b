"""Turning what a user gives into the validated parts of a model; nothing is repaired, everything wrong is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from serai.plan._faults import Faults
from serai.plan._lanes import Floats, Ints

PERIODS = 50
"""Periods where neither a budget nor ``T`` says how many (the reference's default)."""
MONEY = 100.0
"""The mean budget of a period in the model's own money: the reference's default budget."""
HALF = 0.5
"""Quality of monitoring and rule of law where none is given (the reference's default)."""


def checked(given: dict[str, Any]) -> dict[str, Any]:
    """Fields of a :class:`serai.plan.model.Model` from the arguments of its ``build``.

    Raises:
        InputError: something is wrong; all of it is said.
    """
    faults = Faults(str(given["name"]))
    start = faults.floats("I0", given["I0"])
    if start is not None and (start.ndim != 1 or not start.size):
        faults.add(f"I0 has shape {start.shape}", "give one level for each indicator, and at least one")
        start = None
    if start is None:
        faults.done()
        raise AssertionError  # done() has raised
    names = named(faults, given["indicators"], start.size)
    parts: dict[str, Any] = {"name": faults.name, "indicators": names}
    parts |= levels(faults, given, start.size, names)
    parts["A"] = network(faults, given["A"], start.size, names)
    parts["R"] = instrumental(faults, given["R"], start.size)
    faults.done()
    parts |= officials(faults, given, parts["R"])
    parts |= spending(faults, given, parts["R"], names)
    faults.done()
    check_levels(faults, parts, names)
    faults.done()
    for value in parts.values():
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return parts


def named(faults: Faults, names: Sequence[str] | None, size: int) -> tuple[str, ...]:
    """Names of the indicators; by default their positions."""
    if names is None:
        return tuple(str(position) for position in range(size))
    own = tuple(str(name) for name in names)
    if len(own) != size or len(set(own)) != size:
        faults.add(f"{len(own)} names ({len(set(own))} different) for {size} indicators", "give one name each")
        return tuple(str(position) for position in range(size))
    return own


def levels(faults: Faults, given: dict[str, Any], size: int, names: Sequence[str]) -> dict[str, Any]:
    """Start, parameters, bounds, goals and frontier."""
    parts: dict[str, Any] = {}
    for name in ("I0", "alphas", "alphas_prime", "betas"):
        same = name != "I0" and np.ndim(given[name]) == 0 and isinstance(given[name], int | float | np.number)
        parts[name] = faults.vector(name, np.full(size, given[name]) if same else given[name], size)
        if name != "I0" and parts[name] is not None:
            faults.where(parts[name] < 0, f"{name} below zero", names, parts[name], "a size or rate is not negative")
    for name in ("Imax", "Imin"):
        parts[name] = bound(faults, name, given[name], size)
    for name in ("G", "frontier"):
        parts[name] = None if given[name] is None else faults.vector(name, given[name], size, nan=True)
    frontier = parts["frontier"]
    if frontier is not None:
        outside = (frontier < 0) | (frontier > 1)
        faults.where(
            outside, "frontier outside [0, 1]", names, frontier, "it is a probability; NaN leaves it to the model"
        )
    return parts


def bound(faults: Faults, name: str, given: ArrayLike | None, size: int) -> Floats | None:
    """A bound of every indicator, NaN (or infinity on its own side) where there is none."""
    values = faults.floats(name, np.full(size, np.nan) if given is None else given)
    if values is None or values.shape != (size,):
        return None if values is None else faults.vector(name, values, size, nan=True)
    values[values == (np.inf if name == "Imax" else -np.inf)] = np.nan
    return faults.vector(name, values, size, nan=True)


def check_levels(faults: Faults, parts: dict[str, Any], names: Sequence[str]) -> None:
    """What levels, bounds and goals must be to one another."""
    start, goals = parts["I0"], parts["G"]
    faults.where(start > parts["Imax"], "I0 above Imax", names, start, "raise the bound or correct the level")
    faults.where(start < parts["Imin"], "I0 below Imin", names, start, "lower the bound or correct the level")
    for quality in ("qm", "rl"):
        at = parts[quality]
        if isinstance(at, int) and not 0 <= start[at] <= 1:
            faults.add(
                f"{quality} is the level of {names[at]} [{start[at]:g}]",
                "a quality lies in [0, 1]: rescale the indicator, or give the quality as a decimal number",
            )
    if goals is None:
        return
    faults.where(
        goals < start,
        "goal below the start",
        names,
        goals,
        "set a goal the indicator has still to reach, or turn it round",
    )
    missing = np.isnan(goals) & parts["R"]
    faults.where(
        missing, "no goal for an instrumental indicator", names, goals, "give one: its first share follows the gap"
    )
    for k, members in enumerate(parts["programmes"]):
        if not missing.any() and not (goals[list(members)] > start[list(members)]).any():
            faults.add(
                f"all gaps of programme {k} are closed ({', '.join(names[i] for i in members[:5])})",
                "raise a goal, or give no goals: first allocations are then drawn",
            )


def network(faults: Faults, given: ArrayLike | None, size: int, names: Sequence[str]) -> Floats | None:
    """The dependence between indicators."""
    if given is None:
        return np.zeros((size, size))
    weights = faults.floats("A", given)
    if weights is None:
        return None
    if weights.shape != (size, size):
        faults.add(f"A has shape {weights.shape}", f"it needs ({size}, {size}): rows origins, columns destinations")
        return None
    if not np.isfinite(weights).all():
        row, column = np.argwhere(~np.isfinite(weights))[0]
        faults.add(f"A has no finite number at {names[row]} to {names[column]}", "put 0 where there is no dependence")
        return None
    loops = np.diag(weights) != 0
    faults.where(loops, "A has a loop of an indicator on itself", names, np.diag(weights), "put 0 on the diagonal")
    return weights


def instrumental(faults: Faults, given: ArrayLike | None, size: int) -> NDArray[np.bool_] | None:
    """Which indicators money is spent on."""
    if given is None:
        return np.ones(size, dtype=bool)
    marks = faults.vector("R", given, size)
    if marks is None:
        return None
    if not np.isin(marks, (0.0, 1.0)).all():
        faults.add(f"R holds {marks[~np.isin(marks, (0.0, 1.0))][0]:g}", "1 is instrumental, 0 is collateral")
    if not (marks == 1).any():
        faults.add("R names no instrumental indicator", "money must be spent on at least one")
    return np.asarray(marks == 1)


def officials(faults: Faults, given: dict[str, Any], instruments: NDArray[np.bool_]) -> dict[str, Any]:
    """Modulation, monitoring and rule of law of the instrumental indicators."""
    n = int(instruments.sum())
    modulation = np.ones(n) if given["bs"] is None else given["bs"]
    return {
        "bs": faults.vector("bs", modulation, n),
        "qm": quality(faults, "qm", given["qm"], instruments),
        "rl": quality(faults, "rl", given["rl"], instruments),
    }


def quality(faults: Faults, what: str, given: ArrayLike | None, instruments: NDArray[np.bool_]) -> Floats | int | None:
    """A quality in [0, 1] of each instrumental indicator, or the position of the indicator that stands for it."""
    size, n = instruments.size, int(instruments.sum())
    if isinstance(given, int | np.integer) and not isinstance(given, bool):
        if not 0 <= int(given) < size:
            faults.add(
                f"{what} = {given} is no indicator",
                f"an integer is a position, 0 to {size - 1}; a quality is a decimal number, as 1.0",
            )
        return int(given)
    values = faults.floats(what, HALF if given is None else given)
    if values is None:
        return None
    if values.ndim == 0:
        values = np.full(n, float(values))
    elif values.shape == (size,):
        values = np.ascontiguousarray(values[instruments])
    if values.shape != (n,):
        faults.add(
            f"{what} has shape {values.shape}", f"it needs ({n},), one for each instrumental indicator, or ({size},)"
        )
        return None
    if not ((values >= 0) & (values <= 1)).all():
        faults.add(f"{what} holds {values[~((values >= 0) & (values <= 1))][0]:g}", "a quality lies in [0, 1]")
    return values


def spending(
    faults: Faults, given: dict[str, Any], instruments: NDArray[np.bool_], names: Sequence[str]
) -> dict[str, Any]:
    """Budgets, who they serve, and the model's money."""
    budgets = budget(faults, given["Bs"], given["T"])
    if budgets is None:
        return {}
    programmes = served(faults, given["B_dict"], np.flatnonzero(instruments), budgets.shape[0], names)
    unit = float(budgets.sum(axis=0).mean() / MONEY) if given["money"] is None else given["money"]
    if not (isinstance(unit, int | float | np.number) and np.isfinite(unit) and unit > 0):
        faults.add(f"money is {unit}", "give the currency in one unit of the model's money, above 0")
        unit = 1.0
    return {"Bs": budgets, "programmes": programmes, "money": float(unit)}


def budget(faults: Faults, given: ArrayLike | None, periods: object) -> Floats | None:
    """Money of each programme and period."""
    if periods is not None and (not isinstance(periods, int | np.integer) or isinstance(periods, bool) or periods < 2):
        faults.add(f"T is {periods}", "give a whole number of periods, at least 2")
        return None
    if given is None:
        return np.full((1, PERIODS if periods is None else int(periods)), MONEY)
    money = faults.floats("Bs", given)
    if money is None:
        return None
    money = money.reshape(1, -1) if money.ndim == 1 else money
    if money.ndim != 2 or money.shape[1] < 2 or not money.shape[0]:
        faults.add(f"Bs has shape {money.shape}", "it needs (programmes, periods), at least 2 periods")
        return None
    if periods is not None and money.shape[1] != periods:
        faults.add(f"Bs has {money.shape[1]} periods and T is {periods}", "leave T out: the budget says how many")
    if not np.isfinite(money).all() or (money < 0).any():
        k, t = np.argwhere(~(np.isfinite(money) & (money >= 0)))[0]
        faults.add(f"Bs is {money[k, t]} for programme {k} in period {t}", "money is a finite number, not negative")
        return None
    for k in np.flatnonzero(money.sum(axis=1) == 0):
        faults.add(f"programme {k} of Bs has no money in any period", "leave it out, or give it a budget")
    for t in np.flatnonzero(money.sum(axis=0) == 0)[:3]:
        faults.add(f"Bs has no money at all in period {t}", "a country spends something in each period")
    return money


def served(
    faults: Faults, given: Mapping[int, Sequence[int]] | None, instruments: Ints, programmes: int, names: Sequence[str]
) -> tuple[tuple[int, ...], ...]:
    """Instrumental indicators of each programme, programmes in the order of their numbers."""
    if given is None:
        return tuple(tuple(int(i) for i in instruments) for _ in range(programmes))
    wanted = {int(i) for i in instruments}
    if not isinstance(given, Mapping) or not all(isinstance(key, int | np.integer) for key in given):
        faults.add("B_dict is no mapping from positions of indicators to programmes", "give {indicator: [programmes]}")
        return ()
    lists = {
        int(key): list(value) if isinstance(value, Sequence | np.ndarray) else [value] for key, value in given.items()
    }
    if strangers := sorted(set(lists) - wanted):
        faults.add(
            f"B_dict names {strangers[0]}, which is not an instrumental indicator", "name positions where R is 1"
        )
    for i in sorted(wanted - set(lists)) + [i for i in sorted(lists) if not lists[i] and i in wanted]:
        faults.add(
            f"instrumental indicator {names[i]} has no programme in B_dict", "give it one, or make it collateral"
        )
    numbers = sorted({int(k) for value in lists.values() for k in value})
    rows = range(programmes)
    if len(numbers) != programmes:
        idle = [k for k in rows if k not in numbers]
        what = f"programme {idle[0]} of Bs serves no indicator" if idle else f"B_dict names programme {numbers[-1]}"
        faults.add(
            f"{what}: {len(numbers)} in B_dict, {programmes} rows in Bs", "every programme needs a row and an indicator"
        )
        return ()
    return tuple(tuple(sorted(i for i in lists if k in {int(x) for x in lists[i]})) for k in numbers)

"""Boxes of conditions under which something fails: the patient rule induction method (Friedman and Fisher 1999).

A box holds a range for some of the inputs. It is found by peeling thin slices off the sample, the slice first that
raises the share of failures most for what it costs, and pasting back what can be had without loss. Of the boxes on the
way the one with the best balance of coverage and density is kept, then every restriction is dropped that chance
explains (quasi p-value of Bryant and Lempert 2010). A box none of whose inputs random halves show again is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import bdtrc

from serai.errors import InputError

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Column = npt.NDArray[Any]
"""Numbers, or text."""
PEEL, PASTE = 0.05, 0.05
FEWEST = 10
"""Cases a box holds at least."""
CHANCE = 0.05
LEAST = 0.05
"""Share of all failures that a further box must add."""
DENSER = 1.5
"""A box says something where it is at least so many times as dense as the sample."""
HALVES = 20
"""Random halves of the sample on which a box is found again."""
AGAIN = 0.5
"""Share of them in which an input of a box must be restricted, or there is no box: peeling finds something in noise."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One restriction of a box.

    Attributes:
        name: the input.
        low, high: ends of the range, both inside; ``None`` where it is open.
        values: what a categorical input may be; empty for numbers.
        quasi_p: chance that the box would be as dense without this restriction.
        again: share of random halves of the sample in which the input is restricted as well.
    """

    name: str
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    quasi_p: float = 1.0
    again: float = 0.0


@dataclass(frozen=True, slots=True)
class Box:
    """Conditions, all of which must hold.

    Attributes:
        limits: the restrictions, least explained by chance first.
        coverage: share of all failures that lie inside.
        density: share of the cases inside that fail.
        mass: share of the cases that lie inside.
        base: share of all cases that fail.
        cases: number of cases inside.
    """

    limits: tuple[Limit, ...]
    coverage: float
    density: float
    mass: float
    base: float
    cases: int
    inside: Mask = field(repr=False, compare=False)


def find_boxes(
    inputs: pl.DataFrame,
    fails: pl.Series,
    *,
    most: int = 3,
    peel: float = PEEL,
    paste: float = PASTE,
    fewest: int = FEWEST,
    seed: int = 0,
) -> list[Box]:
    """Boxes that hold the failures, each found in what the earlier ones leave.

    Args:
        inputs: one row per case; numbers, or text for categories.
        fails: whether each case fails.
        most: boxes at most.
        peel, paste: share of the cases in a box that one step removes or adds.
        fewest: cases that a box must hold.
        seed: of the halves on which a box is found again.

    Returns:
        Boxes at least half as dense again as the sample, and by more than chance, best first; none where fewer than
        ``fewest`` cases fail, or all, or where no conditions set failures apart. Coverage, density and mass are of the
        whole sample.

    Raises:
        InputError: no inputs; lengths differ; an input holds nulls or numbers that are not finite; ``peel`` or
            ``paste`` not between 0 and 1.
    """
    _checked(inputs, fails, peel, paste)
    bad = fails.to_numpy().astype(np.bool_)
    columns = {name: _column(inputs[name]) for name in inputs.columns}
    left, found = np.ones(bad.size, dtype=np.bool_), list[Box]()
    for number in range(most):
        if bad[left].sum() < fewest or bad[left].all():
            break
        box = _best_box(columns, bad, left, peel, paste, fewest)
        if not box:
            break
        box = _again(columns, bad, left, box, seed + number, (peel, paste, fewest))
        if max(limit.again for limit in box.values()) < AGAIN:
            break
        made = _boxed(columns, bad, box)
        if made.density < DENSER * made.base or bad[made.inside & left].sum() < LEAST * bad.sum():
            break
        found.append(made)
        left &= ~made.inside
    return found


def _checked(inputs: pl.DataFrame, fails: pl.Series, peel: float, paste: float) -> None:
    if not inputs.width or inputs.height != fails.len():
        raise InputError(f"{inputs.width} inputs with {inputs.height} cases for {fails.len()} outcomes; give as many")
    if not (0 < peel < 1 and 0 < paste < 1):
        raise InputError(f"peel is {peel}, paste {paste}; give shares between 0 and 1")
    if fails.dtype != pl.Boolean or fails.null_count():
        raise InputError("fails: give true or false for every case")
    for name in inputs.columns:
        column = inputs[name]
        if column.null_count() or (column.dtype.is_numeric() and not column.cast(pl.Float64).is_finite().all()):
            raise InputError(f"input '{name}' holds what is no finite number; leave those cases out")


def _column(series: pl.Series) -> Column:
    if series.dtype.is_numeric():
        return series.cast(pl.Float64).to_numpy()
    return series.cast(pl.String).to_numpy().astype(np.str_)


Limits = dict[str, Limit]
Columns = Mapping[str, Column]


def _within(column: Column, limit: Limit) -> Mask:
    if limit.values:
        return np.isin(column, limit.values)
    inside = np.ones(column.size, dtype=np.bool_)
    if limit.low is not None:
        inside &= column >= limit.low
    if limit.high is not None:
        inside &= column <= limit.high
    return inside


def _inside(columns: Columns, box: Limits) -> Mask:
    size = next(iter(columns.values())).size
    masks = [_within(columns[name], limit) for name, limit in box.items()]
    return np.logical_and.reduce(masks) if masks else np.ones(size, dtype=np.bool_)


def _best_box(columns: Columns, bad: Mask, left: Mask, peel: float, paste: float, fewest: int) -> Limits:
    """Peel as far as it goes, keep the best balanced box on the way, paste, drop what chance explains."""
    box: Limits = {}
    way: list[tuple[float, Limits]] = []
    total = bad[left].sum()
    inside = left.copy()
    while step := _peeled(columns, bad, box, inside, peel, fewest):
        box, inside = step
        coverage, density = bad[inside].sum() / total, bad[inside].mean()
        way.append((2 * coverage * density / (coverage + density) if coverage + density else 0.0, box))
    if not way:
        return {}
    best = max(way, key=lambda entry: entry[0])[1]
    return _needed(columns, bad, left, _pasted(columns, bad, left, best, paste))


def _peeled(
    columns: Columns, bad: Mask, box: Limits, inside: Mask, peel: float, fewest: int
) -> tuple[Limits, Mask] | None:
    """The box after the best slice is off; none where no slice raises the share of failures."""
    best: tuple[float, Limit] | None = None
    for gain, limit in (*_number_slices(columns, bad, box, inside, peel, fewest),
                        *_value_slices(columns, bad, inside, fewest)):  # fmt: skip
        if gain > 0 and (best is None or gain > best[0]):
            best = (gain, limit)
    if best is None:
        return None
    limit = best[1]
    return {**box, limit.name: limit}, inside & _within(columns[limit.name], limit)


def _number_slices(
    columns: Columns, bad: Mask, box: Limits, inside: Mask, peel: float, fewest: int
) -> Iterator[tuple[float, Limit]]:
    """The best slice off either end of any number, all inputs at once; at least one value goes."""
    names = [name for name, column in columns.items() if column.dtype.kind != "U"]
    if not names:
        return
    values, fails = np.stack([columns[name][inside] for name in names]), bad[inside]
    for side, sign in (("low", 1.0), ("high", -1.0)):
        turned = sign * values
        cut = np.sort(turned, axis=1)[:, round(peel * (turned.shape[1] - 1))]
        edge = turned.min(axis=1)
        stuck = cut == edge  # ties at the end: the next value that the sample holds
        cut[stuck] = np.where(turned[stuck] > edge[stuck, None], turned[stuck], np.inf).min(axis=1)
        gains = _gains(turned >= cut[:, None], fails, fewest)
        at = int(gains.argmax())
        if np.isfinite(cut[at]) and gains[at] > 0:
            old, end = box.get(names[at], Limit(names[at])), float(sign * cut[at])
            yield float(gains[at]), Limit(old.name, end, old.high) if side == "low" else Limit(old.name, old.low, end)


def _value_slices(columns: Columns, bad: Mask, inside: Mask, fewest: int) -> Iterator[tuple[float, Limit]]:
    """Each category left out alone."""
    fails = bad[inside]
    for name, column in columns.items():
        if column.dtype.kind == "U":
            known = np.unique(column[inside])
            kept = column[inside] != known[:, None]
            for gain, out in zip(_gains(kept, fails, fewest), known, strict=True):
                yield float(gain), Limit(name, values=tuple(str(value) for value in known if value != out))


def _gains(kept: Mask, fails: Mask, fewest: int) -> Floats:
    """By how much the share of failures rises for each case given up; 0 where too few or all cases stay."""
    sizes = kept.sum(axis=1)
    found = np.zeros(len(kept))
    fit = (sizes >= fewest) & (sizes < fails.size)
    means = (kept[fit] & fails).sum(axis=1) / sizes[fit]
    found[fit] = (means - fails.mean()) / (fails.size - sizes[fit])
    return found


def _pasted(columns: Columns, bad: Mask, left: Mask, box: Limits, paste: float) -> Limits:
    """The box with its edges moved out as long as the share of failures does not fall."""
    while True:
        inside = left & _inside(columns, box)
        best: tuple[float, Limits] | None = None
        for name, limit in box.items():
            others = left & _inside(columns, {key: value for key, value in box.items() if key != name})
            for wider in _wider(columns[name], others, inside, limit, paste):
                grown = others & _within(columns[name], wider)
                density = float(bad[grown].mean())
                if grown.sum() > inside.sum() and density >= (bad[inside].mean() if best is None else best[0]):
                    best = (density, {**box, name: wider})
        if best is None:
            return box
        box = best[1]


def _wider(column: Column, others: Mask, inside: Mask, limit: Limit, paste: float) -> Iterator[Limit]:
    if limit.values:
        for value in np.setdiff1d(column[others], limit.values):
            yield Limit(limit.name, values=tuple(sorted((*limit.values, str(value)))))
        return
    step = max(1, int(paste * inside.sum()))
    values = np.sort(column[others])
    if limit.low is not None:
        below = values[values < limit.low]
        low = float(below[-step]) if below.size > step else None
        yield Limit(limit.name, low=low, high=limit.high)
    if limit.high is not None:
        above = values[values > limit.high]
        high = float(above[step - 1]) if above.size > step else None
        yield Limit(limit.name, low=limit.low, high=high)


def quasi_p(failures: int, cases: int, density_without: float) -> float:
    """Chance of at least so many failures among the cases if the restriction meant nothing (one-sided, binomial).

    Args:
        failures, cases: inside the box.
        density_without: share of failures in the box without the restriction.
    """
    return float(bdtrc(failures - 1, cases, density_without))


def _needed(columns: Columns, bad: Mask, left: Mask, box: Limits) -> Limits:
    """The box without restrictions that are open, or that chance explains, the weakest dropped first."""
    box = {name: limit for name, limit in box.items() if (limit.low, limit.high, limit.values) != (None, None, ())}
    while box:
        inside = left & _inside(columns, box)
        chances = {}
        for name in box:
            without = left & _inside(columns, {key: limit for key, limit in box.items() if key != name})
            chances[name] = quasi_p(int(bad[inside].sum()), int(inside.sum()), float(bad[without].mean()))
        weakest = max(chances, key=lambda name: chances[name])
        if chances[weakest] <= CHANCE:
            return {
                name: Limit(name, limit.low, limit.high, limit.values, chances[name])
                for name, limit in sorted(box.items(), key=lambda item: (chances[item[0]], item[0]))
            }
        box = {name: limit for name, limit in box.items() if name != weakest}
    return {}


def _again(columns: Columns, bad: Mask, left: Mask, box: Limits, seed: int, how: tuple[float, float, int]) -> Limits:
    """The box with how often each of its inputs is restricted on random halves of the sample."""
    rng, rows = np.random.default_rng(seed), np.flatnonzero(left)
    seen = dict.fromkeys(box, 0)
    for _ in range(HALVES):
        half = np.zeros(left.size, dtype=np.bool_)
        half[rng.permutation(rows)[: rows.size // 2]] = True
        if bad[half].any():
            other = _best_box(columns, bad, half, how[0], how[1], max(1, how[2] // 2))
            for name in seen.keys() & other.keys():
                seen[name] += 1
    return {
        name: Limit(name, limit.low, limit.high, limit.values, limit.quasi_p, seen[name] / HALVES)
        for name, limit in box.items()
    }


def _boxed(columns: Columns, bad: Mask, box: Limits) -> Box:
    inside = _inside(columns, box)
    cases = int(inside.sum())
    return Box(
        limits=tuple(box.values()),
        coverage=float(bad[inside].sum() / bad.sum()),
        density=float(bad[inside].mean()),
        mass=cases / bad.size,
        base=float(bad.mean()),
        cases=cases,
        inside=inside,
    )

"""Running a model: chunks of runs on threads, each run's random numbers its own, only what is asked for kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from joblib import Parallel, delayed

from serai.errors import InputError, UnknownName
from serai.plan._faults import Faults
from serai.plan._kernel import Forcing, Keep, Law, advance
from serai.plan._lanes import Floats
from serai.plan.model import Model
from serai.plan.stack import Stack

PATHS = ("I", "C", "F", "P", "S", "gamma")
ENDS = ("final", "rate")
SUMS = ("mean", "sd", "mean_rate")
KEPT = (*PATHS, *ENDS, *SUMS)
LANES = 64
"""Runs that advance together in small jobs: the working rows of fifty indicators fill half a megabyte."""
MOST_LANES = 128
"""And in large ones, where what each step costs beside the arithmetic is shared by more runs."""
CHUNK_SECONDS = 0.1
STEP_SECONDS = 8e-9
"""Time of one indicator's step, for the size of chunks only."""
MEMORY_SHARE = 0.8
"""Share of the machine's memory that outputs may take."""
LARGEST_SEED = 2**64 - 1
Sums = tuple[Floats, Floats, Floats]
"""Sums over runs: change of level since the start, its square, mean growth probability."""


@dataclass(frozen=True, eq=False)
class Result(Mapping[str, Floats]):
    """What runs of a model gave, by name; only what was asked for is there.

    ``I, S, gamma`` (runs, N, T) and ``C, F, P`` (runs, n, T): paths of levels, spillovers, growth probabilities,
    contributions, benefits and allocations. Column t is the level at the start of period t and what happens in it;
    money (``C, P``) is in the caller's currency. ``final`` (runs, N): the level at the start of the last period,
    ``I[:, :, -1]``.
    ``rate`` (runs, N): mean growth probability over the periods. ``mean, sd`` (N, T) of the level over the runs and
    ``mean_rate`` (N,), which take no memory however many runs there are.
    """

    stack: Stack
    runs: int
    seed: int
    kept: dict[str, Floats] = field(repr=False)

    def __getitem__(self, name: str) -> Floats:
        if name not in self.kept:
            if name in KEPT:
                raise InputError(f"'{name}' was not kept; name it among those to keep: keep=(..., '{name}')")
            raise UnknownName("output", name, KEPT, "a result of the model")
        return self.kept[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.kept)

    def __len__(self) -> int:
        return len(self.kept)

    def of(self, country: str) -> dict[str, Floats]:
        """One country's part of every output.

        Raises:
            UnknownName: no such country.
        """
        names = [model.name for model in self.stack.models]
        if country not in names:
            raise UnknownName("country", country, names, "the stack")
        c = names.index(country)
        part = {}
        for name, values in self.kept.items():
            bounds = self.stack.instruments if name in ("C", "F", "P") else self.stack.indicators
            axis = 0 if name in SUMS else 1
            part[name] = values.take(range(bounds[c], bounds[c + 1]), axis=axis)
        return part


def simulate(
    model: Model | Stack,
    runs: int = 1000,
    *,
    seed: int = 0,
    keep: Sequence[str] = ("I",),
    forcing: Forcing | None = None,
    reference: bool = False,
    first_run: int = 0,
    workers: int | None = None,
    lanes: int | None = None,
) -> Result:
    """Run a model, or several linked ones.

    A run's result hangs on the model, ``seed``, its number and the names of the countries alone: not on the number of
    workers or lanes, on the other runs, or on what is kept. Strategies run with one seed meet the same luck.

    Args:
        model: one country or a stack of them.
        runs: how many, numbered from ``first_run``.
        seed: any whole number from 0 to 2^64 - 1.
        keep: outputs wanted, of :data:`KEPT`; see :class:`Result`.
        forcing: what shocks do; made from :meth:`Stack.calm`.
        reference: the law of the package `policy-priority-inference` 3.0.7 with its quirks: money as it is given (the
            result depends on its unit), budgets a period late and the last never spent, gaps to goals of the wrong
            indicators where some are collateral, no growth where a frontier leaves an indicator out, growth
            probabilities reported above 1. Its cutting of whole-number levels to whole numbers is not reproduced.
        workers: threads; by default one a core.
        lanes: runs advancing together; by default as many as are fastest.

    Raises:
        InputError: no positive number of runs, a seed out of range, an output that does not exist, more outputs than
            the machine can hold, forcing of the wrong shape or outside its range.
    """
    stack = model if isinstance(model, Stack) else Stack((model,))
    lanes = (MOST_LANES if isinstance(runs, int) and runs > MOST_LANES * 4 else LANES) if lanes is None else lanes
    check(runs, seed, keep, first_run, lanes)
    forced = stack.calm() if forcing is None else checked_forcing(stack, forcing)
    law = stack.law(reference=reference)
    check_memory(stack, runs, keep)
    outputs = room(stack, runs, keep)
    size = chunk(stack, runs, lanes)
    starts = range(0, runs, size)
    late = 1 if reference else 0
    tasks = ((law, forced, outputs, seed, first_run, at, min(size, runs - at), lanes, late) for at in starts)
    threads = min(len(starts), workers or os.cpu_count() or 1)
    if threads == 1:
        sums = added(advance_part(*task) for task in tasks)
    else:
        pool = Parallel(n_jobs=threads, backend="threading", return_as="generator", pre_dispatch="2*n_jobs")
        sums = added(pool(delayed(advance_part)(*task) for task in tasks))
    return Result(stack, runs, seed, finished(stack, runs, keep, outputs, sums, reference))


def added(parts: Iterable[Sums]) -> Sums:
    """The sums of all tasks, taken together one by one in the order of the runs: no more than a few are ever held."""
    every = iter(parts)
    first = next(every)
    for part in every:
        for whole, piece in zip(first, part, strict=True):
            np.add(whole, piece, out=whole)
    return first


def check(runs: int, seed: int, keep: Sequence[str], first_run: int, lanes: int) -> None:
    """Refuse what cannot be run."""
    faults = Faults("simulate")
    for what, value, low, high in (
        ("runs", runs, 1, 2**62), ("seed", seed, 0, LARGEST_SEED),
        ("first_run", first_run, 0, 2**62), ("lanes", lanes, 1, 4096),
    ):  # fmt: skip
        if not isinstance(value, int | np.integer) or isinstance(value, bool) or not low <= value <= high:
            faults.add(f"{what} is {value!r}", f"give a whole number from {low} to {high}")
    faults.done()
    if isinstance(keep, str):
        raise InputError(f"keep is the text '{keep}'; give names in a list: keep=({keep!r},)")
    for name in keep:
        if name not in KEPT:
            raise UnknownName("output", str(name), KEPT, "the model")


def check_memory(stack: Stack, runs: int, keep: Sequence[str]) -> None:
    """Refuse what this machine's memory cannot hold, where it says how much it has."""
    n = int(stack.instruments[-1])
    rows = {"C": n * stack.T, "F": n * stack.T, "P": n * stack.T, "final": stack.N, "rate": stack.N}
    cells = sum(rows.get(name, stack.N * stack.T) for name in set(keep) if name not in SUMS)
    try:
        there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return
    if 8 * cells * runs > MEMORY_SHARE * there:
        raise InputError(
            f"{runs:,} runs keeping {', '.join(keep)} need {8 * cells * runs / 1e9:,.1f} GB and this machine has "
            f"{there / 1e9:,.1f}; keep 'mean', 'sd', 'mean_rate', which take none, or run parts with first_run"
        )


def checked_forcing(stack: Stack, forcing: Forcing) -> Forcing:
    """Forcing of the right shapes, within its range."""
    faults, right = Faults("forcing"), stack.calm()
    for name in Forcing._fields:
        given, wanted = getattr(forcing, name), getattr(right, name)
        if given.shape != wanted.shape:
            faults.add(f"{name} has shape {given.shape}", f"it needs {wanted.shape}")
        elif not np.isfinite(given).all():
            faults.add(f"{name} holds a number that is not finite", "a shock has a size")
        elif name != "shift" and (given < 0).any():
            faults.add(f"{name} holds {given.min():g}", "a share of what is there is not negative")
        elif name == "capacity" and (given > 1).any():
            faults.add(f"capacity holds {given.max():g}", "a link lets through at most all: 1")
    faults.done()
    return Forcing(*(np.ascontiguousarray(array, dtype=np.float64) for array in forcing))


def chunk(stack: Stack, runs: int, lanes: int) -> int:
    """Runs a task: a tenth of a second's worth, less where a few tasks must do; never dependent on the workers."""
    worth = CHUNK_SECONDS / (STEP_SECONDS * stack.N * stack.T)
    blocks = max(1, int(min(worth, -(-runs // 4)) // lanes))
    return blocks * lanes


def room(stack: Stack, runs: int, keep: Sequence[str]) -> Keep:
    """Arrays for what is wanted; empty ones for the rest."""
    n, few = int(stack.instruments[-1]), "mean" in keep or "sd" in keep
    size = {"I": stack.N, "S": stack.N, "gamma": stack.N, "C": n, "F": n, "P": n}
    paths = {name: np.empty((runs if name in keep else 0, size[name], stack.T)) for name in PATHS}
    ends = {name: np.empty((runs if name in keep else 0, stack.N)) for name in ENDS}
    table = np.zeros((stack.N, stack.T) if few else (0, 0))
    return Keep(**paths, **ends, total=table, squares=table, rates=np.zeros(stack.N if "mean_rate" in keep else 0))


def advance_part(
    law: Law, forcing: Forcing, keep: Keep, seed: int, first: int, at: int, runs: int, lanes: int, late: int
) -> Sums:
    """One task: its runs go where they belong, its sums are its own until all are done."""
    rows = {name: getattr(keep, name)[at : at + runs] for name in (*PATHS, *ENDS)}
    total, squares, rates = (np.zeros_like(getattr(keep, name)) for name in ("total", "squares", "rates"))
    own = Keep(**rows, total=total, squares=squares, rates=rates)
    advance(law, forcing, own, np.uint64(seed), first + at, runs, lanes, late)
    return total, squares, rates


def finished(
    stack: Stack,
    runs: int,
    keep: Sequence[str],
    outputs: Keep,
    sums: Sums,
    reference: bool,
) -> dict[str, Floats]:
    """Outputs by name; sums become means and deviations, money becomes the caller's currency again."""
    kept = {name: getattr(outputs, name) for name in (*PATHS, *ENDS) if name in keep}
    money = np.repeat([1.0 if reference else m.money for m in stack.models], np.diff(stack.instruments))
    for name in {"C", "P"} & set(keep):
        kept[name] *= money[:, None]
    total, squares, rates = sums
    start = np.concatenate([m.I0 for m in stack.models])[:, None]
    if "mean" in keep:
        kept["mean"] = start + total / runs
    if "sd" in keep:
        kept["sd"] = np.sqrt(np.maximum(squares / runs - (total / runs) ** 2, 0.0) * (runs / max(runs - 1, 1)))
    if "mean_rate" in keep:
        kept["mean_rate"] = rates / runs
    return {name: kept[name] for name in keep}

"""Ensembles: drawn shocks x strategies x runs, the same luck for every strategy, streamed to disk in chunks.

A chunk is a fixed block of shocks, whatever the number of workers: it hangs on the job and its own number alone, so
that one process, many threads or a dask cluster write the same bytes. What is there is not computed again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl
from joblib import Parallel, delayed

from serai.errors import InputError, OutputError
from serai.files import write_beside
from serai.plan import inputs as uncertain
from serai.plan.forcing import Arrays, Ground, Hit, forced
from serai.plan.inputs import Input
from serai.plan.strategies import Deal

Floats = npt.NDArray[np.float64]
CHUNK = 8
"""Shocks in one chunk: about a second of work."""
JOB, CHUNKS = "job.json", "chunks"
OUTCOMES = {
    "shock": pl.Int32,
    "strategy": pl.String,
    "member": pl.String,
    "goal": pl.String,
    "closed": pl.Float64,
    "spread": pl.Float64,
    "first": pl.Float64,
    "second": pl.Float64,
    "runs": pl.Int32,
}
"""Columns of outcomes. ``goal`` is empty for the member as a whole; ``closed`` is the mean over runs of the share of
the gap closed, ``spread`` its standard deviation, ``first`` and ``second`` the means of the even and the odd runs."""
Tell = Callable[[str, int, int], None]


class World(Protocol):
    """The model as an ensemble sees it."""

    @property
    def ground(self) -> Ground:
        """Where shocks fall."""
        ...

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the plausible networks."""
        ...

    def final(
        self, drawn: Mapping[str, float], budget: Floats, arrays: Arrays, *, first_run: int, runs: int, seed: int
    ) -> Floats:
        """Levels at the end, shape ``(runs, N)``.

        Args:
            drawn: values of the uncertain inputs; the network as a number between 0 and 1.
            budget: money of each programme and period, ``(K, T)``.
            arrays: what shocks do.
            first_run, runs, seed: which streams of random numbers.
        """
        ...


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps that strategies are to close.

    Attributes:
        goal: goal of each indicator, ``(N,)``.
        member: of each indicator.
        gap: distance from start to target, ``(N,)``, 0 where the target is met or there is none.
        target: ``(N,)``, minus infinity where there is none.
    """

    goal: tuple[str, ...]
    member: tuple[str, ...]
    gap: Floats
    target: Floats

    def weights(self) -> tuple[list[tuple[str, str]], Floats]:
        """Cells ``(member, goal)``, a whole member's with goal ``""``, and the weight of each indicator in them.

        Every goal of a member weighs the same, however many indicators it has: an indicator's weight is one over the
        number of its goal's indicators with a target. Shape ``(cells, N)``; a goal without any gap has no cell of its
        own, there being nothing to close, but counts for the member if it opens one.
        """
        cells: list[tuple[str, str]] = []
        rows: list[Floats] = []
        members, goals, aimed = np.array(self.member), np.array(self.goal), np.isfinite(self.target)
        for member in dict.fromkeys(self.member):
            own = (members == member) & aimed
            parts = {goal: (own & (goals == goal)).astype(float) for goal in sorted(set(goals[own]), key=_by_number)}
            shown = [goal for goal, part in parts.items() if part @ self.gap > 0]
            if shown:
                cells += [(member, ""), *((member, goal) for goal in shown)]
                whole = np.sum([part / part.sum() for part in parts.values()], axis=0)
                rows += [whole, *(parts[goal] for goal in shown)]
        return cells, np.array(rows).reshape(len(cells), len(self.goal))

    def closed(self, levels: Floats, weights: Floats) -> Floats:
        """Share of the gap closed, shape ``(runs, cells)``: 1 where all targets are met, below 0 where it has widened.

        A target that is passed counts as met, so that no indicator makes up for another; one that was met and is lost
        again counts as a gap opened.
        """
        left = np.maximum(self.target - levels, 0.0)
        # Not a matrix product: the library that makes those decides by the machine in which order it adds.
        shares: Floats = 1 - np.einsum("rn,cn->rc", left, weights, optimize=False) / (weights * self.gap).sum(axis=1)
        return shares


def _by_number(goal: str) -> tuple[int, str]:
    return (int(goal), "") if goal.isdigit() else (10**6, goal)


@dataclass(frozen=True)
class Job:
    """An ensemble to run.

    Attributes:
        world: the model.
        gaps: what is to be closed.
        met: effects of shocks and the rows they meet.
        inputs: the uncertain inputs, one a column of ``unit``.
        unit: points of the unit cube, one a shock, ``(S, d)``.
        first_runs: number of the first run of each shock, ``(S,)``: its luck, the same for all strategies.
        budgets: money by strategy, ``(K, T)`` each, with the shares of the calibration.
        runs: of each strategy in each shock.
        seed: of the runs.
        key: stands for everything that the outcomes hang on.
        deal: how strategies share out money whose shares are drawn; ``None``: ``budgets`` hold whatever is drawn.
    """

    world: World
    gaps: Gaps
    met: Sequence[Hit]
    inputs: Sequence[Input]
    unit: Floats
    first_runs: npt.NDArray[np.int64]
    budgets: Mapping[str, Floats]
    runs: int
    seed: int
    key: str
    deal: Deal | None = None

    @cached_property
    def cells(self) -> tuple[list[tuple[str, str]], Floats]:
        """Cells and weights of indicators in them, as from :meth:`Gaps.weights`."""
        return self.gaps.weights()

    def dealt(self, drawn: Mapping[str, float]) -> Mapping[str, Floats]:
        """Money by strategy in one shock: every strategy starts from the same drawn shares."""
        return self.budgets if self.deal is None else self.deal.budgets(drawn[uncertain.SHARES])

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return -(-len(self.unit) // CHUNK)


def closed_in(job: Job, unit: Floats, first_run: int) -> tuple[list[tuple[str, str]], Floats]:
    """Cells, and shares closed at one point of the unit cube, shape ``(strategies, runs, cells)``.

    All strategies meet the same shock with the same runs.
    """
    drawn = uncertain.drawn(job.inputs, unit)
    arrays = forced(job.world.ground, job.met, drawn)
    cells, weights = job.cells
    found = [
        job.gaps.closed(
            job.world.final(drawn, budget, arrays, first_run=first_run, runs=job.runs, seed=job.seed), weights
        )
        for budget in job.dealt(drawn).values()
    ]
    return cells, np.array(found)


def chunk(job: Job, number: int) -> pl.DataFrame:
    """The outcomes of one block of shocks; columns as in :data:`OUTCOMES`."""
    shocks = range(number * CHUNK, min((number + 1) * CHUNK, len(job.unit)))
    found = [closed_in(job, job.unit[shock], int(job.first_runs[shock])) for shock in shocks]
    cells = found[0][0]
    shares = np.concatenate([closed for _, closed in found])  # (shocks x strategies, runs, cells)
    blocks, runs, size = shares.shape
    members, goals = ([cell[side] for cell in cells] for side in (0, 1))
    columns = {
        "shock": np.repeat(np.array(shocks), len(job.budgets) * size),
        "strategy": [name for _ in shocks for name in job.budgets for _ in cells],
        "member": members * blocks,
        "goal": goals * blocks,
        "closed": shares.mean(axis=1).ravel(),
        "spread": shares.std(axis=1).ravel(),
        "first": shares[:, ::2].mean(axis=1).ravel(),
        "second": (shares[:, 1::2] if runs > 1 else shares).mean(axis=1).ravel(),
        "runs": np.full(blocks * size, runs),
    }
    return pl.DataFrame(columns, schema=OUTCOMES)


def run(
    job: Job, folder: Path, *, workers: int = 1, scheduler: str | None = None, tell: Tell = lambda *_: None
) -> Path:
    """Run what is not there yet, chunk by chunk, and keep it in a folder.

    Args:
        job: what to run.
        folder: where it is kept: ``job.json`` and ``chunks/``; another job's folder is refused.
        workers: threads of this machine; the compiled model holds no lock.
        scheduler: address of a dask scheduler, in place of threads.
        tell: told of progress.

    Returns:
        The folder; read it with :func:`outcomes`.

    Raises:
        InputError: the folder holds another job; fewer than one worker; no scheduler answers.
        OutputError: the folder cannot be written.
    """
    if workers < 1:
        raise InputError(f"{workers} workers; give at least one")
    _claim(job, folder)
    missing = [number for number in range(job.chunks) if not _place(folder, number).is_file()]
    done = job.chunks - len(missing)
    tell("ensemble", done, job.chunks)
    frames = _dask(job, missing, scheduler) if scheduler else _threads(job, missing, workers)
    for number, frame in frames:
        write_beside(_place(folder, number), frame.write_parquet)
        done += 1
        tell("ensemble", done, job.chunks)
    return folder


def _numbered(job: Job, number: int) -> tuple[int, pl.DataFrame]:
    return number, chunk(job, number)


def _threads(job: Job, missing: Sequence[int], workers: int) -> Iterator[tuple[int, pl.DataFrame]]:
    if workers == 1 or len(missing) < 2:
        yield from (_numbered(job, number) for number in missing)
        return
    pool = Parallel(n_jobs=workers, prefer="threads", return_as="generator_unordered")
    yield from pool(delayed(_numbered)(job, number) for number in missing)


def _dask(job: Job, missing: Sequence[int], scheduler: str) -> Iterator[tuple[int, pl.DataFrame]]:
    try:
        dask: Any = import_module("distributed")
    except ImportError as error:
        raise InputError("a scheduler needs dask: install serai[dask]") from error
    try:
        client = dask.Client(scheduler, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(f"scheduler '{scheduler}' does not answer: {' '.join(str(error).split())[:100]}") from error
    with client:
        sent = client.scatter(job, hash=False, broadcast=True)
        futures = [client.submit(_numbered, sent, number, pure=False) for number in missing]
        for future, result in dask.as_completed(futures, loop=client.loop, with_results=True):
            yield result
            future.release()


def _place(folder: Path, number: int) -> Path:
    return folder / CHUNKS / f"{number:06d}.parquet"


def identity(job: Job) -> dict[str, Any]:
    """What an ensemble is known by: everything its outcomes hang on."""
    return {
        "key": job.key,
        "shocks": len(job.unit),
        "runs": job.runs,
        "seed": job.seed,
        "strategies": {name: _digest(budget) for name, budget in job.budgets.items()},
        "points": _digest(np.column_stack([job.unit, job.first_runs])),
    }


def _claim(job: Job, folder: Path) -> None:
    """Make the folder this job's own, or see that it is."""
    told = identity(job)
    place = folder / JOB
    if place.is_file():
        try:
            found = json.loads(place.read_text(encoding="utf-8"))
        except (ValueError, OSError) as error:
            raise InputError(f"{place}: not readable ({error}); remove the folder or name another") from error
        if found != told:
            apart = [name for name in told if not isinstance(found, dict) or found.get(name) != told[name]]
            raise InputError(f"{folder}: holds another ensemble ({', '.join(apart)} differ); name another folder")
        return
    try:
        (folder / CHUNKS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write '{folder}': {error.strerror or error}; choose another place") from error
    write_beside(place, lambda beside: beside.write_text(json.dumps(told, indent=1), encoding="utf-8"))


def _digest(budget: Floats) -> str:
    return hashlib.sha256(np.ascontiguousarray(budget).tobytes()).hexdigest()[:16]


def outcomes(folder: Path) -> pl.LazyFrame:
    """The outcomes that a folder holds, shock by shock; columns as in :data:`OUTCOMES`.

    Raises:
        InputError: no ensemble is there, or it is not finished.
    """
    if not (folder / JOB).is_file():
        raise InputError(f"{folder}: holds no ensemble; run one first")
    shocks = json.loads((folder / JOB).read_text(encoding="utf-8"))["shocks"]
    there, needed = sorted((folder / CHUNKS).glob("*.parquet")), -(-shocks // CHUNK)
    if len(there) < needed:
        raise InputError(f"{folder}: {len(there)} of {needed} chunks are there; run it again to finish it")
    return pl.scan_parquet(there)

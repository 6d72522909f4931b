"""Ensembles of random disruptions: drawn from one sequence, solved in chunks, streamed to one file.

A chunk depends on the network, the hazards, the seed and its own number only. Whoever solves it, in whatever order,
the file is the same byte for byte; a chunk that is there already is not solved again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from joblib import Parallel, delayed
from scipy.stats import qmc

from serai.corridor import sailing
from serai.corridor.accounts import Accounts
from serai.corridor.disruption import DAYS_A_YEAR
from serai.corridor.freight import Freight
from serai.corridor.hazards import Hit, carrying, hits, seas
from serai.corridor.network import Floats
from serai.corridor.runs import MEASURES, Progress, Response, Runner
from serai.errors import InputError, OutputError
from serai.files import whole
from serai.region.disruptions import Hazard, Hazards

CHUNK = 256
"""Runs of a chunk: a power of two, as the sequence wants."""
MOST = 1 << 24
"""Runs that may be asked for."""
LAST_SEED = (1 << 64) - 1
SEED = 20260101
SCHEMA = pa.schema(
    [
        ("run", pa.int32()),
        ("days", pa.float64()),
        ("level", pa.float64()),
        ("events", pa.string()),
        ("area", pa.string()),
        ("role", pa.string()),
        ("commodity", pa.string()),
        *((name, pa.float64()) for name in MEASURES),
        ("nature", pa.string()),
    ]
)
"""Columns of the file."""


@dataclass(frozen=True, eq=False)
class Event:
    """A hazard that struck: where, and how hard (times slower, or the level in metres)."""

    hazard: Hazard
    hit: Hit
    force: float

    def __str__(self) -> str:
        if self.hazard.does == "close":
            return f"{self.hazard.id} {self.hit.element.name}"
        return f"{self.hazard.id} {self.hit.element.name} {self.force:.3g}"


class Study:
    """An ensemble, ready to be solved chunk by chunk; may be sent to other machines.

    Args:
        freight: the network.
        hazards: what may happen.
        areas: those that get rows of their own, beside all goods together.
        seed: of the sequence.
        runner: makes what solves runs, one for each thread.
        used: steps in use, whose elements are struck; by default those of the network as everyone goes the cheapest
            way.

    Raises:
        InputError: a seed below 0 or above 2^64 - 1.
    """

    def __init__(
        self, freight: Freight, hazards: Hazards, areas: Collection[str], runner: Callable[[], Runner] | None = None,
        *, seed: int = SEED, used: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        if not 0 <= seed <= LAST_SEED:
            raise InputError(f"seed {seed}; give a whole number from 0 to {LAST_SEED}")
        self.freight, self.hazards, self.seed = freight, hazards, seed
        self.accounts = Accounts(freight, areas)
        self.runner = partial(Runner, freight) if runner is None else runner
        struck = carrying(freight.base.flow) if used is None else used
        self.hits = [hits(freight, hazard, struck) for hazard in hazards.hazard]
        self.seas, self.depths = seas(freight), freight.depths(freight.steps)
        values = freight.values
        self.today = float(values[freight.net.parameter("level")])
        # Worked out once, here, and not by every worker: what runs start from.
        self.runner().before(freight.demand.value)

    def points(self, chunk: int) -> Floats:
        """The points of a chunk in the unit cube, shape ``(CHUNK, dimensions)``: Sobol, scrambled by the seed."""
        dimensions = 3 * len(self.hits) + 1 + len(self.freight.demand.commodities)
        sequence = qmc.Sobol(dimensions, scramble=True, seed=self.seed)
        found: Floats = sequence.fast_forward(chunk * CHUNK).random(CHUNK) if chunk else sequence.random(CHUNK)
        return found

    def events(self, point: Floats) -> list[Event]:
        """What happens at a point: of each hazard whether, where, and how hard."""
        happened = []
        for number, (hazard, able) in enumerate(zip(self.hazards.hazard, self.hits, strict=True)):
            whether, where, force = point[3 * number : 3 * number + 3]
            if whether < hazard.chance:
                hit = able[min(int(where * len(able)), len(able) - 1)]
                low, high = hazard.low or 0.0, hazard.high or 0.0
                happened.append(Event(hazard, hit, low + (high - low) * float(force)))
        return happened

    def solve(self, chunk: int, runs: int) -> pa.Table:
        """A chunk's part of the file; ``runs`` is how many the whole ensemble has."""
        points = self.points(chunk)[: max(min(runs - chunk * CHUNK, CHUNK), 0)]
        classes = len(self.freight.demand.commodities)
        demand = self.freight.demand.drawn(points[:, -classes:])
        low, high = self.hazards.days
        days = low + (high - low) * points[:, -classes - 1]
        runner = self.runner()
        found, texts, levels = [], [], []
        for point, wanted, span in zip(points, demand, days, strict=True):
            happened = self.events(point)
            measures = self.run(runner, happened, wanted).measures()
            found.append(self.accounts.summed(measures.T) * (span / DAYS_A_YEAR))
            texts.append("; ".join(map(str, happened)))
            levels.append(next((one.force for one in happened if one.hazard.does == "level"), self.today))
        return self._table(chunk * CHUNK, np.array(found), texts, np.array(levels), days)

    def run(self, runner: Runner, happened: list[Event], demand: Floats) -> Response:
        """The network as it is, and as events leave it, at a demand of shape ``(pairs,)``, Mt a year."""
        before, gap = runner.before(demand)
        if not happened:
            return Response(before, before, demand, gap)
        runner.strike([blow for one in happened for blow in self._blows(one)])
        for one in happened:
            if one.hazard.does == "level":
                runner.sink([self._share(one.force, deep) / self._share(self.today, deep) for deep in self.depths])
        after, other = runner.struck(demand)
        return Response(before, after, demand, max(gap, other))

    def _blows(self, event: Event) -> list[tuple[Hit, str, Floats]]:
        """What an event does to links: by how much the unit of each hit counts, by class."""
        if event.hazard.does != "level":
            return [(event.hit, event.hazard.does, np.full(len(self.freight.costers), event.force - 1.0))]
        return [
            (hit, "level", 1.0 / self._shares(event.force, deep) - 1.0 / self._shares(self.today, deep))
            for deep, hit in self.seas
        ]

    def _shares(self, level: float, deepened: float) -> Floats:
        values = self.freight.values
        shares = [
            sailing.load_share(level, values[one.full], values[one.loss], deepened) for one in self.freight.costers
        ]
        return np.maximum(np.array(shares, dtype=np.float64), 1e-9)

    def _share(self, level: float, deepened: float) -> float:
        return float(np.mean(self._shares(level, deepened)))

    def _table(self, first: int, found: Floats, texts: list[str], levels: Floats, days: Floats) -> pa.Table:
        rows, runs = self.accounts.keys.height, len(texts)
        kept = np.flatnonzero(self.accounts.summed(self.freight.demand.ends[2]) > 0)

        def of_run(values: Sequence[object] | np.ndarray) -> np.ndarray:
            return np.repeat(np.asarray(values), kept.size)

        keys = {name: np.tile(self.accounts.keys[name].to_numpy()[kept], runs) for name in self.accounts.keys.columns}
        shaped = found.reshape(runs, rows, len(MEASURES))[:, kept] if runs else np.zeros((0, kept.size, len(MEASURES)))
        columns = [
            of_run(np.arange(first, first + runs, dtype=np.int32)), of_run(days), of_run(levels), of_run(texts),
            *keys.values(), *(shaped[:, :, place].ravel() for place in range(len(MEASURES))),
            np.full(runs * kept.size, "M"),
        ]  # fmt: skip
        arrays = [pa.array(column, type=field.type) for column, field in zip(columns, SCHEMA, strict=True)]
        return pa.Table.from_arrays(arrays, schema=SCHEMA)

    def key(self, runs: int) -> str:
        """Changes with everything a chunk depends on."""
        freight = self.freight
        parts: list[bytes] = [json.dumps([runs, self.seed, CHUNK, self.hazards.model_dump(mode="json")]).encode()]
        costs, demand = freight.base_costs, freight.demand
        for array in (costs.cost, costs.hours, costs.carbon, costs.capacity, demand.ends, freight.world.worth,
                      freight.world.law, freight.world.empty, freight.small.chain):  # fmt: skip
            parts.append(np.ascontiguousarray(array).tobytes())
        parts.append(self.accounts.keys.write_csv().encode())
        parts += [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()


def solve_chunk(study: Study, chunk: int, runs: int) -> bytes:
    """A chunk as the bytes of a parquet file; for workers on other machines."""
    sink = BytesIO()
    pq.write_table(study.solve(chunk, runs), sink, compression="zstd")
    return sink.getvalue()


def stream(
    study: Study, out: Path, runs: int, *, jobs: int = 1, scheduler: str | None = None, tell: Progress | None = None
) -> None:
    """Solve an ensemble and write it to one parquet file; memory does not grow with the number of runs.

    Chunks are kept beside the file until it is whole; what an interrupted ensemble has left is taken up again.

    Args:
        study: the ensemble.
        out: the file, ending in ``.parquet``.
        runs: how many.
        jobs: threads on this machine.
        scheduler: address of a dask scheduler whose workers solve the chunks instead.
        tell: told of ``(runs done, runs)``.

    Raises:
        InputError: a number of runs or jobs that cannot be, another suffix, a scheduler that does not answer.
        OutputError: the file cannot be written.
    """
    _refuse(out, runs, jobs)
    parts, chunks = out.with_name(f".{out.name}.parts"), -(-runs // CHUNK)
    try:
        _prepare(parts, study.key(runs))
        left = [chunk for chunk in range(chunks) if not _part(parts, chunk).is_file()]
        done = chunks - len(left)
        for chunk, content in _solved(study, left, runs, jobs, scheduler):
            with whole(_part(parts, chunk)) as beside:
                beside.write_bytes(content)
            done += 1
            if tell is not None:
                tell(min(done * CHUNK, runs), runs)
        _join(parts, chunks, out)
        shutil.rmtree(parts)
    except OSError as error:
        raise OutputError(f"cannot write '{out}': {error.strerror or error}; choose another place") from error


def _refuse(out: Path, runs: int, jobs: int) -> None:
    if not 1 <= runs <= MOST:
        raise InputError(f"{runs} runs; ask for 1 to {MOST:,}")
    if jobs < 1:
        raise InputError(f"{jobs} jobs; give at least one")
    if out.suffix != ".parquet":
        raise InputError(f"cannot write '{out}': an ensemble goes to a file that ends in .parquet")


def _prepare(parts: Path, key: str) -> None:
    mark = parts / "key"
    if parts.is_dir() and any(parts.iterdir()) and not mark.is_file():
        raise InputError(f"'{parts}' is not of an ensemble and is not touched; move it or choose another output")
    if mark.is_file() and mark.read_text(encoding="utf-8") != key:
        shutil.rmtree(parts)
    parts.mkdir(parents=True, exist_ok=True)
    mark.write_text(key, encoding="utf-8")


def _part(parts: Path, chunk: int) -> Path:
    return parts / f"{chunk:08d}.parquet"


def _solved(
    study: Study, chunks: list[int], runs: int, jobs: int, scheduler: str | None
) -> Iterator[tuple[int, bytes]]:
    if scheduler is not None:
        yield from _on_dask(study, chunks, runs, scheduler)
        return
    if jobs == 1:
        yield from ((chunk, solve_chunk(study, chunk, runs)) for chunk in chunks)
        return
    # Kernels let go of the interpreter's lock: threads share the network, and nothing is copied.
    pool = Parallel(n_jobs=jobs, backend="threading", return_as="generator", pre_dispatch="2*n_jobs")
    contents = pool(delayed(solve_chunk)(study, chunk, runs) for chunk in chunks)
    yield from zip(chunks, contents, strict=True)


def _on_dask(study: Study, chunks: list[int], runs: int, scheduler: str) -> Iterator[tuple[int, bytes]]:
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError("a scheduler needs the package 'distributed'; install serai[dask]") from error
    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise InputError(f"no dask scheduler answers at '{scheduler}': {error}") from error
    with client:
        shared = client.scatter(study, broadcast=True)
        ahead = 2 * max(sum(client.nthreads().values()), 1)
        flying = {}
        for chunk in chunks:
            flying[chunk] = client.submit(solve_chunk, shared, chunk, runs, pure=False)
            if len(flying) >= ahead:
                first = next(iter(flying))
                yield first, flying.pop(first).result()
        for chunk, future in flying.items():
            yield chunk, future.result()


def _join(parts: Path, chunks: int, out: Path) -> None:
    """One file from the chunks, in order, one group of rows each; written beside its place and renamed."""
    with whole(out) as beside, pq.ParquetWriter(beside, SCHEMA, compression="zstd") as writer:
        for chunk in range(chunks):
            writer.write_table(pq.read_table(_part(parts, chunk), schema=SCHEMA))


def summary(path: Path) -> pl.DataFrame:
    """What an ensemble says, by area, role and class: mean, quantiles and worst of each measure over its runs.

    Returns:
        ``area, role, commodity, measure, mean, p50, p90, p99, most`` and ``runs``.
    """
    keys = ["area", "role", "commodity"]
    parts = []
    for measure in MEASURES[1:]:  # one at a time: memory stays that of one column
        value = pl.col(measure)
        quantiles = [value.quantile(q / 100).alias(f"p{q}") for q in (50, 90, 99)]
        found = (
            pl.scan_parquet(path)
            .group_by(keys, maintain_order=True)
            .agg(value.mean().alias("mean"), *quantiles, value.max().alias("most"), pl.len().alias("runs"))
        )
        parts.append(found.select(*keys, pl.lit(measure).alias("measure"), pl.exclude(keys)).collect())
    return pl.concat(parts).with_columns(pl.lit("M").alias("nature"))

"""Taking a file in: its activities in tasks, each read, judged and written by itself, several of them at a time.

Tasks are threads of one process: parsing, walking, compressing and writing all run outside Python's lock, libraries are
in memory once, and nothing is copied from one process to another. How much is under way is bounded in bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from serai.coordinate.iati.accept import accept
from serai.coordinate.iati.read import TASK, Frames, Reject, take, tasks
from serai.coordinate.iati.scan import Head, Piece


@dataclass(frozen=True, slots=True)
class Done:
    """What a task did."""

    rejects: list[Reject]
    taken: int
    pieces: int
    size: int
    """Bytes of the file."""


@dataclass(frozen=True, slots=True)
class Job:
    """A run of pieces of a file, and where their rows go."""

    head: Head
    run: list[Piece]
    folder: Path
    base: int
    """Record number of the first piece."""
    name: str
    today: date | None

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return sum(one.size for one in self.run)


def jobs(head: Head, folder: Path, file: int, base: int, today: date | None) -> Iterator[Job]:
    """The tasks of a file.

    Args:
        head: of the file.
        folder: where rows are written to.
        file: number of the file in its import.
        base: record number of its first piece.
        today: the day after which nothing can have happened.
    """
    for number, one in enumerate(tasks(head)):
        yield Job(head, one, folder, base, task_name(file, number), today)
        base += len(one)


def task_name(file: int, number: int) -> str:
    """What the tables of a task are called: in the order of their names records go up, however many files there are."""
    return f"{file:08}_{number:08}"


def each(found: Iterator[Job], size: int, workers: int) -> Iterator[Done]:
    """Do tasks, in threads where the file is large, and give their results in order.

    Args:
        found: the tasks; taken as they are needed.
        size: bytes of the file.
        workers: threads.
    """
    if workers < 2 or size < 2 * TASK:
        yield from map(do, found)
        return
    under_way: deque[tuple[Future[Done], int]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for job in found:
                # One more than there are threads, so that none of them waits; a huge activity waits for room.
                while under_way and sum(one for _, one in under_way) + job.size > (workers + 2) * TASK:
                    yield under_way.popleft()[0].result()
                under_way.append((pool.submit(do, job), job.size))
            while under_way:
                yield under_way.popleft()[0].result()
        finally:
            for future, _ in under_way:
                future.cancel()


def do(job: Job) -> Done:
    """Read, judge and write the rows of a run of pieces."""
    taken = accept(take(job.head, job.run), str(job.head.path), today=job.today)
    store(taken.frames, job.folder, job.name, job.base, job.head.path.name)
    return Done(taken.rejects, taken.frames["records"].height, len(job.run), job.size)


def store(frames: Frames, folder: Path, name: str, base: int, file: str) -> None:
    """Write the tables of a task, records numbered on from ``base``."""
    for table, rows in frames.items():
        if rows.height:
            told = [pl.lit(file).alias("file")] if table == "records" else []
            frame = rows.lazy().with_columns(pl.col("record") + base, *told)
            place = folder / f"{table}-{name}.parquet"
            frame.sink_parquet(place, compression="zstd", compression_level=1, statistics=table != "records")

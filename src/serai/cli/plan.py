"""``serai plan``: priorities under shocks."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
from cyclopts import App, Parameter

from serai.cli._io import Output, RegionName, opened, show

if TYPE_CHECKING:
    from serai.plan import Decisions, Run

app = App(name="plan", help="Priorities that hold up when the region is shaken. Model output, not a forecast.")

NOTE = "Model output, not a forecast: it compares strategies under shocks. "
Strategies = Annotated[
    list[str] | None,
    Parameter(name=["--strategy", "-s"], consume_multiple=True, negative="", help="Strategies; all when left out."),
]
Shocks = Annotated[int, Parameter(help="Drawn shocks, a power of two.")]
Runs = Annotated[int, Parameter(help="Runs of each strategy in each shock, on the same luck.")]
Seed = Annotated[int, Parameter(help="Seed of shocks and luck.")]
Shares = Annotated[Path | None, Parameter(help="CSV member, programme, share: one more strategy, named like the file.")]
Suspended = Annotated[
    list[str] | None,
    Parameter(name="--suspend", consume_multiple=True, negative="", help="Members that take no part for now."),
]
Workers = Annotated[int | None, Parameter(help="Threads; one a core when left out.")]
Scheduler = Annotated[str | None, Parameter(help="Address of a dask scheduler, such as tcp://host:8786.")]
Folder = Annotated[Path | None, Parameter(name="--folder", help="Where the ensemble is kept; in the home otherwise.")]


@contextmanager
def _decisions(region: str, suspended: list[str] | None) -> Iterator[tuple[Decisions, Decisions]]:
    """The decisions of the whole region, and of those that take part."""
    with opened(region) as house:
        whole = house.plan.decisions
        whole.tell = house.tell
        yield whole, whole.suspend(*suspended) if suspended else whole


def _ran(
    pair: tuple[Decisions, Decisions], suspended: list[str] | None, strategy: list[str] | None, *, shocks: int,
    runs: int, seed: int, table: Path | None, folder: Path | None, workers: int | None, scheduler: str | None,
) -> Run:  # fmt: skip
    """The ensemble of those that take part; where some are suspended, with their frozen figures from the whole."""
    whole, part = pair
    threads = workers if workers is not None else os.cpu_count() or 1
    run = part.run(
        strategy, shocks=shocks, runs=runs, seed=seed, table=table, folder=folder, workers=threads, scheduler=scheduler
    )
    if not suspended:
        return run
    before = whole.run(strategy, shocks=shocks, runs=runs, seed=seed, table=table, workers=threads, scheduler=scheduler)
    return run.with_frozen(whole.frozen(before, suspended))


@app.command
def run(
    *,
    strategy: Strategies = None,
    shocks: Shocks = 256,
    runs: Runs = 32,
    seed: Seed = 20301231,
    table: Shares = None,
    suspend: Suspended = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    folder: Folder = None,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Run an ensemble of shocks and strategies; what is there already is not run again.

    Example: serai plan run --shocks 1024 --folder ensemble -o outcomes.parquet
    """
    with _decisions(region, suspend) as pair:
        found = _ran(
            pair, suspend, strategy, shocks=shocks, runs=runs, seed=seed, table=table, folder=folder, workers=workers,
            scheduler=scheduler,
        )  # fmt: skip
        rows = found.outcomes(goals=output is not None)
    _head(found)
    sys.stderr.write(f"kept in {found.folder}\n")
    if output is not None:
        show(rows, output)
        return
    keys = ["member", "strategy", "status", "made"]
    spread = [pl.col("closed").quantile(q, "linear").alias(f"p{100 * q:.0f}") for q in (0.1, 0.5, 0.9)]
    show(rows.group_by(keys, maintain_order=True).agg(*spread), None)


@app.command
def compare(
    *,
    strategy: Strategies = None,
    shocks: Shocks = 256,
    runs: Runs = 32,
    seed: Seed = 20301231,
    table: Shares = None,
    suspend: Suspended = None,
    influence: Annotated[bool, Parameter(negative="", help="How much each uncertain input moves the ranking.")] = False,
    workers: Workers = None,
    scheduler: Scheduler = None,
    folder: Folder = None,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Which strategies hold up: gaps closed, tail, regret, whether the ranking is decided, and where they fail.

    Example: serai plan compare --strategy water corridor --shocks 512
    """
    with _decisions(region, suspend) as pair:
        found = _ran(
            pair, suspend, strategy, shocks=shocks, runs=runs, seed=seed, table=table, folder=folder, workers=workers,
            scheduler=scheduler,
        )  # fmt: skip
        made = pair[1].compare(found)
        moved = pair[1].influence(strategy, seed=seed, workers=workers or os.cpu_count() or 1) if influence else None
    _head(found)
    if output is not None:
        show(made.summary, output)
        return
    parts = {
        "share of the gap to the goals closed by the last year, over all shocks": made.summary.select(
            "member", "strategy", "mean", "p10", "p90", "cvar", "regret_mean", "regret_max", "satisficing", "status",
        ),
        "is the ranking decided?": made.decision.select(
            "member", "criterion", "best", "decided", pl.col("leading").list.join(", "),
        ),
        "fails to beat the status quo when": made.boxes.select(
            "member", "strategy", "words", "coverage", "density", "base"
        ).unique(maintain_order=True),
    }  # fmt: skip
    if moved is not None:
        names = ("member", "input", "first", "total", "total_low", "total_high")
        parts["how much each input moves the ranking"] = moved.select(names)
    for title, frame in parts.items():
        sys.stdout.write(f"\n{title}\n")
        with pl.Config(fmt_str_lengths=120, fmt_table_cell_list_len=10):
            show(frame, None)


@app.command
def bottlenecks(
    member: str | None = None,
    *,
    accelerators: Annotated[bool, Parameter(negative="", help="Programmes that help other goals instead.")] = False,
    frontier: Annotated[bool, Parameter(negative="", help="Gap closed with more or less money instead.")] = False,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Where more money does not help: indicators by what closes their gap.

    Example: serai plan bottlenecks --frontier

    Parameters
    ----------
    member
        A member; all when left out.
    """
    with _decisions(region, None) as (whole, _):
        if frontier:
            frame = whole.frontier()
            frame = frame if member is None else frame.filter(pl.col("member") == member)
        else:
            frame = whole.accelerators(member) if accelerators else whole.bottlenecks(member)
    sys.stderr.write(f"{NOTE}\n")
    show(frame, output)


@app.command
def shocks(*, region: RegionName = "central_asia", output: Output = None) -> None:
    """What may give way, how far it reaches each member, and on what ground.

    Example: serai plan shocks -o reach.csv
    """
    with _decisions(region, None) as (whole, _):
        frame = whole.reach
    show(frame, output)


def _head(found: Run) -> None:
    job = found.job
    sys.stderr.write(
        f"{NOTE}{len(job.unit):,} shocks x {len(job.budgets)} strategies x {job.runs} runs, "
        f"{job.world.ground.years[0]} to {job.world.ground.years[-1]}, computed {found.made}.\n"
    )

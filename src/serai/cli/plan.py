"""``serai plan``: priorities under shocks."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
from cyclopts import App, Parameter

from serai.cli._io import Output, RegionName, opened, show

if TYPE_CHECKING:
    from serai.plan import Comparison, Decisions, Run

app = App(name="plan", help="Priorities that hold up when the region is shaken. Model output, not a forecast.")

FITTED = "Model output, not a forecast: what it is good for is comparing ways of spending.\n"
NOTE = "Model output, not a forecast: it compares strategies under shocks. "
CALM = "Model output, not a forecast: without shocks, at the middle of every uncertain input, over the networks.\n"
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
def _decisions(
    region: str, suspended: list[str] | None, strategy: list[str] | None = None, member: str | None = None
) -> Iterator[tuple[Decisions, Decisions]]:
    """The decisions of the whole region, and of those that take part; wrong names are told before models are fitted."""
    from serai.plan import strategies

    with opened(region) as house:
        strategies.chosen(strategies.read(house.pack.path), strategy)
        house.plan.members([*(suspended or ()), *((member,) if member else ())])
        whole = house.plan.decisions
        whole.tell = house.tell
        yield whole, whole.suspend(*suspended) if suspended else whole


def _check(*, shocks: int, runs: int, seed: int, workers: int | None) -> None:
    """Wrong numbers are told before models are fitted."""
    from serai.plan.decisions import check

    check(shocks=shocks, runs=runs, seed=seed, workers=1 if workers is None else workers)


def _ran(
    pair: tuple[Decisions, Decisions], suspended: list[str] | None, strategy: list[str] | None, *, shocks: int,
    runs: int, seed: int, table: Path | None, folder: Path | None, workers: int | None, scheduler: str | None,
) -> Run:  # fmt: skip
    """The ensemble of those that take part; where some are suspended, with their frozen figures from the whole."""
    whole, part = pair
    options: dict[str, Any] = {
        "shocks": shocks, "runs": runs, "seed": seed, "table": table, "folder": folder, "scheduler": scheduler,
        "workers": workers if workers is not None else os.cpu_count() or 1,
    }  # fmt: skip
    return whole.suspended(suspended, strategy, **options) if suspended else part.run(strategy, **options)


@app.command
def calibrate(
    member: str | None = None,
    *,
    to: Annotated[float, Parameter(help="Goodness of fit that every indicator is to have, below 1.")] = 0.8,
    until: Annotated[int | None, Parameter(help="Last year fitted to.")] = None,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Fit the model of one member, or of all, under every plausible network; what was fitted before is kept.

    Example: serai plan calibrate KGZ --to 0.9 --output kgz.csv

    Parameters
    ----------
    member
        Code of a member; all when left out.
    """
    with opened(region) as house:
        found = house.plan.calibration(member, threshold=to, until=until)
    sys.stderr.write(FITTED)
    show(_summary(found) if output is None else found, output)


def _summary(found: pl.DataFrame) -> pl.DataFrame:
    """One row a member and network."""
    return found.group_by("area", "network", maintain_order=True).agg(
        years=pl.format("{}-{}", pl.col("first").first(), pl.col("last").first()),
        indicators=pl.len(),
        instrumental=(pl.col("role") == "instrumental").sum(),
        worst_level=pl.col("fit_level").min(),
        median_level=pl.col("fit_level").median(),
        worst_rate=pl.col("fit_rate").min(),
        reached=pl.col("reached").first(),
        evaluations=pl.col("iterations").first(),
        runs=pl.col("runs").first(),
    )


@app.command
def indicators(member: str | None = None, *, region: RegionName = "central_asia", output: Output = None) -> None:
    """Series in the model of a member, and those left out with the reason.

    Example: serai plan indicators TJK --output tjk.csv

    Parameters
    ----------
    member
        Code of a member; all when left out.
    """
    with opened(region) as house:
        found = house.plan.indicators(member)
    show(found if output is not None else _told(found), output)


def _told(found: pl.DataFrame) -> pl.DataFrame:
    """The columns that fit on a screen."""
    return found.select("area", "goal", "series", "role", "observed", "filled", "start", "end", "rate", "reason")


@app.command
def holdout(
    member: str | None = None,
    *,
    fitted_to: Annotated[int, Parameter(help="Last year fitted to.")] = 2015,
    year: Annotated[int, Parameter(help="Year looked at.")] = 2020,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """The model outside the years it was fitted to: against no change, and against the projections.

    Example: serai plan holdout --fitted-to 2015 --year 2020

    Parameters
    ----------
    member
        Code of a member; all when left out.
    """
    from serai.plan.holdout import skill

    with opened(region) as house:
        found = house.plan.holdout(member, fitted_to=fitted_to, year=year)
    sys.stderr.write(FITTED)
    show(skill(found) if output is None else found, output)


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
    _check(shocks=shocks, runs=runs, seed=seed, workers=workers)
    with _decisions(region, suspend, strategy) as pair:
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
    _check(shocks=shocks, runs=runs, seed=seed, workers=workers)
    with _decisions(region, suspend, strategy) as pair:
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
    for title, frame in _parts(made, moved).items():
        sys.stdout.write(f"\n{title}\n")
        with pl.Config(fmt_str_lengths=120, fmt_table_cell_list_len=10):
            show(frame, None)


def _parts(made: Comparison, moved: pl.DataFrame | None) -> dict[str, pl.DataFrame]:
    """What goes on the screen, under its title."""
    boxes = made.boxes.select("member", "strategy", "fails", "words", "coverage", "density", "base")
    parts = {
        "share of the gap to the goals closed by the last year, over all shocks": made.summary.select(
            "member", "strategy", "mean", "p10", "p90", "cvar", "regret_mean", "regret_max", "satisficing", "status"
        ),
        "is the ranking decided?": made.decision.select(
            "member", "criterion", "best", "decided", pl.col("leading").list.join(", ")
        ),
        "when strategies do worse than the status quo, and when the status quo is in its worst fifth": boxes.unique(
            maintain_order=True
        ),
    }
    if moved is not None:
        totals = moved.pivot("member", index="input", values="total", maintain_order=True)
        parts["how much each input moves the ranking (total order)"] = totals
    return parts


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
    with _decisions(region, None, member=member) as (whole, _):
        if frontier:
            frame = whole.frontier(member)
        else:
            frame = whole.accelerators(member) if accelerators else whole.bottlenecks(member)
    sys.stderr.write(CALM)
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

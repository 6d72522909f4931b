"""What the commands share: progress bars where a person looks on, plain text where a pipe does."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from serai.errors import InputError
from serai.files import whole

if TYPE_CHECKING:
    from serai.house import Region

RegionName = Annotated[str, Parameter(name=["--region", "-r"], help="A shipped region or the path of a pack.")]
SUFFIXES = (".csv", ".json", ".parquet")


def _can_take(_: object, output: Path | None) -> None:
    """Refuse a file that could not be written before the work is done, not after."""
    if output is None:
        return
    if output.suffix not in SUFFIXES:
        raise InputError(f"cannot write '{output}': use a name that ends in {', '.join(SUFFIXES)}")
    if not output.absolute().parent.is_dir():
        raise InputError(f"cannot write '{output}': no folder '{output.parent}'; make it or choose another place")


Output = Annotated[
    Path | None,
    Parameter(
        name=["--output", "-o"],
        help="File to write: .csv, .json or .parquet; otherwise the screen.",
        validator=_can_take,
    ),
]
PIPED_WIDTH = 160
PIPED_TABLE_WIDTH = 10_000
MAX_ROWS_ON_SCREEN = 40
WORDS = {
    "figures": "taking in figures",
    "charts": "drawing charts",
    "pages": "writing pages",
    "brief": "setting the brief",
    "transit": "assigning freight",
    "calibrate": "fitting the models",
    "ensemble": "running the models",
    "back-test": "forecasting from earlier releases",
    "draws": "drawing values",
    "runs": "solving disruptions",
    "propagate": "following a shock",
    "import": "reading the file",
}
"""Steps of long jobs as a person reads them."""


def console(stderr: bool = False) -> Console:
    """A console that keeps its width when piped, so that the text is the same in any terminal."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else PIPED_WIDTH, highlight=False)


class Steps:
    """Progress of a long job: bars on a terminal, elsewhere a plain line when a step begins and when it ends."""

    def __init__(self, bars: Progress | None) -> None:
        self._bars = bars
        self._tasks: dict[str, int] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        """Report that ``done`` of ``total`` parts of a step are finished."""
        words = WORDS.get(step, step)
        if self._bars is None:
            if step not in self._tasks and done < total:
                sys.stderr.write(f"{words} …\n")
            self._tasks[step] = total
            if done == total:
                sys.stderr.write(f"{words} {done}/{total}\n")
            return
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(words, total=total)
        self._bars.update(self._tasks[step], completed=done, total=total)  # type: ignore[arg-type]


@contextmanager
def steps() -> Iterator[Steps]:
    """Bars on standard error while a long job runs."""
    if not sys.stderr.isatty():
        yield Steps(None)
        return
    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bars:
        yield Steps(bars)


@contextmanager
def opened(region: str) -> Iterator[Region]:
    """A region whose long work shows on standard error."""
    import serai

    with steps() as tell:
        house = serai.open(region)
        house.tell = tell
        yield house


def tell_first_release(house: Region, as_of: str | None, provider: str | None = None) -> None:
    """Say on standard error that a date lies before everything that is held; a bare header would not."""
    first = house.store.releases(provider=provider)["release"].min() if as_of else None
    if as_of and isinstance(first, date) and date.fromisoformat(as_of) < first:
        sys.stderr.write(f"nothing was published by {as_of}: the first release held is of {first}\n")


def show(frame: pl.DataFrame, output: Path | None) -> None:
    """Print a table, or write it to a file whose suffix says the format.

    Raises:
        OutputError: the file cannot be written.
    """
    if output is None:
        with pl.Config(
            tbl_rows=MAX_ROWS_ON_SCREEN,
            tbl_cols=-1,
            # A terminal folds what is too wide; a pipe gets every row on one line.
            tbl_width_chars=console().width if sys.stdout.isatty() else PIPED_TABLE_WIDTH,
            float_precision=3,
            tbl_hide_column_data_types=True,
            tbl_hide_dataframe_shape=True,
            tbl_formatting="UTF8_FULL_CONDENSED" if sys.stdout.isatty() else "NOTHING",
        ):
            sys.stdout.write(f"{frame}\n")
        if frame.height > MAX_ROWS_ON_SCREEN:
            left = frame.height - MAX_ROWS_ON_SCREEN
            sys.stderr.write(f"{left:,} of {frame.height:,} rows are not shown; write all with --output FILE.csv\n")
        return
    writers: dict[str, Callable[[Path], object]] = {
        ".csv": frame.write_csv,
        ".json": frame.write_json,
        ".parquet": frame.write_parquet,
    }
    with whole(output, remedy="choose another place") as beside:
        writers[output.suffix](beside)
    sys.stderr.write(f"{frame.height:,} rows written to {output}\n")

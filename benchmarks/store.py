"""The lake against one plain parquet file of all releases, on the same reads in the same run.

    python benchmarks/store.py                             the run tables of the shipped pack, its members
    python benchmarks/store.py RUNS.parquet … --areas A,B  other run tables, other areas

Prints what it costs to take the run tables in, to take them in again, and to open the lake in a new process; then
the time of an as-of read of the areas at each release, beside polars and DuckDB on a parquet file that holds every
row of every release. All three must return the same rows.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from serai.store import Store

ORDER = ["series", "area", "dimensions", "period", "provider"]
ROUNDS = 5
OPEN = "import time; t = time.perf_counter(); from pathlib import Path; from serai.store.store import Store\n"
OPEN += "import sys; Store.open(Path(sys.argv[1])); print(time.perf_counter() - t)"
INGEST = """
import resource, sys, time
from pathlib import Path
import polars as pl
from serai.store import Store
home, path = map(Path, sys.argv[1:])
with Store.open(home) as store:
    start = time.perf_counter()
    store.ingest_runs(path)
    taken = time.perf_counter() - start
rows = pl.scan_parquet(path).select(pl.len()).collect().item()
print(rows, taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000)
"""
BARE = "import time; t = time.perf_counter(); import duckdb, polars; print(time.perf_counter() - t)"


def clock(work: Callable[[], object]) -> float:
    """Seconds that ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_new_process(*command: str) -> float:
    """Median of what a new Python prints."""
    run = [sys.executable, "-c", *command]
    return median(float(subprocess.run(run, capture_output=True, text=True, check=True).stdout) for _ in range(ROUNDS))


def expand(runs: list[Path], target: Path) -> None:
    """Every row of every release, as providers publish them, in one file."""
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (
                WITH runs AS (FROM read_parquet({[str(path) for path in runs]}, union_by_name = true)),
                dates AS (SELECT DISTINCT provider, unnest([release_from, release_to]) AS release FROM runs)
                SELECT r.* EXCLUDE (release_from, release_to), d.release FROM runs r JOIN dates d
                ON r.provider = d.provider AND d.release BETWEEN r.release_from AND r.release_to
                ORDER BY release, area, series, dimensions, period
            ) TO '{target}' (COMPRESSION zstd)"""
        )


def peers(expanded: Path, areas: list[str]) -> dict[str, Callable[[date], pl.DataFrame]]:
    """The same read from the plain file."""
    connection = duckdb.connect()
    inside = ", ".join(f"'{area}'" for area in areas)

    def with_polars(release: date) -> pl.DataFrame:
        wanted = (pl.col("release") == release) & pl.col("area").is_in(areas)
        return pl.scan_parquet(expanded).filter(wanted).sort(ORDER).collect()

    def with_duckdb(release: date) -> pl.DataFrame:
        return connection.execute(
            f"FROM '{expanded}' WHERE release = ? AND area IN ({inside}) ORDER BY {', '.join(ORDER)}", [release]
        ).pl()

    return {"polars, plain parquet": with_polars, "duckdb, plain parquet": with_duckdb}


def size(*paths: Path) -> str:
    """Bytes of files, in megabytes."""
    return f"{sum(path.stat().st_size for path in paths) / 1e6:.1f} MB"


def measure_ingest(home: Path, runs: list[Path]) -> None:
    """In a process of its own, so that its memory is its own."""
    for again in ("", " again"):
        for path in runs:
            done = subprocess.run(
                [sys.executable, "-c", INGEST, str(home), str(path)], capture_output=True, text=True, check=True
            )
            rows, seconds, peak = done.stdout.split()
            print(f"ingest{again:6} {path.name:28} {int(rows):>9,} runs {float(seconds):7.3f} s, peak memory {peak} MB")


def measure_reads(store: Store, provider: str, areas: list[str], expanded: Path) -> None:
    releases = store.release_dates(provider, areas=areas)

    def ours(release: date) -> pl.DataFrame:
        return store.observations(provider=provider, areas=areas, as_of=release)

    readers = {"serai": ours, **peers(expanded, areas)}
    columns = ours(releases[-1]).columns
    total = dict.fromkeys(readers, 0.0)
    print(f"\nas-of reads of {len(areas)} areas at {len(releases)} releases, ms (best of {ROUNDS}; {provider})")
    print(f"{'release':12}{'rows':>8}" + "".join(f"{name:>24}" for name in readers))
    for release in releases:
        frames = [read(release).filter(provider=provider).select(columns) for read in readers.values()]
        if not all(frame.equals(frames[0]) for frame in frames):
            sys.exit(f"the readers disagree on {release}")
        best = {name: min(clock(partial(read, release)) for _ in range(ROUNDS)) for name, read in readers.items()}
        total = {name: total[name] + best[name] for name in readers}
        print(f"{release!s:12}{frames[0].height:>8}" + "".join(f"{best[name] * 1e3:>24.1f}" for name in readers))
    print(f"{'all':12}{'':8}" + "".join(f"{total[name] * 1e3:>24.1f}" for name in readers))
    for name in list(readers)[1:]:
        print(f"ratio: {name} takes {total[name] / total['serai']:.2f} times as long as serai")
    whole = min(clock(lambda: store.history(provider=provider, areas=areas)) for _ in range(ROUNDS))
    wanted = pl.col("area").is_in(areas) & (pl.col("provider") == provider)
    peer = min(clock(lambda: pl.scan_parquet(expanded).filter(wanted).sort(ORDER).collect()) for _ in range(ROUNDS))
    print(f"all releases in one read: serai, as runs {whole * 1e3:.1f} ms; polars, every row {peer * 1e3:.1f} ms")
    print(f"ratio: polars takes {peer / whole:.2f} times as long as serai")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", type=Path)
    parser.add_argument("--areas", type=lambda text: text.split(","))
    given = parser.parse_args()
    runs, areas = given.runs, given.areas
    if not runs or not areas:
        from serai.region import load_pack

        pack = load_pack("central_asia")
        runs, areas = runs or list(pack.observation_files), areas or list(pack.manifest.members)
    with TemporaryDirectory() as folder:
        home, expanded = Path(folder) / "home", Path(folder) / "expanded.parquet"
        measure_ingest(home, runs)
        expand(runs, expanded)
        lake = [path for path in (home / "lake").rglob("*") if path.is_file()]
        print(f"run tables {size(*runs)}, lake {size(*lake)}, plain parquet {size(expanded)}")
        bare, opened = in_new_process(BARE), in_new_process(OPEN, str(home))
        print(f"open in a new process {opened * 1e3:.0f} ms, of which importing duckdb and polars {bare * 1e3:.0f} ms")
        with Store.open(home) as store:
            covering = store.releases(areas=areas)["provider"].value_counts(sort=True)
            measure_reads(store, covering["provider"][0], areas, expanded)


if __name__ == "__main__":
    main()

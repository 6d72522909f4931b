"""Projections: time against the bounds the project has set itself, and the members beside two libraries' in one run.

    python benchmarks/projection.py
    python benchmarks/projection.py --peer-python PATH --every 20

Bounds: the members' headline series projected in under 20 s; the whole real-time back-test in under 5 minutes, and a
second one with nothing new faster than the first. Peers (statsforecast, statsmodels) get every ``--every``-th history
of the back-test, gaps filled, and are scored on the outcomes of those.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np
import polars as pl

from serai.assess.headline import headline
from serai.assess.projection import backtest, project, shipped
from serai.assess.projection.cases import real_time
from serai.assess.projection.members import MEMBERS, mean_changes, paths
from serai.region import load_pack

T = TypeVar("T")
PEER = Path(__file__).with_name("_projection_peer.py")


def timed(work: Callable[[], T]) -> tuple[T, float]:
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def runs_of(pack_name: str) -> tuple[pl.DataFrame, pl.DataFrame, tuple[str, ...]]:
    pack = load_pack(pack_name)
    runs = pl.concat([pl.read_parquet(path) for path in pack.observation_files], how="diagonal")
    runs = headline(runs.filter(pl.col("provider") == pack.manifest.primary_provider), pack.table("headline"))
    last = runs["release_to"].max()
    several = runs.filter(pl.col("release_from") < last)["area"].unique()
    return runs.filter(pl.col("area").is_in(several.to_list())), pack.table("rules"), pack.manifest.members


def peers(values: np.ndarray, python: str) -> dict[str, dict[str, object]]:
    with TemporaryDirectory() as place:
        given, made = Path(place) / "given.npz", Path(place) / "made.json"
        np.savez(given, values=values)
        subprocess.run([python, str(PEER), str(given), str(made)], check=True)
        report: dict[str, dict[str, object]] = json.loads(made.read_text(encoding="utf-8"))
        return report


def beside(runs: pl.DataFrame, python: str, every: int) -> None:
    cases = real_time(runs).cases
    used = np.unique(cases.row)[::every]
    mine = np.isin(cases.row, used)
    row, horizon, truth = np.searchsorted(used, cases.row[mine]), cases.horizon[mine], cases.truth[mine]
    values = cases.histories.values[used]
    now, pace = values[row, -1], mean_changes(values)[row]
    moving = pace > 0

    def error(forecast: np.ndarray) -> float:
        return float(np.median((np.abs(truth - forecast) / np.where(moving, pace, 1) / horizon)[moving]))

    made, seconds = timed(lambda: paths(values))
    print(f"{len(used)} histories, {moving.sum()} outcomes; median error scaled by yearly change x horizon")
    print(f"  last value               {error(now):.3f}")
    for place, name in enumerate(MEMBERS):
        print(f"  {name:24} {error(now + made.at(row, horizon)[:, place]):.3f}")
    print(f"  our members together     {1000 * seconds / len(used):.4f} ms a history")
    for name, report in peers(values, python).items():
        forecast = np.array(report["forecasts"])[row, horizon - 1]
        took = float(str(report["seconds"]))
        print(
            f"  {name:24} {error(forecast):.3f}  {1000 * took / len(used):.2f} ms a history,"
            f" {took / seconds:.0f} times ours; {report['refused']} refused"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pack", default="central_asia")
    parser.add_argument("--peer-python")
    parser.add_argument("--every", type=int, default=20)
    given = parser.parse_args()
    runs, rules, members = runs_of(given.pack)
    latest = runs.filter(pl.col("release_to") == runs["release_to"].max()).rename({"release_to": "release"})
    latest = latest.filter(pl.col("area").is_in(members))
    made, seconds = timed(lambda: project(latest, rules, shipped()))
    keys = made.select("series", "area", "dimensions").n_unique()
    print(f"projections of {len(members)} members: {keys} series in {seconds:.2f} s (bound 20 s)")
    whole, seconds = timed(lambda: backtest(runs))
    print(f"real-time back-test: {len(whole.forecasts)} forecasts in {seconds:.1f} s (bound 300 s)")
    _, again = timed(lambda: backtest(runs, previous=whole.forecasts))
    print(f"  again with nothing new: {again:.1f} s")
    before = whole.forecasts.filter(pl.col("known") < whole.forecasts["known"].max())
    _, again = timed(lambda: backtest(runs, previous=before))
    print(f"  again with one release more: {again:.1f} s")
    if given.peer_python:
        beside(runs, given.peer_python, given.every)


if __name__ == "__main__":
    main()

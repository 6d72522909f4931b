"""The policy-priority model beside the field's own package in the same run, and against the bounds set for it.

python benchmarks/plan.py [--runs 4096] [--peer-runs 40] [--linked 1000000] [--calibrate-peer]

The peer, `policy-priority-inference`, is taken from the environment that runs this.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import policy_priority_inference as peer

from serai.plan import Links, Model, Stack, calibrate, simulate


def country(N: int, T: int, seed: int, name: str = "case") -> tuple[dict[str, Any], Model]:
    """An invented country: two thirds instrumental indicators, a twentieth of all pairs linked, 16 programmes."""
    rng = np.random.default_rng(seed)
    A = rng.normal(0, 0.3, (N, N)) * (rng.random((N, N)) < 0.05)
    np.fill_diagonal(A, 0)
    R = (np.arange(N) % 3 > 0).astype(float)
    given = {
        "I0": rng.uniform(0.2, 0.7, N), "alphas": rng.uniform(0.002, 0.02, N),
        "alphas_prime": rng.uniform(0.001, 0.01, N), "betas": rng.uniform(0.1, 0.6, N), "A": A, "R": R,
        "Bs": np.full((16, T), 100.0 / 16), "B_dict": {int(i): [at % 16] for at, i in enumerate(np.flatnonzero(R))},
    }  # fmt: skip
    return given, Model.build(**given, name=name)


def used(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of a piece of work."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def first_call() -> None:
    """A process that has to compile, and one that finds the compiled code."""
    code = (
        "import time; t = time.process_time()\n"
        "from serai.plan import Model, simulate\n"
        "simulate(Model.build([.1, .2], .01, .01, .5), 64); print(time.process_time() - t)"
    )
    with tempfile.TemporaryDirectory() as empty:
        for what in ("compiling", "compiled before"):
            environment = {**os.environ, "NUMBA_CACHE_DIR": empty}
            done = subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
            )
            print(f"first call, {what:<18} {float(done.stdout):8.1f} s CPU   (bound 20 s)")


def one_country(runs: int, peer_runs: int) -> None:
    """Runs a second of one country of 72 indicators over 69 periods, one core each side."""
    given, model = country(72, 69, 0)
    simulate(model, 64, workers=1)
    _, ours = used(lambda: simulate(model, runs, keep=("mean", "mean_rate"), workers=1))

    def theirs() -> None:
        for _ in range(peer_runs):
            peer.run_ppi(**{name: value.copy() for name, value in given.items()})  # it writes into what it is given

    _, other = used(theirs)
    fast, slow = runs / ours, peer_runs / other
    print(f"72 indicators, 69 periods        {fast:10,.0f} runs a second a core   (bound 20,000)")
    print(f"  policy-priority-inference      {slow:10,.1f} runs a second          ratio {fast / slow:,.0f}")


def calibrations(with_peer: bool) -> None:
    """A case of the size of the reference's tutorial to a worst fit of 0.8, and six members' worth of them."""
    rng = np.random.default_rng(5)
    given, model = country(72, 69, 5)
    gap = rng.normal(0.08, 0.06, 72)
    gap = np.where(np.abs(gap) < 0.01, 0.02, gap)
    end, rate = given["I0"] + gap, np.clip(0.5 + 3 * gap + rng.normal(0, 0.1, 72), 0.05, 0.95)
    found = []
    wall, cpu = used(lambda: found.append(calibrate(model, end, rate)))
    print(
        f"calibration to 0.8               {wall:10.2f} s ({cpu:.2f} s CPU), worst fit {found[0].fit:.3f}   (bound 1 s)"
    )
    six = [country(50, 21, seed, f"m{seed}")[1] for seed in range(6)]

    def all_six() -> None:
        for member in six:
            calibrate(member, member.I0 + 0.1, np.full(50, 0.6))

    wall, cpu = used(all_six)
    print(f"six members of 50 indicators     {wall:10.2f} s ({cpu:.2f} s CPU)   (bound 5 s)")
    if with_peer:
        more = {name: given[name] for name in ("A", "R", "Bs", "B_dict")}
        wall, _ = used(lambda: peer.calibrate(given["I0"], end, rate.copy(), **more, threshold=0.8))
        print(f"  policy-priority-inference      {wall:10.1f} s")


def linked(runs: int) -> None:
    """Six linked countries of 50 indicators over 30 periods on all cores, and the memory they add."""
    models = tuple(country(50, 30, seed, f"m{seed}")[1] for seed in range(6))
    rng = np.random.default_rng(1)
    origin = np.arange(0, 300, 3)
    links = Links(origin, (origin + 50) % 300, rng.uniform(0, 0.3, origin.size))
    stack = Stack(models, links)
    simulate(stack, 1000, keep=("mean",))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = used(lambda: simulate(stack, runs, keep=("mean", "sd", "mean_rate")))
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"six linked, 300 indicators, T 30 {wall:10.1f} s for {runs:,} runs ({runs / cpu:,.0f} a second a core)   "
          f"(bound 60 s for 1,000,000 on 2 cores)")  # fmt: skip
    print(f"  memory added                   {more:10.1f} MB")


def main() -> None:
    """Run all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=4096)
    parser.add_argument("--peer-runs", type=int, default=40)
    parser.add_argument("--linked", type=int, default=1_000_000)
    parser.add_argument("--calibrate-peer", action="store_true", help="calibrate with the peer too: minutes")
    given = parser.parse_args()
    first_call()
    one_country(given.runs, given.peer_runs)
    calibrations(given.calibrate_peer)
    linked(given.linked)


if __name__ == "__main__":
    main()

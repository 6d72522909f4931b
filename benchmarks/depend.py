"""Indices of the whole world, and 100,000 sampled propagations, beside pandas, networkx and a plain numpy loop.

    python benchmarks/depend.py --flows FLOWS.parquet [--peer-python PATH] [--draws 100000]

``FLOWS.parquet`` holds one row per flow: ``exp_iso3, imp_iso3, year, sitc, value_kusd`` (the UNCTAD merchandise trade
matrix in the form of the reports). Without it a matrix of the same size is made up.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from itertools import permutations
from pathlib import Path

import numpy as np
import polars as pl

from serai.depend import FLOWS, indices, pairs
from serai.depend.book import open_book
from serai.depend.propagation import Coupling
from serai.depend.scenarios import run
from serai.region.flow_kinds import DependScenario, Kind

WORD = {"en": "x"}
PEER = Path(__file__).with_name("_depend_peer.py")
MEMBERS, OTHERS, KINDS = tuple("ABCDEF"), ("X", "Y"), tuple(f"k{n}" for n in range(8))
SLICE = 300
"""Draws the plain loop does: the rest is scaled, or it would take an hour."""


def main() -> None:
    """Run both parts and print seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--flows", type=Path)
    parser.add_argument("--peer-python", type=Path, default=Path(sys.executable))
    parser.add_argument("--draws", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    flows = _world(arguments.flows)
    ours = min(_indices(flows) for _ in range(arguments.repeats))
    theirs = _peer(arguments.peer_python, flows)
    print(
        f"indices  {flows.height:,} flows: ours {ours:.2f} s, pandas and networkx {theirs:.2f} s, {theirs / ours:.1f} x"
    )
    own, loop = _propagations(arguments.draws)
    what = f"propagations  {arguments.draws:,} draws"
    print(f"{what}: ours {own:.2f} s, plain loop {loop:.0f} s (scaled), {loop / own:.0f} x")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")


def _kind(name: str, **more: object) -> Kind:
    known = {"domain": "d", "title": WORD, "unit": "kusd", "unit_name": WORD, "limits": WORD, "source": WORD}
    return Kind.model_validate({"id": name, **known, "complete": True, **more})


def _world(path: Path | None) -> pl.DataFrame:
    if path is not None:
        raw = pl.read_parquet(path).select(
            pl.format("s{}", pl.col("sitc").cast(pl.String).str.to_lowercase()).alias("kind"),
            pl.col("exp_iso3").cast(pl.String).alias("origin"), pl.col("imp_iso3").cast(pl.String).alias("destination"),
            pl.col("year").cast(pl.Int32).alias("period"), pl.col("value_kusd").alias("value"),
        )  # fmt: skip
    else:
        rng = np.random.default_rng(1)
        codes = [f"C{n:02}" for n in range(220)]
        ways = pl.DataFrame(list(permutations(codes, 2)), schema=["origin", "destination"], orient="row")
        kinds = pl.DataFrame({"kind": [f"s{n}" for n in range(11)]})
        raw = ways.join(kinds, how="cross").with_columns(pl.lit(2015, pl.Int32).alias("period"))
        raw = raw.with_columns(pl.Series("value", rng.lognormal(6, 3, raw.height)))
    texts = {"unit": "kusd", "provider": "p", "nature": "E", "reported_by": "", "note": ""}
    return raw.with_columns(pl.lit(text).alias(name) for name, text in texts.items()).select(list(FLOWS))


def _indices(flows: pl.DataFrame) -> float:
    kinds = {name: _kind(name) for name in flows["kind"].unique().to_list()}
    started = time.perf_counter()
    indices(flows, kinds)
    return time.perf_counter() - started


def _peer(python: Path, flows: pl.DataFrame) -> float:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "flows.parquet"
        flows.write_parquet(file)
        done = subprocess.run([str(python), str(PEER), str(file)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _propagations(draws: int) -> tuple[float, float]:
    rng = np.random.default_rng(1)
    kinds = {name: _kind(name, substitution={"low": 0, "value": 0.3, "high": 0.6, "reason": WORD}) for name in KINDS}
    ways = [way for way in permutations((*MEMBERS, *OTHERS), 2) if set(way) & set(MEMBERS)]
    rows = []
    for name in KINDS:
        for origin, destination in ways:
            value = float(rng.uniform(1, 100))
            for provider, factor in (("p", 1.0), ("q", 1.5)):
                rows.append((name, origin, destination, 2020, value * factor, "kusd", provider, "C", "", ""))
    flows = pl.DataFrame(rows, schema=dict(FLOWS), orient="row")
    book = open_book(pairs(flows, kinds), indices(flows, kinds).areas, kinds, MEMBERS)
    couplings = [
        Coupling(f"c{n}", (KINDS[n], "in"), (KINDS[(n + 1) % 8], "in"), False, (0.05, 0.2, 0.3)) for n in range(8)
    ] + [Coupling(f"e{n}", (KINDS[n], "out"), (KINDS[n], "in"), False, (0.05, 0.1, 0.2)) for n in range(8)]
    change = {"kind": "k0", "fall": {"low": 0.1, "value": 0.3, "high": 0.5, "reason": WORD}}
    scenario = DependScenario.model_validate(
        {"id": "s", "title": WORD, "reason": WORD, "source": WORD, "change": [change]}
    )
    started = time.perf_counter()
    run(book, couplings, scenario, draws=draws, seed=1, reasons={})
    own = time.perf_counter() - started
    return own, _loop(draws)


def _loop(draws: int) -> float:
    """The same size of work one draw at a time: matrices drawn, shares formed, one linear system solved."""
    rng = np.random.default_rng(1)
    k, m, started = len(KINDS), len(MEMBERS), time.perf_counter()
    size = 2 * k * m
    for _ in range(SLICE):
        low = rng.uniform(1, 100, (k, 8, 8))
        flows = rng.triangular(low, low * 1.25, low * 1.5)
        into = flows / flows.sum(axis=1, keepdims=True)
        first = np.zeros(size)
        first[:m] = (flows[0] * rng.triangular(0.1, 0.3, 0.5)).sum(axis=0)[:m]
        matrix = np.zeros((size, size))
        for n in range(k):
            here, there = slice(n * m, n * m + m), slice((n + 1) % k * m, (n + 1) % k * m + m)
            matrix[there, here] += np.eye(m) * rng.triangular(0.05, 0.2, 0.3)
            out = slice((k + n) * m, (k + n) * m + m)
            matrix[here, out] += np.eye(m) * rng.triangular(0.05, 0.1, 0.2)
            matrix[out, here] += into[n][:m, :m] * 0.1
        np.linalg.solve(np.eye(size) - matrix, first)
    return (time.perf_counter() - started) / SLICE * draws


if __name__ == "__main__":
    main()

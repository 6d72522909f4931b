"""Loss of each link of a network beside a loop over networkx; an ensemble beside solving each run from nothing.

python benchmarks/freight.py [--nodes 5000 --links 6800 --zones 40] [--peer-nodes 400] [--runs 10000 --jobs 2]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np

import serai
from serai.corridor import Network, criticality, hazards
from serai.corridor.ensemble import Study, stream
from serai.corridor.runs import Runner


def generate(nodes: int, links: int, zones: int, seed: int = 5) -> tuple[Network, np.ndarray]:
    """A connected network whose links hold both ways, and demand between all zones."""
    draw = np.random.default_rng(seed)
    spot = draw.uniform(size=(nodes, 2))
    ends = {(int(draw.integers(max(node - 40, 0), node)), node) for node in range(1, nodes)}
    while len(ends) < links:
        a, b = sorted(int(one) for one in draw.integers(0, nodes, 2))
        if a != b and b - a < 60:
            ends.add((a, b))
    one_way = np.array(sorted(ends)) + 1
    both = np.vstack([one_way, one_way[:, ::-1]])
    time_ = 1.0 + 100.0 * np.linalg.norm(spot[both[:, 0] - 1] - spot[both[:, 1] - 1], axis=1)
    # Zones are the first nodes: names are dealt anew so that they lie everywhere.
    name = draw.permutation(nodes) + 1
    both = name[both - 1]
    net = Network.build((both[:, 0], both[:, 1]), capacity=1.0, free_flow=time_, b=0.0, power=1.0, zones=zones)
    demand = draw.gamma(0.5, 2.0, (zones, zones))
    np.fill_diagonal(demand, 0.0)
    return net, demand


def by_networkx(net: Network, demand: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Extra cost and unserved demand of each used link, each taken out and every cheapest path found again."""
    graph = nx.DiGraph()
    cost = net.cost(np.zeros(net.links))
    graph.add_weighted_edges_from(zip(net.tail.tolist(), net.head.tolist(), cost.tolist(), strict=True))
    zones = range(1, net.zones + 1)
    before = {zone: nx.single_source_dijkstra(graph, zone) for zone in zones}
    used = set()
    for _, paths in before.values():
        for end in zones:
            used |= set(pairwise(paths[end]))
    extra, unserved = np.zeros(net.links), np.zeros(net.links)
    for link, pair in enumerate(zip(net.tail.tolist(), net.head.tolist(), strict=True)):
        if pair not in used:
            continue
        weight = graph.edges[pair]["weight"]
        graph.remove_edge(*pair)
        for start in zones:
            after = nx.single_source_dijkstra_path_length(graph, start)
            for end in zones:
                wanted = demand[start - 1, end - 1]
                if end not in after:
                    unserved[link] += wanted
                else:
                    extra[link] += wanted * (after[end] - before[start][0][end])
        graph.add_edge(*pair, weight=weight)
    return extra, unserved


def losses(nodes: int, links: int, zones: int, peer_nodes: int) -> None:
    """Both at a reduced size, with the same answer; ours at full size."""
    small = generate(peer_nodes, round(peer_nodes * links / nodes), max(zones // 4, 2))
    criticality(*small)  # compiles
    began = time.process_time()
    found = criticality(*small)
    ours = time.process_time() - began
    began = time.process_time()
    extra, unserved = by_networkx(*small)
    theirs = time.process_time() - began
    if not (np.allclose(found.extra_cost.sum(axis=1), extra) and np.allclose(found.unserved.sum(axis=1), unserved)):
        raise SystemExit("the two sides differ")
    print(f"criticality, {peer_nodes:,} nodes, {small[0].links:,} links one way, {small[0].zones} zones")
    print(f"  ours {ours:.4f} CPU s, networkx {theirs:.2f} CPU s: {theirs / ours:,.0f} times; same figures")
    large = generate(nodes, links, zones)
    began = time.process_time()
    found = criticality(*large)
    print(
        f"criticality, {nodes:,} nodes, {large[0].links:,} links one way, {zones} zones: {int(found.used.sum()):,} used"
    )
    print(f"  ours {time.process_time() - began:.2f} CPU s (bound 10)")


def ensemble(region: str, runs: int, jobs: int) -> None:
    """A whole ensemble, and what solving its runs from nothing would cost."""
    corridors = serai.open(region).corridors
    study = Study(corridors.freight, hazards.read(corridors.pack.path), corridors.pack.manifest.members)
    study.solve(0, 8)  # compiles
    memory: list[int] = []

    def tell(done: int, _total: int) -> None:
        memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)

    with tempfile.TemporaryDirectory() as folder:
        began, used = time.perf_counter(), time.process_time()
        stream(study, Path(folder) / "runs.parquet", runs, jobs=jobs, tell=tell)
        wall, used = time.perf_counter() - began, time.process_time() - used
        size = (Path(folder) / "runs.parquet").stat().st_size / 1e6
    print(
        f"ensemble, {runs:,} runs of {region}, {jobs} threads: {used:.1f} CPU s, {wall:.1f} s (bound 60), {size:.1f} MB"
    )
    print(
        f"  {used / runs * 1e3:.2f} CPU ms a run; memory {memory[0]} MB after the first chunk, {memory[-1]} at the end"
    )
    _from_nothing(study, used / runs)


def _from_nothing(study: Study, ours: float, sample: int = 64) -> None:
    freight, runner = study.freight, Runner(study.freight)
    points = study.points(0)[:sample]
    demand = freight.demand.drawn(points[:, -len(freight.demand.commodities) :])
    spent = 0.0
    for point, wanted in zip(points, demand, strict=True):
        study.run(runner, study.events(point), wanted)
        began = time.process_time()
        freight.solved(freight.base_costs, wanted)
        freight.solved(runner.costs(), wanted)
        spent += time.process_time() - began
    print(f"  from nothing {spent / sample * 1e3:.1f} CPU ms a run: {spent / sample / ours:.0f} times as much")


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--links", type=int, default=6800)
    parser.add_argument("--zones", type=int, default=40)
    parser.add_argument("--peer-nodes", type=int, default=400, help="size at which networkx runs too")
    parser.add_argument("--region", default="central_asia")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    losses(given.nodes, given.links, given.zones, given.peer_nodes)
    ensemble(given.region, given.runs, given.jobs)


if __name__ == "__main__":
    main()

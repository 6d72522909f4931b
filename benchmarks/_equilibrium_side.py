"""One side of ``equilibrium.py``: reads the files, warms up, assigns, prints CPU time, gap and objective as JSON."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np


def tables(net: str, trips: str) -> tuple[np.ndarray, np.ndarray]:
    """The link table and the demand matrix of two ``.tntp`` files, read plainly."""
    lines = open(net).read().split("<END OF METADATA>")[1].splitlines()  # noqa: SIM115, PTH123
    rows = [line.rstrip(" ;\t").split()[:10] for line in lines if line.strip() and not line.strip().startswith("~")]
    links = np.array(rows, dtype=float)
    body = open(trips).read().split("<END OF METADATA>")[1]  # noqa: SIM115, PTH123
    blocks = body.split("Origin")[1:]
    demand = np.zeros((len(blocks), len(blocks)))
    for block in blocks:
        name, _, rest = block.strip().partition("\n")
        for pair in rest.split(";"):
            if ":" in pair:
                zone, volume = pair.split(":")
                demand[int(name) - 1, int(zone) - 1] = float(volume)
    np.fill_diagonal(demand, 0)
    return links, demand


def objective(links: np.ndarray, flow: np.ndarray) -> float:
    """Beckmann's objective of a flow in the order of the links."""
    capacity, time_, b, power = links[:, 2], links[:, 4], links[:, 5], links[:, 6]
    return float(np.sum(time_ * flow * (1 + b / (power + 1) * (flow / capacity) ** power)))


def serai(net: str, trips: str, gap: float) -> dict[str, float]:
    """Ours."""
    from serai.corridor import read_network, read_trips, user_equilibrium

    network = read_network(net)
    demand = read_trips(trips, network.zones)
    user_equilibrium(network, demand, gap=0.01)  # loads the compiled kernels, all of them
    started = time.process_time()
    found = user_equilibrium(network, demand, gap=gap)
    return {"cpu": time.process_time() - started, "gap": found.relative_gap, "objective": found.objective}


def pytraf(net: str, trips: str, gap: float) -> dict[str, float]:
    """PyTraf, on one thread and with its own defaults otherwise."""
    import pytraf as peer

    network, demand = peer.Network.from_tntp(net), None
    links, matrix = tables(net, trips)
    origin, target = np.nonzero(matrix)
    rows = {"origin": origin, "destination": target, "flow": matrix[origin, target]}
    demand = peer.Demand.from_table(network, rows)
    started = time.process_time()
    found = network.assign(demand, gap=gap, threads=1)
    used = time.process_time() - started
    return {"cpu": used, "gap": found.relative_gap, "objective": objective(links, np.asarray(found.links.flow))}


def aequilibrae(net: str, trips: str, gap: float) -> dict[str, float]:
    """AequilibraE, biconjugate Frank-Wolfe on one core."""
    import pandas as pd
    from aequilibrae.matrix import AequilibraeMatrix
    from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass

    links, matrix = tables(net, trips)
    names = ["a_node", "b_node", "capacity", "length", "free_flow_time", "b", "power"]
    frame = pd.DataFrame(links[:, :7], columns=names)
    frame.insert(0, "link_id", np.arange(1, len(frame) + 1))
    frame["direction"] = 1
    graph = Graph()
    graph.network = frame.astype({"a_node": int, "b_node": int})
    graph.prepare_graph(np.arange(1, len(matrix) + 1))
    graph.set_graph("free_flow_time")
    graph.set_blocked_centroid_flows(False)
    demand = AequilibraeMatrix()
    demand.create_empty(zones=len(matrix), matrix_names=["matrix"], memory_only=True)
    demand.index[:] = np.arange(1, len(matrix) + 1)
    demand.matrix["matrix"][:, :] = matrix
    demand.computational_view(["matrix"])
    job: Any = TrafficAssignment()
    job.set_classes([TrafficClass("all", graph, demand)])
    job.set_vdf("BPR")
    job.set_vdf_parameters({"alpha": "b", "beta": "power"})
    job.set_capacity_field("capacity")
    job.set_time_field("free_flow_time")
    job.set_algorithm("bfw")
    job.set_cores(1)
    job.max_iter, job.rgap_target = 20000, gap
    started = time.process_time()
    job.execute()
    used = time.process_time() - started
    flow = job.results()["matrix_ab"].reindex(frame["link_id"]).to_numpy()
    return {"cpu": used, "gap": float(job.assignment.rgap), "objective": objective(links, flow)}


if __name__ == "__main__":
    side, net_file, trips_file, wanted = sys.argv[1:]
    result = {"serai": serai, "pytraf": pytraf, "aequilibrae": aequilibrae}[side](net_file, trips_file, float(wanted))
    print(json.dumps(result))

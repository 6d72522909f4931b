"""The indices of the world with pandas and networkx: shares, concentration, largest partner, reciprocity."""

from __future__ import annotations

import sys
import time

import networkx as nx
import pandas as pd


def main(path: str) -> None:
    """Print the seconds it took, reading left out."""
    frame = pd.read_parquet(path)
    started = time.perf_counter()
    for side in ("origin", "destination"):
        keys = ["kind", side, "period"]
        total = frame.groupby(keys)["value"].transform("sum")
        share = frame["value"] / total
        (share**2).groupby([frame[key] for key in keys]).sum()
        share.groupby([frame[key] for key in keys]).idxmax()
    for _, part in frame.groupby(["kind", "period"]):
        graph = nx.DiGraph()
        graph.add_weighted_edges_from(part[["origin", "destination", "value"]].itertuples(index=False, name=None))
        for node in graph:
            both = apart = 0.0
            for other, edge in graph[node].items():
                back = graph[other].get(node, {"weight": 0.0})["weight"] if other in graph else 0.0
                both += min(edge["weight"], back)
                apart += (edge["weight"] + back) / 2
            _ = both / apart if apart else 0.0
    print(time.perf_counter() - started)


if __name__ == "__main__":
    main(sys.argv[1])

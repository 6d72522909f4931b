"""What is assigned to points of the network beside what was observed there: nothing is scaled to it."""

from __future__ import annotations

import numpy as np
import polars as pl

from serai.corridor.freight import Freight, Solution
from serai.corridor.network import Floats
from serai.errors import InputError

PER_MT = 1e6


def throughputs(freight: Freight, table: pl.DataFrame, solutions: dict[str, Solution]) -> pl.DataFrame:
    """Mt a year at each point, as observed and as assigned; see :meth:`serai.corridor.Corridors.throughput`."""
    rows = []
    for (point,), own in table.group_by("point", maintain_order=True):
        first = own.row(0, named=True)
        found = {
            name: _through(freight, str(point), own, solution.flow.sum(axis=0)) for name, solution in solutions.items()
        }
        about = {key: first[key] for key in ("point", "title_en", "title_ru", "year", "source", "reason")}
        ratios = {f"{name}_share": value / first["observed"] for name, value in found.items()}
        rows.append({**about, "observed_mt": first["observed"], **{f"{k}_mt": v for k, v in found.items()}, **ratios})
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.lit("M").alias("nature"))


def _through(freight: Freight, point: str, rows: pl.DataFrame, flow: Floats) -> float:
    """Mt on the steps of a point, both ways."""
    total = 0.0
    for row in rows.iter_rows(named=True):
        ends = {row["from"], row["to"]}
        at = [
            position
            for position, edge in enumerate(freight.net.edges)
            if edge.kind == row["kind"] and {edge.start, edge.end} == ends and row["mode"] in edge.mode.split("-")
        ]
        if not at:
            shown = f"{row['kind']} {row['from']}-{row['to']} {row['mode']}"
            raise InputError(f"corridor/throughputs.csv: point '{point}': the network has no {shown}; correct the row")
        total += float(flow[np.array(at)].sum())
    return total

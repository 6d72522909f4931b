"""What is assigned to points of the network beside what was observed there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from serai.corridor.choice import Point
from serai.corridor.freight import Freight, Solution
from serai.corridor.supernetwork import Supernetwork
from serai.errors import InputError

ABOUT = ("point", "title_en", "title_ru", "year", "role", "source", "reason")


def observed_points(net: Supernetwork, table: pl.DataFrame) -> list[Point]:
    """The points of ``corridor/throughputs.csv`` as steps of the network, in the order of the table.

    Raises:
        InputError: a row that no step of the network matches.
    """
    if "point" not in table.columns:
        return []
    steps: dict[str, list[int]] = {}
    for row in table.iter_rows(named=True):
        steps.setdefault(row["point"], []).extend(_steps(net, row))
    return [Point(name, tuple(dict.fromkeys(own))) for name, own in steps.items()]


def _steps(net: Supernetwork, row: Mapping[str, object]) -> list[int]:
    ends = {row["from"], row["to"]}
    at = [
        position
        for position, edge in enumerate(net.edges)
        if edge.kind == row["kind"] and {edge.start, edge.end} == ends and row["mode"] in edge.mode.split("-")
    ]
    if not at:
        shown = f"{row['kind']} {row['from']}-{row['to']} {row['mode']}"
        raise InputError(
            f"corridor/throughputs.csv: point '{row['point']}': the network has no {shown}; correct the row"
        )
    return at


def throughputs(
    freight: Freight, table: pl.DataFrame, solutions: Mapping[str, Solution], without: Mapping[str, float]
) -> pl.DataFrame:
    """Mt a year at each point, as observed and as assigned; see :meth:`serai.corridor.Corridors.throughput`."""
    points = observed_points(freight.net, table)
    passing = {name: _passing(points, one, len(freight.net.edges)) for name, one in solutions.items()}
    rows = []
    for row in table.unique(["point", "year"], keep="first", maintain_order=True).iter_rows(named=True):
        found = {name: through[row["point"]] for name, through in passing.items()}
        fitted = row["role"] == "fitted"
        rows.append(
            {
                **{key: row[key] for key in ABOUT}, "observed_mt": row["observed"],
                **{f"{name}_mt": value for name, value in found.items()},
                **{f"{name}_share": value / row["observed"] for name, value in found.items()},
                "without_mt": without.get(row["point"]) if fitted else None,
            }
        )  # fmt: skip
    kinds = {"without_mt": pl.Float64}
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides=kinds).with_columns(nature=pl.lit("M"))


def _passing(points: list[Point], solution: Solution, edges: int) -> dict[str, float]:
    """Mt a year on paths by each point; goods that are handled twice there count once."""
    found = {}
    for point in points:
        at = np.zeros(edges, dtype=np.bool_)
        at[list(point.edges)] = True
        found[point.name] = sum(amount for own in solution.paths for steps, amount in own if at[steps].any())
    return found

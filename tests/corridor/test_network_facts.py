"""The shipped network: ways by ship keep off the land, and published lengths agree with the network's own."""

from __future__ import annotations

from itertools import pairwise
from math import cos, hypot, radians

import polars as pl
import pytest

from serai.region import Pack, load_pack

INLAND = {"Suez Canal", "Port Said", "Volga", "Volga-Caspian channel", "Elbe", "Maas"}
"""Waypoints of canals and rivers: ships pass land there."""
LAKES = {("van", "tatvan")}
"""Ferries on lakes that the outlines of countries do not hold."""
STEP, HARBOUR_KM = 0.1, 25.0
Point = tuple[float, float]


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("central_asia")


def _rings(pack: Pack) -> list[tuple[list[Point], float, float, float, float]]:
    rings = []
    for feature in pack.geometry["features"]:
        shape = feature["geometry"]
        polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        for ring in (ring for polygon in polygons for ring in polygon):
            xs, ys = zip(*((point[0], point[1]) for point in ring), strict=True)
            rings.append((list(zip(xs, ys, strict=True)), min(xs), max(xs), min(ys), max(ys)))
    return rings


def _on_land(rings: list[tuple[list[Point], float, float, float, float]], x: float, y: float) -> bool:
    crossings = 0
    for ring, west, east, south, north in rings:
        if west <= x <= east and south <= y <= north:
            for (x1, y1), (x2, y2) in pairwise(ring):
                crossings += (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
    return crossings % 2 == 1


def test_ways_by_ship_are_not_drawn_over_land(pack: Pack) -> None:
    rings = _rings(pack)
    at = {row["place"]: (row["lon"], row["lat"]) for row in pack.table("places").to_dicts()}
    turns: dict[tuple[str, str], list[tuple[float, float, str]]] = {}
    for row in pack.table("waypoints").sort("order").to_dicts():
        turns.setdefault((row["from"], row["to"]), []).append((row["lon"], row["lat"], row["note"]))
    wrong = []
    for row in pack.table("links").filter(pl.col("mode").is_in(["ferry", "sea"])).to_dicts():
        ends = row["from"], row["to"]
        way = [(*at[ends[0]], ""), *turns.get(ends, []), (*at[ends[1]], "")]
        for (x1, y1, one), (x2, y2, other) in pairwise(way):
            steps = max(2, int(max(abs(x2 - x1), abs(y2 - y1)) / STEP))
            for step in range(steps + 1):
                x, y = x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps
                away = min(111 * hypot((x - at[end][0]) * cos(radians(y)), y - at[end][1]) for end in ends)
                if away > HARBOUR_KM and not {one, other} & INLAND and ends not in LAKES and _on_land(rings, x, y):
                    wrong.append((ends, round(x, 2), round(y, 2)))
    assert wrong == []


def test_published_lengths_agree_with_the_network(pack: Pack) -> None:
    table = pack.table("lengths").with_columns((pl.col("network_km") / pl.col("km") - 1).alias("off"))
    taken = table.filter(pl.col("used") != "check")
    assert taken.filter(pl.col("off").abs() > 0.001).is_empty()
    assert table.filter(pl.col("off").abs() > 0.15).select("places", "km", "network_km").rows() == []


def test_lengths_of_railways_rest_on_sources(pack: Pack) -> None:
    rails = pack.table("links").filter((pl.col("mode") == "rail") & (pl.col("status") == "open"))
    known = rails.filter(pl.col("source") != "gc")["km"].sum()
    assert known / rails["km"].sum() > 0.5

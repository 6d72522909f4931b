"""Outlines of countries: a world topology, cut down to what a map of the region can show."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pack_io import place

Point = tuple[float, float]
TOLERANCE = 0.04
"""Degrees by which a simplified line may leave the original."""
DIGITS = 2
MARGIN = (15.0, 8.0)
"""Degrees of longitude and latitude beyond the map window within which a country is kept."""
FREIGHT = {"west": 4.0, "east": 110.0, "south": 24.0, "north": 50.0}
"""Window of the maps of freight routes, which lead further; less the margin, so that nothing far off is kept."""


def write_geometry(data: Path, out: Path, region: dict[str, Any], by_m49: dict[int, str]) -> int:
    """``geometry/countries.json``: GeoJSON, rings ordered as in the source (outer clockwise); returns the number."""
    topology = json.loads((data / "geo/countries-50m.json").read_text(encoding="utf-8"))
    arcs = [_simplified(arc) for arc in _decoded(topology)]
    always = {*region["members"], *region["neighbours"]}
    features = []
    for shape in topology["objects"]["countries"]["geometries"]:
        area = by_m49.get(int(shape.get("id") or -1))
        polygons = [[_ring(ring, arcs) for ring in polygon] for polygon in _polygons(shape)]
        kept = [rings for polygon in polygons if (rings := [ring for ring in polygon if len(ring) >= 4])]
        if (
            area
            and kept
            and (
                area in always
                or any(_reaches(polygon[0], window) for polygon in kept for window in (region["map"], FREIGHT))
            )
        ):
            features.append(_feature(area, kept))
    features.sort(key=lambda feature: feature["properties"]["area"])
    if missing := always - {feature["properties"]["area"] for feature in features}:
        raise SystemExit(f"no outline for {', '.join(sorted(missing))}")
    collection = {"type": "FeatureCollection", "features": features}
    place(out / "geometry/countries.json").write_text(
        json.dumps(collection, separators=(",", ":")) + "\n", encoding="utf-8"
    )
    return len(features)


def _decoded(topology: dict[str, Any]) -> Iterator[list[Point]]:
    """Arcs in degrees: TopoJSON keeps differences of whole numbers."""
    (across, up), (west, south) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * across + west, y * up + south))
        yield points


def _simplified(arc: Sequence[Point]) -> list[Point]:
    """Douglas and Peucker's line: the ends stay, so that neighbours keep a common border."""
    keep = {0, len(arc) - 1}
    spans = [(0, len(arc) - 1)]
    while spans:
        first, last = spans.pop()
        far, distance = 0, TOLERANCE
        for index in range(first + 1, last):
            if (found := _distance(arc[index], arc[first], arc[last])) > distance:
                far, distance = index, found
        if far:
            keep.add(far)
            spans += [(first, far), (far, last)]
    return [arc[index] for index in sorted(keep)]


def _distance(point: Point, start: Point, end: Point) -> float:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    share = 0.0 if length == 0 else ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length
    share = min(1.0, max(0.0, share))
    return float(((point[0] - start[0] - share * dx) ** 2 + (point[1] - start[1] - share * dy) ** 2) ** 0.5)


def _polygons(shape: dict[str, Any]) -> Iterable[list[list[int]]]:
    if shape["type"] == "Polygon":
        return [shape["arcs"]]
    return shape["arcs"] if shape["type"] == "MultiPolygon" else []


def _ring(indices: Sequence[int], arcs: Sequence[Sequence[Point]]) -> list[list[float]]:
    ring: list[list[float]] = []
    for index in indices:
        arc = arcs[index] if index >= 0 else list(reversed(arcs[~index]))
        for x, y in arc:
            point = [round(x, DIGITS), round(y, DIGITS)]
            if not ring or ring[-1] != point:
                ring.append(point)
    return ring


def _reaches(ring: Sequence[Sequence[float]], window: dict[str, float]) -> bool:
    lon, lat = [point[0] for point in ring], [point[1] for point in ring]
    wide, high = MARGIN
    return not (
        max(lon) < window["west"] - wide
        or min(lon) > window["east"] + wide
        or max(lat) < window["south"] - high
        or min(lat) > window["north"] + high
    )


def _feature(area: str, polygons: list[list[list[list[float]]]]) -> dict[str, Any]:
    geometry = {"type": "MultiPolygon", "coordinates": polygons}
    return {"type": "Feature", "properties": {"area": area}, "geometry": geometry}

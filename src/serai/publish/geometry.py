"""Outlines for a map: cut to its window, so that a page does not carry the rest of the world."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

__all__ = ["centroid", "clipped", "fit"]

Ring = list[tuple[float, float]]
Window = tuple[float, float, float, float]
MARGIN = 4.0
"""Degrees kept beyond the window: an equal-area map bends its edges."""


def fit(window: Window, width: int) -> tuple[float, int, float, float]:
    """Scale, height in pixels and centre (lon, lat) of an azimuthal equal-area map of a window."""
    west, south, east, north = window
    lon, lat = (west + east) / 2, (south + north) / 2
    # The map is widest at the window's southern or northern edge, whichever is nearer the equator.
    widest = min(abs(south), abs(north)) if south * north > 0 else 0.0
    across = math.radians(east - west) * math.cos(math.radians((widest + abs(lat)) / 2))
    scale = width / across
    return round(scale, 3), round(scale * math.radians(north - south)), lon, lat


def _cut(ring: Iterable[tuple[float, float]], axis: int, limit: float, keep_below: bool) -> Ring:
    """One side of Sutherland and Hodgman's polygon clipping."""
    points = list(ring)
    out: Ring = []
    for before, now in zip(points[-1:] + points[:-1], points, strict=True):
        inside = now[axis] <= limit if keep_below else now[axis] >= limit
        was_inside = before[axis] <= limit if keep_below else before[axis] >= limit
        if inside != was_inside:
            share = (limit - before[axis]) / (now[axis] - before[axis])
            cross = [before[0] + share * (now[0] - before[0]), before[1] + share * (now[1] - before[1])]
            cross[axis] = limit
            out.append((cross[0], cross[1]))
        if inside:
            out.append(now)
    return out


def _clip_ring(ring: Sequence[Sequence[float]], window: Window, digits: int) -> Ring:
    west, south, east, north = window
    points: Ring = [(point[0], point[1]) for point in ring]
    for axis, limit, below in ((0, east, True), (0, west, False), (1, north, True), (1, south, False)):
        if not points:
            return []
        points = _cut(points, axis, limit, below)
    out: Ring = []
    for x, y in points:
        rounded = (round(x, digits), round(y, digits))
        if not out or rounded != out[-1]:
            out.append(rounded)
    if out and out[0] != out[-1]:
        out.append(out[0])
    return out if len(out) >= 4 else []


def clipped(geometry: Mapping[str, Any], window: Window, members: Sequence[str], digits: int = 2) -> list[Any]:
    """Features that reach into the window, cut to it, with the property ``role`` (member or other)."""
    west, south, east, north = window
    wide = (
        max(west - 3 * MARGIN, -180),
        max(south - MARGIN, -89),
        min(east + 3 * MARGIN, 180),
        min(north + MARGIN, 89),
    )
    shapes = []
    for feature in geometry["features"]:
        shape = feature["geometry"]
        polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        kept = [[ring for ring in (_clip_ring(r, wide, digits) for r in polygon) if ring] for polygon in polygons]
        kept = [polygon for polygon in kept if polygon]
        if kept:
            area = feature["properties"]["area"]
            role = "member" if area in members else "other"
            shapes.append(
                {
                    "type": "Feature",
                    "properties": {"area": area, "role": role},
                    "geometry": {"type": "MultiPolygon", "coordinates": kept},
                }
            )
    return sorted(shapes, key=lambda item: (item["properties"]["role"] == "member", item["properties"]["area"]))


def centroid(feature: Mapping[str, Any], window: Window) -> tuple[float, float] | None:
    """Where to write a name: centre of the largest part of a feature within the window; none if outside."""
    shape = feature["geometry"]
    polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    rings = [ring for ring in (_clip_ring(polygon[0], window, 3) for polygon in polygons) if ring]
    best = max((_moments(ring) for ring in rings), key=lambda m: abs(m[0]), default=None)
    if best is None or not best[0]:
        return None
    return best[1] / (6 * best[0]), best[2] / (6 * best[0])


def _moments(ring: Ring) -> tuple[float, float, float]:
    """Area and first moments of a ring (shoelace formula)."""
    area = across = upward = 0.0
    for (x0, y0), (x1, y1) in pairwise(ring):
        cross = x0 * y1 - x1 * y0
        area, across, upward = area + cross / 2, across + (x0 + x1) * cross, upward + (y0 + y1) * cross
    return area, across, upward

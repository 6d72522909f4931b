"""Maps of the freight network: land, links by mode, route families, flows before and after a disruption."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sin, sqrt
from typing import Any
from xml.sax.saxutils import escape

from serai.publish.geometry import Window, clipped
from serai.publish.palette import INK, line_style

__all__ = ["Bends", "Canvas", "Spot", "families", "flows", "network", "window_of"]

Row = dict[str, Any]
Point = tuple[float, float]
Bends = Mapping[tuple[str, str], Sequence[Point]]
"""Where ways between two places turn on the way: straits and capes, in the order from the first to the second."""
FONT = 'font-family="system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, Liberation Sans, Arial, sans-serif"'
STYLE = "<style>@media (max-width:430px){text{font-size:25px}.minor{display:none}}</style>"
"""On a phone the picture shrinks to less than half: fewer names, in larger letters."""
WIDTH = 860
MODES: Mapping[str, tuple[str, str, float]] = {
    "rail": ("#1d2733", "", 1.3),
    "road": ("#a0683a", "", 0.9),
    "ferry": ("#0a5fa5", "5 3", 1.5),
    "sea": ("#5f8fb8", "2 3", 1.0),
}
"""Colour, dashes and width of a mode."""
PLANNED = "1.5 3"
MARGIN = 2.5
RISE, FALL = "#a3243b", "#0a5fa5"
LEAST_SHARE = 0.002
"""Steps with less than this share of the greatest flow are not drawn."""


@dataclass(frozen=True)
class Spot:
    """A place: where it is, what it is called, and whether small screens leave its name out."""

    lon: float
    lat: float
    name: str = ""
    minor: bool = True


def window_of(points: Iterable[Point], margin: float = MARGIN) -> Window:
    """West, south, east, north around points."""
    lons, lats = zip(*points, strict=True)
    return min(lons) - margin, min(lats) - margin, max(lons) + margin, max(lats) + margin


class Canvas:
    """An equal-area conic projection (Albers) of a window, and what is drawn on it.

    Args:
        window: west, south, east, north in degrees.
        width: of the picture in pixels.
    """

    def __init__(self, window: Window, width: int = WIDTH) -> None:
        self.window, self.width = window, width
        west, south, east, north = (radians(side) for side in window)
        first, second = south + (north - south) / 6, north - (north - south) / 6
        self._n = (sin(first) + sin(second)) / 2
        self._c = cos(first) ** 2 + 2 * self._n * sin(first)
        self._middle = (west + east) / 2
        edge = [self._raw(lon, lat) for lon, lat in self._edge(west, south, east, north)]
        left, right = min(x for x, _ in edge), max(x for x, _ in edge)
        bottom, top = min(y for _, y in edge), max(y for _, y in edge)
        self._scale = width / (right - left)
        self._left, self._top = left, top
        self.height = round((top - bottom) * self._scale)
        self.parts: list[str] = []
        self._words: list[tuple[float, float, float, float]] = []

    @staticmethod
    def _edge(west: float, south: float, east: float, north: float) -> Iterable[Point]:
        for step in range(21):
            lon = west + (east - west) * step / 20
            yield lon, south
            yield lon, north

    def _raw(self, lon: float, lat: float) -> Point:
        radius = sqrt(max(self._c - 2 * self._n * sin(lat), 0.0)) / self._n
        turn = self._n * (lon - self._middle)
        return radius * sin(turn), -radius * cos(turn)

    def at(self, lon: float, lat: float) -> Point:
        """Where a position is on the picture."""
        x, y = self._raw(radians(lon), radians(lat))
        return (x - self._left) * self._scale, (self._top - y) * self._scale

    def land(self, geometry: Mapping[str, Any], members: Sequence[str]) -> None:
        """Countries: members tinted, the rest plain."""
        for shape in clipped(geometry, self.window, members, digits=1):
            rings = [ring for polygon in shape["geometry"]["coordinates"] for ring in polygon]
            body = "".join(
                f"M{'L'.join(f'{x:.0f} {y:.0f}' for x, y in (self.at(*p) for p in ring))}Z" for ring in rings
            )
            fill = "#dde6ee" if shape["properties"]["role"] == "member" else INK["land"]
            self.parts.append(f'<path d="{body}" fill="{fill}" stroke="#fff" stroke-width=".7"/>')

    def line(
        self, points: Sequence[Spot], colour: str, *, width: float = 1, dash: str = "", opacity: float = 1
    ) -> None:
        """A line through places, along parallels and meridians bent as the map is."""
        bent = [self.at(*point) for point in _along(points)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in bent)
        rest = (
            ' stroke-linejoin="round"'
            + (f' stroke-dasharray="{dash}"' if dash else "")
            + (f' stroke-opacity="{opacity:g}"' if opacity < 1 else "")
        )
        self.parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{width:.1f}"{rest}/>')

    def dot(self, spot: Spot, *, radius: float = 3, fill: str = "#fff", stroke: str = INK["text"]) -> None:
        """A place and its name, to the side where there is room."""
        x, y = self.at(spot.lon, spot.lat)
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}" stroke="{stroke}" stroke-width="1.2"/>'
        )
        if spot.name:
            self._write(spot, x, y)

    def _write(self, spot: Spot, x: float, y: float) -> None:
        """A name beside its dot, where it covers none written before."""
        length = 6.3 * len(spot.name)
        for anchor, shift, left in (("start", 6, x + 6), ("end", -6, x - 6 - length)):
            box = (left, y - 14, left + length, y + 2)
            if left < 0 or left + length > self.width or any(_meet(box, other) for other in self._words):
                continue
            self._words.append(box)
            kind = ' class="minor"' if spot.minor else ""
            look = f'text-anchor="{anchor}" font-size="11.5" paint-order="stroke" stroke="#fff" stroke-width="2.6"'
            start = f'<text x="{x + shift:.1f}" y="{y - 3:.1f}" {look} fill="{INK["text"]}"{kind}>'
            self.parts.append(f"{start}{escape(spot.name)}</text>")
            return

    def svg(self) -> str:
        """The picture."""
        size = f'viewBox="0 0 {self.width} {self.height}" width="{self.width}" height="{self.height}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT}>{STYLE}'
            f'<rect width="{self.width}" height="{self.height}" fill="#eef3f7"/>{"".join(self.parts)}</svg>'
        )


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _along(points: Sequence[Spot]) -> list[Point]:
    """Points on the way, none more than five degrees from the next."""
    out = [(points[0].lon, points[0].lat)]
    for before, now in pairwise(points):
        steps = max(1, int(max(abs(now.lon - before.lon), abs(now.lat - before.lat)) // 5) + 1)
        for step in range(1, steps + 1):
            share = step / steps
            out.append((before.lon + share * (now.lon - before.lon), before.lat + share * (now.lat - before.lat)))
    return out


def _way(places: Sequence[str], spots: Mapping[str, Spot], bends: Bends) -> list[Spot]:
    """Places and, between them, where the way turns."""
    out = [spots[places[0]]]
    for pair in pairwise(places):
        out += [*(Spot(*point) for point in bends.get(pair, ())), spots[pair[1]]]
    return out


def network(
    links: Sequence[Row], spots: Mapping[str, Spot], geometry: Mapping[str, Any], members: Sequence[str],
    window: Window, bends: Bends,
) -> str:  # fmt: skip
    """Every link by its mode; dotted what is planned or under construction; places with a name get a dot."""
    canvas = Canvas(window)
    canvas.land(geometry, members)
    order = ("sea", "road", "ferry", "rail")
    for row in sorted(links, key=lambda row: order.index(row["mode"])):
        colour, dash, width = MODES[row["mode"]]
        way = _way((row["from"], row["to"]), spots, bends if row["mode"] in ("ferry", "sea") else {})
        if any(_inside(end, window) for end in (way[0], way[-1])):
            canvas.line(way, colour, width=width, dash=dash if row["status"] == "open" else PLANNED)
    for spot in sorted(spots.values(), key=lambda spot: spot.minor):
        if spot.name and _inside(spot, window):
            canvas.dot(spot, radius=2.6)
    return canvas.svg()


def families(
    paths: Sequence[tuple[int, Sequence[str], bool]], spots: Mapping[str, Spot], named: Sequence[str],
    geometry: Mapping[str, Any], members: Sequence[str], window: Window, bends: Bends,
) -> str:  # fmt: skip
    """Route families on a map, each in its own colour and dashes.

    Args:
        paths: style, places passed, and whether all of it is open.
        spots: places.
        named: those that get a dot and a name.
        geometry, members: land.
        window: of the map.
        bends: where ways by ship turn.
    """
    canvas = Canvas(window)
    canvas.land(geometry, members)
    for style, places, is_open in reversed(paths):
        look = line_style(style)
        dash = "" if look.dash == (1, 0) else " ".join(map(str, look.dash))
        canvas.line(_way(places, spots, bends), look.colour, width=3 if is_open else 2, dash=dash, opacity=0.85)
    for place in sorted(named, key=lambda place: spots[place].minor):
        if _inside(spots[place], window):
            canvas.dot(spots[place])
    return canvas.svg()


def flows(
    rows: Sequence[Row], column: str, spots: Mapping[str, Spot], geometry: Mapping[str, Any], members: Sequence[str],
    window: Window, greatest: float, bends: Bends,
) -> str:  # fmt: skip
    """Tonnes on links as widths; what a disruption raised is red, what it lowered blue and dashed.

    Args:
        rows: ``from, to, before, after`` of both ways together.
        column: which of the two gives the widths; changes are coloured in ``after`` alone.
        spots, geometry, members, window, bends: of the map.
        greatest: tonnes that are drawn widest.
    """
    canvas = Canvas(window, 640)
    canvas.land(geometry, members)
    for row in sorted(rows, key=lambda row: float(row[column])):
        tonnes, change = row[column], row["after"] - row["before"]
        if max(row["before"], row["after"]) < LEAST_SHARE * greatest:
            continue
        moved = column == "after" and abs(change) > 0.02 * max(row["before"], row["after"])
        colour = (RISE if change > 0 else FALL) if moved else "#5b6672"
        dash = "4 3" if moved and change < 0 else ""
        width = max(0.8, 9 * sqrt(tonnes / greatest))
        canvas.line(_way((row["from"], row["to"]), spots, bends), colour, width=width, dash=dash, opacity=0.85)
    for spot in spots.values():
        if spot.name and not spot.minor and _inside(spot, window):
            canvas.dot(spot, radius=2.4)
    return canvas.svg()


def _inside(spot: Spot, window: Window) -> bool:
    west, south, east, north = window
    return west <= spot.lon <= east and south <= spot.lat <= north

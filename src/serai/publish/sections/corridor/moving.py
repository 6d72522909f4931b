"""The map that can be moved: MapLibre GL JS out of an installed package, and what it draws, as GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from serai.publish.geometry import Window, clipped
from serai.publish.sections.corridor.figures import Bends

__all__ = ["LIBRARY", "files", "installed"]

Row = dict[str, Any]
LIBRARY = "maplibre"
"""Python package (MIT) that carries MapLibre GL JS (BSD-3-Clause): the extra ``map``."""
SCRIPTS = ("maplibre-gl.js", "maplibre-gl.css")


def installed() -> Path | None:
    """Where the library's files are, if it is installed; nothing of it is imported."""
    spec = find_spec(LIBRARY)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "srcjs"
    return folder if all((folder / name).is_file() for name in SCRIPTS) else None


def files(
    links: Sequence[Row], places: Mapping[str, Row], geometry: Mapping[str, Any], members: Sequence[str],
    window: Window, bends: Bends,
) -> dict[str, str | bytes]:  # fmt: skip
    """The library and its data by address; nothing where the library is not installed.

    Args:
        links: rows of the network, each holding both ways.
        places: rows by identifier.
        geometry: countries.
        members: areas that are tinted.
        window: the part of the world that land is kept of.
        bends: where ways by ship turn.
    """
    folder = installed()
    if folder is None:
        return {}
    land = {"type": "FeatureCollection", "features": clipped(geometry, window, members, digits=1)}
    return {
        **{f"static/{name}": (folder / name).read_bytes() for name in SCRIPTS},
        "static/corridor-map.js": (Path(__file__).parent / "map.js").read_bytes(),
        "corridor/land.geojson": _text(land),
        "corridor/links.geojson": _text(_collection(_line(row, places, bends) for row in links)),
        "corridor/places.geojson": _text(_collection(_point(row) for row in places.values())),
    }


def _collection(features: Any) -> Row:  # noqa: ANN401 - any iterable of features
    return {"type": "FeatureCollection", "features": list(features)}


def _line(row: Row, places: Mapping[str, Row], bends: Bends) -> Row:
    ends = [places[row[end]] for end in ("from", "to")]
    kept = {name: row[name] for name in ("mode", "gauge", "status", "km", "basis", "source")}
    names = {f"{end}_{code}": place[f"name_{code}"] for end, place in zip(("from", "to"), ends, strict=True)
             for code in ("en", "ru")}  # fmt: skip
    turns = bends.get((row["from"], row["to"]), ()) if row["mode"] in ("ferry", "sea") else ()
    first, last = ([place["lon"], place["lat"]] for place in ends)
    return _feature("LineString", [first, *(list(point) for point in turns), last], {**kept, **names})


def _point(row: Row) -> Row:
    kept = {name: row[name] for name in ("place", "name_en", "name_ru", "area", "type")}
    return _feature("Point", [row["lon"], row["lat"]], kept)


def _feature(shape: str, coordinates: list[Any], properties: Row) -> Row:
    return {"type": "Feature", "properties": properties, "geometry": {"type": shape, "coordinates": coordinates}}


def _text(content: Row) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"

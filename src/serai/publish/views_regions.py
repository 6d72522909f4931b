"""Contexts of the pages on regions of a member: the country's overview with dot plots, and one page a region."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl

from serai.publish.material import Material, rows_by
from serai.publish.palette import CLASSES
from serai.publish.views_series import plain

__all__ = ["ENOUGH", "parents", "region_context", "regions_context", "regions_of"]

Row = dict[str, Any]
ENOUGH = 10
"""Series a region must have for a page of its own; smaller ones are in the table and the file."""

PLOT, EDGE, HEIGHT = 240, 6, 18
"""Width of a dot plot, its margin and its height, in pixels."""


def parents(material: Material) -> list[str]:
    """Members with regions, in order."""
    known = set(material.further.regions["parent"])
    return [area for area in material.members if area in known]


def regions_of(material: Material, parent: str) -> list[str]:
    """Regions of a member with a page of their own."""
    frame = material.further.regions.filter(pl.col("parent") == parent)
    counts = frame.group_by("area").agg(pl.col("series").n_unique()).filter(pl.col("series") >= ENOUGH)
    return sorted(counts["area"])


def _title(material: Material, row: Row) -> Row:
    code = row["series"]
    return {
        "series": code,
        "title": material.names.series(code),
        "unit": material.names.unit(row["unit"]),
        "slice": material.names.slice(row["dimensions"]),
        "linked": code in material.series_set,
    }


def _plot(values: list[float], country: float | None) -> Row:
    """Places of the dots on a line from the lowest to the highest, in pixels."""
    every = [*values, *([] if country is None else [country])]
    low, high = min(every), max(every)
    span = (high - low) or 1.0

    def place(value: float) -> int:
        middle = (PLOT - 2 * EDGE) / 2
        return round(EDGE + ((value - low) / span * 2 * middle if high > low else middle))

    return {"dots": [place(value) for value in values], "line": None if country is None else place(country)}


def _series(material: Material, rows: list[Row]) -> Row:
    """One series of a country: regions in its commonest latest year, dot plot, lowest and highest."""
    years = Counter((row["last_year"], row["unit"]) for row in rows)
    year, unit = max(years, key=lambda key: (years[key], key))
    same = sorted(
        (row for row in rows if (row["last_year"], row["unit"]) == (year, unit)),
        key=lambda row: (row["last_value"], row["area"]),
    )
    country = same[0]["country_value"]
    classes = Counter(row["class"] for row in rows if row["class"])
    return {
        **_title(material, same[0]),
        "provider": same[0]["provider"],
        "year": year,
        "country": country,
        "regions": len(same),
        "low": plain(same[0], ("area", "last_value")),
        "high": plain(same[-1], ("area", "last_value")),
        "classes": [(name, classes[name]) for name in CLASSES if classes[name]],
        "plot": _plot([row["last_value"] for row in same], country),
    }


def regions_context(material: Material, parent: str) -> Row:
    """All that the page of a country's regions shows."""
    frame = material.further.regions.filter(pl.col("parent") == parent)
    of = rows_by(frame, "series", "provider")
    series = [_series(material, rows) for _, rows in sorted(of.items(), key=lambda item: _order(material, item[0][0]))]
    paged = regions_of(material, parent)
    counts = frame.group_by("area").agg(pl.col("series").n_unique(), pl.col("class")).sort("area")
    known = parents(material)
    return {
        "kind": "regions",
        "area": parent,
        "name": material.names.area(parent),
        "members": [
            {"area": area, "missing": None if area in known else "no regions from a national provider"}
            for area in material.members
        ],
        "providers": [
            {"provider": row["provider"], "release": row["release"].isoformat() if row["release"] else None}
            for row in frame.group_by("provider").agg(pl.col("release").max()).sort("provider").iter_rows(named=True)
        ],
        "classed": frame["class"].drop_nulls().len(),
        "figures": frame.height,
        "plot": {"width": PLOT, "height": HEIGHT},
        "series": [row for row in series if row["regions"] > 1],
        "regions": [
            {
                "area": row["area"],
                "name": material.names.formal(row["area"]),
                "series": row["series"],
                "paged": row["area"] in paged,
                "tally": _tally(row["class"]),
            }
            for row in counts.iter_rows(named=True)
        ],
    }


def _tally(classes: list[str | None]) -> list[tuple[str, int]]:
    counts = Counter(name or "" for name in classes)
    return [(name, counts[name]) for name in CLASSES if counts[name]]


def _order(material: Material, code: str) -> tuple[Any, str]:
    return (material.place(code), code)


def region_context(material: Material, area: str) -> Row:
    """All that the page of one region shows."""
    frame = material.further.regions.filter(pl.col("area") == area)
    rows = sorted(frame.iter_rows(named=True), key=lambda row: _order(material, row["series"]))
    parent = rows[0]["parent"]
    names = (
        "first_year", "first_value", "last_year", "last_value", "country_value", "rank", "of", "class", "reason",
        "provider", "release", "nature",
    )  # fmt: skip
    return {
        "kind": "region",
        "area": area,
        "parent": parent,
        "name": material.names.formal(area),
        "parent_name": material.names.area(parent),
        "providers": [
            {"provider": name, "release": max(r["release"] for r in rows if r["provider"] == name).isoformat()}
            for name in sorted({row["provider"] for row in rows})
        ],
        "tally": _tally([row["class"] for row in rows]),
        "series": [
            {**_title(material, row), "goal": _goal(material, row["series"]), **plain(row, names)} for row in rows
        ],
    }


def _goal(material: Material, code: str) -> str | None:
    indicators = material.indicators_of.get(code)
    return indicators[0]["goal"] if indicators else None

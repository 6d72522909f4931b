"""Contexts of the home page, the goal pages and the members' pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import polars as pl

from serai.publish.charts import Figure, heatmap, map_chart
from serai.publish.geometry import centroid
from serai.publish.i18n import language
from serai.publish.material import Material, official
from serai.publish.names import pick
from serai.publish.palette import CLASSES
from serai.publish.views_series import OBSERVED, plain

__all__ = ["GOALS", "goal_context", "heatmap_figure", "home_context", "map_figure", "member_context"]

Row = dict[str, Any]
GOALS = tuple(str(number) for number in range(1, 18))
STATUS = (
    "class", "score", "reason", "indicators", "indicators_with_data", "indicators_classified", "series_classified",
    "median_latest_year", "oldest_year", "newest_year",
)  # fmt: skip
TOP_CHANGES = 12
LAST_POINT = -1


def _status(material: Material, goal: str, area: str) -> Row:
    row = material.goal_of.get((goal, area))
    status = plain(row, STATUS) if row else {**dict.fromkeys(STATUS), "reason": "no series with data"}
    note = next(
        (note.text for note in material.manifest.goal_notes if note.goal == goal and area in note.members), None
    )
    if note and status["reason"] == note["en"]:
        # The pack's note is shown in the reader's language, once for all members it speaks of.
        status["reason"] = None
    return {"goal": goal, "area": area, **status, "note": None if status["class"] else note}


def _change_counts(material: Material) -> list[Row]:
    if material.changes.is_empty():
        return []
    counts = material.changes.group_by("area", "change").agg(
        pl.len().alias("figures"), pl.col("series").n_unique().alias("series")
    )
    found = {(row["area"], row["change"]): row for row in counts.iter_rows(named=True)}
    none = {"figures": 0, "series": 0}
    return [
        {
            "area": area,
            **{
                kind: {name: found.get((area, kind), none)[name] for name in ("figures", "series")}
                for kind in ("added", "revised", "withdrawn")
            },
        }
        for area in material.members
    ]


def _big_revisions(material: Material) -> list[Row]:
    """Revisions of headline figures, the largest relative ones first, one a series."""
    if material.changes.is_empty():
        return []
    headline = material.pack.table("headline").select("series", pl.col("dimensions").fill_null(""))
    size = ((pl.col("new_value") - pl.col("old_value")) / pl.col("old_value")).abs()
    frame = (
        material.changes.filter((pl.col("change") == "revised") & (pl.col("old_value").abs() > 0))
        .join(headline, on=["series", "dimensions"], how="semi")
        .with_columns(size.alias("size"))
        .filter(pl.col("size").is_finite() & (pl.col("size") > 0))
        .sort(["size", "series", "area", "period"], descending=[True, False, False, True])
        .unique("series", keep="first", maintain_order=True)
        .head(TOP_CHANGES)
    )
    names = ("series", "area", "period", "old_value", "new_value", "size")
    return [{**plain(row, names), "title": material.names.series(row["series"])} for row in frame.iter_rows(named=True)]


def _releases_compared(material: Material) -> Row:
    if material.changes.is_empty():
        return {"old": None, "new": None}
    row = material.changes.row(0, named=True)
    return plain({"old": row["old_release"], "new": row["new_release"]}, ("old", "new"))


def _summary(material: Material) -> Row:
    """The heatmap in four figures: cells by class, share of indicators with data, median latest year."""
    cells = [_status(material, goal, area) for goal in GOALS for area in material.members]
    official = sum(cell["indicators"] or 0 for cell in cells)
    years = material.progress["latest_year"].drop_nulls()
    counts = Counter(cell["class"] or "" for cell in cells)
    return {
        "cells": len(cells),
        "classes": [(name, counts[name]) for name in (*CLASSES, "") if counts[name]],
        "with_data": sum(cell["indicators_with_data"] or 0 for cell in cells) / official if official else None,
        "median_year": years.median(),
    }


def home_context(material: Material) -> Row:
    """All that the home page shows."""
    manifest, names = material.manifest, material.names
    last = material.last_release
    return {
        "kind": "home",
        "title": dict(manifest.title),
        "centre": dict(manifest.centre),
        "counts": {
            "members": len(material.members),
            "series": len(material.series),
            "figures": material.observations.height,
            "indicators": sum(
                material.goal_of[goal, material.members[0]]["indicators"]
                for goal in GOALS
                if (goal, material.members[0]) in material.goal_of
            ),
            "releases": material.releases.height,
        },
        "summary": _summary(material),
        "provider": manifest.primary_provider,
        "release": last.isoformat() if last else None,
        "members": [
            {"area": area, "name": names.area(area), "formal": names.formal(area)} for area in material.members
        ],
        "neighbours": [{"area": area, "name": names.area(area)} for area in manifest.neighbours],
        "goals": [
            {
                "goal": goal,
                "title": names.goal(goal),
                "members": [_status(material, goal, area) for area in material.members],
            }
            for goal in GOALS
        ],
        "changes": {
            **_releases_compared(material),
            "members": _change_counts(material),
            "revisions": _big_revisions(material),
        },
    }


def _cell(material: Material, series: str, area: str) -> Row:
    latest, progress = material.latest.get((series, area)), material.progress_of.get((series, area))
    cell: Row = {"area": area, "class": None, "reason": None, "latest": None, "missing": None}
    if progress:
        cell |= {"class": progress["class"], "reason": progress["reason"], "target": progress["target"]}
    if latest:
        cell["latest"] = plain(latest, ("period", "value", "bound", "nature", "status", "provider", "release"))
    else:
        cell["missing"] = material.why_missing(series, area)
    return cell


def _series_row(material: Material, code: str) -> Row:
    unit = material.about[code]["unit"]
    return {
        "series": code,
        "title": material.names.series(code),
        "unit": material.names.unit(unit),
        "members": [_cell(material, code, area) for area in material.members],
    }


def _goal_tree(material: Material, goal: str) -> Iterable[Row]:
    """Targets of a goal, each with its indicators, each with its series that have a member's figure."""
    indicators = material.pack.table("indicators").filter(pl.col("goal") == goal)
    codes = sorted(indicators["indicator"].unique(), key=official)
    series_of: dict[str, list[str]] = {}
    for code in material.series:
        for row in material.indicators_of.get(code, ()):
            series_of.setdefault(row["indicator"], []).append(code)
    targets: dict[str, list[Row]] = {}
    for indicator in codes:
        rows = [_series_row(material, code) for code in series_of.get(indicator, ()) if code in material.headline_of]
        others = [code for code in series_of.get(indicator, ()) if code not in material.headline_of]
        entry = {
            "indicator": indicator,
            "title": material.names.indicator(indicator),
            "series": rows,
            "other_series": [{"series": code, "title": material.names.series(code)} for code in others],
            "gone": [
                {**plain(row, ("series", "release")), "title": material.names.series(row["series"])}
                for row in material.gone_of.get(indicator, ())
            ],
        }
        targets.setdefault(indicator.rpartition(".")[0], []).append(entry)
    for target, entries in targets.items():
        yield {"target": target, "title": material.names.target(target), "indicators": entries}


def goal_context(material: Material, goal: str) -> Row:
    """All that the page of a goal shows."""
    targets = list(_goal_tree(material, goal))
    last = material.last_release
    return {
        "kind": "goal",
        "goal": goal,
        "title": material.names.goal(goal),
        "full_title": material.names.goal_title(goal),
        "provider": material.manifest.primary_provider,
        "release": last.isoformat() if last else None,
        "members": [_status(material, goal, area) for area in material.members],
        "targets": targets,
        "indicators_without_series": [
            entry["indicator"] for target in targets for entry in target["indicators"] if not entry["series"]
        ],
    }


def _assessed(material: Material, area: str) -> list[Row]:
    """Series of a member that have a class, in official order, with what they were classed by."""
    out = []
    for code in material.series:
        row = material.progress_of.get((code, area))
        if not row or not row["class"]:
            continue
        latest = material.latest.get((code, area))
        ahead = [
            step for step in material.projection_of.get(code, ()) if step["area"] == area and step["median"] is not None
        ]
        out.append(
            {
                "series": code,
                "goal": (material.indicators_of.get(code) or [{"goal": None}])[0]["goal"],
                "title": material.names.series(code),
                "unit": material.names.unit(material.about[code]["unit"]),
                **plain(row, ("class", "target", "base_year", "base_value", "base_bound")),
                "latest": plain(latest, OBSERVED) if latest else None,
                "ahead": plain(ahead[LAST_POINT], ("period", "median", "lo80", "hi80", "p_target")) if ahead else None,
            }
        )
    return out


def _unclassed(material: Material, area: str) -> list[Row]:
    """How many series of a member have no class, by the reason given."""
    frame = material.progress.filter((pl.col("area") == area) & pl.col("class").is_null())
    counts = frame.group_by("reason").agg(pl.len().alias("series")).sort(["series", "reason"], descending=[True, False])
    rows = [{"reason": row["reason"] or "", "series": row["series"]} for row in counts.iter_rows(named=True)]
    silent = sum(
        1
        for code in material.headline_of
        if (code, area) not in material.latest and (code, area) not in material.progress_of
    )
    if silent:
        rows.append({"reason": "series that other members have and this one has not", "series": silent})
    return rows


def _providers(material: Material, area: str) -> list[Row]:
    frame = material.observations.filter(pl.col("area") == area)
    counts = frame.group_by("provider").agg(
        pl.len().alias("figures"),
        pl.col("series").n_unique().alias("series"),
        pl.col("period").max().alias("last"),
        pl.col("release").max().alias("release"),
        (pl.col("status") == "withheld").sum().alias("withheld"),
    )
    names = ("provider", "figures", "series", "last", "release", "withheld")
    return [
        {**plain(row, names), "name": material.names.provider(row["provider"])}
        for row in counts.sort("provider").iter_rows(named=True)
    ]


def member_context(material: Material, area: str) -> Row:
    """All that the page of a member shows."""
    assessed = _assessed(material, area)
    last = material.last_release
    return {
        "kind": "country",
        "area": area,
        "name": material.names.area(area),
        "formal": material.names.formal(area),
        "provider": material.manifest.primary_provider,
        "release": last.isoformat() if last else None,
        "goals": [{**_status(material, goal, area), "title": material.names.goal(goal)} for goal in GOALS],
        "classes": {name: sum(1 for row in assessed if row["class"] == name) for name in CLASSES},
        "series": assessed,
        "unclassed": _unclassed(material, area),
        "providers": _providers(material, area),
        "changes": next((row for row in _change_counts(material) if row["area"] == area), None),
        "compared": _releases_compared(material),
    }


def heatmap_figure(material: Material, tongue: str) -> Figure:
    """Members by goals as a picture, in a language: for the brief, slides and print."""
    names = material.names
    cells = []
    for goal in GOALS:
        for area in material.members:
            status = _status(material, goal, area)
            counts = [status[name] or 0 for name in ("indicators_classified", "indicators_with_data", "indicators")]
            share = "/".join(map(str, counts)) if status["indicators"] else ""
            cells.append(
                {
                    "row": f"{goal}  {pick(names.goal(goal), tongue)[0]}",
                    "column": pick(names.area(area), tongue)[0],
                    "class": status["class"],
                    "share": share,
                }
            )
    return heatmap(cells, cell=(92, 30))


def map_figure(material: Material, tongue: str) -> Figure:
    """The members and their neighbours on a map, named in a language."""
    box = material.manifest.map
    window = (box.west, box.south, box.east, box.north)
    shapes = {shape["properties"]["area"]: shape for shape in material.pack.geometry["features"]}
    labels = {}
    for area in (*material.members, *material.manifest.neighbours):
        place = centroid(shapes[area], window) if area in shapes else None
        if place:
            labels[area] = (pick(material.names.area(area), language(tongue).code)[0], *place)
    return map_chart(material.pack.geometry, material.members, window, labels)

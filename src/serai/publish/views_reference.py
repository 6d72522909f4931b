"""Contexts of the list of series, the methods page, and the page on data and licences."""

from __future__ import annotations

from typing import Any

import polars as pl

from serai.publish.material import Material
from serai.publish.views_series import plain

__all__ = ["catalogue_context", "methods_context", "sources_context"]

Row = dict[str, Any]


def catalogue_context(material: Material) -> Row:
    """Every series with a member's figure, by goal."""
    goals: dict[str, list[Row]] = {}
    units = dict(material.pack.table("series").select("series", "unit").iter_rows())
    for code in material.series:
        indicators = material.indicators_of.get(code, [])
        slices = material.slices_of[code]
        goals.setdefault(indicators[0]["goal"] if indicators else "", []).append(
            {
                "series": code,
                "title": material.names.series(code),
                "unit": material.names.unit(units.get(code)),
                "indicators": [row["indicator"] for row in indicators],
                "members": [
                    area for area in material.members if any(area in entry["areas"] for entry in slices)
                ],
                "last": max(entry["last"] for entry in slices),
                "providers": sorted({entry["provider"] for entry in slices}),
            }
        )
    return {
        "kind": "catalogue",
        "goals": [
            {"goal": goal, "title": material.names.goal(goal) if goal else {"en": ""}, "series": rows}
            for goal, rows in goals.items()
        ],
        "count": len(material.series),
        "members": list(material.members),
    }


def methods_context(material: Material, methods: list[Row]) -> Row:
    """Methods as they describe themselves, the reviewed rules, and the tested record of the projections."""
    rules = material.pack.table("rules")
    reasons = (
        rules.filter(pl.col("status") == "no_rule").group_by("reason").agg(pl.len().alias("series"))
        .sort(["series", "reason"], descending=[True, False])
    )  # fmt: skip
    kinds = material.pack.table("headline")["kind"].value_counts().sort("kind")
    return {
        "kind": "methods",
        "methods": methods,
        "start": material.manifest.start,
        "end": material.manifest.end,
        "rules": rules.filter(pl.col("status") == "rule").height,
        "no_rule": [plain(row, ("reason", "series")) for row in reasons.iter_rows(named=True)],
        "headline": dict(kinds.iter_rows()),
        "records": _records(material),
    }


def _records(material: Material) -> list[Row]:
    """The record of each projection method: how often its 80 % band held, over the series that use it."""
    if material.projections.is_empty():
        return []
    last = material.projections.filter(pl.col("period") == material.manifest.end)
    frame = last.group_by("method", "horizon").agg(
        pl.len().alias("projections"),
        pl.col("record_n").median().alias("cases"),
        pl.col("record_coverage80").mean().alias("coverage80"),
    )
    names = ("method", "horizon", "projections", "cases", "coverage80")
    return [plain(row, names) for row in frame.sort("method", "horizon").iter_rows(named=True)]


def sources_context(material: Material, files: list[Row]) -> Row:
    """Who the figures are from, under which licence and release, and every file to take away."""
    providers = [
        {**row, "name": material.names.provider(row["provider"])}
        for row in material.pack.table("providers").iter_rows(named=True)
    ]
    tables = [
        {**table.model_dump(mode="json"), "columns": dict(table.columns)} for table in material.pack.sources.table
    ]
    releases = [plain(row, tuple(material.releases.columns)) for row in material.releases.iter_rows(named=True)]
    return {
        "kind": "sources",
        "providers": providers,
        "tables": tables,
        "releases": releases,
        "files": files,
        "digest": material.pack.digest,
    }

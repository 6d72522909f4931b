"""Contexts of the list of series, the methods page, and the page on data and licences."""

from __future__ import annotations

from typing import Any

import polars as pl

from serai.assess import shipped_table
from serai.assess.methods import methods
from serai.publish.material import Material
from serai.publish.views_series import plain

__all__ = ["catalogue_context", "methods_context", "sources_context"]

Row = dict[str, Any]
FEWEST_FORECASTS = 30
"""Forecasts below which a line of the record says nothing."""


def catalogue_context(material: Material) -> Row:
    """Every series with a member's figure, by goal."""
    goals: dict[str, list[Row]] = {}
    for code in material.series:
        indicators = material.indicators_of.get(code, [])
        slices = material.slices_of[code]
        goals.setdefault(indicators[0]["goal"] if indicators else "", []).append(
            {
                "series": code,
                "title": material.names.series(code),
                "unit": material.names.unit(material.about[code]["unit"]),
                "indicators": [row["indicator"] for row in indicators],
                "members": [area for area in material.members if any(area in entry["areas"] for entry in slices)],
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


def _methods() -> list[Row]:
    """The progress methods as they describe themselves."""
    return [
        {
            "id": name,
            "title": {"en": method.title_en, "ru": method.title_ru},
            "facts": {
                "formula": " ".join(method.formula.split()),
                "value": method.value,
                "score": method.score,
                "needs": method.needs,
                "zero": method.zero,
                "checked": method.checked,
                "source": method.source,
            },
            "classes": [{"en": entry.label_en, "ru": entry.label_ru} for entry in method.classes],
        }
        for name, method in methods().items()
    ]


def methods_context(material: Material) -> Row:
    """Methods as they describe themselves, the reviewed rules, and the tested record of the projections."""
    rules = material.pack.table("rules")
    reasons = (
        rules.filter(pl.col("status") == "no_rule").group_by("reason").agg(pl.len().alias("series"))
        .sort(["series", "reason"], descending=[True, False])
    )  # fmt: skip
    kinds = material.pack.table("headline")["kind"].value_counts().sort("kind")
    return {
        "kind": "methods",
        "methods": _methods(),
        "start": material.manifest.start,
        "end": material.manifest.end,
        "rules": rules.filter(pl.col("status") != "no_rule").height,
        "no_rule": [plain(row, ("reason", "series")) for row in reasons.iter_rows(named=True)],
        "headline": dict(kinds.iter_rows()),
        "records": _records(material),
        "tests": _tests(),
    }


def _tests() -> list[Row]:
    """What the back-tests found, by years ahead and nature; lines that rest on few forecasts are left out."""
    scores = shipped_table("scores")
    waited = pl.col("test").is_in(["real time", "areas held out"])
    real = waited & pl.col("horizons").is_in(["1-2", "3-4", "5+"])
    ahead = ~waited & pl.col("horizons").is_in(["7-10", "11+"])
    shown = scores.filter((real | ahead) & (pl.col("n") >= FEWEST_FORECASTS))
    return [plain(row, tuple(shown.columns)) for row in shown.iter_rows(named=True)]


def _records(material: Material) -> list[Row]:
    """How often the 80 % band of the projections shown held in the past, by test and years ahead."""
    if material.projections.is_empty():
        return []
    shown = material.projections.filter(pl.col("median").is_not_null())
    tested = pl.col("record_n") > 0
    frame = shown.group_by("record_note").agg(
        pl.len().alias("projections"),
        pl.struct("series", "dimensions").n_unique().alias("series"),
        pl.col("record_n").filter(tested).median().alias("cases"),
        pl.col("record_coverage80").filter(tested).mean().alias("coverage80"),
    )
    names = ("record_note", "projections", "series", "cases", "coverage80")
    return [plain(row, names) for row in frame.sort("record_note").iter_rows(named=True)]


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

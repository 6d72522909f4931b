"""Context of the page that ranks the members within a group of countries and reads the group's programmes."""

from __future__ import annotations

from typing import Any

import polars as pl

from serai.publish.further import world_name
from serai.publish.material import Material, rows_by
from serai.publish.views_overview import GOALS
from serai.publish.views_series import plain

__all__ = ["peers_context"]

Row = dict[str, Any]
ARITHMETIC = (
    "area", "first_year", "first_value", "last_year", "last_value", "needed_value", "observed_rate", "required_rate",
    "reached_factor", "rest_rate", "answer", "reason", "provider", "release",
)  # fmt: skip


def _programmes(material: Material) -> list[Row]:
    """Programmes with their priorities, targets and the arithmetic of each."""
    made = rows_by(material.further.programmes, "programme", "id")
    out: list[Row] = []
    for row in material.pack.table("programme_targets").iter_rows(named=True):
        if not out or out[-1]["programme"] != row["programme"]:
            out.append({"programme": row["programme"], "items": []})
        rows = made.get((row["programme"], row["id"]), [])
        out[-1]["items"].append(
            {
                **plain(row, ("id", "priority", "kind", "factor", "deadline", "reading", "note", "source")),
                "title": {"en": row["title_en"], **({"ru": row["title_ru"]} if row["title_ru"] else {})},
                "series": row["series"] or None,
                "series_title": material.names.series(row["series"]) if row["series"] else None,
                "unit": material.names.unit(rows[0]["unit"]) if rows and rows[0]["unit"] else None,
                "whole": row["area"] or None,
                "rows": [plain(item, ARITHMETIC) for item in rows if item["area"]],
                "reason": next((item["reason"] for item in rows if not item["area"]), row["reason"] or None),
            }
        )
    return out


def _goals(material: Material) -> list[Row]:
    found = {(row["goal"], row["area"]): row for row in material.further.peer_goals.iter_rows(named=True)}
    names = ("area", "score", "rank", "of", "distance", "best_score", "indicators", "indicators_with_data", "reason")
    out = []
    for goal in GOALS:
        rows = [found[goal, area] for area in material.members if (goal, area) in found]
        best = next((row["best_area"] for row in rows if row["best_area"]), None)
        out.append(
            {
                "goal": goal,
                "title": material.names.goal(goal),
                "best": world_name(material, best),
                "members": [plain(row, names) for row in rows],
            }
        )
    return out


def _one(material: Material, code: str, rows: list[Row]) -> Row:
    """One series: the group's best, and each member's rank and distance."""
    first = next(row for row in rows if row["rank"] is not None)
    found = {row["area"]: row for row in rows if row["rank"] is not None}
    names = ("area", "rank", "of", "distance", "latest_year", "latest_value", "latest_bound")
    return {
        "series": code,
        "title": material.names.series(code),
        "unit": material.names.unit(first["unit"]),
        "best": world_name(material, first["best_area"]),
        **plain(first, ("direction", "best_area", "best_year", "best_value", "best_shared", "median")),
        "members": [plain(found[area], names) if area in found else None for area in material.members],
    }


def _series(material: Material) -> list[Row]:
    """Ranked series by goal."""
    of = rows_by(material.further.peers.filter(pl.col("series").is_in(material.series)), "series")
    goals: dict[str, list[Row]] = {goal: [] for goal in GOALS}
    for code in sorted(of, key=lambda code: (material.place(code), code)):
        indicators = material.indicators_of.get(code)
        if indicators and any(row["rank"] is not None for row in of[code]):
            goals[indicators[0]["goal"]].append(_one(material, code, of[code]))
    return [{"goal": goal, "title": material.names.goal(goal), "series": rows} for goal, rows in goals.items() if rows]


def peers_context(material: Material) -> Row:
    """All that the page of a group of countries shows."""
    group = material.further.group or ""
    members = set(material.pack.table("groups").filter(pl.col("group") == group)["area"])
    ranked = material.further.peers.filter(pl.col("rank").is_not_null())
    thirds = {
        area: {
            "ranked": rows.height,
            "first": rows.filter(pl.col("rank") == 1).height,
            "upper": rows.filter(pl.col("rank") * 3 <= pl.col("of")).height,
            "lower": rows.filter((pl.col("of") - pl.col("rank")) * 3 < pl.col("of")).height,
        }
        for area in material.members
        if (rows := ranked.filter(pl.col("area") == area)) is not None
    }
    last = material.last_release
    return {
        "kind": "peers",
        "group": group,
        "title": material.names.formal(group),
        "short": material.names.area(group),
        "count": len(members),
        "provider": material.manifest.primary_provider,
        "release": last.isoformat() if last else None,
        "members": [
            {"area": area, "missing": None if area in members else "not a country of the group", **thirds[area]}
            for area in material.members
        ],
        "programmes": _programmes(material),
        "goals": _goals(material),
        "series": _series(material),
    }

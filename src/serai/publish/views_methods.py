"""Contexts of the methods side by side and of what a target would take: the overview page, parts of series pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from serai.assess import differences, methods
from serai.publish.further import world_name
from serai.publish.material import Material
from serai.publish.views_overview import GOALS
from serai.publish.views_series import plain

__all__ = ["compare_context", "compared", "takes"]

Row = dict[str, Any]
STANDINGS = ("on_track", "too_slow", "away")
NEEDED = (
    "unit", "target", "target_year", "latest_year", "latest_value", "years_left", "own_change", "required_change",
    "required_rate", "countries", "percentile", "comparable", "precedents", "best_change", "best_from", "best_to",
    "reason", "provider", "release", "nature",
)  # fmt: skip


def _cell(row: Row) -> Row:
    cell = {name: row[name] for name in ("class", "standing") if row[name]}
    if row["why"]:
        cell |= {"why": row["why"], "detail": row["detail"]}
    if not row["class"]:
        cell["reason"] = row["reason"]
    return cell


def _explained(cells: dict[str, Row]) -> list[Row]:
    """Why methods differ from the first one, methods with the same reason together."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, cell in cells.items():
        if cell.get("why"):
            found.setdefault((cell["detail"], cell.get("reason") or ""), []).append(name)
    return [
        {"methods": names, "why": differences()[detail]["cause"], "detail": detail, "reason": reason}
        for (detail, reason), names in found.items()
    ]


def compared(material: Material, code: str) -> list[Row]:
    """For each member: the series' class by every method, whether they agree, and why not."""
    out = []
    for area in material.members:
        rows = material.further.compared.get((code, area))
        if not rows:
            continue
        cells = {row["method"]: _cell(row) for row in rows}
        common = {row["reason"] for row in rows if not row["class"]}
        none = not any(row["class"] for row in rows)
        out.append(
            {
                "area": area,
                "agree": rows[0]["agree"],
                "methods": {} if none else cells,
                "why": [] if none else _explained(cells),
                "reason": sorted(common)[0] if none and common else None,
            }
        )
    return out


def takes(material: Material, code: str) -> list[Row]:
    """For each member: the yearly change the series' target needs, and who has ever been as fast."""
    rows = [(area, material.further.required_of.get((code, area))) for area in material.members]
    found: list[Row] = [{"area": area, **plain(row, NEEDED), "best": _best(material, row)} for area, row in rows if row]
    return found if any(row["required_change"] is not None for row in found) else []


def _best(material: Material, row: Row) -> Row | None:
    code = row["best_area"]
    return {"area": code, "name": world_name(material, code)} if code else None


def _two(rows: list[Row]) -> bool:
    """Whether two methods give the series a class."""
    return rows[0]["agree"] is not None


def _goal_rows(material: Material) -> dict[str, list[list[Row]]]:
    """Rows of all methods, one list a series and member, by the goal the series comes first in."""
    out: dict[str, list[list[Row]]] = {goal: [] for goal in GOALS}
    for (code, _area), rows in material.further.compared.items():
        indicators = material.indicators_of.get(code)
        if indicators and indicators[0]["goal"] in out:
            out[indicators[0]["goal"]].append(rows)
    return out


def _shares(found: Iterable[list[Row]]) -> dict[str, dict[str, int]]:
    """For each method: series on track, too slow, moving away."""
    counts = {name: dict.fromkeys(STANDINGS, 0) for name in methods()}
    for rows in found:
        for row in rows:
            if row["standing"]:
                counts[row["method"]][row["standing"]] += 1
    return counts


def _overview(material: Material, goal: str, found: list[list[Row]]) -> Row:
    both = [rows for rows in found if _two(rows)]
    standings = material.further.goal_standings
    return {
        "goal": goal,
        "title": material.names.goal(goal),
        "compared": len(both),
        "agree": sum(1 for rows in both if rows[0]["agree"]),
        "methods": _shares(both),
        "members": [
            {"area": area, "standings": {name: standings.get((name, goal, area)) for name in methods()}}
            for area in material.members
        ],
    }


def _series_rows(material: Material, found: list[list[Row]]) -> list[Row]:
    """Series of a goal with members compared, members on which methods agree, and the commonest cause."""
    of: dict[str, list[list[Row]]] = {}
    for rows in found:
        if _two(rows):
            of.setdefault(rows[0]["series"], []).append(rows)
    out = []
    for code in sorted(of, key=lambda code: (material.place(code), code)):
        causes = Counter(
            row["detail"] for rows in of[code] if not rows[0]["agree"] for row in rows if row["detail"] and row["class"]
        )
        out.append(
            {
                "series": code,
                "title": material.names.series(code),
                "compared": len(of[code]),
                "apart": [rows[0]["area"] for rows in of[code] if not rows[0]["agree"]],
                "detail": min(causes, key=lambda name: (-causes[name], name)) if causes else None,
            }
        )
    return out


def compare_context(material: Material) -> Row:
    """All that the page of methods side by side shows."""
    goals = _goal_rows(material)
    every = [rows for found in goals.values() for rows in found]
    both = [rows for rows in every if _two(rows)]
    causes = Counter(
        row["detail"] for rows in both if not rows[0]["agree"] for row in rows if row["detail"] and row["class"]
    )
    present = {rows[0]["area"] for rows in both}
    last = material.last_release
    return {
        "kind": "compare",
        "provider": material.manifest.primary_provider,
        "release": last.isoformat() if last else None,
        "methods": list(methods()),
        "members": [
            {"area": area, "missing": None if area in present else "no series with classes by two methods"}
            for area in material.members
        ],
        "compared": len(both),
        "agree": sum(1 for rows in both if rows[0]["agree"]),
        "none": len(every) - len(both),
        "shares": _shares(both),
        "causes": [
            {"detail": name, "why": differences()[name]["cause"], "rows": count}
            for name, count in sorted(causes.items(), key=lambda item: (-item[1], item[0]))
        ],
        "goals": [_overview(material, goal, found) for goal, found in goals.items()],
        "series": [
            {"goal": goal, "title": material.names.goal(goal), "series": rows}
            for goal, found in goals.items()
            if (rows := _series_rows(material, found))
        ],
    }

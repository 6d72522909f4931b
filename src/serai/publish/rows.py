"""How templates group and pick the rows of a context."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from serai.publish.palette import CLASSES, NO_CLASS, ClassMark

__all__ = [
    "absent",
    "anchor",
    "by_class",
    "by_goal",
    "by_year",
    "mark_of",
    "national_pairs",
    "notes",
    "unclassed_cells",
]

Row = dict[str, Any]


def anchor(code: str) -> str:
    """A code as the id of a part of a page."""
    return code.replace(".", "-")


def by_goal(cells: list[tuple[str, Any, tuple[str, str, Any]]]) -> list[tuple[str, Any, list[Any]]]:
    """Group (goal, title, (area, reason, note)) by goal."""
    return [
        (goal, group[0][1], [entry[2] for entry in group])
        for goal, found in groupby(cells, key=lambda entry: entry[0])
        if (group := list(found))
    ]


def by_class(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Rows of each class, best and worst ends first to last as in the legend."""
    return [(name, [row for row in rows if row["class"] == name]) for name in CLASSES]


def by_year(context: Row) -> list[tuple[int, list[Row | None]]]:
    """Observations of a series as years (latest first) by members."""
    cell = {(row["period"], row["area"]): row for row in context["observations"]}
    years = sorted({row["period"] for row in context["observations"]}, reverse=True)
    return [(year, [cell.get((year, member["area"])) for member in context["members"]]) for year in years]


def national_pairs(context: Row) -> list[tuple[Row, Row | None]]:
    """National figures, latest first, each with the international one of its year."""
    other = {(row["area"], row["period"]): row for row in context["observations"]}
    rows = sorted(context["national"], key=lambda row: (row["area"], row["provider"], -row["period"]))
    return [(row, other.get((row["area"], row["period"]))) for row in rows]


def absent(members: Sequence[Row]) -> list[tuple[str, str]]:
    """Members a view has no figure of, with the reason."""
    out = []
    for member in members:
        if "missing" in member:
            if member["missing"]:
                out.append((member["area"], member["missing"]))
        elif not member["indicators_with_data"]:
            out.append(
                (member["area"], member["reason"] or ("see the note" if member["note"] else "no series with data"))
            )
    return out


def mark_of(name: str | None) -> ClassMark:
    """How a class is shown; that of no class for none."""
    return CLASSES.get(name or "", NO_CLASS)


def unclassed_cells(goals: Iterable[Row]) -> list[tuple[str, Any, tuple[str, str, Any]]]:
    """Cells of a heatmap without a class: goal, title, (area, reason, note of the pack)."""
    return [
        (goal["goal"], goal["title"], (cell["area"], cell["reason"], cell["note"]))
        for goal in goals
        for cell in goal["members"]
        if not cell["class"]
    ]


def notes(rows: Iterable[Row]) -> list[Any]:
    """Notes of the pack on goals without a class, each once."""
    out: list[Any] = []
    for row in rows:
        if row.get("note") and row["note"] not in out:
            out.append(row["note"])
    return out

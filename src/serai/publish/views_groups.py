"""Contexts of the pages on groups of people: all groups, and one page for each."""

from __future__ import annotations

from typing import Any

import polars as pl

from serai.assess import groups
from serai.publish.further import tallied
from serai.publish.material import Material, rows_by
from serai.publish.views_series import plain

__all__ = ["group_context", "groups_context"]

Row = dict[str, Any]
SHOWN = (
    "area", "provider", "first_year", "first_value", "other_first_value", "last_year", "last_value", "other_last_value",
    "gap_first", "gap_last", "gap", "class", "other_class", "reason", "release", "nature",
)  # fmt: skip


def _titles(group: str) -> Row:
    entry = groups()[group]
    return {
        "group": group,
        "title": {"en": entry.title_en, "ru": entry.title_ru},
        "other": {"en": entry.other_en, "ru": entry.other_ru},
    }


def _international(material: Material, group: str) -> pl.DataFrame:
    gaps = material.further.gaps.filter((pl.col("group") == group) & pl.col("series").is_in(material.series))
    return gaps.filter(pl.col("provider") == material.manifest.primary_provider)


def _members(material: Material, frame: pl.DataFrame) -> list[Row]:
    """For each member: series with a gap, by what became of it; why it is not there."""
    found = rows_by(frame, "area")
    return [
        {
            "area": area,
            "series": len(found.get(area, ())),
            "states": tallied([row["gap"] for row in found.get(area, ())]),
            "missing": None if area in found else "no figure of this group",
        }
        for area in material.members
    ]


def groups_context(material: Material) -> Row:
    """All that the page of all groups shows."""
    entries = []
    for group in groups():
        frame = _international(material, group)
        if not material.further.gaps.filter(pl.col("group") == group).is_empty():
            entries.append({**_titles(group), "members": _members(material, frame)})
    present = set(material.further.gaps["area"])
    regions = material.further.regions
    last = material.last_release
    return {
        "kind": "groups",
        "provider": material.manifest.primary_provider,
        "release": last.isoformat() if last else None,
        "groups": entries,
        "members": [
            {"area": area, "missing": None if area in present else "no figure of this group"}
            for area in material.members
        ],
        "regions": [
            {"area": area, "regions": rows["area"].n_unique(), "series": rows["series"].n_unique()}
            for area in material.members
            if not (rows := regions.filter(pl.col("parent") == area)).is_empty()
        ],
    }


def _series(material: Material, frame: pl.DataFrame) -> list[Row]:
    """One entry a series, in official order: its slice and its members' rows."""
    of = rows_by(frame, "series")
    out = []
    for code in sorted(of, key=lambda code: (material.place(code), code)):
        rows = {row["area"]: row for row in of[code]}
        first = of[code][0]
        indicators = material.indicators_of.get(code) or [{"goal": None}]
        out.append(
            {
                "series": code,
                "goal": indicators[0]["goal"],
                "title": material.names.series(code),
                "unit": material.names.unit(first["unit"]),
                "slice": material.names.slice(first["dimensions"]),
                "against": first["against"],
                "members": [plain(rows[area], SHOWN) if area in rows else None for area in material.members],
            }
        )
    return out


def group_context(material: Material, group: str) -> Row:
    """All that the page of one group shows."""
    frame = _international(material, group)
    kept = material.further.gaps.filter((pl.col("group") == group) & pl.col("series").is_in(material.series))
    national = kept.filter(pl.col("provider").is_in(sorted(material.national)) & pl.col("gap").is_not_null())
    shown = frame.filter(pl.col("gap").is_not_null())
    silent = frame.filter(pl.col("gap").is_null())["reason"].fill_null("").value_counts(name="series")
    last = material.last_release
    return {
        "kind": "group",
        **_titles(group),
        "provider": material.manifest.primary_provider,
        "release": last.isoformat() if last else None,
        "members": _members(material, frame),
        "series": _series(material, shown),
        "without": [
            {"reason": row["reason"], "series": row["series"]}
            for row in silent.sort(["series", "reason"], descending=[True, False]).iter_rows(named=True)
        ],
        "national": [
            {
                "series": row["series"],
                "title": material.names.series(row["series"]),
                "unit": material.names.unit(row["unit"]),
                **plain(row, SHOWN),
            }
            for row in national.sort("area", "series").iter_rows(named=True)
        ],
    }

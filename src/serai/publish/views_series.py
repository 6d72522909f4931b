"""Contexts of the series pages: language-neutral, and published as they are as JSON."""

from __future__ import annotations

from typing import Any

import polars as pl

from serai.publish.charts import Figure, fan_chart, line_chart
from serai.publish.material import Material

__all__ = ["fan_figure", "line_figure", "series_context"]

Row = dict[str, Any]
OBSERVED = ("area", "period", "value", "bound", "nature", "status", "provider", "release", "note")
PROGRESS = (
    "class", "score", "reason", "remark", "direction", "target", "target_year", "base_year", "base_value", "base_bound",
    "latest_year", "latest_value", "latest_bound", "observed_rate", "required_rate", "value", "method", "provider",
    "release", "nature", "unit",
)  # fmt: skip
PROJECTED = ("period", "median", "lo80", "hi80", "lo95", "hi95")
RECORD = ("p_target", "method", "last_year", "last_value", "horizon", "record_n", "record_coverage80", "record_note")
MAX_SLICES = 24
CHART_START = 2000


def plain(row: Row, names: tuple[str, ...]) -> Row:
    """The named fields of a row as JSON knows them: days as text, no field that is not there."""
    out = {name: row[name] for name in names if name in row}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in out.items()}


def _slice(material: Material, code: str) -> Row:
    row = material.slice_of.get(code, {"series": code, "dimensions": "", "kind": "none", "reason": ""})
    return {**row, "text": material.names.slice(row["dimensions"])}


def _member(material: Material, code: str, area: str) -> Row:
    observed = [row for row in material.headline_of.get(code, ()) if row["area"] == area and row["value"] is not None]
    progress = material.progress_of.get((code, area))
    paths = [row for row in material.projection_of.get(code, ()) if row["area"] == area]
    member: Row = {
        "area": area,
        "figures": len(observed),
        "first": observed[0]["period"] if observed else None,
        "latest": plain(observed[-1], OBSERVED) if observed else None,
        "missing": None if observed else material.why_missing(code, area),
        "progress": {"remark": None, **plain(progress, PROGRESS)} if progress else None,
        "projection": None,
        "not_projected": None,
    }
    path = [plain(row, PROJECTED) for row in paths if row["median"] is not None]
    if path:
        member["projection"] = {**plain(paths[-1], RECORD), "path": path}
    elif paths:
        member["not_projected"] = paths[-1]["record_note"]
    return member


LIKELY = 0.5
"""Chance of meeting the target from which on it is likely."""
ON_TRACK = frozenset({"target_achieved", "substantial_progress"})
"""Classes of the method shown that say the target is met or will be."""


def _apart(members: list[Row]) -> list[Row]:
    """Members whose class and chance say different things: on track yet unlikely to meet the target, or the reverse."""
    out = []
    for member in members:
        judged = (member["progress"] or {}).get("class")
        chance = (member["projection"] or {}).get("p_target")
        if judged and chance is not None and (judged in ON_TRACK) != (chance >= LIKELY):
            out.append({"area": member["area"], "class": judged, "p_target": chance})
    return out


def _breakdowns(material: Material, code: str, headline: str) -> tuple[list[Row], int]:
    rows = [
        row
        for row in material.slices_of.get(code, ())
        if row["dimensions"] != headline and row["provider"] not in material.national
    ]
    shown = [{**row, "text": material.names.slice(row["dimensions"])} for row in rows[:MAX_SLICES]]
    return shown, len(rows)


def _national(material: Material, code: str, row: Row) -> Row:
    """A national figure, and how it differs from the international one."""
    found = material.difference_of.get((code, row["area"], row["provider"], row["period"]))
    difference = plain(found, ("kind", "detail", "relative")) if found else None
    return {**plain(row, (*OBSERVED, "unit")), "difference": difference}


def _source(material: Material, code: str) -> Row:
    row = material.about.get(code, {})
    texts = {tongue: row.get(f"source_{tongue}") for tongue in ("en", *material.languages)}
    return {"unit": row.get("unit"), "source": {tongue: text for tongue, text in texts.items() if text}}


def series_context(material: Material, code: str) -> Row:
    """All that the page of a series shows."""
    names, about, standing = material.names, _source(material, code), _slice(material, code)
    observed = material.headline_of.get(code, [])
    members = [_member(material, code, area) for area in material.members]
    breakdowns, count = _breakdowns(material, code, standing["dimensions"])
    releases = sorted({row["release"] for row in observed if row["release"]})
    return {
        "kind": "series",
        "code": code,
        "title": names.series(code),
        "unit": {"code": about["unit"], "name": names.unit(about["unit"])},
        "indicators": material.indicators_of.get(code, []),
        "slice": standing,
        "rule": material.rule_of.get(code),
        "source": about["source"],
        "provider": material.manifest.primary_provider if observed else None,
        "release": releases[-1].isoformat() if releases else None,
        "members": members,
        "apart": _apart(members),
        "observations": [plain(row, OBSERVED) for row in observed],
        "national": [_national(material, code, row) for row in material.national_of.get(code, ())],
        "breakdowns": breakdowns,
        "breakdown_count": count,
        "changes": material.changes_of.get(code, {}),
        "aliases": material.former_codes.get(code, []),
    }


def _frame(context: Row) -> pl.DataFrame:
    rows = [row for row in context["observations"] if row["value"] is not None]
    schema = {"area": pl.String, "period": pl.Int32, "value": pl.Float64, "nature": pl.String}
    return pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)


def common_target(context: Row) -> float | None:
    """The level every member shall reach, where the rule sets one."""
    rule = context["rule"]
    if not rule or rule["status"] != "rule" or rule["target_type"] != "absolute":
        return None
    target: float | None = rule["target"]
    return target


def line_figure(material: Material, context: Row) -> Figure | None:
    """The line chart of a series; none where no member has a figure."""
    frame = _frame(context)
    if frame.is_empty():
        return None
    return line_chart(frame, material.members, target=common_target(context), target_from=material.manifest.start)


def fan_figure(material: Material, context: Row) -> Figure | None:
    """The panels with the projection of a series; none where nothing is projected."""
    paths = [
        {"area": member["area"], **point}
        for member in context["members"]
        if member["projection"]
        for point in member["projection"]["path"]
    ]
    if not paths:
        return None
    targets = {
        member["area"]: member["progress"]["target"]
        for member in context["members"]
        if member["progress"] and member["progress"]["target"] is not None
    }
    return fan_chart(
        _frame(context),
        pl.DataFrame(paths),
        material.members,
        targets=targets,
        start=CHART_START,
        end=material.manifest.end,
    )

"""Charts: what is drawn of which figures. Their forms are in :mod:`serai.publish.figure`.

Pictures carry numbers and area codes only, so that one picture serves every language.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from serai.publish.axes import axis_domain, axis_factor, axis_ticks, number, spread
from serai.publish.figure import HEIGHT, Figure
from serai.publish.geometry import clipped, fit
from serai.publish.palette import CLASSES, LINES, NO_CLASS

__all__ = ["Figure", "axis_factor", "fan_chart", "heatmap", "line_chart", "map_chart"]

REPORTED = ("C", "CA", "")
"""Natures drawn as filled marks: reported by the country, or not said; the others are drawn hollow."""
LABEL_GAP = 17
PANEL_WIDTH, PANEL_HEIGHT, PANEL_COLUMNS = 172, 116, 2
BANDS = ("median", "lo80", "hi80", "lo95", "hi95")

Row = dict[str, Any]


def _points(frame: pl.DataFrame, slots: Mapping[str, int], factor: float) -> list[Row]:
    rows = frame.filter(pl.col("value").is_finite()).sort("area", "period")
    return [
        {"area": area, "slot": slots[area], "period": period, "value": value / factor, "hollow": nature not in REPORTED}
        for area, period, value, nature in rows.select("area", "period", "value", "nature").iter_rows()
        if area in slots
    ]


def line_chart(
    observations: pl.DataFrame,
    areas: Sequence[str],
    *,
    target: float | None = None,
    target_from: int = 2015,
    until: int | None = None,
) -> Figure:
    """Lines of several areas over years, labelled at their ends, with the target as a dashed rule.

    Args:
        observations: columns ``area``, ``period``, ``value``, ``nature``; one row per area and period.
        areas: every area of the region in its order: it fixes colour, dash and marker of each.
        target: level to reach, in the unit of the values; none draws no rule.
        target_from: first year of the rule.
        until: last year of the axis; the last observed one when not given.

    Values are divided by :func:`axis_factor`; say so beside the chart. Hollow marks are estimated, modelled or
    global figures.
    """
    slots = {area: slot % len(LINES) for slot, area in enumerate(areas)}
    known = [value for value in observations["value"].to_list() if value is not None and math.isfinite(value)]
    factor = axis_factor([*known, *([] if target is None else [target])])
    points = _points(observations, slots, factor)
    low, high = axis_domain([row["value"] for row in points] + ([] if target is None else [target / factor]))
    first = min((row["period"] for row in points), default=target_from)
    last = max(max((row["period"] for row in points), default=target_from), until or 0)
    if last - first < 2:
        first, last = first - 1, last + 1
    rule = [] if target is None else [{"period": max(first, target_from), "until": last, "value": target / factor}]
    return Figure(
        "lines",
        {"points": points, "labels": _end_labels(points, low, high, last), "targets": rule},
        {"x0": first, "x1": last, "y0": low, "y1": high},
    )


def _end_labels(points: list[Row], low: float, high: float, edge: int) -> list[Row]:
    ends = list({row["area"]: row for row in points}.values())
    places = spread([row["value"] for row in ends], LABEL_GAP * (high - low) / HEIGHT, low, high)
    return [
        {**{key: row[key] for key in ("area", "slot", "period", "value")}, "edge": edge, "at": place}
        for row, place in zip(ends, places, strict=True)
    ]


def fan_chart(
    observations: pl.DataFrame,
    projections: pl.DataFrame,
    areas: Sequence[str],
    *,
    targets: Mapping[str, float] | None = None,
    start: int = 2000,
    end: int = 2030,
    columns: int = PANEL_COLUMNS,
) -> Figure:
    """A panel for every area: what was observed, then the median and the 80 and 95 % bands of the projection.

    Args:
        observations: columns ``area``, ``period``, ``value``, ``nature``.
        projections: columns ``area``, ``period``, ``median``, ``lo80``, ``hi80``, ``lo95``, ``hi95``.
        areas: every area of the region, each gets a panel; one without figures stays empty and says so by a dash.
        targets: level to reach by ``end`` for each area that has one.
        start, end: first and last year of every panel.
        columns: panels side by side.
    """
    slots = {area: slot % len(LINES) for slot, area in enumerate(areas)}
    aims = targets or {}
    recent = observations.filter(pl.col("period") >= start)
    known = [*recent["value"].to_list(), *projections["hi80"].to_list(), *aims.values()]
    factor = axis_factor(value for value in known if value is not None)
    points = _points(recent, slots, factor)
    panels = []
    for area in areas:
        mine = [row for row in points if row["area"] == area]
        aim = aims[area] / factor if area in aims else None
        panels.append(_Panel(area, mine, _bands(projections.filter(pl.col("area") == area), mine, factor), aim))
    return _Grid(panels, start, end, columns).figure()


@dataclass(frozen=True)
class _Panel:
    """What one panel of a fan chart shows."""

    area: str
    points: list[Row]
    bands: list[Row]
    target: float | None

    def domain(self) -> tuple[float, float]:
        """Ends of the panel's axis: a 95 % band far wider than all else is cut rather than flattening the rest."""
        levels = [row["value"] for row in self.points] + ([] if self.target is None else [self.target])
        return axis_domain(levels + [row[name] for row in self.bands for name in ("lo80", "median", "hi80")])


class _Grid:
    """Places the panels of a fan chart, in pixels. Each has a scale of its own: here a country is read on its own."""

    def __init__(self, panels: Sequence[_Panel], start: int, end: int, columns: int) -> None:
        self.start, self.end, self.panels = start, end, panels
        self.domains = [panel.domain() for panel in panels]
        ticks = [number(tick) for low, high in self.domains for tick in axis_ticks(low, high)]
        self.left = 10 + 7 * max((len(tick) for tick in ticks), default=1)
        self.columns = min(columns, len(panels))
        self.step = (self.left + PANEL_WIDTH + 12, PANEL_HEIGHT + 54)
        names = ("grid", "bands", "targets", "points", "levels", "years", "titles")
        self.data: dict[str, list[Row]] = {name: [] for name in names}

    def figure(self) -> Figure:
        """The chart of all panels."""
        for place, (panel, domain) in enumerate(zip(self.panels, self.domains, strict=True)):
            self._add(place, panel, *domain)
        rows = math.ceil(len(self.panels) / self.columns)
        return Figure("fan", self.data, {}, (self.step[0] * self.columns, self.step[1] * rows))

    def _add(self, place: int, panel: _Panel, low: float, high: float) -> None:
        left = self.left + self.step[0] * (place % self.columns)
        top = 26 + self.step[1] * (place // self.columns)

        def across(year: float) -> float:
            return round(left + PANEL_WIDTH * (year - self.start) / (self.end - self.start), 2)

        def down(value: float) -> float:
            inside = min(max(value, low), high)
            return round(top + PANEL_HEIGHT * (high - inside) / (high - low), 2)

        right, data, area = left + PANEL_WIDTH, self.data, panel.area
        shown = bool(panel.points or panel.bands)
        data["titles"].append({"x": left, "y": top - 13, "text": area if shown else f"{area}  –"})
        ticks, years = (axis_ticks(low, high) if shown else [low]), axis_ticks(self.start, self.end)
        data["grid"] += [{"x": left, "x2": right, "y": down(tick)} for tick in ticks]
        data["levels"] += [{"x": left - 6, "y": down(tick), "text": number(tick)} for tick in ticks if shown]
        data["years"] += [{"x": across(year), "y": top + PANEL_HEIGHT + 17, "text": f"{year:.0f}"} for year in years]
        data["points"] += [{**row, "x": across(row["period"]), "y": down(row["value"])} for row in panel.points]
        data["bands"] += [
            {"area": area, "x": across(row["period"]), **{name: down(row[name]) for name in BANDS}}
            for row in panel.bands
        ]
        if panel.target is not None and shown:
            data["targets"].append({"x": left, "x2": right, "y": down(panel.target)})


def _bands(projection: pl.DataFrame, history: list[Row], factor: float) -> list[Row]:
    rows = [
        {"period": row["period"], **{name: row[name] / factor for name in BANDS}}
        for row in projection.sort("period").iter_rows(named=True)
        if all(row[name] is not None and math.isfinite(row[name]) for name in BANDS)
    ]
    # The fan opens at the last observation, so that no gap suggests missing years.
    if rows and history and history[-1]["period"] < rows[0]["period"]:
        rows.insert(0, {"period": history[-1]["period"], **dict.fromkeys(BANDS, history[-1]["value"])})
    return rows


def heatmap(cells: Iterable[Mapping[str, Any]], *, cell: tuple[int, int] = (74, 32)) -> Figure:
    """Areas by goals: class as fill and sign, and how many indicators are classed, have data, and are there.

    Args:
        cells: mappings with ``row`` and ``column`` (labels, in order), ``class`` (or None), ``share`` (a short text).
        cell: width and height of a cell in pixels.
    """
    rows = [
        {
            "row": item["row"],
            "column": item["column"],
            "class": item["class"] or "",
            "sign": CLASSES.get(item["class"] or "", NO_CLASS).sign,
            "share": item["share"],
        }
        for item in cells
    ]
    columns, lines = len({row["column"] for row in rows}), len({row["row"] for row in rows})
    return Figure("heatmap", {"cells": rows}, {}, (cell[0] * columns, cell[1] * lines))


def map_chart(
    geometry: Mapping[str, Any],
    members: Sequence[str],
    window: tuple[float, float, float, float],
    labels: Mapping[str, tuple[str, float, float]],
    *,
    width: int = 640,
) -> Figure:
    """The region on a map: its members filled, everything else as plain land.

    Args:
        geometry: GeoJSON feature collection, each feature with the property ``area``.
        members: areas to fill.
        window: west, south, east, north in degrees.
        labels: for each area to be named: name, longitude, latitude.
        width: of the picture in pixels; the height follows from the window.
    """
    scale, height, lon, lat = fit(window, width)
    shapes = clipped(geometry, window, members)
    named = [(area, {"name": name, "lon": x, "lat": y}) for area, (name, x, y) in labels.items()]
    return Figure(
        "map",
        {
            "shapes": shapes,
            "members": [row for area, row in named if area in members],
            "others": [row for area, row in named if area not in members],
        },
        {},
        (width, height, scale, lon, lat),
    )

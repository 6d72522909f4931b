"""Chart specifications: one Altair chart serves page (SVG), print (PDF) and picture (PNG).

A :class:`Figure` is a chart whose form is fixed and whose figures are named data sets and parameters. The form is
compiled to Vega once a process; each further figure of that form only fills it in, which takes a third of the time.
Pictures carry numbers and area codes only, so that one picture serves every language.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import altair as alt
import polars as pl

from serai.publish.palette import CLASSES, INK, LINES, NO_CLASS

__all__ = ["Figure", "axis_domain", "axis_factor", "fan_chart", "heatmap", "line_chart", "map_chart"]

FONT = "Liberation Sans, Arimo, Helvetica, Arial, sans-serif"
REPORTED = ("C", "CA", "")
"""Natures drawn as filled marks: reported by the country, or not said; the others are drawn hollow."""
WIDTH, HEIGHT, LABEL_GAP = 600, 330, 17
PANEL_WIDTH, PANEL_HEIGHT, PANEL_COLUMNS = 172, 116, 2
PADDING = {"left": 20, "right": 16, "top": 6, "bottom": 4}
"""Room for the larger letters of narrow screens."""
BANDS = ("median", "lo80", "hi80", "lo95", "hi95")

Row = dict[str, Any]
Spec = Any
"""A chart or a channel of Altair: generated classes, without static types worth naming."""


@dataclass(frozen=True)
class Figure:
    """A chart of a known form with its figures.

    Attributes:
        form: name of the form, a key of :data:`FORMS`.
        shape: what fixes the form besides its name (say, the number of panels).
        data: named data sets.
        params: named parameters, such as the ends of an axis.
    """

    form: str
    data: Mapping[str, list[Row]]
    params: Mapping[str, Any] = field(default_factory=dict)
    shape: tuple[Any, ...] = ()

    def chart(self) -> Spec:
        """The Altair chart with its figures in it, for notebooks and for changing by hand."""
        chart = FORMS[self.form](*self.shape).copy(deep=True)
        chart.datasets = dict(self.data)
        for param in chart.params if self.params else ():
            if param.name in self.params:
                param.value = self.params[param.name]
        return chart

    def vega(self) -> dict[str, Any]:
        """The compiled Vega specification with its figures in it."""
        spec = dict(_compiled(self.form, self.shape))
        spec["data"] = [
            {**source, "values": self.data[source["name"]]} if source["name"] in self.data else source
            for source in spec["data"]
        ]
        spec["signals"] = [
            {**signal, "value": self.params[signal["name"]]} if signal["name"] in self.params else signal
            for signal in spec.get("signals", [])
        ]
        return spec


@lru_cache(maxsize=64)
def _compiled(form: str, shape: tuple[Any, ...]) -> dict[str, Any]:
    import vl_convert

    compiled: dict[str, Any] = vl_convert.vegalite_to_vega(FORMS[form](*shape).to_dict(validate=False))
    return compiled


def _finish(chart: Spec) -> Spec:
    return (
        chart.configure(font=FONT, background="transparent", padding=PADDING)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK["muted"],
            labelFontSize=12,
            gridColor=INK["grid"],
            domainColor=INK["rule"],
            tickColor=INK["rule"],
            title=None,
        )
    )


def _source(name: str) -> Spec:
    return alt.NamedData(name=name)


def _style(channel: Spec, values: list[Any]) -> Spec:
    return channel("slot:O", legend=None, scale=alt.Scale(domain=list(range(len(LINES))), range=values))


def _styles() -> dict[str, Any]:
    return {
        "color": _style(alt.Color, [line.colour for line in LINES]),
        "strokeDash": _style(alt.StrokeDash, [list(line.dash) for line in LINES]),
        "shape": _style(alt.Shape, [line.marker for line in LINES]),
        "fill": _style(alt.Fill, [line.colour for line in LINES]),
    }


def _year_axis(ticks: int) -> Spec:
    return alt.Axis(format="d", grid=False, tickCount=ticks, labelFlush=True, labelOverlap=True)


def _across(name: str = "period", *, ticks: int = 5) -> Spec:
    """Years, with the ends of the axis left open as parameters."""
    scale = alt.Scale(domainMin=alt.ExprRef("x0"), domainMax=alt.ExprRef("x1"), nice=False, zero=False)
    return alt.X(f"{name}:Q", scale=scale, axis=_year_axis(ticks))


def _upward(name: str = "value", *, ticks: int = 5) -> Spec:
    """Values, with the ends of the axis left open as parameters."""
    scale = alt.Scale(domainMin=alt.ExprRef("y0"), domainMax=alt.ExprRef("y1"), nice=False, zero=False)
    # A thin space between thousands is right in every language; only the decimal mark differs (see `draw`).
    label = "replace(format(datum.value, ',~r'), /,/g, '\u202f')"
    return alt.Y(
        f"{name}:Q",
        scale=scale,
        axis=alt.Axis(tickCount=ticks, ticks=False, domain=False, labelPadding=8, labelExpr=label),
    )


def _parameters(**values: float) -> list[Any]:
    return [alt.param(name=name, value=value) for name, value in values.items()]


def _target_rule(source: str, x: Spec, y: Spec) -> Spec:
    rule = alt.Chart(_source(source)).mark_rule(strokeDash=[2, 3], color=INK["target"], size=1.5, clip=True)
    return rule.encode(x=x, x2="until:Q", y=y)


def _marks(source: str, x: Spec, y: Spec, *, size: float, stroke: float) -> Spec:
    """Observations: filled where the country reports, hollow where a figure is estimated or modelled."""
    style = _styles()
    fill = alt.condition("datum.hollow", alt.value(INK["paper"]), style["fill"])
    marks = alt.Chart(_source(source)).mark_point(size=size, opacity=1, strokeWidth=stroke)
    return marks.encode(x=x, y=y, color=style["color"], shape=style["shape"], fill=fill)


def _lines_form() -> Spec:
    x, y, style = _across(), _upward(), _styles()
    lines = alt.Chart(_source("points")).mark_line(size=2, opacity=0.85)
    leaders = alt.Chart(_source("labels")).mark_rule(size=0.9, opacity=0.8, strokeDash=[1, 3])
    labels = alt.Chart(_source("labels")).mark_text(
        align="left", baseline="middle", dx=5, fontSize=12.5, fontWeight="bold"
    )
    chart = alt.layer(
        _target_rule("targets", x, y),
        leaders.encode(x=x, x2="edge:Q", y=y, y2="at:Q", color=style["color"]),
        lines.encode(x=x, y=y, color=style["color"], strokeDash=style["strokeDash"], detail="area:N"),
        _marks("points", x, y, size=22, stroke=1.3),
        labels.encode(x=_across("edge"), y=_upward("at"), text="area:N", color=style["color"]),
    )
    chart = chart.add_params(*_parameters(x0=2000, x1=2020, y0=0, y1=100))
    return _finish(chart.properties(width=WIDTH, height=HEIGHT))


def _fan_form(width: int, height: int) -> Spec:
    """All panels in one frame of pixels: six panels with axes of their own would take three times as long to draw."""
    style = _styles()
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, width], range=[0, width], nice=False, zero=False))

    def y(name: str = "y") -> Spec:
        scale = alt.Scale(domain=[0, height], range=[0, height], nice=False, zero=False)
        return alt.Y(f"{name}:Q", axis=None, scale=scale)

    def data(name: str) -> Spec:
        return alt.Chart(_source(name))

    bands, points, texts = data("bands"), data("points"), {"text": "text:N", "x": x, "y": y()}
    fill = alt.condition("datum.hollow", alt.value(INK["paper"]), style["fill"])
    chart = alt.layer(
        data("grid").mark_rule(color=INK["grid"]).encode(x=x, x2="x2:Q", y=y()),
        bands.mark_area(color=INK["band95"], opacity=1).encode(x=x, y=y("lo95"), y2="hi95:Q", detail="area:N"),
        bands.mark_area(color=INK["band80"], opacity=1).encode(x=x, y=y("lo80"), y2="hi80:Q", detail="area:N"),
        data("targets").mark_rule(strokeDash=[2, 3], color=INK["target"], size=1.5).encode(x=x, x2="x2:Q", y=y()),
        bands.mark_line(color=INK["text"], strokeDash=[3, 2], size=1.3).encode(x=x, y=y("median"), detail="area:N"),
        points.mark_line(size=1.5).encode(x=x, y=y(), color=style["color"], detail="area:N"),
        points.mark_point(size=9, opacity=1, strokeWidth=1).encode(
            x=x, y=y(), color=style["color"], shape=style["shape"], fill=fill
        ),
        data("levels").mark_text(align="right", baseline="middle", fontSize=12, color=INK["muted"]).encode(**texts),
        data("years").mark_text(align="center", fontSize=12, color=INK["muted"]).encode(**texts),
        data("titles").mark_text(align="left", fontSize=12.5, fontWeight="bold", color=INK["text"]).encode(**texts),
    )
    return _finish(chart.properties(width=width, height=height))


def _heatmap_form(width: int, height: int) -> Spec:
    marks = [*CLASSES.values(), NO_CLASS]
    names = [mark.name for mark in marks]
    x = alt.X("column:N", sort=None, axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False))
    y = alt.Y("row:N", sort=None, axis=alt.Axis(domain=False, ticks=False, labelLimit=320))
    base = alt.Chart(_source("cells")).encode(x=x, y=y)
    ink = alt.Color("class:N", legend=None, scale=alt.Scale(domain=names, range=[mark.ink for mark in marks]))
    fill = alt.Fill("class:N", legend=None, scale=alt.Scale(domain=names, range=[mark.fill for mark in marks]))
    boxes = base.mark_rect(stroke=INK["rule"], strokeWidth=0.6).encode(fill=fill)
    signs = base.mark_text(dy=-5, fontSize=14, fontWeight="bold").encode(text="sign:N", color=ink)
    shares = base.mark_text(dy=8, fontSize=9.5).encode(text="share:N", color=ink)
    chart = alt.layer(boxes, signs, shares).resolve_scale(color="independent")
    return _finish(chart.properties(width=width, height=height))


def _map_form(width: int, height: int, scale: float, lon: float, lat: float) -> Spec:
    land = (
        alt.Chart(_source("shapes"))
        .mark_geoshape(stroke=INK["paper"], strokeWidth=1, clip=True)
        .encode(
            fill=alt.Fill(
                "properties.role:N",
                legend=None,
                scale=alt.Scale(domain=["member", "other"], range=[INK["member"], INK["land"]]),
            )
        )
    )
    place = {"longitude": "lon:Q", "latitude": "lat:Q", "text": "name:N"}
    member = alt.Chart(_source("members")).mark_text(fontSize=15, fontWeight="bold", color=INK["text"])
    other = alt.Chart(_source("others")).mark_text(fontSize=12, color=INK["muted"], fontStyle="italic")
    chart = alt.layer(land, other.encode(**place), member.encode(**place)).project(
        type="azimuthalEqualArea", rotate=[-lon, -lat, 0], scale=scale, translate=[width / 2, height / 2]
    )
    return _finish(chart.properties(width=width, height=height))


FORMS: Mapping[str, Callable[..., Any]] = {
    "lines": _lines_form,
    "fan": _fan_form,
    "heatmap": _heatmap_form,
    "map": _map_form,
}


def axis_domain(values: Iterable[float]) -> tuple[float, float]:
    """Round ends of an axis that holds all values; starts at zero where that wastes less than three fifths."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    if 0 <= low < 0.6 * high:
        low = 0.0
    if -0.4 * abs(low) < high <= 0 and low < 0:
        high = 0.0
    if low == high:
        low, high = low - (abs(low) * 0.1 or 0.5), high + (abs(high) * 0.1 or 0.5)
    step = _step((high - low) / 5)
    return round(math.floor(low / step + 1e-9) * step, 12), round(math.ceil(high / step - 1e-9) * step, 12)


def _step(raw: float) -> float:
    power = 10.0 ** math.floor(math.log10(raw))
    return next((factor * power for factor in (1, 2, 5) if raw <= factor * power), 10 * power)


def axis_factor(values: Iterable[float]) -> float:
    """1, or the power of a thousand (from a million on) that an axis is divided by to stay readable."""
    top = max((abs(value) for value in values if value is not None and math.isfinite(value)), default=0.0)
    return next((factor for factor in (1e12, 1e9, 1e6) if top >= 2 * factor), 1.0)


def _points(frame: pl.DataFrame, slots: Mapping[str, int], factor: float) -> list[Row]:
    rows = frame.filter(pl.col("value").is_finite()).sort("area", "period")
    return [
        {"area": area, "slot": slots[area], "period": period, "value": value / factor, "hollow": nature not in REPORTED}
        for area, period, value, nature in rows.select("area", "period", "value", "nature").iter_rows()
        if area in slots
    ]


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move label places apart until neighbours are ``gap`` apart, staying within the axis where they fit."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    out = [places[i] for i in order]
    gap = min(gap, (high - low) / max(1, len(places) - 1))
    for _ in range(60):
        moved = False
        for i in range(len(out) - 1):
            if (short := gap - (out[i + 1] - out[i])) > 1e-9 * gap:
                out[i], out[i + 1], moved = out[i] - short / 2, out[i + 1] + short / 2, True
        out = [min(max(place, low), high) for place in out]
        if not moved:
            break
    result = [0.0] * len(places)
    for place, i in zip(out, order, strict=True):
        result[i] = place
    return result


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
) -> Figure:
    """A panel for every area: what was observed, then the median and the 80 and 95 % bands of the projection.

    Args:
        observations: columns ``area``, ``period``, ``value``, ``nature``.
        projections: columns ``area``, ``period``, ``median``, ``lo80``, ``hi80``, ``lo95``, ``hi95``.
        areas: every area of the region, each gets a panel; one without figures stays empty and says so by a dash.
        targets: level to reach by ``end`` for each area that has one.
        start, end: first and last year of every panel.
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
    return _Grid(panels, start, end).figure()


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

    def __init__(self, panels: Sequence[_Panel], start: int, end: int) -> None:
        self.start, self.end, self.panels = start, end, panels
        self.domains = [panel.domain() for panel in panels]
        ticks = [number(tick) for low, high in self.domains for tick in axis_ticks(low, high)]
        self.left = 10 + 7 * max((len(tick) for tick in ticks), default=1)
        self.columns = min(PANEL_COLUMNS, len(panels))
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


def axis_ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round levels from one end of an axis to the other, at most ``most`` steps apart."""
    step = _step((high - low) / most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


def number(value: float) -> str:
    """A number for an axis: thin spaces between thousands, a point before decimals (see `draw.with_decimal`)."""
    return f"{value:,.10f}".rstrip("0").rstrip(".").replace(",", "\u202f").replace("-", "−")


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
    """Areas by goals: class as fill and sign, and the share of indicators that have data.

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
    from serai.publish.geometry import clipped, fit

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

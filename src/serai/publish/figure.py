"""The forms of chart: one Altair specification each serves page (SVG), print (PDF) and picture (PNG).

A :class:`Figure` is a chart whose form is fixed and whose figures are named data sets and parameters. The form is
compiled to Vega once a process; each further figure of that form only fills it in, which takes a third of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import altair as alt

from serai.publish.palette import CLASSES, INK, LINES, NO_CLASS

__all__ = ["FORMS", "HEIGHT", "Figure"]

FONT = "Liberation Sans, Arimo, Helvetica, Arial, sans-serif"
WIDTH, HEIGHT = 600, 330
PADDING = {"left": 20, "right": 16, "top": 6, "bottom": 4}
"""Room for the larger letters of narrow screens."""

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

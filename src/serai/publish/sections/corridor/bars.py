"""Routes side by side as bars: days by what they are spent on, money, emissions, each with its range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from xml.sax.saxutils import escape

from serai.publish.palette import INK
from serai.publish.sections.corridor.figures import FONT

__all__ = ["PARTS", "Against", "Line", "Panel", "compared", "spread"]

PARTS = ("running", "border", "handling", "waiting")
FILLS = {
    "running": "#40627f",
    "border": "#b34700",
    "handling": "#c9a227",
    "waiting": "#8a3a86",
    "inside": "#0a5fa5",
    "outside": "#8fa3b5",
    "": "#74909f",
}
WIDTH, LEFT, STEP, HEAD = 560, 6, 41, 34
BAR, WORDS, ROW = 16, 13, 32
"""Height of a bar, of the name above it (beside it there would be no room on a phone), of a row of points."""
STYLE = "<style>@media (max-width:430px){text{font-size:17px}}</style>"


@dataclass(frozen=True)
class Line:
    """One route in one panel: its parts (one for a plain bar), and the range of their sum."""

    label: str
    parts: Sequence[tuple[str, float]]
    low: float
    high: float
    text: str
    pale: bool = False
    """Not open yet."""


@dataclass(frozen=True)
class Panel:
    """One quantity over all routes."""

    title: str
    lines: Sequence[Line]


def compared(panels: Sequence[Panel], key: Sequence[tuple[str, str]] = ()) -> str:
    """Panels one below the other, so that they can be read on a phone.

    Args:
        panels: quantities.
        key: part -> word, shown under the first panel.
    """
    y, parts = 0.0, []
    for number, panel in enumerate(panels):
        drawn, height = _panel(panel, y)
        parts += drawn
        y += height
        if number == 0 and key:
            parts += _key(key, y)
            y += 22
    size = f'viewBox="0 0 {WIDTH} {y:.0f}" width="{WIDTH}" height="{y:.0f}"'
    paper = f'<rect width="{WIDTH}" height="{y:.0f}" fill="{INK["paper"]}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT}>{STYLE}{paper}{"".join(parts)}</svg>'


def _panel(panel: Panel, top: float) -> tuple[list[str], float]:
    most = max([line.high for line in panel.lines] + [1e-9])
    scale = (WIDTH - LEFT - 74) / most
    parts = [_text(0, top + 20, panel.title, weight=650)]
    for place, line in enumerate(panel.lines):
        y = top + HEAD + STEP * place
        parts.append(_text(LEFT, y + WORDS - 2, line.label))
        x, y = float(LEFT), y + WORDS + 3
        for name, value in line.parts:
            look = ' fill-opacity=".45"' if line.pale else ""
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(value * scale, 0):.1f}" height="{BAR}" '
                f'fill="{FILLS.get(name, FILLS[""])}"{look}/>'
            )
            x += value * scale
        low, high = LEFT + line.low * scale, LEFT + line.high * scale
        parts.append(
            f'<path d="M{low:.1f} {y + 8:.1f}H{high:.1f}M{low:.1f} {y + 4:.1f}v8M{high:.1f} {y + 4:.1f}v8" '
            f'stroke="{INK["text"]}" stroke-width="1.2" fill="none"/>'
        )
        parts.append(_text(high + 5, y + 13, line.text))
    return parts, HEAD + STEP * len(panel.lines) + 10


def _key(key: Sequence[tuple[str, str]], top: float) -> list[str]:
    parts, x = [], 6.0
    for name, word in key:
        parts.append(f'<rect x="{x:.0f}" y="{top:.0f}" width="11" height="11" fill="{FILLS[name]}"/>')
        parts.append(_text(x + 16, top + 10, word))
        x += 36 + 10.2 * len(word)
    return parts


def _text(x: float, y: float, words: str, *, anchor: str = "start", weight: int = 400) -> str:
    style = f'font-size="12" text-anchor="{anchor}" fill="{INK["text"]}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'


class Against(NamedTuple):
    """A published figure with its own low and high end, the model's with its range, and that of one consignment."""

    label: str
    published: tuple[float | None, float, float | None]
    model: tuple[float, float, float]
    single: tuple[float, float] | None = None


def spread(rows: Sequence[Against], unit: str) -> str:
    """Published figures (diamonds, with their own range) against the model's (dots in their range).

    Args:
        rows: what to draw, from the top.
        unit: word under the scale.
    """
    ends = [(row.published[1], row.published[2] or 0, row.model[2], row.single[1] if row.single else 0) for row in rows]
    most = max([*(max(own) for own in ends), 1e-9])
    scale = (WIDTH - LEFT - 20) / most
    height = ROW * len(rows) + 40
    parts = []

    def line(low: float, high: float, y: int, look: str) -> str:
        return f'<path d="M{LEFT + low * scale:.1f} {y}H{LEFT + high * scale:.1f}" {look}/>'

    for place, (label, (low, published, high), model, single) in enumerate(rows):
        y = 14 + WORDS + ROW * place
        parts.append(_text(LEFT, y - 9, label))
        parts.append(f'<path d="M{LEFT} {y}H{WIDTH - 20}" stroke="{INK["grid"]}"/>')
        if single is not None:
            parts.append(line(*single, y, 'stroke="#40627f" stroke-width="3" stroke-opacity=".3"'))
        parts.append(line(model[0], model[2], y, 'stroke="#40627f" stroke-width="7" stroke-opacity=".45"'))
        parts.append(f'<circle cx="{LEFT + model[1] * scale:.1f}" cy="{y}" r="4.5" fill="#40627f"/>')
        if low is not None and high is not None:
            parts.append(line(low, high, y, 'stroke="#b34700" stroke-width="1.6"'))
        x = LEFT + published * scale
        parts.append(f'<path d="M{x:.1f} {y - 6}l6 6l-6 6l-6 -6z" fill="#b34700"/>')
    step = _nice(most / 5)
    for tick in range(int(most // step) + 1):
        words = f"{tick * step:g}" if tick else f"0 {unit}"
        parts.append(_text(LEFT + tick * step * scale, height - 12, words, anchor="middle" if tick else "start"))
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    paper = f'<rect width="{WIDTH}" height="{height}" fill="{INK["paper"]}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT}>{STYLE}{paper}{"".join(parts)}</svg>'


def _nice(step: float) -> float:
    base = 10.0 ** len(str(int(max(step, 1)))) / 10
    return next(factor * base for factor in (1, 2, 5, 10) if factor * base >= step)

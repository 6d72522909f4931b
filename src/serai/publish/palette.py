"""Colours, line styles and marks: what a reader sees, chosen so that colour is never the only signal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["CLASSES", "INK", "LINES", "NO_CLASS", "ClassMark", "LineStyle", "line_style"]

INK: Mapping[str, str] = {
    "text": "#1d2733",
    "muted": "#57626f",
    "rule": "#c9d0d8",
    "grid": "#e6eaee",
    "paper": "#ffffff",
    "land": "#eceae4",
    "member": "#b9cfe0",
    "member_line": "#40627f",
    "band80": "#9dbfdc",
    "band95": "#d3e3f0",
    "target": "#7a3e00",
}


@dataclass(frozen=True, slots=True)
class LineStyle:
    """How one area's line is drawn: three signals, each of which tells it apart alone."""

    colour: str
    dash: tuple[int, ...]
    """SVG dash pattern; ``(1, 0)`` is a solid line."""
    marker: str
    """Vega symbol shape."""


# Okabe and Ito's colours, darkened until each has a contrast of 4.5:1 or more on white (labels are set in them too).
LINES: tuple[LineStyle, ...] = (
    LineStyle("#0a5fa5", (1, 0), "circle"),
    LineStyle("#b34700", (6, 2), "square"),
    LineStyle("#00745a", (1, 0), "triangle-up"),
    LineStyle("#8a3a86", (2, 2), "diamond"),
    LineStyle("#806000", (8, 2, 2, 2), "cross"),
    LineStyle("#3b4450", (4, 2), "triangle-down"),
    LineStyle("#a3243b", (1, 0), "square"),
    LineStyle("#4b5fc4", (6, 2), "circle"),
)


def line_style(position: int) -> LineStyle:
    """Style of the member at a position of the region's own order; styles repeat after eight."""
    return LINES[position % len(LINES)]


@dataclass(frozen=True, slots=True)
class ClassMark:
    """How a class of progress is shown: a fill, a sign and (in the catalogue of messages) a word."""

    name: str
    fill: str
    ink: str
    sign: str
    slug: str
    """Name of the style class on the site."""


CLASSES: Mapping[str, ClassMark] = {
    mark.name: mark
    for mark in (
        ClassMark("target_achieved", "#0b4f8a", "#ffffff", "✓", "achieved"),
        ClassMark("substantial_progress", "#74b0dc", "#10202e", "↑", "substantial"),
        ClassMark("moderate_progress", "#cbe1f2", "#10202e", "↗", "moderate"),
        ClassMark("limited_progress", "#fde0bd", "#2b1a06", "→", "limited"),
        ClassMark("deterioration", "#ee9244", "#2b1a06", "↓", "deterioration"),
    )
}
NO_CLASS = ClassMark("", "#ffffff", "#57626f", "–", "none")

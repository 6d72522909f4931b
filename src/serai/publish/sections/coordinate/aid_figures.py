"""A picture of money by member and year, with what is not known drawn as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from serai.publish.palette import INK

__all__ = ["years"]

Row = Mapping[str, Any]
LEFT, TOP, WIDE, HIGH = 150, 34, 62, 40
FONT = 'font-family="system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, Liberation Sans, Arial, sans-serif"'
MARKS = {"split asked": "?", "no record": "–", "no amount": "○", "zero": "0"}
STEPS = ((1e8, "#0b5a7a", "#fff"), (1e7, "#3f86a3", "#fff"), (1e6, "#8fbdd0", "#111"), (1e5, "#c4dde7", "#111"),
         (0.0, "#e6f1f5", "#111"))  # fmt: skip
"""Least amount, colour, colour of the figure on it."""


def years(table: Sequence[Row], columns: Sequence[int], names: Mapping[str, str]) -> str:
    """A cell for each member and year: millions of dollars, or the mark of what is not known.

    Args:
        table: rows with ``area`` and ``cells`` (``state, once``), one cell a year.
        columns: the years.
        names: label of each member.
    """
    width, height = LEFT + WIDE * len(columns) + 10, TOP + HIGH * len(table) + 8
    parts = [_text(LEFT + WIDE * (n + 0.5), TOP - 12, str(year), anchor="middle") for n, year in enumerate(columns)]
    for line, row in enumerate(table):
        y = TOP + HIGH * line
        parts.append(_text(LEFT - 10, y + HIGH / 2 + 4, names[row["area"]], anchor="end"))
        parts += [_cell(LEFT + WIDE * n, y, cell) for n, cell in enumerate(row["cells"])]
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    paper = f'<rect width="{width}" height="{height}" fill="{INK["paper"]}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT}>{paper}{"".join(parts)}</svg>'


def _cell(x: float, y: float, cell: Row) -> str:
    if cell["state"] != "recorded":
        frame = _box(x, y, "none", ' stroke="#b9c3cd" stroke-dasharray="3 3"')
        return frame + _text(x + WIDE / 2, y + HIGH / 2 + 5, MARKS[cell["state"]], anchor="middle", colour=INK["muted"])
    amount = cell["once"]
    fill, ink = next(((colour, text) for least, colour, text in STEPS if amount >= least), STEPS[-1][1:])
    shown = (
        f"{amount / 1e6:.0f}" if amount >= 1e7 else f"{amount / 1e6:.1f}" if amount >= 1e5 else f"{amount / 1e6:.2f}"
    )
    return _box(x, y, fill) + _text(x + WIDE / 2, y + HIGH / 2 + 5, shown, anchor="middle", colour=ink)


def _box(x: float, y: float, fill: str, more: str = "") -> str:
    return f'<rect x="{x + 1.5:.1f}" y="{y + 1.5:.1f}" width="{WIDE - 3}" height="{HIGH - 3}" fill="{fill}"{more}/>'


def _text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = "") -> str:
    ink = colour or INK["text"]
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="13" text-anchor="{anchor}" fill="{ink}">{escape(words)}</text>'

"""Pictures of the plan, drawn line by line: letters, codes and numbers only, so that one serves every language."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from serai.publish.palette import INK, line_style

__all__ = ["box_picture", "frontier_picture", "tradeoff_picture"]

Row = dict[str, Any]
FONT = "Liberation Sans, Arimo, Helvetica, Arial, sans-serif"
PANEL = (216, 150)
FAILS, HOLDS = "#a3243b", "#8fa6b8"


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    # Letters grow where the picture shrinks; the same rule as in the drawn charts.
    size = max(12, round(10 * width / 340))
    style = (
        f"<style>@media (max-width:430px){{text{{font-size:{size}px}}}}"
        "@media (prefers-color-scheme:dark){svg{background:#fff}}</style>"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="{FONT}" font-size="12px">{style}{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, words: str, *, anchor: str = "start", ink: str = "text", weight: int = 400) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK.get(ink, ink)}" '
        f'font-weight="{weight}" font-size="12px">{words}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, *, ink: str = "grid", more: str = "") -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{INK.get(ink, ink)}" {more}/>'


def _ticks(low: float, high: float, most: int = 4) -> list[float]:
    step = 10 ** math.floor(math.log10((high - low) / most or 1))
    step = next((step * m for m in (1, 2, 5, 10) if (high - low) / (step * m) <= most), step * 10)
    first = math.ceil(low / step) * step
    return [round(first + n * step, 6) for n in range(int((high - first) / step + 1e-9) + 1)]


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    spare = 0.14 * (high - low) or 1.0
    return low - spare, high + spare


class _Panel:
    """One small chart with axes of its own."""

    def __init__(self, left: float, top: float, across: tuple[float, float], down: tuple[float, float]) -> None:
        self.left, self.top, self.across, self.down = left, top, across, down
        self.parts: list[str] = []

    def x(self, value: float) -> float:
        low, high = self.across
        return self.left + PANEL[0] * (value - low) / (high - low)

    def y(self, value: float) -> float:
        low, high = self.down
        return self.top + PANEL[1] * (high - value) / (high - low)

    def axes(self, title: str, *, percent: bool = True) -> None:
        """Grid, numbers and title."""
        right, bottom = self.left + PANEL[0], self.top + PANEL[1]
        mark = "%" if percent else ""
        for tick in _ticks(*self.down):
            self.parts.append(_line(self.left, self.y(tick), right, self.y(tick)))
            self.parts.append(_text(self.left - 6, self.y(tick) + 4, f"{tick:g}{mark}", anchor="end", ink="muted"))
        for tick in _ticks(*self.across):
            self.parts.append(_line(self.x(tick), bottom, self.x(tick), bottom + 4, ink="rule"))
            self.parts.append(_text(self.x(tick), bottom + 17, f"{tick:g}{mark}", anchor="middle", ink="muted"))
        self.parts.append(_line(self.left, bottom, right, bottom, ink="rule"))
        self.parts.append(_text(self.left, self.top - 8, title, weight=700))


def tradeoff_picture(member: str, rows: Sequence[Row]) -> str:
    """Mean (across) against the worst tenth (up), in per cent of the gap closed; a letter a strategy.

    Args:
        member: its code, the title.
        rows: ``letter, mean, cvar, leads``; those that lead are filled.
    """
    means, worst = [100 * row["mean"] for row in rows], [100 * row["cvar"] for row in rows]
    panel = _Panel(46, 26, _range(means), _range(worst))
    panel.axes(member)
    points = [(panel.x(x), panel.y(y)) for x, y in zip(means, worst, strict=True)]
    places = _beside(points, 18)
    panel.parts += [
        _line(*own, *place, ink="#0a5fa5") for own, place in zip(points, places, strict=True) if own != place
    ]
    for row, (x, y) in zip(rows, places, strict=True):
        fill, ink = ("#0a5fa5", "#ffffff") if row["leads"] else ("#ffffff", "#0a5fa5")
        panel.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8.5" fill="{fill}" stroke="#0a5fa5" stroke-width="1.5"/>'
        )
        panel.parts.append(_text(x, y + 4, row["letter"], anchor="middle", ink=ink, weight=700))
    return _svg(46 + PANEL[0] + 14, 26 + PANEL[1] + 26, panel.parts)


def frontier_picture(lines: Mapping[str, Sequence[tuple[float, float]]], slots: Mapping[str, int]) -> str:
    """Share of the gap closed (up, per cent) by money (across, as multiples, each step twice as much).

    Args:
        lines: member -> ``(budget, closed)`` in order.
        slots: place of each member among the members: its colour, dash and code.
    """
    width, height, left, top = 620.0, 300.0, 52.0, 14.0
    budgets = sorted({budget for points in lines.values() for budget, _ in points})
    low, high = _range([100 * closed for points in lines.values() for _, closed in points])
    first, last = math.log2(budgets[0]), math.log2(budgets[-1])

    def x(budget: float) -> float:
        return left + (width - left - 60) * (math.log2(budget) - first) / (last - first or 1)

    def y(share: float) -> float:
        return top + (height - top - 34) * (high - share) / (high - low)

    parts = []
    for tick in _ticks(low, high, 5):
        parts.append(_line(left, y(tick), width - 60, y(tick)))
        parts.append(_text(left - 6, y(tick) + 4, f"{tick:g}%", anchor="end", ink="muted"))
    for budget in budgets:
        parts.append(_text(x(budget), height - 12, f"×{budget:g}", anchor="middle", ink="muted"))
    parts.append(_line(x(1), top, x(1), height - 34, ink="target", more='stroke-dasharray="4 3"'))
    ends = _apart({member: y(100 * points[-1][1]) for member, points in lines.items()}, 14)
    for member, points in lines.items():
        style = line_style(slots[member])
        path = " ".join(f"{'L' if n else 'M'}{x(b):.1f} {y(100 * c):.1f}" for n, (b, c) in enumerate(points))
        dash = " ".join(map(str, style.dash))
        parts.append(
            f'<path d="{path}" fill="none" stroke="{style.colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        parts.append(_text(width - 54, ends[member] + 4, member, ink=style.colour, weight=700))
    return _svg(width, height, parts)


def _beside(points: Sequence[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    """Places of letters: where they stand, or beside it (left first, away from the axis' end) where one is already."""
    found: list[tuple[float, float]] = []
    for x, y in points:
        tries = [(x, y)] + [
            (x + far * gap * math.cos(turn * math.pi / 4), y + far * gap * math.sin(turn * math.pi / 4))
            for far in (1.1, 2.2) for turn in (4, 3, 5, 2, 6, 1, 7, 0)
        ]  # fmt: skip
        free = (place for place in tries if all(math.dist(place, other) >= gap for other in found))
        found.append(next(free, (x, y)))
    return found


def _apart(places: Mapping[str, float], gap: float) -> dict[str, float]:
    """Places of labels, moved down where they would overlap."""
    found: dict[str, float] = {}
    floor = -math.inf
    for name, place in sorted(places.items(), key=lambda item: item[1]):
        floor = max(place, floor + gap)
        found[name] = floor
    return found


def box_picture(
    across: np.ndarray, up: np.ndarray, fails: np.ndarray, box: tuple[tuple[float, float], tuple[float, float]],
    ranges: tuple[tuple[float, float], tuple[float, float]],
) -> str:  # fmt: skip
    """Shocks as points over two inputs: crosses fail, rings do not; the frame is the box.

    Args:
        across, up: values of the two inputs, one a shock.
        fails: whether each fails.
        box: ``(low, high)`` of both inputs; the ends of the range where it is open.
        ranges: ends of both inputs.
    """
    panel = _Panel(52, 14, ranges[0], ranges[1])
    scale = 2.4
    panel.axes("", percent=False)
    (x0, x1), (y0, y1) = box
    parts = [
        *panel.parts,
        f'<rect x="{panel.x(x0):.1f}" y="{panel.y(y1):.1f}" width="{panel.x(x1) - panel.x(x0):.1f}" '
        f'height="{panel.y(y0) - panel.y(y1):.1f}" fill="#fde0bd" fill-opacity=".55" stroke="{INK["target"]}"/>',
    ]
    for x, y, bad in zip(across, up, fails, strict=True):
        at, height = panel.x(float(x)), panel.y(float(y))
        parts.append(
            f'<path d="M{at - scale:.1f} {height - scale:.1f}l{2 * scale:g} {2 * scale:g}m0 {-2 * scale:g}'
            f'l{-2 * scale:g} {2 * scale:g}" stroke="{FAILS}" stroke-width="1.3"/>'
            if bad
            else f'<circle cx="{at:.1f}" cy="{height:.1f}" r="2" fill="none" stroke="{HOLDS}"/>'
        )
    return _svg(52 + PANEL[0] + 16, 14 + PANEL[1] + 30, parts)

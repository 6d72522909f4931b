"""Pictures of coordination: the network of actors, meetings in time, hosting against working, work plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import atan2, cos, pi, sin
from typing import Any
from xml.sax.saxutils import escape

from serai.publish.palette import INK, line_style

__all__ = ["Gantt", "gantt", "meetings", "network", "scatter"]

Row = dict[str, Any]
LABEL = 36
"""Letters of a task that a line of a work plan has room for; the table has them all."""
TIES = ("co_signed", "co_funded", "membership")
"""Ties that are drawn; to have met is too common to show anything."""
FONT = 'font-family="system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, Liberation Sans, Arial, sans-serif"'
Gantt = tuple[str, str, date | None, date | None, str, bool]
"""A line of a work plan: label, owner, start, finish, state, critical."""


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}'
    return f'{head} {FONT}><rect width="{width:g}" height="{height:g}" fill="{INK["paper"]}"/>{"".join(parts)}</svg>'


def _text(x: float, y: float, words: str, *, size: float = 12, anchor: str = "start", colour: str = "text",
          weight: int = 400) -> str:  # fmt: skip
    style = f'font-size="{size:g}" text-anchor="{anchor}" fill="{INK.get(colour, colour)}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, *, colour: str = "rule", width: float = 1) -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{INK.get(colour, colour)}" stroke-width="{width:g}"/>'


def network(ties: Sequence[Row], members: Sequence[str], names: Mapping[str, str], *, most: int = 26) -> str:
    """The members in the middle, those tied to them around; a line is as wide as ties are many.

    Args:
        ties: rows of edges.
        members: codes of the members in order.
        names: label of every actor.
        most: how many others are drawn, those with most ties to members first.
    """
    weight: dict[tuple[str, str], int] = {}
    for row in ties:
        if row["tie"] in TIES:
            weight[row["a"], row["b"]] = weight.get((row["a"], row["b"]), 0) + 1
    inner = {area: _spot(place, len(members), 105) for place, area in enumerate(members)}
    others = _tied(weight, set(members), most)
    pull = {name: _pull(name, weight, inner) for name in others}
    outer = {name: _spot(place, len(others), 255) for place, name in enumerate(sorted(others, key=pull.__getitem__))}
    spots = inner | outer
    parts = []
    for (one, other), ties_held in sorted(weight.items()):
        if one in spots and other in spots and (one in inner or other in inner):
            (x1, y1), (x2, y2) = spots[one], spots[other]
            both = one in inner and other in inner
            colour = INK["member_line"] if both else "#b9c3cd"
            parts.append(_line(x1, y1, x2, y2, colour=colour, width=min(0.5 + 0.35 * ties_held, 5)))
    for name, (x, y) in spots.items():
        own = name in inner
        colour = line_style(members.index(name)).colour if own else INK["muted"]
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{9 if own else 5}" fill="{colour}" stroke="#fff"/>')
        parts.append(_label(x, y, names.get(name, name), own))
    return _svg(860, 620, parts)


def _spot(place: int, of: int, radius: float) -> tuple[float, float]:
    angle = 2 * pi * place / max(of, 1) - pi / 2
    return 430 + radius * 1.08 * cos(angle), 310 + radius * sin(angle)


def _tied(weight: Mapping[tuple[str, str], int], members: set[str], most: int) -> list[str]:
    ties: dict[str, int] = {}
    for (one, other), number in weight.items():
        for name, partner in ((one, other), (other, one)):
            if name not in members and partner in members:
                ties[name] = ties.get(name, 0) + number
    return sorted(ties, key=lambda name: (-ties[name], name))[:most]


def _pull(
    name: str, weight: Mapping[tuple[str, str], int], inner: Mapping[str, tuple[float, float]]
) -> tuple[float, str]:
    """The angle in which the members lie that an actor is tied to; equal ones go by their code."""
    pulls = [(area, number) for (one, other), number in weight.items() for area in (one, other)
             if name in (one, other) and area in inner]  # fmt: skip
    x = sum(number * (inner[area][0] - 430) for area, number in pulls)
    y = sum(number * (inner[area][1] - 310) for area, number in pulls)
    return (round(atan2(y, x), 6) + pi / 2) % (2 * pi), name


def _label(x: float, y: float, name: str, own: bool) -> str:
    if own:
        return _text(x, y - 13, name, size=13, anchor="middle", weight=650)
    side = "end" if x < 425 else "start" if x > 435 else "middle"
    return _text(
        x + {"end": -9, "start": 9, "middle": 0}[side], y + (4 if side != "middle" else -10), name, anchor=side
    )


def meetings(rows: Sequence[tuple[str, Sequence[date], date | None, bool]], as_of: date) -> str:
    """Meetings of formats in time: a dot each, a hollow one where the next is due, a cross where it is overdue.

    Args:
        rows: label, days of meetings, day the next is due, whether that is overdue.
        as_of: the day.
    """
    left, right, top, step = 210, 840, 30, 30
    days = [day for _, held, due, _ in rows for day in (*held, *([due] if due else []))]
    first, last = min([*days, as_of]).year, max([*days, as_of]).year + 1
    span = (date(last, 1, 1) - date(first, 1, 1)).days

    def at(day: date) -> float:
        return left + (right - left) * (day - date(first, 1, 1)).days / span

    height = top + step * len(rows) + 24
    parts = []
    for year in range(first, last + 1):
        parts.append(_line(at(date(year, 1, 1)), top - 8, at(date(year, 1, 1)), height - 20, colour="grid"))
        if year < last:
            parts.append(_text((at(date(year, 1, 1)) + at(date(year + 1, 1, 1))) / 2, 16, str(year), size=11,
                               anchor="middle", colour="muted"))  # fmt: skip
    parts.append(_line(at(as_of), top - 8, at(as_of), height - 20, colour="target", width=1.5))
    for place, (label, held, due, overdue) in enumerate(rows):
        y = top + step * place + 12
        parts.append(_text(left - 12, y + 4, label, anchor="end"))
        parts.append(_line(left, y, right, y, colour="grid"))
        parts += [f'<circle cx="{at(day):.1f}" cy="{y}" r="5.5" fill="{INK["member_line"]}"/>' for day in held]
        if due is not None:
            x = at(due)
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y}" r="5" fill="#fff" stroke="{INK["target"]}" stroke-width="1.6"/>'
            )
            if overdue:
                parts.append(_line(x - 4, y - 4, x + 4, y + 4, colour="target", width=1.6))
                parts.append(_line(x - 4, y + 4, x + 4, y - 4, colour="target", width=1.6))
    return _svg(860, height, parts)


def scatter(points: Sequence[tuple[str, float, float]], across: str, up: str, members: Sequence[str]) -> str:
    """Members by two numbers from 0 to 1.

    Args:
        points: code, value across, value up.
        across, up: words along the axes.
        members: codes of the members in order.
    """
    left, top, size = 70, 20, 330
    ends = (("rule", left + size, top), ("muted", left + size, top + size), ("muted", left, top))
    parts = [_line(left, top + size, x, y, colour=colour) for colour, x, y in ends]
    for tick in (0, 0.5, 1):
        parts.append(_text(left + size * tick, top + size + 18, f"{tick:g}", size=11, anchor="middle", colour="muted"))
        parts.append(_text(left - 8, top + size * (1 - tick) + 4, f"{tick:g}", size=11, anchor="end", colour="muted"))
    parts.append(_text(left + size / 2, top + size + 38, across, anchor="middle"))
    parts.append(f'<g transform="translate(18 {top + size / 2}) rotate(-90)">{_text(0, 0, up, anchor="middle")}</g>')
    for code, x, y in points:
        cx, cy, colour = left + size * x, top + size * (1 - y), line_style(members.index(code)).colour
        parts.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="6" fill="{colour}"/>')
        side, shift = ("end", -10) if x > 0.8 else ("start", 10)
        parts.append(_text(cx + shift, cy + 4, code, anchor=side, colour=colour, weight=650))
    return _svg(430, 420, parts)


def gantt(rows: Sequence[Gantt], begin: date, end: date) -> str:
    """A work plan in time: bars, the critical ones dark; what has no dates is told at its place.

    Args:
        rows: lines of the plan.
        begin, end: first and last day of the plan.
    """
    left, right, top, step = 300, 840, 34, 28
    latest = max([end, *(finish for _, _, _, finish, _, _ in rows if finish)])
    span = (latest - begin).days + 1

    def at(day: date) -> float:
        return left + (right - left) * (day - begin).days / span

    height = top + step * len(rows) + 14
    parts = []
    for day in _quarters(begin, latest):
        parts.append(_line(at(day), top - 6, at(day), height - 8, colour="grid"))
        parts.append(_text(at(day) + 3, 18, f"{day.year}-{day.month:02}", size=10, colour="muted"))
    parts.append(_line(at(end + timedelta(days=1)), top - 10, at(end + timedelta(days=1)), height - 4, colour="target",
                       width=1.5))  # fmt: skip
    for place, (label, owner, start, finish, state, critical) in enumerate(rows):
        y = top + step * place
        parts.append(
            _text(left - 12, y + 15, f"{label[:LABEL]}{'…' if len(label) > LABEL else ''}", size=11.5, anchor="end")
        )
        if start is None or finish is None:
            parts.append(_text(left + 4, y + 15, f"{owner}: {state}", size=11.5, colour="target"))
            continue
        width = max(2.0, at(finish + timedelta(days=1)) - at(start))
        fill = INK["member_line"] if critical else INK["member"]
        dash = ' stroke="#7a3e00" stroke-dasharray="4 2"' if state != "" else ""
        parts.append(
            f'<rect x="{at(start):.1f}" y="{y + 3}" width="{width:.1f}" height="17" rx="2" fill="{fill}"{dash}/>'
        )
        inside = width > 9 * len(owner)
        parts.append(_text(at(start) + (6 if inside else width + 5), y + 15.5, owner, size=10.5,
                           colour="#fff" if critical and inside else "text"))  # fmt: skip
    return _svg(860, height, parts)


def _quarters(begin: date, end: date) -> list[date]:
    months = range(begin.year * 12 + begin.month - 1, end.year * 12 + end.month)
    every = 3 if len(months) <= 48 else 12
    return [date(month // 12, month % 12 + 1, 1) for month in months if month % every == 0]

"""Pictures of dependence: the network of the largest shares, a member's partners kind by kind, losses with ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import atan2, cos, pi, sin
from typing import Any
from xml.sax.saxutils import escape

from serai.publish.palette import INK, LINES, line_style

__all__ = ["losses", "network", "sankey"]

Row = dict[str, Any]
FONT = 'font-family="system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, Liberation Sans, Arial, sans-serif"'
DOMAINS = ("trade", "transit", "migration", "remittances", "water", "power", "gas", "aid")


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    paper = f'<rect width="{width:g}" height="{height:g}" fill="{INK["paper"]}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT}>{paper}{"".join(parts)}</svg>'


def _text(x: float, y: float, words: str, *, size: float = 13, anchor: str = "start", weight: int = 400,
          colour: str = "text") -> str:  # fmt: skip
    style = f'font-size="{size:g}" text-anchor="{anchor}" fill="{INK.get(colour, colour)}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'


def colour_of(domain: str) -> str:
    """Colour of a domain of flows."""
    return LINES[DOMAINS.index(domain) % len(LINES)].colour if domain in DOMAINS else INK["muted"]


def network(edges: Sequence[Row], members: Sequence[str]) -> str:
    """Members in the middle, partners around; a line is as wide as the share of the partner is large.

    Args:
        edges: ``area, partner, share, domain``.
        members: codes of the members in order.
    """
    others = sorted({edge["partner"] for edge in edges} - set(members))
    inner = {area: _spot(place, len(members), 120) for place, area in enumerate(members)}
    pull = {other: _pull(other, edges, inner) for other in others}
    order = sorted(others, key=lambda other: (pull[other], other))
    spots = inner | {other: _spot(place, len(order), 262) for place, other in enumerate(order)}
    parts = []
    for edge in sorted(edges, key=lambda edge: (edge["share"], edge["area"], edge["partner"], edge["domain"])):
        (x1, y1), (x2, y2) = spots[edge["area"]], spots[edge["partner"]]
        # Several kinds between two countries lie beside each other.
        bend = (DOMAINS.index(edge["domain"]) - 3.5) * 7 if edge["domain"] in DOMAINS else 0
        mx, my = (x1 + x2) / 2 + bend * (y2 - y1) / 300, (y1 + y2) / 2 - bend * (x2 - x1) / 300
        line = f'd="M{x1:.1f} {y1:.1f}Q{mx:.1f} {my:.1f} {x2:.1f} {y2:.1f}" fill="none"'
        width = 0.8 + 6 * edge["share"]
        parts.append(f'<path {line} stroke="{colour_of(edge["domain"])}" stroke-width="{width:.1f}" opacity=".6"/>')
    for name, (x, y) in spots.items():
        own = name in inner
        fill = line_style(members.index(name)).colour if own else INK["muted"]
        radius = 22 if own else 15
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{fill}" stroke="#fff" stroke-width="1.5"/>')
        parts.append(_text(x, y + 4.5, name, size=13 if own else 11, anchor="middle", weight=700, colour="#ffffff"))
    return _svg(640, 600, parts)


def _spot(place: int, of: int, radius: float) -> tuple[float, float]:
    angle = 2 * pi * place / max(of, 1) - pi / 2
    return 320 + radius * 1.06 * cos(angle), 300 + radius * sin(angle)


def _pull(other: str, edges: Sequence[Row], inner: Mapping[str, tuple[float, float]]) -> float:
    """Where around the ring a partner belongs: beside the members it is tied to."""
    own = [(edge["share"], inner[edge["area"]]) for edge in edges if edge["partner"] == other and edge["area"] in inner]
    x = sum(share * (spot[0] - 320) for share, spot in own)
    y = sum(share * (spot[1] - 300) for share, spot in own)
    return (atan2(y, x) + pi / 2) % (2 * pi)


def sankey(rows: Sequence[Row], others: str) -> str:
    """Kinds of flow on the left, each as high as any other, partners on the right; a band is a partner's share.

    Args:
        rows: ``label, domain, parts`` with parts of ``partner, share``; what is missing to 1 goes to the others.
        others: label of the others.
    """
    high, gap, left, right, top = 30.0, 8.0, 310.0, 560.0, 10.0
    stacks: dict[str, float] = {}
    bands = []
    for place, row in enumerate(rows):
        y, rest = top + place * (high + gap), 1.0
        for part in row["parts"]:
            bands.append((row["domain"], y + high * (1 - rest), high * part["share"], part["partner"]))
            rest -= part["share"]
        if rest > 1e-6:
            bands.append((row["domain"], y + high * (1 - rest), high * rest, ""))
    for _, _, size, partner in bands:
        stacks[partner] = stacks.get(partner, 0.0) + size
    order = sorted(stacks, key=lambda name: (name == "", -stacks[name], name))
    tall = top + len(rows) * (high + gap)
    spare = max(4.0, (tall - top - sum(stacks.values())) / max(len(order), 1))
    at, y = {}, top
    for name in order:
        at[name] = y
        y += max(stacks[name], 12.0) + spare
    parts, filled = [], dict(at)
    for domain, y1, size, partner in bands:
        parts.append(_band(left, y1, right, filled[partner], size, colour_of(domain)))
        filled[partner] += size
    for place, row in enumerate(rows):
        y1 = top + place * (high + gap)
        parts.append(
            f'<rect x="{left - 6:g}" y="{y1:.1f}" width="6" height="{high:g}" fill="{colour_of(row["domain"])}"/>'
        )
        parts.append(_text(left - 12, y1 + high / 2 + 4.5, row["label"], anchor="end"))
    for name in order:
        tone = INK["member_line"] if name else INK["rule"]
        parts.append(
            f'<rect x="{right:g}" y="{at[name]:.1f}" width="6" height="{max(stacks[name], 1):.1f}" fill="{tone}"/>'
        )
        parts.append(_text(right + 12, at[name] + max(stacks[name], 12) / 2 + 4.5, name or others, weight=600))
    return _svg(680, max(tall, y) + 6, parts)


def _bar(x: float, y: float, high: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="6" height="{high:.1f}" fill="{fill}"/>'


def _band(x1: float, y1: float, x2: float, y2: float, size: float, colour: str) -> str:
    middle = (x1 + x2) / 2
    top = f"M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    low1, low2 = y1 + size, y2 + size
    back = f"L{x2:.1f} {low2:.1f}C{middle:.1f} {low2:.1f} {middle:.1f} {low1:.1f} {x1:.1f} {low1:.1f}Z"
    return f'<path d="{top}{back}" fill="{colour}" opacity=".45"/>'


def losses(rows: Sequence[Row]) -> str:
    """Losses and gains as shares of what a member has, with their ranges.

    Args:
        rows: ``label, area, low, value, high`` in per cent of all; losses to the right of zero.
    """
    left, right, high, top = 330.0, 650.0, 26.0, 26.0
    ends = [0.0, *(row[end] for row in rows for end in ("low", "high"))]
    least, most = min(ends), max(ends)
    span = (most - least) or 1.0

    def x(value: float) -> float:
        at: float = left + (right - left) * (value - least) / span
        return at

    tall = top + high * len(rows)
    parts = [f'<line x1="{x(0):.1f}" y1="16" x2="{x(0):.1f}" y2="{tall:.1f}" stroke="{INK["muted"]}"/>']
    for value in sorted({least, 0.0, most}):
        parts.append(_text(x(value), 12, f"{value:.1f} %", size=12, anchor="middle", colour="muted"))
    for place, row in enumerate(rows):
        y = top + high * place + high / 2
        tone = "#b34700" if row["value"] >= 0 else "#00745a"
        line = f'x1="{x(row["low"]):.1f}" y1="{y:.1f}" x2="{x(row["high"]):.1f}" y2="{y:.1f}"'
        parts.append(f'<line {line} stroke="{tone}" stroke-width="6" stroke-linecap="round" opacity=".35"/>')
        parts.append(f'<circle cx="{x(row["value"]):.1f}" cy="{y:.1f}" r="5" fill="{tone}"/>')
        parts.append(_text(left - 56, y + 4.5, row["label"], anchor="end"))
        parts.append(_text(left - 12, y + 4.5, row["area"], anchor="end", weight=700))
    return _svg(680, tall + 10, parts)

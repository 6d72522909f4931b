"""Axes: round ends, ticks, and labels that keep apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

__all__ = ["axis_domain", "axis_factor", "axis_ticks", "number", "spread"]

FLAT = 1e-9
"""Figures that differ by less (of one, or of their size) are one level on an axis."""


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
    if high - low <= FLAT * max(1.0, abs(low), abs(high)):
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


def axis_ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round levels from one end of an axis to the other, at most ``most`` steps apart."""
    step = _step((high - low) / most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


def number(value: float) -> str:
    """A number for an axis: thin spaces between thousands, a point before decimals (see `draw.with_decimal`)."""
    return f"{value:,.10f}".rstrip("0").rstrip(".").replace(",", "\u202f").replace("-", "−")

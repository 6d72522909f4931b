"""What a route comes to: kilometres, days, money, emissions, reliability, each with its range; before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from serai.corridor.network import Floats
from serai.corridor.routing import Path
from serai.corridor.supernetwork import Edge, Supernetwork
from serai.corridor.terms import Coster, Steps

DRAWS, SEED = 1000, 20260101
RANGE = (5.0, 95.0)
"""Percentiles that a range shows."""


def summary(net: Supernetwork, coster: Coster, path: Path, unit: str, tonnes: float) -> dict[str, Any]:
    """A route per consignment unit, with ranges over draws of every number it rests on."""
    edges = [net.edges[position] for position in path]
    steps = Steps.of(edges)
    draws = net.numbers.sample(np.union1d(steps.used_by(coster.weights), coster.common), DRAWS, SEED)
    central = quantities(coster, steps, net.numbers.values(), tonnes)
    spread = quantities(coster, steps, draws, tonnes)
    result: dict[str, Any] = {"status": worst_status(edges), "unit": unit}
    for name, value in central.items():
        result[name] = float(value)
        if not name.startswith("hours"):
            low, high = np.percentile(spread[name], RANGE)
            result |= {f"{name}_low": min(float(low), float(value)), f"{name}_high": max(float(high), float(value))}
        if name == "days":
            low, high = np.percentile(consignments(spread["days"], spread["spread_days"]), RANGE)
            result |= {"single_days_low": float(low), "single_days_high": float(high)}
    return {**result, **_counts(edges), "via": via(edges), "nature": "M"}


def consignments(mean: Floats, spread: Floats) -> Floats:
    """Days of one consignment for each draw of the numbers: lognormal, as transit times are (Arvis et al., 2010).

    Args:
        mean, spread: mean and standard deviation of each draw, days, shape ``(draws,)``. The same draw has the same
            luck on every route, so that routes are compared on common ground.
    """
    luck = np.random.default_rng([SEED, 0]).standard_normal(mean.size)
    width = np.log1p(np.square(spread / mean))
    days: Floats = mean * np.exp(np.sqrt(width) * luck - width / 2.0)
    return days


def quantities(coster: Coster, steps: Steps, values: Floats, tonnes: float) -> dict[str, Floats]:
    """Totals of steps at numbers of shape ``(numbers,)`` or ``(draws, numbers)``.

    A slow train is slow all the way: spreads of running add up, however finely the way is cut; those of borders,
    transfers and waits are independent of each other.
    """
    terms = coster.terms(steps, values)
    return {
        "km": terms.km.sum(-1),
        "days": terms.hours.sum(-1) / 24,
        "money_usd": terms.money.sum(-1) * tonnes,
        "co2_t": terms.emissions.sum(-1) * tonnes,
        "spread_days": np.sqrt(np.square(terms.late.sum(-1)) + np.square(terms.spread - terms.late).sum(-1)) / 24,
        "cost_usd": coster.cost(terms, values).sum(-1) * tonnes,
        **{
            f"hours_{name}": getattr(terms, name).sum(-1)
            for name in ("running", "border", "paper", "handling", "waiting")
        },
    }


def _counts(edges: Sequence[Edge]) -> dict[str, Any]:
    total = sum(edge.km for edge in edges)
    return {
        "borders": sum(edge.kind == "border" for edge in edges),
        "gauge_breaks": sum(edge.gauge_break for edge in edges),
        "transfers": sum(edge.kind == "transfer" for edge in edges),
        "estimated_km": sum(edge.km for edge in edges if edge.estimated) / total if total else 0.0,
    }


def totals(coster: Coster, steps: Steps, values: Floats, path: Path | None) -> dict[str, float] | None:
    """Days, and money, emissions and cost a tonne, of a path among steps."""
    if path is None:
        return None
    terms = coster.terms(steps, values)
    at = list(path)
    return {
        "days": float(terms.hours[at].sum() / 24),
        "money_usd": float(terms.money[at].sum()),
        "co2_t": float(terms.emissions[at].sum()),
        "cost_usd": float(coster.cost(terms, values)[at].sum()),
    }


def before_after(found: Sequence[Mapping[str, float] | None], tonnes: float) -> dict[str, Any]:
    """Two routes side by side; what is extra is null where there is no way."""
    row: dict[str, Any] = {}
    for key in ("days", "money_usd", "co2_t", "cost_usd"):
        scale = 1.0 if key == "days" else tonnes
        old, new = (None if side is None else side[key] * scale for side in found)
        row |= {f"{key}_before": old, f"{key}_after": new}
        row[f"{key}_extra"] = None if old is None or new is None else new - old
    return {**row, "served": found[1] is not None, "nature": "M"}


def worst_status(edges: Sequence[Edge]) -> str:
    """The status of a route: open, or the least advanced of its links."""
    order = ("closed", "planned", "building", "open")
    return min((edge.status for edge in edges), key=order.index)


def via(edges: Sequence[Edge]) -> str:
    """Places where a route changes mode, gauge or country, in order."""
    ends = [edges[0].start]
    for edge in edges:
        if edge.kind in ("border", "transfer") and edge.end != ends[-1]:
            ends.append(edge.end)
    last = edges[-1].end
    return " - ".join([*ends, last] if ends[-1] != last else ends)

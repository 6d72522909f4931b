"""What drawn shocks do to the model: capacity of links, money of programmes, chances of growth, levels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from serai.plan.shocks import Effect, Shock, Weight

Floats = npt.NDArray[np.float64]
Exposure = Callable[[str], pl.DataFrame]
"""Kind of flow -> ``member, partner, low, value, high``: shares of the member that hang on the partner."""
Cost = Callable[[str], pl.DataFrame]
"""Disruption of the freight network -> ``member, low, value, high``: extra cost as a share of the cost before."""

Found = tuple[Floats | None, str]
"""Low, value and high of a weight, and on what ground; or why there is none."""

REACH = {
    "shock": pl.String,
    "effect": pl.Int64,
    "does": pl.String,
    "member": pl.String,
    "low": pl.Float64,
    "value": pl.Float64,
    "high": pl.Float64,
    "basis": pl.String,
    "missing": pl.String,
}
"""Columns of :func:`reach`: how far each effect reaches each member, on what ground, or why that is not known."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where shocks fall: rows of the stacked model and what they stand for.

    Attributes:
        members: codes.
        indicator_members, goals: of each of N indicators.
        start: level of each indicator at the start.
        programme_members, programme_goals: of each of K programmes.
        link_kinds, origins, destinations: of each of L links across borders; members at both ends.
        years: calendar year of each of T periods.
    """

    members: tuple[str, ...]
    indicator_members: tuple[str, ...]
    goals: tuple[str, ...]
    start: Floats
    programme_members: tuple[str, ...]
    programme_goals: tuple[str, ...]
    link_kinds: tuple[str, ...]
    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Arrays:
    """What shocks do, period by period.

    Attributes:
        capacity: ``(L, T)``, 1 where nothing is lost.
        money: ``(K, T)``, multiplies budgets.
        growth: ``(N, T)``, multiplies chances of growth.
        shift: ``(N, T)``, added to levels.
    """

    capacity: Floats
    money: Floats
    growth: Floats
    shift: Floats


def reach(
    shocks: Mapping[str, Shock], members: Sequence[str], figures: pl.DataFrame, exposure: Exposure, cost: Cost
) -> pl.DataFrame:
    """How far each effect of each shock reaches each member.

    Args:
        shocks: by identifier.
        members: codes.
        figures: observations ``series, area, period, value``; the latest figure of a series is its weight.
        exposure, cost: what other rooms know; asked once for each name.

    Returns:
        One row per effect and member, columns as in :data:`REACH`. Where a figure is missing the bounds are null and
        ``missing`` says which: in the model the effect then does not arrive, and that is shown, never taken for none.
    """
    asked: dict[tuple[str, str], pl.DataFrame] = {}

    def ask(kind: str, name: str) -> pl.DataFrame:
        if (kind, name) not in asked:
            asked[kind, name] = exposure(name) if kind == "exposure" else cost(name)
        return asked[kind, name]

    rows = []
    for shock in shocks.values():
        for number, effect in enumerate(shock.effect, 1):
            for member in effect.members or members:
                if member in members:
                    found = _weighed(effect.weight, member, figures, ask)
                    rows.append({"shock": shock.id, "effect": number, "does": effect.does, "member": member, **found})
    return pl.DataFrame(rows, schema=REACH)


def _weighed(
    weight: Weight, member: str, figures: pl.DataFrame, ask: Callable[[str, str], pl.DataFrame]
) -> dict[str, object]:
    bounds, basis, missing = np.ones(3), list[str](), list[str]()
    parts: list[Found] = []
    if weight.exposure is not None:
        parts.append(_exposed(ask("exposure", weight.exposure), member, weight.partners))
    if weight.series is not None:
        parts.append(_latest(figures, member, weight.series, weight.complement))
    if weight.corridor is not None:
        parts.append(_costed(ask("cost", weight.corridor), member))
    for found, words in parts:
        basis.append(words)
        if found is None:
            missing.append(words)
        else:
            bounds = bounds * found
    low, value, high = (None, None, None) if missing else (float(part) for part in bounds)
    return {
        "low": low, "value": value, "high": high,
        "basis": "; ".join(basis) or "reached in full", "missing": "; ".join(missing) or None,
    }  # fmt: skip


def _exposed(shares: pl.DataFrame, member: str, partners: Sequence[str]) -> Found:
    own = shares.filter(pl.col("member") == member)
    if partners:
        own = own.filter(pl.col("partner").is_in(partners))
    if not own.height:
        return None, "no exposure is known"
    bounds = own.select(pl.col("low", "value", "high").sum()).to_numpy()[0]
    return np.clip(bounds, 0.0, 1.0), f"exposure to {', '.join(partners) or 'all partners'}"


def _latest(figures: pl.DataFrame, member: str, series: str, complement: bool) -> Found:
    known = figures.filter((pl.col("area") == member) & (pl.col("series") == series) & pl.col("value").is_not_null())
    if not known.height:
        return None, f"no figure of {series}"
    period, value = known.sort("period").select("period", "value").row(-1)
    share = min(max(value / 100, 0.0), 1.0)
    words = f"{series} {period}: {value:.4g} %"
    return np.full(3, 1 - share if complement else share), f"100 % less {words}" if complement else words


def _costed(extra: pl.DataFrame, member: str) -> Found:
    own = extra.filter(pl.col("member") == member)
    if not own.height or own["value"][0] is None:
        return None, "no extra cost is known"
    return own.select("low", "value", "high").to_numpy()[0], "extra cost of the cheapest routes"


def overlap(start: float, length: float, years: Sequence[int]) -> Floats:
    """Share of each calendar year that ``[start, start + length)`` covers, shape ``(T,)``."""
    first = np.asarray(years, dtype=np.float64)
    covered: Floats = np.clip(np.minimum(first + 1, start + length) - np.maximum(first, start), 0.0, 1.0)
    return covered


@dataclass(frozen=True, slots=True)
class Hit:
    """An effect and the rows of the model it meets.

    Attributes:
        shock: what gives way.
        effect: what it does.
        rows: links, programmes or indicators, by what the effect does.
        bounds: low, value and high weight of each row, shape ``(3, rows)``; ones for links.
    """

    shock: Shock
    effect: Effect
    rows: npt.NDArray[np.intp]
    bounds: Floats


def hits(ground: Ground, shocks: Mapping[str, Shock], reached: pl.DataFrame) -> tuple[Hit, ...]:
    """The rows that each effect meets; the same for every draw.

    Args:
        ground: rows of the model.
        shocks: by identifier.
        reached: as from :func:`reach`; a member whose weight is not known is not met.
    """
    known: dict[tuple[str, int], dict[str, tuple[float, float, float]]] = {}
    for row in reached.filter(pl.col("value").is_not_null()).iter_rows(named=True):
        bounds = (row["low"], row["value"], row["high"])
        known.setdefault((row["shock"], row["effect"]), {})[row["member"]] = bounds
    return tuple(
        _hit(ground, shock, effect, known.get((shock.id, number), {}))
        for shock in shocks.values()
        for number, effect in enumerate(shock.effect, 1)
    )


def _hit(ground: Ground, shock: Shock, effect: Effect, known: Mapping[str, tuple[float, float, float]]) -> Hit:
    if effect.does == "capacity":
        rows = np.flatnonzero(_links(ground, effect, set(known)))
        return Hit(shock, effect, rows, np.ones((3, rows.size)))
    of, goals = (
        (ground.programme_members, ground.programme_goals)
        if effect.does == "budget"
        else (ground.indicator_members, ground.goals)
    )
    met = [
        at
        for at, (member, goal) in enumerate(zip(of, goals, strict=True))
        if member in known and (not effect.goals or goal in effect.goals)
    ]
    bounds = np.array([known[of[at]] for at in met]).reshape(len(met), 3).T
    return Hit(shock, effect, np.array(met, dtype=np.intp), bounds)


def _links(ground: Ground, effect: Effect, members: set[str]) -> npt.NDArray[np.bool_]:
    """Links that an effect on capacity meets: of its kinds, with one of its members at either end."""
    kinds, origins, destinations = (np.array(part) for part in (ground.link_kinds, ground.origins, ground.destinations))
    hit = np.isin(kinds, effect.kinds) if effect.kinds else np.ones(kinds.size, dtype=np.bool_)
    wanted = sorted(members)
    found: npt.NDArray[np.bool_] = hit & (np.isin(origins, wanted) | np.isin(destinations, wanted))
    return found


def forced(ground: Ground, met: Sequence[Hit], drawn: Mapping[str, float]) -> Arrays:
    """What one draw of the uncertain inputs does to the model.

    Args:
        ground: rows of the model.
        met: as from :func:`hits`.
        drawn: ``SHOCK.size``, ``SHOCK.start``, ``SHOCK.years`` for every shock, ``exposure`` (0: lowest weights, 1:
            highest) and ``response`` (0: smallest factors, 1: largest).

    Returns:
        Effects of several shocks multiply; capacity, money and growth stay within 0 and 1, shifts add up.
    """
    periods = len(ground.years)
    arrays = Arrays(
        np.ones((len(ground.link_kinds), periods)),
        np.ones((len(ground.programme_members), periods)),
        np.ones((len(ground.goals), periods)),
        np.zeros((len(ground.goals), periods)),
    )
    for hit in met:
        name = hit.shock.id
        size = drawn[f"{name}.size"] * hit.shock.scale
        covered = overlap(drawn[f"{name}.start"], drawn[f"{name}.years"], ground.years)
        if size > 0 and covered.any():
            low, high = hit.effect.factor
            weight = _between(hit.bounds, drawn["exposure"])
            _apply(
                arrays, ground, hit, np.minimum(size * (low + drawn["response"] * (high - low)) * weight, 1), covered
            )
    return arrays


def _between(bounds: Floats, at: float) -> Floats:
    """Weights ``at`` of the way from their low through their value to their high end."""
    low, value, high = bounds
    found: Floats = low + 2 * at * (value - low) if at <= 0.5 else value + (2 * at - 1) * (high - value)
    return found


def _apply(arrays: Arrays, ground: Ground, hit: Hit, loss: Floats, covered: Floats) -> None:
    if hit.effect.does == "level":
        arrays.shift[hit.rows, int(np.flatnonzero(covered)[0])] -= loss * ground.start[hit.rows]
        return
    array = {"capacity": arrays.capacity, "budget": arrays.money, "growth": arrays.growth}[hit.effect.does]
    array[hit.rows] *= 1 - loss[:, None] * covered

"""What was promised, and how far it can be followed: stages exclude each other, nothing is summed twice.

A part is never added to its whole. Pledges that declare an overlap are added as a range: at most as if they were
separate, at least with every declared overlap taken off once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import Any

import polars as pl

from serai.coordinate.dates import first_day
from serai.errors import InputError
from serai.region.tables_coordinate import STAGES

__all__ = ["PLEDGES", "TOTALS", "once", "overlapping", "pledges", "totals"]

KEYS = ("direction", "pledger", "currency", "stage")
GROUPED = ("direction", "currency", "stage")
UNTRACED, NOT_MONEY = "nothing traceable", ("persons", "projects")
PLEDGES: Mapping[str, Any] = {
    "pledge": pl.String, "event": pl.String, "announced": pl.String, "age_days": pl.Int64, "stage": pl.String,
    "kind": pl.String, "standing": pl.String, "counted": pl.Boolean, "direction": pl.String,
    "pledgers": pl.List(pl.String), "beneficiaries": pl.List(pl.String), "beyond": pl.List(pl.String),
    "amount": pl.Float64, "currency": pl.String, "contained_in": pl.String, "contains": pl.List(pl.String),
    "parts": pl.Float64, "complete": pl.Boolean, "overlaps_with": pl.List(pl.String),
    "committed": pl.Float64, "disbursed": pl.Float64, "traced": pl.String, "starts": pl.String, "ends": pl.String,
    "what_en": pl.String, "what_ru": pl.String, "wording": pl.String, "projects": pl.List(pl.String),
    "source": pl.String, "note": pl.String,
}  # fmt: skip
"""Columns of :func:`pledges`. ``parts`` is the sum of the parts that count; ``committed`` and ``disbursed`` are null
where no document of that stage is held (not zero), and ``traced`` says how far the trace goes."""

TOTALS: Mapping[str, Any] = {
    "direction": pl.String, "pledger": pl.String, "currency": pl.String, "stage": pl.String, "pledges": pl.Int64,
    "at_least": pl.Float64, "at_most": pl.Float64, "wider": pl.Float64, "overlaps": pl.List(pl.String),
    "traced": pl.Int64,
}  # fmt: skip
"""Columns of :func:`totals`: ``at_most`` as if no money were shared, ``at_least`` with declared overlaps taken off;
``wider``, of ``at_most``: pledges to others than the members too, whose shares no document gives."""

Row = dict[str, Any]


def pledges(table: pl.DataFrame, steps: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Every pledge announced by a day, with the stage it has been seen to reach by then.

    Args:
        table: the pack's ``pledges``.
        steps: the pack's ``pledge_steps``: documents of a commitment or a payment.
        as_of: the day; what was announced or happened later is left out.

    Returns:
        One row per pledge; columns as in :data:`PLEDGES`.
    """
    known = [row for row in table.iter_rows(named=True) if _by(row["announced"], as_of)]
    reached = _reached(steps, as_of)
    children: dict[str, list[Row]] = {}
    for row in known:
        children.setdefault(row["contained_in"], []).append(row)
    rows = [_pledge(row, children.get(row["pledge"], []), reached.get(row["pledge"]), as_of) for row in known]
    return pl.DataFrame(rows, schema=dict(PLEDGES), orient="row")


def _by(text: str, as_of: date) -> bool:
    begun = first_day(text)
    return begun is not None and begun <= as_of


def _reached(steps: pl.DataFrame, as_of: date) -> dict[str, dict[str, float]]:
    """Amounts seen by a day, by pledge and stage: payments add up, commitments do not; empty where all came later."""
    found: dict[str, dict[str, float]] = {name: {} for name in steps["pledge"]}
    for row in steps.iter_rows(named=True):
        if _by(row["date"], as_of):
            stages, before = found[row["pledge"]], found[row["pledge"]].get(row["stage"], 0.0)
            paid = row["stage"] == "disbursement"
            stages[row["stage"]] = before + row["amount"] if paid else max(before, row["amount"])
    return found


def _pledge(row: Row, children: list[Row], reached: Mapping[str, float] | None, as_of: date) -> Row:
    parts = [child["amount"] for child in children if child["standing"] == "counted"]
    seen = reached or {}
    paid, committed = seen.get("disbursement"), seen.get("commitment")
    begun = first_day(row["announced"]) or as_of
    return {
        **row,
        "age_days": (as_of - begun).days,
        "stage": _stage(row["stage"], reached),
        "counted": row["standing"] == "counted" and not row["contained_in"],
        **{name: row[name].split() for name in ("pledgers", "beneficiaries", "beyond", "overlaps_with", "projects")},
        "contains": [child["pledge"] for child in children],
        "parts": sum(parts) if parts else None,
        "committed": committed,
        "disbursed": paid,
        "traced": "disbursement" if paid is not None else "commitment" if committed is not None else UNTRACED,
    }


def _stage(own: str, reached: Mapping[str, float] | None) -> str:
    """The furthest stage a document of that day shows; the row's own stage where no document is held at all."""
    if reached is None:
        return own
    return max(reached, key=STAGES.index, default=min(own, "pledge", key=STAGES.index))


def totals(found: pl.DataFrame, by: Sequence[str] = GROUPED, *, money_only: bool = True) -> pl.DataFrame:
    """Sums of pledges, each once, by direction, currency and stage or what else is asked for.

    A pledge of several stands under all of them together (``CHN`` alone, ``ebrd eib eu`` as one). A stage holds only
    what has gone no further.

    Args:
        found: as from :func:`pledges`.
        by: some of ``direction``, ``pledger``, ``currency``, ``stage``; the currency is always among them.
        money_only: leave out what is not money (training places, projects).

    Returns:
        Columns as in :data:`TOTALS`; empty where a column was not asked for.
    """
    rows = [row for row in found.iter_rows(named=True) if row["counted"]]
    if money_only:
        rows = [row for row in rows if row["currency"] not in NOT_MONEY]
    shared = _shared(found, {row["pledge"] for row in rows})
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        named = {**row, "pledger": " ".join(sorted(row["pledgers"]))}
        key = tuple(named[name] if name in (*by, "currency") else "" for name in KEYS)
        groups.setdefault(key, []).append(row)
    lines = [{**dict(zip(KEYS, key, strict=True)), **_sum(group, shared)} for key, group in sorted(groups.items())]
    return pl.DataFrame(lines, schema=dict(TOTALS), orient="row")


def once(found: pl.DataFrame, names: Iterable[str]) -> tuple[float, float]:
    """What some pledges of one currency come to together: at least, at most; a part beside its whole adds nothing.

    Raises:
        InputError: they are of several currencies.
    """
    inside = _inside(found)
    wanted = set(names)
    tops = {name for name in wanted if not wanted & set(_above(name, inside))}
    rows = [row for row in found.iter_rows(named=True) if row["pledge"] in tops]
    if len(currencies := {row["currency"] for row in rows}) > 1:
        raise InputError(f"amounts in {', '.join(sorted(currencies))} have no sum; ask for one currency at a time")
    line = _sum(rows, _shared(found, tops))
    return line["at_least"], line["at_most"]


def _sum(rows: list[Row], shared: Mapping[frozenset[str], float]) -> Row:
    """Sum of pledges, the largest first, each less what it may share with those before it."""
    rows = sorted(rows, key=lambda row: (-row["amount"], row["pledge"]))
    least, before, overlaps = 0.0, list[str](), set[str]()
    for row in rows:
        common = {name: shared.get(frozenset((row["pledge"], name)), 0.0) for name in before}
        least += max(0.0, row["amount"] - sum(common.values()))
        overlaps |= {f"{name} {row['pledge']}" for name, amount in common.items() if amount}
        before.append(row["pledge"])
    return {
        "pledges": len(rows), "at_least": least, "at_most": sum(row["amount"] for row in rows),
        "wider": sum((row["amount"] for row in rows if row["beyond"]), start=0.0),
        "overlaps": sorted(overlaps), "traced": sum(row["traced"] != UNTRACED for row in rows),
    }  # fmt: skip


def _inside(found: pl.DataFrame) -> dict[str, str]:
    return dict(zip(found["pledge"], found["contained_in"], strict=True))


def _above(name: str, inside: Mapping[str, str]) -> Iterator[str]:
    """The wholes a pledge is part of, the nearest first."""
    while name := inside.get(name, ""):
        yield name


def _shared(found: pl.DataFrame, tops: set[str]) -> dict[frozenset[str], float]:
    """At most how much two pledges of ``tops`` share: the smaller of every two (or parts) that declare an overlap."""
    amount = dict(zip(found["pledge"], found["amount"], strict=True))
    currency = dict(zip(found["pledge"], found["currency"], strict=True))
    inside, pairs = _inside(found), set[frozenset[str]]()
    for row in found.iter_rows(named=True):
        pairs |= {frozenset((row["pledge"], name)) for name in row["overlaps_with"] if name in amount}
    result: dict[frozenset[str], float] = {}
    for one, other in (sorted(pair) for pair in sorted(pairs, key=sorted)):
        ends = frozenset(next((n for n in (name, *_above(name, inside)) if n in tops), "") for name in (one, other))
        if len(ends) == 2 and "" not in ends and currency[one] == currency[other]:
            limit = min(amount[name] for name in ends)
            result[ends] = min(limit, result.get(ends, 0.0) + min(amount[one], amount[other]))
    return result


def overlapping(found: pl.DataFrame) -> pl.DataFrame:
    """Pairs of pledges that share money or may do so: ``pledge, other, currency, shared_at_most``."""
    counted = found.filter(pl.col("counted"))["pledge"].to_list()
    shared, currency = _shared(found, set(counted)), dict(zip(found["pledge"], found["currency"], strict=True))
    rows = [
        (one, other, currency[one], shared[frozenset((one, other))])
        for one, other in combinations(counted, 2)
        if frozenset((one, other)) in shared
    ]
    columns = {"pledge": pl.String, "other": pl.String, "currency": pl.String, "shared_at_most": pl.Float64}
    return pl.DataFrame(rows, schema=columns, orient="row")

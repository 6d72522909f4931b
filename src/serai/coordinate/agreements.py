"""Agreements and their life, per party: who signed on the day, who later, who has said it would, who witnessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from serai.coordinate.dates import first_day, last_day

__all__ = ["AGREEMENTS", "PARTIES", "agreements", "parties"]

AGREEMENTS: Mapping[str, Any] = {
    "agreement": pl.String, "event": pl.String, "kind": pl.String, "title_en": pl.String, "title_ru": pl.String,
    "identifier": pl.String, "stage": pl.String, "signed": pl.String, "ratified": pl.String, "in_force": pl.String,
    "ends": pl.String, "days_left": pl.Int64, "over": pl.Boolean, "expected": pl.Int64, "on_the_day": pl.Int64,
    "signatures": pl.Int64, "ratifications": pl.Int64, "signatories": pl.List(pl.String),
    "witnesses": pl.List(pl.String), "pending": pl.List(pl.String), "unknown": pl.List(pl.String),
    "not_party": pl.List(pl.String), "supersedes": pl.String, "mandate": pl.Boolean, "source": pl.String,
    "note": pl.String,
}  # fmt: skip
"""Columns of :func:`agreements`. ``expected`` counts those who signed or were to sign (null where nobody is held),
``on_the_day`` those whose signature carries the date of the agreement."""

PARTIES: Mapping[str, Any] = {
    "agreement": pl.String, "actor": pl.String, "role": pl.String, "signed": pl.String, "ratified": pl.String,
    "days_after": pl.Int64, "by": pl.String, "source": pl.String, "note": pl.String,
}  # fmt: skip
"""Columns of :func:`parties`. ``days_after`` is how long after the agreement's own date a party signed, at least."""

Row = dict[str, Any]
LIFE = ("proposed", "negotiated", "signed", "ratified", "in_force")


def agreements(table: pl.DataFrame, who: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Every agreement that was at least proposed by a day, in the stage of its life it had reached by then.

    Args:
        table: the pack's ``agreements``.
        who: the pack's ``agreement_parties``.
        as_of: the day.

    Returns:
        One row per agreement; columns as in :data:`AGREEMENTS`.
    """
    by_agreement: dict[str, list[Row]] = {}
    for row in parties(who, table, as_of).iter_rows(named=True):
        by_agreement.setdefault(row["agreement"], []).append(row)
    replaced = {row["supersedes"] for row in table.iter_rows(named=True)
                if row["supersedes"] and _reached(row["signed"], as_of)}  # fmt: skip
    rows = []
    for row in table.iter_rows(named=True):
        if stage := _stage(row, row["agreement"] in replaced, as_of):
            told = row | _known(row, as_of)
            signed = _signatures(by_agreement.get(row["agreement"], []))
            rows.append({**told, **signed, **_term(told, as_of), "stage": stage})
    return pl.DataFrame(rows, schema=dict(AGREEMENTS), orient="row")


def _reached(text: str, as_of: date) -> bool:
    begun = first_day(text)
    return begun is not None and begun <= as_of


def _known(row: Row, as_of: date) -> Row:
    """Dates of what had happened by a day; an end is known from the signature on."""
    told = {name: row[name] if _reached(row[name], as_of) else "" for name in ("signed", "ratified", "in_force")}
    return told | {"ends": row["ends"] if told["signed"] or told["in_force"] or not row["signed"] else ""}


def _stage(row: Row, replaced: bool, as_of: date) -> str:
    """The stage by the dates; where the pack knows a later stage without its date, that one, once it was signed."""
    if not _reached(row["signed"], as_of):
        dated = any(row[name] for name in ("negotiated", "signed", "ratified", "in_force"))
        return "negotiated" if _reached(row["negotiated"], as_of) else "" if dated else str(row["status"])
    if replaced:
        return "superseded"
    if (end := last_day(row["ends"])) is not None and end < as_of:
        return "expired"
    if row["status"] in ("ratified", "in_force"):
        undated = not row[row["status"]]
        return next((name for name in ("in_force", "ratified") if _reached(row[name], as_of)),
                    row["status"] if undated else "signed")  # fmt: skip
    return "adopted" if row["status"] == "superseded" else str(row["status"])


def _signatures(who: list[Row]) -> Row:
    by_role = {role: [party["actor"] for party in who if party["role"] == role]
               for role in ("signatory", "witness", "pending", "unknown", "not_party")}  # fmt: skip
    signed = [party for party in who if party["role"] == "signatory"]
    expected = len(signed) + len(by_role["pending"])
    return {
        "expected": expected or None,
        "on_the_day": sum(party["days_after"] == 0 for party in signed) if expected else None,
        "signatures": len(signed) if expected else None,
        "ratifications": sum(bool(party["ratified"]) for party in signed) if expected else None,
        "signatories": by_role["signatory"],
        "witnesses": by_role["witness"],
        **{name: by_role[name] for name in ("pending", "unknown", "not_party")},
    }


def _term(row: Row, as_of: date) -> Row:
    end = last_day(row["ends"])
    return {"days_left": None if end is None else (end - as_of).days, "over": None if end is None else end < as_of}


def parties(table: pl.DataFrame, of: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Who signed, ratified or witnessed what by a day; a signature still to come then is ``pending``.

    Nothing later than the day is in it: no date, no name of who was to sign, and no witness of what was not signed yet.

    Args:
        table: the pack's ``agreement_parties``.
        of: the pack's ``agreements``.
        as_of: the day.

    Returns:
        One row per agreement, actor and role; columns as in :data:`PARTIES`.
    """
    dates = dict(zip(of["agreement"], of["signed"], strict=True))
    rows = []
    for row in table.iter_rows(named=True):
        later = row["role"] == "signatory" and bool(row["signed"]) and not _reached(row["signed"], as_of)
        seen = row["signed"] or dates.get(row["agreement"], "")
        if row["role"] == "witness" and seen and not _reached(seen, as_of):
            continue
        ratified = row["ratified"] if _reached(row["ratified"], as_of) else ""
        role, signed = ("pending", "") if later else (row["role"], row["signed"])
        signed, by = (signed if _reached(signed, as_of) else ""), "" if later else row["by"]
        after = _days_after(dates.get(row["agreement"], ""), signed)
        rows.append({**row, "role": role, "signed": signed, "ratified": ratified, "by": by, "days_after": after})
    return pl.DataFrame(rows, schema=dict(PARTIES), orient="row")


def _days_after(agreement: str, party: str) -> int | None:
    one, other = last_day(agreement), first_day(party)
    return None if one is None or other is None else max(0, (other - one).days)

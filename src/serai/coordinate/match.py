"""One payment, two reports: what a donor says it gave against what a receiver says it got.

Evidence adds to log-odds by the weights of ``match.toml``; the pairs with the highest total are chosen one to one
(Hungarian method). A person accepts or rejects; until then both reports count, and the page says so.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from math import exp, log
from typing import Any

import numpy as np
import polars as pl

from serai.errors import InputError

THRESHOLD = 0.5
SHORTEST = 4
CROWD = 200
"""Reports that may share a donor and year, or an amount, and still be compared for it."""
_NUMBERED = re.compile(r"^(?!(?:19|20)\d\d$).*\d")
"""Has a digit, and is not a year."""

MATCHES: dict[str, pl.DataType] = {
    "match": pl.String(),
    "score": pl.Float64(),
    "kind": pl.String(),
    "state": pl.String(),
    "conflict": pl.String(),
    "left_activity": pl.String(),
    "right_activity": pl.String(),
    "left_ref": pl.String(),
    "right_ref": pl.String(),
    "donor": pl.String(),
    "left_donor": pl.String(),
    "right_donor": pl.String(),
    "left_date": pl.Date(),
    "right_date": pl.Date(),
    "left_value": pl.Float64(),
    "left_currency": pl.String(),
    "right_value": pl.Float64(),
    "right_currency": pl.String(),
    "left_usd": pl.Float64(),
    "right_usd": pl.Float64(),
    "evidence": pl.String(),
    "left_key": pl.String(),
    "right_key": pl.String(),
    "by": pl.String(),
    "at": pl.String(),
    "reason": pl.String(),
}
"""Columns of a table of matches. ``kind``: ``one`` (one payment each), ``part`` (one of several that make up the other)
or ``repeat`` (the donor's report says it a second time); ``conflict``: references that contradict the match;
``evidence``: what spoke for and against, with its weight."""

Row = Mapping[str, Any]


@cache
def weights() -> Mapping[str, Any]:
    """The weights of evidence."""
    text = (resources.files(__package__) / "match.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def references(*texts: str | None) -> frozenset[str]:
    """What looks like a reference: runs of letters and digits with a digit, four or more, upper-cased."""
    found = (part.upper() for text in texts if text for part in re.split(r"[\s,;#()/]+", text))
    return frozenset(part for part in found if len(part) >= SHORTEST and _NUMBERED.search(part))


def propose(left: pl.DataFrame, right: pl.DataFrame, *, threshold: float = THRESHOLD) -> pl.DataFrame:
    """Pairs of transactions that are probably one payment.

    Args:
        left: what givers report: transactions with ``key, identifier, ref, date, value, currency, usd, donor,
            donor_name, receiver_name, provider_activity, receiver_activity, place, title, description``.
        right: what receivers report, the same columns and ``reporter_name``.
        threshold: least score of a proposal, from 0 to 1.

    Returns:
        One row per proposal, the surest first; columns as in :data:`MATCHES`.

    Raises:
        InputError: a threshold that is no score.
    """
    if not 0 <= threshold <= 1:
        raise InputError(f"the threshold is {threshold:g}; give a score from 0 to 1")
    gives = [_side(row, row["receiver_name"]) for row in left.iter_rows(named=True)]
    gets = [_side(row, row["reporter_name"]) for row in right.iter_rows(named=True)]
    if not gives or not gets:
        return pl.DataFrame(schema=MATCHES)
    pairs = dict(_pairs(gives, gets))
    least = min(max(threshold, 1e-6), 1 - 1e-6)
    chosen = _assigned(pairs, len(gives), len(gets), log(least / (1 - least)))
    rows = [_row(gives[i], gets[j], "one", pairs[i, j]) for i, j in chosen]
    rows += _more(gives, gets, chosen, pairs)
    return pl.DataFrame(rows, schema=MATCHES).sort("score", "match", descending=[True, False])


def _side(row: Row, receiver: str | None) -> dict[str, Any]:
    return {**row, "receiver": receiver or "", "refs": references(row["ref"])}


def _pairs(gives: Sequence[Row], gets: Sequence[Row]) -> Iterator[tuple[tuple[int, int], dict[str, float]]]:
    """Pairs worth weighing: those with a reference, a donor or an amount in common."""
    by: dict[tuple[str, Any], list[int]] = {}
    for at, row in enumerate(gets):
        for token in _blocks(row):
            by.setdefault(token, []).append(at)
    # What hundreds of reports share tells none of them apart: amounts and references remain.
    by = {token: found for token, found in by.items() if token[0] == "ref" or len(found) <= CROWD}
    for i, row in enumerate(gives):
        for j in sorted({at for token in _blocks(row) for at in by.get(token, ())}):
            yield (i, j), _evidence(row, gets[j])


def _blocks(row: Row) -> Iterator[tuple[str, Any]]:
    year = row["date"].year if row["date"] else 0
    yield from (("ref", ref) for ref in row["refs"])
    yield from (("donor", (row["donor"], year + shift)) for shift in (0, 1))
    if row["value"]:
        yield "money", (row["currency"], round(row["value"]))
    if row["usd"]:
        yield "usd", round(row["usd"])


def _evidence(give: Row, get: Row) -> dict[str, float]:
    """What speaks for and against a pair: name of the evidence and its weight."""
    w = weights()
    found = {
        "identifier": "same" if _names(give, get) else "",
        "reference": _reference(give, get),
        "money": _money(give, get),
        "donor": _donor(give, get),
        "receiver": _alike(give["receiver"], get["receiver"], low=50),
        "day": _day(give, get),
        "year": "" if not give["year"] or not get["year"] else "same" if give["year"] == get["year"] else "different",
        "place": _place(give, get),
        "words": "alike" if _ratio(_words(give), _words(get)) >= 70 else "",
    }
    return {f"{name} {what}": w[name][what] for name, what in found.items() if what}


def _names(give: Row, get: Row) -> bool:
    return bool(give["identifier"] == get["provider_activity"] or get["identifier"] == give["receiver_activity"])


def _reference(give: Row, get: Row) -> str:
    if not give["refs"] or not get["refs"]:
        return ""
    return "same" if give["refs"] & get["refs"] else "different"


def _money(give: Row, get: Row) -> str:
    if give["value"] and give["currency"] == get["currency"] and round(give["value"]) == round(get["value"] or 0):
        return "exact"
    one, other = give["usd"], get["usd"]
    if not one or not other:
        return ""
    apart = abs(one - other) / max(abs(one), abs(other))
    return "close" if apart <= 0.005 else "near" if apart <= 0.02 else "" if apart <= 0.1 else "far"


def _donor(give: Row, get: Row) -> str:
    if give["donor"] == get["donor"]:
        return "same"
    alike = _alike(give["donor_name"] or "", get["donor_name"] or "", low=85)
    return alike or "different"


def resembles(one: str, other: str) -> bool:
    """Whether two names may stand for one organisation: not surely different."""
    return _alike(one, other, low=50) != "different"


def _alike(one: str, other: str, *, low: int) -> str:
    """``alike``, ``different`` or nothing, where either has no name."""
    if not one or not other:
        return ""
    ratio = _ratio(one, other)
    return "alike" if ratio >= 85 else "different" if ratio < low else ""


def _ratio(one: str, other: str) -> float:
    from rapidfuzz.fuzz import token_set_ratio
    from rapidfuzz.utils import default_process

    return float(token_set_ratio(one, other, processor=default_process)) if one and other else 0.0


def _words(row: Row) -> str:
    return " ".join(dict.fromkeys(part for part in (row["title"], row["description"]) if part))


def _day(give: Row, get: Row) -> str:
    if not give["date"] or not get["date"]:
        return ""
    apart = abs((give["date"] - get["date"]).days)
    return "week" if apart <= 7 else "month" if apart <= 31 else "year" if apart <= 366 else "more"


def _place(give: Row, get: Row) -> str:
    one, other = set(give["place"] or ()), set(get["place"] or ())
    return "" if not one or not other else "same" if one & other else "different"


def _total(evidence: Mapping[str, float]) -> float:
    return float(weights()["start"]) + sum(evidence.values())


def _chance(evidence: Mapping[str, float]) -> float:
    return 1 / (1 + exp(-_total(evidence)))


def _assigned(
    pairs: Mapping[tuple[int, int], Mapping[str, float]], gives: int, gets: int, floor: float
) -> list[tuple[int, int]]:
    """Pairs one to one with the highest total above ``floor``, within each connected part of the graph."""
    from scipy.optimize import linear_sum_assignment
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    # A pair that speaks against itself is no pair: leaving both alone costs nothing.
    likely = {pair: _total(one) for pair, one in pairs.items() if _total(one) > floor}
    if not likely:
        return []
    rows, columns = (np.array(side) for side in zip(*likely, strict=True))
    graph = coo_array((np.ones(len(rows)), (rows, columns + gives)), shape=(gives + gets, gives + gets))
    _, label = connected_components(graph, directed=False)
    chosen = []
    for part in np.unique(label[rows]):
        inside = [pair for pair in likely if label[pair[0]] == part]
        left, right = sorted({i for i, _ in inside}), sorted({j for _, j in inside})
        cost = np.zeros((len(left), len(right)))
        for i, j in inside:
            cost[left.index(i), right.index(j)] = floor - likely[i, j]
        for a, b in zip(*linear_sum_assignment(cost), strict=True):
            if (left[a], right[b]) in likely:
                chosen.append((left[a], right[b]))
    return chosen


def _more(
    gives: Sequence[Row], gets: Sequence[Row], chosen: Sequence[tuple[int, int]],
    pairs: Mapping[tuple[int, int], dict[str, float]],
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Reports left over that share a reference and a donor with a matched one: its parts, or the same again."""
    matched = {j: i for i, j in chosen}
    taken = {i for i, _ in chosen}
    for (i, j), evidence in pairs.items():
        if i in taken or j not in matched or "reference same" not in evidence or "donor different" in evidence:
            continue
        own, other, whole = gives[i]["usd"] or 0, gives[matched[j]]["usd"] or 0, gets[j]["usd"] or 0
        kind = "repeat" if abs(own - other) <= 0.005 * max(own, other, 1) else "part"
        if kind == "part" and own + other > 1.02 * whole:
            continue
        yield _row(gives[i], gets[j], kind, evidence)


def _row(give: Row, get: Row, kind: str, evidence: Mapping[str, float]) -> dict[str, Any]:
    names = [give["key"], get["key"], kind]
    number = hashlib.sha256(json.dumps(names).encode()).hexdigest()[:10]
    conflict = f"{give['ref']} / {get['ref']}" if "reference different" in evidence else ""
    spoken = sorted(evidence.items(), key=lambda one: (-abs(one[1]), one[0]))
    row: dict[str, Any] = {"match": number, "score": round(_chance(evidence), 4), "kind": kind, "state": "proposed"}
    row |= {
        "conflict": conflict,
        "donor": get["donor"],
        "left_donor": give["donor_name"],
        "right_donor": get["donor_name"],
    }
    row |= {"left_activity": give["identifier"], "right_activity": get["identifier"]}
    row |= {f"{side}_{name}": one[name] for side, one in (("left", give), ("right", get)) for name in _KEPT}
    return {**row, "evidence": ", ".join(f"{name} {weight:+g}" for name, weight in spoken)}


_KEPT = ("ref", "date", "value", "currency", "usd", "key")


def tested(gives: pl.DataFrame, gets: pl.DataFrame) -> dict[str, Any]:
    """How well pairs are found where both sides carry the same references: with these, and with them hidden.

    A reference on both sides labels a pair as right; precision is ``agree / proposals``, recall ``agree / shared``.

    Args:
        gives: what givers report of the labelled payments, as :func:`propose` takes it.
        gets: what receivers report of them.

    Returns:
        ``gives, gets, shared`` (rows, rows, references in common), ``proposals, agree, hidden_proposals,
        hidden_agree`` (pairs one to one, and of these with a reference in common), ``conflicts``: pairs whose
        references contradict each other.
    """
    shared = {one for text in gives["ref"].drop_nulls() for one in references(text)} & set(gets["ref"].drop_nulls())
    left, right = (dict(side.select("key", "ref").iter_rows()) for side in (gives, gets))
    found: dict[str, Any] = {"gives": gives.height, "gets": gets.height, "shared": len(shared), "conflicts": []}
    for prefix in ("", "hidden_"):
        blank = pl.lit(None, dtype=pl.String).alias("ref")
        sides = [side.with_columns(blank) if prefix else side for side in (gives, gets)]
        pairs = propose(*sides).filter(kind="one").select("left_key", "right_key").rows()
        same = [pair for pair in pairs if references(left[pair[0]]) & references(right[pair[1]])]
        found |= {f"{prefix}proposals": len(pairs), f"{prefix}agree": len({right[pair[1]] for pair in same})}
        if not prefix:
            other = [pair for pair in pairs if pair not in same and left[pair[0]] and right[pair[1]]]
            found["conflicts"] = sorted([left[a], right[b]] for a, b in other)
    return found


def with_decisions(matches: pl.DataFrame, last: pl.DataFrame) -> pl.DataFrame:
    """Matches with the state that people gave them, by name and date."""
    decided = last.filter(pl.col("kind").is_in(["accept", "reject"])).select(
        pl.col("subject").str.strip_prefix("match ").alias("match"),
        pl.col("kind").replace({"accept": "accepted", "reject": "rejected"}).alias("decided"),
        "by", "at", "reason",
    )  # fmt: skip
    joined = matches.drop("by", "at", "reason").join(decided, on="match", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("decided", "state").alias("state")).select(*MATCHES)

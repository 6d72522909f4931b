"""Corridor segments and projects by funder: where something is to be built, who pays, and where nobody is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from serai.region import Pack

SEGMENTS: dict[str, pl.DataType] = {
    name: pl.String()
    for name in (
        "segment",
        "kind",
        "name_en",
        "name_ru",
        "from",
        "to",
        "mode",
        "status",
        "funders",
        "state",
        "source",
        "note",
    )
}
"""Columns of the table. ``state`` is ``funded`` or ``no funder held``: the second says that no document held names
one, not that there is none."""
TO_BUILD = ("building", "planned")

Row = dict[str, Any]


def segments(pack: Pack) -> pl.DataFrame:
    """Links to be built, fibre-optic links and projects of the pack with those who fund them.

    Funders are those a segment's row names and those whose pledges name it.

    Returns:
        One row per segment, those without a funder first; columns as in :data:`SEGMENTS`.
    """
    pledged = _pledged(pack)
    rows = [_with_funders(row, pledged) for row in (*_links(pack), *_fibre(pack), *_projects(pack))]
    frame = pl.DataFrame(rows, schema=SEGMENTS)
    return frame.sort(pl.col("state") == "funded", "kind", "segment", maintain_order=True)


def _links(pack: Pack) -> Iterator[Row]:
    for row in _table(pack, "links"):
        if row["status"] in TO_BUILD:
            name = f"{row['from']}-{row['to']} {row['mode']}{row['gauge']}"
            yield {**row, **_between(pack, row), "segment": name, "kind": "link", "funders": ""}


def _fibre(pack: Pack) -> Iterator[Row]:
    for row in _table(pack, "fibre"):
        own = {"segment": row["fibre"], "kind": "fibre", "mode": "fibre", "funders": row["funder"]}
        yield {**row, **_between(pack, row), **own}


def _projects(pack: Pack) -> Iterator[Row]:
    payers: dict[str, list[str]] = {}
    for row in _table(pack, "project_costs"):
        if row["payer"]:
            payers.setdefault(row["project"], []).append(row["payer"])
    for row in _table(pack, "projects"):
        yield {
            **row,
            "segment": row["project"],
            "kind": "project",
            "funders": "; ".join(payers.get(row["project"], [])),
        }


def _between(pack: Pack, row: Row) -> Row:
    """What to call a segment: its ends."""
    names = {one["place"]: one for one in _table(pack, "places")}
    ends = [names.get(row[side], {"name_en": row[side], "name_ru": row[side]}) for side in ("from", "to")]
    return {name: " – ".join(end[name] for end in ends) for name in ("name_en", "name_ru")}


def _table(pack: Pack, name: str) -> Iterator[Row]:
    if pack.has(name):
        yield from pack.table(name).iter_rows(named=True)


def _pledged(pack: Pack) -> dict[str, list[str]]:
    """Who promised money for each project, by its identifier."""
    found: dict[str, list[str]] = {}
    for row in _table(pack, "pledges"):
        for name in (row.get("projects") or "").split():
            found.setdefault(name, []).extend(row["pledgers"].split())
    return found


def _with_funders(row: Row, pledged: dict[str, list[str]]) -> Row:
    named = [part.strip() for part in row["funders"].split(";") if part.strip()]
    funders = "; ".join(dict.fromkeys([*named, *pledged.get(row["segment"], [])]))
    state = "funded" if funders else "no funder held"
    kept = {name: row.get(name) or "" for name in SEGMENTS}
    return {**kept, "funders": funders, "state": state}

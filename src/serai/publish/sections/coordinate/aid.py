"""What the pages of activities show: who funds what, every activity, and payments that two reports tell of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from typing import TYPE_CHECKING, Any

import polars as pl

from serai.coordinate import match, overlap
from serai.coordinate.activities import COMMITTED
from serai.coordinate.iati import codelists
from serai.publish.coverage import coverage
from serai.publish.messages import _
from serai.publish.render import Page
from serai.publish.sections.coordinate import aid_figures

if TYPE_CHECKING:
    from serai.coordinate import Ledger
    from serai.publish.sections import Setting

__all__ = ["MENU", "Aid", "frames", "pages"]

Row = dict[str, Any]
MENU = (
    ("coordinate/who.html", _("Who funds what")),
    ("coordinate/activities.html", _("Activities")),
    ("coordinate/matches.html", _("One payment, two reports")),
)
ENDS = ("incoming commitment", "commitment")
"""Stages in which a commitment is reported, by who receives and by who gives."""
NO_ACTIVITY = _("no activity held, which does not say that there is none")
SPLIT_ASKED = _("covered by an activity coded to another member; how to split it is asked")
DONORS, CROWDED, REPORTS = 15, 20, 60
"""Rows shown; the tables beside the page hold all."""


@dataclass(frozen=True)
class Aid:
    """The ledger, asked once.

    Attributes:
        ledger: the ledger.
        members: areas in order.
    """

    ledger: Ledger
    members: tuple[str, ...]

    @cached_property
    def cells(self) -> pl.DataFrame:
        """Money shared out, all stages."""
        return self.ledger.cells()

    @cached_property
    def _around(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        # A ledger may hold the whole world; the pages are about the region and those who border it.
        return self.ledger.around((*self.members, *self.ledger.pack.manifest.neighbours))

    @property
    def transactions(self) -> pl.DataFrame:
        """Transactions of the region and its neighbours, with dollars."""
        return self._around[1]

    @property
    def activities(self) -> pl.DataFrame:
        """Activities of the region and its neighbours."""
        return self._around[0]

    @cached_property
    def questions(self) -> list[Row]:
        """Activities that await a split."""
        return self.ledger.questions().to_dicts()

    @cached_property
    def donors(self) -> dict[str, Row]:
        """Names of donors that are no area."""
        found: dict[str, Row] = {}
        if self.ledger.pack.has("aid_donors"):
            for row in self.ledger.pack.table("aid_donors").filter(pl.col("name_en") != "").iter_rows(named=True):
                found[row["donor"]] = {"en": row["name_en"], "ru": row["name_ru"]}
        known = {row["iati"]: row for row in self.ledger.register("bodies").iter_rows(named=True) if row["iati"]}
        for reporter, name in self.activities.select("reporter", "reporter_name").unique().iter_rows():
            body = known.get(reporter)
            other = {"ru": body["name_ru"]} if body else {}
            found.setdefault(reporter, {"en": name or reporter, **other})
        return found

    @cached_property
    def sectors(self) -> dict[str, Row]:
        """Names of sectors, in English as published, and in other languages where the pack has them."""
        named = codelists.names()["Sector"]
        rows = self.ledger.table("sectors").select("vocabulary", "code", "name").unique()
        found = {f"{v or '1'}:{code}": {"en": name or named.get(code, code)} for v, code, name in rows.iter_rows()}
        if self.ledger.pack.has("aid_sector_names"):
            for row in self.ledger.pack.table("aid_sector_names").iter_rows(named=True):
                entry = found.get(f"{row['vocabulary']}:{row['code']}", {})
                if row.get("name_ru") and entry.get("en") == row["name"]:
                    entry["ru"] = row["name_ru"]
        return dict(sorted(found.items()))

    @cached_property
    def places(self) -> dict[int, list[str]]:
        """Members of each activity."""
        placed = self.cells.select("record", "member").unique()
        held = self.ledger.placed().select("record", "member").unique()
        both = pl.concat([placed, held]).unique().filter(pl.col("member").is_in(self.members)).sort("record", "member")
        found: dict[int, list[str]] = {}
        for record, member in both.iter_rows():
            found.setdefault(record, []).append(member)
        return found


def pages(aid: Aid, setting: Setting) -> list[Page]:
    """The three pages; none where the ledger holds no activity."""
    if aid.activities.is_empty():
        return []
    return [_who(aid, setting), _activities(aid), _matches(aid)]


def frames(aid: Aid) -> dict[str, pl.DataFrame]:
    """Published tables."""
    if aid.activities.is_empty():
        return {}
    listed = pl.col("names").list.join(" ")
    kept = ("record", "identifier", "reporter", "reporter_name", "title", "status", "scope", "planned_start",
            "actual_start", "planned_end", "actual_end")  # fmt: skip
    paid = ("identifier", "ref", "type", "stage", "date", "year", "donor", "donor_name", "value", "currency",
            "value_date", "usd", "usd_basis", "repeat")  # fmt: skip
    return {
        "aid_overlap": aid.ledger.overlap(),
        "aid_crowded": aid.ledger.crowded().with_columns(listed),
        "aid_gaps": aid.ledger.gaps(by="sector"),
        "aid_gaps_by_year": aid.ledger.gaps(by="year"),
        "aid_questions": aid.ledger.questions(),
        "aid_plans": aid.ledger.planned(),
        "aid_activities": aid.activities.select(kept),
        "aid_transactions": aid.transactions.select(paid),
        "aid_results": aid.ledger.table("results")
        .join(aid.activities.select("record", "identifier"), on="record", maintain_order="left")
        .select("identifier", pl.exclude("identifier", "record")),
        "aid_matches": aid.ledger.matches().drop("left_key", "right_key"),
        "aid_decisions": aid.ledger.decisions.table(),
    }


def _absent(aid: Aid) -> dict[str, str]:
    """Why a member is in no activity."""
    there = {member for members in aid.places.values() for member in members}
    asked = {area for row in aid.questions for area in row["covers"].split()}
    return {area: SPLIT_ASKED if area in asked else NO_ACTIVITY for area in aid.members if area not in there}


def _who(aid: Aid, setting: Setting) -> Page:
    by_year = aid.ledger.gaps(by="year").to_dicts()
    years = sorted({row["year"] for row in by_year})
    raw = aid.ledger.overlap(by=("member", "year")).to_dicts()
    sums = {(row["member"], row["year"]): row["usd"] for row in raw}
    states = {(row["member"], row["year"]): row for row in by_year}
    table = [
        {"area": area, "cells": [{**_cell(states[area, year]), "usd": sums.get((area, year))} for year in years]}
        for area in aid.members
    ]
    context: Row = {
        "kind": "who",
        "coverage": coverage(aid.members, _absent(aid)),
        "reporters": _reporters(aid),
        "stage": COMMITTED,
        "years": years,
        "table": table,
        "repeats": _repeats(aid),
        "questions": aid.questions,
        "donors": _donors(aid),
        "crowded": aid.ledger.crowded().head(CROWDED).to_dicts(),
        "sectors": _grid(aid, "sector"),
        "goals": _grid(aid, "goal"),
        "plans": _plans(aid),
        "sector_names": aid.sectors,
        "donor_names": aid.donors,
        "rules": overlap.RULES,
        "rates": aid.ledger.rates.given,
        "sources": _sources(aid),
    }
    names = {code: {area: _name(setting, code, area) for area in aid.members} for code in setting.languages}
    pictures = {f"years.{code}": aid_figures.years(table, years, names[code]) for code in setting.languages}
    return Page("coordinate/who.html", "coordinate/who.html", context, figures=pictures)


def _name(setting: Setting, language: str, area: str) -> str:
    named = setting.names.area(area)
    return str(named.get(language) or named.get("en") or area) if isinstance(named, Mapping) else str(named)


def _cell(row: Row) -> Row:
    return {"state": row["state"], "once": row["usd_once"]}


def _reporters(aid: Aid) -> list[Row]:
    return aid.activities.select("reporter", "reporter_name").unique().sort("reporter", "reporter_name").to_dicts()


def _repeats(aid: Aid) -> list[Row]:
    """Activities with repeated rows: the sum with them and without, and what plain addition would give."""
    rows = aid.transactions.filter(pl.col("stage").is_in(ENDS))
    odd = rows.filter(pl.col("repeat"))
    found = []
    for identifier in odd["identifier"].unique().sort():
        again = odd.filter(pl.col("identifier") == identifier)
        stages = pl.col("stage").is_in(again["stage"].unique().implode())
        own = rows.filter((pl.col("identifier") == identifier) & stages)
        found.append(
            {
                "identifier": identifier, "year": own["year"][0], "currencies": own["currency"].n_unique(),
                "mixed": fsum(own["value"].drop_nulls()), "usd": fsum(own["usd"].drop_nulls()),
                "once": fsum(own.filter(~pl.col("repeat"))["usd"].drop_nulls()),
                "rows": again.select("ref", "date", "value", "currency", "usd").to_dicts(),
            }
        )  # fmt: skip
    return sorted(found, key=lambda row: -(row["usd"] - row["once"]))


def _donors(aid: Aid) -> list[Row]:
    """The largest donors, with what the cell of each member says."""
    cells: dict[str, dict[str, Row]] = {}
    for row in aid.ledger.gaps(by="donor").to_dicts():
        cells.setdefault(row["donor"], {})[row["member"]] = _cell(row)
    rows: list[Row] = [
        {
            "donor": donor,
            "total": fsum(cell["once"] or 0.0 for cell in own.values()),
            "members": [own[area] for area in aid.members],
        }
        for donor, own in cells.items()
    ]
    return sorted(rows, key=lambda row: (-row["total"], row["donor"]))[:DONORS]


def _grid(aid: Aid, by: str) -> list[Row]:
    """One row per sector or goal, a cell for each member; the largest first."""
    rows: dict[str, dict[str, Row]] = {}
    for row in aid.ledger.gaps(by=by).to_dicts():
        rows.setdefault(row[by], {})[row["member"]] = _cell(row)
    made = [{"name": name, "cells": [cells[area] for area in aid.members]} for name, cells in rows.items()]
    return sorted(made, key=lambda row: -sum(cell["once"] or 0 for cell in row["cells"]))


def _plans(aid: Aid) -> Row:
    """Forward budgets of organisations by member: sums over the years each covers."""
    rows = aid.ledger.planned().filter(pl.col("kind") == "recipient-country-budget")
    found = []
    for reporter, name in rows.select("reporter", "reporter_name").unique(maintain_order=True).iter_rows():
        own = rows.filter(pl.col("reporter") == reporter)
        sums = dict(own.group_by("member", maintain_order=True).agg(pl.col("usd").sum()).iter_rows())
        span = {"first": own["year"].min(), "last": own["year"].max()}
        found.append({"reporter": reporter, "name": name, **span, "members": [sums.get(a) for a in aid.members]})
    return {"organisations": found}


def _sources(aid: Aid) -> list[Row]:
    """Where the activities come from: tables of the pack and files that were imported."""
    named = ("coordinate/aid_transactions.csv", "coordinate/aid_organisation_budgets.csv", "coordinate/rates.csv")
    tables = {table.file: table for table in aid.ledger.pack.sources.table}
    own = [
        {"provider": tables[name].provider, "release": tables[name].release, "licence": tables[name].licence}
        for name in named
        if name in tables
    ]
    imported = aid.ledger.archive.files().select("file", "imported", "records").to_dicts()
    return [*own, *({"provider": row["file"], "release": row["imported"], "licence": ""} for row in imported)]


def _activities(aid: Aid) -> Page:
    sums = aid.transactions.group_by("record", "stage", maintain_order=True).agg(pl.col("usd").sum()).iter_rows()
    money: dict[int, dict[str, float]] = {}
    for record, stage, usd in sums:
        money.setdefault(record, {})[stage] = usd
    asked = {row["identifier"] for row in aid.questions}
    rows = [
        {
            "identifier": row["identifier"], "title": row["title"],
            "reporter": row["reporter"], "status": row["status"],
            "start": row["actual_start"] or row["planned_start"], "end": row["actual_end"] or row["planned_end"],
            "members": aid.places.get(row["record"], []), "asked": row["identifier"] in asked,
            "money": money.get(row["record"], {}),
        }
        for row in aid.activities.iter_rows(named=True)
        if aid.places.get(row["record"])
    ]  # fmt: skip
    rows.sort(key=lambda row: (str(row["start"] or ""), row["identifier"]), reverse=True)
    context: Row = {
        "kind": "activities",
        "coverage": coverage(aid.members, _absent(aid)),
        "activities": rows[:REPORTS],
        "results": _results(aid),
        "count": len(rows),
        "statuses": dict(codelists.names()["ActivityStatus"]),
        "donor_names": aid.donors,
        "sources": _sources(aid),
    }
    return Page("coordinate/activities.html", "coordinate/activities.html", context)


def _results(aid: Aid) -> Row:
    """Indicators of activities of members: how many each reports by year, and those of the last year one by one."""
    heads = aid.activities.select("record", "identifier")
    rows = aid.ledger.table("results").join(heads, on="record", maintain_order="left").filter(
        pl.col("record").is_in(list(aid.places)) & pl.col("end").is_not_null()
    )  # fmt: skip
    if rows.is_empty():
        return {}
    years = pl.col("end").dt.year().alias("year")
    given = (pl.col(name).is_not_null().sum().alias(name) for name in ("baseline", "target", "actual"))
    counts = rows.group_by("identifier", years, maintain_order=True).agg(
        pl.len().alias("rows"), *given, record=pl.first("record")
    )
    last = rows.with_columns(years).filter(pl.col("actual").is_not_null())
    last = last.filter(pl.col("year") == pl.col("year").max().over("record"))
    shown = ("identifier", "year", "title", "indicator", "measure", "ascending", "baseline", "target", "actual")
    newest = counts.sort("year", "identifier", descending=[True, False], maintain_order=True)
    return {
        "counts": [{**row, "members": aid.places[row.pop("record")]} for row in newest.head(CROWDED).to_dicts()],
        "year": last["year"].max(),
        "last": last.filter(pl.col("year") == pl.col("year").max()).select(shown).head(REPORTS).to_dicts(),
        "rows": rows.height,
    }


def _spoken(text: str) -> Row:
    name, what, weight = text.split(" ")
    return {"name": name, "what": what, "weight": float(weight)}


def _flows(aid: Aid) -> Row:
    """How many flows of donors the pack has to be matched, and where they come from."""
    pack = aid.ledger.pack
    if not pack.has("aid_flows"):
        return {}
    entry = next(table for table in pack.sources.table if table.file == "coordinate/aid_flows.csv")
    return {"rows": pack.table("aid_flows").height, "source": f"{entry.provider}, {entry.release}, {entry.licence}"}


def _matches(aid: Aid) -> Page:
    found = [
        {**row, "spoken": [_spoken(one) for one in row["evidence"].split(", ")]}
        for row in aid.ledger.matches().drop("left_key", "right_key").to_dicts()
    ]
    weights = [
        {"evidence": name, "weights": {k: v for k, v in entry.items() if k != "about"}}
        for name, entry in match.weights().items()
        if isinstance(entry, dict) and "about" in entry
    ]
    context: Row = {
        "kind": "matches",
        "coverage": coverage(aid.members, _absent(aid)),
        "matches": found[:REPORTS],
        "count": len(found),
        "states": {
            state: sum(row["state"] == state for row in found) for state in ("proposed", "accepted", "rejected")
        },
        "reporters": _reporters(aid),
        "weights": weights,
        "tested": aid.ledger.match_test(),
        "flows": _flows(aid),
        "decisions": aid.ledger.decisions.table().tail(REPORTS).to_dicts(),
        "donor_names": aid.donors,
    }
    return Page("coordinate/matches.html", "coordinate/matches.html", context)

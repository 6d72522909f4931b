"""What the pages of dependence show, asked of the room once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from serai.errors import InputError
from serai.publish.sections.depend.words import WORDS

if TYPE_CHECKING:
    from serai.depend import Dependence, ScenarioResult

__all__ = ["Gathered", "gather"]

Row = dict[str, Any]
Text = dict[str, str]
OWN_NAMES: dict[str, Text] = {
    "ledger": {"en": "Ledger of this platform", "ru": "Реестр этой платформы"},
    "serai": {"en": "Freight model of this platform", "ru": "Грузовая модель этой платформы"},
}
DRAWS = 1000


@dataclass(frozen=True)
class Gathered:
    """The room and what pages take from it.

    Attributes:
        room: the room.
        languages: languages of the site.
        results: scenarios that could be run, by identifier.
        refused: scenarios that could not, with the reason.
    """

    room: Dependence
    languages: tuple[str, ...]
    results: dict[str, ScenarioResult]
    refused: dict[str, str]

    @cached_property
    def kinds(self) -> dict[str, Row]:
        """Kinds in words."""
        return {
            name: {
                "id": name, "domain": kind.domain, "title": dict(kind.title), "unit": kind.unit,
                "unit_name": dict(kind.unit_name), "in": dict(kind.inward or {}), "out": dict(kind.outward or {}),
                "limits": dict(kind.limits), "source": dict(kind.source), "sides": list(kind.sides),
                "observed": kind.observed, "partial": dict(kind.partial or {}),
                "part": any(name in other.parts for other in self.room.kinds.values()),
            }
            for name, kind in self.room.kinds.items()
        }  # fmt: skip

    @cached_property
    def units(self) -> dict[str, str]:
        """How each unit is written: a word of the section, or the code itself."""
        units = dict.fromkeys(kind.unit for kind in self.room.kinds.values())
        return {unit: f"de:unit:{unit}" if f"de:unit:{unit}" in WORDS else unit for unit in units}

    @cached_property
    def providers(self) -> dict[str, Row]:
        """Names and addresses of providers."""
        own: dict[str, Row] = {name: {"name": text, "url": ""} for name, text in OWN_NAMES.items()}
        if self.room.pack.has("flow_providers"):
            for row in self.room.pack.table("flow_providers").iter_rows(named=True):
                own[row["provider"]] = {"name": {"en": row["name_en"], "ru": row["name_ru"]}, "url": row["url"]}
        return own

    @cached_property
    def bodies(self) -> dict[str, Text]:
        """Names of bodies."""
        if not self.room.pack.has("bodies"):
            return {}
        rows = self.room.pack.table("bodies").iter_rows(named=True)
        return {row["body"]: {"en": row["name_en"], "ru": row["name_ru"]} for row in rows}

    @cached_property
    def blocs(self) -> dict[str, Text]:
        """Names of blocs."""
        if not self.room.pack.has("blocs"):
            return {}
        rows = self.room.pack.table("blocs").iter_rows(named=True)
        return {row["bloc"]: {"en": row["title_en"], "ru": row["title_ru"]} for row in rows}

    @cached_property
    def couplings(self) -> dict[str, Text]:
        """Names of couplings."""
        rows = self.room.couplings.iter_rows(named=True)
        return {row["coupling"]: {"en": row["title_en"], "ru": row["title_ru"]} for row in rows}

    @cached_property
    def latest(self) -> pl.DataFrame:
        """Indices of the latest year."""
        return self.room.latest()

    @cached_property
    def profiles(self) -> dict[str, pl.DataFrame]:
        """Partners of each member in its latest years."""
        return {area: self.room.profile(area) for area in self.room.members}

    @cached_property
    def balance(self) -> pl.DataFrame:
        """Shares of blocs."""
        return self.room.balance()

    @cached_property
    def changes(self) -> pl.DataFrame:
        """Changes of shares."""
        return self.room.changes()

    @cached_property
    def data(self) -> pl.DataFrame:
        """Dependence on data."""
        return self.room.data()

    @cached_property
    def coverage(self) -> pl.DataFrame:
        """Members of each kind."""
        return self.room.coverage()

    @cached_property
    def central(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Who is central, with everything and without each partner."""
        return self.room.centrality(), self.room.robustness()

    @cached_property
    def frames(self) -> dict[str, pl.DataFrame]:
        """Published tables."""
        room = self.room
        scenario = [one.accounts.select(pl.lit(name).alias("scenario"), pl.all()) for name, one in self.results.items()]
        cells = [one.cells.select(pl.lit(name).alias("scenario"), pl.all()) for name, one in self.results.items()]
        frames = {
            "dependence_flows": room.flows.sort(
                "kind", "period", "origin", "destination", "provider", "reported_by", "note"
            ),
            "dependence_partners": room.partners(),
            "dependence_indices": room.indices(),
            "dependence_changes": self.changes,
            "dependence_balance": self.balance,
            "dependence_data": self.data,
            "dependence_coverage": self.coverage,
            "institutions": room.institutions(),
            "institution_pairs": room.uncovered_pairs(),
            "centrality": self.central[0],
            "centrality_without": self.central[1],
        }
        if scenario:
            frames |= {"scenario_accounts": pl.concat(scenario), "scenario_cells": pl.concat(cells)}
        return frames


def gather(room: Dependence, languages: tuple[str, ...]) -> Gathered:
    """Run the scenarios; one that meets no flow is shown with the reason."""
    results, refused = {}, {}
    for name in room.scenarios:
        try:
            results[name] = room.propagate(name, draws=DRAWS)
        except InputError as error:
            refused[name] = str(error)
    return Gathered(room, languages, results, refused)

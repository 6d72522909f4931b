"""What the pages of corridors show, asked of the region once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import median_low
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from serai.corridor import Corridors
    from serai.corridor.calibration import Split

__all__ = ["Gathered"]

Row = dict[str, Any]
Text = dict[str, str]
JOBS = os.cpu_count() or 1
DRAWS, APPRAISED = 50, 20
"""Draws that the ranges of disruptions and of projects rest on: the site is built in seconds, files hold no more."""
ROUTES = 4
"""Cheapest routes shown of a pair that no families join."""


@dataclass(frozen=True)
class Gathered:
    """The freight network and what was asked of it.

    Attributes:
        corridors: the network.
        commodity: class of goods that routes are shown for: the pack's first.
        money: segments with what is held of their money (:meth:`serai.coordinate.Ledger.segments`), if asked.
    """

    corridors: Corridors
    commodity: str
    money: pl.DataFrame | None = None

    @cached_property
    def pack_has(self) -> frozenset[str]:
        """Optional tables the pack holds."""
        names = ("pairs", "demand", "journeys", "prices", "observed", "disputed", "fibre", "projects", "project_costs",
                 "throughputs")  # fmt: skip
        return frozenset(name for name in names if self.corridors.pack.has(name))

    @cached_property
    def places(self) -> dict[str, Row]:
        """Places by identifier."""
        return {row["place"]: row for row in self.corridors.places.iter_rows(named=True)}

    @cached_property
    def bends(self) -> dict[tuple[str, str], list[tuple[float, float]]]:
        """Where ways by ship turn between two places, either way; drawing alone needs it."""
        pack = self.corridors.pack
        found: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for row in pack.table("waypoints").sort("order").to_dicts() if pack.has("waypoints") else ():
            found.setdefault((row["from"], row["to"]), []).append((row["lon"], row["lat"]))
        return found | {(end, start): points[::-1] for (start, end), points in found.items()}

    @cached_property
    def references(self) -> dict[str, Row]:
        """What each source is, and where."""
        table = self.corridors.pack.table("references")
        return {row["source"]: {"text": row["text"], "url": row["url"].split(" ")[0]} for row in table.to_dicts()}

    @cached_property
    def families(self) -> dict[str, Text]:
        """Names of route families."""
        return {
            row["family"]: {"en": row["name_en"], "ru": row["name_ru"]} for row in self.corridors.families.to_dicts()
        }

    @cached_property
    def commodities(self) -> dict[str, Text]:
        """Names of classes of goods."""
        table = self.corridors.pack.table("commodities")
        return {row["commodity"]: {"en": row["name_en"], "ru": row["name_ru"]} for row in table.to_dicts()}

    @cached_property
    def pairs(self) -> list[Row]:
        """Pairs of places that routes are shown between."""
        return self.corridors.pack.table("pairs").to_dicts() if "pairs" in self.pack_has else []

    def routes(self, pair: Row) -> pl.DataFrame:
        """Families side by side, or the cheapest routes, of a pair."""
        if pair["kind"] == "families":
            return self.corridors.compare(pair["from"], pair["to"], commodity=self.commodity)
        return self.corridors.route(pair["from"], pair["to"], k=ROUTES, commodity=self.commodity)

    def passed(self, pair: Row) -> dict[str, list[str]]:
        """Places that each family's route passes, in order."""
        found = {}
        for family in self.families:
            path = self.corridors.family_path(pair["from"], pair["to"], family, commodity=self.commodity)
            if path is not None:
                edges = [self.corridors.net.edges[position] for position in path]
                found[family] = [pair["from"], *(edge.end for edge in edges if edge.kind == "link")]
        return found

    @cached_property
    def disruptions(self) -> dict[str, pl.DataFrame]:
        """What each scenario costs whom."""
        if "demand" not in self.pack_has:
            return {}
        return {name: self.corridors.disrupt(name, draws=DRAWS) for name in self.corridors.scenarios}

    def taking_on(self, scenario: str) -> list[Row]:
        """Segments of which something is to be said of money, and that carry more under a scenario, most first.

        A border and a link count both ways, a port all that is shipped from or to it.
        """
        if self.money is None or self.money.is_empty():
            return []
        flows = self.corridors.disrupted_flows(scenario).with_columns(_ends())
        sums = pl.col("tonnes_before", "tonnes_after").sum()
        between = flows.group_by("kind", "ends", "mode").agg(sums)
        sailing = flows.filter(pl.col("kind") == "sailing")
        shipped = pl.concat(
            sailing.select(pl.col(side).alias("segment"), "tonnes_before", "tonnes_after") for side in ("from", "to")
        )
        ways = self.money.with_columns(_ends()).join(between, on=["kind", "ends", "mode"])
        ports = self.money.filter(pl.col("kind") == "place").join(shipped.group_by("segment").agg(sums), on="segment")
        found = pl.concat([ways, ports], how="diagonal").rename({"tonnes_before": "before", "tonnes_after": "after"})
        more = (pl.col("after") - pl.col("before")).alias("more")
        return (
            found.with_columns(more)
            .filter(pl.col("more") > 1)
            .sort("more", "segment", descending=[True, False])
            .to_dicts()
        )

    def flows(self, scenario: str) -> list[Row]:
        """Tonnes on links before and after, both ways together."""
        table = self.corridors.disrupted_flows(scenario).filter(pl.col("kind") == "link")
        ends = pl.concat_list("from", "to").list.sort()
        return (
            table.select(
                ends.list.first().alias("from"), ends.list.last().alias("to"),
                pl.col("tonnes_before").alias("before"), pl.col("tonnes_after").alias("after"),
            )
            .group_by("from", "to", maintain_order=True)
            .sum()
            .to_dicts()
        )  # fmt: skip

    @cached_property
    def critical(self) -> pl.DataFrame | None:
        """What the loss of each link, border and port costs whom."""
        return self.corridors.criticality(jobs=JOBS) if "demand" in self.pack_has else None

    @cached_property
    def appraised(self) -> pl.DataFrame | None:
        """What projects are worth, to whom."""
        if not {"projects", "demand"} <= self.pack_has:
            return None
        return self.corridors.appraise(draws=APPRAISED, jobs=JOBS)

    @cached_property
    def appraised_cheapest(self) -> pl.DataFrame | None:
        """The same if everyone went the cheapest way; none where that is how goods choose in any case."""
        if self.appraised is None or self.choice == "cheapest":
            return None
        return self.corridors.appraise(choice="cheapest", draws=APPRAISED, jobs=JOBS)

    @cached_property
    def choice(self) -> str:
        """How goods choose their way."""
        return self.corridors.chooses()

    @cached_property
    def constants(self) -> pl.DataFrame | None:
        """What costs do not explain, where something is fitted."""
        return self.corridors.constants() if self.choice == "fitted" and "demand" in self.pack_has else None

    @cached_property
    def split(self) -> Split | None:
        """The fitted split between two routes."""
        return self.corridors.split(commodity=self.commodity) if "observed" in self.pack_has else None

    @cached_property
    def times(self) -> pl.DataFrame | None:
        """Model days against published ones."""
        return self.corridors.residuals(commodity=self.commodity) if "journeys" in self.pack_has else None

    @cached_property
    def prices(self) -> pl.DataFrame | None:
        """Model money against published prices."""
        return self.corridors.prices(commodity=self.commodity) if "prices" in self.pack_has else None

    @cached_property
    def through(self) -> pl.DataFrame | None:
        """What is assigned to points of the network beside what was observed there."""
        return self.corridors.throughput() if {"throughputs", "demand"} <= self.pack_has else None

    @cached_property
    def ages(self) -> Mapping[str, Row]:
        """First, middle (lower median) and last year of the figures behind the model: of demand and of the network.

        Assumptions have no age: their year is the one they were made in.
        """
        tables = {"demand": ("demand",), "network": ("posts", "transfers", "services", "capacities")}
        found = {}
        for part, names in tables.items():
            held = [self.corridors.pack.table(name) for name in names if self.corridors.pack.has(name)]
            dated = [table.filter(pl.col("basis") != "assumed")["year"].drop_nulls() for table in held]
            years = sorted(year for column in dated for year in column)
            if years:
                found[part] = {"first": years[0], "middle": median_low(years), "last": years[-1]}
        return found

    @cached_property
    def influences(self) -> pl.DataFrame | None:
        """What the families of the first pair that has any rest on."""
        pair = next((pair for pair in self.pairs if pair["kind"] == "families"), None)
        if pair is None:
            return None
        return self.corridors.influences(pair["from"], pair["to"], commodity=self.commodity)

    @cached_property
    def shares(self) -> Mapping[str, int]:
        """Numbers by where they come from: how many are sourced, derived and assumed."""
        tables = ("links", "posts", "transfers", "services", "parameters", "commodities")
        held = pl.concat([self.corridors.pack.table(name).select("basis") for name in tables])
        counted = held.group_by("basis").len().sort("basis")
        return dict(counted.iter_rows())


def _ends() -> pl.Expr:
    """Both ends of a step whichever way it leads."""
    return pl.concat_list("from", "to").list.sort().alias("ends")

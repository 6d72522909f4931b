"""Everything the pages show, asked of the region once and sorted by series and area."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Protocol

import polars as pl

from serai.publish.further import Further, further
from serai.publish.names import Names
from serai.publish.sections import Part, Section, Setting, sections_of
from serai.region import Manifest, Sources

__all__ = ["Material", "PackLike", "RegionLike", "gather", "held", "rows_by"]

Row = dict[str, Any]
SAFE_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
"""Series codes that can be an address; others would reach outside the output."""


class PackLike(Protocol):
    """What publishing needs of a pack."""

    @property
    def manifest(self) -> Manifest:
        """Members, languages, map window."""
        ...

    @property
    def sources(self) -> Sources:
        """Where each table comes from."""
        ...

    @property
    def digest(self) -> str:
        """Hash of the pack."""
        ...

    @property
    def geometry(self) -> dict[str, Any]:
        """GeoJSON; each feature has the property ``area``."""
        ...

    def table(self, name: str) -> pl.DataFrame:
        """A table by its name."""
        ...

    def has(self, name: str) -> bool:
        """Whether there is an optional table."""
        ...


class RegionLike(Protocol):
    """What publishing needs of a region (:class:`serai.house.Region` has it)."""

    @property
    def pack(self) -> PackLike:
        """The region as data."""
        ...

    @property
    def members(self) -> tuple[str, ...]:
        """Member areas in order."""
        ...

    def observations(self) -> pl.DataFrame:
        """The observation table of the members, latest releases."""
        ...

    def headline(self) -> pl.DataFrame:
        """The slice of each series that stands for it."""
        ...

    def releases(self) -> pl.DataFrame:
        """One row per provider and release."""
        ...

    def changes(self) -> pl.DataFrame:
        """What changed between the last two releases."""
        ...

    def gone(self) -> pl.DataFrame:
        """Series of earlier releases that the latest lacks."""
        ...

    def progress(self) -> pl.DataFrame:
        """Class of each area and series."""
        ...

    def goals(self) -> pl.DataFrame:
        """Class of each area and goal."""
        ...

    def goals_of(self, judged: pl.DataFrame) -> pl.DataFrame:
        """The same from rows already judged, by every method among them."""
        ...

    def compare_methods(self) -> pl.DataFrame:
        """Each area and series by every method."""
        ...

    def required(self) -> pl.DataFrame:
        """What each target would take."""
        ...

    def peers(self, group: str) -> pl.DataFrame:
        """Rank of each area and series in a group of countries."""
        ...

    def peer_goals(self, group: str) -> pl.DataFrame:
        """Rank of each area and goal in a group of countries."""
        ...

    def programmes(self) -> pl.DataFrame:
        """Targets of programmes of action."""
        ...

    def left_behind(self) -> pl.DataFrame:
        """Groups of people beside their counterparts."""
        ...

    def subnational(self) -> pl.DataFrame:
        """Regions of the members."""
        ...

    def national(self) -> pl.DataFrame:
        """National figures beside international ones, the difference named."""
        ...

    def project(self) -> pl.DataFrame:
        """Projections with their bands."""
        ...


def rows_by(frame: pl.DataFrame, *keys: str) -> dict[Any, list[Row]]:
    """Rows of a frame as mappings, in groups by one or several columns."""
    out: dict[Any, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        key = row[keys[0]] if len(keys) == 1 else tuple(row[name] for name in keys)
        out.setdefault(key, []).append(row)
    return out


@dataclass(frozen=True)
class Material:
    """The frames behind the site, and indexes over them.

    Attributes:
        observations: every slice and provider, members only, latest release.
        headline: the slice that stands for each series, primary provider.
        progress, goals, projections, changes, releases, gone, differences (of national
            figures): as the region gives them.
        further: all methods, what a target would take, peers, groups of people, regions.
        sections, parts: what rooms of the house publish beside the goals, in order.
    """

    pack: PackLike
    members: tuple[str, ...]
    languages: tuple[str, ...]
    names: Names
    observations: pl.DataFrame
    headline: pl.DataFrame
    progress: pl.DataFrame
    goals: pl.DataFrame
    projections: pl.DataFrame
    changes: pl.DataFrame
    releases: pl.DataFrame
    gone: pl.DataFrame
    differences: pl.DataFrame
    further: Further
    sections: tuple[Section, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def manifest(self) -> Manifest:
        """The pack's manifest."""
        return self.pack.manifest

    @cached_property
    def national(self) -> frozenset[str]:
        """Providers that speak for one member."""
        table = self.pack.table("providers")
        return frozenset(table.filter(pl.col("kind") == "national")["provider"])

    @cached_property
    def last_release(self) -> date | None:
        """Date of the primary provider's latest release that covers a member."""
        dates = self.headline["release"].drop_nulls()
        return max(dates) if len(dates) else None

    @cached_property
    def progress_of(self) -> Mapping[tuple[str, str], Row]:
        """Progress row by (series, area)."""
        return {(row["series"], row["area"]): row for row in self.progress.iter_rows(named=True)}

    @cached_property
    def goal_of(self) -> Mapping[tuple[str, str], Row]:
        """Goal row by (goal, area)."""
        return {(str(row["goal"]), row["area"]): row for row in self.goals.iter_rows(named=True)}

    @cached_property
    def headline_of(self) -> Mapping[str, list[Row]]:
        """Headline observations by series, each by area and period."""
        return rows_by(self.headline.sort("series", "area", "period"), "series")

    @cached_property
    def projection_of(self) -> Mapping[str, list[Row]]:
        """Projections by series."""
        if self.projections.is_empty():
            return {}
        return rows_by(self.projections.sort("series", "area", "period"), "series")

    @cached_property
    def indicators_of(self) -> Mapping[str, list[Row]]:
        """Indicators (with target and goal) by series, in official order."""
        frame = self.pack.table("series_indicators")
        return {
            code: sorted(rows, key=lambda row: official(row["indicator"]))
            for code, rows in rows_by(frame, "series").items()
        }

    @cached_property
    def difference_of(self) -> Mapping[tuple[str, str, str, int], Row]:
        """Kind of difference of each national figure of a headline slice, by series, area, provider and year."""
        headline = self.pack.table("headline").select("series", pl.col("dimensions").fill_null(""))
        frame = self.differences.join(headline, on=["series", "dimensions"], how="semi")
        return {
            (row["series"], row["area"], row["provider"], row["period"]): row for row in frame.iter_rows(named=True)
        }

    @cached_property
    def gone_of(self) -> Mapping[str, list[Row]]:
        """For each indicator: its series that earlier releases had and the latest has not, with their last release."""
        links = self.pack.table("series_indicators").select("series", "indicator")
        return rows_by(self.gone.join(links, on="series").sort("indicator", "series"), "indicator")

    @cached_property
    def slices_of(self) -> Mapping[str, list[Row]]:
        """For each series: its slices by provider, with members, last year and number of figures."""
        frame = (
            self.observations.group_by("series", "provider", "dimensions")
            .agg(
                pl.col("area").unique().sort().alias("areas"),
                pl.col("period").min().alias("first"),
                pl.col("period").max().alias("last"),
                pl.len().alias("figures"),
            )
            .sort("series", "provider", "dimensions")
        )
        return rows_by(frame, "series")

    @cached_property
    def national_of(self) -> Mapping[str, list[Row]]:
        """National providers' figures of the headline slice, by series."""
        headline = self.pack.table("headline").select("series", pl.col("dimensions").fill_null(""))
        frame = self.observations.filter(pl.col("provider").is_in(sorted(self.national)))
        frame = frame.join(headline, on=["series", "dimensions"], how="semi")
        return rows_by(frame.sort("series", "area", "provider", "period"), "series")

    @cached_property
    def rule_of(self) -> Mapping[str, Row]:
        """The reviewed rule of each series, with the official wording of its indicator's value for the last year."""
        texts = dict(self.pack.table("indicator_targets").select("indicator", "text").iter_rows())
        rows = self.pack.table("rules").iter_rows(named=True)
        return {row["series"]: {**row, "wording": texts.get(row["indicator"] or "")} for row in rows}

    @cached_property
    def slice_of(self) -> Mapping[str, Row]:
        """The slice that stands for each series, and why."""
        table = self.pack.table("headline").with_columns(pl.col("dimensions").fill_null(""))
        return {row["series"]: row for row in table.iter_rows(named=True)}

    @cached_property
    def about(self) -> Mapping[str, Row]:
        """The pack's row on each series."""
        return {row["series"]: row for row in self.pack.table("series").iter_rows(named=True)}

    @cached_property
    def changes_of(self) -> Mapping[str, dict[str, int]]:
        """How many figures of each series were added, revised and withdrawn."""
        if self.changes.is_empty():
            return {}
        counts = self.changes.group_by("series", "change").agg(pl.len().alias("figures")).sort("series", "change")
        return {
            code: {row["change"]: row["figures"] for row in rows} for code, rows in rows_by(counts, "series").items()
        }

    @cached_property
    def former_codes(self) -> Mapping[str, list[str]]:
        """Codes that a series had in earlier releases."""
        aliases = rows_by(self.pack.table("aliases").sort("old"), "new")
        return {code: [row["old"] for row in rows] for code, rows in aliases.items()}

    @cached_property
    def latest(self) -> Mapping[tuple[str, str], Row]:
        """The latest headline observation that has a value, by (series, area)."""
        return {
            (row["series"], row["area"]): row
            for rows in self.headline_of.values()
            for row in rows
            if row["value"] is not None
        }

    @cached_property
    def series(self) -> list[str]:
        """Every series with a figure of a member, in the order of its indicator, then by code."""
        known = set(self.pack.table("series")["series"])
        found = [code for code in self.slices_of if code in known and SAFE_NAME.match(code)]
        return sorted(found, key=lambda code: (self.place(code), code))

    @cached_property
    def series_set(self) -> frozenset[str]:
        """The same, to look a series up."""
        return frozenset(self.series)

    @cached_property
    def iso2(self) -> Mapping[str, str]:
        """Two-letter codes of countries, for names the pack does not have."""
        return dict(self.pack.table("areas").select("area", "iso2").iter_rows())

    def place(self, series: str) -> tuple[tuple[int, str], ...]:
        """Where a series stands in the official list; those outside it come last."""
        rows = self.indicators_of.get(series)
        return official(rows[0]["indicator"]) if rows else ((99, ""),)

    def why_missing(self, series: str, area: str) -> str:
        """Why a member has no headline figure of a series, as a message."""
        rows = [row for row in self.headline_of.get(series, ()) if row["area"] == area]
        statuses = {row["status"] for row in rows}
        if "withheld" in statuses:
            return "withheld"
        if "embargoed" in statuses:
            return "under embargo"
        if "not_applicable" in statuses:
            return "not applicable"
        if any(area in row["areas"] for row in self.slices_of.get(series, ())):
            return "figures only for other breakdowns or from other providers"
        return "no figure in this release"


def official(code: str) -> tuple[tuple[int, str], ...]:
    """Sort key of a goal, target or indicator number: 1.2 before 1.10, letters after numbers."""
    return tuple((int(part), "") if part.isdigit() else (50, part) for part in code.split("."))


def finite(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with empty cells in place of infinite and undefined numbers, which no page and no JSON can show."""
    return frame.with_columns(
        pl.when(pl.selectors.float().is_finite()).then(pl.selectors.float()).otherwise(None).name.keep()
    )


def held(releases: pl.DataFrame) -> pl.DataFrame:
    """The releases without what differs between two stores of the same figures (when they were read in)."""
    wanted = ("provider", "release", "areas", "rows", "digests")
    return releases.select(name for name in wanted if name in releases.columns)


def gather(region: RegionLike, languages: Sequence[str]) -> Material:
    """Ask the region for everything the pages show."""
    members = tuple(region.members)
    names = Names(region.pack, languages)
    chosen = sections_of(region.pack)
    setting = Setting(region.pack, members, tuple(languages), names)

    def ours(frame: pl.DataFrame) -> pl.DataFrame:
        return finite(frame).filter(pl.col("area").is_in(members))

    return Material(
        pack=region.pack,
        members=members,
        languages=tuple(languages),
        names=names,
        observations=ours(region.observations()),
        headline=ours(region.headline()),
        progress=ours(region.progress()),
        goals=ours(region.goals()),
        projections=finite(region.project()),
        changes=finite(region.changes()),
        releases=held(region.releases()),
        gone=region.gone(),
        differences=region.national(),
        further=further(region, finite),
        sections=chosen,
        parts=tuple(section.make(region, setting) for section in chosen),
    )

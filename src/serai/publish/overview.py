"""The region in one screen: country by goal, what is on track, how many indicators have data, how old the data are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from serai.errors import InputError
from serai.publish.brief_facts import GOALS, middle, standing
from serai.publish.palette import CLASSES, NO_CLASS, ClassMark

__all__ = ["Overview", "OverviewRow", "overview", "read_overview"]


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One country.

    Attributes:
        area, name: code and everyday name.
        marks: mark of the class of each goal, in order.
        on_track: goals whose target is achieved or that are on track.
        indicators, with_data: official indicators, and those with a figure.
        median_year: half of the latest figures are of this year or older; none without figures.
    """

    area: str
    name: str
    marks: tuple[ClassMark, ...]
    on_track: int
    indicators: int
    with_data: int
    median_year: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """All countries, and the release they are seen at."""

    rows: tuple[OverviewRow, ...]
    release: date | None

    def age(self, row: OverviewRow) -> int | None:
        """Years from the median latest figure to the release."""
        return None if self.release is None or row.median_year is None else self.release.year - row.median_year


def overview(goals: pl.DataFrame, progress: pl.DataFrame, members: Sequence[str], names: Mapping[str, str]) -> Overview:
    """The overview from the tables of goals and of progress.

    Args:
        goals: one row an area and goal: ``area, goal, class, indicators, indicators_with_data``.
        progress: one row an area and series: ``area, latest_year, release``.
        members: which areas, in order.
        names: name of an area by its code; the code where it has none.
    """
    release = progress["release"].max() if progress.height else None
    rows = tuple(_row(goals, progress, area, names.get(area, area)) for area in members)
    return Overview(rows, release if isinstance(release, date) else None)


def _row(goals: pl.DataFrame, progress: pl.DataFrame, area: str, name: str) -> OverviewRow:
    mine = {str(row["goal"]): row for row in goals.filter(pl.col("area") == area).iter_rows(named=True)}
    years = progress.filter(pl.col("area") == area)["latest_year"].drop_nulls().to_list()
    found = [mine.get(goal, {}) for goal in GOALS]
    return OverviewRow(
        area=area,
        name=name,
        marks=tuple(CLASSES.get(row.get("class") or "", NO_CLASS) for row in found),
        on_track=sum(standing(row.get("class")) == "on_track" for row in found),
        indicators=sum(row.get("indicators") or 0 for row in found),
        with_data=sum(row.get("indicators_with_data") or 0 for row in found),
        median_year=middle(years),
    )


def read_overview(data: Path, members: Sequence[str], names: Mapping[str, str]) -> Overview:
    """The overview of the tables that were written beside a site.

    Raises:
        InputError: the tables are not there or cannot be read.
    """
    try:
        goals, progress = (pl.read_parquet(data / f"{name}.parquet") for name in ("goals", "progress"))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"{data}: the tables behind the site cannot be read ({error}); build it again") from error
    return overview(goals, progress, members, names)

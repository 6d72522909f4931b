"""The tables of a pack: which columns each has, of what type, and what a cell may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

Kind = Literal["str", "int", "float", "bool", "date"]

DTYPES: Mapping[Kind, pl.DataType] = {
    "str": pl.String(),
    "int": pl.Int64(),
    "float": pl.Float64(),
    "bool": pl.Boolean(),
    "date": pl.Date(),
}

NATURES = ("", "C", "CA", "E", "M", "G", "N")
BOUNDS = ("", ">", "<")
STATUSES = ("published", "provisional", "not_applicable", "withheld", "embargoed")
PERIODS = (1900, 2100)
"""Years an observation may speak of: what was measured, and projections that providers publish as data."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type and what its cells may hold."""

    name: str
    kind: Kind = "str"
    required: bool = False
    """Empty cells are refused."""
    choices: tuple[str, ...] = ()
    pattern: str = ""
    refers: str = ""
    """``table.column`` that must hold the value."""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV table of a pack."""

    name: str
    file: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    optional: bool = False
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(column.name for column in self.columns))

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column names and polars types, in order."""
        return {column.name: DTYPES[column.kind] for column in self.columns}


def _need(name: str, refers: str = "", **limits: object) -> Column:
    return Column(name, required=True, refers=refers, **limits)  # type: ignore[arg-type]


_LANGUAGE = _need("language", pattern=r"^[a-z]{2,3}$")
_GOAL = r"^(1[0-7]|[1-9])$"
_TARGET = r"^(1[0-7]|[1-9])\.([0-9]{1,2}|[a-z])$"
_INDICATOR = r"^(1[0-7]|[1-9])\.([0-9]{1,2}|[a-z])\.[0-9]{1,2}$"

TABLES: tuple[Table, ...] = (
    Table(
        "providers",
        "providers.csv",
        (
            _need("provider", pattern=r"^[a-z][a-z0-9_]*$"),
            _need("name_en"),
            _need("name_ru"),
            _need("kind", choices=("international", "national")),
            Column("area", refers="areas.area"),
            Column("url"),
        ),
        ("provider",),
    ),
    Table(
        "areas",
        "areas.csv",
        (
            _need("area", pattern=r"^([A-Z]{3}|M49:[0-9]{1,5}|[A-Z]{3}-[A-Za-z0-9_.-]+|[a-z][a-z0-9_]*)$"),
            Column("m49", "int", low=0, high=99999),
            Column("iso2"),
            _need("kind", choices=("country", "group", "region")),
            Column("parent"),
            _need("name"),
        ),
        ("area",),
    ),
    Table(
        "names",
        "names.csv",
        (_need("area"), _LANGUAGE, _need("name"), _need("short"), _need("source")),
        ("area", "language"),
    ),
    Table("groups", "groups.csv", (_need("group"), _need("area", "areas.area"), Column("since")), ("group", "area")),
    Table(
        "series",
        "series.csv",
        (
            _need("series"),
            _need("title"),
            Column("title_ru"),
            Column("unit", refers="units.unit"),
            Column("source_en"),
            Column("source_ru"),
        ),
        ("series",),
    ),
    Table(
        "series_indicators",
        "series_indicators.csv",
        (
            _need("series", "series.series"),
            _need("indicator", "indicators.indicator"),
            _need("target", pattern=_TARGET),
            _need("goal", pattern=_GOAL),
        ),
        ("series", "indicator"),
    ),
    Table(
        "dimensions",
        "dimensions.csv",
        (
            _need("dimension"),
            _need("source_dimension"),
            Column("code"),
            _need("source_code"),
            _need("name"),
            Column("total", "bool", required=True),
        ),
        ("source_dimension", "source_code"),
    ),
    Table("units", "units.csv", (_need("unit"), _need("name_en"), _need("name_ru")), ("unit",)),
    Table(
        "goals",
        "sdg/goals.csv",
        (_need("goal", pattern=_GOAL), _LANGUAGE, _need("short"), _need("title")),
        ("goal", "language"),
    ),
    Table(
        "targets",
        "sdg/targets.csv",
        (_need("target", pattern=_TARGET), _need("goal", pattern=_GOAL), _LANGUAGE, _need("title")),
        ("target", "language"),
    ),
    Table(
        "indicators",
        "sdg/indicators.csv",
        (
            _need("indicator", pattern=_INDICATOR),
            _need("target", pattern=_TARGET),
            _need("goal", pattern=_GOAL),
            _LANGUAGE,
            _need("title"),
        ),
        ("indicator", "language"),
    ),
    Table(
        "indicator_targets",
        "sdg/indicator_targets.csv",
        (_need("indicator", pattern=_INDICATOR), _need("text"), _need("source")),
        ("indicator",),
    ),
    Table(
        "population",
        "population.csv",
        (
            _need("area", "areas.area"),
            Column("year", "int", required=True, low=PERIODS[0], high=PERIODS[1]),
            Column("population", "float", required=True, low=0),
        ),
        ("area", "year"),
        optional=True,
    ),
    Table(
        "programme_targets",
        "reviewed/programme_targets.csv",
        (
            _need("programme"),
            _need("id"),
            Column("priority"),
            _need("kind", choices=("priority", "target", "milestone")),
            _need("title_en"),
            Column("title_ru"),
            Column("group", refers="groups.group"),
            Column("area", refers="areas.area"),
            Column("factor", "float", low=0),
            Column("deadline", "int", low=PERIODS[0], high=PERIODS[1]),
            Column("series", refers="series.series"),
            Column("reading", choices=("level", "share", "rate")),
            Column("reason"),
            _need("source"),
            Column("note"),
        ),
        ("programme", "id"),
        optional=True,
    ),
    Table(
        "rules",
        "reviewed/rules.csv",
        (
            _need("series", "series.series"),
            _need("status", choices=("rule", "no_rule")),
            Column("direction", "int", low=-1, high=1),
            Column("target_type", choices=("", "absolute", "factor")),
            Column("target", "float"),
            Column("parity", "bool", required=True),
            Column("lower_limit", "float"),
            Column("upper_limit", "float"),
            Column("unit", refers="units.unit"),
            Column("indicator"),
            _need("source"),
            _need("reason"),
        ),
        ("series",),
    ),
    Table(
        "headline",
        "reviewed/headline.csv",
        (
            _need("series", "series.series"),
            Column("dimensions"),
            _need("kind", choices=("all_total", "standing_slice", "none")),
            _need("reason"),
        ),
        ("series",),
    ),
    Table(
        "aliases",
        "reviewed/aliases.csv",
        (_need("old"), _need("new"), Column("release", "date"), _need("kind"), _need("reason")),
        ("old", "new"),
    ),
    Table(
        "unit_changes",
        "reviewed/unit_changes.csv",
        (
            _need("series", "series.series"),
            _need("old_unit"),
            _need("new_unit"),
            Column("release", "date", required=True),
            Column("factor", "float"),
            _need("reason"),
        ),
        ("series", "old_unit", "new_unit", "release"),
    ),
)

OBSERVATION_RUNS: Mapping[str, pl.DataType] = {
    "series": pl.String(),
    "area": pl.String(),
    "period": pl.Int32(),
    "dimensions": pl.String(),
    "value": pl.Float64(),
    "bound": pl.String(),
    "unit": pl.String(),
    "nature": pl.String(),
    "status": pl.String(),
    "note": pl.String(),
    "provider": pl.String(),
    "release_from": pl.Date(),
    "release_to": pl.Date(),
}
"""Columns of a run table: an observation and the unbroken run of releases that carried it."""

RUN_KEY = ("provider", "series", "area", "period", "dimensions", "release_from")

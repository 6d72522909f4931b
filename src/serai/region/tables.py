"""The tables of a pack: which columns each has, of what type, and what a cell may hold."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from serai.region.columns import DTYPES, Column, Kind, Table, need
from serai.region.tables_activities import ACTIVITY_TABLES
from serai.region.tables_coordinate import COORDINATE_TABLES
from serai.region.tables_corridor import CORRIDOR_TABLES
from serai.region.tables_depend import DEPEND_TABLES
from serai.region.tables_freight import FREIGHT_TABLES
from serai.region.tables_plan import PLAN_TABLES

__all__ = [
    "BOUNDS",
    "DTYPES",
    "NATURES",
    "OBSERVATION_RUNS",
    "PERIODS",
    "RUN_KEY",
    "STATUSES",
    "TABLES",
    "Column",
    "Kind",
    "Table",
]

NATURES = ("", "C", "CA", "E", "M", "G", "N")
BOUNDS = ("", ">", "<")
STATUSES = ("published", "provisional", "not_applicable", "withheld", "embargoed")
PERIODS = (1900, 2100)
"""Years an observation may speak of: what was measured, and projections that providers publish as data."""

_LANGUAGE = need("language", pattern=r"^[a-z]{2,3}$")
_GOAL = r"^(1[0-7]|[1-9])$"
_TARGET = r"^(1[0-7]|[1-9])\.([0-9]{1,2}|[a-z])$"
_INDICATOR = r"^(1[0-7]|[1-9])\.([0-9]{1,2}|[a-z])\.[0-9]{1,2}$"

TABLES: tuple[Table, ...] = (
    Table(
        "providers",
        "providers.csv",
        (
            need("provider", pattern=r"^[a-z][a-z0-9_]*$"),
            need("name_en"),
            need("name_ru"),
            need("kind", choices=("international", "national")),
            Column("area", refers="areas.area"),
            Column("url"),
        ),
        ("provider",),
    ),
    Table(
        "areas",
        "areas.csv",
        (
            need("area", pattern=r"^([A-Z]{3}|M49:[0-9]{1,5}|[A-Z]{3}-[A-Za-z0-9_.-]+|[a-z][a-z0-9_]*)$"),
            Column("m49", "int", low=0, high=99999),
            Column("iso2"),
            need("kind", choices=("country", "group", "region")),
            Column("parent"),
            need("name"),
        ),
        ("area",),
    ),
    Table(
        "names",
        "names.csv",
        (need("area"), _LANGUAGE, need("name"), need("short"), need("source")),
        ("area", "language"),
    ),
    Table("groups", "groups.csv", (need("group"), need("area", "areas.area"), Column("since")), ("group", "area")),
    Table(
        "series",
        "series.csv",
        (
            need("series"),
            need("title"),
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
            need("series", "series.series"),
            need("indicator", "indicators.indicator"),
            need("target", pattern=_TARGET),
            need("goal", pattern=_GOAL),
        ),
        ("series", "indicator"),
    ),
    Table(
        "dimensions",
        "dimensions.csv",
        (
            need("dimension"),
            need("source_dimension"),
            Column("code"),
            need("source_code"),
            need("name"),
            Column("total", "bool", required=True),
        ),
        ("source_dimension", "source_code"),
    ),
    Table("units", "units.csv", (need("unit"), need("name_en"), need("name_ru")), ("unit",)),
    Table(
        "goals",
        "sdg/goals.csv",
        (need("goal", pattern=_GOAL), _LANGUAGE, need("short"), need("title")),
        ("goal", "language"),
    ),
    Table(
        "targets",
        "sdg/targets.csv",
        (need("target", pattern=_TARGET), need("goal", pattern=_GOAL), _LANGUAGE, need("title")),
        ("target", "language"),
    ),
    Table(
        "indicators",
        "sdg/indicators.csv",
        (
            need("indicator", pattern=_INDICATOR),
            need("target", pattern=_TARGET),
            need("goal", pattern=_GOAL),
            _LANGUAGE,
            need("title"),
        ),
        ("indicator", "language"),
    ),
    Table(
        "indicator_targets",
        "sdg/indicator_targets.csv",
        (need("indicator", pattern=_INDICATOR), need("text"), need("source")),
        ("indicator",),
    ),
    Table(
        "population",
        "population.csv",
        (
            need("area", "areas.area"),
            Column("year", "int", required=True, low=PERIODS[0], high=PERIODS[1]),
            Column("population", "float", required=True, low=0),
        ),
        ("area", "year"),
        optional=True,
    ),
    Table(
        "words",
        "reviewed/words.csv",
        (need("text"), _LANGUAGE, need("wording")),
        ("text", "language"),
        optional=True,
    ),
    Table(
        "programme_targets",
        "reviewed/programme_targets.csv",
        (
            need("programme"),
            need("id"),
            Column("priority"),
            need("kind", choices=("priority", "target", "milestone")),
            need("title_en"),
            Column("title_ru"),
            Column("group", refers="groups.group"),
            Column("area", refers="areas.area"),
            Column("factor", "float", low=0),
            Column("deadline", "int", low=PERIODS[0], high=PERIODS[1]),
            Column("series", refers="series.series"),
            Column("reading", choices=("level", "share", "rate")),
            Column("reason"),
            need("source"),
            Column("note"),
        ),
        ("programme", "id"),
        optional=True,
    ),
    Table(
        "rules",
        "reviewed/rules.csv",
        (
            need("series", "series.series"),
            need("status", choices=("rule", "rate", "no_rule")),
            Column("direction", "int", low=-1, high=1),
            Column("target_type", choices=("", "absolute", "factor")),
            Column("target", "float"),
            Column("parity", "bool", required=True),
            Column("lower_limit", "float"),
            Column("upper_limit", "float"),
            Column("unit", refers="units.unit"),
            Column("indicator"),
            need("source"),
            need("reason"),
        ),
        ("series",),
    ),
    Table(
        "headline",
        "reviewed/headline.csv",
        (
            need("series", "series.series"),
            Column("dimensions"),
            need("kind", choices=("all_total", "standing_slice", "none")),
            need("reason"),
        ),
        ("series",),
    ),
    Table(
        "aliases",
        "reviewed/aliases.csv",
        (need("old"), need("new"), Column("release", "date"), need("kind"), need("reason")),
        ("old", "new"),
    ),
    Table(
        "unit_changes",
        "reviewed/unit_changes.csv",
        (
            need("series", "series.series"),
            need("old_unit"),
            need("new_unit"),
            Column("release", "date", required=True),
            Column("factor", "float"),
            need("reason"),
        ),
        ("series", "old_unit", "new_unit", "release"),
    ),
    *CORRIDOR_TABLES,
    *COORDINATE_TABLES,
    *DEPEND_TABLES,
    *FREIGHT_TABLES,
    *PLAN_TABLES,
    *ACTIVITY_TABLES,
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

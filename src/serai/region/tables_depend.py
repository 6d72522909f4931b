"""The tables of a pack's flows between countries (``depend/``); all optional.

A flow without a value is missing, which is not zero. What a kind of flow is stands in ``depend/kinds.toml``, what may
happen to it in ``depend/scenarios.toml``: see :mod:`serai.region.flow_kinds`.
"""

from __future__ import annotations

from serai.region.columns import Column, Table, need

_ID = r"^[a-z][a-z0-9_]*$"
NATURES = ("", "C", "CA", "E", "M", "G", "N")
_AREA = need("area", "areas.area")


def _number(name: str, *, required: bool = False, low: float | None = None, high: float | None = None) -> Column:
    return Column(name, "float", required=required, low=low, high=high)


def _year(*, required: bool = True) -> Column:
    return Column("period", "int", required=required, low=1900, high=2100)


DEPEND_TABLES: tuple[Table, ...] = (
    Table(
        "flow_providers",
        "depend/providers.csv",
        (
            need("provider", pattern=_ID),
            need("name_en"),
            need("name_ru"),
            need("text"),
            Column("url"),
            need("licence"),
        ),
        ("provider",),
        optional=True,
    ),
    Table(
        "flows",
        "depend/flows.csv",
        (
            need("kind", pattern=_ID),
            need("origin"),
            need("destination"),
            _year(),
            _number("value"),
            need("unit"),
            need("provider", "flow_providers.provider"),
            Column("nature", choices=NATURES),
            Column("reported_by", refers="areas.area"),
            Column("note"),
        ),
        ("kind", "origin", "destination", "period", "provider", "reported_by", "note"),
        optional=True,
    ),
    Table(
        "flow_codes",
        "depend/codes.csv",
        (need("source", pattern=_ID), need("code"), Column("area", refers="areas.area")),
        ("source", "code"),
        optional=True,
    ),
    Table(
        "blocs",
        "depend/blocs.csv",
        (need("bloc", pattern=_ID), need("title_en"), need("title_ru"), need("source")),
        ("bloc",),
        optional=True,
    ),
    Table(
        "bloc_areas",
        "depend/bloc_areas.csv",
        (need("bloc", "blocs.bloc"), _AREA),
        ("area",),
        optional=True,
    ),
    Table(
        "couplings",
        "depend/couplings.csv",
        (
            need("coupling", pattern=_ID),
            need("title_en"),
            need("title_ru"),
            need("from_kind", pattern=_ID),
            need("from_side", choices=("in", "out")),
            need("to_kind", pattern=_ID),
            need("to_side", choices=("in", "out")),
            need("measure", choices=("amount", "share")),
            _number("low", required=True),
            _number("value", required=True),
            _number("high", required=True),
            Column("unit"),
            Column("area", refers="areas.area"),
            need("basis", choices=("sourced", "derived", "assumed")),
            need("reason"),
            Column("reason_ru"),
        ),
        ("coupling",),
        optional=True,
    ),
    Table(
        "flow_facts",
        "depend/facts.csv",
        (
            need("fact", pattern=_ID),
            need("domain", pattern=_ID),
            need("topic", pattern=_ID),
            Column("area", refers="areas.area"),
            Column("partner", refers="areas.area"),
            need("subject"),
            need("period"),
            _number("value"),
            _number("low"),
            _number("high"),
            need("unit"),
            need("provider", "flow_providers.provider"),
            Column("note"),
        ),
        ("fact",),
        optional=True,
    ),
    Table(
        "resources",
        "depend/resources.csv",
        (
            need("resource", pattern=_ID),
            need("type", choices=("basin", "corridor", "grid", "pipeline")),
            need("title_en"),
            need("title_ru"),
            Column("unit"),
            need("source"),
            Column("note"),
        ),
        ("resource",),
        optional=True,
    ),
    Table(
        "resource_areas",
        "depend/resource_areas.csv",
        (
            need("resource", "resources.resource"),
            _AREA,
            need("role", choices=("contributes", "uses", "crosses", "planned")),
            _number("value", low=0),
            Column("position", "int", low=1),
            need("source"),
            Column("note"),
        ),
        ("resource", "area", "role"),
        optional=True,
    ),
    Table(
        "resource_bodies",
        "depend/resource_bodies.csv",
        (
            need("resource", "resources.resource"),
            need("body", "bodies.body"),
            need("function", choices=("allocation", "coordination", "operation", "financing")),
            need("source"),
            Column("note"),
        ),
        ("resource", "body", "function"),
        optional=True,
    ),
)

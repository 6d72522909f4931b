"""The tables of what a pack's freight network carries, and of what may be built on it (``corridor/``); all optional."""

from __future__ import annotations

from serai.region.columns import Column, Table, need
from serai.region.tables_corridor import AREA, BASES, GAUGES, MODES, STATUSES

_ID = r"^[a-z][a-z0-9_]*$"
KINDS = ("link", "border", "transfer", "sailing")
UNITS = ("kt",)
ROLES = ("fitted", "checked")
"""Whether a constant is fitted to a throughput, or it is only compared."""
EFFECTS = ("capacity", "opens", "hours", "speed", "deepens")
"""What a project may do: see docs/freight.md."""


def _number(name: str, *, required: bool = True, low: float | None = 0) -> Column:
    return Column(name, "float", required=required, low=low)


def _origin() -> tuple[Column, ...]:
    return (
        need("basis", choices=BASES),
        need("source", "references.source"),
        Column("year", "int", low=1900, high=2100),
        Column("reason"),
    )


FREIGHT_TABLES: tuple[Table, ...] = (
    Table(
        "demand",
        "corridor/demand.csv",
        (
            need("from", "places.place"),
            need("to", "places.place"),
            need("commodity", "commodities.commodity"),
            *(_number(name) for name in ("value", "low", "high")),
            need("unit", choices=UNITS),
            need("basis", choices=("derived",)),
            need("source", "references.source"),
            Column("year", "int", required=True, low=1900, high=2100),
            Column("reason"),
        ),
        ("from", "to", "commodity", "source"),
        optional=True,
    ),
    Table(
        "unit_values",
        "corridor/unit_values.csv",
        (
            need("goods", pattern=_ID),
            need("section"),
            Column("exporter", pattern=AREA),
            Column("importers"),
            Column("commodity", refers="commodities.commodity"),
            *(_number(name, required=False) for name in ("share", "share_low", "share_high")),
            *(_number(name, required=False) for name in ("usd_per_t", "usd_low", "usd_high")),
            *_origin(),
        ),
        ("section", "exporter", "importers", "commodity"),
        optional=True,
    ),
    Table(
        "demand_places",
        "corridor/demand_places.csv",
        (
            need("area", pattern=AREA),
            Column("commodity", refers="commodities.commodity"),
            Column("direction", choices=("", "export", "import")),
            need("place", "places.place"),
            _number("share"),
            need("reason"),
            need("basis", choices=BASES),
            need("source", "references.source"),
        ),
        ("area", "commodity", "direction", "place"),
        optional=True,
    ),
    Table(
        "capacities",
        "corridor/capacities.csv",
        (
            need("facility", pattern=_ID),
            need("kind", choices=KINDS),
            need("from", "places.place"),
            need("to", "places.place"),
            need("mode", choices=MODES),
            Column("gauge", choices=GAUGES),
            *(_number(name) for name in ("capacity", "capacity_low", "capacity_high")),
            *_origin(),
        ),
        ("facility", "from", "to", "mode", "gauge"),
        optional=True,
    ),
    Table(
        "throughputs",
        "corridor/throughputs.csv",
        (
            need("point", pattern=_ID),
            need("title_en"),
            need("title_ru"),
            need("kind", choices=KINDS),
            need("from", "places.place"),
            need("to", "places.place"),
            need("mode", choices=MODES),
            Column("observed", "float", required=True, low=1e-9),
            need("role", choices=ROLES),
            *_origin(),
        ),
        ("point", "year", "from", "to", "mode"),
        optional=True,
    ),
    Table(
        "projects",
        "corridor/projects.csv",
        (
            need("project", pattern=_ID),
            need("name_en"),
            need("name_ru"),
            need("status", choices=STATUSES),
            Column("start", "int", low=1900, high=2100),
            Column("areas"),
            Column("note"),
        ),
        ("project",),
        optional=True,
    ),
    Table(
        "project_effects",
        "corridor/project_effects.csv",
        (
            need("project", "projects.project"),
            need("effect", choices=EFFECTS),
            Column("facility"),
            Column("from", refers="places.place"),
            Column("to", refers="places.place"),
            Column("mode", choices=("", *MODES)),
            Column("gauge", choices=GAUGES),
            Column("areas"),
            *(_number(name) for name in ("without", "with", "with_low", "with_high")),
            need("unit"),
            *_origin(),
        ),
        ("project", "effect", "facility", "from", "to", "mode", "gauge", "areas"),
        optional=True,
    ),
    Table(
        "project_costs",
        "corridor/project_costs.csv",
        (
            need("project", "projects.project"),
            Column("area", refers="areas.area"),
            Column("payer"),
            *(_number(name) for name in ("cost", "cost_low", "cost_high")),
            need("unit", choices=("USD m",)),
            *_origin(),
        ),
        ("project", "area", "payer"),
        optional=True,
    ),
)

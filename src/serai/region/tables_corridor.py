"""The tables of a pack's freight network (``corridor/``); all optional, but a network needs those marked as its core.

Every number stands with its basis (``sourced``, ``derived`` or ``assumed``), source and year; where it is assumed, the
row says why.
"""

from __future__ import annotations

from serai.region.columns import Column, Table, need

MODES = ("rail", "road", "ferry", "sea")
GAUGES = ("", "1000", "1067", "1435", "1520", "1676")
BASES = ("sourced", "derived", "assumed")
STATUSES = ("open", "building", "planned", "closed")
SERVICES = ("train", "wagonload")
"""How goods go by rail: in trains of their own that nothing is shunted from, or in wagons that yards sort."""
MOVED = (*SERVICES, "truck", "ship")
KINDS = ("average", "statement", "run", "record", "plan", "range")
AREA = r"^[A-Z]{3}$"
CORE = ("places", "links", "borders", "transfers", "services", "parameters", "commodities", "contiguity", "references")
"""Tables without which there is no network."""

_ID = r"^[a-z][a-z0-9_]*$"


def _place(name: str) -> Column:
    return need(name, "places.place")


def _number(name: str, *, required: bool = False, low: float | None = 0, high: float | None = None) -> Column:
    return Column(name, "float", required=required, low=low, high=high)


def _range(name: str, *, required: bool = False, low: float | None = 0) -> tuple[Column, Column, Column]:
    return tuple(_number(part, required=required, low=low) for part in (name, f"{name}_low", f"{name}_high"))  # type: ignore[return-value]


def _origin(*, year: bool = True) -> tuple[Column, ...]:
    columns = (need("basis", choices=BASES), need("source", "references.source"))
    return (*columns, Column("year", "int", low=1900, high=2100)) if year else columns


_MODE, _GAUGE = need("mode", choices=MODES), Column("gauge", choices=GAUGES)

CORRIDOR_TABLES: tuple[Table, ...] = (
    Table(
        "references",
        "corridor/references.csv",
        (need("source", pattern=_ID), need("text"), Column("url")),
        ("source",),
        optional=True,
    ),
    Table(
        "places",
        "corridor/places.csv",
        (
            need("place", pattern=_ID),
            need("name_en"),
            need("name_ru"),
            need("area", "areas.area", pattern=AREA),
            need("type", choices=("city", "station", "junction", "border", "port", "waypoint")),
            _number("lon", required=True, low=-180, high=180),
            _number("lat", required=True, low=-90, high=90),
            *_origin(year=False),
            Column("note"),
        ),
        ("place",),
        optional=True,
    ),
    Table(
        "links",
        "corridor/links.csv",
        (
            _place("from"),
            _place("to"),
            _MODE,
            _GAUGE,
            need("status", choices=STATUSES),
            _number("km", required=True),
            *_origin(),
            Column("note"),
        ),
        ("from", "to", "mode", "gauge"),
        optional=True,
    ),
    Table(
        "lengths",
        "corridor/lengths.csv",
        (
            need("places"),
            _MODE,
            _number("km", required=True),
            need("used", choices=("link", "shared", "rest", "check")),
            need("source", "references.source"),
            Column("year", "int", low=1800, high=2100),
            Column("note"),
            _number("network_km", required=True),
        ),
        ("places", "mode", "source"),
        optional=True,
    ),
    Table(
        "waypoints",
        "corridor/waypoints.csv",
        (
            _place("from"),
            _place("to"),
            _MODE,
            Column("order", "int", required=True, low=1, high=99),
            _number("lon", required=True, low=-180, high=180),
            _number("lat", required=True, low=-90, high=90),
            *_origin(year=False),
            Column("note"),
        ),
        ("from", "to", "mode", "order"),
        optional=True,
    ),
    Table(
        "posts",
        "corridor/posts.csv",
        (
            need("post", pattern=_ID),
            Column("area", refers="areas.area"),
            Column("place", refers="places.place"),
            need("mode", choices=("rail", "road", "ship")),
            need("side", choices=("exit", "entry")),
            *_range("hours", required=True),
            Column("mixed", "bool"),
            *_range("fee", required=True),
            *_origin(),
            Column("reason"),
        ),
        ("post",),
        optional=True,
    ),
    Table(
        "borders",
        "corridor/borders.csv",
        (
            _place("from"),
            _place("to"),
            _MODE,
            *_range("exit", required=True),
            *_range("entry", required=True),
            *_range("fee", required=True),
            need("exit_post", "posts.post"),
            need("entry_post", "posts.post"),
        ),
        ("from", "to", "mode"),
        optional=True,
    ),
    Table(
        "transfers",
        "corridor/transfers.csv",
        (
            _place("place"),
            need("from_mode", choices=MODES),
            Column("from_gauge", choices=GAUGES),
            need("to_mode", choices=MODES),
            Column("to_gauge", choices=GAUGES),
            *_range("hours"),
            *_range("money"),
            _number("capacity"),
            _number("load"),
            Column("level", "bool"),
            *_origin(),
            Column("reason"),
        ),
        ("place", "from_mode", "from_gauge", "to_mode", "to_gauge"),
        optional=True,
    ),
    Table(
        "services",
        "corridor/services.csv",
        (
            _place("from"),
            _place("to"),
            need("mode", choices=("ferry", "sea")),
            *_range("headway", required=True),
            *_range("fare", required=True),
            *_origin(),
            Column("reason"),
        ),
        ("from", "to", "mode"),
        optional=True,
    ),
    Table(
        "parameters",
        "corridor/parameters.csv",
        (
            need("parameter", pattern=_ID),
            Column("key"),
            Column("area", refers="areas.area"),
            _number("value", required=True, low=None),
            _number("low", required=True, low=None),
            _number("high", required=True, low=None),
            need("unit"),
            *_origin(),
            Column("reason"),
        ),
        ("parameter", "key", "area"),
        optional=True,
    ),
    Table(
        "commodities",
        "corridor/commodities.csv",
        (
            need("commodity", pattern=_ID),
            need("name_en"),
            need("name_ru"),
            need("unit"),
            _number("tonnes", required=True),
            *_range("time_value", required=True),
            _number("reliability_ratio", required=True),
            _number("rate_factor", required=True),
            need("ship", choices=("dry", "tanker")),
            need("service", choices=SERVICES),
            *_origin(),
            Column("reason"),
        ),
        ("commodity",),
        optional=True,
    ),
    Table(
        "contiguity",
        "corridor/contiguity.csv",
        (need("area", "areas.area"), need("other", "areas.area"), need("source", "references.source")),
        ("area", "other"),
        optional=True,
    ),
    Table(
        "families",
        "corridor/families.csv",
        (
            need("family", pattern=_ID),
            need("name_en"),
            need("name_ru"),
            need("via"),
            Column("avoid"),
            need("modes"),
            need("statuses"),
            Column("note"),
        ),
        ("family",),
        optional=True,
    ),
    Table(
        "journeys",
        "corridor/journeys.csv",
        (
            need("journey"),
            _place("from"),
            _place("to"),
            Column("via"),
            Column("avoid"),
            need("modes"),
            _number("days_low"),
            _number("days", required=True),
            _number("days_high"),
            Column("service"),
            Column("moved", choices=("", *MOVED)),
            Column("kind", choices=("", *KINDS)),
            Column("held", choices=("", "first", "second")),
            need("source", "references.source"),
            Column("year", "int", low=1900, high=2100),
            Column("note"),
        ),
        ("journey",),
        optional=True,
    ),
    Table(
        "prices",
        "corridor/prices.csv",
        (
            need("price"),
            _place("from"),
            _place("to"),
            Column("via"),
            Column("avoid"),
            need("modes"),
            _number("usd_low"),
            _number("usd", required=True),
            _number("usd_high"),
            need("kind", choices=("index", "tariff", "offer", "statement")),
            Column("used", "bool"),
            need("source", "references.source"),
            Column("year", "int", low=1900, high=2100),
            Column("note"),
        ),
        ("price",),
        optional=True,
    ),
    Table(
        "pairs",
        "corridor/pairs.csv",
        (
            need("pair", pattern=_ID),
            _place("from"),
            _place("to"),
            need("kind", choices=("families", "routes")),
            need("title_en"),
            need("title_ru"),
        ),
        ("pair",),
        optional=True,
    ),
    Table(
        "disputed",
        "corridor/disputed.csv",
        (
            need("topic", pattern=_ID),
            need("title_en"),
            need("title_ru"),
            need("fact", "facts.fact"),
            Column("used", "bool"),
            Column("reason_en"),
            Column("reason_ru"),
        ),
        ("topic", "fact"),
        optional=True,
    ),
    Table(
        "observed",
        "corridor/observed.csv",
        (
            need("route", "families.family"),
            Column("year", "int", required=True, low=1900, high=2100),
            _place("from"),
            _place("to"),
            need("regime", pattern=_ID),
            need("measure", choices=("freight", "containers")),
            _number("value", required=True),
            _number("tonnes", required=True),
            *_origin(year=False),
            Column("note"),
        ),
        ("route", "year", "measure"),
        optional=True,
    ),
    Table(
        "yearly",
        "corridor/yearly.csv",
        (
            need("number"),
            Column("year", "int", required=True, low=1900, high=2100),
            _number("value", required=True, low=None),
            *_origin(year=False),
        ),
        ("number", "year"),
        optional=True,
    ),
    Table(
        "fibre",
        "corridor/fibre.csv",
        (
            need("fibre", pattern=_ID),
            _place("from"),
            _place("to"),
            _number("km"),
            need("status", choices=STATUSES),
            Column("owner"),
            Column("funder"),
            need("source", "references.source"),
            Column("year", "int", low=1900, high=2100),
            Column("note"),
        ),
        ("fibre",),
        optional=True,
    ),
    Table(
        "facts",
        "corridor/facts.csv",
        (
            need("fact", pattern=_ID),
            need("subject"),
            need("metric"),
            Column("value", "float"),
            Column("low", "float"),
            Column("high", "float"),
            Column("text"),
            need("unit"),
            Column("year", "int", low=1900, high=2100),
            need("source", "references.source"),
            Column("used_by"),
            Column("note"),
        ),
        ("fact",),
        optional=True,
    ),
)

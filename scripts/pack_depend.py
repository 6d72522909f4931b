"""Build the flows between countries of a region pack from the figures at hand and the hand-written tables.

    python scripts/pack_depend.py --data DIR [--out src/serai/packs/central_asia]

``DIR`` holds the folders unctad_trade_matrix, commodity_trade_2020_2026, un_migrant_stock, unhcr, bilateral_remit_fdi,
messageix_cas, energy_institute and coordination. Of sources that may only be cited single figures of the members are
taken, never a table. Hand-written are ``depend/kinds.toml``, ``depend/scenarios.toml`` of the pack and
``scripts/pack_inputs/depend_*.csv``. The output is the same, byte for byte.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pack_depend_facts import fact_rows
from pack_io import read_input, write_lock_of, write_rows

PACK = Path(__file__).resolve().parent.parent / "src/serai/packs/central_asia"
WORLD = "M49:1"
COLUMNS = ("kind", "origin", "destination", "period", "value", "unit", "provider", "nature", "reported_by", "note")
PJ_PER_TWH = 3.6
TOP = {2015: 10, 2005: 5, 1995: 5}
"""Largest partners taken of a source that may only be cited."""
FEWEST = {"migration": 1000, "displacement": 1000, "remittances": 1e6, "commodity": 1e6}
"""Flows below this are left to the total."""
GAS_NAMES = {"Kazakhstan": "KAZ", "Turkmenistan": "TKM", "Uzbekistan": "UZB", "China": "CHN", "Iran": "IRN",
             "Russian Federation": "RUS"}  # fmt: skip
LAYERS = {"wheat": "wheat", "urea": "fertiliser", "ammonia": "fertiliser", "lpg_propane": "lpg", "lpg_butane": "lpg"}
Row = dict[str, object]


def main() -> None:
    """Read the arguments, build, say how large each table is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="directory with the figures at hand")
    parser.add_argument("--out", type=Path, default=PACK, help="pack to write to")
    arguments = parser.parse_args()
    write_lock_of(arguments.out, write(arguments.data, arguments.out))


def write(data: Path, out: Path) -> dict[str, int]:
    """Write every table of flows; returns files and rows."""
    region = tomllib.loads((PACK / "region.toml").read_text(encoding="utf-8"))
    members, near = list(region["members"]), list(region["neighbours"])
    countries = set(pl.read_csv(PACK / "areas.csv", infer_schema=False).filter(pl.col("kind") == "country")["area"])
    flows = [
        *trade(data, members, near),
        *commodities(data, members, countries),
        *migration(data, members, countries),
        *displacement(data, members, countries),
        *remittances(data),
        *water(),
        *power(data),
        *gas(data, members),
        *by_hand(),
    ]
    order = {name: number for number, name in enumerate(dict.fromkeys(str(row["kind"]) for row in flows))}
    flows.sort(key=lambda row: (order[str(row["kind"])], *(str(row[name]) for name in COLUMNS[1:4]), str(row)))
    tables = {"flows": [{name: row.get(name, "") for name in COLUMNS} for row in flows]}
    for name in (
        "providers",
        "codes",
        "blocs",
        "bloc_areas",
        "couplings",
        "resources",
        "resource_areas",
        "resource_bodies",
    ):
        tables[name] = [dict(row) for row in read_input(f"depend_{name}.csv")]
    tables["facts"] = fact_rows(data)
    written = {}
    for name, rows in tables.items():
        file = f"depend/{name}.csv"
        written[file] = write_rows(out / file, rows)
        print(f"{(out / file).stat().st_size:>8,}  {len(rows):>5}  {file}")
    return written


def _row(kind: str, origin: str, destination: str, period: int, value: float, **more: object) -> Row:
    known = {"kind": kind, "origin": origin, "destination": destination, "period": period, "value": _round(value)}
    return {**known, **more}


def _round(value: float, digits: int = 5) -> float:
    return float(f"{value:.{digits}g}") if abs(value) < 1e6 else float(round(value, -2))


def trade(data: Path, members: list[str], near: list[str]) -> Iterator[Row]:
    """Exports and imports of members: all members and neighbours, the largest others, and the total of the source."""
    path = data / "unctad_trade_matrix/bilateral_exports_1995_2005_2015_all.parquet"
    frame = pl.read_parquet(path).filter(pl.col("sitc").cast(pl.String) == "All")
    frame = frame.select(
        pl.col("exp_iso3").cast(pl.String).alias("o"), pl.col("imp_iso3").cast(pl.String).alias("d"),
        "year", (pl.col("value_kusd") * 1000).alias("value"),
    )  # fmt: skip
    base = {"unit": "USD", "provider": "unctad", "nature": "E"}
    kept: set[tuple[str, str, int]] = set()
    for year, top in TOP.items():
        now = frame.filter(pl.col("year") == year)
        for member in members:
            own = now.filter((pl.col("o") == member) | (pl.col("d") == member))
            largest = [own.filter(pl.col(end) == member).sort("value", descending=True)[other].head(top).to_list()
                       for end, other in (("o", "d"), ("d", "o"))]  # fmt: skip
            partners = {*members, *near, *largest[0], *largest[1]} - {member}
            kept |= {(member, other, year) for other in partners} | {(other, member, year) for other in partners}
            for end in ("o", "d"):
                total = own.filter(pl.col(end) == member)["value"].sum()
                ends = (member, WORLD) if end == "o" else (WORLD, member)
                yield _row("trade", *ends, year, total, **base, note="sum over all partners of the source")
    for origin, destination, year, value in frame.iter_rows():
        if (origin, destination, year) in kept:
            yield _row("trade", origin, destination, year, value, **base)


def _listed(frame: pl.DataFrame, members: list[str], fewest: float, known: set[str], **base: object) -> Iterator[Row]:
    """Pairs with a member from a size on, and the totals of members; ``frame``: kind, o, d, year, value."""
    own = frame.filter((pl.col("o").is_in(members) | pl.col("d").is_in(members)) & (pl.col("o") != pl.col("d")))
    for end, ends in (("o", lambda area: (area, WORLD)), ("d", lambda area: (WORLD, area))):
        totals = own.filter(pl.col(end).is_in(members)).group_by("kind", end, "year").agg(pl.col("value").sum())
        for kind, area, year, value in totals.sort("kind", end, "year").iter_rows():
            yield _row(kind, *ends(area), year, value, **base, note="sum over all partners of the source")
    for kind, origin, destination, year, value in own.filter(pl.col("value") >= fewest).iter_rows():
        if {origin, destination} <= known:
            yield _row(kind, origin, destination, year, value, **base)


def commodities(data: Path, members: list[str], countries: set[str]) -> Iterator[Row]:
    """Wheat, fertiliser and liquefied gas, full years only."""
    frame = pl.read_csv(data / "commodity_trade_2020_2026/wheat_urea_ammonia_lpg_edges_ca6.csv")
    frame = frame.filter(pl.col("refYear") <= 2024).select(
        pl.col("layer").replace_strict(LAYERS).alias("kind"), pl.col("exporter").alias("o"),
        pl.col("importer").alias("d"), pl.col("refYear").alias("year"), pl.col("value_usd").alias("value"),
    )  # fmt: skip
    frame = frame.group_by("kind", "o", "d", "year").agg(pl.col("value").sum()).sort("kind", "o", "d", "year")
    base = {"unit": "USD", "provider": "comtrade", "nature": "C"}
    yield from _listed(frame, members, FEWEST["commodity"], countries, **base)


def migration(data: Path, members: list[str], countries: set[str]) -> Iterator[Row]:
    """Stocks of both sexes; totals are the source's own, which hold people of unknown origin."""
    frame = pl.read_parquet(data / "un_migrant_stock/migrant_stock_bilateral_all.parquet")
    frame = frame.filter(pl.col("sex").cast(pl.String) == "total").with_columns(
        pl.col("origin", "destination", "orig_iso3", "dest_iso3").cast(pl.String)
    )
    base = {"unit": "persons", "provider": "un_desa", "nature": "E"}
    pairs = frame.filter(pl.col("orig_iso3").is_not_null() & pl.col("dest_iso3").is_not_null())
    kept = pairs.filter(pl.col("orig_iso3").is_in(members) | pl.col("dest_iso3").is_in(members))
    kept = kept.filter((pl.col("stock") >= FEWEST["migration"]) & (pl.col("orig_iso3") != pl.col("dest_iso3")))
    for row in kept.sort("year", "orig_iso3", "dest_iso3").iter_rows(named=True):
        if {row["orig_iso3"], row["dest_iso3"]} <= countries:
            yield _row("migration", row["orig_iso3"], row["dest_iso3"], row["year"], row["stock"], **base)
    for row in frame.sort("year").iter_rows(named=True):
        if row["origin"] == "Total" and row["dest_iso3"] in members:
            yield _row(
                "migration", WORLD, row["dest_iso3"], row["year"], row["stock"], **base, note="total of the source"
            )
        if row["destination"] == "WORLD" and row["orig_iso3"] in members:
            yield _row(
                "migration", row["orig_iso3"], WORLD, row["year"], row["stock"], **base, note="total of the source"
            )


def displacement(data: Path, members: list[str], countries: set[str]) -> Iterator[Row]:
    """Refugees, asylum-seekers and others in need of protection abroad, from 2010."""
    frame = pl.read_parquet(data / "unhcr/population_all.parquet")
    people = sum((pl.col(name).fill_null(0.0) for name in ("refugees", "asylum_seekers", "oip")), pl.lit(0.0))
    frame = frame.filter(pl.col("year") >= 2010).select(
        pl.lit("displacement").alias("kind"), pl.col("coo_iso").alias("o"), pl.col("coa_iso").alias("d"),
        pl.col("year").cast(pl.Int64), people.alias("value"),
    )  # fmt: skip
    base = {"unit": "persons", "provider": "unhcr", "nature": "C"}
    frame = frame.filter(pl.col("value") > 0).sort("year", "o", "d")
    yield from _listed(frame, members, FEWEST["displacement"], countries, **base)


def remittances(data: Path) -> Iterator[Row]:
    """The matrix of 2017; its WORLD rows are totals and would double every sum."""
    frame = pl.read_csv(data / "bilateral_remit_fdi/wb_bilateral_remittances_2017_ca6.csv")
    base = {"unit": "USD", "provider": "knomad", "nature": "M"}
    for row in frame.sort("sending", "receiving").iter_rows(named=True):
        origin, destination = row["sending_iso3"] or WORLD, row["receiving_iso3"] or WORLD
        value = row["musd"] * 1e6
        if WORLD in (origin, destination):
            yield _row("remittances", origin, destination, 2017, value, **base, note="total of the source")
        elif value >= FEWEST["remittances"] and origin != destination:
            yield _row("remittances", origin, destination, 2017, value, **base)


def water() -> Iterator[Row]:
    """Limits spread over where the water forms, upstream of or beside the one who takes it."""
    formed: dict[str, dict[str, float]] = {}
    position: dict[tuple[str, str], int] = {}
    for row in read_input("depend_resource_areas.csv"):
        if row["role"] == "contributes" and row["position"]:
            formed.setdefault(row["resource"], {})[row["area"]] = float(row["value"])
            position[row["resource"], row["area"]] = int(row["position"])
    for row in read_input("depend_water_limits.csv"):
        basin, area = row["basin"], row["area"]
        own = position[basin, area]
        above = {a: v for a, v in formed[basin].items() if position[basin, a] <= own}
        base = {"unit": "km3", "provider": row["provider"], "nature": "M"}
        for origin in sorted(set(above) - {area}):
            if not row["limit"]:
                yield {
                    **_row(row["kind"], origin, area, int(row["period"]), 0.0, **base, note=row["note"]),
                    "value": "",
                }
                continue
            value = float(row["limit"]) * above[origin] / sum(above.values())
            yield _row(row["kind"], origin, area, int(row["period"]), value, **base)
        if row["limit"]:
            limit = float(row["limit"])
            yield _row(row["kind"], WORLD, area, int(row["period"]), limit, **base, note=row["note"] or "limit")


def power(data: Path) -> Iterator[Row]:
    """Pairs of the energy model, and its imports of each country as totals."""
    frame = pl.read_csv(data / "messageix_cas/historical_activity.csv", infer_schema_length=None)
    base = {"unit": "TWh", "provider": "messageix_cas", "nature": "M"}
    frame = frame.filter((pl.col("time") == "year") & pl.col("technology").str.contains("^elec_(exp_|imp$)"))
    exports: dict[tuple[str, int], float] = {}
    for row in frame.sort("technology", "node_loc").iter_rows(named=True):
        for year in ("2000", "2005", "2010", "2015"):
            if row[year] is None:
                continue
            if row["technology"] != "elec_imp":
                key = (row["node_loc"], int(year))
                exports[key] = exports.get(key, 0.0) + row[year] / PJ_PER_TWH
            if row["technology"] == "elec_imp":
                ends, note = (WORLD, row["node_loc"]), "imports of the source"
            else:
                origin, destination = row["technology"].removeprefix("elec_exp_").upper().split("-")
                ends, note = (origin, destination), "exports split by fixed shares"
            yield _row("power", *ends, int(year), row[year] / PJ_PER_TWH, **base, note=note)
    for (origin, period), value in exports.items():
        yield _row("power", origin, WORLD, period, value, **base, note="sum of the pairs of the source")


def gas(data: Path, members: list[str]) -> Iterator[Row]:
    """Pipeline flows of members; aggregates of partners stay in the totals."""
    frame = pl.read_csv(data / "energy_institute/gas_pipeline_trade_2024.csv")
    base = {"unit": "bcm", "provider": "energy_institute", "nature": "C"}
    for start, end, value in frame.iter_rows():
        origin = WORLD if start == "Total imports" else GAS_NAMES.get(start)
        destination = WORLD if end == "Total exports" else GAS_NAMES.get(end)
        if origin and destination and origin != destination and {origin, destination} & set(members):
            note = "total of the source" if WORLD in (origin, destination) else ""
            yield _row("gas", origin, destination, 2024, round(value, 3), **base, note=note)


def by_hand() -> Iterator[Row]:
    """Single statements: turnover of 2024, cost of electricity."""
    for row in read_input("depend_flows.csv"):
        yield {**row, "value": float(row["value"]) if row["value"] else ""}


if __name__ == "__main__":
    main()

"""What is carried: tonnes a year between places by commodity class, each row derived from one named source.

Values of trade become tonnes by stated unit values; the members' totals are moved from 2015 to 2021 by their shares of
world trade; countries are split among their places by stated weights; boxes between China and Europe are as observed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from pack_io import read_input

Row = dict[str, object]
Ends = np.ndarray
"""Low, value and high."""

SECTIONS = {
    "SITC0_Food": "0", "SITC1_BevTobacco": "1", "SITC2_Crude": "2", "SITC3_MineralFuels": "3",
    "SITC4_AnimalVegOils": "4", "SITC5_Chemicals": "5", "SITC6_Manuf": "6", "SITC7_Machinery": "7", "SITC8_Misc": "8",
}  # fmt: skip
TOTAL = "All"
BASE, MOVED = 2015, 2021
GROWTH = np.array([1.0, 1.0, 1.25])
"""Volume of world trade of 2021 over 2015: no table at hand holds it."""
LEAST = 1.0
"""Rows of fewer thousand tonnes are left out."""
SINGLE_YEARS = (2021, 2022, 2023)
ROUNDS = 100


def demand_rows(data: Path, members: list[str]) -> list[Row]:
    """``demand.csv``: thousand tonnes a year between places by class and source."""
    sections, single = _sections(data, members), _single_goods(data)
    wheat = set(single.filter(pl.col("section") == "wheat").select("exporter", "importer").iter_rows())
    amounts: dict[tuple[str, str, str, str], Ends] = {}
    for exporter, importer, section, kusd, source in pl.concat([sections, single]).iter_rows():
        for goods in _goods(exporter, importer, section):
            if section == "0" and goods["commodity"] == "grain" and (exporter, importer) in wheat:
                continue  # wheat is held for this pair, and newer
            kt = _tonnes(goods, kusd) * (GROWTH if source == "unctad15" else 1.0)
            for start, one in _places(exporter, goods["commodity"], "export"):
                for end, other in _places(importer, goods["commodity"], "import"):
                    key = (start, end, goods["commodity"], source)
                    amounts[key] = amounts.get(key, np.zeros(3)) + kt * one * other
    rows = [_row(key, ends) for key, ends in sorted(amounts.items()) if ends[1] >= LEAST]
    return rows + list(_boxes())


def unit_value_rows() -> list[Row]:
    """``unit_values.csv``: what share of a section of trade moves as which class, and what a tonne of it is worth."""
    origin = {"basis": "assumed", "source": "hand", "year": "2026"}
    rows = []
    for row in read_input("corridor_demand_goods.csv"):
        rows.append(
            {**{key: value for key, value in row.items() if key != "reason"}, **origin, "reason": row["reason"]}
        )
    return rows


def demand_place_rows() -> list[Row]:
    """``demand_places.csv``: which places stand for a country's trade, and with what share of it."""
    return [{**row, "basis": "assumed", "source": "hand"} for row in read_input("corridor_demand_places.csv")]


def _sections(data: Path, members: list[str]) -> pl.DataFrame:
    """Exports by section, the members' totals moved: ``exporter, importer, section, kusd, source``."""
    every = (
        pl.read_parquet(data / "unctad_trade_matrix/bilateral_exports_1995_2005_2015_all.parquet")
        .with_columns(pl.col("exp_iso3", "imp_iso3", "sitc").cast(pl.String))
        .filter(pl.col("year") == BASE)
        .filter(pl.col("exp_iso3").is_in(members) | pl.col("imp_iso3").is_in(members))
        .select(
            pl.col("exp_iso3").alias("exporter"),
            pl.col("imp_iso3").alias("importer"),
            pl.col("sitc").replace(SECTIONS).alias("section"),
            pl.col("value_kusd").alias("kusd"),
        )
    )
    trade = pl.concat([every.filter(pl.col("section") != TOTAL), _spread(every)])
    trade = trade.filter(pl.col("section").is_in(list(SECTIONS.values()))).sort("exporter", "importer", "section")
    value = trade["kusd"].to_numpy().copy()
    sides = [(side, _shares(data, series)) for side, series in (("exporter", "EXP"), ("importer", "IMP"))]
    margins = [((trade[side] == area).to_numpy(), growth[area]) for side, growth in sides for area in members]
    targets = [value[rows].sum() * growth for rows, growth in margins]
    for _ in range(ROUNDS):  # iterative proportional fitting of the members' rows and columns
        for (rows, _growth), target in zip(margins, targets, strict=True):
            value[rows] *= target / value[rows].sum()
    return trade.with_columns(pl.Series("kusd", value), pl.lit("unctad15").alias("source"))


def _spread(every: pl.DataFrame) -> pl.DataFrame:
    """Pairs of which only the total is held, by the sections of all that the exporter sells."""
    pair = ["exporter", "importer"]
    detailed = every.filter(pl.col("section") != TOTAL)
    bare = every.filter(pl.col("section") == TOTAL).join(detailed.select(pair).unique(), on=pair, how="anti")
    mix = detailed.group_by("exporter", "section").agg(pl.col("kusd").sum())
    mix = mix.with_columns(pl.col("kusd") / pl.col("kusd").sum().over("exporter"))
    found = bare.drop("section").join(mix.rename({"kusd": "share"}), on="exporter")
    return found.select(*pair, "section", pl.col("kusd") * pl.col("share"))


def _shares(data: Path, side: str) -> dict[str, float]:
    """Share of world trade of the later year over that of the base year, by country."""
    frame = (
        pl.scan_parquet(data / "un_sdg/release_2023-12-17_world.parquet")
        .with_columns(pl.col("series", "iso3").cast(pl.String))
        .filter((pl.col("series") == f"TX_{side}_GBMRCH") & pl.col("year").is_in([BASE, MOVED]))
        .filter(pl.col("iso3").is_not_null())
        .select("iso3", "year", "value")
        .collect()
    )
    wide = {(area, year): value for area, year, value in frame.iter_rows()}
    return {area: wide[area, MOVED] / value for (area, year), value in wide.items() if year == BASE and value}


def _single_goods(data: Path) -> pl.DataFrame:
    """Wheat, urea and liquefied gas, mean of the years in thousand USD; a year without a row counts as none."""
    return (
        pl.read_csv(data / "commodity_trade_2020_2026/wheat_urea_ammonia_lpg_edges_ca6.csv")
        .filter(pl.col("refYear").is_in(SINGLE_YEARS) & (pl.col("layer") != "ammonia"))
        .group_by("exporter", "importer", pl.col("layer").alias("section"))
        .agg((pl.col("value_usd").sum() / 1000 / len(SINGLE_YEARS)).alias("kusd"))
        .with_columns(pl.lit("comtrade").alias("source"))
        .sort("exporter", "importer", "section")
    )


def _goods(exporter: str, importer: str, section: str) -> Iterator[dict[str, str]]:
    """The rows that hold for a pair: those that name both ends, else the exporter, else everyone's."""
    rows = [row for row in read_input("corridor_demand_goods.csv") if row["section"] == section]
    for kept in (
        [row for row in rows if row["exporter"] == exporter and importer in row["importers"].split()],
        [row for row in rows if row["exporter"] == exporter and not row["importers"]],
        [row for row in rows if not row["exporter"]],
    ):
        if kept:
            yield from (row for row in kept if row["commodity"])
            return


def _tonnes(goods: dict[str, str], kusd: float) -> Ends:
    share = np.array([float(goods[key]) for key in ("share_low", "share", "share_high")])
    worth = np.array([float(goods[key]) for key in ("usd_high", "usd_per_t", "usd_low")])
    return kusd * share / worth


def _places(area: str, commodity: str, direction: str) -> list[tuple[str, float]]:
    """Places of an area and their shares: of the class where there are any, else of all goods; none: not held."""
    rows = [row for row in read_input("corridor_demand_places.csv") if row["area"] == area]
    own = [row for row in rows if (row["commodity"], row["direction"]) == (commodity, direction)]
    return [(row["place"], float(row["share"])) for row in own or [row for row in rows if not row["commodity"]]]


def _row(key: tuple[str, str, str, str], ends: Ends) -> Row:
    start, end, commodity, source = key
    low, value, high = (_rounded(float(part)) for part in ends)
    year = MOVED if source == "unctad15" else SINGLE_YEARS[-1]
    amounts: Row = {"value": value, "low": low, "high": high, "unit": "kt"}
    return {"from": start, "to": end, "commodity": commodity, **amounts, **_origin(source, year, "")}


def _origin(source: str, year: object, reason: str) -> Row:
    return {"basis": "derived", "source": source, "year": year, "reason": reason}


def _rounded(value: float) -> float:
    """Three figures: more would claim what is not known."""
    return float(f"{value:.3g}")


def _boxes() -> Iterator[Row]:
    for row in read_input("corridor_demand_boxes.csv"):
        ends = [
            _rounded(float(row[teu]) * float(row["share"]) * float(row[weight]) / 1000)
            for teu, weight in (("teu", "t_per_teu"), ("teu_low", "t_low"), ("teu_high", "t_high"))
        ]
        amounts: Row = {"value": ends[0], "low": ends[1], "high": ends[2], "unit": "kt"}
        key: Row = {"from": row["from"], "to": row["to"], "commodity": "containers"}
        yield {**key, **amounts, **_origin(row["source"], row["year"], row["reason"])}

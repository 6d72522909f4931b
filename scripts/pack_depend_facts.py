"""Facts beside the flows: shares published, remittances over GDP, reservoirs, limits, monthly demand for water."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from pack_io import read_input

Row = dict[str, object]
ISO = {"KZ": "KAZ", "KG": "KGZ", "TJ": "TJK", "TM": "TKM", "UZ": "UZB", "AF": "AFG", "CN": "CHN", "RU": "RUS"}
HOSTS = (
    ("intellinews", "wb_mdb_2023"),
    ("20250311", "wb_journey_2025"),
    ("KNOMAD", "knomad_brief"),
    ("WDI", "world_bank"),
)
RIVERS = {"water-amu": "Amu Darya", "water-siri": "Syr Darya"}


def fact_rows(data: Path) -> list[Row]:
    """All facts, numbered in order."""
    rows = [
        *remittance_shares(data),
        *trade_shares(data),
        *reservoirs(data),
        *water_demand(data),
        *(dict(row) for row in read_input("depend_facts.csv")),
    ]
    names = (
        "domain",
        "topic",
        "area",
        "partner",
        "subject",
        "period",
        "value",
        "low",
        "high",
        "unit",
        "provider",
        "note",
    )
    return [{"fact": f"d{n:03}", **{name: row.get(name, "") for name in names}} for n, row in enumerate(rows, 1)]


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def remittance_shares(data: Path) -> Iterator[Row]:
    """Remittances over GDP: the series to 2024, and earlier estimates beside it."""
    last = ""
    for row in _read(data / "coordination/remittances_gdp.csv"):
        provider = last if row["source"] == "same" else next(p for word, p in HOSTS if word in row["source"])
        last = provider
        yield {"domain": "remittances", "topic": "share_of_gdp", "area": row["iso3"], "subject": "remittances over GDP",
               "period": row["year"], "value": row["value"], "unit": "per cent", "provider": provider,
               "note": "" if provider == "world_bank" else row["note"]}  # fmt: skip


def trade_shares(data: Path) -> Iterator[Row]:
    """Shares of trade as published, side by side."""
    by_url = {row["url"]: row["provider"] for row in read_input("depend_providers.csv") if row["url"]}
    for row in _read(data / "coordination/trade_dependence.csv"):
        if not row["measure"].startswith("share") or row["source_url"] not in by_url:
            continue
        low, high = re.match(r"^([0-9.]+)(?:-([0-9.]+))?$", row["value"]).groups()  # type: ignore[union-attr]
        for area in row["reporter"].split(";"):
            known = ISO.get(area, "")
            span = {"value": low} if high is None else {"low": low, "high": high}
            subject = row["measure"] if known else f"{row['measure']} (five countries)"
            yield {"domain": "trade", "topic": "published_share", "area": known, "partner": ISO[row["partner"]],
                   "subject": subject, "period": row["year"], **span, "unit": "per cent",
                   "provider": by_url[row["source_url"]], "note": row["note"]}  # fmt: skip


def reservoirs(data: Path) -> Iterator[Row]:
    """Volumes and power of reservoirs, where a source gives them."""
    for row in _read(data / "coordination/reservoirs.csv"):
        provider = "bwo_syr" if "bwosyr" in row["source_url"] else "rogun_press"
        for column, unit, words in (
            ("total_km3", "km3", "volume"),
            ("live_km3", "km3", "live volume"),
            ("power_mw", "MW", "installed power"),
        ):
            if row[column] and ("bwosyr" in row["source_url"] or row["reservoir"] == "Rogun"):
                yield {"domain": "water", "topic": "reservoir", "area": ISO[row["country"]],
                       "subject": f"{row['reservoir']} ({row['river']}): {words}", "period": "as built",
                       "value": row[column], "unit": unit, "provider": provider,
                       "note": "planned" if row["reservoir"] == "Rogun" else ""}  # fmt: skip


def water_demand(data: Path) -> Iterator[Row]:
    """Monthly demand of the model for 2020, in cubic metres a second; its row for the year is a sum of months."""
    rows = [row for row in _read(data / "messageix_cas/demand.csv") if row["commodity"] in RIVERS]
    rows = [row for row in rows if row["time"] != "year"]
    for row in sorted(rows, key=lambda row: (row["commodity"], row["node"], int(row["time"]))):
        flow = round(float(row["2020"]) * 1000, 1)
        yield {"domain": "water", "topic": "monthly_demand", "area": row["node"],
               "subject": f"demand on the {RIVERS[row['commodity']]}", "period": f"2020-{int(row['time']):02}",
               "value": flow, "unit": "m3/s", "provider": "messageix_cas", "note": ""}  # fmt: skip

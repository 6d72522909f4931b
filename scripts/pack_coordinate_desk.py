"""The desk of a pack: what providers say on needs, funding, returns, refugees, power and water, side by side."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import polars as pl

from pack_io import read_input

Row = dict[str, object]
SAME = "same"
FIRST_YEAR, FEWEST = 2015, 1000
"""Displacement is shown from here on; countries of asylum with fewer people are left to the total."""
AMU = "Amu Darya"
MONTHS = {name: number for number, name in enumerate(
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1)}  # fmt: skip
NAMES = {"Iran": "IRN", "Pakistan": "PAK", "Tajikistan": "TJK", "Turkmenistan": "TKM", "Uzbekistan": "UZB"}
SOLAR = {"1402 (2023/24)": "2023-24", "1402": "2023-24", "1401": "2022-23"}
"""Years of the solar calendar begin in March."""
UNHCR = ("refugees_abroad", "refugees"), ("asylum_seekers_abroad", "asylum_seekers"), ("idps", "idps"), (
    "returned_refugees", "returned_refugees")  # fmt: skip
UNHCR_URL = "https://github.com/PopulationStatistics/refugees"
WDI_URL = "https://github.com/Fozich/remittances-central-asia"


class Cites(Protocol):
    """Gives documents their identifiers."""

    def cite(self, url: str) -> str:
        """The identifier of a page."""


def desk_rows(data: Path, documents: Cites, members: list[str]) -> Iterator[Row]:
    """Every figure of the desks, one row each."""
    metrics = {(row["file"], row["raw"]): row for row in read_input("coordinate_desk_metrics.csv")}
    yield from humanitarian(read(data / "coordination/afghanistan_humanitarian.csv"), metrics, documents)
    yield from movements(read(data / "coordination/afghanistan_returns_refugees.csv"), metrics, documents)
    yield from energy(read(data / "coordination/afghanistan_energy_canal.csv"), metrics, documents)
    yield from flows(read(data / "coordination/water_flows.csv"), metrics, documents, members)
    yield from displaced(data / "unhcr/population_all.parquet", documents, members)
    yield from remittances(read(data / "coordination/remittances_gdp.csv"), documents)
    for row in read_input("coordinate_desk_more.csv"):
        yield {("source" if key == "url" else key): documents.cite(value) if key == "url" else value
               for key, value in row.items()}  # fmt: skip


def read(path: Path) -> list[dict[str, str]]:
    """A table at hand, every cell as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _provider(url: str) -> str:
    found = [row["provider"] for row in read_input("coordinate_desk_providers.csv") if row["fragment"] in url]
    if len(found) != 1:
        raise SystemExit(f"{len(found)} providers for {url}")
    return found[0]


def _figure(metric: dict[str, str], documents: Cites, **cells: object) -> Row:
    value = round(float(str(cells["value"])) * float(metric["scale"]), 4)
    keys: Row = {"area": cells.get("area", "AFG"), "topic": metric["topic"], "metric": metric["metric"]}
    what: Row = {"counterpart": cells.get("counterpart", ""), "period": cells["period"], "value": value}
    how: Row = {"unit": metric["unit"], "variant": metric["variant"], "as_of": cells.get("as_of", "")}
    url = str(cells["url"])
    who: Row = {"provider": _provider(url), "status": cells.get("status", "published")}
    return {**keys, **what, **how, **who, "source": documents.cite(url), "note": cells.get("note", "")}


def humanitarian(rows: Iterable[dict[str, str]], metrics: dict[tuple[str, str], dict[str, str]],
                 documents: Cites) -> Iterator[Row]:  # fmt: skip
    """Needs, requirements and funding by year."""
    for row in rows:
        metric = metrics["afghanistan_humanitarian", row["metric"]]
        cells = {"period": row["year"], "value": row["value"], "as_of": row["as_of"], "url": row["source_url"]}
        yield _figure(metric, documents, **cells, note=_clean(row["note"]))


def _clean(note: str) -> str:
    """A remark without the notes to ourselves."""
    note = re.sub(r"\s*\([^)]*\bchecked\b[^)]*\)", "", note)
    clauses = [clause.strip() for clause in note.split(";")]
    kept = [clause for clause in clauses if "checked" not in clause and not clause.startswith("sum ")]
    return "; ".join(clause.removesuffix(": dispute case") for clause in kept)


def movements(rows: Iterable[dict[str, str]], metrics: dict[tuple[str, str], dict[str, str]],
              documents: Cites) -> Iterator[Row]:  # fmt: skip
    """Returns, movements across the border, and people abroad."""
    for row in rows:
        metric = metrics["afghanistan_returns_refugees", row["flow"]]
        others = " ".join(NAMES[name] for name in row["origin_or_host"].split("+") if name in NAMES)
        end = row["period"].split("..")[-1]
        cells = {"period": row["period"], "value": row["value"], "counterpart": others, "url": row["source_url"]}
        yield _figure(metric, documents, **cells, as_of=end if re.fullmatch(r"[0-9-]+", end) else "",
                      note=_clean(row["note"]))  # fmt: skip


def energy(rows: Iterable[dict[str, str]], metrics: dict[tuple[str, str], dict[str, str]],
           documents: Cites) -> Iterator[Row]:  # fmt: skip
    """Electricity bought, and the power line and the canal under way."""
    for row in rows:
        metric = metrics["afghanistan_energy_canal", row["item"]]
        garbled = "garbled" in row["note"]
        period = SOLAR.get(row["period"], row["period"])
        cells = {"period": period, "value": row["value"], "counterpart": NAMES.get(row["counterpart"], "")}
        status = "garbled" if garbled else "published"
        yield _figure(metric, documents, **cells, url=row["source_url"], status=status, note=_clean(row["note"]))


def flows(rows: Iterable[dict[str, str]], metrics: dict[tuple[str, str], dict[str, str]], documents: Cites,
          members: list[str]) -> Iterator[Row]:  # fmt: skip
    """Natural flow formed in each country, by river, from one table of one book."""
    iso3 = {"KZ": "KAZ", "KG": "KGZ", "TJ": "TJK", "TM": "TKM", "UZ": "UZB", "AF": "AFG"}
    metric, url = metrics["water_flows", "natural flow formed"], ""
    for row in rows:
        url = row["source_url"] if row["source_url"] != SAME else url
        if row["quantity"] == "natural flow formed" and iso3.get(row["country"]) in members:
            whole = "79.28" if row["basin"] == AMU else "37.203"
            note = f"{row['basin']}: of {whole} km3 a year in all; UNESCO PCCP vol. 11 (2003), table 2"
            yield {**_figure(metric, documents, area=iso3[row["country"]], period="", value=row["value"], url=url,
                             note=note), "variant": row["basin"], "as_of": "2003"}  # fmt: skip


def displaced(path: Path, documents: Cites, members: list[str]) -> Iterator[Row]:
    """People of each member abroad, displaced within, and returned, from the refugee agency's own tables."""
    frame = pl.read_parquet(path).filter((pl.col("year") >= FIRST_YEAR) & pl.col("coo_iso").is_in(members))
    source, last = documents.cite(UNHCR_URL), int(frame["year"].max())  # type: ignore[arg-type]
    for metric, column in UNHCR:
        yearly = frame.group_by("coo_iso", "year").agg(pl.col(column).sum()).sort("coo_iso", "year")
        for area, year, value in yearly.iter_rows():
            yield _displaced(area, metric, "", int(year), value, source)
    yield from monitored(path.with_name("idmc_all.parquet"), source, members)
    hosts = frame.filter((pl.col("year") == last) & (pl.col("refugees") >= FEWEST))
    for area, host, value in hosts.sort("coo_iso", "refugees", descending=[False, True]).select(
        "coo_iso", "coa_iso", "refugees"
    ).iter_rows():  # fmt: skip
        yield _displaced(area, "refugees_abroad", host, last, value, source)


def monitored(path: Path, source: str, members: list[str]) -> Iterator[Row]:
    """People displaced within each member as another monitor counts them, republished by the refugee agency."""
    frame = pl.read_parquet(path).filter((pl.col("year") >= FIRST_YEAR) & pl.col("coo_iso").is_in(members))
    for area, year, value in frame.sort("coo_iso", "year").select("coo_iso", "year", "total").iter_rows():
        yield {**_displaced(area, "idps", "", int(year), value, source), "provider": "idmc",
               "note": "As republished by UNHCR"}  # fmt: skip


def _displaced(area: str, metric: str, host: str, year: int, value: float, source: str) -> Row:
    what: Row = {"area": area, "topic": "refugees", "metric": metric, "counterpart": host, "period": str(year)}
    how: Row = {"value": value, "unit": "persons", "variant": "", "as_of": f"{year}-12-31", "provider": "unhcr"}
    return {**what, **how, "status": "published", "source": source, "note": ""}


def remittances(rows: Iterable[dict[str, str]], documents: Cites) -> Iterator[Row]:
    """Remittances received as a share of GDP; two providers where they differ."""
    last = ""
    for row in rows:
        ours = row["source"].startswith("WDI")
        url = WDI_URL if ours else next(iter(re.findall(r"https?://\S+", row["source"])), "")
        last = documents.cite(url) if url else last
        what: Row = {"area": row["iso3"], "topic": "migration", "metric": "remittances_gdp", "counterpart": ""}
        how: Row = {"period": row["year"], "value": float(row["value"]), "unit": "% of GDP", "variant": ""}
        who: Row = {"as_of": "2026-06-11" if ours else "", "provider": "wdi" if ours else "knomad"}
        note = "" if ours else "; ".join(part for part in ("KNOMAD brief", row["note"]) if part)
        yield {**what, **how, **who, "status": "published", "source": last, "note": note}


def track_rows(documents: Cites) -> Iterator[Row]:
    """Technical tracks."""
    for row in read_input("coordinate_tracks.csv"):
        yield {("source" if key == "url" else key): documents.cite(value) if key == "url" else value
               for key, value in row.items()}  # fmt: skip


def framework_rows(rows: Iterable[dict[str, str]], areas: dict[str, str], russian: dict[str, str],
                   documents: Cites) -> Iterator[Row]:  # fmt: skip
    """Cooperation frameworks of the United Nations with each member."""
    source = documents.cite("https://github.com/UN-CRAFd/crafd-reference-datasets")
    for row in sorted(rows, key=lambda row: (row["country"], row["start"][-4:])):
        area, start, end = areas[row["country"]], _month(row["start"]), _month(row["end"])
        special = "Strategic Framework" in row["framework"]
        name_en = "UN Strategic Framework" if special else "UN Sustainable Development Cooperation Framework"
        name_ru = "Стратегическая рамочная программа ООН" if special else (
            "Рамочная программа ООН по сотрудничеству в целях устойчивого развития")  # fmt: skip
        designing = "designing" in row["status"]
        yield {
            "framework": f"UNF-{area}-{start[:4]}", "area": area,
            "title_en": f"{name_en}: {row['country']}, {start[:4]}–{end[:4]}",
            "title_ru": f"{name_ru}: {russian[area]}, {start[:4]}–{end[:4]}",
            "start": start, "end": end, "status": "running_and_designing" if designing else "running",
            "source": source, "note": row["framework"],
        }  # fmt: skip


def _month(text: str) -> str:
    name, year = text.split()
    return f"{year}-{MONTHS[name]:02}"

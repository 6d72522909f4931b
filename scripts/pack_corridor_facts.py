"""The figures on corridors, one row each; contradicting ones side by side, with what the network uses them for."""

from __future__ import annotations

import csv
import re
from pathlib import Path

Row = dict[str, object]
FILES = {
    "border_delays_cpmm": ("scope", "indicator"),
    "capacities_projects": ("asset", "metric"),
    "caspian_level": ("item", ""),
    "costs_times": ("route_or_item", "metric"),
    "volumes": ("route", "metric"),
    "study_findings": ("study", "finding"),
}
"""File -> column of the subject, column of the metric."""

NUMBER = re.compile(r"^[-+]?[0-9.,]+$")
PAIR = re.compile(r"^([-+]?[0-9.]+)\s*(?:-|to)\s*([-+]?[0-9.]+)$")
URL = re.compile(r"https?://[^\s;,)]+")
UNITLESS = "text"
PER_500_KM_20_T = 10_000


def fact_rows(data: Path, tables: dict[str, list[Row]], known: list[Row]) -> tuple[list[Row], list[Row]]:
    """All figures, and the references that the hand-written list does not hold yet."""
    by_url = {str(row["url"]): str(row["source"]) for row in known if row["url"]}
    texts: dict[str, Row] = {}
    used = _used(tables, {str(row["source"]): str(row["url"]) for row in known})
    facts: list[Row] = []
    for file, (subject, metric) in FILES.items():
        with (data / f"{file}.csv").open(encoding="utf-8", newline="") as stream:
            for raw in csv.DictReader(stream):
                source = _reference(raw["source"], by_url, texts)
                facts.append(_fact(len(facts) + 1, raw, subject, metric, source, used))
    return facts, list(texts.values())


def _fact(
    number: int, raw: dict[str, str], subject: str, metric: str, source: str, used: dict[tuple[str, float], str]
) -> Row:
    value, low, high, text = _parsed(raw["value"])
    named = (raw[metric] if metric else "level and loads").replace(
        "total transport cost (per 500 km per 20 t)", "cost per 500 km, 20 t"
    )
    mode = " ".join(part for part in (raw.get("mode"), raw.get("direction")) if part and part != "both")
    year, note = raw.get("year", ""), raw.get("note", "")
    if year and not year.isdigit():
        note, year = f"{year}; {note}".rstrip("; "), year[:4]
    return {
        "fact": f"f{number:03}",
        "subject": raw[subject],
        "metric": f"{named} ({mode})" if mode else named,
        "value": value,
        "low": low,
        "high": high,
        "text": text,
        "unit": raw["unit"] or UNITLESS,
        "year": year,
        "source": source,
        "used_by": used.get((_url(raw["source"]), float(value)), "") if value else "",
        "note": note,
    }


def _parsed(text: str) -> tuple[str, str, str, str]:
    plain = text.replace(",", "")
    if NUMBER.match(plain):
        return str(float(plain)).removesuffix(".0"), "", "", ""
    if found := PAIR.match(plain):
        return "", found[1], found[2], ""
    return "", "", "", text


def _url(source: str) -> str:
    found = URL.search(source)
    return found[0].rstrip("/") if found else source


def _reference(source: str, by_url: dict[str, str], texts: dict[str, Row]) -> str:
    for found in URL.findall(source):
        for url, name in by_url.items():
            if found.rstrip("/") == url.rstrip("/"):
                return name
    if source not in texts:
        links = URL.findall(source)
        text = URL.sub("", source).strip(" ;()") or links[0].split("/")[2]
        texts[source] = {"source": f"s{len(texts) + 1:02}", "text": text, "url": " ".join(links)}
    return str(texts[source]["source"])


def _used(tables: dict[str, list[Row]], urls: dict[str, str]) -> dict[tuple[str, float], str]:
    """Which table of the network uses a source's number, as its value or as an end of its range."""
    found: dict[tuple[str, float], str] = {}
    columns = {
        "parameters": ("value", "low", "high"),
        "posts": ("hours", "fee"),
        "links": ("km",),
        "transfers": ("hours", "capacity", "load"),
        "journeys": ("days",),
    }
    for table, names in columns.items():
        for row in tables[table]:
            url = urls[str(row["source"])].rstrip("/")
            for name in names:
                if not url or row[name] == "":
                    continue
                number = float(str(row[name]))
                label = table if table != "journeys" else "journeys (comparison only)"
                found.setdefault((url, number), label)
                if row.get("parameter") == "rate":
                    found.setdefault((url, round(number * PER_500_KM_20_T, 6)), label)
    return found

"""Goals, targets, indicators, series and what belongs to what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl

from pack_io import read_input, write_csv, write_rows
from pack_national import SeriesAbout

LANGUAGES = ("en", "ru", "kk", "ky", "tg", "tk")
OFFICIAL = 248
"""Indicators of the global framework in its form of 2022, those that serve several targets counted each time."""


SLIPS = {"Достойна работа и экономический рост": "Достойная работа и экономический рост"}
"""Slips of the pen in the list of names, and what is meant."""


def write_sdg_lists(data: Path, out: Path) -> set[str]:
    """``sdg/*.csv``; returns the official indicators."""
    names = pl.read_csv(data / "sdg_list/sdg_names_all_languages.csv", infer_schema=False).fill_null("")
    texts: dict[str, dict[str, dict[str, str]]] = {"goal": {}, "target": {}, "indicator": {}}
    for row in names.iter_rows(named=True):
        number, part = row["key"].rsplit("-", 1)
        entry = texts[row["kind"]].setdefault(number.replace("-", "."), {})
        entry |= {f"{part}.{language}": " ".join(row[language].split()) for language in LANGUAGES}
    indicators = _current(texts["indicator"])
    write_csv(out / "sdg/goals.csv", ("goal", "language", "short", "title"), _goals(texts["goal"]))
    write_csv(out / "sdg/targets.csv", ("target", "goal", "language", "title"), _targets(texts["target"]))
    header = ("indicator", "target", "goal", "language", "title")
    write_csv(out / "sdg/indicators.csv", header, _indicators(indicators))
    _write_indicator_targets(data, out, set(indicators))
    if len(indicators) != OFFICIAL:
        raise SystemExit(f"{len(indicators)} indicators, expected {OFFICIAL}")
    return set(indicators)


def _current(indicators: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """The framework of 2022: the list at hand mixes older numbers in."""
    for row in read_input("indicator_changes.csv"):
        if row["change"] != "added":
            indicators.pop(row["indicator"], None)
        else:
            indicators.setdefault(row["indicator"], {})[f"title.{row['language']}"] = row["title"]
    return indicators


def order(number: str) -> list[tuple[int, int, str]]:
    """Sort key of an official number: 1.2 before 1.10 before 1.a."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in number.split(".")]


def _goals(texts: Mapping[str, Mapping[str, str]]) -> Iterable[Sequence[str]]:
    for goal in sorted(texts, key=order):
        for language in LANGUAGES:
            short = texts[goal][f"short.{language}"]
            yield goal, language, SLIPS.get(short, short), texts[goal][f"title.{language}"]


def _targets(texts: Mapping[str, Mapping[str, str]]) -> Iterable[Sequence[str]]:
    for target in sorted(texts, key=order):
        for language in LANGUAGES:
            yield target, target.split(".")[0], language, texts[target][f"title.{language}"]


def _indicators(texts: Mapping[str, Mapping[str, str]]) -> Iterable[Sequence[str]]:
    for indicator in sorted(texts, key=order):
        for language in LANGUAGES:
            if title := texts[indicator].get(f"title.{language}"):
                target, goal = target_goal(indicator)
                yield indicator, target, goal, language, title


def target_goal(indicator: str) -> tuple[str, str]:
    """``3.4.1`` -> (``3.4``, ``3``)."""
    goal, target, _ = indicator.split(".")
    return f"{goal}.{target}", goal


def _write_indicator_targets(data: Path, out: Path, known: set[str]) -> None:
    given = pl.read_csv(data / "sdg_list/gif_targets_directions_statcan.csv", infer_schema=False).fill_null("")
    source = "Statistics Canada, Global Indicator Framework reporting platform: target or direction for 2030"
    by_title = {title: number for (number, language), title in official_titles(out).items() if language == "en"}
    texts: dict[str, str] = {}
    for number, name, text in given.select("indicator", "name", "target_or_direction").iter_rows():
        # 17.1.2 is numbered 17.1.1 in the list: a number seen before is looked up by its title.
        indicator = by_title.get(name, number) if number in texts else number
        if text.strip() and indicator in known:
            texts[indicator] = " ".join(text.split())
    rows = [(indicator, text, source) for indicator, text in texts.items()]
    write_csv(
        out / "sdg/indicator_targets.csv", ("indicator", "text", "source"), sorted(rows, key=lambda r: order(r[0]))
    )


def official_titles(out: Path) -> dict[tuple[str, str], str]:
    """(indicator, language) -> official title, from the table just written."""
    names = pl.read_csv(out / "sdg/indicators.csv", infer_schema=False)
    return {
        (number, language): title
        for number, language, title in names.select("indicator", "language", "title").iter_rows()
    }


def write_series(
    data: Path,
    out: Path,
    runs: Sequence[pl.DataFrame],
    *,
    un: pl.DataFrame,
    about: Sequence[SeriesAbout],
    aliases: Sequence[dict[str, str]],
) -> int:
    """``series.csv`` and ``series_indicators.csv`` for every series of every provider; returns the number of series.

    Args:
        data: tables at hand.
        out: the pack, with ``sdg/*.csv`` written.
        runs: run tables of all providers, the international one first.
        un: series, release, indicator of the UN tables (several indicators separated by commas).
        about: what national offices say about series.
        aliases: rows old, new, kind of ``reviewed/aliases.csv``; a successor lends its title.
    """
    units = _latest_units(runs)
    official = official_titles(out)
    titles = _titles(data, about, aliases)
    links = _links(un, about, {number for number, _ in official})
    rows = []
    for series in sorted(units):
        title, title_ru, source_en, source_ru = titles.get(series, ("", "", "", ""))
        if not title:
            numbers = links.get(series, [])
            title = f"{official[numbers[0], 'en']} (series {series})" if numbers else f"Series {series}"
            source_en = "title of the indicator: the series is withdrawn and has none at hand"
        rows.append({
            "series": series, "title": title, "title_ru": title_ru, "unit": units[series],
            "source_en": source_en, "source_ru": source_ru,
        })  # fmt: skip
    write_rows(out / "series.csv", rows)
    linked = [(name, i, *target_goal(i)) for name in sorted(units) for i in links.get(name, ())]
    write_csv(out / "series_indicators.csv", ("series", "indicator", "target", "goal"), linked)
    return len(rows)


def _latest_units(runs: Sequence[pl.DataFrame]) -> dict[str, str]:
    """Unit of a series in the latest release that carries it; of two, the one with more rows."""
    found: dict[str, str] = {}
    for frame in runs:
        latest = frame.filter(pl.col("release_to") == pl.col("release_to").max().over("series"))
        counted = latest.group_by("series", "unit").len().sort("series", "len", "unit", descending=[False, True, False])
        first = counted.unique("series", keep="first", maintain_order=True)
        found = dict(first.select("series", "unit").iter_rows()) | found
    return found


Title = tuple[str, str, str, str]
"""English, Russian, and where each is from."""


def _titles(data: Path, about: Sequence[SeriesAbout], aliases: Sequence[dict[str, str]]) -> dict[str, Title]:
    meta = pl.read_csv(data / "un_sdg/series_meta.csv", infer_schema=False)
    titles: dict[str, Title] = {}
    for found in about:
        titles.setdefault(
            found.series, (found.title, found.title_ru, found.source, found.source if found.title_ru else "")
        )
    for series, english in meta.select("series", "description").drop_nulls().iter_rows():
        _, russian, _, source_ru = titles.get(series, ("", "", "", ""))
        source = "UN SDG Global Database, series list of 2023-12-17"
        titles[series] = (" ".join(english.split()), russian, source, source_ru)
    for row in read_input("series_by_hand.csv"):
        titles[row["series"]] = (row["title"], row["title_ru"], row["source"], row["source"])
    for row in aliases:
        old, new = row["old"], row["new"]
        if row["kind"] != "related" and old not in titles and new in titles:
            english, russian, _, _ = titles[new]
            part = "former code" if row["kind"] == "successor" else "former code, one slice or several"
            titles[old] = (f"{english} ({part})", russian, f"title of {new}", f"title of {new}" if russian else "")
    return titles


def _links(un: pl.DataFrame, about: Sequence[SeriesAbout], indicators: set[str]) -> dict[str, list[str]]:
    """Series -> official indicators: the UN's own list first, then each office's numbers cut to the official ones."""
    latest = un.filter(pl.col("release") == pl.col("release").max().over("series")).unique("series", keep="first")
    links = {name: _numbers(text, indicators) for name, text in latest.select("series", "indicator").iter_rows()}
    links |= {row["series"]: [row["indicator"]] for row in read_input("series_by_hand.csv")}
    for found in about:
        links.setdefault(found.series, _numbers(found.number, indicators))
    return links


def _numbers(text: str, indicators: set[str]) -> list[str]:
    new = {
        row["indicator"]: row["title"] for row in read_input("indicator_changes.csv") if row["change"] == "renumbered"
    }
    cut = [".".join(part.strip().split(".")[:3]) for part in text.split(",")]
    parts = [new.get(part, part) for part in cut]
    return sorted({part for part in parts if part in indicators}, key=order)

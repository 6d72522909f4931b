"""Names of areas, goals, targets, indicators, series and units: all from the pack, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Protocol

import polars as pl

__all__ = ["Names", "Tables", "Text"]

Text = dict[str, str]
"""A text by language; at least English."""


class Tables(Protocol):
    """What names are read from: the pack."""

    def table(self, name: str) -> pl.DataFrame:
        """A table of the pack by its name."""
        ...

    def has(self, name: str) -> bool:
        """Whether there is an optional table."""
        ...


class Names:
    """Texts of a pack by code, each in every language of the site that the pack has it in."""

    def __init__(self, pack: Tables, languages: Iterable[str]) -> None:
        self._pack, self.languages = pack, tuple(languages)

    def _by_language(self, table: str, key: str, column: str) -> dict[str, Text]:
        frame = self._pack.table(table).filter(pl.col("language").is_in(["en", *self.languages]))
        out: dict[str, Text] = {}
        for code, tongue, text in frame.select(key, "language", column).iter_rows():
            out.setdefault(code, {})[tongue] = text
        return out

    def _by_suffix(self, table: str, key: str, column: str) -> dict[str, Text]:
        """Texts whose languages are columns: ``name_en``, ``name_ru``; a bare ``title`` is English."""
        frame = self._pack.table(table)
        columns = {tongue: f"{column}_{tongue}" for tongue in ("en", *self.languages)}
        columns = {tongue: name for tongue, name in columns.items() if name in frame.columns}
        if column in frame.columns:
            columns["en"] = column
        rows = frame.select(key, *columns.values()).iter_rows(named=True)
        return {row[key]: {tongue: row[name] for tongue, name in columns.items() if row[name]} for row in rows}

    @cached_property
    def _areas(self) -> dict[str, Text]:
        plain = {code: {"en": name} for code, name in self._pack.table("areas").select("area", "name").iter_rows()}
        return plain | self._by_language("names", "area", "short")

    @cached_property
    def _formal(self) -> dict[str, Text]:
        return self._by_language("names", "area", "name")

    @cached_property
    def _goals(self) -> dict[str, Text]:
        return self._by_language("goals", "goal", "short")

    @cached_property
    def _goal_titles(self) -> dict[str, Text]:
        return self._by_language("goals", "goal", "title")

    @cached_property
    def _targets(self) -> dict[str, Text]:
        return self._by_language("targets", "target", "title")

    @cached_property
    def _indicators(self) -> dict[str, Text]:
        return self._by_language("indicators", "indicator", "title")

    @cached_property
    def _series(self) -> dict[str, Text]:
        return self._by_suffix("series", "series", "title")

    @cached_property
    def _units(self) -> dict[str, Text]:
        return self._by_suffix("units", "unit", "name")

    @cached_property
    def _providers(self) -> dict[str, Text]:
        return self._by_suffix("providers", "provider", "name")

    @cached_property
    def _dimensions(self) -> Mapping[tuple[str, str], str]:
        frame = self._pack.table("dimensions").select("dimension", "code", "name")
        return {(dimension, code): name for dimension, code, name in frame.iter_rows() if code}

    def area(self, code: str) -> Text:
        """Everyday name of an area."""
        return self._areas.get(code, {"en": code})

    def formal(self, code: str) -> Text:
        """Formal name of an area."""
        return self._formal.get(code, self.area(code))

    def goal(self, code: str) -> Text:
        """Short title of a goal."""
        return self._goals.get(code, {"en": code})

    def goal_title(self, code: str) -> Text:
        """Full title of a goal."""
        return self._goal_titles.get(code, self.goal(code))

    def target(self, code: str) -> Text:
        """Official wording of a target."""
        return self._targets.get(code, {"en": code})

    def indicator(self, code: str) -> Text:
        """Official wording of an indicator."""
        return self._indicators.get(code, {"en": code})

    def series(self, code: str) -> Text:
        """Title of a series."""
        return self._series.get(code, {"en": code})

    def unit(self, code: str | None) -> Text:
        """Name of a unit."""
        return self._units.get(code or "", {"en": code or ""})

    def provider(self, code: str) -> Text:
        """Name of a provider."""
        return self._providers.get(code, {"en": code})

    def slice(self, dimensions: str | None) -> Text:
        """What a slice is of, such as ``Female; 15 to 24 years``; empty for the total.

        In another language only where every part has a wording there.
        """
        parts = [part.partition("=") for part in (dimensions or "").split("|") if part]
        english = [self._dimensions.get((key, code), f"{key} {code}") for key, _, code in parts]
        found = {tongue: [self.wording(text, tongue) for text in english] for tongue in self.languages}
        complete = {tongue: "; ".join(map(str, texts)) for tongue, texts in found.items() if texts and all(texts)}
        return {**complete, "en": "; ".join(english)}

    @cached_property
    def _words(self) -> Mapping[tuple[str, str], str]:
        if not self._pack.has("words"):
            return {}
        frame = self._pack.table("words").select("text", "language", "wording")
        return {(text, tongue): wording for text, tongue, wording in frame.iter_rows()}

    def wording(self, text: str, tongue: str) -> str | None:
        """A reviewed English text of the pack (a reason, a name of a slice) in another language, if it has one."""
        return self._words.get((text, tongue))


def bare(title: Mapping[str, str], unit: Mapping[str, str]) -> Text:
    """Titles of a series without the unit in brackets at their end, for places where the unit follows anyway."""
    return {
        tongue: text.removesuffix(f"({pick(unit, tongue)[0]})").rstrip() if pick(unit, tongue)[0] else text
        for tongue, text in title.items()
    }


def pick(text: Mapping[str, Any], code: str) -> tuple[str, str]:
    """The text in a language, or in English where there is none; with the language it is in."""
    if text.get(code):
        return str(text[code]), code
    return str(text.get("en", "")), "en"

"""What the pages of coordination show, asked of the region once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl
from babel.dates import format_skeleton

from serai.coordinate.dates import exactness, first_day
from serai.publish.i18n import language

if TYPE_CHECKING:
    from serai.coordinate.register import Register

__all__ = ["Gathered", "gather"]

Row = dict[str, Any]
Text = dict[str, str]


@dataclass(frozen=True)
class Gathered:
    """The register on the day its tables were last put together: a page is the same whenever it is built.

    Attributes:
        ledger: the register.
        as_of: that day.
        languages: languages of the site.
    """

    ledger: Register
    as_of: date
    languages: tuple[str, ...]

    @cached_property
    def bodies(self) -> dict[str, Text]:
        """Names of bodies."""
        return {code: {"en": english, "ru": russian} for code, (english, russian) in self.ledger.names.items()}

    @cached_property
    def short(self) -> dict[str, str]:
        """Short names of bodies, where they have one."""
        table = self.ledger.register("bodies")
        return {row["body"]: row["acronym"] or row["name_en"] for row in table.iter_rows(named=True)}

    @cached_property
    def documents(self) -> dict[str, Row]:
        """Publisher and address of every document."""
        table = self.ledger.register("documents")
        return {
            row["source"]: {"publisher": row["publisher"], "url": row["url"]} for row in table.iter_rows(named=True)
        }

    @cached_property
    def phrases(self) -> dict[str, Text]:
        """Remarks that the pack has in other languages: the English text, and each of its translations."""
        found: dict[str, Text] = {}
        for row in self.ledger.register("phrases").iter_rows(named=True):
            found.setdefault(row["text"], {"en": row["text"]})[row["language"]] = row["translation"]
        return found

    @cached_property
    def pledges(self) -> pl.DataFrame:
        """Pledges as of the day."""
        return self.ledger.pledges(as_of=self.as_of)

    @cached_property
    def agreements(self) -> pl.DataFrame:
        """Agreements as of the day."""
        return self.ledger.agreements(as_of=self.as_of)

    @cached_property
    def followups(self) -> pl.DataFrame:
        """What was to follow, as of the day."""
        return self.ledger.followups(as_of=self.as_of)

    @cached_property
    def edges(self) -> pl.DataFrame:
        """Ties between actors as of the day."""
        return self.ledger.edges(as_of=self.as_of)

    @cached_property
    def actors(self) -> pl.DataFrame:
        """Actors as of the day."""
        return self.ledger.actors(as_of=self.as_of)

    @cached_property
    def claims(self) -> pl.DataFrame:
        """Claims with their states."""
        return self.ledger.claims()

    @cached_property
    def measures(self) -> pl.DataFrame:
        """Hosting and working, seeing and doing."""
        return self.ledger.symbolic(as_of=self.as_of)

    @cached_property
    def lines(self) -> pl.DataFrame:
        """Programme lines."""
        return self.ledger.mandate()

    def when(self, text: str | None) -> Text:
        """A date that may be less exact than a day, in words."""
        begun, exact = first_day(text), exactness(text)
        if begun is None:
            return {}
        return {code: _written(begun, exact, code) for code in self.languages}

    def shared(self, used: set[str]) -> Row:
        """What every context holds: the day, and the names and documents that its rows refer to."""
        return {
            "as_of": self.as_of.isoformat(),
            "bodies": {code: name for code, name in self.bodies.items() if code in used},
            "phrases": {text: entry for text, entry in self.phrases.items() if text in used},
            "documents": {code: entry for code, entry in self.documents.items() if code in used},
        }


def _written(begun: date, exact: str, code: str) -> str:
    tongue = language(code)
    if exact == "day":
        return tongue.date(begun)
    if exact == "year":
        return str(begun.year)
    text = str(format_skeleton("yMMMM", begun, locale=tongue.locale))
    return text.removesuffix(" г.").removesuffix("\u202fг.").removesuffix("\u00a0г.")


def gather(ledger: Register, languages: tuple[str, ...]) -> Gathered:
    """The register as it is shown."""
    return Gathered(ledger, ledger.compiled, languages)


def used(value: object) -> set[str]:
    """Every word in a value, in whatever it holds: what names and documents it may refer to."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, Mapping):
        return set().union(*(used(part) for part in value.values()), set())
    if isinstance(value, (list, tuple)):
        return set().union(*(used(part) for part in value), set())
    return set()

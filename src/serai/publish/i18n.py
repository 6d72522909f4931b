"""Languages of what is published: messages, numbers and dates.

Messages are gettext catalogues (``locale/<language>.po``) with English as the source, read when a site is built.
Names of areas, goals and series are no messages: they come from the pack (see :mod:`serai.publish.names`).
"""

from __future__ import annotations

import gettext
import io
import math
import re
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from serai.publish.places import ROOT, section_folders

__all__ = ["SOURCE_LANGUAGE", "Language", "all_messages", "language", "read_catalogue"]

SOURCE_LANGUAGE = "en"
# Languages whose locale is not of the same name: days are written day first, and CLDR calls Dari fa_AF.
_LOCALES = {"en": "en_001", "prs": "fa_AF"}
THIN_SPACE, NO_BREAK_SPACE = "\u202f", "\u00a0"
NO_VALUE = "–"


def read_catalogue(code: str, folder: Path = ROOT) -> Catalog:
    """Messages of a language in one place; empty (all messages stay English) when there is no catalogue."""
    file = folder / "locale" / f"{code}.po"
    if not file.is_file():
        return Catalog(locale=code)
    return read_po(io.BytesIO(file.read_bytes()), locale=_LOCALES.get(code, code))


def all_messages(code: str) -> Catalog:
    """Messages of a language in all places: those of the site, then those of its sections."""
    found = read_catalogue(code)
    for folder in section_folders():
        for message in read_catalogue(code, folder):
            if message.id and (message.id[0] if isinstance(message.id, tuple) else message.id) not in found:
                found.add(message.id, message.string)
    return found


class Language:
    """A language to publish in.

    Attributes:
        code: as in the pack (``en``, ``ru``, ``prs`` …), used in addresses and ``lang`` attributes.
    """

    def __init__(self, code: str) -> None:
        self.code = code

    @cached_property
    def locale(self) -> Locale:
        """CLDR's rules for numbers and dates; English ones where CLDR does not know the language."""
        try:
            return Locale.parse(_LOCALES.get(self.code, self.code))
        except (UnknownLocaleError, ValueError):
            return Locale.parse(SOURCE_LANGUAGE)

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return "rtl" if self.locale.character_order == "right-to-left" else "ltr"

    @cached_property
    def translations(self) -> gettext.NullTranslations:
        """The catalogue in the form gettext and templates use."""
        if self.code == SOURCE_LANGUAGE:
            return gettext.NullTranslations()
        compiled = io.BytesIO()
        write_mo(compiled, all_messages(self.code))
        compiled.seek(0)
        return gettext.GNUTranslations(compiled)

    def text(self, message: str, /, **values: object) -> str:
        """A message in this language; English where it has no translation."""
        translated = self.translations.gettext(message) if message else ""
        return translated % values if values else translated

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """A message that depends on a number; ``%(n)s`` stands for it."""
        return self.translations.ngettext(one, many, number) % {"n": self.integer(number), **values}

    @cached_property
    def decimal(self) -> str:
        """The decimal mark."""
        mark: str = self.locale.number_symbols["latn"]["decimal"]
        return mark

    @cached_property
    def _group(self) -> str:
        mark: str = self.locale.number_symbols["latn"]["group"]
        # Narrow spaces keep tables tight; CLDR's plain no-break space means the same.
        return THIN_SPACE if mark == NO_BREAK_SPACE else mark

    @cached_property
    def _marks(self) -> dict[int, str]:
        return str.maketrans({",": self._group, ".": self.decimal, "-": "−"})

    def integer(self, value: float | None) -> str:
        """A whole number with its thousands apart."""
        return NO_VALUE if value is None else f"{round(value):,d}".translate(self._marks)

    def number(self, value: float | None, *, bound: str = "") -> str:
        """A figure with three significant digits, never fewer than its whole part; a dash for none.

        ``bound`` is the observation's: a published ``>95`` is shown as one.
        """
        if value is None or not math.isfinite(value):
            return NO_VALUE
        size = abs(value)
        if size >= 100 or size == 0:
            text = f"{value:,.0f}" if size >= 1000 or value == int(value) else f"{value:,.1f}"
        else:
            digits = max(0, 2 - math.floor(math.log10(size)))
            text = f"{value:,.{min(digits, 8)}f}".rstrip("0").rstrip(".")
        return bound + text.translate(self._marks)

    def percent(self, share: float | None, digits: int = 0) -> str:
        """A share (0 to 1) as a percentage."""
        if share is None or not math.isfinite(share):
            return NO_VALUE
        number = f"{100 * share:,.{digits}f}".translate(self._marks)
        return f"{number}%" if self.locale.language == "en" else f"{number}{NO_BREAK_SPACE}%"

    def date(self, day: date | str | None) -> str:
        """A day in full; a text that is no date stays as it is."""
        if isinstance(day, str):
            try:
                day = date.fromisoformat(day)
            except ValueError:
                return str(day)
        return NO_VALUE if day is None else format_date(day, self._day_pattern, locale=self.locale)

    @cached_property
    def _day_pattern(self) -> str:
        """CLDR's long pattern without a closing word such as the Russian "г.", which would end sentences twice."""
        return re.sub(r"[\s\u202f\u00a0]*'[^']*'\.?$", "", self.locale.date_formats["long"].pattern)


@lru_cache(maxsize=32)
def language(code: str) -> Language:
    """The language of a code; the same object each time, so that catalogues are read once."""
    return Language(code)

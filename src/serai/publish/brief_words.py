"""The words of a brief: sentences made from figures, in a language. What the figures do not support is not said."""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal

from serai.publish.brief_choice import TESTED
from serai.publish.brief_facts import middle
from serai.publish.i18n import NO_BREAK_SPACE, NO_VALUE, Language
from serai.publish.messages import shape_of
from serai.publish.names import Names, pick

__all__ = ["Words", "catalogue_bytes", "tied"]

Row = dict[str, Any]
MILLION = 1e6
# Russian and its kin in script: a word of one or two letters stays with the next one, a dash with the one before.
_SHORT = re.compile(r"(?<![\w-])([А-Яа-яЁё]{1,2}) (?=\S)")
_DASH = re.compile(r" (?=—)")
_AFTER = re.compile(r"(?<=—) (?=\d)")
_NUMBER = re.compile(r"(?<=\d) (?=[А-Яа-яЁё%])")
_RECORD = re.compile(r"^(real time|revised data), (.+) years ahead$")


def catalogue_bytes(code: str) -> bytes | None:
    """The brief's own catalogue of a language; none for the source language and those not translated yet."""
    file = resources.files("serai.publish") / "brief" / "locale" / f"{code}.po"
    return file.read_bytes() if file.is_file() else None


class _BriefLanguage(Language):
    """A language with the brief's messages beside the site's."""

    @cached_property
    def translations(self) -> gettext.NullTranslations:
        text = catalogue_bytes(self.code)
        if text is None:
            return super().translations
        compiled = io.BytesIO()
        write_mo(compiled, read_po(io.BytesIO(text), locale=self.code))
        compiled.seek(0)
        own = gettext.GNUTranslations(compiled)
        own.add_fallback(super().translations)
        return own


@lru_cache(maxsize=32)
def _language(code: str) -> Language:
    return _BriefLanguage(code)


def tied(text: str, code: str) -> str:
    """The text with no-break spaces where the language's typography wants them."""
    if code not in {"ru", "kk", "ky", "tg"}:
        return text
    for _ in range(2):  # two short words in a row: the second is seen once the first is tied
        text = _SHORT.sub(rf"\1{NO_BREAK_SPACE}", text)
    for pattern in (_DASH, _AFTER, _NUMBER):
        text = pattern.sub(NO_BREAK_SPACE, text)
    return text


class Words:
    """Numbers, names and sentences in one language.

    Args:
        code: of the language.
        names: names from the pack.
    """

    def __init__(self, code: str, names: Names) -> None:
        self.language, self.names = _language(code), names
        self.text, self.count, self.integer = self.language.text, self.language.count, self.language.integer

    @property
    def code(self) -> str:
        """Code of the language."""
        return self.language.code

    def of(self, text: Mapping[str, str]) -> str:
        """A text of the pack in this language, or in English."""
        return pick(text, self.code)[0]

    def foreign(self, text: Mapping[str, str]) -> Row:
        """A text of the pack with the language it is in, for hyphenation and for screen readers."""
        found, tongue = pick(text, self.code)
        return {"text": tied(found, tongue), "lang": tongue}

    def said(self, text: str | Row) -> Row:
        """A text with its language: this one, unless it says another."""
        return text if isinstance(text, dict) else {"text": tied(text, self.code), "lang": self.code}

    def area(self, code: str) -> str:
        """Everyday name of an area."""
        return self.of(self.names.area(code))

    def goal(self, code: str) -> str:
        """Number and short title of a goal."""
        return f"{code}. {self.of(self.names.goal(code))}"

    def day(self, when: object) -> str:
        """A date in full."""
        return self.language.date(when)  # type: ignore[arg-type]

    def number(self, value: float | None, bound: str | None = "") -> str:
        """A figure with three significant digits; millions and more with the language's word for them."""
        if value is not None and abs(value) >= MILLION:
            return (bound or "") + format_compact_decimal(value, locale=self.language.locale, fraction_digits=2)
        return self.language.number(value, bound=bound or "")

    def share(self, part: float | None, whole: float | None = 1.0) -> str:
        """A share as a percentage; what is there but less than one half per cent is not called none."""
        share = part / whole if part is not None and whole else None
        small = share is not None and 0 < share < 0.005
        return f"<{self.language.percent(0.01)}" if small else self.language.percent(share)

    def chance(self, value: float | None) -> str:
        """A chance; those beyond the outermost tested band are not told apart."""
        if value is None:
            return NO_VALUE
        if value < TESTED:
            return f"<{self.language.percent(TESTED)}"
        return f">{self.language.percent(1 - TESTED)}" if value > 1 - TESTED else self.language.percent(value)

    def span(self, low: float | None, high: float | None) -> str:
        """A range; spaced out where a minus could be taken for its dash."""
        dash = " … " if min(low or 0.0, high or 0.0) < 0 else "–"
        return f"{self.number(low)}{dash}{self.number(high)}"

    def year(self, value: float | None) -> str:
        """A year; a dash where there is none."""
        return NO_VALUE if value is None else f"{value:.0f}"

    def listed(self, parts: Sequence[str]) -> str:
        """Parts set apart by semicolons: names may hold commas."""
        return "; ".join(parts)

    def standing(self, tally: Sequence[Row]) -> str:
        """How many goals of how many countries are on track, too slow, moving away, or cannot be classed."""
        total = {name: sum(row[name] for row in tally) for name in ("on_track", "slow", "away", "none")}
        return self.count(
            "Of %(n)s pair of goal and country: %(on_track)s on track or achieved, %(slow)s too slow, %(away)s moving "
            "away, %(none)s without a class.",
            "Of %(n)s pairs of goal and country: %(on_track)s on track or achieved, %(slow)s too slow, %(away)s moving "
            "away, %(none)s without a class.",
            sum(total.values()),
            **{name: self.integer(value) for name, value in total.items()},
        )

    def ends(self, grid: Sequence[Row], members: int) -> str:
        """Goals with the most countries on track, and with the most moving away; at least two countries each."""
        ahead, behind = self._most(grid, "on_track", members), self._most(grid, "away", members)
        first = (
            self.text("Goals with the most countries on track: %(goals)s.", goals=ahead)
            if ahead
            else self.text("No goal has two or more countries on track.")
        )
        second = (
            self.text("Goals with the most countries moving away: %(goals)s.", goals=behind)
            if behind
            else self.text("In no goal do two or more countries move away.")
        )
        return f"{first} {second}"

    def _most(self, grid: Sequence[Row], standing: str, members: int, *, goals: int = 3) -> str:
        counts = [(sum(cell["standing"] == standing for cell in row["cells"]), row["goal"]) for row in grid]
        best = sorted((item for item in counts if item[0] >= 2), key=lambda item: (-item[0], int(item[1])))[:goals]
        return self.listed([self._counted(goal, count, members) for count, goal in best])

    def _counted(self, goal: str, count: int, members: int) -> str:
        """A goal with how many of the countries."""
        title = self.of(self.names.goal(goal))
        counts = {"k": self.integer(count), "n": self.integer(members)}
        return self.text("%(goal)s. %(title)s (%(k)s of %(n)s)", goal=goal, title=title, **counts)

    def moved(self, old: object, new: object, changes: Sequence[Row], moves: Sequence[Row]) -> str:
        """What differs from the earlier release, in figures and in classes of goals."""
        if old is None:
            return self.text("Only one release is held, so there is nothing to compare it with.")
        sums = {name: self.integer(sum(row[name] for row in changes)) for name in ("added", "revised", "withdrawn")}
        figures = self.text(
            "Between the releases of %(old)s and %(new)s figures were added (%(added)s), revised (%(revised)s) and "
            "withdrawn (%(withdrawn)s).",
            old=self.day(old),
            new=self.day(new),
            **sums,
        )
        return f"{figures} {self.class_moves(moves)}"

    def class_moves(self, moves: Sequence[Row]) -> str:
        """How many classes of goals changed, and which way."""
        if not moves:
            return self.text("No class of a goal changed.")
        ways = [row["way"] for row in moves]
        counts = {name: self.integer(ways.count(name)) for name in ("better", "worse", "gained", "lost")}
        return self.count(
            "%(n)s class of a goal changed: %(better)s better, %(worse)s worse, %(gained)s newly classed, %(lost)s "
            "no longer classed.",
            "%(n)s classes of goals changed: %(better)s better, %(worse)s worse, %(gained)s newly classed, %(lost)s "
            "no longer classed.",
            len(moves),
            **counts,
        )

    def outlook(self, pairs: Row, end: int) -> str:
        """How many pairs of series and country will probably meet their target, and how many hardly."""
        if not pairs["all"]:
            return self.text("No series has both a numeric target for %(year)s and a projection.", year=str(end))
        middle = pairs["all"] - pairs["high"] - pairs["low"]
        return self.count(
            "Of %(n)s pair of series and country with a numeric target for %(year)s, the chance of meeting it is two "
            "thirds or more in %(high)s, below one third in %(low)s and between in %(middle)s.",
            "Of %(n)s pairs of series and country with a numeric target for %(year)s, the chance of meeting it is two "
            "thirds or more in %(high)s, below one third in %(low)s and between in %(middle)s.",
            pairs["all"],
            year=str(end),
            high=self.integer(pairs["high"]),
            low=self.integer(pairs["low"]),
            middle=self.integer(middle),
        )

    def data(self, tally: Sequence[Row], coverage: Sequence[Row]) -> str:
        """How many indicators have data, how old they are, and for how many there is nothing."""
        known = [row for row in tally if row["with_data"]]
        if not known:
            return self.text("No country has a figure in this release.")
        least, most = min(known, key=_covered), max(known, key=_covered)
        reach = self.text(
            "Indicators with data: from %(low)s (%(least)s) to %(high)s (%(most)s) of the official list.",
            low=self.share(least["with_data"], least["indicators"]),
            least=self.area(least["area"]),
            high=self.share(most["with_data"], most["indicators"]),
            most=self.area(most["area"]),
        )
        return f"{reach} {self.silent(sum(row['none'] for row in coverage))}"

    def half(self, years: Sequence[int]) -> str:
        """Of which year half of the figures are, or older."""
        if not years:
            return ""
        return self.text("Half of the latest figures are of %(year)s or older.", year=self.year(middle(years)))

    def silent(self, indicators: int) -> str:
        """For how many official indicators no country has a figure."""
        if not indicators:
            return self.text("Every official indicator has a figure in at least one country.")
        return self.count(
            "For %(n)s official indicator no country has a figure.",
            "For %(n)s official indicators no country has a figure.",
            indicators,
        )

    def reason(self, sentence: str) -> str:
        """A reason from a table in this language; in English where it has none."""
        found = self.text(sentence)
        if found == sentence:
            found = self.names.wording(sentence, self.language.code) or sentence
        known = shape_of(sentence) if found == sentence else None
        return found if known is None else self.text(known[0]) % {k: self.reason(v) for k, v in known[1].items()}

    def record(self, cells: Sequence[Row]) -> str:
        """The tested record behind the projections of one series, once for each test and distance."""
        found = {(cell["record_note"], cell["record_n"], cell["record_coverage80"]) for cell in cells}
        parts = []
        for note, cases, held in sorted(found, key=str):
            test = _RECORD.match(note or "")
            where = self.text(test[1]) if test else self.text(note or "no tested record")
            ahead = self.text("%(band)s years ahead", band=test[2].replace("-", "–")) if test else ""
            many = self.count("%(n)s past case", "%(n)s past cases", cases)
            kept = self.text("80%% band held in %(share)s", share=self.share(held)) if held is not None else ""
            parts.append(", ".join(part for part in (where, ahead, many, kept) if part))
        return self.listed(parts)


def _covered(row: Row) -> tuple[float, str]:
    return row["with_data"] / row["indicators"] if row["indicators"] else 0.0, row["area"]

"""What the sections of a brief share: source lines, heads of columns, chips of classes, titles of series."""

from __future__ import annotations

from typing import Any

from serai.assess.methods import method
from serai.publish.brief_choice import MIN_RECORD, OLDEST
from serai.publish.brief_facts import Evidence
from serai.publish.brief_words import Words
from serai.publish.messages import CLASS_SHORT
from serai.publish.palette import CLASSES, NO_CLASS

__all__ = [
    "METHOD",
    "chip",
    "classed_by",
    "crowded",
    "good_evidence",
    "heads",
    "method_title",
    "modelled",
    "series",
    "source",
]

Row = dict[str, Any]
METHOD = "statcan"
WIDEST = 6
"""Members up to which a table has room for their names, and for figures under a sign."""


def crowded(evidence: Evidence) -> bool:
    """Whether a table with a column for each member is short of room."""
    return len(evidence.members) > WIDEST


def heads(evidence: Evidence, words: Words) -> list[str]:
    """Heads of the members' columns: names, or codes where names find no room."""
    return [area if crowded(evidence) else words.area(area) for area in evidence.members]


def source(evidence: Evidence, words: Words, *more: str) -> str:
    """Whose figures, which release, and what was made of them."""
    provider = words.of(words.names.provider(evidence.now.manifest.primary_provider))
    figures = words.text("Source: %(provider)s, release of %(date)s.", provider=provider, date=words.day(evidence.new))
    return " ".join((figures, *more))


def method_title(words: Words) -> str:
    """Name of the method the classes are by."""
    entry = method(METHOD)
    return words.of({"en": entry.title_en, "ru": entry.title_ru})


def classed_by(words: Words) -> str:
    """Who made the classes, by which method."""
    return words.text("Classes: Serai, by the method of %(method)s.", method=method_title(words))


def modelled(words: Words) -> str:
    """Who made the projections."""
    return words.text("Projections: Serai, model output.")


def chip(words: Words, name: str | None) -> Row:
    """A class as fill, sign and short name."""
    mark = CLASSES.get(name or "", NO_CLASS)
    return {"fill": mark.fill, "ink": mark.ink, "sign": mark.sign, "name": words.text(CLASS_SHORT[mark.name])}


def series(evidence: Evidence, words: Words, code: str) -> Row:
    """Indicator, title and code of a series."""
    indicators = evidence.now.indicators_of.get(code, [])
    return {
        "code": code,
        "indicator": indicators[0]["indicator"] if indicators else "",
        "title": words.foreign(words.names.series(code)),
    }


def good_evidence(evidence: Evidence, words: Words) -> str:
    """What good evidence is."""
    year = evidence.new.year - OLDEST if evidence.new else None
    return words.text(
        "Good evidence: a numeric target, a last figure of %(year)s or later, and at least %(n)s past cases in the "
        "series’ own tested record.",
        year=words.year(year),
        n=words.integer(MIN_RECORD),
    )

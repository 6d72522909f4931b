"""Words for methods side by side, peers, groups and regions."""

from __future__ import annotations

from collections.abc import Mapping

from serai.publish.palette import ClassMark

__all__ = ["FURTHER_PATTERNS", "FURTHER_REASONS", "FURTHER_WORDS", "GAP_MARKS", "STANDING_MARKS"]


def _(message: str) -> str:
    return message


FURTHER_WORDS: Mapping[str, str] = {
    "statcan": _("Open SDG"),
    "unsd": _("UNSD, 3 classes"),
    "unsd5": _("UNSD, 5 classes"),
    "escap": _("ESCAP"),
    "sdsn": _("SDG Index"),
    "eurostat": _("Eurostat"),
    "on_track": _("on track"),
    "too_slow": _("too slow"),
    "away": _("moving away"),
    "no_standing": _("no class by this method"),
    "closed": _("gap closed"),
    "closing": _("gap closing"),
    "unchanged": _("gap unchanged"),
    "widening": _("gap widening"),
    "opened": _("gap opened"),
    "behind": _("behind (one year)"),
    "not_behind": _("not behind"),
    "on_course": _("on course"),
    "not_on_course": _("not on course"),
    "partly": _("cannot be said: only the share is at hand"),
}

FURTHER_REASONS = (
    _("baseline"),
    _("trend rule"),
    _("target"),
    _("cut"),
    _("missing rule"),
    _("no 2030 value: ESCAP takes it from champion areas, which are not published"),
    _("growth rate undefined: base or latest value is not above zero"),
    _("growth rate undefined: zero base or a change of sign"),
    _("the worst countries are at the optimum: no range to score on"),
    _("no 2030 value"),
    _("target met"),
    _("the target year has come"),
    _("fewer than a third of the indicators have data"),
    _("no counterpart is published"),
    _("no year in which both have a figure"),
    _("no figure of this group"),
    _("no regions from a national provider"),
    _("no series at hand measures it"),
    _("the target gives no number"),
    _("fewer than three years of figures"),
    _("the deadline is past"),
    _("no growth rate: a figure is zero or below"),
    _("not a country of the group"),
    _("no series with classes by two methods"),
)

FURTHER_PATTERNS = (
    _("bounds need %(needed)s countries, %(n)s have data"),
    _("fewer than %(n)s countries have figures %(years)s years apart"),
    _("fewer than %(n)s countries of the group have figures"),
)

STANDING_MARKS: Mapping[str, ClassMark] = {
    "on_track": ClassMark("on_track", "#74b0dc", "#10202e", "↑", "substantial"),
    "too_slow": ClassMark("too_slow", "#fde0bd", "#2b1a06", "→", "limited"),
    "away": ClassMark("away", "#ee9244", "#2b1a06", "↓", "deterioration"),
    "": ClassMark("no_standing", "#ffffff", "#57626f", "–", "none"),
}
"""The scale all methods share, in the signs of the classes."""

GAP_MARKS: Mapping[str, ClassMark] = {
    "closed": ClassMark("closed", "#0b4f8a", "#ffffff", "✓", "achieved"),
    "closing": ClassMark("closing", "#74b0dc", "#10202e", "↑", "substantial"),
    "not_behind": ClassMark("not_behind", "#cbe1f2", "#10202e", "=", "moderate"),
    "unchanged": ClassMark("unchanged", "#fde0bd", "#2b1a06", "→", "limited"),
    "behind": ClassMark("behind", "#fde0bd", "#2b1a06", "·", "limited"),
    "widening": ClassMark("widening", "#ee9244", "#2b1a06", "↓", "deterioration"),
    "opened": ClassMark("opened", "#ee9244", "#2b1a06", "↓", "deterioration"),
    "": ClassMark("", "#ffffff", "#57626f", "–", "none"),
}
"""What became of a gap, in the signs of the classes."""

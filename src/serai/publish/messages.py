"""Words for codes: classes, natures, reasons. English is the source; catalogues hold the other languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from serai.publish.messages_further import FURTHER_PATTERNS, FURTHER_WORDS

__all__ = [
    "CLASS_MEANINGS",
    "CLASS_NAMES",
    "CLASS_SHORT",
    "NATURES",
    "PATTERNS",
    "REASONS",
    "SCALES",
    "WORDS",
    "_",
    "shape_of",
]


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is shown."""
    return message


CLASS_NAMES: Mapping[str, str] = {
    "target_achieved": _("Target achieved"),
    "substantial_progress": _("On track"),
    "moderate_progress": _("Moderate progress"),
    "limited_progress": _("Limited progress"),
    "deterioration": _("Deterioration"),
    "": _("No class"),
}

CLASS_SHORT: Mapping[str, str] = {
    "target_achieved": _("Achieved"),
    "substantial_progress": _("On track"),
    "moderate_progress": _("Moderate"),
    "limited_progress": _("Limited"),
    "deterioration": _("Deterioration"),
    "": _("No class"),
}

CLASS_MEANINGS: Mapping[str, str] = {
    "target_achieved": _("the target is met"),
    "substantial_progress": _("fast enough to meet the target"),
    "moderate_progress": _("at 60 to 95 % of the speed required: acceleration needed"),
    "limited_progress": _("below 60 % of the speed required, or standing still"),
    "deterioration": _("moving away from the target"),
    "": _("too few data or no rule; the reason is given"),
}

NATURES: Mapping[str, str] = {
    "C": _("country data"),
    "CA": _("country data, adjusted"),
    "E": _("estimated"),
    "M": _("modelled"),
    "G": _("global monitoring data"),
    "N": _("not relevant"),
}

# Codes and short reasons that reach pages from tables; each is shown through `say`.
WORDS: Mapping[str, str] = {
    "added": _("added"),
    "revised": _("revised"),
    "withdrawn": _("withdrawn"),
    "all_total": _("all-total slice"),
    "standing_slice": _("standing slice"),
    "none": _("none"),
    "international": _("international"),
    "national": _("national"),
    "provider": _("Provider"),
    "release": _("Release"),
    "rows": _("Rows"),
    "areas": _("Areas"),
    "real time": _("real time"),
    "revised data": _("revised data"),
    "revised data, earlier years only": _("revised data, earlier years only"),
    "revised data, earlier years only, widened as shown": _("revised data, earlier years only, bands as shown"),
    "areas held out": _("countries held out"),
    "all": _("all natures"),
    "C+CA": _("country data, also adjusted"),
    "M+E": _("estimated and modelled"),
    "G": _("global monitoring data"),
    "unstated": _("not stated"),
    "ensemble": _("ensemble of short-series methods"),
    "same": _("same (within 0.5 %)"),
    "scale": _("other scale"),
    "index_growth": _("index against a rate of change"),
    "year_shift": _("figure of another year"),
    "other_slice": _("figure of another breakdown"),
    "other_release": _("figure of an earlier release"),
    "unit": _("other unit"),
    "genuine": _("differs"),
    "other_years": _("no international figure of the year"),
    "other_slices": _("international figures of other breakdowns only"),
    "no_international": _("no international figure"),
    "constant": _("unchanged value of a constant series"),
    **FURTHER_WORDS,
}

REASONS = (
    _("withheld"),
    _("under embargo"),
    _("not applicable"),
    _("figures only for other breakdowns or from other providers"),
    _("no figure in this release"),
    _("no series with data"),
    _("see the note"),
    _("no data"),
    _("series that other members have and this one has not"),
    _("no rule for this series"),
    _("the series is a rate of change already, and its compound growth says nothing"),
    _("no rule for the series that have data"),
    _("the rule names no direction"),
    _("a parity index must be above zero"),
    _("withheld by the provider"),
    _("does not apply here, says the provider"),
    _("no finite number among the values"),
    _("values only after the target year"),
    _("values without a year"),
    _("sign changes between base and latest value: no growth rate"),
    _("target and base are of different sign: no required rate"),
    _("the formula gives no finite figure here"),
    _("zero base taken as 0.001"),
    _("zero in both years: no change"),
    _("zero target taken as 0.001"),
    _("a published bound is used as its number"),
    _("parity index: distance from one"),
    _("no tested record"),
    _("two different values for one year"),
    _("no finite value"),
    _("values too large to be projected"),
    _("no value published"),
    _("real time"),
    _("revised data"),
)
"""Reasons that are one fixed sentence. Those with figures in them are in `PATTERNS`."""

PATTERNS = (
    _("no rule: %(why)s"),
    _("one year of data since %(start)s (%(year)s)"),
    _("no data since %(start)s"),
    _("no series with two years since %(start)s"),
    _("no series could be classified: %(why)s"),
    _("year %(year)s is given twice with different values"),
    _("unit changes from '%(old)s' to '%(new)s'"),
    _("unit '%(old)s' is not the rule's unit '%(new)s'"),
    _("%(n)s values are not finite and were left aside"),
    _("not projected: %(why)s"),
    _("%(n)s observed year(s), %(needed)s needed"),
    _("observed to %(year)s, nothing left to project"),
    _("%(n)s years ahead; errors are known to %(limit)s"),
    _("%(why)s, %(band)s years ahead"),
    *FURTHER_PATTERNS,
)

SCALES: Mapping[float, str] = {
    1e6: _("Axis in millions."),
    1e9: _("Axis in billions (10⁹)."),
    1e12: _("Axis in trillions (10¹²)."),
}


@lru_cache(maxsize=4)
def _shapes(shapes: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Messages with places to fill, and what finds them in a finished sentence."""

    def pattern(shape: str) -> re.Pattern[str]:
        parts = re.split(r"%\((\w+)\)s", shape)
        return re.compile("".join(f"(?P<{part}>.+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts)))

    return tuple((shape, pattern(shape)) for shape in shapes)


def shape_of(sentence: str, shapes: tuple[str, ...] = PATTERNS) -> tuple[str, dict[str, str]] | None:
    """The message with places to fill that a finished English sentence was made from, and what fills it; or none."""
    for shape, pattern in _shapes(shapes):
        if match := pattern.fullmatch(sentence):
            return shape, match.groupdict()
    return None

"""The standard's rules, interpreted from the JSON they are published in.

A ruleset maps a context (an XPath) to rules, a rule to cases; what each kind of case means is in the specification of
IATI rulesets (github.com/IATI/IATI-Rulesets, SPEC_JS.rst and SPEC.rst, MIT). Where the official JavaScript validator
departs from XPath (an empty set of nodes counting as true) this follows XPath.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from lxml import etree

from serai.errors import SourceError
from serai.files import bounded_text

Element = Any
Case = Mapping[str, Any]
_XML = {"xml": "http://www.w3.org/XML/1998/namespace"}
_DATE = re.compile(r"^\s*(-?\d{4,})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?\s*$")
CURRENCY_ELEMENTS = ("value", "forecast", "loan-status")
MAX_SHOWN = 80
MAX_LOOPS = 100
"""Vocabularies of one activity that the rules on each of them are run for; the standard knows about thirty."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A case that an element breaks."""

    rule: str
    """Number of the rule in the standard, as published."""
    kind: str
    severity: str
    message: str
    value: str
    line: int
    """Line within the document that was checked."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the rules take from outside the file."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    publishers: Collection[str] = ()
    """Identifiers of registered publishers: exempt from rules on the form of identifiers."""
    prefixes: Collection[str] = ()
    """Prefixes of registration agencies (``XM-DAC``); without them the cases that need them do not run."""


class Ruleset:
    """A ruleset, compiled.

    Args:
        content: the JSON document.
        name: what to call it in messages.

    Raises:
        SourceError: not a ruleset, a kind of rule that is not known, or an XPath that does not parse.
    """

    def __init__(self, content: Mapping[str, Any], name: str = "ruleset") -> None:
        self.name = name
        self.contexts: list[tuple[str, Any, list[_Case]]] = []
        try:
            for context, rules in content.items():
                cases = [one for kind, spec in rules.items() for one in _cases(kind, spec["cases"])]
                self.contexts.append((context, _xpath(context), cases))
        except (KeyError, TypeError, AttributeError) as error:
            raise SourceError(
                f"{name}: not a ruleset ({type(error).__name__}: {error}); give one as published"
            ) from error

    @property
    def size(self) -> int:
        """Number of cases, those inside loops included and the loops themselves not."""
        return sum(one.size for _, _, cases in self.contexts for one in cases)

    def idle(self, known: Known) -> list[str]:
        """Numbers of the rules that cannot run for want of a list from outside."""
        every = (one for _, _, cases in self.contexts for one in cases)
        return sorted({one.rule for one in every if one.needs_prefixes and not known.prefixes})

    def broken(self, root: Element, known: Known) -> Iterator[Broken]:
        """Every case that a document breaks, in the order of the ruleset."""
        for _, context, cases in self.contexts:
            for element in context(root):
                for case in cases:
                    yield from case.broken(element, known)


AGENCIES = "2024-11-22"
"""Release of the list of registration agencies that is shipped: codes only, of IATI's copy of org-id.guide."""


@cache
def agencies() -> frozenset[str]:
    """Prefixes of registration agencies (``XM-DAC``) as of :data:`AGENCIES`; agencies added since are not in it."""
    text = (resources.files(__package__) / "standard" / "agencies.csv").read_text(encoding="utf-8")
    return frozenset(text.split()[1:])


def standard() -> Ruleset:
    """The standard ruleset of version 2.03, as vendored."""
    text = (resources.files(__package__) / "standard" / "ruleset-standard.json").read_text(encoding="utf-8")
    return Ruleset(json.loads(text), "ruleset-standard.json")


def read(path: Path) -> Ruleset:
    """A ruleset from a file.

    Raises:
        SourceError: missing, not JSON, or not a ruleset.
    """
    try:
        return Ruleset(json.loads(bounded_text(path)), path.name)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}; give the path of a ruleset") from error
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path}: not JSON ({error}); give a ruleset as published") from error


def entries(path: Path | None) -> frozenset[str]:
    """A list from outside, one entry a line; empty where no file is given.

    Raises:
        SourceError: the file cannot be read.
    """
    if path is None:
        return frozenset()
    try:
        return frozenset(line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read ({error}); give a text file with one entry a line") from error


# -- cases ----------------------------------------------------------------------------------------------------------


class _Case:
    """One case of a rule, its paths compiled."""

    def __init__(self, kind: str, case: Case) -> None:
        if kind not in _KINDS:
            raise SourceError(f"unknown kind of rule '{kind}'; known: {', '.join(sorted(_KINDS))}")
        self.kind, self.case, self.size = kind, case, 1
        info = case.get("ruleInfo", {})
        self.rule, self.severity = str(info.get("id", kind)), str(info.get("severity", "error"))
        self.message = str(info.get("message", "")).strip()
        self.test = _KINDS[kind]
        self.paths = [_xpath(path) for path in case.get("paths", ())]
        self.needs_prefixes = case.get("prefix") == ["ORG-ID-PREFIX"] or case.get("prefix") == "ORG-ID-PREFIX"
        names = ("condition", "if", "then", "eval", "one", "less", "more", "date", "start", "end")
        self.single = {name: _xpath(case[name]) for name in names if case.get(name, "NOW") != "NOW"}
        self.several = {
            name: [_xpath(path) for path in case[name]]
            for name in ("excluded", "prefix")
            if name in case and not self.needs_prefixes
        }

    def broken(self, element: Element, known: Known) -> Iterator[Broken]:
        if "condition" in self.single and not _true(self.single["condition"](element)):
            return
        found = [node for path in self.paths for node in _nodes(path(element))]
        if not _exempt(self.case.get("idCondition", ""), found, known):
            for value, line in self.test(self, element, found, known):
                shown = value if len(value) <= MAX_SHOWN else value[: MAX_SHOWN - 1] + "…"
                yield Broken(self.rule, self.kind, self.severity, self.message, shown, line or element.sourceline or 0)


class _Loop(_Case):
    """Cases repeated for every value of a path, the value put in the place of ``$1``."""

    def __init__(self, case: Case) -> None:
        self.each = _xpath(case["foreach"])
        self.do, self.subs = case["do"], case.get("subs", ())
        self.made: dict[str, list[_Case]] = {}
        self.needs_prefixes = False
        self.size, self.rule = sum(one.size for one in self._for("1")), ""

    def _for(self, value: str) -> list[_Case]:
        if value not in self.made:
            if len(self.made) > 1000:
                self.made.clear()
            self.made[value] = [
                one
                for kind, spec in self.do.items()
                for one in _cases(kind, [_substituted(case, self.subs, value) for case in spec["cases"]])
            ]
        return self.made[value]

    def broken(self, element: Element, known: Known) -> Iterator[Broken]:
        values = list(dict.fromkeys(_text(node) for node in self.each(element)))
        if len(values) > MAX_LOOPS:
            message = f"More vocabularies than {MAX_LOOPS} are used: the others are not checked."
            yield Broken("vocabulary", "loop", "error", message, str(len(values)), element.sourceline or 0)
        for value in values[:MAX_LOOPS]:
            if "'" not in value:  # it stands between apostrophes in an XPath; no vocabulary has one
                for case in self._for(value):
                    yield from case.broken(element, known)


def _cases(kind: str, cases: Any) -> list[_Case]:  # noqa: ANN401
    kind = _SPELT.get(kind.replace("_", "").lower(), kind)
    return [_Loop(case) if kind == "loop" else _Case(kind, case) for case in cases]


def _substituted(case: Case, subs: Collection[str], value: str) -> Case:
    """A case with ``$1`` replaced in every text it has.

    The published ruleset names only some of the keys in ``subs`` although the others hold ``$1`` too; left as it is,
    no vocabulary equals ``$1`` and the case could never be broken.
    """

    def put(part: Any) -> Any:  # noqa: ANN401
        if isinstance(part, str):
            return part.replace("$1", value)
        return [put(one) for one in part] if isinstance(part, list) else part

    return {name: put(part) if name != "ruleInfo" else part for name, part in case.items()}


def _xpath(path: str) -> Any:  # noqa: ANN401
    try:
        return etree.XPath(path, namespaces=_XML, smart_strings=True)
    except etree.XPathSyntaxError as error:
        raise SourceError(f"a ruleset holds an XPath that does not parse ({path}): {error}; correct it") from error


def _exempt(condition: str, found: list[Any], known: Known) -> bool:
    """Whether identifiers are ones of registered publishers, which keep the form they have."""
    texts = [_text(node) for node in found]
    if condition == "NOT_EXISTING_ORG_ID":
        return any(text in known.publishers for text in texts)
    if condition == "NOT_EXISTING_ORG_ID_PREFIX":
        return any(text.startswith(f"{one}-") for text in texts for one in known.publishers)
    return False


# -- nodes and dates ------------------------------------------------------------------------------------------------


def _nodes(result: Any) -> list[Any]:  # noqa: ANN401
    return result if isinstance(result, list) else [result]


def _true(result: Any) -> bool:  # noqa: ANN401
    """XPath's boolean(): an empty set of nodes is false."""
    return bool(len(result)) if isinstance(result, list | str) else bool(result) and result == result  # noqa: PLR0124


def _text(node: Any) -> str:  # noqa: ANN401
    return node if isinstance(node, str) else "".join(node.itertext()) if hasattr(node, "itertext") else str(node)


def _line(node: Any) -> int:  # noqa: ANN401
    """Line of a node; an attribute's or a text's is its element's."""
    if isinstance(node, str):
        parent = node.getparent() if hasattr(node, "getparent") else None
        return (parent.sourceline or 0) if parent is not None else 0
    return getattr(node, "sourceline", 0) or 0


def _all(found: list[Any]) -> Iterator[tuple[str, int]]:
    """The nodes, as one finding: their texts, and the line of the first."""
    if found:
        yield ", ".join(dict.fromkeys(_shown(node) for node in found)), _line(found[0])
    else:
        yield "", 0


def _shown(node: Any) -> str:  # noqa: ANN401
    """A node in a message: its text, else its code, else its name."""
    text = " ".join(_text(node).split())
    return text if text or isinstance(node, str) else (node.get("code") or node.get("ref") or f"<{node.tag}>")


@dataclass(frozen=True, slots=True)
class Day:
    """A date as written: the day, and the first instant at which it has surely begun somewhere."""

    day: date
    begins: datetime


def parse_date(text: str) -> Day | None:
    """A date of XML Schema, with or without time and zone; ``None`` where it is none."""
    match = _DATE.match(text)
    if match is None:
        return None
    year, month, of_month, hour, minute, second, zone = match.groups()
    try:
        day = date(int(year), int(month), int(of_month))
        clock = time(int(hour or 0) % 24, int(minute or 0), min(int(second or 0), 59))
        return Day(day, datetime.combine(day, clock, _zone(zone)))
    except ValueError:
        return None


def _zone(zone: str | None) -> timezone:
    if zone is None or zone == "Z":
        return UTC
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    return timezone((1 if zone[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))


def _dated(case: _Case, name: str, element: Element, known: Known) -> list[tuple[Day, Any]]:
    """The dates a path of a case leads to, with their nodes; now has none."""
    if name not in case.single:
        return [(Day(known.now.date(), known.now), None)] if case.case.get(name) == "NOW" else []
    nodes = _nodes(case.single[name](element))
    return [(day, node) for node in nodes if (day := parse_date(_text(node))) is not None]


# -- kinds of rule: each yields value and line of what breaks it -------------------------------------------------------

Test = Callable[[_Case, Element, list[Any], Known], Iterator[tuple[str, int]]]


def _no_more_than_one(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    if len(found) > 1:
        yield from _all(found)


def _atleast_one(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    if not found:
        yield "", 0


def _dependent(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    if found and not all(_nodes(path(element)) for path in case.paths):
        yield from _all(found)


def _only_one_of(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    excluded = [node for path in case.several["excluded"] for node in path(element)]
    if bool(found) if excluded else len(found) != 1:
        yield from _all(found)


def _one_or_all(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    if _nodes(case.single["one"](element)):
        return
    for node in _needing(case.case["all"], element):
        yield _text(node).strip() or node.tag, node.sourceline or 0


def _needing(what: str, element: Element) -> Iterator[Element]:
    """Elements that lack what nothing above them gives."""
    if what == "lang":
        yield from (node for node in element.iter("narrative") if node.get(f"{{{_XML['xml']}}}lang") is None)
    elif what == "currency":
        yield from (node for node in element.iter(*CURRENCY_ELEMENTS) if node.get("currency") is None)
    else:
        names = [name.strip() for name in what.split("|")]
        transactions = element.iterchildren("transaction")
        yield from (node for node in transactions if all(node.find(name) is None for name in names))


def _sum(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    if found:
        yield from _strict_sum(case, element, found, known)


def _strict_sum(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    try:
        total = sum((Decimal(_text(node).strip()) for node in found), Decimal())
        right = round(total, 4) == Decimal(str(case.case["sum"]))
    except (InvalidOperation, ValueError):
        yield from _all([node for node in found if not _is_number(_text(node))])
        return
    if not right:
        yield f"{total.normalize():f}", _line(found[0]) if found else 0


def _date_order(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    now = "NOW" in (case.case["less"], case.case["more"])
    later = _dated(case, "more", element, known)
    if not later:
        return
    # Each date against the earliest of those it must not exceed: of thousands, the pairs would be millions.
    more, other = min(later, key=lambda one: one[0].begins if now else one[0].day)
    for less, node in _dated(case, "less", element, known):
        if less.begins > more.begins if now else less.day > more.day:
            shown = node if node is not None else other
            yield f"{less.day} > {'now' if other is None else more.day}", _line(shown)


def _date_now(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    for day, node in _dated(case, "date", element, known):
        if day.begins > known.now:
            yield _text(node), _line(node)


def _time_limit(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    for start, _ in _dated(case, "start", element, known):
        for end, node in _dated(case, "end", element, known):
            if (end.day - start.day).days > 365:
                yield f"{start.day} to {end.day}", _line(node)


def _between_dates(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    starts, ends = (_dated(case, name, element, known) for name in ("start", "end"))
    for day, node in _dated(case, "date", element, known):
        early = any(day.day < start.day for start, _ in starts)
        if early or any(day.day > end.day for end, _ in ends):
            yield _text(node), _line(node)


def _regex(case: _Case, found: list[Any], wanted: bool) -> Iterator[tuple[str, int]]:
    # The pattern comes from the vendored ruleset or from one the user gives, never from the file that is checked.
    pattern = re.compile(case.case["regex"])
    for node in found:
        text = _text(node)
        if text and bool(pattern.search(text)) != wanted:
            yield text, _line(node)


def _regex_matches(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    yield from _regex(case, found, True)


def _regex_no_matches(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    yield from _regex(case, found, False)


def _startswith(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    if case.needs_prefixes:
        for node in found if known.prefixes else ():
            if "-".join(_text(node).split("-")[:2]) not in known.prefixes:
                yield _text(node), _line(node)
        return
    separator = case.case.get("separator", "")
    starts = [_text(node) + separator for path in case.several["prefix"] for node in path(element)]
    for node in found:
        if not _text(node).startswith(tuple(starts)):
            yield _text(node), _line(node)


def _unique(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    seen: set[str] = set()
    for node in found:
        if _text(node) in seen:
            yield _text(node), _line(node)
        seen.add(_text(node))


def _if_then(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    if _true(case.single["if"](element)) and not _true(case.single["then"](element)):
        yield from _all(found)


def _evaluates_to_true(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    if not _true(case.single["eval"](element)):
        yield str(case.case["eval"]), 0


def _range(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    low, high = case.case.get("min"), case.case.get("max")
    for node in found:
        text = _text(node).strip()
        value = float(text) if _is_number(text) else float("nan")
        if not ((low is None or value >= low) and (high is None or value <= high)) or value != value:  # noqa: PLR0124
            yield text, _line(node)


def _no_spaces(case: _Case, element: Element, found: list[Any], known: Known) -> Iterator[tuple[str, int]]:
    for node in found:
        if _text(node) != _text(node).strip():
            yield repr(_text(node)), _line(node)


def _is_number(text: str) -> bool:
    try:
        return Decimal(text.strip()).is_finite()
    except InvalidOperation:
        return False


_KINDS: Mapping[str, Test] = {
    "no_more_than_one": _no_more_than_one,
    "atleast_one": _atleast_one,
    "dependent": _dependent,
    "only_one_of": _only_one_of,
    "one_or_all": _one_or_all,
    "sum": _sum,
    "strict_sum": _strict_sum,
    "date_order": _date_order,
    "date_now": _date_now,
    "time_limit": _time_limit,
    "between_dates": _between_dates,
    "regex_matches": _regex_matches,
    "regex_no_matches": _regex_no_matches,
    "startswith": _startswith,
    "unique": _unique,
    "if_then": _if_then,
    "evaluates_to_true": _evaluates_to_true,
    "range": _range,
    "number_value_range": _range,
    "no_spaces": _no_spaces,
}
"""Kinds of rule, those of the older specification included, which a user's own ruleset may hold."""
_SPELT = {name.replace("_", ""): name for name in _KINDS}
"""Kinds by their names run together: the specifications write ``atleast_one`` and ``atLeastOne``."""

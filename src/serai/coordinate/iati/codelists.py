"""The code lists of the standard that Serai ships, and where in an activity they hold."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from lxml import etree

from serai.coordinate.iati.ruleset import Broken

Element = Any

_USES: tuple[tuple[str, str], ...] = (
    ("ActivityStatus", "activity-status/@code"),
    ("Country", "recipient-country/@code | transaction/recipient-country/@code"),
    ("FinanceType", "default-finance-type/@code | transaction/finance-type/@code"),
    ("FlowType", "default-flow-type/@code | transaction/flow-type/@code"),
    ("OrganisationRole", "participating-org/@role"),
    (
        "Sector",
        "(sector | transaction/sector)[not(@vocabulary) or @vocabulary='' or @vocabulary='1']/@code",
    ),
    ("TagVocabulary", "tag/@vocabulary | result/indicator/period/target/tag/@vocabulary"),
    ("TransactionType", "transaction/transaction-type/@code"),
    ("UNSDG-Goals", "tag[@vocabulary='2']/@code"),
    ("UNSDG-Targets", "tag[@vocabulary='3']/@code"),
)
"""List, and the attributes that take its codes (IATI-Codelists, mapping.xml); of organisations: recipient countries."""


@cache
def names() -> Mapping[str, Mapping[str, str]]:
    """Codes of each list with their English names."""
    found: dict[str, dict[str, str]] = {}
    for row in _rows():
        found.setdefault(row["list"], {})[row["code"]] = row["name"]
    return found


@cache
def categories(name: str) -> Mapping[str, str]:
    """Codes of a list with the category each belongs to."""
    return {row["code"]: row["category"] for row in _rows() if row["list"] == name}


def _rows() -> Iterator[dict[str, str]]:
    text = (resources.files(__package__) / "standard" / "codelists.csv").read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


@cache
def _paths() -> list[tuple[str, Any]]:
    return [(name, etree.XPath(path)) for name, path in _USES]


def unknown_codes(record: Element) -> Iterator[Broken]:
    """Codes of an activity or organisation that their list does not hold."""
    if record.tag == "iati-organisation":
        codes = record.xpath("recipient-country-budget/recipient-country/@code")
        yield from _unknown("Country", codes)
        return
    for name, path in _paths():
        yield from _unknown(name, path(record))


def _unknown(name: str, codes: list[Any]) -> Iterator[Broken]:
    known = names()[name]
    for code in codes:
        if code not in known:
            message = f"The code is not in the list {name}."
            yield Broken(f"codelist {name}", "codelist", "error", message, str(code), code.getparent().sourceline or 0)

"""A file against the standard: its schema, its rules, its code lists, and identifiers that appear twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl
from lxml import etree

from serai.coordinate.iati import codelists, ruleset
from serai.coordinate.iati.ruleset import Known, Ruleset
from serai.coordinate.iati.scan import Head, Piece, open_head, parser, pieces

Element = Any
_NAMES = {"iati-activity": "iati-identifier", "iati-organisation": "organisation-identifier"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a file that the standard does not allow, or advises against."""

    file: str
    line: int
    activity: str
    """Identifier of the activity or organisation; empty where it has none."""
    rule: str
    """Number of the rule in the standard; ``schema``, ``codelist …``, ``identifier`` or ``xml`` for the others."""
    kind: str
    severity: str
    """``error`` or ``warning``, as the standard has it."""
    value: str
    message: str

    def __str__(self) -> str:
        value = f" [{self.value}]" if self.value else ""
        activity = self.activity or "(no identifier)"
        return f"{self.file}:{self.line}: {activity}: {self.severity} {self.rule} {self.kind}: {self.message}{value}"

    def row(self) -> dict[str, Any]:
        """The finding as a row of a table."""
        return asdict(self)


FINDING = {name: pl.Int64() if name == "line" else pl.String() for name in Finding.__slots__}
"""Columns of a table of findings."""


def check(
    path: Path, *, rules: Ruleset | None = None, known: Known | None = None, seen: dict[str, str] | None = None
) -> Iterator[Finding]:
    """Everything in a file that breaks the standard, record by record; memory does not grow with the file.

    Args:
        path: an activity or organisation file of version 2.01 to 2.03.
        rules: a ruleset; by default the standard's.
        known: what the rules take from outside.
        seen: identifiers met in other files and where; those of this file are added.

    Raises:
        SourceError: the file cannot be read as one of the standard.
    """
    head = open_head(path)
    rules, known = rules or ruleset.standard(), known or Known()
    seen, empty = {} if seen is None else seen, True
    with head.content.open("rb") as file:
        for piece in pieces(head):
            empty = False
            file.seek(piece.offset)
            yield from _record(head, piece, file.read(piece.size), rules, known, seen)
    if empty:
        yield Finding(str(path), head.line, "", "schema", "schema", "error", "", f"The file holds no {head.unit}.")


def _record(
    head: Head, piece: Piece, content: bytes, rules: Ruleset, known: Known, seen: dict[str, str]
) -> Iterator[Finding]:
    name, shift = str(head.path), piece.line - 1 - head.start.count(b"\n")
    try:
        if piece.problem:
            raise ValueError(piece.problem)
        root = etree.fromstring(head.wrap(head.utf8(content)), parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        at, problem = getattr(error, "lineno", None), (str(error) or "not XML").split(", line ")[0]
        line = shift + at if at else piece.line
        yield Finding(name, line, "", "xml", "xml", "error", "", f"Not well-formed XML: {problem}.")
        return
    record = root[0]
    identifier = (record.findtext(_NAMES[head.unit]) or "").strip()
    yield from _twice(name, piece.line, identifier, seen)
    found = [*_schema_faults(head, root), *rules.broken(root, known), *codelists.unknown_codes(record)]
    for one in found:
        line = shift + one.line if one.line else piece.line
        yield Finding(name, line, identifier, one.rule, one.kind, one.severity, one.value, one.message)


def _twice(name: str, line: int, identifier: str, seen: dict[str, str]) -> Iterator[Finding]:
    if not identifier:
        return
    if identifier in seen:
        message = f"The identifier appears twice, first at {seen[identifier]}."
        yield Finding(name, line, identifier, "identifier", "unique", "error", identifier, message)
    seen.setdefault(identifier, f"{name}:{line}")


@cache
def schema(kind: str) -> Any:  # noqa: ANN401
    """The standard's schema of ``iati-activities`` or ``iati-organisations``, read from the package alone."""
    file = "iati-activities-schema.xsd" if kind == "iati-activities" else "iati-organisations-schema.xsd"
    with resources.as_file(resources.files(__package__) / "standard") as folder:
        return etree.XMLSchema(etree.parse(folder / file, etree.XMLParser(no_network=True)))


def _schema_faults(head: Head, root: Element) -> Iterator[ruleset.Broken]:
    against = schema(head.kind)
    if against.validate(root):
        return
    for entry in against.error_log:
        value = re.search(r"[Vv]alue '([^']*)'", entry.message)
        message = entry.message.replace("Element ", "", 1)
        yield ruleset.Broken("schema", "schema", "error", message, value[1][:80] if value else "", entry.line)

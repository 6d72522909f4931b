"""A file against the standard: its schema, its rules, its code lists, and identifiers that appear twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
from lxml import etree

from serai.coordinate.iati import codelists, ruleset
from serai.coordinate.iati.ruleset import Known, Ruleset
from serai.coordinate.iati.scan import MAX_ACTIVITY, Head, Piece, open_head, parser, pieces
from serai.coordinate.iati.spec import one_line

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
        value = f" [{one_line(self.value)}]" if self.value else ""
        activity = one_line(self.activity) or "(no identifier)"
        message = one_line(self.message)
        return f"{self.file}:{self.line}: {activity}: {self.severity} {self.rule} {self.kind}: {message}{value}"

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
    seen, empty, whole = {} if seen is None else seen, True, True
    around = _Around(head)
    with head.content.open("rb") as file:
        for piece in pieces(head):
            empty = False
            around.up_to(file, piece.offset)
            file.seek(piece.offset)
            content = file.read(piece.size)
            for one in _record(head, piece, content, rules, known, seen):
                whole = whole and one.kind != "xml"
                yield one
            around.after(piece, content)
        around.up_to(file, head.content.stat().st_size)
    if whole:
        yield from around.findings()
    if empty:
        yield Finding(str(path), head.line, "", "schema", "schema", "error", "", f"The file holds no {head.unit}.")


_BESIDE = re.compile(rb"<!--(?:[^-]|-[^-])*+-->|<\?(?!xml\b)[^?<>:]*+\?>")
"""Comments and instructions, which may stand anywhere."""
_MOST = 2**20
"""Bytes around records that are looked through: nothing but the root's end has to be there."""


class _Around:
    """What stands around the records of a file. Without them it is a document too, and a short one."""

    def __init__(self, head: Head) -> None:
        self.head, self.offset, self.line = head, head.offset, head.line
        self.parts: list[tuple[int, bytes]] = []
        """What is more than white space and comments, and the line it begins on."""
        self.size = 0

    def up_to(self, file: BinaryIO, end: int) -> None:
        """Take in what stands between the last record and a place."""
        file.seek(self.offset)
        text = _BESIDE.sub(lambda found: b"\n" * found[0].count(b"\n"), file.read(min(end - self.offset, MAX_ACTIVITY)))
        if text.strip():
            self.size += len(text)
            if self.size <= _MOST:
                self.parts.append((self.line, text))

    def after(self, piece: Piece, content: bytes) -> None:
        """Go on behind a record."""
        self.offset, self.line = piece.offset + piece.size, piece.line + content.count(self.head.line_end)

    def findings(self) -> Iterator[Finding]:
        """What is not XML, or may not stand there."""
        with self.head.content.open("rb") as file:
            text = file.read(self.head.offset)
        lines = [(1, 1)]
        for line, part in self.parts:
            lines.append((text.count(b"\n") + 2, line))
            text += b"\n" + part

        def found(at: int, kind: str, value: str, message: str) -> Finding:
            start, line = next(one for one in reversed(lines) if one[0] <= at)
            return Finding(str(self.head.path), line + at - start, "", kind, kind, "error", value, message)

        if self.size > _MOST:
            message = f"More than {_MOST:,} bytes stand beside {self.head.unit}."
            yield found(lines[-1][0], "schema", "", message)
            return
        try:
            root = etree.fromstring(text, parser(self.head.encoding))
        except etree.XMLSyntaxError as error:
            problem = (error.msg or "not XML").split(", line ")[0].strip()
            yield found(error.lineno or 1, "xml", "", f"Not well-formed XML: {problem}.")
            return
        for one in root.iterchildren("{}*"):
            yield found(one.sourceline or 1, "schema", f"<{one.tag}>", f"It may not stand beside {self.head.unit}.")
        if said := "".join(root.xpath("text()")).split():
            at = max(text.find(said[0].encode(self.head.encoding), self.head.offset), 0)
            line, value = text.count(b"\n", 0, at) + 1, " ".join(said)[:80]
            yield found(line, "schema", value, f"Text may not stand beside {self.head.unit}.")


def _record(
    head: Head, piece: Piece, content: bytes, rules: Ruleset, known: Known, seen: dict[str, str]
) -> Iterator[Finding]:
    name, shift = str(head.path), piece.line - 1 - head.start.count(b"\n")
    try:
        if piece.problem:
            raise ValueError(piece.problem)
        root = etree.fromstring(head.wrap(head.utf8(content)), parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        at, problem = getattr(error, "lineno", None), (str(error) or "not XML").split(", line ")[0].strip()
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

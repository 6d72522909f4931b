"""Activities out again as a file of the standard: as they came, or built from the rows of the ledger.

What was imported goes out in the bytes it came in. What exists only as rows (the pack's activities) is built in the
order of the schema. Each activity is checked against the schema; one that breaks it is left out and named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from serai.coordinate.iati.check import schema
from serai.coordinate.iati.scan import parser
from serai.coordinate.iati.spec import one_line
from serai.files import whole

_VERSION = re.compile(rb"""(\sversion\s*=\s*(["']))[^"']*(\2)""")
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
Row = Mapping[str, Any]
Rows = Sequence[Row]
Element = Any


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and what was left out with the reason."""

    written: int
    left_out: tuple[str, ...]


def write(path: Path, kind: str, records: Iterable[tuple[str, bytes]], *, start: bytes = b"") -> Exported:
    """Write records as one file, beside its place first.

    Args:
        path: where to.
        kind: ``iati-activities`` or ``iati-organisations``.
        records: identifier and XML of each, namespaces declared where they are used.
        start: start tag of the root to keep but for its version, where all come from one file.

    Raises:
        OutputError: the place cannot be written.
    """
    written, left_out = 0, []
    start = _VERSION.sub(rb"\g<1>2.03\g<3>", start, count=1)
    with whole(path, remedy="choose another place") as beside, beside.open("wb") as file:
        file.write(b'<?xml version="1.0" encoding="UTF-8"?>\n' + (start or _start(kind)) + b"\n")
        for identifier, text in records:
            if problem := fault(kind, text, start):
                left_out.append(f"{one_line(identifier)}: not valid by the schema: {problem}")
                continue
            file.write(text.strip() + b"\n")
            written += 1
        file.write(f"</{kind}>\n".encode())
    return Exported(written, tuple(left_out))


def _start(kind: str) -> bytes:
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return f'<{kind} version="2.03" generated-datetime="{now}">'.encode()


def fault(kind: str, text: bytes, start: bytes = b"") -> str:
    """Why a record may not stand in a file of version 2.03; empty where it may."""
    root = etree.fromstring((start or _start(kind)) + text + f"</{kind}>".encode(), parser())
    against = schema(kind)
    if against.validate(root):
        return ""
    entry = against.error_log[0]
    return one_line(f"line {entry.line} of it: {entry.message}")


def standalone(text: bytes, start: bytes, kind: str) -> bytes:
    """A record with the namespaces of its file declared on itself, so that it may stand in another file."""
    if b"xmlns" not in start:
        return text
    root = etree.fromstring(start + text + f"</{kind}>".encode(), parser())
    plain: bytes = etree.tostring(root[0], encoding="utf-8", with_tail=False)
    return plain


# -- from rows ---------------------------------------------------------------------------------------------------------


def element(tables: Mapping[str, Rows]) -> bytes:
    """An activity built from its rows, in the order of the schema.

    Args:
        tables: the rows of one activity in each table of ``tables.toml``; ``activities`` holds one.
    """
    (head,) = tables["activities"]
    root = etree.Element("iati-activity", _given(head, humanitarian="humanitarian", hierarchy="hierarchy"))
    for attribute, column in _HEAD.items():
        if head.get(column):
            root.set(attribute, str(head[column]))
    parts = (
        *_opening(head), *_partners(tables), *_identifiers(tables), *_dates(head),
        *_coded(head, "activity-scope", "scope"), *_recipients(tables, 0), *_locations(tables), *_sectors(tables, 0),
        *_tags(tables), *_markers(tables), *_defaults(head), *_budgets(tables, "budget"),
        *_budgets(tables, "planned-disbursement"), *_transactions(tables), *_related(tables), *_results(tables),
    )  # fmt: skip
    root.extend(parts)
    if not head.get("language"):
        root.set(LANG, "en")
    text: bytes = etree.tostring(root, encoding="utf-8")
    return text


_HEAD = {
    "last-updated-datetime": "updated", LANG: "language", "default-currency": "default_currency",
    "budget-not-provided": "budget_not_provided",
}  # fmt: skip


def _given(row: Row, **names: str) -> dict[str, str]:
    """Attributes that have a value; names of attributes are written with ``_`` for ``-``."""
    return {name.replace("_", "-"): _text(row[column]) for name, column in names.items() if row.get(column) is not None}


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{Decimal(repr(value)):f}"
    return str(value)


def _named(tag: str, attributes: Mapping[str, str], name: str | None, within: str = "") -> Element:
    """An element with a narrative, where there is a name."""
    made = etree.Element(tag, attributes)
    if name:
        inside = etree.SubElement(made, within) if within else made
        etree.SubElement(inside, "narrative").text = name
    return made


def _coded(head: Row, tag: str, column: str) -> Iterator[Element]:
    if head.get(column):
        yield etree.Element(tag, code=str(head[column]))


def _opening(head: Row) -> Iterator[Element]:
    identifier = etree.Element("iati-identifier")
    identifier.text = head["identifier"]
    yield identifier
    attributes = _given(head, ref="reporter", type="reporter_type", secondary_reporter="secondary")
    yield _named("reporting-org", attributes, head.get("reporter_name"))
    yield _named("title", {}, head.get("title"))
    yield _named("description", {"type": "1"}, head.get("description") or head.get("title"))


def _partners(tables: Mapping[str, Rows]) -> Iterator[Element]:
    for row in tables.get("partners", ()):
        attributes = _given(row, role="role", ref="ref", type="type", activity_id="activity")
        yield _named("participating-org", attributes, row.get("name"))


def _identifiers(tables: Mapping[str, Rows]) -> Iterator[Element]:
    for row in tables.get("identifiers", ()):
        made = etree.Element("other-identifier", _given(row, ref="ref", type="type"))
        if row.get("owner"):
            etree.SubElement(made, "owner-org", ref=str(row["owner"]))
        yield made


def _dates(head: Row) -> Iterator[Element]:
    yield from _coded(head, "activity-status", "status")
    for number, column in enumerate(("planned_start", "actual_start", "planned_end", "actual_end"), 1):
        if head.get(column) is not None:
            yield etree.Element("activity-date", {"type": str(number), "iso-date": str(head[column])})


def _recipients(tables: Mapping[str, Rows], transaction: int) -> Iterator[Element]:
    for kind in ("recipient-country", "recipient-region"):
        for row in _of(tables, "recipients", transaction):
            if row["kind"] == kind:
                yield etree.Element(kind, _given(row, code="code", percentage="percentage", vocabulary="vocabulary"))


def _sectors(tables: Mapping[str, Rows], transaction: int) -> Iterator[Element]:
    for row in _of(tables, "sectors", transaction):
        attributes = _given(row, vocabulary="vocabulary", code="code", percentage="percentage")
        yield _named("sector", attributes, row.get("name"))


def _of(tables: Mapping[str, Rows], name: str, transaction: int) -> Iterator[Row]:
    yield from (row for row in tables.get(name, ()) if (row.get("transaction") or 0) == transaction)


def _locations(tables: Mapping[str, Rows]) -> Iterator[Element]:
    for row in tables.get("locations", ()):
        made = etree.Element("location", _given(row, ref="ref"))
        made.extend(_coded(row, "location-reach", "reach"))
        if row.get("code"):
            etree.SubElement(made, "location-id", _given(row, vocabulary="vocabulary", code="code"))
        if row.get("name"):
            made.append(_named("name", {}, row["name"]))
        if row.get("position"):
            point = etree.SubElement(made, "point", srsName="http://www.opengis.net/def/crs/EPSG/0/4326")
            etree.SubElement(point, "pos").text = row["position"]
        for tag, column in (
            ("exactness", "exactness"),
            ("location-class", "class"),
            ("feature-designation", "feature"),
        ):
            made.extend(_coded(row, tag, column))
        yield made


def _tags(tables: Mapping[str, Rows]) -> Iterator[Element]:
    for row in tables.get("tags", ()):
        yield _named("tag", _given(row, vocabulary="vocabulary", code="code"), row.get("name"))


def _markers(tables: Mapping[str, Rows]) -> Iterator[Element]:
    for row in tables.get("markers", ()):
        yield etree.Element(
            "policy-marker", _given(row, vocabulary="vocabulary", code="code", significance="significance")
        )


def _defaults(head: Row) -> Iterator[Element]:
    for tag, column in (
        ("collaboration-type", "collaboration"), ("default-flow-type", "flow"), ("default-finance-type", "finance"),
        ("default-aid-type", "aid"), ("default-tied-status", "tied"),
    ):  # fmt: skip
        yield from _coded(head, tag, column)


def _budgets(tables: Mapping[str, Rows], kind: str) -> Iterator[Element]:
    for row in tables.get("budgets", ()):
        if row["kind"] == kind:
            made = etree.Element(
                kind, _given(row, type="type") | (_given(row, status="status") if kind == "budget" else {})
            )
            etree.SubElement(made, "period-start", {"iso-date": str(row["start"])})
            if row.get("end") is not None:
                etree.SubElement(made, "period-end", {"iso-date": str(row["end"])})
            made.append(_value(row))
            for tag in ("provider", "receiver") if kind == "planned-disbursement" else ():
                if row.get(tag):
                    etree.SubElement(made, f"{tag}-org", ref=str(row[tag]))
            yield made


def _value(row: Row) -> Element:
    made = etree.Element("value", _given(row, currency="currency"))
    made.set("value-date", str(row.get("value_date") or row.get("date") or row.get("start")))
    made.text = _text(row["value"])
    return made


def _transactions(tables: Mapping[str, Rows]) -> Iterator[Element]:
    for row in tables.get("transactions", ()):
        made = etree.Element("transaction", _given(row, ref="ref", humanitarian="humanitarian"))
        made.extend(_coded(row, "transaction-type", "type"))
        etree.SubElement(made, "transaction-date", {"iso-date": str(row["date"])})
        made.append(_value(row))
        if row.get("description"):
            made.append(_named("description", {}, row["description"]))
        for side in ("provider", "receiver"):
            attributes = _given(row, ref=side, type=f"{side}_type")
            if row.get(f"{side}_activity"):
                attributes[f"{side}-activity-id"] = str(row[f"{side}_activity"])
            if attributes or row.get(f"{side}_name"):
                made.append(_named(f"{side}-org", attributes, row.get(f"{side}_name")))
        made.extend(_coded(row, "disbursement-channel", "channel"))
        number = row["transaction"]
        made.extend((*_sectors(tables, number), *_recipients(tables, number)))
        for tag in ("flow", "finance", "aid"):
            made.extend(_coded(row, f"{tag}-type", tag))
        made.extend(_coded(row, "tied-status", "tied"))
        yield made


def _related(tables: Mapping[str, Rows]) -> Iterator[Element]:
    for row in tables.get("related", ()):
        yield etree.Element("related-activity", _given(row, ref="ref", type="type"))


def _results(tables: Mapping[str, Rows]) -> Iterator[Element]:
    """One result for each indicator and period: rows do not say which of them stood together."""
    for row in tables.get("results", ()):
        made = etree.Element("result", _given(row, type="type"))
        made.append(_named("title", {}, row.get("title")))
        indicator = etree.SubElement(made, "indicator", _given(row, measure="measure", ascending="ascending"))
        indicator.append(_named("title", {}, row.get("indicator")))
        if row.get("baseline") is not None or row.get("baseline_year") is not None:
            etree.SubElement(indicator, "baseline", _given(row, year="baseline_year", value="baseline"))
        if row.get("start") is not None:
            period = etree.SubElement(indicator, "period")
            etree.SubElement(period, "period-start", {"iso-date": str(row["start"])})
            etree.SubElement(period, "period-end", {"iso-date": str(row["end"])})
            for tag in ("target", "actual"):
                if row.get(tag) is not None:
                    etree.SubElement(period, tag, value=str(row[tag]))
        yield made

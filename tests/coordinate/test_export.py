"""Files go out as they came in; rows become valid files and the same rows again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from iati_files import changed, document, write
from ledgers import ledger
from lxml import etree

from serai.coordinate.iati import write as writing
from serai.coordinate.iati.accept import accept
from serai.coordinate.iati.check import check, schema
from serai.coordinate.iati.read import read
from serai.coordinate.iati.spec import shapes

TODAY = date(2026, 11, 25)


def canonical(path: Path) -> list[bytes]:
    return [etree.tostring(one, method="c14n", with_tail=False) for one in etree.parse(path).getroot()]


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=40
)


@settings(max_examples=25, deadline=None)
@given(
    title=TEXT, language=st.sampled_from(["en", "ru", "ps"]), value=st.decimals(-(10**9), 10**9, places=2), extra=TEXT
)
def test_what_comes_in_goes_out_the_same(
    title: str, language: str, value: object, extra: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("trip")
    shown, more = (text.replace("&", "&amp;").replace("<", "&lt;") for text in (title, extra))
    quoted = more.replace('"', "&quot;")
    one = changed(
        ("<narrative>Clean water</narrative>", f'<narrative xml:lang="{language}">{shown or "x"}</narrative>'),
        (">900<", f">{value}<"),
        ("</iati-activity>", f'<x:own k="{quoted}"><!-- kept -->{more}</x:own></iati-activity>'),
    )
    path = root / "in.xml"
    path.write_text(document(one, attributes='version="2.03" xmlns:x="urn:x"'), encoding="utf-8")
    book = ledger(root)
    book.import_files([path])
    done = book.export(root / "out.xml")
    assert (done.written, done.left_out) == (1, ())
    assert canonical(root / "out.xml") == canonical(path)
    assert schema("iati-activities").validate(etree.parse(root / "out.xml"))


def test_activities_of_several_files_keep_their_namespaces(tmp_path: Path) -> None:
    extended = changed(("XM-TEST-1-A", "XM-TEST-1-B"), ("</iati-activity>", '<x:own k="1"/></iati-activity>'))
    first, second = write(tmp_path / "a.xml"), tmp_path / "b.xml"
    second.write_text(document(extended, attributes='version="2.03" xmlns:x="urn:x"'), encoding="utf-8")
    book = ledger(tmp_path)
    book.import_files([first, second])
    book.export(tmp_path / "out.xml")
    assert canonical(tmp_path / "out.xml") == canonical(first) + canonical(second)


def test_what_came_in_an_earlier_version_goes_out_as_the_one_it_was_checked_against(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", attributes="x:version='1' version = '2.01' xmlns:x='urn:x'")
    book = ledger(tmp_path)
    book.import_files([path])
    book.export(tmp_path / "out.xml")
    root = etree.parse(tmp_path / "out.xml").getroot()
    assert (root.get("version"), root.get("{urn:x}version")) == ("2.03", "1")
    assert canonical(tmp_path / "out.xml") == canonical(path)


CODE = st.sampled_from(["10", "11220", "AA", "x-1"])
MONEY = st.floats(-1e9, 1e9).map(lambda value: round(value, 2))
DAY = st.dates(date(2001, 1, 1), date(2024, 12, 31))
WORD = st.from_regex(r"[A-Za-zА-я&<>\"' ]{1,12}", fullmatch=True).map(lambda word: " ".join(word.split()) or "w")


@st.composite
def activities(draw: st.DrawFn) -> dict[str, list[dict[str, object]]]:
    """One activity as rows of tables."""
    split = draw(st.integers(1, 99))
    start, end = sorted((draw(DAY), draw(DAY)))
    head = {
        "identifier": "XM-TEST-1-A", "reporter": "XM-TEST-1", "reporter_type": "40", "reporter_name": draw(WORD),
        "title": draw(WORD), "description": draw(WORD), "status": "2", "planned_start": start, "planned_end": end,
        "scope": "4", "language": "en", "default_currency": "USD", "flow": "10",
        "humanitarian": draw(st.sampled_from([None, "1"])),
    }  # fmt: skip
    own = draw(st.booleans())
    places = [("recipient-country", "KG", float(split)), ("recipient-region", "298", 100.0 - split)]
    codes = [] if own else [("11220", float(split)), ("72010", 100.0 - split)]
    span = {"start": start, "end": end}
    money = {"value": abs(draw(MONEY)), "currency": "EUR", "value_date": start}
    measured = {"measure": "1", "baseline": "3", "baseline_year": "2020", **span, "target": "5", "actual": "4"}
    return {
        "activities": [head],
        "partners": [{"role": "1", "ref": draw(CODE), "type": "10", "name": draw(WORD)}],
        "recipients": [{"transaction": 0, "kind": k, "code": c, "percentage": p} for k, c, p in places],
        "sectors": [{"transaction": 0, "vocabulary": "1", "code": c, "percentage": p} for c, p in codes],
        "tags": [{"vocabulary": "2", "code": str(draw(st.integers(1, 17)))}],
        "markers": [{"vocabulary": "1", "code": "1", "significance": "2"}],
        "budgets": [{"kind": kind, **span, **money} for kind in ("budget", "planned-disbursement")],
        "locations": [{"ref": "AF-1", "name": draw(WORD), "position": "34.5 69.2", "exactness": "1"}],
        "related": [{"ref": "XM-TEST-1-P", "type": "1"}],
        "identifiers": [{"ref": draw(CODE), "type": "A1"}],
        "results": [{"type": "1", "title": draw(WORD), "indicator": draw(WORD), **measured}],
        "transactions": [payment(draw, n) for n in range(1, draw(st.integers(2, 4)))],
    }


def payment(draw: st.DrawFn, number: int) -> dict[str, object]:
    who = {"provider": draw(CODE), "provider_name": draw(WORD), "receiver_name": draw(WORD)}
    when = {"type": "3", "date": draw(DAY), "value": draw(MONEY), "currency": "JPY", "value_date": draw(DAY)}
    return {"transaction": number, "ref": draw(CODE), **when, **who}


@settings(max_examples=40, deadline=None)
@given(rows=activities())
def test_rows_become_a_valid_file_and_the_same_rows_again(
    rows: dict[str, list[dict[str, object]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("rows") / "a.xml"
    done = writing.write(path, "iati-activities", [("XM-TEST-1-A", writing.element(rows))])
    assert done.left_out == ()
    assert [one for one in check(path) if one.kind in ("schema", "xml")] == []
    taken = accept(read(path), "a.xml", today=TODAY)
    assert taken.rejects == []
    for name, expected in rows.items():
        found = taken.frames[name].drop("record").to_dicts()
        assert [{k: v for k, v in row.items() if v is not None} for row in found] == [
            {k: v for k, v in row.items() if v is not None} for row in expected
        ], name


def test_every_column_of_a_table_is_described() -> None:
    assert all(one.about for shape in shapes().values() for one in shape.fields)

"""Pages of activities: what is known, what is not, and both languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import riverland
import serai
from coordinate.iati_files import changed, write
from coordinate.register_pack import add_register
from serai.publish.sections.preview import preview

PLACES = '<recipient-country code="KG" percentage="60"/>\n <recipient-country code="TJ" percentage="40"/>'
OFFICE = (
    (PLACES, '<activity-scope code="3"/><recipient-country code="AA"/>'),
    ('code="2"/><transaction-date', 'code="11"/><transaction-date'),
    ("Wells in two valleys.", "The office in Alder also covers Birch."),
    ("<narrative>Donor<", "<narrative>Cedar<"),
)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> serai.Region:
    root = tmp_path_factory.mktemp("aid")
    add_register(riverland.write(root / "pack"))
    house = serai.open(root / "pack", home=root / "home")
    one = changed(*OFFICE)
    row = one[one.index(' <transaction ref="T1">') : one.index(' <transaction ref="T2">')]
    house.ledger.import_files([write(root / "a.xml", one.replace(row, row + row))])
    return house


@pytest.fixture(scope="module")
def site(region: serai.Region, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    preview(region, "coordinate", out)
    return out


def context(site: Path, name: str) -> dict[str, object]:
    return json.loads((site / "data/coordinate" / f"{name}.json").read_text(encoding="utf-8"))


def test_a_neighbour_an_office_covers_is_not_called_empty(site: Path) -> None:
    shown = (site / "coordinate/who.html").read_text(encoding="utf-8")
    assert "a split is asked" in shown
    assert "The office in Alder also covers Birch." in shown
    assert "требуется разделение" in (site / "ru/coordinate/who.html").read_text(encoding="utf-8")
    table = {row["area"]: [cell["state"] for cell in row["cells"]] for row in context(site, "who")["table"]}
    assert table["AAA"] == ["recorded"]
    assert table["BBB"] == ["split asked"]


def test_a_repeated_row_is_shown_with_both_sums(site: Path) -> None:
    (repeat,) = context(site, "who")["repeats"]
    assert (repeat["usd"], repeat["once"]) == (1800.0, 900.0)


def test_every_page_says_which_members_it_covers_and_why_not(site: Path) -> None:
    for name in ("who", "activities", "matches"):
        (absent,) = context(site, name)["coverage"]["absent"]
        assert absent["area"] == "BBB"
        assert absent["reason"].startswith("covered by an activity coded to another member")


def test_a_decision_is_on_the_page_with_name_and_date(region: serai.Region, tmp_path: Path) -> None:
    before = region.ledger.stamp
    region.ledger.split("XM-TEST-1-A", {"AAA": 50, "BBB": 50}, by="A. Analyst", reason="the office's own figures")
    assert region.ledger.stamp != before
    preview(region, "coordinate", tmp_path)
    shown = (tmp_path / "coordinate/matches.html").read_text(encoding="utf-8")
    assert "A. Analyst" in shown
    assert "AAA=50 BBB=50" in shown
    assert context(tmp_path, "who")["questions"] == []


def test_a_pack_without_activities_has_none_of_these_pages(tmp_path: Path) -> None:
    add_register(riverland.write(tmp_path / "pack"))
    preview(serai.open(tmp_path / "pack", home=tmp_path / "home"), "coordinate", tmp_path / "out")
    assert not (tmp_path / "out/coordinate/who.html").exists()


@pytest.mark.parametrize(("tongue", "shown"), [("en", ">0.00<"), ("ru", ">0,00<")])
def test_a_picture_of_one_language_has_its_decimal_mark(site: Path, tongue: str, shown: str) -> None:
    assert shown in (site / f"charts/coordinate/who.years.{tongue}.svg").read_text(encoding="utf-8")
    assert not (site / f"charts/coordinate/who.years.{tongue}.comma.svg").exists()

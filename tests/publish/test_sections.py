"""Sections: pages that rooms of the house publish beside the goals, each from a package of its own."""

from __future__ import annotations

import json

import polars as pl
import pytest

import serai.publish.sections as seam
from serai.errors import UnknownName
from serai.publish import build_site
from serai.publish.coverage import coverage, of_one
from serai.publish.render import Page
from serai.publish.sections import Limit, Part, Section, sections
from serai.publish.sections.preview import preview
from serai.publish.tables import described_tables

DRAWN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><text>1.5</text></svg>'


def rivers(region, setting):
    context = {
        "kind": "rivers",
        "coverage": coverage(setting.members, {setting.members[1]: "no series with data"}),
        "entries": [],
    }
    pages = [Page("rivers/index.html", "index_list.html", context, figures={"river": DRAWN})]
    return Part(pages, menu=[("rivers/index.html", "Goals")], files={"rivers/flow.txt": "1"})


@pytest.fixture
def section(monkeypatch):
    made = Section("rivers", "Series", "rivers/index.html", lambda pack: True, rivers)
    monkeypatch.setattr(seam, "sections", lambda: (made,))
    monkeypatch.setattr("serai.publish.sections.preview.sections", lambda: (made,))
    return made


def test_pages_pictures_and_files_of_a_section_are_part_of_the_site(region, tmp_path, section):
    build_site(region, tmp_path / "out", jobs=1)
    page = (tmp_path / "out/rivers/index.html").read_text(encoding="utf-8")
    assert "no series with data" in page
    assert (tmp_path / "out/ru/rivers/index.html").is_file()
    assert "1,5" in (tmp_path / "out/charts/rivers/index.river.comma.svg").read_text(encoding="utf-8")
    assert (tmp_path / "out/rivers/flow.txt").read_text() == "1"
    assert 'href="rivers/index.html">Series' in (tmp_path / "out/index.html").read_text(encoding="utf-8")
    twin = json.loads((tmp_path / "out/data/rivers/index.json").read_text(encoding="utf-8"))
    assert [row["area"] for row in twin["coverage"]["absent"]] == ["BBB"]


def test_models_are_listed_with_what_they_leave_open_where_their_page_is(region, tmp_path, monkeypatch):
    said = ("for flows", "leaves rain", "by gauges")
    there, gone = Limit("Rivers", "rivers/index.html", *said), Limit("Seas", "seas/index.html", *said)
    made = Section("rivers", "Series", "rivers/index.html", lambda pack: True, rivers, limits=(there, gone))
    monkeypatch.setattr(seam, "sections", lambda: (made,))
    build_site(region, tmp_path / "out", jobs=1)
    listed = json.loads((tmp_path / "out/data/limits.json").read_text(encoding="utf-8"))["models"]
    assert [row["title"] for row in listed] == ["Progress towards targets", "Projections", "Rivers"]
    assert "leaves rain" in (tmp_path / "out/limits.html").read_text(encoding="utf-8")


def test_a_section_can_be_looked_at_alone(region, tmp_path, section):
    assert preview(region, "rivers", tmp_path / "out") == ["rivers/index.html", "ru/rivers/index.html"]
    with pytest.raises(UnknownName, match="unknown section 'revirs'"):
        preview(region, "revirs", tmp_path / "out")


def test_a_page_about_one_member_names_the_others():
    assert of_one(("AAA", "BBB"), "BBB") == {"one": True, "present": ["BBB"], "absent": [{"area": "AAA", "reason": ""}]}


def test_sections_describe_their_tables():
    assert all(isinstance(section.id, str) for section in sections())
    assert all(column for table in described_tables().values() for column in table["columns"].values())
    assert pl.DataFrame([{"name": name} for name in described_tables()])["name"].is_unique().all()

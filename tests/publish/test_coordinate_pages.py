"""Pages of coordination: what they say of the invented register, in both languages, and the files beside them."""

from __future__ import annotations

import json

import pytest

import riverland
import serai
from coordinate.register_pack import add_register
from serai.publish.sections import sections_of
from serai.publish.sections.preview import preview


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    root = tmp_path_factory.mktemp("coordinate")
    add_register(riverland.write(root / "pack"))
    region = serai.open(root / "pack", home=root / "home")
    preview(region, "coordinate", root / "out")
    return root / "out"


def page(site, name, language=""):
    return (site / language / "coordinate" / name).read_text(encoding="utf-8")


def test_the_section_is_there_only_where_the_pack_has_a_register(region):
    assert "coordinate" not in {section.id for section in sections_of(region.pack)}


def test_no_trace_is_said_in_words_and_never_as_zero(site):
    shown = page(site, "pledges.html")
    assert "nothing traceable" in shown
    assert "It does not say that nothing was paid." in shown
    assert "ничего не прослеживается" in page(site, "pledges.html", "ru")


def test_a_range_stands_where_pledges_overlap(site):
    context = json.loads((site / "data/coordinate/pledges.json").read_text(encoding="utf-8"))
    total = next(row for row in context["totals"] if row["currency"] == "EUR")
    assert (total["at_least"], total["at_most"]) == (10, 14)


def test_witnesses_stand_apart_from_signatories(site):
    shown = page(site, "agreements.html")
    assert "(witness)" in shown
    assert "1 of 3 on the day" in shown
    assert "signature pending" in shown


def test_claims_show_both_sides_with_links(site):
    shown = page(site, "claims.html")
    disputed = shown[shown.index('id="C5"') :][:900]
    assert "supports" in disputed
    assert "contradicts" in disputed
    assert 'href="https://gazette.example/1"' in disputed


def test_every_page_carries_its_coverage(site):
    pages = list((site / "coordinate").rglob("*.html"))
    assert len(pages) > 10
    assert all('class="coverage"' in path.read_text(encoding="utf-8") for path in pages)


def test_texts_of_the_pack_are_in_the_language_of_the_page(site):
    russian = page(site, "calendar.html", "ru")
    assert "2-й речной саммит" in russian
    assert '<span lang="en">2nd river summit' not in russian


def test_calendar_files_lie_beside_the_page_in_both_languages(site):
    for code in ("en", "ru"):
        assert (site / f"coordinate/calendar.{code}.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")
        assert f"calendar.{code}.ics" in page(site, "calendar.html", "" if code == "en" else "ru")


def test_two_actors_can_be_compared_with_identifiers(site):
    shown = page(site, "actors/AAA.html")
    assert 'id="BBB"' in shown
    assert "AG-1" in shown


def test_the_same_register_gives_the_same_bytes(site, tmp_path):
    add_register(riverland.write(tmp_path / "pack"))
    preview(serai.open(tmp_path / "pack", home=tmp_path / "home"), "coordinate", tmp_path / "out")
    for path in sorted(site.rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "out" / path.relative_to(site)).read_bytes(), path

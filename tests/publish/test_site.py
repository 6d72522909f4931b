"""The site: complete, in every language, the same each time, and never half written."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from pathlib import Path

import polars as pl
import pytest
from page_links import Links
from shown_riverland import Riverland

from serai.errors import OutputError
from serai.publish import build_site
from serai.publish.output import replacing, write_new


def digest(out: Path) -> dict[str, str]:
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = tmp_path_factory.mktemp("site")
    region = Riverland(root)
    report = build_site(region, root / "out", jobs=1)
    return region, root / "out", report


def pages(out):
    return sorted(out.rglob("*.html"))


def test_pages_exist_in_both_languages(built):
    _, out, report = built
    english = {p.relative_to(out).as_posix() for p in pages(out) if not p.is_relative_to(out / "ru")}
    russian = {p.relative_to(out / "ru").as_posix() for p in (out / "ru").rglob("*.html")}
    assert english == russian
    assert {
        "index.html",
        "goals/17.html",
        "countries/BBB.html",
        "series/POVERTY.html",
        "methods.html",
        "sources.html",
    } <= english
    assert report.pages == 2 * len(english)


def test_every_link_leads_to_a_file_and_every_anchor_to_an_id(built):
    _, out, _ = built
    read = {page: Links(page.read_text(encoding="utf-8")) for page in pages(out)}
    for page, links in read.items():
        for link in links.found:
            if link.startswith("http"):
                continue
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.is_file(), f"{page}: {link}"
            if anchor:
                assert anchor in read[target].ids, f"{page}: {link}"


def test_no_page_needs_a_script_or_another_host(built):
    _, out, _ = built
    for page in pages(out):
        links = Links(page.read_text(encoding="utf-8"))
        assert "script" not in links.tags
        assert not [link for link in links.found if link.startswith(("http", "//"))]
        assert len(links.ids) == len(set(links.ids)), page


def test_the_language_switch_leads_to_the_same_page(built):
    _, out, _ = built
    text = (out / "goals/6.html").read_text(encoding="utf-8")
    assert '<html lang="en" dir="ltr">' in text
    assert 'href="../ru/goals/6.html" lang="ru"' in text
    assert 'href="../../goals/6.html" lang="en"' in (out / "ru/goals/6.html").read_text(encoding="utf-8")


def test_pages_are_light(built):
    _, out, report = built
    assert report.largest_page[1] < 300_000
    assert all(page.stat().st_size < 300_000 for page in pages(out))


def test_the_page_of_limits_says_how_old_the_latest_figures_of_each_member_are(built):
    region, out, _ = built
    twin = json.loads((out / "data/limits.json").read_text(encoding="utf-8"))
    figures = region.headline().filter(pl.col("value").is_not_null())
    latest = figures.group_by("area", "series").agg(pl.col("period").max())
    year = int(twin["release"][:4])
    for row in twin["ages"]:
        years = sorted(latest.filter(pl.col("area") == row["area"])["period"])
        assert row["series"] == len(years)
        assert row["middle"] in years
        assert row["old"] == sum(year - one > twin["old"] for one in years)


def test_every_page_leads_to_the_page_of_limits(built):
    _, out, _ = built
    assert all('limits.html">' in page.read_text(encoding="utf-8") for page in pages(out))


def test_the_context_of_every_page_is_its_json(built):
    _, out, _ = built
    for page in pages(out):
        if page.is_relative_to(out / "ru"):
            continue
        twin = out / "data" / page.relative_to(out).with_suffix(".json")
        assert json.loads(twin.read_text(encoding="utf-8"))["kind"]


def test_every_page_says_which_members_it_covers_and_why_others_are_missing(built):
    region, out, _ = built
    for page in pages(out):
        if page.is_relative_to(out / "ru"):
            continue
        twin = json.loads((out / "data" / page.relative_to(out).with_suffix(".json")).read_text(encoding="utf-8"))
        found = twin["coverage"]
        absent = [row["area"] for row in found["absent"]]
        assert sorted([*found["present"], *absent]) == sorted(region.members), page
        assert found["one"] or all(row["reason"] for row in found["absent"]), page
        assert 'class="coverage"' in page.read_text(encoding="utf-8"), page


def test_missing_withheld_and_zero_are_different_things(built):
    _, out, _ = built
    text = (out / "series/RIVERS.html").read_text(encoding="utf-8")
    row = re.search(r'<tr><th scope="row">2020</th>(.*?)</tr>', text, re.S)[1]
    assert ">0<" in row
    assert 'class="withheld">withheld' in row
    water = (out / "goals/6.html").read_text(encoding="utf-8")
    assert "withheld" in water


def test_a_view_names_the_members_it_lacks_and_why(built):
    _, out, _ = built
    text = (out / "series/RIVERS.html").read_text(encoding="utf-8")
    assert "1/2" in text
    assert re.search(r"Not in this view:.*Birch</b> \(withheld\)", text, re.S)


def test_a_cell_without_a_class_says_why(built):
    _, out, _ = built
    assert "no series with two years since 2015" in (out / "index.html").read_text(encoding="utf-8")
    assert "нет рядов с данными за два года" in (out / "ru/index.html").read_text(encoding="utf-8")


def test_every_figure_of_a_series_page_has_nature_provider_and_release(built):
    _, out, _ = built
    text = (out / "series/WATER_ACCESS.html").read_text(encoding="utf-8")
    assert 'title="country data">C</abbr>' in text
    assert "Source: UN" in text
    assert "release of 1 June 2023" in text
    assert "Model output, not an official forecast." in text


def test_english_titles_on_russian_pages_are_marked(built):
    _, out, _ = built
    assert '<h1><span lang="en">Number of rivers</span></h1>' in (out / "ru/series/RIVERS.html").read_text(
        encoding="utf-8"
    )


def test_national_figures_stand_beside_the_international_ones(built):
    _, out, _ = built
    text = (out / "series/POVERTY.html").read_text(encoding="utf-8")
    assert "Statistics of Alder" in text
    assert "As published nationally" in text


def test_nothing_changed_means_nothing_is_done(built):
    region, out, _ = built
    before = (out / "index.html").stat().st_mtime_ns
    again = build_site(region, out, jobs=1)
    assert again.unchanged
    assert (out / "index.html").stat().st_mtime_ns == before


def test_two_runs_give_the_same_bytes(built, tmp_path):
    region, out, _ = built
    build_site(region, tmp_path / "other", jobs=1, cache=tmp_path / "fresh")
    assert digest(tmp_path / "other") == digest(out)


def test_only_what_depends_on_a_change_is_written_again(tmp_path):
    region = Riverland(tmp_path)
    first = build_site(region, tmp_path / "out", jobs=1)
    rivers = pl.col("series") == "RIVERS"
    region.figures = region.figures.with_columns(
        pl.when(rivers & (pl.col("value") == 0)).then(1.0).otherwise("value").alias("value")
    )
    later = region.releases().with_columns(pl.col("rows") + 1)
    region.releases = lambda: later
    second = build_site(region, tmp_path / "out", jobs=1)
    assert not second.unchanged
    assert 0 < second.pages - second.pages_reused < 12
    assert second.charts_drawn == 1
    assert first.pages == second.pages


def test_a_damaged_output_is_written_again(tmp_path):
    region = Riverland(tmp_path)
    build_site(region, tmp_path / "out", jobs=1)
    (tmp_path / "out/goals/3.html").unlink()
    assert not build_site(region, tmp_path / "out", jobs=1).unchanged
    assert (tmp_path / "out/goals/3.html").is_file()


def test_further_files_come_with_the_site_or_not_at_all(tmp_path):
    region = Riverland(tmp_path)
    build_site(region, tmp_path / "out", jobs=1, extra=lambda stage, _: write_new(stage / "brief.pdf", b"%PDF"))
    before = digest(tmp_path / "out")
    assert "brief.pdf" in before
    region.releases = lambda: pl.DataFrame({"provider": ["un"], "release": ["later"]})

    def fail(stage, material):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(stage / "brief.pdf"))

    with pytest.raises(OutputError, match="No space left") as error:
        build_site(region, tmp_path / "out", jobs=1, extra=fail)
    assert "\n" not in str(error.value)
    assert digest(tmp_path / "out") == before
    assert not list(tmp_path.glob("out.*"))


def test_what_others_wrote_is_never_replaced(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="not written by this program"):
        build_site(Riverland(tmp_path), tmp_path / "out")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file"):
        build_site(Riverland(tmp_path / "b"), tmp_path / "file")


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    with pytest.raises(OutputError, match="blocked"), replacing(blocked / "out"):
        pass


def test_leftovers_of_killed_runs_are_removed(tmp_path):
    leftover = tmp_path / "out.tmp-999999999"
    leftover.mkdir()
    with replacing(tmp_path / "out") as stage:
        (stage / "a").touch()
    assert not leftover.exists()
    assert (tmp_path / "out/a").is_file()


def test_pages_can_run_from_right_to_left(tmp_path):
    region = Riverland(tmp_path)
    build_site(region, tmp_path / "out", languages=("en", "prs"), jobs=1)
    assert '<html lang="prs" dir="rtl">' in (tmp_path / "out/prs/index.html").read_text(encoding="utf-8")
    for page in pages(tmp_path / "out"):
        assert '="<' not in page.read_text(encoding="utf-8"), page


def test_a_region_of_one_release_and_no_projection_still_has_pages(tmp_path):
    region = Riverland(tmp_path)
    region.project = lambda: region.__class__.project(region).head(0)
    region.changes = pl.DataFrame
    build_site(region, tmp_path / "out", jobs=1)
    assert "only one release" in (tmp_path / "out/index.html").read_text(encoding="utf-8")
    assert "Model output" not in (tmp_path / "out/series/POVERTY.html").read_text(encoding="utf-8")

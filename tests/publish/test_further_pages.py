"""Pages on methods side by side, peers, groups of people and regions."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from shown_riverland import Riverland

from serai.publish import build_site

TARGETS = """programme,id,priority,kind,title_en,title_ru,group,area,factor,deadline,series,reading,reason,source,note
River plan,P1,,priority,Clean rivers,Чистые реки,riverland,,,,,,,https://example.org,
River plan,T1,P1,target,Halve it again,Ещё раз,riverland,,2,2030,WATER_ACCESS,share,,https://example.org,A note
River plan,T2,P1,target,Many boats,Много лодок,riverland,,,,,,no series at hand measures it,https://example.org,
"""


def build(root: Path, *, programme: bool = True) -> Path:
    region = Riverland(root)
    if programme:
        path = region.pack.path / "reviewed/programme_targets.csv"
        path.write_text(TARGETS, encoding="utf-8")
    build_site(region, root / "out", jobs=1)
    return root / "out"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("further"))


def test_every_series_and_member_is_compared(out: Path) -> None:
    table = pl.read_csv(out / "data/methods.csv")
    assert table.height == table.select("series", "area", "method").n_unique()
    assert table["method"].n_unique() == 6
    page = json.loads((out / "data/series/POVERTY.json").read_text(encoding="utf-8"))
    assert {row["area"] for row in page["compared"]} == {"AAA", "BBB"}
    apart = [row for row in page["compared"] if row["agree"] is False]
    assert all(row["why"] for row in apart)
    assert 'id="methods"' in (out / "series/POVERTY.html").read_text(encoding="utf-8")


def test_shares_of_agreement_add_up(out: Path) -> None:
    page = json.loads((out / "data/compare.json").read_text(encoding="utf-8"))
    assert sum(goal["compared"] for goal in page["goals"]) == page["compared"]
    assert sum(goal["agree"] for goal in page["goals"]) == page["agree"]


def test_what_a_target_takes_is_on_its_page(out: Path) -> None:
    page = json.loads((out / "data/series/WATER_ACCESS.json").read_text(encoding="utf-8"))
    assert {row["area"] for row in page["takes"]} == {"AAA", "BBB"}
    assert 'id="takes"' in (out / "series/WATER_ACCESS.html").read_text(encoding="utf-8")


def test_the_group_named_by_the_programmes_has_a_page(out: Path, tmp_path: Path) -> None:
    text = (out / "riverland.html").read_text(encoding="utf-8")
    assert "only the share is at hand" in text
    assert "no series at hand measures it" in text
    assert 'href="../riverland.html"' in (out / "goals/1.html").read_text(encoding="utf-8")
    assert not (build(tmp_path, programme=False) / "riverland.html").exists()


def test_groups_and_regions_have_pages(out: Path) -> None:
    assert (out / "groups/women.html").is_file()
    overview = (out / "regions/AAA.html").read_text(encoding="utf-8")
    assert "<svg" in overview
    assert "BBB" in json.dumps(json.loads((out / "data/regions/AAA.json").read_text(encoding="utf-8"))["members"])
    assert "Coverage" in overview

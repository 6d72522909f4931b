"""The shipped pack: complete, sound, and true to the releases it was built from."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from serai.observe.codes import Codes
from serai.observe.runs import digest, from_runs
from serai.region import check_pack, load_pack

EXPECTED = Path(__file__).parent / "unsd_releases.csv"


@pytest.fixture(scope="module")
def pack():
    return load_pack("central_asia")


@pytest.fixture(scope="module")
def runs(pack):
    return pl.read_parquet(pack.path / "observations/unsd_region.parquet")


@pytest.fixture(scope="module")
def expected():
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {date.fromisoformat(row["release"]): (int(row["rows"]), row["digest"]) for row in rows}


@pytest.mark.slow
def test_the_pack_is_sound(pack):
    assert check_pack(pack.path) == []


def test_every_release_comes_back_with_all_its_rows(runs, expected):
    spans = pl.col("release").is_between(pl.col("release_from"), pl.col("release_to"))
    ends = runs.group_by("release_from", "release_to").len()
    found = ends.join(pl.DataFrame({"release": list(expected)}), how="cross").filter(spans)
    counts = dict(found.group_by("release").agg(pl.col("len").sum()).iter_rows())
    assert counts == {release: rows for release, (rows, _) in expected.items()}
    assert sum(counts.values()) == 1_522_791


@pytest.mark.slow
def test_every_release_comes_back_exactly(runs, expected):
    for release, (_, found) in expected.items():
        rows = runs.filter(pl.lit(release).is_between(pl.col("release_from"), pl.col("release_to")))
        assert digest(rows) == found, release


def test_a_key_has_one_run_at_a_time(runs):
    keys = ["series", "area", "period", "dimensions"]
    before = pl.col("release_to").shift().over(keys)
    overlapping = runs.sort(*keys, "release_from").filter(pl.col("release_from") <= before)
    assert overlapping.is_empty()


def test_values_that_vanish_and_return_are_two_runs(runs):
    keys = ["series", "area", "period", "dimensions", "value", "bound", "unit", "nature", "status", "note"]
    assert runs.height - runs.select(keys).n_unique() > 0


def test_filled_in_units_and_natures_say_so(runs):
    early = runs.filter((pl.col("release_from") < date(2020, 7, 5)) & (pl.col("unit") != ""))
    assert early.height > 90_000
    assert early.filter(~pl.col("note").str.contains("unit.* from release")).is_empty()
    later = runs.filter(pl.col("release_from") >= date(2020, 7, 5))
    assert later.filter((pl.col("unit") == "") | pl.col("note").str.contains("from release")).is_empty()


def test_the_world_is_there_once(pack, runs):
    world = pl.read_parquet(pack.path / "observations/unsd_world.parquet")
    assert not set(world["area"].unique()) & set(runs["area"].unique())
    latest = runs.filter(pl.col("release_to") == date(2023, 12, 17)).height
    assert world.filter(pl.col("release_to") == date(2023, 12, 17)).height + latest == 2_113_257
    single = world.filter(pl.col("release_to") == date(2022, 4, 3))
    assert single["series"].unique().to_list() == ["SE_TOT_CPLR"]


def test_non_numeric_figures_of_the_latest_release_are_all_kept(pack, runs):
    world = pl.read_parquet(pack.path / "observations/unsd_world.parquet")
    both = pl.concat([frame.filter(pl.col("release_to") == date(2023, 12, 17)) for frame in (world, runs)])
    not_applicable = both.filter((pl.col("status") == "not_applicable") & ~pl.col("note").str.starts_with("written 0"))
    assert not_applicable.height + both.filter(pl.col("bound") != "").height == 19_620


def test_dimension_codes_can_be_told_apart_again(pack):
    codes = pack.table("dimensions").filter(~pl.col("total"))
    same = codes.group_by("source_dimension", "dimension", "code").len().filter(pl.col("len") > 1)
    assert sorted(same["code"]) == ["IADB", "ISIC4_A", "PHYS"]


def test_every_slice_can_be_written_back_in_the_codes_of_its_source(pack, runs):
    keys = pl.read_parquet(pack.path / "source_keys.parquet")
    latest = keys.filter(pl.col("release_to") == date(2023, 12, 17))
    assert not latest.select("series", "dimensions").is_duplicated().any()
    slices = runs.filter(pl.col("release_to") == date(2023, 12, 17)).select("series", "dimensions").unique()
    assert slices.join(latest, on=["series", "dimensions"], how="anti").is_empty()


def test_official_counts(pack):
    english = pl.col("language") == "en"
    assert pack.table("goals").filter(english).height == 17
    assert pack.table("targets").filter(english).height == 169
    assert pack.table("indicators").filter(english).height == 248
    groups = dict(pack.table("groups").group_by("group").len().iter_rows())
    assert groups == {"LLDC": 32, "LDC": 44, "central_asia": 6}


def test_members_and_neighbours_are_named_in_both_languages(pack):
    names = {
        (area, language): name
        for area, language, name in pack.table("names").select("area", "language", "name").iter_rows()
    }
    for area in (*pack.manifest.members, *pack.manifest.neighbours):
        assert names[area, "en"]
        assert names[area, "ru"]
    assert names["KGZ", "ru"] == "Кыргызстан"


def test_every_series_has_a_title_and_most_an_indicator(pack):
    series = pack.table("series")
    linked = set(pack.table("series_indicators")["series"])
    assert set(series["series"]) == linked
    assert series.filter(pl.col("title_ru") != "").height > 800


def test_population_agrees_with_what_is_published(pack):
    population = {(a, y): p for a, y, p in pack.table("population").iter_rows()}
    # World Population Prospects 2024, mid-year, thousands.
    assert population["KAZ", 2023] == pytest.approx(20_330, rel=1e-3)
    assert population["AFG", 2023] == pytest.approx(41_455, rel=1e-3)
    assert {year for area, year in population if area == "KGZ"} == set(range(2000, 2031))


def test_the_map_holds_every_member_and_neighbour(pack):
    shown = {feature["properties"]["area"] for feature in pack.geometry["features"]}
    assert {*pack.manifest.members, *pack.manifest.neighbours} <= shown


def test_aliases_name_series_that_exist(pack):
    known = set(pack.table("series")["series"])
    aliases = pack.table("aliases")
    assert set(aliases["old"]) | set(aliases["new"]) <= known
    assert set(aliases["kind"]) == {"successor", "merged", "split", "related"}


def test_successors_carry_the_figures_of_the_codes_they_replace(pack, runs):
    keys = ["area", "period", "dimensions"]
    for old, new, release in (
        pack.table("aliases").filter(pl.col("kind") == "successor").select("old", "new", "release").iter_rows()
    ):
        before = runs.filter(pl.col("series") == old)
        before = before.filter(pl.col("release_to") == before["release_to"].max())
        after = runs.filter(
            (pl.col("series") == new) & (pl.col("release_from") <= release) & (pl.col("release_to") >= release)
        )
        both = before.join(after, on=keys, suffix="_new")
        assert both.height == before.height, old
        close = (pl.col("value") - pl.col("value_new")).abs() <= 0.005 * pl.col("value").abs() + 1e-12
        assert both.filter(~(close | pl.col("value").is_null())).is_empty(), old


def test_changes_of_unit_are_in_the_figures(pack, runs):
    recorded = {(series, new, release) for series, _, new, release in
                pack.table("unit_changes").select("series", "old_unit", "new_unit", "release").iter_rows()}  # fmt: skip
    late = runs.filter((pl.col("release_to") >= date(2020, 7, 5)) & (pl.col("unit") != ""))
    units = late.group_by("series", "unit").agg(pl.col("release_from").min()).sort("release_from")
    changed = units.filter(pl.len().over("series") > 1)
    first = changed.group_by("series").agg(pl.col("release_from").min().alias("first"))
    starts = changed.join(first, on="series").filter(pl.col("release_from") > pl.col("first"))
    for series, unit, release in starts.select("series", "unit", "release_from").iter_rows():
        assert (series, unit, release) in recorded
    assert starts["series"].n_unique() == 20


def test_national_series_are_in_known_codes(pack):
    codes = Codes.of(pack.table("dimensions"), pack.table("units")["unit"], pack.table("areas")["area"])
    for provider, rows in (("kgz_nsc", 25_349), ("kaz_bns", 45_386), ("tjk_tajstat", 452)):
        frame = pl.read_parquet(pack.path / f"observations/{provider}.parquet")
        assert frame.height == rows
        assert set(frame["area"].unique()) <= codes.areas
        assert set(frame["unit"].unique()) <= codes.units | {""}


def test_the_pack_stays_small_and_as_built(pack):
    assert sum(path.stat().st_size for path in pack.path.rglob("*") if path.is_file()) < 12_000_000
    lock = json.loads((pack.path / "pack.lock.json").read_text(encoding="utf-8"))
    assert {name: entry["sha256"] for name, entry in lock.items()}.items() <= pack.files.items()


def test_expanding_a_series_gives_each_release_its_own_rows(runs, expected):
    one = runs.filter((pl.col("series") == "SH_STA_MORT") & (pl.col("area") == "KGZ"))
    back = from_runs(one, list(expected))
    assert back.select("release", "period").is_unique().all()

"""A pack is data: it opens when it is sound, and says everything that is wrong when it is not."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

import serai
from serai.region import check_pack, load_pack


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_sound_pack_has_no_faults(pack_dir: Path) -> None:
    assert check_pack(pack_dir) == []


def test_no_file_of_the_shipped_pack_was_edited_after_its_lock() -> None:
    assert load_pack("central_asia").edited_files() == ()


def test_a_primary_provider_without_figures_and_a_map_without_outlines_are_named(pack_dir: Path) -> None:
    file = pack_dir / "observations/un.parquet"
    pl.read_parquet(file).with_columns(pl.lit("nso").alias("provider")).write_parquet(file)
    (pack_dir / "geometry/countries.json").unlink()
    replace(pack_dir / "names.csv", "AAA,ru", "AAA,xx")
    found = " | ".join(map(str, check_pack(pack_dir)))
    assert "primary_provider has no observations [un]" in found
    assert "geometry/countries.json: file is missing" in found
    assert "names.csv:3: unknown language [xx]" in found


def test_four_faults_are_four_reports_with_file_row_value_and_remedy(pack_dir: Path) -> None:
    replace(pack_dir / "region.toml", 'id = "riverland"', 'id = "riverland"\ncolour = "blue"')
    replace(pack_dir / "groups.csv", "riverland,BBB", "riverland,BBX")
    replace(pack_dir / "reviewed/rules.csv", "POVERTY,rule,-1", "POVERTY,rule,-7")
    replace(pack_dir / "units.csv", "NUMBER,number", "NUMBER,")
    faults = check_pack(pack_dir)
    assert [(fault.file, fault.row, fault.value) for fault in faults] == [
        ("groups.csv", 3, "BBX"),
        ("region.toml", 3, "blue"),
        ("reviewed/rules.csv", 3, "-7"),
        ("units.csv", 3, ""),
    ]
    assert all(fault.remedy for fault in faults)


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("region.toml", '["AAA", "BBB"]', '["AAA", "ZZZ"]', "not in areas.csv"),
        ("region.toml", "west = 0", "west = 50", "west must be below east"),
        ("region.toml", '"un"', '"nobody"', "unknown primary_provider"),
        ("region.toml", "[title]", "[title", "not valid TOML"),
        ("names.csv", "AAA,ru", "AAA,de", "no name in language ru"),
        ("areas.csv", "AAA,1", "AAA,x", "not of type int"),
        ("areas.csv", "area,m49", "area,m50", "unknown column"),
        ("groups.csv", "riverland,BBB", "riverland,AAA", "appears twice"),
        ("series_indicators.csv", "6.1.1", "6.1.one", "unknown indicator"),
        ("reviewed/rules.csv", "absolute,100,false,0,100", "absolute,120,false,0,100", "above upper_limit"),
        ("reviewed/rules.csv", "WATER_ACCESS,rule,1", "WATER_ACCESS,rule,", "a rule without direction"),
        ("sources.toml", 'file = "units.csv"', 'file = "../units.csv"', "names a file that is not in the pack"),
        ("sources.toml", 'unit = "what unit holds"', "", "column is not described"),
    ],
)  # fmt: skip
def test_each_kind_of_fault_is_named(pack_dir: Path, file: str, old: str, new: str, problem: str) -> None:
    replace(pack_dir / file, old, new)
    assert problem in " | ".join(map(str, check_pack(pack_dir)))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (pl.lit("ZZZ").alias("area"), "unknown area"),
        (pl.lit(20155, pl.Int32).alias("period"), "year out of range"),
        (pl.lit("guess").alias("status"), "unknown status"),
        (pl.lit("X").alias("nature"), "unknown nature"),
        (pl.lit(float("inf")).alias("value"), "not a finite number"),
        (pl.lit("NOWHERE").alias("series"), "unknown series"),
        (pl.col("period").cast(pl.String), "not of type Int32"),
        (pl.lit(2015, pl.Int32).alias("period"), "appears twice"),
    ],
)
def test_bad_observations_are_refused(pack_dir: Path, change: pl.Expr, problem: str) -> None:
    file = pack_dir / "observations/un.parquet"
    pl.read_parquet(file).with_columns(change).write_parquet(file)
    assert problem in " | ".join(map(str, check_pack(pack_dir)))


def test_a_corrupt_parquet_is_one_line(pack_dir: Path) -> None:
    (pack_dir / "observations/un.parquet").write_bytes(b"PAR1 but no more")
    (fault,) = check_pack(pack_dir)
    assert (fault.file, fault.problem) == ("observations/un.parquet", "not a readable parquet file")
    assert "\n" not in str(fault)


def test_tables_are_typed_and_kept_apart(pack_dir: Path) -> None:
    pack = load_pack(pack_dir)
    assert pack.table("rules").schema["target"] == pl.Float64
    assert pack.manifest.published_languages == ("en", "ru")
    with pytest.raises(serai.UnknownName, match=re.escape("did you mean: units")):
        pack.table("unit")


def test_the_digest_follows_the_content(pack_dir: Path) -> None:
    before = load_pack(pack_dir).digest
    assert load_pack(pack_dir).digest == before
    replace(pack_dir / "units.csv", "number", "how many")
    assert load_pack(pack_dir).digest != before


def test_an_unknown_region_names_the_known_ones() -> None:
    with pytest.raises(serai.UnknownName, match="did you mean: central_asia"):
        load_pack("central_asai")

"""The reviewed tables of the pack: every series is decided once, and no rule contradicts its unit."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import polars as pl
import pytest

import serai

ROOT = Path(__file__).parents[2]
PACK = Path(serai.__file__).parent / "packs/central_asia"

PERCENT_UNITS = {"PERCENT", "PER_POP_U5", "PER_MARW_20T24Y"}
COUNT_UNITS = {"NUMBER", "NUM_TH", "NUM_M", "TONNES", "METONS", "KMSQ", "HA_TH", "CU_USD", "CU_USD_M", "CON_USD_M"}
LEVELS_CODED_AS_NUMBER = {"SG_CPA_MIGRS", "SG_CPA_MIGR", "ER_REG_UNFCIM", "ER_REG_SSFRAR"}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def rules() -> dict[str, dict[str, str]]:
    return {row["series"]: row for row in read(PACK / "reviewed/rules.csv")}


@pytest.fixture(scope="module")
def headline() -> dict[str, dict[str, str]]:
    return {row["series"]: row for row in read(PACK / "reviewed/headline.csv")}


@pytest.fixture(scope="module")
def slices() -> pl.DataFrame:
    columns = ["series", "area", "dimensions"]
    files = [PACK / f"observations/unsd_{part}.parquet" for part in ("region", "world")]
    return pl.concat([pl.scan_parquet(file).select(columns).unique() for file in files]).unique().collect()


@pytest.mark.parametrize("table", ["rules", "headline"])
def test_every_series_with_data_has_exactly_one_row(table: str, slices: pl.DataFrame) -> None:
    rows = [row["series"] for row in read(PACK / f"reviewed/{table}.csv")]
    assert len(rows) == len(set(rows))
    assert set(slices["series"]) <= set(rows)
    assert set(rows) - set(slices["series"]) <= national_series()


def national_series() -> set[str]:
    files = [file for file in (PACK / "observations").glob("*.parquet") if not file.name.startswith("unsd")]
    return set(pl.concat([pl.scan_parquet(file).select("series") for file in files]).unique().collect()["series"])


def test_rules_of_national_series_are_in_the_unit_of_their_figures(rules: dict[str, dict[str, str]]) -> None:
    files = [file for file in (PACK / "observations").glob("*.parquet") if not file.name.startswith("unsd")]
    units = pl.concat([pl.scan_parquet(file).select("series", "unit") for file in files]).unique().collect()
    named = {
        series: unit for series, unit in units.iter_rows() if series in rules and series.startswith(("KAZ_", "_L_"))
    }
    assert len(named) > 50
    assert {series: rules[series]["unit"] for series in named} == named


@pytest.mark.parametrize("table", ["rules", "headline"])
def test_every_decision_has_a_reason(table: str) -> None:
    rows = read(PACK / f"reviewed/{table}.csv")
    assert [row["series"] for row in rows if not re.fullmatch(r"[A-Z].{20,}\.", row["reason"])] == []


def test_every_rule_says_where_it_comes_from(rules: dict[str, dict[str, str]]) -> None:
    assert [series for series, row in rules.items() if not row["source"] or not row["indicator"]] == []


def test_a_rule_has_a_direction_and_no_rule_has_neither_direction_nor_target(rules: dict[str, dict[str, str]]) -> None:
    for row in rules.values():
        given = (row["direction"], row["target_type"], row["target"])
        assert row["direction"] in {"1", "-1"} if row["status"] != "no_rule" else given == ("", "", ""), row
        assert bool(row["target_type"]) == bool(row["target"]), row


def test_a_percentage_of_the_list_is_a_target_only_where_the_unit_is_a_percentage(
    rules: dict[str, dict[str, str]],
) -> None:
    for series, row in rules.items():
        asked = re.search(r"list: (?:≤|≥)? ?([0-9.]+)%", row["source"])
        if asked and row["unit"] not in PERCENT_UNITS:
            assert row["target"] == "", series


def test_counts_have_no_target_but_zero(rules: dict[str, dict[str, str]]) -> None:
    counts = [
        row for row in rules.values() if row["unit"] in COUNT_UNITS and row["series"] not in LEVELS_CODED_AS_NUMBER
    ]
    assert {row["target"] for row in counts} <= {"", "0"}


def test_targets_lie_inside_the_limits(rules: dict[str, dict[str, str]]) -> None:
    for row in rules.values():
        if row["target_type"] == "absolute":
            assert float(row["lower_limit"] or "-inf") <= float(row["target"]) <= float(row["upper_limit"] or "inf"), (
                row
            )


def test_factors_shrink_what_is_to_fall_and_grow_what_is_to_rise(rules: dict[str, dict[str, str]]) -> None:
    factors = [row for row in rules.values() if row["target_type"] == "factor"]
    assert factors
    assert all((float(row["target"]) > 1) == (row["direction"] == "1") for row in factors)


def test_parity_means_a_ratio_of_one(rules: dict[str, dict[str, str]]) -> None:
    parity = [row for row in rules.values() if row["parity"] == "true"]
    assert {(row["direction"], row["target"]) for row in parity} == {("-1", "1")}
    assert {row["unit"] for row in parity} <= {"RATIO", ""}


@pytest.mark.parametrize(
    ("series", "direction", "target"),
    [
        ("SH_STA_MORT", "-1", "70"),
        ("SH_DYN_MORT", "-1", "25"),
        ("SH_DYN_NMRT", "-1", "12"),
        ("SI_POV_NAHC", "-1", "0.5"),
        ("SI_RMT_COST", "-1", "3"),
        ("ER_MRN_MARIN", "1", "10"),
        ("DC_ODA_TOTG", "1", "0.7"),
    ],
)
def test_values_that_the_targets_themselves_give(
    rules: dict[str, dict[str, str]], series: str, direction: str, target: str
) -> None:
    row = rules[series]
    assert (row["direction"], row["target"]) == (direction, target)
    assert row["source"].startswith("SDG target")


@pytest.mark.parametrize(
    ("series", "direction"),
    [
        ("SH_SAN_DEFECT", "-1"),  # open defecation under an indicator of access
        ("SH_SUD_ALCOL", "-1"),  # a disorder under an indicator of treatment
        ("ER_OAW_MNACD", "1"),  # pH under an indicator of acidity
        ("TM_TRF_ZERO", "1"),  # duty-free lines, which the list wants fewer of
        ("SL_LBR_NTLCPL", "-1"),  # 0 is the best score
        ("EN_LKW_QLTRB", "-1"),  # turbid lakes under an indicator of extent
        ("AG_LND_SDGRD", "1"),  # land that passes the test of soil degradation
        ("SI_DST_FISP", "-1"),  # a Gini index under an indicator of redistribution
    ],
)
def test_a_series_that_measures_the_opposite_goes_the_other_way(
    rules: dict[str, dict[str, str]], series: str, direction: str
) -> None:
    assert rules[series]["direction"] == direction


def test_headline_slices_exist_in_the_data(headline: dict[str, dict[str, str]], slices: pl.DataFrame) -> None:
    there = set(slices.select("series", "dimensions").unique().iter_rows())
    standing = {(series, row["dimensions"]) for series, row in headline.items() if row["kind"] != "none"}
    assert standing - there == set()


def test_an_all_total_slice_is_the_empty_key(headline: dict[str, dict[str, str]]) -> None:
    for row in headline.values():
        assert bool(row["dimensions"]) == (row["kind"] == "standing_slice"), row


def test_the_tables_hold_the_decisions_word_for_word(
    rules: dict[str, dict[str, str]], headline: dict[str, dict[str, str]]
) -> None:
    decided = {
        series: row["reason"]
        for name in ("decisions", "national")
        for row in read(ROOT / f"scripts/review_{name}.csv")
        for series in row["series"].split()
    }
    assert decided == {series: row["reason"] for series, row in rules.items()}
    chosen = {
        series: row["dimensions"].replace("none", "")
        for row in read(ROOT / "scripts/review_slices.csv")
        for series in row["series"].split()
    }
    assert chosen == {series: headline[series]["dimensions"] for series in chosen}

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from observe.tables import CODES, RELEASE
from serai.errors import SourceError
from serai.observe import open_sdg, sdmx_table
from serai.observe.national import Office

OFFICE = Office(
    "aaa_office",
    areas={"": "AAA", "AA": "AAA", "aa": "AAA", "4": "AAA", "A1": "AAA-A1"},
    units={
        ("", 0): ("", 0), ("PT", 0): ("PERCENT", 0), ("USD", 6): ("CU_USD_M", 0), ("USD", 3): ("CU_USD", 3),
        ("T", 0): ("TONNES", 0), ("BALES", 0): ("BALES", 0),
    },
)  # fmt: skip


def sdmx(*rows: dict[str, Any]) -> pl.DataFrame:
    plain = dict.fromkeys(sdmx_table.DIMENSIONS, "_T") | {
        "SERIES": "S1", "REF_AREA": "AA", "TIME_PERIOD": "2015", "OBS_VALUE": "1.5", "UNIT_MEASURE": "PT",
        "UNIT_MULT": "0", "NATURE": "C", "OBS_STATUS": "A", "REPORTING_TYPE": "N", "COMMENT_OBS": None,
    }  # fmt: skip
    used = {"SEX", "URBANISATION"}
    kept = [
        {k: (v if k in used or k not in sdmx_table.DIMENSIONS else None) for k, v in plain.items()} | r for r in rows
    ]
    frame = pl.DataFrame(kept, schema=dict.fromkeys(plain, pl.String))
    return frame.with_columns(pl.col("URBANISATION").replace("_T", None))


def read_sdmx(*rows: dict[str, Any]) -> pl.DataFrame:
    return sdmx_table.observations(sdmx(*rows), RELEASE, CODES, office=OFFICE, source="table.parquet")


def read_open(*rows: dict[str, Any]) -> pl.DataFrame:
    columns = ("indicator_file", "Year", "Value", "SERIES", "REF_AREA", "UNIT_MEASURE", "SEX")
    plain = dict.fromkeys(columns) | {"indicator_file": "3-4-1", "Year": "2015", "Value": "1.5"}
    frame = pl.DataFrame([plain | row for row in rows], schema=dict.fromkeys(columns, pl.String))
    return open_sdg.observations(
        frame, RELEASE, CODES, office=OFFICE, prefix="AAA", dimensions=["SEX"], source="table.csv"
    )


@pytest.mark.parametrize("code", ["AA", "aa", "4"])
def test_all_spellings_of_a_country_are_one_area(code):
    assert read_sdmx({"REF_AREA": code})["area"].to_list() == ["AAA"]


def test_regions_carry_their_country():
    assert read_sdmx({"REF_AREA": "A1"})["area"].to_list() == ["AAA-A1"]


def test_a_multiplier_is_part_of_the_unit_or_applied_to_the_digits():
    frame = read_sdmx(
        {"UNIT_MEASURE": "USD", "UNIT_MULT": "6", "OBS_VALUE": "2.3"},
        {"UNIT_MEASURE": "USD", "UNIT_MULT": "3", "OBS_VALUE": "2.3", "TIME_PERIOD": "2016"},
    )
    assert frame.select("unit", "value").rows() == [("CU_USD_M", 2.3), ("CU_USD", 2300.0)]


def test_a_republished_global_figure_says_so_beside_the_comment():
    frame = read_sdmx({"REPORTING_TYPE": "G", "COMMENT_OBS": "*  by the  ministry"})
    assert frame["note"].to_list() == ["global figure, republished; by the ministry"]


def test_a_row_without_a_figure_says_so():
    row = read_sdmx({"OBS_VALUE": "NaN", "NATURE": "_X"}).row(0, named=True)
    assert (row["value"], row["nature"], row["note"]) == (None, "", "no value given")


@pytest.mark.parametrize(("flag", "status"), [("Q", "withheld"), ("M", "not_applicable"), ("A", "published")])
def test_what_a_flag_says_of_an_empty_cell_is_said_as_by_the_reader_of_messages(flag, status):
    row = read_sdmx({"OBS_VALUE": "", "OBS_STATUS": flag}).row(0, named=True)
    assert (row["value"], row["status"]) == (None, status)
    assert read_sdmx({"OBS_STATUS": flag})["status"].to_list() == ["published"]


def test_a_published_bound_is_kept_as_one():
    assert read_sdmx({"OBS_VALUE": "<2.5"}).select("value", "bound").row(0) == (2.5, "<")


def test_repeated_rows_are_kept_once():
    assert read_sdmx({}, {}).height == 1


def test_rows_that_contradict_each_other_say_so():
    (row,) = read_sdmx({"OBS_VALUE": "4"}, {"OBS_VALUE": "2"}, {"OBS_VALUE": "2"}).to_dicts()
    assert (row["value"], row["note"]) == (4.0, "contradicted by the same source: 2.0")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"REF_AREA": "ZZ"}, r"table.parquet:1: unknown area \[ZZ\]"),
        ({"UNIT_MEASURE": "LBS"}, r"table.parquet:1: unknown unit, multiplier 0 \[LBS\]"),
        ({"UNIT_MEASURE": "BALES"}, r"table.parquet:1: unknown unit, multiplier 0 \[BALES\]"),
        ({"TIME_PERIOD": "20155"}, r"table.parquet:1: year out of range \[20155\]"),
        ({"TIME_PERIOD": "May"}, r"table.parquet:1: year out of range"),
        ({"OBS_VALUE": "many"}, r"table.parquet:1: value is not a number \[many\]"),
        ({"SEX": "X"}, r"table.parquet:1: unknown dimension code \[SEX=X\]"),
        ({"NATURE": "Q"}, r"table.parquet:1: unknown nature \[Q\]"),
        ({"OBS_STATUS": "?"}, r"table.parquet:1: unknown flag \[\?\]"),
    ],
)
def test_what_no_table_knows_is_refused_in_one_line(row, message):
    with pytest.raises(SourceError, match=message) as error:
        read_sdmx(row)
    assert "\n" not in str(error.value)


def test_open_data_rows_without_a_series_are_named_by_their_indicator():
    assert read_open({})["series"].to_list() == ["AAA_3-4-1"]


def test_open_data_series_in_several_units_are_several_series():
    frame = read_open({"UNIT_MEASURE": "T"}, {"UNIT_MEASURE": "PT"}, {"SERIES": "S1", "UNIT_MEASURE": "PT"})
    assert frame.select("series", "unit").rows() == [
        ("AAA_3-4-1_T", "TONNES"),
        ("AAA_3-4-1_PT", "PERCENT"),
        ("S1", "PERCENT"),
    ]


def test_open_data_codes_that_serve_several_indicators_are_several_series():
    frame = read_open({"SERIES": "S1"}, {"SERIES": "S1", "indicator_file": "3-4-2"})
    assert frame["series"].to_list() == ["S1_3-4-1", "S1_3-4-2"]


def test_open_data_rows_without_an_area_are_the_country():
    assert read_open({}, {"REF_AREA": "A1"})["area"].to_list() == ["AAA", "AAA-A1"]

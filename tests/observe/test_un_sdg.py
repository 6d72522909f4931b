from __future__ import annotations

import polars as pl
import pytest

from observe.tables import CODES, RELEASE, raw, un_rows
from serai.errors import SourceError
from serai.observe.schema import OBSERVATION
from serai.observe.un_sdg import observations


def read(*rows: dict) -> pl.DataFrame:
    return observations(un_rows(*rows), RELEASE, CODES, "world.parquet")


def test_a_row_becomes_an_observation_in_our_codes():
    frame = read({"dims": "age=15_24|sex=female"})
    assert frame.schema == dict(OBSERVATION)
    assert frame.row(0, named=True) == {
        "series": "S1", "area": "AAA", "period": 2015, "dimensions": "AGE=15-24|SEX=F", "value": 1.5, "bound": "",
        "unit": "PERCENT", "nature": "C", "provider": "unsd", "release": RELEASE, "status": "published", "note": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value", "bound", "status", "note"),
    [
        (">95", 95.0, ">", "published", ""),
        ("<2.5", 2.5, "<", "published", ""),
        ("N", None, "", "not_applicable", ""),
        ("NV", None, "", "published", "no value given"),
        (". . .", None, "", "published", "no value given"),
        ("408,787", 408787.0, "", "published", "written 408,787"),
    ],
)
def test_what_is_no_number_is_kept_as_what_it_says(text, value, bound, status, note):
    row = read(raw(text)).row(0, named=True)
    assert (row["value"], row["bound"], row["status"], row["note"]) == (value, bound, status, note)


@pytest.mark.parametrize("text", ["n/a", "12abc", "1,2", ">", "> many", ""])
def test_any_other_text_in_place_of_a_number_is_refused(text):
    with pytest.raises(SourceError, match=r"world.parquet:2: value is not a number.*correct it"):
        read({"year": 2014}, raw(text))


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_row_without_a_finite_value_and_without_a_word_is_refused(value):
    with pytest.raises(SourceError, match=r"world.parquet:1: no finite value"):
        read({"value": value})


@pytest.mark.parametrize(
    ("flag", "status", "note"),
    [
        ("a", "published", ""),
        ("notspec", "published", ""),
        ("p", "provisional", ""),
        ("b", "published", "break in series"),
        ("e", "published", "estimated value"),
        ("u", "published", "low reliability"),
        ("o", "published", "flagged: missing value"),
    ],
)
def test_flags_become_a_status_or_words(flag, status, note):
    row = read({"observation_status": flag}).row(0, named=True)
    assert (row["status"], row["note"], row["value"]) == (status, note, 1.5)


def test_a_zero_flagged_as_impossible_is_no_zero():
    row = read({"observation_status": "m", "value": 0.0}).row(0, named=True)
    assert row["value"] is None
    assert (row["status"], row["note"]) == ("not_applicable", "written 0; flagged: data cannot exist")


def test_a_nature_that_is_not_specified_is_empty():
    assert read({"nature": "notspec"})["nature"].to_list() == [""]


def test_a_statistical_group_is_an_area_by_its_code():
    assert read({"iso3": None, "m49": 1})["area"].to_list() == ["M49:1"]


def test_no_row_is_lost_and_the_order_stays():
    frame = read(*({"year": year} for year in (2015, 2013, 2014)))
    assert frame["period"].to_list() == [2015, 2013, 2014]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"iso3": "QQQ"}, r":1: unknown area \[QQQ\]"),
        ({"iso3": None, "m49": 999}, r":1: unknown area \[M49:999\]"),
        ({"year": 1066}, r":1: year out of range \[1066\]; give a year from 1950 to 2035"),
        ({"units": "parsecs"}, r":1: unknown unit \[PARSECS\]"),
        ({"nature": "x"}, r":1: unknown nature \[X\]"),
        ({"observation_status": "z"}, r":1: unknown observation status \[Z\]"),
        ({"dims": "age=old"}, r":1: unknown dimension code \[age=old\]"),
    ],
)
def test_what_no_table_knows_is_refused_in_one_line(row, message):
    with pytest.raises(SourceError, match=message) as error:
        read(row)
    assert "\n" not in str(error.value)


def test_every_fault_is_reported_at_once():
    with pytest.raises(SourceError) as error:
        read({"iso3": "QQQ"}, {"year": 1066}, raw("n/a", year=2014))
    assert [line.split(":")[1] for line in str(error.value).splitlines()] == ["1", "2", "3"]


def test_an_observation_given_twice_is_refused_with_its_key():
    with pytest.raises(SourceError, match=r":2: the same observation appears twice \[S1 AAA 2015 SEX=F\]"):
        read({"dims": "sex=female"}, {"dims": "age=allage|sex=female"})


def test_a_missing_column_is_named():
    with pytest.raises(SourceError, match=r"world.parquet: column is missing \[dims\]"):
        observations(un_rows({}).drop("dims"), RELEASE, CODES, "world.parquet")

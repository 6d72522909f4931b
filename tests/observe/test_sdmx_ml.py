"""SDMX-ML messages: what they say, and what is refused."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from serai.errors import SourceError
from serai.observe.codes import Codes
from serai.observe.schema import OBSERVATION
from serai.observe.sdmx import observations
from serai.observe.sdmx_ml import read_messages
from serai.observe.sdmx_structure import canonical_code, dimension_table, read_structure, series_titles

DATA = Path(__file__).parent / "data"
AREAS = {"XX": "XXX", "999": "XXX", "XX01": "XXX-XX01"}
UNITS = {"PT": "PERCENT"}


@pytest.fixture(scope="module")
def codes() -> Codes:
    return Codes.of(dimension_table(read_structure(DATA / "structure.xml")), ["PERCENT", "NUMBER"], AREAS.values())


def read(path: Path, codes: Codes, **more: object) -> pl.DataFrame:
    return observations(read_messages(path), provider="xxx_stat", codes=codes, areas=AREAS, units=UNITS, **more)  # type: ignore[arg-type]


def altered(tmp_path: Path, old: str, new: str, count: int = 1) -> Path:
    text = (DATA / "specific.xml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "altered.xml"
    path.write_text(text.replace(old, new, count), encoding="utf-8")
    return path


def test_a_message_becomes_the_observation_table(codes: Codes) -> None:
    frame = read(DATA / "specific.xml", codes)
    assert frame.schema == pl.Schema(OBSERVATION)
    assert frame.height == 9
    assert frame["area"].unique().sort().to_list() == ["XXX", "XXX-XX01"]
    assert frame["unit"].unique().sort().to_list() == ["NUMBER", "PERCENT"]
    assert frame["release"].unique().to_list() == [date(2024, 12, 16)]


def test_withheld_not_applicable_missing_and_zero_stay_apart(codes: Codes) -> None:
    frame = read(DATA / "specific.xml", codes).filter(series="POVERTY", dimensions="")
    assert frame.select("period", "value", "status", "note").rows() == [
        (2019, 20.1, "published", ""),
        (2020, 25.3, "provisional", ""),
        (2021, 0.0, "published", "imputed value; time: 2020-2021"),
        (2022, None, "withheld", "flagged: suppressed"),
        (2023, None, "not_applicable", "flagged: data cannot exist"),
        (2024, None, "published", "no value given; flagged: missing value; survey postponed"),
    ]


def test_slices_bounds_and_natures_are_canonical(codes: Codes) -> None:
    frame = read(DATA / "specific.xml", codes)
    row = frame.filter(pl.col("dimensions") == "AGE=15-24|SEX=F").row(0, named=True)
    assert (row["value"], row["bound"], row["nature"]) == (95.0, ">", "C")
    assert frame.filter(series="SCHOOLS")["nature"].to_list() == ["", "C"]


def test_powers_of_ten_are_worked_in_without_losing_digits(codes: Codes) -> None:
    schools = read(DATA / "specific.xml", codes).filter(series="SCHOOLS")
    assert schools["value"].to_list() == [4350.0, 12.0]
    assert schools["dimensions"].unique().to_list() == ["AGE=15+"]
    assert schools["note"].unique().to_list() == ["at the end of the year"]


def test_the_generic_form_says_the_same(codes: Codes) -> None:
    specific = read(DATA / "specific.xml", codes).filter(series="POVERTY", dimensions="")
    generic = read(DATA / "generic.xml", codes)
    assert generic.drop("note").equals(specific.filter(pl.col("period").is_in([2019, 2020, 2022])).drop("note"))


def test_flat_messages_are_read(tmp_path: Path, codes: Codes) -> None:
    series = '<Obs SERIES="POVERTY" REF_AREA="XX" TIME_PERIOD="{}" OBS_VALUE="1" UNIT_MEASURE="PT"/>'
    path = tmp_path / "flat.xml"
    body = series.format(2019) + series.format(2020)
    path.write_text(f"<StructureSpecificData><DataSet>{body}</DataSet></StructureSpecificData>", encoding="utf-8")
    assert read(path, codes, release=date(2025, 1, 1))["period"].to_list() == [2019, 2020]


def test_a_message_without_observations_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.xml"
    path.write_text("<GenericData><DataSet/></GenericData>", encoding="utf-8")
    assert read_messages(path).is_empty()


def test_figures_repeated_by_another_file_are_kept_once(codes: Codes) -> None:
    twice = read_messages([DATA / "specific.xml", DATA / "generic.xml"])
    frame = observations(twice, provider="xxx_stat", codes=codes, areas=AREAS, units=UNITS)
    assert frame.height == 9


@pytest.mark.parametrize(
    ("old", "new", "place", "problem"),
    [
        ('OBS_VALUE="25.3"', 'OBS_VALUE="n/a"', 14, "value is not a number [n/a]"),
        ('OBS_VALUE="25.3"', 'OBS_VALUE="9e999"', 14, "value is not finite [9e999]"),
        ('TIME_PERIOD="2020"', 'TIME_PERIOD="2020-Q1"', 14, "year out of range [2020-Q1]"),
        ('TIME_PERIOD="2020"', 'TIME_PERIOD="1020"', 14, "year out of range [1020]"),
        ('REF_AREA="XX01"', 'REF_AREA="QQ"', 25, "unknown area [QQ]"),
        ('AGE="Y_GE15"', 'AGE="Y_OLD"', 25, "unknown dimension code [AGE=Y_OLD]"),
        ('UNIT_MEASURE="NUMBER"', 'UNIT_MEASURE="FURLONG"', 25, "unknown unit [FURLONG]"),
        ('UNIT_MULT="3"', 'UNIT_MULT="99"', 25, "unknown power of ten [99]"),
        ('NATURE="_X"', 'NATURE="Q"', 25, "unknown nature [Q]"),
        ('OBS_STATUS="P"', 'OBS_STATUS="?"', 14, "unknown observation status [?]"),
        ('COMMENT_OBS="survey postponed"', 'MOOD="good"', 18, "unknown dimension or attribute [MOOD]"),
        ('TIME_PERIOD="2020"', 'TIME_PERIOD="2019"', 14, "another value for one key [POVERTY XXX 2019 = 25.3]"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(
    tmp_path: Path, codes: Codes, old: str, new: str, place: int, problem: str
) -> None:
    with pytest.raises(SourceError, match=re.escape(problem)) as caught:
        read(altered(tmp_path, old, new), codes)
    assert str(caught.value).startswith(f"altered.xml:{place}: ")


def test_every_fault_is_reported(tmp_path: Path, codes: Codes) -> None:
    path = altered(tmp_path, 'OBS_VALUE="25.3"', 'OBS_VALUE="n/a" MOOD="good"')
    with pytest.raises(SourceError, match="MOOD"):
        read(path, codes)
    path = altered(tmp_path, 'OBS_STATUS="P"', 'OBS_STATUS="?" NATURE="Q"')
    with pytest.raises(SourceError) as caught:
        read(path, codes)
    assert len(str(caught.value).splitlines()) == 2


HOSTILE = {
    "entities": (
        '<!DOCTYPE a [<!ENTITY b "bbbb">]><StructureSpecificData>&b;</StructureSpecificData>',
        "document type",
    ),
    "outside file": ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><StructureSpecificData/>', "document type"),
    "not xml": ("Series,Value\n1,2\n", "not an XML file"),
    "cut off": ("<StructureSpecificData><DataSet>", "not well-formed"),
    "too deep": ("<StructureSpecificData>" + "<a>" * 300, "depth"),
    "another message": ("<Structure/>", "not an SDMX-ML 2.1 data message [Structure]"),
    "groups": ("<GenericData><DataSet><Group/></DataSet></GenericData>", "attributes of groups are not read"),
    "generic without id": (
        '<GenericData><DataSet><Series><SeriesKey><Value value="A"/></SeriesKey></Series></DataSet></GenericData>',
        "without 'id'",
    ),
    "reserved name": (
        '<StructureSpecificData><DataSet><Obs row="1"/></DataSet></StructureSpecificData>',
        "named like a column of ours",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused_in_one_line(tmp_path: Path, case: str) -> None:
    text, problem = HOSTILE[case]
    path = tmp_path / "hostile.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=re.escape(problem)) as caught:
        read_messages(path)
    assert "hostile.xml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_document_type_cannot_hide_in_another_encoding(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="{}"?><!DOCTYPE a [<!ENTITY b "b">]><GenericData>&b;</GenericData>'
    path = tmp_path / "hidden.xml"
    for encoding in ("utf-16", "utf-7", "cp037"):
        path.write_bytes(text.format(encoding).encode(encoding))
        with pytest.raises(SourceError):
            read_messages(path)


def test_size_is_bounded() -> None:
    with pytest.raises(SourceError, match="larger than 100 bytes"):
        read_messages(DATA / "specific.xml", limit=100)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none\.xml: cannot be read"):
        read_messages(tmp_path / "none.xml")


def test_structures_name_series_codes_and_indicators() -> None:
    structure = read_structure(DATA / "structure.xml")
    assert dict(structure.dimensions) == {"SERIES": "CL_SERIES", "SEX": "CL_SEX", "AGE": "CL_AGE"}
    assert dict(structure.attributes) == {"COMMENT_OBS": ""}
    assert ("POVERTY", "ru", "Население за чертой бедности") in series_titles(structure).rows()
    assert structure.indicators.rows() == [("POVERTY", "1.2.1", "1.2", "1")]
    with pytest.raises(SourceError, match="no dimension WEALTH"):
        structure.names("WEALTH")


def test_the_table_of_dimensions_leads_back_to_the_source() -> None:
    table = dimension_table(read_structure(DATA / "structure.xml"))
    slices = table.filter(~pl.col("total"))
    assert table.select("source_dimension", "source_code").is_duplicated().sum() == 0
    assert slices.select("dimension", "code").is_duplicated().sum() == 0
    assert table.filter(source_code="_T").height == 2


@pytest.mark.parametrize(
    ("code", "ours"),
    [("Y15T24", "15-24"), ("Y_GE15", "15+"), ("Y15", "15"), ("M0T11", "M0T11"), ("_T", ""), ("_Z", "")],
)
def test_codes_of_age_are_canonical(code: str, ours: str) -> None:
    assert canonical_code("AGE", code) == ours


def test_a_message_without_structure_is_no_structure() -> None:
    with pytest.raises(SourceError, match="no data structure in it"):
        read_structure(DATA / "specific.xml")

"""The desk: providers side by side, shares as printed by their source, withheld is not zero."""

from __future__ import annotations

import polars as pl
import pytest

from coordinate.register_pack import add_register
from serai.coordinate.register import Register
from serai.errors import UnknownName
from serai.region import check_pack, load_pack
from serai.region.notes_coordinate import notes_faults

DESK = (
    "area,topic,metric,counterpart,period,value,unit,variant,as_of,provider,status,source,note\n"
    "AAA,needs,people,,2020,100,persons,,2020-12,one,published,herald_1,\n"
    "AAA,needs,people,,2020,90,persons,,2020-11,two,disputed,gazette_1,\n"
    "BBB,needs,people,,2020,,persons,,2020-12,one,withheld,herald_1,under review\n"
    "AAA,needs,asked,,2020,50,USD,,,one,published,herald_1,\n"
    "AAA,needs,asked,,2020,40,USD,revised,2020-06,one,published,herald_1,\n"
    "AAA,needs,given,,2020,10,USD,,2020-03,one,published,herald_1,\n"
    "AAA,needs,given,,2020,20,USD,,2020-09,one,published,herald_1,\n"
)
NOTES = """
[[topic]]
id = "needs"
title = { en = "Needs" }
[[metric]]
id = "people"
title = { en = "People" }
[[metric]]
id = "asked"
title = { en = "Asked" }
[[metric]]
id = "given"
title = { en = "Given" }
[[provider]]
id = "one"
title = { en = "One" }
[[provider]]
id = "two"
title = { en = "Two" }
de_facto = true
[[ratio]]
id = "met"
title = { en = "Met" }
numerator = "given"
denominator = "asked"
formula = "given / asked"
"""


@pytest.fixture
def pack(pack_dir):
    add_register(pack_dir, desk=DESK)
    (pack_dir / "coordinate/desk.toml").write_text(NOTES, encoding="utf-8")
    sources = pack_dir / "sources.toml"
    entry = '\n[[table]]\nfile = "coordinate/desk.toml"\ntitle = "t"\nprovider = "p"\nsource = "s"\nlicence = "l"\n'
    text = sources.read_text(encoding="utf-8") + entry + 'release = "r"\nretrieved = 2024-01-01\n'
    sources.write_text(text, encoding="utf-8")
    return pack_dir


@pytest.fixture
def desk(pack):
    return Register(load_pack(pack), pl.DataFrame)


def test_a_sound_desk_has_no_faults(pack):
    assert check_pack(pack) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("desk.csv", "withheld,herald_1,under review", "withheld,herald_1,", "withheld without a reason"),
        ("desk.csv", "2020,100,persons", "2020,,persons", "without a value and not withheld"),
        ("desk.csv", ",two,disputed", ",three,disputed", "unknown provider"),
        ("desk.toml", 'numerator = "given"', 'numerator = "gift"', "ratio met names no metric"),
        ("desk.toml", "formula =", "colour =", "colour"),
        ("desk.toml", 'id = "asked"', 'id = "people"', "metric appears twice [people]"),
    ],
)
def test_each_fault_of_the_desk_is_named(pack, file, old, new, problem):
    path = pack / "coordinate" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert problem in " | ".join(map(str, check_pack(pack)))


def test_notes_that_cannot_be_read_are_the_only_fault(pack):
    path = pack / "coordinate/desk.toml"
    path.write_text(f"metric =\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    (fault,) = check_pack(pack)
    assert "coordinate/desk.toml: not valid TOML" in str(fault)


def test_two_providers_coexist_and_neither_overwrites_the_other(desk):
    people = desk.desk("AAA").filter(metric="people")
    assert sorted(people["value"]) == [90, 100]
    assert people["conflict"].all()
    assert dict(people.select("provider", "de_facto").iter_rows()) == {"one": False, "two": True}


def test_a_later_figure_of_the_same_provider_is_no_conflict(desk):
    assert not desk.desk("AAA").filter(metric="given")["conflict"].any()


def test_a_share_takes_the_revised_denominator_and_keeps_every_as_of(desk):
    assert desk.desk_ratios().select("as_of", "percent").rows() == [("2020-03", 25.0), ("2020-09", 50.0)]


def test_withheld_is_not_zero(desk):
    (total,) = desk.desk_totals().filter(provider="one", metric="people").to_dicts()
    assert (total["value"], total["given"], total["withheld"], total["members"]) == (100, 1, 1, 2)
    assert not total["complete"]
    assert total["withheld_by"] == ["BBB"]


@pytest.mark.published
def test_funding_shares_are_those_the_source_prints(shipped):
    found = shipped.desk_ratios("AFG").filter(period="2024")
    assert [(row["as_of"], round(row["percent"], 1)) for row in found.to_dicts()] == [
        ("2024-06-15", 20.1), ("2024-10-15", 31.4),
    ]  # fmt: skip


@pytest.mark.published
def test_flow_formed_in_the_country_and_the_sum_of_electricity_are_as_printed(shipped):
    desk = shipped.desk("AFG")
    assert desk.filter(metric="flow_formed")["value"].to_list() == [14.5]
    assert desk.filter(metric="electricity_cost", period="2022-23")["value"].sum() == 299e6


def test_a_country_that_is_no_member_is_refused_with_the_members(shipped):
    with pytest.raises(UnknownName, match="unknown member 'PAK'"):
        shipped.desk("PAK")


@pytest.mark.published
def test_the_share_of_2020_is_the_one_the_tracking_service_prints(shipped):
    (row,) = shipped.desk_ratios("AFG").filter(period="2020").to_dicts()
    assert round(row["percent"]) == 50


def test_two_monitors_of_displacement_stand_side_by_side(shipped):
    rows = shipped.desk("AFG").filter(metric="idps", period="2025")
    assert dict(rows.select("provider", "value").iter_rows()) == {"unhcr": 3_199_023, "idmc": 4_355_000}
    assert rows["conflict"].all()


def test_a_programme_line_takes_the_figures_of_one_provider(shipped):
    row = shipped.mandate().filter(indicator="idps", area="AFG").to_dicts()[0]
    assert (row["provider"], row["value"]) == ("unhcr", 3_199_023)


def test_a_programme_line_is_about_members(pack):
    text = 'centre = "lake"\n[[line]]\nid = "one"\ntitle = { en = "One" }\nreason = { en = "Why" }\n'
    text += 'source = "https://herald.example/1"\nareas = ["AAA", "CCC"]\n'
    (pack / "coordinate/mandate.toml").write_text(text, encoding="utf-8")
    (fault,) = notes_faults(pack, {})
    assert "line one is about an area that is no member [CCC]" in str(fault)


def test_a_share_of_part_of_a_year_is_not_compared_with_a_whole_one(shipped):
    (row,) = shipped.mandate().filter(indicator="funded").to_dicts()
    assert (row["period"], row["release"], row["moves"]) == ("2024", "2024-10-15", "partial")

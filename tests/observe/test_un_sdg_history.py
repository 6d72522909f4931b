from __future__ import annotations

from datetime import date

import polars as pl

from serai.observe.schema import OBSERVATION
from serai.observe.un_sdg_history import history

EARLY, FIRST, LATER = date(2020, 4, 26), date(2020, 7, 5), date(2020, 10, 25)
RELEASES = [EARLY, FIRST, LATER]


def observed(release: date, period: int, value: float, unit: str = "", nature: str = "", series: str = "S1") -> dict:
    return {
        "series": series, "area": "AAA", "period": period, "dimensions": "", "value": value, "bound": "", "unit": unit,
        "nature": nature, "provider": "p", "release": release, "status": "published", "note": "",
    }  # fmt: skip


def runs(*rows: dict) -> list[dict]:
    frame = pl.DataFrame(list(rows), schema=dict(OBSERVATION))
    return history(frame, RELEASES).sort("series", "period", "release_from").to_dicts()


def test_unit_and_nature_come_from_the_next_release_with_the_same_key():
    (run,) = runs(observed(EARLY, 2015, 1.0), observed(FIRST, 2015, 1.0, "PERCENT", "C"))
    assert (run["release_from"], run["release_to"]) == (EARLY, FIRST)
    assert (run["unit"], run["nature"]) == ("PERCENT", "C")
    assert run["note"] == "unit and nature from release 2020-07-05"


def test_a_key_that_returns_later_says_from_when_its_unit_is():
    found = runs(
        observed(EARLY, 2015, 1.0), observed(FIRST, 2016, 2.0, "PERCENT", "C"), observed(LATER, 2015, 1.0, "INDEX", "E")
    )
    assert [(run["unit"], run["nature"], run["note"]) for run in found] == [
        ("INDEX", "E", "unit and nature from release 2020-10-25"),
        ("INDEX", "E", ""),
        ("PERCENT", "C", ""),
    ]


def test_a_key_that_never_returns_takes_the_unit_of_its_series_and_no_nature():
    found = runs(observed(EARLY, 2014, 1.0), observed(FIRST, 2015, 1.0, "PERCENT", "C"))
    assert (found[0]["unit"], found[0]["nature"], found[0]["note"]) == ("PERCENT", "", "unit from release 2020-07-05")


def test_a_series_that_never_returns_has_no_unit():
    found = runs(observed(EARLY, 2015, 1.0, series="S0"), observed(FIRST, 2015, 1.0, "PERCENT", "C"))
    assert (found[0]["unit"], found[0]["note"]) == ("", "unit not given")


def test_values_of_another_scale_take_no_unit():
    early = [observed(EARLY, year, 1.0) for year in range(2010, 2016)]
    later = [observed(FIRST, year, 1e6, "CU_USD", "C") for year in range(2010, 2016)]
    found = runs(*early, *later)
    assert {run["unit"] for run in found if run["release_from"] == EARLY} == {""}
    note = "nature from release 2020-07-05; unit not given, values of another scale"
    assert {run["note"] for run in found if run["release_from"] == EARLY} == {note}

"""National against international figures: every figure comes out once, with the first cause that explains it."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from frames import observed

from serai.assess.national import KINDS, NATIONAL, against_international
from serai.errors import InputError

YEARS = range(2015, 2020)


def compared(mine: dict[int, float], theirs: dict[int, float], **columns: object) -> pl.DataFrame:
    table = pl.concat([observed(mine, provider="office", **columns), observed(theirs, provider="world")])
    return against_international(table, national=["office"], international="world")


@pytest.mark.parametrize(
    ("mine", "theirs", "kind", "detail"),
    [
        ({2015: 10.04}, {2015: 10.0}, "same", ""),
        ({2015: 0.0}, {2015: 0.0}, "same", ""),
        ({2015: 421800.0}, {2015: 423.8}, "scale", "10^3"),
        ({2015: 109.3}, {2015: 9.3}, "index_growth", ""),
        ({2015: 20.0}, {2015: 10.0}, "genuine", ""),
        ({2015: 20.0}, {2016: 10.0}, "other_years", ""),
    ],
)
def test_one_pair(mine: dict[int, float], theirs: dict[int, float], kind: str, detail: str) -> None:
    made = compared(mine, theirs)
    assert dict(made.schema) == NATIONAL
    assert made.select("kind", "detail").rows() == [(kind, detail)]


def test_an_index_is_known_by_its_years_even_where_the_growth_differs() -> None:
    mine = {year: 100.0 + year % 7 for year in YEARS}
    theirs = {year: 9.0 - year % 3 for year in YEARS}
    assert set(compared(mine, theirs)["kind"]) == {"index_growth"}


def test_shares_that_add_up_to_100_are_no_index_and_rate() -> None:
    assert set(compared(dict.fromkeys(YEARS, 22.1), dict.fromkeys(YEARS, 77.9))["kind"]) == {"genuine"}


def test_a_shifted_year_must_explain_the_series() -> None:
    theirs = {year: float((year - 2000) ** 2) for year in range(2012, 2022)}
    shifted = compared({year: theirs[year - 1] for year in YEARS}, theirs)
    assert shifted.select("kind", "detail").rows() == [("year_shift", str(year - 1)) for year in YEARS]
    chance = compared({2015: theirs[2014], 2016: 7.0, 2017: 9.0}, theirs)
    assert set(chance["kind"]) == {"genuine"}


def test_the_figure_of_another_slice_and_of_another_release_are_found() -> None:
    table = pl.concat([
        observed({2015: 55.0, 2016: 70.0}, provider="office"),
        observed({2015: 50.0, 2016: 60.0}, provider="world"),
        observed({2015: 55.0}, provider="world", dimensions="SEX=F"),
    ])  # fmt: skip
    runs = observed({2016: 70.0}, provider="world").rename({"release": "release_to"})
    runs = runs.with_columns(release_to=pl.lit(date(2020, 4, 26)), release_from=pl.lit(date(2019, 2, 3)))
    made = against_international(table, national=["office"], international="world", earlier=runs)
    assert made.select("kind", "detail").rows() == [("other_slice", "SEX=F"), ("other_release", "2020-04-26")]


def test_other_units_are_named() -> None:
    made = compared({2015: 7.3}, {2015: 10.0}, unit="number")
    assert made.select("kind", "detail").row(0) == ("unit", "number / percent")


def test_every_national_figure_comes_out_once() -> None:
    odd = observed({2014: None, 2015: float("nan"), 2016: float("inf"), 2017: 3.0}, provider="office")
    table = pl.concat([odd, odd, observed({2017: 3.0}, series="T", provider="office")])
    made = against_international(table, national=["office"], international="world")
    assert made.select("series", "period", "kind").rows() == [
        ("S", 2017, "no_international"), ("T", 2017, "no_international"),
    ]  # fmt: skip
    assert set(made["kind"]) <= set(KINDS)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match="'unit'"):
        against_international(observed({2015: 1.0}).drop("unit"), national=["p"], international="q")

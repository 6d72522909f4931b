"""Regions of a country beside the country and each other."""

from __future__ import annotations

import polars as pl
from frames import observed, rule

from serai.assess.subnational import SUBNATIONAL, subnational

AREAS = pl.DataFrame(
    {"area": ["AAA", "AAA-1", "AAA-2", "AAA-3"], "kind": ["country", *["region"] * 3], "parent": ["", *["AAA"] * 3]}
)
HEADLINE = pl.DataFrame({"series": ["S"], "dimensions": [""]})


def found(**rules: object) -> pl.DataFrame:
    figures = pl.concat(
        [
            observed({2015: 50.0, 2020: 60.0}, area="AAA"),
            observed({2015: 50.0, 2020: 70.0}, area="AAA-1"),
            observed({2015: 50.0, 2020: 40.0}, area="AAA-2"),
            observed({2015: 50.0, 2018: 55.0}, area="AAA-3"),
            observed({2020: 1.0}, area="AAA-1", dimensions="SEX=F"),
        ]
    )
    return subnational(figures, AREAS, rule(**rules), HEADLINE)  # type: ignore[arg-type]


def test_each_region_beside_the_country_in_the_same_year() -> None:
    frame = found()
    assert dict(frame.schema) == SUBNATIONAL
    assert frame["area"].to_list() == ["AAA-1", "AAA-2", "AAA-3"]
    assert frame["country_value"].to_list() == [60.0, 60.0, None]
    assert frame["rank"].to_list() == [1, 2, 1]
    assert frame["of"].to_list() == [2, 2, 1]
    assert frame["class"].null_count() == 0


def test_a_series_without_a_rule_is_shown_without_rank_and_class() -> None:
    frame = found(status="no_rule")
    assert frame.height == 3
    assert frame["rank"].null_count() == frame["class"].null_count() == 3
    assert frame["reason"].null_count() == 0

"""ESCAP's two indices, by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from frames import observed, rule

from serai.assess.escap import weighted_line
from serai.assess.progress import progress


def one(points: dict[int, float | None], **rules: object) -> dict[str, object]:
    return progress(observed(points), rule(**rules), "escap").row(0, named=True)  # type: ignore[arg-type]


def test_line_is_weighted_least_squares_with_the_published_weights() -> None:
    years, values = np.array([2004, 2010, 2016, 2021]), np.array([3.0, 8.0, 9.0, 15.0])
    weights = (2030 - 2004) / (2030 - years)
    slope, intercept = np.polyfit(years, values, 1, w=np.sqrt(weights))
    points = pl.DataFrame({"key": [0] * 4, "period": years, "value": values}, schema_overrides={"period": pl.Int32})
    line = weighted_line(points, 2030).row(0, named=True)
    assert line["slope"] == pytest.approx(slope)
    assert line["predicted"] == pytest.approx(slope * 2030 + intercept)


def test_years_before_2000_do_not_count() -> None:
    assert one({1995: 900.0, 2015: 50.0, 2020: 55.0}, target=100.0) == one({2015: 50.0, 2020: 55.0}, target=100.0)


def test_status_and_anticipated_progress_on_a_straight_line() -> None:
    # 1 a year from 50: 5 of the 30 needed by 2020, 15 of 30 by 2030.
    found = one({2015: 50.0, 2020: 55.0}, target=80.0)
    assert found["value"] == pytest.approx(10 * 5 / 30)
    assert found["score"] == pytest.approx(10 * 15 / 30)
    assert found["class"] == "accelerate"
    assert found["remark"] == "line through 2 values since 2015"


@pytest.mark.parametrize(
    ("last", "name"), [(60.0, "on_track"), (54.0, "accelerate"), (50.0, "regression"), (45.0, "regression")]
)
def test_classes(last: float, name: str) -> None:
    assert one({2015: 50.0, 2020: last}, target=80.0)["class"] == name


def test_less_is_better_where_the_rule_says_so() -> None:
    assert one({2015: 50.0, 2020: 40.0}, direction=-1, target=20.0)["class"] == "on_track"


def test_one_year_is_met_or_insufficient() -> None:
    assert one({2018: 90.0}, target=80.0)["class"] == "on_track"
    assert one({2018: 70.0}, target=80.0)["reason"] == "one year of data since 2015 (2018)"


def test_without_a_2030_value_there_is_no_class() -> None:
    assert "champion areas" in str(one({2015: 1.0, 2020: 2.0})["reason"])


def test_one_runaway_series_cannot_carry_a_goal() -> None:
    assert one({2015: 99.9, 2020: 1.0}, target=100.0)["score"] == -10.0

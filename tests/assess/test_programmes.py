"""Targets of programmes: growth required against observed."""

from __future__ import annotations

import polars as pl
import pytest
from frames import observed

from serai.assess.programmes import PROGRAMMES, programme_status

TARGET = {
    "programme": "P", "id": "T", "factor": 2.0, "deadline": 2030, "series": "S", "reading": "level", "reason": "",
}  # fmt: skip


def status(figures: pl.DataFrame, **changes: object) -> dict[str, object]:
    targets = pl.DataFrame([{**TARGET, **changes}], schema_overrides={"factor": pl.Float64})
    frame = programme_status(figures, targets, ["AAA"])
    assert dict(frame.schema) == PROGRAMMES
    return frame.row(0, named=True)


def growing(rate: float) -> pl.DataFrame:
    return observed({year: 10 * (1 + rate) ** (year - 2010) for year in range(2010, 2021)})


def test_doubling_in_ten_years_takes_7_18_per_cent_a_year() -> None:
    row = status(growing(0.05))
    assert row["required_rate"] == pytest.approx(0.0717735)
    assert row["observed_rate"] == pytest.approx(0.05)
    assert row["reached_factor"] == pytest.approx(1.05**10)
    assert row["needed_value"] == pytest.approx(2 * 10 * 1.05**10)
    assert row["answer"] == "not_on_course"
    assert status(growing(0.08))["answer"] == "on_course"


def test_a_share_answers_only_in_part() -> None:
    row = status(growing(0.02), reading="share")
    assert row["answer"] == "partly"
    assert (1 + row["rest_rate"]) * (1 + row["observed_rate"]) == pytest.approx(1.0717735)  # type: ignore[operator]


def test_yearly_rates_are_compounded() -> None:
    row = status(observed(dict.fromkeys(range(2010, 2021), 8.0)), reading="rate")
    assert row["observed_rate"] == pytest.approx(0.08)
    assert row["answer"] == "on_course"


@pytest.mark.parametrize(
    ("figures", "changes", "reason"),
    [
        (observed({2010: 1.0, 2020: 2.0}), {}, "fewer than three years of figures"),
        (observed({2018: 0.0, 2019: 1.0, 2020: 2.0}), {}, "no growth rate: a figure is zero or below"),
        (observed({2018: 1.0, 2019: 1.0, 2020: 2.0}), {"deadline": 2020}, "the deadline is past"),
        (observed({2020: 1.0}), {"series": ""}, "no series at hand measures it"),
    ],
)
def test_what_cannot_be_answered_says_why(figures: pl.DataFrame, changes: dict[str, object], reason: str) -> None:
    row = status(figures, **changes)
    assert row["answer"] is None
    assert row["reason"] == reason

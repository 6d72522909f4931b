"""Groups left behind: both slices, both classes, and what became of the gap."""

from __future__ import annotations

import polars as pl
import pytest
from frames import observed, rule

from serai.assess.groups import GAPS, groups, left_behind
from serai.errors import UnknownName

HEADLINE = pl.DataFrame({"series": ["S"], "dimensions": [""]})


def gap(
    own: dict[int, float], other: dict[int, float], other_slice: str = "SEX=M", **options: object
) -> dict[str, object]:
    figures = pl.concat([observed(own, dimensions="SEX=F"), observed(other, dimensions=other_slice)])
    frame = left_behind(figures, rule(**options), HEADLINE)  # type: ignore[arg-type]
    assert dict(frame.schema) == GAPS
    assert frame.height == 1
    return frame.row(0, named=True)


@pytest.mark.parametrize(
    ("first", "last", "state"),
    [
        ((40, 60), (55, 60), "closing"),
        ((40, 60), (40, 70), "widening"),
        ((40, 60), (60, 80), "unchanged"),
        ((40, 60), (70, 70), "closed"),
        ((60, 60), (60, 70), "opened"),
        ((70, 60), (80, 60), "not_behind"),
    ],
)
def test_what_became_of_a_gap(first: tuple[float, float], last: tuple[float, float], state: str) -> None:
    row = gap({2015: first[0], 2020: last[0]}, {2015: first[1], 2020: last[1]})
    assert row["gap"] == state
    assert (row["gap_first"], row["gap_last"]) == (first[1] - first[0], last[1] - last[0])
    assert row["against"] == "counterpart"


def test_fewer_is_better_where_the_rule_says_so() -> None:
    row = gap({2015: 60.0, 2020: 55.0}, {2015: 40.0, 2020: 40.0}, direction=-1)
    assert (row["gap"], row["gap_first"], row["gap_last"]) == ("closing", 20.0, 15.0)


def test_only_common_years_count_and_one_year_gives_no_trend() -> None:
    row = gap({2015: 40.0, 2018: 50.0}, {2018: 60.0, 2020: 70.0})
    assert (row["first_year"], row["last_year"], row["gap"]) == (2018, 2018, "behind")


def test_everybody_stands_in_for_a_missing_counterpart() -> None:
    assert gap({2015: 40.0, 2020: 50.0}, {2015: 60.0, 2020: 60.0}, other_slice="")["against"] == "total"


def test_what_has_no_counterpart_or_no_rule_says_so() -> None:
    alone = left_behind(observed({2015: 1.0}, dimensions="SEX=F"), rule(), HEADLINE).row(0, named=True)
    assert (alone["gap"], alone["reason"]) == (None, "no counterpart is published")
    apart = gap({2015: 40.0, 2016: 41.0}, {2018: 60.0})
    assert (apart["gap"], apart["reason"]) == (None, "no counterpart is published")
    unruled = gap({2015: 40.0, 2020: 50.0}, {2015: 60.0, 2020: 60.0}, status="no_rule")
    assert unruled["reason"].startswith("no rule")  # type: ignore[union-attr]


def test_the_breakdown_of_the_headline_is_taken() -> None:
    parts = [
        observed({2015: value, 2020: value}, dimensions=f"{age}SEX={sex}")
        for age, value in (("", 1.0), ("AGE=15-24|", 2.0))
        for sex in "FM"
    ]
    row = left_behind(pl.concat(parts), rule(), pl.DataFrame({"series": ["S"], "dimensions": ["AGE=15-24"]}))
    assert row["dimensions"].to_list() == ["AGE=15-24|SEX=F"]


def test_groups_that_do_not_exist_are_refused() -> None:
    with pytest.raises(UnknownName, match="martians"):
        left_behind(observed({2015: 1.0}), rule(), HEADLINE, names=["martians"])
    assert all(group.title_ru and group.counterpart for group in groups().values())

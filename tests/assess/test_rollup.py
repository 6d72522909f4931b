"""Scores from series to region, and empty cells that say why."""

from __future__ import annotations

import polars as pl
import pytest
from frames import observed, rule

from serai.assess.methods import methods
from serai.assess.progress import progress
from serai.assess.regional import regional
from serai.assess.rollup import GOALS, goal_status, nested_mean, rollup
from serai.errors import InputError

INDICATORS = pl.DataFrame(
    {
        "indicator": ["1.1.1", "1.1.1", "1.2.1", "2.1.1", "3.1.1", "14.1.1"],
        "target": ["1.1", "1.1", "1.2", "2.1", "3.1", "14.1"],
        "goal": ["1", "1", "1", "2", "3", "14"],
        "language": ["en", "ru", "en", "en", "en", "en"],
    }
)
LINKS = pl.DataFrame(
    {
        "series": ["A", "B", "C", "D", "D", "E"],
        "indicator": ["1.1.1", "1.1.1", "1.2.1", "2.1.1", "1.2.1", "3.1.1"],
        "target": ["1.1", "1.1", "1.2", "2.1", "1.2", "3.1"],
        "goal": ["1", "1", "1", "2", "1", "3"],
    }
)
FAST, SLOW, BACK, LONE = {2015: 100.0, 2020: 120.0}, {2015: 100.0, 2021: 104.0}, {2016: 100.0, 2022: 80.0}, {2019: 5.0}


@pytest.fixture
def table() -> pl.DataFrame:
    parts = {"A": FAST, "B": BACK, "C": SLOW, "E": LONE}
    figures = pl.concat([observed(points, series=name) for name, points in parts.items()])
    return progress(figures, pl.concat([rule(name) for name in "ABCDE"]))


def test_goal_is_the_mean_of_indicators_which_are_means_of_series(table: pl.DataFrame) -> None:
    goals = goal_status(table, LINKS, INDICATORS)
    assert tuple(goals.columns) == GOALS
    row = goals.row(by_predicate=pl.col("goal") == "1", named=True)
    score = dict(table.select("series", "score").iter_rows())
    assert row["score"] == pytest.approx(((score["A"] + score["B"]) / 2 + score["C"]) / 2)
    assert row["class"] == "moderate_progress"
    assert [row[name] for name in GOALS[3:7]] == [2, 2, 2, 3]
    assert [row[name] for name in GOALS[10:]] == [2021, 2020, 2022]


def test_empty_goals_say_why(table: pl.DataFrame) -> None:
    exceptions = pl.DataFrame({"area": ["AAA"], "goal": ["14"], "reason": ["goal does not apply: landlocked"]})
    reasons = dict(goal_status(table, LINKS, INDICATORS, exceptions=exceptions).select("goal", "reason").iter_rows())
    assert reasons == {
        "1": None,
        "2": "no data",
        "3": "no series with two years since 2015",
        "14": "goal does not apply: landlocked",
    }


def test_goal_whose_series_have_no_rule_says_so() -> None:
    table = progress(observed(FAST, series="E"), rule("E", status="no_rule"))
    row = goal_status(table, LINKS, INDICATORS).row(by_predicate=pl.col("goal") == "3", named=True)
    assert (row["reason"], row["indicators_with_data"], row["indicators_classified"]) == (
        "no rule for the series that have data",
        1,
        0,
    )


def test_withheld_is_not_missing() -> None:
    table = progress(observed({2018: None}, series="E", status="withheld"), rule("E"))
    row = goal_status(table, LINKS, INDICATORS).row(by_predicate=pl.col("goal") == "3", named=True)
    assert row["reason"] == "withheld by the provider"


def test_an_area_without_any_row_keeps_its_cells(table: pl.DataFrame) -> None:
    goals = goal_status(table, LINKS, INDICATORS, areas=["AAA", "ZZZ"]).filter(pl.col("area") == "ZZZ")
    assert goals["reason"].to_list() == ["no data"] * 4


def test_achieved_only_if_every_series_is() -> None:
    rules = pl.concat([rule(name, target=110.0) for name in "AB"])
    both = progress(pl.concat([observed(FAST, series="A"), observed(FAST, series="B")]), rules)
    one = progress(pl.concat([observed(FAST, series="A"), observed({2015: 100.0, 2020: 109.0}, series="B")]), rules)
    classes = [goal_status(table, LINKS, INDICATORS)["class"][0] for table in (both, one)]
    assert classes == ["target_achieved", "substantial_progress"]


def test_every_level_counts_official_indicators(table: pl.DataFrame) -> None:
    counts = {level: rollup(table, LINKS, INDICATORS, level=level)["indicators"].sum() for level in ("target", "area")}
    assert counts == {"target": 5, "area": 5}
    area = rollup(table, LINKS, INDICATORS, level="area").row(0, named=True)
    goals = goal_status(table, LINKS, INDICATORS)
    assert area["score"] == pytest.approx(goals["score"].mean())
    assert area["evidence"] == pytest.approx(3 / 5)
    with pytest.raises(InputError, match="no level 'planet'"):
        rollup(table, LINKS, INDICATORS, level="planet")


@pytest.mark.parametrize("method", list(methods()))
def test_every_method_rolls_up(method: str) -> None:
    areas = [f"{a}{b}A" for a in "ABCDE" for b in "ABCDE"]
    figures = pl.concat(
        [observed({2015: 50.0 + n, 2020: 52.0 + 2 * n}, series="A", area=a) for n, a in enumerate(areas)]
    )
    goals = goal_status(progress(figures, rule("A", target=90.0), method), LINKS, INDICATORS)
    first = goals.filter(pl.col("goal") == "1")
    known = [each.id for each in methods()[method].classes]
    assert first["class"].is_in(known).all()


def test_nested_groups_are_means_of_means() -> None:
    table = pl.DataFrame({"of": ["x"] * 4, "group": ["0", "1.0", "1.1.0", "1.1.1"], "score": [1.0, 2.0, 4.0, None]})
    assert nested_mean(table, by=["of"])["score"].to_list() == [2.0]


def test_three_means_over_a_region(table: pl.DataFrame) -> None:
    figures = pl.concat(
        [observed(FAST, series="A"), observed(BACK, series="A", area="BBB"), observed(SLOW, series="C")]
    )
    rolled = rollup(
        progress(figures, pl.concat([rule("A"), rule("C")])), LINKS, INDICATORS, areas=["AAA", "BBB", "CCC"]
    )
    people = pl.DataFrame(
        {"area": ["AAA", "BBB", "CCC"] * 2, "year": [2020] * 3 + [2050] * 3, "population": [30, 10, 60] + [1] * 3}
    )
    row = regional(rolled, population=people).row(by_predicate=pl.col("goal") == "1", named=True)
    a, b = rolled.filter((pl.col("goal") == "1") & pl.col("score").is_not_null())["score"]
    assert (row["areas"], row["areas_with_score"]) == (3, 2)
    assert row["simple"] == pytest.approx((a + b) / 2)
    assert row["population_weighted"] == pytest.approx((30 * a + 10 * b) / 40)
    assert row["population_covered"] == pytest.approx(0.4)
    assert row["coverage_weighted"] == pytest.approx((2 * a + b) / 3)
    assert (row["lowest_area"], row["highest_area"]) == ("BBB", "AAA")
    empty = regional(rolled).row(by_predicate=pl.col("goal") == "14", named=True)
    assert (empty["simple"], empty["class"], empty["reason"]) == (None, None, "no data")

"""Statistics Canada's published results, and the corners the publication does not show."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from frames import observed, rule

from serai.assess.progress import progress
from serai.assess.rollup import rollup

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def published() -> pl.DataFrame:
    table = pl.read_csv(DATA / "statcan_2026.csv", infer_schema_length=None, schema_overrides={"group": pl.String})
    return table.with_row_index("row").with_columns(series=pl.format("{}|{}", "indicator", "row"))


@pytest.fixture(scope="module")
def reproduced(published: pl.DataFrame) -> pl.DataFrame:
    base = published.select("series", period="base_year", value="base_value")
    latest = published.select("series", period="latest_year", value="latest_value")
    points = pl.concat([base, latest], how="vertical_relaxed").with_columns(area=pl.lit("CAN")).unique()
    rules = published.select(
        "series",
        "direction",
        "target",
        status=pl.lit("rule"),
        target_type=pl.lit("absolute"),
        lower_limit=pl.when(pl.col("direction") < 0).then("limit"),
        upper_limit=pl.when(pl.col("direction") > 0).then("limit"),
    )
    found = progress(points, rules)
    wanted = published.select("series", "group", "note", want_value="value", want_score="score", want_class="class")
    return wanted.join(found, on="series", how="left", maintain_order="left", validate="1:1")


@pytest.mark.published
def test_published_values_scores_and_classes(reproduced: pl.DataFrame) -> None:
    shown = reproduced.filter(pl.col("note").is_null())
    values = shown.drop_nulls("want_value")
    assert values.height == 175
    assert (values["value"] - values["want_value"]).abs().max() < 1e-12
    scores = shown.drop_nulls("want_score")
    assert scores.height == 184
    assert (scores["score"] - scores["want_score"]).abs().max() < 1e-12
    assert (scores["class"] == scores["want_class"]).all()
    absent = shown.filter(pl.col("want_class") == "not_available")
    assert absent["class"].null_count() == absent.height
    assert absent["reason"].null_count() == 0


@pytest.mark.published
def test_published_indicator_scores_and_classes_with_nested_groups(reproduced: pl.DataFrame) -> None:
    series = reproduced.with_columns(indicator=pl.col("series").str.split("|").list.first())
    links = series.select("series", "group", "indicator", target=pl.lit("1.1"), goal=pl.lit("1"))
    found = rollup(series, links, links.select("indicator", "target", "goal"), level="indicator")
    both = pl.read_csv(DATA / "statcan_2026_indicators.csv").join(found, on="indicator", suffix="_found")
    assert both.height == 116
    assert (both["class"] == both["class_found"]).all()
    assert (both["score"] - both["score_found"]).abs().max() < 1e-12


def one(points: dict[int, float | None], **rules: object) -> dict[str, object]:
    return progress(observed(points), rule(**rules)).row(0, named=True)


def test_growth_cuts_shrink_near_a_maximum_and_mirror_above_a_minimum() -> None:
    far = one({2015: 50.0, 2020: 51.0}, upper_limit=100.0)
    near = one({2015: 98.0, 2020: 98.5}, upper_limit=100.0)
    assert far["class"] == "limited_progress"
    assert near["class"] == "moderate_progress"
    floor = one({2015: 10.5, 2020: 10.4}, direction=-1, lower_limit=10.0)
    assert floor["class"] == "moderate_progress"
    assert one({2015: 10.5, 2020: 10.4}, direction=-1)["class"] == "limited_progress"


def test_at_the_limit_holding_it_is_enough() -> None:
    held = one({2015: 100.0, 2020: 100.0}, upper_limit=100.0)
    lost = one({2015: 100.0, 2020: 99.0}, upper_limit=100.0)
    assert (held["class"], held["score"]) == ("substantial_progress", 5.0)
    assert lost["class"] == "deterioration"


def test_a_minimum_of_zero_shrinks_nothing() -> None:
    falling = one({2015: 3.0, 2020: 2.97}, direction=-1, lower_limit=0.0)
    assert falling == one({2015: 3.0, 2020: 2.97}, direction=-1) | {"limit": 0.0}


def test_score_passes_through_the_published_points() -> None:
    for rate, score in ((-0.02, -5.0), (0.0, -2.5), (0.005, 0.0), (0.015, 2.5), (0.02, 5.0)):
        found = one({2015: 100.0, 2016: 100.0 * (1 + rate)})["score"]
        assert found == pytest.approx(score, abs=1e-6)


def test_zero_base_and_zero_target_are_replaced_and_said_so() -> None:
    found = one({2015: 0.0, 2020: 1.0}, direction=-1, target=0.0)
    assert found["class"] == "deterioration"
    assert found["base_value"] == 0.0
    assert found["remark"] == "zero base taken as 0.001; zero target taken as 0.001"


def test_a_target_left_behind_is_deterioration_even_without_a_ratio() -> None:
    found = one({2015: 100.0, 2020: 98.0}, target=100.0)
    assert (found["class"], found["score"], found["value"]) == ("deterioration", -5.0, None)


def test_negative_series_count_towards_zero() -> None:
    better = one({2015: -10.0, 2020: -5.0})
    worse = one({2015: -10.0, 2020: -15.0})
    assert (better["class"], worse["class"]) == ("substantial_progress", "deterioration")


def test_a_factor_applies_to_the_base() -> None:
    found = one({2016: 40.0, 2020: 19.0}, direction=-1, target=0.5, target_type="factor")
    assert (found["target"], found["class"]) == (20.0, "target_achieved")


def test_parity_is_judged_by_its_distance_from_one() -> None:
    # Values and their published distances: Statistics Canada's table for indicator 4.5.1.
    both_sides = one({2015: 0.8, 2020: 1.02}, direction=None, target=1.0, parity=True)
    assert both_sides["class"] == "target_achieved"
    moving = one({2015: 0.955, 2023: 0.877}, direction=None, target=1.0, parity=True)
    assert moving["class"] == "deterioration"
    assert (moving["base_value"], moving["direction"], moving["target"]) == (0.955, -1, 1.0)
    assert "distance from one" in str(moving["remark"])


@pytest.mark.parametrize(
    ("base", "latest", "direction", "expected"),
    [
        (0.0, 0.0, 1, "limited_progress"),
        (0.0, 0.0002, 1, "substantial_progress"),
        (0.0, 0.0002, -1, "deterioration"),
        (0.0, 5.0, 1, "substantial_progress"),
    ],
)
def test_zero_to_zero_is_no_change_and_a_small_rise_is_a_rise(
    base: float, latest: float, direction: int, expected: str
) -> None:
    assert one({2015: base, 2020: latest}, direction=direction)["class"] == expected

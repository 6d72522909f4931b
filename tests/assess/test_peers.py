"""Rank among a group of countries, and distance to its best."""

from __future__ import annotations

import polars as pl
import pytest
from frames import observed, rule

from serai.assess.peers import PEER_GOALS, PEERS, peer_goals, peers

GROUP = ("AAA", "BBB", "CCC", "DDD", "EEE")


def world(values: dict[str, float]) -> pl.DataFrame:
    return pl.concat([observed({2015: 10.0, 2020: value}, area=area) for area, value in values.items()])


def ranks(values: dict[str, float], **rules: object) -> dict[str, dict[str, object]]:
    frame = peers(world(values), rule(**rules), GROUP, areas=list(values))
    return {row["area"]: row for row in frame.iter_rows(named=True)}


def test_columns_are_the_documented_ones() -> None:
    values = dict.fromkeys(GROUP, 1.0)
    assert dict(peers(world(values), rule(), GROUP).schema) == PEERS


def test_rank_follows_the_direction_and_ties_share_the_better_one() -> None:
    values = dict(zip(GROUP, (50.0, 40.0, 40.0, 20.0, 10.0), strict=True))
    up, down = ranks(values, direction=1), ranks(values, direction=-1)
    assert [up[area]["rank"] for area in GROUP] == [1, 2, 2, 4, 5]
    assert [down[area]["rank"] for area in GROUP] == [5, 3, 3, 2, 1]
    assert (up["EEE"]["distance"], up["EEE"]["best_area"], up["EEE"]["best_value"]) == (40.0, "AAA", 50.0)
    assert (down["AAA"]["distance"], down["AAA"]["best_area"]) == (40.0, "EEE")
    assert up["AAA"]["distance"] == 0.0


def test_few_countries_give_no_rank() -> None:
    row = ranks({"AAA": 1.0, "BBB": 2.0})["AAA"]
    assert row["rank"] is None
    assert row["distance"] is None
    assert row["reason"] == "fewer than 5 countries of the group have figures"


def test_an_outsider_is_compared_with_the_group() -> None:
    values = dict(zip((*GROUP, "ZZZ"), (50.0, 40.0, 30.0, 20.0, 10.0, 60.0), strict=True))
    row = ranks(values)["ZZZ"]
    assert (row["rank"], row["of"], row["best_area"], row["distance"]) == (1, 6, "AAA", 0.0)


def test_every_series_keeps_its_row() -> None:
    values = dict(zip(GROUP, (50.0, 40.0, 30.0, 20.0, float("nan")), strict=True))
    frame = peers(world(values), rule(status="no_rule"), GROUP)
    assert frame.height == 5
    assert frame["reason"].null_count() == 0


def test_a_goal_is_ranked_only_with_enough_indicators() -> None:
    goals = pl.DataFrame(
        {
            "method": "sdsn", "area": [*GROUP, "FFF"], "goal": "1", "score": [50.0, 40.0, 30.0, 20.0, 10.0, 99.0],
            "indicators": 9, "indicators_with_data": [9, 9, 9, 9, 3, 2], "reason": None,
        },
        schema_overrides={"reason": pl.String},
    )  # fmt: skip
    frame = peer_goals(goals, (*GROUP, "FFF"))
    assert dict(frame.schema) == PEER_GOALS
    rows = {row["area"]: row for row in frame.iter_rows(named=True)}
    assert (rows["AAA"]["rank"], rows["AAA"]["best_area"], rows["EEE"]["distance"]) == (1, "AAA", 40.0)
    assert rows["FFF"]["rank"] is None
    assert rows["FFF"]["reason"] == "fewer than a third of the indicators have data"
    assert rows["EEE"]["rank"] == pytest.approx(5)

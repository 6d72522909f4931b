"""Which series a brief shows: the rules, one by one."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from serai.publish.brief_choice import choose, needed

MEMBERS = ("AAA", "BBB", "CCC")
GOALS = {"NEAR": "1", "NEAR_TOO": "1", "SPLIT": "2", "FAR": "3", "OLD": "4", "UNTESTED": "5", "THIN": "6", "DONE": "7"}
CHANCES = {
    # series: chance by member, last year, past cases
    "NEAR": ((0.8, 0.9, 0.7), 2021, 100),
    "NEAR_TOO": ((0.7, 0.7, 0.7), 2021, 100),
    "SPLIT": ((0.05, 0.5, 0.95), 2021, 100),
    "FAR": ((0.01, 0.02, 0.04), 2021, 100),
    "OLD": ((0.01, 0.01, 0.01), 2017, 100),
    "UNTESTED": ((0.01, 0.01, 0.01), 2021, 29),
    "THIN": ((0.3, None, None), 2021, 100),
    "DONE": ((0.97, 0.97, 0.97), 2021, 100),
}


def projected() -> pl.DataFrame:
    rows = [
        {
            "series": series, "area": area, "period": 2030, "median": 1.0, "lo80": 0.5, "hi80": 1.5, "lo95": 0.1,
            "hi95": 2.0, "p_target": chance, "last_year": last, "last_value": 1.0, "record_n": cases,
            "record_coverage80": 0.8, "record_note": "real time, 5+ years ahead", "nature": "C",
            "release": date(2023, 6, 1), "provider": "un",
        }
        for series, (chances, last, cases) in CHANCES.items()
        for area, chance in zip(MEMBERS, chances, strict=True)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def judged(classes: dict[str, tuple[str | None, ...]]) -> pl.DataFrame:
    rows = [
        {
            "series": series, "area": area, "class": name, "score": -3.0 if name == "deterioration" else 1.0,
            "base_year": 2015, "base_value": 5.0, "latest_year": 2021, "latest_value": 4.0, "latest_bound": "",
            "nature": "C",
        }
        for series, names in classes.items()
        for area, name in zip(MEMBERS, names, strict=True)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def evidence(progress: pl.DataFrame, goals: dict[str, str] | None = None) -> SimpleNamespace:
    now = SimpleNamespace(projections=projected(), progress=progress, manifest=SimpleNamespace(end=2030))
    return SimpleNamespace(now=now, members=MEMBERS, new=date(2023, 6, 1), goals_of=goals or GOALS)


def plain(**classes: tuple[str | None, ...]) -> pl.DataFrame:
    slow = dict.fromkeys(GOALS, ("limited_progress",) * 3)
    return judged(slow | {"DONE": ("target_achieved",) * 3} | classes)


@pytest.mark.parametrize(("members", "least"), [(1, 1), (2, 2), (3, 2), (5, 4), (6, 4), (9, 6)])
def test_two_thirds_of_the_members_must_have_good_evidence(members, least):
    assert needed(members) == least


def test_old_untested_and_thin_series_are_left_out():
    choice = choose(evidence(plain()))
    assert choice.considered == 5
    assert {row["series"] for row in choice.unlikely}.isdisjoint({"OLD", "UNTESTED", "THIN"})


def test_telling_series_are_the_closest_the_most_divided_and_the_furthest_of_different_goals():
    telling = {name: row["series"] for name, row in choose(evidence(plain())).telling}
    assert telling == {"closest": "NEAR", "divided": "SPLIT", "furthest": "FAR"}


def test_a_target_that_most_members_meet_today_is_not_told():
    assert "DONE" not in {row["series"] for _, row in choose(evidence(plain())).telling}


def test_least_likely_targets_come_first_and_one_a_goal():
    series = [row["series"] for row in choose(evidence(plain())).unlikely]
    assert series == ["FAR", "SPLIT", "NEAR_TOO", "DONE"]


def test_chances_beyond_the_tested_bands_do_not_decide_the_order():
    chances = CHANCES | {"SPLIT": ((0.001, 0.001, 0.001), 2021, 100)}
    shown = evidence(plain())
    cells = [chances[row["series"]][0][MEMBERS.index(row["area"])] for row in shown.now.projections.to_dicts()]
    shown.now.projections = shown.now.projections.with_columns(p_target=pl.Series(cells))
    assert [row["series"] for row in choose(shown).unlikely][:2] == ["FAR", "SPLIT"]


def test_targets_in_the_balance_have_a_mean_chance_between_one_and_two_thirds():
    assert [row["series"] for row in choose(evidence(plain())).balance] == ["SPLIT"]


def test_series_move_away_only_where_more_than_half_of_the_members_do():
    away = ("deterioration", "deterioration", "limited_progress")
    shown = choose(evidence(plain(FAR=away, SPLIT=("deterioration", "limited_progress", None)))).away
    assert [(row["series"], row["away"]) for row in shown] == [("FAR", 2)]


def test_a_figure_that_stands_still_does_not_move_away():
    still = plain(FAR=("deterioration",) * 3).with_columns(latest_value=pl.col("base_value"))
    assert choose(evidence(still)).away == ()


def test_pairs_are_counted_by_their_chance():
    pairs = choose(evidence(plain())).pairs
    assert pairs == {"all": 22, "high": 10, "low": 11, "good": 16}


def test_without_projections_nothing_is_chosen():
    empty = evidence(plain())
    empty.now.projections = pl.DataFrame()
    choice = choose(empty)
    assert (choice.telling, choice.unlikely, choice.balance, choice.considered) == ((), (), (), 0)
    assert choice.pairs["all"] == 0

"""What a brief counts: standing, coverage, changes of figures and of classes."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

import riverland
import serai
from serai.publish.brief_facts import Evidence, ask, middle, standing


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    root = tmp_path_factory.mktemp("riverland")
    return ask(serai.open(riverland.write(root / "pack"), home=root / "home"), ("en", "ru"))


def test_five_classes_are_three_standings_and_none():
    names = ("target_achieved", "substantial_progress", "moderate_progress", "limited_progress", "deterioration", None)
    assert [standing(name) for name in names] == ["on_track", "on_track", "slow", "slow", "away", "none"]


@pytest.mark.parametrize(
    ("years", "half"), [([], None), ([2019], 2019), ([2021, 2018], 2018), ([2015, 2020, 2021], 2020)]
)
def test_half_of_the_figures_are_of_the_median_year_or_older(years, half):
    assert middle(years) == half


def test_the_last_two_releases_are_compared(evidence: Evidence):
    assert (evidence.old, evidence.new) == (riverland.FIRST, riverland.SECOND)


def test_a_tally_covers_all_goals_of_each_member(evidence: Evidence):
    for row in evidence.tally():
        assert row["on_track"] + row["slow"] + row["away"] + row["none"] == 17


def test_missing_withheld_and_zero_are_counted_apart(evidence: Evidence):
    alder, birch = evidence.tally()
    assert (alder["withheld"], birch["withheld"]) == (0, 1)
    # A zero is a figure: Alder has all three indicators, Birch's rivers are withheld.
    assert (alder["with_data"], birch["with_data"]) == (3, 2)


def test_coverage_adds_up_to_the_official_list(evidence: Evidence):
    rows = evidence.coverage()
    assert len(rows) == 17
    assert sum(row["indicators"] for row in rows) == evidence.official.height == 3
    for row in rows:
        assert row["all"] + row["some"] + row["none"] == row["indicators"]


def test_changes_are_those_between_the_two_releases(evidence: Evidence):
    changes = {row["area"]: row for row in evidence.change_counts()}
    assert (changes["AAA"]["revised"], changes["AAA"]["added"], changes["AAA"]["described"]) == (1, 3, 0)


def test_another_nature_alone_is_a_change_of_the_description(evidence: Evidence):
    frame = evidence.now.changes.filter(pl.col("change") == "revised").with_columns(
        new_value=pl.col("old_value"), new_nature=pl.lit("E")
    )
    renamed = replace(evidence, now=replace(evidence.now, changes=frame))
    alder = renamed.change_counts()[0]
    assert (alder["revised"], alder["described"]) == (0, 1)
    assert renamed.busiest(5) == []


def test_classes_are_compared_goal_by_goal(evidence: Evidence):
    before = pl.DataFrame(
        {
            "goal": ["1", "1", "6", "6"],
            "area": ["AAA", "BBB", "AAA", "BBB"],
            "class": ["deterioration", None, None, "target_achieved"],
        }
    )
    now = {(row["goal"], row["area"]): row["class"] for row in evidence.now.goals.iter_rows(named=True)}
    ways = {(row["goal"], row["area"]): row["way"] for row in replace(evidence, goals_before=before).moves()}
    assert now["1", "AAA"] == now["6", "AAA"] == "substantial_progress"
    assert (ways["1", "AAA"], ways["6", "AAA"], ways["6", "BBB"]) == ("better", "gained", "worse")


def test_revisions_are_of_figures_that_were_the_latest_and_had_a_class(evidence: Evidence):
    found = evidence.revisions(5)
    assert [(row["series"], row["area"], row["old_value"], row["new_value"]) for row in found] == [
        ("POVERTY", "AAA", 28.0, 27.0)
    ]
    older = evidence.progress_before.with_columns(latest_year=pl.lit(2015, pl.Int32))
    assert replace(evidence, progress_before=older).revisions(5) == []
    unclassed = evidence.progress_before.with_columns(pl.lit(None, pl.String).alias("class"))
    assert replace(evidence, progress_before=unclassed).revisions(5) == []


def test_reasons_of_empty_cells_are_gathered(evidence: Evidence):
    empty = evidence.now.goals.with_columns(pl.lit(None, pl.String).alias("class"), reason=pl.lit("no data"))
    found = replace(evidence, now=replace(evidence.now, goals=empty)).unclassed()
    assert found == [{"why": "no data", "areas": ("AAA", "BBB"), "goals": ["1", "6"]}]

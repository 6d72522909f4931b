"""The door of the house: what hangs off a region, on an invented one."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import riverland
import serai
from serai import assess


def value(frame: pl.DataFrame, **where: object) -> list[object]:
    return frame.filter(**where)["value"].to_list()


def test_figures_are_those_of_the_day_asked_for(region: serai.Region) -> None:
    wanted = {"area": "AAA", "series": "POVERTY", "period": 2016}
    assert value(region.observations(), **wanted) == [27.0]
    assert value(region.observations(as_of="2022-12-31"), **wanted) == [28.0]
    assert value(region.observations(as_of="2020-01-01"), **wanted) == []


def test_missing_withheld_and_zero_are_three_things(region: serai.Region) -> None:
    rivers = region.observations(series="RIVERS", areas="all")
    zero, withheld = rivers.filter(area="AAA"), rivers.filter(area="BBB")
    assert (zero["value"].item(), zero["status"].item()) == (0.0, "published")
    assert (withheld["value"].item(), withheld["status"].item()) == (None, "withheld")
    assert "under review" in withheld["note"].item()
    assert rivers.filter(area="CCC").is_empty()


def test_changes_are_added_and_revised(region: serai.Region) -> None:
    changes = region.changes()
    assert set(changes["area"]) <= set(region.members)
    revised = changes.filter(change="revised")
    assert revised.select("series", "period", "old_value", "new_value").rows() == [("POVERTY", 2016, 28.0, 27.0)]


def test_progress_has_a_class_or_a_reason_for_every_member_and_series(region: serai.Region) -> None:
    progress = region.progress()
    assert progress.filter(pl.col("class").is_null() == pl.col("reason").is_null()).is_empty()
    assert dict(progress.filter(area="AAA").select("series", "class").iter_rows()) == {
        "WATER_ACCESS": "substantial_progress",
        "POVERTY": "substantial_progress",
        "RIVERS": None,
    }


def test_goals_cover_every_member_and_goal(region: serai.Region) -> None:
    goals = region.goals()
    assert goals.select("area", "goal").n_unique() == len(region.members) * goals["goal"].n_unique()
    empty = goals.filter(indicators_with_data=0)
    assert empty["class"].is_null().all()
    assert empty["reason"].is_not_null().all()


def test_a_second_opening_reads_the_same_lake(tmp_path: Path) -> None:
    pack = riverland.write(tmp_path / "pack")
    first = serai.open(pack, home=tmp_path / "home")
    before = first.observations()
    again = serai.open(pack, home=tmp_path / "home")
    assert again.observations().equals(before)
    assert again.store.snapshots().height == first.store.snapshots().height


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda region: region.observations(series="POVRTY"), "unknown series 'POVRTY'.*did you mean: POVERTY"),
        (lambda region: region.observations(areas="ZZZ"), "unknown area 'ZZZ'"),
        (lambda region: region.observations(provider="nobody"), "unknown provider 'nobody'"),
        (lambda region: region.progress("statcn"), "unknown .*method 'statcn'.*did you mean: statcan"),
        (lambda region: region.observations(as_of="soon"), "'soon' is not a date"),
    ],
)
def test_what_does_not_exist_is_named(region: serai.Region, ask: object, message: str) -> None:
    with pytest.raises(serai.InputError, match=message):
        ask(region)  # type: ignore[operator]


def test_a_faulty_pack_is_refused_before_anything_is_taken_in(tmp_path: Path) -> None:
    pack = riverland.write(tmp_path / "pack")
    file = pack / "observations" / "un.parquet"
    runs = pl.read_parquet(file)
    runs.with_columns(pl.col("area").replace("AAA", "ZZZ")).write_parquet(file)
    region = serai.open(pack, home=tmp_path / "home")
    with pytest.raises(serai.PackError, match=r"un.parquet:1: unknown area .*ZZZ"):
        region.observations()
    runs.write_parquet(file)
    assert serai.open(pack, home=tmp_path / "home").observations().height == 14


def test_a_home_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file in the way")
    region = serai.open(riverland.write(tmp_path / "pack"), home=tmp_path / "home")
    with pytest.raises(serai.OutputError, match="set SERAI_HOME"):
        region.observations()


def test_headlines_asked_of_the_lake_are_those_picked_from_everything(region: serai.Region) -> None:
    everything = region.store.observations(provider="un")
    picked = assess.headline(everything, region.pack.table("headline"))
    assert region.headline(areas="all").equals(picked)

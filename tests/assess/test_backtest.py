"""The back-tests: only what was known is used, every candidate is counted, and the figures can be made again."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from serai.assess.projection import Backtest, Record, backtest, held_out, learn, project, world_test
from serai.assess.projection.cases import real_time
from serai.assess.projection.metrics import cluster_interval, interval_score, relative_score
from serai.errors import InputError

RELEASES = [date(2019 + number // 2, 2 + 6 * (number % 2), 1) for number in range(8)]
KEY = ["series", "area", "dimensions"]


def run(series: str, area: str, period: int, value: float, first: int, last: int, **other: object) -> dict[str, object]:
    return {
        "series": series,
        "area": area,
        "period": period,
        "dimensions": "",
        "value": value,
        "bound": "",
        "unit": "NUMBER",
        "nature": "C",
        "status": "published",
        "provider": "unsd",
        "release_from": RELEASES[first],
        "release_to": RELEASES[last],
        **other,
    }


def frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col("period").cast(pl.Int32))


@pytest.fixture(scope="module")
def runs() -> pl.DataFrame:
    """Six areas, three series of random walks: each release but the first adds a year, some years are revised."""
    draw, rows = np.random.default_rng(5), []
    for number in range(18):
        series, area = f"S{number % 3}", f"A{number // 3}"
        walk = 50 + np.cumsum(draw.normal(0.3, 1 + number % 3, 26))
        for place, value in enumerate(walk):
            first = max(0, place - 18)
            rows.append(run(series, area, 2000 + place, float(value), first, 7 if place % 3 else first))
            if place % 3 == 0 and first < 7:
                rows.append(run(series, area, 2000 + place, float(value + draw.normal()), first + 1, 7))
    return frame(rows)


@pytest.fixture(scope="module")
def whole(runs: pl.DataFrame) -> Backtest:
    return backtest(runs)


def test_truth_is_the_first_publication_and_the_horizon_counts_from_the_last_year() -> None:
    known = [run("S", "A", year, float(year), 0, 7) for year in (2010, 2011, 2012)]
    later = [run("S", "A", 2014, 5.0, 2, 2), run("S", "A", 2014, 6.0, 3, 7)]
    cases = real_time(frame(known + later)).cases
    assert cases.horizon.tolist() == [2]
    assert cases.truth.tolist() == [5.0]
    assert cases.known.tolist() == [RELEASES[2]]


def test_identical_histories_in_successive_releases_count_once() -> None:
    rows = [run("S", "A", year, float(year), 0, 7) for year in (2010, 2011, 2012)]
    assert len(real_time(frame([*rows, run("S", "A", 2013, 1.0, 6, 7)])).cases) == 1
    revised = [*rows[:2], run("S", "A", 2012, 1.5, 0, 2), run("S", "A", 2012, 1.6, 3, 7)]
    assert len(real_time(frame([*revised, run("S", "A", 2013, 1.0, 6, 7)])).cases) == 2


def test_a_value_known_before_is_no_outcome() -> None:
    rows = [run("S", "A", year, float(year), 0, 7) for year in (2010, 2011, 2012)]
    vanished = [run("S", "A", 2013, 1.0, 0, 0), run("S", "A", 2013, 1.0, 2, 7)]
    assert len(real_time(frame(rows + vanished)).cases) == 0


@pytest.mark.parametrize(
    ("truth", "reason"),
    [
        ({"bound": ">"}, "only as a bound"),
        ({"unit": "PERCENT"}, "another unit"),
        ({"period": 2035}, "years ahead"),
    ],
)
def test_what_is_no_forecast_is_counted_with_its_reason(truth: dict[str, object], reason: str) -> None:
    rows = [run("S", "A", year, float(year), 0, 7) for year in (2010, 2011, 2012)]
    found = real_time(frame([*rows, {**run("S", "A", 2013, 5.0, 1, 7), **truth}]))
    assert len(found.cases) == 0
    assert found.skipped["n"].to_list() == [1]
    assert reason in found.skipped["reason"][0]


def test_a_series_given_in_thousands_of_its_former_unit_is_not_an_error_of_the_method() -> None:
    old = [run("S", "A", year, float(year), 0, 0) for year in (2010, 2011, 2012)]
    new = [run("S", "A", year, 1000.0 * year, 1, 7) for year in (2010, 2011, 2012, 2013)]
    assert real_time(frame(old + new)).skipped["reason"].to_list() == ["series rescaled between the releases"]


def test_every_candidate_is_a_forecast_or_has_a_reason(runs: pl.DataFrame, whole: Backtest) -> None:
    short = [run("S9", "A0", 2000 + place, 1.0 * place, place, 7) for place in range(5)]
    found = backtest(pl.concat([runs, frame(short)]))
    assert found.skipped["n"].to_list() == [7]
    assert len(found.forecasts) == len(whole.forecasts) + 3


def test_a_forecast_uses_nothing_published_after_its_release(runs: pl.DataFrame, whole: Backtest) -> None:
    until = RELEASES[5]
    seen = runs.filter(pl.col("release_from") <= until).with_columns(
        release_to=pl.min_horizontal("release_to", pl.lit(until))
    )
    then = backtest(seen).forecasts
    today = whole.forecasts.filter(pl.col("known") <= until)
    assert today.equals(then)


def test_adding_a_release_to_an_earlier_run_gives_what_a_whole_run_gives(runs: pl.DataFrame, whole: Backtest) -> None:
    earlier = whole.forecasts.filter(pl.col("known") <= RELEASES[5])
    assert backtest(runs, previous=earlier).forecasts.equals(whole.forecasts)
    assert backtest(runs, previous=whole.forecasts).forecasts.equals(whole.forecasts)


def test_the_same_rows_in_any_order_give_the_same_forecasts(runs: pl.DataFrame, whole: Backtest) -> None:
    shuffled = runs.sample(fraction=1, shuffle=True, seed=3)
    assert backtest(shuffled).forecasts.equals(whole.forecasts)


def test_bands_hold_on_areas_that_taught_nothing(whole: Backtest) -> None:
    scores = whole.scores.filter((pl.col("horizons") == "all") & (pl.col("nature") == "all"))
    assert scores["coverage80_low"][0] - 0.05 < 0.8 < scores["coverage80_high"][0] + 0.05
    assert scores["areas"][0] == 6


def test_the_world_test_asks_seven_to_ten_years_ahead_of_its_origin(runs: pl.DataFrame) -> None:
    world = runs.filter(pl.col("release_to") == RELEASES[7]).rename({"release_to": "release"}).drop("release_from")
    found = world_test(world)
    assert found.test == "revised data"
    origin = found.forecasts["period"] - found.forecasts["horizon"]
    assert found.forecasts.filter(origin == 2012)["horizon"].unique().sort().to_list() == [7, 8, 9, 10]
    assert found.forecasts.filter(origin == 2007)["horizon"].min() == 11
    assert origin.is_in([2007, 2012]).all()


def test_earlier_years_only_teach_where_asked(runs: pl.DataFrame) -> None:
    world = runs.filter(pl.col("release_to") == RELEASES[7]).rename({"release_to": "release"}).drop("release_from")
    found = world_test(world, blind=True).forecasts
    assert (found["period"] - found["horizon"]).unique().to_list() == [2012]


def test_areas_held_out_are_forecast_by_the_others_alone(runs: pl.DataFrame, whole: Backtest) -> None:
    world = runs.filter(pl.col("release_to") == RELEASES[7]).rename({"release_to": "release"}).drop("release_from")
    mine = held_out(runs, world).forecasts
    assert mine.select(*KEY, "release", "period").equals(whole.forecasts.select(*KEY, "release", "period"))
    late = pl.col("value") + (pl.col("area") == "A0") * 100.0 * (pl.col("release_from") > RELEASES[5])
    other = held_out(runs.with_columns(value=late), world).forecasts
    same = pl.col("area").is_in(["A0", "A5"]) & (pl.col("known") <= RELEASES[5])
    columns = ["series", "area", "period", "release", "lo80", "hi80"]
    assert mine.filter(same).select(columns).equals(other.filter(same).select(columns))


def test_a_record_survives_being_written(runs: pl.DataFrame, whole: Backtest) -> None:
    world = runs.filter(pl.col("release_to") == RELEASES[7]).rename({"release_to": "release"}).drop("release_from")
    rules = pl.DataFrame(
        {"series": ["S0"], "direction": [1], "target_type": ["absolute"], "target": [60.0], "parity": [False]}
    ).with_columns(lower_limit=pl.lit(None, pl.Float64), upper_limit=pl.lit(None, pl.Float64))
    record = learn(runs, world, [whole])
    again = Record.from_tables({name: table.clone() for name, table in record.tables().items()})
    made, same = project(world, rules, record), project(world, rules, again)
    assert made.select(KEY).equals(same.select(KEY))
    assert np.allclose(made["median"].to_numpy(), same["median"].to_numpy(), rtol=2e-3)
    assert "real time" in made["record_note"][0]


def test_a_record_without_a_table_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="'weights'"):
        Record.from_tables({})


def test_nothing_to_test_is_no_error() -> None:
    rows = frame([run("S", "A", year, float(year), 0, 7) for year in (2010, 2011, 2012)])
    assert len(backtest(rows).forecasts) == 0


def test_interval_score_is_width_plus_penalty() -> None:
    low, high, truth = np.array([1.0, 1.0, 1.0]), np.array([3.0, 3.0, 3.0]), np.array([2.0, 0.5, 4.0])
    assert interval_score(low, high, truth, 0.2).tolist() == [2.0, 7.0, 12.0]


def test_relative_score_is_one_against_itself_and_knows_no_unit() -> None:
    score, key = np.array([1.0, 2.0, 300.0]), np.array([0, 0, 1])
    assert relative_score(score, score, key) == pytest.approx(1)
    assert relative_score(score / 2, score, key) == pytest.approx(0.5)


def test_cluster_interval_is_wider_than_that_of_independent_cases() -> None:
    values = np.repeat([0.0, 1.0, 1.0, 1.0], 100)
    clustered = cluster_interval(values, np.repeat(np.arange(4), 100))
    independent = cluster_interval(values, np.arange(400))
    assert clustered[1] - clustered[0] > 3 * (independent[1] - independent[0])

"""The SDG Index: by hand always, and against the 2020 edition where its workbook is found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from frames import observed, rule

from serai.assess import sdsn
from serai.assess.progress import progress

BOUNDS = {"lower": 0.0, "optimum": 100.0, "green": 90.0, "red": 70.0}


def frame(*values: float | None, **columns: float) -> pl.DataFrame:
    table = pl.DataFrame({"value": values}, schema={"value": pl.Float64})
    return table.with_columns(pl.lit(float(x)).alias(name) for name, x in (BOUNDS | columns).items())


def test_scores_are_clipped_between_bounds_that_may_run_either_way() -> None:
    up = frame(-5.0, 0.0, 25.0, 130.0).select(sdsn.score(pl.col("value"))).to_series()
    down = frame(5.0, 2.0, lower=10.0, optimum=2.0).select(sdsn.score(pl.col("value"))).to_series()
    assert up.to_list() == [0.0, 0.0, 25.0, 100.0]
    assert down.to_list() == [62.5, 100.0]


def test_colours_meet_at_their_thresholds() -> None:
    found = frame(90.0, 80.0, 70.0, 69.9, None).select(sdsn.colour(pl.col("value"))).to_series()
    assert found.to_list() == ["green", "yellow", "orange", "red", None]
    tie = frame(0.85, lower=0.6, optimum=1.0, green=0.9, red=0.8).select(sdsn.colour(pl.col("value"))).item()
    assert tie == "yellow"


@pytest.mark.parametrize(
    ("early", "late", "name"),
    [
        (40, 60, "on_track"),
        (40, 50, "moderately_improving"),
        (40, 43, "stagnating"),
        (40, 39, "decreasing"),
        (99, 91, "on_track"),
    ],
)
def test_arrows(early: float, late: float, name: str) -> None:
    table = frame(late).with_columns(y0=float(early), yt=float(late), base_year=2015, latest_year=2020)
    assert sdsn.trend(table)["arrow"].item() == name


def test_goal_colour_looks_at_the_two_worst() -> None:
    table = frame(95.0, 95.0, 95.0, 95.0, 71.0, 60.0, 60.0, 20.0).with_columns(
        area=pl.lit("AAA"), goal=pl.Series(["1", "1", "2", "2", "2", "3", "3", "3"])
    )
    assert dict(sdsn.goal_colours(table).select("goal", "colour").iter_rows()) == {
        "1": "green",
        "2": "yellow",
        "3": "red",
    }


def test_index_takes_a_missing_goal_from_the_region() -> None:
    goals = pl.DataFrame({"area": ["A", "A"], "goal": ["1", "2"], "score": [60.0, None]})
    regions = pl.DataFrame({"area": ["A", "A"], "goal": ["1", "2"], "regional": [10.0, 40.0]})
    assert sdsn.index(goals, regions).row(0) == ("A", 50.0, 1)


def world(count: int) -> pl.DataFrame:
    codes = [f"A{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(count)]
    return pl.concat([observed({2015: float(n), 2020: n + 2.0}, area=code) for n, code in enumerate(codes)])


def test_bounds_come_from_the_world() -> None:
    table = progress(world(41), rule(), "sdsn")
    best = table.row(by_predicate=pl.col("area") == "ABO", named=True)
    assert (best["score"], best["class"]) == (100.0, "on_track")
    middle = table.row(by_predicate=pl.col("area") == "AAU", named=True)
    # Lower bound: one place from the bottom of 41 (2.5 %), at 3; optimum: mean of 38 to 42.
    assert middle["score"] == pytest.approx(100 * (22 - 3) / (40 - 3))
    assert middle["remark"] == "threshold: mean of the five best countries"


def test_a_few_countries_take_their_bounds_from_the_world_given() -> None:
    few = world(41).filter(pl.col("area") == "AAU")
    alone, along = (progress(few, rule(target=50.0), "sdsn", world=w).row(0, named=True) for w in (None, world(41)))
    assert alone["reason"] == "bounds need 20 countries, 1 have data"
    assert (along["class"], along["score"]) == ("stagnating", pytest.approx(100 * (22 - 3) / (50 - 3)))


def test_groups_and_regions_of_countries_do_not_set_bounds() -> None:
    table = pl.concat(
        [world(25), observed({2015: 1.0, 2020: 900.0}, area="M49:1"), observed({2020: 900.0}, area="AAA-01")]
    )
    assert progress(table, rule(), "sdsn").filter(pl.col("area") == "AAY")["score"].item() == 100.0


WORKBOOK = os.environ.get("SERAI_SDR_WORKBOOK", "")
needs_workbook = pytest.mark.skipif(not Path(WORKBOOK).is_file(), reason="SERAI_SDR_WORKBOOK names no file")
SHOWN = {"↑": "on_track", "➚": "moderately_improving", "→": "stagnating", "↓": "decreasing"}


@pytest.fixture(scope="module")
def sheets() -> dict[str, list[tuple[object, ...]]]:
    book = pytest.importorskip("openpyxl").load_workbook(WORKBOOK, read_only=True, data_only=True)
    return {
        name: list(book[name].iter_rows(values_only=True)) for name in ("Codebook", "SDR2020 Data", "Raw Trend Data")
    }


@pytest.fixture(scope="module")
def codebook(sheets: dict[str, list[tuple[object, ...]]]) -> pl.DataFrame:
    head, *rows = sheets["Codebook"]
    columns = (
        "SDG",
        "Global",
        "Years_Used",
        "Indicator",
        "Lower Bound (=0)",
        "Optimum (= 100)",
        "Green threshold",
        "Red threshold",
    )
    names = ("goal", "global", "years", "indicator", "lower", "optimum", "green", "red")
    at = [head.index(column) for column in columns]
    table = pl.DataFrame([[str(row[n]) for n in at] for row in rows if row[at[3]]], schema=list(names), orient="row")
    return table.with_columns(pl.col("lower", "optimum", "green", "red").cast(pl.Float64))


def number(cell: object) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None


@pytest.fixture(scope="module")
def results(sheets: dict[str, list[tuple[object, ...]]], codebook: pl.DataFrame) -> pl.DataFrame:
    head, *rows = sheets["SDR2020 Data"]

    def cells() -> Iterator[tuple[object, ...]]:
        for name in codebook["indicator"]:
            if f"Year: {name}" not in head:
                continue
            at = head.index(f"Year: {name}") - 1
            others = [
                head.index(f"{kind}: {name}") if f"{kind}: {name}" in head else -1
                for kind in ("Normalized Score", "Dashboard Color", "Trend")
            ]
            for row in rows:
                if row[1]:
                    score, colour, trend = (row[n] if n >= 0 else None for n in others)
                    yield row[1], name, number(row[at]), number(score), colour, SHOWN.get(str(trend))

    schema = {
        "area": pl.String,
        "indicator": pl.String,
        "value": pl.Float64,
        "score": pl.Float64,
        "colour": pl.String,
        "arrow": pl.String,
    }
    return pl.DataFrame(list(cells()), schema=schema, orient="row").join(
        codebook, on="indicator", maintain_order="left"
    )


@needs_workbook
@pytest.mark.published
def test_scores_and_colours_of_the_2020_edition(results: pl.DataFrame) -> None:
    found = results.drop_nulls("value").with_columns(
        mine=sdsn.score(pl.col("value")), seen=sdsn.colour(pl.col("value"))
    )
    scores = found.drop_nulls("score")
    assert scores.height == 13_947
    assert (scores["mine"] - scores["score"]).abs().max() < 6e-4  # published to three decimals
    colours = found.filter(pl.col("colour").is_in(sdsn.COLOURS))
    assert colours.height == 16_309
    assert (colours["seen"] == colours["colour"]).all()


@needs_workbook
@pytest.mark.published
def test_index_of_the_2020_edition(sheets: dict[str, list[tuple[object, ...]]]) -> None:
    head, *rows = sheets["SDR2020 Data"]
    goals, regions, index = [], [], {}
    for row in rows:
        whole = number(row[head.index("2020 SDG Index Score")])
        if whole is None or str(row[1]).startswith("_"):
            continue
        index[row[1]] = whole
        for goal in range(1, 18):
            goals.append((row[1], str(goal), number(row[head.index(f"Goal {goal} Score")])))
            regions.append((row[1], str(goal), number(row[head.index(f"Goal {goal} Regional Score")])))
    found = sdsn.index(
        pl.DataFrame(goals, schema=["area", "goal", "score"], orient="row"),
        pl.DataFrame(regions, schema=["area", "goal", "regional"], orient="row"),
    )
    assert found.height == 166
    assert all(score == pytest.approx(index[area], abs=1e-3) for area, score, _ in found.iter_rows())


@needs_workbook
@pytest.mark.published
def test_trend_arrows_of_the_2020_edition(sheets: dict[str, list[tuple[object, ...]]], results: pl.DataFrame) -> None:
    head, *rows = sheets["Raw Trend Data"]
    names = [str(name) for name in head[4:]]
    schema = {"area": pl.String(), "year": pl.Int64(), **dict.fromkeys(names, pl.Float64())}
    cells = [[row[1], row[2], *map(number, row[4:])] for row in rows if row[1]]
    raw = pl.DataFrame(cells, schema=schema, orient="row")
    long = raw.unpivot(index=["area", "year"], variable_name="indicator").drop_nulls("value")
    shown = results.drop_nulls("arrow").filter(pl.col("years").str.contains(r"^\d"))
    since = pl.col("years").str.extract(r"^(\d{4})").cast(pl.Int64)
    spans = (
        long.join(shown.select("area", "indicator", since=since), on=["area", "indicator"])
        .filter(pl.col("year") >= pl.col("since"))
        .sort("year")
        .group_by("area", "indicator")
        .agg(
            y0=pl.col("value").first(),
            yt=pl.col("value").last(),
            base_year=pl.col("year").first(),
            latest_year=pl.col("year").last(),
        )
    )
    both = shown.rename({"arrow": "published"}).join(spans, on=["area", "indicator"])
    found = sdsn.trend(both)
    right = found.filter(pl.col("arrow") == pl.col("published"))
    assert (found.height, right.height) == (9_966, 9_680)
    wrong = found.filter(pl.col("arrow") != pl.col("published"))
    small = wrong.filter((pl.col("published") == "stagnating") & (pl.col("arrow") == "decreasing"))
    assert small.height / wrong.height > 0.9

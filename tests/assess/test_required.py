"""What a target would take, against what has been done."""

from __future__ import annotations

import polars as pl
import pytest
from frames import observed, rule

from serai.assess.required import REQUIRED, required

CODES = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF")


def rising(area: str, speed: float, start: float = 40.0) -> pl.DataFrame:
    """A value every year from 2000 to 2020, rising by ``speed`` a year."""
    return observed({year: start + speed * (year - 2000) for year in range(2000, 2021)}, area=area)


@pytest.fixture
def world() -> pl.DataFrame:
    return pl.concat([rising(code, speed / 2) for speed, code in enumerate(CODES)])


def asked(world: pl.DataFrame, area: str, target: float, **options: object) -> dict[str, object]:
    one = world.filter(pl.col("area") == area)
    return required(one, rule(target=target), world=world, **options).row(0, named=True)  # type: ignore[arg-type]


def test_columns_are_the_documented_ones(world: pl.DataFrame) -> None:
    assert dict(required(world, rule(target=60.0)).schema) == REQUIRED


def test_required_change_and_its_percentile(world: pl.DataFrame) -> None:
    row = asked(world, "AAA", 52.0)  # 12 in ten years; the others managed 0, 0.5, 1, 1.5, 2 and 2.5 a year
    assert row["years_left"] == 10
    assert row["required_change"] == pytest.approx(1.2)
    assert row["own_change"] == 0.0
    assert row["percentile"] == pytest.approx(50.0)
    assert (row["countries"], row["comparable"], row["precedents"]) == (6, 5, 3)
    assert (row["best_area"], row["best_change"]) == ("FFF", pytest.approx(2.5))
    assert row["best_to"] - row["best_from"] in (9, 10, 11)  # type: ignore[operator]


def test_nobody_was_ever_as_fast(world: pl.DataFrame) -> None:
    row = asked(world, "AAA", 95.0)
    assert (row["percentile"], row["precedents"]) == (100.0, 0)


def test_peers_narrow_the_comparison(world: pl.DataFrame) -> None:
    row = asked(world, "AAA", 52.0, peers=["BBB", "CCC"])
    assert (row["comparable"], row["precedents"], row["best_area"], row["countries"]) == (2, 0, "CCC", 6)


def test_only_spells_from_about_as_far_away_compare(world: pl.DataFrame) -> None:
    far = pl.concat([world, rising("GGG", 8.0, start=-500.0)])
    row = asked(far, "AAA", 52.0)
    assert (row["countries"], row["best_area"]) == (7, "FFF")


def test_falling_series_are_compared_for_the_better() -> None:
    world = pl.concat([rising(code, -speed / 2) for speed, code in enumerate(CODES)])
    row = required(world, rule(direction=-1, target=28.0)).row(by_predicate=pl.col("area") == "AAA", named=True)
    assert row["required_change"] == pytest.approx(-1.2)
    assert row["best_change"] == pytest.approx(-2.5)
    assert row["percentile"] == pytest.approx(50.0)


@pytest.mark.parametrize(
    ("target", "end", "reason"),
    [
        (30.0, 2030, "target met"),
        (None, 2030, "no 2030 value"),
        (60.0, 2020, "the target year has come"),
        (60.0, 3030, "fewer than 5 countries have figures 1010 years apart"),
    ],
)
def test_reasons(world: pl.DataFrame, target: float | None, end: int, reason: str) -> None:
    found = required(world.filter(pl.col("area") == "AAA"), rule(target=target), world=world, end=end)
    assert found["reason"].to_list() == [reason]


def test_every_series_keeps_its_row(world: pl.DataFrame) -> None:
    odd = pl.concat([world, observed({2018: None}, area="HHH"), observed({2015: 1.0, 2020: 2.0}, series="T")])
    found = required(odd, rule(target=60.0))
    assert found.height == 8
    assert (found["percentile"].is_null() == found["reason"].is_not_null()).all()

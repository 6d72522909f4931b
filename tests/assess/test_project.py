"""Projections: bands from past errors, and a reason wherever there is none."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from serai.assess.projection import COLUMNS, parts, project, require_year, shipped
from serai.assess.projection.members import MEMBERS
from serai.errors import InputError

BANDS = ["lo95", "lo80", "median", "hi80", "hi95"]
NO_RULES = pl.DataFrame(
    schema={
        "series": pl.String,
        "direction": pl.Int64,
        "target_type": pl.String,
        "target": pl.Float64,
        "parity": pl.Boolean,
        "lower_limit": pl.Float64,
        "upper_limit": pl.Float64,
    }
)


def observations(
    series: str, values: dict[int, float | None], area: str = "AAA", unit: str = "PERCENT"
) -> pl.DataFrame:
    return pl.DataFrame(
        {"period": list(values), "value": list(values.values())},
        schema={"period": pl.Int32, "value": pl.Float64},
    ).select(
        pl.lit(series).alias("series"),
        pl.lit(area).alias("area"),
        "period",
        pl.lit("").alias("dimensions"),
        "value",
        pl.lit("").alias("bound"),
        pl.lit(unit).alias("unit"),
        pl.lit("C").alias("nature"),
        pl.lit("unsd").alias("provider"),
        pl.lit(date(2023, 12, 17)).alias("release"),
    )


def rule(
    series: str, direction: int, target: float, target_type: str = "absolute", *, parity: bool = False
) -> pl.DataFrame:
    row = {"series": series, "direction": direction, "target_type": target_type, "target": target, "parity": parity}
    return pl.concat([NO_RULES, pl.DataFrame([row], schema=NO_RULES.schema)], how="diagonal")


STEADY = {year: 40.0 + 2 * (year - 2010) + (year % 3) for year in range(2010, 2021)}


def test_bands_nest_and_widen_with_the_horizon() -> None:
    made = project(observations("ZZ_ANY", STEADY), NO_RULES, shipped())
    assert made.schema == COLUMNS
    assert made["period"].to_list() == list(range(2021, 2031))
    ordered = made.select(BANDS).to_numpy()
    assert (np.diff(ordered, axis=1) >= 0).all()
    width = ordered[:, 3] - ordered[:, 1]
    assert width[-1] > width[0] > 0


def test_a_fan_never_narrows() -> None:
    made = project(observations("ZZ_ANY", STEADY), NO_RULES, shipped(), to=2036)
    away = made.select(pl.col(name) - pl.col("median") for name in BANDS).to_numpy()
    assert (np.diff(np.abs(away), axis=0) >= -1e-9).all()


def test_values_at_the_end_of_the_range_of_numbers_are_refused() -> None:
    made = project(observations("ZZ_ANY", {2015: 1.0, 2018: 1e300, 2020: 1e308}), NO_RULES, shipped())
    assert made["record_note"].to_list() == ["not projected: values too large to be projected"]


def test_a_series_without_record_says_so() -> None:
    made = project(observations("ZZ_ANY", STEADY), NO_RULES, shipped())
    assert set(made["record_note"]) == {"no tested record"}
    assert made["record_n"].sum() == 0


def test_shares_stay_inside_their_bounds() -> None:
    rising = {year: min(99.9, 80 + 2.5 * (year - 2010)) for year in range(2010, 2021)}
    made = project(observations("EG_ACS_ELEC", rising), NO_RULES, shipped())
    assert made["hi95"].max() <= 100
    assert made["lo95"].min() >= 0


def test_chance_of_a_target_follows_its_distance_and_direction() -> None:
    figures = observations("ZZ_ANY", STEADY)
    last = {
        target: project(figures, rule("ZZ_ANY", 1, target), shipped())["p_target"][-1] for target in (30.0, 64.0, 200.0)
    }
    assert last[30.0] > 0.9 > last[64.0] > 0.1 > last[200.0] > 0
    down = project(figures, rule("ZZ_ANY", -1, 30.0), shipped())["p_target"][-1]
    assert down == pytest.approx(1 - last[30.0], abs=0.02)
    assert project(figures, NO_RULES, shipped())["p_target"].null_count() == len(last) + 7


def test_a_factor_target_is_of_the_base_year() -> None:
    figures = observations("ZZ_ANY", STEADY)
    of_base = project(figures, rule("ZZ_ANY", 1, 2.0, "factor"), shipped())
    as_value = project(figures, rule("ZZ_ANY", 1, 2 * STEADY[2015]), shipped())
    assert of_base["p_target"].to_list() == as_value["p_target"].to_list()


BAD: dict[str, tuple[dict[int, float | None], str]] = {
    "one point": ({2015: 3.0}, "1 observed year"),
    "nothing": ({2015: None}, "no value published"),
    "NaN": ({2015: float("nan")}, "no finite value"),
    "infinite": ({2014: float("inf"), 2015: float("-inf")}, "no finite value"),
    "already there": ({2020: 1.0, 2025: 2.0, 2030: 3.0}, "nothing left to project"),
    "too old": ({1960: 1.0, 1961: 2.0, 1962: 4.0}, "years ahead"),
}


@pytest.mark.parametrize(("values", "reason"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_projected_gets_a_reason(values: dict[int, float | None], reason: str) -> None:
    made = project(observations("ZZ_ANY", values), NO_RULES, shipped())
    assert made.schema == COLUMNS
    assert len(made) == 1
    assert made["median"].null_count() == 1
    assert reason in made["record_note"][0]


ODD: dict[str, dict[int, float | None]] = {
    "constant": dict.fromkeys(range(2010, 2021), 7.0),
    "all zero": dict.fromkeys(range(2010, 2021), 0.0),
    "changing sign": {year: (-1.0) ** year for year in range(2010, 2021)},
    "huge": {year: 1e200 * (1 + year % 2) for year in range(2010, 2021)},
    "tiny": {year: 1e-200 * (1 + year % 2) for year in range(2010, 2021)},
    "with holes": {2010: 3.0, 2011: None, 2014: float("nan"), 2015: 5.0, 2016: float("inf"), 2020: 4.0},
}


@pytest.mark.parametrize("values", ODD.values(), ids=ODD.keys())
def test_odd_histories_are_projected_with_finite_bands(values: dict[int, float | None]) -> None:
    made = project(observations("ZZ_ANY", values), NO_RULES, shipped())
    assert len(made) == 10
    assert np.isfinite(made.select(BANDS).to_numpy()).all()
    assert (np.diff(made.select(BANDS).to_numpy(), axis=1) >= 0).all()


def test_duplicates_that_agree_count_once_and_those_that_differ_are_refused() -> None:
    once = observations("ZZ_ANY", STEADY)
    agreeing = project(pl.concat([once, once]), NO_RULES, shipped())
    assert agreeing.equals(project(once, NO_RULES, shipped()))
    clash = pl.concat([once, once.head(1).with_columns(value=pl.lit(99.0))])
    assert "two different values" in project(clash, NO_RULES, shipped())["record_note"][0]


def test_every_key_that_goes_in_comes_out() -> None:
    cases = {**{name: values for name, (values, _) in BAD.items()}, **ODD, "steady": STEADY}
    frame = pl.concat([observations("ZZ_ANY", values, f"X{number:02}") for number, values in enumerate(cases.values())])
    made = project(frame, NO_RULES, shipped())
    assert made["area"].n_unique() == len(cases)
    assert made.filter(pl.col("method") == "")["area"].n_unique() == len(BAD)


def test_a_thousand_years_ahead_is_refused_with_a_reason() -> None:
    made = project(observations("ZZ_ANY", STEADY), NO_RULES, shipped(), to=3030)
    assert made["record_note"][0].startswith("not projected: 1010 years ahead")


def test_a_year_to_which_nothing_can_be_projected_is_refused_with_the_years_that_can() -> None:
    figures = observations("ZZ_ANY", {2010: 1.0, 2015: 2.0, 2020: 3.0})
    require_year(figures, 2021)
    for year in (2020, 9999):
        with pytest.raises(InputError, match=rf"nothing can be projected to {year}; give a year from 2021"):
            require_year(figures, year)


def test_the_order_of_rows_does_not_matter() -> None:
    figures = pl.concat([observations("ZZ_ANY", STEADY, area) for area in ("AAA", "BBB", "CCC")])
    shuffled = figures.sample(fraction=1, shuffle=True, seed=1)
    assert project(shuffled, NO_RULES, shipped()).equals(project(figures, NO_RULES, shipped()))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match="nature"):
        project(observations("ZZ_ANY", STEADY).drop("nature"), NO_RULES, shipped())


def test_every_member_is_described_with_formula_and_source() -> None:
    described = {part.id: part for part in parts()}
    assert set(MEMBERS) <= {name for name, part in described.items() if part.part == "member"}
    assert all(part.title and part.description and part.formula and part.source for part in described.values())
    assert {part.part for part in described.values()} == {"member", "model", "test", "measure"}

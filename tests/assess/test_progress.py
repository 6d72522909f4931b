"""What goes in comes out, classified or with the reason why not."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from frames import observed, rule
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.assess.methods import method_classes, methods
from serai.assess.progress import PROGRESS, progress
from serai.assess.spans import KEY
from serai.errors import InputError, UnknownName

ALL = tuple(methods())
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def reason_of(points: object, rules: pl.DataFrame, method: str = "statcan", **columns: object) -> str | None:
    frame = progress(observed(points, **columns), rules, method)  # type: ignore[arg-type]
    assert frame.height == 1
    return frame["reason"][0]


def test_columns_are_the_documented_ones() -> None:
    frame = progress(observed({2015: 1.0, 2020: 2.0}), rule())
    assert dict(frame.schema) == PROGRESS
    assert frame["release"][0] == date(2023, 12, 17)


def test_base_is_the_start_year_or_the_first_later_one() -> None:
    frame = progress(observed({2010: 5.0, 2016: 6.0, 2019: 7.0, 2031: 9.0}), rule())
    assert frame.select("base_year", "base_value", "latest_year", "latest_value").row(0) == (2016, 6.0, 2019, 7.0)


def test_an_unordered_table_gives_the_same() -> None:
    table = pl.concat([observed({2015: 1.0, 2018: 2.0, 2021: 3.0}, area=area) for area in ("BBB", "AAA")])
    assert progress(table.sample(fraction=1, shuffle=True, seed=1), rule()).equals(progress(table, rule()))


@pytest.mark.parametrize(
    ("points", "columns", "reason"),
    [
        ({2018: 3.0}, {}, "one year of data since 2015 (2018)"),
        ({2001: 3.0, 2009: 4.0}, {}, "no data since 2015"),
        ({2041: 3.0, 2042: 4.0}, {}, "values only after the target year"),
        ({2015: None, 2018: float("nan"), 2020: float("inf")}, {}, "no finite number among the values"),
        ({2015: None, 2018: None}, {"status": "withheld"}, "withheld by the provider"),
        ({2015: None, 2018: None}, {"status": "not_applicable"}, "does not apply here, says the provider"),
        ([(2015, 1.0), (2018, 2.0), (2018, 3.0)], {}, "year 2018 is given twice with different values"),
        ({2015: 1.0, 2018: 2.0}, {"unit": "number"}, "unit 'number' is not the rule's unit 'percent'"),
        ({2015: -1.0, 2018: 2.0}, {}, "sign changes between base and latest value: no growth rate"),
    ],
)
def test_reasons(points: object, columns: dict[str, object], reason: str) -> None:
    assert reason_of(points, rule(), **columns) == reason


def test_reasons_of_rules() -> None:
    points = {2015: 1.0, 2020: 2.0}
    assert reason_of(points, rule("other")) == "no rule for this series"
    assert reason_of(points, rule(status="no_rule", reason="both ways")) == "no rule: both ways"
    assert reason_of(points, rule(direction=None)) == "the rule names no direction"


@pytest.mark.parametrize("method", ALL)
def test_a_rate_of_change_is_given_no_growth_rate_but_its_differences_count(method: str) -> None:
    points = {2015: 1.0, 2018: 2.0, 2020: 3.0}
    world = pl.concat([observed({2020: float(place)}, area=f"XX{letter}") for place, letter in enumerate(LETTERS)])
    row = progress(observed(points), rule(target=4.0, status="rate"), method, world=world).row(0, named=True)
    if method in {"escap", "sdsn"}:
        assert row["class"] is not None
    else:
        assert row["reason"] == "the series is a rate of change already, and its compound growth says nothing"
        assert row["class"] is row["score"] is row["observed_rate"] is None


def test_a_unit_that_changes_on_the_way_is_refused() -> None:
    table = pl.concat([observed({2015: 1.0}, unit="thousands"), observed({2020: 2.0}, unit="percent")])
    assert progress(table, rule())["reason"][0] == "unit changes from 'thousands' to 'percent'"


def test_the_same_value_twice_is_one_value() -> None:
    frame = progress(observed([(2015, 1.0), (2020, 2.0), (2020, 2.0)]), rule())
    assert frame["class"][0] == "substantial_progress"


def test_a_bound_counts_as_its_number_and_is_flagged() -> None:
    table = pl.concat([observed({2015: 90.0}), observed({2020: 95.0}, bound=">")])
    row = progress(table, rule(target=100.0)).row(0, named=True)
    assert (row["latest_value"], row["latest_bound"], row["base_bound"]) == (95.0, ">", "")
    assert row["remark"] == "a published bound is used as its number"


def test_values_that_are_not_numbers_are_counted_in_the_remark() -> None:
    frame = progress(observed({2015: 1.0, 2017: float("nan"), 2020: 2.0}), rule())
    assert frame["remark"][0] == "1 values are not finite and were left aside"


def test_met_target_needs_no_common_sign() -> None:
    assert progress(observed({2015: -1.0, 2020: 2.0}), rule(target=1.0))["class"][0] == "target_achieved"


def test_slices_and_providers_are_judged_apart() -> None:
    table = pl.concat(
        [observed({2015: 1.0, 2020: 2.0}, dimensions=dims, provider=by) for dims in ("", "SEX=F") for by in ("p", "q")]
    )
    assert progress(table, rule()).height == 4


def test_wrong_calls_say_what_to_do() -> None:
    table = observed({2015: 1.0})
    with pytest.raises(UnknownName, match=r"unknown method 'statcam'.*statcan"):
        progress(table, rule(), "statcam")
    with pytest.raises(InputError, match="2015 does not come after"):
        progress(table, rule(), start=2015, end=2015)
    with pytest.raises(InputError, match="column 'value' is missing"):
        progress(table.drop("value"), rule())
    with pytest.raises(InputError, match="series 'S' has more than one row"):
        progress(table, pl.concat([rule(), rule()]))


@pytest.mark.parametrize("method", ALL)
def test_an_empty_table_gives_an_empty_table(method: str) -> None:
    assert progress(observed({}), rule(), method).shape == (0, len(PROGRESS))


AWKWARD = {
    "one point": [(2018, 3.0)],
    "sign changes": [(2015, -2.0), (2018, 1.0), (2020, -1.0), (2022, 4.0)],
    "zero base": [(2015, 0.0), (2020, 4.0)],
    "zero throughout": [(2015, 0.0), (2020, 0.0)],
    "falls to zero": [(2015, 4.0), (2020, 0.0)],
    "constant": [(2015, 7.0), (2018, 7.0), (2022, 7.0)],
    "already met": [(2015, 101.0), (2022, 102.0)],
    "met and lost": [(2015, 101.0), (2022, 90.0)],
    "twice": [(2015, 1.0), (2015, 2.0), (2022, 3.0)],
    "not a number": [(2015, float("nan")), (2018, 1.0), (2022, 2.0)],
    "infinite": [(2015, 1.0), (2022, float("inf"))],
    "no value": [(2015, None), (2022, None)],
    "huge": [(2015, 1e-300), (2022, 1e300)],
    "tiny step": [(2015, 1.0), (2016, 1.0 + 1e-16)],
}


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("end", [2030, 3030])
@pytest.mark.parametrize("target", [None, 0.0, 1.0, 100.0])
def test_awkward_series_are_classified_or_explained(method: str, end: int, target: float | None) -> None:
    table = pl.concat([observed(points, area=name) for name, points in AWKWARD.items()])
    frame = progress(table, rule(target=target), method, end=end)
    assert sorted(frame["area"]) == sorted(AWKWARD)
    explained(frame)


def explained(frame: pl.DataFrame) -> None:
    """Class or reason, never both, never neither; classes are known; numbers are finite."""
    assert (frame["class"].is_null() == frame["reason"].is_not_null()).all()
    known = method_classes().select("method", "class")
    assert frame.drop_nulls("class").join(known, on=["method", "class"], how="anti").is_empty()
    for name in ("observed_rate", "required_rate", "value", "score"):
        assert frame[name].drop_nulls().is_finite().all()


numbers = st.one_of(
    st.none(), st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([0.0, -0.0, 1.0, 100.0, 95.0])
)
rows = st.tuples(
    st.sampled_from(["A", "B", "C"]),
    st.sampled_from(["AAA", "BBB"]),
    st.sampled_from(["", "SEX=F"]),
    st.integers(1990, 2040),
    numbers,
    st.sampled_from(["published", "withheld", "not_applicable", "provisional"]),
    st.sampled_from(["percent", "number"]),
)
ruled = st.fixed_dictionaries(
    {
        "direction": st.sampled_from([1, -1, None]),
        "target": st.sampled_from([None, 0.0, 50.0, -3.0]),
        "target_type": st.sampled_from(["absolute", "factor", ""]),
        "parity": st.booleans(),
        "upper_limit": st.sampled_from([None, 100.0, 0.0]),
        "lower_limit": st.sampled_from([None, 0.0, -5.0]),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(rows, max_size=40), ruled, st.sampled_from(ALL), st.sampled_from([2030, 3030]))
def test_series_in_and_rows_out_reconcile(
    data: list[tuple[object, ...]], rules: dict[str, object], method: str, end: int
) -> None:
    frames = [
        observed([(year, value)], series=series, area=area, dimensions=dims, status=status, unit=unit)  # type: ignore[list-item,arg-type]
        for series, area, dims, year, value, status, unit in data
    ]
    table = pl.concat([observed({}), *frames])
    frame = progress(table, pl.concat([rule("A", **rules), rule("B")]), method, end=end)  # type: ignore[arg-type]
    assert frame.select(KEY).sort(KEY).equals(table.select(KEY).unique().sort(KEY))
    explained(frame)

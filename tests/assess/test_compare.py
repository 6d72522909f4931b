"""Methods side by side: one row each, and the cause of every disagreement."""

from __future__ import annotations

import polars as pl
import pytest
from frames import observed, rule

from serai.assess.compare import compare_methods, differences
from serai.assess.methods import methods
from serai.assess.progress import PROGRESS, progress
from serai.errors import UnknownName


def detail(points: dict[int, float | None], name: str, **rules: object) -> tuple[object, object, object]:
    table = compare_methods(observed(points), rule(**rules), names=["statcan", name])  # type: ignore[arg-type]
    row = table.row(by_predicate=pl.col("method") == name, named=True)
    return row["standing"], row["why"], row["detail"]


def test_one_row_a_series_and_method_in_step_with_each_method_alone() -> None:
    table = pl.concat([observed({2015: 5.0, 2020: 6.0 + n}, area=f"A{chr(65 + n)}A") for n in range(25)])
    rules = rule(target=20.0)
    together = compare_methods(table, rules)
    assert together.height == 25 * len(methods())
    for name in methods():
        alone = progress(table, rules, name)
        assert together.filter(pl.col("method") == name).select(list(PROGRESS)).equals(alone)


@pytest.mark.parametrize(
    ("points", "name", "rules", "expected"),
    [
        ({2015: 100.0, 2020: 109.0}, "unsd5", {}, ("too_slow", "cut", "growth_cuts")),
        ({2015: 98.0, 2020: 98.9}, "unsd5", {"upper_limit": 100.0}, ("too_slow", "cut", "near_limit")),
        ({2015: 1.0, 2020: 1.2}, "escap", {}, (None, "missing rule", "no_class_here")),
        ({2018: 90.0}, "escap", {"target": 80.0}, ("on_track", "missing rule", "no_class_there")),
        ({2002: 90.0, 2015: 50.0, 2020: 55.0}, "escap", {"target": 80.0}, ("away", "baseline", "looks_back")),
        ({2015: 50.0, 2016: 75.0, 2020: 52.0}, "escap", {"target": 90.0}, ("away", "trend rule", "weighted_line")),
        ({2015: 100.0, 2020: 99.0}, "unsd", {"target": 100.0}, ("too_slow", "target", "met_before")),
        ({2015: 10.0, 2020: 3.0}, "eurostat", {"direction": -1, "target": 0.0}, None),
        ({2015: 0.0, 2020: 1.0}, "sdsn", {}, (None, "missing rule", "no_class_here")),
    ],
)
def test_causes(
    points: dict[int, float | None], name: str, rules: dict[str, object], expected: tuple[object, object, object] | None
) -> None:
    found = detail(points, name, **rules)
    if expected is not None:
        assert found == expected
    assert found[2] is None or found[2] in differences()


def test_agreement_has_no_cause() -> None:
    table = compare_methods(
        observed({2015: 10.0, 2020: 20.0}), rule(target=25.0), names=["statcan", "unsd", "eurostat"]
    )
    assert table["agree"].to_list() == [True] * 3
    assert table["why"].null_count() == 3


def test_the_class_that_joins_standstill_and_regress_is_read_by_its_sign() -> None:
    still, back = ({2015: 100.0, 2020: 100.1}, {2015: 100.0, 2020: 90.0})
    assert [detail(points, "unsd", target=200.0)[0] for points in (still, back)] == ["too_slow", "away"]


def test_every_disagreement_has_a_cause() -> None:
    figures = [
        observed({2004: a, 2015: b, 2021: c}, series="S", area=f"{x}{y}{z}")
        for x, a in zip("ABC", (0.0, 40.0, 90.0), strict=True)
        for y, b in zip("ABCD", (0.0, 50.0, 80.0, 100.0), strict=True)
        for z, c in zip("ABCD", (0.0, 50.0, 85.0, 100.0), strict=True)
    ]
    for target in (None, 0.0, 60.0, 100.0):
        for direction in (1, -1):
            table = compare_methods(pl.concat(figures), rule(target=target, direction=direction, upper_limit=100.0))
            for _, rows in table.group_by("area"):
                first = rows.row(by_predicate=pl.col("method") == "statcan", named=True)
                other = rows.filter(pl.col("standing").fill_null("-") != (first["standing"] or "-"))
                assert other["why"].null_count() == 0


def test_unknown_methods_are_named() -> None:
    with pytest.raises(UnknownName, match="unknown method 'who'"):
        compare_methods(observed({2015: 1.0}), rule(), names=["who"])

"""The UN Statistics Division's measure, against an independent implementation and by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from frames import observed, rule

from serai.assess.progress import progress

CLASSES = {
    "On track or target met": "on_track",
    "Moderate progress, but acceleration needed": "moderate_progress",
    "Marginal progress, and significant acceleration needed": "marginal_progress",
    "Stagnation": "stagnation",
    "Regression": "regression",
    "Insufficient data": None,
}


def cases(count: int = 3000) -> pl.DataFrame:
    """Bases, latest values and targets of all kinds, zeros and targets already met among them."""
    luck = np.random.default_rng(20)
    base = np.where(luck.random(count) < 0.05, 0.0, luck.lognormal(3, 1.5, count))
    latest = np.where(luck.random(count) < 0.05, 0.0, base * luck.lognormal(0.02, 0.25, count))
    target = np.where(luck.random(count) < 0.1, 0.0, base * luck.lognormal(0.1, 0.6, count))
    return pl.DataFrame(
        {
            "series": [f"S{n}" for n in range(count)],
            "first": luck.integers(2015, 2019, count),
            "base": base,
            "last": luck.integers(2018, 2024, count),
            "latest": latest,
            "direction": luck.choice([1, -1], count),
            "target": [value if luck.random() < 0.6 else None for value in target],
        }
    )


def judged(table: pl.DataFrame, method: str) -> pl.DataFrame:
    ends = [table.select("series", period=year, value=value) for year, value in (("first", "base"), ("last", "latest"))]
    points = pl.concat(ends).with_columns(area=pl.lit("AAA")).unique(["series", "period"], keep="first")
    rules = table.select("series", "direction", "target", status=pl.lit("rule"))
    return table.join(progress(points, rules, method), on="series", how="left", maintain_order="left", suffix="_out")


def test_agrees_with_an_independent_implementation() -> None:
    oracle = pytest.importorskip("undata.analysis")
    table = judged(cases(), "unsd5")
    for row in table.iter_rows(named=True):
        better = "higher" if row["direction"] > 0 else "lower"
        same = {"better": better, "target": row["target"], "target_year": 2030}
        want = oracle._assess(row["first"], row["base"], row["last"], row["latest"], **same)
        assert row["class"] == CLASSES[want["status"]], row
        assert row["score"] == (want["score"] and pytest.approx(want["score"], abs=1e-9)), row
        if row["target"] is not None and want["ratio"] is not None:
            assert row["value"] == pytest.approx(want["ratio"], rel=1e-9), row


def test_three_classes_are_cut_from_the_same_measure() -> None:
    table = cases()
    five, three = judged(table, "unsd5"), judged(table, "unsd")
    assert five["value"].equals(three["value"])
    pairs = set(zip(five["class"], three["class"], strict=True))
    assert pairs == {
        (None, None),
        ("on_track", "on_track"),
        ("moderate_progress", "fair_progress"),
        ("marginal_progress", "fair_progress"),
        ("stagnation", "stagnation_or_regression"),
        ("regression", "stagnation_or_regression"),
    }


def test_growth_is_carried_on_to_the_target_year() -> None:
    # 10 % a year from 100: 417.7 in 2030, of the 300 needed 317.7 are on the way.
    row = progress(observed({2015: 100.0, 2020: 161.051}), rule(target=400.0), "unsd5").row(0, named=True)
    assert row["observed_rate"] == pytest.approx(0.1)
    assert row["value"] == pytest.approx((100 * 1.1**15 - 100) / 300)
    assert row["score"] == pytest.approx(4 + (row["value"] - 0.95) / 0.55)


def test_a_target_met_in_the_base_year_is_kept_or_lost() -> None:
    kept = progress(observed({2015: 100.0, 2020: 99.0}), rule(target=95.0), "unsd5").row(0, named=True)
    lost = progress(observed({2015: 100.0, 2020: 94.0}), rule(target=95.0), "unsd5").row(0, named=True)
    assert (kept["class"], kept["score"], kept["remark"]) == ("on_track", 5.0, "target met in the base year")
    assert (lost["class"], lost["score"], lost["remark"]) == ("regression", 0.0, "met in the base year, no longer")

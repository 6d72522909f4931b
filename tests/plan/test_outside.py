"""What other rooms know, as the plan takes it."""

import polars as pl
import pytest

from serai.plan.outside import costs_of, shares_of


def test_sides_of_a_pair_count_as_the_larger_and_ranges_have_a_middle():
    exposed = pl.DataFrame(
        [
            ("AAA", "BBB", "in", 0.1, 0.2, 0.3),
            ("AAA", "BBB", "out", 0.4, 0.5, 0.6),
            ("AAA", "CCC", "in", 0.2, None, 0.6),
            ("BBB", "AAA", "in", None, None, None),
        ],
        schema=["area", "partner", "side", "low", "value", "high"], orient="row",
    )  # fmt: skip
    assert shares_of(exposed).rows() == [("AAA", "BBB", 0.4, 0.5, 0.6), ("AAA", "CCC", 0.2, pytest.approx(0.4), 0.6)]


def test_extra_cost_by_member_over_its_journeys_both_ways():
    rows = [
        ("AAA", "XXX", 100.0, 20.0, True),
        ("XXX", "AAA", 100.0, 0.0, True),
        ("AAA", "YYY", 50.0, None, False),  # no way left: as if it cost twice as much
        ("BBB", "XXX", 100.0, -5.0, True),  # nothing is won by a closure
    ]
    frame = pl.DataFrame(
        rows, schema=["from_area", "to_area", "cost_usd_before", "cost_usd_extra", "served"], orient="row"
    )
    found = {row[0]: row[1:] for row in costs_of(frame).iter_rows()}
    assert found["AAA"] == pytest.approx((0.1, 0.4, 0.6))
    assert found["BBB"] == (0.0, 0.0, 0.0)
    assert found["YYY"] == (1.0, 1.0, 1.0)

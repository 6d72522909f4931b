"""Eurostat's cuts, by hand."""

from __future__ import annotations

import pytest
from frames import observed, rule

from serai.assess.progress import progress


def one(points: dict[int, float | None], **rules: object) -> dict[str, object]:
    return progress(observed(points), rule(**rules), "eurostat").row(0, named=True)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rate", "name", "score"),
    [
        (0.011, "significant_progress", 2.75),
        (0.009, "moderate_progress", 2.25),
        (-0.009, "moderate_movement_away", -2.25),
        (-0.011, "significant_movement_away", -2.75),
        (0.03, "significant_progress", 5.0),
    ],
)
def test_one_percent_rule_without_a_target(rate: float, name: str, score: float) -> None:
    found = one({2015: 100.0, 2020: 100.0 * (1 + rate) ** 5})
    assert (found["class"], found["score"]) == (name, pytest.approx(score))


@pytest.mark.parametrize(
    ("share", "name"),
    [
        (0.96, "significant_progress"),
        (0.7, "moderate_progress"),
        (0.3, "insufficient_progress"),
        (-0.1, "movement_away"),
    ],
)
def test_share_of_the_required_growth_with_a_target(share: float, name: str) -> None:
    needed = 0.5 ** (1 / 15) - 1
    found = one({2015: 100.0, 2020: 100.0 * (1 + share * needed) ** 5}, direction=-1, target=50.0)
    assert (found["class"], found["value"]) == (name, pytest.approx(share))


def test_met_target_is_significant_progress() -> None:
    assert one({2015: 100.0, 2020: 100.0}, target=99.0)["class"] == "significant_progress"


def test_zero_target_asks_for_everything_at_once() -> None:
    found = one({2015: 10.0, 2020: 9.0}, direction=-1, target=0.0)
    assert (found["class"], found["required_rate"]) == ("insufficient_progress", -1.0)
    assert "-100 %" in str(found["remark"])


def test_zero_base_has_no_growth_rate() -> None:
    assert str(one({2015: 0.0, 2020: 9.0})["reason"]).startswith("growth rate undefined")

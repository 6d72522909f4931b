"""Failure boxes in words, and what counts as failing."""

import re

import numpy as np
import polars as pl
import pytest

from plan.outcomes import outcomes
from plan.small_world import UNKNOWNS, shock
from serai.errors import UnknownName
from serai.plan import boxes, inputs, shocks
from serai.region import find_pack


def test_the_words_are_those_of_the_shock():
    known = shocks.read(find_pack("central_asia"))
    listed = inputs.listed(known, UNKNOWNS)
    values = inputs.values(listed, inputs.points(len(listed), 512, 1), ["a", "b"])
    bad = (values["remittance_fall.size"] > 28) & (values["border_closure.size"] > 40)
    closed = np.stack([np.full(512, 0.3), np.where(bad, 0.2, 0.4)], axis=1)
    rows = outcomes(closed, ["as_is", "water"])
    found = boxes.failure_boxes(rows, values, listed)
    assert set(found["strategy"]) == {"water"}
    told = found["words"][0]
    assert {re.sub(r"\d+", "#", part) for part in told.split(" and ")} == {
        "remittances fall by over # %",
        "the borders of Afghanistan are shut for over # days a year",
    }
    assert sorted(map(int, re.findall(r"\d+", told))) == [pytest.approx(28, abs=1), pytest.approx(40, abs=2)]
    assert found["coverage"][0] > 0.9
    assert found["density"][0] > 0.9
    russian = boxes.failure_boxes(rows, values, listed, language="ru")["words"][0]
    assert set(re.sub(r"\d+", "#", russian).split(" и ")) == {
        "переводы сокращаются более чем на # %",
        "границы Афганистана закрыты более # дней в году",
    }


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_starts_lengths_and_networks_have_words_too(seed):
    known = {"fall": shock()}
    listed = inputs.listed(known, UNKNOWNS)
    values = inputs.values(listed, inputs.points(len(listed), 2048, seed), ["a", "b"])
    bad = (values["network"] == "b") & (values["fall.start"] < 2025) & (values["fall.years"] > 1.5)
    closed = np.stack([np.full(2048, 0.3), np.where(bad, 0.2, 0.4)], axis=1)
    told = boxes.failure_boxes(outcomes(closed, ["as_is", "water"]), values, listed)["words"][0].split(" and ")
    assert set(told) == {
        "the network of indicators is “b”",
        "“fall” begins before 2025",
        "“fall” lasts over 1.5 years",
    }


def test_ways_to_fail_by_hand():
    rows = outcomes(np.array([[0.4, 0.5, 0.1], [0.4, 0.4, 0.4], [0.1, 0.3, 0.9], [0.4, 0.2, 0.2]]), ["as_is", "a", "b"])

    def bad(strategy, how):
        return boxes.fails(rows, strategy, how=how, status_quo="as_is")["fails"].to_list()

    assert bad("a", "status_quo") == [False, False, False, True]  # a tie is no failure
    assert bad("a", "worst") == [False, False, False, True]
    assert bad("as_is", "status_quo") == bad("as_is", "worst") == [False, False, True, False]
    assert bad("a", "regret") == [False, False, True, False]
    with pytest.raises(UnknownName, match="c"):
        bad("c", "worst")
    with pytest.raises(UnknownName, match="way to fail"):
        bad("a", "badly")


def test_a_strategy_that_never_fails_has_no_box():
    listed = inputs.listed({"fall": shock()}, UNKNOWNS)
    values = inputs.values(listed, inputs.points(len(listed), 64, 1), ["a"])
    found = boxes.failure_boxes(outcomes(np.tile([0.3, 0.4], (64, 1)), ["as_is", "a"]), values, listed)
    assert found.schema == pl.Schema(boxes.BOXES)
    assert found.height == 0

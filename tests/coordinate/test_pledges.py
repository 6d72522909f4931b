"""Pledges: exclusive stages, parts never added to wholes, overlaps never summed twice, no trace is not zero."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.coordinate import pledges as subject
from serai.errors import InputError

DAY = "2026-11-25"


def of(frame, name):
    return frame.filter(pl.col("pledge") == name).to_dicts()[0]


def test_a_whole_lists_its_parts_and_only_the_credible_ones_are_summed(register):
    whole = of(register.pledges(as_of=DAY), "P10")
    assert whole["contains"] == ["P10-A", "P10-B", "P10-C"]
    assert whole["parts"] == 10


def test_no_document_of_a_payment_is_no_zero(register):
    row = of(register.pledges(as_of=DAY), "P10")
    assert (row["committed"], row["disbursed"], row["traced"]) == (None, None, "nothing traceable")


def test_the_stage_is_the_furthest_a_document_shows_by_that_day(register):
    stages = {day: of(register.pledges(as_of=day), "R1")["stage"] for day in ("2018-12-31", DAY)}
    assert stages == {"2018-12-31": "commitment", DAY: "disbursement"}
    assert of(register.pledges(as_of=DAY), "R1")["disbursed"] == 0.4


def test_what_was_announced_later_is_not_there_yet(register):
    assert register.pledges(as_of="2018-05-31").is_empty()
    assert of(register.pledges(as_of="2018-06-11"), "P10")["age_days"] == 10


def test_totals_are_a_range_where_pledges_overlap(register):
    total = register.pledge_totals(as_of=DAY).filter(pl.col("currency") == "EUR").to_dicts()[0]
    assert (total["pledges"], total["at_least"], total["at_most"]) == (2, 10, 14)
    assert total["overlaps"] == ["P10 Q4"]


def test_the_implausible_and_the_contradicted_enter_no_sum(register):
    totals = register.pledge_totals(as_of=DAY)
    assert totals["at_most"].sum() == 10 + 4 + 1


def test_a_part_beside_its_whole_adds_nothing(register):
    found = register.pledges(as_of=DAY)
    assert subject.once(found, ["P10", "P10-A", "P10-B"]) == (10, 10)
    assert subject.once(found, ["P10-A", "P10-B"]) == (10, 10)


def test_currencies_have_no_common_sum(register):
    with pytest.raises(InputError, match="EUR, USD have no sum"):
        subject.once(register.pledges(as_of=DAY), ["P10", "R1"])


def test_the_ten_billion_of_2024_are_not_inside_the_twelve_nor_added_twice(shipped):
    found = shipped.pledges(as_of=DAY)
    assert of(found, "EU10")["contained_in"] == ""
    assert of(found, "EU12")["parts"] == pytest.approx(12e9)
    low, high = subject.once(found, ["EU12", "EU10"])
    assert (low, high) == (pytest.approx(19e9), pytest.approx(22e9))  # they may share the 3 billion for transport


def test_nothing_traceable_is_said_of_every_eu_pledge(shipped):
    found = shipped.pledges(as_of=DAY).filter(pl.col("pledgers").list.contains("eu"))
    assert set(found["traced"]) == {"nothing traceable"}
    assert found["disbursed"].null_count() == found.height


def test_outward_pledges_stand_apart(shipped):
    totals = shipped.pledge_totals(as_of=DAY)
    assert set(totals.filter(pl.col("direction") == "from_members")["at_most"]) == {100e9}


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(0, 5), st.sets(st.integers(0, 5))), min_size=1, max_size=6))
def test_a_total_lies_between_the_largest_pledge_and_the_plain_sum(entries):
    rows = []
    for number, (amount, parent, overlaps) in enumerate(entries):
        inside = f"P{parent}" if parent < number and amount <= entries[parent][0] else ""
        rows.append(
            {"pledge": f"P{number}", "announced": "2020", "event": "", "stage": "pledge", "kind": "grant",
             "standing": "counted", "pledgers": "x", "beneficiaries": "", "beyond": "", "amount": float(amount),
             "currency": "EUR", "contained_in": inside, "complete": None,
             "overlaps_with": " ".join(f"P{other}" for other in sorted(overlaps) if other != number),
             "direction": "to_members", "starts": "", "ends": "", "what_en": "", "what_ru": "", "wording": "",
             "projects": "", "source": "", "note": ""}
        )  # fmt: skip
    steps = pl.DataFrame(schema={"pledge": pl.String, "stage": pl.String, "date": pl.String, "amount": pl.Float64})
    found = subject.pledges(pl.DataFrame(rows), steps, date(2024, 1, 1))
    (total,) = subject.totals(found).to_dicts()
    tops = [row["amount"] for row in rows if not row["contained_in"]]
    assert max(tops) <= total["at_least"] <= total["at_most"] == sum(tops)


def test_what_goes_to_others_too_is_told_beside_the_sum(shipped):
    found = shipped.pledge_totals(as_of="2026-11-26").filter(direction="to_members", stage="pledge")
    sums = {row["currency"]: (row["at_most"], row["wider"]) for row in found.iter_rows(named=True)}
    assert sums == {"CNY": (39.5e9, 12e9), "EUR": (22.365e9, 10e9)}  # the SCO's 2 + 10; the corridor's 10

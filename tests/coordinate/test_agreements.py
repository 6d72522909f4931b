"""Agreements, rhythm, follow-ups: who signed when, what is overdue, what is only not known."""

from __future__ import annotations

import polars as pl
import pytest

from serai.errors import InputError

DAY = "2026-11-25"


def of(frame, column, name):
    return frame.filter(pl.col(column) == name).to_dicts()[0]


def test_three_of_five_signed_on_the_day_and_four_later(shipped):
    at_signing = of(shipped.agreements(as_of="2022-07-21"), "agreement", "AG-FRIENDSHIP")
    assert (at_signing["on_the_day"], at_signing["signatures"], at_signing["expected"]) == (3, 3, 5)
    assert at_signing["pending"] == ["TJK", "TKM"]
    now = of(shipped.agreements(as_of=DAY), "agreement", "AG-FRIENDSHIP")
    assert (now["on_the_day"], now["signatures"], now["pending"]) == (3, 4, ["TKM"])


def test_witnesses_are_no_signatories(shipped):
    row = of(shipped.agreements(as_of=DAY), "agreement", "AG-CENTRE-HCA")
    assert (row["signatories"], row["witnesses"]) == (["KAZ", "undesa"], ["KAZ", "un"])


def test_an_agreement_lives_through_its_dates(register):
    stages = [
        [of(register.agreements(as_of=day), "agreement", name)["stage"] for day in ("2017-06-01", DAY)]
        for name in ("AG-0", "AG-1")
    ]
    assert stages == [["adopted", "superseded"], ["negotiated", "signed"]]


def test_a_party_that_signs_later_is_pending_before(register):
    who = register.parties(as_of="2019-06-01").filter(pl.col("agreement") == "AG-1")
    assert of(who, "actor", "BBB")["role"] == "pending"
    assert of(register.parties(as_of=DAY).filter(pl.col("agreement") == "AG-1"), "actor", "BBB")["days_after"] == 550


def test_an_agreement_past_its_term_has_expired(shipped):
    assert of(shipped.agreements(as_of=DAY), "agreement", "AG-LIMITS26")["stage"] == "expired"
    assert of(shipped.agreements(as_of="2026-01-01"), "agreement", "AG-LIMITS26")["stage"] == "in_force"
    assert of(shipped.agreements(as_of=DAY), "agreement", "AG-VIENNA")["stage"] == "superseded"


def test_rhythm_is_counted_from_the_meetings_that_count(register):
    row = of(register.cadence(as_of="2020-01-01"), "format", "summit")
    assert (row["meetings"], row["first"], row["last"]) == (2, "2016-05-01", "2018-06")
    assert row["gap_mean"] == pytest.approx(25.5, abs=0.1)
    assert (row["next_due"], row["state"]) == ("2020-06", "not_due")
    assert of(register.cadence(as_of="2020-07-10"), "format", "summit")["overdue_days"] == 10


def test_the_second_gulf_summit_is_overdue_with_its_outcome_unknown(shipped):
    assert of(shipped.cadence(as_of=DAY), "format", "c5_gcc")["state"] == "overdue"
    row = of(shipped.followups(as_of=DAY), "followup", "FU-GCC-2")
    assert (row["state"], row["overdue_days"]) == ("outcome_unknown", 329)
    assert of(shipped.followups(as_of="2025-06-01"), "followup", "FU-GCC-2")["state"] == "not_due"


def test_the_next_summit_with_china_is_due_in_2027(shipped):
    row = of(shipped.cadence(as_of=DAY), "format", "c5_china")
    assert (row["promised"], row["next_due"], row["state"]) == (24, "2027", "not_due")


def test_a_gap_across_meetings_not_held_is_shared_out(shipped):
    row = of(shipped.cadence(as_of=DAY), "format", "ots")
    assert (row["meetings"], row["not_held"]) == (2, 2)
    assert row["gap_mean"] == pytest.approx(35 / 3, abs=0.2)


def test_followups_are_done_late_open_or_unknown(register):
    states = dict(register.followups(as_of=DAY).select("followup", "state").iter_rows())
    assert states == {"FU-1": "outcome_unknown", "FU-2": "done", "FU-3": "undated"}
    assert of(register.followups(as_of=DAY), "followup", "FU-2")["late_days"] == 1
    assert of(register.followups(as_of="2019-03-31"), "followup", "FU-2")["state"] == "not_due"


def test_a_date_that_is_none_is_one_clear_line(register):
    with pytest.raises(InputError, match="'soon' is not a date; write it as 2026-11-25"):
        register.cadence(as_of="soon")


def test_dates_after_the_day_are_not_known_on_it(shipped):
    days = ("2022-07-21", "2024-12-31")
    for day in days:
        frame = shipped.agreements(as_of=day)
        assert frame.height > 0
        for name in ("signed", "ratified", "in_force"):
            assert frame[name].max() <= day
    row = of(shipped.agreements(as_of=days[0]), "agreement", "AG-CENTRE-RES")
    assert (row["stage"], row["signed"], row["in_force"]) == ("negotiated", "", "")
    assert of(shipped.agreements(as_of=DAY), "agreement", "AG-CENTRE-RES")["signed"] == "2025-03-04"


def test_a_view_of_a_day_names_no_later_date_person_or_witness(shipped):
    day = "2022-07-21"
    rows = shipped.parties(as_of=day)
    for name in ("signed", "ratified"):
        assert all(text[:10] <= day[: len(text)] for text in rows[name] if text)
    assert rows.filter(role="pending", agreement="AG-FRIENDSHIP", actor="TJK")["by"].to_list() == [""]
    assert rows.filter(agreement="AG-CENTRE-HCA", role="witness").is_empty()
    assert shipped.parties(as_of=DAY).filter(agreement="AG-CENTRE-HCA", role="witness").height == 2


def test_an_earlier_day_knows_nothing_of_what_was_announced_later(shipped):
    day = "2023-06-01"
    rhythm = {row["format"]: row for row in shipped.cadence(as_of=day).iter_rows(named=True)}
    assert (rhythm["c5_china"]["next_due"], rhythm["c5_china"]["due_basis"]) == ("2025-05", "rhythm")
    assert "c5_eu" not in rhythm
    assert "FU-EU-2" not in shipped.followups(as_of=day)["followup"]
    assert "FU-EU-2" in shipped.followups(as_of="2025-04-03")["followup"]
    entries = set(shipped.calendar(as_of=day)["entry"])
    assert {"CN-1", "UNF-KGZ-2023", "FU-TITR-END"} <= entries
    assert not {"EU-1", "UNF-KAZ-2026", "FU-EU-2"} & entries
    assert "UNF-TJK-2027" in shipped.calendar(as_of=shipped.compiled)["entry"]

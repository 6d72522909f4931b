"""Corridor segments by funder: no record is no verdict, a study builds nothing, a guarantee is named as such."""

from __future__ import annotations

import polars as pl
import pytest

from serai.coordinate import segments as subject
from serai.region._check_coordinate import register_faults, segment_names


@pytest.fixture(scope="module")
def found(shipped):
    return {row["segment"]: row for row in shipped.segments().iter_rows(named=True)}


def test_every_record_pays_for_a_segment_of_the_pack(shipped, found):
    assert set(shipped.funding()["segment"]) <= found.keys()


def test_a_bottleneck_without_money_comes_first(shipped):
    rows = shipped.segments()
    firm = rows["state"].is_in(["committed", "paid"])
    assert rows["bottleneck"].to_list() == sorted(rows["bottleneck"], reverse=True)
    assert firm.filter(rows["bottleneck"]).to_list() == sorted(firm.filter(rows["bottleneck"]))
    assert rows["state"][0] == "no record"


def test_the_slowest_border_is_a_bottleneck_and_nobody_is_named_for_it(found):
    row = found["border altynkol-khorgos_prc rail"]
    assert (row["bottleneck"], row["state"], row["funders_en"]) == (True, "no record", "")
    assert row["hours"] == pytest.approx(34.8 + 54.4)


def test_a_study_and_a_report_of_no_money_build_nothing(shipped, found):
    assert found["herat-kandahar rail1520"]["state"] == "study"
    before = shipped.segments(as_of="2025-12-31").filter(segment="trans_afghan")
    assert before["state"].to_list() == ["study"]  # the pledge for it has no date, and is known from the tables on


def test_money_is_as_it_was_known_on_a_day(shipped):
    def states(day):
        return dict(shipped.segments(as_of=day).filter(pl.col("bottleneck")).select("segment", "state").iter_rows())

    name = "border alashankou-dostyk road"
    assert (states("2019-05-17")[name], states("2019-05-18")[name]) == ("no record", "committed")
    assert shipped.funding(as_of="2006-06-14").height < shipped.funding(as_of="2006-06-15").height


def test_a_funder_named_without_a_document_has_committed_nothing():
    assert subject._state([], "Bank") == "promised"


def test_identifiers_of_records_do_not_depend_on_their_place(shipped):
    assert shipped.register("funding").filter(pl.col("funding").str.contains(r"^[a-z]\d+$")).is_empty()


def test_a_memorandum_is_promised_and_a_signed_loan_committed(found):
    assert found["torghundi-herat rail1520"]["state"] == "promised"
    assert found["cku"]["state"] == "committed"
    assert found["naryn-balykchy road"]["state"] == "paid"


def test_loan_and_shares_of_the_railway_come_to_its_cost(shipped):
    rows = shipped.funding().filter(segment="cku")
    assert rows["amount"].sum() == pytest.approx(4.6e9)  # half of 4.7 bn lent, half in equity, both printed as 2.3 bn
    equity = rows.filter(instrument="equity")["amount"]
    assert (equity / equity.sum()).to_list() == pytest.approx([0.51, 0.245, 0.245])


def test_fibre_links_say_who_owns_them(found):
    assert found["tcfo"]["owner"] == "AzerTelecom; Kazakhtelecom"
    assert found["cku"]["owner"] == ""


def test_a_scenario_is_nothing_to_be_paid_for(found):
    assert "borders_halved" not in found


def test_the_measure_of_projects_is_held(shipped):
    from datetime import date

    held = dict(shipped.symbolic(as_of=date(2026, 11, 26)).select("area", "projects").iter_rows())
    assert held == {"KAZ": 2, "KGZ": 1, "TJK": 0, "TKM": 0, "UZB": 2, "AFG": 1}


@pytest.mark.parametrize(
    ("stages", "state"),
    [
        ([], "no record"),
        ([("none", "budget")], "no funder"),
        ([("none", "budget"), ("commitment", "study")], "study"),
        ([("commitment", "study"), ("statement", "loan")], "promised"),
        ([("pledge", "grant"), ("commitment", "guarantee")], "committed"),
        ([("disbursement", "loan"), ("commitment", "loan")], "paid"),
    ],
)
def test_the_firmest_that_is_held_counts(stages, state):
    records = [{"stage": stage, "instrument": instrument} for stage, instrument in stages]
    assert subject._state(records, "") == state


def test_unknown_segments_and_half_amounts_are_faults():
    heads = ("row", "funding", "segments", "actor", "funder_en", "stage", "amount", "currency")
    rows = [
        (2, "f1", "a-b road; nowhere", "", "Bank", "pledge", "5", "USD"),
        (3, "f2", "a-b road", "", "", "pledge", "", ""),
        (4, "f3", "border a-b road", "", "Bank", "none", "5", ""),
    ]
    links = pl.DataFrame({"from": ["a"], "to": ["b"], "mode": ["road"], "gauge": [""]})
    borders = pl.DataFrame({"from": ["b"], "to": ["a"], "mode": ["road"]})
    known = {"funding": pl.DataFrame(rows, schema=heads, orient="row"), "links": links, "borders": borders}
    assert segment_names(known) == {"a-b road", "border a-b road"}
    lines = [str(fault) for fault in register_faults(known)]
    assert len(lines) == 4
    assert "nowhere" in lines[0]
    assert all("coordinate/funding.csv" in line for line in lines)

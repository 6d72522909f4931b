"""Money is shared out by stated rules, and an empty cell says what it does not know."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from iati_files import ACTIVITY, changed, write
from ledgers import ledger

from serai.coordinate import Ledger, overlap
from serai.coordinate.activities import Activities
from serai.errors import InputError, UnknownName

# Riverland: AAA (AA) and BBB (BB) are members, CCC (CC) is a neighbour.
OURS = [('code="KG"', 'code="AA"'), ('code="TJ"', 'code="BB"')]
PLACES = '<recipient-country code="KG" percentage="60"/>\n <recipient-country code="TJ" percentage="40"/>'


def book_of(root: Path, *activities: str) -> Ledger:
    book = ledger(root)
    book.import_files([write(root / "a.xml", *activities)])
    return book


def committed(book: Ledger, by: str) -> dict[str, float]:
    cells = book.cells().filter(pl.col("stage") == "commitment").group_by(by).agg(pl.col("usd").sum())
    return {key: pytest.approx(value) for key, value in cells.iter_rows()}


def test_countries_and_sectors_share_by_percentages(tmp_path: Path) -> None:
    book = book_of(tmp_path, changed(*OURS))
    assert committed(book, "member") == {"AAA": 540, "BBB": 360}
    assert committed(book, "sector") == {"1:14031": 630, "1:12220": 270}
    assert committed(book, "goal") == {"6": 900}
    assert committed(book, "year") == {2022: 900}


def test_cells_are_the_same_however_many_files_are_summed_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [changed(*OURS, ("XM-TEST-1-A", f"XM-{n}"), (">900<", f">{n}.{n}<")) for n in range(12)]
    silent = changed(*OURS, ("XM-TEST-1-A", "XM-none")).split(" <transaction")[0] + "</iati-activity>"
    again = changed(*OURS, ("XM-TEST-1-A", "XM-3"), (">900<", ">33.3<"))
    book = book_of(tmp_path, *many[:4])
    runs = (many[4:], [silent, again])
    book.import_files([write(tmp_path / f"{n}.xml", *run) for n, run in enumerate(runs)])
    whole = overlap.cells(book._all, dropped=(), splits={})
    assert len(list(book._all.parts(size=1))) == 4  # the pack and three files
    monkeypatch.setattr(Activities.parts, "__defaults__", (1,))
    assert overlap.cells(book._all, dropped=(), splits={}).equals(whole)
    assert whole.equals(whole.sort(whole.columns))
    assert whole["identifier"].n_unique() == 12


def test_goals_share_equally_and_targets_count_for_their_goal(tmp_path: Path) -> None:
    tags = '<tag vocabulary="2" code="6"/><tag vocabulary="3" code="3.9"/><tag vocabulary="3" code="6.1"/>'
    book = book_of(tmp_path, changed(*OURS, ('<tag vocabulary="2" code="6"/>', tags)))
    assert committed(book, "goal") == {"6": 450, "3": 450}


def test_what_a_region_gets_stays_with_the_region(tmp_path: Path) -> None:
    region = (
        '<recipient-country code="AA" percentage="25"/><recipient-region vocabulary="1" code="689" percentage="75"/>'
    )
    book = book_of(tmp_path, changed((PLACES, region)))
    assert committed(book, "member") == {"AAA": 225, "region:1:689": 675}
    assert book.overlap(by=("member",), stage="commitment")["usd"].to_list() == pytest.approx([225])


def test_a_transaction_s_own_recipients_go_before_the_activity_s(tmp_path: Path) -> None:
    own = "</provider-org>", '</provider-org><recipient-country code="BB"/>'
    assert committed(book_of(tmp_path, changed(*OURS, own)), "member") == {"BBB": 900}


def test_one_vocabulary_counts_where_an_activity_uses_several(tmp_path: Path) -> None:
    more = '<sector vocabulary="99" code="w" percentage="100"><narrative>Wells</narrative></sector>\n <tag'
    assert set(committed(book_of(tmp_path, changed(*OURS, ("<tag", more))), "sector")) == {"1:14031", "1:12220"}


def test_what_is_not_said_is_not_guessed(tmp_path: Path) -> None:
    bare = changed((PLACES, ""), ('<tag vocabulary="2" code="6"/>', ""))
    book = book_of(tmp_path, bare)
    assert committed(book, "member") == {"not said": 900}
    assert committed(book, "goal") == {"not tagged": 900}


@settings(max_examples=20, deadline=None)
@given(shares=st.lists(st.integers(1, 60), min_size=1, max_size=4), sectors=st.lists(st.integers(1, 60), max_size=4))
def test_nothing_is_lost_or_gained_by_sharing(
    shares: list[int], sectors: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    codes = ("AA", "BB", "CC", "ZZ")
    whole, parts = sum(shares), sum(sectors)
    places = "".join(
        f'<recipient-country code="{code}" percentage="{100 * share / whole:.6f}"/>'
        for code, share in zip(codes, shares, strict=False)
    )
    split = "".join(
        f'<sector vocabulary="1" code="{n}" percentage="{100 * part / parts:.6f}"/>' for n, part in enumerate(sectors)
    )
    start, end = ACTIVITY.index(PLACES), ACTIVITY.index(" <tag")
    one = ACTIVITY[:start] + places + split + ACTIVITY[end:]
    book = book_of(tmp_path_factory.mktemp("shares"), one)
    assert book.cells().filter(pl.col("stage") == "commitment")["usd"].sum() == pytest.approx(900)


def test_several_donors_of_one_sector_are_found(tmp_path: Path) -> None:
    alone = changed((PLACES, '<recipient-country code="AA"/>'))
    other = (
        alone.replace("XM-TEST-1", "XM-TEST-9").replace("Agency of Alder", "Agency of Cedar").replace(">900<", ">100<")
    )
    found = book_of(tmp_path, alone, other).crowded(stage="commitment")
    assert found.select("member", "sector", "donors").rows() == [("AAA", "1:14031", 2), ("AAA", "1:12220", 2)]
    assert found["largest_share"].to_list() == pytest.approx([0.9, 0.9])
    assert found["names"].to_list() == [["XM-TEST-1", "XM-TEST-9"]] * 2


def test_an_empty_cell_says_what_it_does_not_know(tmp_path: Path) -> None:
    regional = changed(
        (PLACES, '<activity-scope code="3"/><recipient-country code="AA"/>'),
        ("Wells in two valleys.", "The office in Alder also covers Birch."),
    )
    quiet = changed(("XM-TEST-1-A", "XM-TEST-1-Q"), (PLACES, '<recipient-country code="BB"/>'), ("14031", "11110"))
    quiet = quiet[: quiet.index(" <transaction")] + "</iati-activity>"
    book = book_of(tmp_path, regional, quiet, changed(("XM-TEST-1-A", "XM-TEST-1-C"), (PLACES, ""), ("14031", "11110")))
    states = {(r["member"], r["sector"]): r["state"] for r in book.gaps(stage="commitment").iter_rows(named=True)}
    assert states == {
        ("AAA", "1:14031"): "recorded", ("AAA", "1:12220"): "recorded",
        ("BBB", "1:14031"): "split asked", ("BBB", "1:12220"): "no amount",
    }  # fmt: skip
    (asked,) = book.questions().iter_rows(named=True)
    assert (asked["covers"], asked["sentence"]) == ("AAA BBB", "The office in Alder also covers Birch.")


@pytest.mark.parametrize("code", ["6", " 6 ", "6.1"])
def test_an_activity_without_money_is_known_by_its_goal(tmp_path: Path, code: str) -> None:
    quiet = changed(("XM-TEST-1-A", "XM-TEST-1-Q"), (PLACES, '<recipient-country code="BB"/>'))
    quiet = quiet[: quiet.index(" <transaction")] + "</iati-activity>"
    quiet = quiet.replace('<tag vocabulary="2" code="6"/>', f'<tag vocabulary="{2 + ("." in code)}" code="{code}"/>')
    assert f'code="{code}"' in quiet
    book = book_of(tmp_path, changed((PLACES, '<recipient-country code="AA"/>')), quiet)
    states = {(r["member"], r["goal"]): r["state"] for r in book.gaps(by="goal", stage="commitment").to_dicts()}
    assert (states["AAA", "6"], states["BBB", "6"], states["BBB", "7"]) == ("recorded", "no amount", "no record")


def test_a_split_is_decided_by_a_person_and_kept(tmp_path: Path) -> None:
    book = book_of(tmp_path, changed((PLACES, '<activity-scope code="3"/><recipient-country code="AA"/>')))
    with pytest.raises(InputError, match="sum to 90, not to 100"):
        book.split("XM-TEST-1-A", {"AAA": 90}, by="A. Analyst")
    with pytest.raises(InputError, match="AAA=-10 is no share"):
        book.split("XM-TEST-1-A", {"AAA": -10, "BBB": 110}, by="A. Analyst")
    with pytest.raises(UnknownName, match="XXX"):
        book.split("XM-TEST-1-A", {"XXX": 100}, by="A. Analyst")
    with pytest.raises(InputError, match="name of who takes it"):
        book.split("XM-TEST-1-A", {"AAA": 100}, by=" ")
    book.split("XM-TEST-1-A", {"AAA": 75, "BBB": 25}, by="A. Analyst", reason="office's own figures")
    assert committed(book, "member") == {"AAA": 675, "BBB": 225}
    assert book.questions().is_empty()
    book.split("XM-TEST-1-A", {"AAA": 50, "BBB": 50}, by="B. Analyst")
    assert committed(book, "member") == {"AAA": 450, "BBB": 450}
    assert book.decisions.table()["by"].to_list() == ["A. Analyst", "B. Analyst"]


def test_aid_is_a_flow_table(tmp_path: Path) -> None:
    flow = book_of(tmp_path, changed(*OURS)).aid()
    assert flow.columns == [
        "kind", "origin", "destination", "period", "value", "unit", "provider", "nature", "reported_by", "note",
    ]  # fmt: skip
    commitments = flow.filter(pl.col("note") == "commitment").select("origin", "destination", "period", "value").rows()
    assert commitments == [("XM-TEST-1", "AAA", 2022, 540.0), ("XM-TEST-1", "BBB", 2022, 360.0)]


def test_money_that_came_in_is_no_aid_a_second_time_when_it_is_committed_on(tmp_path: Path) -> None:
    came = '<transaction ref="T0"><transaction-type code="11"/><transaction-date iso-date="2022-02-01"/>'
    came += '<value value-date="2022-02-01">950</value><provider-org><narrative>Birch</narrative></provider-org>'
    one = changed(
        (PLACES, '<recipient-country code="AA"/>'),
        (' <transaction ref="T1">', f'{came}</transaction> <transaction ref="T1">'),
    )
    book = book_of(tmp_path, one)
    assert book.overlap(by=("member",)).select("usd", "stage").rows() == [(pytest.approx(950.0), "committed")]
    flow = book.aid()
    assert flow.filter(pl.col("note").str.contains("commitment")).select("origin", "value", "note").rows() == [
        ("BBB", 950.0, "incoming commitment")
    ]


def test_a_stage_or_dimension_that_does_not_exist_is_named(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    with pytest.raises(UnknownName, match="unknown stage 'promise'"):
        book.overlap(stage="promise")
    with pytest.raises(InputError, match="cannot sum by 'colour'"):
        book.overlap(by=("colour",))
    with pytest.raises(InputError, match="cannot compare members by 'member'"):
        book.gaps(by="member")


def test_goals_that_nobody_funds_are_gaps_and_not_missing(tmp_path: Path) -> None:
    rows = book_of(tmp_path, changed(*OURS)).gaps(by="goal", stage="commitment").filter(member="AAA")
    assert rows["goal"].to_list() == list(overlap.GOALS)
    assert rows.filter(state="recorded")["goal"].to_list() == ["6"]
    assert rows.filter(goal="7")["state"].to_list() == ["no record"]

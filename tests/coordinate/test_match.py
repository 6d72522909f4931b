"""One payment in two reports is proposed with evidence, decided by a person, and counted once."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from iati_files import changed, write
from ledgers import ledger

from serai.coordinate import Ledger, match
from serai.coordinate.iati.check import check
from serai.errors import InputError, SourceError, UnknownName
from serai.region import load_pack

PLACES = '<recipient-country code="KG" percentage="60"/>\n <recipient-country code="TJ" percentage="40"/>'
HERE = (PLACES, '<recipient-country code="AA"/>')
RECEIVER = (
    "</provider-org>",
    '</provider-org><receiver-org ref="XM-TEST-5"><narrative>Agency Five</narrative></receiver-org>',
)
NUMBERED = ('ref="T1"', 'ref="T-0001"')
REPORTER = ("Agency of Alder", "Agency Five")
GOT = [HERE, REPORTER, ("XM-TEST-1-A", "XM-TEST-5-A"), ('ref="XM-TEST-1"', 'ref="XM-TEST-5"'),
       ('<transaction-type code="2"/>', '<transaction-type code="11"/>'),
       ('ref="XM-TEST-2"><narrative>Donor<', 'ref="XM-TEST-1"><narrative>Agency of Alder<')]  # fmt: skip


def both(root: Path, *more: tuple[str, str]) -> Ledger:
    """The donor XM-TEST-1 reports a payment of 900 to XM-TEST-5, which reports it too."""
    book = ledger(root)
    gave, got = changed(HERE, RECEIVER, NUMBERED), changed(*GOT, NUMBERED, *more)
    files = [write(root / "gave.xml", gave), write(root / "got.xml", got)]
    assert book.import_files(files).rejects == ()
    return book


def test_a_payment_in_two_reports_is_proposed_with_its_evidence(tmp_path: Path) -> None:
    (one,) = both(tmp_path).matches().iter_rows(named=True)
    assert (one["left_activity"], one["right_activity"], one["state"]) == ("XM-TEST-1-A", "XM-TEST-5-A", "proposed")
    assert one["score"] > 0.99
    for spoken in ("reference same +4", "money exact +4", "donor same", "receiver alike", "day week"):
        assert spoken in one["evidence"]


@pytest.mark.parametrize(
    "change", [[(">900<", ">9000<"), ("T-0001", "T-7777")], [("Agency Five", "Hospital of Elm"), ("T-0001", "T-7777")]]
)
def test_payments_that_differ_are_not_proposed(change: list[tuple[str, str]], tmp_path: Path) -> None:
    assert both(tmp_path, *change).matches().is_empty()


def test_references_that_contradict_a_match_are_shown(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    gave = changed(HERE, RECEIVER, ('ref="T1"', 'ref="D0030"'))
    got = changed(*GOT, ('ref="T1"', 'ref="D0200"'))
    book.import_files([write(tmp_path / "gave.xml", gave), write(tmp_path / "got.xml", got)])
    (one,) = book.matches().iter_rows(named=True)
    assert one["conflict"] == "D0030 / D0200"
    assert 0.5 < one["score"] < 0.99


def test_a_decision_is_kept_with_name_and_date_and_changes_what_is_counted(tmp_path: Path) -> None:
    book = both(tmp_path)
    total = book.cells()["usd_once"].sum()
    number = book.matches()["match"][0]
    with pytest.raises(InputError, match="name of who takes it"):
        book.accept(number, by="")
    with pytest.raises(UnknownName, match="unknown match"):
        book.accept("0000000000", by="A. Analyst")
    made = book.accept(number, by="A. Analyst", reason="same contract")
    assert (made.by, made.reason) == ("A. Analyst", "same contract")
    assert made.at.startswith("20")
    assert book.matches().select("state", "by").rows() == [("accepted", "A. Analyst")]
    assert book.cells()["usd_once"].sum() == pytest.approx(total - 900)
    book.reject(number, by="B. Analyst")
    assert book.matches().select("state", "by").rows() == [("rejected", "B. Analyst")]
    assert book.cells()["usd_once"].sum() == pytest.approx(total)
    assert book.decisions.table()["kind"].to_list() == ["accept", "reject"]


def test_years_and_short_numbers_are_no_references() -> None:
    assert match.references("D0030/FS # 3, FY 2020", "P008926001") == {"D0030", "P008926001"}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return Ledger(load_pack("central_asia"), tmp_path_factory.mktemp("book"))


@pytest.mark.published
def test_published_reports_of_one_year_are_matched(book: Ledger) -> None:
    """What donors reported to FTS for UNHCR in Afghanistan in 2020, and what UNHCR reported."""
    found = book.match_test()
    assert (found["gives"], found["gets"], found["shared"]) == (24, 22, 19)
    assert (found["proposals"], found["agree"]) == (20, 18)
    # The nineteenth is the conflict: by amount and day D0200 is what the donor calls D0030, and both are shown.
    assert ["D0030/FS # 3,  FY 2020", "D0200"] in found["conflicts"]


@pytest.mark.published
def test_without_references_most_are_still_found(book: Ledger) -> None:
    found = book.match_test()
    assert (found["hidden_proposals"], found["hidden_agree"]) == (19, 17)


def test_flows_of_the_pack_are_proposed_and_in_no_sum(book: Ledger) -> None:
    found = book.matches()
    assert found.filter(pl.col("left_activity").str.starts_with("FTS-")).height >= 20
    assert not set(found["left_activity"]) & set(book.activities["identifier"])
    conflict = found.filter(pl.col("conflict") == "D0030/FS # 3,  FY 2020 / D0200").to_dicts()[0]
    assert (conflict["state"], conflict["left_value"], conflict["right_value"]) == ("proposed", 17.4e6, 17.4e6)


def test_decisions_taken_on_a_page_are_kept_once_and_what_does_not_hold_is_named(book: Ledger, tmp_path: Path) -> None:
    one, other = book.matches()["match"][:2]
    table = tmp_path / "decisions.csv"
    rows = (
        f'"{one}","accept","A. Analyst","2026-11-20T10:00:00Z","said ""one"", twice"',
        f"{other},rejected,B. Banker,2026-11-21,",
        "0000000000,accept,A. Analyst,2026-11-20,",
        f"{one},perhaps,A. Analyst,2026-11-20,",
        f"{one},accept,,2026-11-20,",
        f"{one},accept,A. Analyst,yesterday,",
        f"{one},accept,A. Analyst,2999-01-01,",
    )
    table.write_text("\ufeffmatch,decision,by,at,reason\r\n" + "\r\n".join(rows) + "\r\n", encoding="utf-8")
    done = book.decide(table)
    assert (len(done.kept), done.known) == (2, 0)
    assert [fault.row for fault in done.faults] == [4, 5, 6, 7, 8]
    state = {row["match"]: row for row in book.matches().iter_rows(named=True)}
    assert [state[one][name] for name in ("state", "by", "at", "reason")] == [
        "accepted", "A. Analyst", "2026-11-20T10:00:00+00:00", 'said "one", twice',
    ]  # fmt: skip
    assert state[other]["state"] == "rejected"
    again = book.decide(table)
    assert (len(again.kept), again.known) == (0, 2)
    assert book.decisions.table().height == 2


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"match,decision\nx,accept\n", "missing columns: by, at"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b'match,decision,by,at\n"' + b"a" * 200_000 + b'",accept,A,2026-01-01\n', "no table of text"),
    ],
)
def test_a_table_of_decisions_that_cannot_be_read_keeps_nothing(
    content: bytes, problem: str, book: Ledger, tmp_path: Path
) -> None:
    before = book.decisions.table().height
    (tmp_path / "bad.csv").write_bytes(content)
    with pytest.raises(SourceError, match=problem):
        book.decide(tmp_path / "bad.csv")
    assert book.decisions.table().height == before


def test_flows_that_are_imported_stand_in_place_of_the_pack_and_keep_their_decisions(tmp_path: Path) -> None:
    ledger = Ledger(load_pack("central_asia"), tmp_path / "home")
    heads = "id,amountUSD,flowType,status,date,decisionDate,srcOrganization,destOrganization,destLocations,refCode"
    row = ledger.pack.table("aid_flows").filter(flow="207738").to_dicts()[0]
    line = f'207738,{row["value"]:.0f},Standard,paid,2020-03-19,2020-03-10,"{row["donor"]}",{row["receiver"]},AFG,D0097'
    file = tmp_path / "flows.csv"
    file.write_text(f"{heads},budgetYear\n{line},2020\n", encoding="utf-8")
    before = ledger.matches().filter(left_activity="FTS-207738")["match"].to_list()
    ledger.import_files([file])
    assert ledger.matches().filter(left_activity="FTS-207738")["match"].to_list() == before
    assert ledger.match_test()["gives"] == 24


def test_results_of_the_pack_are_read_and_leave_as_a_valid_file(book: Ledger, tmp_path: Path) -> None:
    rows = book.table("results")
    assert rows.height == 1106
    assert rows.filter(pl.col("actual") == "")["actual"].is_empty()  # none reported is no empty text
    one = rows.filter(pl.col("indicator").str.starts_with("# of best interests assessments conducted")).to_dicts()[0]
    assert (one["target"], one["actual"], one["baseline"]) == ("12", "3", None)
    book.export(tmp_path / "out.xml", identifiers=["XM-DAC-41121-2016-ASO-AFG"])
    assert list(check(tmp_path / "out.xml")) == []

"""Money is counted once, in its currency and with a rate that has a source."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from iati_files import ACTIVITY, changed, write
from ledgers import ledger

from serai.coordinate import Ledger
from serai.coordinate.money import Rates, read_rates
from serai.errors import SourceError
from serai.region import load_pack

RATES = pl.DataFrame(
    [("EUR", "2022", 1.1), ("EUR", "2022-06", 1.05), ("JPY", "2020-01", 0.009), ("JPY", "2020-03", 0.008)],
    schema=["currency", "period", "usd"],
    orient="row",
)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return Ledger(load_pack("central_asia"), tmp_path_factory.mktemp("ledger"))


def converted(*rows: tuple[float, str, date, float | None]) -> list[tuple[float | None, str]]:
    frame = pl.DataFrame(rows, schema=["value", "currency", "value_date", "usd"], orient="row")
    found = Rates(RATES, "test").convert(frame.with_columns(pl.col("usd").cast(pl.Float64)).lazy()).collect()
    return list(found.select("usd", "usd_basis").iter_rows())


def test_dollars_say_where_they_come_from() -> None:
    found = converted(
        (100, "EUR", date(2022, 6, 3), 107.0),
        (100, "USD", date(2022, 6, 3), None),
        (100, "EUR", date(2022, 6, 3), None),
        (100, "EUR", date(2022, 7, 3), None),
        (100, "EUR", date(2010, 7, 3), None),
        (1000, "JPY", date(2020, 7, 1), None),
        (100, "PLN", date(2022, 7, 3), None),
    )
    assert [basis for _, basis in found] == ["publisher", "same", "month", "year", "nearest", "year", ""]
    assert [usd for usd, _ in found] == pytest.approx([107.0, 100.0, 105.0, 110.0, 110.0, 8.5, None], abs=1e-9)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("currency,period\nEUR,2022\n", "missing columns: usd"),
        ("currency,period,usd\nEUR,2022,1.1\nEuro,2022,1\n", ":3: not a rate"),
        ("currency,period,usd\nEUR,22,1.1\n", ":2: not a rate"),
        ("currency,period,usd\nEUR,2022,dear\n", r"not a rate \[EUR 2022 dear\]"),
        ("currency,period,usd\n", "no rate in it"),
        ("currency,period,usd\nEUR,2022,-1\n", ":2: not a rate"),
        ("currency,period,usd\nEUR,2022,1\nEUR,2022,2\n", "two rates"),
    ],
)
def test_a_table_of_rates_that_does_not_hold_is_refused(content: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=problem):
        read_rates(path)


def test_rates_of_a_user_take_the_place_of_the_pack_s(tmp_path: Path) -> None:
    book, own = ledger(tmp_path), tmp_path / "own.csv"
    book.import_files([write(tmp_path / "a.xml")])
    assert book.transactions["usd"].to_list() == [900.0, 105.0]
    own.write_text("currency,period,usd,source\nEUR,2022,2,River Bank\n", encoding="utf-8")
    book.set_rates(own)
    assert book.rates.source == "given by a user: River Bank"
    assert book.transactions["usd"].to_list() == [900.0, 200.0]
    book.set_rates(None)
    assert book.transactions["usd_basis"].to_list() == ["same", "month"]


def test_an_amount_without_a_rate_is_in_no_sum_and_counted_apart(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    book.import_files([write(tmp_path / "a.xml", changed(('currency="EUR"', 'currency="PLN"')))])
    cells = book.cells().filter(pl.col("stage") == "disbursement")
    assert cells["usd"].sum() == 0
    assert cells["unconverted"].to_list() == [1] * cells.height


def test_commitments_are_counted_from_the_end_that_reports_them(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    places = '<recipient-country code="KG" percentage="60"/>\n <recipient-country code="TJ" percentage="40"/>'
    book.import_files([write(tmp_path / "a.xml", changed((places, '<recipient-country code="AA"/>')))])
    assert book.overlap(by=("member",))["usd"].to_list() == pytest.approx([900.0])


def test_budgets_are_in_no_sum_of_money(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    book.import_files([write(tmp_path / "a.xml")])
    assert set(book.cells()["stage"]) == {"commitment", "disbursement"}
    assert book.cells().filter(pl.col("stage") == "commitment")["usd"].sum() == pytest.approx(900)


@pytest.mark.published
def test_a_year_of_yen_is_not_a_year_of_dollars(shipped: Ledger) -> None:
    rows = shipped.transactions.filter(
        pl.col("identifier") == "XM-DAC-41121-2022-ASO-AFG", pl.col("stage") == "incoming commitment"
    )
    assert rows["value"].sum() / 1e6 == pytest.approx(1984.6, abs=0.05)  # yen added to dollars: what not to do
    assert rows["usd"].sum() / 1e6 == pytest.approx(164.2, abs=0.05)
    assert rows.filter(~pl.col("repeat"))["usd"].sum() / 1e6 == pytest.approx(157.5, abs=0.05)
    assert rows.filter(pl.col("repeat"))["ref"].to_list() == ["F0389"]
    (cell,) = shipped.overlap(by=("member", "year")).filter(member="AFG", year=2022).iter_rows(named=True)
    assert (cell["usd"] / 1e6, cell["usd_once"] / 1e6) == pytest.approx((164.2, 157.5), abs=0.05)


@pytest.mark.published
def test_forward_budgets_of_banks_are_plans(shipped: Ledger) -> None:
    plans = shipped.planned()
    bank = plans.filter(pl.col("reporter") == "XM-DAC-46004", pl.col("member") == "KGZ", pl.col("year") == 2021)
    assert bank["usd"].to_list() == [190e6]
    assert "XM-DAC-46004" not in set(shipped.transactions["reporter"])


@pytest.mark.published
def test_an_office_that_covers_three_countries_makes_no_neighbour_empty(shipped: Ledger) -> None:
    asked = {row["identifier"]: row["covers"] for row in shipped.questions().iter_rows(named=True)}
    assert asked["XM-DAC-41121-2024-ASO-KAZMCO"] == "KAZ TKM UZB"
    states = {(r["member"], r["year"]): r["state"] for r in shipped.gaps(by="year").iter_rows(named=True)}
    assert {states["TKM", year] for year in range(2020, 2026)} == {"split asked"}
    assert {states["UZB", year] for year in range(2020, 2026)} == {"split asked"}
    assert (states["KGZ", 2021], states["KGZ", 2022]) == ("recorded", "no record")
    assert (states["TJK", 2024], states["TJK", 2025]) == ("recorded", "no record")


def flows(path: Path, rows: str) -> Path:
    header = "id,amountUSD,fullParkedAmountUSD,flowType,status,date,originalAmount,originalCurrency,parentFlowId,"
    header += "boundary,srcOrganization,destOrganization,destLocations,refCode,description\n"
    path.write_text(header + rows, encoding="utf-8")
    return path


def test_a_parked_flow_and_its_parts_count_once(tmp_path: Path) -> None:
    rows = (
        "1,0,300,Parked,commitment,2022-03-01,0,EUR,,incoming,Birch,Agency,AAA,,all years\n"
        "2,110,,Standard,commitment,2022-06-01,100,EUR,1.0,incoming,Birch,Agency,AAA,R-1,first year\n"
        "3,50,,Standard,paid,2022-07-01,,,,incoming,Birch,Agency,AAA,R-2,another\n"
        "4,70,,Standard,paid,2022-07-01,,,,internal,Agency,Other,AAA,R-3,passed on\n"
    )
    book = ledger(tmp_path)
    receipt = book.import_files([flows(tmp_path / "flows.csv", rows)])
    assert [one.problem for one in receipt.rejects] == ["a flow that passes on money already counted"]
    assert book.transactions.select("value", "currency", "usd", "stage").rows() == [
        (100.0, "EUR", 110.0, "commitment"), (50.0, "USD", 50.0, "disbursement"),
    ]  # fmt: skip
    assert book.table("budgets")["value"].to_list() == [300.0]
    assert book.table("related")["ref"].to_list() == ["FTS-1"]


def test_files_of_two_kinds_stand_side_by_side(tmp_path: Path) -> None:
    flow = "2,110,,Standard,commitment,2022-06-01,100,EUR,1.0,incoming,Birch,Agency,AAA,R-1,first year\n"
    for name, files in (("one", (0, 1)), ("two", (1, 0))):
        (tmp_path / name).mkdir()
        book = ledger(tmp_path / name)
        both = [write(tmp_path / "a.xml"), flows(tmp_path / "flows.csv", flow)]
        assert book.import_files([both[at] for at in files]).taken == 2
        assert sorted(book.transactions["usd"].to_list()) == [105.0, 110.0, 900.0]


PUBLISHED_FLOWS = """\
265264 0 25053305 P commitment 2022-12-16 0 -
265464 0 8814206 P commitment 2022-12-20 0 -
265472 597015 - S commitment 2024-12-09 560000 265464
265632 0 6098081 P commitment 2022-12-21 0 -
265639 976759 - S commitment 2022-12-21 916200 265632
297751 0 4620562 P commitment 2023-12-27 0 -
297761 515068 - S commitment 2023-12-27 477468 297751
317497 3856077 - S commitment 2022-12-16 3617000 265264
329938 0 6500000 P commitment 2024-12-04 0 -
329940 0 8175105 P commitment 2024-12-04 0 -
329945 0 3322785 P commitment 2024-12-05 0 -
329952 0 4367089 P commitment 2024-12-04 0 -
329955 3955696 - S commitment 2024-12-04 3750000 329940
329958 1371308 - S commitment 2024-12-05 1300000 329945
329960 1964283 - S commitment 2024-12-04 1862140 329952
329961 3218354 - S commitment 2024-12-04 3051000 329938
330003 0 8069620 P commitment 2024-12-05 0 -
330004 2584763 - S commitment 2024-12-05 2450355 330003
330166 0 42468070 P commitment 2024-12-09 0 -
330187 274262 - S commitment 2024-12-09 260000 330162
333936 0 14240506 P commitment 2024-12-11 0 -
333942 474684 - S commitment 2024-12-11 450000 333936
339111 0 15881709 P commitment 2024-12-03 0 -
339302 1060445 - S paid 2024-11-27 1000000 -
330162 0 16350211 P commitment 2024-12-09 0 -
"""
"""Flows of one donor's multi-year promises: number, dollars, dollars parked, parked or standard, status, day, euros,
parent. Source: OCHA FTS (CC BY-IGO), as of March 2025."""


@pytest.mark.published
def test_parents_and_children_of_published_flows(tmp_path: Path) -> None:
    rows = ""
    for line in PUBLISHED_FLOWS.splitlines():
        number, usd, parked, kind, status, day, euros, parent = ("" if part == "-" else part for part in line.split())
        flow_type = {"P": "Parked", "S": "Standard"}[kind]
        rows += f"{number},{usd},{parked},{flow_type},{status},{day},{euros},EUR,{parent},incoming,Donor,Agency,AAA,,\n"
    book = ledger(tmp_path)
    assert book.import_files([flows(tmp_path / "flows.csv", rows)]).taken == 25
    assert book.transactions["usd"].sum() / 1e6 == pytest.approx(20.85, abs=0.005)
    parents = book.table("budgets")["value"].sum()
    children = book.transactions.filter(pl.col("record").is_in(book.table("related")["record"].implode()))["usd"].sum()
    assert (parents + children) / 1e6 == pytest.approx(183.7, abs=0.06)  # what not to do


def test_a_repeated_row_is_shown_both_ways(tmp_path: Path) -> None:
    row = ACTIVITY[ACTIVITY.index(' <transaction ref="T1">') : ACTIVITY.index(' <transaction ref="T2">')]
    book = ledger(tmp_path)
    book.import_files([write(tmp_path / "a.xml", changed((row, row + row)))])
    cells = book.cells().filter(pl.col("stage") == "commitment")
    assert (cells["usd"].sum(), cells["usd_once"].sum()) == pytest.approx((1800, 900))

"""The register of a pack: sound as shipped, and every way it can contradict itself is named."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from coordinate.register_pack import TABLES, add_register
from serai.coordinate.register import SPECS
from serai.region import check_pack, load_pack
from serai.region._check import _column_faults
from serai.region._check_coordinate import register_faults


def test_a_sound_register_has_no_faults(pack_dir: Path) -> None:
    add_register(pack_dir)
    assert check_pack(pack_dir) == []


@pytest.mark.parametrize(
    ("table", "old", "new", "problem"),
    [
        ("event_actors", "RS-1,AAA,host", "RS-1,ZZZ,host", "unknown actor in actor"),
        ("event_actors", "RS-1,AAA,host", "RS-1,AAA,organiser", "role is not an allowed value"),
        ("pledges", "union,AAA BBB", "union,AAA nobody", "unknown actor in beneficiaries"),
        ("body_members", "lake,AAA,,", "lake,AAA,bank,", "a member is either an area or a body"),
        ("body_members", "2000,2015-12-31", "2000,1999", "until comes before since"),
        ("events", "2016-05-01,2016-05-02", "2016-05-01,2016-04", "end comes before start"),
        ("events", "2018-06,,BBB", "2018-13,,BBB", "start is malformed"),
        ("events", "2016-05-01,2016-05-02", "2016-02-30,2016-05-02", "start is malformed"),
        ("documents", "https://gazette.example/1", "javascript:alert(1)", "url is malformed"),
        ("agreements", "superseded,,2016", "signed,,2016", "another agreement supersedes it"),
        ("agreements", "signed,2017,2018-06,,,", "signed,2017,2018-06,2019,,", "the status signed"),
        ("agreements", "2017,2018-06", "2019,2018-06", "not in the order"),
        ("pledges", "AAA,,6,EUR,P10", "AAA,,5,EUR,P10", "its parts come to 9 and are said to be all of it"),
        ("pledges", "AAA,,6,EUR,P10", "AAA,,6,USD,P10", "differ in currency"),
        ("pledges", "10,EUR,,true", "10,EUR,P10-A,true", "a pledge contains itself"),
        ("pledges", "4,EUR,,,P10,", "4,EUR,,,P11,", "overlap with no other pledge"),
        ("pledge_steps", "2018-06,1", "2017-06,1", "a step before the pledge was announced"),
        ("pledge_steps", "0.4,USD", "0.4,EUR", "a step in another currency than its pledge"),
        ("pledges", "1,USD,,,,to_members,2018", "1,dollars,,,,to_members,2018", "currency is malformed"),
        ("claims", "centrality,", "how central?,", "measured_by is malformed"),
        ("followups", "done,2019-04-01", "done,", "done without a date"),
        ("claim_sources", "C1,herald_1,contradicts", "C1,herald_1,denies", "stance is not an allowed value"),
        ("claim_sources", "C1,herald_1", "C1,nowhere_9", "unknown source"),
    ],
)  # fmt: skip
def test_each_contradiction_is_named(pack_dir: Path, table: str, old: str, new: str, problem: str) -> None:
    assert old in TABLES[table]
    add_register(pack_dir, **{table: TABLES[table].replace(old, new, 1)})
    assert problem in " | ".join(map(str, check_pack(pack_dir)))


def test_the_parts_of_the_twelve_billion_come_to_twelve() -> None:
    pledges = load_pack("central_asia").table("pledges")
    parts = pledges.filter((pl.col("contained_in") == "EU12") & (pl.col("standing") == "counted"))["amount"]
    assert sorted(parts / 1e9) == pytest.approx([0.1, 2.5, 3.0, 6.4])
    assert parts.sum() == pytest.approx(12e9)


def test_the_host_country_agreement_was_signed_by_two_and_witnessed_by_two_others() -> None:
    parties = load_pack("central_asia").table("agreement_parties").filter(pl.col("agreement") == "AG-CENTRE-HCA")
    by = {role: set(parties.filter(pl.col("role") == role)["by"]) for role in ("signatory", "witness")}
    assert not by["signatory"] & by["witness"]
    assert {len(names) for names in by.values()} == {2}


def test_every_remark_of_the_shipped_register_can_be_read_in_russian() -> None:
    pack = load_pack("central_asia")
    known = set(pack.table("phrases").filter(pl.col("language") == "ru")["text"])
    noted = [name for name in TABLES if "note" in pack.table(name).columns and name != "frameworks"]
    remarks = {text for name in [*noted, "tracks", "desk", "funding"] for text in pack.table(name)["note"]}
    remarks |= set(pack.table("agreement_parties")["by"])
    assert remarks - known == {""}


@pytest.mark.parametrize(
    ("period", "holds"),
    [("2024", True), ("2024-Q4", True), ("2023-24", True), ("2018-01..2018-12-15", True), ("", True),
     ("2024-Q5", False), ("1402", False), ("2024..", False), ("last year", False)],
)  # fmt: skip
def test_a_period_of_a_figure_is_a_date_two_dates_a_quarter_or_a_split_year(period: str, holds: bool) -> None:
    column = next(one for one in SPECS["desk"].columns if one.name == "period")
    raw = pl.DataFrame({"row": [2], "period": [period]})
    assert (list(_column_faults(SPECS["desk"], raw, column)) == []) is holds


def test_a_counterpart_of_a_figure_is_an_area_or_a_body() -> None:
    row = {"row": 2, "area": "AAA", "metric": "m", "period": "", "value": "1", "status": "published", "note": ""}
    known = {"desk": pl.DataFrame([{**row, "counterpart": "AAA Nowhere"}]), "areas": pl.DataFrame({"area": ["AAA"]})}
    (fault,) = register_faults(known)
    assert "unknown actor in counterpart [Nowhere]" in str(fault)

"""What is wrong with flows is named, all of it at once; what is missing stays missing."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from depend.flow_pack import ROWS, add_flows, kind, table
from serai.depend import FLOWS, Dependence, check_flows, committed
from serai.depend.flows import with_missing, with_parts_added, with_sums
from serai.errors import InputError, SourceError, UnknownName
from serai.region import check_pack, load_pack

KINDS = {"trade": kind()}
AREAS = ("AAA", "BBB", "CCC")


def row(**changes: object) -> tuple[object, ...]:
    whole = dict(zip(FLOWS, ("trade", "AAA", "BBB", 2020, 1.0, "USD", "p", "C", "", ""), strict=True))
    return tuple({**whole, **changes}.values())


@pytest.fixture
def pack(pack_dir: Path) -> Path:
    return add_flows(pack_dir)


def test_a_sound_pack_has_no_faults(pack: Path) -> None:
    assert check_pack(pack) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"destination": "AAA"}, "a flow to oneself [trade AAA-AAA]"),
        ({"origin": "ZZZ"}, "origin is no country [ZZZ]"),
        ({"value": -3.0}, "a flow below zero [-3.0]"),
        ({"value": float("inf")}, "not a finite number"),
        ({"unit": "EUR"}, "two units in one kind [trade EUR]"),
        ({"kind": "sand"}, "unknown kind of flow [sand]"),
        ({"destination": "M49:1", "value": None}, "a total without a value"),
    ],
)
def test_each_fault_of_a_flow_is_named(changes: dict[str, object], said: str) -> None:
    with pytest.raises(SourceError) as error:
        check_flows(
            table([row(), row(destination="CCC"), row(**{"destination": "CCC", "note": "n", **changes})]), KINDS, AREAS
        )
    assert said in str(error.value)
    assert ":3:" in str(error.value)


def test_all_faults_come_at_once() -> None:
    with pytest.raises(SourceError) as error:
        check_flows(table([row(destination="AAA"), row(value=-1.0), row(), row()]), KINDS, AREAS)
    assert all(part in str(error.value) for part in ("oneself", "below zero", "appears twice"))


def test_a_faulty_pack_says_file_row_and_value(pack: Path) -> None:
    file = pack / "depend/flows.csv"
    file.write_text(
        file.read_text(encoding="utf-8").replace("AAA,BBB,2020,60.0", "AAA,AAA,2020,-60.0"), encoding="utf-8"
    )
    found = [fault for fault in check_pack(pack) if fault.file == "depend/flows.csv"]
    assert {fault.problem for fault in found} == {"a flow to oneself", "a flow below zero"}
    assert {fault.row for fault in found} == {2}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "money"', 'kind = "gold"', "names an unknown kind"),
        ('origins = ["CCC"]', 'origins = ["XYZ"]', "names an unknown area"),
        ("low = 0.5", "low = 0.9", "low, value and high must be in this order"),
        ("high = 0.5,", "high = 1.5,", "fall is a share"),
    ],
)
def test_a_scenario_that_names_what_does_not_exist_is_refused(pack: Path, old: str, new: str, said: str) -> None:
    file = pack / "depend/scenarios.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert said in " | ".join(map(str, check_pack(pack)))


def test_expected_pairs_without_a_row_are_missing_and_not_zero() -> None:
    given = table([row(), row(origin="BBB", destination="CCC")])
    added = with_missing(given, [kind(expected="members")], AREAS)
    assert added["value"].null_count() == 4
    assert added.filter(added["value"] == 0).is_empty()


def test_parts_add_up_and_are_missing_only_together() -> None:
    kinds = [kind("a"), kind("b"), kind("whole", parts=("a", "b"))]
    rows = [row(kind="a", value=1.0), row(kind="b", value=2.0), row(kind="a", origin="CCC", value=None)]
    found = with_sums(table(rows), kinds).filter(kind="whole")
    assert dict(found.select("origin", "value").iter_rows()) == {"AAA": 3.0, "CCC": None}


def test_exposure_gives_shares_of_the_latest_year(pack: Path) -> None:
    found = Dependence(load_pack(pack)).exposure("trade", side="in").filter(area="AAA")
    assert found.select("partner", "low", "high").rows() == [
        ("CCC", pytest.approx(60 / 80), pytest.approx(100 / 120)),
        ("BBB", pytest.approx(20 / 120), pytest.approx(20 / 80)),
    ]


def test_no_bloc_passes_the_threshold_unnoticed(pack: Path) -> None:
    found = Dependence(load_pack(pack)).balance("trade").filter(area="AAA", side="out")
    assert found.select("bloc", "share", "status").rows() == [("south", 1.0, "above")]
    lone = Dependence(load_pack(pack)).balance("trade", threshold=0.7).filter(area="BBB", side="in")
    assert lone.select("bloc", "status").rows() == [("AAA", "above")]


def test_a_fragment_is_held_against_no_threshold(pack: Path) -> None:
    file = pack / "depend/kinds.toml"
    text = file.read_text(encoding="utf-8").replace('id = "money"', 'id = "money"\npartial = { en = "x", ru = "х" }')
    file.write_text(text, encoding="utf-8")
    found = Dependence(load_pack(pack)).balance()
    assert set(found.filter(kind="money")["status"]) == {"partial"}
    assert "partial" not in set(found.filter(kind="trade")["status"])


def test_unknown_names_and_packs_without_flows_are_refused(pack: Path, tmp_path: Path) -> None:
    found = Dependence(load_pack(pack))
    with pytest.raises(UnknownName, match="unknown kind of flow 'gold'"):
        found.exposure("gold")
    with pytest.raises(UnknownName, match="unknown area 'XXX'"):
        found.indices(areas="XXX")
    (pack / "depend/kinds.toml").unlink()
    with pytest.raises(InputError, match="no kinds of flows"):
        Dependence(load_pack(pack))


def test_a_room_that_hands_in_faulty_flows_is_told_so(pack: Path) -> None:
    bad = table([(*ROWS[0][:4], -1.0, *ROWS[0][5:])])
    with pytest.raises(SourceError, match="flow table 1:1: a flow below zero"):
        Dependence(load_pack(pack), more=[lambda: bad]).flows  # noqa: B018


def test_parts_of_one_provider_add_up_where_the_kind_says_so() -> None:
    rows = [row(note="exports"), row(value=2.0, note="imports"), row(provider="q", value=9.0)]
    found = with_parts_added(table(rows), [kind(adds=True)])
    assert dict(found.select("provider", "value").iter_rows()) == {"p": 3.0, "q": 9.0}


def test_aid_is_what_was_committed_and_donors_that_are_no_country_are_in_the_total() -> None:
    areas = pl.DataFrame({"area": ["AAA", "BBB"], "kind": ["country", "country"]})
    changes = [
        {"note": "commitment", "value": 5.0}, {"note": "incoming commitment", "value": 2.0},
        {"note": "expenditure", "value": 99.0}, {"origin": "XM-1", "note": "commitment", "value": 3.0},
        {"period": 2021, "note": "commitment", "value": -1.0},
    ]  # fmt: skip
    found = committed(table([row(**change) for change in changes]), areas)
    assert found.select("origin", "period", "value").rows() == [("AAA", 2020, 7.0), ("M49:1", 2020, 10.0)]


def test_kinds_a_pack_does_not_speak_of_are_left_out(pack: Path) -> None:
    other = table([row(kind="sand", unit="t")])
    assert "sand" not in set(Dependence(load_pack(pack), more=[lambda: other]).flows["kind"])

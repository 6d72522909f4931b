"""The shipped region: traps of its figures, against what was published."""

from __future__ import annotations

import polars as pl
import pytest

from serai.depend import Dependence
from serai.region import load_pack


@pytest.fixture(scope="module")
def depend() -> Dependence:
    return Dependence(load_pack("central_asia"))


@pytest.mark.published
def test_kyrgyz_trade_with_china_stands_at_both_figures_and_its_index_is_a_range(depend: Dependence) -> None:
    found = depend.partners("turnover", areas="KGZ").filter(partner="CHN", period=2024).row(0, named=True)
    assert (found["low"], found["high"]) == (5.1e9, 22.71e9)
    assert 0.3 < found["share_low"] < 0.45
    assert 0.65 < found["share_high"] < 0.8
    own = depend.indices("turnover", areas="KGZ").row(0, named=True)
    assert own["hhi_high"] - own["hhi_low"] > 0.2


@pytest.mark.published
def test_nine_of_thirty_pairs_of_members_are_missing_in_2015(depend: Dependence) -> None:
    inside = depend.pairs.filter(
        (pl.col("kind") == "trade") & (pl.col("period") == 2015)
        & pl.col("origin").is_in(depend.members) & pl.col("destination").is_in(depend.members)
    )  # fmt: skip
    assert inside.height == 30
    missing = set(inside.filter("missing").select("origin", "destination").iter_rows())
    assert missing == {
        ("UZB", "AFG"), ("UZB", "TJK"), ("UZB", "TKM"), ("TKM", "UZB"), ("TJK", "AFG"), ("TJK", "TKM"),
        ("AFG", "TJK"), ("AFG", "TKM"), ("AFG", "UZB"),
    }  # fmt: skip


@pytest.mark.published
def test_world_rows_do_not_double_remittances(depend: Dependence) -> None:
    totals = dict(depend.indices("remittances", side="in").select("area", "total").iter_rows())
    published = {"KGZ": 2486.318611, "TJK": 2219.703247, "UZB": 2838.687692, "AFG": 409.531662, "KAZ": 355.0}
    assert {area: round(totals[area] / 1e6) for area in published} == {a: round(v) for a, v in published.items()}
    assert depend.exposure("remittances").filter(area="UZB")["partner"].to_list() == ["RUS"]


@pytest.mark.published
def test_displacement_reaches_2025_for_all_six(depend: Dependence) -> None:
    found = depend.coverage().filter(kind="displacement")
    assert found["present"].all()
    assert set(found["last"]) == {2025}
    hosts = depend.partners("displacement", areas="AFG", side="out").filter(period=2025)
    assert hosts["partner"].to_list()[:2] == ["IRN", "PAK"]


def test_every_member_absent_from_a_kind_has_a_reason(depend: Dependence) -> None:
    absent = depend.coverage().filter(~pl.col("present"))
    assert (absent["reason"].str.len_chars() > 0).all()
    assert (absent["reason_ru"].str.len_chars() > 0).all()


def test_afghan_withdrawals_are_missing_and_not_zero(depend: Dependence) -> None:
    rows = depend.flows.filter((pl.col("kind") == "water_amu") & (pl.col("destination") == "AFG"))
    assert rows.height > 0
    assert rows["value"].null_count() == rows.height


def test_the_energy_model_contradicts_itself_and_that_is_said(depend: Dependence) -> None:
    latest = depend.indices("power", side="in").filter(pl.col("period") == 2015)
    assert set(latest.filter("excess")["area"]) == {"KAZ", "KGZ"}


def test_water_adds_up_to_the_limits(depend: Dependence) -> None:
    totals = dict(depend.indices("water_amu", side="in").select("area", "total").iter_rows())
    assert {area: totals[area] for area in ("TJK", "TKM", "UZB")} == {
        "TJK": pytest.approx(9.8, rel=1e-3), "TKM": pytest.approx(22, rel=1e-3), "UZB": pytest.approx(22, rel=1e-3),
    }  # fmt: skip

"""Appraisal: the rule of half by hand, who gains and who pays, present values, ranges."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import serai
from corridor.network_pack import TABLES, add_network
from serai.corridor import Corridors
from serai.region import load_pack

MEMBERS = ("KAZ", "KGZ", "TJK", "TKM", "UZB", "AFG")


@pytest.fixture
def pack(pack_dir: Path) -> Path:
    add_network(pack_dir)
    return pack_dir


@pytest.fixture
def corridors(pack: Path) -> Corridors:
    return Corridors(load_pack(pack))


def row_of(frame: pl.DataFrame, area: str = "all") -> dict[str, float]:
    (row,) = frame.filter(pl.col("area") == area).to_dicts()
    return row


def test_the_gain_is_that_of_the_rule_of_half_by_hand(corridors: Corridors) -> None:
    demand = corridors.freight.demand
    before = corridors.assign()
    # The chord is open by hand: the same network with its link open.
    net = corridors.net
    net.edges[:] = [
        edge if edge.status != "planned" else type(edge)(**{**_fields(edge), "status": "open"}) for edge in net.edges
    ]
    built = Corridors(corridors.pack)
    built.net = net  # type: ignore[misc]
    freight, wanted = built.freight, demand.value
    old = before.solution.pairs[:, 1] / before.solution.pairs[:, 0]
    for _ in range(2):
        after = freight.solved(freight.base_costs, wanted).pairs
        new = after[:, 1] / after[:, 0]
        wanted = demand.value * (new / old) ** -0.8
    expected = 0.5 * (before.solution.pairs[:, 0] + after[:, 0]) * (old - new)
    fresh = Corridors(corridors.pack).appraise("chord", draws=0)
    assert row_of(fresh)["benefit_usd"] == pytest.approx(expected.sum() * 1e6, rel=1e-5)
    assert row_of(fresh)["new_tonnes"] == pytest.approx((after[:, 0] - demand.value).sum() * 1e6, rel=1e-4)


def _fields(edge: object) -> dict[str, object]:
    return {name: getattr(edge, name) for name in edge.__slots__}  # type: ignore[attr-defined]


def test_a_shorter_line_is_a_gain_and_its_value_that_of_thirty_years(corridors: Corridors) -> None:
    row = row_of(corridors.appraise("chord", draws=0))
    annuity = sum((1.02 / 1.05) ** year for year in range(1, 31))
    assert row["benefit_usd"] > 0
    assert row["present_value_usd"] == pytest.approx(row["benefit_usd"] * annuity)
    assert row["cost_usd"] == 400e6
    assert row["npv_usd"] == pytest.approx(row["present_value_usd"] - 400e6)
    assert row["benefit_cost"] == pytest.approx(row["present_value_usd"] / 400e6)


def test_half_of_a_gain_is_of_each_end_and_costs_fall_where_they_are_said_to(corridors: Corridors) -> None:
    table = corridors.appraise("chord", draws=0)
    gains = {area: row_of(table, area)["benefit_usd"] for area in ("AAA", "BBB", "all")}
    assert gains["AAA"] + gains["BBB"] == pytest.approx(gains["all"])
    assert row_of(table, "AAA")["cost_usd"] == 300e6
    assert row_of(table, "BBB")["cost_usd"] is None
    assert row_of(table, "")["cost_usd"] == 100e6
    assert row_of(table, "")["benefit_usd"] == 0


def test_without_a_cost_there_is_only_what_it_may_cost(corridors: Corridors) -> None:
    row = row_of(corridors.appraise("wider", draws=0))
    assert row["npv_usd"] is None
    assert row["benefit_cost"] is None
    assert row["present_value_usd"] > 0


@pytest.mark.parametrize("project", ["wider", "chord", "faster", "deeper", "rails"])
def test_what_makes_things_better_costs_nobody_more(corridors: Corridors, project: str) -> None:
    table = corridors.appraise(project, draws=8)
    assert row_of(table)["benefit_usd"] >= 0
    for name in ("benefit_usd", "co2_t", "new_tonnes", "present_value_usd", "cost_usd", "npv_usd", "benefit_cost"):
        held = table.drop_nulls(name)
        assert (held[f"{name}_low"] <= held[name]).all()
        assert (held[name] <= held[f"{name}_high"]).all()
    assert set(table["nature"]) == {"M"}


def test_an_open_line_is_set_against_what_was_before_it(pack: Path) -> None:
    gain = row_of(Corridors(load_pack(pack)).appraise("rails", draws=0))["benefit_usd"]
    path = pack / "corridor/project_effects.csv"
    text = path.read_text(encoding="utf-8")
    assert "1520,,10,25,25,25" in text
    path.write_text(text.replace("1520,,10,25,25,25", "1520,,25,25,25,25"), encoding="utf-8")
    assert gain > 0
    assert row_of(Corridors(load_pack(pack)).appraise("rails", draws=0))["benefit_usd"] == pytest.approx(0, abs=1e-3)


def test_draws_do_not_move_the_value(corridors: Corridors) -> None:
    few, many = (row_of(corridors.appraise("faster", draws=draws)) for draws in (0, 20))
    assert few["benefit_usd"] == pytest.approx(many["benefit_usd"])
    assert many["benefit_usd_low"] < many["benefit_usd"] < many["benefit_usd_high"]


def test_every_project_of_the_shipped_pack_is_appraised_for_every_member() -> None:
    corridors = Corridors(load_pack("central_asia"))
    table = corridors.appraise(draws=2)
    assert table.equals(corridors.appraise(draws=2, jobs=2))
    assert set(table["project"]) == {
        "btk_5mt", "dostyk_moyynty", "caspian_dredging", "cku", "trans_afghan", "borders_halved",
    }  # fmt: skip
    faster = table.filter(pl.col("project") == "borders_halved")
    assert set(MEMBERS) <= set(faster.filter(pl.col("benefit_usd") > 0)["area"])
    everyone = table.filter(pl.col("area") == "all")
    assert (everyone["benefit_usd"] >= -1).all()
    by_area = table.filter(pl.col("area") != "all").group_by("project").agg(pl.col("benefit_usd").sum())
    for project, total in by_area.iter_rows():
        whole = everyone.filter(pl.col("project") == project)["benefit_usd"][0]
        assert total == pytest.approx(whole, rel=1e-6, abs=50.0)
    costs = dict(everyone.select("project", "cost_usd").iter_rows())
    assert costs["cku"] == pytest.approx(8.0e9)
    assert costs["borders_halved"] is None


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda c: c.appraise("moon"), "unknown project"),
        (lambda c: c.appraise("chord", draws=-1), "draws is -1"),
    ],
)
def test_what_cannot_be_appraised_is_named(
    corridors: Corridors, call: Callable[[Corridors], object], problem: str
) -> None:
    with pytest.raises(serai.InputError, match=problem):
        call(corridors)


def test_a_pack_without_projects_says_so(pack: Path) -> None:
    for name in ("projects", "project_effects", "project_costs"):
        assert name in TABLES
        (pack / f"corridor/{name}.csv").unlink()
    with pytest.raises(serai.InputError, match="there are no projects"):
        Corridors(load_pack(pack)).appraise()


def test_draws_of_one_uncertainty_move_all_its_parts_together() -> None:
    corridors = Corridors(load_pack("central_asia"))
    from serai.corridor.projects import projects

    amounts = projects(corridors.pack, corridors.freight)["dostyk_moyynty"].amounts(10)
    assert np.array_equal(amounts[:, 0], amounts[:, 1])
    assert np.array_equal(amounts[:, 2], amounts[:, 3])

"""When something gives way: by hand, and what must hold whatever the flows."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depend.flow_pack import add_flows, kind, table
from serai.depend import Dependence
from serai.depend.book import Book, open_book
from serai.depend.flows import pairs
from serai.depend.indices import indices
from serai.depend.propagation import Coupling, central, drawn, propagate
from serai.depend.scenarios import run
from serai.errors import InputError, UnknownName
from serai.region import load_pack
from serai.region.flow_kinds import DependScenario

KINDS = {
    "money": kind("money", complete=True),
    "trade": kind("trade", complete=True, substitution={"low": 0.1, "value": 0.3, "high": 0.6, "reason": {"en": "r"}}),
}
COUPLINGS = [
    Coupling("spend", ("money", "in"), ("trade", "in"), False, (0.2, 0.4, 0.6)),
    Coupling("earn", ("trade", "out"), ("trade", "in"), False, (0.1, 0.2, 0.3)),
]
PLACES = ("A", "B", "C")


def scenario(fall: float | tuple[float, float, float], what: str = "money", **more: object) -> DependScenario:
    low, value, high = (fall, fall, fall) if isinstance(fall, float) else fall
    change = {"kind": what, "fall": {"low": low, "value": value, "high": high, "reason": {"en": "r"}}, **more}
    words = {"en": "x"}
    return DependScenario.model_validate(
        {"id": "s", "title": words, "reason": {"en": "r"}, "source": {"en": "s"}, "change": [change]}
    )


def book(rows: list[tuple[str, str, str, float]], members: tuple[str, ...] = PLACES) -> Book:
    flows = table([(k, o, d, 2020, v, "USD", "p", "C", "", "") for k, o, d, v in rows])
    return open_book(pairs(flows, KINDS), indices(flows, KINDS).areas, KINDS, members)


def total(found: pl.DataFrame, what: str, side: str, area: str) -> float:
    rows = found.filter(kind=what, side=side, area=area)
    return float(rows["total"].sum())


def test_losses_by_hand(pack_dir: Path) -> None:
    found = Dependence(load_pack(add_flows(pack_dir))).propagate("less_money", draws=0).accounts
    # Money from CCC to AAA 50, to BBB 10: half is lost; of each unit .4 is lost to imports.
    assert total(found, "money", "in", "AAA") == 25.0
    assert total(found, "money", "out", "CCC") == 30.0
    # AAA imports 20 from BBB and 80 from CCC (the middle of 60 and 100): BBB bears a fifth of what AAA no longer buys.
    first = {"AAA": 0.4 * 25, "BBB": 0.4 * 5}
    # BBB buys from AAA alone. u_A = .4 x 25 + .2 u_B, u_B = .4 x 5 + .2 (.2 u_A).
    u_b = (first["BBB"] + 0.04 * first["AAA"]) / (1 - 0.2 * 0.04)
    u_a = first["AAA"] + 0.2 * u_b
    assert total(found, "trade", "in", "AAA") == pytest.approx(u_a)
    assert total(found, "trade", "in", "BBB") == pytest.approx(u_b)
    assert total(found, "trade", "out", "CCC") == pytest.approx(0.8 * u_a)


def test_ranges_hold_the_values_and_widen_with_what_is_uncertain(pack_dir: Path) -> None:
    found = Dependence(load_pack(add_flows(pack_dir))).propagate("less_money", draws=400).accounts
    assert (found["total_low"] <= found["total"] + 1e-9).all()
    assert (found["total"] <= found["total_high"] + 1e-9).all()
    trade = found.filter(kind="trade", side="in", area="AAA").row(0, named=True)
    assert trade["total_high"] - trade["total_low"] > 1.0
    money = found.filter(kind="money", side="in", area="AAA").row(0, named=True)
    assert money["total_low"] == money["total_high"] == 25.0
    assert set(found["nature"]) == {"M"}


def test_cells_add_up_to_accounts(pack_dir: Path) -> None:
    result = Dependence(load_pack(add_flows(pack_dir))).propagate("less_money", draws=0)
    cells = result.cells
    own = cells.select("kind", "side", "area", "value")
    both_ends = cells.filter(pl.col("step").is_in(["flow", "made_good"]))
    far = both_ends.select("kind", pl.col("from_side").alias("side"), pl.col("from_area").alias("area"), "value")
    sums = pl.concat([own, far]).group_by("kind", "side", "area").agg(pl.col("value").sum())
    joined = result.accounts.join(sums, on=["kind", "side", "area"], how="full", coalesce=True)
    assert np.allclose(joined["total"].to_numpy(), joined["value"].to_numpy())
    assert (cells["assumption"].filter(cells["step"] != "partner") != "").all()


flows_between = st.dictionaries(
    st.sampled_from([(k, o, d) for k in KINDS for o, d in permutations((*PLACES, "X"), 2) if {o, d} & set(PLACES)]),
    st.floats(0.1, 1e4).map(lambda value: round(value, 2)), min_size=3, max_size=20,
)  # fmt: skip


def rows_of(drawn_flows: dict[tuple[str, str, str], float]) -> list[tuple[str, str, str, float]]:
    return [(*key, value) for key, value in sorted(drawn_flows.items())]


@given(flows_between)
@settings(max_examples=25, deadline=None)
def test_no_shock_no_effect(given_flows: dict[tuple[str, str, str], float]) -> None:
    opened = book(rows_of(given_flows))
    nothing = scenario(0.0, "trade")
    out = propagate(opened, COUPLINGS, nothing, drawn(opened, COUPLINGS, nothing, np.random.default_rng(1), 20))
    assert all(not np.any(values) for values in out.total.values())


@given(flows_between, st.sampled_from(["money", "trade"]))
@settings(max_examples=40, deadline=None)
def test_losses_add_up(given_flows: dict[tuple[str, str, str], float], what: str) -> None:
    opened = book(rows_of(given_flows))
    shock = scenario((0.1, 0.5, 0.9), what)
    out = propagate(opened, COUPLINGS, shock, drawn(opened, COUPLINGS, shock, np.random.default_rng(2), 20))
    for name in {key[0] for key in out.total}:
        inward, outward = (out.total[name, side].sum(axis=0) for side in ("in", "out"))
        assert np.allclose(inward, outward)


@given(flows_between, st.permutations(PLACES))
@settings(max_examples=30, deadline=None)
def test_the_order_of_countries_is_irrelevant(given_flows: dict[tuple[str, str, str], float], order: list[str]) -> None:
    rows = rows_of(given_flows)
    if not any(row[0] == "money" for row in rows):
        return
    results = [
        run(book(rows, members), COUPLINGS, scenario(0.5), draws=0, seed=1, reasons={}).accounts.sort(
            "kind", "side", "area"
        )
        for members in (PLACES, tuple(order))
    ]
    assert results[0].select("kind", "side", "area").equals(results[1].select("kind", "side", "area"))
    assert np.allclose(results[0]["total"].to_numpy(), results[1]["total"].to_numpy())


@given(flows_between)
@settings(max_examples=30, deadline=None)
def test_a_country_without_links_is_untouched(given_flows: dict[tuple[str, str, str], float]) -> None:
    rows = [row for row in rows_of(given_flows) if "C" not in row[1:3]]
    if not any(row[0] == "money" for row in rows):
        return
    found = run(book(rows), COUPLINGS, scenario((0.2, 0.5, 0.8)), draws=50, seed=1, reasons={})
    assert "C" not in set(found.accounts["area"])


def test_a_second_scale_of_everything_scales_the_losses() -> None:
    rows = [("money", "X", "A", 5.0), ("trade", "B", "A", 8.0), ("trade", "A", "B", 3.0)]
    one = run(book(rows), COUPLINGS, scenario(0.5), draws=0, seed=1, reasons={}).accounts
    ten = run(book([(*row[:3], 10 * row[3]) for row in rows]), COUPLINGS, scenario(0.5), draws=0, seed=1, reasons={})
    assert np.allclose(ten.accounts["total"].to_numpy(), 10 * one["total"].to_numpy())


def test_what_others_make_good_is_their_gain() -> None:
    rows = [("trade", "AAA", "B", 60.0), ("trade", "C", "B", 30.0), ("trade", "X", "B", 10.0)]
    opened = book(rows, ("AAA", "B", "C"))
    accounts = run(opened, [], scenario(1.0, "trade", origins=["AAA"]), draws=0, seed=1, reasons={}).accounts
    assert total(accounts, "trade", "in", "B") == pytest.approx(60 * 0.7)
    assert total(accounts, "trade", "out", "C") == pytest.approx(-60 * 0.3 * 0.75)
    assert total(accounts, "trade", "out", "X") == pytest.approx(-60 * 0.3 * 0.25)


def test_losses_that_do_not_die_out_are_refused_with_the_couplings_named() -> None:
    wild = [Coupling("greedy", ("trade", "out"), ("trade", "in"), False, (0.5, 0.9, 1.4))]
    opened = book([("trade", "A", "B", 5.0), ("trade", "B", "A", 5.0)])
    with pytest.raises(InputError, match=r"greedy \(1\.4\).*spectral radius 1\.4.*not below 1"):
        run(opened, wild, scenario(0.5, "trade"), draws=10, seed=1, reasons={})


def test_more_than_there_is_cannot_be_taken() -> None:
    opened = book([("trade", "A", "B", 5.0)])
    change = {"kind": "trade", "amount": {"low": 1.0, "value": 2.0, "high": 9.0, "reason": {"en": "r"}}}
    words = {"en": "x"}
    greedy = DependScenario.model_validate(
        {"id": "s", "title": words, "reason": {"en": "r"}, "source": {"en": "s"}, "change": [change]}
    )
    with pytest.raises(InputError, match="takes up to 9 USD of trade, but the flows it names come to 5"):
        run(opened, [], greedy, draws=0, seed=1, reasons={})


def test_a_scenario_of_the_users_own(pack_dir: Path, tmp_path: Path) -> None:
    depend = Dependence(load_pack(add_flows(pack_dir)))
    text = (pack_dir / "depend/scenarios.toml").read_text(encoding="utf-8")
    own = tmp_path / "own.toml"
    own.write_text(text.replace("less_money", "mine"), encoding="utf-8")
    assert depend.propagate(own, draws=0).scenario.id == "mine"
    own.write_text(text.replace('"CCC"', '"QQQ"'), encoding="utf-8")
    with pytest.raises(UnknownName, match="unknown area 'QQQ'"):
        depend.propagate(own)
    own.write_text(text.replace('kind = "money"', 'kind = "gold"'), encoding="utf-8")
    with pytest.raises(UnknownName, match="unknown kind of flow 'gold'"):
        depend.propagate(own)
    with pytest.raises(UnknownName, match="unknown scenario 'nothing'"):
        depend.propagate("nothing")
    with pytest.raises(InputError, match="draws is -1"):
        depend.propagate("less_money", draws=-1)
    with pytest.raises(InputError, match="No such file"):
        depend.propagate(tmp_path / "none.toml")


def test_a_scenario_that_meets_no_flow_says_so(pack_dir: Path) -> None:
    depend = Dependence(load_pack(add_flows(pack_dir)))
    with pytest.raises(InputError, match="no flow at hand is met by its changes"):
        depend.propagate(scenario(0.5, "money", origins=["AAA"], destinations=["CCC"]))


@pytest.mark.parametrize(
    "name", ["winter_release", "remittances_third", "border_month", "gas_transit_stops", "wheat_stops"]
)
def test_scenarios_of_the_shipped_region_run_and_add_up(name: str) -> None:
    depend = Dependence(load_pack("central_asia"))
    found = depend.propagate(name, draws=50)
    assert found.radius < 1
    assert found.unmatched == (("transit",) if name == "border_month" else ())
    sums = (
        found.accounts.filter(~pl.col("kind").str.starts_with("hydro"))
        .group_by("kind", "side")
        .agg(pl.col("total").sum())
    )
    for one in set(sums["kind"]):
        inward, outward = (sums.filter(kind=one, side=side)["total"].item() for side in ("in", "out"))
        assert inward == pytest.approx(outward)


def test_the_one_draw_is_the_value() -> None:
    opened = book([("money", "X", "A", 5.0), ("trade", "B", "A", 8.0)])
    shock = scenario((0.1, 0.5, 0.9))
    assert central(opened, COUPLINGS, shock).changes.tolist() == [[0.5]]

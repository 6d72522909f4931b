"""Criticality on the freight network: what the loss of an element costs, against removing it from the whole network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import serai
from corridor.network_pack import add_network
from corridor.test_assignment import full_costs
from serai.corridor import Corridors
from serai.corridor.freight import Freight
from serai.corridor.hazards import Element, carrying, elements
from serai.corridor.losses import KINDS
from serai.region import load_pack


@pytest.fixture
def corridors(pack_dir: Path) -> Corridors:
    add_network(pack_dir)
    return Corridors(load_pack(pack_dir))


@pytest.fixture(scope="module")
def region() -> Corridors:
    return Corridors(load_pack("central_asia"))


def naive(freight: Freight, element: Element, before: np.ndarray) -> tuple[float, float]:
    """Extra cost and lost tonnes when the element is taken out of the whole network."""
    was = freight.open.copy()
    try:
        freight.open[element.edges] = False
        after = full_costs(freight, freight.base)
    finally:
        freight.open[:] = was
    demand = freight.demand.value
    lost = np.isfinite(before) & ~np.isfinite(after)
    extra = np.where(lost, 0.0, demand * np.where(lost, 0.0, after - before))
    return float(extra.sum() * 1e6), float(demand[lost].sum() * 1e6)


def test_every_loss_is_that_of_the_naive_loop(corridors: Corridors) -> None:
    table = corridors.criticality(areas="all", choice="cheapest").filter(pl.col("area") == "all")
    found = {(row["kind"], row["element"]): row for row in table.iter_rows(named=True)}
    checked, before = 0, full_costs(corridors.freight, corridors.freight.base)
    for kind in KINDS:
        for element in elements(corridors.freight, kind, carrying(corridors.freight.base.flow)):
            row = found[kind, element.name]
            assert (row["extra_cost_usd"], row["unserved_t"]) == pytest.approx(
                naive(corridors.freight, element, before), rel=1e-6, abs=1.0
            )
            checked += 1
    assert checked == len(found) > 5


def test_losses_on_the_shipped_network_are_those_of_the_naive_loop(region: Corridors) -> None:
    table = region.criticality(choice="cheapest").filter(pl.col("area") == "all")
    assert table.height > 300
    picked = table.filter(pl.col("extra_cost_usd") > 0).gather_every(table.height // 3)
    before, used = full_costs(region.freight, region.freight.base), carrying(region.freight.base.flow)
    for row in picked.iter_rows(named=True):
        (element,) = [one for one in elements(region.freight, row["kind"], used) if one.name == row["element"]]
        expected = naive(region.freight, element, before)
        assert (row["extra_cost_usd"], row["unserved_t"]) == pytest.approx(expected, rel=1e-6, abs=10.0)


def test_losses_are_ranked_and_never_gains(region: Corridors) -> None:
    table = region.criticality(kinds=("border",), choice="cheapest")
    everyone = table.filter(pl.col("area") == "all")
    assert everyone["unserved_t"].to_list() == sorted(everyone["unserved_t"], reverse=True)
    assert (table["extra_cost_usd"] >= -1e-3).all()
    assert set(table["area"]) == {*region.pack.manifest.members, "all"}


@pytest.mark.parametrize("choice", ["cheapest", "logit"])
def test_threads_change_nothing(corridors: Corridors, choice: str) -> None:
    one, two = (corridors.criticality(areas="all", choice=choice, again=True, jobs=jobs) for jobs in (1, 2))
    assert one.equals(two)
    with pytest.raises(serai.InputError, match="0 jobs"):
        corridors.criticality(jobs=0)


def test_those_who_go_round_may_be_in_each_others_way(corridors: Corridors) -> None:
    fixed, again = (
        corridors.criticality(kinds=("border",), areas="all", again=again).filter(pl.col("area") == "all")
        for again in (False, True)
    )
    joined = fixed.join(again, on=["kind", "element"], suffix="_again")
    # Goods that leave a crowded way free it, and crowd another: no less, and by little where there is room.
    assert joined["unserved_t"].to_list() == joined["unserved_t_again"].to_list()
    assert joined.height == fixed.height


def test_a_kind_that_is_none_is_named(corridors: Corridors) -> None:
    with pytest.raises(serai.InputError, match="unknown kind of element"):
        corridors.criticality(kinds=("moon",))

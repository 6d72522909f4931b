"""Bodies against geography, and who is central: by hand, and on the shipped region."""

from __future__ import annotations

import polars as pl
import pytest

import serai
from serai.depend import Dependence
from serai.depend.centrality import centrality, robustness, weights
from serai.depend.institutions import coverage, uncovered_pairs
from serai.errors import UnknownName
from serai.region import load_pack

RESOURCES = pl.DataFrame(
    [("river", "basin", "km3"), ("line", "grid", "MW")], schema=["resource", "type", "unit"], orient="row"
)
AREAS = pl.DataFrame(
    [("river", "A", "contributes", 6.0), ("river", "B", "contributes", 2.0), ("river", "C", "uses", None),
     ("river", "D", "crosses", None), ("line", "A", "crosses", None), ("line", "B", "planned", None)],
    schema=["resource", "area", "role", "value"], orient="row",
)  # fmt: skip
GOVERNING = pl.DataFrame(
    [("river", "board", "allocation"), ("river", "club", "coordination")],
    schema=["resource", "body", "function"], orient="row",
)  # fmt: skip
SEATS = pl.DataFrame(
    [("board", "A"), ("board", "C"), ("club", "B"), ("club", "A")], schema=["body", "area"], orient="row"
)


def test_who_shares_a_river_and_who_sits_where() -> None:
    found = coverage(RESOURCES, AREAS, GOVERNING, SEATS, ["A", "B", "C"])
    said = {(r, a): (s, f) for r, a, s, f in found.select("resource", "area", "status", "flagged").iter_rows()}
    assert said == {
        ("river", "A"): ("covered", False),
        ("river", "B"): ("outside_allocation", True),
        ("river", "C"): ("covered", False),
        ("river", "D"): ("outside", True),
        ("line", "A"): ("no_body", False),
        ("line", "B"): ("no_body", False),
    }
    assert found.filter(area="A", resource="river")["share"].item() == 0.75


def test_pairs_without_a_common_body() -> None:
    found = uncovered_pairs(AREAS, GOVERNING, SEATS).filter(resource="river", status="covered")
    assert found.select("area", "other", "bodies").rows() == [("A", "B", "club"), ("A", "C", "board")]


@pytest.mark.published
def test_afghanistan_contributes_to_the_amu_darya_and_is_in_no_allocation_body() -> None:
    found = Dependence(load_pack("central_asia")).institutions()
    gap = found.filter(resource="amu_darya", area="AFG").row(0, named=True)
    assert (gap["contributes"], round(gap["of"], 2), gap["status"], gap["flagged"]) == (14.5, 79.28, "outside", True)
    flagged = set(found.filter(pl.col("flagged") & pl.col("member")).select("resource", "area").iter_rows())
    assert flagged == {("amu_darya", "AFG")}


TIES = pl.DataFrame(
    [("A", "H", "met", "1"), ("B", "H", "met", "2"), ("C", "H", "met", "3"), ("A", "B", "met", "4")],
    schema=["a", "b", "tie", "via"], orient="row",
)  # fmt: skip
TOOK = pl.DataFrame(
    [("1", "H", "initiator"), ("1", "A", "participant"), ("2", "B", "participant"), ("2", "H", "host"),
     ("3", "C", "participant"), ("3", "H", "participant"), ("4", "A", "initiator"), ("4", "B", "guest")],
    schema=["event", "actor", "role"], orient="row",
)  # fmt: skip


def test_a_group_of_three_gives_each_pair_half() -> None:
    rows = [("A", "B", "met", "x"), ("A", "C", "met", "x"), ("B", "C", "met", "x"), ("A", "B", "met", "y")]
    three = pl.DataFrame(rows, schema=["a", "b", "tie", "via"], orient="row")
    assert weights(three).select("a", "b", "weight").rows() == [("A", "B", 1.5), ("A", "C", 0.5), ("B", "C", 0.5)]


def test_betweenness_weight_and_initiative_by_hand() -> None:
    found = {
        row["actor"]: row for row in centrality(TIES, TOOK, ["H", "A"], ["A", "B", "C", "H"]).iter_rows(named=True)
    }
    # Of the three pairs of others, H alone lies between A and C and between B and C.
    assert found["H"]["betweenness"] == pytest.approx(2 / 3)
    assert found["H"]["weight_share"] == pytest.approx(3 / 8)
    # H initiated one of four events; of two of its events nobody says who did.
    assert (found["H"]["initiative_low"], found["H"]["initiative_high"]) == (0.25, 0.75)
    assert (found["A"]["reaction_low"], found["A"]["reaction_high"]) == (0.5, 0.5)
    assert (found["H"]["reading"], found["A"]["reading"]) == ("level", "level")


def test_without_one_partner_the_picture_may_change() -> None:
    found = robustness(TIES, ["H", "A"], ["C", "H"])
    assert found.filter(removed="C", actor="H")["betweenness"].item() == 0.0
    gone = found.filter(removed="H", actor="H").row(0, named=True)
    assert (gone["betweenness_rank"], gone["first"], gone["holds"]) == (None, "A", False)


def test_the_shipped_region_says_what_its_register_shows() -> None:
    depend = serai.open("central_asia").dependence
    found = depend.centrality().filter("member")
    assert found.height == 6
    wide = found.filter(pl.col("events") > 5)
    assert (wide["initiative_high"] - wide["initiative_low"] > 0.3).all()
    with pytest.raises(UnknownName, match="unknown actor 'nobody'"):
        depend.robustness(without=["nobody"])

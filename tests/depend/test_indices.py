"""Shares, concentration and reciprocity: by hand, as ranges that hold every point of them, whatever the order."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depend.flow_pack import kind, table
from serai.depend import hhi
from serai.depend.indices import indices

KIND = {"trade": kind(complete=True)}
flow = st.floats(0.0, 1e6, allow_nan=False).map(lambda value: round(value, 3))


def row(origin: str, destination: str, value: float | None, provider: str = "p") -> tuple[object, ...]:
    return ("trade", origin, destination, 2020, value, "USD", provider, "C", "", "")


def of(frame: pl.DataFrame, **where: str) -> dict[str, object]:
    found = frame.filter(**where)
    assert found.height == 1
    return found.row(0, named=True)


def test_one_report_a_pair_gives_numbers_and_no_ranges() -> None:
    found = indices(table([row("A", "B", 60.0), row("A", "C", 40.0), row("B", "A", 20.0)]), KIND)
    own = of(found.areas, area="A", side="out")
    assert (own["total"], own["hhi_low"], own["hhi"], own["hhi_high"]) == (100.0, 0.52, 0.52, 0.52)
    assert (own["largest"], own["largest_share"], own["contenders"]) == ("B", 0.6, "")
    # min(60, 20) + min(40, 0) over (60 + 20) / 2 + (40 + 0) / 2
    assert own["reciprocity"] == pytest.approx(20 / 60)
    assert of(found.partners, area="A", side="out", partner="B")["reciprocity"] == pytest.approx(0.5)


def test_two_reports_of_a_pair_make_a_range() -> None:
    rows = [row("A", "B", 5.1), row("A", "B", 22.7, "q"), row("A", "C", 10.0)]
    found = of(indices(table(rows), KIND).partners, area="A", side="out", partner="B")
    assert (found["low"], found["high"], found["reports"]) == (5.1, 22.7, 2)
    assert found["share_low"] == pytest.approx(5.1 / 15.1)
    assert found["share_high"] == pytest.approx(22.7 / 32.7)
    assert found["share"] == pytest.approx(13.9 / 23.9)
    assert found["nature"] == "E"


def test_the_preferred_provider_gives_the_value() -> None:
    rows = [row("A", "B", 5.1), row("A", "B", 22.7, "q")]
    found = indices(table(rows), {"trade": kind(complete=True, prefer=("q",))}).partners
    assert of(found, area="A", side="out")["value"] == 22.7


def test_a_missing_pair_is_no_zero_and_is_bounded_by_what_its_ends_have() -> None:
    rows = [row("A", "B", None), row("A", "C", 30.0), row("D", "B", 10.0)]
    found = indices(table(rows), KIND)
    pair = of(found.partners, area="A", side="out", partner="B")
    assert (pair["low"], pair["value"], pair["high"], pair["missing"]) == (0.0, None, 10.0, True)
    assert of(found.partners, area="A", side="out", partner="C")["share_low"] == pytest.approx(30 / 40)
    zero = indices(table([row("A", "B", 0.0), row("A", "C", 30.0), row("D", "B", 10.0)]), KIND)
    assert of(zero.partners, area="A", side="out", partner="C")["share_low"] == 1.0


def test_a_missing_pair_that_nothing_bounds_may_be_all_there_is() -> None:
    found = indices(table([row("A", "B", None), row("C", "D", 1.0)]), KIND)
    assert of(found.areas, area="A", side="out")["reason"] == "no_flow"
    both = indices(table([row("A", "B", None), row("A", "C", 3.0)]), KIND)
    assert of(both.partners, area="A", side="out", partner="C")["share_low"] == pytest.approx(0.5)


def test_a_kind_that_is_not_complete_has_no_shares_without_a_total() -> None:
    rows = [row("A", "B", 30.0)]
    found = indices(table(rows), {"trade": kind()})
    assert of(found.areas, area="A", side="out")["reason"] == "no_total"
    assert of(found.partners, area="A", side="out")["share"] is None
    whole = indices(table([*rows, row("A", "M49:1", 100.0)]), {"trade": kind()})
    assert of(whole.partners, area="A", side="out")["share"] == pytest.approx(0.3)
    # The rest may be thinly spread or all one partner's.
    own = of(whole.areas, area="A", side="out")
    assert (own["hhi_low"], own["hhi_high"]) == (pytest.approx(0.09), pytest.approx(0.09 + 0.49))
    assert (own["largest"], own["contenders"]) == ("B", "B unlisted")


def test_a_total_is_no_partner_and_doubles_nothing() -> None:
    found = indices(table([row("A", "B", 30.0), row("A", "C", 70.0), row("A", "M49:1", 100.0)]), KIND)
    assert of(found.areas, area="A", side="out")["total"] == 100.0
    assert "M49:1" not in set(found.partners["partner"])


def test_pairs_above_their_total_are_said() -> None:
    found = indices(table([row("A", "B", 80.0), row("A", "C", 70.0), row("A", "M49:1", 100.0)]), {"trade": kind()})
    assert of(found.areas, area="A", side="out")["excess"] is True


def test_own_supply_is_in_the_sum_and_no_partner() -> None:
    rows = [row("B", "A", 30.0), row("M49:1", "A", 100.0)]
    found = indices(table(rows), {"trade": kind(rest="own")})
    own = of(found.areas, area="A", side="in")
    assert (own["hhi_low"], own["hhi_high"]) == (pytest.approx(0.09), pytest.approx(0.09))


def test_a_turnover_is_seen_from_both_ends() -> None:
    found = indices(table([row("B", "A", 30.0), row("A", "C", 10.0)]), {"trade": kind(complete=True, directed=False)})
    assert of(found.partners, area="A", partner="B")["share"] == 0.75
    assert of(found.partners, area="B", partner="A")["share"] == 1.0


@given(st.lists(st.tuples(flow, flow), min_size=1, max_size=6), st.data())
@settings(max_examples=60, deadline=None)
def test_ranges_hold_every_point_of_them(ends: list[tuple[float, float]], data: st.DataObject) -> None:
    rows = [row("A", f"P{n}", value, who) for n, pair in enumerate(ends) for who, value in zip("pq", pair, strict=True)]
    found = indices(table(rows), KIND)
    point = np.array([data.draw(st.floats(min(pair), max(pair))) for pair in ends])
    if point.sum() < 1e-3:
        return
    shares = point / point.sum()
    partners = found.partners.filter(side="out").sort("partner")
    assert (partners["share_low"].to_numpy() <= shares + 1e-9).all()
    assert (partners["share_high"].to_numpy() >= shares - 1e-9).all()
    own = of(found.areas, area="A", side="out")
    assert float(str(own["hhi_low"])) - 1e-9 <= float(shares @ shares) <= float(str(own["hhi_high"])) + 1e-9


@given(st.lists(st.tuples(flow, flow), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_the_bound_of_the_hull_is_never_below_a_corner(ends: list[tuple[float, float]]) -> None:
    low, high = (np.array([pick(pair) for pair in ends]) for pick in (min, max))
    exact = hhi._most(low, high, 0.0, np.inf)
    open_ = high > low
    if not open_.any() or high.sum() == 0:
        return
    fixed = low[~open_]
    hull = hhi._hull(low[open_], high[open_], float(fixed @ fixed), float(fixed.sum()))
    assert hull >= exact - 1e-9


@settings(deadline=None)
@given(st.permutations([row("A", "B", 6.0), row("A", "B", 9.0, "q"), row("B", "A", 2.0), row("C", "A", 4.0)]))
def test_the_order_of_rows_is_irrelevant(rows: list[tuple[object, ...]]) -> None:
    found = indices(table(rows), KIND)
    first = indices(table(sorted(rows, key=str)), KIND)
    for name in ("partners", "areas"):
        one, other = (getattr(side, name).sort(pl.all()) for side in (found, first))
        assert one.equals(other)

"""The freight model: what a route costs, by hand; families, Pareto sets, disruptions; what a broken network says."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import serai
from corridor.network_pack import add_network
from serai.corridor import Change, Corridors, Shock, sailing, user_equilibrium
from serai.corridor.network import Graph
from serai.corridor.routing import Router
from serai.region import check_pack, load_pack

NOWHERE = Shock(id="x", change=(Change(places=("moon",), close=True),))
RANGED = ("km", "days", "money_usd", "co2_t", "spread_days", "cost_usd")


@pytest.fixture
def pack(pack_dir: Path) -> Path:
    add_network(pack_dir)
    return pack_dir


@pytest.fixture
def corridors(pack: Path) -> Corridors:
    return Corridors(load_pack(pack))


@pytest.fixture(scope="module")
def region() -> Corridors:
    return Corridors(load_pack("central_asia"))


def test_a_sound_network_has_no_faults(pack: Path) -> None:
    assert check_pack(pack) == []


def test_a_route_is_the_sum_worked_out_by_hand(corridors: Corridors) -> None:
    (row,) = corridors.compare("elm", "oak", commodity="boxes").filter(pl.col("family") == "bridge").to_dicts()
    assert row["km"] == 200
    assert row["hours_running"] == pytest.approx(200 / 25)
    assert row["hours_border"] == 10
    assert row["hours_paper"] == pytest.approx(2.5)
    assert row["hours_handling"] == pytest.approx(12)
    assert row["days"] == pytest.approx(30 / 24)
    assert row["money_usd"] == pytest.approx(20 * (200 * 0.04 + 200 / 20 + 10))
    assert row["co2_t"] == pytest.approx(20 * 200 * 15 / 1e6)
    assert (row["borders"], row["gauge_breaks"], row["estimated_km"]) == (1, 1, 0.5)
    spread = 0.2 * (8 + 10 + 12)
    cost = 28 + 0.5 * 30 + 0.5 * 0.8 * spread + 50 * 200 * 15 / 1e6
    assert row["cost_usd"] == pytest.approx(20 * cost)


def test_a_ferry_waits_for_its_sailing_and_pays_for_the_shallow_sea(corridors: Corridors) -> None:
    path = corridors.family_path("elm", "quay", "lake", commodity="boxes")
    assert path is not None
    legs = corridors.legs(path, commodity="boxes")
    (sailing_leg,) = legs.filter(pl.col("kind") == "sailing").to_dicts()
    assert sailing_leg["hours"] == 24
    assert sailing_leg["money_usd"] == pytest.approx(20 * 10 / 0.8)
    (pier,) = legs.filter((pl.col("kind") == "transfer") & (pl.col("from") == "pier")).to_dicts()
    assert pier["hours"] == pytest.approx(10 * (1 + 0.15 * (5 / (10 * 0.8)) ** 4))


def test_a_commodity_without_value_of_time_minds_money_only(corridors: Corridors) -> None:
    (row,) = corridors.route("elm", "oak", k=1, commodity="sand").to_dicts()
    assert row["unit"] == "t"
    assert row["cost_usd"] == pytest.approx(row["money_usd"] + 50 * row["co2_t"])


def test_ranges_hold_the_value(corridors: Corridors) -> None:
    frame = corridors.compare("elm", "quay", commodity="boxes").drop_nulls("km")
    for name in RANGED:
        assert (frame[f"{name}_low"] <= frame[name]).all()
        assert (frame[name] <= frame[f"{name}_high"]).all()


def test_a_family_that_does_not_lead_there_says_so(corridors: Corridors) -> None:
    frame = corridors.compare("elm", "quay", commodity="boxes")
    (row,) = frame.filter(pl.col("family") == "nowhere").to_dicts()
    assert row["km"] is None
    assert "no way" in row["note"]
    assert set(frame["nature"]) == {"M"}


def test_planned_links_carry_only_those_who_ask(corridors: Corridors) -> None:
    assert corridors.route("elm", "oak", k=1, commodity="boxes")["km"].to_list() == [200]
    (planned,) = corridors.route("elm", "oak", k=1, commodity="boxes", planned=True).to_dicts()
    assert (planned["km"], planned["status"]) == (150, "planned")


def test_places_go_by_either_name(corridors: Corridors) -> None:
    assert corridors.place("Дуб") == corridors.place("oak") == corridors.place("OAK") == "oak"
    with pytest.raises(serai.UnknownName, match="did you mean: "):
        corridors.place("oakk")


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda c: c.route("elm", "elm"), "unknown commodity"),
        (lambda c: c.route("elm", "elm", commodity="boxes"), "are the same place"),
        (lambda c: c.route("elm", "oak", k=0, commodity="boxes"), "at least one route"),
        (lambda c: c.family_path("elm", "oak", "moon", commodity="boxes"), "unknown route family"),
        (lambda c: c.detours("flood", commodity="boxes"), "unknown scenario"),
        (
            lambda c: c.detours(Shock(id="x", change=(Change(places=("moon",), close=True),)), commodity="boxes"),
            "unknown place",
        ),
    ],
)
def test_what_does_not_exist_is_named(corridors: Corridors, call: object, problem: str) -> None:
    with pytest.raises(serai.InputError, match=problem):
        call(corridors)  # type: ignore[operator]


def test_a_closed_border_sends_goods_over_the_lake(corridors: Corridors) -> None:
    frame = corridors.detours("bridge_out", commodity="boxes")
    (row,) = frame.filter((pl.col("from") == "elm") & (pl.col("to") == "oak")).to_dicts()
    assert row["served"]
    assert row["cost_usd_extra"] > 0
    (back,) = frame.filter((pl.col("from") == "oak") & (pl.col("to") == "elm")).to_dicts()
    assert back["cost_usd_extra"] == 0


def test_low_water_costs_those_who_keep_to_the_lake(corridors: Corridors) -> None:
    frame = corridors.detours("low", pairs=[("elm", "quay")], family="lake", commodity="boxes")
    assert frame["money_usd_extra"].to_list() == [pytest.approx(20 * (10 / 0.6 - 10 / 0.8))]


def test_slower_borders_take_longer(corridors: Corridors) -> None:
    shock = Shock(id="slow", change=(Change(kind="border", modes=("rail",), slower=2.0),))
    frame = corridors.detours(shock, pairs=[("elm", "oak")], family="bridge", commodity="boxes")
    assert frame["days_extra"].to_list() == [pytest.approx(10 / 24)]


def test_when_everything_closes_nothing_is_served(corridors: Corridors) -> None:
    shock = Shock(id="all", change=(Change(borders_of=("AAA",), close=True),))
    (row,) = corridors.detours(shock, pairs=[("elm", "oak")], commodity="boxes").to_dicts()
    assert not row["served"]
    assert row["cost_usd_extra"] is None


def test_the_network_goes_into_the_equilibrium(corridors: Corridors) -> None:
    network, zones = corridors.network(commodity="boxes")
    demand = np.zeros((len(zones), len(zones)))
    demand[zones.index("elm"), zones.index("oak")] = 3.0
    found = user_equilibrium(network, demand, gap=1e-9)
    cheapest = corridors.route("elm", "oak", k=1, commodity="boxes")["cost_usd"][0] / 20
    assert float(found.flow @ found.cost) / 3 == pytest.approx(cheapest)


def test_assumptions_are_sorted_by_what_they_do(corridors: Corridors) -> None:
    frame = corridors.assumptions("elm", "oak", family="bridge", commodity="boxes")
    swings = frame["cost_swing"].to_list()
    assert swings == sorted(swings, reverse=True)
    (speed,) = frame.filter(pl.col("number") == "parameter speed rail").to_dicts()
    assert speed["days_swing"] == pytest.approx((200 / 12.5 - 200 / 50) / 24)


def test_residuals_are_model_less_published(corridors: Corridors) -> None:
    (row,) = corridors.residuals(commodity="boxes").to_dicts()
    assert row["residual"] == pytest.approx(30 / 24 - 2)


def test_waiting_and_loading_at_their_limits() -> None:
    assert sailing.wait(24, 0) == 12
    assert sailing.wait(24, 1) == 24
    assert sailing.load_share(-28, -28, 0.2) == 1
    assert sailing.load_share(-40, -28, 0.2) == 0
    assert sailing.load_share(-30, -28, 0.2, deepened=2) == 1


def simple_paths(links: list[tuple[int, int, float]], origin: int, target: int) -> list[float]:
    found: list[float] = []

    def walk(node: int, seen: set[int], cost: float) -> None:
        if node == target:
            found.append(cost)
            return
        for tail, head, own in links:
            if tail == node and head not in seen:
                walk(head, seen | {head}, cost + own)

    walk(origin, {origin}, 0.0)
    return sorted(found)


@pytest.mark.parametrize("seed", range(5))
def test_the_k_cheapest_paths_are_those_of_all_paths(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ends = sorted({(int(a), int(b)) for a, b in rng.integers(0, 7, (24, 2)) if a != b})
    cost = rng.uniform(1, 9, len(ends))
    tail, head = (np.array(side, dtype=np.int64) for side in zip(*ends, strict=True))
    order = np.argsort(tail, kind="stable")
    graph = Graph(np.searchsorted(tail[order], np.arange(8)).astype(np.int64), order, tail, head, 0)
    expected = simple_paths([(a, b, c) for (a, b), c in zip(ends, cost, strict=True)], 0, 6)[:6]
    found = [float(cost[list(path)].sum()) for path in Router(graph).k_cheapest(cost, 0, 6, 6)]
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("file", "old", "new", "row", "problem"),
    [
        ("links", "elm,ford,rail", "elm,elm,rail", 2, "a link whose ends are the same"),
        ("links", "elm,ford,rail", "elm,moon,rail", 2, "unknown to"),
        ("links", "elm,ford,rail,1520,open,100", "elm,ford,rail,1520,open,-100", 2, "km is out of range"),
        ("links", "elm,ford,rail,1520", "elm,ford,rail,", 2, "a railway without a gauge"),
        ("links", "elm,oak,rail,1435", "oak,ford,rail,1435", 7, "a loop"),
        ("links", "oak,quay,rail", "oak,elm,rail", 7, "a loop"),
        ("parameters", "circuity,rail,,1.25,1,1.5,unit", "circuity,rail,,1.25,1,1.5,", 2, "unit is empty"),
        ("parameters", "circuity,rail,,1.25,1,1.5", "circuity,rail,,2.5,1,1.5", 2, "value lies outside its range"),
        ("parameters", "rate,rail,,0.04,0.04", "rate,rail,,0.04,-0.04", 6, "a negative cost or measure (-0.04)"),
        ("parameters", "speed,rail,,25,12.5", "speed,rail,,25,0", 3, "a speed of 0"),
        ("commodities", "Ящики,FEU", "Ящики,", 2, "unit is empty"),
        ("services", "ferry,24,12,48", "ferry,-24,12,48", 2, "headway is out of range"),
        ("posts", "p1,,,rail,exit,4,2,8", "p1,,,rail,exit,4,2,x", 2, "hours_high is not of type float"),
        ("borders", "ford,oak,rail,4,2,8", "ford,elm,rail,4,2,8", 2, "a border inside one country"),
        ("borders", "ford,oak,rail,4,2,8", "ford,oak,rail,-4,2,8", 2, "exit is out of range"),
        ("borders", "ford,oak,rail", "ford,quay,rail", 3, "crosses a border that is not named"),
        ("contiguity", "AAA,BBB", "AAA,CCC", 2, "a border between countries that do not touch"),
        ("transfers", "ford,rail,1520,rail,1435", "ford,rail,1520,rail,1520", 2, "a transfer onto itself"),
        ("transfers", "elm,rail,1520,road,", "ford,rail,1435,rail,1520", 3, "a cycle"),
        ("transfers", "ford,rail,1520,rail,1435,,,,", "elm,rail,1520,rail,1435,99,9,99,", 2, "a cycle in transfers"),
        ("places", "pier,Pier", "moor,Moor", 6, "disconnected"),
        ("references", "source,text,url", "source,words,url", 1, "unknown column"),
        ("demand", "elm,oak,boxes,2000", "elm,elm,boxes,2000", 2, "demand that ends where it begins"),
        ("demand", "elm,oak,boxes,2000", "elm,moon,boxes,2000", 2, "unknown to"),
        ("demand", "elm,oak,boxes,2000", "elm,oak,gold,2000", 2, "unknown commodity"),
        ("demand", "elm,oak,boxes,2000", "elm,oak,boxes,-2000", 2, "value is out of range"),
        ("demand", "elm,oak,boxes,2000", "elm,oak,boxes,9000", 2, "value 9000 lies outside 1000 to 3000"),
        ("demand", "3000,kt", "3000,", 2, "unit is empty"),
        ("capacities", "border,ford,oak", "border,ford,quay", 2, "the network has no such border"),
        ("capacities", "rail,,4,3,5", "rail,,9,3,5", 2, "capacity 9 lies outside 3 to 5"),
        ("project_effects", "wider,capacity,bridge", "wider,capacity,tunnel", 2, "no facility of that name"),
        ("project_effects", "opens,,elm,oak,rail,1435", "opens,,elm,quay,rail,1435", 3, "the network has no such link"),
        ("project_effects", "1435,,0,1,1,1", "1435,,0,0.5,0,1", 3, "a link is open (1) or not (0)"),
        ("project_effects", ",4,8,6,10", ",4,8,9,10", 2, "with 8 lies outside 9 to 10"),
        ("project_effects", "hours,,,,,,AAA", "hours,,,,,,", 4, "hours of the borders of no area"),
        ("throughputs", "border,ford,oak", "border,ford,quay", 2, "the network has no such border"),
        ("throughputs", "rail,3.5", "rail,0", 2, "observed is out of range"),
        ("projects", "rails,Better", "wires,Better", 6, "a project that does nothing"),
        ("project_effects", "rails,speed", "moon,speed", 6, "unknown project"),
        ("project_costs", "300,300,300,USD m", "300,300,300,", 2, "unit is empty"),
        ("project_costs", "chord,AAA,,300,300", "chord,AAA,,-300,300", 2, "cost is out of range"),
        ("waypoints", "pier,quay,ferry,1", "pier,quay,sea,1", 2, "a way that is no link turns here"),
        ("waypoints", "1,2,2.5", "1,200,2.5", 2, "lon is out of range"),
        ("lengths", "road,100,link", "road,100,guess", 2, "used"),
        ("demand_places", "elm,1,", "elm,0.5,", 2, "shares of the places come to 0.5"),
    ],
)  # fmt: skip
def test_a_broken_network_is_named_with_file_and_row(
    pack: Path, file: str, old: str, new: str, row: int, problem: str
) -> None:
    path = pack / f"corridor/{file}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = [fault for fault in check_pack(pack) if problem in fault.problem]
    assert found
    if problem not in ("a border between countries that do not touch", "crosses a border that is not named"):
        assert f"{file}.csv" in found[0].file
        assert row in [fault.row for fault in found]
    assert all(fault.remedy for fault in found)


def test_a_network_without_one_of_its_tables_says_which(pack: Path) -> None:
    (pack / "corridor/contiguity.csv").unlink()
    assert any(f.file == "corridor/contiguity.csv" and "lacks this table" in f.problem for f in check_pack(pack))


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("scenarios", 'hubs = ["elm"]', 'hubs = ["moon"]', "hubs and gateways: unknown place"),
        ("scenarios", 'areas = ["BBB"]', 'areas = ["ZZZ"]', "bridge_out: unknown area"),
        ("scenarios", 'modes = ["rail"]', 'modes = ["zeppelin"]', "input should be"),
        ("scenarios", 'id = "low"', 'id = "bridge_out"', "is given twice"),
        ("scenarios", "close = true", "", "a change that does nothing"),
        ("hazards", "chance = 0.5", "chance = 2", "less than or equal to 1"),
    ],
)
def test_a_broken_file_of_disruptions_is_found_with_the_rest(
    pack: Path, file: str, old: str, new: str, problem: str
) -> None:
    path = pack / f"corridor/{file}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = [fault for fault in check_pack(pack) if problem in fault.problem]
    assert found
    assert found[0].file == f"corridor/{file}.toml"


def test_a_broken_scenario_is_one_line(pack: Path, corridors: Corridors) -> None:
    path = pack / "corridor/scenarios.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("days = 30", "days = -1", 1), encoding="utf-8")
    with pytest.raises(serai.PackError, match=r"corridor/scenarios\.toml"):
        _ = corridors.scenarios


def test_a_pack_without_a_network_says_so(pack_dir: Path) -> None:
    with pytest.raises(serai.InputError, match="there is no freight network"):
        Corridors(load_pack(pack_dir))


def test_the_shipped_network_is_as_large_as_it_says(region: Corridors) -> None:
    members = set(region.pack.manifest.members)
    per_member = region.places.filter(pl.col("area").is_in(members)).group_by("area").len()
    assert region.places.height >= 120
    assert region.pack.table("links").height >= 300
    assert dict(per_member.iter_rows()).keys() == members
    assert per_member["len"].min() >= 2


def test_every_number_of_the_shipped_network_says_where_it_is_from(region: Corridors) -> None:
    for name in ("places", "links", "posts", "transfers", "services", "parameters", "commodities"):
        table = region.pack.table(name)
        assert set(table["basis"]) <= {"sourced", "derived", "assumed"}, name
        assert set(table["source"]) <= set(region.pack.table("references")["source"]), name
    for name in ("posts", "services", "parameters", "commodities"):
        assumed = region.pack.table(name).filter((pl.col("basis") == "assumed") & (pl.col("reason") == ""))
        assert assumed.is_empty(), name


def test_every_family_joins_the_east_and_the_west(region: Corridors) -> None:
    frame = region.compare("xian", "duisburg")
    assert frame.height >= 6
    assert frame["days"].null_count() == 0
    quickest = frame.sort("days")["family"][0]
    assert quickest == "northern"
    assert frame.sort("money_usd")["family"][0] == "sea"


def test_the_pareto_set_holds_no_beaten_route(region: Corridors) -> None:
    frame = region.pareto("xian", "poti")
    assert frame.height > 2
    assert all(a < b for a, b in pairwise(frame["days"]))
    for row in frame.iter_rows(named=True):
        better = frame.filter(
            (pl.col("days") < row["days"]) & (pl.col("money_usd") < row["money_usd"]) & (pl.col("co2_t") < row["co2_t"])
        )
        assert better.is_empty()


def test_the_errors_of_held_out_times_are_those_the_documentation_gives(region: Corridors) -> None:
    frame = region.residuals()
    assert frame["residual"].null_count() == 0
    first, second = (frame.filter(pl.col("held") == name) for name in ("first", "second"))

    def error(rows: pl.DataFrame, *services: str) -> str:
        return f"{rows.filter(pl.col('service').is_in(services))['residual'].abs().mean():.1f}"

    kinds = ("regular", "irregular")
    told = (
        f"the mean error is {error(first, *kinds)} days (regular {error(first, 'regular')}, irregular "
        f"{error(first, 'irregular')}); {first['inside_single'].sum()} of all {first.height} lie in the range of one "
        f"consignment, {first['inside'].sum()} in that of the mean.",
        f"Of {second.height} more times, looked up later, {second['inside_single'].sum()} lie in the range of one "
        f"consignment and {second['inside'].sum()} in that of the mean; their mean error is {error(second, *kinds)} "
        "days",
    )
    text = " ".join((Path(__file__).parents[2] / "docs/freight.md").read_text(encoding="utf-8").split())
    assert all(sentence in text for sentence in told), told


def test_every_scenario_of_the_shipped_pack_runs(region: Corridors) -> None:
    assert len(region.scenarios) >= 5
    for name in region.scenarios:
        assert region.detours(name).height > 0

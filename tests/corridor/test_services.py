"""Trains and wagons, lorries and what ships land, by hand; the two ranges of days; times and prices as published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from corridor.network_pack import add_network
from serai.corridor import Change, Corridors, Shock
from serai.corridor.numbers import Number, Numbers
from serai.corridor.summary import consignments
from serai.corridor.terms import Steps
from serai.errors import UnknownName
from serai.region import load_pack

EXTRA = {
    ("wagon_speed", "rail", ""): (10, 5, 20),
    ("wagon_delay_share", "rail", ""): (0.5, 0.4, 0.6),
    ("train_share", "border", ""): (0.3, 0.1, 1),
    ("platform_wait", "rail", ""): (48, 0, 96),
    ("driving_share", "road", ""): (0.5, 0.4, 0.8),
    ("rail_ship", "landed", ""): (90, 60, 200),
    ("rail_ship", "time", ""): (12, 6, 24),
    ("rail_ship", "money", ""): (3, 1, 5),
    ("speed", "sea", ""): (20, 10, 30),
    ("rate", "sea", ""): (0.01, 0.005, 0.02),
    ("emissions", "sea", ""): (7, 7, 7),
    ("delay_share", "sea", ""): (0.1, 0.1, 0.1),
}
PRICES = (
    "price,from,to,via,avoid,modes,usd_low,usd,usd_high,kind,used,source,year,note\n"
    "Over the bridge,elm,oak,ford,,rail,,500,,tariff,true,hand,2024,\n"
)


@pytest.fixture
def corridors(pack_dir: Path) -> Corridors:
    add_network(pack_dir)
    folder = pack_dir / "corridor"
    with (folder / "parameters.csv").open("a", encoding="utf-8") as file:
        for (name, key, area), values in EXTRA.items():
            file.write(f"{name},{key},{area},{','.join(map(str, values))},unit,assumed,hand,2024,invented\n")
    with (folder / "links.csv").open("a", encoding="utf-8") as file:
        file.write("pier,quay,sea,,open,200,sourced,hand,2024,\n")
    with (folder / "borders.csv").open("a", encoding="utf-8") as file:
        for ends in ("pier,quay", "quay,pier"):
            file.write(f"{ends},sea,1,1,2,1,1,2,40,40,40,p3,p3\n")
    with (folder / "transfers.csv").open("a", encoding="utf-8") as file:
        file.write("quay,rail,1435,sea,,,,,,,,,,,assumed,hand,2024,invented\n")
    (folder / "prices.csv").write_text(PRICES, encoding="utf-8")
    described = "\n".join(f'{column} = "what it holds"' for column in PRICES.split("\n", maxsplit=1)[0].split(","))
    with (pack_dir / "sources.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[[table]]\nfile = "corridor/prices.csv"\ntitle = "t"\nprovider = "p"\nsource = "s"\nlicence = "l"\n'
            f'release = "r"\nretrieved = 2024-01-01\n[table.columns]\n{described}\n'
        )
    return Corridors(load_pack(pack_dir))


@pytest.fixture(scope="module")
def region() -> Corridors:
    return Corridors(load_pack("central_asia"))


def bridge(corridors: Corridors, commodity: str) -> dict[str, float]:
    frame = corridors.compare("elm", "oak", commodity=commodity)
    (row,) = frame.filter(pl.col("family") == "bridge").to_dicts()
    return row


def test_trains_take_a_share_of_a_border_of_all_shipments(corridors: Corridors) -> None:
    row = bridge(corridors, "boxes")
    assert row["hours_running"] == pytest.approx(200 / 25)
    assert row["hours_border"] == pytest.approx(0.3 * 10)
    assert row["hours_handling"] == pytest.approx(12)


def test_wagons_move_slower_and_wait_for_wagons_of_the_other_gauge(corridors: Corridors) -> None:
    row = bridge(corridors, "sand")
    assert row["hours_running"] == pytest.approx(200 / 10)
    assert row["hours_border"] == pytest.approx(10)
    assert row["hours_handling"] == pytest.approx(12 + 48)


def test_a_service_can_be_asked_for(corridors: Corridors) -> None:
    steps, numbers = Steps.of(corridors.net.edges), corridors.net.numbers.values()
    hours = [
        corridors.coster("boxes", service=service).terms(steps, numbers).hours.sum()
        for service in ("train", "wagonload")
    ]
    assert hours[0] < hours[1]


def test_routes_and_families_by_another_service(corridors: Corridors) -> None:
    train, wagons = (
        corridors.route("elm", "oak", k=1, commodity="boxes", service=service)["days"][0]
        for service in ("", "wagonload")
    )
    assert train < wagons
    frame = corridors.compare("elm", "oak", commodity="boxes", service="wagonload")
    assert frame.filter(pl.col("family") == "bridge")["hours_handling"][0] == pytest.approx(60)
    with pytest.raises(UnknownName, match="pigeon"):
        corridors.compare("elm", "oak", commodity="boxes", service="pigeon")


def test_lorries_rest(corridors: Corridors) -> None:
    path = corridors.family_path("elm", "quay", "lake", commodity="boxes")
    assert path is not None
    legs = corridors.legs(path, commodity="boxes")
    (road,) = legs.filter((pl.col("kind") == "link") & (pl.col("mode") == "road")).to_dicts()
    assert road["hours"] == pytest.approx(100 / (50 * 0.5))


def test_what_a_sea_ship_lands_lies_in_the_port_and_what_it_takes_does_not(corridors: Corridors) -> None:
    hours = {
        edge.mode: corridors.net.numbers.values()[edge.first]
        for edge in corridors.net.edges
        if edge.kind == "transfer" and "sea" in edge.mode
    }
    assert hours == {"rail-sea": 12, "sea-rail": 90}


def test_a_shock_slows_trains_and_wagons_alike(corridors: Corridors) -> None:
    shock = Shock(id="slow", change=(Change(kind="link", modes=("rail",), slower=2.0),))
    for commodity, hours in (("boxes", 200 / 25), ("sand", 200 / 10)):
        frame = corridors.detours(shock, pairs=[("elm", "oak")], family="bridge", commodity=commodity)
        assert frame["days_extra"].to_list() == [pytest.approx(hours / 24)]


def test_assumptions_name_only_what_the_service_meets(corridors: Corridors) -> None:
    trains, wagons = (
        set(corridors.assumptions("elm", "oak", family="bridge", commodity=commodity)["number"])
        for commodity in ("boxes", "sand")
    )
    assert "parameter speed rail" in trains - wagons
    assert "parameter train_share border" in trains - wagons
    assert {"parameter wagon_speed rail", "parameter platform_wait rail"} <= wagons - trains


def test_the_spread_of_a_route_does_not_hang_on_how_finely_it_is_cut(corridors: Corridors) -> None:
    row = bridge(corridors, "boxes")
    running, border, handling = 0.2 * 200 / 25, 0.2 * 3, 0.2 * 12
    assert row["spread_days"] == pytest.approx(np.sqrt(running**2 + border**2 + handling**2) / 24)


def test_single_consignments_vary_more_than_the_mean(corridors: Corridors) -> None:
    row = bridge(corridors, "boxes")
    assert 0 < row["single_days_low"] < row["days_low"] <= row["days"] <= row["days_high"] < row["single_days_high"]


def test_consignments_have_the_mean_and_the_spread_they_are_drawn_with() -> None:
    mean = np.full(200_000, 10.0)
    days = consignments(mean, np.full(mean.size, 4.0))
    assert days.min() > 0
    assert days.mean() == pytest.approx(10, rel=0.01)
    assert days.std() == pytest.approx(4, rel=0.02)
    assert (consignments(mean, np.zeros(mean.size)) == mean).all()


def test_draws_are_as_often_below_a_value_as_above_and_keep_to_its_range() -> None:
    numbers = Numbers()
    skewed = numbers.add(Number("skewed", 2.0, 1.0, 9.0, "h", "assumed", "hand", 2024, "invented"))
    one_sided = numbers.add(Number("one-sided", 5.0, 5.0, 8.0, "h", "assumed", "hand", 2024, "invented"))
    draws = numbers.sample(np.array([skewed, one_sided]), 20_000, 1)
    assert np.median(draws[:, skewed]) == pytest.approx(2, abs=0.03)
    assert 1 <= draws[:, skewed].min() < draws[:, skewed].max() <= 9
    assert (draws[:, one_sided] == 5).mean() == pytest.approx(0.5, abs=0.02)


def test_prices_stand_against_the_model(corridors: Corridors) -> None:
    (row,) = corridors.prices(commodity="boxes").to_dicts()
    money = bridge(corridors, "boxes")["money_usd"]
    assert row["model"] == pytest.approx(money)
    assert row["residual"] == pytest.approx(money - 500)
    assert row["ratio"] == pytest.approx(money / 500)
    assert row["used"] is True


def test_a_journey_by_wagon_is_timed_as_one(region: Corridors) -> None:
    rows = {row["journey"]: row for row in region.residuals().to_dicts()}
    train, wagons = rows["Xian-Tehran trial"], rows["India-Tashkent"]
    assert (train["moved"], wagons["moved"]) == ("train", "wagonload")
    slow = region.coster("containers", service="wagonload")
    path = region._staged(
        region._cost(slow, ("open",)), *region._ends("mundra", "tashkent"),
        {"via": "bandar_abbas", "avoid": "RUS AFG PAK", "modes": "rail ferry sea"},
    )  # fmt: skip
    assert path is not None
    steps = Steps.of([region.net.edges[position] for position in path])
    assert wagons["model"] == pytest.approx(slow.terms(steps, region.net.numbers.values()).hours.sum() / 24)


def test_no_published_time_is_a_source_of_a_number_of_the_model(region: Corridors) -> None:
    journeys = set(region.pack.table("journeys")["source"])
    timed = {"erai", "sea_mundra", "rail_afg", "dhl24_jan"}
    # Of these the model uses a rate, a length, a spread; none of their days.
    tables = ("parameters", "posts", "services", "transfers", "commodities")
    used = {source for name in tables for source in region.pack.table(name)["source"]}
    assert journeys & used <= timed


def test_every_price_marked_as_used_has_its_source_in_the_model(region: Corridors) -> None:
    used = region.pack.table("prices").filter(pl.col("used"))
    parameters = region.pack.table("parameters").filter(pl.col("parameter") == "rate")
    text = " ".join([*parameters["source"], *parameters["reason"]])
    assert "erai" in text
    assert "drewry" in text
    assert all(f"{usd:,.0f}" in text for usd in used["usd"])

"""Pages of corridors: what they say of the invented network, in both languages, and the tables beside them."""

from __future__ import annotations

import json
import re

import polars as pl
import pytest

import riverland
import serai
from corridor.network_pack import add_network
from serai.publish.sections import sections_of
from serai.publish.sections.corridor import figures, moving
from serai.publish.sections.corridor.gather import Gathered
from serai.publish.sections.preview import preview


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    root = tmp_path_factory.mktemp("corridor")
    add_network(riverland.write(root / "pack"))
    preview(serai.open(root / "pack", home=root / "home"), "corridor", root / "out")
    return root / "out"


def page(site, name, language=""):
    return (site / language / "corridor" / name).read_text(encoding="utf-8")


def twin(site, name):
    return json.loads((site / "data/corridor" / f"{name}.json").read_text(encoding="utf-8"))


def test_the_section_is_there_only_where_the_pack_has_a_network(region):
    assert "corridor" not in {section.id for section in sections_of(region.pack)}


def test_families_stand_side_by_side_and_one_without_a_way_says_so(site):
    shown = page(site, "routes.html")
    assert "no way through the places of this family" in shown
    rows = {row["family"]: row for row in twin(site, "routes")["pairs"][0]["rows"]}
    assert rows["new"]["status"] == "planned"
    assert rows["bridge"]["ranges"]["days"]["low"] <= rows["bridge"]["ranges"]["days"]["value"]
    assert "через места этого семейства пути нет" in page(site, "routes.html", "ru")


def test_maps_name_places_in_the_language_of_the_page(site):
    assert "Вяз" in (site / "charts/corridor/index.network.ru.svg").read_text(encoding="utf-8")
    assert "index.network.ru.svg" in page(site, "index.html", "ru")


def test_figures_that_contradict_each_other_stand_side_by_side_with_the_one_used(site):
    shown = re.sub(r"<[^>]+>", "", page(site, "assumptions.html"))
    assert "used · Bridge, time: 4 h, 2023: the earlier one" in shown
    assert "Bridge, time: 9 h, 2024" in shown


def test_a_funder_that_is_not_held_is_said_in_words(site):
    assert "no record held" in page(site, "fibre.html")
    assert twin(site, "fibre")["rows"][0]["state"] == "no record"
    assert "River Telecom" in page(site, "fibre.html", "ru")


def test_residuals_are_shown_and_predictions_told_from_fits(site):
    context = twin(site, "evidence")
    assert [row["residual"] for row in context["times"]] == [
        pytest.approx(row["model"] - row["published"]) for row in context["times"]
    ]
    assert {row["phase"] for row in context["volumes"] if row["year"] == 2024} == {"predicted"}


def test_disruptions_have_a_page_each_with_a_picture_before_and_after(site):
    shown = page(site, "disruption/bridge_out.html")
    assert "bridge_out.before.en.svg" in shown
    assert "bridge_out.after.en.svg" in shown


def test_tables_stand_beside_the_pages(site):
    routes = pl.read_csv(site / "data/freight_routes.csv")
    assert set(routes["pair"]) == {"across", "down"}
    assert routes["nature"].unique().to_list() == ["M"]


def test_a_map_that_moves_is_there_only_where_its_library_is(tmp_path, monkeypatch):
    about = {"gauge": "1520", "status": "open", "km": 5.0, "basis": "sourced", "source": "hand"}
    links = [{"from": "elm", "to": "oak", "mode": mode, **about} for mode in ("rail", "sea")]
    places = {
        name: {"place": name, "name_en": name, "name_ru": name, "area": "AAA", "type": "city", "lon": 1.0, "lat": 2.0}
        for name in ("elm", "oak")
    }
    asked = (links, places, {"features": []}, ["AAA"], (0.0, 0.0, 9.0, 9.0), {("elm", "oak"): [(3.0, 4.0)]})
    monkeypatch.setattr(moving, "LIBRARY", "no_such_library")
    assert moving.files(*asked) == {}
    scripts = tmp_path / "invented_maps" / "srcjs"
    scripts.mkdir(parents=True)
    (scripts.parent / "__init__.py").write_text("raise SystemExit('never imported')")
    for name in moving.SCRIPTS:
        (scripts / name).write_text("x")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(moving, "LIBRARY", "invented_maps")
    found = moving.files(*asked)
    assert found["static/maplibre-gl.js"] == b"x"
    line, way = json.loads(found["corridor/links.geojson"])["features"]
    assert line["geometry"]["coordinates"] == [[1.0, 2.0], [1.0, 2.0]]
    assert way["geometry"]["coordinates"] == [[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]]
    assert line["properties"]["from_en"] == "elm"


def test_ways_by_ship_turn_where_the_pack_says_and_others_do_not():
    spots = {"a": figures.Spot(0, 10), "b": figures.Spot(4, 10)}
    bends = {("a", "b"): [(2.0, 14.0)], ("b", "a"): [(2.0, 14.0)]}
    window = (-1.0, 5.0, 5.0, 15.0)

    def drawn(mode):
        row = {"from": "a", "to": "b", "mode": mode, "status": "open"}
        shown = figures.network([row], spots, {"features": []}, [], window, bends)
        return len(re.findall(r'<path d="M[^"]*"', shown)[-1].split("L")) - 1

    assert (drawn("sea"), drawn("rail")) == (2, 1)


def test_tonnes_at_points_stand_beside_what_was_observed_there(site):
    rows = {row["point"]: row for row in twin(site, "evidence")["through"]}
    assert rows["bridge"]["residual"] == pytest.approx(rows["bridge"]["cheapest_mt"] - 3.5)
    assert 'id="through"' in page(site, "evidence.html")
    little = {row["point"] for row in rows.values() if row["cheapest_mt"] < 0.1 * row["observed_mt"]}
    assert {row["point"] for row in twin(site, "projects")["little"]} == little
    assert "percentile of 20 draws of every number" in page(site, "projects.html")


def test_model_output_is_no_forecast_and_says_how_old_what_it_rests_on_is(site):
    for name in ("routes", "disruptions", "criticality"):
        assert "not a forecast" in page(site, f"{name}.html")
    ages = twin(site, "criticality")["ages"]
    assert all(age["first"] <= age["middle"] <= age["last"] for age in ages.values())
    assert f"What is carried is derived for {ages['demand']['first']}" in page(site, "criticality.html")


def test_segments_that_take_on_more_goods_are_named_with_what_is_held_of_their_money(tmp_path):
    root = riverland.write(tmp_path / "pack")
    add_network(root)
    corridors = serai.open(root, home=tmp_path / "home").corridors
    segments = [("pier", "place", "", "", ""), ("lake road", "link", "pier", "elm", "road"),
                ("bridge", "border", "ford", "oak", "rail"), ("chord", "project", "", "", "")]  # fmt: skip
    money = pl.DataFrame(segments, schema=["segment", "kind", "from", "to", "mode"], orient="row")
    found = {row["segment"]: row for row in Gathered(corridors, "boxes", money).taking_on("bridge_out")}
    assert set(found) == {"pier", "lake road"}  # the bridge is out, and a project is no place
    flows = corridors.disrupted_flows("bridge_out")
    road = flows.filter((pl.col("kind") == "link") & (pl.col("mode") == "road"))
    assert found["lake road"]["after"] == pytest.approx(road["tonnes_after"].sum())
    assert found["pier"]["more"] > 0


def test_ranges_are_promised_only_where_they_are(site):
    assert "5th and 95th percentile" not in page(site, "disruptions.html")
    assert "50 draws of demand" in page(site, "disruption/bridge_out.html")

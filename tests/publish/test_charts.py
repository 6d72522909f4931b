"""Charts: the same figures give the same bytes, and nothing a reader needs hangs on colour alone."""

from __future__ import annotations

import re

import polars as pl
import pytest

from serai.publish import draw
from serai.publish.axes import axis_domain, axis_factor, axis_ticks, spread
from serai.publish.charts import fan_chart, heatmap, line_chart, map_chart
from serai.publish.palette import CLASSES, LINES

AREAS = ("AAA", "BBB", "CCC")


def figures(last: int = 2020) -> pl.DataFrame:
    rows = [
        (area, year, 10.0 * i + year - 2000, "C" if i else "M")
        for i, area in enumerate(AREAS[:2])
        for year in range(2010, last + 1)
    ]
    return pl.DataFrame(rows, schema=["area", "period", "value", "nature"], orient="row")


def paths(width: float = 1.0) -> pl.DataFrame:
    rows = [("AAA", year, 20.0, 20 - width, 20 + width, 20 - 9 * width, 20 + 9 * width) for year in range(2021, 2031)]
    return pl.DataFrame(rows, schema=["area", "period", "median", "lo80", "hi80", "lo95", "hi95"], orient="row")


def test_the_same_figures_give_the_same_bytes_whatever_was_drawn_before():
    chart = line_chart(figures(), AREAS, target=5.0)
    first = draw.svg(chart)
    draw.svg(fan_chart(figures(), paths(), AREAS))
    assert draw.svg(chart) == first


def test_ids_of_two_pictures_on_one_page_never_meet():
    ids = [
        set(re.findall(r'id="([^"]+)"', draw.svg(line_chart(figures(last), AREAS, target=5.0))))
        for last in (2019, 2020)
    ]
    assert all(ids)
    assert not ids[0] & ids[1]


def test_lines_are_labelled_at_their_ends_and_labels_keep_apart():
    labels = line_chart(figures(), AREAS).data["labels"]
    assert [row["area"] for row in labels] == ["AAA", "BBB"]
    places = spread([1.0, 1.01, 1.02], 5.0, 0.0, 100.0)
    assert sorted(places)[1] - sorted(places)[0] == pytest.approx(5.0, abs=0.1)
    assert min(places) >= 0


def test_modelled_figures_are_hollow_and_reported_ones_filled():
    points = line_chart(figures(), AREAS).data["points"]
    assert {row["area"]: row["hollow"] for row in points} == {"AAA": True, "BBB": False}


def test_the_target_is_on_the_axis():
    chart = line_chart(figures(), AREAS, target=80.0)
    assert chart.params["y1"] >= 80
    assert chart.data["targets"][0]["value"] == 80.0


def test_every_area_has_a_panel_even_without_figures():
    titles = [row["text"] for row in fan_chart(figures(), paths(), AREAS).data["titles"]]
    assert titles == ["AAA", "BBB", "CCC  –"]


def test_a_fan_opens_at_the_last_observation_and_stays_in_its_panel():
    data = fan_chart(figures(), paths(width=1e6), AREAS).data
    assert len(data["bands"]) == 11
    first = data["bands"][0]
    assert first["lo95"] == first["hi95"]
    tops = {row["hi95"] for row in data["bands"]} | {row["lo95"] for row in data["bands"]}
    assert min(tops) >= 26
    assert max(tops) <= 26 + 116


def test_large_figures_are_shown_in_millions():
    big = figures().with_columns(pl.col("value") * 1e6)
    assert axis_factor(big["value"]) == 1e6
    assert line_chart(big, AREAS).params["y1"] < 1000


@pytest.mark.parametrize(
    ("values", "ends"),
    [([], (0, 1)), ([0, 0], (-0.6, 0.6)), ([3, 97], (0, 100)), ([90, 97], (90, 98)), ([-5, -1], (-5, 0))],
)
def test_axes_end_at_round_numbers(values, ends):
    assert axis_domain(values) == pytest.approx(ends)


def test_ticks_reach_both_ends_of_a_round_axis():
    assert axis_ticks(0, 100) == [0, 50, 100]
    assert axis_ticks(0, 80) == [0, 20, 40, 60, 80]


def test_signs_and_line_styles_tell_apart_without_colour():
    assert len({mark.sign for mark in CLASSES.values()}) == len(CLASSES)
    assert len({(line.dash, line.marker) for line in LINES}) == len(LINES)


def test_decimal_marks_change_in_words_and_nowhere_else():
    drawing = '<path d="M0.5,1.5"/><text x="1.5">0.5</text><text>A.B</text>'
    assert draw.with_decimal(drawing, ",") == '<path d="M0.5,1.5"/><text x="1.5">0,5</text><text>A.B</text>'


def test_one_specification_serves_page_picture_and_print():
    chart = heatmap([{"row": "1", "column": "A", "class": None, "share": "0/4"}])
    assert draw.svg(chart).startswith("<svg")
    assert draw.png(chart, scale=1).startswith(b"\x89PNG")
    assert draw.pdf(chart).startswith(b"%PDF")
    assert chart.chart().to_dict()["datasets"]["cells"][0]["sign"] == "–"


def test_a_map_is_cut_to_its_window(region):
    chart = map_chart(region.pack.geometry, region.members, (0, 0, 12, 10), {"AAA": ("Alder", 5, 5)})
    roles = {shape["properties"]["area"]: shape["properties"]["role"] for shape in chart.data["shapes"]}
    assert roles == {"AAA": "member", "BBB": "member", "CCC": "other"}
    assert "Alder" in draw.svg(chart)


def test_a_picture_is_drawn_once(tmp_path):
    drawer = draw.Drawer(tmp_path, jobs=1)
    chart = line_chart(figures(), AREAS)
    one = drawer.draw({"a": chart, "b": chart})
    again = draw.Drawer(tmp_path, jobs=1)
    assert again.draw({"a": chart})["a"] == one["a"] == one["b"]
    assert (drawer.drawn, again.drawn, again.reused) == (1, 0, 1)


@pytest.mark.slow
def test_two_processes_draw_what_one_draws(tmp_path):
    charts = {str(last): line_chart(figures(last), AREAS) for last in range(2012, 2062)}
    alone = draw.Drawer(tmp_path / "one", jobs=1).draw(charts)
    assert draw.Drawer(tmp_path / "two", jobs=2).draw(charts) == alone


@pytest.mark.parametrize("values", [[0.0, 3e-14], [5.0, 5.0 + 1e-12], [1e12, 1e12 + 1e-3]])
def test_figures_that_hardly_differ_still_have_an_axis(values: list[float]) -> None:
    low, high = axis_domain(values)
    assert low < high
    assert axis_ticks(low, high)

"""Dependence on data: own, country-reported, modelled, from one foreign source."""

from __future__ import annotations

import polars as pl

from serai.depend.data import data_dependence


def test_a_series_counts_by_its_latest_figure_of_each_provider() -> None:
    rows = [
        ("WATER", "AAA", 2019, "M", "un"),
        ("WATER", "AAA", 2020, "C", "un"),
        ("WATER", "AAA", 2020, "C", "aaa_stat"),
        ("POVERTY", "AAA", 2020, "M", "un"),
        ("POVERTY", "BBB", 2020, "", "un"),
    ]
    frame = pl.DataFrame(rows, schema=["series", "area", "period", "nature", "provider"], orient="row")
    figures = frame.with_columns(pl.lit("published").alias("status"))
    providers = pl.DataFrame({"provider": ["un", "aaa_stat"], "area": ["", "AAA"]})
    found = data_dependence(figures, providers, ["AAA", "BBB", "CCC"])
    columns = ("series", "own", "country_reported", "not_country", "unsaid", "one_foreign", "one_foreign_not_country")
    assert found.select(columns).rows() == [(2, 1, 1, 1, 0, 1, 1), (1, 0, 0, 0, 1, 1, 0), (0, 0, 0, 0, 0, 0, 0)]
    assert found["largest"].to_list() == ["un", "un", None]
    # One and a half of two series are of the UN, half of one is the country's own.
    assert found["hhi"][0] == 0.75**2 + 0.25**2

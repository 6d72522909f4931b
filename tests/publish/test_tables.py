"""The tables beside the site: all there, all described."""

from __future__ import annotations

import json

import polars as pl

from serai.publish.material import gather
from serai.publish.tables import described_tables, frames, package, series_files, table_files


def test_every_table_and_column_is_described(region):
    for name, frame in frames(gather(region, ("en",))).items():
        described = described_tables()[name]["columns"]
        assert set(frame.columns) <= set(described), name
        assert all(described.values())


def test_tables_come_as_csv_and_parquet_with_the_same_rows(region, tmp_path):
    tables = frames(gather(region, ("en",)))
    for address, content in table_files(tables):
        path = tmp_path / address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for name, frame in tables.items():
        assert pl.read_parquet(tmp_path / f"data/{name}.parquet").height == frame.height
        assert pl.read_csv(tmp_path / f"data/{name}.csv").height == frame.height


def test_a_series_has_its_own_file_with_all_slices_and_providers(region):
    files = dict(series_files(gather(region, ("en",))))
    poverty = pl.read_csv(files["data/series/POVERTY.csv"])
    assert set(poverty["provider"]) == {"un", "aaa_stat"}
    assert "SEX=F" in set(poverty["dimensions"].drop_nulls())
    assert {"data/goals/6.csv", "data/countries/BBB.csv"} <= set(files)


def test_the_data_package_names_every_file_and_licence(region):
    material = gather(region, ("en",))
    content = json.loads(package(material, frames(material)))
    assert {resource["name"] for resource in content["resources"]} == set(frames(material))
    assert set(frames(material)) <= set(described_tables())
    assert content["licenses"] == [{"title": "CC0"}]

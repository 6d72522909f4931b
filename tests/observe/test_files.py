from __future__ import annotations

import polars as pl
import pytest

from serai.errors import SourceError
from serai.observe.files import read_csv, read_parquet


def test_a_corrupt_parquet_file_is_refused_in_one_line(tmp_path):
    path = tmp_path / "figures.parquet"
    pl.DataFrame({"series": ["S1"] * 1000}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceError, match=r"figures.parquet: not a readable parquet file .*copy it again") as error:
        read_parquet(path)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_refused_with_its_place(tmp_path):
    with pytest.raises(SourceError, match=r"figures.parquet: no such file in"):
        read_parquet(tmp_path / "figures.parquet")
    with pytest.raises(SourceError, match=r"figures.csv: no such file in"):
        read_csv(tmp_path / "figures.csv")


def test_a_table_of_another_form_names_every_missing_column(tmp_path):
    (tmp_path / "figures.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SourceError) as error:
        read_csv(tmp_path / "figures.csv", ("a", "c", "d"))
    assert [line.split(";")[0] for line in str(error.value).splitlines()] == [
        "figures.csv: column is missing [c]",
        "figures.csv: column is missing [d]",
    ]


def test_a_file_that_is_no_table_is_refused(tmp_path):
    (tmp_path / "figures.csv").write_bytes(b"\xff\xfe\x00\x01,\n\xff")
    with pytest.raises(SourceError, match=r"figures.csv: not a CSV table"):
        read_csv(tmp_path / "figures.csv")

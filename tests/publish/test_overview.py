"""The region in one screen."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from serai.errors import InputError
from serai.publish.overview import overview, read_overview

GOALS = pl.DataFrame(
    {
        "area": ["AAA", "AAA", "BBB"],
        "goal": ["1", "6", "1"],
        "class": ["target_achieved", "deterioration", None],
        "indicators": [13, 11, 13],
        "indicators_with_data": [9, 8, 0],
    }
)
PROGRESS = pl.DataFrame(
    {"area": ["AAA", "AAA", "AAA"], "latest_year": [2018, 2021, None], "release": [date(2023, 6, 1)] * 3}
)


def test_a_row_says_what_is_on_track_and_how_old_the_data_are():
    found = overview(GOALS, PROGRESS, ("AAA", "BBB"), {"AAA": "Alder"})
    alder, birch = found.rows
    assert (alder.name, alder.on_track, alder.with_data, alder.indicators) == ("Alder", 1, 17, 24)
    assert (alder.median_year, found.age(alder)) == (2018, 5)
    assert [mark.sign for mark in alder.marks[:6]] == ["✓", "–", "–", "–", "–", "↓"]
    assert (birch.name, birch.with_data, birch.median_year, found.age(birch)) == ("BBB", 0, None, None)


def test_it_is_read_from_the_tables_beside_the_site(tmp_path: Path):
    with pytest.raises(InputError, match="build it again"):
        read_overview(tmp_path, ("AAA",), {})
    GOALS.write_parquet(tmp_path / "goals.parquet")
    PROGRESS.write_parquet(tmp_path / "progress.parquet")
    assert read_overview(tmp_path, ("AAA",), {}).rows[0].on_track == 1

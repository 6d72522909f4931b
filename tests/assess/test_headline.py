"""Which slice stands for a series."""

from __future__ import annotations

import polars as pl
import pytest
from frames import observed

from serai.assess.headline import headline
from serai.errors import InputError

TABLE = pl.DataFrame(
    {
        "series": ["total", "adults", "silent"],
        "dimensions": ["", "AGE=15+", None],
        "kind": ["all_total", "standing_slice", "none"],
        "reason": ["", "no total exists", "slices do not add up"],
    }
)


def test_keeps_the_slice_that_stands_for_each_series() -> None:
    table = pl.concat(
        [
            observed({2020: 1.0}, series=series, dimensions=dims)
            for series in ("total", "adults", "silent", "unlisted")
            for dims in ("", "AGE=15+")
        ]
    )
    kept = headline(table, TABLE)
    assert kept.columns == table.columns
    assert kept.select("series", "dimensions").rows() == [("total", ""), ("adults", "AGE=15+"), ("unlisted", "")]


def test_a_series_listed_twice_is_refused() -> None:
    with pytest.raises(InputError, match="series 'total' has more than one row"):
        headline(observed({2020: 1.0}), pl.concat([TABLE, TABLE.head(1)]))

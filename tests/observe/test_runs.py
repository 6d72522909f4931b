from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from serai.observe.runs import digest, from_runs, to_runs
from serai.observe.schema import CONTENT, OBSERVATION

RELEASES = [date(2020 + number, 1, 1) for number in range(5)]


def table(cells: dict[tuple[int, int], float | None]) -> pl.DataFrame:
    """(release number, year) -> value, as observations."""
    rows = [
        {
            "series": "S1", "area": "AAA", "period": year, "dimensions": "", "value": value, "bound": "", "unit": "",
            "nature": "", "provider": "p", "release": RELEASES[number], "status": "published", "note": "",
        }
        for (number, year), value in cells.items()
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=dict(OBSERVATION))


def spans(runs: pl.DataFrame) -> list[tuple[int, int]]:
    return [(a.year - 2020, b.year - 2020) for a, b in runs.select("release_from", "release_to").iter_rows()]


def test_an_unchanged_row_is_one_run():
    assert spans(to_runs(table({(n, 2015): 1.0 for n in range(5)}), RELEASES)) == [(0, 4)]


def test_a_value_that_vanishes_and_returns_is_two_runs():
    assert spans(to_runs(table({(n, 2015): 1.0 for n in (0, 1, 3, 4)}), RELEASES)) == [(0, 1), (3, 4)]


def test_a_value_that_changes_and_changes_back_is_three_runs():
    runs = to_runs(table({(0, 2015): 1.0, (1, 2015): 2.0, (2, 2015): 1.0}), RELEASES)
    assert sorted(spans(runs)) == [(0, 0), (1, 1), (2, 2)]


def test_a_change_of_any_column_ends_a_run():
    for column in CONTENT:
        changed = {"value": 9.0}.get(column, ">" if column == "bound" else "changed")
        frame = table({(0, 2015): 1.0, (1, 2015): 1.0}).with_columns(
            pl.when(pl.col("release") == RELEASES[1]).then(pl.lit(changed)).otherwise(pl.col(column)).alias(column)
        )
        assert to_runs(frame, RELEASES).height == 2, column


cells = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(2010, 2013)), st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.5]))
)


@given(cells)
def test_runs_give_every_release_back_row_for_row(found):
    frame = table(found)
    back = from_runs(to_runs(frame, RELEASES), RELEASES).select(frame.columns)
    order = ["release", "period"]
    assert back.sort(order).equals(frame.sort(order))


def test_a_digest_knows_the_rows_and_not_their_order():
    frame = table({(0, 2015): 1.0, (0, 2016): None})
    assert digest(frame) == digest(frame.reverse())
    assert digest(frame) != digest(frame.with_columns(pl.lit(0.0).alias("value")))

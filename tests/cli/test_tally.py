"""Counts printed for all methods add up to the rows that went in."""

from __future__ import annotations

import polars as pl

from serai.cli._tally import NO_CLASS, classes_of, reasons_of

ROWS = pl.DataFrame(
    {
        "method": ["a", "a", "a", "a", "b", "b", "b", "b"],
        "class": ["up", None, None, None, "up", "down", None, None],
        "reason": [
            None,
            "no rule: x",
            "no rule: y",
            "one year of data since 2015 (2019)",
            None,
            None,
            "no rule: x",
            None,
        ],
    }
)


def test_counts_by_class_reconcile() -> None:
    table = classes_of(ROWS)
    assert table.group_by("method").agg(pl.col("rows").sum())["rows"].to_list() == [4, 4]
    assert table.filter(pl.col("class") == NO_CLASS)["rows"].to_list() == [3, 2]


def test_reasons_that_differ_by_a_year_or_a_rule_are_one_and_add_up() -> None:
    table = reasons_of(ROWS)
    assert table.columns == ["reason", "a", "b"]
    assert table.row(0) == ("no rule, for a reviewed reason", 2, 1)
    assert (table["a"].sum(), table["b"].sum()) == (3, 2)
    assert "one year of data since 2015" in table["reason"].to_list()

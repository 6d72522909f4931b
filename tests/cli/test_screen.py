"""What a person reads beside the tables: steps in words, rows left out."""

from __future__ import annotations

import polars as pl
import pytest

from serai.cli._io import Steps, show


def test_steps_read_as_words_and_say_when_they_begin(capsys: pytest.CaptureFixture[str]) -> None:
    tell = Steps(None)
    for done in range(4):
        tell("charts", done, 3)
    assert capsys.readouterr().err == "drawing charts …\ndrawing charts 3/3\n"


def test_rows_left_out_are_counted_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    show(pl.DataFrame({"n": range(100)}), None)
    assert capsys.readouterr().err == "60 of 100 rows are not shown; write all with --output FILE.csv\n"
    show(pl.DataFrame({"n": range(40)}), None)
    assert capsys.readouterr().err == ""

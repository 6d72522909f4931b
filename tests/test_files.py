"""Files are written whole or not at all; what cannot be read is refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from serai.cli._io import show
from serai.coordinate.iati import ruleset as rulesets
from serai.coordinate.workplan import read_plan
from serai.depend.scenarios import read_scenario_file
from serai.errors import Fault, InputError, OutputError, PackError
from serai.files import whole, write_beside
from serai.region.disruptions import read_scenarios


def _half(beside: Path) -> None:
    beside.write_text("half")
    raise OSError(28, "No space left on device")


def _interrupted(place: Path) -> None:
    with whole(place) as beside:
        beside.write_text("half")
        raise KeyboardInterrupt


def test_what_was_there_stays_when_writing_fails(tmp_path: Path) -> None:
    place = tmp_path / "table.csv"
    place.write_text("before")
    with pytest.raises(OutputError, match=r"table\.csv': No space left on device; make room"):
        write_beside(place, _half)
    assert place.read_text() == "before"
    assert list(tmp_path.iterdir()) == [place], "nothing is left beside it"


def test_nothing_is_left_when_the_block_ends_in_another_error(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _interrupted(tmp_path / "table.csv")
    assert not list(tmp_path.iterdir())


def test_folders_are_made_and_a_folder_is_no_file(tmp_path: Path) -> None:
    write_beside(tmp_path / "a/b/c.txt", lambda beside: beside.write_text("whole"))
    assert (tmp_path / "a/b/c.txt").read_text() == "whole"
    for place in (tmp_path / "a", Path()):
        with pytest.raises(OutputError, match="cannot write"):
            write_beside(place, lambda beside: beside.write_text("whole"))


def test_a_table_of_the_command_line_is_written_whole_or_refused(tmp_path: Path) -> None:
    table = pl.DataFrame({"area": ["AAA"], "value": [1.0]})
    show(table, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "area,value\nAAA,1.0\n"
    with pytest.raises(OutputError, match="choose another place"):
        show(table, tmp_path / "nowhere" / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_plan, "a = " + "[" * 20_000),
        (read_scenario_file, "a = " + "[" * 20_000),
        (rulesets.read, "[" * 200_000),
        (lambda path: _refused(*read_scenarios(path.parent, path.name)), "a = " + "[" * 20_000),
    ],
    ids=["work plan", "flows that give way", "ruleset", "disruptions"],
)
def test_a_file_nested_without_end_is_refused(tmp_path: Path, read: Callable[[Path], object], text: str) -> None:
    path = tmp_path / "deep.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"deep\.toml.*: not (valid TOML|JSON)"):
        read(path)


def _refused(found: object, faults: list[Fault]) -> None:
    assert found is None
    raise PackError("small", faults)

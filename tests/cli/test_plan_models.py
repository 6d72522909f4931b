"""``serai plan calibrate`` and its neighbours: what they print, what they refuse."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

import riverland
from serai.cli import main
from serai.plan.planner import CALIBRATION

pytestmark = pytest.mark.filterwarnings("ignore:Cyclopts application invoked without tokens")


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Riverland with a figure of every year for one member."""
    years = range(2000, 2021)
    figures = {**riverland.FIGURES, ("WATER_ACCESS", "AAA"): {y: 50.0 + 1.5 * (y - 2000) + (y % 3) for y in years}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(riverland, "FIGURES", figures)
        return riverland.write(tmp_path_factory.mktemp("cli") / "pack")


def called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *words: str) -> int:
    """Exit code of a command in a home of its own."""
    monkeypatch.setenv("SERAI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "argv", ["serai", "plan", *words])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_a_member_is_calibrated_and_written_with_every_column(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "aaa.csv"
    assert not called(monkeypatch, tmp_path, "calibrate", "AAA", "--to", "0.7", "-r", str(pack), "-o", str(out))
    found = pl.read_csv(out)
    assert found.columns == list(CALIBRATION)
    assert found["indicator"].unique().to_list() == ["WATER_ACCESS"]
    assert (found["fit_level"] >= 0.7).all()
    assert "not a forecast" in capsys.readouterr().err
    assert not called(monkeypatch, tmp_path, "calibrate", "AAA", "--to", "0.7", "-r", str(pack))
    assert "2000-2020" in capsys.readouterr().out


def test_series_left_out_are_listed_with_the_reason(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "series.csv"
    assert not called(monkeypatch, tmp_path, "indicators", "AAA", "-r", str(pack), "-o", str(out))
    reasons = dict(pl.read_csv(out).select("series", "reason").iter_rows())
    assert reasons["WATER_ACCESS"] is None
    assert reasons["POVERTY"].startswith("3 years with a figure from 2000 to 20")
    assert not called(monkeypatch, tmp_path, "indicators", "AAA", "-r", str(pack))
    assert "WATER_ACCESS" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("calibrate", "XXX"), "unknown member 'XXX'"),
        (("calibrate", "BBB"), "BBB: no instrumental indicator has enough data"),
        (("calibrate", "AAA", "--to", "1.5"), "AAA: threshold is 1.5"),
        (("holdout", "AAA", "--fitted-to", "2020", "--year", "2015"), "fitted to 2020 and looked at in 2015"),
    ],
)
def test_faults_end_in_one_line_and_exit_code_2(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...], says: str,
) -> None:  # fmt: skip
    assert called(monkeypatch, tmp_path, *words, "-r", str(pack)) == 2
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("serai: ")
    assert says in last

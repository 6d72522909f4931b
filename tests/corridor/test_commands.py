"""The commands of goods on the network: what they print and write, and how a user's fault ends."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from corridor.network_pack import add_network
from serai.cli import app, main


@pytest.fixture
def pack(pack_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    add_network(pack_dir)
    monkeypatch.setenv("SERAI_HOME", str(tmp_path / "home"))
    return str(pack_dir)


@pytest.mark.parametrize(
    ("command", "columns"),
    [
        ("assign", {"area", "role", "commodity", "tonnes", "unserved_t", "usd_per_t", "days"}),
        ("assign --steps", {"kind", "from", "to", "tonnes", "tonnes_boxes"}),
        ("assign --theta 0.05", {"area", "tonnes"}),
        ("demand", {"from", "to", "commodity", "value", "low", "high", "source"}),
        ("transit", {"kind", "origin", "destination", "period", "value", "unit", "nature"}),
        ("throughput", {"point", "observed_mt", "cheapest_mt", "logit_mt"}),
        ("disrupt low", {"area", "role", "commodity", "extra_cost_usd", "extra_cost_usd_low", "unserved_t"}),
        ("disrupt bridge_out --flows", {"kind", "from", "to", "tonnes_before", "tonnes_after", "tonnes_extra"}),
        ("disrupt bridge_out --routes --commodity boxes", {"from", "to", "days_before", "days_after", "served"}),
        ("criticality --kind border", {"kind", "element", "area", "extra_cost_usd", "unserved_t"}),
        ("appraise chord --draws 3", {"project", "area", "benefit_usd", "npv_usd", "benefit_cost", "cost_usd"}),
    ],
)
def test_what_a_command_shows_it_also_writes(
    pack: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, columns: set[str]
) -> None:
    out = tmp_path / "out.csv"
    region = ["--region", pack]
    app(["corridor", *command.split(), *region], exit_on_error=False, result_action="return_value")
    assert capsys.readouterr().out.strip()
    app(["corridor", *command.split(), *region, "-o", str(out)], exit_on_error=False, result_action="return_value")
    assert columns <= set(pl.read_csv(out).columns)


def test_an_ensemble_says_what_it_found(pack: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "runs.parquet"
    words = ["corridor", "ensemble", "--runs", "20", "-o", str(out), "--region", pack]
    app(words, exit_on_error=False, result_action="return_value")
    assert "p99" in capsys.readouterr().out
    assert pl.read_parquet(out)["run"].n_unique() == 20


@pytest.mark.filterwarnings("ignore:Cyclopts application invoked without tokens")
@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["disrupt", "flood"], "unknown scenario 'flood'"),
        (["disrupt", "none.toml"], "cannot read 'none.toml': no such file"),
        (["disrupt", "nowhere/none"], "its name ends in .toml"),
        (["appraise", "-o", "nowhere/worth.csv"], "no folder 'nowhere'"),
        (["appraise", "-o", "worth.txt"], "use a name that ends in .csv"),
        (["appraise", "moon"], "unknown project 'moon'"),
        (["criticality", "--kind", "moon"], "unknown kind of element 'moon'"),
        (["ensemble", "-o", "runs.csv"], "ends in .parquet"),
        (["ensemble", "-o", "runs.parquet", "--seed", "-1"], "seed -1; give a whole number from 0"),
        (["ensemble", "-o", "runs.parquet", "--seed", str(1 << 64)], "give a whole number from 0"),
        (["appraise", "--draws", "0"], "give at least 1"),
        (["disrupt", "bridge_out", "--family", "new"], "add --routes"),
        (["ensemble", "--runs", "1", "-o", "runs.parquet", "--scheduler", "127.0.0.1:1"], "no dask scheduler answers"),
        (["assign", "--theta", "-1"], "theta is -1"),
    ],
)
def test_a_fault_ends_in_one_line_and_code_two(
    pack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    words: list[str], problem: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["serai", "corridor", *words, "--region", pack])
    with pytest.raises(SystemExit) as caught:
        main()
    told = capsys.readouterr().err
    assert caught.value.code == 2
    assert problem in told
    assert "Traceback" not in told
    assert not (tmp_path / "runs.parquet").exists()

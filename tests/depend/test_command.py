"""The command line: tables out, faults as one line and exit code 2."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl

from depend.flow_pack import add_flows

SAMPLES = Path(__file__).parent / "samples"


def serai(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from serai.cli import main; main()", "depend", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "SERAI_HOME": str(home)}
    )


def test_overview_profile_and_scenario(pack_dir: Path, tmp_path: Path) -> None:
    pack = str(add_flows(pack_dir))
    shown = serai("--region", pack, home=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "largest" in shown.stdout
    assert serai("show", "AAA", "--region", pack, "-o", str(tmp_path / "a.csv"), home=tmp_path).returncode == 0
    assert pl.read_csv(tmp_path / "a.csv")["area"].unique().to_list() == ["AAA"]
    ran = serai(
        "propagate", "less_money", "--draws", "20", "--region", pack, "-o", str(tmp_path / "s.csv"), home=tmp_path
    )
    assert ran.returncode == 0
    assert "Model output" in ran.stderr
    assert pl.read_csv(tmp_path / "s.csv").filter(pl.col("area") == "AAA")["total"].max() == 25.0


def test_faults_end_in_one_line_and_two(pack_dir: Path, tmp_path: Path) -> None:
    pack = str(add_flows(pack_dir))
    for arguments, said in (
        (("show", "ZZZ"), "unknown area 'ZZZ'"),
        (("propagate", "nothing"), "unknown scenario 'nothing'"),
        (("show", "AAA", "--top", "0"), "--top is 0"),
        (("--kind", "gold"), "unknown kind of flow 'gold'"),
        (("import", "comtrade", str(SAMPLES / "baci.csv"), "--kind", "trade"), "not a file of UN Comtrade"),
    ):
        found = serai(*arguments, "--region", pack, home=tmp_path)
        assert (found.returncode, len(found.stderr.strip().splitlines()[-1:])) == (2, 1)
        assert said in found.stderr
        assert "Traceback" not in found.stderr


def test_what_was_imported_is_there_afterwards(pack_dir: Path, tmp_path: Path) -> None:
    pack = str(add_flows(pack_dir))
    own = tmp_path / "own.csv"
    own.write_text(
        "kind,origin,destination,period,value,unit,provider,nature,reported_by,note\n"
        "money,CCC,AAA,2022,70,USD,p,C,,\nmoney,BBB,AAA,2022,30,USD,p,C,,\n",
        encoding="utf-8",
    )
    assert serai("import", "flows", str(own), "--region", pack, home=tmp_path).returncode == 0
    serai("show", "AAA", "--kind", "money", "--region", pack, "-o", str(tmp_path / "a.csv"), home=tmp_path)
    found = pl.read_csv(tmp_path / "a.csv").select("partner", "period", "share").rows()
    assert found == [("CCC", 2022, 0.7), ("BBB", 2022, 0.3)]

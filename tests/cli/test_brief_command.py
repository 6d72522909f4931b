"""``serai brief``: what it writes, what it shows, and how it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

import riverland
from serai.cli.brief import tables
from serai.publish.overview import Overview, OverviewRow
from serai.publish.palette import CLASSES, NO_CLASS


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return riverland.write(tmp_path / "pack")


def run(pack: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, its home beside the pack."""
    command = [sys.executable, "-c", "from serai.cli import main; main()", "brief", "--region", pack, *arguments]
    env = os.environ | {"SERAI_HOME": str(pack.parent / "home")}
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, env=env, check=False)


def test_one_command_writes_site_brief_and_data(pack, tmp_path):
    out = tmp_path / "out"
    done = run(pack, "--out", out)
    assert done.returncode == 0, done.stderr
    for name in ("index.html", "ru/index.html", "brief.pdf", "brief.ru.pdf", "data/goals.csv", "data/goals.parquet"):
        assert (out / name).stat().st_size > 0
    assert "\x1b" not in done.stdout + done.stderr, "piped output is plain"
    assert "Riverland: goals 1 to 17, release of 2023-06-01" in done.stdout
    assert [line.split()[0] for line in done.stdout.splitlines() if "/17" in line] == ["Alder", "Birch"]
    assert str(out / "brief.ru.pdf") in done.stdout

    before = (out / "brief.pdf").stat().st_mtime_ns
    assert "nothing had changed" in run(pack, "--out", out).stdout
    assert (out / "brief.pdf").stat().st_mtime_ns == before


def test_the_first_language_asked_for_stands_at_the_root(pack, tmp_path):
    out = tmp_path / "out"
    done = run(pack, "--out", out, "--language", "ru")
    assert done.returncode == 0, done.stderr
    assert (out / "brief.pdf").is_file()
    assert not (out / "brief.ru.pdf").exists()
    assert 'lang="ru"' in (out / "index.html").read_text(encoding="utf-8")


def test_an_unknown_language_is_refused_in_one_line(pack, tmp_path):
    done = run(pack, "--out", tmp_path / "out", "--language", "rr")
    assert done.returncode == 2
    assert done.stderr.startswith("serai: unknown language 'rr' in region riverland")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_an_output_that_is_a_file_is_refused_in_one_line(pack, tmp_path):
    out = tmp_path / "out"
    out.write_text("mine")
    done = run(pack, "--out", out)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"serai: {out} is a file")
    assert out.read_text() == "mine"


@pytest.mark.parametrize(("width", "parts"), [(80, 2), (126, 1)])
def test_the_table_fits_the_screen(width, parts, capsys):
    marks = tuple([CLASSES["target_achieved"], CLASSES["deterioration"], NO_CLASS] * 6)[:17]
    found = Overview((OverviewRow("AAA", "A country of a long name", marks, 6, 248, 131, 2020),), None)
    made = tables(found, plain=True, width=width)
    assert len(made) == parts
    screen = Console(width=width)
    for table in made:
        screen.print(table)
    shown = capsys.readouterr().out
    assert "✓" in shown
    assert "131/248" in shown
    assert "…" not in shown

"""Side by side with sdg-build: the same national SDMX-ML files, each side in cold processes, in turn.

Theirs writes data files; ours stores the figures and writes pages, charts and data files. See ``README.md`` beside
this file for what is measured.

    python benchmarks/sdg_build.py --files DIR --structure DSD.xml --peer-python PATH
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
TARGET = 5.0


@dataclass
class Side:
    """One contender: how it is run, and what its runs cost."""

    name: str
    command: list[str]
    edited: Path | None = None
    """Where its input is copied to and one figure changed before every run; its output and stores are then kept."""
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    done: dict[str, Any] = field(default_factory=dict)

    def run(self, work: Path, *, count: bool = True) -> None:
        """One cold process, with all processes it starts; its last line of output says what it did."""
        if self.edited is not None:
            work = work.parent / "kept"
            _change_one_figure(self.edited)
        printed, log = work.parent / "printed.txt", work.parent / "log.txt"
        with printed.open("w") as output, log.open("a") as errors:
            started = time.perf_counter()
            process = subprocess.Popen([*self.command, "--work", str(work)], stdout=output, stderr=errors)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - started
        process.returncode = status
        if status:
            raise SystemExit(f"{self.name} failed:\n{log.read_text()[-2000:]}")
        self.done = json.loads(printed.read_text().splitlines()[-1])
        if count:
            self.wall.append(wall)
            self.cpu.append(usage.ru_utime + usage.ru_stime)
            self.memory.append(usage.ru_maxrss / 1024)

    def row(self) -> str:
        """What it cost and what it did, as a line of the table."""
        cells = (_range(self.wall), _range(self.cpu), f"{max(self.memory):.0f}", f"{self.done['figures']:,}")
        size = f"{self.done['bytes'] / 2**20:.1f}"
        return _line(self.name, *cells, f"{self.done['files']:,}", size)


def _change_one_figure(folder: Path) -> None:
    """Another value for the first observation of the first message: the smallest release there is."""
    path = sorted(folder.glob("*.xml"))[0]
    value = f'OBS_VALUE="{time.time_ns() % 9973 / 100}"'
    path.write_text(re.sub(r'OBS_VALUE="[^"]*"', value, path.read_text(encoding="utf-8"), count=1), encoding="utf-8")


def _range(seconds: list[float]) -> str:
    return f"{median(seconds):.2f} ({min(seconds):.2f}-{max(seconds):.2f})"


def _line(name: str, wall: str, cpu: str, memory: str, figures: str, files: str, size: str) -> str:
    return f"{name:22}{wall:>20}{cpu:>20}{memory:>7}{figures:>9}{files:>7}{size:>8}"


def main() -> None:
    """Run every side in turn and print the table and the ratios."""
    chosen = _options()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        edited = shutil.copytree(chosen.files, Path(folder) / "edited")
        sides = _sides(chosen, edited)
        for number in range(chosen.repeats + 1):
            for place, side in enumerate(sides):
                # The first round warms disk caches and compiled modules and is not counted.
                side.run(Path(folder) / f"{number}-{place}", count=number > 0)
                print(f"\rround {number} of {chosen.repeats}: {side.name:30}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
    _report(chosen, sides)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--files", type=Path, required=True, help="directory of SDMX-ML data messages (*.xml)")
    options.add_argument("--structure", type=Path, required=True, help="their structure message")
    options.add_argument("--peer-python", required=True, help="an interpreter that can import sdg")
    options.add_argument(
        "--pack", default="central_asia", help="pack that goal names, areas, rules, outlines come from"
    )
    options.add_argument("--repeats", type=int, default=5)
    return options.parse_args()


def _sides(chosen: argparse.Namespace, edited: Path) -> list[Side]:
    structure = ["--structure", str(chosen.structure.resolve())]
    given = ["--files", str(chosen.files.resolve()), *structure]
    peer = [chosen.peer_python, str(HERE / "_peer.py"), *given]
    ours = [sys.executable, str(HERE / "_ours.py"), "--pack", chosen.pack]
    return [
        Side("serai, whole site", [*ours, *given]),
        Side("serai, one new figure", [*ours, "--files", str(edited), *structure], edited),
        Side("sdg-build, data files", [*peer, "--mode", "data"]),
        Side("sdg-build, its build", [*peer, "--mode", "build"]),
        Side("sdg-build, with names", [*peer, "--mode", "names"]),
    ]


def _report(chosen: argparse.Namespace, sides: list[Side]) -> None:
    ours, again, *peers = sides
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores; {chosen.repeats} counted runs of each, in turn")
    print(_line("", "wall s", "CPU s", "MB", "figures", "files", "MB out"))
    for side in sides:
        print(side.row())
    for side in (ours, again):
        print(f"{side.name}: {side.done['pages']} pages, {side.done['charts']} charts drawn in the last run")
        print(f"  seconds {side.done['seconds']}, of the site {side.done['site']}")
    for one in (ours, again):
        for side in peers:
            wall, cpu = median(side.wall) / median(one.wall), median(side.cpu) / median(one.cpu)
            verdict = "reached" if min(wall, cpu) >= TARGET else "not reached"
            print(f"{side.name} / {one.name}: {wall:.2f} wall, {cpu:.2f} CPU (aim {TARGET:g}: {verdict})")
    if len({side.done["figures"] for side in sides}) > 1:
        raise SystemExit("the sides did not read the same number of figures")


if __name__ == "__main__":
    main()

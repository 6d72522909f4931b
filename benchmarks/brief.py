"""The main job as a whole process: cold, again with nothing changed, and the start of the command line.

    python benchmarks/brief.py [--region central_asia]

Prints wall and CPU seconds and peak memory beside the bounds the project has set itself, and the heaviest page.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

SERAI = [sys.executable, "-c", "from serai.cli import main; main()"]


def run(arguments: list[str], home: Path) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak memory (MB, largest process) of one command."""
    started = time.perf_counter()
    with open(os.devnull, "w") as nothing:  # noqa: PTH123
        environment = {**os.environ, "SERAI_HOME": str(home)}
        process = subprocess.Popen([*SERAI, *arguments], stdout=nothing, stderr=nothing, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        raise SystemExit(f"serai {' '.join(arguments)} failed")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def line(what: str, figures: tuple[float, float, float], bound: str) -> None:
    """Print one measurement."""
    print(f"{what:34} {figures[0]:8.2f} s wall {figures[1]:8.2f} s CPU {figures[2]:7.0f} MB   bound: {bound}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--region", default="central_asia")
    region = parser.parse_args().region
    with tempfile.TemporaryDirectory() as folder:
        home, out = Path(folder) / "home", Path(folder) / "out"
        job = ["brief", "--region", region, "--out", str(out)]
        line("serai brief, empty home", run(job, home), "90 s, 2,000 MB")
        again = [run(job, home) for _ in range(5)]
        line("serai brief, nothing changed", tuple(map(median, zip(*again, strict=True))), "3 s")  # type: ignore[arg-type]
        starts = [run(["--help"], home) for _ in range(5)]
        line("serai --help", tuple(map(median, zip(*starts, strict=True))), "0.4 s")  # type: ignore[arg-type]
        pages = sorted(out.rglob("*.html"), key=lambda path: path.stat().st_size)
        size = pages[-1].stat().st_size / 1e3
        print(f"{len(pages):,} pages; heaviest {pages[-1].relative_to(out)} {size:.0f} kB, bound: 300 kB")


if __name__ == "__main__":
    main()

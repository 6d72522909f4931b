"""Our side of a benchmark, one run: SDMX-ML files to a stored region and its whole site.

A lake, pictures and pages that an earlier run left in the same directory are used again where they still hold.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path

STARTED = time.perf_counter()


class _Laps:
    """Seconds by step since the process began its work."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = STARTED

    def end(self, step: str) -> None:
        """Close a step."""
        now = time.perf_counter()
        self.seconds[step], self._last = round(now - self._last, 3), now


def main() -> None:
    """Read, store, assess, draw, write; the last line printed is a JSON object with what was done."""
    options = argparse.ArgumentParser(description=__doc__)
    for name in ("files", "structure", "work"):
        options.add_argument(f"--{name}", type=Path, required=True)
    options.add_argument("--pack", required=True)
    chosen = options.parse_args()

    from _sdmx_pack import make_pack

    import serai
    from serai.publish.site import build_site

    laps = _Laps()
    laps.end("imports")
    files = sorted(chosen.files.glob("*.xml"))
    shutil.rmtree(chosen.work / "pack", ignore_errors=True)
    pack, figures = make_pack(chosen.work / "pack", files, chosen.structure, chosen.pack)
    laps.end("read")
    region = serai.open(pack, home=chosen.work / "home")
    region.observations()
    laps.end("store")
    report = build_site(region, chosen.work / "out")
    laps.end("site")
    written = [path for path in (chosen.work / "out").rglob("*") if path.is_file()]
    json.dump(
        {
            "figures": figures,
            "indicators": len(files),
            "pages": report.pages,
            "charts": report.charts_drawn,
            "files": len(written),
            "bytes": sum(path.stat().st_size for path in written),
            "seconds": laps.seconds,
            "site": report.seconds,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()

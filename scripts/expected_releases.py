"""Write what the run table of the UN releases must give back, from the source itself: rows and digest of each release.

    python scripts/expected_releases.py --data DIR [--out tests/observe/unsd_releases.csv]

``tests/observe`` compares the committed pack with this table.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

from pack_io import write_csv
from pack_unsd import REGION
from serai.observe.codes import Codes
from serai.observe.files import read_parquet
from serai.observe.runs import digest
from serai.observe.un_sdg import observations
from serai.region import load_pack

EXPECTED = Path(__file__).resolve().parent.parent / "tests/observe/unsd_releases.csv"


def main() -> None:
    """Read the source, write one line per release."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=EXPECTED)
    arguments = parser.parse_args()
    pack = load_pack("central_asia")
    codes = Codes.of(pack.table("dimensions"), pack.table("units")["unit"], pack.table("areas")["area"])
    raw = read_parquet(arguments.data / REGION)
    rows = []
    for release in sorted(raw["release"].unique()):
        frame = observations(raw.filter(pl.col("release") == release), release, codes, REGION)
        rows.append((release, frame.height, digest(frame)))
    write_csv(arguments.out, ("release", "rows", "digest"), rows)


if __name__ == "__main__":
    main()

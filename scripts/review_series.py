"""Write the reviewed tables of a pack: which way each series should move, and which slice stands for it.

Every series is decided by hand, in ``review_decisions.csv`` (rules; ``review_national.csv`` for series that national
offices name themselves) and ``review_slices.csv`` (headline slices that are
not the plain total). This script joins the decisions with what the data and the list of 2030 values say, refuses what
does not fit together, and writes ``reviewed/rules.csv`` and ``reviewed/headline.csv``, the same bytes every time.

    python scripts/review_series.py DATA [--pack src/serai/packs/central_asia]

DATA holds ``un_sdg/`` (releases) and ``sdg_list/`` (2030 values and directions); the pack holds ``dimensions.csv``.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import review_rules
import review_slices

HERE = Path(__file__).parent


def write(path: Path, rows: list[dict[str, str]]) -> None:
    """Write rows as UTF-8 CSV with bare newlines; the first row names the columns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> int:
    """Write both tables, or list every fault and write nothing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pack", type=Path, default=HERE.parent / "src/serai/packs/central_asia")
    given = parser.parse_args()
    rules, faults = review_rules.build(given.data, HERE / "review_decisions.csv")
    own, missing = review_rules.national(given.pack, HERE / "review_national.csv", {row["series"] for row in rules})
    rules, faults = sorted([*rules, *own], key=lambda row: row["series"]), [*faults, *missing]
    slices, more = review_slices.build(given.data, given.pack, HERE / "review_slices.csv")
    for fault in faults + more:
        print(fault, file=sys.stderr)
    if faults or more:
        return 2
    write(given.pack / "reviewed/rules.csv", rules)
    write(given.pack / "reviewed/headline.csv", slices)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Reading the tables at hand and writing the pack's: always the same bytes for the same rows."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl

INPUTS = Path(__file__).parent / "pack_inputs"
"""Tables written by hand."""

WRITTEN: list[Path] = []
"""Files this run has written: what the lock is about."""


def place(path: Path) -> Path:
    """A file about to be written; its directory exists from here on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    WRITTEN.append(path)
    return path


def read_input(name: str) -> list[dict[str, str]]:
    """A hand-written table, every cell as text."""
    with (INPUTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def has_input(name: str) -> bool:
    """Whether there is such a hand-written table."""
    return (INPUTS / name).is_file()


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a table; UTF-8, ``\\n``, empty for null, ``true``/``false``; returns the number of rows."""
    number = 0
    with place(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for number, row in enumerate(rows, 1):  # noqa: B007 - the last number is the count
            writer.writerow([_cell(value) for value in row])
    return number


def write_rows(path: Path, rows: Sequence[Mapping[str, object]]) -> int:
    """Write dictionaries with the same keys as a table."""
    header = list(rows[0])
    return write_csv(path, header, ([row[name] for name in header] for row in rows))


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def write_runs(path: Path, runs: pl.DataFrame) -> int:
    """Write a run table, sorted by key; returns the number of rows."""
    return write_parquet(path, runs.sort("series", "dimensions", "area", "period", "release_from"))


def write_parquet(path: Path, frame: pl.DataFrame) -> int:
    """Write a table compactly, in one group and without statistics, which no reader asks for; returns the rows."""
    frame.write_parquet(
        place(path), compression="zstd", compression_level=19, row_group_size=max(frame.height, 1), statistics=False
    )
    return frame.height


def write_lock_of(out: Path, rows: Mapping[str, int], lock: str = "pack.lock.json") -> None:
    """Bring the lock up to date for some files of a pack."""
    path = out / lock
    known = json.loads(path.read_text(encoding="utf-8"))
    for name, count in rows.items():
        known[name] = {"rows": count, "sha256": hashlib.sha256((out / name).read_bytes()).hexdigest()}
    path.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")

"""Headline slices of series: the plain total where it is published, else the slice decided by hand."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import polars as pl
from serai.observe.un_sdg import canonical_dimensions

from review_rules import LATEST

NOTHING = "none"
"""In place of a slice: no slice stands for the series."""


def published(data: Path) -> dict[str, set[str]]:
    """Slices of every series: in the latest release, or in the older ones if the latest does not carry the series."""
    columns = [pl.col(name).cast(pl.String) for name in ("series", "dims")]
    world = pl.scan_parquet(data / "un_sdg" / LATEST).select(columns).unique().collect()
    past = pl.scan_parquet(data / "un_sdg/releases_region.parquet").select(columns).unique().collect()
    gone = past.join(world.select("series").unique(), on="series", how="anti")
    found: defaultdict[str, set[str]] = defaultdict(set)
    for series, dims in pl.concat([world, gone]).iter_rows():
        found[series].add(canonical_dimensions(dims))
    return dict(found)


def decided(path: Path) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Slice and reason of every series decided by hand, and the series decided more than once."""
    found: dict[str, tuple[str, str]] = {}
    faults = []
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            for series in row["series"].split():
                if series in found:
                    faults.append(f"{series}: its slice is decided twice")
                found[series] = (row["dimensions"], row["reason"])
    return found, faults


def total(keys: set[str]) -> str:
    """Why the total stands: over what it is a total."""
    names = sorted({part.split("=")[0].lower().replace("_", " ") for key in keys for part in key.split("|") if part})
    if not names:
        return "The series has no breakdown."
    over = " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
    return f"The total over {over} is published."


def row(series: str, keys: set[str], choice: tuple[str, str] | None) -> dict[str, str]:
    """Row of ``headline.csv``; ValueError if the slice is not in the data or nobody chose one."""
    if choice is None and "" not in keys:
        raise ValueError(f"no total is published and no slice is decided; there are {len(keys)}")
    slice_, reason = choice or ("", total(keys))
    if slice_ != NOTHING and slice_ not in keys:
        raise ValueError(f"the slice {slice_!r} is not in the data; there is {min(keys)!r}, for one")
    kind = NOTHING if slice_ == NOTHING else "standing_slice" if slice_ else "all_total"
    return {
        "series": series,
        "dimensions": "" if kind == NOTHING else slice_,
        "kind": kind,
        "reason": reason,
    }


def build(data: Path, path: Path) -> tuple[list[dict[str, str]], list[str]]:
    """Rows of ``headline.csv`` by series, and every fault met on the way."""
    known = published(data)
    choices, faults = decided(path)
    faults += [
        f"{series}: a slice is decided, but no release carries it" for series in sorted(set(choices) - set(known))
    ]
    rows = []
    for series in sorted(known):
        try:
            rows.append(row(series, known[series], choices.get(series)))
        except ValueError as fault:
            faults.append(f"{series}: {fault}")
    return rows, faults

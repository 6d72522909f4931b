"""Headline slices of series: the plain total where it is published, else the slice decided by hand."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import polars as pl

from review_rules import LATEST
from serai.observe.codes import Codes, canonical_dimensions

NOTHING = "none"
"""In place of a slice: no slice stands for the series."""


def dimension_codes(path: Path) -> Codes:
    """Codes of the pack's table of dimensions."""
    table = pl.read_csv(path, infer_schema=False).with_columns(pl.col("total") == "true")
    return Codes.of(table, units=[], areas=[])


def published(data: Path, codes: Codes) -> dict[str, set[str]]:
    """Slices of every series: in the latest release, or in the older ones if the latest does not carry the series."""
    columns = [pl.col(name).cast(pl.String) for name in ("series", "dims")]
    world = pl.scan_parquet(data / "un_sdg" / LATEST).select(columns).unique().collect()
    past = pl.scan_parquet(data / "un_sdg/releases_region.parquet").select(columns).unique().collect()
    gone = past.join(world.select("series").unique(), on="series", how="anti")
    slices = pl.concat([world, gone])
    found: defaultdict[str, set[str]] = defaultdict(set)
    for series, key in zip(slices["series"], canonical_dimensions(slices["dims"], codes), strict=True):
        found[series].add(key)
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
    names = [name for name in names if name != "bounds"]  # bounds lie around an estimate, they do not divide it
    if not names:
        return "The series has no breakdown."
    over = " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
    return f"The total over {over} is published."


def headline(series: str, keys: set[str], choice: tuple[str, str] | None) -> dict[str, str]:
    """Row of ``headline.csv``; ValueError if the slice is not in the data or nobody chose one."""
    if choice is None and "" not in keys:
        raise ValueError(f"no total is published and no slice is decided; there are {len(keys)}")
    key, reason = choice or ("", total(keys))
    if key != NOTHING and key not in keys:
        raise ValueError(f"the slice {key!r} is not in the data; there is {min(keys)!r}, for one")
    kind = NOTHING if key == NOTHING else "standing_slice" if key else "all_total"
    return {"series": series, "dimensions": "" if kind == NOTHING else key, "kind": kind, "reason": reason}


def build(data: Path, pack: Path, path: Path) -> tuple[list[dict[str, str]], list[str]]:
    """Rows of ``headline.csv`` by series, and every fault met on the way."""
    known = published(data, dimension_codes(pack / "dimensions.csv"))
    choices, faults = decided(path)
    faults += [f"{series}: no release carries it" for series in sorted(set(choices) - set(known))]
    rows = []
    for series in sorted(known):
        try:
            rows.append(headline(series, known[series], choices.get(series)))
        except ValueError as fault:
            faults.append(f"{series}: {fault}")
    return rows, faults

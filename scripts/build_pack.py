"""Build the data tables of a region pack from the tables at hand.

    python scripts/build_pack.py --data DIR [--out src/serai/packs/central_asia]
    python scripts/build_pack.py --lock     # only pack.lock.json, after a change by hand of a file it lists

``DIR`` holds the folders un_sdg, national, sdg_list, geo, country_groups, wpp2024 and coordination. What is written by
hand stays as it is: ``region.toml``, ``sources.toml`` and ``reviewed/`` of the pack, and the tables in
``scripts/pack_inputs``. The output is the same, byte for byte, however often it is built.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import time
import tomllib
from collections.abc import Collection
from pathlib import Path

import polars as pl

import pack_activities
import pack_areas
import pack_coordinate
import pack_depend
import pack_geometry
import pack_national
import pack_population
import pack_sdg
import pack_un_codes
import pack_unsd
from pack_io import WRITTEN, read_input, write_rows
from serai.observe.codes import Codes

PACK = Path(__file__).resolve().parent.parent / "src/serai/packs/central_asia"
LIMIT = 12_000_000
LOCK = "pack.lock.json"


def main() -> None:
    """Read the arguments, build, print what there is now."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--data", type=Path, help="directory with the tables at hand")
    what.add_argument("--lock", action="store_true", help="only bring pack.lock.json up to date")
    parser.add_argument("--out", type=Path, default=PACK, help="where to write the pack")
    arguments = parser.parse_args()
    started = time.perf_counter()
    if arguments.lock:
        write_lock(arguments.out, locked(arguments.out))
        return
    build(arguments.data, arguments.out)
    print(f"{time.perf_counter() - started:.1f} s")


def build(data: Path, out: Path) -> None:
    """Write every generated table of the pack, then its lock."""
    region = tomllib.loads((PACK / "region.toml").read_text(encoding="utf-8"))
    raw, national = pack_unsd.load(data), pack_national.load(data)
    frames = list(raw.values())
    areas = pack_areas.write_areas(data, out, frames, region)
    codes = write_codes(data, out, frames, national, areas)
    by_m49 = {int(str(row["m49"])): str(row["area"]) for row in areas if row["kind"] == "country"}
    pack_geometry.write_geometry(data, out, region, by_m49)
    pack_population.write_population(data, out, by_m49)
    observed = pack_national.observations(national, codes)
    pack_national.write_national(out, observed)
    region_table = pack_unsd.region_runs(raw["region"], codes)
    pack_unsd.world_agrees(raw, codes, region_table)
    pack_unsd.write_unsd(out, region_table, pack_unsd.world_runs(raw, codes))
    pack_unsd.write_source_keys(out, raw, codes)
    pack_sdg.write_sdg_lists(data, out)
    about = pack_national.series_about(data, national, pack_sdg.official_titles(out))
    aliases = list(csv.DictReader((PACK / "reviewed/aliases.csv").open(encoding="utf-8", newline="")))
    runs = [pl.read_parquet(out / f"observations/{name}.parquet") for name in ("unsd_region", "unsd_world", *observed)]
    un = pack_unsd.indicators(raw)
    pack_sdg.write_series(data, out, runs, un=un, about=about, aliases=aliases)
    pack_coordinate.write(data, out)
    pack_depend.write(data, out)
    pack_activities.write(data, out)
    write_lock(out, [*WRITTEN, *locked(out)])


def locked(out: Path) -> list[Path]:
    """Files the lock lists already: those of ``pack_corridor.py``, built by itself, stay in it."""
    lock = out / LOCK
    return [out / name for name in json.loads(lock.read_text(encoding="utf-8"))] if lock.is_file() else []


def write_codes(
    data: Path,
    out: Path,
    frames: list[pl.DataFrame],
    national: dict[str, pl.DataFrame],
    areas: list[dict[str, object]],
) -> Codes:
    """``dimensions.csv`` and ``units.csv``; returns all codes that a source may use."""
    countries = {str(row["iso2"]): str(row["name"]) for row in areas if row["iso2"]}
    dimensions = pack_un_codes.dimension_rows(data, pack_un_codes.used_pairs(frames), countries)
    dimensions += pack_national.dimension_rows(data, national.values())
    write_rows(out / "dimensions.csv", dimensions)
    units = read_input("units.csv")
    write_rows(out / "units.csv", units)
    return Codes.of(pl.DataFrame(dimensions), [row["unit"] for row in units], [str(row["area"]) for row in areas])


def write_lock(out: Path, built: Collection[Path]) -> None:
    """``pack.lock.json``: SHA-256 and rows of every file built; prints sizes, refuses too much."""
    lock, total = {}, 0
    for path in sorted(path for path in out.rglob("*") if path.is_file() and path.name != LOCK):
        name, content = path.relative_to(out).as_posix(), path.read_bytes()
        rows = _rows(path)
        if path in built:
            lock[name] = {"rows": rows, "sha256": hashlib.sha256(content).hexdigest()}
        total += len(content)
        print(f"{len(content):>10,}  {rows or '':>9}  {name}")
    (out / LOCK).write_text(json.dumps(lock, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{total:>10,}  of {LIMIT:,}")
    if total > LIMIT:
        raise SystemExit("the pack is larger than its limit")


def _rows(path: Path) -> int | None:
    if path.suffix == ".parquet":
        return int(pl.scan_parquet(path).select(pl.len()).collect().item())
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return sum(1 for _ in csv.reader(file)) - 1
    return None


if __name__ == "__main__":
    main()

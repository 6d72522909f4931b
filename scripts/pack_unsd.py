"""The UN database: every release for the region's countries, the latest one for everybody else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from pack_io import write_parquet, write_runs
from serai.observe import un_sdg, un_sdg_history
from serai.observe.codes import Codes
from serai.observe.files import read_parquet
from serai.observe.runs import from_runs, to_runs

REGION, WORLD = "un_sdg/releases_region.parquet", "un_sdg/release_2023-12-17_world.parquet"
LATEST = date(2023, 12, 17)
SINGLE, SINGLE_RELEASE = "un_sdg/sdg_SE_TOT_CPLR_2022-04-03.parquet", date(2022, 4, 3)
"""One series whose file is missing in the latest release as packaged: from the last release that has it."""
KEY = ["series", "area", "period", "dimensions"]


def load(data: Path) -> dict[str, pl.DataFrame]:
    """The source tables as they come."""
    single = read_parquet(data / SINGLE)
    empty = [pl.lit(None, pl.String).alias(name) for name in un_sdg.RAW if name not in single.columns]
    return {
        "region": read_parquet(data / REGION, ("release", *un_sdg.RAW)),
        "world": read_parquet(data / WORLD, un_sdg.RAW),
        "single": single.with_columns(empty),
    }


def region_runs(raw: pl.DataFrame, codes: Codes) -> pl.DataFrame:
    """All releases of the region's countries as runs; ends the build where they do not give the source back exactly."""
    releases = sorted(raw["release"].unique())
    tables = [
        un_sdg.observations(raw.filter(pl.col("release") == release), release, codes, f"{REGION} {release}")
        for release in releases
    ]
    observed = pl.concat(tables)
    runs = un_sdg_history.history(observed, releases)
    _compare(observed, from_runs(runs, releases))
    return runs


def _compare(observed: pl.DataFrame, rebuilt: pl.DataFrame) -> None:
    """Every (release, row) of the source must come back, with its value, bound and status, and where given its unit and
    nature; filled-in units and natures must say so in the note.
    """
    both = observed.join(rebuilt, on=["release", *KEY], how="full", suffix="_rebuilt")
    same = pl.all_horizontal(pl.col(n).eq_missing(pl.col(f"{n}_rebuilt")) for n in ("value", "bound", "status"))
    kept = pl.all_horizontal(
        (pl.col(name) == pl.col(f"{name}_rebuilt"))
        | ((pl.col(name) == "") & pl.col("note_rebuilt").str.contains(f"{name}.* from release"))
        for name in ("unit", "nature")
    )
    noted = pl.col("note_rebuilt").str.starts_with(pl.col("note"))
    wrong = both.filter(~(same & kept & noted).fill_null(False))
    if wrong.height or not observed.height == rebuilt.height == both.height:
        raise SystemExit(
            f"runs do not rebuild the source: {observed.height} rows, {rebuilt.height} rebuilt, {wrong.height} differ"
        )


def world_runs(raw: dict[str, pl.DataFrame], codes: Codes) -> pl.DataFrame:
    """The latest release of all areas that are not in the region's table, as runs of one release."""
    there = set(raw["region"]["iso3"].unique())
    parts = []
    for name, release, file in (("world", LATEST, WORLD), ("single", SINGLE_RELEASE, SINGLE)):
        observed = un_sdg.observations(raw[name], release, codes, file)
        if observed.height != raw[name].height:
            raise SystemExit(f"{file}: {raw[name].height} rows, {observed.height} observed")
        parts.append(to_runs(observed.filter(~pl.col("area").is_in(there)), [release]))
    return pl.concat(parts)


def world_agrees(raw: dict[str, pl.DataFrame], codes: Codes, region: pl.DataFrame) -> int:
    """Rows of the latest release that both tables hold; ends the build where the two differ."""
    world = un_sdg.observations(raw["world"], LATEST, codes, WORLD)
    latest = region.filter(pl.col("release_to") == LATEST)
    here = world.filter(pl.col("area").is_in(latest["area"].unique().implode()))
    both = here.join(latest, on=KEY, how="full", suffix="_region")
    differing = both.filter(pl.col("value").ne_missing(pl.col("value_region")) | pl.col("series").is_null())
    if differing.height or here.height != latest.height:
        raise SystemExit(f"the two tables of {LATEST} differ in {differing.height} rows")
    return here.height


def write_unsd(out: Path, region: pl.DataFrame, world: pl.DataFrame) -> None:
    """The two run tables."""
    write_runs(out / "observations/unsd_region.parquet", region)
    write_runs(out / "observations/unsd_world.parquet", world)


def indicators(raw: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """series, release, indicator of all releases (several indicators of a series separated by commas)."""
    parts = [raw["region"].select("series", "release", "indicator")]
    for name, release in (("world", LATEST), ("single", SINGLE_RELEASE)):
        parts.append(raw[name].select(pl.col("series", "indicator").cast(pl.String), release=pl.lit(release)))
    return pl.concat([part.select("series", "release", "indicator").unique() for part in parts]).unique().sort(pl.all())


def write_source_keys(out: Path, raw: dict[str, pl.DataFrame], codes: Codes) -> int:
    """``source_keys.parquet``: the source's own key of every slice, by unbroken run of releases; returns the rows.

    Within a release a series and our key give one key of the source, so that a table of ours can be written back in its
    codes; the build ends where that does not hold.
    """
    parts = [raw["region"].select("release", "series", "dims")]
    for name, release in (("world", LATEST), ("single", SINGLE_RELEASE)):
        parts.append(raw[name].select(pl.lit(release).alias("release"), pl.col("series", "dims").cast(pl.String)))
    every = pl.concat(parts).with_columns(pl.col("dims").fill_null("")).unique().sort("series", "release", "dims")
    keys = every.with_columns(dimensions=un_sdg.canonical_dimensions(every["dims"], codes))
    if keys.select("series", "release", "dimensions").is_duplicated().any():
        raise SystemExit("two keys of the source become one of ours within a release")
    order = {release: number for number, release in enumerate(sorted(raw["region"]["release"].unique()))}
    rows = keys.with_columns(number=pl.col("release").replace_strict(order, return_dtype=pl.Int32))
    rows = rows.sort("series", "dimensions", "dims", "number")
    group = ["series", "dimensions", "dims"]
    starts = (pl.col("number") != pl.col("number").shift().over(group) + 1).fill_null(True)
    runs = (
        rows.with_columns(starts.cum_sum().alias("run"))
        .group_by("run", maintain_order=True)
        .agg(
            *(pl.col(name).first() for name in group),
            release_from=pl.col("release").first(),
            release_to=pl.col("release").last(),
        )
    )
    table = runs.select("series", "dimensions", pl.col("dims").alias("source_key"), "release_from", "release_to")
    return write_parquet(out / "source_keys.parquet", table)

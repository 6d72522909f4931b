"""A small region pack made on the fly from SDMX-ML files and their structure, for benchmarks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from serai.observe.codes import Codes
from serai.observe.sdmx import observations
from serai.observe.sdmx_ml import read_messages
from serai.observe.sdmx_structure import Structure, dimension_table, read_structure, series_titles
from serai.region import Pack, load_pack
from serai.region.tables import OBSERVATION_RUNS, TABLES

PROVIDER = "national"
UNITS = {"PT": "PERCENT"}
"""Our unit for the source's, where they differ and a rule may speak of it."""
COPIED = (
    "sdg/goals.csv",
    "sdg/targets.csv",
    "sdg/indicators.csv",
    "sdg/indicator_targets.csv",
    "geometry/countries.json",
)
LANGUAGES = ("en", "ru")
AREA = dict.fromkeys(("area", "m49", "iso2", "kind", "parent", "name"), pl.String)


def make_pack(root: Path, files: Iterable[Path], structure_file: Path, base: str) -> tuple[Path, int]:
    """Write the pack; returns its directory and the number of observations.

    Args:
        root: directory to make.
        files: SDMX-ML 2.1 data messages of one country.
        structure_file: their structure message.
        base: pack whose goal and indicator names, areas, rules and outlines are used.
    """
    shipped = load_pack(base)
    structure = read_structure(structure_file)
    raw = read_messages(files)
    areas = _areas(raw, shipped)
    units = _names(structure, "UNIT_MEASURE", set(raw["UNIT_MEASURE"])).with_columns(pl.col("unit").replace(UNITS))
    dimensions = dimension_table(structure)
    frame = observations(
        raw,
        provider=PROVIDER,
        codes=Codes.of(dimensions, units["unit"], areas.values()),
        areas=areas,
        units=UNITS,
        release=raw["prepared"].str.to_date().max(),  # type: ignore[arg-type]
    )
    country = next(area for area in areas.values() if "-" not in area)
    root.mkdir(parents=True)
    for name in COPIED:
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(shipped.path / name, root / name)
    _write(root, _tables(frame, structure, shipped, areas, country) | {"dimensions": dimensions, "units": units})
    _write_observations(root, frame)
    (root / "region.toml").write_text(_manifest(shipped, country), encoding="utf-8")
    (root / "sources.toml").write_text(_sources(root), encoding="utf-8")
    return root, frame.height


def _areas(raw: pl.DataFrame, shipped: Pack) -> dict[str, str]:
    """Areas by the source's codes: a country by its two letters or its number, a region by letters that begin so."""
    table = shipped.table("areas").filter(pl.col("kind") == "country")
    known = {
        code: area for area, m49, iso2 in table.select("area", "m49", "iso2").iter_rows() for code in (iso2, str(m49))
    }
    out = {}
    for code in sorted(set(raw["REF_AREA"])):
        out[code] = known[code] if code in known else f"{known[code[:2]]}-{code}"
    return out


def _names(structure: Structure, concept: str, used: set[str]) -> pl.DataFrame:
    names = structure.names(concept).filter(pl.col("code").is_in(sorted(used)))
    wide = names.pivot("language", index="code", values="name", aggregate_function="first")
    return wide.select(pl.col("code").alias("unit"), name_en="en", name_ru=pl.coalesce("ru", "en"))


def _tables(
    frame: pl.DataFrame, structure: Structure, shipped: Pack, areas: Mapping[str, str], country: str
) -> dict[str, pl.DataFrame]:
    own = frame.filter(pl.col("area") == country)
    slices = (
        own.group_by("series", "dimensions")
        .len()
        .sort("series", pl.col("dimensions") != "", -pl.col("len").cast(pl.Int64), "dimensions")
    )
    headline = slices.unique("series", keep="first", maintain_order=True)
    total = pl.col("dimensions") == ""
    kind = pl.when(total).then(pl.lit("all_total")).otherwise(pl.lit("standing_slice"))
    own_area = shipped.table("areas").filter(pl.col("area") == country).with_columns(pl.col("m49").cast(pl.String))
    regions = [(area, "", "", "region", country, code) for code, area in sorted(areas.items()) if "-" in area]
    names = shipped.table("names").filter(pl.col("area") == country)
    return {
        "providers": pl.DataFrame(
            {"provider": PROVIDER, "name_en": "National statistics", "name_ru": "Национальная статистика",
             "kind": "international", "area": "", "url": ""}
        ),
        "areas": pl.concat([own_area, pl.DataFrame(regions, schema=AREA, orient="row")]),
        "names": names,
        "groups": pl.DataFrame({"group": ["bench"], "area": [country], "since": [""]}),
        "series": _series(frame, structure),
        "series_indicators": _indicators(frame, structure, shipped),
        "headline": headline.select("series", "dimensions", kind=kind, reason=pl.lit("most figures")),
        "rules": _rules(frame, shipped),
        **{name: shipped.table(name).clear() for name in ("aliases", "unit_changes")},
    }  # fmt: skip


def _series(frame: pl.DataFrame, structure: Structure) -> pl.DataFrame:
    titles = series_titles(structure).pivot("language", index="series", values="title", aggregate_function="first")
    used = frame.sort("period").group_by("series").agg(pl.col("unit").last()).sort("series")
    return used.join(titles, on="series", how="left").select(
        "series",
        title=pl.coalesce("en", "series"),
        title_ru="ru",
        unit="unit",
        source_en=pl.lit(""),
        source_ru=pl.lit(""),
    )


def _indicators(frame: pl.DataFrame, structure: Structure, shipped: Pack) -> pl.DataFrame:
    """Official numbers; a national number (``1.3.1.d``) counts for the official one it refines."""
    official = structure.indicators.with_columns(
        pl.col("indicator").str.extract(r"^(\d+\.[0-9a-z]+\.\d+)").alias("indicator")
    )
    known = official.join(shipped.table("indicators"), on="indicator", how="semi")
    return known.join(frame, on="series", how="semi").unique(["series", "indicator"]).sort("series", "indicator")


def _rules(frame: pl.DataFrame, shipped: Pack) -> pl.DataFrame:
    """The reviewed rule where the unit is the same, else none."""
    rules = shipped.table("rules")
    units = frame.sort("period").group_by("series").agg(pl.col("unit").last())
    kept = rules.join(units, on=["series", "unit"], how="semi")
    rest = units.join(kept, on="series", how="anti").select("series").sort("series")
    none = rest.with_columns(
        status=pl.lit("no_rule"), parity=False, source=pl.lit("none"), reason=pl.lit("not reviewed")
    )
    return pl.concat([kept, none], how="diagonal_relaxed").select(rules.columns)


def _write(root: Path, tables: Mapping[str, pl.DataFrame]) -> None:
    for spec in TABLES:
        if spec.name in tables:
            (root / spec.file).parent.mkdir(exist_ok=True)
            tables[spec.name].write_csv(root / spec.file)


def _write_observations(root: Path, frame: pl.DataFrame) -> None:
    runs = frame.with_columns(release_from="release", release_to="release")
    (root / "observations").mkdir()
    runs.select(OBSERVATION_RUNS.keys()).write_parquet(root / "observations" / f"{PROVIDER}.parquet")


def _manifest(shipped: Pack, country: str) -> str:
    window = shipped.manifest.map
    names = "\n".join(f'[[languages]]\ncode = "{code}"\nname = "{code}"\npublished = true' for code in LANGUAGES)
    return (
        f'id = "bench"\nmembers = ["{country}"]\nprimary_provider = "{PROVIDER}"\n'
        '[title]\nen = "Benchmark"\nru = "Замер"\n[centre]\nen = "Benchmark"\n[disclaimer]\nen = "None."\n'
        f"[map]\nwest = {window.west}\neast = {window.east}\nsouth = {window.south}\nnorth = {window.north}\n{names}\n"
    )


def _sources(root: Path) -> str:
    files = sorted(
        path.relative_to(root).as_posix() for path in root.rglob("*") if path.suffix in (".csv", ".parquet", ".json")
    )
    entries = (
        f"[[table]]\nfile = {json.dumps(name)}\ntitle = {json.dumps(name)}\nprovider = 'benchmark'\n"
        "source = 'benchmark'\nlicence = 'none'\nrelease = 'benchmark'\nretrieved = 'benchmark'\n"
        + _columns(root / name)
        for name in files
    )
    return "\n".join(entries)


def _columns(path: Path) -> str:
    """What the columns of a table are, which a pack must say: here, no more than their names."""
    if path.suffix == ".json":
        return ""
    names = pl.read_csv(path, n_rows=0).columns if path.suffix == ".csv" else list(pl.read_parquet_schema(path))
    return "[table.columns]\n" + "".join(f"{name} = {json.dumps(name)}\n" for name in names)

"""All checks of a pack. Every fault is reported, none causes a second one elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from serai.errors import Fault
from serai.region._check_activities import activity_faults
from serai.region._check_coordinate import register_faults
from serai.region._check_corridor import network_faults
from serai.region._check_depend import depend_faults
from serai.region._read import MAX_PARQUET_BYTES, MAX_TEXT_BYTES, confined, file_fault, parse, read_csv, shorten
from serai.region.disruptions import disruption_faults
from serai.region.manifest import Manifest, Sources
from serai.region.notes_coordinate import notes_faults
from serai.region.plan_files import plan_faults
from serai.region.tables import BOUNDS, NATURES, OBSERVATION_RUNS, PERIODS, RUN_KEY, STATUSES, TABLES, Column, Table

MAX_FAULTS_PER_CHECK = 20
"""A column that is wrong throughout is one mistake, not ten thousand."""

Tables = Mapping[str, pl.DataFrame]


def cell_faults(table: Table, raw: pl.DataFrame) -> Iterator[Fault]:
    """What single cells break: emptiness, type, choices, form, range; then repeated keys."""
    for column in table.columns:
        yield from _column_faults(table, raw, column)
    repeated = raw.filter(pl.struct(table.key).is_duplicated() & ~pl.struct(table.key).is_first_distinct())
    for row in _bounded(repeated):
        key = ", ".join(str(row[name]) for name in table.key)
        yield Fault(table.file, row["row"], key, f"key ({', '.join(table.key)}) appears twice", "keep one of the rows")


def _column_faults(table: Table, raw: pl.DataFrame, column: Column) -> Iterator[Fault]:
    name, text = column.name, pl.col(column.name)
    if column.required:
        for row in _bounded(raw.filter(text == "")):
            yield Fault(table.file, row["row"], "", f"{name} is empty", "fill it in")
    filled = raw.filter(text != "").with_columns(parse(raw, column).alias("parsed"))
    for row in _bounded(filled.filter(pl.col("parsed").is_null())):
        yield Fault(table.file, row["row"], shorten(row[name]), f"{name} is not of type {column.kind}", "correct it")
    if column.choices:
        remedy = f"use one of: {', '.join(repr(choice) for choice in column.choices)}"
        for row in _bounded(filled.filter(~text.is_in(list(column.choices)))):
            yield Fault(table.file, row["row"], shorten(row[name]), f"{name} is not an allowed value", remedy)
    if column.pattern:
        for row in _bounded(filled.filter(~text.str.contains(column.pattern))):
            yield Fault(
                table.file, row["row"], shorten(row[name]), f"{name} is malformed", "write it in its usual form"
            )
    if column.kind in ("int", "float"):
        yield from _number_faults(table, filled, column)


def _number_faults(table: Table, filled: pl.DataFrame, column: Column) -> Iterator[Fault]:
    low, high = column.low, column.high
    value = pl.col("parsed").cast(pl.Float64)
    bad = ~value.is_finite()
    if low is not None:
        bad |= value < low
    if high is not None:
        bad |= value > high
    remedy = (
        f"give a value {'' if low is None else f'from {low:g} '}{'' if high is None else f'up to {high:g}'}".strip()
    )
    for row in _bounded(filled.filter(bad)):
        yield Fault(table.file, row["row"], str(row[column.name]), f"{column.name} is out of range", remedy)


def reference_faults(table: Table, raw: pl.DataFrame, known: Tables) -> Iterator[Fault]:
    """Cells that name something another table does not hold."""
    for column in table.columns:
        if not column.refers:
            continue
        other, field = column.refers.split(".")
        if other not in known:
            continue
        text = pl.col(column.name)
        names = known[other][field].unique().implode()
        for row in _bounded(raw.filter((text != "") & ~text.is_in(names))):
            remedy = f"add it to {_file_of(other)} or correct it"
            yield Fault(table.file, row["row"], shorten(row[column.name]), f"unknown {column.name}", remedy)


def manifest_faults(manifest: Manifest, known: Tables) -> Iterator[Fault]:
    """Members and neighbours that no table knows or names; a provider that does not exist."""
    areas = set(known["areas"]["area"]) if "areas" in known else None
    named = set(known["names"].select("area", "language").iter_rows()) if "names" in known else None
    for area in (*manifest.members, *manifest.neighbours):
        if areas is not None and area not in areas:
            yield Fault("region.toml", None, area, "area is not in areas.csv", "add it there or correct the code")
        elif named is not None:
            for language in manifest.published_languages:
                if (area, language) not in named:
                    yield Fault("names.csv", None, area, f"no name in language {language}", "add a row")
    if "providers" in known and manifest.primary_provider not in set(known["providers"]["provider"]):
        yield Fault(
            "region.toml", None, manifest.primary_provider, "unknown primary_provider", "add it to providers.csv"
        )
    languages = {language.code for language in manifest.languages}
    if "names" in known:
        for row in _bounded(known["names"].filter(~pl.col("language").is_in(["", *languages]))):
            remedy = f"use one of: {', '.join(sorted(languages))}; or add it to languages in region.toml"
            yield Fault("names.csv", row["row"], shorten(row["language"]), "unknown language", remedy)
    if not manifest.published_languages:
        yield Fault("region.toml", None, "", "no language is published", "set published = true for at least one")


def rule_faults(raw: pl.DataFrame) -> Iterator[Fault]:
    """Rules that contradict themselves: the mistakes that would silently misjudge a country."""
    file = "reviewed/rules.csv"
    rules = raw.with_columns(
        pl.col(name).replace("", None).cast(pl.Float64, strict=False).alias(f"{name}_number")
        for name in ("target", "lower_limit", "upper_limit")
    )
    judged = pl.col("status").is_in(["rule", "rate"])
    checks = (
        (judged & (pl.col("direction") == "") & (pl.col("parity") != "true"), "direction", "a rule without direction",
         "give 1 or -1, or set status to no_rule"),
        ((pl.col("target") != "") & (pl.col("target_type") == ""), "target", "a target without target_type",
         "say absolute or factor"),
        ((pl.col("target_type") == "absolute") & (pl.col("target_number") > pl.col("upper_limit_number")), "target",
         "target lies above upper_limit", "correct one of them"),
        ((pl.col("target_type") == "absolute") & (pl.col("target_number") < pl.col("lower_limit_number")), "target",
         "target lies below lower_limit", "correct one of them"),
    )  # fmt: skip
    for bad, shown, problem, remedy in checks:
        for row in _bounded(rules.filter(bad)):
            yield Fault(file, row["row"], f"{row['series']} {row[shown]}".strip(), problem, remedy)


def observation_faults(root: Path, name: str, known: Tables) -> Iterator[Fault]:
    """What is wrong with one run table (parquet)."""
    path = root / name
    if fault := file_fault(path, name, MAX_PARQUET_BYTES):
        yield fault
        return
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        yield Fault(name, None, shorten(error), "not a readable parquet file", "copy it again from its source")
        return
    if faults := list(_schema_faults(name, frame.schema)):
        yield from faults
        return
    yield from _run_faults(name, frame.with_row_index("row", offset=1), known)


def _schema_faults(name: str, found: Mapping[str, pl.DataType]) -> Iterator[Fault]:
    for column, dtype in OBSERVATION_RUNS.items():
        if column not in found:
            yield Fault(name, None, column, "column is missing", "add it")
        elif found[column] != dtype and not (dtype == pl.String and found[column] in (pl.Categorical, pl.Enum)):
            yield Fault(name, None, f"{column}: {found[column]}", f"column is not of type {dtype}", "convert it")
    for column in found.keys() - OBSERVATION_RUNS.keys():
        yield Fault(name, None, column, "unknown column", "remove it")


def _run_faults(name: str, frame: pl.DataFrame, known: Tables) -> Iterator[Fault]:
    text = {column: pl.col(column).cast(pl.String) for column, dtype in OBSERVATION_RUNS.items() if dtype == pl.String}
    low, high = PERIODS
    checks = [
        ("period", ~pl.col("period").is_between(low, high), "year out of range", f"give a year from {low} to {high}"),
        ("nature", ~text["nature"].is_in(NATURES), "unknown nature", "use C, CA, E, M, G, N or nothing"),
        ("bound", ~text["bound"].is_in(BOUNDS), "unknown bound", "use > or < or nothing"),
        ("status", ~text["status"].is_in(STATUSES), "unknown status", f"use one of: {', '.join(STATUSES)}"),
        ("value", pl.col("value").is_nan() | pl.col("value").is_infinite(), "not a finite number", "leave it empty"),
        ("release_to", pl.col("release_to") < pl.col("release_from"), "run ends before it begins", "swap the dates"),
    ]
    for column in ("series", "area", "provider", "unit"):
        table = f"{column}s" if column != "series" else column
        if table in known:
            missing = ~text[column].is_in(["", *known[table][column]])
            checks.append((column, missing, f"unknown {column}", f"add it to {_file_of(table)} or correct it"))
    for column, bad, problem, remedy in checks:
        found = frame.filter(bad.fill_null(column != "value"))
        # One wrong code in a thousand rows is one mistake: the first row stands for all that carry it.
        same = found.group_by(column, maintain_order=True).agg(pl.col("row").first(), pl.len().alias("rows"))
        for row in _bounded(same):
            where = f"{problem} ({row['rows']:,} rows)" if row["rows"] > 1 else problem
            yield Fault(name, row["row"], shorten(row[column]), where, remedy)
    repeated = frame.filter(~pl.struct(RUN_KEY).is_first_distinct())
    for row in _bounded(repeated):
        key = " ".join(str(row[part]) for part in RUN_KEY)
        yield Fault(name, row["row"], key, "the same observation appears twice", "keep one of the rows")


def primary_faults(root: Path, files: Sequence[str], provider: str) -> Iterator[Fault]:
    """A primary provider without a single figure: nothing could be shown on the pages of goals."""
    for name in files:
        try:
            providers = pl.scan_parquet(root / name).select(pl.col("provider").cast(pl.String).unique()).collect()
        except (pl.exceptions.PolarsError, OSError):
            return  # said already by the check of the file itself
        if provider in set(providers["provider"]):
            return
    yield Fault(
        "region.toml", None, provider, "primary_provider has no observations", "add its run table to observations/"
    )


def outline_faults(root: Path, name: str) -> Iterator[Fault]:
    """The outlines of the map: missing, or no GeoJSON whose features name their area."""
    if fault := file_fault(root / name, name, MAX_TEXT_BYTES):
        yield Fault(name, None, fault.value, fault.problem, "add the outlines of the countries as GeoJSON")
        return
    try:
        shapes = json.loads((root / name).read_text(encoding="utf-8"))
        named = all(isinstance(shape["properties"]["area"], str) for shape in shapes["features"])
    except (ValueError, KeyError, TypeError, RecursionError):
        named = False
    if not named:
        yield Fault(name, None, "", "not GeoJSON whose features have the property area", "correct it")


def source_faults(root: Path, sources: Sources, headers: Mapping[str, list[str]]) -> Iterator[Fault]:
    """Files without a source, sources without a file, columns without a description."""
    described = {table.file: table for table in sources.table}
    for file in described:
        path = confined(root, file)
        if path is None or not path.is_file():
            yield Fault(
                "sources.toml", None, file, "names a file that is not in the pack", "remove the entry or add it"
            )
    for file, header in headers.items():
        if file not in described:
            yield Fault("sources.toml", None, file, "no source is given for this file", "add a [[table]] entry")
            continue
        for column in header:
            if column not in described[file].columns:
                yield Fault("sources.toml", None, f"{file}: {column}", "column is not described", "describe it")


def check_tables(root: Path) -> tuple[dict[str, pl.DataFrame], list[Fault]]:
    """All CSV tables, as text with row numbers, and everything wrong with them."""
    known: dict[str, pl.DataFrame] = {}
    faults: list[Fault] = []
    for table in TABLES:
        if table.optional and not (root / table.file).exists():
            continue
        raw, found = read_csv(root, table)
        faults += found
        if raw is not None:
            known[table.name] = raw
    for table in TABLES:
        if table.name in known:
            faults += [*cell_faults(table, known[table.name]), *reference_faults(table, known[table.name], known)]
    if "rules" in known:
        faults += rule_faults(known["rules"])
    rooms = (
        network_faults(known),
        disruption_faults(root, known),
        register_faults(known),
        notes_faults(root, known),
        activity_faults(known),
        depend_faults(root, known),
        plan_faults(root, known),
    )
    return known, [*faults, *(fault for room in rooms for fault in room)]


def _bounded(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    return frame.head(MAX_FAULTS_PER_CHECK).iter_rows(named=True)


def _file_of(table: str) -> str:
    return next(spec.file for spec in TABLES if spec.name == table)

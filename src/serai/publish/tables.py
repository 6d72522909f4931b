"""Every table behind the site as CSV and parquet, described by a Data Package."""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import polars as pl

from serai.publish.material import Material
from serai.publish.places import ROOT, section_folders

__all__ = ["described_tables", "frames", "package", "series_files", "table_files"]

Row = dict[str, Any]
_TYPES = {"String": "string", "Boolean": "boolean", "Date": "date", "Categorical": "string"}


@lru_cache(maxsize=1)
def described_tables() -> Mapping[str, Row]:
    """Title and columns of each table, by its name."""
    files = [folder / "tables.toml" for folder in (ROOT, *section_folders())]
    texts = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
    return {table["name"]: table for text in texts for table in tomllib.loads(text).get("table", ())}


def _coverage(material: Material) -> pl.DataFrame:
    frame = material.observations.group_by("series", "area", "provider").agg(
        pl.col("dimensions").n_unique().alias("slices"),
        pl.len().alias("figures"),
        pl.col("value").is_not_null().sum().alias("with_value"),
        (pl.col("status") == "withheld").sum().alias("withheld"),
        (pl.col("status") == "not_applicable").sum().alias("not_applicable"),
        pl.col("period").min().alias("first"),
        pl.col("period").max().alias("last"),
    )
    return frame.sort("series", "area", "provider")


def frames(material: Material) -> dict[str, pl.DataFrame]:
    """The tables by name, each in a fixed order of rows."""
    order = ["series", "area", "provider", "dimensions", "period"]
    made = {
        "observations": material.observations.sort(order),
        "progress": material.progress.sort("method", "area", "series"),
        "goals": material.goals.sort("method", "area", pl.col("goal").cast(pl.Int32)),
        "projections": material.projections,
        "changes": material.changes,
        "releases": material.releases.sort("provider", "release"),
        "coverage": _coverage(material),
        **material.further.frames,
        **{name: frame for part in material.parts for name, frame in part.frames.items()},
    }
    for name in ("projections", "changes"):
        keys = [key for key in ("series", "area", "dimensions", "period") if key in made[name].columns]
        made[name] = made[name].sort(keys) if keys else made[name]
    return made


def csv(frame: pl.DataFrame) -> bytes:
    """A frame as UTF-8 CSV; lists are joined by spaces."""
    flat = frame.with_columns(pl.selectors.list().cast(pl.List(pl.String)).list.join(" "))
    return flat.write_csv().encode()


def parquet(frame: pl.DataFrame) -> bytes:
    """A frame as parquet; the same frame gives the same bytes."""
    out = io.BytesIO()
    frame.write_parquet(out, compression="zstd", statistics=True)
    return out.getvalue()


def table_files(tables: Mapping[str, pl.DataFrame]) -> Iterator[tuple[str, bytes]]:
    """Address and content of each table's files."""
    for name, frame in tables.items():
        yield f"data/{name}.csv", csv(frame)
        yield f"data/{name}.parquet", parquet(frame)


def series_files(material: Material) -> Iterator[tuple[str, bytes]]:
    """One CSV for each series (figures of all members, slices and providers), goal and member (progress)."""
    observed = material.observations.sort("series", "area", "provider", "dimensions", "period")
    wanted = set(material.series)
    for (code,), frame in observed.partition_by("series", as_dict=True).items():
        if code in wanted:
            yield f"data/series/{code}.csv", csv(frame)
    progress = material.progress.sort("area", "series")
    for area in material.members:
        yield f"data/countries/{area}.csv", csv(progress.filter(pl.col("area") == area))
    goals = material.pack.table("series_indicators").select("series", "goal").unique()
    for number in range(1, 18):
        of_goal = goals.filter(pl.col("goal") == str(number)).select("series")
        yield f"data/goals/{number}.csv", csv(progress.join(of_goal, on="series", how="semi"))


def summary(tables: Mapping[str, pl.DataFrame]) -> list[Row]:
    """Name, title and number of rows of each table."""
    return [
        {"name": name, "title": described_tables()[name]["title"], "rows": frame.height}
        for name, frame in tables.items()
    ]


def package(material: Material, tables: Mapping[str, pl.DataFrame]) -> bytes:
    """A Data Package (datapackage.json) that describes the tables and their columns."""
    described = described_tables()
    licences = sorted({table.licence for table in material.pack.sources.table})
    content = {
        "name": material.manifest.id.replace("_", "-"),
        "title": material.manifest.title["en"],
        "licenses": [{"title": licence} for licence in licences],
        "sources": [{"title": f"{table.provider}: {table.title}"} for table in material.pack.sources.table],
        "resources": [
            {
                "name": name,
                "path": f"{name}.csv",
                "title": described[name]["title"],
                "schema": {"fields": [_field(described[name], *item) for item in frame.schema.items()]},
            }
            for name, frame in tables.items()
        ],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=False) + "\n").encode()


def _field(table: Row, column: str, kind: pl.DataType) -> Row:
    plain = _TYPES.get(str(kind), "integer" if kind.is_integer() else "number" if kind.is_float() else "string")
    return {"name": column, "type": plain, "description": table["columns"].get(column, "")}

"""A region pack: a region as data, opened and validated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from pathlib import Path

import polars as pl

from serai.errors import Fault, PackError, UnknownName
from serai.region import _check
from serai.region._read import parse, read_csv, read_toml
from serai.region.manifest import Manifest, Sources
from serai.region.tables import TABLES

MANIFEST, SOURCES, LOCK = "region.toml", "sources.toml", "pack.lock.json"
OBSERVATIONS, GEOMETRY = "observations", "geometry/countries.json"


class Pack:
    """One region as data. Tables are read when asked for and kept.

    Attributes:
        path: directory of the pack.
        manifest: members, neighbours, languages, map window.
        sources: where each table comes from.

    Raises:
        PackError: the manifest, the sources or a table asked for breaks its schema.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        manifest, faults = read_toml(path, MANIFEST, Manifest)
        sources, more = read_toml(path, SOURCES, Sources)
        if manifest is None or sources is None:
            raise PackError(path.name, [*faults, *more])
        self.manifest: Manifest = manifest
        self.sources: Sources = sources
        self._tables: dict[str, pl.DataFrame] = {}

    def __repr__(self) -> str:
        return f"Pack({self.manifest.id!r}, {len(self.manifest.members)} members, {self.path})"

    def table(self, name: str) -> pl.DataFrame:
        """A table of the pack, typed; columns as in :data:`serai.region.tables.TABLES`.

        Raises:
            UnknownName: no such table.
            PackError: the table breaks its schema.
        """
        if name not in self._tables:
            spec = next((table for table in TABLES if table.name == name), None)
            if spec is None:
                raise UnknownName("table", name, (table.name for table in TABLES), f"pack {self.path.name}")
            raw, faults = read_csv(self.path, spec)
            if raw is None:
                raise PackError(self.path.name, faults)
            if faults := list(_check.cell_faults(spec, raw)):
                raise PackError(self.path.name, faults)
            self._tables[name] = raw.select(parse(raw, column).alias(column.name) for column in spec.columns)
        return self._tables[name]

    def has(self, name: str) -> bool:
        """Whether the pack holds a table; all but the optional ones are always there."""
        return any(table.name == name and (self.path / table.file).is_file() for table in TABLES)

    @cached_property
    def observation_files(self) -> tuple[Path, ...]:
        """The run tables of the pack (parquet), in the order of their names."""
        return tuple(sorted((self.path / OBSERVATIONS).glob("*.parquet")))

    @cached_property
    def geometry(self) -> dict[str, object]:
        """Outlines of countries as GeoJSON; each feature has the property ``area``."""
        loaded: dict[str, object] = json.loads((self.path / GEOMETRY).read_text(encoding="utf-8"))
        return loaded

    @cached_property
    def files(self) -> Mapping[str, str]:
        """Every data file of the pack and the SHA-256 of its content."""
        files = sorted(path for path in self.path.rglob("*") if path.is_file() and path.name != LOCK)
        return {
            path.relative_to(self.path).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files
            if not path.name.startswith(".")
        }

    @cached_property
    def digest(self) -> str:
        """One hash that changes when any file of the pack does."""
        lines = "\n".join(f"{digest}  {name}" for name, digest in self.files.items())
        return hashlib.sha256(lines.encode()).hexdigest()

    def edited_files(self) -> tuple[str, ...]:
        """Files that differ from what the build script wrote down in ``pack.lock.json``."""
        lock = self.path / LOCK
        if not lock.is_file():
            return ()
        locked = json.loads(lock.read_text(encoding="utf-8"))
        return tuple(name for name, entry in sorted(locked.items()) if self.files.get(name) != entry["sha256"])


def find_pack(name: str | Path) -> Path:
    """The directory of a pack: a path, or the name of one that ships with Serai.

    Raises:
        UnknownName: neither a directory nor a shipped pack.
    """
    path = Path(name)
    if path.is_dir():
        return path
    shipped = Path(str(resources.files("serai") / "packs"))
    names = sorted(entry.name for entry in shipped.iterdir() if (entry / MANIFEST).is_file())
    if str(name) not in names:
        raise UnknownName("region", str(name), names, also=", and there is no such directory")
    return shipped / str(name)


def load_pack(name: str | Path) -> Pack:
    """Open a pack by path or shipped name.

    Raises:
        UnknownName: no such pack.
        PackError: its manifest or sources break their schema.
    """
    return Pack(find_pack(name))


def check_pack(path: str | Path) -> list[Fault]:
    """Everything that is wrong with a pack, all at once; empty when it is sound.

    Raises:
        UnknownName: no such pack.
    """
    root = find_pack(path)
    manifest, faults = read_toml(root, MANIFEST, Manifest)
    sources, more = read_toml(root, SOURCES, Sources)
    known, wrong = _check.check_tables(root)
    faults = [*faults, *more, *wrong]
    if manifest is not None:
        faults += _check.manifest_faults(manifest, known)
    files = sorted((root / OBSERVATIONS).glob("*.parquet"))
    if not files:
        faults.append(Fault(OBSERVATIONS, None, "", "no observations", "add at least one parquet run table"))
    names = [file.relative_to(root).as_posix() for file in files]
    for name in names:
        faults += _check.observation_faults(root, name, known)
    if manifest is not None and files:
        faults += _check.primary_faults(root, names, manifest.primary_provider)
    faults += _check.outline_faults(root, GEOMETRY)
    if sources is not None:
        headers = {
            spec.file: [c for c in known[spec.name].columns if c != "row"] for spec in TABLES if spec.name in known
        }
        faults += _check.source_faults(root, sources, headers)
    return sorted(faults, key=str)

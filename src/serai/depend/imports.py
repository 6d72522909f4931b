"""Flows a centre has brought in, kept beside its lake: one parquet file per file read."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import polars as pl

from serai.depend.flows import FLOWS
from serai.depend.importers import Request
from serai.errors import StoreError
from serai.files import write_beside

KEY = ["kind", "provider", "period"]
"""What an import replaces whole."""


def name_of(request: Request) -> str:
    """Name under which a file's flows are kept: reading the same file again replaces them."""
    parts = (request.format, request.kind, request.path.stem, *request.products)
    return re.sub(r"[^a-z0-9]+", "-", "-".join(part for part in parts if part).lower()).strip("-")


def keep(folder: Path, name: str, flows: pl.DataFrame) -> Path:
    """Keep flows, whole or not at all.

    Raises:
        OutputError: the folder cannot be written.
    """
    path = folder / f"{name}.parquet"
    write_beside(path, flows.write_parquet, remedy="set SERAI_HOME to another place")
    return path


def kept(folder: Path | None) -> list[tuple[str, pl.DataFrame]]:
    """Everything brought in, in the order of names.

    Raises:
        StoreError: a file is damaged.
    """
    found = []
    for path in sorted(folder.glob("*.parquet")) if folder is not None and folder.is_dir() else []:
        try:
            frame = pl.read_parquet(path)
        except (pl.exceptions.PolarsError, OSError) as error:
            reason = " ".join(str(error).split())[:120]
            raise StoreError(f"{path}: damaged ({reason}); delete it and bring the file in again") from None
        if list(frame.columns) != list(FLOWS):
            raise StoreError(f"{path}: of another version; delete it and bring the file in again")
        found.append((path.stem, frame))
    return found


def stamp(folder: Path | None) -> str:
    """Names and digests of everything brought in, as one text."""
    files = sorted(folder.glob("*.parquet")) if folder is not None and folder.is_dir() else []
    return " ".join(f"{path.stem}:{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}" for path in files)


def replaced(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Flows with what was brought in: it takes the place of all flows of the same kind, provider and year."""
    return pl.concat([old.join(new.select(KEY).unique(), on=KEY, how="anti", maintain_order="left"), new])

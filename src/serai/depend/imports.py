"""Flows a centre has brought in, kept beside its lake: one parquet file per file read."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import polars as pl

from serai.depend.flows import FLOWS
from serai.depend.importers import Request
from serai.errors import OutputError, StoreError
from serai.files import write_beside

KEY = ["kind", "provider", "period"]
"""What an import replaces whole."""
MOST_LETTERS = 120
REMEDY = "set SERAI_HOME to another place"


def name_of(request: Request, flows: pl.DataFrame) -> str:
    """Name under which a file's flows are kept: for a reader what it was, and a mark of what is in it.

    Files of one name in two folders, or in a script that leaves no letter here, do not meet.
    """
    parts = (request.format, request.kind, request.path.stem, *request.products)
    told = re.sub(r"[^a-z0-9]+", "-", "-".join(part for part in parts if part).lower()).strip("-")
    return f"{told[:MOST_LETTERS]}-{hashlib.sha256(flows.write_csv().encode()).hexdigest()[:8]}"


def keep(folder: Path, name: str, flows: pl.DataFrame) -> Path:
    """Keep flows, whole or not at all; what earlier files held of the same kind, provider and year leaves them.

    Raises:
        OutputError: the folder cannot be written.
        StoreError: an earlier file is damaged; nothing is kept then.
    """
    path, earlier = folder / f"{name}.parquet", kept(folder)
    write_beside(path, flows.write_parquet, remedy=REMEDY)
    for other, frame in earlier:
        left = frame.join(flows, on=KEY, how="anti", maintain_order="left")
        if other != name and left.height < frame.height:
            _shorten(folder / f"{other}.parquet", left)
    return path


def _shorten(path: Path, left: pl.DataFrame) -> None:
    if not left.is_empty():
        write_beside(path, left.write_parquet, remedy=REMEDY)
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"cannot remove '{path}': {error.strerror or error}; {REMEDY}") from error


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

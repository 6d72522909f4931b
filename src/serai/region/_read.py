"""Reading a pack's files as untrusted input: bounded sizes, confined paths, every fault kept."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import polars as pl
from pydantic import BaseModel, ValidationError

from serai.errors import Fault
from serai.region.tables import Column, Table

MAX_TEXT_BYTES = 64 * 2**20
MAX_PARQUET_BYTES = 512 * 2**20
MAX_SHOWN = 120

_Model = TypeVar("_Model", bound=BaseModel)

_REMEDIES = {
    "extra_forbidden": "remove the key or correct its spelling",
    "missing": "add it",
    "string_pattern_mismatch": "write it in the documented form",
}


def shorten(value: object) -> str:
    """A value as it is shown in a message: one line, bounded."""
    text = " ".join(str(value).split())
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def confined(root: Path, name: str) -> Path | None:
    """``root/name`` if that stays inside ``root``, else ``None``."""
    path = (root / name).resolve()
    return path if path.is_relative_to(root.resolve()) else None


def file_fault(path: Path, name: str, limit: int) -> Fault | None:
    """Why a file cannot be read at all, if it cannot."""
    if not path.is_file():
        return Fault(name, None, "", "file is missing", "add it or remove what refers to it")
    size = path.stat().st_size
    if size > limit:
        return Fault(name, None, f"{size:,} bytes", f"file is larger than {limit:,} bytes", "split or reduce it")
    return None


def read_toml(root: Path, name: str, model: type[_Model]) -> tuple[_Model | None, list[Fault]]:
    """A TOML file as a frozen model, or everything that is wrong with it."""
    path = root / name
    if fault := file_fault(path, name, MAX_TEXT_BYTES):
        return None, [fault]
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, [Fault(name, None, "", f"not valid TOML: {error}", "correct the syntax")]
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, [_model_fault(name, path, detail) for detail in error.errors(include_url=False)]


def _model_fault(name: str, path: Path, detail: object) -> Fault:
    assert isinstance(detail, dict)  # noqa: S101  (pydantic's ErrorDetails, a TypedDict)
    where = ".".join(str(part) for part in detail["loc"]) or "file"
    value = "" if isinstance(detail["input"], dict) else shorten(detail["input"])
    remedy = _REMEDIES.get(detail["type"], "correct the value")
    message = detail["msg"].removeprefix("Value error, ")
    leaf = next((str(part) for part in reversed(detail["loc"]) if isinstance(part, str)), "")
    return Fault(name, _line_of(path, leaf), value, f"{where}: {message[:1].lower()}{message[1:]}", remedy)


def _line_of(path: Path, key: str) -> int | None:
    """The line of a TOML key where it is unambiguous: a help to the reader, not a parser."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, 1) if line.split("=")[0].strip().strip('"') == key]
    return found[0] if len(found) == 1 else None


def read_csv(root: Path, table: Table) -> tuple[pl.DataFrame | None, list[Fault]]:
    """A CSV table with every cell as text and a ``row`` column, or why it cannot be read."""
    path = root / table.file
    if fault := file_fault(path, table.file, MAX_TEXT_BYTES):
        return None, [fault]
    try:
        raw = pl.read_csv(path, infer_schema=False).fill_null("")
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        problem = f"not a CSV table: {shorten(error)}"
        return None, [Fault(table.file, None, "", problem, "save it as UTF-8 comma-separated text with one header")]
    faults = list(_header_faults(table, raw.columns))
    if faults:
        return None, faults
    return raw.with_row_index("row", offset=2).with_columns(pl.col("row").cast(pl.Int64)), []


def _header_faults(table: Table, header: list[str]) -> Iterator[Fault]:
    for name in header:
        if name not in table.names:
            yield Fault(table.file, 1, name, "unknown column", f"remove it; known: {', '.join(sorted(table.names))}")
    for column in table.columns:
        if column.name not in header:
            yield Fault(table.file, 1, column.name, "column is missing", "add it (cells may be empty unless required)")


def parse(raw: pl.DataFrame, column: Column) -> pl.Expr:
    """The expression that turns a text column into its type; null where a cell does not fit."""
    text = pl.col(column.name)
    filled = pl.when(text != "").then(text)
    match column.kind:
        case "int":
            return filled.cast(pl.Int64, strict=False)
        case "float":
            return filled.cast(pl.Float64, strict=False)
        case "bool":
            return filled.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
        case "date":
            return filled.str.to_date("%Y-%m-%d", strict=False)
        case "str":
            return text

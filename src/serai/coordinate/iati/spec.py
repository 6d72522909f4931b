"""What the tables of the ledger hold and where it stands in an activity: read from ``tables.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import polars as pl

DTYPES: Mapping[str, pl.DataType] = {"text": pl.String(), "date": pl.Date(), "number": pl.Float64()}


@dataclass(frozen=True, slots=True)
class Field:
    """A column: where it stands, and of what kind it is."""

    name: str
    path: str
    kind: str
    about: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: which element makes a row, and the columns."""

    name: str
    title: str
    unit: str
    path: str
    fields: tuple[Field, ...]
    within: bool
    """One row per transaction."""
    both: bool
    """Rows of the activity (transaction 0) and of its transactions."""

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Columns and their types, the keys included."""
        keys: dict[str, pl.DataType] = {"record": pl.Int64()}
        if self.within or self.both:
            keys["transaction"] = pl.Int64()
        return keys | {one.name: DTYPES[one.kind] for one in self.fields}


def one_line(text: str) -> str:
    """A text from a file as it stands in a line about it: white space, line ends included, as single blanks."""
    return " ".join(text.split())


@cache
def shapes() -> Mapping[str, Shape]:
    """The tables, by name."""
    text = (resources.files(__package__) / "tables.toml").read_text(encoding="utf-8")
    return {name: _shape(name, entry) for name, entry in tomllib.loads(text).items()}


def _shape(name: str, entry: Mapping[str, Any]) -> Shape:
    fields = tuple(
        Field(column, one["path"], one.get("kind", "text"), one["about"]) for column, one in entry["columns"].items()
    )
    within, both = entry.get("within", False), entry.get("both", False)
    return Shape(name, entry["title"], entry["unit"], entry["path"], fields, within, both)

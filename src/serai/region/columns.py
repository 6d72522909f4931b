"""What a table of a pack is made of: columns, their types, and what their cells may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

Kind = Literal["str", "int", "float", "bool", "date"]

DTYPES: Mapping[Kind, pl.DataType] = {
    "str": pl.String(),
    "int": pl.Int64(),
    "float": pl.Float64(),
    "bool": pl.Boolean(),
    "date": pl.Date(),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type and what its cells may hold."""

    name: str
    kind: Kind = "str"
    required: bool = False
    """Empty cells are refused."""
    choices: tuple[str, ...] = ()
    pattern: str = ""
    refers: str = ""
    """``table.column`` that must hold the value."""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV table of a pack."""

    name: str
    file: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    optional: bool = False
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(column.name for column in self.columns))

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column names and polars types, in order."""
        return {column.name: DTYPES[column.kind] for column in self.columns}


def need(name: str, refers: str = "", **limits: object) -> Column:
    """A column without empty cells."""
    return Column(name, required=True, refers=refers, **limits)  # type: ignore[arg-type]

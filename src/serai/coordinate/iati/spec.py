"""What the tables of the ledger hold and where it stands in an activity: read from ``tables.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any
from xml.sax.saxutils import quoteattr

import polars as pl
from lxml import etree

DTYPES: Mapping[str, pl.DataType] = {"text": pl.String(), "date": pl.Date(), "number": pl.Float64()}
_XSL = "http://www.w3.org/1999/XSL/Transform"


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


SEPARATOR = b"\n=\n"
"""Between the rows of one table, each with its line's end, and those of the next; no row is as short."""
_TAB = "<xsl:text>&#9;</xsl:text>"


@cache
def stylesheet(unit: str) -> Any:  # noqa: ANN401
    """A transformation of a document into rows: record, transaction, columns, apart by tabs; table after table.

    Written in XSLT so that the walk over millions of elements happens in C. The parameter ``base`` is the number of the
    record before the first.
    """
    tables = "".join(_table(shape) for shape in shapes().values() if shape.unit == unit)
    text = f"""<xsl:stylesheet version="1.0" xmlns:xsl="{_XSL}"><xsl:output method="text" encoding="UTF-8"/>
      <xsl:param name="base" select="0"/><xsl:template match="/">{tables}</xsl:template></xsl:stylesheet>"""
    return etree.XSLT(etree.XML(text), access_control=etree.XSLTAccessControl.DENY_ALL)


def _table(shape: Shape) -> str:
    """The rows of a table, then what parts it from the next."""
    # One loop for each name: a union would be put in the order of the document first.
    names = [name.strip() for name in shape.path.split(" | ")]
    inside = "".join(_each(name, _row(shape, "position()" if shape.within else "0")) for name in names)
    if shape.both:
        number = '<xsl:variable name="t" select="position()"/>'
        below = _each("transaction", number + "".join(_each(name, _row(shape, "$t")) for name in names))
        held = " or ".join(f"transaction/{name}" for name in names)
        inside += f"<xsl:if test={quoteattr(held)}>{below}</xsl:if>"
    begin = '<xsl:variable name="a" select="$base + position()"/>'
    return _each(f"*/{shape.unit}", begin + inside) + "<xsl:text>&#10;=&#10;</xsl:text>"


def _each(path: str, content: str) -> str:
    return content if path == "." else f"<xsl:for-each select={quoteattr(path)}>{content}</xsl:for-each>"


def _row(shape: Shape, transaction: str) -> str:
    keys = ["$a", transaction] if shape.within or shape.both else ["$a"]
    return f"{_cells([*keys, *(one.path for one in shape.fields)])}<xsl:text>&#10;</xsl:text>"


def _cells(paths: Sequence[str]) -> str:
    return _TAB.join(f"<xsl:value-of select={quoteattr(path)}/>" for path in paths)

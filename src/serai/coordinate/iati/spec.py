"""What the tables of the ledger hold and where it stands in an activity: read from ``tables.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
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


@cache
def stylesheet(unit: str) -> Any:  # noqa: ANN401
    """A transformation of a document into rows, tab-separated: number of the table, record, transaction, columns.

    Written in XSLT so that the walk over millions of elements happens in C.
    """
    chosen = [(number, one) for number, one in enumerate(shapes().values()) if one.unit == unit]
    top = "".join(_rows(number, one, "0") for number, one in chosen if not one.within)
    below = "".join(_row(number, one, "$t") for number, one in chosen if one.within)
    below += "".join(_rows(number, one, "$t") for number, one in chosen if one.both)
    each = f'<xsl:for-each select="transaction"><xsl:variable name="t" select="position()"/>{below}</xsl:for-each>'
    text = f"""<xsl:stylesheet version="1.0" xmlns:xsl="{_XSL}"><xsl:output method="text" encoding="UTF-8"/>
      <xsl:param name="base" select="0"/>
      <xsl:template match="/"><xsl:for-each select="*/{unit}"><xsl:variable name="a" select="$base + position()"/>
      {top}{each if below else ""}</xsl:for-each></xsl:template></xsl:stylesheet>"""
    return etree.XSLT(etree.XML(text), access_control=etree.XSLTAccessControl.DENY_ALL)


def _rows(number: int, shape: Shape, transaction: str) -> str:
    row = _row(number, shape, transaction)
    return row if shape.path == "." else f"<xsl:for-each select={quoteattr(shape.path)}>{row}</xsl:for-each>"


def _row(number: int, shape: Shape, transaction: str) -> str:
    keys = ["$a", transaction] if shape.within or shape.both else ["$a"]
    cells = "".join(
        f"&#9;<xsl:value-of select={quoteattr(path)}/>" for path in [*keys, *(f.path for f in shape.fields)]
    )
    return f"<xsl:text>{number}</xsl:text>{_spaced(cells)}<xsl:text>&#10;</xsl:text>"


def _spaced(cells: str) -> str:
    return cells.replace("&#9;", "<xsl:text>&#9;</xsl:text>")

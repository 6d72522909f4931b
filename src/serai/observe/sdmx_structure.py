"""SDMX-ML 2.1 structure messages: what the dimensions of a data message are, and what their codes are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from serai.errors import SourceError
from serai.observe._xml import MAX_BYTES, Element, parse_xml

TOTALS = ("_T", "_Z")
"""No breakdown by the dimension; the dimension does not apply."""
NO_BREAKDOWN = ("FREQ", "REPORTING_TYPE", "SERIES", "REF_AREA")
"""Dimensions of the key that do not divide a series into slices."""

_ANY = "{*}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_AGES = (
    (re.compile(r"^Y(\d+)T(\d+)$"), r"\1-\2"),
    (re.compile(r"^Y_GE(\d+)$"), r"\1+"),
    (re.compile(r"^Y(\d+)$"), r"\1"),
)


@dataclass(frozen=True)
class Structure:
    """A data structure and the code lists that came with it.

    Attributes:
        dimensions: name of each dimension and of its code list, in the order of the key; without the time dimension.
        attributes: name of each attribute and of its code list (empty where any text is allowed).
        codes: columns codelist, code, language, name.
        indicators: columns series, indicator, target, goal: official numbers the list of series is marked with.
    """

    dimensions: Mapping[str, str]
    attributes: Mapping[str, str]
    codes: pl.DataFrame
    indicators: pl.DataFrame

    def names(self, dimension: str) -> pl.DataFrame:
        """Names of the codes of a dimension or attribute: code, language, name.

        Raises:
            SourceError: the structure has no such dimension or attribute.
        """
        code_list = {**self.dimensions, **self.attributes}.get(dimension)
        if code_list is None:
            raise SourceError(f"the structure has no dimension {dimension}; it has {', '.join(self.dimensions)}")
        return self.codes.filter(pl.col("codelist") == code_list).drop("codelist")


def read_structure(path: Path, *, limit: int = MAX_BYTES) -> Structure:
    """The first data structure of a structure message, with all code lists of the message.

    Raises:
        SourceError: not a sound structure message with a data structure; with file and line.
    """
    root = parse_xml(path, limit=limit)
    found = next(root.iter(f"{_ANY}DataStructureComponents"), None)
    if found is None:
        raise SourceError(f"{path}:{root.sourceline}: no data structure in it; export it with its code lists")
    lists = list(root.iter(f"{_ANY}Codelist"))
    return Structure(
        dict(_components(found, "DimensionList", "Dimension")),
        dict(_components(found, "AttributeList", "Attribute")),
        pl.DataFrame(
            [row for code_list in lists for row in _names(code_list)],
            schema=dict.fromkeys(("codelist", "code", "language", "name"), pl.String),
            orient="row",
        ),
        pl.DataFrame(
            sorted({row for code_list in lists for row in _indicators(code_list)}),
            schema=dict.fromkeys(("series", "indicator", "target", "goal"), pl.String),
            orient="row",
        ),
    )


def _components(parent: Element, container: str, kind: str) -> Iterator[tuple[str, str]]:
    for component in parent.iterfind(f"{_ANY}{container}/{_ANY}{kind}"):
        reference = component.find(f".//{_ANY}Enumeration/{_ANY}Ref")
        yield component.get("id", ""), "" if reference is None else reference.get("id", "")


def _names(code_list: Element) -> Iterator[tuple[str, str, str, str]]:
    name_of_list = code_list.get("id", "")
    for code in code_list.iterchildren(f"{_ANY}Code"):
        for name in code.iterchildren(f"{_ANY}Name"):
            yield name_of_list, code.get("id", ""), name.get(_LANGUAGE, "en"), " ".join((name.text or "").split())


def _indicators(code_list: Element) -> Iterator[tuple[str, str, str, str]]:
    """Annotations titled *Indicator* hold the number of an indicator, as in the global SDG structure."""
    for annotation in code_list.iterfind(f"{_ANY}Code/{_ANY}Annotations/{_ANY}Annotation"):
        if annotation.findtext(f"{_ANY}AnnotationTitle") == "Indicator":
            number = (annotation.findtext(f"{_ANY}AnnotationText") or "").strip().strip(".")
            parts = number.split(".")
            if len(parts) >= 3:
                code = annotation.getparent().getparent().get("id", "")
                yield code, number, ".".join(parts[:2]), parts[0]


def canonical_code(dimension: str, code: str) -> str:
    """Our code for a code of the source: ``Y15T24`` is ``15-24``, ``Y_GE15`` is ``15+``; totals are empty."""
    if code in TOTALS:
        return ""
    if dimension == "AGE":
        for form, ours in _AGES:
            if form.match(code):
                return form.sub(ours, code)
    return code.upper()


def dimension_table(structure: Structure, language: str = "en") -> pl.DataFrame:
    """Every code of every dimension beside ours: dimension, source_dimension, code, source_code, name, total.

    One row per code of the source, so that the way back is known. ``total`` marks codes that say *no breakdown*.
    """
    rows = [
        (dimension, dimension, canonical_code(dimension, code), code, name, code in TOTALS)
        for dimension in structure.dimensions
        if dimension not in NO_BREAKDOWN
        for code, of, name in structure.names(dimension).iter_rows()
        if of == language
    ]
    columns = ["dimension", "source_dimension", "code", "source_code", "name", "total"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def series_titles(structure: Structure) -> pl.DataFrame:
    """Titles of series in every language of the structure: series, language, title."""
    return structure.names("SERIES").rename({"code": "series", "name": "title"})

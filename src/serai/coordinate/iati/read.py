"""Activities as tables: pieces of a file become rows, in batches, so that memory does not grow with the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
from lxml import etree

from serai.coordinate.iati.scan import Head, Piece, open_head, parser, pieces
from serai.coordinate.iati.spec import SEPARATOR, Shape, shapes, stylesheet

BATCH = 2 * 2**20
"""Bytes parsed at a time."""
TASK = 12 * 2**20
"""Bytes whose rows are handed on together."""
_WHITE = re.compile(rb"&#(?:x0*[9aAdD]|0*(?:9|10|13));")
"""White space that a parser keeps in attributes: it would break a row in two."""

Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Reject:
    """A record, or a row of one, that was not taken, and why."""

    file: str
    line: int
    """Line on which the activity begins."""
    activity: str
    part: str
    """What was left out: ``activity``, ``transaction 3``, ``budget 1`` …"""
    value: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        value = f" [{self.value}]" if self.value else ""
        whose = self.activity or "(no identifier)"
        return f"{self.file}:{self.line}: {whose}, {self.part}: {self.problem}{value}; {self.remedy}"


REJECT = {name: pl.Int64() if name == "line" else pl.String() for name in Reject.__slots__}
"""Columns of a table of rejects."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The rows of some activities, and what of them could not be read."""

    frames: Frames
    """Tables as in ``tables.toml``, and ``records``: ``record, line, xml`` (the element as written, in UTF-8)."""
    rejects: list[Reject]


def tasks(head: Head, size: int = TASK) -> Iterator[list[Piece]]:
    """The pieces of a file in runs of about ``size`` bytes."""
    run: list[Piece] = []
    held = 0
    for piece in pieces(head):
        run.append(piece)
        held += piece.size
        if held >= size:
            yield run
            run, held = [], 0
    if run:
        yield run


def read(path: Path) -> Taken:
    """All of a file at once: for small files and for tests.

    Raises:
        SourceError: the file cannot be read as one of the standard.
    """
    head = open_head(path)
    return take(head, list(pieces(head)))


def take(head: Head, run: Sequence[Piece]) -> Taken:
    """The rows of a run of pieces; ``record`` is the position in the run, from 0."""
    rejects: list[Reject] = []
    texts: dict[str, list[bytes]] = {}
    kept: list[tuple[Piece, bytes]] = []
    for batch in _batches(head, run, rejects):
        document, sound = _parsed(head, batch, rejects)
        if document is not None:
            _rows(document, head.unit, len(kept), texts)
            kept += sound
    chosen = [shape for shape in shapes().values() if shape.unit == head.unit]
    frames = {shape.name: _frame(texts.get(shape.name, []), shape) for shape in chosen}
    return Taken({**frames, "records": _records(head, kept)}, rejects)


def _batches(head: Head, run: Sequence[Piece], rejects: list[Reject]) -> Iterator[list[tuple[Piece, bytes]]]:
    batch: list[tuple[Piece, bytes]] = []
    held = 0
    with head.path.open("rb") as file:
        for piece in run:
            if piece.problem:
                rejects.append(_broken(head, piece, piece.problem))
                continue
            file.seek(piece.offset)
            batch.append((piece, file.read(piece.size)))
            held += piece.size
            if held >= BATCH:
                yield batch
                batch, held = [], 0
    if batch:
        yield batch


def _parsed(
    head: Head, batch: list[tuple[Piece, bytes]], rejects: list[Reject]
) -> tuple[Any, list[tuple[Piece, bytes]]]:
    """A batch as one document, less the pieces that are not XML."""
    document = _document(head, batch)
    if document is None:
        sound = []
        for one in batch:
            try:
                if len(etree.fromstring(head.wrap(_plain(one[1])), parser(head.encoding, lean=True))) == 1:
                    sound.append(one)
                    continue
                problem = "not one element"
            except etree.XMLSyntaxError as error:
                problem = (error.msg or "not XML").split(", line ")[0]
            rejects.append(_broken(head, one[0], problem))
        batch = sound
        document = _document(head, batch) if batch else None
    return document, batch


def _document(head: Head, batch: list[tuple[Piece, bytes]]) -> Any:  # noqa: ANN401
    content = head.wrap(b"".join(_plain(text) for _, text in batch))
    try:
        root = etree.fromstring(content, parser(head.encoding, lean=True))
    except etree.XMLSyntaxError:
        return None
    return root if len(root) == len(batch) else None


def _plain(content: bytes) -> bytes:
    return _WHITE.sub(b" ", content) if b"&" in content else content


def _broken(head: Head, piece: Piece, problem: str) -> Reject:
    remedy = "correct it, or ask the publisher for the file again"
    return Reject(str(head.path), piece.line, "", "activity", "", f"not well-formed XML: {problem}", remedy)


def _rows(document: Any, unit: str, base: int, texts: dict[str, list[bytes]]) -> None:  # noqa: ANN401
    """Add the rows of a document to the text of each table; record numbers go on from ``base``."""
    # Positions begin with one.
    parts = bytes(stylesheet(unit)(document, base=str(base - 1))).split(SEPARATOR)
    names = [shape.name for shape in shapes().values() if shape.unit == unit]
    for name, part in zip(names, parts, strict=False):
        if part:
            texts.setdefault(name, []).append(part)


def _frame(parts: list[bytes], shape: Shape) -> pl.DataFrame:
    """Rows of text as a typed table; the text of dates and numbers is kept beside, for those who judge them."""
    kept: dict[str, pl.DataType] = {f"{one.name}_text": pl.String() for one in shape.fields if one.kind != "text"}
    if not parts:
        return pl.DataFrame(schema=shape.schema | kept)
    text = pl.read_csv(
        BytesIO(b"".join(parts)), separator="\t", has_header=False, new_columns=list(shape.schema), infer_schema=False,
        quote_char=None,
    )  # fmt: skip
    keys = [pl.col(name).cast(pl.Int64) for name in shape.schema if name in ("record", "transaction")]
    typed = [typed_column(one.name, one.kind) for one in shape.fields]
    raw = [pl.col(one.name).alias(f"{one.name}_text") for one in shape.fields if one.kind != "text"]
    return text.select(*keys, *typed, *raw)


def typed_column(name: str, kind: str) -> pl.Expr:
    """A column of text as a date (its day as written, any zone left aside) or a number; null where it is neither."""
    if kind == "date":
        return pl.col(name).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    if kind == "number":
        return pl.col(name).cast(pl.Float64, strict=False)
    return pl.col(name)


def _records(head: Head, kept: Iterable[tuple[Piece, bytes]]) -> pl.DataFrame:
    rows = [(number, piece.line, _utf8(head, text)) for number, (piece, text) in enumerate(kept)]
    return pl.DataFrame(rows, schema={"record": pl.Int64, "line": pl.Int64, "xml": pl.Binary}, orient="row")


def _utf8(head: Head, text: bytes) -> bytes:
    return text if head.encoding in ("utf-8", "utf8") else text.decode(head.encoding).encode()

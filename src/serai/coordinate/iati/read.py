"""Activities as tables: pieces of a file become rows, in batches, so that memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
from lxml import etree

from serai.coordinate.iati.plan import Bytes, Ints, plan
from serai.coordinate.iati.scan import Head, Piece, open_head, parser, pieces
from serai.coordinate.iati.spec import Shape, one_line, shapes
from serai.files import locked_parser

BATCH = 1 * 2**20
"""Bytes parsed at a time."""
TASK = 8 * 2**20
"""Bytes whose rows are handed on together."""
GROWTH, GROWTH_FREE = 16, 2**16
"""How many times as long as a record its rows may be, and bytes that are free: a title stands in many rows."""
_STATES = {
    1: "not one element", 2: "an element of another namespace", 3: "elements too deep within each other",
    4: "a text too long",
}  # fmt: skip
"""What the walk finds of records that are not sound."""

_AFTER_DAY = r"^(T[0-9:.]+)?(Z|[+-]\d\d:\d\d)?$"
"""What may follow a day: a time, which some publishers give, and a zone."""

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
        value = f" [{one_line(self.value)}]" if self.value else ""
        whose = one_line(self.activity) or "(no identifier)"
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
    texts: dict[str, list[Bytes]] = {}
    kept: list[tuple[int, Piece, bytes]] = []
    for batch in _batches(head, run, rejects):
        kept += _rows(head, batch, texts, rejects)
    chosen = [shape for shape in shapes().values() if shape.unit == head.unit]
    frames = {shape.name: _frame(texts.pop(shape.name, []), shape) for shape in chosen}
    return Taken({**frames, "records": _records(kept)}, rejects)


Batch = list[tuple[int, Piece, bytes]]
"""Pieces with their positions in the run, and their content in UTF-8."""


def _batches(head: Head, run: Sequence[Piece], rejects: list[Reject]) -> Iterator[Batch]:
    batch: Batch = []
    held = 0
    with head.content.open("rb") as file:
        for number, piece in enumerate(run):
            if piece.problem:
                rejects.append(_broken(head, piece, piece.problem))
                continue
            file.seek(piece.offset)
            try:
                batch.append((number, piece, head.utf8(file.read(piece.size))))
            except UnicodeDecodeError as error:
                rejects.append(_broken(head, piece, f"not text in {head.encoding}: {error.reason}"))
                continue
            held += piece.size
            if held >= BATCH:
                yield batch
                batch, held = [], 0
    if batch:
        yield batch


def _rows(head: Head, batch: Batch, texts: dict[str, list[Bytes]], rejects: list[Reject]) -> Batch:
    """Add the rows of a batch to the text of each table; what of the batch could be read."""
    while batch:
        content, ends = _joined(head, batch)
        faults, parts = _found(head, batch, content, ends)
        if not faults:
            for name, part in parts.items():
                texts.setdefault(name, []).append(part)
            break
        rejects += [_broken(head, batch[place][1], problem) for place, problem in sorted(faults.items())]
        batch = [one for place, one in enumerate(batch) if place not in faults]
    return batch


def _joined(head: Head, batch: Batch) -> tuple[bytes, Ints]:
    """A batch as one document, and where in it each record ends."""
    ends = len(head.start) + np.cumsum([len(text) for _, _, text in batch], dtype=np.int32)
    return head.wrap(b"".join([text for _, _, text in batch])), ends


def _found(head: Head, batch: Batch, content: bytes, ends: Ints) -> tuple[dict[int, str], dict[str, Bytes]]:
    """What is wrong with pieces of a batch, by their place; or, where nothing is, the rows of each table as text."""
    from serai.coordinate.iati import _rows, _walk  # numba: only where something is read

    if _fault(content):
        return _apart(head, batch, content), {}
    outline, tables = plan(head.unit)
    text = np.frombuffer(content, np.uint8)
    found = _walk.walk(text, len(head.start), ends, outline)
    if found.state.any():
        return {place: _STATES[code] for place, code in enumerate(found.state.tolist()) if code}, {}
    if found.used[_walk.PREFIXES] and _fault(content, namespaces=True):
        return _apart(head, batch, content, namespaces=True), {}
    chosen, room, sizes = {}, np.zeros(len(batch), np.int64), {}
    for name, table in tables.items():
        order = np.empty((len(found.rows), 3), np.int32)
        chosen[name] = order[: _rows.order(found.rows, found.first, outline, table, order)]
        before = room.sum()
        _rows.sizes(chosen[name], found.rows, found.slots, table, room)
        sizes[name] = room.sum() - before
    if (large := room > GROWTH * np.diff(ends, prepend=len(head.start)) + GROWTH_FREE).any():
        return dict.fromkeys(np.flatnonzero(large).tolist(), "its rows are many times as long as itself"), {}
    numbers = np.array([number for number, _, _ in batch], np.int32)
    parts = {}
    for name, table in tables.items():
        if chosen[name].size:
            out = np.empty(sizes[name], np.uint8)
            size = _rows.write(chosen[name], found.rows, found.slots, text, outline.names, table, numbers, out)
            parts[name] = out[:size].copy()
    return {}, parts


def _apart(head: Head, batch: Batch, content: bytes, *, namespaces: bool = False) -> dict[int, str]:
    """Which pieces of a batch are not XML, and why."""
    found = {place: _fault(head.wrap(text), namespaces=namespaces) for place, (_, _, text) in enumerate(batch)}
    # Each well-formed and all together not: none of them is what it seems.
    whole = "" if any(found.values()) else _fault(content, namespaces=namespaces)
    return {place: problem or whole for place, problem in found.items() if problem or whole}


class _Nothing:
    """Takes what a parser finds and keeps none of it: the document is looked through without a tree of it."""

    def close(self) -> None:
        """Nothing was kept."""


def _fault(content: bytes, *, namespaces: bool = False) -> str:
    """Why a document is not well-formed; empty where it is. Prefixes are looked up for ``namespaces`` only."""
    strict = parser() if namespaces else locked_parser(encoding="utf-8", target=_Nothing())
    try:
        etree.fromstring(content, strict)
    except etree.XMLSyntaxError as error:
        return f"not well-formed XML: {one_line((error.msg or 'not XML').split(', line ')[0])}"
    # A prefix without a namespace is an error that lxml forgets when a warning follows it.
    errors = strict.error_log.filter_from_errors() if namespaces else ()
    return f"not well-formed XML: {one_line(errors[0].message)}" if errors else ""


def _broken(head: Head, piece: Piece, problem: str) -> Reject:
    remedy = "correct it, or ask the publisher for the file again"
    return Reject(str(head.path), piece.line, "", "activity", "", problem, remedy)


def _frame(parts: list[Bytes], shape: Shape) -> pl.DataFrame:
    """Rows of text as a typed table; the text of dates and numbers is kept beside, for those who judge them."""
    kept: dict[str, pl.DataType] = {f"{one.name}_text": pl.String() for one in shape.fields if one.kind != "text"}
    if not parts:
        return pl.DataFrame(schema=shape.schema | kept)
    names = {name: pl.String() for name in shape.schema}
    text = pl.scan_csv(
        BytesIO(np.concatenate(parts).data), separator="\t", has_header=False, schema=names, quote_char=None
    )
    keys = [pl.col(name).cast(pl.Int64) for name in shape.schema if name in ("record", "transaction")]
    typed = [typed_column(one.name, one.kind) for one in shape.fields]
    raw = [pl.col(one.name).alias(f"{one.name}_text") for one in shape.fields if one.kind != "text"]
    return text.select(*keys, *typed, *raw).collect()


def typed_column(name: str, kind: str) -> pl.Expr:
    """A column of text as a date (its day as written, time and zone left aside) or a number; null where it is none."""
    text = pl.col(name).str.strip_chars(" ")
    if kind == "date":
        day = pl.when(text.str.slice(10).str.contains(_AFTER_DAY)).then(text.str.slice(0, 10))
        return day.str.to_date("%Y-%m-%d", strict=False).alias(name)
    if kind == "number":
        return text.cast(pl.Float64, strict=False)
    return pl.col(name)


def _records(kept: Batch) -> pl.DataFrame:
    numbers, lines = [number for number, _, _ in kept], [piece.line for _, piece, _ in kept]
    texts = pl.Series("xml", [text for _, _, text in kept], dtype=pl.Binary)
    return pl.DataFrame(
        {"record": pl.Series(numbers, dtype=pl.Int64), "line": pl.Series(lines, dtype=pl.Int64)}
    ).with_columns(texts)

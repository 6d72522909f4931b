"""Cutting a file of the standard into its activities without holding it in memory.

Outside files are hostile until shown otherwise: a document type is refused (there are no entities to expand), the
encoding must be one in which markup is plain ASCII, and one activity is bounded in size. Each activity is handed on as
the bytes it was written in, so that a broken one costs itself and not its neighbours, and so that nothing of it is
lost on the way out again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from serai.errors import SourceError
from serai.files import locked_parser

BLOCK = 8 * 2**20
MAX_ACTIVITY = 64 * 2**20
"""Largest activity taken, in bytes: the largest published ones are below a quarter of it."""
MAX_PROLOG = 2**20
_OVERLAP = 64
"""A token cut in two by the end of a window is shorter than this."""
ROOTS = {"iati-activities": "iati-activity", "iati-organisations": "iati-organisation"}
VERSIONS = ("2.01", "2.02", "2.03")

Element = Any
_MARK = b"\xef\xbb\xbf"
_ASCII_MARKUP = re.compile(r"^(utf-?8|us-ascii|ascii|iso-8859-\d+|latin-?1|windows-125\d|cp125\d|koi8-[ru])$", re.I)
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_TAG_END = re.compile(rb"""(?:[^"'>]|"[^"]*"|'[^']*')*>""")


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says before its first activity."""

    path: Path
    kind: str
    """``iati-activities`` or ``iati-organisations``."""
    version: str
    encoding: str
    start: bytes
    """The root's start tag, with its namespaces and defaults."""
    offset: int
    """Where content begins."""
    line: int

    @property
    def unit(self) -> str:
        """Name of the element that stands for one record."""
        return ROOTS[self.kind]

    def wrap(self, content: bytes) -> bytes:
        """Records inside the root they came from: a document of its own."""
        return self.start + content + f"</{self.kind}>".encode()


@dataclass(frozen=True, slots=True)
class Piece:
    """One record of a file: where it lies."""

    offset: int
    size: int
    line: int
    problem: str = ""
    """Why it cannot be read, where that is known without parsing."""


def open_head(path: Path) -> Head:
    """The head of a file.

    Raises:
        SourceError: missing, not such a file, of another version, with a document type, or in another encoding.
    """
    try:
        with path.open("rb") as file:
            return _head(path, file.read(MAX_PROLOG))
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}; give the path of an IATI file") from error


def _head(path: Path, content: bytes) -> Head:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content[:64]:
        raise SourceError(f"{path}:1: not text in UTF-8; save it as XML in UTF-8")
    start = len(_MARK) if content.startswith(_MARK) else 0
    body = content[start:]
    declared = _DECLARED.match(body.lstrip())
    encoding = declared[1].decode().lower() if declared else "utf-8"
    if not _ASCII_MARKUP.match(encoding):
        raise SourceError(f"{path}:1: encoding '{encoding}' is not accepted; save it as XML in UTF-8")
    at = start + _skip_prolog(path, body)
    end = _TAG_END.match(content, at)
    line = content.count(b"\n", 0, at) + 1
    if content[at : at + 1] != b"<" or end is None:
        if path.suffix.lower() == ".csv":
            raise SourceError(f"{path}: no table of FTS flows; give a CSV with its header, or an IATI file (XML)")
        raise SourceError(f"{path}:{line}: not an XML file; give one that begins with <")
    tag = content[at : end.end()]
    root = _root(path, tag, encoding, line)
    line = content.count(b"\n", 0, end.end()) + 1
    opened = tag if not tag.endswith(b"/>") else tag[:-2] + b">"
    return Head(path, root.tag, root.get("version", ""), encoding, opened, end.end(), line)


def _skip_prolog(path: Path, body: bytes) -> int:
    """Where the root's start tag begins; comments and processing instructions are passed over."""
    at = 0
    while True:
        while body[at : at + 1].isspace():
            at += 1
        line = body.count(b"\n", 0, at) + 1
        if body.startswith(b"<!--", at):
            end = body.find(b"-->", at + 4) + 3
        elif body.startswith(b"<?", at):
            end = body.find(b"?>", at) + 2
        elif body[at : at + 9].upper() == b"<!DOCTYPE":
            raise SourceError(f"{path}:{line}: a document type (<!DOCTYPE) is not accepted; remove it")
        else:
            return at
        if end < at:
            raise SourceError(f"{path}:{line}: no root element in the first {MAX_PROLOG:,} bytes; give an IATI file")
        at = end


def _root(path: Path, tag: bytes, encoding: str, line: int) -> Element:
    name = re.match(rb"<([^\s/>]+)", tag)
    closed = tag if tag.endswith(b"/>") else tag + b"</" + (name[1] if name else b"") + b">"
    try:
        root = etree.fromstring(closed, parser(encoding))
    except etree.XMLSyntaxError as error:
        problem = (error.msg or "not XML").split(", line ")[0]
        raise SourceError(f"{path}:{line}: not well-formed XML: {problem}; export it again") from error
    if root.tag not in ROOTS:
        known = " or ".join(f"<{one}>" for one in ROOTS)
        raise SourceError(f"{path}:{line}: root element is <{root.tag}>, not {known}; give an IATI file")
    version = root.get("version", "")
    if version not in VERSIONS:
        raise SourceError(f"{path}:{line}: {_version_problem(version)}")
    return root


def _version_problem(version: str) -> str:
    if not version:
        return "no version is given (version 1.01 has none); give a file of version 2.03"
    if version.startswith("1."):
        return (
            f"version {version} of the standard is not read (other elements, dates and codes than 2.x; withdrawn in"
            " 2020); ask the publisher for version 2.03"
        )
    return f"version '{version}' of the standard is not known; give a file of version 2.03 (2.01 and 2.02 are read too)"


def parser(encoding: str = "utf-8", *, lean: bool = False) -> Element:
    """A parser that expands nothing, fetches nothing and keeps its depth bounded.

    Args:
        encoding: of the bytes that it will be given.
        lean: leave out white space between elements, comments and instructions: half the tree, for reading values.
    """
    return locked_parser(
        encoding=encoding, collect_ids=False, remove_blank_text=lean, remove_comments=lean, remove_pis=lean
    )


@dataclass(slots=True)
class _Cursor:
    """A window of a file."""

    file: BinaryIO
    offset: int
    """Where the window begins in the file."""
    line: int
    """Line on which the window begins."""
    text: bytes = b""
    counted: tuple[int, int] = (0, 0)
    """A position of the window and the lines before it, from which counting goes on."""

    def more(self, keep: int) -> bool:
        """Drop what lies before ``keep``, read a block on; false where there is none."""
        self.line = self.line_at(keep)
        self.offset += keep
        self.counted = (0, 0)
        block = self.file.read(BLOCK)
        self.text = self.text[keep:] + block
        return bool(block)

    def line_at(self, position: int) -> int:
        """The line on which a position of the window lies."""
        start, lines = self.counted if self.counted[0] <= position else (0, 0)
        lines += self.text.count(b"\n", start, position)
        self.counted = (position, lines)
        return self.line + lines


_OPENS, _CLOSES, _SKIPS = "opens", "closes", "skips"
_SKIPPED = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"), (b"<!", b">"))


def pieces(head: Head) -> Iterator[Piece]:
    """The records of a file, in order, without parsing them.

    Comments, character data and processing instructions are passed over whole, so that what looks like markup inside
    them is not taken for it.
    """
    with head.path.open("rb") as file:
        file.seek(head.offset)
        yield from _cut(_Cursor(file, head.offset, head.line), head.unit)


def _cut(cursor: _Cursor, unit: str) -> Iterator[Piece]:
    tokens, at, begun = _tokens(unit), 0, -1
    while True:
        token, place = _token(cursor, at, tokens)
        end = _end(cursor, token, place) if token else -1
        if end < 0:  # the window ends first
            at = place if token else max(at, len(cursor.text) - _OVERLAP)
            keep = begun if begun >= 0 else at
            if len(cursor.text) - keep > MAX_ACTIVITY:
                problem = f"larger than {MAX_ACTIVITY:,} bytes" if begun >= 0 else "a comment that does not end"
                yield _piece(cursor, keep, len(cursor.text), problem)
                if begun < 0:
                    return
                keep, begun = at, -1
            more = cursor.more(keep)
            at, begun = at - keep, min(begun, 0)
            if not more:
                if begun == 0:
                    yield _piece(cursor, 0, len(cursor.text), "the file ends inside it")
                return
            continue
        if token == _OPENS:
            if begun >= 0:
                yield _piece(cursor, begun, place)
            begun = place
        elif token == _CLOSES and begun >= 0:
            yield _piece(cursor, begun, end)
            begun = -1
        at = end


def _tokens(unit: str) -> re.Pattern[bytes]:
    """Where a record opens or closes, or something begins that is to be passed over; never within a longer name."""
    return re.compile(rb"<(?:(?P<skips>[!?])|(?P<closes>/)?%s(?![^\s/>]))" % unit.encode())


def _token(cursor: _Cursor, start: int, tokens: re.Pattern[bytes]) -> tuple[str, int]:
    """What comes first from ``start`` on (nothing: an empty word), and where it is."""
    found = tokens.search(cursor.text, start)
    if found is None:
        return "", len(cursor.text)
    return found.lastgroup or _OPENS, found.start()


def _end(cursor: _Cursor, token: str, place: int) -> int:
    """Where a token ends; below zero where the window ends first."""
    if token == _SKIPS:
        opening, closing = next(pair for pair in _SKIPPED if cursor.text.startswith(pair[0], place))
        if opening == b"<!" and len(cursor.text) - place < len(b"<![CDATA["):
            return -1
        found = cursor.text.find(closing, place + len(opening))
        return found + len(closing) if found >= 0 else -1
    found = cursor.text.find(b">", place)
    return found + 1 if found >= 0 else -1


def _piece(cursor: _Cursor, start: int, end: int, problem: str = "") -> Piece:
    return Piece(cursor.offset + start, end - start, cursor.line_at(start), problem)

"""Cutting a file of the standard into its activities without holding it in memory.

Outside files are hostile until shown otherwise: a document type is refused (there are no entities to expand), the
encoding must be UTF-16 or one in which markup is plain ASCII, and one activity is bounded in size. Each activity is
handed on as the bytes it was written in, so that a broken one costs itself and not its neighbours, and so that nothing
of it is lost on the way out again.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import copyfileobj
from tempfile import mkstemp
from typing import Any, BinaryIO
from weakref import finalize

from lxml import etree

from serai.coordinate.iati.spec import one_line
from serai.errors import SourceError
from serai.files import locked_parser

BLOCK = 2**20
MAX_ACTIVITY = 64 * 2**20
"""Largest activity taken, in bytes: the largest published ones are below a quarter of it."""
MAX_PROLOG = 2**20
_OVERLAP = 64
"""A token cut in two by the end of a window is shorter than this."""
ROOTS = {"iati-activities": "iati-activity", "iati-organisations": "iati-organisation"}
VERSIONS = ("2.01", "2.02", "2.03")

Element = Any
_PACKED = (b"\x1f\x8b", b"PK\x03\x04")
_MARK = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_ASCII_MARKUP = re.compile(r"^(utf-?8|us-ascii|ascii|iso-8859-\d+|latin-?1|windows-125\d|cp125\d|koi8-[ru])$", re.I)
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_TAG_END = re.compile(rb"""(?:[^"'>]++|"[^"]*+"|'[^']*+')*+>""")
_TAG = re.compile(rb"""<(?:[^"'<>]++|"[^"<]*+"|'[^'<]*+')*+>""")


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Head:
    """What a file says before its first activity."""

    path: Path
    """The file, as it is named."""
    content: Path
    """Where its content is read from: itself, or a copy in UTF-8 that is gone when the head is."""
    kind: str
    """``iati-activities`` or ``iati-organisations``."""
    version: str
    encoding: str
    start: bytes
    """The root's start tag, with its namespaces and defaults, in UTF-8."""
    offset: int
    """Where content begins."""
    line: int
    empty: bool
    """The root closes where it opens."""
    line_end: bytes
    """What lines are counted by: a line feed, or a carriage return where there is none."""

    @property
    def unit(self) -> str:
        """Name of the element that stands for one record."""
        return ROOTS[self.kind]

    def utf8(self, content: bytes) -> bytes:
        """Bytes of the file in UTF-8, which is left to the parser to find sound.

        Raises:
            UnicodeDecodeError: they are not in the encoding the file declares.
        """
        return content if self.encoding in ("utf-8", "utf8") else content.decode(self.encoding).encode()

    def wrap(self, content: bytes) -> bytes:
        """Records in UTF-8 inside the root they came from: a document of its own."""
        return b"".join((self.start, content, f"</{self.kind}>".encode()))


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
        if path.exists() and not path.is_file() and not path.is_dir():
            raise SourceError(f"{path}: a pipe or device, which can be read once only; save it to a file first")
        with path.open("rb") as file:
            content = file.read(MAX_PROLOG)
        if content[:2] not in _WIDE:
            return _head(path, path, content)
        copy = _in_utf8(path)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}; give the path of an IATI file") from error
    try:
        with copy.open("rb") as file:
            head = _head(path, copy, file.read(MAX_PROLOG))
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    finalize(head, copy.unlink, missing_ok=True)
    return head


def _in_utf8(path: Path) -> Path:
    """A copy in UTF-8 of a file in UTF-16."""
    handle, name = mkstemp(suffix=".xml")
    os.close(handle)
    copy = Path(name)
    try:
        with path.open(encoding="utf-16", newline="") as source, copy.open("w", encoding="utf-8", newline="") as file:
            copyfileobj(source, file, BLOCK)
    except UnicodeError as error:
        copy.unlink(missing_ok=True)
        raise SourceError(f"{path}: not text in UTF-16 ({error}); save it as XML in UTF-8") from error
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    return copy


def _head(path: Path, source: Path, content: bytes) -> Head:
    if content.startswith(_PACKED):
        raise SourceError(f"{path}: packed (zip or gzip); unpack it first")
    if b"\0" in content[:64]:
        raise SourceError(f"{path}:1: not text in UTF-8; save it as XML in UTF-8")
    start = len(_MARK) if content.startswith(_MARK) else 0
    body = content[start:]
    declared = _DECLARED.match(body.lstrip())
    encoding = declared[1].decode().lower() if declared and source == path else "utf-8"
    if not _ASCII_MARKUP.match(encoding) or not _known(encoding):
        raise SourceError(f"{path}:1: encoding '{encoding}' is not accepted; save it as XML in UTF-8")
    at = start + _skip_prolog(path, body)
    end = _TAG_END.match(content, at)
    line = content.count(b"\n", 0, at) + 1
    if content[at : at + 1] != b"<" or end is None:
        if path.suffix.lower() == ".csv":
            raise SourceError(f"{path}: no table of FTS flows; give a CSV with its header, or an IATI file (XML)")
        problem = "its first tag does not end" if content[at : at + 1] == b"<" else "it does not begin with <"
        raise SourceError(f"{path}:{line}: not an XML file: {problem}; give an IATI file")
    tag = content[at : end.end()]
    root = _root(path, tag, encoding, line)
    line_end = b"\r" if b"\r" in content and b"\n" not in content else b"\n"
    line = content.count(line_end, 0, end.end()) + 1
    opened = (tag if not tag.endswith(b"/>") else tag[:-2] + b">").decode(encoding).encode()
    version, empty = root.get("version", ""), tag.endswith(b"/>")
    return Head(path, source, root.tag, version, encoding, opened, end.end(), line, empty, line_end)


def _known(encoding: str) -> bool:
    try:
        codecs.lookup(encoding)
    except LookupError:
        return False
    return True


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
        problem = one_line((error.msg or "not XML").split(", line ")[0])
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


def parser(encoding: str = "utf-8") -> Element:
    """A parser that expands nothing, fetches nothing and keeps its depth bounded.

    Args:
        encoding: of the bytes that it will be given.
    """
    return locked_parser(encoding=encoding, collect_ids=False)


@dataclass(slots=True)
class _Cursor:
    """A window of a file."""

    file: BinaryIO
    offset: int
    """Where the window begins in the file."""
    line: int
    """Line on which the window begins."""
    line_end: bytes
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
        lines += self.text.count(self.line_end, start, position)
        self.counted = (position, lines)
        return self.line + lines


_SKIPPED = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"), (b"<!", b">"))


def pieces(head: Head) -> Iterator[Piece]:
    """The records of a file, in order, without parsing them.

    Comments, character data and processing instructions are passed over whole, so that what looks like markup inside
    them is not taken for it. A file that ends before its root does has one more piece, which says so; so has one that
    goes on with records after its root.
    """
    with head.content.open("rb") as file:
        file.seek(head.offset)
        yield from _Cutting(
            _Cursor(file, head.offset, head.line, head.line_end), head.kind, 0 if head.empty else 1
        ).pieces()


@dataclass(slots=True)
class _Cutting:
    """How far a file has been cut."""

    cursor: _Cursor
    kind: str
    roots: int
    """Roots that are open; by mistake one may lie within another."""
    at: int = 0
    """Where in the window to go on."""
    begun: int = -1
    """Where in the window the open record begins; below zero where none is open."""
    over: bool = False

    def pieces(self) -> Iterator[Piece]:
        """The records, as they are met."""
        tokens = _tokens(self.kind)
        while not self.over:
            found = tokens.search(self.cursor.text, self.at)
            end = _end(self.cursor.text, found.start()) if found else -1
            if found and end >= 0:
                yield from self._met(found.start(), end)
            else:
                self.at = found.start() if found else max(self.at, len(self.cursor.text) - _OVERLAP)
                yield from self._window_ends()

    def _met(self, place: int, end: int) -> Iterator[Piece]:
        """A token: what is passed over, or a tag of a record or of the root."""
        text, self.at = self.cursor.text, end
        second = text[place + 1 : place + 2]
        if second in b"!?":
            return
        closes = second == b"/"
        alone = text[end - 2 : end] == b"/>" and _TAG.fullmatch(text, place, end) is not None
        if not closes and self.roots <= 0:
            self.over = True
            problem = f"it stands after </{self.kind}>, where the file ends: nothing from here on is taken"
            yield _piece(self.cursor, place, end, problem)
        elif text.startswith(self.kind.encode(), place + 1 + closes):
            if closes:
                yield from self._close(place)
            self.roots += -1 if closes else int(not alone)
        elif closes:
            yield from self._close(end)
        else:
            yield from self._close(place)
            self.begun = place
            if alone:
                yield from self._close(end)

    def _close(self, end: int) -> Iterator[Piece]:
        """The record that is open ends, if there is one."""
        if self.begun >= 0:
            yield _piece(self.cursor, self.begun, end)
            self.begun = -1

    def _window_ends(self) -> Iterator[Piece]:
        """Nothing more is met within the window: read on, unless what is open is too large or the file ends."""
        size, keep = len(self.cursor.text), self.begun if self.begun >= 0 else self.at
        if size - keep > MAX_ACTIVITY:
            self.over = self.begun < 0
            problem = "a comment or tag that does not end" if self.over else f"larger than {MAX_ACTIVITY:,} bytes"
            yield _piece(self.cursor, keep, size, problem)
            keep, self.begun = self.at, -1
        more = self.cursor.more(keep)
        self.at, self.begun = self.at - keep, min(self.begun, 0)
        if more or self.over:
            return
        self.over = True
        if self.begun == 0:
            yield _piece(self.cursor, 0, len(self.cursor.text), "the file ends inside it")
        elif self.roots > 0:
            yield _piece(self.cursor, self.at, self.at, f"the file ends before </{self.kind}>: it was cut off")


@cache
def _tokens(kind: str) -> re.Pattern[bytes]:
    """Where a record or the root opens or closes, or what is to be passed over begins; never within a longer name."""
    return re.compile(rb"<[!?]|</?(?:%s|%s)(?![^\s/>])" % (ROOTS[kind].encode(), kind.encode()))


def _end(text: bytes, place: int) -> int:
    """Where a token ends that begins at a place; below zero where the window ends first."""
    if text[place + 1 : place + 2] in b"!?":
        opening, closing = next(pair for pair in _SKIPPED if text.startswith(pair[0], place))
        if opening == b"<!" and len(text) - place < len(b"<![CDATA["):
            return -1
        found = text.find(closing, place + len(opening))
        return found + len(closing) if found >= 0 else -1
    if tag := _TAG.match(text, place):
        return tag.end()
    # A tag that is broken ends somehow; one that is not ends behind the window.
    return (text.find(b">", place) + 1 or -1) if text.find(b"<", place + 1) > 0 else -1


def _piece(cursor: _Cursor, start: int, end: int, problem: str = "") -> Piece:
    return Piece(cursor.offset + start, end - start, cursor.line_at(start), problem)

"""XML from outside, parsed as if it were hostile: no entities, no document type, no network, bounded size and depth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lxml import etree

from serai.errors import SourceError
from serai.files import locked_parser

MAX_BYTES = 32 * 2**20
"""Parsed, the worst file of this size takes below a gigabyte of memory."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Element = Any
"""An lxml element; lxml ships no types of its own."""


def parse_xml(path: Path, *, limit: int = MAX_BYTES) -> Element:
    """Root element of an XML file.

    The file must be UTF-8, whatever it declares: another encoding could hide a document type from the check.
    Depth is bounded by the parser (256 levels), attribute and text sizes by the same rule (``huge_tree`` off).

    Args:
        path: the file.
        limit: largest size read, in bytes.

    Raises:
        SourceError: missing, too large, not UTF-8, with a document type, or not well-formed; with file and line.
    """
    content = _content(path, limit)
    if (at := content.find(b"<!DOCTYPE")) >= 0:
        line = content.count(b"\n", 0, at) + 1
        raise SourceError(f"{path}:{line}: a document type (<!DOCTYPE) is not accepted; remove it")
    parser = locked_parser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        problem = (error.msg or "not XML").split(", line ")[0]
        raise SourceError(f"{path}:{error.lineno or 1}: not well-formed XML: {problem}; export it again") from error


def _content(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}; give the path of an XML file") from error
    if len(content) > limit:
        raise SourceError(f"{path}: larger than {limit:,} bytes; split it")
    content = content.removeprefix(_BYTE_ORDER_MARK)
    if not content.lstrip().startswith(b"<"):
        raise SourceError(f"{path}:1: not an XML file in UTF-8; save it as XML in UTF-8")
    return content


def local_name(element: Element) -> str:
    """Name of an element without its namespace."""
    return str(etree.QName(element).localname)

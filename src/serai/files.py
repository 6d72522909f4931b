"""Files: written whole or not at all, beside their place and then renamed; from outside read within bounds."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from serai.errors import OutputError

__all__ = ["REMEDY", "bounded_text", "locked_parser", "whole", "write_beside"]

REMEDY = "make room or choose another place"


@contextmanager
def whole(path: Path, *, remedy: str = REMEDY) -> Iterator[Path]:
    """Give a place beside ``path`` to write to; when the block ends well, it takes the place of ``path``.

    What was at ``path`` is untouched when the block fails. Two processes that write one file do not meet: the last
    one to end counts.

    Args:
        path: where the file belongs; its folder must be there.
        remedy: the way out that the message names.

    Raises:
        OutputError: the place cannot be written, or is full.
    """
    beside = path.parent / f".{path.name}.{os.getpid()}.tmp"
    try:
        yield beside
        beside.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write '{path}': {error.strerror or error}; {remedy}") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def write_beside(path: Path, write: Callable[[Path], object], *, remedy: str = REMEDY) -> None:
    """Have ``write`` write a file :func:`whole`; its folder is made where it is not there.

    Raises:
        OutputError: the place cannot be written, or is full.
    """
    with whole(path, remedy=remedy) as beside:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(beside)


def bounded_text(path: Path, most: int = 64 * 2**20) -> str:
    """The text of a file from outside, refused before it is read where it is too large.

    Raises:
        OSError: it cannot be read, or holds more than ``most`` bytes.
        UnicodeDecodeError: it is not UTF-8.
    """
    if path.stat().st_size > most:
        raise OSError(errno.EFBIG, f"larger than {most:,} bytes", str(path))
    return path.read_text(encoding="utf-8")


def locked_parser(**options: object) -> Any:  # noqa: ANN401 - lxml has no types
    """A parser for XML from outside: it expands no entities, loads and fetches nothing, and bounds the depth.

    Args:
        options: further options of ``lxml.etree.XMLParser``.
    """
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, **options
    )

"""Writing so that what was there stays whole until what replaces it is complete."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from serai.errors import OutputError, SourceError

__all__ = ["MARKER", "replacing", "write_new"]

MARKER = ".serai-output.json"
"""Name of the file by which an output directory is known as ours, and may therefore be replaced."""


def write_new(path: Path, content: str | bytes) -> None:
    """Write a file beside its place, then move it there.

    Raises:
        OutputError: the place cannot be written or is full.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise OutputError(_sentence(path, error)) from error


def _sentence(path: Path, error: OSError) -> str:
    return f"{path} cannot be written: {error.strerror or error}; free the space or choose another directory"


def _failure(out: Path, stage: Path, error: OSError) -> OutputError | SourceError:
    """What went wrong: a file elsewhere that cannot be read is no fault of the place that is written to."""
    path = Path(error.filename or out).absolute()
    written = path.is_relative_to(stage) or path.is_relative_to(out) or out.is_relative_to(path)
    if written or error.errno not in (errno.ENOENT, errno.EACCES, errno.EISDIR, errno.ENOTDIR):
        return OutputError(_sentence(path, error))
    return SourceError(f"{path} cannot be read: {error.strerror}; put it back or correct its rights")


def _is_ours(out: Path) -> bool:
    return (out / MARKER).is_file() or not any(out.iterdir())


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Give an empty directory beside ``out`` to write into; when the block ends well, it takes the place of ``out``.

    The last good output is untouched when the block fails. Leftovers of runs that were killed are removed.

    Raises:
        OutputError: ``out`` is a file, holds something this program did not write, or cannot be written; or the disk
            is full while the block writes.
        SourceError: the block cannot read a file it needs.
    """
    out = out.absolute()
    stage = out.with_name(f"{out.name}.tmp-{os.getpid()}")
    old = out.with_name(f"{out.name}.old-{os.getpid()}")
    try:
        _prepare(out, stage)
        yield stage
        (stage / MARKER).touch()
        if out.exists():
            out.rename(old)
        try:
            stage.rename(out)
        except OSError:
            if old.exists():
                old.rename(out)
            raise
    except OSError as error:
        raise _failure(out, stage, error) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _prepare(out: Path, stage: Path) -> None:
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file, not a directory; choose another directory")
    if out.is_dir() and not _is_ours(out):
        raise OutputError(f"{out} holds files that were not written by this program; choose an empty or new directory")
    if out.is_dir() and not os.access(out, os.W_OK):
        raise OutputError(f"{out} cannot be written: Permission denied; change its rights or choose another directory")
    out.parent.mkdir(parents=True, exist_ok=True)
    for leftover in out.parent.glob(f"{out.name}.tmp-*"):
        if not _alive(leftover):
            shutil.rmtree(leftover, ignore_errors=True)
    stage.mkdir()


def _alive(leftover: Path) -> bool:
    """Whether the process that made a staging directory still runs."""
    number = leftover.name.rpartition("-")[2]
    if not number.isdigit():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def read_marker(out: Path) -> dict[str, object]:
    """What the last run wrote down about an output directory; empty when there is none or it is damaged."""
    try:
        found = json.loads((out / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}

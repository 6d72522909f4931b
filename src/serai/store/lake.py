"""The connection to the lake: DuckDB with DuckLake, attached only while a call needs it.

A catalogue in a DuckDB file admits many readers or one writer, never both, and the lock lasts as long as the
attachment. So each call attaches, works, and detaches (about 3 ms): readers do not meet, and a writer is met for
the length of one ingest. A call that finds the lake locked tries again for ``patience`` seconds.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import RLock
from typing import TypeVar

import duckdb

from serai.errors import OutputError, StoreError
from serai.store.faults import is_busy, one_line, translated
from serai.store.schema import FORMAT, TABLES

__all__ = ["Lake", "Location", "quoted"]

T = TypeVar("T")

_MEMORY = "512MB"
"""What DuckDB may hold before it spills to ``tmp`` beside the catalogue."""


def quoted(text: object) -> str:
    """``text`` as an SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a lake lives. Only files beside each other for now; another catalogue is another pair of strings."""

    catalogue: str
    """What follows ``ducklake:`` in ATTACH: a file, or a connection string."""
    data: str
    """Folder or object-store prefix of the data files, ending in ``/``."""
    folder: Path | None
    """The folder holding both, if they are files of this machine."""

    @classmethod
    def embedded(cls, home: Path) -> Location:
        """The lake in files under ``home``."""
        folder = home.absolute() / "lake"
        return cls(str(folder / "catalogue.ducklake"), f"{folder / 'data'}/", folder)

    def exists(self) -> bool:
        """Whether there is a lake; not, where one may not look."""
        try:
            return self.folder is None or Path(self.catalogue).exists()
        except PermissionError:
            return False

    def attach(self, *, read_only: bool = False, create_in: Path | None = None) -> str:
        """The ATTACH statement. The data path is given anew each time, so that a lake may be moved."""
        options = [f"DATA_PATH {quoted(self.data)}", "OVERRIDE_DATA_PATH true"]
        # A catalogue is many small tables: in blocks of the default 256 KB it would take 13 times the room.
        options += ["META_BLOCK_SIZE 16384"] if create_in else ["CREATE_IF_NOT_EXISTS false"]
        options += ["READ_ONLY"] * read_only
        return f"ATTACH {quoted(f'ducklake:{create_in or self.catalogue}')} AS lake ({', '.join(options)})"


class Lake:
    """One DuckDB instance that attaches the lake for the length of each call. Calls of threads take turns."""

    turn: RLock
    """Held by a thread from looking at what arrives until it is in."""
    connection: duckdb.DuckDBPyConnection
    """DuckDB, to look at what arrives; the lake is attached to it within :meth:`reading` and :meth:`write` only."""

    def __init__(self, location: Location, *, patience: float) -> None:
        self.location = location
        self._patience = patience
        self.turn = RLock()
        self.connection = _connect(location)

    def close(self) -> None:
        """Give up the DuckDB instance."""
        self.connection.close()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The lake attached read-only. Raises StoreError where it is damaged, locked or of another version."""
        with self.turn, translated(self.location.catalogue, writing=False):
            self._attach(self.location.attach(read_only=True))
            try:
                yield self.connection
            finally:
                self._detach()

    def write(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Do ``work`` in one transaction, hence in at most one snapshot; what it raises undoes all of it.

        Raises:
            StoreError: the lake is damaged, locked or of another version.
            OutputError: it cannot be written.
        """
        with self.turn, translated(self.location.catalogue, writing=True):
            self._attach(self.location.attach())
            try:
                # An ingest that was killed leaves data files that no snapshot names.
                if self.location.folder:
                    self.connection.execute("CALL ducklake_delete_orphaned_files('lake', cleanup_all => true)")
                self.connection.execute("BEGIN")
                result = work(self.connection)
                self.connection.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.Error):
                    self.connection.execute("ROLLBACK")
                raise
            finally:
                self._detach()
            return result

    def check(self) -> None:
        """Raise StoreError unless the lake opens and its tables are of the version this code knows."""
        with self.reading() as connection:
            made = connection.execute(
                "SELECT commit_extra_info FROM ducklake_snapshots('lake') WHERE snapshot_id = 1"
            ).fetchone()
        if made is None or made[0] != f"format {FORMAT}":
            found = made[0] if made and made[0] else "no format"
            msg = (
                f"lake {self.location.catalogue} is of another version ({found}, this is format {FORMAT}); "
                "move it away and ingest anew"
            )
            raise StoreError(msg)

    def create(self) -> None:
        """Make an empty lake beside, then name it: a kill half-way leaves no half-made lake. Raises OutputError."""
        folder, catalogue = self.location.folder, Path(self.location.catalogue)
        if folder is None or self.location.exists():
            return
        beside = catalogue.with_suffix(f".{os.getpid()}.new")
        log = Path(f"{beside}.wal")
        with self.turn, translated(self.location.catalogue, writing=True):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self.connection.execute(self.location.attach(create_in=beside))
                try:
                    self._make_tables()
                finally:
                    self._detach()
                if log.exists():  # closing a catalogue folds its log into it, unless the disk is full
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                _name(beside, catalogue)
            except OSError as error:
                reason = error.strerror or str(error)
                msg = f"cannot make a lake in {folder}: {reason}; choose a home that can be written and has room"
                raise OutputError(msg) from None
            finally:
                for left in (beside, log):
                    with suppress(OSError):
                        left.unlink(missing_ok=True)

    def _make_tables(self) -> None:
        self.connection.execute("CALL lake.set_option('parquet_compression', 'zstd')")
        statements = (*TABLES, f"CALL lake.set_commit_message('serai', 'lake made', extra_info => 'format {FORMAT}')")
        self.connection.execute(f"BEGIN; {'; '.join(statements)}; COMMIT")

    def _attach(self, statement: str) -> None:
        deadline = time.monotonic() + self._patience
        while True:
            try:
                self.connection.execute(statement)
                return
            except duckdb.Error as error:
                if time.monotonic() >= deadline or not is_busy(error):
                    raise
            time.sleep(0.02)

    def _detach(self) -> None:
        # After a fatal error (a full disk) DuckDB refuses everything, also this; a new instance is as good as new.
        try:
            self.connection.execute("DETACH DATABASE IF EXISTS lake")
        except duckdb.Error:
            with suppress(duckdb.Error):
                self.connection.close()
            self.connection = _connect(self.location)


def _name(beside: Path, catalogue: Path) -> None:
    """Give the new catalogue its name, unless another process was first: its lake is as empty as ours."""
    try:
        os.link(beside, catalogue)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        if not catalogue.exists():
            beside.rename(catalogue)


def _connect(location: Location) -> duckdb.DuckDBPyConnection:
    """DuckDB in memory with the DuckLake extension of the installed wheel; never from the network."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": _MEMORY,
        # A name in a statement is a table, never a variable of whoever called.
        "python_enable_replacements": "false",
    }
    if location.folder:
        settings["temp_directory"] = str(location.folder / "tmp")
    connection = duckdb.connect(":memory:", config=settings)
    extension = _extension()
    try:
        connection.execute(f"LOAD {quoted(extension)}")
    except duckdb.Error as error:
        wheel = f"duckdb-extension-ducklake=={duckdb.__version__}"
        msg = f"cannot load {extension} ({one_line(error, 160)}); install {wheel} again"
        raise StoreError(msg) from None
    connection.execute("SET TimeZone = 'UTC'")
    # DuckDB draws its own bar on standard output after two seconds; ours is drawn by whoever is told of progress.
    connection.execute("SET enable_progress_bar = false")
    return connection


def _extension() -> Path:
    found = find_spec("duckdb_extension_ducklake")
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder) / "extensions" / f"v{duckdb.__version__}" / "ducklake.duckdb_extension"
        if path.is_file():
            return path
    version = duckdb.__version__
    msg = f"no DuckLake extension for DuckDB {version}; install duckdb-extension-ducklake=={version}"
    raise StoreError(msg)

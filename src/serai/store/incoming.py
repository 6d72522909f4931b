"""What is about to be ingested: a frame or a parquet file, looked at through a view and held to the rules.

Nothing is copied: DuckDB streams a file from disk and a frame from memory, however often it looks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from serai.errors import InputError, SourceError
from serai.store.faults import one_line
from serai.store.lake import quoted
from serai.store.schema import CONTENT, KEY, RULES, Names, names

__all__ = ["Frame", "Incoming", "Scope", "incoming"]

Frame = pl.DataFrame | pl.LazyFrame | Path
"""A table to ingest: in memory, computed as it is read, or a parquet file."""

_KEY = ", ".join(KEY)
_STRAY = """
    SELECT release_from, release_to FROM incoming
    WHERE release_from > release_to OR NOT list_contains($known, release_from) OR NOT list_contains($known, release_to)
    LIMIT 1"""
# Only keys met twice are sorted, so a table without faults costs one hash a row.
_TWICE = f"""
    WITH twice AS (SELECT hash({_KEY}) AS h FROM incoming GROUP BY h HAVING count(*) > 1),
    run AS (SELECT * FROM incoming WHERE hash({_KEY}) IN (SELECT h FROM twice))"""
_OVERLAPS = f"""{_TWICE},
    pair AS (SELECT {_KEY}, release_to, lead(release_from) OVER (PARTITION BY {_KEY} ORDER BY release_from) AS next
        FROM run)
    SELECT {_KEY}, next, count(*) OVER () FROM pair WHERE next <= release_to ORDER BY {_KEY} LIMIT 1"""
_HALVES = f"""{_TWICE},
    pair AS (
        SELECT {_KEY}, release_to,
            lead(release_from) OVER (PARTITION BY {", ".join(CONTENT)} ORDER BY release_from) AS next FROM run)
    SELECT {_KEY}, next FROM pair
    WHERE list_position($known, next) = list_position($known, release_to) + 1 ORDER BY {_KEY} LIMIT 1"""

_EMPTY_IF_UNKNOWN = ("bound", "unit", "nature", "note")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A checked table under the name ``incoming`` in DuckDB, and what it covers."""

    connection: duckdb.DuckDBPyConnection
    name: str
    provider: str
    areas: tuple[str, ...]
    releases: tuple[date, ...]
    digest: str

    def check(self) -> None:
        """Raise InputError naming every rule that some row breaks, with the first such row."""
        with _readable(self.name):
            faults = [*_rule_faults(self.connection), *_overlaps(self.connection), *self._run_faults()]
        if faults:
            msg = f"{self.name}: {'; '.join(faults)}"
            raise InputError(msg)

    def _run_faults(self) -> Iterator[str]:
        known = {"known": list(self.releases)}
        row = self.connection.execute(_STRAY, known).fetchone()
        if row:
            yield f"a run from {row[0]} to {row[1]} does not fit the releases given; runs begin and end at releases"
        row = self.connection.execute(_HALVES, known).fetchone() if len(self.releases) > 1 else None
        if row:
            shown = " ".join(str(part) for part in row[:4] if part != "")
            yield f"a run broken without a reason [{shown} at {row[4]}]; make one run of two that touch and are equal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What the caller says a table covers; what is not said is taken from its rows."""

    provider: str | None = None
    release: date | None = None
    """The one release an observation table holds; ``None`` for a run table."""
    releases: Iterable[date] | None = None
    """Every release a run table covers; by default the dates at which a run begins or ends."""
    areas: Names = None
    """Every area covered; by default those with rows."""


@contextmanager
def incoming(connection: duckdb.DuckDBPyConnection, frame: Frame, scope: Scope) -> Iterator[Incoming]:
    """``frame`` as the view ``incoming`` with the columns of a run, for the length of the block.

    Raises:
        SourceError: the file cannot be read as parquet.
        InputError: columns are missing or foreign, or rows are of another provider or area.
    """
    with _scannable(connection, frame) as (source, name, digest):
        try:
            with _readable(name):
                found = _columns(connection, source)
                _check_columns(name, found, dated=scope.release is None)
                provider = _provider(connection, source, name, found, scope.provider)
                connection.execute(_view(source, found, scope.release))
                covered = _covered(connection, name, scope.areas)
                dates = (scope.release,) if scope.release else _dates(connection, scope.releases)
                known_by = digest or _digest(connection)
            if not covered or not dates:
                msg = f"{name}: no rows, and no areas named; say which areas the release covers"
                raise InputError(msg)
            yield Incoming(connection, name, provider, covered, dates, known_by)
        finally:
            with suppress(duckdb.Error):
                connection.execute("DROP VIEW IF EXISTS incoming")


@contextmanager
def _scannable(connection: duckdb.DuckDBPyConnection, frame: Frame) -> Iterator[tuple[str, str, str]]:
    """What DuckDB can read ``frame`` from, what to call it in messages, and its digest if that is cheap."""
    if isinstance(frame, Path):
        yield f"read_parquet({quoted(frame)})", frame.name, _file_digest(frame)
    elif isinstance(frame, pl.LazyFrame):
        with TemporaryDirectory(prefix="serai-") as folder:
            path = Path(folder) / "frame.parquet"
            try:
                frame.sink_parquet(path)
            except (pl.exceptions.PolarsError, OSError) as error:
                msg = f"frame cannot be computed: {one_line(error, 200)}"
                raise SourceError(msg) from error
            yield f"read_parquet({quoted(path)})", "frame", ""
    else:
        connection.register("incoming_frame", frame)
        try:
            yield "incoming_frame", "frame", ""
        finally:
            with suppress(duckdb.Error):  # after a fatal error the connection is closed
                connection.unregister("incoming_frame")


def _file_digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        msg = f"{path}: {error.strerror}; give a parquet file that can be read"
        raise SourceError(msg) from error


def _digest(connection: duckdb.DuckDBPyConnection) -> str:
    """Digest of the rows, whatever their order."""
    columns = ", ".join((*CONTENT, "release_from", "release_to"))
    row = connection.execute(f"SELECT count(*), coalesce(sum(hash({columns})), 0) FROM incoming").fetchone()
    return f"rows:{row[0]}:{row[1]:x}" if row else ""


def _columns(connection: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    return [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]


def _check_columns(name: str, found: list[str], *, dated: bool) -> None:
    needed = {*CONTENT, *(("release_from", "release_to") if dated else ())}
    missing, foreign = needed - set(found), set(found) - needed - {"provider", *(() if dated else ("release",))}
    faults = [f"no column {', '.join(sorted(missing))}"] * bool(missing)
    faults += [f"foreign column {', '.join(sorted(foreign))}"] * bool(foreign)
    if faults:
        msg = f"{name}: {'; '.join(faults)}; the columns are those of the {'run' if dated else 'observation'} table"
        raise InputError(msg)


def _provider(
    connection: duckdb.DuckDBPyConnection, source: str, name: str, found: list[str], provider: str | None
) -> str:
    sql = f"SELECT DISTINCT provider FROM {source} ORDER BY ALL"
    named = [row[0] for row in connection.execute(sql).fetchall()] if "provider" in found else []
    wanted = provider or (named[0] if named else "")
    if not wanted or any(other != wanted for other in named):
        shown = ", ".join(str(other) for other in named) or "none"
        expected = f" where {provider} was expected" if provider else ""
        msg = f"{name}: found provider {shown}{expected}; a table holds the rows of one provider"
        raise InputError(msg)
    return wanted


def _view(source: str, found: list[str], release: date | None) -> str:
    types = {"period": "INTEGER", "value": "DOUBLE"}
    selected = [f"CAST({column} AS {types.get(column, 'VARCHAR')}) AS {column}" for column in CONTENT]
    for column in _EMPTY_IF_UNKNOWN:
        place = CONTENT.index(column)
        selected[place] = f"coalesce(CAST({column} AS VARCHAR), '') AS {column}"
    first, last = (f"DATE {quoted(release)}",) * 2 if release else ("release_from::DATE", "release_to::DATE")
    # Rows of another release are kept in, so that the check of releases can name them.
    if release and "release" in found:
        first = last = "release::DATE"
    columns = [*selected, f"{first} AS release_from", f"{last} AS release_to"]
    return f"CREATE TEMP VIEW incoming AS SELECT {', '.join(columns)} FROM {source}"


def _covered(connection: duckdb.DuckDBPyConnection, name: str, areas: Names) -> tuple[str, ...]:
    rows = connection.execute("SELECT DISTINCT area FROM incoming WHERE area IS NOT NULL").fetchall()
    carried = {row[0] for row in rows}
    covered = carried if areas is None else set(names(areas) or ())
    if stray := sorted(carried - covered):
        shown = ", ".join(stray[:5])
        msg = f"{name}: rows of {shown}, which are not among the areas given; name them or leave their rows out"
        raise InputError(msg)
    return tuple(sorted(covered))


def _dates(connection: duckdb.DuckDBPyConnection, releases: Iterable[date] | None) -> tuple[date, ...]:
    if releases is not None:
        return tuple(sorted(set(releases)))
    sql = "SELECT DISTINCT unnest([release_from, release_to]) FROM incoming"
    return tuple(sorted(row[0] for row in connection.execute(sql).fetchall() if row[0] is not None))


def _rule_faults(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    counts = ", ".join(f"count_if({rule.broken})" for rule in RULES)
    found = connection.execute(f"SELECT {counts} FROM incoming").fetchone() or ()
    for rule, count in zip(RULES, found, strict=True):
        if count:
            first = connection.execute(f"SELECT {rule.shown} FROM incoming WHERE {rule.broken} LIMIT 1").fetchone()
            rows = f"{count} rows" if count > 1 else "1 row"
            yield f"{rule.problem} [{first[0] if first else ''}] ({rows}); {rule.remedy}"


def _overlaps(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    row = connection.execute(_OVERLAPS).fetchone()
    if row:
        shown = " ".join(str(part) for part in row[:4] if part != "")
        found = f"{shown} in the release of {row[4]}] ({row[5]} in all)"
        yield f"duplicate key [{found}; a release carries a series, area, period and dimensions once"


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        msg = f"{name}: cannot be read as a table ({one_line(error, 200)}); give a whole parquet file or frame"
        raise SourceError(msg) from error

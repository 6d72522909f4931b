"""The rows that have to leave and enter the lake so that it carries a table.

The lake keeps runs. A run whose end is OPEN is carried by the latest release of its area, so a release that repeats
it costs nothing. Rows are told apart by two hashes of all their columns, in and against their order: 128 bits,
compared without holding the rows. Two rows that differ in one number or date never share them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import duckdb

from serai.errors import InputError
from serai.store.incoming import Incoming
from serai.store.lake import quoted
from serai.store.schema import CONTENT, OPEN

__all__ = ["exchange", "insert", "scratch", "set_each"]

_ORDER = "part, series, area, dimensions, period, release_from"
_ROW = ", ".join(CONTENT)
_RUN = (*CONTENT, "release_from", "release_to")
_OPEN = f"DATE '{OPEN}'"
_SAME = " AND ".join(f"e.{column} IS NOT DISTINCT FROM i.{column}" for column in CONTENT)

_NEAR = """
    CREATE TEMP TABLE near AS
    WITH held AS (SELECT area, release FROM lake.release WHERE provider = $provider),
    dates AS (FROM held UNION SELECT area, unnest($done) FROM parts)
    SELECT area, max(release) FILTER (release < $release) AS before,
        min(release) FILTER (release > $release) AS after,
        coalesce(bool_or(release = $release), false) AS covered
    FROM parts LEFT JOIN dates USING (area) GROUP BY area"""
# Rows of release r that no run covers: a new run, or one longer run where they meet the end of a run of the release
# before, or the beginning of a run of the release after.
_TAKEN_IN = f"""
    CREATE TEMP TABLE taken_in AS
    WITH ending AS (
        SELECT l.rowid AS id, l.* FROM lake.observation l JOIN near n USING (area)
        WHERE l.provider = $provider AND l.release_to = n.before),
    beginning AS (
        SELECT l.rowid AS id, l.* FROM lake.observation l JOIN near n USING (area)
        WHERE l.provider = $provider AND l.release_from = n.after)
    SELECT i.*, n.covered, e.id AS earlier, b.id AS later, coalesce(e.release_from, $release) AS release_from,
        coalesce(b.release_to, CASE WHEN n.after IS NULL THEN {_OPEN} ELSE $release END) AS release_to
    FROM unknown i JOIN near n USING (area)
    LEFT JOIN ending e ON {_SAME}
    LEFT JOIN beginning b ON {_SAME.replace("e.", "b.")}"""
_GONE = """
    CREATE TEMP TABLE gone AS
    SELECT id FROM left_out UNION ALL SELECT earlier FROM taken_in WHERE earlier IS NOT NULL
    UNION ALL SELECT later FROM taken_in WHERE later IS NOT NULL"""
# A run that is left out ends before the release, and goes on after it if a later release carries it.
_FRESH = f"""
    CREATE TEMP TABLE fresh AS
    SELECT {_ROW}, release_from, before AS release_to FROM left_out JOIN near USING (area) WHERE release_from <= before
    UNION ALL
    SELECT {_ROW}, after, release_to FROM left_out JOIN near USING (area) WHERE release_to >= after
    UNION ALL
    SELECT {_ROW}, release_from, release_to FROM taken_in"""


@contextmanager
def scratch(connection: duckdb.DuckDBPyConnection, *tables: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Room for temporary tables, cleared before and after: an ingest that failed may have left some."""
    clear = "; ".join(f"DROP TABLE IF EXISTS temp.{table}" for table in tables)
    connection.execute(clear)
    yield connection
    connection.execute(clear)


def insert(table: Incoming) -> int:
    """Nothing is held for these areas: the table streams in as it is. Returns the number of rows."""
    sql = f"INSERT INTO lake.observation BY NAME FROM {_runs(table)} JOIN parts USING (area) ORDER BY {_ORDER}"
    return _count(table.connection, sql)


def exchange(table: Incoming) -> tuple[int, int]:
    """The table covers all that is held for these areas: what differs is exchanged. Returns rows added, removed."""
    held = f"(SELECT l.rowid AS id, l.* FROM lake.observation l JOIN parts USING (area) WHERE {_of(table)})"
    with scratch(table.connection, "differing", "gone", "fresh") as connection:
        if not _find_differing(connection, held, _runs(table), _RUN):
            return 0, 0
        connection.execute(f"CREATE TEMP TABLE gone AS SELECT id FROM {_differing(held, _RUN)}")
        connection.execute(f"CREATE TEMP TABLE fresh AS SELECT {', '.join(_RUN)} FROM {_differing(_runs(table), _RUN)}")
        return _apply(table)


def set_each(table: Incoming, *, replace: bool) -> tuple[int, int]:
    """Make the lake carry exactly the rows of each release, for the areas of the table. Returns rows added, removed.

    Raises:
        InputError: the lake holds other rows for a release, and ``replace`` is false.
    """
    added = removed = 0
    for release in table.releases:
        more, less = _set(table, release, replace=replace)
        added, removed = added + more, removed + less
    return added, removed


def _set(table: Incoming, release: date, *, replace: bool) -> tuple[int, int]:
    carried = f"release_from <= DATE '{release}' AND release_to >= DATE '{release}'"
    held = (
        f"(SELECT l.rowid AS id, l.* FROM lake.observation l JOIN parts USING (area) WHERE {_of(table)} AND {carried})"
    )
    arriving = f"(SELECT {_ROW} FROM incoming WHERE {carried})"
    tables = ("near", "differing", "left_out", "unknown", "taken_in", "gone", "fresh")
    with scratch(table.connection, *tables) as connection:
        if not _find_differing(connection, held, arriving, CONTENT):
            return 0, 0
        this: dict[str, object] = {"provider": table.provider, "release": release}
        # Releases of this table that were set before are not noted in the lake until all are.
        done = [earlier for earlier in table.releases if earlier < release]
        connection.execute(_NEAR, this | {"done": done})
        connection.execute(f"CREATE TEMP TABLE left_out AS FROM {_differing(held, CONTENT)}")
        connection.execute(f"CREATE TEMP TABLE unknown AS SELECT {_ROW} FROM {_differing(arriving, CONTENT)}")
        connection.execute(_TAKEN_IN, this)
        if not replace:
            _refuse_revision(table, release)
        connection.execute(_GONE)
        connection.execute(_FRESH)
        return _apply(table)


def _of(table: Incoming) -> str:
    return f"l.provider = {quoted(table.provider)}"


def _runs(table: Incoming) -> str:
    """The table as runs of the lake: the last release it covers is the last there is."""
    last = f"CASE WHEN release_to = DATE '{table.releases[-1]}' THEN {_OPEN} ELSE release_to END AS release_to"
    return f"(SELECT {_ROW}, {quoted(table.provider)} AS provider, release_from, {last} FROM incoming)"


def _hashes(columns: tuple[str, ...]) -> str:
    return f"hash({', '.join(columns)}) AS h, hash({', '.join(reversed(columns))}) AS g"


def _find_differing(connection: duckdb.DuckDBPyConnection, one: str, other: str, columns: tuple[str, ...]) -> bool:
    """Keep the hashes of the rows that only one of two tables has; whether there are any."""
    hashes = _hashes(columns)
    sides = f"SELECT {hashes}, 1 AS side FROM {one} UNION ALL SELECT {hashes}, -1 FROM {other}"
    sql = f"CREATE TEMP TABLE differing AS SELECT h, g FROM ({sides}) GROUP BY h, g HAVING sum(side) <> 0"
    return _count(connection, sql) > 0


def _differing(table: str, columns: tuple[str, ...]) -> str:
    return f"(SELECT *, {_hashes(columns)} FROM {table}) SEMI JOIN differing USING (h, g)"


def _refuse_revision(table: Incoming, release: date) -> None:
    found = table.connection.execute(
        """SELECT count(*), min(series || ' ' || area || ' ' || period) FROM (
            SELECT series, area, period FROM left_out JOIN near USING (area) WHERE covered
            UNION ALL SELECT series, area, period FROM taken_in WHERE covered)"""
    ).fetchone()
    if found and found[0]:
        msg = (
            f"{table.name}: release {release} of {table.provider} is in the lake with other content "
            f"({found[0]} rows differ, first {found[1]}); a correction of what was read takes replace=True"
        )
        raise InputError(msg)


def _apply(table: Incoming) -> tuple[int, int]:
    """Take the rows of ``gone`` out of the lake and put those of ``fresh`` in."""
    removed = _count(table.connection, "DELETE FROM lake.observation WHERE rowid IN (SELECT id FROM gone)")
    rows = f"SELECT *, {quoted(table.provider)} AS provider FROM fresh JOIN parts USING (area) ORDER BY {_ORDER}"
    return _count(table.connection, f"INSERT INTO lake.observation BY NAME {rows}"), removed


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0

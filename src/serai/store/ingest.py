"""How a table becomes rows of the lake.

The lake keeps runs. A run whose end is OPEN is carried by the latest release of its area, so a release that repeats
it costs nothing. What a table covers is set as a whole: for each of its areas and releases the lake afterwards
carries exactly the rows of the table, and all other areas and releases stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import duckdb

from serai.errors import InputError
from serai.store.incoming import Incoming
from serai.store.lake import quoted
from serai.store.schema import CONTENT, OPEN, Receipt

__all__ = ["ingest", "is_known"]

_ORDER = "part, series, area, dimensions, period, release_from"
_ROW = ", ".join(CONTENT)
_OPEN = f"DATE '{OPEN}'"


def _same(one: str, other: str, columns: tuple[str, ...] = CONTENT) -> str:
    return " AND ".join(f"{one}.{column} IS NOT DISTINCT FROM {other}.{column}" for column in columns)


# Runs of the lake that the coming release r leaves out: they end before it, and go on after it if a later release
# carries them. Rows of r that no run covers: a new run, or one longer run where they meet the end of a run of the
# release before or the beginning of a run of the release after.
_LEFT_OUT = f"""
    CREATE TEMP TABLE left_out AS
    SELECT l.rowid AS id, l.*, n.before, n.after, n.covered
    FROM lake.observation l JOIN near n USING (area)
    WHERE l.provider = $provider AND l.release_from <= $release AND l.release_to >= $release
      AND NOT EXISTS (SELECT 1 FROM arriving i WHERE {_same("l", "i")})"""
_TAKEN_IN = f"""
    CREATE TEMP TABLE taken_in AS
    WITH unknown AS (
        SELECT i.*, n.before, n.after, n.covered FROM arriving i JOIN near n USING (area)
        WHERE NOT EXISTS (
            SELECT 1 FROM lake.observation l
            WHERE l.provider = $provider AND l.release_from <= $release AND l.release_to >= $release
              AND {_same("l", "i")})),
    touching AS (
        SELECT l.rowid AS id, l.* FROM lake.observation l JOIN near n USING (area)
        WHERE l.provider = $provider AND (l.release_to = n.before OR l.release_from = n.after))
    SELECT i.*, p.id AS earlier, s.id AS later, coalesce(p.release_from, $release) AS release_from,
        coalesce(s.release_to, CASE WHEN i.after IS NULL THEN {_OPEN} ELSE $release END) AS release_to
    FROM unknown i
    LEFT JOIN touching p ON p.release_to = i.before AND {_same("p", "i")}
    LEFT JOIN touching s ON s.release_from = i.after AND {_same("s", "i")}"""
_GONE = """
    CREATE TEMP TABLE gone AS
    SELECT id FROM left_out UNION ALL SELECT earlier FROM taken_in WHERE earlier IS NOT NULL
    UNION ALL SELECT later FROM taken_in WHERE later IS NOT NULL"""
_FRESH = f"""
    CREATE TEMP TABLE fresh AS
    SELECT {_ROW}, release_from, before AS release_to FROM left_out WHERE release_from <= before
    UNION ALL SELECT {_ROW}, after, release_to FROM left_out WHERE release_to >= after
    UNION ALL SELECT {_ROW}, release_from, release_to FROM taken_in"""


def is_known(table: Incoming) -> bool:
    """Whether the lake holds exactly this table for all it covers, judged by digest. The lake must be attached."""
    row = table.connection.execute(
        "SELECT count(*) FROM lake.release WHERE provider = $provider AND digest = $digest"
        " AND list_contains($areas, area) AND list_contains($releases, release)",
        _parameters(table) | {"digest": table.digest},
    ).fetchone()
    return row is not None and row[0] == len(table.areas) * len(table.releases)


def ingest(table: Incoming, *, replace: bool, whole: bool) -> Receipt:
    """Set what ``table`` covers, within the open transaction. The table must have been checked.

    Args:
        table: what arrives.
        replace: whether releases the lake already holds may change.
        whole: whether the table speaks for every area of its provider, so that one left out is a mistake.

    Raises:
        InputError: the lake holds other rows for the same release and ``replace`` is false; or ``whole``, and
            an area covered before is not covered now.
    """
    held = _held(table)
    if whole:
        _refuse_loss(table, {area for area, _ in held})
    held = {(area, release) for area, release in held if area in table.areas}
    covered = {(area, release) for area in table.areas for release in table.releases}
    with _scratch(table.connection, "parts"):
        _find_parts(table)
        if not held:
            added, removed = _insert(table), 0
        elif replace and held <= covered:
            added, removed = _exchange(table)
        else:
            added, removed = _set_each(table, replace=replace)
        changed = bool(added or removed or covered - held)
        if changed:
            _note_releases(table)
            _say_what(table)
    return Receipt(table.provider, table.releases, len(table.areas), added, removed, changed)


def _parameters(table: Incoming) -> dict[str, object]:
    return {"provider": table.provider, "areas": list(table.areas), "releases": list(table.releases)}


def _held(table: Incoming) -> set[tuple[str, date]]:
    sql = "SELECT area, release FROM lake.release WHERE provider = $provider"
    return set(table.connection.execute(sql, {"provider": table.provider}).fetchall())


def _refuse_loss(table: Incoming, known: set[str]) -> None:
    if lost := sorted(known - set(table.areas)):
        msg = (
            f"{table.name}: no rows of {', '.join(lost[:5])}, which earlier releases of {table.provider} cover; "
            "name the areas this release covers (an area named without rows has lost them)"
        )
        raise InputError(msg)


@contextmanager
def _scratch(connection: duckdb.DuckDBPyConnection, *tables: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Room for temporary tables, cleared before and after: an ingest that failed may have left some."""
    clear = "; ".join(f"DROP TABLE IF EXISTS temp.{table}" for table in tables)
    connection.execute(clear)
    yield connection
    connection.execute(clear)


def _find_parts(table: Incoming) -> None:
    """The part each area belongs to; areas that are new become a part of their own."""
    table.connection.execute(
        """CREATE TEMP TABLE parts AS
        WITH known AS (SELECT area, min(part) AS part FROM lake.release WHERE provider = $provider GROUP BY area)
        SELECT area, coalesce(part, (SELECT coalesce(max(part), 0) + 1 FROM lake.release)) AS part
        FROM (SELECT unnest($areas) AS area) LEFT JOIN known USING (area)""",
        {"provider": table.provider, "areas": list(table.areas)},
    )


def _runs(table: Incoming) -> str:
    """The table as runs of the lake: the last release it covers is the last there is."""
    last = f"CASE WHEN release_to = DATE '{table.releases[-1]}' THEN {_OPEN} ELSE release_to END AS release_to"
    return f"(SELECT {_ROW}, {quoted(table.provider)} AS provider, release_from, {last} FROM incoming)"


def _insert(table: Incoming) -> int:
    """Nothing is held for these areas: the table streams in as it is."""
    sql = f"INSERT INTO lake.observation BY NAME FROM {_runs(table)} JOIN parts USING (area) ORDER BY {_ORDER}"
    return _count(table.connection, sql)


def _exchange(table: Incoming) -> tuple[int, int]:
    """The table covers all that is held for these areas: what differs is exchanged."""
    run = (*CONTENT, "release_from", "release_to")
    held = "lake.observation l WHERE l.provider = $provider AND list_contains($areas, l.area)"
    this: dict[str, object] = {"provider": table.provider, "areas": list(table.areas)}
    with _scratch(table.connection, "gone", "fresh") as connection:
        connection.execute(
            f"CREATE TEMP TABLE gone AS SELECT l.rowid AS id FROM {held}"
            f" AND NOT EXISTS (SELECT 1 FROM {_runs(table)} i WHERE {_same('l', 'i', run)})",
            this,
        )
        connection.execute(
            f"CREATE TEMP TABLE fresh AS SELECT {', '.join(run)} FROM {_runs(table)} i"
            f" WHERE NOT EXISTS (SELECT 1 FROM {held} AND {_same('l', 'i', run)})",
            this,
        )
        return _apply(table)


def _set_each(table: Incoming, *, replace: bool) -> tuple[int, int]:
    added = removed = 0
    for release in table.releases:
        more, less = _set(table, release, replace=replace)
        added, removed = added + more, removed + less
    return added, removed


def _set(table: Incoming, release: date, *, replace: bool) -> tuple[int, int]:
    """Make the lake carry exactly the rows of one release, for the areas of the table."""
    this: dict[str, object] = {"provider": table.provider, "release": release}
    with _scratch(table.connection, "near", "arriving", "left_out", "taken_in", "gone", "fresh") as connection:
        connection.execute(
            """CREATE TEMP TABLE near AS
            SELECT area, max(r.release) FILTER (r.release < $release) AS before,
                min(r.release) FILTER (r.release > $release) AS after,
                coalesce(bool_or(r.release = $release), false) AS covered
            FROM (SELECT unnest($areas) AS area)
            LEFT JOIN (FROM lake.release WHERE provider = $provider) r USING (area) GROUP BY area""",
            this | {"areas": list(table.areas)},
        )
        connection.execute(
            f"""CREATE TEMP TABLE arriving AS SELECT {_ROW} FROM incoming
            WHERE release_from <= $release AND release_to >= $release""",
            {"release": release},
        )
        connection.execute(_LEFT_OUT, this)
        connection.execute(_TAKEN_IN, this)
        if not replace:
            _refuse_revision(table, release)
        connection.execute(_GONE)
        connection.execute(_FRESH)
        return _apply(table)


def _refuse_revision(table: Incoming, release: date) -> None:
    found = table.connection.execute(
        "SELECT count(*), min(series || ' ' || area || ' ' || period) FROM"
        " (SELECT series, area, period FROM left_out WHERE covered UNION ALL"
        " SELECT series, area, period FROM taken_in WHERE covered)"
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
    rows = f"SELECT *, $provider AS provider FROM fresh JOIN parts USING (area) ORDER BY {_ORDER}"
    sql = f"INSERT INTO lake.observation BY NAME {rows}"
    return _count(table.connection, sql, {"provider": table.provider}), removed


def _note_releases(table: Incoming) -> None:
    table.connection.execute(
        "DELETE FROM lake.release WHERE provider = $provider AND list_contains($areas, area)"
        " AND list_contains($releases, release)",
        _parameters(table),
    )
    table.connection.execute(
        """INSERT INTO lake.release BY NAME
        WITH dates AS (SELECT unnest($releases) AS release),
        runs AS (SELECT area, release_from, release_to, count(*) AS n FROM incoming GROUP BY ALL),
        carried AS (
            SELECT area, release, sum(n) AS n FROM runs JOIN dates ON release BETWEEN release_from AND release_to
            GROUP BY ALL)
        SELECT $provider AS provider, release, area, coalesce(n, 0)::BIGINT AS rows, $digest AS digest,
            $now AS ingested_at, part
        FROM parts CROSS JOIN dates LEFT JOIN carried USING (area, release) ORDER BY ALL""",
        {
            "provider": table.provider,
            "releases": list(table.releases),
            "digest": table.digest,
            "now": datetime.now(UTC).replace(tzinfo=None),
        },
    )


def _say_what(table: Incoming) -> None:
    first, last = table.releases[0], table.releases[-1]
    span = f"{first}" if first == last else f"{first} to {last} ({len(table.releases)} releases)"
    areas = table.areas[0] if len(table.areas) == 1 else f"{len(table.areas)} areas"
    table.connection.execute(
        "CALL lake.set_commit_message('serai', $what, extra_info => $digest)",
        {"what": f"{table.provider}: {span}, {areas}", "digest": table.digest},
    )


def _count(connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, object] | None = None) -> int:
    row = connection.execute(sql, parameters).fetchone()
    return int(row[0]) if row else 0

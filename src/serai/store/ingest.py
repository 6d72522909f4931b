"""How a table becomes a snapshot of the lake.

What a table covers is set as a whole: for each of its areas and releases the lake afterwards carries exactly the rows
of the table, and all other areas and releases stay as they were.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from serai.errors import InputError
from serai.store import difference
from serai.store.difference import scratch
from serai.store.incoming import Incoming
from serai.store.lake import quoted
from serai.store.schema import Receipt

__all__ = ["ingest", "is_known"]


def is_known(table: Incoming) -> bool:
    """Whether the lake holds exactly this table for all it covers, judged by digest. The lake must be attached."""
    # Quoted, not bound: this is all that a second run does, and binding imports pandas where there is one.
    areas, releases = ", ".join(map(quoted, table.areas)), ", ".join(f"DATE {quoted(day)}" for day in table.releases)
    row = table.connection.execute(
        f"""SELECT count(*) FROM lake.release
        WHERE provider = {quoted(table.provider)} AND digest = {quoted(table.digest)}
          AND area IN ({areas}) AND release IN ({releases})"""
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
    with scratch(table.connection, "parts"):
        _find_parts(table)
        if not held:
            added, removed = difference.insert(table), 0
        elif replace and held <= covered:
            added, removed = difference.exchange(table)
        else:
            added, removed = difference.set_each(table, replace=replace)
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


def _find_parts(table: Incoming) -> None:
    """The part each area belongs to; areas that are new become a part of their own."""
    table.connection.execute(
        """CREATE TEMP TABLE parts AS
        WITH known AS (SELECT area, min(part) AS part FROM lake.release WHERE provider = $provider GROUP BY area)
        SELECT area, coalesce(part, (SELECT coalesce(max(part), 0) + 1 FROM lake.release)) AS part
        FROM (SELECT unnest($areas) AS area) LEFT JOIN known USING (area)""",
        {"provider": table.provider, "areas": list(table.areas)},
    )


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

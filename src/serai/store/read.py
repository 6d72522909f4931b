"""Reads of the lake. Every function takes a connection to which the lake is attached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from serai.errors import UnknownName
from serai.store.lake import quoted
from serai.store.schema import CONTENT, KEY, OBSERVATION, OPEN, RUN, Names, names

__all__ = ["Wanted", "changes", "check", "history", "observations", "release_dates", "releases", "snapshots"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are wanted: ``None`` is all of a kind, an empty collection none."""

    series: tuple[str, ...] | None = None
    areas: tuple[str, ...] | None = None
    provider: tuple[str, ...] | None = None
    dimensions: tuple[str, ...] | None = None
    snapshot: int | None = None
    slices: pl.DataFrame | None = None
    """Pairs of series and dimensions."""

    @classmethod
    def of(
        cls,
        *,
        series: Names = None,
        areas: Names = None,
        provider: Names = None,
        dimensions: Names = None,
        snapshot: int | None = None,
        slices: pl.DataFrame | None = None,
    ) -> Wanted:
        """What a caller asked for."""
        return cls(names(series), names(areas), names(provider), names(dimensions), snapshot, slices)

    def table(self, name: str, alias: str) -> str:
        """The table as of the snapshot, called ``alias``."""
        return f"lake.{name} AS {alias}" + ("" if self.snapshot is None else f" AT (VERSION => {self.snapshot:d})")

    def where(self, alias: str, *, only: tuple[str, ...] = ()) -> str:
        """The condition on the columns of ``alias``, or on ``only`` some of them."""
        asked = {"series": self.series, "area": self.areas, "provider": self.provider, "dimensions": self.dimensions}
        conditions = ["true"]
        for column, values in asked.items():
            if values is not None and (not only or column in only):
                # Constants, unlike a list that is bound, are held against the statistics of the data files.
                inside = ", ".join(map(quoted, values))
                conditions.append(f"{alias}.{column} IN ({inside})" if inside else "false")
        return " AND ".join(conditions)


def observations(connection: duckdb.DuckDBPyConnection, wanted: Wanted, as_of: date | None) -> pl.DataFrame:
    """The observation table as published by ``as_of``: per provider and area, its latest release by then."""
    columns = ", ".join(f"{'c' if column == 'release' else 'o'}.{column}" for column in OBSERVATION)
    with _carried(connection, wanted, as_of) as parts:
        # The latest release of an area carries its open runs; that needs no look at the release.
        carries = f"o.release_to = DATE '{OPEN}'"
        if as_of is not None:
            carries = f"o.release_from <= {_day(as_of)} AND c.release BETWEEN o.release_from AND o.release_to"
        return _frame(
            connection,
            f"""SELECT {columns} FROM {wanted.table("observation", "o")} JOIN carried c USING (provider, area)
            WHERE {parts} AND {carries} AND {wanted.where("o")}
            ORDER BY o.series, o.area, o.dimensions, o.period, o.provider""",
        )


def history(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> pl.DataFrame:
    """The run table; runs still carried end at the latest release of their area."""
    ends = {"release_to": "least(o.release_to, c.release) AS release_to"}
    columns = ", ".join(ends.get(column, f"o.{column}") for column in RUN)
    with _carried(connection, wanted, None) as parts:
        return _frame(
            connection,
            f"""SELECT {columns} FROM {wanted.table("observation", "o")} JOIN carried c USING (provider, area)
            WHERE {parts} AND {wanted.where("o")}
            ORDER BY o.series, o.area, o.dimensions, o.period, o.provider, o.release_from""",
        )


@contextmanager
def _carried(connection: duckdb.DuckDBPyConnection, wanted: Wanted, as_of: date | None) -> Iterator[str]:
    """Per provider and area, the latest release (by ``as_of``) that covers it, under the name ``carried``.

    Yields the condition on the parts of the lake that hold them, and on the slices wanted. Raises UnknownName as
    :func:`check` does.
    """
    check_snapshot(connection, wanted)
    by_then = "true" if as_of is None else f"r.release <= {_day(as_of)}"
    found = connection.execute(
        f"""SELECT provider, area, max(release), min(part) FROM {wanted.table("release", "r")}
        WHERE {by_then} AND {wanted.where("r", only=("area", "provider"))} GROUP BY ALL"""
    ).fetchall()
    if not set(wanted.provider or ()) <= {row[0] for row in found}:
        check_provider(connection, wanted)
    parts = ", ".join(str(part) for part in sorted({row[3] for row in found}))
    condition = f"o.part IN ({parts})" if parts else "false"
    rows = ", ".join(f"({quoted(row[0])}, {quoted(row[1])}, {_day(row[2])})" for row in found)
    rows = f"VALUES {rows}" if rows else "SELECT '', '', NULL::DATE WHERE false"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW carried(provider, area, release) AS {rows}")
    if wanted.slices is not None:
        connection.register("slices", wanted.slices.select("series", "dimensions"))
        condition += " AND (o.series, o.dimensions) IN (FROM slices)"
    try:
        yield condition
    finally:
        if wanted.slices is not None:
            connection.unregister("slices")


def changes(connection: duckdb.DuckDBPyConnection, wanted: Wanted, old: date, new: date) -> pl.DataFrame:
    """Rows that differ between two releases, for the areas that had been covered by the old one."""
    condition, covered = wanted.where("o"), wanted.where("r", only=("area", "provider"))
    facts = [column for column in CONTENT if column not in KEY]
    same = " AND ".join(f"o.{fact} IS NOT DISTINCT FROM n.{fact}" for fact in facts)
    pairs = ", ".join(f"o.{fact} AS old_{fact}, n.{fact} AS new_{fact}" for fact in facts)
    keys = ", ".join(KEY)
    # Runs that carry both releases cannot differ, so only those that end or begin between them are compared.
    return _frame(
        connection,
        f"""WITH span AS (
            SELECT area, max(release) FILTER (release <= {_day(old)}) AS old, max(release) AS new
            FROM {wanted.table("release", "r")} WHERE release <= {_day(new)} AND {covered}
            GROUP BY area HAVING old IS NOT NULL),
        before AS (
            SELECT o.* FROM {wanted.table("observation", "o")} JOIN span USING (area)
            WHERE release_from <= span.old AND release_to >= span.old AND release_to < span.new AND {condition}),
        after AS (
            SELECT o.* FROM {wanted.table("observation", "o")} JOIN span USING (area)
            WHERE release_from > span.old AND release_from <= span.new AND release_to >= span.new AND {condition})
        SELECT {keys}, CASE WHEN o.status IS NULL THEN 'added' WHEN n.status IS NULL THEN 'withdrawn' ELSE 'revised' END
            AS change, {pairs}, span.old AS old_release, span.new AS new_release
        FROM before o FULL JOIN after n USING ({keys}) JOIN span USING (area)
        WHERE o.status IS NULL OR n.status IS NULL OR NOT ({same})
        ORDER BY series, area, dimensions, period""",
    )


def releases(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> pl.DataFrame:
    """One row per provider and release."""
    condition = wanted.where("r", only=("area", "provider"))
    return _frame(
        connection,
        f"""SELECT provider, release, list(area ORDER BY area) AS areas, sum(rows)::BIGINT AS rows,
            list_sort(list(DISTINCT digest)) AS digests, max(ingested_at) AS ingested_at
        FROM {wanted.table("release", "r")} WHERE {condition} GROUP BY ALL ORDER BY provider, release""",
    ).with_columns(pl.col("ingested_at").dt.replace_time_zone("UTC"))


def release_dates(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> list[date]:
    """Dates of the releases that cover any of the areas, oldest first."""
    condition = wanted.where("r", only=("area", "provider"))
    sql = f"SELECT DISTINCT release FROM {wanted.table('release', 'r')} WHERE {condition} ORDER BY release"
    return [row[0] for row in connection.execute(sql).fetchall()]


def snapshots(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row per state of the lake, the first being the empty lake."""
    return _frame(
        connection,
        """SELECT snapshot_id AS snapshot, snapshot_time AT TIME ZONE 'UTC' AS time,
            coalesce(commit_message, '') AS what
        FROM ducklake_snapshots('lake') WHERE snapshot_id > 0 ORDER BY snapshot_id""",
    ).with_columns(pl.col("time").dt.replace_time_zone("UTC"))


def check(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> None:
    """Raise UnknownName where the lake has no such snapshot, or no release of a provider."""
    check_snapshot(connection, wanted)
    check_provider(connection, wanted)


def check_snapshot(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> None:
    """Raise UnknownName where the lake has no such snapshot."""
    if wanted.snapshot is not None:
        rows = connection.execute("SELECT snapshot_id FROM ducklake_snapshots('lake')").fetchall()
        known = {str(row[0]) for row in rows if row[0] > 0}
        if str(wanted.snapshot) not in known:
            raise UnknownName("snapshot", str(wanted.snapshot), known, "the lake")


def check_provider(connection: duckdb.DuckDBPyConnection, wanted: Wanted) -> None:
    """Raise UnknownName where the lake has no release of a provider."""
    if wanted.provider:
        rows = connection.execute(f"SELECT DISTINCT provider FROM {wanted.table('release', 'r')}").fetchall()
        for name in sorted(set(wanted.provider) - {row[0] for row in rows}):
            raise UnknownName("provider", name, (row[0] for row in rows), "the lake")


def _day(day: date) -> str:
    return f"DATE {quoted(day)}"


def _frame(connection: duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    # Values stand quoted in the statement and polars takes DuckDB's Arrow stream as it is: binding a value makes
    # DuckDB import pandas where there is one, and its own way to polars imports pyarrow, each for longer than a read.
    return pl.DataFrame(connection.sql(sql))

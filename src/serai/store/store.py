"""The lake as its users see it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Self

import polars as pl

from serai.errors import InputError, StoreError, UnknownName
from serai.store import read
from serai.store.incoming import Frame, Scope, incoming
from serai.store.ingest import ingest, is_known
from serai.store.lake import Lake, Location
from serai.store.schema import Names, Receipt

__all__ = ["Store"]


class Store:
    """Releases of providers, kept for good: what each published, when, and what the lake held at any time.

    Open one with :meth:`open`. Nothing is locked between calls, so several processes may read, and one may ingest
    when no other is in the middle of a call. Frames come out as polars, sorted by series, area, dimensions, period.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    @classmethod
    def open(cls, home: Path, *, create: bool = True, patience: float = 10.0) -> Self:
        """The lake under ``home``.

        Args:
            home: directory of the lake; made if missing.
            create: whether to make an empty lake where there is none.
            patience: how long, in seconds, a call waits for another process that has the lake locked.

        Raises:
            StoreError: the lake is damaged, locked or of another version, or there is none and ``create`` is false.
            OutputError: ``home`` cannot be written.
        """
        location = Location.embedded(home)
        exists = location.exists()
        if not exists and not create:
            msg = f"no lake in {home}; ingest something, or name the directory of an existing one"
            raise StoreError(msg)
        lake = Lake(location, patience=patience)
        if exists:
            lake.check()
        else:
            lake.create()
        return cls(lake)

    def close(self) -> None:
        """Give back memory; the store cannot be used afterwards."""
        self._lake.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ingest_runs(
        self,
        frame: Frame,
        provider: str | None = None,
        *,
        releases: Iterable[date] | None = None,
        areas: Names = None,
        replace: bool = True,
    ) -> Receipt:
        """Take in a run table: ``release_from, release_to`` in place of ``release``. One snapshot, or none.

        Afterwards the lake carries, for every area and release the table covers, exactly its rows; other areas and
        later releases stay. A table the lake holds already changes nothing.

        Args:
            frame: the table, or the path of a parquet file (streamed).
            provider: whose rows these are; by default whoever the column ``provider`` names.
            releases: all releases the table covers, also those at which no run begins or ends;
                by default the dates at which one does.
            areas: all areas covered in each of them, also those without rows; by default those with rows.
            replace: whether what the lake holds for these areas and releases may change.

        Raises:
            InputError: rows break the rules of the observation table, or (``replace`` false) differ from the lake's.
            SourceError: the file cannot be read.
            StoreError, OutputError: the lake cannot be opened or written; it is as before.
        """
        scope = Scope(provider=provider, releases=releases, areas=areas)
        return self._ingest(frame, scope, replace=replace, whole=False)

    def ingest_release(
        self,
        frame: Frame,
        provider: str,
        release: date,
        *,
        areas: Names = None,
        replace: bool = False,
    ) -> Receipt:
        """Take in all that ``provider`` published on the date ``release``. One snapshot, or none.

        Rows equal to those of the release before continue their runs; rows no longer there end them; a row that
        comes back begins a new run. Releases may arrive in any order.

        Args:
            frame: the observation table of the release, or the path of a parquet file (streamed).
            provider: who published it.
            release: when.
            areas: all areas the release covers, also those without rows (they have lost them). By default the
                areas with rows, which must then include every area that other releases of the provider cover.
            replace: whether a release that the lake holds with other content may change.

        Raises:
            InputError: rows break the rules of the observation table; the release is held with other content; or
                an area covered before is neither carried nor named.
            SourceError: the file cannot be read.
            StoreError, OutputError: the lake cannot be opened or written; it is as before.
        """
        scope = Scope(provider=provider, release=release, areas=areas)
        return self._ingest(frame, scope, replace=replace, whole=areas is None)

    def _ingest(self, frame: Frame, scope: Scope, *, replace: bool, whole: bool) -> Receipt:
        with self._lake.turn, incoming(self._lake.connection, frame, scope) as table:
            with self._lake.reading():
                known = is_known(table)
            if known:
                return Receipt(table.provider, table.releases, len(table.areas), 0, 0, changed=False)
            table.check()
            return self._lake.write(lambda _: ingest(table, replace=replace, whole=whole))

    def observations(
        self,
        *,
        series: Names = None,
        areas: Names = None,
        provider: Names = None,
        dimensions: Names = None,
        slices: pl.DataFrame | None = None,
        as_of: date | str | None = None,
        snapshot: int | None = None,
    ) -> pl.DataFrame:
        """The observation table: what was published by a date, as the lake knew it at a snapshot.

        Args:
            series, areas, provider, dimensions: keep these only (a name or several; ``None`` is all, an empty
                collection none). ``dimensions`` are canonical keys; ``""`` is the total. A series or area without
                rows gives no rows.
            slices: a table of ``series`` and ``dimensions``; keep these pairs only.
            as_of: a date or its ISO form: per provider and area, the latest release by then; by default the latest.
            snapshot: state of the lake; by default the present one.

        Returns:
            ``series, area, period, dimensions, value, bound, unit, nature, provider, release, status, note``.
            What was not published has no row; what is held back has ``status`` withheld, no value and its reason
            in ``note``; zero is zero.

        Raises:
            UnknownName: the lake has no such provider or snapshot.
        """
        wanted = read.Wanted.of(
            series=series, areas=areas, provider=provider, dimensions=dimensions, snapshot=snapshot, slices=slices
        )
        with self._lake.reading() as connection:
            return read.observations(connection, wanted, _date(as_of) if as_of is not None else None)

    def history(
        self,
        *,
        series: Names = None,
        areas: Names = None,
        provider: Names = None,
        dimensions: Names = None,
        slices: pl.DataFrame | None = None,
        snapshot: int | None = None,
    ) -> pl.DataFrame:
        """The run table: each row with the first and last release of an unbroken run that carried it.

        Arguments and errors as for :meth:`observations`. Returns its columns with ``release_from, release_to`` in
        place of ``release``; a run that still goes on ends at the latest release of its area.
        """
        wanted = read.Wanted.of(
            series=series, areas=areas, provider=provider, dimensions=dimensions, snapshot=snapshot, slices=slices
        )
        with self._lake.reading() as connection:
            return read.history(connection, wanted)

    def changes(
        self,
        provider: str,
        old: date | str | None = None,
        new: date | str | None = None,
        *,
        series: Names = None,
        areas: Names = None,
        snapshot: int | None = None,
    ) -> pl.DataFrame:
        """What differs between two releases of a provider, for the areas it had covered by the old one.

        Args:
            provider: whose releases.
            old, new: their dates; by default the last release and the one before it (of those that cover ``areas``).
            series, areas, snapshot: as for :meth:`observations`.

        Returns:
            ``series, area, period, dimensions, change`` (``added``, ``withdrawn`` or ``revised``), then ``old_`` and
            ``new_`` of each of ``value, bound, unit, nature, status, note`` (null on the side where there is no row),
            ``old_release, new_release``. A value that is now withheld is revised, not withdrawn.

        Raises:
            UnknownName: no such provider, release or snapshot.
            InputError: ``old`` is later than ``new``.
        """
        wanted = read.Wanted.of(series=series, areas=areas, provider=provider, snapshot=snapshot)
        with self._lake.reading() as connection:
            read.check(connection, wanted)
            known = read.release_dates(connection, wanted)
            last = _release(new, known, provider) if new is not None or not known else known[-1]
            earlier = [release for release in known if release < last]
            first = _release(old, known, provider) if old is not None else (earlier or [last])[-1]
            if first > last:
                msg = f"changes from {first} to {last} run backwards; give the older release first"
                raise InputError(msg)
            return read.changes(connection, wanted, first, last)

    def releases(self, *, provider: Names = None, areas: Names = None, snapshot: int | None = None) -> pl.DataFrame:
        """One row per provider and release that covers any of ``areas``.

        Returns:
            ``provider, release, areas`` (those covered), ``rows`` (carried for them), ``digests`` (of the tables it
            came from), ``ingested_at`` (UTC).

        Raises:
            UnknownName: no such provider or snapshot.
        """
        wanted = read.Wanted.of(areas=areas, provider=provider, snapshot=snapshot)
        with self._lake.reading() as connection:
            read.check(connection, wanted)
            return read.releases(connection, wanted)

    def release_dates(self, provider: str, *, areas: Names = None, snapshot: int | None = None) -> list[date]:
        """Dates of a provider's releases that cover any of ``areas``, oldest first. Raises UnknownName."""
        wanted = read.Wanted.of(areas=areas, provider=provider, snapshot=snapshot)
        with self._lake.reading() as connection:
            read.check(connection, wanted)
            return read.release_dates(connection, wanted)

    def snapshots(self) -> pl.DataFrame:
        """States of the lake, oldest first: ``snapshot, time`` (UTC) ``, what``. The first is the empty lake."""
        with self._lake.reading() as connection:
            return read.snapshots(connection)


def _date(when: date | str) -> date:
    if isinstance(when, datetime):
        return when.date()
    try:
        return when if isinstance(when, date) else date.fromisoformat(when)
    except ValueError:
        msg = f"'{when}' is not a date; write it as YYYY-MM-DD"
        raise InputError(msg) from None


def _release(when: date | str | None, known: list[date], provider: str) -> date:
    found = _date(when) if when is not None else None
    if found is None or found not in known:
        raise UnknownName("release", str(when), map(str, known), provider)
    return found

"""A region's figures: its pack, its lake, and what is asked of them, by names that are checked."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property
from pathlib import Path

import platformdirs
import polars as pl

from serai import assess
from serai.errors import OutputError, PackError, UnknownName
from serai.files import write_beside
from serai.region import Pack, check_pack, load_pack
from serai.store import Store

Progress = Callable[[str, int, int], None]
"""Told of long work as ``(step, done, total)``."""

INGESTED = "ingested.json"


def default_home() -> Path:
    """Where lakes and caches live: ``$SERAI_HOME``, or the user's data directory."""
    return Path(os.environ.get("SERAI_HOME") or platformdirs.user_data_dir("serai"))


def _nothing(step: str, done: int, total: int) -> None:
    """Tell nobody."""


class Figures:
    """A region as far as its figures go; :class:`serai.house.Region` is what users hold.

    Args:
        region: name of a shipped pack, or the directory of one.
        home: where the lake and the caches live; by default :func:`default_home`.
        progress: told of long work as ``(step, done, total)``.

    Raises:
        UnknownName: no such pack.
        PackError: the pack breaks its schema.
    """

    def __init__(self, region: str | Path, *, home: str | Path | None = None, progress: Progress = _nothing) -> None:
        self.pack: Pack = load_pack(region)
        self.home = Path(home) if home is not None else default_home()
        self.tell = progress

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.pack.manifest.id!r}, members={list(self.members)})"

    @property
    def members(self) -> tuple[str, ...]:
        """Codes of the member areas, in the order of the pack."""
        return self.pack.manifest.members

    @property
    def cache(self) -> Path:
        """Where what can be computed again is kept."""
        return self.home / "cache"

    @cached_property
    def store(self) -> Store:
        """The lake, holding at least what the pack holds.

        Raises:
            PackError: the pack breaks its schema; it is checked before anything of it is taken in.
            OutputError: the home directory cannot be written.
            StoreError: the lake is damaged, locked, or of another version.
        """
        home = self.home / self.pack.manifest.id
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"cannot write '{home}': {error.strerror}; set SERAI_HOME to a place that can be written"
            ) from error
        store = Store.open(home)
        self._ingest(store, home / INGESTED)
        return store

    def _ingest(self, store: Store, marker: Path) -> None:
        """Bring the pack's observations into the lake; files that are there already cost nothing."""
        files = self.pack.observation_files
        digests = {path.name: self.pack.files[path.relative_to(self.pack.path).as_posix()] for path in files}
        known = json.loads(marker.read_text(encoding="utf-8")) if marker.is_file() else {}
        if known == digests and store.snapshots().height > 1:  # an empty lake has one
            return
        if faults := check_pack(self.pack.path):
            raise PackError(self.pack.path.name, faults)
        for number, path in enumerate(files, 1):
            store.ingest_runs(path)
            self.tell("figures", number, len(files))
        text = json.dumps(digests, indent=1, sort_keys=True)
        write_beside(marker, lambda beside: beside.write_text(text, encoding="utf-8"))

    def observations(
        self,
        *,
        series: Iterable[str] | str | None = None,
        areas: Iterable[str] | str | None = None,
        provider: str | None = None,
        dimensions: str | None = None,
        as_of: date | str | None = None,
        snapshot: int | None = None,
    ) -> pl.DataFrame:
        """Figures, as published by ``as_of`` (default: the latest release of each provider).

        Args:
            series: series codes.
            areas: area codes; ``"all"`` for the whole world; by default the members.
            provider: one provider's figures only.
            dimensions: one slice only, as its canonical key (``""`` is the total).
            as_of: a date; what was published by that day.
            snapshot: a state of the lake, by number.

        Returns:
            The observation table: ``series, area, period, dimensions, value, bound, unit, nature, provider,
            release, status, note``. A missing row, a withheld row (``status``) and a zero are three different things.

        Raises:
            UnknownName: a series, area or provider that does not exist.
        """
        return self.store.observations(
            series=self._series(series),
            areas=self._areas(areas),
            provider=self._provider(provider),
            dimensions=dimensions,
            as_of=as_of,
            snapshot=snapshot,
        )

    def releases(self) -> pl.DataFrame:
        """What each provider published, and when: one row per provider and release."""
        return self.store.releases()

    def changes(self, *, provider: str | None = None, areas: Iterable[str] | str | None = None) -> pl.DataFrame:
        """What changed for the members between a provider's last two releases.

        Returns:
            ``series, area, period, dimensions, change (added | withdrawn | revised), old_value, new_value,
            old_release, new_release`` and the units.
        """
        name = self._provider(provider) or self.pack.manifest.primary_provider
        return self.store.changes(name, areas=self._areas(areas))

    def gone(self) -> pl.DataFrame:
        """Series that earlier releases of the primary provider had for the members and the latest has not.

        Returns:
            ``series, release`` (the last that carried its headline slice), sorted; codes that were only renamed are
            not among them.
        """
        provider = self.pack.manifest.primary_provider
        runs = self.store.history(provider=provider, areas=self.members, slices=self._headline_slices)
        last = runs.group_by("series").agg(release=pl.col("release_to").max())
        renamed = self.pack.table("aliases").select(series="old")
        return (
            last.filter(pl.col("release") < pl.col("release").max())
            .join(renamed, on="series", how="anti")
            .sort("series")
        )

    def member_releases(self, provider: str) -> list[date]:
        """Dates of a provider's releases that cover the members, oldest first."""
        return self.store.release_dates(provider, areas=self.members)

    def headline(self, *, areas: Iterable[str] | str | None = None, as_of: date | str | None = None) -> pl.DataFrame:
        """The slice of each series that stands for it, from the primary provider: an observation table."""
        provider = self.pack.manifest.primary_provider
        figures = self.store.observations(
            provider=provider, areas=self._areas(areas), slices=self._headline_slices, as_of=as_of
        )
        return assess.headline(figures, self.pack.table("headline"))

    @cached_property
    def _headline_slices(self) -> pl.DataFrame:
        """Series and slice of every headline: asked of the lake, so that the other slices are never read."""
        table = self.pack.table("headline")
        unspoken = self.pack.table("series").select("series").join(table, on="series", how="anti")
        return pl.concat(
            [
                table.filter(pl.col("kind") != "none").select("series", "dimensions"),
                unspoken.with_columns(pl.lit("").alias("dimensions")),
            ]
        )

    @cached_property
    def _world(self) -> pl.DataFrame:
        return self.headline(areas="all")

    def _judged(
        self, areas: Iterable[str] | str | None, series: Iterable[str] | str | None, as_of: date | str | None
    ) -> pl.DataFrame:
        figures = self.headline(areas=areas, as_of=as_of)
        wanted = self._series(series)
        return figures if wanted is None else figures.filter(pl.col("series").is_in(wanted))

    def _group(self, name: str) -> set[str]:
        groups = self.pack.table("groups")
        members = set(groups.filter(pl.col("group") == name)["area"])
        if not members:
            raise UnknownName("group", name, set(groups["group"]), f"region {self.pack.manifest.id}")
        return members

    def _areas(self, areas: Iterable[str] | str | None) -> list[str] | None:
        if isinstance(areas, str) and areas == "all":
            return None
        wanted = list(self.members) if areas is None else [areas] if isinstance(areas, str) else list(areas)
        return self._known("area", wanted, "areas", "area")

    def _series(self, series: Iterable[str] | str | None) -> list[str] | None:
        if series is None:
            return None
        return self._known("series", [series] if isinstance(series, str) else list(series), "series", "series")

    def _provider(self, provider: str | None) -> str | None:
        return None if provider is None else self._known("provider", [provider], "providers", "provider")[0]

    def _known(self, kind: str, names: list[str], table: str, column: str) -> list[str]:
        known = set(self.pack.table(table)[column])
        for name in names:
            if name not in known:
                raise UnknownName(kind, name, known, f"region {self.pack.manifest.id}")
        return names

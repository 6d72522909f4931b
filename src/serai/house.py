"""The door of the house: one object from which everything about a region hangs, lazily."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from serai import assess
from serai.figures import Figures
from serai.files import write_beside
from serai.region.flow_kinds import KINDS

if TYPE_CHECKING:
    from serai.coordinate import Ledger
    from serai.corridor import Corridors
    from serai.depend import Dependence
    from serai.plan import Planner


class Region(Figures):
    """A region: its pack, its figures, what they say about the goals, and what 2030 will probably look like.

    Every table comes out as a polars frame. Unless said otherwise, ``areas`` defaults to the members and
    ``series`` to all; ``as_of`` (a date) gives what was published by that day.

    Args:
        region: name of a shipped pack, or the directory of one.
        home: where the lake and the caches live; by default :func:`default_home`.
        progress: told of long work as ``(step, done, total)``.

    Raises:
        UnknownName: no such pack.
        PackError: the pack breaks its schema.
    """

    def progress(
        self,
        method: str = "statcan",
        *,
        areas: Iterable[str] | str | None = None,
        series: Iterable[str] | str | None = None,
        as_of: date | str | None = None,
    ) -> pl.DataFrame:
        """Progress towards the goals by a published method, one row per area and series.

        Returns:
            Inputs, class, score, and the reason where there is no class; columns as in :data:`serai.assess.PROGRESS`.

        Raises:
            UnknownName: a method, area or series that does not exist.
        """
        assess.method(method)
        manifest = self.pack.manifest
        # Only this method takes its bounds from all countries; reading the world for the others would be waste.
        world = self._world if method == "sdsn" else None
        figures = self._judged(areas, series, as_of)
        return assess.progress(figures, self.pack.table("rules"), method, manifest.start, manifest.end, world=world)

    def goals(
        self, method: str = "statcan", *, areas: Iterable[str] | str | None = None, as_of: date | str | None = None
    ) -> pl.DataFrame:
        """Where each area stands on each goal, with the share of the goal's indicators that have data.

        Returns:
            One row per area and goal, empty ones included; columns as in :func:`serai.assess.goal_status`.

        Raises:
            UnknownName: a method or area that does not exist.
        """
        return self.goals_of(self.progress(method, areas=areas, as_of=as_of), areas=areas)

    def goals_of(self, judged: pl.DataFrame, *, areas: Iterable[str] | str | None = None) -> pl.DataFrame:
        """Goals from series already judged, by one method or several; rows as from :meth:`goals`.

        Args:
            judged: as from :meth:`progress` or :meth:`compare_methods`.
            areas: as elsewhere.

        Raises:
            UnknownName: an area that does not exist.
        """
        links, official = self.pack.table("series_indicators"), self.pack.table("indicators")
        start = self.pack.manifest.start
        return assess.goal_status(
            judged, links, official, areas=self._areas(areas), exceptions=self._exceptions, start=start
        )

    def rollup(
        self, level: str = "goal", method: str = "statcan", *, areas: Iterable[str] | str | None = None
    ) -> pl.DataFrame:
        """Scores and classes by ``indicator``, ``target``, ``goal`` or ``area``; see :func:`serai.assess.rollup`.

        Raises:
            UnknownName: a method or area that does not exist.
            InputError: no such level.
        """
        return assess.rollup(
            self.progress(method, areas=areas), self.pack.table("series_indicators"), self.pack.table("indicators"),
            level=level, areas=self._areas(areas), exceptions=self._exceptions, start=self.pack.manifest.start,
        )  # fmt: skip

    def regional(self, level: str = "goal", method: str = "statcan") -> pl.DataFrame:
        """The members together: simple, population- and coverage-weighted means; see :func:`assess.regional`."""
        population = self.pack.table("population") if self.pack.has("population") else None
        return assess.regional(self.rollup(level, method), population=population)

    def compare_methods(
        self,
        *,
        methods: Iterable[str] | None = None,
        areas: Iterable[str] | str | None = None,
        series: Iterable[str] | str | None = None,
    ) -> pl.DataFrame:
        """Every series and area by every method, and where and why they disagree; see :func:`assess.compare_methods`.

        Raises:
            UnknownName: a method, area or series that does not exist.
        """
        names = list(methods) if methods is not None else list(assess.methods())
        bounds = self._world if "sdsn" in names else None
        figures = self._judged(areas, series, None)
        manifest = self.pack.manifest
        return assess.compare_methods(
            figures, self.pack.table("rules"), names=names, start=manifest.start, end=manifest.end, world=bounds
        )

    def required(
        self,
        *,
        areas: Iterable[str] | str | None = None,
        series: Iterable[str] | str | None = None,
        peers: Iterable[str] | None = None,
    ) -> pl.DataFrame:
        """Required yearly change to the target, and who has ever been as fast; see :func:`assess.required`.

        Args:
            areas, series: as elsewhere.
            peers: comparable areas, or the name of one group of the pack; by default all countries.

        Raises:
            UnknownName: an area, series or group that does not exist.
        """
        among = self._group(peers) if isinstance(peers, str) else set(peers) if peers is not None else None
        figures = self._judged(areas, series, None)
        manifest = self.pack.manifest
        return assess.required(
            figures, self.pack.table("rules"), world=self._world, peers=among, start=manifest.start, end=manifest.end
        )

    def peers(
        self,
        group: str,
        *,
        areas: Iterable[str] | str | None = None,
        series: Iterable[str] | str | None = None,
    ) -> pl.DataFrame:
        """Rank of each area among a group of countries, series by series, and distance to the group's best.

        Args:
            group: a group of the pack.
            areas, series: as elsewhere.

        Returns:
            One row per area and series; columns as in :func:`serai.assess.peers`.

        Raises:
            UnknownName: an area, series or group that does not exist.
        """
        among, wanted = self._group(group), self._areas(areas)
        rows = self._world if wanted is None else self._world.filter(pl.col("area").is_in(among | set(wanted)))
        if (codes := self._series(series)) is not None:
            rows = rows.filter(pl.col("series").is_in(codes))
        every = sorted(rows["area"].unique()) if wanted is None else wanted
        start, end = self.pack.manifest.start, self.pack.manifest.end
        return assess.peers(rows, self.pack.table("rules"), among, areas=every, start=start, end=end)

    def peer_goals(self, group: str, *, method: str = "sdsn", areas: Iterable[str] | str | None = None) -> pl.DataFrame:
        """Rank of each area on each goal among a group of countries, by a method's mean score.

        Raises:
            UnknownName: a method, area or group that does not exist.
        """
        among, wanted = self._group(group), self._areas(areas)
        everyone = None if wanted is None else sorted(among | set(wanted))
        goals = self.goals(method, areas="all" if everyone is None else everyone)
        return assess.peer_goals(goals, among, areas=sorted(goals["area"].unique()) if wanted is None else wanted)

    def programmes(self) -> pl.DataFrame:
        """Targets of programmes of action: growth required against observed; see :func:`assess.programme_status`.

        A pack without the table ``programme_targets`` has none.
        """
        if not self.pack.has("programme_targets"):
            return pl.DataFrame(schema=assess.PROGRAMMES)
        targets = self.pack.table("programme_targets")
        whole = sorted(set(targets["area"]) - {""})
        return assess.programme_status(self._world, targets, self.members, whole=whole)

    def left_behind(
        self,
        *,
        groups: Iterable[str] | None = None,
        method: str = "statcan",
        areas: Iterable[str] | str | None = None,
    ) -> pl.DataFrame:
        """Groups of people beside their counterparts: both figures, both classes, and whether the gap closes.

        Args:
            groups: ids of :func:`serai.assess.groups`; by default all.
            method: method of progress.
            areas: as elsewhere.

        Returns:
            One row per group, provider, series and area; columns as in :func:`serai.assess.left_behind`.

        Raises:
            UnknownName: a group, method or area that does not exist.
        """
        assess.method(method)
        manifest, world = self.pack.manifest, self._world if method == "sdsn" else None
        return assess.left_behind(
            self.observations(areas=areas), self.pack.table("rules"), self.pack.table("headline"),
            names=groups, method=method, start=manifest.start, end=manifest.end, world=world,
        )  # fmt: skip

    def national(self, *, areas: Iterable[str] | str | None = None) -> pl.DataFrame:
        """National figures beside the international ones, and what kind of difference lies between them.

        Args:
            areas: as elsewhere.

        Returns:
            One row per national figure; columns as in :func:`serai.assess.against_international`.

        Raises:
            UnknownName: an area that does not exist.
        """
        table = self.pack.table("providers")
        offices = table.filter(pl.col("kind") == "national")["provider"].to_list()
        primary = self.pack.manifest.primary_provider
        return assess.against_international(
            self.observations(areas=areas), national=offices, international=primary,
            earlier=self.store.history(provider=primary, areas=self._areas(areas)),
        )  # fmt: skip

    def subnational(self, method: str = "statcan") -> pl.DataFrame:
        """Regions of the members, from national providers: figures, rank and class; see :func:`assess.subnational`.

        Raises:
            UnknownName: no such method.
        """
        assess.method(method)
        table = self.pack.table("areas")
        regions = table.filter((pl.col("kind") == "region") & pl.col("parent").is_in(self.members))
        figures = self.observations(areas=[*regions["area"], *regions["parent"].unique().sort()])
        manifest, world = self.pack.manifest, self._world if method == "sdsn" else None
        return assess.subnational(
            figures, regions, self.pack.table("rules"), self.pack.table("headline"),
            method=method, start=manifest.start, end=manifest.end, world=world,
        )  # fmt: skip

    def project(
        self,
        *,
        areas: Iterable[str] | str | None = None,
        series: Iterable[str] | str | None = None,
        to: int | None = None,
        as_of: date | str | None = None,
    ) -> pl.DataFrame:
        """Medians with 80 and 95 % bands to the target year, from what past errors have been. Model output.

        Args:
            areas, series, as_of: as elsewhere.
            to: last year; by default the manifest's ``end``.

        Returns:
            One row per key and year; columns as in :data:`serai.assess.PROJECTION`. A key that cannot be projected has
            one row with null bands and the reason.

        Raises:
            UnknownName: an area or series that does not exist.
            InputError: ``to`` is a year to which nothing can be projected.
        """
        end = self.pack.manifest.end if to is None else to
        figures = self._judged(areas, series, as_of)
        if to is not None:
            assess.require_year(figures, to)
        return assess.project(figures, self.pack.table("rules"), assess.shipped(), to=end)

    def backtest(self, *, world: bool = False, held_out: bool = False) -> assess.Backtest:
        """How earlier projections would have fared: forecasts, outcomes and scores by horizon and nature.

        The real-time test is kept in the cache; a later call forecasts only outcomes published since.

        Args:
            world: the test on two origins in the latest release of the whole world (revised data), in place of the
                real-time test on all releases.
            held_out: the outcomes of the real-time test, forecast by what is learnt from all outcomes of other areas.

        Returns:
            ``scores`` by horizon band and nature, every forecast with its outcome, and what was left out and why.
        """
        if world:
            return assess.world_test(self._world_countries)
        if held_out:
            return assess.held_out(self._runs(), self._world_countries)
        kept = self.cache / "backtest" / f"{self._backtest_key()}.parquet"
        previous = pl.read_parquet(kept) if kept.is_file() else None
        found = assess.backtest(self._runs(), previous=previous, tell=self.tell)
        if previous is None or found.forecasts.height > previous.height:
            write_beside(kept, found.forecasts.write_parquet)
        return found

    @property
    def _world_countries(self) -> pl.DataFrame:
        """The world's figures without groups, whose figures are sums of their members'."""
        countries = self.pack.table("areas").filter(pl.col("kind") == "country").select("area")
        return self._world.join(countries, on="area", how="semi")

    def _runs(self) -> pl.DataFrame:
        """Headline slices of the primary provider's releases, for the areas that have more than one."""
        provider = self.pack.manifest.primary_provider
        listed = self.store.releases(provider=provider).select("release", pl.col("areas").alias("area")).explode("area")
        several = listed.group_by("area").len().filter(pl.col("len") > 1)["area"].to_list()
        return assess.headline(self.store.history(provider=provider, areas=several), self.pack.table("headline"))

    def _backtest_key(self) -> str:
        """Changes with the code of the projections and with the slices that are tested."""
        code = sorted(Path(assess.projection.__file__).parent.glob("*.py"))
        parts = [path.read_bytes() for path in code] + [self.pack.table("headline").write_csv().encode()]
        return hashlib.sha256(b"".join(parts)).hexdigest()[:16]

    @cached_property
    def corridors(self) -> Corridors:
        """The freight network: routes, route families side by side, disruptions; see :class:`serai.corridor.Corridors`.

        Raises:
            InputError: the pack holds no network.
        """
        from serai.corridor import Corridors  # numba: only when it is asked for

        return Corridors(self.pack)

    @cached_property
    def ledger(self) -> Ledger:
        """Who does what, signs and promises: activities, pledges, events, claims; see :class:`serai.coordinate.Ledger`.

        What was imported, and what people decided on it, is kept in the region's folder of the home directory.
        """
        from serai.coordinate import Ledger

        return Ledger(self.pack, self.home / self.pack.manifest.id / "ledger", self.tell, self.headline)

    @cached_property
    def dependence(self) -> Dependence:
        """Flows between countries, who depends on whom, what follows; see :class:`serai.depend.Dependence`.

        Raises:
            InputError: the pack says of no kinds of flows.
        """
        from serai.depend import Dependence

        folder = self.home / self.pack.manifest.id / "flows"
        more = [self._aid, *([self._transit] if self.pack.has("links") else [])]
        return Dependence(self.pack, more=more, figures=self.observations, ties=self._ties, imported=folder)

    def _ties(self) -> pl.DataFrame:
        """Who did what with whom, by the register of the pack, as of the day it was put together."""
        from serai.coordinate.register import Register

        register = Register(self.pack, self.headline)
        return register.edges(as_of=register.compiled)

    def _aid(self) -> pl.DataFrame:
        """What was committed, by donor and year, in the ledger; donors that are no country are in the totals only."""
        from serai.depend import committed

        return committed(self.ledger.aid(), self.pack.table("areas"))

    def _transit(self) -> pl.DataFrame:
        """Transit by the freight model, kept until the network or the model changes: an equilibrium takes seconds."""
        kept = self.cache / "transit" / f"{self._transit_key()}.parquet"
        if not kept.is_file():
            self.tell("transit", 0, 1)
            frame = self.corridors.transit()
            write_beside(kept, frame.write_parquet)
            self.tell("transit", 1, 1)
        return pl.read_parquet(kept)

    def _transit_key(self) -> str:
        code = sorted((Path(__file__).parent / "corridor").glob("*.py"))  # not imported: numba takes its time
        network = [digest for name, digest in self.pack.files.items() if name.startswith("corridor/")]
        parts = [path.read_bytes() for path in code] + [digest.encode() for digest in network]
        return hashlib.sha256(b"".join(parts)).hexdigest()[:16]

    @cached_property
    def plan(self) -> Planner:
        """Policy priorities: calibrated models of the members and what they say; see :class:`serai.plan.Planner`."""
        from serai.plan import Planner

        kept = self.cache / "plan" / self.pack.manifest.id
        flows = (self.pack.path / KINDS).is_file()
        return Planner(
            self.pack, self.headline, lambda: self._world,
            exposure=self.dependence.exposure if flows else None,
            detours=self.corridors.detours if self.pack.has("links") else None,
            cache=kept, tell=self.tell,
        )  # fmt: skip

    @cached_property
    def _exceptions(self) -> pl.DataFrame:
        rows = [(area, note.goal, note.text["en"]) for note in self.pack.manifest.goal_notes for area in note.members]
        return pl.DataFrame(rows, schema={"area": pl.String, "goal": pl.String, "reason": pl.String}, orient="row")

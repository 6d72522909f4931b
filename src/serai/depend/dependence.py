"""The room's object: flows of a region, who depends on whom, and what follows when something gives way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import polars as pl

from serai.depend import centrality, importers, imports, institutions
from serai.depend import scenarios as runs
from serai.depend.balance import balance
from serai.depend.book import Book, open_book
from serai.depend.data import data_dependence
from serai.depend.flows import FLOWS, check_flows, pairs, read_kinds, with_missing, with_parts_added, with_sums
from serai.depend.indices import Indices, indices
from serai.errors import InputError, UnknownName
from serai.region import Pack
from serai.region.flow_kinds import KINDS, WORLD, DependScenario, Kind, Side
from serai.region.tables import TABLES

DRAWS, SEED, MOST_DRAWS = 2000, 20260101, 250_000

Frames = Callable[[], pl.DataFrame]
FEWEST_GROUPS = 3
"""Groups an actor must have taken part in for the picture to be drawn without it."""

EXPOSURE = {
    "kind": pl.String(),
    "side": pl.String(),
    "area": pl.String(),
    "partner": pl.String(),
    "period": pl.Int32(),
    "low": pl.Float64(),
    "value": pl.Float64(),
    "high": pl.Float64(),
    "unit": pl.String(),
    "nature": pl.String(),
    "providers": pl.String(),
}
"""Shares of partners in the latest year of each member; ``value`` is null where a pair is missing."""


class Dependence:
    """Flows between the countries of a region and what can be said of them.

    Args:
        pack: a pack with ``depend/kinds.toml``.
        more: further flow tables, each given by a function that is called once, when flows are first asked for.
        figures: the region's observations, for dependence on data.
        ties: who did what with whom: ``a, b, tie, via`` (:data:`serai.coordinate.actors.EDGES`), for centrality.
        imported: folder where flows brought in are kept; without it none can be.

    Raises:
        InputError: the pack says of no kinds of flows.
        PackError: ``depend/kinds.toml`` breaks its schema.
    """

    def __init__(
        self,
        pack: Pack,
        *,
        more: Sequence[Frames] = (),
        figures: Frames | None = None,
        ties: Frames | None = None,
        imported: Path | None = None,
    ) -> None:
        kinds = read_kinds(pack)
        if kinds is None:
            raise InputError(f"pack {pack.path.name}: there are no kinds of flows ({KINDS})")
        self.pack = pack
        self.settings = kinds
        self.kinds: dict[str, Kind] = {kind.id: kind for kind in kinds.kind}
        self._more = tuple(more)
        self._figures = figures
        self._ties = ties
        self._imported = imported

    @property
    def state(self) -> str:
        """Changes when flows are brought in or taken away."""
        return imports.stamp(self._imported)

    @property
    def members(self) -> tuple[str, ...]:
        """Codes of the member areas, in the order of the pack."""
        return self.pack.manifest.members

    @cached_property
    def countries(self) -> frozenset[str]:
        """Codes of all countries."""
        areas = self.pack.table("areas")
        return frozenset(areas.filter(pl.col("kind") == "country")["area"])

    @cached_property
    def flows(self) -> pl.DataFrame:
        """All flows at hand, sums and missing pairs included; columns as in :data:`serai.depend.FLOWS`.

        Raises:
            PackError: the pack's flows break their schema.
            SourceError: a flow table of another room is faulty.
        """
        own = self.pack.table("flows") if self.pack.has("flows") else pl.DataFrame(schema=FLOWS)
        whole = check_flows(own, self.kinds, self.countries, "depend/flows.csv")
        for number, table in enumerate(self._more, 1):
            # A kind the pack does not speak of is not shown: no fault of the room that has it.
            known = table().filter(pl.col("kind").is_in(list(self.kinds)))
            whole = pl.concat([whole, check_flows(known, self.kinds, self.countries, f"flow table {number}")])
        for name, frame in imports.kept(self._imported):
            whole = imports.replaced(whole, check_flows(frame, self.kinds, self.countries, name))
        whole = with_parts_added(whole, self.settings.kind)
        return with_sums(with_missing(whole, self.settings.kind, self.members), self.settings.kind)

    def bring_in(self, request: importers.Request) -> pl.DataFrame:
        """Take flows in from a file; they replace all of the same kind, provider and year.

        Args:
            request: the file, its form, and what it is of; see :class:`serai.depend.importers.Request`.

        Returns:
            What was taken in: ``kind, provider, period, pairs, totals, missing, value``.

        Raises:
            UnknownName: no such format or kind.
            SourceError: the file is not of its form, or its flows are faulty; nothing is kept then.
            InputError: the request lacks something; there is no place to keep flows.
            OutputError: they cannot be written.
            StoreError: what was brought in before is damaged.
        """
        if self._imported is None:
            raise InputError("there is no place to keep flows; open the region with serai.open()")
        found = importers.read(request, self.pack, self.kinds)
        flows = check_flows(found, self.kinds, self.countries, request.path.name)
        if flows.is_empty():
            raise InputError(f"{request.path.name}: no flow between two countries in it; nothing was taken in")
        imports.keep(self._imported, imports.name_of(request, flows), flows)
        for name in ("flows", "pairs", "_indices", "book"):
            self.__dict__.pop(name, None)
        total = (pl.col("origin") == WORLD) | (pl.col("destination") == WORLD)
        counts = [
            (~total).sum().alias("pairs"),
            total.sum().alias("totals"),
            pl.col("value").is_null().sum().alias("missing"),
            pl.col("value").filter(~total).sum(),
        ]
        return flows.group_by("kind", "provider", "period").agg(counts).sort("kind", "provider", "period")

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """The range of reports of every pair; columns as in :data:`serai.depend.PAIRS`."""
        return pairs(self.flows, self.kinds).sort("kind", "origin", "destination", "period")

    @cached_property
    def _indices(self) -> Indices:
        return indices(self.flows, self.kinds)

    def partners(
        self, kind: str | None = None, *, areas: Iterable[str] | str | None = None, side: Side | None = None
    ) -> pl.DataFrame:
        """Shares and reciprocity with every partner, every year; largest first.

        Args:
            kind: a kind; by default all.
            areas: areas, or ``"all"``; by default the members.
            side: ``in`` or ``out``; by default both.

        Returns:
            Columns as in :data:`serai.depend.PARTNERS`.

        Raises:
            UnknownName: no such kind or area.
        """
        found = self._chosen("partners", kind, areas, side)
        return found.sort(
            "kind",
            "side",
            "area",
            "period",
            "value",
            "partner",
            descending=[False] * 4 + [True, False],
            nulls_last=True,
        )

    def indices(
        self, kind: str | None = None, *, areas: Iterable[str] | str | None = None, side: Side | None = None
    ) -> pl.DataFrame:
        """Total, concentration, largest partner, reciprocity, every year; columns as in :data:`serai.depend.AREAS`.

        Args:
            kind, areas, side: as for :meth:`partners`.

        Raises:
            UnknownName: no such kind or area.
        """
        return self._chosen("areas", kind, areas, side).sort("kind", "side", "area", "period")

    def latest(self, kind: str | None = None) -> pl.DataFrame:
        """Indices of the members in the latest year each kind and side has, on the sides on which dependence lies.

        Args:
            kind: a kind; by default all.

        Returns:
            Columns as in :data:`serai.depend.AREAS`, in the order of kinds and members.

        Raises:
            UnknownName: no such kind.
        """
        frame = self._dependent(self.indices(kind))
        frame = frame.filter(pl.col("period") == pl.col("period").max().over("kind", "side", "area"))
        return frame.sort(self._order("kind", self.kinds), "side", self._order("area", self.members))

    def profile(self, member: str, *, kind: str | None = None) -> pl.DataFrame:
        """Partners of an area in the latest year of each kind and side, largest first.

        Args:
            member: an area.
            kind: a kind; by default all.

        Returns:
            Columns as in :data:`serai.depend.PARTNERS`, in the order of kinds.

        Raises:
            UnknownName: no such area or kind.
        """
        frame = self._dependent(self.partners(kind, areas=member))
        frame = frame.filter(pl.col("period") == pl.col("period").max().over("kind", "side"))
        return frame.sort(self._order("kind", self.kinds), "side", maintain_order=True)

    def _dependent(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows on the sides on which the dependence of their kind lies."""
        sides = [(name, side) for name, kind in self.kinds.items() for side in kind.sides]
        wanted = pl.DataFrame(sides, schema=["kind", "side"], orient="row")
        return frame.join(wanted, on=["kind", "side"], how="semi", maintain_order="left")

    @staticmethod
    def _order(column: str, names: Iterable[str]) -> pl.Expr:
        order = {name: number for number, name in enumerate(names)}
        return pl.col(column).replace_strict(order, default=len(order))

    def exposure(self, kind: str, *, side: Side | None = None) -> pl.DataFrame:
        """Share of every partner in the latest year of each member that has shares.

        Args:
            kind: a kind.
            side: by default the side on which the kind's dependence lies (both, where it lies on both).

        Returns:
            Columns as in :data:`EXPOSURE`, members in the order of the pack, largest share first.

        Raises:
            UnknownName: no such kind.
        """
        sides = self.kind(kind).sides if side is None else (side,)
        rows = self._chosen("partners", kind, None, None).filter(
            pl.col("side").is_in(sides) & pl.col("share_high").is_not_null()
        )
        rows = rows.filter(pl.col("period") == pl.col("period").max().over("side", "area"))
        shares = {"low": "share_low", "value": "share", "high": "share_high"}
        order = self._order("area", self.members)
        frame = rows.with_columns(pl.col(name).alias(new) for new, name in shares.items())
        frame = frame.sort("side", order, "high", "partner", descending=[False, False, True, False])
        return frame.select(pl.col(name).cast(dtype) for name, dtype in EXPOSURE.items())

    def changes(self, kind: str | None = None) -> pl.DataFrame:
        """First and last year of each member's share with each partner, and whether the change is beyond doubt.

        Returns:
            ``kind, side, area, partner, first, last, share_first, share_last, change_low, change, change_high,
            certain``: ``change`` in shares; its range joins the ends of both; ``certain`` where that range leaves zero
            out. The first year is the earliest in which the member has shares.

        Raises:
            UnknownName: no such kind.
        """
        rows = self.partners(kind).filter(pl.col("share_high").is_not_null())
        ends = pl.col("period").min().over("kind", "side", "area"), pl.col("period").max().over("kind", "side", "area")
        rows = rows.with_columns(ends[0].alias("first"), ends[1].alias("last")).filter(pl.col("first") < pl.col("last"))
        keys = ["kind", "side", "area", "partner", "first", "last"]
        names = ["share_low", "share", "share_high"]
        start = rows.filter(pl.col("period") == pl.col("first")).select(*keys, *names)
        end = rows.filter(pl.col("period") == pl.col("last")).select(*keys, *names)
        both = start.join(end, on=keys, how="inner", suffix="_end")
        low, high = pl.col("share_low_end") - pl.col("share_high"), pl.col("share_high_end") - pl.col("share_low")
        return both.select(
            *keys, pl.col("share").alias("share_first"), pl.col("share_end").alias("share_last"),
            low.alias("change_low"), (pl.col("share_end") - pl.col("share")).alias("change"), high.alias("change_high"),
            ((low > 0) | (high < 0)).alias("certain"),
        ).sort(keys)  # fmt: skip

    @cached_property
    def blocs(self) -> pl.DataFrame:
        """Blocs of partners: ``bloc, area``; none where the pack has none."""
        return self._table("bloc_areas")

    def balance(self, kind: str | None = None, *, threshold: float | None = None) -> pl.DataFrame:
        """Shares of blocs of partners of the members, every bloc above the threshold named.

        Args:
            kind: a kind; by default all.
            threshold: a share; by default that of the pack.

        Returns:
            Columns as in :data:`serai.depend.BALANCE`, largest share first.

        Raises:
            UnknownName: no such kind.
            InputError: the threshold is no share.
        """
        limit = self.settings.balance.share if threshold is None else threshold
        if not 0 < limit < 1:
            raise InputError(f"threshold is {limit:g}; give a share between 0 and 1")
        own = self._chosen("areas", kind, None, None)
        rows = self._chosen("partners", kind, None, None)
        supply = [name for name, known in self.kinds.items() if known.rest == "own"]
        partial = [name for name, known in self.kinds.items() if known.partial]
        found = balance(rows, own, self.blocs, limit, own=supply, partial=partial)
        order = ["kind", "side", "area", "period", "share_high", "bloc"]
        return found.sort(order, descending=[False] * 4 + [True, False])

    def data(self) -> pl.DataFrame:
        """Whose figures rest on one foreign or modelled source; columns as in :data:`serai.depend.DATA`.

        Raises:
            InputError: no observations were given.
        """
        if self._figures is None:
            raise InputError("no observations were given; open the region and ask it: region.dependence.data()")
        return data_dependence(self._figures(), self.pack.table("providers"), self.members)

    @cached_property
    def scenarios(self) -> dict[str, DependScenario]:
        """What the pack says may give way, by identifier.

        Raises:
            PackError: ``depend/scenarios.toml`` breaks its schema.
        """
        return runs.read_scenarios(self.pack)

    @cached_property
    def book(self) -> Book:
        """The latest flows of every kind as arrays."""
        return open_book(self.pairs, self._indices.areas, self.kinds, self.members)

    @cached_property
    def couplings(self) -> pl.DataFrame:
        """What a loss in one kind does to another: the table ``depend/couplings.csv``, empty where there is none."""
        return self._table("couplings")

    def propagate(
        self, scenario: str | Path | DependScenario, *, draws: int = DRAWS, seed: int = SEED
    ) -> runs.ScenarioResult:
        """Who loses and who gains when something gives way: first round, further rounds, and every cell behind them.

        Args:
            scenario: the name of one of :attr:`scenarios`, a file with one in it, or one itself.
            draws: how many draws the ranges rest on.
            seed: of the draws.

        Returns:
            The 5th to 95th percentile of draws of every flow, coefficient and change that has a range, widened to hold
            the value. All of it is model output.

        Raises:
            UnknownName: no such scenario; it names a kind or an area that does not exist.
            InputError: a file that is no scenario; no flow at hand is met; losses do not die out.
        """
        if not 0 <= draws <= MOST_DRAWS:
            raise InputError(f"draws is {draws:,}; give 0 to {MOST_DRAWS:,}: ranges do not change beyond that")
        found = self._scenario(scenario)
        runs.check_scenario(found, self.kinds, self.countries)
        table = self.couplings
        texts = table.select("coupling", "reason", "reason_ru").iter_rows()
        reasons = {name: {"en": english, **({"ru": russian} if russian else {})} for name, english, russian in texts}
        coupled = runs.couplings_of(table, self.members)
        return runs.run(self.book, coupled, found, draws=draws, seed=seed, reasons=reasons)

    def _scenario(self, scenario: str | Path | DependScenario) -> DependScenario:
        if isinstance(scenario, DependScenario):
            return scenario
        if str(scenario) in self.scenarios:
            return self.scenarios[str(scenario)]
        path = Path(scenario)
        if path.suffix == ".toml" or isinstance(scenario, Path):
            found = runs.read_scenario_file(path)
            if len(found) > 1:
                names = ", ".join(one.id for one in found)
                raise InputError(f"{path.name} holds {len(found)} scenarios ({names}); give a file with one")
            return found[0]
        raise UnknownName("scenario", str(scenario), self.scenarios, f"pack {self.pack.path.name}")

    def institutions(self) -> pl.DataFrame:
        """Shared resources, the areas they touch, and the bodies that govern them; gaps are flagged.

        Returns:
            Columns as in :data:`serai.depend.COVERAGE`.
        """
        resources, areas, governing = map(self._table, ("resources", "resource_areas", "resource_bodies"))
        return institutions.coverage(resources, areas, governing, self._seats, self.members)

    def uncovered_pairs(self) -> pl.DataFrame:
        """Pairs of areas that share a resource, with the bodies both are in; see :data:`serai.depend.SHARED`."""
        return institutions.uncovered_pairs(self._table("resource_areas"), self._table("resource_bodies"), self._seats)

    @cached_property
    def _seats(self) -> pl.DataFrame:
        rows = self._table("body_members")
        return rows.filter((pl.col("role") == "member") & (pl.col("until") == "")).select("body", "area")

    @cached_property
    def ties(self) -> pl.DataFrame:
        """Who did what with whom: ``a, b, tie, via``; empty where nobody says.

        Bodies that only hold a programme together count like events: each joins those in it.
        """
        if self._ties is None:
            return pl.DataFrame(schema=dict.fromkeys(("a", "b", "tie", "via"), pl.String))
        return self._ties()

    def centrality(self) -> pl.DataFrame:
        """Betweenness against share of weight against share of initiative; see :data:`serai.depend.CENTRALITY`."""
        return centrality.centrality(self.ties, self._table("event_actors"), self.members, self.countries)

    def robustness(self, *, without: Sequence[str] | None = None) -> pl.DataFrame:
        """The picture without everything one partner took part in, for each in turn; see :data:`serai.depend.ROBUST`.

        Args:
            without: actors; by default all that are no members and took part in three groups or more.

        Raises:
            UnknownName: an actor without a tie.
        """
        known = sorted({*self.ties["a"], *self.ties["b"]})
        if without is None:
            ends = pl.concat([self.ties.select("tie", "via", pl.col(end).alias("actor")) for end in ("a", "b")])
            counts = ends.unique().group_by("actor").len().filter(pl.col("len") >= FEWEST_GROUPS)
            without = [actor for actor in sorted(counts["actor"]) if actor not in self.members]
        for actor in without:
            if actor not in known:
                raise UnknownName("actor", actor, known, "the ties of this region")
        return centrality.robustness(self.ties, self.members, without)

    def _table(self, name: str) -> pl.DataFrame:
        """A table of the pack, empty where it has none."""
        if self.pack.has(name):
            return self.pack.table(name)
        return pl.DataFrame(schema=next(table.schema for table in TABLES if table.name == name))

    def coverage(self) -> pl.DataFrame:
        """Which members each kind has, and why the others are not in it.

        Returns:
            ``kind, area, present, first, last, reason, reason_ru``: a member is present with a value on a side on which
            the kind's dependence lies.
        """
        rows = []
        for kind in (kind for kind in self.settings.kind if kind.observed):
            own = self._indices.partners.filter((pl.col("kind") == kind.id) & pl.col("side").is_in(kind.sides))
            own = own.filter(pl.col("value").is_not_null())
            spans = {a: (f, t) for a, f, t in own.group_by("area").agg(
                pl.col("period").min(), pl.col("period").max().alias("last")).iter_rows()}  # fmt: skip
            said = {absent.area: absent.text for absent in kind.absent}
            for area in self.members:
                first, last = spans.get(area, (None, None))
                text = said.get(area, {})
                none = {"en": "no flow at hand", "ru": "потоков в наличии нет"}
                why = [text.get(c) or text.get("en") or none[c] for c in ("en", "ru")] if first is None else ["", ""]
                rows.append((kind.id, area, first is not None, first, last, *why))
        names = ("kind", "area", "present", "first", "last", "reason", "reason_ru")
        types = (pl.String, pl.String, pl.Boolean, pl.Int32, pl.Int32, pl.String, pl.String)
        return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")

    def kind(self, name: str) -> Kind:
        """A kind by its identifier.

        Raises:
            UnknownName: no such kind.
        """
        if name not in self.kinds:
            raise UnknownName("kind of flow", name, self.kinds, f"pack {self.pack.path.name}")
        return self.kinds[name]

    def _chosen(
        self, which: Literal["areas", "partners"], kind: str | None, areas: Iterable[str] | str | None,
        side: Side | None,
    ) -> pl.DataFrame:  # fmt: skip
        """Rows of the indices; names are checked before anything is computed."""
        kept = [] if kind is None else [pl.col("kind") == self.kind(kind).id]
        if side is not None:
            kept.append(pl.col("side") == side)
        if not (isinstance(areas, str) and areas == "all"):
            wanted = self.members if areas is None else [areas] if isinstance(areas, str) else list(areas)
            for area in wanted:
                if area not in self.countries:
                    raise UnknownName("area", area, self.countries, f"pack {self.pack.path.name}")
            kept.append(pl.col("area").is_in(wanted))
        frame = self._indices.areas if which == "areas" else self._indices.partners
        return frame.filter(*kept)

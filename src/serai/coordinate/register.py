"""The register of a region: who meets, signs, promises and claims; the desk; the mandate; joint work plans."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from serai.coordinate import actors as _actors
from serai.coordinate import agreements as _agreements
from serai.coordinate import cadence as _cadence
from serai.coordinate import claims as _claims
from serai.coordinate import desk as _desk
from serai.coordinate import events as _events
from serai.coordinate import mandate as _mandate
from serai.coordinate import pledges as _pledges
from serai.coordinate import segments as _segments
from serai.coordinate import symbolic as _symbolic
from serai.coordinate import workplan as _workplan
from serai.coordinate.dates import day
from serai.errors import InputError, UnknownName
from serai.region.notes_coordinate import Desk, Indicator, Mandate, Measures, read_notes
from serai.region.tables_coordinate import COORDINATE_TABLES

if TYPE_CHECKING:
    from serai.region import Pack

__all__ = ["Register"]

SPECS = {table.name: table for table in COORDINATE_TABLES}
RECORDS: Mapping[str, Any] = {"record": pl.String, "kind": pl.String, "areas": pl.List(pl.String)}
COUNTRY_DATA = ("C", "CA")
CONCERNED = ("host", "signatory", "participant")
"""Roles at an event of those whom an agreement of it concerns, where its parties are not held one by one."""
FIGURE = ("area", "period", "value", "unit", "nature", "provider", "release")
Headline = Callable[[], pl.DataFrame]
FIGURES: Mapping[str, Any] = {
    "series": pl.String, "area": pl.String, "period": pl.Int32, "value": pl.Float64, "unit": pl.String,
    "nature": pl.String, "provider": pl.String, "release": pl.Date,
}  # fmt: skip


def no_figures() -> pl.DataFrame:
    """No figures at all: what a register without observations knows."""
    return pl.DataFrame(schema=dict(FIGURES))


class Register:
    """Events, agreements, pledges, claims and the rest of a pack's ``coordinate/``; a table it lacks counts as empty.

    Dates relative to which something is open, overdue or in force are ``as_of`` (a date or its text), today by default.

    Args:
        pack: the region as data.
        headline: gives the headline figures of the members as an observation table.
    """

    def __init__(self, pack: Pack, headline: Headline = no_figures) -> None:
        self.pack = pack
        self.headline = headline

    @property
    def members(self) -> tuple[str, ...]:
        """Member areas, in the order of the pack."""
        return self.pack.manifest.members

    @property
    def compiled(self) -> date:
        """The day the tables of the register were last put together: pages are as of it, so that they stay the same."""
        days = [
            table.retrieved
            for table in self.pack.sources.table
            if table.file.startswith("coordinate/") and isinstance(table.retrieved, date)
        ]
        return max(days, default=date(self.pack.manifest.start, 1, 1))

    def register(self, name: str) -> pl.DataFrame:
        """A table of the register as it is in the pack; empty where the pack has none."""
        if self.pack.has(name):
            return self.pack.table(name)
        return pl.DataFrame(schema=SPECS[name].schema)

    def segments(self, *, as_of: date | str | None = None) -> pl.DataFrame:
        """Corridor segments by funder; columns as in :data:`serai.coordinate.segments.SEGMENTS`.

        Raises:
            InputError: not a date.
        """
        return _segments.segments(self.pack, self.funding(as_of=as_of), self.pledges(as_of=as_of))

    def funding(self, *, as_of: date | str | None = None) -> pl.DataFrame:
        """Who pays for which segment; columns as in :data:`serai.coordinate.segments.FUNDING`.

        Raises:
            InputError: not a date.
        """
        return _segments.funding(self.pack, day(as_of), self.compiled)

    @cached_property
    def mandate_notes(self) -> Mandate | None:
        """The centre and its programme lines as the pack words them; ``None`` where it says nothing."""
        return read_notes(self.pack.path, "mandate", Mandate)

    @cached_property
    def measures(self) -> Measures:
        """Measures and indices with their formulas, as the pack words them."""
        return read_notes(self.pack.path, "measures", Measures) or Measures()

    @cached_property
    def desk_notes(self) -> Desk:
        """Topics, metrics, providers and shares of the desk, as the pack words them."""
        return read_notes(self.pack.path, "desk", Desk) or Desk()

    @cached_property
    def names(self) -> Mapping[str, tuple[str, str]]:
        """English and Russian name of every actor that is a body."""
        table = self.register("bodies")
        return {row["body"]: (row["name_en"], row["name_ru"]) for row in table.iter_rows(named=True)}

    @cached_property
    def urls(self) -> Mapping[str, str]:
        """Address of every document."""
        table = self.register("documents")
        return dict(zip(table["source"], table["url"], strict=True))

    def pledges(self, *, as_of: date | str | None = None) -> pl.DataFrame:
        """What was promised and how far it can be followed; columns as in :data:`serai.coordinate.pledges.PLEDGES`.

        Raises:
            InputError: not a date.
        """
        return _pledges.pledges(self.register("pledges"), self.register("pledge_steps"), day(as_of))

    def pledge_totals(self, *, by: tuple[str, ...] = _pledges.GROUPED, as_of: date | str | None = None) -> pl.DataFrame:
        """Sums of pledges, each once; see :func:`serai.coordinate.pledges.totals`.

        Raises:
            InputError: not a date.
        """
        return _pledges.totals(self.pledges(as_of=as_of), by)

    def pledge_overlaps(self, *, as_of: date | str | None = None) -> pl.DataFrame:
        """Pairs of pledges that share money or may: ``pledge, other, currency, shared_at_most``.

        Raises:
            InputError: not a date.
        """
        return _pledges.overlapping(self.pledges(as_of=as_of))

    def events(self) -> pl.DataFrame:
        """Events with their actors by role; columns as in :data:`serai.coordinate.events.EVENTS`."""
        return _events.events(self.register("events"), self.register("event_actors"))

    def agreements(self, *, as_of: date | str | None = None) -> pl.DataFrame:
        """Agreements and their life; columns as in :data:`serai.coordinate.agreements.AGREEMENTS`.

        Raises:
            InputError: not a date.
        """
        return _agreements.agreements(self.register("agreements"), self.register("agreement_parties"), day(as_of))

    def parties(self, *, as_of: date | str | None = None) -> pl.DataFrame:
        """Who signed, ratified, witnessed what; columns as in :data:`serai.coordinate.agreements.PARTIES`.

        Raises:
            InputError: not a date.
        """
        return _agreements.parties(self.register("agreement_parties"), self.register("agreements"), day(as_of))

    def cadence(self, *, as_of: date | str | None = None) -> pl.DataFrame:
        """Promised against actual rhythm of formats; columns as in :data:`serai.coordinate.cadence.CADENCE`.

        Raises:
            InputError: not a date.
        """
        return _cadence.cadence(self.register("formats"), self.register("events"), day(as_of))

    def followups(self, *, as_of: date | str | None = None) -> pl.DataFrame:
        """What was to follow: done, due, overdue, outcome unknown; columns as in
        :data:`serai.coordinate.cadence.FOLLOWUPS`.

        Raises:
            InputError: not a date.
        """
        begun = dict(self.register("events").select("event", "start").iter_rows())
        begun |= dict(self.register("agreements").select("agreement", "signed").iter_rows())
        return _cadence.followups(self.register("followups"), day(as_of), begun)

    def calendar(self, *, as_of: date | str | None = None) -> pl.DataFrame:
        """Events, what is due, ends of agreements and UN frameworks on one calendar; columns as in
        :data:`serai.coordinate.events.CALENDAR`.

        On a day before the tables were put together, events and frameworks that began later are left out.

        Raises:
            InputError: not a date.
        """
        due, agreed = self.followups(as_of=as_of), self.agreements(as_of=as_of)
        held = [self.register("events"), self.register("frameworks")]
        if (now := day(as_of)) < self.compiled:
            # A date may be less exact than a day: its beginning compares as text with as much of the day.
            seen = pl.col("start") <= pl.lit(now.isoformat()).str.slice(0, pl.col("start").str.len_chars())
            held = [table.filter(seen) for table in held]
        return _events.calendar(held[0], due, agreed, held[1])

    def ics(self, *, as_of: date | str | None = None, language: str = "en") -> bytes:
        """The calendar as an iCalendar file: the same bytes for the same pack and day.

        Raises:
            InputError: not a date.
        """
        manifest = self.pack.manifest
        title = manifest.title.get(language, manifest.title["en"])
        entries = self.calendar(as_of=as_of)
        return _events.ics(
            entries, self.urls, region=manifest.id, title=title, stamp=day(as_of), language=language,
            kinds=("event", "due", "term", "framework"),
        )  # fmt: skip

    def claims(self) -> pl.DataFrame:
        """Statements someone published, each with its state; columns as in :data:`serai.coordinate.claims.CLAIMS`."""
        return _claims.claims(self.register("claims"), self.register("claim_sources"))

    def evidence(self) -> pl.DataFrame:
        """What each source says on each claim; columns as in :data:`serai.coordinate.claims.EVIDENCE`."""
        return _claims.evidence(self.register("claim_sources"), self.register("documents"))

    def desk(self, area: str) -> pl.DataFrame:
        """Figures of all providers on one area, side by side; columns as in :data:`serai.coordinate.desk.DESK`.

        Raises:
            UnknownName: not a member.
        """
        return _desk.desk(self.register("desk"), self.desk_notes, self._member(area))

    def desk_ratios(self, area: str | None = None) -> pl.DataFrame:
        """Shares of the desk, such as the share of a requirement that is funded; columns as in
        :data:`serai.coordinate.desk.RATIOS`.

        Raises:
            UnknownName: not a member.
        """
        return _desk.ratios(
            self.register("desk"), self.desk_notes, self.members if area is None else [self._member(area)]
        )

    def desk_totals(self) -> pl.DataFrame:
        """Sums over the members, with how many are in them; columns as in :data:`serai.coordinate.desk.TOTALS`."""
        return _desk.totals(self.register("desk"), self.members)

    def tracks(self, area: str | None = None) -> pl.DataFrame:
        """Technical tracks; taking part in one implies no recognition of any authority.

        Raises:
            UnknownName: not a member.
        """
        table = self.register("tracks")
        return table if area is None else table.filter(pl.col("area") == self._member(area))

    def edges(self, *, as_of: date | str | None = None) -> pl.DataFrame:
        """Ties between actors with what joins them; columns as in :data:`serai.coordinate.actors.EDGES`.

        Raises:
            InputError: not a date.
        """
        paid = self.funding(as_of=as_of).filter(pl.col("actor") != "", pl.col("stage") != "none")
        named = self.segments(as_of=as_of).select("segment", "name_en", "name_ru")
        return _actors.edges(self._tables, day(as_of), self._co_funded(), paid.join(named, on="segment"))

    def actors(self, *, as_of: date | str | None = None) -> pl.DataFrame:
        """Actors of the network with their ties; columns as in :data:`serai.coordinate.actors.ACTORS`.

        Raises:
            InputError: not a date.
        """
        return _actors.actors(self._tables, self.edges(as_of=as_of), day(as_of))

    def shared(self, one: str, other: str, *, as_of: date | str | None = None) -> pl.DataFrame:
        """What two actors share, with identifiers; columns as in :data:`serai.coordinate.actors.EDGES`.

        Raises:
            UnknownName: no such actor.
            InputError: not a date.
        """
        return _actors.shared(self.edges(as_of=as_of), one, other)

    def symbolic(self, *, as_of: date | str | None = None) -> pl.DataFrame:
        """Hosting against working, visibility against influence; columns as in
        :data:`serai.coordinate.symbolic.SYMBOLIC`.

        Raises:
            InputError: not a date.
        """
        tables = {**self._tables, "found": self.pledges(as_of=as_of)}
        return _symbolic.symbolic(tables, self.members, day(as_of), self.measures, self._extra())

    def symbolic_correlations(self, *, as_of: date | str | None = None) -> list[_symbolic.Comparison]:
        """Rank correlation of the two pairs of measures over the members.

        Raises:
            InputError: not a date.
        """
        return _symbolic.compare(self.symbolic(as_of=as_of))

    def anchors(self, *, as_of: date | str | None = None) -> pl.DataFrame:
        """How members rank by events hosted, and how without each partner's events; columns as in
        :data:`serai.coordinate.symbolic.ANCHORS`.

        Raises:
            InputError: not a date.
        """
        return _symbolic.anchors(self._tables, self.members, day(as_of))

    def balance(self, area: str, *, without: Iterable[str] = (), as_of: date | str | None = None) -> pl.DataFrame:
        """With whom outside the members an area meets; columns as in :data:`serai.coordinate.symbolic.BALANCE`.

        Raises:
            UnknownName: not a member.
            InputError: not a date.
        """
        tables = {**self._tables, "found": self.pledges(as_of=as_of)}
        return _symbolic.balance(tables, self.members, self._member(area), day(as_of), without)

    def mandate(self) -> pl.DataFrame:
        """Programme lines: indicators with baseline, latest figure and direction; columns as in
        :data:`serai.coordinate.mandate.LINES`. There is no score over indicators.
        """
        if self.mandate_notes is None:
            return pl.DataFrame(schema=dict(_mandate.LINES))
        return _mandate.lines(self.mandate_notes, self._figures, self.members, self.pack.manifest.start)

    def instruments(self, *, as_of: date | str | None = None) -> pl.DataFrame:
        """Agreements that create the centre; columns as from :meth:`agreements`.

        Raises:
            InputError: not a date.
        """
        return self.agreements(as_of=as_of).filter(pl.col("mandate"))

    def frameworks(self, *, as_of: date | str | None = None) -> pl.DataFrame:
        """Cooperation frameworks of the UN, and what stage each is at; see :func:`serai.coordinate.mandate.frameworks`.

        Raises:
            InputError: not a date.
        """
        return _mandate.frameworks(self.register("frameworks"), day(as_of))

    def scope(self, areas: Iterable[str] | str) -> str:
        """Where a record about some areas lies; one of :data:`serai.coordinate.mandate.SCOPES`."""
        about = areas.split() if isinstance(areas, str) else areas
        return _mandate.scope(about, self.members, self.pack.manifest.neighbours)

    def scopes(self) -> pl.DataFrame:
        """The scope test on events, agreements, pledges, bodies and segments: ``record, kind, areas, scope``.

        An agreement whose parties are not held one by one is about the members where it creates the centre, else about
        those who took part in its event.
        """
        known = set(self.pack.table("areas").filter(pl.col("kind") == "country")["area"])
        groups: dict[str, set[str]] = {}
        for group, area in self.pack.table("groups").select("group", "area").iter_rows():
            groups.setdefault(group, set()).add(area)
        found = [
            (name, kind, sorted(set().union(who, *(groups.get(one, set()) for one in who)) & known))
            for kind, name, who in self._records()
        ]
        records = pl.DataFrame(found, schema=dict(RECORDS), orient="row")
        return _mandate.scopes(records, self.members, self.pack.manifest.neighbours)

    def workplan(self, plan: str | Path | None = None, *, suspend: Iterable[_workplan.Suspension] = ()
                 ) -> _workplan.Schedule:  # fmt: skip
        """A joint work plan with its dates; see :func:`serai.coordinate.workplan.schedule`.

        Args:
            plan: a TOML file, or the name of one of the pack; by default the pack's first.
            suspend: further suspensions, to see what they would do.

        Raises:
            InputError: there is no plan.
            SourceError: it breaks its schema or a rule.
            UnknownName: a plan or a member that does not exist.
        """
        return _workplan.schedule(_workplan.read_plan(self._plan(plan)), suspend=list(suspend))

    @property
    def workplans(self) -> tuple[str, ...]:
        """Names of the work plans in the pack."""
        return tuple(sorted(path.stem for path in (self.pack.path / _workplan.PLANS).glob("*.toml")))

    def _plan(self, plan: str | Path | None) -> Path:
        names = self.workplans
        if plan is None:
            if not names:
                raise InputError(f"pack {self.pack.path.name} holds no work plan; name a TOML file")
            plan = names[0]
        if str(plan) in names:
            return self.pack.path / _workplan.PLANS / f"{plan}.toml"
        path = Path(plan)
        if path.suffix == ".toml":
            return path
        raise UnknownName("work plan", str(plan), names, "the pack; or name a .toml file")

    def _records(self) -> Iterable[tuple[str, str, list[str]]]:
        for row in self.events().iter_rows(named=True):
            who = [name for role in _events.LISTS for name in row[role]]
            yield "event", row["event"], [*who, row["area"]]
        parties: dict[str, list[str]] = {}
        for row in self.register("agreement_parties").filter(pl.col("role") != "not_party").iter_rows(named=True):
            parties.setdefault(row["agreement"], []).append(row["actor"])
        took: dict[str, list[str]] = {}
        for row in self.register("event_actors").filter(pl.col("role").is_in(CONCERNED)).iter_rows(named=True):
            took.setdefault(row["event"], []).append(row["actor"])
        for name, event, mandate in self.register("agreements").select("agreement", "event", "mandate").iter_rows():
            others = list(self.members) if mandate else took.get(event or "", [])
            yield "agreement", name, parties.get(name) or others
        members: dict[str, list[str]] = {}
        for row in self.register("body_members").iter_rows(named=True):
            members.setdefault(row["body"], []).append(row["area"])
        for row in self.register("pledges").iter_rows(named=True):
            given = [area for name in row["beneficiaries"].split() for area in (name, *members.get(name, []))]
            away = row["pledgers"].split() if row["direction"] == "from_members" else []
            yield "pledge", row["pledge"], [*given, *row["beyond"].split(), *away]
        for name in self.register("bodies")["body"]:
            yield "body", name, members.get(name, [])
        for name, areas in self.segments().select("segment", "areas").iter_rows():
            yield "segment", name, areas.split()

    def _member(self, area: str) -> str:
        if area not in self.members:
            raise UnknownName("member", area, self.members, f"region {self.pack.manifest.id}")
        return area

    @cached_property
    def _tables(self) -> dict[str, pl.DataFrame]:
        return {name: self.register(name) for name in SPECS}

    def _co_funded(self) -> pl.DataFrame | None:
        """``activity, title, since, actor`` of activities that several take part in; none are held here."""
        return None

    def _extra(self) -> dict[str, dict[str, int]]:
        """Counts by measure and area that the register itself does not hold."""
        own = self._figured.filter(
            pl.col("nature").is_in(COUNTRY_DATA) & (pl.col("period") >= self.pack.manifest.start)
        )
        supplied = own.group_by("area").agg(pl.col("series").n_unique())
        found = {} if self._figured.is_empty() else {"data_supplied": dict(supplied.iter_rows())}
        if self.pack.has("projects") and "areas" in (projects := self.pack.table("projects")).columns:
            areas = [area for text in projects["areas"] for area in text.split()]
            found["projects"] = {area: areas.count(area) for area in self.members}
        return found

    @cached_property
    def _figured(self) -> pl.DataFrame:
        return self.headline()

    def _figures(self, entry: Indicator) -> pl.DataFrame:
        """Figures of an indicator: ``area, period, value, unit, nature, provider, release``."""
        if entry.series is not None:
            rows = self._figured.filter(pl.col("series") == entry.series)
            return rows.select(pl.col(name).cast(pl.Float64 if name == "value" else pl.String) for name in FIGURE)
        if entry.ratio is not None:
            rows = self.desk_ratios().filter(pl.col("ratio") == entry.ratio).sort("period", "as_of")
            named = rows.with_columns(value="percent", unit=pl.lit("PERCENT"), provider="numerator_provider")
        else:
            table = self.register("desk")
            rows = table.filter((pl.col("metric") == entry.desk) & (pl.col("counterpart") == "")).sort(
                "period", "as_of"
            )
            named = rows.filter(pl.col("status").is_in(_desk.USABLE))
            if entry.provider is not None:
                named = named.filter(pl.col("provider") == entry.provider)
        named = (
            named.with_columns(nature=pl.lit(""), release="as_of")
            .group_by("area", "period", maintain_order=True)
            .last()
        )
        return named.select(pl.col(name).cast(pl.Float64 if name == "value" else pl.String) for name in FIGURE)

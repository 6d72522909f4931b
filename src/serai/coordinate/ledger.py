"""The ledger of a region: who does what, what was promised, what was paid, and nothing counted twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from serai.coordinate import match, overlap
from serai.coordinate.activities import COMMITTED, STAGES, Activities
from serai.coordinate.archive import Archive, Receipt
from serai.coordinate.decided import Decided, read_decisions
from serai.coordinate.decisions import Decision, Decisions
from serai.coordinate.iati import write as export
from serai.coordinate.iati.spec import shapes
from serai.coordinate.iati.write import Exported
from serai.coordinate.money import Rates, read_rates
from serai.coordinate.register import Headline, Register, no_figures
from serai.coordinate.sides import flows, sides
from serai.errors import InputError, OutputError, UnknownName
from serai.files import write_beside
from serai.region import Pack

Tell = Callable[[str, int, int], None]
FLOW = ("kind", "origin", "destination", "period", "value", "unit", "provider", "nature", "reported_by", "note")


class Ledger(Register):
    """Activities of a pack and of imported files, with their money, matches, overlaps and gaps; and the register.

    Args:
        pack: the region.
        home: folder in which imports and decisions are kept; made when something is.
        tell: told of long work as ``(step, done, total)``.
        headline: gives the headline figures of the members, for measures and programme lines.
    """

    def __init__(
        self,
        pack: Pack,
        home: Path,
        tell: Tell = lambda step, done, total: None,
        headline: Headline = no_figures,
    ) -> None:
        super().__init__(pack, headline)
        self.home, self.tell = home, tell
        self.archive = Archive(home)
        self.decisions = Decisions(home / "decisions.jsonl")
        self._held: tuple[tuple[str, Rates], Activities] | None = None

    # -- tables ----------------------------------------------------------------------------------------------------

    @cached_property
    def rates(self) -> Rates:
        """Exchange rates: those a person put in the place of the pack's, else the pack's, else none.

        Raises:
            SourceError: the rates kept in the ledger's folder cannot be read.
        """
        kept = self.home / "rates.csv"
        if kept.is_file():
            table = read_rates(kept)
            named = sorted(set(table["source"].drop_nulls())) if "source" in table.columns else list[str]()
            given = "; ".join(named) or "without a source"
            return Rates(table, f"given by a user: {given}", given)
        if self.pack.has("rates"):
            return Rates(self.pack.table("rates"), "derived from amounts publishers give in both currencies")
        return Rates(pl.DataFrame(schema={"currency": pl.String, "period": pl.String, "usd": pl.Float64}), "none")

    @property
    def _all(self) -> Activities:
        stamp = (self.archive.stamp, self.rates)
        if self._held is None or self._held[0] != stamp:
            self._held = (stamp, Activities(self.pack, self.archive, self.rates))
        return self._held[1]

    @property
    def activities(self) -> pl.DataFrame:
        """Activities, one row each; columns as in ``coordinate/iati/tables.toml``."""
        return self._all.table("activities")

    @property
    def transactions(self) -> pl.DataFrame:
        """Transactions in their currency and in dollars (``usd``, ``usd_basis``), with ``stage, year, donor`` and
        ``repeat`` (the same as an earlier row of the activity)."""
        return self._all.transactions().collect().sort("record", "transaction")

    def around(self, areas: Iterable[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Activities with one of the areas among their countries, and their transactions; nothing else is read."""
        wanted = list(areas)
        placed = overlap.places(self._all, self._splits()).filter(pl.col("member").is_in(wanted))
        records = pl.col("record").is_in(placed["record"].unique().implode())
        activities = self._all.scan("activities").filter(records).collect()
        return activities, self._all.transactions(only=records).collect()

    def table(self, name: str) -> pl.DataFrame:
        """Another table of activities: recipients, sectors, tags, partners, budgets, locations, results, related, …

        Raises:
            UnknownName: no such table.
        """
        if name not in shapes():
            raise UnknownName("table", name, shapes())
        return self._all.table(name)

    # -- in and out ------------------------------------------------------------------------------------------------

    def import_files(self, files: Sequence[Path], *, workers: int = 1) -> Receipt:
        """Take files in: activity and organisation files of the aid standard, tables of humanitarian flows.

        Args:
            files: what to take in.
            workers: threads for large files.

        Raises:
            OutputError: the ledger cannot be written; it is as it was.
            StoreError: another process is importing, or the ledger is damaged.
        """
        receipt = self.archive.add(files, tell=self.tell, workers=workers)
        if receipt.taken:
            self.cells()  # kept, so that the first question is answered as fast as the next
        return receipt

    def export(
        self, path: Path, *, kind: str = "iati-activities", identifiers: Iterable[str] | None = None
    ) -> Exported:
        """Write activities (or organisations) as a file of the standard: imported ones as they came, the pack's built.

        Args:
            path: where to.
            kind: ``iati-activities`` or ``iati-organisations``.
            identifiers: some only.

        Raises:
            OutputError: the place cannot be written.
            UnknownName: no such identifier.
        """
        wanted = None if identifiers is None else set(identifiers)
        table = "activities" if kind == "iati-activities" else "organisations"
        if wanted is not None and (missing := wanted - set(self._all.table(table)["identifier"])):
            raise UnknownName(kind, sorted(missing)[0], self._all.table(table)["identifier"])
        starts = {start for _, _, start in self.archive.records(kind)}
        built = list(self._built(wanted)) if kind == "iati-activities" else []
        # Records of one file keep its root; those of several carry their namespaces themselves.
        alone = next(iter(starts)) if len(starts) == 1 and not built else b""
        imported = (
            (identifier, text if alone else export.standalone(text, start, kind))
            for identifier, text, start in self.archive.records(kind)
            if wanted is None or identifier in wanted
        )
        return export.write(path, kind, chain(built, imported), start=alone)

    def _built(self, wanted: set[str] | None) -> Iterator[tuple[str, bytes]]:
        """Activities that exist as rows only: those of the pack."""
        tables = {name: self._all.pack_rows(name) for name, shape in shapes().items() if shape.unit == "iati-activity"}
        for head in tables["activities"].iter_rows(named=True):
            if wanted is None or head["identifier"] in wanted:
                record = pl.col("record") == head["record"]
                own = {name: rows.filter(record).to_dicts() for name, rows in tables.items()}
                yield head["identifier"], export.element(own)

    def set_rates(self, path: Path | None) -> None:
        """Put a table of rates in the place of the pack's; ``None`` takes it away again.

        Raises:
            SourceError: the table does not hold.
            OutputError: it cannot be kept.
        """
        kept = self.home / "rates.csv"
        try:
            if path is None:
                kept.unlink(missing_ok=True)
            else:
                write_beside(kept, read_rates(path).write_csv, remedy="choose another SERAI_HOME")
        except OSError as error:
            raise OutputError(f"cannot write '{kept}': {error.strerror}; choose another SERAI_HOME") from error
        self.__dict__.pop("rates", None)

    # -- overlaps and gaps -----------------------------------------------------------------------------------------

    @property
    def members(self) -> tuple[str, ...]:
        """Areas of the members."""
        return self.pack.manifest.members

    def cells(self) -> pl.DataFrame:
        """Money shared out by the rules of :mod:`serai.coordinate.overlap`; computed once for what the ledger holds."""
        path = self.home / f"cells-{self._stamp()}.parquet"
        if path.is_file():
            return pl.read_parquet(path)
        found = overlap.cells(self._all, dropped=self._dropped(), splits=self._splits())
        if self.archive.stamp:  # what the pack alone holds takes no time
            self._keep(found, path)
        return found

    def _keep(self, cells: pl.DataFrame, path: Path) -> None:
        """Keep cells for the next time; where nothing can be written they are computed again."""
        with suppress(OSError, OutputError):
            for old in self.home.glob("cells-*.parquet"):
                old.unlink(missing_ok=True)
            write_beside(path, cells.write_parquet)

    def _stamp(self) -> str:
        return hashlib.sha256((self.stamp + self.pack.digest).encode()).hexdigest()[:16]

    @property
    def stamp(self) -> str:
        """Changes when something is imported or decided, or when rates are replaced."""
        parts = [self.archive.stamp, self.rates.table.write_csv(), self.decisions.table().write_csv()]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def overlap(
        self,
        *,
        by: Sequence[str] = overlap.BY,
        stage: str = COMMITTED,
        members: Iterable[str] | None = None,
    ) -> pl.DataFrame:
        """Money by member, sector, goal, donor and year, at one stage: stages are exclusive and never added up.

        Args:
            by: some of ``member, sector, goal, donor, year``.
            stage: one of :data:`serai.coordinate.activities.STAGES`, or ``committed``: commitments as who receives
                reports them, else as who gives does.
            members: areas; by default the members.

        Returns:
            As from :func:`serai.coordinate.overlap.summed`.

        Raises:
            InputError: a dimension that does not exist.
            UnknownName: a stage or area that does not exist.
        """
        return overlap.summed(self._cells_of(stage, members), by)

    def crowded(self, *, stage: str = COMMITTED, donors: int = 2) -> pl.DataFrame:
        """Where several donors fund the same sector of the same member in the same year."""
        return overlap.crowded(self._cells_of(stage, None), donors=donors)

    def gaps(self, *, by: str = "sector", stage: str = COMMITTED) -> pl.DataFrame:
        """Every member against every sector (goal, donor, year): recorded, zero, split asked, or no record.

        "No record" says that the ledger holds nothing, not that there is nothing.

        Raises:
            InputError: a dimension that does not exist.
            UnknownName: no such stage.
        """
        asked = {
            row["identifier"]: self.members if "?" in row["covers"] else row["covers"].split()
            for row in self.questions().iter_rows(named=True)
        }
        return overlap.grid(self._cells_of(stage, None), self.members, asked, self.placed(), by=by)

    def _cells_of(self, stage: str, members: Iterable[str] | None) -> pl.DataFrame:
        if stage not in (COMMITTED, *STAGES.values()):
            raise UnknownName("stage", stage, (COMMITTED, *STAGES.values()))
        wanted = list(self.members if members is None else members)
        known = set(self.pack.table("areas")["area"])
        for area in wanted:
            if area not in known:
                raise UnknownName("area", area, known)
        cells = overlap.committed(self.cells()) if stage == COMMITTED else self.cells()
        return cells.filter(pl.col("stage") == stage, pl.col("member").is_in(wanted))

    def questions(self) -> pl.DataFrame:
        """Activities coded to one member that by their scope cover others: how to split them is asked, not guessed."""
        table = self.pack.table("names").filter(pl.col("language") == "en", pl.col("area").is_in(self.members))
        names = {area: [name, short] for area, name, short in table.select("area", "name", "short").iter_rows()}
        return overlap.questions(self._all, names, self._splits())

    def split(self, identifier: str, shares: Mapping[str, float], *, by: str, reason: str = "") -> Decision:
        """Decide how an activity is shared among countries; kept with name and date.

        Raises:
            UnknownName: no such activity or area.
            InputError: shares below 0 or that do not sum to 100, or nobody's name.
        """
        if identifier not in set(self.activities["identifier"]):
            raise UnknownName("activity", identifier, self.activities["identifier"])
        for area in shares:
            if area not in set(self.pack.table("areas")["area"]):
                raise UnknownName("area", area, self.pack.table("areas")["area"])
        for area, share in shares.items():
            if not share >= 0:
                raise InputError(f"{area}={share:g} is no share; give a percentage from 0 to 100")
        if not abs(sum(shares.values()) - 100) <= 1e-6:
            raise InputError(f"shares sum to {sum(shares.values()):g}, not to 100; give every country its share")
        value = " ".join(f"{area}={share:g}" for area, share in shares.items())
        return self.decisions.add(f"activity {identifier}", "split", by=by, value=value, reason=reason)

    def _splits(self) -> dict[str, dict[str, float]]:
        last = self.decisions.last().filter(pl.col("kind") == "split")
        return {
            row["subject"].removeprefix("activity "): {
                part.split("=")[0]: float(part.split("=")[1]) for part in row["value"].split()
            }
            for row in last.iter_rows(named=True)
        }

    def placed(self) -> pl.DataFrame:
        """Where activities are, money or none: ``record, member, sector, goal, year``."""
        return overlap.presence(self._all, self._splits())

    # -- one activity, two reports ---------------------------------------------------------------------------------

    def matches(self, *, threshold: float = match.THRESHOLD) -> pl.DataFrame:
        """Transactions that two reports tell of, proposed with evidence; columns as in :data:`match.MATCHES`."""
        found = match.propose(*self.sides(), threshold=threshold)
        return match.with_decisions(found, self.decisions.last())

    def sides(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """What givers report and what receivers report: transactions as :func:`match.propose` takes them."""
        return sides(self._all)

    def match_test(self) -> dict[str, Any] | None:
        """How well pairs are found on the pack's labelled flows (:func:`match.tested`); ``None`` where none is."""
        given = flows(self._all, every=True).filter(pl.col("activity") != "")
        gets = self.sides()[1].filter(pl.col("identifier").is_in(given["activity"].unique().to_list()))
        return match.tested(given, gets) if given.height and gets.height else None

    def decide(self, path: Path) -> Decided:
        """Take in decisions on matches from a file: ``match, decision`` (accept or reject), ``by, at, reason``.

        What holds is kept, with the name and the day it has there; what is kept already is not kept twice; the rest
        is named row by row.

        Raises:
            SourceError: the file cannot be read or lacks a column.
        """
        return read_decisions(path, self.matches(threshold=0.0), self.decisions)

    def accept(self, number: str, *, by: str, reason: str = "") -> Decision:
        """Accept a proposed match: the two reports are one payment and count once.

        Raises:
            UnknownName: no such match.
            InputError: nobody's name is given.
        """
        return self._decide(number, "accept", by, reason)

    def reject(self, number: str, *, by: str, reason: str = "") -> Decision:
        """Reject a proposed match: the two reports are of two payments and both count.

        Raises:
            UnknownName: no such match.
            InputError: nobody's name is given.
        """
        return self._decide(number, "reject", by, reason)

    def _decide(self, number: str, kind: str, by: str, reason: str) -> Decision:
        found = self.matches(threshold=0.0).filter(pl.col("match") == number)
        if found.is_empty():
            raise UnknownName("match", number, self.matches()["match"])
        value = json.dumps([found["left_key"][0], found["right_key"][0]], ensure_ascii=False)
        return self.decisions.add(f"match {number}", kind, by=by, value=value, reason=reason)

    def _dropped(self) -> list[str]:
        """Transactions that an accepted match counts in the other report: the one of who gave."""
        last = self.decisions.last().filter(pl.col("kind") == "accept")
        return [json.loads(value)[0] for value in last["value"]]

    # -- ties between actors ------------------------------------------------------------------------------------------

    def _records(self) -> Iterable[tuple[str, str, list[str]]]:
        """Records of the register, and every activity with the countries it names."""
        yield from super()._records()
        named = pl.col("code").replace_strict(self._all.areas, default=None, return_dtype=pl.String)
        areas = (
            self._all.table("recipients")
            .with_columns(named.alias("area"))
            .group_by("record")
            .agg(pl.col("area").drop_nulls().unique())
        )
        joined = self.activities.select("record", "identifier").join(areas, on="record", how="left")
        for row in joined.sort("identifier").iter_rows(named=True):
            yield "activity", row["identifier"], row["area"] or []

    def _co_funded(self) -> pl.DataFrame | None:
        """``activity, title, since, actor``: reporter, donors and partners of each activity, where they are known."""
        since = pl.coalesce("actual_start", "planned_start").cast(pl.String).fill_null("").alias("since")
        heads = self.activities.select("record", "identifier", "title", "reporter", since)
        refs = pl.concat(
            [
                heads.select("record", ref="reporter"),
                self._all.table("partners").select("record", "ref"),
                self.cells().select("record", ref="donor").unique(),
            ]
        )
        bodies = self.register("bodies").filter(pl.col("iati") != "").select(ref="iati", actor="body")
        areas = self.pack.table("areas").filter(pl.col("kind") == "country").select(ref="area", actor="area")
        known = pl.concat([bodies, areas])
        found = refs.join(known, on="ref").join(heads, on="record")
        rows = found.select("title", "since", "actor", activity="identifier").unique().sort("activity", "actor")
        return rows.select("activity", "title", "since", "actor") if rows.height else None

    # -- flows for other rooms -------------------------------------------------------------------------------------

    def aid(self) -> pl.DataFrame:
        """Aid to members as a flow table: donor to member, US dollars a year, commitments and spending apart.

        Returns:
            ``kind`` (``aid``), ``origin`` (area of a government, or an identifier), ``destination, period, value,
            unit`` (``USD``), ``provider, nature, reported_by, note`` (the stage). Repeated rows and matched second
            reports are counted once. Forward budgets are not in it. What an activity reports as promised to it is not
            counted again as its own commitment: commitments of activities that also say what came in are left out.
        """
        found = self.cells().filter(pl.col("member").is_in(self.members), pl.col("stage").is_in(_AID_STAGES))
        passed_on = found.filter(pl.col("stage") == "incoming commitment")["record"].unique().implode()
        found = found.filter((pl.col("stage") != "commitment") | ~pl.col("record").is_in(passed_on))
        reporters = self.activities.select("record", "reporter", "reporter_name")
        sums = found.join(reporters, on="record", how="left").group_by(
            "donor", "member", "year", "stage", "reporter", "reporter_name", maintain_order=True
        ).agg(pl.col("usd_once").sum())  # fmt: skip
        return sums.filter(pl.col("usd_once") != 0).select(
            pl.lit("aid").alias("kind"),
            pl.col("donor").alias("origin"),
            pl.col("member").alias("destination"),
            pl.col("year").cast(pl.Int64).alias("period"),
            pl.col("usd_once").alias("value"),
            pl.lit("USD").alias("unit"),
            pl.col("reporter_name").alias("provider"),
            pl.lit("C").alias("nature"),
            pl.col("reporter").alias("reported_by"),
            pl.col("stage").alias("note"),
        ).sort("destination", "origin", "period", "note", "reported_by")  # fmt: skip

    def planned(self) -> pl.DataFrame:
        """Forward budgets of organisations and activities by member and year: plans, never commitments.

        Returns:
            ``member, reporter, reporter_name, year, kind, value, currency, usd, usd_basis``.
        """
        parts = [self._organisation_plans(), self._activity_plans()]
        rows = pl.concat([part for part in parts if part is not None], how="diagonal")
        kept = self.rates.convert(rows.lazy()).collect().filter(pl.col("member").is_in(self.members))
        names = ("member", "reporter", "reporter_name", "year", "kind", "value", "currency", "usd", "usd_basis")
        return kept.select(names).sort("member", "reporter", "year", "kind")

    def _organisation_plans(self) -> pl.DataFrame:
        rows = self._all.table("organisation_budgets")
        heads = self._all.table("organisations")
        rows = rows.join(heads.select("record", reporter="identifier", reporter_name="name"), on="record")
        if self.pack.has("aid_organisation_budgets"):
            own = self.pack.table("aid_organisation_budgets").rename(
                {"organisation": "reporter", "name": "reporter_name"}
            )
            own = own.with_columns(pl.lit("recipient-country-budget").alias("kind"))
            own = own.filter(~pl.col("reporter").is_in(rows["reporter"].unique().implode()))
            rows = pl.concat([rows.drop("record"), own], how="diagonal")
        member = pl.col("recipient").replace_strict(self._all.areas, default=None, return_dtype=pl.String)
        return rows.filter(pl.col("kind") == "recipient-country-budget").with_columns(
            member.alias("member"), pl.col("start").dt.year().alias("year")
        )

    def _activity_plans(self) -> pl.DataFrame:
        heads = self._all.table("activities").select("record", "reporter", "reporter_name")
        places = overlap.places(self._all, self._splits()).filter(pl.col("transaction") == 0).drop("transaction")
        rows = self._all.table("budgets").join(heads, on="record").join(places, on="record")
        return rows.with_columns(pl.col("value") * pl.col("share"), pl.col("start").dt.year().alias("year"))


_AID_STAGES = ("incoming commitment", "commitment", "disbursement", "expenditure")

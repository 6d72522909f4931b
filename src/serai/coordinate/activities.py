"""Activities of a pack and of what was imported, as one set of tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from functools import cached_property

import polars as pl

from serai.coordinate.archive import Archive
from serai.coordinate.iati.spec import shapes
from serai.coordinate.money import Rates, repeated
from serai.region import Pack

STAGES = {
    "1": "incoming funds", "2": "commitment", "3": "disbursement", "4": "expenditure", "5": "interest",
    "6": "loan repayment", "7": "reimbursement", "8": "purchase of equity", "9": "sale of equity",
    "10": "credit guarantee", "11": "incoming commitment", "12": "pledge", "13": "incoming pledge",
}  # fmt: skip
"""Types of transaction (IATI TransactionType). Stages are exclusive and never added up."""
PART = 5
"""Tasks of an import that are worked on at a time."""
COMMITTED = "committed"
"""Commitments from either end: as who receives reports them; else, of activities that say nothing of that, as who gives
does. No activity counts at both ends."""
INCOMING = ("1", "11", "13")
"""Types in which who reports is who receives; the donor is the provider."""


class Activities:
    """The tables of the ledger, those of the pack first.

    An activity of the pack that a file brought anew is left out: one version of an identifier counts.

    Args:
        pack: where the region's own tables are.
        archive: what was imported.
        rates: exchange rates.
    """

    def __init__(self, pack: Pack, archive: Archive, rates: Rates) -> None:
        self.pack, self.archive, self.rates = pack, archive, rates
        self._tasks: Sequence[str] | None = None
        """What is read of the archive in place of everything, pack included; nothing of it: the pack."""

    def scan(self, name: str) -> pl.LazyFrame:
        """A table of ``iati/tables.toml``, lazily; transactions also have ``usd``, as publishers give it."""
        schema = dict(shapes()[name].schema)
        if name == "transactions":
            schema["usd"] = pl.Float64()
        if self._tasks:
            return _shaped(self.archive.scan(name, self._tasks), schema)
        own = self.pack_rows(name).lazy()
        return own if self._tasks is not None else pl.concat([own, _shaped(self.archive.scan(name), schema)])

    def parts(self, size: int = PART) -> Iterator[Activities]:
        """The same in parts, so that memory does not grow with them: the pack, then so many tasks of imports at a time.

        No record lies in two parts, and records go up from one to the next.
        """
        tasks = self.archive.tasks()
        for run in ([], *(tasks[at : at + size] for at in range(0, len(tasks), size))):
            part = copy(self)
            part._tasks = run
            yield part

    def pack_rows(self, name: str) -> pl.DataFrame:
        """The pack's rows of a table, those of superseded records left out."""
        schema = dict(shapes()[name].schema)
        if name == "transactions":
            schema["usd"] = pl.Float64()
        if not self.pack.has(f"aid_{name}") or name == "organisation_budgets":
            return pl.DataFrame(schema=schema)
        own = self.pack.table(f"aid_{name}").with_columns(pl.col("record").cast(pl.Int64))
        if name == "sectors" and self.pack.has("aid_sector_names"):
            own = own.join(self.pack.table("aid_sector_names"), on=["vocabulary", "code"], how="left")
        if name == "transactions":  # a pack leaves out the day of conversion where it is the day of the row
            own = own.with_columns(pl.coalesce("value_date", "date").alias("value_date"))
        if "transaction" in schema and "transaction" not in own.columns:
            own = own.with_columns(pl.lit(0, dtype=pl.Int64).alias("transaction"))
        blank = [pl.col(c).replace("", None) for c, d in schema.items() if d == pl.String and c in own.columns]
        kept = own.with_columns(blank).join(self._superseded, on="record", how="anti", maintain_order="left")
        return _shaped(kept.lazy(), schema).collect()

    @cached_property
    def _superseded(self) -> pl.DataFrame:
        """Records of the pack whose identifier was imported."""
        if not self.pack.has("aid_activities"):
            return pl.DataFrame(schema={"record": pl.Int64})
        own = self.pack.table("aid_activities").select(pl.col("record").cast(pl.Int64), "identifier")
        imported = self.archive.scan("activities").select("identifier").unique().collect()
        return own.join(imported, on="identifier").select("record")

    def table(self, name: str) -> pl.DataFrame:
        """A table, read."""
        return self.scan(name).collect()

    @cached_property
    def areas(self) -> dict[str, str]:
        """Codes and names by which files call a country, and its area."""
        rows = self.pack.table("areas").filter(pl.col("kind") == "country")
        found = {name: area for area, name in rows.select("area", "name").iter_rows()}
        found |= {code: area for area, code in rows.filter(pl.col("iso2") != "").select("area", "iso2").iter_rows()}
        return found | {area: area for area in rows["area"]}

    def transactions(self, *, only: pl.Expr | None = None) -> pl.LazyFrame:
        """Transactions with ``usd, usd_basis, repeat, stage, year`` and whom the money comes from (``donor``).

        A transaction counts in the calendar year its activity lies in, where that is one; else in the year of its day.
        The donor of what came in, and of what somebody else reports, is the provider; of what went out, who reports.

        Args:
            only: condition on records, by their number.
        """
        held, heads = self.scan("transactions"), self.scan("activities")
        if only is not None:
            held, heads = held.filter(only), heads.filter(only)
        heads = heads.select(
            "record", "identifier", "reporter", "reporter_name", "secondary",
            start=pl.coalesce("actual_start", "planned_start").dt.year(),
            end=pl.coalesce("actual_end", "planned_end").dt.year(),
        )  # fmt: skip
        rows = repeated(self.rates.convert(held)).join(heads, on="record", how="left", maintain_order="left")
        incoming = pl.col("type").is_in(INCOMING) | pl.col("secondary").is_in(["1", "true"]).fill_null(False)
        named = self.donors.lazy()
        rows = rows.with_columns(
            pl.when(incoming).then("provider_name").otherwise("reporter_name").alias("donor_name"),
            pl.when(incoming).then("provider").otherwise("reporter").alias("donor_ref"),
            pl.when(pl.col("start") == pl.col("end")).then("start").otherwise(pl.col("date").dt.year()).alias("year"),
            pl.col("type").replace_strict(STAGES, default="other").alias("stage"),
        ).join(named, left_on="donor_name", right_on="name", how="left", maintain_order="left")
        donor = pl.coalesce("donor", "donor_ref", "donor_name", pl.lit("not said"))
        return rows.with_columns(donor.alias("donor")).drop("start", "end", "donor_ref", "secondary")

    @cached_property
    def donors(self) -> pl.DataFrame:
        """Names as reported, and whom they stand for. Countries are known by their names too."""
        known = {"name": pl.String(), "donor": pl.String()}
        rows = pl.DataFrame(schema=known)
        if self.pack.has("aid_donors"):
            rows = self.pack.table("aid_donors").select("name", "donor")
        areas = pl.DataFrame({"name": list(self.areas), "donor": list(self.areas.values())}, schema=known)
        forms = ("{}", "{}, Government of", "{} (Government of)", "Government of {}")
        more = pl.concat([areas.with_columns(pl.format(form, "name").alias("name")) for form in forms])
        return pl.concat([rows, more]).unique("name", keep="first", maintain_order=True)


def _shaped(frame: pl.LazyFrame, schema: dict[str, pl.DataType]) -> pl.LazyFrame:
    held = frame.collect_schema().names()
    return frame.select(
        pl.col(name).cast(dtype) if name in held else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in schema.items()
    )

"""The two sides of matching, narrowed before anything is compared: a ledger holds millions of payments, few of them
twice."""

from __future__ import annotations

import polars as pl

from serai.coordinate import match, overlap
from serai.coordinate.activities import INCOMING, Activities

GIVEN = ("2", "3", "12")
"""Types of transaction in which somebody reports what they gave."""
COLUMNS = (
    "key", "identifier", "ref", "date", "year", "value", "currency", "usd", "donor", "donor_name", "receiver_name",
    "reporter_name", "provider_activity", "receiver_activity", "place", "title", "description",
)  # fmt: skip


def sides(activities: Activities) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What givers report and what receivers report: transactions as :func:`match.propose` takes them.

    Of what was given only that is read whose receiver goes by a name like that of one who reports, whose activities
    name each other, or that carries a reference some receiver gives.
    """
    rows = _described(activities)
    gets = rows.filter(pl.col("type").is_in(INCOMING)).select(COLUMNS).collect()
    if gets.is_empty():
        return gets, gets
    given = rows.filter(pl.col("type").is_in(GIVEN) & pl.col("receiver_name").is_not_null())
    gives = given.filter(_may_meet(given, gets)).select(COLUMNS).collect()
    return pl.concat([gives, flows(activities).select(gives.columns).cast(gives.schema)]), gets


def flows(activities: Activities, *, every: bool = False) -> pl.DataFrame:
    """The pack's flows as somebody gave them: to be matched, and in no sum; without those imported, unless ``every``.

    A flow goes by the same key as if it were imported, so that what people decided of it holds on.
    """
    if not activities.pack.has("aid_flows"):
        return pl.DataFrame(schema={**dict.fromkeys(COLUMNS, pl.Null), "activity": pl.String})
    imported = activities.archive.scan("activities").select("identifier").unique().collect()
    rows = activities.pack.table("aid_flows").with_columns(pl.format("FTS-{}", "flow").alias("identifier"))
    kept = rows if every else rows.join(imported, on="identifier", how="anti", maintain_order="left")
    rows = kept.with_columns(
        pl.col("ref").replace("", None), pl.col("date").alias("value_date"), provider_name="donor", donor_name="donor",
        receiver_name="receiver", place=pl.concat_list("area"), year=pl.col("year").cast(pl.Int32),
    )  # fmt: skip
    rows = activities.rates.convert(rows.drop("donor").lazy()).collect()
    named = rows.join(activities.donors, left_on="donor_name", right_on="name", how="left", maintain_order="left")
    missing = [name for name in COLUMNS if name not in (*named.columns, "key")]
    return named.with_columns(
        overlap.key().alias("key"), pl.coalesce("donor", "donor_name").alias("donor"),
        *(pl.lit(None, dtype=pl.String).alias(name) for name in missing),
    ).select(*COLUMNS, "activity")  # fmt: skip


def _described(activities: Activities) -> pl.LazyFrame:
    """Transactions with their activity's title and countries."""
    places = activities.table("recipients").filter(pl.col("transaction") == 0)
    named = pl.col("code").replace_strict(activities.areas, default=None, return_dtype=pl.String)
    places = places.with_columns(named.alias("place")).group_by("record").agg(pl.col("place").drop_nulls())
    titles = activities.scan("activities").select("record", "title")
    rows = activities.transactions().with_columns(overlap.key().alias("key"))
    rows = rows.join(titles, on="record", how="left", maintain_order="left")
    return rows.join(places.lazy(), on="record", how="left", maintain_order="left")


def _may_meet(given: pl.LazyFrame, gets: pl.DataFrame) -> pl.Expr:
    reporters = gets["reporter_name"].drop_nulls().unique().to_list()
    names = given.select(pl.col("receiver_name").unique()).collect()["receiver_name"].to_list()
    alike = [name for name in names if any(match.resembles(name, reporter) for reporter in reporters)]
    references = sorted({one for text in gets["ref"].drop_nulls().unique() for one in match.references(text)})
    words = pl.col("ref").str.to_uppercase().str.extract_all(r"[^\s,;#()/]+")
    return (
        pl.col("receiver_name").is_in(alike)
        | pl.col("receiver_activity").is_in(gets["identifier"].unique().to_list())
        | pl.col("identifier").is_in(gets["provider_activity"].drop_nulls().unique().to_list())
        | words.list.eval(pl.element().is_in(references)).list.any().fill_null(False)
    )

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
    return given.filter(_may_meet(given, gets)).select(COLUMNS).collect(), gets


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

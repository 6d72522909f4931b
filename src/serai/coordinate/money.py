"""Money: each amount keeps its currency and date; dollars stand beside it, with where they come from.

No table of exchange rates with a free licence is at hand. The one of a pack is derived from amounts that publishers
give in a currency and, themselves, in dollars; it is replaced by any table of ``currency, period, usd``.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from serai.errors import Fault, SourceError

RATES: dict[str, pl.DataType] = {"currency": pl.String(), "period": pl.String(), "usd": pl.Float64()}
"""``period`` is a month (``2022-12``) or a year (``2022``); ``usd`` are dollars a unit of the currency buys."""
BASES = ("publisher", "same", "month", "year", "nearest", "")
"""How dollars came about: the publisher's own, the amount was in dollars, the rate of its month, of its year, of the
nearest year that has one, or not at all."""


class Rates:
    """A table of exchange rates to the dollar.

    Args:
        table: ``currency, period, usd`` and whatever else.
        source: what to cite.
        given: the source a user gave with a table put in the place of the pack's; empty where it is the pack's.
    """

    def __init__(self, table: pl.DataFrame, source: str, given: str = "") -> None:
        self.given = given
        rows = table.select(*RATES).with_columns(pl.col("period").cast(pl.String))
        self.table, self.source = table, source
        self._months = rows.filter(pl.col("period").str.len_chars() == 7)
        years = rows.filter(pl.col("period").str.len_chars() == 4)
        # A year without a rate of its own takes the median of its months.
        means = self._months.group_by("currency", pl.col("period").str.slice(0, 4)).agg(pl.col("usd").median())
        years = pl.concat([years, means.join(years, on=["currency", "period"], how="anti")])
        self._years = years.with_columns(pl.col("period").cast(pl.Int32).alias("year")).sort("year")

    def convert(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Dollars beside amounts.

        Args:
            frame: with ``value, currency, value_date`` and, where publishers give one, ``usd``.

        Returns:
            The frame with ``usd`` (null where there is no rate) and ``usd_basis``, one of :data:`BASES`.
        """
        names = frame.collect_schema().names()
        own = pl.col("usd") if "usd" in names else pl.lit(None, dtype=pl.Float64)
        foreign = pl.col("currency") != "USD"
        found = frame.join(
            self._for(frame), on=["currency", "value_date"], how="left", nulls_equal=True, maintain_order="left"
        )
        dollars = pl.coalesce(pl.when(foreign).then(own), pl.col("value") * pl.col("_rate"))
        basis = pl.when(foreign & own.is_not_null()).then(pl.lit("publisher")).otherwise(pl.col("_basis"))
        kept = [name for name in names if name != "usd"]
        return found.select(*kept, dollars.alias("usd"), basis.alias("usd_basis"))

    def _for(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The rate of every currency and day in a frame: few, where amounts are many."""
        months = self._months.lazy().rename({"usd": "_month", "period": "_period"})
        years = self._years.lazy().select("currency", pl.col("year").alias("_at"), pl.col("usd").alias("_year"))
        near = self._years.lazy().select("currency", pl.col("year").alias("_at"), pl.col("usd").alias("_near"))
        pairs = (
            frame.select("currency", "value_date")
            .unique()
            .with_columns(
                pl.col("value_date").dt.strftime("%Y-%m").alias("_period"), pl.col("value_date").dt.year().alias("_at")
            )
        )
        rated = (
            pairs.join(months, on=["currency", "_period"], how="left")
            .join(years, on=["currency", "_at"], how="left")
            .sort("_at", nulls_last=False)
            .join_asof(near.sort("_at"), on="_at", by="currency", strategy="nearest", check_sortedness=False)
        )
        same = pl.when(pl.col("currency") == "USD").then(1.0)
        basis = (
            pl.when(same.is_not_null()).then(pl.lit("same"))
            .when(pl.col("_month").is_not_null()).then(pl.lit("month"))
            .when(pl.col("_year").is_not_null()).then(pl.lit("year"))
            .when(pl.col("_near").is_not_null()).then(pl.lit("nearest"))
            .otherwise(pl.lit(""))
        )  # fmt: skip
        rate = pl.coalesce(same, "_month", "_year", "_near")
        return rated.select("currency", "value_date", rate.alias("_rate"), basis.alias("_basis"))


def read_rates(path: Path) -> pl.DataFrame:
    """A table of rates from a CSV file with the columns ``currency, period, usd``, and ``source`` where it says one.

    Raises:
        SourceError: it cannot be read, or a row of it does not hold; every row that does not is named.
    """
    try:
        raw = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        why = (isinstance(error, OSError) and error.strerror) or " ".join(str(error).split())[:100]
        why = why.removesuffix(f": {path}").partition(" (os error")[0]
        raise SourceError(f"{path}: cannot be read ({why}); give a CSV table") from error
    if missing := [name for name in RATES if name not in raw.columns]:
        raise SourceError(f"{path}: missing columns: {', '.join(missing)}; give currency, period, usd")
    if raw.is_empty():
        raise SourceError(f"{path}: no rate in it; give at least one row, or take the table away with --reset")
    table = raw.with_row_index("row", offset=2).with_columns(
        pl.col("usd").alias("given"), pl.col("usd").cast(pl.Float64, strict=False)
    )
    bad = table.filter(
        ~pl.col("currency").fill_null("").str.contains(r"^[A-Z]{3}$")
        | ~pl.col("period").fill_null("").str.contains(r"^\d{4}(-(0[1-9]|1[0-2]))?$")
        | ~(pl.col("usd") > 0).fill_null(False)
        | ~pl.col("usd").is_finite().fill_null(False)
    )
    remedy = "give a code of three letters, a year or a month, and dollars above zero"
    faults = [
        Fault(
            str(path),
            row["row"],
            " ".join(str(row[name] or "''") for name in ("currency", "period", "given")),
            "not a rate",
            remedy,
        )
        for row in bad.head(20).iter_rows(named=True)
    ]
    if faults:
        raise SourceError("\n".join(map(str, faults)))
    again = table.filter(pl.struct("currency", "period").is_duplicated())
    if again.height:
        row = again.row(0, named=True)
        raise SourceError(f"{path}:{row['row']}: two rates for {row['currency']} {row['period']}; keep one")
    return table.select(*RATES, *(["source"] if "source" in table.columns else []))


def repeated(transactions: pl.LazyFrame) -> pl.LazyFrame:
    """Rows that say the same as an earlier one of their activity: reference, type, day, amount and partner.

    Whether that is a slip or two payments alike, the file does not say; so both sums are shown.

    Returns:
        The frame with ``repeat``: true for the second and every later one of such rows.
    """
    same = ("record", "ref", "type", "date", "value", "currency", "provider_name", "receiver_name")
    names = transactions.collect_schema().names()
    key = pl.struct(*(name for name in same if name in names))
    # Rows without a reference never count as repeated: they are not looked at.
    numbered = transactions.with_row_index("_row")
    again = numbered.filter(pl.col("ref").is_not_null()).filter(~key.is_first_distinct())
    found = again.select("_row", pl.lit(True).alias("repeat"))
    joined = numbered.join(found, on="_row", how="left", maintain_order="left")
    return joined.drop("_row").with_columns(pl.col("repeat").fill_null(False))

"""Checks of a pack's activities that no single cell can fail: shares make a whole, dates are in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from serai.errors import Fault
from serai.region.tables_activities import ACTIVITY_TABLES, CORE

FILES = {table.name: table.file for table in ACTIVITY_TABLES}
TOLERANCE = 0.1
"""How far shares may miss 100 per cent by rounding, as for files that are imported."""
_OF_ACTIVITIES = tuple(
    name for name in FILES if name not in ("aid_donors", "aid_flows", "rates", "aid_organisation_budgets")
)


def activity_faults(known: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    """Everything wrong with the activities as a whole; nothing where the pack has none.

    Args:
        known: tables as text with a ``row`` column.
    """
    if any(name in known for name in _OF_ACTIVITIES):
        for name in CORE:
            if name not in known:
                yield Fault(FILES[name], None, "", "the activities lack this table", "add it")
    for name, key in (("aid_recipients", "kind"), ("aid_sectors", "vocabulary")):
        if name in known:
            yield from _share_faults(name, known[name], key)
    yield from _place_faults(known)
    yield from _tag_faults(known)
    if "rates" in known:
        numbers = [pl.col(name).cast(pl.Float64, strict=False) for name in ("low", "usd", "high")]
        outside = known["rates"].filter((numbers[0] > numbers[1]) | (numbers[2] < numbers[1]))
        for row in outside.head(20).iter_rows(named=True):
            shown = f"{row['currency']} {row['period']}: {row['usd']} of {row['low']} to {row['high']}"
            yield Fault(FILES["rates"], row["row"], shown, "a rate outside its own range", "correct one of the three")
    for name in ("aid_budgets", "aid_organisation_budgets"):
        if name in known:
            backwards = known[name].filter((pl.col("end") != "") & (pl.col("end") < pl.col("start")))
            for row in backwards.head(20).iter_rows(named=True):
                shown = f"{row['start']} to {row['end']}"
                yield Fault(FILES[name], row["row"], shown, "ends before it begins", "correct the dates")


def _place_faults(known: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    """Countries that no area has: their money would be in nobody's cells."""
    codes = set(known["areas"]["iso2"]) if "areas" in known and "iso2" in known["areas"].columns else None
    for name, column in (("aid_recipients", "code"), ("aid_organisation_budgets", "recipient")):
        if name in known and codes is not None:
            country = pl.col(column).str.contains(r"^[A-Z]{2}$") & ~pl.col(column).is_in(list(codes))
            for row in known[name].filter(country).head(20).iter_rows(named=True):
                remedy = "correct it, or give the area its iso2 in areas.csv"
                yield Fault(FILES[name], row["row"], row[column], "a country that no area has", remedy)


def _tag_faults(known: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    """Tags of goals and targets that are none: money would count as not tagged."""
    if "aid_tags" not in known:
        return
    goal, target = r"^(?:[1-9]|1[0-7])$", r"^(?:[1-9]|1[0-7])\.[0-9a-d]{1,2}$"
    is_goal, is_target = pl.col("vocabulary") == "2", pl.col("vocabulary") == "3"
    wrong = (is_goal & ~pl.col("code").str.contains(goal)) | (is_target & ~pl.col("code").str.contains(target))
    for row in known["aid_tags"].filter(wrong).head(20).iter_rows(named=True):
        what, remedy = ("goal", "give 1 to 17") if row["vocabulary"] == "2" else ("target", "give one as in 6.4 or 6.b")
        yield Fault(FILES["aid_tags"], row["row"], row["code"], f"no such {what}", remedy)


def _share_faults(name: str, rows: pl.DataFrame, key: str) -> Iterator[Fault]:
    """Shares of countries and regions are of one hundred per cent; sectors are of one hundred in each vocabulary."""
    keys = ["record"] if key == "kind" else ["record", key]
    share = pl.col("percentage").replace("", None).cast(pl.Float64, strict=False)
    sums = rows.with_columns(share.alias("share")).group_by(keys, maintain_order=True)
    found = sums.agg(
        pl.col("row").first(), pl.len(), pl.col("share").sum(), pl.col("share").null_count().alias("empty")
    )
    alone = (pl.col("len") == 1) & (pl.col("empty") == 1)
    wrong = found.filter(~alone & ((pl.col("empty") > 0) | ((pl.col("share") - 100).abs() > TOLERANCE)))
    for row in wrong.head(20).iter_rows(named=True):
        shown = f"record {row['record']}: {row['share']:g}"
        yield Fault(FILES[name], row["row"], shown, "percentages do not sum to 100", "make the shares whole")

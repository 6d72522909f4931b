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
    for name in ("aid_budgets", "aid_organisation_budgets"):
        if name in known:
            backwards = known[name].filter((pl.col("end") != "") & (pl.col("end") < pl.col("start")))
            for row in backwards.head(20).iter_rows(named=True):
                shown = f"{row['start']} to {row['end']}"
                yield Fault(FILES[name], row["row"], shown, "ends before it begins", "correct the dates")


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

"""A small region with activities, and ledgers over it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

import riverland
from serai.coordinate import Ledger
from serai.region import load_pack

RATES = [("EUR", "2022", 1.1), ("EUR", "2022-06", 1.05), ("JPY", "2022", 0.0075)]


def ledger(root: Path) -> Ledger:
    """A ledger of Riverland, with rates and nothing else of its own."""
    pack = riverland.write(root / "pack")
    (pack / "coordinate").mkdir()
    rates = pl.DataFrame(RATES, schema=["currency", "period", "usd"], orient="row")
    more = {"low": None, "high": None, "amounts": 1}
    rates.with_columns(pl.lit(value).alias(name) for name, value in more.items()).write_csv(
        pack / "coordinate/rates.csv"
    )
    return Ledger(load_pack(pack), root / "home")

"""Which shares of an activity count: sectors and regions may be given in several vocabularies, each of them a whole."""

from __future__ import annotations

import polars as pl

VOCABULARIES = ("1", "2", "10", "7", "8", "12", "98", "99")
"""Sector vocabularies in the order in which one is chosen: DAC codes, clusters, goals and targets, publishers' own."""
WHOSE = ("record", "transaction")
"""What shares belong to: an activity (transaction 0), or one of its transactions."""


def vocabulary() -> pl.Expr:
    """The vocabulary of a sector or region; the standard's first where none is named."""
    return pl.col("vocabulary").fill_null("1")


def sector_counts() -> pl.Expr:
    """Whether a sector counts: those of the first of :data:`VOCABULARIES` that is used."""
    places = {name: place for place, name in enumerate(VOCABULARIES)}
    rank = vocabulary().replace_strict(places, default=len(VOCABULARIES), return_dtype=pl.Int64)
    order = pl.format("{} {}", rank.cast(pl.String).str.zfill(2), vocabulary())
    return order == order.min().over(*WHOSE)


def is_country() -> pl.Expr:
    """Whether a recipient is a country, which shares one hundred per cent with the regions of every vocabulary."""
    return pl.col("kind") == "recipient-country"


def recipient_counts() -> pl.Expr:
    """Whether a recipient counts: countries, and the regions of one vocabulary."""
    regions = pl.when(~is_country()).then(vocabulary())
    return is_country() | (regions == regions.min().over(*WHOSE))

"""The whole matrix of world trade, where it is at hand (``SERAI_TRADE_MATRIX`` names the parquet file)."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from depend.flow_pack import kind
from serai.depend import FLOWS, Dependence, indices
from serai.region import load_pack

MATRIX = Path(os.environ.get("SERAI_TRADE_MATRIX", "none"))
pytestmark = [pytest.mark.published, pytest.mark.skipif(not MATRIX.is_file(), reason="no matrix of world trade")]


@pytest.fixture(scope="module")
def world() -> pl.DataFrame:
    texts = {"kind": "trade", "unit": "USD", "provider": "p", "nature": "E", "reported_by": "", "note": ""}
    raw = pl.read_parquet(MATRIX).filter(pl.col("sitc").cast(pl.String) == "All")
    return raw.select(
        pl.col("exp_iso3").cast(pl.String).alias("origin"), pl.col("imp_iso3").cast(pl.String).alias("destination"),
        pl.col("year").cast(pl.Int32).alias("period"), (pl.col("value_kusd") * 1000).alias("value"),
        *(pl.lit(text).alias(name) for name, text in texts.items()),
    ).select(list(FLOWS))  # fmt: skip


def test_the_world_adds_up_to_what_was_published(world: pl.DataFrame) -> None:
    found = indices(world, {"trade": kind(complete=True)}).areas
    for side in ("in", "out"):
        assert found.filter(period=2015, side=side)["total"].sum() == pytest.approx(16.36e12, rel=1e-3)


def test_single_figures_of_the_pack_give_the_shares_of_the_whole_matrix(world: pl.DataFrame) -> None:
    depend = Dependence(load_pack("central_asia"))
    whole = indices(world, {"trade": kind(complete=True)})
    keys = ["side", "area", "partner", "period"]
    both = depend.partners("trade").filter(~pl.col("missing")).join(whole.partners, on=keys, suffix="_world")
    assert both.height > 300
    assert ((both["value"] / both["value_world"] - 1).abs() < 1e-3).all()
    assert ((both["share"] - both["share_world"]).abs() < 1e-3).all()
    # What was left out of the pack lies inside the range it gives.
    index = depend.indices("trade").filter(pl.col("missing") == 0)
    joined = index.join(whole.areas, on=["side", "area", "period"], suffix="_world")
    assert (joined["hhi_low"] <= joined["hhi_world"] + 1e-6).all()
    assert (joined["hhi_world"] <= joined["hhi_high"] + 1e-6).all()

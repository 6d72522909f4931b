"""The invented register, and the shipped one."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from coordinate.register_pack import add_register
from serai.coordinate.register import Register
from serai.region import load_pack

NO_FIGURES = pl.DataFrame(
    schema={"series": pl.String, "area": pl.String, "period": pl.Int32, "value": pl.Float64, "unit": pl.String,
            "nature": pl.String, "provider": pl.String, "release": pl.Date}
)  # fmt: skip


@pytest.fixture
def register(pack_dir: Path) -> Register:
    add_register(pack_dir)
    return Register(load_pack(pack_dir), lambda: NO_FIGURES)


@pytest.fixture(scope="session")
def shipped() -> Register:
    return Register(load_pack("central_asia"), lambda: NO_FIGURES)

"""The invented register, and the shipped one."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordinate.register_pack import add_register
from serai.coordinate.register import Register
from serai.region import load_pack


@pytest.fixture
def register(pack_dir: Path) -> Register:
    add_register(pack_dir)
    return Register(load_pack(pack_dir))


@pytest.fixture(scope="session")
def shipped() -> Register:
    return Register(load_pack("central_asia"))

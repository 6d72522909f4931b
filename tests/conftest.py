"""Fixtures for all rooms."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

import riverland
import serai

# A busy machine is no reason to fail: speed is measured in benchmarks, not in tests.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


@pytest.fixture
def pack_dir(tmp_path: Path) -> Path:
    """A fresh copy of the invented region, to be broken at will."""
    return riverland.write(tmp_path / "riverland")


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> serai.Region:
    """The invented region, opened; its lake is filled when figures are first asked for."""
    root = tmp_path_factory.mktemp("riverland")
    return serai.open(riverland.write(root / "pack"), home=root / "home")

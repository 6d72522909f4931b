"""Fixtures for all rooms."""

from __future__ import annotations

from pathlib import Path

import pytest
import riverland


@pytest.fixture
def pack_dir(tmp_path: Path) -> Path:
    """A fresh copy of the invented region, to be broken at will."""
    return riverland.write(tmp_path / "riverland")

"""Fixtures for the site."""

from __future__ import annotations

from pathlib import Path

import pytest
from shown_riverland import Riverland


@pytest.fixture
def region(tmp_path: Path) -> Riverland:
    return Riverland(tmp_path)

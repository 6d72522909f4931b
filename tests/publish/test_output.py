"""What goes wrong while an output is written is told for what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from serai.errors import SourceError
from serai.publish.output import replacing


def test_a_file_that_cannot_be_read_is_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"outlines\.json cannot be read"), replacing(tmp_path / "out"):
        (tmp_path / "pack/outlines.json").read_text(encoding="utf-8")
    assert not (tmp_path / "out").exists()

"""Where the files of publishing are: its own, and those of the sections that rooms of the house publish."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path

__all__ = ["ROOT", "section_folders"]

ROOT = Path(str(resources.files("serai.publish")))


@lru_cache(maxsize=1)
def section_folders() -> tuple[Path, ...]:
    """Directories of the sections, in the order of their names: code, ``templates/``, ``locale/``, ``tables.toml``."""
    return tuple(sorted(path.parent for path in (ROOT / "sections").glob("*/__init__.py")))

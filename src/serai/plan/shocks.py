"""Shocks as data: what gives way, whom it reaches, from when to when, how far, and on what ground.

Read from ``plan/shocks.toml`` of a pack; what it may hold is in :mod:`serai.region.plan_files`.
"""

from __future__ import annotations

from pathlib import Path

from serai.errors import PackError
from serai.region.plan_files import SHOCKS as FILE
from serai.region.plan_files import Effect, Range, Shock, Told, Weight, read_shocks

__all__ = ["FILE", "Effect", "Range", "Shock", "Told", "Weight", "read"]


def read(pack: Path) -> dict[str, Shock]:
    """The shocks of a pack, by identifier; empty where there is no file.

    Raises:
        PackError: the file is no TOML or breaks its schema; every fault is named.
    """
    found, faults = read_shocks(pack)
    if faults:
        raise PackError(pack.name, faults)
    return found

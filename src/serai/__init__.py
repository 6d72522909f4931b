"""Serai: the open platform a regional SDG centre runs on.

>>> import serai
>>> region = serai.open("central_asia")           # doctest: +SKIP
>>> region.progress("statcan")                    # doctest: +SKIP

One object opens the house: :func:`open` returns a :class:`Region`; everything hangs off it.
Tables come out as polars frames with documented columns.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from serai._version import __version__
from serai.errors import (
    Fault,
    InputError,
    OutputError,
    PackError,
    SeraiError,
    SourceError,
    StoreError,
    UnknownName,
)

if TYPE_CHECKING:
    from serai.house import Region

__all__ = [
    "Fault",
    "InputError",
    "OutputError",
    "PackError",
    "Region",
    "SeraiError",
    "SourceError",
    "StoreError",
    "UnknownName",
    "__version__",
    "check_pack",
    "open",
]


def open(region: str | Path = "central_asia", *, home: str | Path | None = None) -> Region:
    """Open a region: by the name of a shipped pack or by the path of one.

    Args:
        region: name of a shipped pack, or the directory of one.
        home: where the lake and the caches live; by default ``$SERAI_HOME`` or the user's data directory.

    Returns:
        The region. Its lake is filled from the pack the first time figures are asked for.

    Raises:
        UnknownName: no such pack.
        PackError: the pack breaks its schema.
    """
    from serai.house import Region

    return Region(region, home=home)


def check_pack(path: str | Path) -> list[Fault]:
    """Everything that is wrong with a region pack; empty when it is sound.

    Raises:
        UnknownName: no such pack.
    """
    from serai.region import check_pack as check

    return check(path)


def __getattr__(name: str) -> Any:  # noqa: ANN401
    # Region is imported when it is named: polars and DuckDB would triple the start of the command line.
    if name == "Region":
        from serai.house import Region

        return Region
    raise AttributeError(f"module 'serai' has no attribute {name!r}")

"""Files of outside sources: opened, or refused in one line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from serai.errors import SourceError
from serai.observe._refuse import need_columns

__all__ = ["read_csv", "read_parquet"]


def read_parquet(path: Path, columns: Sequence[str] = ()) -> pl.DataFrame:
    """A parquet file of an outside source.

    Raises:
        SourceError: missing, unreadable or corrupt, or a column is missing.
    """
    try:
        frame = pl.read_parquet(path)
    except FileNotFoundError:
        raise SourceError(
            f"{path.name}: no such file in {path.parent}; put it there or give another directory"
        ) from None
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = " ".join(str(error).split())[:120]
        raise SourceError(
            f"{path.name}: not a readable parquet file ({reason}); copy it again from its source"
        ) from None
    need_columns(frame, columns, path.name)
    return frame


def read_csv(path: Path, columns: Sequence[str] = ()) -> pl.DataFrame:
    """A CSV file of an outside source, every cell as text, empty cells null.

    Raises:
        SourceError: missing, or not a CSV table, or a column is missing.
    """
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except FileNotFoundError:
        raise SourceError(
            f"{path.name}: no such file in {path.parent}; put it there or give another directory"
        ) from None
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:120]
        raise SourceError(f"{path.name}: not a CSV table ({reason}); save it as UTF-8 comma-separated text") from None
    need_columns(frame, columns, path.name)
    return frame

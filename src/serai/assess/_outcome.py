"""Shared parts of the method formulas: growth rates, bands, and the frame a method hands back."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

__all__ = ["OUTCOME", "band", "growth", "met", "outcome", "same_sign"]

OUTCOME: dict[str, pl.DataType] = {
    "observed_rate": pl.Float64(),
    "required_rate": pl.Float64(),
    "value": pl.Float64(),
    "class": pl.String(),
    "score": pl.Float64(),
    "reason": pl.String(),
    "remark": pl.String(),
}
"""What a method adds to a series: rates a year, the measure its cuts apply to, class, score, why not, and notes."""


def growth(early: pl.Expr, late: pl.Expr, years: pl.Expr) -> pl.Expr:
    """Compound yearly growth rate between two values of one sign: (late/early)^(1/years) - 1."""
    return (late / early).pow(1 / years) - 1


def met(value: pl.Expr, target: pl.Expr, direction: pl.Expr) -> pl.Expr:
    """Whether a value is at the target or beyond it; false where there is no target."""
    return (direction * (value - target) >= 0).fill_null(value=False)


def same_sign(early: pl.Expr, late: pl.Expr) -> pl.Expr:
    """Whether a growth rate between two values is defined (an end at zero counts as either sign)."""
    return (early != 0) & (early * late >= 0)


def band(measure: pl.Expr, cuts: Sequence[tuple[float, str]], lowest: str) -> pl.Expr:
    """The first class whose lower cut the measure reaches (``cuts`` from the best down), else ``lowest``."""
    found = pl.lit(lowest)
    for cut, name in reversed(cuts):
        found = pl.when(measure >= cut).then(pl.lit(name)).otherwise(found)
    return pl.when(measure.is_not_null() & measure.is_not_nan()).then(found)


def outcome(frame: pl.DataFrame, **columns: pl.Expr) -> pl.DataFrame:
    """The outcome columns of a method, with numbers that are not finite left empty."""
    wanted = [columns.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in OUTCOME.items()]
    frame = frame.select(wanted)
    numbers = [name for name, dtype in OUTCOME.items() if dtype == pl.Float64()]
    return frame.with_columns(pl.when(pl.col(name).is_finite()).then(pl.col(name)).alias(name) for name in numbers)

"""How much each uncertain input moves an answer: first and total order indices (Sobol' 2001) with intervals.

The answer may be a vector, such as the lead of every strategy over their mean: its indices are those of the whole
vector, variances added over its parts (Gamboa et al. 2014). Design and estimators: Saltelli et al. (2010) for the first
order, Jansen (1999) for the total; `scipy.stats.sobol_indices` gives the same figures for a single answer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import qmc

from serai.errors import InputError

Floats = npt.NDArray[np.float64]
DRAWS, LEVEL = 1000, 0.95


def design(inputs: int, n: int, *, groups: Sequence[Sequence[int]] | None = None, seed: int = 0) -> Floats:
    """Points of the unit cube at which the answer must be known.

    Args:
        inputs: number of uncertain inputs.
        n: base sample, a power of two.
        groups: positions of the inputs that are moved together, d groups; by default each input alone.
        seed: of the scrambled Sobol' sequence.

    Returns:
        Shape ``(d + 2, n, inputs)``: A, B, and for every group A with that group's columns taken from B.

    Raises:
        InputError: no input, or ``n`` is no power of two from 8 on.
    """
    if inputs < 1 or n < 8 or n & (n - 1):
        raise InputError(f"{inputs} inputs and n = {n}: give at least one input and a power of two from 8 on")
    moved = [[i] for i in range(inputs)] if groups is None else [list(group) for group in groups]
    both = qmc.Sobol(2 * inputs, scramble=True, rng=np.random.default_rng(seed)).random(n)
    points = np.repeat(both[None, :, :inputs], len(moved) + 2, axis=0)
    points[1] = both[:, inputs:]
    for place, group in enumerate(moved, 2):
        points[place][:, group] = points[1][:, group]
    return points


def indices(answers: Floats, names: Sequence[str], *, draws: int = DRAWS, seed: int = 0) -> pl.DataFrame:
    """Indices from the answers at the points of :func:`design`.

    Args:
        answers: shape ``(d + 2, n)`` or ``(d + 2, n, parts)``.
        names: of the d inputs, or groups of them.
        draws, seed: bootstrap over the n rows.

    Returns:
        One row per input, most influential first: ``input, first, first_low, first_high, total, total_low, total_high,
        variance`` (of the answer, parts added). Where the answer does not vary at all the indices are null.

    Raises:
        InputError: the shape does not fit the names; an answer is not finite.
    """
    full = answers[..., None] if answers.ndim == 2 else answers
    if full.ndim != 3 or full.shape[0] != len(names) + 2:
        raise InputError(f"answers of shape {answers.shape} for {len(names)} inputs; give (inputs + 2, n[, parts])")
    if not np.isfinite(full).all():
        raise InputError("answers: not all are finite numbers; every point of the design must be evaluated")
    full = full - full[0, 0]  # constants stay exactly 0
    full = full - full[:2].mean(axis=(0, 1))  # centred: the product of the first order then varies least
    rows = np.random.default_rng(seed).integers(0, full.shape[1], size=(draws, full.shape[1]))
    first, total, variance = _estimated(full, np.arange(full.shape[1])[None])
    drawn = _estimated(full, rows)
    edges = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    still = not np.ptp(full[:2], axis=(0, 1)).any()
    columns: dict[str, object] = {"input": list(names)}
    for name, value, sample in (("first", first, drawn[0]), ("total", total, drawn[1])):
        low, high = np.nanquantile(sample, edges, axis=0) if not still else (value[0], value[0])
        parts = {name: value[0], f"{name}_low": low, f"{name}_high": high}
        columns |= {key: [None] * len(names) if still else part for key, part in parts.items()}
    frame = pl.DataFrame({**columns, "variance": [float(variance[0])] * len(names)})
    kinds = {key: pl.Float64 for key in frame.columns if key != "input"}
    return frame.cast(kinds).sort("total", "input", descending=[True, False], nulls_last=True)  # type: ignore[arg-type]


def _estimated(full: Floats, rows: npt.NDArray[np.intp]) -> tuple[Floats, Floats, Floats]:
    """First and total indices, shape ``(draws, d)``, and the variance, for samples of the rows."""
    base, other, mixed = full[0], full[1], full[2:]
    first = (other * (mixed - base)).sum(axis=-1)
    total = 0.5 * ((base - mixed) ** 2).sum(axis=-1)
    both = full[:2].transpose(1, 0, 2)
    sums, squares = both.sum(axis=1), (both**2).sum(axis=(1, 2))
    n = rows.shape[1]
    variance = squares[rows].mean(axis=1) / 2 - ((sums[rows].mean(axis=1) / 2) ** 2).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = [np.stack([part[rows].sum(axis=1) / n for part in parts], axis=-1) for parts in (first, total)]
        return shares[0] / variance[:, None], shares[1] / variance[:, None], variance

"""Several plausible networks of dependence between a member's indicators, from its own yearly levels.

Twenty years say little about a network of fifty indicators, and published estimators disagree: lagged ones hardly
overlap with each other, contemporaneous ones do better. So the networks here are contemporaneous, sparse, kept only
where they survive drawing the years again, and several are carried through to the results, with the empty one beside
them. What an estimate of this kind cannot tell is direction: every link holds both ways.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import numpy as np

from serai.plan._lanes import Floats, Ints

REPLICATES = 50
"""Times that years are drawn again."""
PAIRS = 1.0
"""Pairs taken in each, the strongest first, as a multiple of the number of indicators."""
KEPT_IN = 0.6
"""Share of them in which a pair must be taken, with one sign, to be a link."""
BLOCK = 3
"""Years drawn together, so that what lasts from year to year stays together."""
STILL = 1e-9
"""Movement, or dependence, below this is none."""
NOISE = 1.96
"""Correlations below this over the square root of the years may be chance: the penalty of the sparse estimate."""


@dataclass(frozen=True, eq=False)
class Network:
    """A plausible network.

    Attributes:
        name: of the way it was estimated.
        A: weights, ``(N, N)``, rows origins, columns destinations; partial correlations, scaled.
        weight: how much it counts among the others; weights of a member's networks sum to 1.
        support: share of the replicates that agree, mean over its links; NaN where it has none.
    """

    name: str
    A: Floats = field(repr=False)
    weight: float
    support: float

    @property
    def links(self) -> int:
        """Number of directed links."""
        return int(np.count_nonzero(self.A))


def networks(levels: Floats, seed: int = 0) -> tuple[Network, ...]:
    """Plausible networks of the indicators of one member, all of the same weight.

    ``none``: nothing depends on anything. ``changes`` and ``trend``: shrunken partial correlations (Ledoit and Wolf
    2004) of yearly changes, and of levels around their linear trend, kept where they survive drawing the years again
    (stability selection, Meinshausen and Buhlmann 2010). ``sparse``: the graphical lasso (Friedman, Hastie and
    Tibshirani 2008) of yearly changes, its penalty at the size that chance gives a correlation of so many years.

    Args:
        levels: yearly levels, ``(years, N)``, at least five years.
        seed: of the drawing of years.
    """
    size = levels.shape[1]
    if size < 2:
        return (Network("none", np.zeros((size, size)), 1.0, float("nan")),)
    changes = np.diff(levels, axis=0)
    found = [("none", np.zeros((size, size)), float("nan"))]
    for at, (name, table) in enumerate((("changes", changes), ("trend", detrended(levels)))):
        found.append((name, *stable(table, np.random.default_rng([seed, at]))))
    found.append(("sparse", sparse(changes), float("nan")))
    return tuple(Network(name, A, 1 / len(found), support) for name, A, support in found)


def detrended(levels: Floats) -> Floats:
    """Levels around their own straight line."""
    years = np.arange(levels.shape[0], dtype=np.float64)
    line = np.polynomial.polynomial.polyfit(years, levels, 1)
    around: Floats = levels - (line[0] + np.outer(years, line[1]))
    return around


def standardised(table: Floats) -> Floats:
    """Columns of mean 0 and deviation 1; a column that never moves stays 0."""
    around = table - table.mean(axis=0)
    spread = around.std(axis=0)
    moved: Floats = np.where(spread > STILL, around / np.where(spread > STILL, spread, 1.0), 0.0)
    return moved


def partial(precision: Floats) -> Floats:
    """Partial correlations of a precision matrix, diagonal 0."""
    scale = np.sqrt(np.diag(precision))
    found: Floats = -precision / np.outer(scale, scale)
    np.fill_diagonal(found, 0.0)
    return found


def shrunk(table: Floats) -> Floats:
    """Partial correlations of a shrunken covariance."""
    from sklearn.covariance import ledoit_wolf

    return partial(np.linalg.inv(ledoit_wolf(standardised(table), assume_centered=True)[0]))


def sparse(table: Floats) -> Floats:
    """Partial correlations of the graphical lasso. Columns that never move depend on nothing."""
    from sklearn.covariance import graphical_lasso

    z = standardised(table)
    covariance = z.T @ z / len(z)
    np.fill_diagonal(covariance, 1.0)
    penalty = min(NOISE / np.sqrt(len(z)), 0.9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that is not converged to the last digit is still an estimate
        precision = graphical_lasso(covariance, alpha=penalty, max_iter=30, tol=1e-3)[1]
    found = partial(precision)
    found[np.abs(found) < STILL] = 0.0
    return (found + found.T) / 2


def stable(table: Floats, rng: np.random.Generator) -> tuple[Floats, float]:
    """Partial correlations that survive drawing blocks of years again, and the share of draws they survive."""
    size = table.shape[1]
    wanted = min(int(PAIRS * size), size * (size - 1) // 2)
    upper = np.triu_indices(size, 1)
    taken, total = np.zeros((2, upper[0].size)), np.zeros(upper[0].size)
    for _ in range(REPLICATES):
        strength = shrunk(table[drawn_years(len(table), rng)])[upper]
        strongest = np.argsort(-np.abs(strength), kind="stable")[:wanted]
        strongest = strongest[np.abs(strength[strongest]) > STILL]
        taken[(strength[strongest] > 0).astype(int), strongest] += 1
        total[strongest] += strength[strongest]
    often = taken.max(axis=0) / REPLICATES
    kept = often >= KEPT_IN
    A = np.zeros((size, size))
    A[upper[0][kept], upper[1][kept]] = total[kept] / taken.sum(axis=0)[kept]
    return A + A.T, float(often[kept].mean()) if kept.any() else float("nan")


def drawn_years(years: int, rng: np.random.Generator) -> Ints:
    """As many years as there are, drawn in blocks."""
    starts = rng.integers(0, years, -(-years // BLOCK))
    found: Ints = ((starts[:, None] + np.arange(BLOCK)) % years).ravel()[:years]
    return found

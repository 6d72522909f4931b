"""Constants of points of the network, fitted so that goods sharing routes pass there as they were observed to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.optimize import least_squares

from serai.corridor.choice import Choice
from serai.corridor.network import Floats

MOST = 300.0
"""USD a tonne that a constant may be, either way: more than any crossing costs."""
TOLERANCE = 1e-9


def fit_constants(choice: Choice, observed: Mapping[str, float]) -> dict[str, float]:
    """The constants at which as much passes each point as was observed (Train, 2009, section 2.8).

    Least squares on the logarithm of modelled over observed tonnes, all points at once. Where the goods there are to
    carry cannot reach what was observed, a constant stays at its bound (:data:`MOST`) and the residual remains.

    Args:
        choice: goods that share routes, with a point for each name.
        observed: Mt a year by point, above 0.

    Returns:
        USD a tonne by point; below 0 where more passes than costs explain.
    """
    names = sorted(observed)
    if not names:
        return {}
    freight, scale = choice.freight, 1.0 / choice.theta
    start = None

    def residual(constants: Floats) -> Floats:
        nonlocal start
        twin = choice.with_constants(dict(zip(names, constants * scale, strict=True)))
        found = twin.shares(freight.base_costs, freight.world.worth, freight.demand.value, start=start)
        start = found.volume
        through = twin.through(found)
        return np.array([np.log(max(through[name], 1e-12) / observed[name]) for name in names])

    bound = MOST / scale
    fit = least_squares(
        residual, np.zeros(len(names)), bounds=(-bound, bound), xtol=TOLERANCE, ftol=TOLERANCE, gtol=TOLERANCE,
        diff_step=1e-4,
    )  # fmt: skip
    return {name: float(value * scale) for name, value in zip(names, fit.x, strict=True)}

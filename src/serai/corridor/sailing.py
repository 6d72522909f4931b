"""Ships: how long a consignment waits for one, and how much it can load when the sea is low."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from serai.corridor.network import Floats

REGULAR = 1 / np.sqrt(12)
"""Standard deviation of the wait for a punctual service, as a share of its headway."""


def wait(headway: ArrayLike, irregularity: ArrayLike) -> Floats:
    """Mean hours until the next sailing: ``headway (1 + cv^2) / 2`` (Osuna and Newell, 1972).

    Args:
        headway: hours between sailings.
        irregularity: coefficient of variation of the headway; 0 is punctual, 1 without a schedule.
    """
    mean: Floats = np.asarray(headway) * (1.0 + np.square(irregularity)) / 2.0
    return mean


def wait_spread(headway: ArrayLike, irregularity: ArrayLike) -> Floats:
    """Standard deviation of the wait, hours: between a punctual service and one without a schedule, linearly."""
    spread: Floats = np.asarray(headway) * (REGULAR + (1.0 - REGULAR) * np.asarray(irregularity))
    return spread


def load_share(level: ArrayLike, full_level: ArrayLike, loss_per_metre: ArrayLike, deepened: ArrayLike = 0.0) -> Floats:
    """Share of a full load that a ship's draught allows at a level of the sea, from 0 to 1.

    Args:
        level: of the sea, metres.
        full_level: lowest level at which ships load fully.
        loss_per_metre: share of the load lost per metre of draught: 1 / (full draught - light draught).
        deepened: metres by which the fairway has been dredged since.
    """
    missing = np.maximum(np.asarray(full_level) - np.asarray(level) - deepened, 0.0)
    share: Floats = np.clip(1.0 - missing * np.asarray(loss_per_metre), 0.0, 1.0)
    return share

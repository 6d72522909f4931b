"""Collecting everything that is wrong with a model's input before anything is said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from serai.errors import InputError
from serai.plan._lanes import Floats

SHOWN = 5
"""So many places of a fault are named; the rest is counted."""


class Faults:
    """What is wrong so far. Places are named by the model's own names of indicators."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[str] = []

    def add(self, problem: str, remedy: str) -> None:
        """One thing wrong, and the way out."""
        self.found.append(f"{problem}; {remedy}")

    def where(self, bad: NDArray[np.bool_], what: str, names: Sequence[str], values: Floats, remedy: str) -> None:
        """Entries that are wrong, with their names and values."""
        if not bad.any():
            return
        at = np.flatnonzero(bad)
        listed = ", ".join(f"{names[i]} [{values[i]:g}]" for i in at[:SHOWN])
        more = f" and {at.size - SHOWN} more" if at.size > SHOWN else ""
        self.add(f"{what}: {listed}{more}", remedy)

    def floats(self, what: str, values: ArrayLike) -> Floats | None:
        """An own copy as doubles; ``None`` (and a fault) where that cannot be had."""
        try:
            return np.array(values, dtype=np.float64, order="C")
        except (TypeError, ValueError):
            self.add(f"{what} is no table of numbers", "give a list or array of numbers")
            return None

    def vector(self, what: str, values: ArrayLike, size: int, *, nan: bool = False) -> Floats | None:
        """A vector of ``size`` finite numbers (NaN only where it means something)."""
        array = self.floats(what, values)
        if array is None:
            return None
        if array.shape != (size,):
            self.add(f"{what} has shape {array.shape}", f"it needs ({size},): one number each, in the order of I0")
            return None
        bad = np.isinf(array) if nan else ~np.isfinite(array)
        if bad.any():
            at = np.flatnonzero(bad)
            self.add(
                f"{what} has no finite number at {', '.join(map(str, at[:SHOWN]))}{' …' if at.size > SHOWN else ''}",
                "fill the gap or leave the indicator out; nothing is imputed here",
            )
            return None
        return array

    def done(self) -> None:
        """Raise what was found, all of it.

        Raises:
            InputError: there was at least one fault.
        """
        if len(self.found) == 1:
            raise InputError(f"{self.name}: {self.found[0]}")
        if self.found:
            lines = "\n".join(f"  {fault}" for fault in self.found)
            raise InputError(f"{self.name}: {len(self.found)} faults\n{lines}")

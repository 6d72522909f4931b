"""How kernels are compiled: loops over arrays that belong to who calls them.

Counting references to arrays costs more than most loops do: an atomic step for every array that a call or a branch
passes on, and threads wait for each other at it. Kernels therefore make no arrays and count nothing; who calls them
keeps their arguments alive, in named tuples of arrays where there are many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, SupportsIndex, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])


def part(function: F) -> F:
    """Compile a part of a kernel; Python never calls it, which halves the compilation.

    It returns no array: whoever is compiled by :func:`making` would let go of one that nobody took hold of.
    """
    made: F = njit(
        cache=True, nogil=True, error_model="numpy", _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True
    )(function)
    return made


def entrance(function: F) -> F:
    """Compile a kernel that Python calls."""
    made: F = njit(cache=True, nogil=True, error_model="numpy", _nrt=False, no_cfunc_wrapper=True)(function)
    return made


@part
def at(array: NDArray[Any], place: SupportsIndex) -> Any:  # noqa: ANN401 - of whatever the array holds
    """The number at a place that is not below zero: the compiler need not ask whether it counts from the end."""
    return array[np.uint64(place)]


def making(function: F) -> F:
    """Compile a kernel that makes arrays for its parts to work on: few are, and none is called often."""
    made: F = njit(cache=True, nogil=True, error_model="numpy")(function)
    return made


def inlined(function: F) -> F:
    """Compile arithmetic into whoever calls it."""
    made: F = njit(cache=True, nogil=True, error_model="numpy", inline="always")(function)
    return made

"""Numbers in lanes: random streams, exp and log as straight arithmetic that compilers turn into vector instructions.

A *row* is one quantity of one indicator for all runs that advance together, ``(lanes,)``. Loops here touch few rows
each: the compiler checks that rows do not overlap, and gives up vectorising when there are too many to check. Nothing
is reassociated or contracted, so a run has the same bits however many lanes it travels in.

Random numbers are xoshiro256++ (Blackman and Vigna, ACM TOMS 47, 2021), one stream per seed, country and run, its state
filled by splitmix64 from the three.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from serai.kernels import inlined, part

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
ONE_BITS = np.uint64(0x3FF0000000000000)
"""Bits of 1.0: a mantissa put beside them is a number in [1, 2)."""
ROUND = 6755399441055744.0
"""1.5 x 2^52: added and taken away it rounds to a whole number, which is left in the low bits."""
LOG2E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 0.693145751953125, 1.4286068203094172e-06
LARGEST = 700.0
"""Beyond this exponents are held: exp(700) is 1e304, and what it multiplies is decided anyway."""


@intrinsic  # type: ignore[untyped-decorator]
def float_of(_context: Any, word: Any) -> Any:
    """The double whose bits these are."""

    def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.uint64), emit


@intrinsic  # type: ignore[untyped-decorator]
def bits_of(_context: Any, number: Any) -> Any:
    """The bits of a double."""

    def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.uint64(types.float64), emit


@inlined
def mixed(word: np.uint64) -> np.uint64:
    """The finaliser of splitmix64: every bit of the input turns half of the output."""
    word = (word ^ (word >> np.uint64(30))) * MIX_1
    word = (word ^ (word >> np.uint64(27))) * MIX_2
    return word ^ (word >> np.uint64(31))


@part
def seed_streams(state: Words, seed: np.uint64, key: np.uint64, first_run: int) -> None:
    """Fill ``state`` (4, lanes) for the runs from ``first_run`` of the country ``key``."""
    base = mixed(mixed(seed + GOLDEN) ^ key)
    for lane in range(state.shape[1]):
        word = mixed(base + GOLDEN * np.uint64(first_run + lane + 1))
        for quarter in range(4):
            word += GOLDEN
            state[quarter, lane] = mixed(word)


@part
def draw(state: Words, row: Floats, lanes: int) -> None:
    """The next number of each lane's stream, uniform on [0, 1) in steps of 2^-52."""
    s0, s1, s2, s3 = state[0], state[1], state[2], state[3]
    for lane in range(lanes):
        total = s0[lane] + s3[lane]
        word = ((total << np.uint64(23)) | (total >> np.uint64(41))) + s0[lane]
        row[lane] = float_of((word >> np.uint64(12)) | ONE_BITS) - 1.0
    for lane in range(lanes):
        a, b = s0[lane], s1[lane]
        c, d = s2[lane] ^ a, s3[lane] ^ b
        s0[lane] = a ^ d
        s1[lane] = b ^ c
        s2[lane] = c ^ (b << np.uint64(17))
        s3[lane] = (d << np.uint64(45)) | (d >> np.uint64(19))


@inlined
def exp_ratio(x: float) -> tuple[float, float]:
    """exp(x) as a numerator and a denominator, without a division (Cephes' rational approximation, error below 2e-16).

    Callers need exp only inside comparisons and quotients, where the denominator multiplies the other side.
    """
    x = min(max(x, -LARGEST), LARGEST)
    shifted = x * LOG2E + ROUND
    whole = shifted - ROUND
    r = x - whole * LN2_HIGH
    r = r - whole * LN2_LOW
    square = r * r
    odd = r * ((1.26177193074810590878e-4 * square + 3.02994407707441961300e-2) * square + 9.99999999999999999910e-1)
    even = (
        (3.00198505138664455042e-6 * square + 2.52448340349684104192e-3) * square + 2.27265548208155028766e-1
    ) * square + 2.0
    power = float_of((bits_of(shifted) << np.uint64(52)) + ONE_BITS)
    return power * (even + odd), even - odd


@inlined
def log_of(x: float) -> float:
    """Natural logarithm of a positive normal double, as a series in (m - 1)/(m + 1); error below 4e-16 relative."""
    word = bits_of(x)
    high = (word >> np.uint64(52)) & np.uint64(0x7FF)
    m = float_of((word & np.uint64(0x000FFFFFFFFFFFFF)) | ONE_BITS)
    exponent = np.float64(np.int64(high) - 1023)
    big = m > 1.4142135623730951
    m = m * 0.5 if big else m
    exponent = exponent + 1.0 if big else exponent
    z = (m - 1.0) / (m + 1.0)
    w = z * z
    series = 1.0 / 19.0
    for term in (17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0):
        series = series * w + 1.0 / term
    logarithm: float = exponent * LN2_HIGH + (exponent * LN2_LOW + 2.0 * z * series)
    return logarithm

"""A model of one country, in the names of the field: validated, immutable, the caller's arrays untouched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from serai.plan._build import checked
from serai.plan._lanes import Floats, Ints
from serai.plan._table import arguments

BUILT = ("I0", "alphas", "alphas_prime", "betas", "A", "R", "bs", "qm", "rl", "Imax", "Imin", "Bs", "B_dict", "G",
         "frontier", "money", "name", "indicators")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Model:
    """One country's development as policy priorities drive it (Guerrero and Castaneda; see the methods page).

    Made with :meth:`build` (arrays) or :meth:`from_table` (frames); arrays are own, read-only copies.

    Attributes:
        I0: levels at the start, ``(N,)``.
        alphas, alphas_prime: what growth adds and what a fall takes in a period, ``(N,)``, not negative.
        betas: how contributions turn into a probability of growth, ``(N,)``, per unit of ``money``.
        A: weights of dependence, ``(N, N)``, rows origins, columns destinations, diagonal zero.
        R: whether an indicator is instrumental (money is spent on it), ``(N,)``; the others are collateral.
        bs: exponents modulating the shares of the instrumental indicators, ``(n,)``.
        qm, rl: quality of monitoring and of the rule of law in [0, 1], ``(n,)``; or the position of the indicator
            whose level stands for it.
        Imax, Imin: bounds, ``(N,)``, NaN where there is none.
        Bs: money of each programme and period, ``(K, T)``, in the caller's currency.
        programmes: instrumental indicators (positions among the N) of each programme.
        G: goals, ``(N,)``, NaN where a collateral indicator has none; ``None``: first allocations are drawn.
        frontier: growth probability that nothing changes, ``(N,)``, NaN where it is endogenous; ``None``: all are.
        money: so much currency is one unit of the model's own money, in which ``betas`` are expressed.
        name: of the country; random numbers hang on it.
        indicators: names, ``(N,)``.
    """

    I0: Floats
    alphas: Floats
    alphas_prime: Floats
    betas: Floats
    A: Floats
    R: NDArray[np.bool_]
    bs: Floats
    qm: Floats | int
    rl: Floats | int
    Imax: Floats
    Imin: Floats
    Bs: Floats
    programmes: tuple[tuple[int, ...], ...]
    G: Floats | None
    frontier: Floats | None
    money: float
    name: str
    indicators: tuple[str, ...] = field(repr=False)

    @property
    def N(self) -> int:
        """Number of indicators."""
        return self.I0.size

    @property
    def T(self) -> int:
        """Number of periods."""
        return int(self.Bs.shape[1])

    @property
    def instruments(self) -> Ints:
        """Positions of the instrumental indicators, ``(n,)``."""
        return np.flatnonzero(self.R)

    @property
    def B_dict(self) -> dict[int, list[int]]:
        """Programmes of each instrumental indicator."""
        found: dict[int, list[int]] = {int(i): [] for i in self.instruments}
        for programme, members in enumerate(self.programmes):
            for i in members:
                found[i].append(programme)
        return found

    @classmethod
    def build(
        cls,
        I0: ArrayLike,
        alphas: ArrayLike,
        alphas_prime: ArrayLike,
        betas: ArrayLike,
        A: ArrayLike | None = None,
        R: ArrayLike | None = None,
        bs: ArrayLike | None = None,
        qm: ArrayLike | None = None,
        rl: ArrayLike | None = None,
        Imax: ArrayLike | None = None,
        Imin: ArrayLike | None = None,
        Bs: ArrayLike | None = None,
        B_dict: Mapping[int, Sequence[int]] | None = None,
        G: ArrayLike | None = None,
        T: int | None = None,
        frontier: ArrayLike | None = None,
        *,
        money: float | None = None,
        name: str = "model",
        indicators: Sequence[str] | None = None,
    ) -> Model:
        """A model from anything numpy can turn into arrays.

        Args:
            I0, alphas, alphas_prime, betas, A, bs, Imax, Imin, frontier: as the attributes; without ``A`` nothing
                spills over, without bounds none hold.
            R: ones and zeros; by default all indicators are instrumental.
            qm, rl: a number for all, one for each instrumental (or each) indicator, or, as an *integer*, the position
                of the indicator whose level it is; by default 0.5.
            Bs: ``(K, T)`` or ``(T,)``, one programme; by default 100 in each of ``T`` periods.
            B_dict: programmes (rows of ``Bs``, in the order of their numbers) of every instrumental indicator; by
                default all programmes serve all.
            G: goals; the first allocation then follows the gaps to them.
            T: periods where there is no ``Bs``; by default 50.
            money: currency in one unit of the model's own money; by default a hundredth of the mean budget of a
                period, so that neither the currency nor its unit matters. State it where budgets differ from
                those the parameters were calibrated under (1 for parameters calibrated with the reference package).

        Raises:
            InputError: wrong shapes, missing or infinite numbers, negative ``alphas``, no money, programmes without
                indicators, a network with loops on itself, goals below the start, no gap left, fewer than one
                instrumental indicator...; all faults at once.
        """
        given = {
            "I0": I0, "alphas": alphas, "alphas_prime": alphas_prime, "betas": betas, "A": A, "R": R, "bs": bs,
            "qm": qm, "rl": rl, "Imax": Imax, "Imin": Imin, "Bs": Bs, "B_dict": B_dict, "G": G, "T": T,
            "frontier": frontier, "money": money, "name": name, "indicators": indicators,
        }  # fmt: skip
        return cls(**checked(given))

    @classmethod
    def uncalibrated(cls, I0: ArrayLike, **parts: object) -> Model:
        """A model whose parameters :func:`serai.plan.calibrate` is still to find; ``parts`` as in :meth:`build`.

        Raises:
            InputError: as :meth:`build`.
        """
        given: dict[str, Any] = parts
        return cls.build(I0, 0.5, 0.5, 0.5, **given)

    @classmethod
    def from_table(
        cls,
        indicators: pl.DataFrame,
        links: pl.DataFrame | None = None,
        budget: pl.DataFrame | None = None,
        *,
        name: str = "model",
        money: float | None = None,
        T: int | None = None,
    ) -> Model:
        """A model from tidy tables.

        Args:
            indicators: one row each: ``indicator, I0, alpha, alpha_prime, beta``, and where they are known ``R``
                (1 or 0), ``bs, qm, rl, Imax, Imin, G, frontier`` and ``programmes`` (names separated by ``;``).
            links: ``origin, destination, weight``.
            budget: ``programme, period, value``, every programme in every period.
            name, money, T: as in :meth:`build`.

        Raises:
            InputError: a column missing or unknown, a name that is not there or there twice, and as :meth:`build`.
        """
        return cls.build(**arguments(indicators, links, budget, name), money=money, T=T)

    def replace(self, **changes: object) -> Model:
        """The same model with other parts, checked again. Its money stays: twice the budget is twice as much money.

        Raises:
            InputError: as :meth:`build`.
        """
        parts: dict[str, Any] = {name: getattr(self, name) for name in BUILT}
        if "Bs" in changes and np.asarray(changes["Bs"]).shape[:1] != self.Bs.shape[:1] and "B_dict" not in changes:
            parts["B_dict"] = None
        return Model.build(**{**parts, **changes})

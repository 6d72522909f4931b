"""Several countries side by side, links across their borders, and what shocks do to them, as the kernel takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from itertools import accumulate

import numpy as np
from numpy.typing import ArrayLike

from serai.errors import InputError
from serai.plan._faults import Faults
from serai.plan._kernel import Forcing, Law
from serai.plan._lanes import Floats, Ints
from serai.plan.model import Model


def key_of(name: str) -> np.uint64:
    """What a country's random numbers hang on: its name, so that its place among others does not matter."""
    return np.uint64(int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little"))


@dataclass(frozen=True, eq=False)
class Links:
    """Dependence across borders: positions in the stack and weights, ``(L,)`` each."""

    origin: Ints
    destination: Ints
    weight: Floats

    @classmethod
    def none(cls) -> Links:
        """No link."""
        return cls(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))


@dataclass(frozen=True, eq=False)
class Stack:
    """Models of several countries with the same periods; indicators one country after the other.

    Attributes:
        models: one a country, different names.
        links: dependence across borders; positions count through the whole stack (see :meth:`at`).

    Raises:
        InputError: no model, two of one name, different periods, a link within one country or to nowhere.
    """

    models: tuple[Model, ...]
    links: Links = field(default_factory=Links.none)

    def __post_init__(self) -> None:
        faults = Faults("stack")
        names = [model.name for model in self.models]
        if not names:
            faults.add("no model", "give at least one")
        if len(set(names)) != len(names):
            faults.add(f"two models of one name in {', '.join(names)}", "name each country once: its luck hangs on it")
        if len({model.T for model in self.models}) > 1:
            listed = ", ".join(f"{model.name} {model.T}" for model in self.models)
            faults.add(f"different numbers of periods: {listed}", "give budgets over the same periods")
        faults.done()
        self._check_links(faults)
        faults.done()

    def _check_links(self, faults: Faults) -> None:
        ends = np.stack([self.links.origin, self.links.destination])
        if self.links.weight.shape != ends[0].shape or not np.isfinite(self.links.weight).all():
            faults.add("links have no finite weight each", "give origin, destination and weight of one length")
        if ends.size and (ends.min() < 0 or ends.max() >= self.N):
            faults.add(
                f"a link from or to position {ends.max()} of {self.N}", "positions count through the stack from 0"
            )
            return
        home = self.country[ends]
        for at in np.flatnonzero(home[0] == home[1])[:3]:
            name = self.models[home[0][at]].name
            faults.add(f"link {at} stays within {name}", "dependence within a country belongs into its A")

    @property
    def N(self) -> int:
        """Number of indicators of all countries."""
        return sum(model.N for model in self.models)

    @property
    def T(self) -> int:
        """Number of periods."""
        return self.models[0].T

    @property
    def K(self) -> int:
        """Number of programmes of all countries."""
        return sum(len(model.programmes) for model in self.models)

    @cached_property
    def indicators(self) -> Ints:
        """Where each country's indicators begin and end, ``(C + 1,)``."""
        return bounds([model.N for model in self.models])

    @cached_property
    def instruments(self) -> Ints:
        """Where each country's instrumental indicators begin and end, ``(C + 1,)``."""
        return bounds([model.instruments.size for model in self.models])

    @cached_property
    def programmes(self) -> Ints:
        """Where each country's programmes begin and end, ``(C + 1,)``."""
        return bounds([len(model.programmes) for model in self.models])

    @cached_property
    def country(self) -> Ints:
        """Which country each indicator belongs to, ``(N,)``."""
        return np.repeat(np.arange(len(self.models)), np.diff(self.indicators))

    def at(self, country: str, indicator: str) -> int:
        """Position of a country's indicator in the stack.

        Raises:
            InputError: no such country or indicator.
        """
        for c, model in enumerate(self.models):
            if model.name == country and indicator in model.indicators:
                return int(self.indicators[c]) + model.indicators.index(indicator)
        raise InputError(f"the stack has no indicator {indicator} of {country}")

    def calm(self) -> Forcing:
        """No shock: full capacity, budgets and growth as they are, no shift. The arrays may be written into."""
        links, periods = self.links.weight.size, self.T
        return Forcing(
            np.ones((links, periods)),
            np.ones((self.K, periods)),
            np.ones((self.N, periods)),
            np.zeros((self.N, periods)),
        )

    def law(self, *, reference: bool = False) -> Law:
        """The arrays of the kernel; ``reference`` as in :func:`serai.plan.simulate`."""
        models = self.models
        instrument = np.full(self.N, -1, dtype=np.int64)
        indicator = np.concatenate([m.instruments + at for m, at in zip(models, self.indicators, strict=False)])
        instrument[indicator] = np.arange(indicator.size)
        members = [
            [int(instrument[i + at]) for i in programme]
            for m, at in zip(models, self.indicators, strict=False)
            for programme in m.programmes
        ]
        into, origin, weight = within(models, self.indicators)
        order = np.argsort(self.links.destination, kind="stable")
        fixed = joined([np.full(m.N, np.nan) if m.frontier is None else m.frontier for m in models])
        if reference:  # where some are given, those that are not never grow
            given = np.concatenate([np.full(m.N, m.frontier is not None) for m in models])
            fixed = np.where(np.isnan(fixed) & given, 0.0, fixed)
        return Law(
            keys=np.array([key_of(m.name) for m in models], dtype=np.uint64),
            indicators=self.indicators, instruments=self.instruments, programmes=self.programmes,
            start=joined([m.I0 for m in models]), alpha=joined([m.alphas for m in models]),
            alpha_prime=joined([m.alphas_prime for m in models]), beta=joined([m.betas for m in models]),
            floor=joined([floor(m) for m in models]), ceiling=joined([ceiling(m) for m in models]),
            fixed=fixed, instrument=instrument, indicator=indicator,
            qm=joined([number(m, m.qm) for m in models]), rl=joined([number(m, m.rl) for m in models]),
            power=joined([m.bs for m in models]),
            qm_at=joined_ints([standing(m, m.qm, at) for m, at in zip(models, self.indicators, strict=False)]),
            rl_at=joined_ints([standing(m, m.rl, at) for m, at in zip(models, self.indicators, strict=False)]),
            gap=joined([gaps(m, reference) for m in models]),
            members_start=bounds([len(one) for one in members]),
            members=np.array([i for one in members for i in one], dtype=np.int64),
            into=into, origin=origin, weight=weight,
            across_into=bounds(np.bincount(self.links.destination, minlength=self.N)),
            across_origin=np.ascontiguousarray(self.links.origin[order]),
            across_weight=np.ascontiguousarray(self.links.weight[order]), across_link=order,
            budget=np.ascontiguousarray(np.concatenate([m.Bs / (1.0 if reference else m.money) for m in models])),
            slack=np.ones(len(models)), cap=np.array([np.inf if reference else 1.0]),
        )  # fmt: skip


def bounds(sizes: ArrayLike) -> Ints:
    """Where parts of these sizes begin and end."""
    return np.array([0, *accumulate(np.asarray(sizes, dtype=np.int64).tolist())], dtype=np.int64)


def joined(parts: Sequence[Floats]) -> Floats:
    """One array of doubles."""
    return np.ascontiguousarray(np.concatenate(parts), dtype=np.float64)


def joined_ints(parts: Sequence[Ints]) -> Ints:
    """One array of positions."""
    return np.ascontiguousarray(np.concatenate(parts), dtype=np.int64)


def within(models: Sequence[Model], starts: Ints) -> tuple[Ints, Ints, Floats]:
    """Links within countries by destination: where each begins, origins, weights."""
    counts, origins, weights = [], [], []
    for model, at in zip(models, starts, strict=False):
        destination, origin = np.nonzero(model.A.T)
        counts.append(np.bincount(destination, minlength=model.N))
        origins.append(origin + at)
        weights.append(model.A[origin, destination])
    return bounds(np.concatenate(counts)), joined_ints(origins), joined(weights)


def held(model: Model) -> list[int]:
    """Indicators that stand for a quality, which stays in [0, 1]."""
    return [at for at in (model.qm, model.rl) if isinstance(at, int)]


def floor(model: Model) -> Floats:
    """Lower bounds, -inf where there is none."""
    low = np.where(np.isnan(model.Imin), -np.inf, model.Imin)
    low[held(model)] = np.maximum(low[held(model)], 0.0)
    return low


def ceiling(model: Model) -> Floats:
    """Upper bounds, inf where there is none."""
    high = np.where(np.isnan(model.Imax), np.inf, model.Imax)
    high[held(model)] = np.minimum(high[held(model)], 1.0)
    return high


def number(model: Model, quality: Floats | int) -> Floats:
    """A quality as numbers; zeros where an indicator stands for it."""
    return np.zeros(model.instruments.size) if isinstance(quality, int) else quality


def standing(model: Model, quality: Floats | int, at: int) -> Ints:
    """The indicator that stands for a quality, -1 where numbers do."""
    return np.full(model.instruments.size, at + quality if isinstance(quality, int) else -1, dtype=np.int64)


def gaps(model: Model, reference: bool) -> Floats:
    """Weights of the first allocation: gaps to the goals, NaN where they are drawn.

    The reference takes the gap of the i-th *indicator* for the i-th instrumental one.

    Raises:
        InputError: the gaps the reference takes for a programme's are all closed.
    """
    if model.G is None:
        return np.full(model.instruments.size, np.nan)
    gap = np.maximum(np.nan_to_num(model.G - model.I0), 0.0)
    if not reference:
        return gap[model.instruments]
    taken: Floats = gap[: model.instruments.size]
    place = {int(i): at for at, i in enumerate(model.instruments)}
    for k, members in enumerate(model.programmes):
        if not taken[[place[i] for i in members]].any():
            raise InputError(f"{model.name}: the reference finds no gap for programme {k}; it fails here, as it would")
    return taken

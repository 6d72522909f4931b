"""How goods choose their way: the cheapest, shared by logit, or shared as observed; and what shows which is right."""

from __future__ import annotations

from functools import cached_property

import polars as pl

from serai.corridor.choice import Choice
from serai.corridor.constants import fit_constants
from serai.corridor.demand import Demand
from serai.corridor.evidence import Evidence
from serai.corridor.facilities import facilities
from serai.corridor.freight import Costs, Freight, Solution
from serai.corridor.runs import Runner
from serai.corridor.sharing import Sharer
from serai.corridor.throughput import observed_points, throughputs
from serai.errors import InputError, UnknownName

CHEAPEST, LOGIT, FITTED = "cheapest", "logit", "fitted"
CHOICES = (FITTED, LOGIT, CHEAPEST)


class Behaviour(Evidence):
    """The goods of a pack on its network, and how they choose.

    ``cheapest``: every tonne takes the way that is cheapest at the delays all of them cause (Wardrop). ``logit``:
    routes share goods by what they cost. ``fitted``: the same, with a constant at points of
    ``corridor/throughputs.csv`` so that what was observed there in the year of the fit passes. Where the pack has
    points to fit to, ``fitted`` is meant if nothing is said, otherwise ``cheapest``.
    """

    @cached_property
    def demand(self) -> pl.DataFrame:
        """What is carried: ``corridor/demand.csv``, thousand tonnes a year between places, with range and source.

        Raises:
            InputError: the pack holds none.
        """
        if not self.pack.has("demand"):
            raise InputError(f"pack {self.pack.path.name}: there is no demand (corridor/demand.csv)")
        return self.pack.table("demand")

    @cached_property
    def freight(self) -> Freight:
        """The network as the solvers of the equilibrium read it, with the pack's demand.

        Raises:
            InputError: the pack holds no demand, or a facility that the network does not have.
        """
        return self._freight(self.demand)

    def _freight(self, demand: pl.DataFrame) -> Freight:
        names = self.pack.table("commodities")["commodity"].to_list()
        costers = {name: self.coster(name) for name in names}
        return Freight(self.net, costers, Demand.read(demand, names), facilities(self.pack, self.net))

    @cached_property
    def theta(self) -> float:
        """Of the logit, t per USD: ``choice_theta`` of ``parameters.csv``."""
        return float(self.net.numbers.values()[self.net.parameter("choice_theta")])

    @cached_property
    def _observed(self) -> pl.DataFrame:
        return self.pack.table("throughputs") if self.pack.has("throughputs") else pl.DataFrame(schema={"role": str})

    def chooses(self, choice: str | None = None) -> str:
        """How goods choose when that is asked for: a name, or what is meant when nothing is said.

        Raises:
            UnknownName: no such way to choose.
            InputError: there is nothing to fit to.
        """
        fits = bool((self._observed["role"] == FITTED).any())
        if choice is None:
            return FITTED if fits else CHEAPEST
        if choice not in CHOICES:
            raise UnknownName("choice", choice, CHOICES)
        if choice == FITTED and not fits:
            raise InputError(
                f"pack {self.pack.path.name}: no point of corridor/throughputs.csv has the role 'fitted'; "
                f"ask for {LOGIT} or {CHEAPEST}"
            )
        return choice

    def sharing(self, choice: str, *, theta: float | None = None, freight: Freight | None = None) -> Choice:
        """Goods that share routes.

        Args:
            choice: ``logit`` or ``fitted``.
            theta: t per USD; by default that of the pack.
            freight: the network, where it is another than the pack's; constants are fitted on the pack's.
        """
        spread = self.theta if theta is None else theta
        constants = self._constants(spread) if choice == FITTED else {}
        if freight is not None and freight is not self.freight:
            return Choice(freight, spread, observed_points(self.net, self._observed), constants)
        plain = self._unfitted(spread)
        return plain.with_constants(constants) if choice == FITTED else plain

    @cached_property
    def _plain(self) -> dict[float, Choice]:
        return {}

    @cached_property
    def _found(self) -> dict[float, dict[str, float]]:
        return {}

    def _unfitted(self, theta: float) -> Choice:
        if theta not in self._plain:
            self._plain[theta] = Choice(self.freight, theta, observed_points(self.net, self._observed))
        return self._plain[theta]

    @cached_property
    def _targets(self) -> dict[str, float]:
        """Mt a year by point, of the year of the fit."""
        rows = self._observed.filter(pl.col("role") == FITTED)
        return dict(rows.select("point", "observed").iter_rows()) if rows.height else {}

    def _constants(self, theta: float) -> dict[str, float]:
        if theta not in self._found:
            self._found[theta] = fit_constants(self._unfitted(theta), self._targets)
        return self._found[theta]

    def constants(self) -> pl.DataFrame:
        """What costs do not explain: USD a tonne of each fitted point, and what it was fitted to.

        Returns:
            ``point, title_en, title_ru, constant, constant_low, constant_high`` (USD a tonne, below 0 where more passes
            than costs explain; the range is of fits at the low and the high end of theta), ``fitted_to`` (Mt a year),
            ``year, source, nature``.

        Raises:
            InputError: there is nothing to fit to.
        """
        self.chooses(FITTED)
        ends = self.net.numbers.bounds()[:, self.net.parameter("choice_theta")]
        fits = [self._constants(float(theta)) for theta in (self.theta, *ends)]
        rows = []
        for row in self._observed.filter(pl.col("role") == FITTED).unique("point", maintain_order=True).to_dicts():
            found = [fit[row["point"]] for fit in fits]
            rows.append(
                {
                    **{key: row[key] for key in ("point", "title_en", "title_ru")}, "constant": found[0],
                    "constant_low": min(found), "constant_high": max(found), "fitted_to": row["observed"],
                    "year": row["year"], "source": row["source"], "nature": "M",
                }
            )  # fmt: skip
        return pl.DataFrame(rows)

    def runner(self, choice: str | None = None, *, freight: Freight | None = None) -> Runner:
        """What solves runs of a network for goods that choose so; by default of the pack's."""
        name = self.chooses(choice)
        own = self.freight if freight is None else freight
        return Runner(own) if name == CHEAPEST else Sharer(self.sharing(name, freight=own))

    def solved(
        self, choice: str, *, theta: float | None = None, costs: Costs | None = None, freight: Freight | None = None
    ) -> Solution:  # fmt: skip
        """The equilibrium of goods that choose so, in full; by default of the pack's network as it is."""
        own = self.freight if freight is None else freight
        if choice == CHEAPEST:
            return own.base if costs is None else own.solved(costs)
        at = own.base_costs if costs is None else costs
        return self.sharing(choice, theta=theta, freight=own).solution(at, own.demand.value)

    def throughput(self, *, theta: float | None = None) -> pl.DataFrame:
        """What is assigned to points of the network beside what was observed there; demand is scaled to none of it.

        Args:
            theta: of the logit; by default ``choice_theta`` of ``parameters.csv``.

        Returns:
            ``point, title_en, title_ru, year, role, source, reason, observed_mt`` and, both ways together,
            ``cheapest_mt``, ``logit_mt``, ``fitted_mt``, each with its share of the observed in ``_share``; and for
            points that were fitted to, ``without_mt``: what would pass if all but that point had been.

        Raises:
            InputError: the pack holds no observed throughput, or one of what the network does not have.
        """
        if not self.pack.has("throughputs"):
            raise InputError(f"pack {self.pack.path.name}: no throughput was observed (corridor/throughputs.csv)")
        spread = self.theta if theta is None else theta
        plain, costs, wanted = self._unfitted(spread), self.freight.base_costs, self.freight.demand.value
        solutions = {CHEAPEST: self.freight.base, LOGIT: plain.solution(costs, wanted)}
        without = {}
        if self._targets:
            solutions[FITTED] = plain.with_constants(self._constants(spread)).solution(costs, wanted)
            for point in self._targets:
                others = {name: value for name, value in self._targets.items() if name != point}
                left = plain.with_constants(fit_constants(plain, others))
                without[point] = left.through(left.base)[point]
        return throughputs(self.freight, self._observed, solutions, without)

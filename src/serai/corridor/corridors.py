"""The freight network of a region: its routes, what it carries, what closing or building costs whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import polars as pl

from serai.corridor import appraisal, hazards, projects
from serai.corridor import ensemble as ensembles
from serai.corridor.assignment import Assignment
from serai.corridor.behaviour import CHEAPEST, LOGIT, Behaviour
from serai.corridor.disruption import DAYS_A_YEAR, Outcome, disrupted, flows_before_after, shocked, undisturbed
from serai.corridor.losses import KINDS, losses
from serai.corridor.runs import Progress, Runner
from serai.corridor.scenarios import Shock
from serai.corridor.sharing import Sharer
from serai.errors import InputError, UnknownName

PROVIDER = "serai"
"""Who computed a flow."""
MOST_KEPT = 256
"""Draws of the network as it is that are kept from one scenario to the next."""


class Corridors(Behaviour):
    """The freight network of a pack, and the goods on it. All results are model output and carry ``nature = "M"``.

    Routes (:class:`serai.corridor.routes.Routes`) hang on no demand and are per consignment unit; what is assigned,
    disrupted or built here is of the tonnes a year of ``corridor/demand.csv``, which choose their way as
    :class:`serai.corridor.behaviour.Behaviour` says.

    Args:
        pack: a pack with the tables of ``corridor/``.

    Raises:
        InputError: the pack holds no network.
    """

    def assign(
        self, *, demand: pl.DataFrame | None = None, choice: str | None = None, theta: float | None = None
    ) -> Assignment:  # fmt: skip
        """Goods on the network in equilibrium: all classes at once, sharing ports, borders and lines by the tonne.

        Args:
            demand: ``from, to, commodity, value, low, high`` in thousand tonnes a year; by default the pack's.
            choice: ``fitted``, ``logit`` or ``cheapest``; by default ``logit`` where ``theta`` is given.
            theta: odds of two routes are ``exp(-theta x difference in USD a tonne)``; by default ``choice_theta`` of
                ``parameters.csv``.

        Raises:
            InputError: there is no demand, or a row of it cannot be; ``theta`` is not above 0, or given where
                everyone goes the cheapest way; nothing to fit to.
            UnknownName: a place that the network does not have; no such choice.
        """
        name = self.chooses(LOGIT if choice is None and theta is not None else choice)
        if theta is not None and name == CHEAPEST:
            raise InputError(f"theta {theta:g} is of goods that share routes; choose '{LOGIT}', or leave it out")
        freight = self.freight if demand is None else self._freight(demand)
        return Assignment(freight, self.solved(name, theta=theta, freight=freight))

    def transit(self) -> pl.DataFrame:
        """Goods carried through third countries in the equilibrium, as a table of flows of kind ``transit``.

        Returns:
            ``kind, origin, destination, period, value, unit, provider, nature, reported_by, note``: tonnes a year of
            the trade of ``origin`` carried over land through ``destination``; ``note`` says whether exports or imports.
        """
        years = self.demand.group_by("year").agg(pl.col("value").sum()).sort("value", "year")
        return self.assign().transit(period=int(years["year"][-1]), provider=PROVIDER)

    def disrupt(
        self,
        scenario: str | Shock,
        *,
        days: float | None = None,
        areas: Iterable[str] | str | None = None,
        choice: str | None = None,
        draws: int = 100,
    ) -> pl.DataFrame:
        """What a disruption costs whom: the equilibrium is solved again, and set against the network as it is.

        Args:
            scenario: one of the pack's, or a shock.
            days: how long it lasts; by default as the scenario says, a year for a shock.
            areas: those that get rows; by default the members of the region, ``"all"`` for every area.
            choice: ``fitted``, ``logit`` or ``cheapest``.
            draws: draws of demand that the ranges rest on; 0 for none.

        Returns:
            One row per area, role (``export``: goods that begin there, ``import``: that end there) and commodity, and
            one per commodity for all goods (area and role ``all``): ``tonnes`` wanted in the period,
            ``extra_cost_usd`` (generalised cost; where goods share routes, what users lose: Williams, 1977),
            ``delay_tonne_days, extra_co2_t`` of the goods that still arrive,
            ``unserved_t`` of those that do not, each with its range in ``_low`` and ``_high``; and per tonne moved
            ``extra_usd_per_t, delay_days, extra_kg_co2_per_t``.

        Raises:
            UnknownName: no such scenario, place or area.
            InputError: the pack holds no demand; a time that is not above 0; draws below 0.
        """
        name, shock, _ = self._shock(scenario)
        own = self.scenarios[name].days if isinstance(scenario, str) else getattr(scenario, "days", DAYS_A_YEAR)
        span = float(own if days is None else days)
        if not 0 < span < np.inf:
            raise InputError(f"days is {span:g}; give a number above 0")
        if draws < 0:
            raise InputError(f"draws is {draws}; give 0 or more")
        how = self.chooses(choice)
        return disrupted(self.runner(how), self._before(how, draws), name, shock, span, areas=self._shown(areas))

    def _before(self, choice: str, number: int) -> Iterable[Outcome]:
        """The network as it is, draw by draw; kept for the next scenario where that is little."""
        if number > MOST_KEPT:
            return undisturbed(self.runner(choice), number)
        kept = self._undisturbed.get(choice, [])
        if len(kept) <= number:
            kept = self._undisturbed[choice] = list(undisturbed(self.runner(choice), number))
        return kept[: number + 1]  # fewer draws are the first of more

    @cached_property
    def _undisturbed(self) -> dict[str, list[Outcome]]:
        """By how goods choose, as many draws as were asked for at most."""
        return {}

    def disrupted_flows(self, scenario: str | Shock, *, choice: str | None = None) -> pl.DataFrame:
        """Tonnes a year on each step before and after a disruption, the greatest changes first; for maps.

        Returns:
            ``kind, name, from, to, mode, gauge, area, tonnes_before, tonnes_after, tonnes_extra``.

        Raises:
            UnknownName: no such scenario, place or area.
        """
        name, costs = self.chooses(choice), shocked(self.freight, self._shock(scenario)[1])
        return flows_before_after(self.freight, self.solved(name), self.solved(name, costs=costs))

    def ensemble(
        self,
        out: Path,
        *,
        runs: int = 10_000,
        jobs: int = 1,
        scheduler: str | None = None,
        seed: int = ensembles.SEED,
        areas: Iterable[str] | str | None = None,
        built: Iterable[str] = (),
        choice: str | None = CHEAPEST,
        tell: Progress | None = None,
    ) -> None:
        """Random disruptions, each solved in equilibrium, written to a parquet file as they are solved.

        A run draws which of the hazards of ``corridor/hazards.toml`` strike, where and how hard, for how many days, and
        the demand; it is set against the undisturbed network at the same demand. Run *n* of a seed is the same in every
        ensemble. An ensemble that was interrupted is taken up where it stopped; the bytes do not depend on who solved
        what.

        Args:
            out: the file, ending in ``.parquet``; one row per run, area, role and commodity:
                ``run, days, level, events, area, role, commodity, tonnes, extra_cost_usd, delay_tonne_days,
                extra_co2_t, unserved_t, nature`` for the days of the run.
            runs: how many.
            jobs: threads.
            scheduler: address of a dask scheduler whose workers do the work instead.
            seed: of the sequence that is drawn from.
            areas: those that get rows; by default the members, ``"all"`` for every area.
            built: projects that are taken to be there; the runs of a seed meet the same hazards with and without
                them, which strike what is in use without.
            choice: ``cheapest``, in which a run takes a few milliseconds, or ``fitted`` or ``logit``, in which it takes
                about fifteen times as long.
            tell: told of ``(runs done, runs)``.

        Raises:
            UnknownName: no such area or project.
            InputError: no hazards, no demand, a number that cannot be, a scheduler that does not answer.
            PackError: ``corridor/hazards.toml`` breaks its schema.
            OutputError: the file cannot be written.
        """
        shown = self._shown(areas)
        every = sorted(set(self.net.areas.values())) if shown is None else shown
        freight, names = self.freight, list(built)
        if names:
            listed = projects.projects(self.pack, freight)
            freight = projects.built(freight, [projects.known(listed, name, self.pack.path.name) for name in names])
        how = self.chooses(choice)
        used = hazards.carrying(self.solved(how).flow)
        runner = partial(Runner, freight) if how == CHEAPEST else partial(Sharer, self.sharing(how, freight=freight))
        study = ensembles.Study(freight, hazards.read(self.pack.path), every, runner, seed=seed, used=used)
        ensembles.stream(study, out, runs, jobs=jobs, scheduler=scheduler, tell=tell)

    def criticality(
        self,
        *,
        kinds: Sequence[str] = KINDS,
        areas: Iterable[str] | str | None = None,
        choice: str | None = None,
        again: bool = False,
        jobs: int = 1,
        tell: Progress | None = None,
    ) -> pl.DataFrame:
        """Close each link, border and port that carries goods, one at a time: what it costs whom.

        Args:
            kinds: among ``link`` (both ways), ``border`` (a crossing both ways, by mode) and ``port`` (its transfers to
                and from ships and its sailings).
            areas: those that get rows; by default the members, ``"all"`` for every area.
            choice: ``fitted``, ``logit`` or ``cheapest``.
            again: of ``cheapest``: solve the equilibrium again for each; otherwise delays at facilities stay what they
                are, which is exact for costs that do not change. Where goods share routes it is always solved again.
            jobs: threads.
            tell: told of ``(elements done, elements)``.

        Returns:
            ``kind, element, area, tonnes`` (a year on its busiest step), ``extra_cost_usd`` a year of the goods that
            still arrive and ``unserved_t`` a year of the others, of the trade of the area (exports and imports); area
            ``all`` holds every tonne once. Costliest loss first.

        Raises:
            InputError: no such kind, no demand, or jobs below one.
            UnknownName: no such area.
        """
        for kind in kinds:
            if kind not in KINDS:
                raise UnknownName("kind of element", kind, KINDS)
        name = self.chooses(choice)
        base = self.solved(name)
        runner = partial(self.runner, name) if again or name != CHEAPEST else None
        return losses(self.freight, base, runner, kinds=kinds, areas=self._shown(areas), jobs=jobs, tell=tell)

    @cached_property
    def projects(self) -> pl.DataFrame:
        """What may be built: ``corridor/projects.csv``; identifiers are those that others may name.

        Raises:
            InputError: the pack holds none.
        """
        if not self.pack.has("projects"):
            raise InputError(f"pack {self.pack.path.name}: there are no projects (corridor/projects.csv)")
        return self.pack.table("projects")

    def appraise(
        self,
        project: str | None = None,
        *,
        choice: str | None = None,
        draws: int = 50,
        jobs: int = 1,
        tell: Progress | None = None,
    ) -> pl.DataFrame:
        """What projects are worth, to whom, and what they cost: the network without and with each, in equilibrium.

        Users gain by the rule of half, half of it at either end of their goods; goods grow as their whole cost falls
        (``demand_elasticity``). Present values are of ``project_years`` of benefits that grow by ``demand_growth``,
        discounted at ``discount_rate``; upkeep is not held and left out.

        Args:
            project: one of the pack's; by default all.
            choice: ``fitted``, ``logit`` or ``cheapest``.
            draws: draws of every number the network rests on, of demand, of what projects do and of their cost.
            jobs: threads.
            tell: told of ``(draws done, draws)``.

        Returns:
            One row per project and area that gains, loses or pays, one for all (``all``), and one without an area for
            costs of which nobody says where they fall: ``project, name, status, area``, a year ``benefit_usd, co2_t``
            (more than without), ``new_tonnes``; ``present_value_usd``: for ``all`` the cost at which the project breaks
            even; ``cost_usd`` (null where none is held), ``npv_usd, benefit_cost``; each with its range in ``_low`` and
            ``_high`` (5th and 95th percentile, widened to hold the value).

        Raises:
            UnknownName: no such project.
            InputError: the pack holds no projects or no demand; an effect of what the network does not have; draws or
                jobs that cannot be.
        """
        if not 0 <= draws <= 100_000:
            raise InputError(f"draws is {draws}; give 0 to 100,000")
        found = projects.projects(self.pack, self.freight)
        chosen_ = list(found.values()) if project is None else [projects.known(found, project, self.pack.path.name)]
        schema = {
            "project": pl.String,
            "area": pl.String,
            **dict.fromkeys(("cost", "cost_low", "cost_high"), pl.Float64),
        }
        paid = self.pack.table("project_costs") if self.pack.has("project_costs") else pl.DataFrame(schema=schema)
        runner = partial(self.runner, self.chooses(choice))
        return appraisal.appraised(self.freight, runner, chosen_, paid, number=draws, jobs=jobs, tell=tell)

    def _shown(self, areas: Iterable[str] | str | None) -> list[str] | None:
        if areas == "all":
            return None
        wanted = self.pack.manifest.members if areas is None else [areas] if isinstance(areas, str) else list(areas)
        for area in wanted:
            if area not in self.net.areas.values():
                raise UnknownName("area", area, set(self.net.areas.values()), f"network of {self.pack.path.name}")
        return list(wanted)

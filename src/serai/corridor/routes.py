"""Routes on the freight network of a region: route families side by side, Pareto sets, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from serai.corridor import scenarios
from serai.corridor.network import Floats, Ints, Network
from serai.corridor.numbers import Number
from serai.corridor.routing import Path, Router
from serai.corridor.scenarios import Scenario, Shock
from serai.corridor.summary import before_after, summary, totals
from serai.corridor.supernetwork import Supernetwork, build
from serai.corridor.terms import Coster, Steps, Weights
from serai.errors import InputError, UnknownName
from serai.region import Pack
from serai.region.tables_corridor import SERVICES

OPEN = ("open",)
DETOUR = 2.0
"""A family that costs more than this many times the cheapest route is no answer to a pair of places."""


class Routes:
    """The freight network of a pack. All results are model output and carry ``nature = "M"``.

    Times are from terminal to terminal: handling at both ends is not in them. Money and emissions are per consignment
    unit of the commodity. Ranges are the 5th and 95th percentile of draws of every number the route rests on (as often
    below its value as above, rarer towards its ends), the route staying the same, widened to hold the value itself:
    what is not known of the mean over many consignments. Nine of ten single consignments take between
    ``single_days_low`` and ``single_days_high``: what is not known of the mean, and the luck of the one consignment.

    Args:
        pack: a pack with the tables of ``corridor/``.

    Raises:
        InputError: the pack holds no network.
    """

    def __init__(self, pack: Pack) -> None:
        if not pack.has("links"):
            raise InputError(f"pack {pack.path.name}: there is no freight network (corridor/links.csv)")
        self.pack = pack

    @cached_property
    def net(self) -> Supernetwork:
        """The supernetwork."""
        return build(self.pack)

    @cached_property
    def steps(self) -> Steps:
        """All edges as columns."""
        return Steps.of(self.net.edges)

    @cached_property
    def _router(self) -> Router:
        return Router(self.net.graph)

    @cached_property
    def places(self) -> pl.DataFrame:
        """Places with coordinates and their origin: the table ``corridor/places.csv``."""
        return self.pack.table("places")

    @cached_property
    def families(self) -> pl.DataFrame:
        """Route families: the places each passes and the countries it stays out of."""
        return self.pack.table("families")

    def coster(self, commodity: str, *, service: str = "") -> Coster:
        """What turns terms into cost for a commodity.

        Args:
            service: how it goes by rail, ``train`` or ``wagonload``; by default as the commodity does.

        Raises:
            UnknownName: no such commodity or service.
        """
        if service not in ("", *SERVICES):
            raise UnknownName("service", service, SERVICES)
        row = self._commodity(commodity)
        name = f"value of time {commodity}"
        position = self.net.numbers.add(
            Number(
                name, row["time_value"], row["time_value_low"], row["time_value_high"], "USD per t and h",
                row["basis"], row["source"], row["year"], row["reason"],
            )
        )  # fmt: skip
        price = self.net.parameter("emissions_price")
        wagonload = (service or row["service"]) == "wagonload"
        weights = Weights(position, price, row["reliability_ratio"], row["rate_factor"], row["ship"], wagonload)
        return Coster(self.net, weights)

    def route(
        self,
        start: str,
        end: str,
        *,
        k: int = 3,
        commodity: str = "containers",
        planned: bool = False,
        service: str = "",
    ) -> pl.DataFrame:
        """The k cheapest routes by generalised cost, cheapest first.

        Args:
            start, end: places, by identifier or by name in English or Russian.
            k: routes to give at most.
            commodity: class of goods.
            planned: whether links that are planned or under construction may be used.
            service: how goods go by rail, as in :meth:`coster`.

        Returns:
            One row per route; columns as in :meth:`compare`, ``route`` being the rank.

        Raises:
            UnknownName: no such place or commodity.
            InputError: no way between the places; ``k`` below 1.
        """
        if k < 1:
            raise InputError(f"k is {k}; ask for at least one route")
        coster, (origin, target) = self.coster(commodity, service=service), self._ends(start, end)
        cost = self._cost(coster, ("open", "building", "planned") if planned else OPEN)
        paths = self._router.k_cheapest(cost, origin, target, k)
        if not paths:
            raise InputError(f"there is no way from '{start}' to '{end}' on open links; try planned ones")
        rows = [
            {"route": str(rank), **self._summary(path, commodity, service=service)}
            for rank, path in enumerate(paths, 1)
        ]
        return pl.DataFrame(rows)

    def compare(self, start: str, end: str, *, commodity: str = "containers", service: str = "") -> pl.DataFrame:
        """Route families side by side: the cheapest route of each by generalised cost.

        Args:
            start, end: places, by identifier or by name in English or Russian.
            commodity: class of goods.
            service: how goods go by rail, as in :meth:`coster`.

        Returns:
            ``family, status, km, days, money_usd, co2_t, borders, gauge_breaks, transfers, spread_days, cost_usd``, the
            range of each quantity in ``_low`` and ``_high``, that of one consignment in ``single_days_low`` and
            ``single_days_high``, ``hours_running, hours_border, hours_paper,
            hours_handling, hours_waiting`` (paper is part of border), ``unit``, ``estimated_km`` (share of the length
            that no source gives), ``via``, ``note`` and ``nature`` (``M``). A family that cannot join the places has
            nulls and says so.

        Raises:
            UnknownName: no such place or commodity.
        """
        rows = []
        for family in self.families.iter_rows(named=True):
            path = self.family_path(start, end, family["family"], commodity=commodity, service=service)
            base = {"family": family["family"], "name": family["name_en"]}
            if path is None:
                rows.append({**base, "note": "no way through the places of this family", "nature": "M"})
            else:
                rows.append({**base, **self._summary(path, commodity, service=service), "note": family["note"]})
        return pl.DataFrame(rows, infer_schema_length=None)

    def family_path(
        self, start: str, end: str, family: str, *, commodity: str = "containers", service: str = ""
    ) -> Path | None:
        """The cheapest path of a family, as positions of edges.

        Raises:
            UnknownName: no such place, family or commodity.
        """
        limits = self._limits(family)
        cost = self._cost(self.coster(commodity, service=service), limits["statuses"].split())
        return self._staged(cost, *self._ends(start, end), limits)

    def pareto(self, start: str, end: str, *, commodity: str = "containers") -> pl.DataFrame:
        """Routes that no other beats in time, money and emissions at once: those that some weights make cheapest.

        Returns:
            One row per route, quickest first; columns as in :meth:`compare`.

        Raises:
            UnknownName: no such place or commodity.
            InputError: no way between the places.
        """
        coster, (origin, target) = self.coster(commodity), self._ends(start, end)
        terms = coster.terms(self.steps, self.net.numbers.values())
        closed = ~np.isfinite(self._cost(coster, OPEN))
        three = np.array([terms.hours, terms.money, terms.emissions])
        three[:, closed] = np.inf
        paths = self._router.supported(three, origin, target)
        if not paths:
            raise InputError(f"there is no way from '{start}' to '{end}' on open links")
        totals = np.array([three[:, list(path)].sum(axis=1) for path in paths])
        best = [
            i for i, own in enumerate(totals) if not ((totals <= own).all(axis=1) & (totals < own).any(axis=1)).any()
        ]
        order = sorted(best, key=lambda i: tuple(totals[i]))
        rows = [{"route": str(n), **self._summary(paths[i], commodity)} for n, i in enumerate(order, 1)]
        return pl.DataFrame(rows)

    def legs(self, path: Path, *, commodity: str = "containers") -> pl.DataFrame:
        """The steps of a path: ``leg, kind, name, from, to, mode, gauge, area, status, km, hours, money_usd, co2_t,
        spread_hours, basis, source``; money and emissions per consignment unit."""
        kept = [position for position in path if self.net.edges[position].kind != "access"]
        edges = [self.net.edges[position] for position in kept]
        terms = self.coster(commodity).terms(Steps.of(edges), self.net.numbers.values())
        tonnes = self._commodity(commodity)["tonnes"]
        frame = pl.DataFrame(
            {
                "leg": range(1, len(edges) + 1),
                **{key: [getattr(edge, key) for edge in edges] for key in ("kind", "name")},
                "from": [edge.start for edge in edges],
                "to": [edge.end for edge in edges],
                **{key: [getattr(edge, key) for edge in edges] for key in ("mode", "gauge", "area", "status")},
                "km": terms.km,
                "hours": terms.hours,
                "money_usd": terms.money * tonnes,
                "co2_t": terms.emissions * tonnes,
                "spread_hours": terms.spread,
                **{key: [getattr(edge, key) for edge in edges] for key in ("basis", "source")},
            }
        )
        return frame.with_columns(pl.lit("M").alias("nature"))

    def assumptions(self, start: str, end: str, *, family: str, commodity: str = "containers") -> pl.DataFrame:
        """What a family's route rests on, most influential first.

        Returns:
            ``number, value, low, high, unit, basis, source, year, reason, days_swing, money_swing, cost_swing``: how
            far days, USD and generalised cost per consignment unit move when the number goes from its low to its high
            end, all others at their value.

        Raises:
            UnknownName: no such place, family or commodity.
            InputError: the family does not join the places.
        """
        path = self.family_path(start, end, family, commodity=commodity)
        if path is None:
            raise InputError(f"no way from '{start}' to '{end}' through the places of '{family}'")
        coster, tonnes = self.coster(commodity), self._commodity(commodity)["tonnes"]
        steps = Steps.of([self.net.edges[position] for position in path])
        used = np.union1d(steps.used_by(coster.weights), coster.common)
        ends = np.repeat(self.net.numbers.values()[None, None, :], used.size, axis=0).repeat(2, axis=1)
        bounds = self.net.numbers.bounds()
        for row, position in enumerate(used):
            ends[row, :, position] = bounds[:, position]
        flat = ends.reshape(-1, ends.shape[-1])
        terms = coster.terms(steps, flat)
        totals = [terms.hours.sum(-1) / 24, terms.money.sum(-1) * tonnes, coster.cost(terms, flat).sum(-1) * tonnes]
        swings = [np.ptp(total.reshape(-1, 2), axis=1) for total in totals]
        frame = self.net.numbers.table(used).with_columns(
            pl.Series(name, swing)
            for name, swing in zip(("days_swing", "money_swing", "cost_swing"), swings, strict=True)
        )
        return frame.sort("cost_swing", "number", descending=[True, False]).with_columns(pl.lit("M").alias("nature"))

    @cached_property
    def scenarios(self) -> dict[str, Scenario]:
        """Disruptions the pack describes, by identifier.

        Raises:
            PackError: ``corridor/scenarios.toml`` breaks its schema.
        """
        return scenarios.read(self.pack.path)

    def detours(
        self,
        scenario: str | Shock,
        *,
        pairs: Sequence[tuple[str, str]] | None = None,
        family: str | None = None,
        commodity: str = "containers",
    ) -> pl.DataFrame:
        """Cheapest routes before and after a disruption, per consignment unit; nothing hangs on demand.

        Everyone takes the cheapest route, so what lies on none of them shows nothing: give a family to see what happens
        to those who keep to it.

        Args:
            scenario: one of the pack's, or a shock.
            pairs: places to join; by default the scenario's hubs and gateways, both ways.
            family: keep to a route family before and after; of the default pairs, those are left out to which it is
                no answer: at more than twice the cheapest cost.
            commodity: class of goods.

        Returns:
            ``scenario, from, to, from_area, to_area`` and before, after and extra of ``days, money_usd, co2_t,
            cost_usd``; ``served`` is false where no way is left.

        Raises:
            UnknownName: no such scenario, place, area or commodity.
        """
        name, shock, own = self._shock(scenario)
        coster, tonnes = self.coster(commodity), self._commodity(commodity)["tonnes"]
        edges, values = scenarios.applied(self.net, shock)
        sides = [(self.steps, self.net.numbers.values()), (Steps.of(edges), values)]
        limits = {} if family is None else self._limits(family)
        statuses = limits.get("statuses", "open").split()
        costs = [self._cost(coster, statuses, steps=steps, values=numbers) for steps, numbers in sides]
        costs[1][scenarios.closed(self.net, shock)] = np.inf
        free = self._cost(coster, OPEN)
        rows = []
        for start, end in pairs if pairs is not None else own:
            origin, target = self._ends(start, end)
            paths = [self._staged(cost, origin, target, limits) for cost in costs]
            if paths[0] is None or (limits and pairs is None and self._detour(costs[0], free, paths[0])):
                continue
            found = [totals(coster, *side, path) for side, path in zip(sides, paths, strict=True)]
            ends = [self.net.places[node] for node in (origin, target)]
            row = {"scenario": name, "from": ends[0], "to": ends[1]}
            row |= {"from_area": self.net.areas[ends[0]], "to_area": self.net.areas[ends[1]]}
            rows.append({**row, **before_after(found, tonnes)})
        return pl.DataFrame(rows, infer_schema_length=None)

    def network(self, *, commodity: str = "containers", statuses: Iterable[str] = OPEN) -> tuple[Network, list[str]]:
        """The open network for the equilibrium solvers, and its zones (places) in order; costs in USD per tonne.

        Capacities are Mt a year; where one is known, the time of the step rises with flow as in Bureau of Public Roads
        (1964). Demand is to be given in Mt a year.
        """
        coster = self.coster(commodity)
        values = self.net.numbers.values()
        terms = coster.terms(self.steps, values)
        cost = self._cost(coster, statuses)
        kept = np.isfinite(cost)
        capacity = self.steps.capacity[kept]
        time = (values[coster.weights.time] * terms.hours)[kept]
        b = np.where(capacity > 0, values[coster.bpr[0]], 0.0)
        graph = self.net.graph
        return (
            Network.build(
                (graph.tail[kept] + 1, graph.head[kept] + 1),
                capacity=capacity, free_flow=time, b=b, power=values[coster.bpr[1]], fixed=cost[kept] - time,
                zones=len(self.net.places), first_through_node=len(self.net.places) + 1, name=self.pack.path.name,
            ),
            list(self.net.places),
        )  # fmt: skip

    # -- what the methods share -----------------------------------------------------------------------------------

    def _limits(self, family: str) -> dict[str, str]:
        known = {row["family"]: row for row in self.families.iter_rows(named=True)}
        if family not in known:
            raise UnknownName("route family", family, known)
        return {key: known[family][key] for key in ("via", "modes", "avoid", "statuses")}

    def _staged(self, cost: Floats, origin: int, target: int, limits: Mapping[str, str]) -> Path | None:
        """The cheapest path within limits: stages to pass, modes to use, areas to stay out of."""
        if not limits:
            return self._router.cheapest(cost, origin, target)
        ends = {self.net.areas[self.net.places[node]] for node in (origin, target)}
        avoided, allowed = set(limits.get("avoid", "").split()) - ends, set(limits["modes"].split())
        barred = [edge.area in avoided or not set(edge.mode.split("-")) <= allowed for edge in self.net.edges]
        stages = [self._nodes(stage.split()) for stage in limits["via"].split(";") if stage]
        return self._router.staged(np.where(barred, np.inf, cost), origin, target, stages)

    def _detour(self, cost: Floats, free: Floats, path: Path) -> bool:
        tail, head = self.net.graph.tail[path[0]], self.net.graph.head[path[-1]]
        cheapest = self._router.cheapest(free, int(tail), int(head))
        return cheapest is not None and bool(cost[list(path)].sum() > DETOUR * free[list(cheapest)].sum())

    def _cost(
        self, coster: Coster, statuses: Iterable[str], *, steps: Steps | None = None, values: Floats | None = None
    ) -> Floats:
        numbers = self.net.numbers.values() if values is None else values
        columns = self.steps if steps is None else steps
        cost = coster.cost(coster.terms(columns, numbers), numbers)
        allowed = set(statuses)
        cost[[edge.status not in allowed for edge in self.net.edges]] = np.inf
        return cost

    def _summary(self, path: Path, commodity: str, *, service: str = "") -> dict[str, Any]:
        row = self._commodity(commodity)
        return summary(self.net, self.coster(commodity, service=service), path, row["unit"], row["tonnes"])

    def _shock(self, scenario: str | Shock) -> tuple[str, Shock, list[tuple[str, str]]]:
        known = self.scenarios
        if isinstance(scenario, Shock):
            own = scenario.pairs if isinstance(scenario, Scenario) else []
            return scenario.id, scenario, own or next((one.pairs for one in known.values()), [])
        if scenario not in known:
            raise UnknownName("scenario", scenario, known, f"pack {self.pack.path.name}")
        return scenario, known[scenario].shock, known[scenario].pairs

    def _commodity(self, name: str) -> dict[str, Any]:
        known = {row["commodity"]: row for row in self.pack.table("commodities").iter_rows(named=True)}
        if name not in known:
            raise UnknownName("commodity", name, known, f"pack {self.pack.path.name}")
        return known[name]

    def _ends(self, start: str, end: str) -> tuple[int, int]:
        ends = self.place(start), self.place(end)
        if ends[0] == ends[1]:
            raise InputError(f"'{start}' and '{end}' are the same place; give two")
        return self.net.places.index(ends[0]), self.net.places.index(ends[1])

    def place(self, name: str) -> str:
        """The identifier of a place, from its identifier or its name in English or Russian.

        Raises:
            UnknownName: no such place.
        """
        wanted = name.casefold()
        for row in self.places.iter_rows(named=True):
            if wanted in (row["place"], row["name_en"].casefold(), row["name_ru"].casefold()):
                return str(row["place"])
        raise UnknownName(
            "place", name, [*self.places["place"], *self.places["name_en"]], f"pack {self.pack.path.name}"
        )

    def _nodes(self, places: Sequence[str]) -> Ints:
        wanted = set(places)
        found = [n for n, (place, mode, _, tag) in enumerate(self.net.nodes) if place in wanted and mode and not tag]
        return np.array(found, dtype=np.int64)

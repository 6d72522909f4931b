"""Freight assigned to the network: flows on steps, use of facilities, what each area's goods meet, transit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from serai.corridor.accounts import Accounts
from serai.corridor.freight import Freight, Solution
from serai.corridor.network import Floats

HOURS_A_DAY, PER_MT = 24.0, 1e6
LEAST_TONNES = 1.0
"""Flows of less are the noise of an equilibrium."""
TRANSIT = (
    "kind", "origin", "destination", "period", "value", "unit", "provider", "nature", "reported_by", "note",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Assignment:
    """Goods on the network, in equilibrium. All of it is model output.

    Attributes:
        freight: the network.
        solution: what the solver found: relative gap, searches, flows of every pair.
    """

    freight: Freight
    solution: Solution

    @cached_property
    def flows(self) -> pl.DataFrame:
        """One row per step with flow, greatest first.

        ``kind`` (link, border, transfer, sailing), ``name, from, to, mode, gauge, area, tonnes`` a year, and the
        tonnes of each class in ``tonnes_<class>``.
        """
        flow = self.solution.flow * PER_MT
        total = flow.sum(axis=0)
        edges = self.freight.net.edges
        kept = [
            at for at in np.argsort(-total, kind="stable") if total[at] >= LEAST_TONNES and edges[at].kind != "access"
        ]
        named = {
            "kind": [edges[at].kind for at in kept],
            "name": [edges[at].name for at in kept],
            "from": [edges[at].start for at in kept],
            "to": [edges[at].end for at in kept],
            **{key: [getattr(edges[at], key) for at in kept] for key in ("mode", "gauge", "area", "km")},
            "tonnes": total[kept],
        }
        classes = {f"tonnes_{name}": flow[kind, kept] for kind, name in enumerate(self.freight.demand.commodities)}
        text = dict.fromkeys(("kind", "name", "from", "to", "mode", "gauge", "area"), pl.String)
        frame = pl.DataFrame({**named, **classes}, schema_overrides=text)
        return frame.with_columns(pl.lit("M").alias("nature"))

    @cached_property
    def facilities(self) -> pl.DataFrame:
        """``facility, capacity_mt, volume_mt, used`` (share of capacity), ``hours`` lost there, busiest first."""
        solution, shared = self.solution, self.freight.shared
        frame = pl.DataFrame(
            {
                "facility": [one.name for one in shared],
                "capacity_mt": self.freight.base_costs.capacity,
                "volume_mt": solution.volume,
                "hours": solution.lost,
            },
            schema={"facility": pl.String, "capacity_mt": pl.Float64, "volume_mt": pl.Float64, "hours": pl.Float64},
        )
        used = (pl.col("volume_mt") / pl.col("capacity_mt")).alias("used")
        columns = ("facility", "capacity_mt", "volume_mt", "used", "hours")
        return (
            frame.with_columns(used, pl.lit("M").alias("nature"))
            .select(*columns, "nature")
            .sort("used", descending=True)
        )

    @cached_property
    def areas(self) -> pl.DataFrame:
        """What goods meet, by the area where they begin (``export``) or end (``import``) and by class.

        ``area, role, commodity, tonnes`` wanted, ``unserved_t``, and of what arrives ``cost_usd, co2_t`` a year and
        ``usd_per_t, days, kg_co2_per_t`` per tonne moved.
        """
        accounts = Accounts(self.freight)
        solution = self.solution
        values = np.column_stack([solution.demand, solution.unserved, solution.pairs])
        wanted, unserved, served, cost, hours, carbon = accounts.summed(values).T * PER_MT

        def per_tonne(total: Floats) -> Floats:
            rate: Floats = np.divide(total, served, out=np.full(served.size, np.nan), where=served >= LEAST_TONNES)
            return rate

        frame = accounts.keys.with_columns(
            pl.Series("tonnes", wanted), pl.Series("unserved_t", unserved), pl.Series("cost_usd", cost),
            pl.Series("co2_t", carbon), pl.Series("usd_per_t", per_tonne(cost)),
            pl.Series("days", per_tonne(hours) / HOURS_A_DAY), pl.Series("kg_co2_per_t", per_tonne(carbon) * 1000),
            pl.lit("M").alias("nature"),
        )  # fmt: skip
        return frame.filter(pl.col("tonnes") > 0).fill_nan(None)

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """``from, to, commodity, tonnes, unserved_t, usd_per_t, days, kg_co2_per_t`` of each pair of places."""
        demand, solution = self.freight.demand, self.solution
        served = solution.pairs[:, 0]
        per = np.divide(
            solution.pairs[:, 1:], served[:, None], out=np.full((served.size, 3), np.nan), where=served[:, None] > 0
        )
        return (
            pl.DataFrame(
                {
                    "from": [demand.places[at] for at in demand.origin],
                    "to": [demand.places[at] for at in demand.target],
                    "commodity": [demand.commodities[at] for at in demand.kind],
                    "tonnes": solution.demand * PER_MT,
                    "unserved_t": solution.unserved * PER_MT,
                    "usd_per_t": per[:, 0],
                    "days": per[:, 1] / HOURS_A_DAY,
                    "kg_co2_per_t": per[:, 2] * 1000,
                }
            )
            .with_columns(pl.lit("M").alias("nature"))
            .fill_nan(None)
        )

    def transit(self, *, period: int, provider: str) -> pl.DataFrame:
        """Goods carried through countries that are neither where they begin nor where they end, as a table of flows.

        ``origin`` is the area whose trade it is, ``destination`` the one it is carried through. Each tonne stands in
        two rows: as export of the area where it begins and as import of the one where it ends; ``note`` says which.
        """
        net, demand = self.freight.net, self.freight.demand
        through: dict[tuple[str, str, str], float] = {}
        for pair, own in enumerate(self.solution.paths):
            ends = [net.areas[demand.places[side[pair]]] for side in (demand.origin, demand.target)]
            for edges, amount in own:
                passed = {net.areas[place] for at in edges for place in (net.edges[at].start, net.edges[at].end)
                          if net.edges[at].mode in ("rail", "road")}  # fmt: skip
                for area in sorted(passed - set(ends)):
                    for owner, role in zip(ends, ("exports", "imports"), strict=True):
                        key = (owner, area, role)
                        through[key] = through.get(key, 0.0) + amount * PER_MT
        rows = [
            (
                "transit",
                owner,
                area,
                period,
                tonnes,
                "t",
                provider,
                "M",
                "",
                f"{role} of {owner} carried through {area}",
            )
            for (owner, area, role), tonnes in sorted(through.items())
            if tonnes >= LEAST_TONNES
        ]
        kinds = (*[pl.String] * 3, pl.Int64, pl.Float64, *[pl.String] * 5)
        return pl.DataFrame(rows, schema=dict(zip(TRANSIT, kinds, strict=True)), orient="row")

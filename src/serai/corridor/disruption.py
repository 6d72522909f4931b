"""A disruption of the freight network: the equilibrium solved again, and what that costs whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import numpy as np
import polars as pl
from scipy.stats import qmc

from serai.corridor import scenarios
from serai.corridor.accounts import Accounts
from serai.corridor.assignment import LEAST_TONNES
from serai.corridor.freight import Costs, Freight, Solution
from serai.corridor.network import Floats
from serai.corridor.runs import MEASURES, Response, Runner
from serai.corridor.scenarios import Shock
from serai.corridor.summary import RANGE

DAYS_A_YEAR = 365.0
SEED = 20260101


def shocked(freight: Freight, shock: Shock) -> Costs:
    """Costs of the network as a shock leaves them.

    Raises:
        UnknownName: a place or area that the network does not have.
    """
    edges, values = scenarios.applied(freight.net, shock)
    return freight.costs(values, freight.stepped(edges), closed=scenarios.closed(freight.net, shock))


def draws(freight: Freight, number: int, *, seed: int = SEED) -> Floats:
    """Demand at points of a Halton sequence, one dimension a class; shape ``(number, pairs)``, Mt a year."""
    classes = len(freight.demand.commodities)
    return freight.demand.drawn(qmc.Halton(classes, seed=seed).random(number))


Outcome = tuple[Floats, Floats, float]
"""A demand, what comes of it (shape ``(pairs, 4)``), and the relative gap."""


def undisturbed(runner: Runner, number: int) -> Iterator[Outcome]:
    """The network as it is, at central demand and at draws of it: every shock is set against the same."""
    freight = runner.freight
    return ((demand, *runner.before(demand)) for demand in (freight.demand.value, *draws(freight, number)))


def disrupted(
    runner: Runner, before: Iterable[Outcome], name: str, shock: Shock, days: float,
    *, areas: Collection[str] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """What a shock costs, by area, role and class of goods; see :meth:`serai.corridor.Corridors.disrupt`."""
    freight = runner.freight
    costs, accounts = shocked(freight, shock), Accounts(freight, areas)
    share = days / DAYS_A_YEAR
    sampled = []
    for demand, old, gap in before:
        new, other = runner.after(costs, demand)
        sampled.append(accounts.summed(Response(old, new, demand, max(gap, other)).measures().T) * share)
    central = sampled[0]
    low, high = np.percentile(sampled[1:] or sampled, RANGE, axis=0)
    frame = accounts.keys.select(
        pl.lit(name).alias("scenario"), pl.lit(days).alias("days"), "area", "role", "commodity"
    )
    for place, measure in enumerate(MEASURES):
        ends = {"": central, "_low": np.minimum(low, central), "_high": np.maximum(high, central)}
        frame = frame.with_columns(pl.Series(f"{measure}{end}", values[:, place]) for end, values in ends.items())
    served = pl.col("tonnes") - pl.col("unserved_t")
    known = served >= LEAST_TONNES
    per = {"extra_usd_per_t": "extra_cost_usd", "delay_days": "delay_tonne_days", "extra_kg_co2_per_t": "extra_co2_t"}
    factors = {"extra_kg_co2_per_t": 1000.0}
    frame = frame.with_columns(
        pl.when(known).then(pl.col(total) * factors.get(name_, 1.0) / served).alias(name_)
        for name_, total in per.items()
    )
    return frame.filter(pl.col("tonnes") > 0).with_columns(pl.lit("M").alias("nature"))


def flows_before_after(freight: Freight, before: Solution, after: Solution) -> pl.DataFrame:
    """Tonnes a year on each step before and after a shock; see :meth:`serai.corridor.Corridors.disrupted_flows`."""
    edges = freight.net.edges
    totals = [side.flow.sum(axis=0) * 1e6 for side in (before, after)]
    kept = [
        at for at in np.argsort(-np.abs(totals[1] - totals[0]), kind="stable")
        if max(total[at] for total in totals) >= LEAST_TONNES and edges[at].kind != "access"
    ]  # fmt: skip
    text = ("kind", "name", "from", "to", "mode", "gauge", "area")
    named = {
        **{key: [getattr(edges[at], key) for at in kept] for key in ("kind", "name", "mode", "gauge", "area")},
        "from": [edges[at].start for at in kept],
        "to": [edges[at].end for at in kept],
    }
    frame = pl.DataFrame(named, schema_overrides=dict.fromkeys(text, pl.String)).select(text)
    return frame.with_columns(
        pl.Series("tonnes_before", totals[0][kept]), pl.Series("tonnes_after", totals[1][kept]),
        pl.Series("tonnes_extra", (totals[1] - totals[0])[kept]), pl.lit("M").alias("nature"),
    )  # fmt: skip

"""``serai corridor``: freight networks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import polars as pl
from cyclopts import App, Parameter

from serai.cli._io import Output, RegionName, opened, show

app = App(name="corridor", help="Freight networks: routes, route families, disruptions, equilibrium.")

Commodity = Annotated[str, Parameter(help="Class of goods: a row of the pack's commodities.")]
NOTE = "Model output: nothing here was observed. Times are from terminal to terminal.\n"


def _shown(frame: pl.DataFrame, output: Path | None, columns: tuple[str, ...]) -> None:
    """Show a few columns on screen with ranges in one cell; a file gets them all."""
    sys.stderr.write(NOTE)
    if output is not None:
        show(frame, output)
        return
    show(frame.select(_cell(frame, name) for name in columns if name in frame.columns), None)


def _cell(frame: pl.DataFrame, name: str) -> pl.Expr:
    if f"{name}_low" not in frame.columns:
        return pl.col(name)
    places = 2 if name == "co2_t" else 0 if name in ("km", "money_usd", "cost_usd") else 1
    texts = [
        pl.col(part).round(places).cast(pl.String).str.replace(r"\.0$", "")
        for part in (name, f"{name}_low", f"{name}_high")
    ]
    value, low, high = texts
    ranged = pl.format("{} ({}..{})", value, low, high)
    return pl.when(pl.col(f"{name}_low").is_null()).then(value).otherwise(ranged).alias(name)


ROUTE = (
    "family", "route", "status", "km", "days", "money_usd", "co2_t", "borders", "gauge_breaks", "spread_days",
    "cost_usd", "via",
)  # fmt: skip


@app.command
def route(
    start: str,
    end: str,
    *,
    k: int = 3,
    commodity: Commodity = "containers",
    planned: bool = False,
    pareto: bool = False,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """The cheapest routes between two places by generalised cost, with ranges.

    Example: serai corridor route Tashkent Poti --k 5 -o routes.csv

    Parameters
    ----------
    start
        A place: its identifier, or its name in English or Russian.
    end
        A place.
    k
        Routes to give at most.
    planned
        Use links that are planned or under construction too.
    pareto
        Instead: the routes no other beats in time, money and emissions at once.
    """
    with opened(region) as house:
        corridors = house.corridors
        if pareto:
            frame = corridors.pareto(start, end, commodity=commodity)
        else:
            frame = corridors.route(start, end, k=k, commodity=commodity, planned=planned)
    _shown(frame, output, tuple(name for name in ROUTE if name != "cost_usd"))


@app.command
def compare(
    start: str,
    end: str,
    *,
    commodity: Commodity = "containers",
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Route families side by side: kilometres, days, money, emissions, borders, gauge breaks, reliability.

    Example: serai corridor compare xian duisburg -o families.csv

    Parameters
    ----------
    start
        A place: its identifier, or its name in English or Russian.
    end
        A place.
    """
    with opened(region) as house:
        frame = house.corridors.compare(start, end, commodity=commodity)
    _shown(frame, output, tuple(name for name in ROUTE if name not in ("cost_usd", "via")))


@app.command
def disrupt(
    scenario: str,
    *,
    family: str | None = None,
    commodity: Commodity = "containers",
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Cheapest routes before and after a disruption the pack describes, per consignment unit.

    Example: serai corridor disrupt northern_closed -o extra.csv

    Parameters
    ----------
    scenario
        A scenario of the pack's corridor/scenarios.toml.
    family
        Keep to a route family before and after; otherwise everyone takes the cheapest route.
    """
    with opened(region) as house:
        frame = house.corridors.disrupt(scenario, family=family, commodity=commodity)
    if output is not None:
        _shown(frame, output, ())
        return
    names = ("days_extra", "money_usd_extra", "co2_t_extra", "cost_usd_extra")
    hit = frame.filter((pl.col("cost_usd_extra").abs() > 0.005) | ~pl.col("served"))
    sys.stderr.write(f"{hit.height} of {frame.height} pairs of places pay more or are cut off; means of those:\n")
    unserved = (~pl.col("served")).sum().alias("unserved")
    means = hit.group_by("from_area", "to_area", maintain_order=True).agg(
        pl.len().alias("pairs"), *(pl.col(name).mean().round(2) for name in names), unserved
    )
    _shown(means, None, ("from_area", "to_area", "pairs", *names, "unserved"))


@app.command
def assumptions(
    start: str,
    end: str,
    family: str,
    *,
    commodity: Commodity = "containers",
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """What a family's route rests on, most influential first.

    Example: serai corridor assumptions xian duisburg middle -o assumptions.csv

    Parameters
    ----------
    start
        A place: its identifier, or its name in English or Russian.
    end
        A place.
    family
        A route family.
    """
    with opened(region) as house:
        frame = house.corridors.assumptions(start, end, family=family, commodity=commodity)
    shown = ("number", "value", "low", "high", "unit", "basis", "source", "days_swing", "money_swing", "cost_swing")
    _shown(frame.with_columns(pl.col("^.*_swing$").round(2)), output, shown)


@app.command
def residuals(*, region: RegionName = "central_asia", output: Output = None) -> None:
    """Model days against published door-to-door times that enter nothing.

    Example: serai corridor residuals -o residuals.csv
    """
    with opened(region) as house:
        frame = house.corridors.residuals()
    columns = ("journey", "from", "to", "published", "model", "residual", "inside", "source", "year")
    _shown(frame.with_columns(pl.col("residual").round(1)), output, columns)


@app.command
def equilibrium(
    net: Path,
    trips: Path,
    *,
    gap: float = 1e-6,
    toll_weight: float = 0.0,
    distance_weight: float = 0.0,
    output: Output = None,
) -> None:
    """Deterministic user equilibrium of a network in the TransportationNetworks format.

    Example: serai corridor equilibrium SiouxFalls_net.tntp SiouxFalls_trips.tntp --gap 1e-12 -o flows.csv

    Parameters
    ----------
    net
        The network: a ``_net.tntp`` file.
    trips
        The demand: a ``_trips.tntp`` file.
    gap
        Relative gap to reach.
    toll_weight
        Time units that a unit of toll counts as.
    distance_weight
        Time units that a unit of length counts as.
    """
    from serai.corridor import read_network, read_trips, user_equilibrium
    from serai.errors import InputError

    network = read_network(net, toll_weight=toll_weight, distance_weight=distance_weight)
    found = user_equilibrium(network, read_trips(trips, network.zones), gap=gap)
    lines = [
        f"objective     {found.objective:.15g}",
        f"relative gap  {found.relative_gap:.3g} after {found.iterations} searches",
    ]
    if found.unserved:
        lines.append(f"unserved      {found.unserved:g} of demand has no path")
    sys.stderr.write("\n".join(lines) + "\n")
    show(found.table(), output)
    if not found.converged:
        raise InputError(f"gap {gap:g} was not reached (it stands at {found.relative_gap:.3g}); ask for a larger one")

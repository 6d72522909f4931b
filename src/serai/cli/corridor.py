"""``serai corridor``: freight networks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
from cyclopts import App, Parameter

from serai.cli._io import Output, RegionName, opened, show
from serai.errors import InputError, UnknownName

if TYPE_CHECKING:
    from serai.corridor.scenarios import Scenario

app = App(name="corridor", help="Freight networks: routes, route families, disruptions, equilibrium.")

Commodity = Annotated[str, Parameter(help="Class of goods: a row of the pack's commodities.")]
Service = Annotated[str, Parameter(help="How it goes by rail: train or wagonload; as its class does when left out.")]
How = Annotated[
    str | None,
    Parameter(
        help="How goods choose: fitted (shared by logit, as observed at points of the network), logit (by cost alone) "
        "or cheapest (all the cheapest way); fitted where the pack has points to fit to."
    ),
]
ROUNDING = 1e-13
"""Relative gaps below this are made of rounding."""
NAMED = 5
"""Pairs without a path that are named on screen."""
NOTE = "Model output: nothing here was observed. Times are from terminal to terminal.\n"
LOW_ENDS = (
    "Money in USD and CO2 in tonnes per consignment unit. Ranges of days are of their mean; nine of ten single "
    "consignments take single_days.\n"
)


def _shown(frame: pl.DataFrame, output: Path | None, columns: tuple[str, ...], note: str = "") -> None:
    """Show a few columns on screen with ranges in one cell; a file gets them all."""
    sys.stderr.write(NOTE + note)
    if output is not None:
        show(frame, output)
        return
    there = {*frame.columns, *(name.removesuffix("_low") for name in frame.columns)}
    show(frame.select(_cell(frame, name) for name in columns if name in there), None)


def _cell(frame: pl.DataFrame, name: str) -> pl.Expr:
    if f"{name}_low" not in frame.columns:
        return pl.col(name)
    if name not in frame.columns:
        ends = [pl.col(f"{name}_{end}").round(1) for end in ("low", "high")]
        return pl.format("{}..{}", *ends).alias(name)
    places = 2 if name in ("co2_t", "benefit_cost") else 0 if name in ("km", "money_usd", "cost_usd") else 1
    texts = [
        pl.col(part).round(places).cast(pl.String).str.replace(r"\.0$", "")
        for part in (name, f"{name}_low", f"{name}_high")
    ]
    value, low, high = texts
    ranged = pl.format("{} ({}..{})", value, low, high)
    return pl.when(pl.col(f"{name}_low").is_null()).then(value).otherwise(ranged).alias(name)


ROUTE = (
    "family", "route", "status", "km", "days", "single_days", "money_usd", "co2_t", "borders", "gauge_breaks",
    "spread_days", "cost_usd", "via",
)  # fmt: skip


@app.command
def route(
    start: str,
    end: str,
    *,
    k: int = 3,
    commodity: Commodity = "containers",
    service: Service = "",
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
        if pareto and service:
            raise InputError("--pareto shows goods as their class goes; leave --service out")
        if pareto:
            frame = corridors.pareto(start, end, commodity=commodity)
        else:
            frame = corridors.route(start, end, k=k, commodity=commodity, planned=planned, service=service)
    _shown(frame, output, tuple(name for name in ROUTE if name != "cost_usd"), LOW_ENDS)


@app.command
def compare(
    start: str,
    end: str,
    *,
    commodity: Commodity = "containers",
    service: Service = "",
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
        frame = house.corridors.compare(start, end, commodity=commodity, service=service)
    if "km" not in frame.columns:
        raise InputError(f"no route family joins '{start}' and '{end}'; see serai corridor route")
    _shown(frame, output, tuple(name for name in ROUTE if name not in ("cost_usd", "via")), LOW_ENDS)


DISRUPTED = (
    "area", "role", "commodity", "tonnes", "extra_cost_usd", "extra_usd_per_t", "delay_days", "extra_co2_t",
    "unserved_t",
)  # fmt: skip
ASSIGNED = ("area", "role", "commodity", "tonnes", "unserved_t", "usd_per_t", "days", "kg_co2_per_t")
FLOWS = ("tonnes_before", "tonnes_after", "tonnes_extra")
STEPS = ("kind", "from", "to", "mode", "gauge", "area", "tonnes")


def _scenario(name: str) -> str | Scenario:
    """A scenario of the pack by its name, or one of a file."""
    from serai.corridor.scenarios import read_file

    file, suffix, wanted = name.partition(".toml")
    if not suffix and "/" not in name:
        return name
    if not suffix:
        raise InputError(f"'{name}' is no file of scenarios; its name ends in .toml")
    found = read_file(Path(f"{file}.toml"))
    wanted = wanted.removeprefix(":")
    if not wanted and len(found) > 1:
        raise InputError(
            f"{file}.toml holds several scenarios: {', '.join(found)}; give one as {file}.toml:{next(iter(found))}"
        )
    if wanted and wanted not in found:
        raise UnknownName("scenario", wanted, found, f"{file}.toml")
    return found[wanted] if wanted else next(iter(found.values()))


def _rounded(frame: pl.DataFrame) -> pl.DataFrame:
    """Whole tonnes and dollars, two decimals a tonne: enough for a screen, and ranges fit one cell."""
    whole = "^(tonnes|extra_cost_usd|extra_co2_t|unserved_t)(_low|_high)?$"
    return frame.with_columns(pl.col(whole).round(0).cast(pl.Int64), pl.col("^.*_per_t$", "delay_days").round(2))


@app.command
def assign(
    *,
    choice: How = None,
    theta: float | None = None,
    steps: bool = False,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Goods on the network in equilibrium: what each area's trade meets, or flows on every step.

    Example: serai corridor assign --steps -o flows.csv

    Parameters
    ----------
    theta
        Of goods that share routes: odds are exp(-theta x difference in USD a tonne); as in parameters.csv when left
        out.
    steps
        Instead: tonnes on each link, border, transfer and sailing.
    """
    with opened(region) as house:
        found = house.corridors.assign(choice=choice, theta=theta)
        frame = found.flows if steps else found.areas
    sys.stderr.write(f"relative gap {found.solution.relative_gap:.1g} after {found.solution.searches} rounds\n")
    _shown(frame, output, STEPS if steps else ASSIGNED)


@app.command
def demand(*, region: RegionName = "central_asia", output: Output = None) -> None:
    """What is carried between places, thousand tonnes a year, each row derived from a named source.

    Example: serai corridor demand -o demand.csv
    """
    with opened(region) as house:
        frame = house.corridors.demand
    show(frame if output is not None else frame.sort("value", descending=True), output)


@app.command
def throughput(*, theta: float | None = None, region: RegionName = "central_asia", output: Output = None) -> None:
    """What is assigned to points of the network beside what was observed there; demand is scaled to none of it.

    Example: serai corridor throughput -o throughput.csv

    Parameters
    ----------
    theta
        Odds of two routes are exp(-theta x difference in USD a tonne); as in parameters.csv when left out.
    """
    with opened(region) as house:
        frame = house.corridors.throughput(theta=theta)
    columns = ("point", "year", "role", "observed_mt", "cheapest_mt", "logit_mt", "fitted_mt", "without_mt", "source")
    shown = tuple(name for name in columns if name in frame.columns)
    note = "Fitted: a constant at each point of that role. Without: fitted to all of them but this one.\n"
    _shown(frame, output, shown, note if "fitted_mt" in frame.columns else "")


@app.command
def constants(*, region: RegionName = "central_asia", output: Output = None) -> None:
    """What costs do not explain: USD a tonne of each point that goods are fitted to, and what to.

    Example: serai corridor constants -o constants.csv
    """
    with opened(region) as house:
        frame = house.corridors.constants()
    columns = ("point", "title_en", "constant", "constant_low", "constant_high", "fitted_to", "year", "source")
    _shown(frame, output, columns, "USD a tonne; below 0 where more passes than costs explain. Fitted to Mt a year.\n")


@app.command
def transit(*, region: RegionName = "central_asia", output: Output = None) -> None:
    """Goods carried through third countries, as a table of flows.

    Example: serai corridor transit -o transit.csv
    """
    with opened(region) as house:
        frame = house.corridors.transit()
    columns = ("kind", "origin", "destination", "period", "value", "unit", "note")
    _shown(frame.sort("value", descending=True), output, columns)


@app.command
def disrupt(
    scenario: str,
    *,
    days: float | None = None,
    flows: bool = False,
    routes: bool = False,
    family: str | None = None,
    commodity: Commodity = "containers",
    choice: How = None,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """What a disruption costs each member by class of goods; the equilibrium is solved again.

    Example: serai corridor disrupt northern_closed -o extra.csv

    Parameters
    ----------
    scenario
        A scenario of the pack's corridor/scenarios.toml, or a file written like it: its scenario, or one of several as
        FILE.toml:ID.
    days
        How long it lasts; as the scenario says when left out.
    flows
        Instead: tonnes a year on each step before and after, the greatest changes first.
    routes
        Instead: the cheapest routes between places before and after, per consignment unit; nothing hangs on demand.
    family
        With --routes: keep to a route family before and after; otherwise everyone takes the cheapest route.
    commodity
        With --routes: class of goods.
    """
    if family is not None and not routes:
        raise InputError("--family keeps routes to a family; add --routes, or leave it out")
    with opened(region) as house:
        if flows:
            _shown(house.corridors.disrupted_flows(_scenario(scenario), choice=choice), output, (*STEPS[:-1], *FLOWS))
            return
        if not routes:
            frame = house.corridors.disrupt(_scenario(scenario), days=days, choice=choice)
            _shown(frame if output is not None else _rounded(frame), output, DISRUPTED)
            return
        frame = house.corridors.detours(_scenario(scenario), family=family, commodity=commodity)
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
def appraise(
    project: str | None = None,
    *,
    draws: int = 50,
    areas: bool = False,
    choice: How = None,
    jobs: int = 1,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """What projects are worth, to whom, and what they cost: the network without and with each, in equilibrium.

    Example: serai corridor appraise cku -o cku.csv

    Parameters
    ----------
    project
        A project of the pack; all of them when left out.
    draws
        Draws of every assumption that the ranges rest on.
    areas
        Show who gains and who pays, area by area; a file always holds it.
    jobs
        Threads.
    """
    if draws < 1:
        raise InputError(f"--draws {draws}: ranges rest on draws; give at least 1")
    with opened(region) as house:
        tell = house.tell
        frame = house.corridors.appraise(
            project, choice=choice, draws=draws, jobs=jobs, tell=lambda done, total: tell("draws", done, total)
        )
    if output is not None:
        _shown(frame, output, ())
        return
    one = areas or project is not None
    shown = frame if one else frame.filter(pl.col("area") == "all")
    money = "^(benefit|present_value|cost|npv)_usd(_low|_high)?$"
    shown = shown.with_columns((pl.col(money) / 1e6).round(1), pl.col("^benefit_cost.*$").round(2),
                               pl.col("^co2_t.*$").round(0).cast(pl.Int64))  # fmt: skip
    shown = shown.rename(lambda name: name.replace("_usd", "_musd"))
    columns = (
        "project",
        "area",
        "benefit_musd",
        "co2_t",
        "present_value_musd",
        "cost_musd",
        "npv_musd",
        "benefit_cost",
    )
    note = (
        "USD m and tonnes a year, but present value, cost and npv: USD m in all. An empty area: nobody is named. "
        f"Ranges rest on {draws} draws.\n"
    )
    _shown(shown, None, columns, note)


@app.command
def criticality(
    *,
    area: str | None = None,
    kind: list[str] | None = None,
    choice: How = None,
    again: bool = False,
    jobs: int = 1,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """What the loss of each link, border and port in use costs each member, costliest first.

    Example: serai corridor criticality --kind border -o borders.csv

    Parameters
    ----------
    area
        Show the trade of this area alone; all goods together when left out. A file holds every member.
    kind
        link, border or port; all three when left out.
    again
        With --choice cheapest: solve the equilibrium again for each, where delays would stay what they are. Goods that
        share routes are always solved again.
    jobs
        Threads.
    """
    with opened(region) as house:
        kinds = tuple(kind) if kind else ("link", "border", "port")
        tell = house.tell
        frame = house.corridors.criticality(
            kinds=kinds, areas=area, choice=choice, again=again, jobs=jobs,
            tell=lambda done, total: tell("elements", done, total),
        )  # fmt: skip
    if output is None:
        frame = frame.filter(pl.col("area") == (area or "all")).with_columns(
            pl.col("tonnes", "extra_cost_usd", "unserved_t").round(0).cast(pl.Int64)
        )
        frame = frame.sort("extra_cost_usd", "unserved_t", descending=True, maintain_order=True)
    _shown(
        frame, output, ("kind", "element", "area", "tonnes", "extra_cost_usd", "unserved_t"), "USD and tonnes a year.\n"
    )


@app.command
def ensemble(
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"], help="File to write, ending in .parquet.")],
    runs: int = 10_000,
    jobs: int = 1,
    scheduler: str | None = None,
    seed: int = 20260101,
    built: list[str] | None = None,
    choice: How = "cheapest",
    region: RegionName = "central_asia",
) -> None:
    """Random disruptions by the thousand, each solved in equilibrium, streamed to a file; interrupted ones go on.

    Example: serai corridor ensemble --runs 10000 -o runs.parquet --jobs 2

    Parameters
    ----------
    runs
        How many disruptions to draw.
    jobs
        Threads on this machine.
    scheduler
        Address of a dask scheduler (host:port) whose workers do the work instead; the bytes are the same.
    seed
        Of the sequence that is drawn from: run n of a seed is always the same.
    built
        A project taken to be there; may be given several times.
    """
    from serai.corridor.ensemble import summary

    with opened(region) as house:
        tell = house.tell
        house.corridors.ensemble(
            output, runs=runs, jobs=jobs, scheduler=scheduler, seed=seed, built=built or (), choice=choice,
            tell=lambda done, total: tell("runs", done, total),
        )  # fmt: skip
    frame = summary(output).filter(pl.col("measure").is_in(["extra_cost_usd", "unserved_t"]))
    _shown(frame, None, ("area", "role", "commodity", "measure", "mean", "p50", "p90", "p99", "most"))
    sys.stderr.write(f"{runs:,} runs written to {output}\n")


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
    """Model against what was published: travel times that enter nothing, prices, and volumes of years after the fit.

    Example: serai corridor residuals -o residuals.csv

    Parameters
    ----------
    output
        All kinds in one table, told apart by ``kind``.
    """
    with opened(region) as house:
        times, split = house.corridors.residuals(), house.corridors.split()
        prices = house.corridors.prices() if house.corridors.pack.has("prices") else pl.DataFrame()
    if output is not None:
        kinds = [
            times.with_columns(pl.lit("days").alias("kind")),
            *([prices.with_columns(pl.lit("price").alias("kind"))] if prices.height else []),
            split.table.with_columns(pl.lit("volume").alias("kind")),
        ]
        both = pl.concat(kinds, how="diagonal")
        _shown(both.select("kind", pl.exclude("kind")), output, ())
        return
    columns = ("journey", "service", "moved", "published", "model", "single", "residual", "inside", "inside_single",
               "source", "year")  # fmt: skip
    _shown(times.with_columns(pl.col("residual").round(1)), None, columns)
    for (service,), own in times.group_by("service", maintain_order=True):
        if isinstance(error := own["residual"].abs().mean(), float):
            inside = f"{own['inside_single'].sum()} in the range of one consignment"
            sys.stderr.write(f"{service}: mean absolute error {error:.1f} days over {own.height}, {inside}\n")
    if prices.height:
        sys.stderr.write("\nPrices of a consignment unit, USD; those used gave the model a number\n")
        rounded = prices.with_columns(pl.col("published", "residual").round(0), pl.col("ratio").round(2))
        _shown(
            rounded,
            None,
            ("price", "said", "used", "published", "model", "residual", "ratio", "inside", "source", "year"),
        )
    sys.stderr.write("\nVolumes: fitted, then predicted for years the fit has not seen\n")
    volumes = split.table.with_columns(pl.col("published", "residual", "no_change").round(0))
    _shown(volumes, None, ("phase", "route", "year", "unit", "published", "model", "residual", "no_change", "inside"))
    sys.stderr.write("\nWhat was calibrated to what\n")
    _shown(split.fitted.with_columns(pl.col("value").round(4)), None, tuple(split.fitted.columns))


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

    network = read_network(net, toll_weight=toll_weight, distance_weight=distance_weight)
    demand = read_trips(trips, network.zones)
    found = user_equilibrium(network, demand, gap=gap)
    lines = [
        f"objective     {found.objective:.15g}",
        f"relative gap  {found.relative_gap:.3g} after {found.iterations} searches",
    ]
    if within := float(demand.trace()):
        lines.append(f"within zones  {within:g} of demand stays in its zone and is not routed")
    if found.unserved:
        named = ", ".join(f"{origin} -> {target}" for origin, target in found.cut_off[:NAMED])
        more = f" and {len(found.cut_off) - NAMED} more" if len(found.cut_off) > NAMED else ""
        lines.append(f"unserved      {found.unserved:g} of demand has no path: {named}{more}")
    if parallel := network.parallel():
        named = ", ".join(f"{tail} -> {head}" for tail, head in parallel[:NAMED])
        more = f" and {len(parallel) - NAMED} more" if len(parallel) > NAMED else ""
        lines.append(f"parallel      more than one link, each counted by itself: {named}{more}")
    sys.stderr.write("\n".join(lines) + "\n")
    show(found.table(), output)
    if not found.converged:
        raise InputError(
            f"gap {gap:g} was not reached: the flows given have {found.relative_gap:.3g}"
            + (", where the rounding of double precision ends all progress" if found.relative_gap < ROUNDING else "")
            + "; ask for a larger gap"
        )

"""``serai depend``: who depends on whom, and what follows when something gives way."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
from cyclopts import App, Parameter

from serai.cli._io import Output, RegionName, opened, show
from serai.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serai.region.flow_kinds import Kind as FlowKind

app = App(name="depend", help="Who depends on whom for what, and what follows when something gives way.")

MODEL = "Model output: nothing here was observed. Losses are positive, gains negative.\n"
PERCENT = 100.0
Kind = Annotated[str | None, Parameter(help="A kind of flow; all when left out.")]


def _fragments(kinds: Iterable[FlowKind]) -> dict[str, str]:
    """A line for every kind of which only a fragment is at hand."""
    return {kind.id: f"{kind.id}: {kind.partial['en']}\n" for kind in kinds if kind.partial}


def _number(column: pl.Expr, places: int) -> pl.Expr:
    """A number as short as it can be read."""
    size = column.abs()
    texts = [(column / unit).round(2).cast(pl.String) + sign for unit, sign in ((1e9, " bn"), (1e6, " m"))]
    whole = column.round(0).cast(pl.Int64, strict=False).cast(pl.String)
    small = column.round(places).cast(pl.String)
    return (
        pl.when(size >= 1e9)
        .then(texts[0])
        .when(size >= 1e6)
        .then(texts[1])
        .when(size >= 1e3)
        .then(whole)
        .otherwise(small)
    )


def _range(low: str, value: str, high: str, name: str, *, scale: float = 1.0, places: int = 1) -> pl.Expr:
    """A range in one cell: the value and its ends, one number where they meet."""
    ends = [_number(pl.col(part) * scale, places) for part in (low, high)]
    middle = _number(pl.col(value) * scale, places).fill_null("?")
    same = ends[0] == ends[1]
    cell = pl.when(same).then(middle).otherwise(pl.format("{} ({}..{})", middle, ends[0], ends[1].fill_null("?")))
    return pl.when(pl.col(low).is_null()).then(pl.lit("")).otherwise(cell).alias(name)


@app.default
def overview(*, kind: Kind = None, region: RegionName = "central_asia", output: Output = None) -> None:
    """Every member and kind of flow in its latest year: total, concentration, largest partner, reciprocity.

    Shares are per cent; a range shows where reports disagree or a pair is missing.

    Example: serai depend --kind remittances
    """
    with opened(region) as house:
        frame, notes = house.dependence.latest(kind), _fragments(house.dependence.kinds.values())
    held = set(frame["kind"])
    sys.stderr.writelines(line for name, line in notes.items() if name in held)
    if output is not None:
        show(frame, output)
        return
    remark = pl.when("excess").then(pl.lit("pairs exceed their total")).otherwise("reason").alias("remark")
    show(frame.select(
        "kind", "side", "area", "period", "partners", "missing",
        _range("total_low", "total", "total_high", "total"), "unit", "largest",
        _range("largest_low", "largest_share", "largest_high", "its share", scale=PERCENT),
        _range("hhi_low", "hhi", "hhi_high", "concentration", places=2),
        _range("reciprocity_low", "reciprocity", "reciprocity_high", "reciprocity", places=2),
        remark,
    ), None)  # fmt: skip


@app.command(name="show")
def show_member(
    member: str, *, kind: Kind = None, top: int = 5, region: RegionName = "central_asia", output: Output = None
) -> None:
    """The profile of a member: its largest partners in every kind of flow, in the latest year of each.

    Example: serai depend show KGZ --top 3 -o kgz.csv

    Parameters
    ----------
    member
        Code of an area.
    top
        Partners to give of each kind and side.
    """
    if top < 1:
        raise InputError(f"--top is {top}; ask for 1 partner or more")
    with opened(region) as house:
        frame, notes = house.dependence.profile(member, kind=kind), _fragments(house.dependence.kinds.values())
    held = set(frame["kind"])
    sys.stderr.writelines(line for name, line in notes.items() if name in held)
    if output is not None:
        show(frame, output)
        return
    ranked = frame.filter(pl.int_range(pl.len()).over("kind", "side") < top)
    show(ranked.select(
        "kind", "side", "partner", "period", _range("low", "value", "high", "flow"), "unit",
        _range("share_low", "share", "share_high", "share", scale=PERCENT), "reports", "nature", "providers",
    ), None)  # fmt: skip


@app.command
def propagate(
    scenario: str,
    *,
    draws: int = 2000,
    seed: int = 20260101,
    cells: bool = False,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Who loses and who gains when something gives way: first round, further rounds, ranges.

    Example: serai depend propagate remittances_third --cells -o cells.csv

    Parameters
    ----------
    scenario
        A scenario of the pack's depend/scenarios.toml, or a file of that form with one scenario.
    draws
        How many draws of flows, coefficients and changes the ranges rest on.
    seed
        Of the draws.
    cells
        Instead: every flow and coupling behind the losses, with figure and assumption.
    """
    with opened(region) as house:
        house.tell("propagate", 0, 1)
        result = house.dependence.propagate(
            Path(scenario) if scenario.endswith(".toml") else scenario, draws=draws, seed=seed
        )
        house.tell("propagate", 1, 1)
    sys.stderr.write(MODEL)
    for kind in result.unmatched:
        sys.stderr.write(f"No flow of kind {kind} at hand is met by the scenario: its part is not in the result.\n")
    if output is not None:
        show(result.cells if cells else result.accounts, output)
        return
    if cells:
        show(result.cells.select(
            "step", "kind", "side", "area", "from_kind", "from_area", _range("low", "value", "high", "loss"), "unit",
            _number(pl.col("figure"), 3).alias("figure"), "providers",
            _range("rate_low", "rate", "rate_high", "rate", places=2), "by",
        ), None)  # fmt: skip
        return
    rows = result.accounts.filter(pl.col("member") | (pl.col("first") != 0))
    show(rows.select(
        "kind", "side", "area", "depends", *(
            _range(f"{part}_low", part, f"{part}_high", part, places=3) for part in ("first", "further", "total")
        ), "unit", (pl.col("share") * PERCENT).round(1).alias("of all, %"),
    ), None)  # fmt: skip


@app.command(name="import")
def bring_in(
    form: str,
    file: Path,
    *,
    kind: str = "",
    products: Annotated[list[str] | None, Parameter(name="--product", consume_multiple=True, negative="")] = None,
    year: int | None = None,
    provider: str = "",
    countries: Path | None = None,
    scale: float | None = None,
    region: RegionName = "central_asia",
    output: Output = None,
) -> None:
    """Take flows in from a file; they replace all of the same kind, provider and year.

    Example: serai depend import comtrade download.csv --kind trade

    Parameters
    ----------
    form
        comtrade, baci, desa (UN migrant stock), knomad (remittance matrix), matrix, or flows (a flow table).
    file
        The file, as CSV.
    kind
        Kind of flow the file holds; a flow table says so itself.
    products
        Commodity codes (Comtrade) or their beginnings (BACI); all goods when left out.
    year
        Year of a matrix.
    provider
        Who published it; needed for a matrix.
    countries
        The country codes that came with BACI.
    scale
        What the numbers of a matrix are to be multiplied by.
    """
    from serai.depend import Request

    request = Request(file, form, kind, provider, tuple(products or ()), year, countries, scale)
    with opened(region) as house:
        house.tell("import", 0, 1)
        told = house.dependence.bring_in(request)
        house.tell("import", 1, 1)
    show(told, output)


@app.command
def institutions(*, pairs: bool = False, region: RegionName = "central_asia", output: Output = None) -> None:
    """Shared rivers, corridors, grids and pipelines, and whether the bodies that govern them have everyone in.

    Example: serai depend institutions --pairs

    Parameters
    ----------
    pairs
        Instead: pairs of areas that share a resource, and the bodies both are in.
    """
    with opened(region) as house:
        frame = house.dependence.uncovered_pairs() if pairs else house.dependence.institutions()
    show(frame, output)


@app.command
def centrality(
    *, without: Annotated[list[str] | None, Parameter(consume_multiple=True, negative="")] = None,
    region: RegionName = "central_asia", output: Output = None,
) -> None:  # fmt: skip
    """Betweenness of every actor against its share of weight and of initiative.

    Example: serai depend centrality --without CHN RUS

    Parameters
    ----------
    without
        Instead: ranks of the members without everything these actors took part in, each in turn.
    """
    with opened(region) as house:
        depend = house.dependence
        frame = depend.robustness(without=without) if without else depend.centrality()
    show(frame, output)

"""Checks of a pack's flows that no single cell can fail: kinds, units, sums, scenarios, couplings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl

from serai.errors import Fault
from serai.region._read import read_toml
from serai.region.flow_kinds import KINDS, SCENARIOS, WORLD, DependScenarios, FlowChange, Kind, Kinds
from serai.region.tables_depend import DEPEND_TABLES

FILES = {table.name: table.file for table in DEPEND_TABLES}
MAX_FAULTS = 20


def depend_faults(root: Path, known: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    """Everything wrong with the flows as a whole; nothing where the pack has none.

    Args:
        root: directory of the pack.
        known: tables as text with a ``row`` column.
    """
    if not (root / KINDS).is_file():
        for name in ("flows", "couplings"):
            if name in known:
                yield Fault(FILES[name], None, "", f"there is no {KINDS} to say what its kinds are", "add it")
        return
    kinds, faults = read_toml(root, KINDS, Kinds)
    yield from faults
    if kinds is None:
        return
    by_id = {kind.id: kind for kind in kinds.kind}
    countries = _countries(known)
    yield from _absence_faults(kinds, countries)
    if "flows" in known:
        yield from flow_faults(known["flows"], by_id, countries, FILES["flows"])
    if "couplings" in known:
        yield from _coupling_faults(known["couplings"], by_id)
    yield from _scenario_faults(root, by_id, countries)
    yield from _resource_faults(known)


def _countries(known: Mapping[str, pl.DataFrame]) -> set[str]:
    if "areas" not in known:
        return set()
    return set(known["areas"].filter(pl.col("kind") == "country")["area"])


def flow_faults(frame: pl.DataFrame, kinds: Mapping[str, Kind], countries: Iterable[str], source: str) -> list[Fault]:
    """What is wrong with flows: to oneself, of or to unknown areas, below zero, in a wrong unit, twice, of no kind.

    Args:
        frame: the flow table, typed or as text; a column ``row`` numbers its lines, otherwise they count from 1.
        kinds: kinds by identifier.
        countries: codes of the countries that exist.
        source: what to call the table.
    """
    rows = frame if "row" in frame.columns else frame.with_row_index("row", offset=1)
    ends = [*countries, WORLD]
    units = {name: kind.unit for name, kind in kinds.items()}
    unit = pl.col("kind").replace_strict(units, default=None, return_dtype=pl.String)
    number = pl.col("value").cast(pl.Float64, strict=False)
    world = pl.any_horizontal(pl.col("origin") == WORLD, pl.col("destination") == WORLD)
    pair = pl.format("{} {}-{}", "kind", "origin", "destination")
    empty, shown = "leave it empty if missing", pl.col("value").cast(pl.String)
    oneself = (pl.col("origin") == pl.col("destination")) & (pl.col("origin") != "")
    checks = [
        (~pl.col("kind").is_in(["", *units]), pl.col("kind"), "unknown kind of flow", f"add it to {KINDS}"),
        (oneself, pair, "a flow to oneself", "remove it: origin and destination differ"),
        (number < 0, shown, "a flow below zero", f"turn it round, or {empty}"),
        (number.is_nan() | number.is_infinite(), shown, "not a finite number", empty),
        (pl.col("unit") != unit, pl.format("{} {}", "kind", "unit"), "two units in one kind", "convert it"),
        (world & number.is_null(), pair, "a total without a value", "remove the row: what is missing is a pair"),
    ]
    for end in ("origin", "destination"):
        bad = ~pl.col(end).is_in(["", *ends])
        checks.append((bad, pl.col(end), f"{end} is no country", "give its three-letter code"))
    found: list[Fault] = []
    for bad, value, problem, remedy in checks:
        wrong = rows.filter(bad.fill_null(False)).select("row", shown=value).head(MAX_FAULTS)
        found += [Fault(source, row, str(text), problem, remedy) for row, text in wrong.iter_rows()]
    return found + list(_repeated(rows, pair, source))


def _repeated(rows: pl.DataFrame, pair: pl.Expr, source: str) -> Iterator[Fault]:
    key = ["kind", "origin", "destination", "period", "provider", "reported_by", "note"]
    if rows.select(pl.struct(key).n_unique()).item() == rows.height:
        return
    again = rows.filter(~pl.struct(key).is_first_distinct()).select("row", pair.alias("pair")).head(MAX_FAULTS)
    for row, shown in again.iter_rows():
        yield Fault(source, row, shown, "the same figure of the same provider appears twice", "keep one of the rows")


def _absence_faults(kinds: Kinds, countries: set[str]) -> Iterator[Fault]:
    for kind in kinds.kind:
        for absent in kind.absent:
            if countries and absent.area not in countries:
                yield Fault(KINDS, None, f"{kind.id} {absent.area}", "unknown area", "correct the code")


def _coupling_faults(couplings: pl.DataFrame, kinds: Mapping[str, Kind]) -> Iterator[Fault]:
    file = FILES["couplings"]
    for row in couplings.iter_rows(named=True):
        for end in ("from_kind", "to_kind"):
            if row[end] not in kinds:
                yield Fault(file, row["row"], row[end], f"unknown {end}", f"add it to {KINDS} or correct it")
        ends = [kinds[row[end]] for end in ("from_kind", "to_kind") if row[end] in kinds]
        if len(ends) == 2 and row["measure"] == "amount":
            same = ends[0].unit == ends[1].unit
            wanted = "" if same else f"{ends[1].unit} per {ends[0].unit}"
            if row["unit"] != wanted:
                remedy = f"write '{wanted}'" if wanted else "leave it empty: both kinds have the same unit"
                yield Fault(file, row["row"], row["unit"], "unit does not turn one kind into the other", remedy)
        try:
            low, value, high = (float(row[name]) for name in ("low", "value", "high"))
        except ValueError:
            continue  # the cells are reported already
        if not low <= value <= high:
            shown = f"{low:g} {value:g} {high:g}"
            yield Fault(file, row["row"], shown, "low, value and high are not in order", "put them in order")


def _scenario_faults(root: Path, kinds: Mapping[str, Kind], countries: set[str]) -> Iterator[Fault]:
    if not (root / SCENARIOS).is_file():
        return
    found, faults = read_toml(root, SCENARIOS, DependScenarios)
    yield from faults
    for scenario in found.scenario if found else ():
        for change in scenario.change:
            for problem, value in change_problems(change, kinds, countries):
                remedy = "correct it, or add what it names"
                yield Fault(SCENARIOS, None, f"{scenario.id}: {value}", problem, remedy)


def change_problems(
    change: FlowChange, kinds: Mapping[str, Kind], countries: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """What a change names that does not exist or cannot change: problem and value."""
    kind = kinds.get(change.kind)
    if kind is None:
        yield "the scenario names an unknown kind", change.kind
    elif kind.parts:
        yield f"the scenario changes a sum (change its parts: {', '.join(kind.parts)})", change.kind
    elif not kind.directed:
        yield "the scenario changes a kind without direction", change.kind
    for area in (*change.origins, *change.destinations):
        if area not in countries:
            yield "the scenario names an unknown area", area


def _resource_faults(known: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    """Resources nobody touches, and shares of one basin that stand for nothing."""
    if "resources" not in known or "resource_areas" not in known:
        return
    touched = set(known["resource_areas"]["resource"])
    for row in known["resources"].iter_rows(named=True):
        if row["resource"] not in touched:
            remedy = f"add its areas to {FILES['resource_areas']}"
            yield Fault(FILES["resources"], row["row"], row["resource"], "a resource that touches no area", remedy)

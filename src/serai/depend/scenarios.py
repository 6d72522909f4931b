"""Scenarios run: what each loses and gains, the cells behind it, and where every number comes from."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from pydantic import ValidationError

from serai.depend.book import UNLISTED, Book, Floats
from serai.depend.propagation import (
    Coupling,
    Key,
    Outcome,
    central,
    check_converges,
    drawn,
    matches,
    partner_shares,
    propagate,
)
from serai.errors import InputError, PackError, UnknownName
from serai.files import bounded_text
from serai.region import Pack
from serai.region._check_depend import change_problems
from serai.region._read import read_toml
from serai.region.flow_kinds import SCENARIOS, DependScenario, DependScenarios, Kind
from serai.region.manifest import Text

BATCH = 2048
"""Draws worked out at once: few enough to stay in the processor's cache, many enough to be worth a call."""
RANGE = (5.0, 95.0)
"""Percentiles of draws that a range shows."""

ACCOUNTS: Mapping[str, pl.DataType] = {
    "kind": pl.String(),
    "side": pl.String(),
    "area": pl.String(),
    "member": pl.Boolean(),
    "depends": pl.Boolean(),
    "unit": pl.String(),
    "period": pl.Int32(),
    "first_low": pl.Float64(),
    "first": pl.Float64(),
    "first_high": pl.Float64(),
    "further_low": pl.Float64(),
    "further": pl.Float64(),
    "further_high": pl.Float64(),
    "total_low": pl.Float64(),
    "total": pl.Float64(),
    "total_high": pl.Float64(),
    "of": pl.Float64(),
    "share": pl.Float64(),
    "nature": pl.String(),
}
"""Losses (positive) and gains (negative) by account; ``of`` is all a member has there, ``share`` the loss over it.
``depends``: the side is one on which the kind's dependence lies, so that a loss there is a loss indeed."""

CELLS: Mapping[str, pl.DataType] = {
    "step": pl.String(),
    "kind": pl.String(),
    "side": pl.String(),
    "area": pl.String(),
    "from_kind": pl.String(),
    "from_side": pl.String(),
    "from_area": pl.String(),
    "low": pl.Float64(),
    "value": pl.Float64(),
    "high": pl.Float64(),
    "unit": pl.String(),
    "figure": pl.Float64(),
    "figure_period": pl.Int32(),
    "providers": pl.String(),
    "figure_nature": pl.String(),
    "rate_low": pl.Float64(),
    "rate": pl.Float64(),
    "rate_high": pl.Float64(),
    "by": pl.String(),
    "assumption": pl.String(),
    "assumption_ru": pl.String(),
}
"""Where losses come from; those of an account add up to its total. ``step``:

- ``flow``: a flow that a change names; ``made_good``: one that stands in (a gain). Both ends lose or gain;
- ``coupling``: a loss in one account of a member that follows from a loss in another;
- ``partner``: what a partner loses of a loss that followed from a coupling, its share at its value.

``figure`` is the flow itself, ``rate`` the change of it, the coefficient or the share, ``by`` the change or coupling
that says so, ``assumption`` its reason (``assumption_ru`` in Russian)."""


@dataclass(frozen=True)
class ScenarioResult:
    """What a scenario does. Model output.

    Attributes:
        scenario: the scenario.
        accounts: columns as in :data:`ACCOUNTS`; only what changes.
        cells: columns as in :data:`CELLS`.
        draws: how many draws the ranges rest on.
        radius: spectral radius of the couplings at their high ends.
        unmatched: kinds the scenario changes of which no flow at hand is met.
    """

    scenario: DependScenario
    accounts: pl.DataFrame
    cells: pl.DataFrame
    draws: int
    radius: float
    unmatched: tuple[str, ...]


def read_scenarios(pack: Pack) -> dict[str, DependScenario]:
    """The scenarios of a pack, by identifier; none where it has no file.

    Raises:
        PackError: ``depend/scenarios.toml`` breaks its schema.
    """
    if not (pack.path / SCENARIOS).is_file():
        return {}
    found, faults = read_toml(pack.path, SCENARIOS, DependScenarios)
    if found is None:
        raise PackError(pack.path.name, faults)
    return {scenario.id: scenario for scenario in found.scenario}


def read_scenario_file(path: Path) -> list[DependScenario]:
    """Scenarios of a file of the user's, in the form of a pack's.

    Raises:
        InputError: the file cannot be read or breaks the schema.
    """
    try:
        data = tomllib.loads(bounded_text(path))
        found = DependScenarios.model_validate(data)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}; give a scenario file or the name of a scenario") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path}: not valid TOML: {error}; correct the syntax") from None
    except ValidationError as error:
        lines = [f"{path.name}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise InputError("\n".join(lines)) from None
    if not found.scenario:
        raise InputError(f"{path.name}: no scenario in it; begin with a line [[scenario]]")
    return list(found.scenario)


def couplings_of(table: pl.DataFrame, members: Sequence[str]) -> list[Coupling]:
    """Rows of ``depend/couplings.csv``; those of an area that is no member are left out."""
    found = []
    for row in table.iter_rows(named=True):
        if row["area"] and row["area"] not in members:
            continue
        found.append(
            Coupling(
                id=row["coupling"],
                start=(row["from_kind"], row["from_side"]),
                end=(row["to_kind"], row["to_side"]),
                share=row["measure"] == "share",
                coefficient=(row["low"], row["value"], row["high"]),
                only=members.index(row["area"]) if row["area"] else None,
            )
        )
    return found


def check_scenario(scenario: DependScenario, kinds: Mapping[str, Kind], countries: Iterable[str]) -> None:
    """Refuse a scenario that names what does not exist.

    Raises:
        UnknownName: a kind or area that does not exist.
        InputError: a kind that cannot be changed.
    """
    known = set(countries)
    for change in scenario.change:
        for problem, value in change_problems(change, kinds, known):
            if "unknown" in problem:
                noun = "kind of flow" if "kind" in problem else "area"
                raise UnknownName(noun, value, kinds if "kind" in problem else known, f"scenario {scenario.id}")
            raise InputError(f"scenario {scenario.id}: {problem} [{value}]")


def run(
    book: Book,
    couplings: Sequence[Coupling],
    scenario: DependScenario,
    *,
    draws: int,
    seed: int,
    reasons: Mapping[str, Text],
) -> ScenarioResult:
    """A scenario at its values, with ranges from draws of everything that has a range.

    Args:
        book: flows.
        couplings: what a loss does to other accounts.
        scenario: what gives way.
        draws: how many draws the ranges rest on; 0: ranges collapse to the values.
        seed: of the draws.
        reasons: reasons of couplings by identifier.

    Raises:
        InputError: no flow at hand is met by any change; losses do not die out; an amount is more than there is.
    """
    active = [c for c in couplings if c.start[0] in book.entries and c.end[0] in book.entries]
    unmatched = _unmatched(book, scenario)
    found = check_converges(book, active, scenario)
    middle = propagate(book, active, scenario, central(book, active, scenario))
    rng = np.random.default_rng(seed)
    batches = []
    for start in range(0, draws, BATCH):
        numbers = drawn(book, active, scenario, rng, min(BATCH, draws - start))
        batches.append(propagate(book, active, scenario, numbers))
    accounts = _accounts(book, middle, batches)
    cells = _cells(book, active, scenario, middle, batches, reasons)
    return ScenarioResult(scenario, accounts, cells, draws, found, unmatched)


def _unmatched(book: Book, scenario: DependScenario) -> tuple[str, ...]:
    missed = []
    for change in scenario.change:
        entries = book.entries[change.kind]
        met = matches(book, entries, change.origins, change.destinations)
        if not met.any():
            missed.append(change.kind)
        elif change.amount is not None and change.amount.high > (most := float(entries.amount.high[met].sum())):
            raise InputError(
                f"scenario {scenario.id}: takes up to {change.amount.high:g} {entries.kind.unit} of {change.kind}, "
                f"but the flows it names come to {most:g}; lower the amount"
            )
    if len(missed) == len(scenario.change):
        kinds = ", ".join(dict.fromkeys(missed))
        raise InputError(
            f"scenario {scenario.id}: no flow at hand is met by its changes ({kinds}); bring in flows first"
        )
    return tuple(dict.fromkeys(missed))


def _both(text: Text | None) -> tuple[str, str]:
    """A reason in English and, where it has it, in Russian."""
    return (text or {}).get("en", ""), (text or {}).get("ru", "")


def ends(value: Floats, drawn_values: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Low and high end of values ``(rows,)`` from draws ``(rows, n)``, widened to hold the value itself."""
    if not drawn_values:
        return value, value
    low, high = np.percentile(np.concatenate(drawn_values, axis=1), RANGE, axis=1)
    return np.minimum(low, value), np.maximum(high, value)


def _accounts(book: Book, middle: Outcome, batches: Sequence[Outcome]) -> pl.DataFrame:
    rows = []
    for key in sorted(middle.total):
        total = middle.total[key][:, 0]
        first = middle.first.get(key, np.zeros_like(middle.total[key]))[:, 0]
        firsts = [one.first.get(key, np.zeros_like(one.total[key])) for one in batches]
        totals = [one.total[key] for one in batches]
        further = [t - f for t, f in zip(totals, firsts, strict=True)]
        moved = np.max([np.abs(total), *(np.abs(t).max(axis=1) for t in totals)], axis=0) > 0
        moved[-1] &= book.entries[key[0]].kind.observed  # nobody stands at the other end of such a kind
        shown = np.flatnonzero(moved)
        if not len(shown):
            continue
        spans = [
            ends(value[shown], [each[shown] for each in many])
            for value, many in ((first, firsts), (total - first, further), (total, totals))
        ]
        whole = _whole(book, key)
        for place, at in enumerate(shown):
            numbers = [(low[place], value, high[place]) for (low, high), value in zip(
                spans, (first[at], total[at] - first[at], total[at]), strict=True)]  # fmt: skip
            rows.append(_account(book, key, int(at), numbers, float(whole[at])))
    return pl.DataFrame(rows, schema=dict(ACCOUNTS), orient="row")


def _whole(book: Book, key: Key) -> Floats:
    entries = book.entries[key[0]]
    at, rest = (entries.destination, entries.rest_in) if key[1] == "in" else (entries.origin, entries.rest_out)
    found = np.bincount(at, weights=entries.amount.value, minlength=book.places).astype(float)
    found[: book.members] += rest.value
    return found


def _account(
    book: Book, key: Key, at: int, numbers: Sequence[tuple[float, float, float]], whole: float
) -> tuple[object, ...]:
    entries = book.entries[key[0]]
    area = book.areas[at] if at < len(book.areas) else UNLISTED
    # What a partner has in all is not at hand: only its flows with members are.
    member = at < book.members
    of = whole if member and whole > 0 else None
    share = numbers[2][1] / of if of else None
    flat = [float(number) for three in numbers for number in three]
    depends = key[1] in entries.kind.sides
    return (*key, area, member, depends, entries.kind.unit, entries.period, *flat, of, share, "M")


def _cells(
    book: Book, couplings: Sequence[Coupling], scenario: DependScenario, middle: Outcome, batches: Sequence[Outcome],
    reasons: Mapping[str, Text],
) -> pl.DataFrame:  # fmt: skip
    rows: list[tuple[object, ...]] = []
    for name, cut in middle.cut.items():
        entries = book.entries[name]
        many = [one.cut[name] for one in batches]
        low, high = ends(cut[:, 0], many)
        for at in np.flatnonzero((cut[:, 0] != 0) | (low != 0) | (high != 0)):
            figure = entries.rows.row(int(at), named=True)
            rows.append(_flow_cell(book, scenario, figure, name, int(at), (low[at], cut[at, 0], high[at])))
    rows += _unlisted_cells(book, middle, batches)
    for number, coupling in enumerate(couplings):
        value = middle.through[number, :, 0]
        low, high = ends(value, [one.through[number] for one in batches])
        unit = book.entries[coupling.end[0]].kind.unit
        said = (*coupling.coefficient, coupling.id, *_both(reasons.get(coupling.id)))
        for at in np.flatnonzero((value != 0) | (low != 0) | (high != 0)):
            where = ("coupling", *coupling.end, book.areas[at], *coupling.start, book.areas[at])
            rows.append((*where, low[at], value[at], high[at], unit, None, None, "", "", *said))
    rows += _partner_cells(book, couplings, scenario, middle, batches)
    return pl.DataFrame(rows, schema=dict(CELLS), orient="row")


def _unlisted_cells(book: Book, middle: Outcome, batches: Sequence[Outcome]) -> list[tuple[object, ...]]:
    """What partners that no pair names make good."""
    rows: list[tuple[object, ...]] = []
    for (name, side), gained in middle.beyond.items():
        if side == "out":
            continue
        low, high = ends(gained[:, 0], [one.beyond[name, side] for one in batches])
        made = book.entries[name].kind.substitution
        rate = (
            (made.low, made.value, made.high, "substitution", *_both(made.reason))
            if made
            else (*[None] * 3, "", "", "")
        )
        for at in np.flatnonzero(gained[:, 0] != 0):
            where = ("made_good", name, side, book.areas[at], name, "out", UNLISTED)
            amounts = (low[at], gained[at, 0], high[at], book.entries[name].kind.unit)
            rows.append((*where, *amounts, None, book.entries[name].period, "", "", *rate))
    return rows


def _partner_cells(
    book: Book, couplings: Sequence[Coupling], scenario: DependScenario, middle: Outcome, batches: Sequence[Outcome]
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    numbers = central(book, couplings, scenario)
    for (name, side), induced in sorted(middle.induced.items()):
        value = induced[:, 0]
        low, high = ends(value, [one.induced[name, side] for one in batches])
        shares = partner_shares(book, numbers, (name, side))[:, :, 0]
        other, entries = "out" if side == "in" else "in", book.entries[name]
        for member in np.flatnonzero(value != 0):
            for at in np.flatnonzero(shares[member] > 0):
                share = float(shares[member, at])
                partner = book.areas[at] if at < len(book.areas) else UNLISTED
                where = ("partner", name, other, partner, name, side, book.areas[member])
                amounts = (low[member] * share, value[member] * share, high[member] * share, entries.kind.unit)
                rows.append((*where, *amounts, None, entries.period, "", "", share, share, share, "share", "", ""))
    return rows


def _flow_cell(
    book: Book,
    scenario: DependScenario,
    figure: Mapping[str, object],
    name: str,
    at: int,
    loss: tuple[float, float, float],
) -> tuple[object, ...]:
    kind = book.entries[name].kind
    ends_of = (figure["origin"], figure["destination"])
    known = (figure["value"], figure["period"], figure["providers"], figure["nature"])
    start = (name, "in", ends_of[1], name, "out", ends_of[0], *(float(part) for part in loss), kind.unit, *known)
    for number, change in enumerate(scenario.change, 1):
        if change.kind == name and matches(book, book.entries[name], change.origins, change.destinations)[at]:
            size = change.fall or change.amount
            assert size is not None  # noqa: S101 - a change has one of both
            return ("flow", *start, size.low, size.value, size.high, f"change {number}", *_both(size.reason))
    made = kind.substitution
    assert made is not None  # noqa: S101 - without it nothing is made good
    return ("made_good", *start, made.low, made.value, made.high, "substitution", *_both(made.reason))

"""What follows when flows give way: losses and gains at both ends, then through couplings, until they die out.

Accounts are kept per kind, side and area. A change takes ``L`` from flows; both ends of a flow lose it, and what other
origins make good is their gain. Couplings turn a member's loss ``x`` in one account into a loss ``u = C x`` in another
of the same member; partners of that account lose their share of it, ``M u``. So

    u = C x0 + C (I + M) u,        x = x0 + (I + M) u,

summed round by round. It converges where the spectral radius of ``C (I + M)`` is below 1 (Leontief's condition).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from serai.depend.book import Book, Entries, Floats, Ranged
from serai.errors import InputError
from serai.region.flow_kinds import DependScenario

Key = tuple[str, str]
"""Kind and side of an account."""
ROUNDS = 500
PRECISION = 1e-10
YEAR = 365.0


@dataclass(frozen=True)
class Coupling:
    """One row of ``depend/couplings.csv``: what a loss of ``start`` does to ``end`` in the same member.

    ``share`` couplings speak of shares of the whole; ``only`` is the member they hold for, by position.
    """

    id: str
    start: Key
    end: Key
    share: bool
    coefficient: tuple[float, float, float]
    only: int | None = None


@dataclass(eq=False)
class Draw:
    """Numbers of a batch of draws, the last axis of each being the draws.

    ``flows`` by kind ``(flows, n)``, ``rest_in`` and ``rest_out`` by kind ``(members, n)``, ``coefficients``
    ``(couplings, n)``, ``changes`` ``(changes, n)``, ``made_good`` by kind ``(n,)``.
    """

    flows: dict[str, Floats]
    rest_in: dict[str, Floats]
    rest_out: dict[str, Floats]
    coefficients: Floats
    changes: Floats
    made_good: dict[str, Floats]


@dataclass(eq=False)
class Outcome:
    """Losses of a batch: ``first`` and ``total`` by account ``(places, n)``, ``cut`` by kind ``(flows, n)``,
    ``beyond`` what partners not listed make good, by account.

    ``through`` holds what each coupling did, ``(couplings, members, n)``; ``induced`` its sum by account.
    """

    first: dict[Key, Floats] = field(default_factory=dict)
    total: dict[Key, Floats] = field(default_factory=dict)
    cut: dict[str, Floats] = field(default_factory=dict)
    beyond: dict[Key, Floats] = field(default_factory=dict)
    through: Floats = field(default_factory=lambda: np.zeros((0, 0, 0)))
    induced: dict[Key, Floats] = field(default_factory=dict)
    rounds: int = 0


def central(book: Book, couplings: Sequence[Coupling], scenario: DependScenario) -> Draw:
    """The one draw in which every number is at its value."""
    return _numbers(book, couplings, scenario, None, 1)


def drawn(
    book: Book, couplings: Sequence[Coupling], scenario: DependScenario, rng: np.random.Generator, size: int
) -> Draw:
    """A batch of draws of every number that has a range."""
    return _numbers(book, couplings, scenario, rng, size)


def _numbers(
    book: Book, couplings: Sequence[Coupling], scenario: DependScenario, rng: np.random.Generator | None, size: int
) -> Draw:
    def take(ranged: Ranged) -> Floats:
        return ranged.value[:, None] if rng is None else ranged.draws(rng, size)

    ranges = [change.fall or change.amount for change in scenario.change]
    kinds = {*(c.kind for c in scenario.change), *(key[0] for c in couplings for key in (c.start, c.end))}
    used = {name: entries for name, entries in book.entries.items() if name in kinds}
    made = {name: entries.kind.substitution for name, entries in used.items()}
    return Draw(
        flows={name: take(entries.amount) for name, entries in used.items()},
        rest_in={name: take(entries.rest_in) for name, entries in used.items()},
        rest_out={name: take(entries.rest_out) for name, entries in used.items()},
        coefficients=take(Ranged.of([c.coefficient for c in couplings])),
        changes=take(Ranged.of([(r.low, r.value, r.high) for r in ranges if r is not None])),
        made_good={
            name: take(Ranged.of([(r.low, r.value, r.high) if r else (0.0, 0.0, 0.0)]))[0] for name, r in made.items()
        },
    )


def propagate(book: Book, couplings: Sequence[Coupling], scenario: DependScenario, numbers: Draw) -> Outcome:
    """All losses (positive) and gains (negative) of a batch of draws.

    Raises:
        InputError: rounds do not die out.
    """
    out = Outcome()
    out.beyond = _cuts(book, scenario, numbers, out.cut)
    for name, loss in out.cut.items():
        entries = book.entries[name]
        for side, ends in (("in", entries.destination), ("out", entries.origin)):
            out.first[name, side] = _at(ends, loss, book.places) + out.beyond.get((name, side), 0.0)
    out.total = {key: values.copy() for key, values in out.first.items()}
    _couple(book, couplings, numbers, out)
    return out


def _cuts(book: Book, scenario: DependScenario, numbers: Draw, cut: dict[str, Floats]) -> dict[Key, Floats]:
    """Fill in what each flow loses in the first place, made good in part by flows no change touches.

    Returns what partners not listed make good, by account.
    """
    touched: dict[str, np.ndarray] = {}
    open_to: dict[str, Floats] = {}
    for number, change in enumerate(scenario.change):
        entries, flows = book.entries[change.kind], numbers.flows[change.kind]
        met = matches(book, entries, change.origins, change.destinations)
        size = numbers.changes[number]
        if change.fall is not None:
            loss = flows * met[:, None] * size * (scenario.days / YEAR)
        else:
            whole = (flows * met[:, None]).sum(axis=0)
            loss = flows * met[:, None] * np.divide(size, whole, out=np.zeros_like(whole + size), where=whole > 0)
        cut[change.kind] = cut.get(change.kind, 0.0) + loss
        touched[change.kind] = touched.get(change.kind, np.zeros(len(met), dtype=bool)) | met
        if change.substituted:
            open_to[change.kind] = open_to.get(change.kind, 0.0) + np.maximum(loss, 0.0)
    beyond: dict[Key, Floats] = {}
    for name, loss in open_to.items():
        beyond |= _make_good(book, name, numbers, cut, loss, ~touched[name])
    return beyond


def matches(book: Book, entries: Entries, origins: Sequence[str], destinations: Sequence[str]) -> np.ndarray:
    """Which flows a change speaks of."""
    met = np.ones(len(entries.origin), dtype=bool)
    for areas, ends in ((origins, entries.origin), (destinations, entries.destination)):
        if areas:
            known = [book.areas.index(area) for area in areas if area in book.areas]
            met &= np.isin(ends, known)
    return met


def _make_good(
    book: Book, name: str, numbers: Draw, cut: dict[str, Floats], loss: Floats, free: np.ndarray
) -> dict[Key, Floats]:
    """Origins that no change touches, and partners not listed, step in by their size."""
    entries, flows = book.entries[name], numbers.flows[name]
    n = loss.shape[1]
    wanted = _at(entries.destination, loss, book.places) * numbers.made_good[name]
    supply = _at(entries.destination, flows * free[:, None], book.places)
    rest = np.zeros((book.places, n))
    if entries.kind.rest == "partners":
        rest[: book.members] = numbers.rest_in[name]
    supply = supply + rest
    rate = np.divide(wanted, supply, out=np.zeros_like(wanted + supply), where=supply > 0)
    cut[name] = cut[name] - flows * free[:, None] * rate[entries.destination]
    gained = rate * rest
    unlisted = np.zeros((book.places, n))
    unlisted[-1] = -gained.sum(axis=0)
    return {(name, "in"): -gained, (name, "out"): unlisted}


def _at(ends: np.ndarray, values: Floats, places: int) -> Floats:
    """Sums of values by position, shape ``(places, n)``."""
    found = np.zeros((places, values.shape[1]))
    np.add.at(found, ends, values)
    return found


def _totals(book: Book, numbers: Draw, key: Key) -> Floats:
    """What each member has in all in an account, ``(members, n)``."""
    name, side = key
    entries = book.entries[name]
    ends, rest = (entries.destination, numbers.rest_in) if side == "in" else (entries.origin, numbers.rest_out)
    found: Floats = _at(ends, numbers.flows[name], book.places)[: book.members] + rest[name]
    return found


def partner_shares(book: Book, numbers: Draw, key: Key) -> Floats:
    """Shares of every place in what a member has in an account, ``(members, places, n)``; each member's add up to 1.

    Where nothing is known of partners, the unlisted have all of it. Own supply is passed to nobody: what is lost falls
    on the partners.
    """
    name, side = key
    entries, flows = book.entries[name], numbers.flows[name]
    mine, theirs = (entries.destination, entries.origin) if side == "in" else (entries.origin, entries.destination)
    shares = np.zeros((book.members, book.places, flows.shape[1]))
    own = mine < book.members
    np.add.at(shares, (mine[own], theirs[own]), flows[own])
    if entries.kind.rest == "partners":
        shares[:, -1] += (numbers.rest_in if side == "in" else numbers.rest_out)[name]
    whole = shares.sum(axis=1, keepdims=True)
    shares[:, -1:] += whole <= 0
    result: Floats = shares / np.where(whole > 0, whole, 1.0)
    return result


def _couple(book: Book, couplings: Sequence[Coupling], numbers: Draw, out: Outcome) -> None:
    """Rounds of losses, until the last is nothing beside the first."""
    n = numbers.changes.shape[1]
    accounts = dict.fromkeys(c.end for c in couplings)  # sums are in their order, in every run the same
    partners = {key: partner_shares(book, numbers, key) for key in accounts}
    rates = [_rate(book, numbers, coupling, number) for number, coupling in enumerate(couplings)]
    start = {key: values[: book.members] for key, values in out.first.items()}
    through = np.zeros((len(couplings), book.members, n))
    induced = {key: np.zeros((book.members, n)) for key in accounts}
    now = start
    scale = max((float(np.abs(values).max(initial=0.0)) for values in start.values()), default=0.0)
    for count in range(1, ROUNDS + 1):
        out.rounds = count
        fresh: dict[Key, Floats] = {}
        for number, coupling in enumerate(couplings):
            if coupling.start not in now:
                continue
            part = now[coupling.start] * rates[number]
            through[number] += part
            fresh[coupling.end] = fresh.get(coupling.end, 0.0) + part
        for key, values in fresh.items():
            induced[key] += values
        scale = max(scale, max((float(np.abs(v).max(initial=0.0)) for v in fresh.values()), default=0.0))
        if all(float(np.abs(values).max(initial=0.0)) <= PRECISION * scale for values in fresh.values()):
            break
        now = dict(fresh)
        for (name, side), values in fresh.items():
            other = (name, "out" if side == "in" else "in")
            mirrored = np.einsum("man,mn->an", partners[name, side][:, : book.members], values)
            now[other] = now.get(other, 0.0) + mirrored
    else:
        raise InputError(_diverging(couplings))
    out.through, out.induced = through, induced
    _spread(book, partners, out)


def _rate(book: Book, numbers: Draw, coupling: Coupling, number: int) -> Floats:
    """What one unit lost at the start becomes at the end, ``(members, n)``."""
    rate = np.broadcast_to(numbers.coefficients[number], (book.members, numbers.coefficients.shape[1])).copy()
    if coupling.share:
        start, end = _totals(book, numbers, coupling.start), _totals(book, numbers, coupling.end)
        rate = rate * np.divide(end, start, out=np.zeros_like(rate + start), where=start > 0)
    if coupling.only is not None:
        rate[np.arange(book.members) != coupling.only] = 0.0
    return rate


def _spread(book: Book, partners: Mapping[Key, Floats], out: Outcome) -> None:
    """Add what was induced, and each partner's share of it, to the totals."""
    for (name, side), values in out.induced.items():
        if not np.any(values):
            continue
        other = (name, "out" if side == "in" else "in")
        shape = (book.places, values.shape[1])
        for key in ((name, side), other):
            out.total.setdefault(key, np.zeros(shape))
        out.total[name, side][: book.members] += values
        out.total[other] += np.einsum("man,mn->an", partners[name, side], values)


def radius(book: Book, couplings: Sequence[Coupling], numbers: Draw) -> float:
    """Spectral radius of ``C (I + M)`` in the first draw.

    Checked at the high ends of coefficients before anything is sampled.
    """
    accounts = sorted({key for c in couplings for key in (c.start, c.end)})
    at = {key: number for number, key in enumerate(accounts)}
    m = book.members
    c_matrix = np.zeros((len(accounts) * m, len(accounts) * m))
    mirror = np.eye(len(accounts) * m)
    for number, coupling in enumerate(couplings):
        rate = _rate(book, numbers, coupling, number)[:, 0]
        rows, columns = at[coupling.end] * m + np.arange(m), at[coupling.start] * m + np.arange(m)
        c_matrix[rows, columns] += rate
    for name, side in accounts:
        other = (name, "out" if side == "in" else "in")
        if other in at and (name, side) in {c.end for c in couplings}:
            shares = partner_shares(book, numbers, (name, side))[:, :m, 0]
            row, column = at[other] * m, at[name, side] * m
            mirror[row : row + m, column : column + m] += shares.T
    return float(np.abs(np.linalg.eigvals(c_matrix @ mirror)).max(initial=0.0))


def check_converges(book: Book, couplings: Sequence[Coupling], scenario: DependScenario) -> float:
    """The spectral radius with every coefficient at its high end.

    Raises:
        InputError: it is not below 1, so that losses would grow from round to round.
    """
    if not couplings:
        return 0.0
    numbers = central(book, couplings, scenario)
    numbers.coefficients = np.array([[max(c.coefficient, key=abs)] for c in couplings])
    if (found := radius(book, couplings, numbers)) >= 1:
        raise InputError(f"{_diverging(couplings)} (spectral radius {found:.3g} at their high ends, not below 1)")
    return found


def _diverging(couplings: Sequence[Coupling]) -> str:
    strong = sorted(couplings, key=lambda c: -abs(c.coefficient[2]))[:3]
    names = ", ".join(f"{c.id} ({c.coefficient[2]:g})" for c in strong)
    return f"losses do not die out from round to round; lower the couplings, strongest first: {names}"

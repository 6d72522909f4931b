"""Strategies as data: how a member's money is shared out among its programmes. Every strategy spends the same money.

Read from ``plan/strategies.toml`` of a pack, or from a user's table ``member, programme, share``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import rankdata

from serai.errors import Fault, InputError, PackError, SourceError, UnknownName
from serai.region.plan_files import STATUS_QUO, Strategy, read_strategies

MAX_TABLE_BYTES = 2**20
TINY = 1e-9
"""A change of money by less, as a share of it, is rounding."""
Floats = npt.NDArray[np.float64]


def read(pack: Path) -> dict[str, Strategy]:
    """The strategies of a pack, by identifier, the status quo first; it alone where there is no file.

    Raises:
        PackError: the file is no TOML, breaks its schema, repeats an id or lacks the status quo.
    """
    found, faults = read_strategies(pack)
    if faults:
        raise PackError(pack.name, faults)
    return found


@dataclass(frozen=True, eq=False)
class Money:
    """What strategies share out: the programmes of all members, one after the other.

    Attributes:
        members: codes, one a programme.
        programmes: names, unique within a member; that of a goal is its number.
        goals: goal of each programme.
        budget: money of the calibration, shape ``(K, T)``.
        gaps: sum of the gaps of each programme's indicators, shape ``(K,)``.
        reach: sum of gaps times the gaps that hang on them, shape ``(K,)``.
        assumed: whether no source gives the programme's share of the money, shape ``(K,)``.
    """

    members: tuple[str, ...]
    programmes: tuple[str, ...]
    goals: tuple[str, ...]
    budget: Floats
    gaps: Floats
    reach: Floats
    assumed: npt.NDArray[np.bool_]

    @cached_property
    def blocks(self) -> dict[str, npt.NDArray[np.intp]]:
        """Rows of each member."""
        names = np.array(self.members)
        return {name: np.flatnonzero(names == name) for name in dict.fromkeys(self.members)}

    @cached_property
    def goal_names(self) -> npt.NDArray[np.str_]:
        """Goals of the programmes as an array."""
        return np.array(self.goals)

    @cached_property
    def _lean(self) -> tuple[Floats, Floats]:
        """Side of each programme, ``(K, 1)``, and by how much its member's assumed money leans to it, ``(K, T)``."""
        side, drift = np.zeros((len(self.members), 1)), np.zeros_like(self.budget)
        for rows in self.blocks.values():
            own = rows[self.assumed[rows]]
            if own.size > 1:
                ranks = rankdata(self.gaps[own])
                side[own, 0] = 2 * (ranks - ranks.mean()) / (own.size - 1)
                whole = self.budget[own].sum(axis=0)
                drift[own] = (side[own] * self.budget[own]).sum(axis=0) / np.where(whole > 0, whole, 1.0)
        return side, drift

    def leaning(self, widest: float) -> Floats:
        """The budget if the shares that no source gives are not what the calibration takes them to be, ``(K, T)``.

        They lean to wide gaps or to narrow ones: of a member's assumed programmes, that with the widest gap gets
        ``widest`` times its part, that with the narrowest ``2 - widest`` times, those between what a straight line over
        their ranks says. Their sum in each period stays, sourced shares are untouched, and at 1 so is every digit.

        Args:
            widest: from 0 to 2.
        """
        side, drift = self._lean
        after = 1 + (widest - 1) * drift
        # Where all money of a period lies with a programme that would get nothing, it stays there.
        known = after > TINY
        leant: Floats = np.where(
            known, self.budget * (1 + (widest - 1) * side) / np.where(known, after, 1), self.budget
        )
        return leant


@dataclass(frozen=True, slots=True)
class Deal:
    """What every strategy makes of the same drawn money.

    Attributes:
        money: of the calibration.
        rules: strategies of the pack.
        tables: shares of a user's tables by name and member, as from :func:`read_shares`.
    """

    money: Money
    rules: tuple[Strategy, ...]
    tables: Mapping[str, Mapping[str, Floats]] = field(default_factory=dict)

    def budgets(self, widest: float = 1.0) -> dict[str, Floats]:
        """Money by strategy, ``(K, T)`` each, assumed shares leaning as in :meth:`Money.leaning`."""
        base = self.money.leaning(widest)
        ruled = {one.id: shared_out(one, self.money, base) for one in self.rules}
        return ruled | {name: by_shares(shares, self.money, base) for name, shares in self.tables.items()}


def shared_out(strategy: Strategy, money: Money, base: Floats | None = None) -> Floats:
    """The budget under a strategy, shape ``(K, T)``; each member's money in each period is that of the calibration.

    A member that a rule gives nothing to go by (no gap left, none of the goals) keeps its shares as they are.

    Args:
        strategy: the rule.
        money: what is shared out.
        base: shares that the rule starts from, as from :meth:`Money.leaning`; by default those of the calibration.
    """
    start = money.budget if base is None else base
    budget = start.copy()
    for rows in money.blocks.values():
        weights, old = _weights(strategy, money, start, rows), start[rows]
        if strategy.share is not None and weights.sum() > 0:
            pot = strategy.share * old.sum(axis=0)
            moved = (1 - strategy.share) * old + weights[:, None] * pot / weights.sum()
            # Where nothing changes it must not change by rounding either: two runs would part for no reason.
            if (np.abs(moved - old) > TINY * old).any():
                budget[rows] = moved
    return budget


def _weights(strategy: Strategy, money: Money, base: Floats, rows: npt.NDArray[np.intp]) -> Floats:
    match strategy.rule:
        case "gap":
            return money.gaps[rows]
        case "bottleneck":
            return money.reach[rows]
        case "focus":
            old = base[rows].sum(axis=1)
            chosen: Floats = np.where(np.isin(money.goal_names[rows], strategy.goals), old, 0.0)
            return chosen
        case _:
            return np.ones(rows.size)


def read_table(path: Path, money: Money) -> Floats:
    """The budget under a user's table of shares, shape ``(K, T)``; see :func:`read_shares`."""
    return by_shares(read_shares(path, money), money, money.budget)


def by_shares(shares: Mapping[str, Floats], money: Money, base: Floats) -> Floats:
    """The budget that gives members' money out by shares; members without any keep what ``base`` gives them."""
    budget = base.copy()
    for member, part in shares.items():
        rows = money.blocks[member]
        budget[rows] = part[:, None] * money.budget[rows].sum(axis=0) / part.sum()
    return budget


def read_shares(path: Path, money: Money) -> dict[str, Floats]:
    """Shares of a user's table, one an own programme, by member that it names.

    Args:
        path: CSV with columns ``member, programme, share``; the shares of a member add up to 1 (or 100).
        money: what is shared out; a member that the table leaves out keeps its shares, one that it names gets nothing
            for a programme that is left out.

    Raises:
        SourceError: the file cannot be read as such a table; every fault is named.
    """
    rows, faults = _read_rows(path)
    blocks = money.blocks
    place = {(member, name): k for k, (member, name) in enumerate(zip(money.members, money.programmes, strict=True))}
    shares, given = np.zeros(len(money.members)), set[int]()
    seen: dict[str, float] = {}
    for number, (member, programme, share) in rows:
        if member not in blocks:
            faults.append(Fault(path.name, number, member, "unknown member", f"known: {', '.join(blocks)}"))
        elif (member, programme) not in place:
            known = ", ".join(money.programmes[k] for k in blocks[member])
            faults.append(Fault(path.name, number, programme, f"unknown programme of {member}", f"known: {known}"))
        elif place[member, programme] in given:
            faults.append(Fault(path.name, number, f"{member} {programme}", "appears twice", "keep one of the rows"))
        else:
            given.add(place[member, programme])
            shares[place[member, programme]] = share
            seen[member] = seen.get(member, 0.0) + share
    for member, total in seen.items():
        if not any(abs(total - whole) <= 1e-6 * whole for whole in (1, 100)):
            faults.append(Fault(path.name, None, f"{member} {total:g}", "shares do not add up", "let them come to 1"))
    if faults:
        raise SourceError("; ".join(str(fault) for fault in faults))
    return {member: shares[blocks[member]] for member in seen}


def _read_rows(path: Path) -> tuple[list[tuple[int, tuple[str, str, float]]], list[Fault]]:
    if not path.is_file():
        raise SourceError(f"{path}: no such file; give a CSV with the columns member, programme, share")
    if path.stat().st_size > MAX_TABLE_BYTES:
        raise SourceError(f"{path}: larger than {MAX_TABLE_BYTES:,} bytes; a table of shares has a row a programme")
    try:
        raw = pl.read_csv(path, infer_schema=False).fill_null("")
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: not a CSV table ({' '.join(str(error).split())[:80]}); save it as UTF-8") from error
    if set(raw.columns) != {"member", "programme", "share"}:
        raise SourceError(f"{path}: columns are {', '.join(raw.columns)}; give member, programme, share")
    rows, faults = [], []
    for number, (member, programme, text) in enumerate(raw.select("member", "programme", "share").iter_rows(), 2):
        try:
            share = float(text)
        except ValueError:
            share = float("nan")
        if not (np.isfinite(share) and share >= 0):
            faults.append(Fault(path.name, number, text[:40], "share is no number from 0", "correct it"))
        else:
            rows.append((number, (member.strip(), programme.strip(), share)))
    if not rows and not faults:
        raise SourceError(f"{path}: no rows; give a share for every programme of at least one member")
    return rows, faults


def chosen(known: dict[str, Strategy], names: Sequence[str] | None) -> list[Strategy]:
    """Strategies by name, all where none is named; the status quo is always among them, first.

    Raises:
        UnknownName: no such strategy.
        InputError: the same strategy twice.
    """
    wanted = list(known) if names is None else [STATUS_QUO, *(name for name in names if name != STATUS_QUO)]
    for name in wanted:
        if name not in known:
            raise UnknownName("strategy", name, known)
    if len(set(wanted)) < len(wanted):
        raise InputError(f"strategies {', '.join(wanted)}: one is named twice")
    return [known[name] for name in wanted]

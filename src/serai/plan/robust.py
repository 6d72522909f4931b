"""Which strategy holds up: regret, shocks that beat the status quo, tail mean, and whether any of it is decided.

Every function takes *outcomes*: one row per ``member, shock, strategy`` with ``closed``, the share of the gap to the
goals that is closed by the last year. Strategies meet the same shocks with the same luck, so they are compared shock by
shock. Terms after Lempert, Popper and Bankes (2003), *Shaping the Next One Hundred Years*; conditional value at risk
after Rockafellar and Uryasev (2000).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl

from serai.errors import InputError, UnknownName

Floats = npt.NDArray[np.float64]
KEY = ("member", "shock", "strategy")
TAIL = 0.1
"""Share of shocks, the worst ones, whose mean is the conditional value at risk."""
MARGIN = 0.01
"""A difference below this share of the gap (one point in a hundred) is no difference that matters."""
TIE = 1e-6
"""A share of the gap by which nobody beats anybody: the rounding of sums."""
DRAWS = 1000
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Table:
    """The outcomes of one member as a table.

    Attributes:
        member: its code.
        strategies: names, in the order of the columns.
        shocks: numbers of the shocks, in the order of the rows.
        closed: shares of the gap closed, shape ``(shocks, strategies)``.
    """

    member: str
    strategies: tuple[str, ...]
    shocks: tuple[int, ...]
    closed: Floats


def tables(outcomes: pl.DataFrame, value: str = "closed") -> Iterator[Table]:
    """The outcomes member by member, members, shocks and strategies in the order in which they first appear.

    Raises:
        InputError: a column is missing, a figure is not finite, a row appears twice, or a strategy lacks a shock.
    """
    for name in (*KEY, value):
        if name not in outcomes.columns:
            raise InputError(f"outcomes: column '{name}' is missing; give {', '.join((*KEY, value))}")
    if outcomes.height == 0:
        raise InputError("outcomes: there are none; run an ensemble first")
    if outcomes.select(KEY).is_duplicated().any():
        row = outcomes.filter(pl.struct(KEY).is_duplicated()).row(0, named=True)
        raise InputError(f"outcomes: {_where(row)} appears twice; give one row a shock and strategy")
    for (member,), rows in outcomes.group_by("member", maintain_order=True):
        yield _table(str(member), rows, value)


def _table(member: str, rows: pl.DataFrame, value: str) -> Table:
    bad = rows.filter(pl.col(value).is_null() | ~pl.col(value).cast(pl.Float64).is_finite())
    if bad.height:
        raise InputError(f"outcomes: {value} of {_where(bad.row(0, named=True))} is no finite number")
    strategies = rows["strategy"].unique(maintain_order=True)
    shocks = rows["shock"].unique(maintain_order=True)
    wide = rows.pivot("strategy", index="shock", values=value, maintain_order=True).select(strategies.to_list())
    if rows.height != strategies.len() * shocks.len():
        lacking = next(name for name in wide.columns if wide[name].null_count())
        at = shocks[int(wide[lacking].is_null().arg_true()[0])]
        raise InputError(f"outcomes: member {member}, strategy '{lacking}' lacks shock {at}; every strategy meets all")
    closed = np.ascontiguousarray(wide.to_numpy().astype(np.float64))
    return Table(member, tuple(strategies), tuple(shocks), closed)


def _where(row: dict[str, object]) -> str:
    return ", ".join(f"{name} {row[name]}" for name in KEY)


def regret(outcomes: pl.DataFrame) -> pl.DataFrame:
    """How far each strategy falls short of the best one in the same shock.

    Args:
        outcomes: see the module.

    Returns:
        ``outcomes`` with ``best`` (the largest share any strategy closes in that shock) and ``regret`` (``best`` less
        ``closed``, never below 0).

    Raises:
        InputError: the outcomes are not complete.
    """
    for _ in tables(outcomes):
        pass
    best = pl.col("closed").max().over("member", "shock")
    return outcomes.with_columns(best.alias("best"), (best - pl.col("closed")).alias("regret"))


def cvar(values: Floats, tail: float = TAIL) -> Floats:
    """Mean of the worst ``tail`` of the values along the second-last axis (the lowest are the worst).

    The value at the edge of the tail enters with the part of it that lies inside, so that the result changes smoothly
    with ``tail``.
    """
    count = values.shape[-2]
    inside = tail * count
    whole = int(np.floor(inside))
    # Below the edge only the sum counts, not the order.
    ordered = np.partition(values, min(whole, count - 1), axis=-2)
    weights = np.zeros(count)
    weights[:whole] = 1.0
    if whole < count:
        weights[whole] = inside - whole
    found: Floats = np.tensordot(ordered, weights, axes=([-2], [0])) / inside
    return found


def _mean(values: Floats) -> Floats:
    found: Floats = values.mean(axis=-2)
    return found


def _worst_regret(values: Floats) -> Floats:
    """Minus the largest regret, so that more is better as in the other criteria."""
    found: Floats = -(values.max(axis=-1, keepdims=True) - values).max(axis=-2)
    return found


CRITERIA: dict[str, Callable[[Floats], Floats]] = {"mean": _mean, "cvar": cvar, "regret": _worst_regret}
"""What a strategy can be judged by; more is better in each."""


def summary(
    outcomes: pl.DataFrame, *, status_quo: str = "as_is", tail: float = TAIL, draws: int = DRAWS, seed: int = 0
) -> pl.DataFrame:
    """What each strategy comes to over all shocks.

    Args:
        outcomes: see the module.
        status_quo: strategy the others must beat.
        tail: share of shocks in ``cvar``.
        draws: bootstrap samples of the shocks behind the intervals.
        seed: of the bootstrap.

    Returns:
        One row per member and strategy: ``member, strategy, shocks, mean, mean_low, mean_high`` (95 % interval),
        ``p10, p50, p90, cvar`` (mean of the worst ``tail``), ``regret_mean, regret_p90, regret_max``, ``satisficing``
        (share of shocks in which it closes more than the status quo; null for the status quo itself),
        ``satisficing_low, satisficing_high, nature`` (``M``).

    Raises:
        InputError: the outcomes are not complete; ``tail`` is not above 0 and at most 1.
        UnknownName: the status quo is none of the strategies.
    """
    if not 0 < tail <= 1:
        raise InputError(f"tail is {tail}; give a share above 0 and at most 1")
    rows: list[dict[str, object]] = []
    for table in tables(outcomes):
        if status_quo not in table.strategies:
            raise UnknownName("strategy", status_quo, table.strategies, f"outcomes of {table.member}")
        rows += _summarised(table, status_quo, tail, _picks(len(table.shocks), draws, seed))
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.lit("M").alias("nature"))


def _summarised(table: Table, status_quo: str, tail: float, picks: npt.NDArray[np.intp]) -> Iterator[dict[str, object]]:
    closed = table.closed
    short = closed.max(axis=1, keepdims=True) - closed
    beats = closed > closed[:, [table.strategies.index(status_quo)]] + TIE
    edges = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    means, shares = (np.quantile(part[picks].mean(axis=1), edges, axis=0) for part in (closed, beats.astype(float)))
    spread, worst = np.quantile(closed, [0.1, 0.5, 0.9], axis=0), cvar(closed, tail)
    for k, name in enumerate(table.strategies):
        own = name == status_quo
        yield {
            "member": table.member, "strategy": name, "shocks": len(table.shocks),
            "mean": closed[:, k].mean(), "mean_low": means[0, k], "mean_high": means[1, k],
            "p10": spread[0, k], "p50": spread[1, k], "p90": spread[2, k], "cvar": worst[k],
            "regret_mean": short[:, k].mean(), "regret_p90": np.quantile(short[:, k], 0.9),
            "regret_max": short[:, k].max(),
            "satisficing": None if own else beats[:, k].mean(),
            "satisficing_low": None if own else shares[0, k], "satisficing_high": None if own else shares[1, k],
        }  # fmt: skip


def paired(
    outcomes: pl.DataFrame,
    *,
    criterion: str = "mean",
    margin: float = MARGIN,
    draws: int = DRAWS,
    seed: int = 0,
) -> pl.DataFrame:
    """Every two strategies compared on the same shocks, with intervals that hold for all pairs of a member at once.

    The shocks are drawn again (bootstrap), whole rows of strategies at a time, so what strategies share cancels. The
    half width of each interval is the 95 % quantile of the largest standardised deviation over all pairs, times the
    standard error of the pair (Romano and Wolf 2005).

    Args:
        outcomes: see the module.
        criterion: ``mean``, ``cvar`` or ``regret`` (the largest).
        margin: a difference no larger does not matter.
        draws, seed: of the bootstrap.

    Returns:
        ``member, criterion, strategy, other, difference`` (positive: the first is better), ``low, high, verdict``:
        ``ahead`` or ``behind`` (the whole interval is beyond 0 and the difference beyond the margin), ``alike`` (the
        whole interval within the margin), else ``open``; ``nature`` (``M``).

    Raises:
        InputError: the outcomes are not complete; a member has fewer than two strategies or ten shocks.
        UnknownName: no such criterion.
    """
    if criterion not in CRITERIA:
        raise UnknownName("criterion", criterion, CRITERIA)
    rows: list[dict[str, object]] = []
    for table in tables(outcomes):
        if len(table.strategies) < 2 or len(table.shocks) < 10:
            raise InputError(
                f"outcomes of {table.member}: {len(table.strategies)} strategies, {len(table.shocks)} shocks; "
                "a comparison needs two strategies and ten shocks"
            )
        rows += _compared(table, criterion, margin, _picks(len(table.shocks), draws, seed))
    return pl.DataFrame(rows).with_columns(pl.lit("M").alias("nature"))


def _compared(table: Table, criterion: str, margin: float, picks: npt.NDArray[np.intp]) -> Iterator[dict[str, object]]:
    judge = CRITERIA[criterion]
    value = judge(table.closed)
    again = np.concatenate([judge(table.closed[part]) for part in np.array_split(picks, max(1, len(picks) // 100))])
    pairs = list(combinations(range(len(table.strategies)), 2))
    one, two = (np.array(side) for side in zip(*pairs, strict=True))
    difference, drawn = value[one] - value[two], again[:, one] - again[:, two]
    error = drawn.std(axis=0, ddof=1)
    standard = np.divide(np.abs(drawn - difference), error, out=np.zeros_like(drawn), where=error > 0)
    half = np.quantile(standard.max(axis=1), LEVEL) * error
    for at, (i, j) in enumerate(pairs):
        found = float(difference[at])
        low, high = found - half[at], found + half[at]
        yield {
            "member": table.member, "criterion": criterion, "strategy": table.strategies[i],
            "other": table.strategies[j], "difference": found, "low": low, "high": high,
            "verdict": _verdict(found, low, high, margin),
        }  # fmt: skip


def _verdict(found: float, low: float, high: float, margin: float) -> str:
    if low > 0 and found > margin:
        return "ahead"
    if high < 0 and found < -margin:
        return "behind"
    return "alike" if -margin <= low and high <= margin else "open"


def decision(compared: pl.DataFrame) -> pl.DataFrame:
    """Whether the comparison names a best strategy at all.

    Args:
        compared: as from :func:`paired`.

    Returns:
        One row per member and criterion: ``member, criterion, best`` (highest estimate), ``leading`` (list: the best
        and all that are not told apart from it), ``alike`` (list: those whose difference to the best is shown not to
        matter), ``decided`` (the best alone leads), ``undecided_pairs``, ``pairs, nature``.
    """
    rows = []
    for (member, criterion), part in compared.group_by("member", "criterion", maintain_order=True):
        turned = part.select(
            pl.col("other").alias("strategy"),
            pl.col("strategy").alias("other"),
            -pl.col("difference"),
            pl.col("verdict").replace({"ahead": "behind", "behind": "ahead"}),
        )
        both = pl.concat([part.select(turned.columns), turned])
        names = both["strategy"].unique(maintain_order=True).to_list()
        best = both.group_by("strategy", maintain_order=True).agg(pl.col("difference").min()).sort(
            "difference", descending=True, maintain_order=True
        )["strategy"][0]  # fmt: skip
        verdicts = dict(both.filter(pl.col("strategy") == best).select("other", "verdict").iter_rows())
        rows.append(
            {
                "member": member, "criterion": criterion, "best": best,
                "leading": [name for name in names if name == best or verdicts[name] != "ahead"],
                "alike": [name for name in names if verdicts.get(name) == "alike"],
                "decided": all(verdict == "ahead" for verdict in verdicts.values()),
                "undecided_pairs": part.filter(pl.col("verdict").is_in(["open", "alike"])).height,
                "pairs": part.height,
            }
        )  # fmt: skip
    return pl.DataFrame(rows).with_columns(pl.lit("M").alias("nature"))


def _picks(shocks: int, draws: int, seed: int) -> npt.NDArray[np.intp]:
    """Bootstrap samples of the shocks, shape ``(draws, shocks)``."""
    picks: npt.NDArray[np.intp] = np.random.default_rng(seed).integers(0, shocks, size=(draws, shocks))
    return picks

"""Which activities and rows are taken into the ledger, and why the others are not: one line each.

A fault of the whole activity (no identifier, shares that do not sum to 100) leaves it out; a fault of one transaction
or budget leaves out that row and takes the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import polars as pl

from serai.coordinate.iati.read import Frames, Reject, Taken
from serai.coordinate.iati.spec import shapes

TOLERANCE = 0.1
"""How far shares may miss 100 per cent by rounding: twenty shares of two decimals do so by as much."""
FIRST = date(1950, 1, 1)
EAST = timedelta(hours=14)
"""The zone in which days begin first: what is dated tomorrow may have happened there."""
BUDGET_YEARS = 10
"""Budgets further ahead than this are slips of the pen."""


@dataclass(frozen=True, slots=True)
class _Flaw:
    """A condition on the rows of a table under which they are not taken."""

    table: str
    bad: pl.Expr
    shown: str | pl.Expr
    problem: str
    remedy: str
    whole: bool = False


@cache
def currencies() -> frozenset[str]:
    """Codes of currencies, present and past (ISO 4217, by way of CLDR); not those for tests and for none."""
    from babel.numbers import list_currencies

    return (frozenset(list_currencies()) | {"XDR"}) - {"XTS", "XXX"}


def accept(taken: Taken, file: str, *, today: date | None = None) -> Taken:
    """The rows that hold, with the faults of the others added to the rejects.

    Args:
        taken: rows as read.
        file: name to put before the lines.
        today: the day after which nothing can have been paid; by default the one it is already in the east.
    """
    frames = _with_defaults(dict(taken.frames))
    rejects = list(taken.rejects)
    flaws = _flaws(today or (datetime.now(UTC) + EAST).date())
    if any(_found(frame, [flaw for flaw in flaws if flaw.table == name]) for name, frame in frames.items()):
        lines = _lines(frames)
        for flaw in flaws:
            if flaw.table in frames:
                _apply(flaw, frames, lines, file, rejects)
    for name, shape in shapes().items():
        if name in frames:
            kept = [*shape.schema, *(c for c in ("usd",) if c in frames[name].columns)]
            frames[name] = frames[name][kept]
    return Taken(frames, rejects)


def _with_defaults(frames: Frames) -> Frames:
    """Values without a currency take their activity's; dates of conversion default to the day of the row."""
    for head, tables in (("activities", ("transactions", "budgets")), ("organisations", ("organisation_budgets",))):
        if head not in frames:
            continue
        default = frames[head].select("record", pl.col("default_currency").alias("default"))
        for name in tables:
            own = "date" if name == "transactions" else "start"
            frames[name] = (
                frames[name]
                .join(default, on="record", how="left", maintain_order="left")
                .with_columns(
                    pl.coalesce("currency", "default").alias("currency"),
                    # A transaction that names no date of conversion is converted at its own.
                    pl.coalesce("value_date", own).alias("value_date"),
                )
                .drop("default")
            )
    return frames


def _lines(frames: Frames) -> pl.DataFrame:
    head = frames["activities"] if "activities" in frames else frames["organisations"]
    return frames["records"].select("record", "line").join(head.select("record", "identifier"), on="record", how="left")


def _found(frame: pl.DataFrame, flaws: Sequence[_Flaw]) -> bool:
    """Whether any row of a table has a flaw: asked at once, as most have none."""
    asked = [flaw.bad.any().alias(str(number)) for number, flaw in enumerate(flaws)]
    return bool(asked) and any(frame.select(asked).row(0))


def _apply(flaw: _Flaw, frames: Frames, lines: pl.DataFrame, file: str, rejects: list[Reject]) -> None:
    frame = frames[flaw.table]
    bad = frame.with_columns(_expr(flaw.shown).cast(pl.String).alias("_shown")).filter(flaw.bad)
    if bad.is_empty():
        return
    named = bad.join(lines, on="record", how="left", suffix="_head", maintain_order="left")
    rejects += _said(flaw, named, file)
    if flaw.whole:
        left = bad.select("record").unique()
        for name in frames:
            frames[name] = frames[name].join(left, on="record", how="anti", maintain_order="left")
    else:
        frames[flaw.table] = frame.filter(~flaw.bad.fill_null(False))


def _said(flaw: _Flaw, bad: pl.DataFrame, file: str) -> Iterator[Reject]:
    identifier = "identifier_head" if "identifier_head" in bad.columns else "identifier"
    seen: set[int] = set()
    for row in bad.iter_rows(named=True):
        if flaw.whole and row["record"] in seen:
            continue
        seen.add(row["record"])
        part = "activity" if flaw.whole else flaw.table.removesuffix("s").replace("_", " ")
        if row.get("transaction") and not flaw.whole:
            part = f"transaction {row['transaction']}"
        value = (row["_shown"] or "")[:80]
        yield Reject(file, row["line"], row[identifier] or "", part, value, flaw.problem, flaw.remedy)


def _expr(shown: str | pl.Expr) -> pl.Expr:
    return pl.col(shown) if isinstance(shown, str) else shown


@cache
def _flaws(today: date) -> tuple[_Flaw, ...]:
    number, ask = "give it as digits with a point", "correct it, or ask the publisher"
    late = date(today.year + BUDGET_YEARS, 12, 31)
    unknown = ~pl.col("currency").is_in(sorted(currencies())) | pl.col("currency").is_null()
    future = pl.col("date") > today
    flaws = [
        _Flaw("activities", pl.col("identifier").is_null(), "title", "no identifier", "give it one", whole=True),
        _Flaw("organisations", pl.col("identifier").is_null(), "name", "no identifier", "give it one", whole=True),
        *_share_flaws(),
    ]
    for name in ("transactions", "budgets", "organisation_budgets"):
        flaws += [
            _Flaw(
                name,
                pl.col("value").is_null() | ~pl.col("value").is_finite(),
                "value_text",
                "value is no number",
                number,
            ),
            _Flaw(name, unknown, "currency", "unknown currency", "use a code of ISO 4217"),
        ]
    begins = pl.col("start").is_null() | (pl.col("start") < FIRST) | (pl.col("start") > late)
    for name in ("budgets", "organisation_budgets"):
        flaws += [
            _Flaw(name, pl.col("value") < 0, "value_text", "negative budget", "state what is planned as zero or more"),
            _Flaw(name, begins, "start_text", f"begins at no date from {FIRST.year} to {late.year}", ask),
            _Flaw(name, pl.col("end") < pl.col("start"), "end_text", "ends before it begins", ask),
        ]
    dated = pl.col("date").is_null() | (pl.col("date") < FIRST)
    return (
        *flaws,
        _Flaw("transactions", pl.col("type").is_null(), "ref", "no transaction type", ask),
        _Flaw("transactions", dated, "date_text", f"no date since {FIRST.year}", ask),
        _Flaw("transactions", future, "date_text", "dated in the future", "report it when it has happened"),
    )  # fmt: skip


def _share_flaws() -> list[_Flaw]:
    """Shares that do not make a whole. Regions of one vocabulary and countries share one hundred per cent."""
    keys = ("record", "transaction")
    sector = (*keys, pl.col("vocabulary").fill_null("").replace("", "1"))
    country = pl.col("kind") == "recipient-country"
    place = (*keys, pl.when(country).then(pl.lit("1")).otherwise(pl.col("vocabulary").fill_null("1")))
    remedy = "make the shares whole; the activity is left out until they are"
    share, text = pl.col("percentage"), pl.col("percentage_text")
    return [
        _Flaw(table, bad, shown, problem.format(table), remedy, whole=True)
        for table, keys in (("sectors", sector), ("recipients", place))
        for bad, shown, problem in (
            (text.is_not_null() & share.is_null(), text, "a percentage of {} is no number"),
            (share < 0, text, "a percentage of {} is below zero"),
            (_not_whole(keys), _total(keys), "percentages of {} do not sum to 100"),
        )
    ]


def _total(keys: tuple[str | pl.Expr, ...]) -> pl.Expr:
    return pl.col("percentage").sum().over(*keys).round(4)


def _not_whole(keys: tuple[str | pl.Expr, ...]) -> pl.Expr:
    share = pl.col("percentage")
    alone = (pl.len() == 1) & pl.col("percentage_text").is_null()
    wrong = pl.any_horizontal(
        share.is_null().any(),  # one of several without a share
        (share.sum() - 100).abs() > TOLERANCE,
    )
    return (~alone & wrong).over(*keys)

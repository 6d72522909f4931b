"""Which activities and rows are taken into the ledger, and why the others are not: one line each.

A fault of the whole activity (no identifier, shares that do not sum to 100) leaves it out; a fault of one transaction,
of one budget or of shares that do not count leaves out those rows and takes the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import polars as pl

from serai.coordinate.iati.read import Frames, Reject, Taken
from serai.coordinate.iati.shares import WHOSE, is_country, recipient_counts, sector_counts, vocabulary
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
    """The whole activity is not taken, and told once."""
    by: tuple[str, ...] = ()
    """Columns that are alike in rows told in one line; empty: each has its own."""


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
    """Values without a currency take their activity's; dates of conversion default to the day of the row.

    Whether a share counts is noted beside it.
    """
    for name, counts in (("sectors", sector_counts()), ("recipients", recipient_counts())):
        if name in frames:
            frames[name] = frames[name].with_columns(counts.alias("counts"))
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
    told = ("record",) if flaw.whole else flaw.by
    seen: set[tuple[object, ...]] = set()
    for row in bad.iter_rows(named=True):
        key = tuple(row[name] for name in told)
        if key and key in seen:
            continue
        seen.add(key)
        table = flaw.table.replace("_", " ")
        part = "activity" if flaw.whole else table if flaw.by else table.removesuffix("s")
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


def _share_flaws() -> Iterator[_Flaw]:
    """Shares that do not make a whole: of those that count, no sum could be right; others are left out alone."""
    share, text, counts = pl.col("percentage"), pl.col("percentage_text"), pl.col("counts")
    whole = "make the shares whole; the activity is left out until they are"
    apart = "make the shares whole; those of this vocabulary are left out until they are"
    for table in ("sectors", "recipients"):
        total = _over_whole(table, share)
        alone = (_over_whole(table, pl.lit(1.0)) == 1) & text.is_null()
        lacking = _over_whole(table, share.is_null().cast(pl.Float64)) > 0
        bad = ~alone & (lacking | ((total - 100).abs() > TOLERANCE))
        no_number = counts & text.is_not_null() & share.is_null()
        yield _Flaw(table, no_number, text, f"a percentage of {table} is no number", whole, whole=True)
        yield _Flaw(table, counts & (share < 0), text, f"a percentage of {table} is below zero", whole, whole=True)
        problem = f"percentages of {table} do not sum to 100"
        yield _Flaw(table, counts & bad, total.round(4), problem, whole, whole=True)
        shown = pl.format("vocabulary {}: {}", vocabulary(), total.round(4))
        yield _Flaw(table, ~counts & (bad | (share < 0)), shown, problem, apart, by=(*WHOSE, "vocabulary"))


def _over_whole(table: str, what: pl.Expr) -> pl.Expr:
    """The sum over what a sector or recipient shares one hundred per cent with.

    That is all that counts; else what is of its own vocabulary, and the countries beside regions.
    """
    counts = pl.col("counts")
    own = pl.when(~counts).then(what).sum().over(*WHOSE, vocabulary())
    beside = pl.when(is_country()).then(what).sum().over(*WHOSE) if table == "recipients" else 0.0
    return pl.when(counts).then(pl.when(counts).then(what).sum().over(*WHOSE)).otherwise(own + beside)

"""Failure boxes of an ensemble, in words and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from serai.errors import UnknownName
from serai.plan.inputs import Input
from serai.plan.prim import Box, Limit, find_boxes
from serai.plan.robust import TIE

BOXES = {
    "member": pl.String,
    "strategy": pl.String,
    "fails": pl.String,
    "box": pl.Int64,
    "words": pl.String,
    "coverage": pl.Float64,
    "density": pl.Float64,
    "base": pl.Float64,
    "cases": pl.Int64,
    "input": pl.String,
    "low": pl.Float64,
    "high": pl.Float64,
    "values": pl.String,
    "quasi_p": pl.Float64,
    "again": pl.Float64,
    "nature": pl.String,
}
"""Columns of :func:`failure_boxes`: one row per restriction of a box."""
FAILS = ("status_quo", "regret", "worst")
"""What counts as failing: closing less than the status quo; regret in its worst fifth; what the strategy closes in its
own worst fifth of shocks."""
GENERIC = {
    "en": {"start": ("“{title}” begins after {}", "“{title}” begins before {}"),
           "years": ("“{title}” lasts over {} years", "“{title}” lasts under {} years"),
           "network": "the network of indicators is {}", "or": " or ", "and": " and ", "between": "{low}, but {high}"},
    "ru": {"start": ("«{title}» начинается после {}", "«{title}» начинается до {}"),
           "years": ("«{title}» длится (лет) более {}", "«{title}» длится (лет) менее {}"),
           "network": "сеть показателей — {}", "or": " или ", "and": " и ", "between": "{low}, но {high}"},
}  # fmt: skip
"""Words for starts, lengths and networks, by language."""


def fails(outcomes: pl.DataFrame, strategy: str, *, how: str, status_quo: str) -> pl.DataFrame:
    """Which shocks a strategy fails in.

    Args:
        outcomes: of one member, ``shock, strategy, closed``.
        strategy: the one that is asked about.
        how: one of :data:`FAILS`; the status quo itself is judged by ``worst`` where it would be compared with itself.
        status_quo: strategy to beat.

    Returns:
        ``shock, fails``.

    Raises:
        UnknownName: no such strategy or way to fail.
    """
    if how not in FAILS:
        raise UnknownName("way to fail", how, FAILS)
    wide = outcomes.pivot("strategy", index="shock", values="closed").sort("shock")
    for name in (strategy, status_quo):
        if name not in wide.columns:
            raise UnknownName("strategy", name, [c for c in wide.columns if c != "shock"], "the outcomes")
    own = pl.col(strategy)
    if how == "regret":
        short = wide.select((pl.max_horizontal(pl.exclude("shock")) - own).alias("short"))["short"]
        bad = (short > short.quantile(0.8, "linear")) & (short > 0)
        return wide.select("shock").with_columns(bad.alias("fails"))
    if how == "status_quo" and strategy != status_quo:
        return wide.select("shock", (own < pl.col(status_quo) - TIE).alias("fails"))
    return wide.select("shock", (own < own.quantile(0.2, "linear")).alias("fails"))


def failure_boxes(
    outcomes: pl.DataFrame,
    values: pl.DataFrame,
    inputs: Sequence[Input],
    *,
    how: str = "status_quo",
    status_quo: str = "as_is",
    language: str = "en",
    most: int = 2,
) -> pl.DataFrame:
    """Conditions under which each strategy fails, for each member.

    Args:
        outcomes: ``member, shock, strategy, closed``.
        values: what was drawn: ``shock`` and one column an input.
        inputs: the uncertain inputs, for their words.
        how: what counts as failing, see :func:`fails`.
        status_quo: strategy to beat.
        language: of the words.
        most: boxes for one strategy at most.

    Returns:
        One row per restriction, columns as in :data:`BOXES`; a strategy without a box has no rows. Boxes over all
        inputs come first, then further ones over the shocks alone.
    """
    known = {one.id: one for one in inputs}
    drawn = values.sort("shock")
    rows: list[dict[str, object]] = []
    for (member,), part in outcomes.group_by("member", maintain_order=True):
        for strategy in part["strategy"].unique(maintain_order=True):
            bad = fails(part, strategy, how=how, status_quo=status_quo)["fails"]
            meant = "worst" if how == "status_quo" and strategy == status_quo else how
            found = {in_words(box.limits, known, language): box for box in _searched(drawn, bad, most)}
            for number, (told, box) in enumerate(found.items(), 1):
                about = {"member": member, "strategy": strategy, "fails": meant, "box": number, "words": told}
                rows += [{**about, **row} for row in _rows(box)]
    return pl.DataFrame(rows, schema=BOXES)


def _searched(drawn: pl.DataFrame, bad: pl.Series, most: int) -> Iterator[Box]:
    """Boxes over all inputs, then over shocks alone: what one can see coming, whatever the model's own unknowns are."""
    every = drawn.drop("shock")
    yield from find_boxes(every, bad, most=most)
    shocks = [name for name in every.columns if "." in name]
    if shocks and len(shocks) < every.width:
        yield from find_boxes(every.select(shocks), bad, most=most)


def _rows(box: Box) -> list[dict[str, object]]:
    return [
        {
            "coverage": box.coverage, "density": box.density, "base": box.base, "cases": box.cases,
            "input": limit.name, "low": limit.low, "high": limit.high, "values": ", ".join(limit.values),
            "quasi_p": limit.quasi_p, "again": limit.again, "nature": "M",
        }
        for limit in box.limits
    ]  # fmt: skip


def in_words(limits: Sequence[Limit], known: Mapping[str, Input], language: str = "en") -> str:
    """The conditions of a box as half a sentence: "remittances fall by over 28 % and ..."."""
    words = GENERIC.get(language, GENERIC["en"])
    return str(words["and"]).join(_condition(limit, known[limit.name], language) for limit in limits)


def limits_of(rows: pl.DataFrame) -> tuple[Limit, ...]:
    """The restrictions of one box from its rows in :data:`BOXES`."""
    return tuple(
        Limit(
            row["input"], row["low"], row["high"], tuple(row["values"].split(", ")) if row["values"] else (),
            row["quasi_p"], row["again"],
        )
        for row in rows.iter_rows(named=True)
    )  # fmt: skip


def _condition(limit: Limit, one: Input, language: str) -> str:
    words = GENERIC.get(language, GENERIC["en"])
    title = one.title.get(language, one.title["en"])
    if limit.values:
        return str(words["network"]).replace("{}", str(words["or"]).join(f"“{name}”" for name in limit.values))
    if one.over:
        over, under = (side.get(language, side["en"]) for side in (one.over, one.under))
    else:
        over, under = (text.replace("{title}", title) for text in words[one.id.rsplit(".", 1)[-1]])
    parts = [
        text.replace("{}", _number(end, one, language))
        for text, end in ((over, limit.low), (under, limit.high))
        if end is not None
    ]
    if len(parts) == 1:
        return parts[0]
    return str(words["between"]).replace("{low}", parts[0]).replace("{high}", parts[1])


def _number(value: float, one: Input, language: str) -> str:
    """A number as one would say it: whole where its range is wide."""
    whole = one.high - one.low >= 10
    text = f"{value:.0f}" if whole else f"{value:.1f}".removesuffix(".0")
    return text.replace(".", ",") if language == "ru" else text

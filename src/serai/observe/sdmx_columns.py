"""What the attributes of an SDMX observation say, read in one place: nature, flag, status, bound, note.

Both readers of the SDG structure use it: :mod:`serai.observe.sdmx` (messages, codes of the structure) and
:mod:`serai.observe.sdmx_table` (one flat table of an office, with the office's own units).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from serai.observe.sdmx_status import STATUS_NOTES

NATURES: Mapping[str, str] = {"": "", "_X": "", **{code: code for code in ("C", "CA", "E", "M", "G", "N")}}
"""Code of NATURE -> ours; ``_X`` says that it is not stated."""
FLAGS: Mapping[str, str] = {"": "", **STATUS_NOTES}
"""Code of OBS_STATUS -> words for the note; no flag says nothing."""
FLAG_REMEDY = "use a code of SDMX CL_OBS_STATUS"
NATURE_REMEDY = "use C, CA, E, M, G, N, _X or nothing"
BOUND = r"^([<>])"
"""A value published as a bound: its sign, then the number."""
GLOBAL_FIGURE = "global figure, republished"
ATTRIBUTES = ("OBS_STATUS", "NATURE", "TIME_DETAIL", "REPORTING_TYPE", "COMMENT_OBS", "COMMENT_TS")


def with_attributes(raw: pl.DataFrame, more: tuple[str, ...] = ()) -> pl.DataFrame:
    """``raw`` with every attribute that is read, empty where it lacks one; texts without blanks around them."""
    absent = [pl.lit("").alias(name) for name in (*ATTRIBUTES, *more) if name not in raw.columns]
    said = raw.with_columns(absent).with_columns(
        pl.col(*ATTRIBUTES, *more).cast(pl.String).fill_null("").str.strip_chars()
    )
    return said.with_columns(pl.col("OBS_STATUS", "NATURE").str.to_uppercase())


def status(nothing: pl.Expr) -> pl.Expr:
    """State of an observation: without a value withheld (``Q``) or not applicable (``M``); provisional (``P``).

    Args:
        nothing: whether no value is given.
    """
    flag = pl.col("OBS_STATUS")
    return (
        pl.when(nothing & (flag == "Q"))
        .then(pl.lit("withheld"))
        .when(nothing & (flag == "M"))
        .then(pl.lit("not_applicable"))
        .when(flag == "P")
        .then(pl.lit("provisional"))
        .otherwise(pl.lit("published"))
    )


def note(nothing: pl.Expr, period: str) -> pl.Expr:
    """What else must be known: no value, the flag in words, the time meant, a republished figure, the comments.

    Args:
        nothing: whether no value is given.
        period: column of the year as text.
    """
    flag, detail = pl.col("OBS_STATUS"), pl.col("TIME_DETAIL")
    parts = (
        pl.when(nothing & ~flag.is_in(["M", "Q"])).then(pl.lit("no value given")).otherwise(pl.lit("")),
        flag.replace_strict(FLAGS, default="", return_dtype=pl.String),
        pl.when((detail != "") & (detail != pl.col(period))).then(pl.lit("time: ") + detail).otherwise(pl.lit("")),
        pl.when(pl.col("REPORTING_TYPE") == "G").then(pl.lit(GLOBAL_FIGURE)).otherwise(pl.lit("")),
        *(pl.col(name).str.replace_all(r"\s+", " ").str.strip_chars("* ") for name in ("COMMENT_OBS", "COMMENT_TS")),
    )
    filled = [pl.when(part != "").then(part) for part in parts]
    return pl.concat_str(filled, separator="; ", ignore_nulls=True)

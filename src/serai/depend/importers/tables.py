"""Square matrices, the UN stock of migrants, and tables in the form of the flow table itself."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from serai.depend.flows import FLOWS
from serai.depend.importers.codes import AreaCodes, numbers
from serai.errors import SourceError
from serai.observe.files import read_csv

YEAR = re.compile(r"^(19|20)\d\d$")
TOTALS = ("total", "world")
DESTINATION, ORIGIN = "Location code of destination", "Location code of origin"
AGGREGATES = 900
"""UN location codes from here on are groups of countries; 900 itself is the world."""


def matrix(path: Path, codes: AreaCodes, *, year: int, scale: float = 1.0) -> pl.DataFrame:
    """A square table: who sends down the side, who receives across the top; the first column holds names.

    So the remittance matrix of the World Bank and KNOMAD is published (``scale`` 1e6). Rows and columns named World or
    Total are totals.

    Args:
        path: the file.
        codes: what its names stand for.
        year: the year it speaks of.
        scale: what its numbers are to be multiplied by.

    Returns:
        ``origin, destination, period, value, reported_by``.

    Raises:
        SourceError: not such a file; unknown names; numbers that are none.
    """
    frame = read_csv(path)
    side = frame.columns[0]
    across = [name for name in frame.columns[1:] if name.strip() and not name.startswith("_duplicated")]
    frame = frame.filter(pl.col(side).str.strip_chars().fill_null("") != "")
    if not across or frame.is_empty():
        raise SourceError(f"{path.name}: no matrix: senders down the first column, receivers across the first line")
    everyone = {name: "world" if AreaCodes.plain(name) in TOTALS else name for name in (*across, *frame[side])}
    found = codes.areas(everyone.values(), path.name, "name")
    area = {name: found[known] for name, known in everyone.items()}
    long = pl.concat([
        pl.DataFrame({
            "origin": [area[name] for name in frame[side]],
            "destination": [area[column]] * frame.height,
            "value": numbers(frame, column, path.name) * scale,
        }, schema={"origin": pl.String, "destination": pl.String, "value": pl.Float64})
        for column in across
    ])  # fmt: skip
    kept = long.filter(
        (pl.col("origin") != "") & (pl.col("destination") != "") & (pl.col("origin") != pl.col("destination"))
    )
    # A blank of a published matrix is no pair at all: only what is given, zeros included, is a figure.
    kept = kept.drop_nulls("value")
    return kept.with_columns(pl.lit(year, pl.Int32).alias("period"), pl.lit("").alias("reported_by"))


def migrant_stock(path: Path, codes: AreaCodes) -> pl.DataFrame:
    """Table 1 of the UN DESA International Migrant Stock by destination and origin, saved as CSV with its header line.

    Years that appear three times are of both sexes, men and women, in this order: the first is taken.

    Returns:
        ``origin, destination, period, value, reported_by``, values in persons; the world is a total.

    Raises:
        SourceError: not such a file; unknown codes; numbers that are none.
    """
    frame = read_csv(path)
    names = {" ".join(name.split()): name for name in frame.columns}
    if missing := [name for name in (DESTINATION, ORIGIN) if name not in names]:
        raise SourceError(f"{path.name}: column '{missing[0]}' is missing; save Table 1 by destination and origin")
    years = [name for name in frame.columns if YEAR.match(name.strip())]
    if not years:
        raise SourceError(f"{path.name}: no column is a year; save Table 1 with its header line")
    frame = frame.select(
        pl.col(names[ORIGIN]).alias("origin"), pl.col(names[DESTINATION]).alias("destination"),
        *(pl.col(year).str.strip_chars().replace(["..", "-", ""], None) for year in years),
    ).drop_nulls(["origin", "destination"])  # fmt: skip
    for end in ("origin", "destination"):
        frame = frame.with_columns(numbers(frame, end, path.name).cast(pl.Int64).alias(end))
        frame = frame.filter(pl.col(end) <= AGGREGATES)
    frame = frame.with_columns(
        pl.when(pl.col(end) == AGGREGATES).then(pl.lit("world")).otherwise(pl.col(end).cast(pl.String)).alias(end)
        for end in ("origin", "destination")
    )
    values = frame.with_columns(numbers(frame, year, path.name).alias(year) for year in years)
    long = values.unpivot(index=["origin", "destination"], on=years, variable_name="period", value_name="value")
    long = long.drop_nulls("value").with_columns(pl.col("period").str.strip_chars().cast(pl.Int32))
    for end in ("origin", "destination"):
        long = long.with_columns(long[end].replace_strict(codes.areas(long[end], path.name, end)).alias(end))
    kept = long.filter(
        (pl.col("origin") != "") & (pl.col("destination") != "") & (pl.col("origin") != pl.col("destination"))
    )
    return kept.with_columns(pl.lit("").alias("reported_by"))


def flow_table(path: Path) -> pl.DataFrame:
    """A CSV file that is a flow table already; see :data:`serai.depend.FLOWS`. An empty value is a missing pair.

    Raises:
        SourceError: not such a file; numbers that are none.
    """
    frame = read_csv(path, tuple(FLOWS))
    frame = frame.with_columns(
        numbers(frame, "value", path.name).alias("value"),
        numbers(frame, "period", path.name).cast(pl.Int32).alias("period"),
    )
    return frame.select(pl.col(name).cast(dtype) for name, dtype in FLOWS.items())

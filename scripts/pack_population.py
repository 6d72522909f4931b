"""Population of every country at mid-year, from the tables of World Population Prospects at hand.

The tables give births and crude rates to 2023, the change within each year, and the population at the end of each year
from 2024. Going back from the end of 2024 needs the change within 2024, which is missing. So the level is set by births
over the crude birth rate (per 1000 of mid-year population), weighted by births, because the rates are rounded to three
digits; the changes within years then give every single year.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pack_io import write_csv

YEARS = (2000, 2030)
LAST_ESTIMATE = 2023


def write_population(data: Path, out: Path, by_m49: dict[int, str]) -> int:
    """``population.csv``: area, year, population in thousands at 1 July."""
    rates = pl.read_parquet(data / "wpp2024/misc1dt_all.parquet").sort("country_code", "year")
    ahead = pl.read_parquet(data / "wpp2024/popproj1dt_all.parquet")
    past = _past(rates).filter(pl.col("year") >= YEARS[0])
    table = pl.concat([past.select("country_code", "year", "population"), _future(past, ahead)])
    areas = pl.DataFrame({"country_code": list(by_m49), "area": list(by_m49.values())})
    found = table.join(areas.with_columns(pl.col("country_code").cast(table["country_code"].dtype)), on="country_code")
    found = found.filter(pl.col("year").is_between(*YEARS)).sort("area", "year")
    rows = found.select("area", "year", pl.col("population").round(3)).iter_rows()
    return write_csv(out / "population.csv", ("area", "year", "population"), rows)


def _past(rates: pl.DataFrame) -> pl.DataFrame:
    """Mid-year population to 2023, and the population at the end of each year."""
    change = pl.col("PopChange").cum_sum().over("country_code")
    grown = rates.with_columns(end=change, middle=change - pl.col("PopChange") / 2)
    offset = pl.col("births") / pl.col("cbr") * 1000 - pl.col("middle")
    weight = pl.col("births") ** 2
    known = grown.filter(pl.col("cbr") > 0).group_by("country_code")
    levels = known.agg(((weight * offset).sum() / weight.sum()).alias("level"))
    return grown.join(levels, on="country_code").select(
        "country_code",
        "year",
        population=pl.col("level") + pl.col("middle"),
        end=pl.col("level") + pl.col("end"),
    )


def _future(past: pl.DataFrame, ahead: pl.DataFrame) -> pl.DataFrame:
    """Mid-year population from 2024: the mean of two year ends."""
    ends = ahead.select("country_code", "year", end=pl.col("popM") + pl.col("popF"))
    last = past.filter(pl.col("year") == LAST_ESTIMATE).select("country_code", "year", "end")
    every = pl.concat([last, ends.with_columns(pl.col("year").cast(last["year"].dtype))]).sort("country_code", "year")
    before = pl.col("end").shift().over("country_code")
    middle = every.with_columns(population=(pl.col("end") + before) / 2).drop_nulls("population")
    return middle.select("country_code", "year", "population")

"""Outside the years it was fitted to: the model's levels against what then happened, no change, and the projections."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from serai import assess
from serai.errors import InputError
from serai.plan.indicators import Past
from serai.plan.member import Member
from serai.plan.simulate import simulate

RUNS = 500
"""Of every network."""
BAND = (0.1, 0.9)
FITTED = 5
"""Years of a past that a fit needs."""

HOLDOUT: dict[str, pl.DataType] = {
    "area": pl.String(),
    "series": pl.String(),
    "goal": pl.String(),
    "unit": pl.String(),
    "fitted_to": pl.Int32(),
    "year": pl.Int32(),
    "base": pl.Float64(),
    "observed": pl.Float64(),
    "model": pl.Float64(),
    "model_low": pl.Float64(),
    "model_high": pl.Float64(),
    "projection": pl.Float64(),
    "yearly_change": pl.Float64(),
    "error_model": pl.Float64(),
    "error_no_change": pl.Float64(),
    "error_projection": pl.Float64(),
    "nature": pl.String(),
}
"""Columns of :func:`compared`, values in the unit of the series: last value before (``base``), what was then observed,
mean and 80 % band of the model over all networks, the median of the projection from the same figures (null where there
is none). Errors are distances from what was observed over the mean yearly change up to then times the years ahead."""

SKILL: dict[str, pl.DataType] = {
    "area": pl.String(),
    "series": pl.Int64(),
    "model": pl.Float64(),
    "no_change": pl.Float64(),
    "projection": pl.Float64(),
    "projected": pl.Int64(),
    "model_closer": pl.Float64(),
    "band_held": pl.Float64(),
    "nature": pl.String(),
}
"""Columns of :func:`skill`: series compared, median errors (that of the projection over ``projected`` series), share of
the series in which the model came closer than no change, and share inside its 80 % band. ``all`` is all areas."""


def compared(
    members: Sequence[tuple[Member, pl.DataFrame]], later: Sequence[Past], projected: pl.DataFrame
) -> pl.DataFrame:
    """Every series that was fitted and then observed.

    Args:
        members: each with its parameters under every network, as from ``Planner.calibration``.
        later: their pasts up to the year looked at, in the same order.
        projected: projections of the same figures, columns ``area, series, period, median``.

    Returns:
        Columns as in :data:`HOLDOUT`.
    """
    frames = [pl.DataFrame(schema=HOLDOUT)]
    for (member, parameters), after in zip(members, later, strict=True):
        frames.append(_compared(member, parameters, after, projected))
    return pl.concat(frames)


def _compared(member: Member, parameters: pl.DataFrame, after: Past, projected: pl.DataFrame) -> pl.DataFrame:
    """One member's series."""
    past, year = member.past, after.last
    taken = past.taken.with_columns(span=pl.col("high") - pl.col("low"))
    levels = _ahead(member, parameters, year)
    low, high = np.quantile(levels, BAND, axis=0)
    frame = taken.select("area", "series", "goal", "unit", "low", "span").with_columns(
        model=pl.Series(levels.mean(axis=0)), one=pl.Series(low), other=pl.Series(high)
    )
    value = {name: pl.col("low") + pl.col(level) * pl.col("span") for name, level in
             (("model", "model"), ("end_one", "one"), ("end_other", "other"))}  # fmt: skip
    observed = after.levels.filter((pl.col("year") == year) & (pl.col("filled") == "")).select(
        "series", observed="value"
    )
    base = past.levels.filter(pl.col("year") == past.last).select("series", base="value")
    pace = past.levels.group_by("series").agg(yearly_change=pl.col("value").diff().abs().mean())
    median = projected.filter(pl.col("period") == year).select("area", "series", projection="median")
    frame = (
        frame.with_columns(**value)
        .join(observed, on="series", maintain_order="left")
        .join(base, on="series", maintain_order="left")
        .join(pace, on="series", maintain_order="left")
        .join(median, on=("area", "series"), how="left", maintain_order="left")
        .filter(pl.col("yearly_change") > 0)
    )
    scale = pl.col("yearly_change") * (year - past.last)
    errors = {
        f"error_{name}": (pl.col(column) - pl.col("observed")).abs() / scale
        for name, column in (("model", "model"), ("no_change", "base"), ("projection", "projection"))
    }
    frame = frame.with_columns(
        fitted_to=pl.lit(past.last), year=pl.lit(year), nature=pl.lit("M"),
        model_low=pl.min_horizontal("end_one", "end_other"), model_high=pl.max_horizontal("end_one", "end_other"),
        **errors,
    )  # fmt: skip
    return frame.select(pl.col(name).cast(dtype) for name, dtype in HOLDOUT.items())


def _ahead(member: Member, parameters: pl.DataFrame, year: int) -> np.ndarray:
    """Levels in a later year, (runs of all networks, N)."""
    runs = []
    for at, network in enumerate(member.networks):
        model = member.forward(parameters.filter(pl.col("network") == network.name), at, year)
        runs.append(simulate(model, RUNS, keep=("final",))["final"])
    return np.concatenate(runs)


def projections(figures: pl.DataFrame, rules: pl.DataFrame, year: int, to: int) -> pl.DataFrame:
    """Projections made from figures up to a year alone. Parity indices are left out: the model sees their distance."""
    plain = rules.filter(~pl.col("parity").fill_null(value=False))
    known = figures.filter((pl.col("period") <= year) & pl.col("series").is_in(plain["series"].to_list()))
    return assess.project(known, plain, assess.shipped(), to=to)


def skill(found: pl.DataFrame) -> pl.DataFrame:
    """How the model fared, by area and over all; columns as in :data:`SKILL`."""
    inside = pl.col("observed").is_between("model_low", "model_high")
    numbers = {
        "series": pl.len(),
        "model": pl.col("error_model").median(),
        "no_change": pl.col("error_no_change").median(),
        "projection": pl.col("error_projection").median(),
        "projected": pl.col("error_projection").count(),
        "model_closer": (pl.col("error_model") < pl.col("error_no_change")).mean(),
        "band_held": inside.mean(),
        "nature": pl.lit("M"),
    }
    by_area = found.group_by("area", maintain_order=True).agg(**numbers)
    whole = found.select(area=pl.lit("all"), **numbers)
    return pl.concat([frame.select(pl.col(n).cast(t) for n, t in SKILL.items()) for frame in (by_area, whole)])


def check_years(first: int, fitted_to: int, year: int, last: int) -> None:
    """Refuse years between which nothing can be compared.

    Raises:
        InputError: the years are not in order, or there are too few to fit to.
    """
    if not first + FITTED <= fitted_to < year <= last:
        raise InputError(
            f"fitted to {fitted_to} and looked at in {year}: choose years from {first + FITTED} to {last}, "
            "the first before the second"
        )

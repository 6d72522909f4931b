"""A model from tidy tables: indicators, links between them, and budgets, by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from serai.plan._faults import Faults
from serai.plan._lanes import Floats

NEEDED = ("indicator", "I0", "alpha", "alpha_prime", "beta")
OPTIONAL = ("R", "bs", "qm", "rl", "Imax", "Imin", "G", "frontier", "programmes")
LINK = ("origin", "destination", "weight")
BUDGET = ("programme", "period", "value")
SEPARATOR = ";"


def arguments(
    indicators: pl.DataFrame, links: pl.DataFrame | None, budget: pl.DataFrame | None, name: str
) -> dict[str, Any]:
    """Arguments of :meth:`serai.plan.Model.build` from tables.

    Raises:
        InputError: a column is missing or unknown, a name is not there or there twice; all faults at once.
    """
    faults = Faults(name)
    _columns(faults, "indicators", indicators, NEEDED, OPTIONAL)
    if links is not None:
        _columns(faults, "links", links, LINK)
    if budget is not None:
        _columns(faults, "budget", budget, BUDGET)
        if "programmes" not in indicators.columns:
            faults.add("indicators: column 'programmes' is missing", "name the programmes of each, separated by ';'")
    faults.done()
    names = [str(one) for one in indicators["indicator"]]
    for twice in sorted({one for one in names if names.count(one) > 1}):
        faults.add(f"indicators: '{twice}' has more than one row", "keep one")
    given: dict[str, Any] = {"name": name, "indicators": names}
    for column, argument in (("alpha", "alphas"), ("alpha_prime", "alphas_prime"), ("beta", "betas"), ("I0", "I0")):
        given[argument] = _numbers(faults, indicators, column)
    for column in OPTIONAL[:-1]:
        if column in indicators.columns:
            given[column] = _numbers(faults, indicators, column)
    if "bs" in given and "R" in given:
        given["bs"] = given["bs"][given["R"] == 1]
    if links is not None:
        given["A"] = _network(faults, links, names)
    if budget is not None:
        given |= _money(faults, budget, indicators, given.get("R", np.ones(len(names))))
    faults.done()
    return given


def _columns(
    faults: Faults, what: str, frame: pl.DataFrame, needed: tuple[str, ...], optional: tuple[str, ...] = ()
) -> None:
    for column in needed:
        if column not in frame.columns:
            faults.add(f"{what}: column '{column}' is missing", f"found {', '.join(frame.columns)}")
    for column in frame.columns:
        if column not in (*needed, *optional):
            faults.add(f"{what}: column '{column}' is unknown", f"known are {', '.join((*needed, *optional))}")


def _numbers(faults: Faults, frame: pl.DataFrame, column: str) -> Floats:
    """A column as doubles, NaN where it is empty."""
    if not (frame[column].dtype.is_numeric() or frame[column].dtype in (pl.Boolean, pl.Null)):
        faults.add(f"column '{column}' holds {frame[column].dtype}", "give numbers")
        return np.full(frame.height, np.nan)
    return frame[column].cast(pl.Float64).fill_null(float("nan")).to_numpy().copy()


def _network(faults: Faults, links: pl.DataFrame, names: list[str]) -> Floats:
    """Weights as a matrix, rows origins, columns destinations."""
    place = {name: at for at, name in enumerate(names)}
    A, seen = np.zeros((len(names), len(names))), set()
    weights = _numbers(faults, links, "weight")
    for row, (origin, destination) in enumerate(links.select("origin", "destination").iter_rows(), 1):
        for end in (origin, destination):
            if str(end) not in place:
                faults.add(f"links: row {row} names '{end}', which is no indicator", "correct the name or add its row")
        if (origin, destination) in seen:
            faults.add(f"links: {origin} to {destination} is there twice (row {row})", "keep one")
        seen.add((origin, destination))
        if str(origin) in place and str(destination) in place:
            A[place[str(origin)], place[str(destination)]] = weights[row - 1]
    return A


def _money(faults: Faults, budget: pl.DataFrame, indicators: pl.DataFrame, R: Floats) -> dict[str, Any]:
    """Budgets as a matrix, and the programmes of each instrumental indicator."""
    programmes = [str(one) for one in budget["programme"].unique(maintain_order=True)]
    periods = sorted(budget["period"].unique().to_list())
    Bs = np.full((len(programmes), len(periods)), np.nan)
    values = _numbers(faults, budget, "value")
    for row, (programme, period) in enumerate(budget.select("programme", "period").iter_rows()):
        at = programmes.index(str(programme)), periods.index(period)
        if not np.isnan(Bs[at]):
            faults.add(f"budget: {programme} in {period} is there twice (row {row + 1})", "keep one")
        Bs[at] = values[row]
    for k, t in np.argwhere(np.isnan(Bs))[:3]:
        what = f"budget: {programmes[k]} has no number in {periods[t]}"
        faults.add(what, "give every programme every period; 0 is none")
    served: dict[int, list[int]] = {}
    for i, cell in enumerate(indicators["programmes"]):
        if R[i] != 1:
            continue
        wanted = [one.strip() for one in str(cell or "").split(SEPARATOR) if one.strip()]
        for one in wanted:
            if one not in programmes:
                known = ", ".join(programmes[:6])
                faults.add(f"indicators: programme '{one}' (row {i + 1}) has no budget", f"budgets are of {known}")
        served[i] = [programmes.index(one) for one in wanted if one in programmes]
    return {"Bs": Bs, "B_dict": served}

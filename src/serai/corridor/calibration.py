"""How goods split between two routes: fitted on some years, tried on the years after them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import t as student

from serai.corridor.network import Floats
from serai.errors import InputError

LEVEL = 0.9
"""Share of the years that a range is meant to hold."""
COLUMNS = (
    "phase", "route", "year", "measure", "unit", "published", "model_low", "model", "model_high", "residual",
    "no_change", "inside", "basis", "source", "note", "nature",
)  # fmt: skip
UNITS = {"freight": "kt", "containers": "thousand TEU"}


@dataclass(frozen=True, eq=False)
class Split:
    """A fitted split: the logarithm of the odds of two routes is a constant less theta times what one costs more.

    Each regime of years has a constant of its own: it holds what costs cannot explain. The total of both routes is not
    explained at all: it is taken to stay at its mean over the years of the fit, on a logarithmic scale.

    Attributes:
        routes: the route and the one it competes with.
        theta: of the logit, t per USD; given, not fitted.
        constants: of each regime, by name.
        spread: standard deviation of what the fit leaves of the odds' logarithm, and of that of the total.
        freedom: years of the fit less constants.
        total: thousand tonnes a year.
        table: every year, fitted or predicted.
    """

    routes: tuple[str, str]
    theta: float
    constants: dict[str, float]
    spread: tuple[float, float]
    freedom: int
    total: float
    table: pl.DataFrame

    @property
    def fitted(self) -> pl.DataFrame:
        """What was calibrated to what: ``number, value, unit, fitted_to, basis, note``."""
        a, b = self.routes
        years = self.table.filter(pl.col("phase") == "fitted")["year"].to_list()
        span = f"{min(years)}-{max(years)}"
        rows = [
            (f"constant of the split, {name}", value, "", f"odds of {a} against {b}, tonnes, {span}", "fitted",
             "what costs do not explain")
            for name, value in self.constants.items()
        ]  # fmt: skip
        rows.append(("total of both routes", self.total, "kt a year", f"its mean over {span}", "fitted", "no growth"))
        rows.append(("theta", self.theta, "t per USD", "nothing", "assumed", "parameters.csv, choice_theta"))
        names = ("number", "value", "unit", "fitted_to", "basis", "note")
        return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.lit("M").alias("nature"))


def fit_split(observed: pl.DataFrame, dearer: Callable[[int], float], theta: float, *, until: int) -> Split:
    """Fit the split of two routes on the years until one, and predict the years after it.

    Ordinary least squares on the logarithm of the odds, one constant a regime; ranges from Student's distribution.

    Args:
        observed: ``route, year, regime, measure, value, tonnes, basis, source, note`` of two routes, the first route
            being the one whose share is modelled.
        dearer: what a tonne costs more on the first route than on the second in a year, USD.
        theta: t per USD.
        until: last year of the fit.

    Raises:
        InputError: not two routes; fewer than two years with both; a year after the fit in a regime without one.
    """
    routes = tuple(observed["route"].unique(maintain_order=True))
    if len(routes) != 2:
        raise InputError(f"corridor/observed.csv: {len(routes)} routes; a split is of two")
    tonnes = observed.with_columns((pl.col("value") * pl.col("tonnes")).alias("t"))
    wide = tonnes.pivot(on="route", index=["year", "regime"], values="t").sort("year")
    years = wide.filter((pl.col("year") <= until) & pl.all_horizontal(pl.col(routes).is_not_null()))
    if years.height < 2:
        raise InputError(f"corridor/observed.csv: {years.height} years to {until} with both routes; a fit needs two")
    first, second = (years[name].to_numpy() for name in routes)
    gap = np.array([dearer(year) for year in years["year"]])
    left = np.log(first / second) + theta * gap
    regimes: list[str] = years["regime"].to_list()
    constants = {name: float(left[[one == name for one in regimes]].mean()) for name in dict.fromkeys(regimes)}
    freedom = max(len(regimes) - len(constants), 1)
    rest = left - np.array([constants[name] for name in regimes])
    total = np.log(first + second)
    spread = float(np.sqrt((rest**2).sum() / freedom)), float(total.std(ddof=1))
    split = Split(
        (routes[0], routes[1]), theta, constants, spread, freedom, float(np.exp(total.mean())), pl.DataFrame()
    )
    return Split(**{**split.__dict__, "table": _table(split, observed, dearer, until)})


def _table(split: Split, observed: pl.DataFrame, dearer: Callable[[int], float], until: int) -> pl.DataFrame:
    last = {
        (row["route"], row["measure"]): row["value"]
        for row in observed.filter(pl.col("year") <= until).sort("year").iter_rows(named=True)
    }
    rows = []
    for row in observed.sort("route", "year").iter_rows(named=True):
        if row["regime"] not in split.constants:
            raise InputError(
                f"corridor/observed.csv: no year of the fit is in regime '{row['regime']}' ({row['year']}); "
                "give it one of a year that is"
            )
        low, value, high = _predicted(split, row["route"], row["regime"], dearer(row["year"])) / row["tonnes"]
        fitted = row["year"] <= until
        rows.append(
            (
                "fitted" if fitted else "predicted", row["route"], row["year"], row["measure"], UNITS[row["measure"]],
                row["value"], low, value, high, value - row["value"],
                None if fitted else last[row["route"], row["measure"]], bool(low <= row["value"] <= high),
                row["basis"], row["source"], row["note"], "M",
            )
        )  # fmt: skip
    return pl.DataFrame(rows, schema=COLUMNS, orient="row", infer_schema_length=None)


def _predicted(split: Split, route: str, regime: str, gap: float) -> Floats:
    """Low, value and high of a route's thousand tonnes."""
    share = 1 / (1 + np.exp(split.theta * gap - split.constants[regime]))
    own = share if route == split.routes[0] else 1 - share
    odds, total = split.spread
    # A small change of the odds' logarithm changes that of a share by one less the share.
    width = student.ppf((1 + LEVEL) / 2, split.freedom) * np.hypot((1 - own) * odds, total)
    result: Floats = split.total * own * np.exp(width * np.array([-1.0, 0.0, 1.0]))
    return result


def known_in(yearly: Sequence[tuple[str, int, float]], year: int) -> dict[str, float]:
    """Numbers as they were in a year: the latest known by then, else the earliest known."""
    found: dict[str, tuple[int, float]] = {}
    for number, start, value in sorted(yearly, key=lambda row: row[1]):
        if number not in found or start <= year:
            found[number] = (start, value)
    return {number: value for number, (_, value) in found.items()}

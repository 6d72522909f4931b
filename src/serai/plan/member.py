"""A member's model: its past, the networks it may have, its money, and the parameters that fit them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from serai.errors import InputError
from serai.plan.calibrate import Calibration, Tell, calibrate
from serai.plan.indicators import Past
from serai.plan.model import Model
from serai.plan.networks import Network

MONEY = 100.0
"""Money of a member in a year: a unit of its own, since what members spend on which goal is not known for most."""
KNOWN, ASSUMED = "known", "assumed"

SPENDING: dict[str, pl.DataType] = {
    "area": pl.String(),
    "goal": pl.String(),
    "share": pl.Float64(),
    "basis": pl.String(),
    "series": pl.String(),
    "year": pl.Int32(),
}
"""How a member's money is taken to be shared out: ``known`` from a series of its government's spending, or ``assumed``:
what is left in equal parts."""


@dataclass(frozen=True, eq=False)
class Member:
    """What is known of a member before any parameter.

    Attributes:
        past: yearly levels.
        networks: plausible ones.
        spending: columns as in :data:`SPENDING`; programmes of the model are its goals, in this order.
    """

    past: Past
    networks: tuple[Network, ...]
    spending: pl.DataFrame = field(repr=False)

    @property
    def name(self) -> str:
        """Area code."""
        return self.past.member

    def model(self, network: int, periods: int, start: np.ndarray | None = None) -> Model:
        """The model over ``periods`` years, its parameters still to be found.

        Args:
            network: which of the networks.
            periods: years, the first that of ``start``.
            start: levels; by default those of the window's first year.
        """
        taken = self.past.taken
        goals = self.spending["goal"].to_list()
        money = MONEY * self.spending["share"].to_numpy()
        instrumental = (taken["role"] == "instrumental").to_numpy()
        served = {i: [goals.index(taken["goal"][int(i)])] for i in np.flatnonzero(instrumental).tolist()}
        return Model.uncalibrated(
            taken["start"].to_numpy() if start is None else start,
            A=self.networks[network].A, R=instrumental, Imin=limits(taken["floor"]), Imax=limits(taken["ceiling"]),
            Bs=np.repeat(money[:, None], periods, axis=1), B_dict=served, name=self.name,
            indicators=taken["series"].to_list(),
        )  # fmt: skip

    def calibrated(self, network: int, *, threshold: float, seed: int, tell: Tell = lambda *_: None) -> Calibration:
        """Parameters under one network, one period a year of the window.

        Raises:
            InputError: no series takes part.
        """
        model = self.model(network, self.past.last - self.past.first + 1)
        end, rate = self.past.taken["end"].to_numpy(), self.past.taken["rate"].to_numpy()
        return calibrate(model, end, rate, threshold=threshold, seed=seed, tell=tell)

    def forward(self, parameters: pl.DataFrame, network: int, to: int) -> Model:
        """The model from the window's last year to another, with parameters found."""
        start = self.past.taken["end"].to_numpy()
        model = self.model(network, to - self.past.last + 1, start)
        columns = {"alphas": "alpha", "alphas_prime": "alpha_prime", "betas": "beta"}
        return model.replace(**{name: parameters[column].to_numpy() for name, column in columns.items()})


def limits(column: pl.Series) -> np.ndarray:
    """Bounds as the model takes them: NaN where there is none."""
    return column.fill_null(float("nan")).to_numpy()


def spending(past: Past, figures: pl.DataFrame, series: pl.DataFrame) -> pl.DataFrame:
    """How a member's money is shared out among the goals that have an instrumental indicator.

    Args:
        past: of the member.
        figures: headline observations.
        series: ``goal, series``: in percent of all government spending.

    Returns:
        Columns as in :data:`SPENDING`; shares sum to 1.

    Raises:
        InputError: no series of the member takes part, or none is instrumental.
    """
    instrumental = past.taken.filter(pl.col("role") == "instrumental")
    goals = instrumental["goal"].unique(maintain_order=True).to_list()
    if not goals:
        raise InputError(
            f"{past.member}: no instrumental indicator has enough data from {past.first} to {past.last} "
            f"({past.taken.height} series take part, {past.left_out.height} are left out); "
            "give the member more data or the series another part in plan/indicators.csv"
        )
    own = figures.filter(
        (pl.col("area") == past.member) & (pl.col("period") <= past.last) & pl.col("value").is_finite()
    )
    latest = own.join(series, on="series").filter(pl.col("goal").is_in(goals)).sort("period").group_by("goal").last()
    known = {row["goal"]: row for row in latest.iter_rows(named=True) if 0 < row["value"] < 100}
    left = 1 - sum(row["value"] for row in known.values()) / 100
    rest = [goal for goal in goals if goal not in known]
    rows = []
    for goal in goals:
        row = known.get(goal)
        share = row["value"] / 100 if row else left / len(rest)
        origin = (KNOWN, row["series"], row["period"]) if row else (ASSUMED, None, None)
        rows.append((past.member, goal, share, *origin))
    frame = pl.DataFrame(rows, schema=SPENDING, orient="row")
    return frame.with_columns(share=pl.col("share") / pl.col("share").sum())

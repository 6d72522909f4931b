"""Calibration: parameters under which the model ends where a country ended and rises as often as it rose.

The algorithm is the field's: parameters move by factors, against the sign of the error of the mean last level (alphas
up and alphas' down where it is too low on the way up) and of the mean growth probability (betas), by as much as the
error, clipped. Two things differ. Rises and falls begin in the size of the gap instead of at 0.5, so that a country
whose indicators move by thousandths is not first thrown about by halves; and what is returned is what was evaluated,
with the fit it was seen to have in a fresh sample of runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from serai.plan._faults import Faults
from serai.plan._kernel import Law
from serai.plan._lanes import Floats
from serai.plan.model import Model
from serai.plan.simulate import LANES, advance_part, room
from serai.plan.stack import Stack

Tell = Callable[[str, int, int], None]

PARAMETERS: dict[str, pl.DataType] = {
    "indicator": pl.String(),
    "start": pl.Float64(),
    "end": pl.Float64(),
    "rate": pl.Float64(),
    "alpha": pl.Float64(),
    "alpha_prime": pl.Float64(),
    "beta": pl.Float64(),
    "error_level": pl.Float64(),
    "error_rate": pl.Float64(),
    "fit_level": pl.Float64(),
    "fit_rate": pl.Float64(),
}
"""Columns of a calibration's table: level at the start, level it was to reach and rate of rises it was to have;
parameters; observed less simulated, for the mean last level and the mean growth probability; and goodness of fit,
1 - |error| / |gap| and 1 - |error| / rate."""

FALL, RISE = (0.25, 0.99), (1.01, 1.5)
"""Bounds of the factor that makes a parameter smaller, and larger, in one step."""
FIRST = 128
"""Runs of an evaluation at first."""
SURE = 1024
"""Runs of an evaluation that is believed."""
MOST = 16 * SURE
"""Runs of an evaluation beyond which more do not help."""
PATIENCE = 20
"""Evaluations after which more runs are taken."""
STALLED = 80
"""Evaluations without a better one after which there is none to come: some ends cannot be met at the rate observed (an
indicator at its bound that seldom rose)."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """A calibrated model, how well it fits, and how that was found.

    Attributes:
        model: with the parameters of ``table``.
        table: one row an indicator; columns as in :data:`PARAMETERS`.
        threshold: goodness of fit asked for.
        iterations: evaluations made. ``runs``: of the last of them, which ``table`` is from.
    """

    model: Model
    table: pl.DataFrame = field(repr=False)
    threshold: float
    iterations: int
    runs: int

    @property
    def fit(self) -> float:
        """The worst goodness of fit of any indicator."""
        return float(min(self.table["fit_level"].min(), self.table["fit_rate"].min()))  # type: ignore[type-var, arg-type]

    @property
    def reached(self) -> bool:
        """Whether every indicator fits as asked."""
        return self.fit >= self.threshold


@dataclass(frozen=True, slots=True)
class _Point:
    """Parameters, and what an evaluation of them found."""

    alpha: Floats
    alpha_prime: Floats
    beta: Floats
    error_level: Floats
    error_rate: Floats
    runs: int


@dataclass(frozen=True, slots=True)
class _Aim:
    """What is to be met."""

    gap: Floats
    end: Floats
    rate: Floats

    def fits(self, point: _Point) -> tuple[Floats, Floats]:
        """Goodness of fit of levels and rates."""
        return 1 - np.abs(point.error_level / self.gap), 1 - np.abs(point.error_rate) / self.rate

    def worst(self, point: _Point) -> float:
        """The worst of all."""
        return float(min(fit.min() for fit in self.fits(point)))


def calibrate(
    model: Model,
    IF: ArrayLike,
    success_rates: ArrayLike,
    *,
    threshold: float = 0.8,
    seed: int = 0,
    start: float | None = None,
    iterations: int = 400,
    workers: int | None = None,
    tell: Tell = lambda *_: None,
) -> Calibration:
    """Find ``alphas``, ``alphas_prime`` and ``betas`` under which a model meets what was observed.

    Args:
        model: everything else; its own parameters are not looked at. Collateral indicators are calibrated too.
        IF: levels observed in the last period, ``(N,)``, each different from its ``I0``.
        success_rates: share of observed changes that were rises, ``(N,)``, above 0 and at most 1.
        threshold: goodness of fit that every indicator is to have, below 1.
        seed: of the runs; each evaluation has its own.
        start: all parameters begin here (the reference: 0.5); by default in the size of the gap.
        iterations: give up after so many evaluations, or :data:`STALLED` without a better one, with the best found.
        workers: threads; by default one a core.
        tell: told ``("calibrate", percent of the way to the threshold, 100)``.

    Returns:
        The calibration; ``reached`` says whether it fits as asked. With few periods or much luck it may not.

    Raises:
        InputError: wrong shapes, no gap between start and end, an end outside its bounds, rates outside (0, 1], a
            threshold that is none; all faults at once.
    """
    aim = checked_aim(model, IF, success_rates, threshold)
    point, runs, done = first_guess(model, aim, start), FIRST, 0
    best, better = point, 0
    law = Stack((model,)).law()
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        for done in range(1, iterations + 1):
            point = evaluate(model, law, aim, point, runs, seed + done, pool)
            worst = aim.worst(point)
            if done == 1 or (runs >= SURE, worst) > (best.runs >= SURE, aim.worst(best)):
                best, better = point, done
            tell("calibrate", max(0, min(99, int(100 * worst / threshold))), 100)
            if (worst >= threshold and runs >= SURE) or done - better > STALLED:
                break
            if worst >= threshold:
                runs = SURE
                continue
            if done % PATIENCE == 0:
                runs = min(runs * 2, MOST)
            point = step(point, aim)
    tell("calibrate", 100, 100)
    return Calibration(model_with(model, best), table(model, aim, best), threshold, done, best.runs)


def checked_aim(model: Model, end: ArrayLike, rates: ArrayLike, threshold: float) -> _Aim:
    """What is to be met, if it can be."""
    faults = Faults(model.name)
    if not 0 < threshold < 1:
        faults.add(f"threshold is {threshold}", "goodness of fit lies below 1, and 1 itself is never reached: try 0.8")
    last, share = faults.vector("IF", end, model.N), faults.vector("success_rates", rates, model.N)
    if last is not None:
        faults.where(
            last == model.I0, "IF equals I0", model.indicators, last, "leave the indicator out: nothing to calibrate to"
        )
        outside = (last > model.Imax) | (last < model.Imin)
        faults.where(outside, "IF outside its bounds", model.indicators, last, "widen the bound or correct the level")
    if share is not None:
        outside = (share <= 0) | (share > 1)
        faults.where(
            outside, "success rate outside (0, 1]", model.indicators, share,
            "give a share; for an indicator that never rose a small one, as 0.05",
        )  # fmt: skip
    faults.done()
    if last is None or share is None:
        raise AssertionError  # done() has raised
    return _Aim(last - model.I0, last, share)


def first_guess(model: Model, aim: _Aim, start: float | None) -> _Point:
    """Parameters before the first evaluation.

    Where growth has probability r, a rise a and a fall a' drift by r a - (1 - r) a' a period. In the direction of the
    gap they begin at twice what is needed, against it at what then closes the gap.
    """
    nothing = np.zeros(model.N)
    if start is not None:
        same = np.full(model.N, start)
        return _Point(same, same, same, nothing, nothing, 0)
    drift, rate = aim.gap / (model.T - 1), np.clip(aim.rate, 0.05, 0.95)
    up = np.where(drift > 0, 1.5 * drift / rate, 0.5 * np.abs(drift) / rate)
    down = np.where(drift > 0, 0.5 * np.abs(drift) / (1 - rate), 1.5 * np.abs(drift) / (1 - rate))
    money = model.Bs.sum(axis=0).mean() / model.money / 2
    beta = np.where(model.R, 2 * rate / (money / model.instruments.size + 0.5), 4 * rate)
    return _Point(up, down, beta, nothing, nothing, 0)


def evaluate(
    model: Model, law: Law, aim: _Aim, point: _Point, runs: int, seed: int, pool: ThreadPoolExecutor
) -> _Point:
    """Run the model with a point's parameters; the point with its errors."""
    law = law._replace(alpha=point.alpha, alpha_prime=point.alpha_prime, beta=point.beta)
    stack = Stack((model,))
    keep, calm = room(stack, runs, ("final", "mean_rate")), stack.calm()
    jobs = [pool.submit(advance_part, law, calm, keep, seed, 0, at, size, LANES, 0) for at, size in parts(runs)]
    rates = sum(job.result()[2] for job in jobs)
    return _Point(
        point.alpha, point.alpha_prime, point.beta,
        aim.end - keep.final.mean(axis=0), aim.rate - rates / runs, runs,
    )  # fmt: skip


def parts(runs: int) -> Iterator[tuple[int, int]]:
    """Blocks of runs: several for any number of workers, and the same ones whatever that is."""
    size = max(LANES, -(-runs // 8 // LANES) * LANES)
    for at in range(0, runs, size):
        yield at, min(size, runs - at)


def step(point: _Point, aim: _Aim) -> _Point:
    """Parameters moved against their errors."""
    size = np.abs(point.error_level / aim.gap)
    smaller, larger = np.clip(1 - size, *FALL), np.clip(1 + size, *RISE)
    low, high = point.error_level > 0, point.error_level < 0
    alpha = point.alpha * np.where(low, larger, np.where(high, smaller, 1.0))
    prime = point.alpha_prime * np.where(low, smaller, np.where(high, larger, 1.0))
    size = np.abs(point.error_rate) / aim.rate
    rare, often = point.error_rate > 0, point.error_rate < 0
    factor = np.where(rare, np.clip(1 + size, *RISE), np.where(often, np.clip(1 - size, *FALL), 1.0))
    return _Point(alpha, prime, point.beta * factor, point.error_level, point.error_rate, 0)


def model_with(model: Model, point: _Point) -> Model:
    """The model with a point's parameters."""
    return model.replace(alphas=point.alpha, alphas_prime=point.alpha_prime, betas=point.beta)


def table(model: Model, aim: _Aim, point: _Point) -> pl.DataFrame:
    """The calibration's table."""
    fit_level, fit_rate = aim.fits(point)
    columns: dict[str, NDArray[np.float64] | tuple[str, ...]] = {
        "indicator": model.indicators, "start": model.I0, "end": aim.end, "rate": aim.rate,
        "alpha": point.alpha, "alpha_prime": point.alpha_prime, "beta": point.beta,
        "error_level": point.error_level, "error_rate": point.error_rate,
        "fit_level": fit_level, "fit_rate": fit_rate,
    }  # fmt: skip
    return pl.DataFrame(columns, schema=PARAMETERS)

"""What a member's model starts from: its series as yearly levels from 0 to 1, more being better, and what was filled.

A series takes part when its direction is known, public money or other indicators act on it (the pack's
``plan/indicators.csv``) and it was observed often enough. Years without a figure are filled only inside limits, and
every filled year is marked; rises are counted between observed years alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from serai.assess.spans import spans
from serai.plan._lanes import Floats, Ints

FIRST = 2000
"""First year of the model's past."""
FEWEST = 10
"""Years with a figure that a series needs."""
LONGEST = 5
"""Years between two figures that a straight line may bridge, less one."""
HELD_BEFORE, HELD_AFTER = 5, 3
"""Years that the first, and the last, figure may stand for before, and after, it was taken."""
RATES = (0.05, 0.95)
"""A share of rises is taken as no smaller and no larger: what never fell may fall."""
WIDEST = 3.0
"""Limits of a series wider than so many times what countries have shown are no scale (1,000 of 1,000 births)."""
TAIL = 0.025
"""Where a series has no limits of its own, levels run between these quantiles of all countries, or its own extremes."""

LEVELS: dict[str, pl.DataType] = {
    "area": pl.String(),
    "series": pl.String(),
    "year": pl.Int32(),
    "value": pl.Float64(),
    "level": pl.Float64(),
    "filled": pl.String(),
}
"""Yearly levels: ``value`` in the unit of the series, ``level`` from 0 (worst) to 1 (best); ``filled`` is empty for a
figure, ``between`` for a straight line between two, ``before`` and ``after`` for the first and last figure held."""

TAKEN: dict[str, pl.DataType] = {
    "area": pl.String(),
    "series": pl.String(),
    "goal": pl.String(),
    "indicator": pl.String(),
    "role": pl.String(),
    "unit": pl.String(),
    "direction": pl.Int64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "bounded": pl.Boolean(),
    "floor": pl.Float64(),
    "ceiling": pl.Float64(),
    "observed": pl.Int64(),
    "filled": pl.Int64(),
    "first_year": pl.Int32(),
    "latest_year": pl.Int32(),
    "start": pl.Float64(),
    "end": pl.Float64(),
    "rate": pl.Float64(),
    "target": pl.Float64(),
    "goal_level": pl.Float64(),
    "nature": pl.String(),
    "reason": pl.String(),
}
"""Series of a member, one row each: values that mean levels 0 and 1 (``low, high``; ``bounded`` where they are limits
of the series itself), levels of its limits (null where it has none), years with a figure and filled, first and last
year with a figure in the window, levels in the first and last year of the window, share of rises, the value aimed at in
the target year and its level, and why it is left out (``reason``, null where it takes part)."""


@dataclass(frozen=True, eq=False)
class Past:
    """A member's past.

    Attributes:
        member: its code. ``first, last``: years of the window.
        taken: series that take part, columns as in :data:`TAKEN`; ``left_out`` the others with the reason.
        levels: as in :data:`LEVELS`, for the series that take part, in their order.
    """

    member: str
    first: int
    last: int
    taken: pl.DataFrame = field(repr=False)
    left_out: pl.DataFrame = field(repr=False)
    levels: pl.DataFrame = field(repr=False)

    @property
    def matrix(self) -> Floats:
        """Levels, ``(years, series)``."""
        return self.levels["level"].to_numpy().reshape(self.taken.height, -1).T

    def until(self, year: int) -> pl.DataFrame:
        """Levels up to a year."""
        return self.levels.filter(pl.col("year") <= year)


def last_year(figures: pl.DataFrame) -> int:
    """The year up to which most series of most members have figures: the median of their last years."""
    ends = figures.filter(pl.col("value").is_not_null()).group_by("area", "series").agg(pl.col("period").max())
    return int(ends["period"].median() or 0)  # type: ignore[arg-type]


def past(
    member: str,
    figures: pl.DataFrame,
    rules: pl.DataFrame,
    roles: pl.DataFrame,
    scale: pl.DataFrame,
    *,
    first: int = FIRST,
    last: int | None = None,
    start: int = 2015,
    end: int = 2030,
) -> Past:
    """The past of a member.

    Args:
        member: area code.
        figures: headline observations of the members.
        rules: the reviewed rules.
        roles: ``series, role``; an empty frame: every series with a direction takes part and is instrumental.
        scale: as from :func:`ranges`, for series without limits of their own.
        first, last: window; by default from :data:`FIRST` to :func:`last_year` of the figures.
        start, end: base and target year of the goals.
    """
    until = last_year(figures) if last is None else last
    found = spans(figures.filter(pl.col("area") == member), rules, start, end)
    keys = _keyed(found.keys, rules, roles).join(scale, on="series", how="left")
    grouped = found.points.group_by("key", maintain_order=True).agg("period", "value")
    points = {key: (np.array(years), np.array(values)) for key, years, values in grouped.iter_rows()}
    nothing = (np.zeros(0, dtype=np.int64), np.zeros(0))
    series = [
        _Series(key, *points.get(number, nothing), first, until)
        for number, key in enumerate(keys.iter_rows(named=True))
    ]
    series.sort(key=lambda one: (int(one.key["goal"] or 0), one.key["indicator"] or "", one.key["series"]))
    rows = [one.row() for one in series]
    listed = pl.DataFrame(rows, schema=TAKEN)
    chosen = [one for one, row in zip(series, rows, strict=True) if row["reason"] is None]
    levels = [one.levels() for one in chosen]
    return Past(
        member, first, until,
        listed.filter(pl.col("reason").is_null()), listed.filter(pl.col("reason").is_not_null()),
        pl.concat(levels) if levels else pl.DataFrame(schema=LEVELS),
    )  # fmt: skip


def _keyed(keys: pl.DataFrame, rules: pl.DataFrame, roles: pl.DataFrame) -> pl.DataFrame:
    """Series with goal, indicator, limits and part in the model."""
    about = rules.select("series", "indicator", "lower_limit", "upper_limit")
    goal = pl.col("indicator").str.extract(r"^(\d+)\.")
    part = roles.select("series", "role", role_reason="reason")
    default = "instrumental" if roles.is_empty() else "out"
    return (
        keys.join(about, on="series", how="left", maintain_order="left")
        .join(part, on="series", how="left", maintain_order="left")
        .with_columns(goal=goal, role=pl.col("role").fill_null(default))
        .with_columns(role_reason=pl.col("role_reason").fill_null("the pack gives it no part in the model"))
    )


def ranges(world: pl.DataFrame, rules: pl.DataFrame, first: int = FIRST) -> pl.DataFrame:
    """Between which values all but the outermost countries lie: ``series, world_low, world_high``.

    Args:
        world: headline observations of all countries.
        rules: the reviewed rules; parity indices count as their distance from one.
        first: year from which figures count.
    """
    parity = rules.filter(pl.col("parity"))["series"].to_list()
    ratio = pl.col("series").is_in(parity)
    value = (
        pl.when(ratio & (pl.col("value") > 0)).then(pl.max_horizontal("value", 1 / pl.col("value"))).otherwise("value")
    )
    return (
        world.filter((pl.col("period") >= first) & pl.col("value").is_finite())
        .with_columns(value=value)
        .group_by("series")
        .agg(world_low=pl.col("value").quantile(TAIL), world_high=pl.col("value").quantile(1 - TAIL))
    )


@dataclass(frozen=True, slots=True)
class _Series:
    """One series of a member: its key, and years and values observed."""

    key: dict[str, Any]
    years: Ints
    values: Floats
    first: int
    last: int

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Observed years of the window."""
        return np.asarray((self.years >= self.first) & (self.years <= self.last))

    def reason(self) -> str | None:
        """Why the series does not take part."""
        if self.key["role"] == "out":
            return str(self.key["role_reason"])
        # Without a figure since the base year it is blocked too, but what is missing in the window says more.
        if self.key["blocked"] is not None and self.key["latest_year"] is not None:
            return str(self.key["blocked"])
        if self.key["direction"] is None or not self.key["goal"]:
            return str(self.key["blocked"] or "the rule names no direction, or no indicator")
        return self.sparse(self.years[self.inside])

    def sparse(self, years: Ints) -> str | None:
        """Why figures of these years are not enough."""
        if years.size < FEWEST:
            return f"{years.size} years with a figure from {self.first} to {self.last}; {FEWEST} are needed"
        if years[0] > self.first + HELD_BEFORE:
            return f"the first figure is of {years[0]}, more than {HELD_BEFORE} years after {self.first}"
        if years[-1] < self.last - HELD_AFTER:
            return f"the last figure is of {years[-1]}, more than {HELD_AFTER} years before {self.last}"
        if np.diff(years).max() > LONGEST:
            return f"no figure for more than {LONGEST - 1} years on end"
        level = self.level(self.values[self.inside])
        return None if level[0] != level[-1] else "it ended where it began: there is nothing to calibrate to"

    def ends(self) -> tuple[float, float, bool]:
        """Smallest and largest value of the scale, and whether they are limits of the series itself."""
        low, high = self.key["lower_limit"], self.key["upper_limit"]
        seen = [v for v in (self.key["world_low"], self.key["world_high"], self.key["target"]) if v is not None]
        seen += self.values[self.inside].tolist()
        width = max(seen) - min(seen) if seen else 0.0
        if low is not None and high is not None and not self.key["parity"] and high - low <= WIDEST * width:
            return float(low), float(high), True
        return min(seen, default=0.0), max(seen, default=1.0), False

    def level(self, values: Floats) -> Floats:
        """Values as levels, 1 being best."""
        low, high, _ = self.ends()
        if high <= low:
            return np.zeros(values.shape)
        share: Floats = (values - low) / (high - low)
        return share if self.key["direction"] > 0 else 1.0 - share

    def limits(self) -> tuple[float | None, float | None]:
        """Lowest and highest level there can be."""
        given = [self.key[name] for name in ("lower_limit", "upper_limit")]
        found = [None if value is None else float(self.level(np.array([value]))[0]) for value in given]
        if self.key["parity"]:
            found = [float(self.level(np.array([1.0]))[0]), None]
        return (found[0], found[1]) if self.key["direction"] > 0 else (found[1], found[0])

    def yearly(self) -> tuple[Floats, list[str]]:
        """Values of every year of the window, and how each came about."""
        window = np.arange(self.first, self.last + 1)
        years, values = self.years[self.inside], self.values[self.inside]
        known = set(years.tolist())
        filled = [
            "" if year in known else "before" if year < years[0] else "after" if year > years[-1] else "between"
            for year in window.tolist()
        ]
        return np.interp(window, years, values), filled

    def levels(self) -> pl.DataFrame:
        """Rows of :data:`LEVELS`."""
        values, filled = self.yearly()
        window = np.arange(self.first, self.last + 1)
        columns = {
            "area": [self.key["area"]] * window.size, "series": [self.key["series"]] * window.size, "year": window,
            "value": values, "level": self.level(values), "filled": filled,
        }  # fmt: skip
        return pl.DataFrame(columns, schema=LEVELS)

    def rate(self) -> float:
        """Share of rises among the changes from one observed year to the next."""
        changes = np.diff(self.level(self.values[self.inside]))
        share = float((changes > 0).mean()) if changes.size else 0.5
        return min(max(share, RATES[0]), RATES[1])

    def row(self) -> dict[str, Any]:
        """A row of :data:`TAKEN`."""
        reason, inside = self.reason(), self.inside
        low, high, bounded = self.ends()
        row: dict[str, Any] = dict.fromkeys(TAKEN) | {
            name: self.key[name]
            for name in ("area", "series", "goal", "indicator", "role", "unit", "direction", "nature")
        }
        up = (self.key["direction"] or 1) > 0
        row |= {"low": low if up else high, "high": high if up else low, "bounded": bounded, "reason": reason}
        row |= {"observed": int(inside.sum()), "target": self.key["target"]}
        if inside.any():
            row |= {"first_year": int(self.years[inside][0]), "latest_year": int(self.years[inside][-1])}
        if reason is None:
            values, filled = self.yearly()
            level = self.level(values)
            row |= dict(zip(("floor", "ceiling"), self.limits(), strict=True))
            row |= {"filled": sum(map(bool, filled)), "start": level[0], "end": level[-1], "rate": self.rate()}
            if self.key["target"] is not None:
                row["goal_level"] = float(self.level(np.array([self.key["target"]]))[0])
        return row

"""What the model says against what was published, and what of it was fitted to what."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from serai.corridor.calibration import Split, fit_split, known_in
from serai.corridor.routes import OPEN, Routes
from serai.corridor.routing import Path
from serai.corridor.terms import Steps
from serai.errors import InputError

FIT_UNTIL = 2023
"""Last year of the fit of the split between routes: later ones are predicted."""


class Evidence(Routes):
    """Routes, held against published times and volumes."""

    def residuals(self, *, commodity: str = "containers") -> pl.DataFrame:
        """Model days against published door-to-door times, none of which enters the model.

        Returns:
            ``journey, service, from, to, via, published_low, published, published_high, model_low, model, model_high,
            residual`` (model less published), ``inside`` (whether the published time lies in the model's range),
            ``source, year, note``. ``service`` says whether regular trains were timed, irregular ones, an earlier
            state, or a range of all.
        """
        cost = self._cost(self.coster(commodity), OPEN)
        rows = []
        for row in self.pack.table("journeys").iter_rows(named=True):
            limits = {key: row[key] for key in ("via", "avoid", "modes")}
            path = self._staged(cost, *self._ends(row["from"], row["to"]), limits)
            found = self._summary(path, commodity) if path else dict.fromkeys(("days", "days_low", "days_high"))
            days, low, high = (found[key] for key in ("days", "days_low", "days_high"))
            rows.append(
                {
                    **{key: row[key] for key in ("journey", "service", "from", "to", "via")},
                    "published_low": row["days_low"], "published": row["days"], "published_high": row["days_high"],
                    "model_low": low, "model": days, "model_high": high,
                    "residual": None if days is None else days - row["days"],
                    "inside": None if days is None else low <= row["days"] <= high,
                    "source": row["source"], "year": row["year"], "note": row["note"], "nature": "M",
                }
            )  # fmt: skip
        return pl.DataFrame(rows, infer_schema_length=None)

    def split(self, *, until: int = FIT_UNTIL, commodity: str = "containers") -> Split:
        """The split between the two routes of ``corridor/observed.csv``, fitted on the years until one.

        Costs of each year are those of the network with the numbers of ``corridor/yearly.csv`` that were known by then;
        ``.table`` holds every year with its residual, ``.fitted`` what was calibrated to what.

        Raises:
            InputError: the pack has no observed volumes, or too few; a family does not join the places.
        """
        if not self.pack.has("observed"):
            raise InputError(f"pack {self.pack.path.name}: there are no observed volumes (corridor/observed.csv)")
        observed = self.pack.table("observed")
        start, end = observed["from"][0], observed["to"][0]
        routes = observed["route"].unique(maintain_order=True)
        paths = [self.family_path(start, end, route, commodity=commodity) for route in routes]
        if any(path is None for path in paths):
            raise InputError(f"corridor/observed.csv: a route does not join '{start}' and '{end}'")
        yearly = self.pack.table("yearly").select("number", "year", "value").rows() if self.pack.has("yearly") else []
        theta = float(self.net.numbers.values()[self.net.parameter("choice_theta")])

        def dearer(year: int) -> float:
            costs = [self._cost_in(path or (), known_in(yearly, year), commodity) for path in paths]
            return costs[0] - costs[1]

        return fit_split(observed, dearer, theta, until=until)

    def _cost_in(self, path: Path, known: Mapping[str, float], commodity: str) -> float:
        """Generalised cost of a path, USD a tonne, with some numbers as they were."""
        values = self.net.numbers.values()
        for name, value in known.items():
            position = self.net.numbers.at(name)
            if position is None:
                raise InputError(f"corridor/yearly.csv: the network has no number '{name}'; see corridor assumptions")
            values[position] = value
        coster = self.coster(commodity)
        steps = Steps.of([self.net.edges[position] for position in path])
        return float(coster.cost(coster.terms(steps, values), values).sum())

    def influences(self, start: str, end: str, *, commodity: str = "containers") -> pl.DataFrame:
        """What the route families between two places rest on, most influential first.

        Returns:
            The columns of :meth:`assumptions`, swings being the greatest over families, with ``families`` (how many
            rest on the number) and ``most_in`` (the family whose cost it moves most).

        Raises:
            UnknownName: no such place or commodity.
            InputError: no family joins the places.
        """
        frames = []
        for family in self.families["family"]:
            if self.family_path(start, end, family, commodity=commodity) is not None:
                frame = self.assumptions(start, end, family=family, commodity=commodity)
                frames.append(frame.with_columns(pl.lit(family).alias("family")))
        if not frames:
            raise InputError(f"no route family joins '{start}' and '{end}'")
        swings = ("days_swing", "money_swing", "cost_swing")
        kept = ("value", "low", "high", "unit", "basis", "source", "year", "reason")
        ranked = pl.concat(frames).sort("cost_swing", descending=True, maintain_order=True)
        return (
            ranked.group_by("number", maintain_order=True)
            .agg(
                *(pl.col(name).first() for name in kept), *(pl.col(name).max() for name in swings),
                pl.len().alias("families"), pl.col("family").first().alias("most_in"),
            )
            .with_columns(pl.lit("M").alias("nature"))
        )  # fmt: skip

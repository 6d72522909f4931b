"""What the model says against what was published, and what of it was fitted to what."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from serai.corridor.calibration import Split, fit_split, known_in
from serai.corridor.routes import OPEN, Routes
from serai.corridor.routing import Path
from serai.corridor.terms import Steps
from serai.errors import InputError
from serai.region.tables_corridor import SERVICES

DAYS = ("days", "days_low", "days_high", "single_days_low", "single_days_high")
MONEY = ("money_usd", "money_usd_low", "money_usd_high")
FIT_UNTIL = 2023
"""Last year of the fit of the split between routes: later ones are predicted."""


class Evidence(Routes):
    """Routes, held against published times and volumes."""

    def residuals(self, *, commodity: str = "containers") -> pl.DataFrame:
        """Model days against published door-to-door times, none of which enters the model.

        Returns:
            ``journey, held, service, moved, said, from, to, via, published_low, published, published_high, model_low,
            model, model_high, single_low, single_high, residual`` (model less published), ``inside`` (whether the
            published time lies in the range of the model's mean), ``inside_single`` (in that of one consignment),
            ``source, year, note``. ``service`` says whether regular trains were timed, irregular ones, an earlier
            state, or a range of all; ``moved`` how goods went, which is how the model sends them; ``said`` what was
            published, from an average to a plan; ``held`` whether the time was held out from the start.
        """
        costs = {service: self._cost(self.coster(commodity, service=service), OPEN) for service in SERVICES}
        rows = []
        for row in self.pack.table("journeys").iter_rows(named=True):
            service = "wagonload" if row["moved"] == "wagonload" else "train"
            limits = {key: row[key] for key in ("via", "avoid", "modes")}
            path = self._staged(costs[service], *self._ends(row["from"], row["to"]), limits)
            found = self._summary(path, commodity, service=service) if path else dict.fromkeys(DAYS)
            days, low, high, luckiest, unluckiest = (found[key] for key in DAYS)
            rows.append(
                {
                    **{key: row[key] for key in ("journey", "held", "service", "moved")}, "said": row["kind"],
                    **{key: row[key] for key in ("from", "to", "via")},
                    "published_low": row["days_low"], "published": row["days"], "published_high": row["days_high"],
                    "model_low": low, "model": days, "model_high": high,
                    "single_low": luckiest, "single_high": unluckiest,
                    "residual": None if days is None else days - row["days"],
                    "inside": None if days is None else low <= row["days"] <= high,
                    "inside_single": None if days is None else luckiest <= row["days"] <= unluckiest,
                    "source": row["source"], "year": row["year"], "note": row["note"], "nature": "M",
                }
            )  # fmt: skip
        return pl.DataFrame(rows, infer_schema_length=None)

    def prices(self, *, commodity: str = "containers") -> pl.DataFrame:
        """Model money against published prices of a consignment unit; some entered the model, the others nothing.

        Returns:
            ``price, said, used, from, to, via, published_low, published, published_high, model_low, model, model_high,
            residual`` (model less published, USD), ``ratio`` (model over published), ``inside`` (whether the published
            price lies in the model's range), ``source, year, note``.
        """
        cost = self._cost(self.coster(commodity), OPEN)
        rows = []
        for row in self.pack.table("prices").iter_rows(named=True):
            path = self._staged(
                cost, *self._ends(row["from"], row["to"]), {key: row[key] for key in ("via", "avoid", "modes")}
            )
            found = self._summary(path, commodity) if path else dict.fromkeys(MONEY)
            usd, low, high = (found[key] for key in MONEY)
            rows.append(
                {
                    "price": row["price"], "said": row["kind"], "used": bool(row["used"]),
                    **{key: row[key] for key in ("from", "to", "via")},
                    "published_low": row["usd_low"], "published": row["usd"], "published_high": row["usd_high"],
                    "model_low": low, "model": usd, "model_high": high,
                    "residual": None if usd is None else usd - row["usd"],
                    "ratio": None if usd is None else usd / row["usd"],
                    "inside": None if usd is None else low <= row["usd"] <= high,
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

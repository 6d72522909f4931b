"""What a projection needs besides the figures: the fitted model, usual paces, bounds, and each series' tested record.

Plain tables, so that a record can be read, diffed and shipped; `shipped` opens the one that comes with the package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import numpy as np
import polars as pl

from serai.assess.projection.cases import UNSTATED
from serai.assess.projection.design import SCALE_FEATURES
from serai.assess.projection.histories import require
from serai.assess.projection.members import MEMBERS
from serai.assess.projection.model import BAND_NAMES, GROUP_NAMES, LEVELS, Model

DIGITS = 5
CELL_NATURES = (*GROUP_NAMES, UNSTATED)
QUANTILES = [f"q{level:.3f}" for level in LEVELS]
TABLES: dict[str, pl.Schema] = {
    "weights": pl.Schema({"part": pl.String, "name": pl.String, "value": pl.Float64}),
    "errors": pl.Schema({"band": pl.String, "nature": pl.String, **dict.fromkeys(QUANTILES, pl.Float64)}),
    "series": pl.Schema(
        {
            "series": pl.String,
            "dimensions": pl.String,
            "scale": pl.Float64,
            "relative": pl.Float64,
            "absolute": pl.Float64,
            "lower": pl.Float64,
            "upper": pl.Float64,
        }
    ),
    "tested": pl.Schema(
        {
            "series": pl.String,
            "dimensions": pl.String,
            "test": pl.String,
            "band": pl.String,
            "n": pl.Int64,
            "areas": pl.Int64,
            "coverage80": pl.Float64,
            "coverage95": pl.Float64,
        }
    ),
}
"""Tables of a record and their columns. Nature ``still`` in `errors` is for constant histories."""


@dataclass(frozen=True)
class Record:
    """Everything learnt from the past, as `project` takes it."""

    model: Model
    series: pl.DataFrame
    """Per series and slice: log scale, usual pace (relative to the level; absolute), bounds."""
    tested: pl.DataFrame
    """Per series, slice, test and horizon band: forecasts tested, areas, coverage of the bands."""

    @staticmethod
    def from_tables(tables: Mapping[str, pl.DataFrame]) -> Record:
        """A record from its tables (see `TABLES`). Raises `InputError` where a column is missing."""
        frames = {}
        for name, schema in TABLES.items():
            require(tables[name], schema.names(), f"the projection record's table '{name}'")
            frames[name] = tables[name].select(pl.col(column).cast(dtype) for column, dtype in schema.items())
        text = pl.col("dimensions").fill_null("")
        return Record(
            _model(frames["weights"], frames["errors"], frames["series"].with_columns(text)),
            frames["series"].with_columns(text),
            frames["tested"].with_columns(text),
        )

    def tables(self) -> dict[str, pl.DataFrame]:
        """The record as tables, rounded to `DIGITS` significant digits."""
        model = self.model
        weights = [("location", name, value) for name, value in zip(MEMBERS, model.location, strict=True)]
        weights += [("scale", name, value) for name, value in zip(SCALE_FEATURES, model.spread, strict=True)]
        cells = [(band, nature) for band in BAND_NAMES for nature in CELL_NATURES]
        errors = [(*cell, *row) for cell, row in zip(cells, model.cells, strict=True)]
        errors += [(band, "still", *row) for band, row in zip(BAND_NAMES, model.still, strict=True)]
        made = {
            "weights": pl.DataFrame(weights, schema=TABLES["weights"], orient="row"),
            "errors": pl.DataFrame(errors, schema=TABLES["errors"], orient="row"),
            "series": self.series.sort("series", "dimensions"),
            "tested": self.tested.sort("series", "dimensions", "test", "band"),
        }
        return {name: frame.with_columns(pl.col(pl.Float64).round_sig_figs(DIGITS)) for name, frame in made.items()}


def _model(weights: pl.DataFrame, errors: pl.DataFrame, series: pl.DataFrame) -> Model:
    """The model in the tables of a record."""
    value = {(part, name): number for part, name, number in weights.iter_rows()}
    rows = {(row[0], row[1]): np.array(row[2:]) for row in errors.iter_rows()}
    names = series.select(pl.concat_str("series", "dimensions", separator="|")).to_series()
    return Model(
        np.array([value["location", name] for name in MEMBERS]),
        np.array([value["scale", name] for name in SCALE_FEATURES]),
        np.array([rows[band, nature] for band in BAND_NAMES for nature in CELL_NATURES]),
        np.array([rows[band, "still"] for band in BAND_NAMES]),
        dict(zip(names.to_list(), series["scale"].fill_null(0.0).to_list(), strict=True)),
    )


def shipped() -> Record:
    """The record that comes with the package, built by scripts/build_projection_record.py from the SDG database."""
    return Record.from_tables({name: shipped_table(name) for name in TABLES})


def shipped_table(name: str) -> pl.DataFrame:
    """One table of the shipped record, or ``scores`` (what the tests found)."""
    path = resources.files("serai.assess.projection") / "record" / f"{name}.csv"
    with resources.as_file(path) as file:
        return pl.read_csv(file, schema_overrides=TABLES.get(name))


def tested_record(forecasts: pl.DataFrame, test: str) -> pl.DataFrame:
    """Coverage of the bands per series, slice and horizon band in one test, as the table `tested`."""
    inside = {
        level: pl.col("truth").is_between(pl.col(f"lo{level}"), pl.col(f"hi{level}")).mean() for level in ("80", "95")
    }
    made = forecasts.group_by("series", "dimensions", "band").agg(
        n=pl.len().cast(pl.Int64),
        areas=pl.col("area").n_unique().cast(pl.Int64),
        coverage80=inside["80"],
        coverage95=inside["95"],
    )
    return made.with_columns(test=pl.lit(test)).select(TABLES["tested"].names()).sort("series", "dimensions", "band")

"""What a projection needs besides the figures: the fitted model, usual paces, bounds, and each series' tested record.

Plain tables, so that a record can be read, diffed and shipped; `shipped` opens the one that comes with the package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import numpy as np
import polars as pl

from serai.assess.projection.histories import UNSTATED, Floats, require
from serai.assess.projection.levels import LEVELS
from serai.assess.projection.members import MEMBERS
from serai.assess.projection.model import BAND_NAMES, GROUP_NAMES, NAMES, Model, Own

DIGITS = 4
CELL_NATURES = (*GROUP_NAMES, UNSTATED)
QUANTILES = [f"q{level:.3f}" for level in LEVELS]
COLUMNS: dict[str, dict[str, type[pl.DataType]]] = {
    "weights": {"part": pl.String, "name": pl.String, "value": pl.Float64},
    "errors": {"kind": pl.String, "band": pl.String, "nature": pl.String, **dict.fromkeys(QUANTILES, pl.Float64)},
    "stretch": {"band": pl.String, "nature": pl.String, "band80": pl.Float64, "band95": pl.Float64},
    "series": {
        "series": pl.String,
        "dimensions": pl.String,
        **dict.fromkeys(["scale", "pace", "level", "lower", "upper", "revised"], pl.Float64),
    },
    "series_errors": {
        "series": pl.String,
        "dimensions": pl.String,
        "kind": pl.String,
        "areas": pl.Float64,
        **dict.fromkeys(QUANTILES, pl.Float64),
    },
    "tested": {
        "series": pl.String,
        "dimensions": pl.String,
        "test": pl.String,
        "band": pl.String,
        "n": pl.Int64,
        "areas": pl.Int64,
        "coverage80": pl.Float64,
        "coverage95": pl.Float64,
    },
}
TABLES = {name: pl.Schema(columns) for name, columns in COLUMNS.items()}
"""Tables of a record and their columns.

- `weights`: members' weights (on revised data; on what is waited for) and scale coefficients.
- `errors`: quantiles of standardised errors (kind ``error``), of changes after constant histories (``still``) and of
  the benchmark (``pooled``); `stretch`: what makes the bands hold.
- `series`: log scale, usual pace and level, bounds, usual revision; `series_errors`: each series' own quantiles
  (``near``: outcomes waited for; ``far``: all); `tested`: what the tests found.
"""


@dataclass(frozen=True)
class Record:
    """Everything learnt from the past, as `project` takes it."""

    model: Model
    series: pl.DataFrame
    """Per series and slice: log scale, usual pace and level, bounds, usual revision; columns of `TABLES`."""
    tested: pl.DataFrame
    """Per series, slice, test and horizon band: forecasts tested, areas, coverage of the bands."""

    @staticmethod
    def from_tables(tables: Mapping[str, pl.DataFrame]) -> Record:
        """A record from its tables (see `TABLES`). Raises `InputError` where a table or column is missing."""
        frames = {}
        for name, schema in TABLES.items():
            frame = tables.get(name, pl.DataFrame())
            require(frame, schema.names(), f"the projection record's table '{name}'")
            frames[name] = frame.select(pl.col(column).cast(dtype) for column, dtype in schema.items())
            if "dimensions" in schema:
                frames[name] = frames[name].with_columns(pl.col("dimensions").fill_null(""))
        return Record(_model(frames), frames["series"], frames["tested"])

    def tables(self) -> dict[str, pl.DataFrame]:
        """The record as tables, rounded to `DIGITS` significant digits."""
        model = self.model
        cells = [(band, nature) for band in BAND_NAMES for nature in CELL_NATURES]
        values = np.concatenate([model.location, model.spread])
        errors = [("error", *cell, *row) for cell, row in zip(cells, model.cells, strict=True)]
        errors += [("still", band, "all", *row) for band, row in zip(BAND_NAMES, model.still, strict=True)]
        errors.append(("pooled", "all", "all", *model.pooled))
        stretch = [(*cell, *row) for cell, row in zip(cells, model.stretch, strict=True)]
        rows = {
            "weights": [(*name, value) for name, value in zip(NAMES, values, strict=True)],
            "errors": errors,
            "stretch": stretch,
            "series_errors": [*_own_rows("near", model.near), *_own_rows("far", model.far)],
        }
        made = {name: pl.DataFrame(rows[name], schema=TABLES[name], orient="row") for name in rows}
        made["series"] = self.series.sort("series", "dimensions")
        made["tested"] = self.tested.sort("series", "dimensions", "test", "band")
        return {name: made[name].with_columns(pl.col(pl.Float64).round_sig_figs(DIGITS)) for name in TABLES}


def _own_rows(kind: str, own: Own) -> list[tuple[object, ...]]:
    return [(*name.split("|", 1), kind, areas, *quantiles.tolist()) for name, (areas, quantiles) in sorted(own.items())]


def _model(frames: Mapping[str, pl.DataFrame]) -> Model:
    """The model in the tables of a record."""
    weights = frames["weights"]["value"].to_numpy()
    errors = {row[:3]: np.array(row[3:]) for row in frames["errors"].iter_rows()}
    stretch = {row[:2]: np.array(row[2:]) for row in frames["stretch"].iter_rows()}
    cells = [(band, nature) for band in BAND_NAMES for nature in CELL_NATURES]
    key = pl.concat_str("series", "dimensions", separator="|")
    own: dict[str, dict[str, tuple[float, Floats]]] = {"near": {}, "far": {}}
    for name, kind, areas, *quantiles in frames["series_errors"].select(key, "kind", "areas", *QUANTILES).iter_rows():
        own[kind][name] = (areas, np.array(quantiles))
    return Model(
        location=weights[: 2 * len(MEMBERS)],
        spread=weights[2 * len(MEMBERS) :],
        cells=np.array([errors["error", band, nature] for band, nature in cells]),
        still=np.array([errors["still", band, "all"] for band in BAND_NAMES]),
        stretch=np.array([stretch[cell] for cell in cells]),
        pooled=errors["pooled", "all", "all"],
        scales=dict(frames["series"].select(key, pl.col("scale").fill_null(0.0)).iter_rows()),
        near=own["near"],
        far=own["far"],
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

"""Test the projections and write the record they leave: src/serai/assess/projection/record/*.csv.

python scripts/build_projection_record.py [--pack PATH_OR_NAME] [--out DIR]

Reads the pack's runs and world release (headline slices, countries), runs the real-time back-test and the world
tests, learns the model from everything, and writes plain tables. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

from serai.assess.headline import headline
from serai.assess.projection import Backtest, backtest, held_out, learn, world_test
from serai.assess.projection.metrics import rounded
from serai.region import Pack, load_pack

OUT = Path(__file__).parent.parent / "src/serai/assess/projection/record"


def figures(pack: Pack) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Run table and latest release of the primary provider: headline slices of countries."""
    provider = pack.manifest.primary_provider
    runs = pl.concat([pl.read_parquet(path) for path in pack.observation_files], how="diagonal")
    runs = runs.filter(pl.col("provider") == provider)
    countries = pack.table("areas").filter(pl.col("kind") == "country").select("area")
    runs = headline(runs.join(countries, on="area", how="semi"), pack.table("headline"))
    last = runs["release_to"].max()
    world = runs.filter(pl.col("release_to") == last).rename({"release_to": "release"}).drop("release_from")
    tracked = runs.filter(pl.col("release_from") < last).select("area").unique()
    return runs.join(tracked, on="area", how="semi"), world


def scores(tests: list[Backtest]) -> pl.DataFrame:
    """What the tests found, one row per test, horizon band and nature."""
    return pl.concat([test.scores.select(pl.lit(test.test).alias("test"), pl.all()) for test in tests])


def counts(tests: list[Backtest]) -> pl.DataFrame:
    """Forecasts made and candidate cases left out, by reason."""
    parts = []
    for test in tests:
        made = pl.DataFrame({"reason": ["forecast"], "n": [len(test.forecasts)]})
        parts.append(
            pl.concat([made, test.skipped.cast({"n": pl.Int64})]).select(test=pl.lit(test.test), reason="reason", n="n")
        )
    return pl.concat(parts)


def build(pack: Pack) -> dict[str, pl.DataFrame]:
    """All tables of the record by name."""
    runs, world = figures(pack)
    tests = [backtest(runs), world_test(world), held_out(runs, world)]
    tests += [world_test(world, blind=True), world_test(world, blind=True, widened=True)]
    tables = learn(runs, world, tests[:2]).tables()
    return {**tables, "scores": rounded(scores(tests)), "counts": counts(tests), "revision": rounded(tests[0].revision)}


def main() -> None:
    """Build and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pack", default="central_asia")
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    for name, table in build(load_pack(given.pack)).items():
        table.write_csv(given.out / f"{name}.csv")


if __name__ == "__main__":
    main()

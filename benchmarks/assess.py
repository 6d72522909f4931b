"""All progress methods on the whole world, and the UN measure beside undata on the same series in the same run.

    python benchmarks/assess.py                                       the shipped pack's tables and rules
    python benchmarks/assess.py --data WORLD.parquet --rules RULES.csv
    python benchmarks/assess.py --peer-python PATH --indicators 20    beside undata

``--data`` is an observation table, or a file of the UN database as Open Numbers packs it. Every slice of every series
is judged, not the headline alone. Bounds the project has set itself: 8 s, 2 GB; 200 times faster than undata.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from serai import assess
from serai.assess import sdsn
from serai.assess.progress import judge
from serai.assess.spans import spans

PACK = Path(assess.__file__).parents[1] / "packs" / "central_asia"
TOTALS = ("bothsex", "allage", "allarea", "t", "total", "_t", "_")
PEER = Path(__file__).with_name("_undata_progress.py")
STATUS = {
    "On track or target met": "on_track",
    "Moderate progress, but acceleration needed": "moderate_progress",
    "Marginal progress, and significant acceleration needed": "marginal_progress",
    "Stagnation": "stagnation",
    "Regression": "regression",
}


def read(paths: list[Path]) -> pl.DataFrame:
    """An observation table from either kind of file; of run tables, what the latest release carries."""
    table = pl.concat([pl.read_parquet(path) for path in paths], how="diagonal_relaxed")
    if "release_to" in table.columns:
        return table.filter(pl.col("release_to") == pl.col("release_to").max())
    if "dims" not in table.columns:
        return table
    raw = pl.col("value_raw").cast(pl.String)
    slices = table.select(dims=pl.col("dims").cast(pl.String)).unique().to_series()
    names = {key: _slice(key) for key in slices.drop_nulls()}
    return table.select(
        pl.col("series").cast(pl.String),
        area=pl.coalesce(pl.col("iso3").cast(pl.String), pl.format("M49:{}", "m49")),
        period=pl.col("year").cast(pl.Int32),
        dimensions=pl.col("dims").cast(pl.String).replace_strict(names, default=""),
        value=pl.coalesce("value", raw.str.extract(r"^[<>]([0-9.]+)$").cast(pl.Float64)),
        bound=raw.str.extract(r"^([<>])").fill_null(""),
        unit=pl.col("units").cast(pl.String).str.to_uppercase(),
        nature=pl.col("nature").cast(pl.String),
        provider=pl.lit("unsd"),
        status=pl.when(raw == "N").then(pl.lit("not_applicable")).otherwise(pl.lit("published")),
    )


def _slice(key: str) -> str:
    pairs = (part.split("=", 1) for part in key.split("|") if part)
    return "|".join(sorted(f"{name.upper()}={code.upper()}" for name, code in pairs if code not in TOTALS))


def world(data: list[Path], rules: Path) -> None:
    """All methods on every slice; prints seconds (of the clock, and of the processor) and memory of this process."""
    start = time.perf_counter()
    table, ruled = read(data), pl.read_csv(rules, infer_schema_length=None)
    print(f"read                  {time.perf_counter() - start:6.2f} s  {table.height:,} rows")
    begin, worked = time.perf_counter(), time.process_time()
    found = spans(table, ruled)
    print(f"bases and latest      {time.perf_counter() - begin:6.2f} s  {found.keys.height:,} series and areas")
    limits = None
    for name in assess.methods():
        start = time.perf_counter()
        if name == "sdsn":
            limits = sdsn.bounds(found)
        frame = judge(found, name, limits)
        classed = frame["class"].is_not_null().sum()
        print(f"{name:<22}{time.perf_counter() - start:6.2f} s  {classed:,} with a class")
    total, worked = time.perf_counter() - begin, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"all methods           {total:6.2f} s  (bound 8 s), {worked:.2f} s of processor")
    print(f"peak                  {peak:6.2f} GB (bound 2 GB)")
    start = time.perf_counter()
    rows = assess.compare_methods(table, ruled)
    print(f"side by side          {time.perf_counter() - start:6.2f} s  {rows.height:,} rows")


def sample(table: pl.DataFrame, rules: pl.DataFrame, count: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Totals of the series with most countries, and their rules; targets that are a factor of the base left aside."""
    plain = rules.filter(
        (pl.col("status") == "rule") & ~pl.col("parity") & (pl.col("target_type") != "factor").fill_null(value=True)
    )
    totals = table.filter((pl.col("dimensions") == "") & pl.col("value").is_not_null() & (pl.col("period") >= 2015))
    totals = totals.join(plain.select("series", "unit"), on=["series", "unit"], how="semi")
    most = totals.group_by("series").agg(pl.col("area").n_unique()).sort("area", "series", descending=True).head(count)
    return totals.join(most, on="series", how="semi"), plain.join(most, on="series", how="semi").sort("series")


def beside_undata(data: list[Path], rules: Path, peer: str, count: int) -> None:
    """The five-class measure by both, on the same series."""
    points, ruled = sample(read(data), pl.read_csv(rules, infer_schema_length=None), count)
    judge(spans(points.head(1000), ruled), "unsd5")  # both sides start warm
    start = time.perf_counter()
    ours = judge(spans(points, ruled), "unsd5")
    mine = time.perf_counter() - start
    with TemporaryDirectory() as place:
        files = [Path(place) / name for name in ("points.csv", "rules.csv", "out.csv")]
        points.select("series", "area", "value", year="period").write_csv(files[0])
        ruled.select("series", "direction", "target").write_csv(files[1])
        run = [peer, str(PEER), *map(str, files)]
        theirs = float(subprocess.run(run, capture_output=True, text=True, check=True).stdout)
        table = pl.read_csv(files[2]).with_columns(pl.col("status").replace_strict(STATUS, default=None))
    both = ours.join(table, left_on=["series", "area"], right_on=["series", "iso3"], how="inner")
    same = both.select(pl.col("class").eq_missing(pl.col("status")).sum()).item()
    print(f"{both.height:,} series and areas of {count} indicators; {same:,} classes alike")
    print(f"undata  {theirs:8.3f} s  {1000 * theirs / both.height:.3f} ms each")
    print(f"serai   {mine:8.3f} s  {1000 * mine / both.height:.3f} ms each   {theirs / mine:,.0f} times (bound 200)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shipped = [PACK / "observations" / name for name in ("unsd_world.parquet", "unsd_region.parquet")]
    parser.add_argument("--data", type=Path, nargs="+", default=shipped)
    parser.add_argument("--rules", type=Path, default=PACK / "reviewed" / "rules.csv")
    parser.add_argument("--peer-python", help="interpreter of an environment that has undata")
    parser.add_argument("--indicators", type=int, default=20)
    options = parser.parse_args()
    world(options.data, options.rules)
    if options.peer_python:
        beside_undata(options.data, options.rules, options.peer_python, options.indicators)


if __name__ == "__main__":
    sys.exit(main())

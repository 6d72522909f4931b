"""Peer of ``assess.py``: undata's own ``progress`` on frames in place of its network reads.

Run with the interpreter of an environment that has undata: ``python _undata_progress.py POINTS.csv RULES.csv OUT.csv``.
Prints the seconds that its calls took, one call an indicator, all countries at once, as its users make them.
"""

from __future__ import annotations

import sys
import time
from types import SimpleNamespace

import pandas as pd
from undata import analysis

points = pd.read_csv(sys.argv[1], dtype={"area": str}, keep_default_na=False, na_values={"value": [""]})
rules = pd.read_csv(sys.argv[2])
frames = {
    name: rows.assign(country=rows["area"], indicator=name, indicator_name=name, unit="", source="").drop(
        columns="area"
    )
    for name, rows in points.groupby("series", sort=False)
}
places = {
    name: [SimpleNamespace(name=area, iso3=area) for area in frame["country"].unique()]
    for name, frame in frames.items()
}
analysis.get = lambda indicator, countries, years=None, **_: frames[indicator]
analysis.expand = lambda countries: places[countries]

made, spent = [], 0.0
for rule in rules.itertuples():
    start = time.perf_counter()
    table = analysis.progress(
        rule.series,
        rule.series,
        better="higher" if rule.direction > 0 else "lower",
        target=None if pd.isna(rule.target) else float(rule.target),
    )
    spent += time.perf_counter() - start
    made.append(table.assign(series=rule.series)[["series", "iso3", "status", "score"]])
pd.concat(made).to_csv(sys.argv[3], index=False)
print(spent)

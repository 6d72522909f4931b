"""The peers' side of projection.py: one fit per history, gaps filled by straight lines (the libraries refuse them).

python _projection_peer.py HISTORIES.npz OUT.json
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np

AHEAD = 18
warnings.filterwarnings("ignore")


def filled(values: np.ndarray) -> np.ndarray:
    seen = np.flatnonzero(np.isfinite(values))
    return np.interp(np.arange(seen[0], len(values)), seen, values[seen])


def theta(series: np.ndarray) -> np.ndarray:
    from statsforecast.models import AutoTheta

    return AutoTheta(season_length=1).forecast(y=series, h=AHEAD)["mean"]


def auto_ets(series: np.ndarray) -> np.ndarray:
    from statsforecast.models import AutoETS

    return AutoETS(season_length=1, damped=True).forecast(y=series, h=AHEAD)["mean"]


def holt(series: np.ndarray) -> np.ndarray:
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    model = ExponentialSmoothing(series, trend="add", damped_trend=True, initialization_method="estimated")
    return model.fit().forecast(AHEAD)


def main() -> None:
    histories = [filled(row) for row in np.load(sys.argv[1])["values"]]
    report = {}
    for name, method in (("statsforecast theta", theta), ("statsforecast ETS", auto_ets), ("statsmodels ETS", holt)):
        method(np.arange(20.0) + np.random.default_rng(1).normal(size=20))
        made, refused, start = [], 0, time.perf_counter()
        for series in histories:
            try:
                made.append(np.asarray(method(series)).tolist())
            except Exception:  # noqa: BLE001 - the peers refuse in many ways; what they refuse is counted
                refused += 1
                made.append([float(series[-1])] * AHEAD)
        report[name] = {"seconds": time.perf_counter() - start, "refused": refused, "forecasts": made}
    Path(sys.argv[2]).write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    main()

"""The split between routes: what was put into made-up years is found again, and years after the fit are predicted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import serai
from corridor.network_pack import add_network
from serai.corridor import Corridors
from serai.corridor.calibration import fit_split, known_in
from serai.region import load_pack

YEARS = range(2019, 2026)


def observed(share: dict[int, float], total: float = 1000.0) -> pl.DataFrame:
    rows = [
        {"route": route, "year": year, "regime": "before" if year < 2022 else "since", "measure": "freight",
         "value": total * part, "tonnes": 1.0, "basis": "sourced", "source": "hand", "note": ""}
        for year in YEARS for route, part in (("lake", share[year]), ("bridge", 1 - share[year]))
    ]  # fmt: skip
    return pl.DataFrame(rows)


def shares(before: float, since: float, theta: float, dearer: dict[int, float]) -> dict[int, float]:
    constant = {year: before if year < 2022 else since for year in YEARS}
    return {year: float(1 / (1 + np.exp(theta * dearer[year] - constant[year]))) for year in YEARS}


def test_constants_are_found_again_and_later_years_follow_from_costs_alone() -> None:
    dearer = {year: 20.0 + 3 * (year - 2019) for year in YEARS}
    split = fit_split(observed(shares(-1.0, 0.5, 0.05, dearer)), dearer.__getitem__, 0.05, until=2023)
    assert split.constants == pytest.approx({"before": -1.0, "since": 0.5})
    assert split.total == pytest.approx(1000)
    assert split.table["residual"].abs().max() == pytest.approx(0, abs=1e-9)
    assert split.table.filter(pl.col("year") > 2023)["phase"].unique().to_list() == ["predicted"]


def test_years_after_the_fit_change_nothing_in_it() -> None:
    dearer = dict.fromkeys(YEARS, 10.0)
    table = observed(shares(-1.0, 0.5, 0.05, dearer))
    later = table.with_columns(
        pl.when(pl.col("year") > 2023).then(pl.col("value") * 7).otherwise("value").alias("value")
    )
    one, other = (fit_split(rows, dearer.__getitem__, 0.05, until=2023) for rows in (table, later))
    assert one.constants == other.constants
    assert one.table["model"].to_list() == other.table["model"].to_list()


def test_a_split_is_of_two_routes_with_years_in_common() -> None:
    table = observed(dict.fromkeys(YEARS, 0.3))
    with pytest.raises(serai.InputError, match="1 routes"):
        fit_split(table.filter(pl.col("route") == "lake"), lambda _: 0.0, 0.05, until=2023)
    with pytest.raises(serai.InputError, match="1 years to 2019"):
        fit_split(table, lambda _: 0.0, 0.05, until=2019)
    with pytest.raises(serai.InputError, match="regime 'since'"):
        fit_split(table, lambda _: 0.0, 0.05, until=2021)


def test_numbers_are_those_known_in_the_year() -> None:
    yearly = [("level", 2021, -28.3), ("level", 2025, -29.0)]
    assert [known_in(yearly, year)["level"] for year in (2019, 2021, 2024, 2026)] == [-28.3, -28.3, -28.3, -29.0]


def test_the_network_gives_its_costs_to_the_split(pack_dir: Path) -> None:
    add_network(pack_dir)
    split = Corridors(load_pack(pack_dir)).split(commodity="boxes")
    assert split.routes == ("lake", "bridge")
    assert split.table.height == 6
    assert split.fitted["basis"].to_list() == ["fitted", "fitted", "assumed"]


def test_what_the_families_rest_on_is_ranked_by_its_greatest_swing(pack_dir: Path) -> None:
    add_network(pack_dir)
    corridors = Corridors(load_pack(pack_dir))
    ranked = corridors.influences("elm", "oak", commodity="boxes")
    assert ranked["cost_swing"].is_sorted(descending=True)
    assert ranked["number"].is_unique().all()
    one = corridors.assumptions("elm", "oak", family="bridge", commodity="boxes")
    both = ranked.join(one, on="number", suffix="_bridge")
    assert (both["cost_swing"] >= both["cost_swing_bridge"]).all()
    with pytest.raises(serai.UnknownName):
        corridors.influences("elm", "nowhere", commodity="boxes")

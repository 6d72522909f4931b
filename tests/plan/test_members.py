"""From figures to a member's calibrated model: levels, what is filled and left out, money, networks, the cache."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import riverland
import serai
from serai.errors import InputError, UnknownName
from serai.plan import indicators, simulate
from serai.plan.holdout import skill
from serai.plan.member import spending
from serai.plan.networks import networks

YEARS = range(2000, 2021)
SERIES = {
    # code: (indicator, direction, target, upper limit)
    "WATER": ("6.1.1", 1, 100.0, 100.0),
    "POOR": ("1.2.1", -1, 0.0, 100.0),
    "TAX": ("17.1.1", 1, None, None),
    "PARITY": ("4.5.1", -1, 1.0, None),
    "SHORT": ("3.1.1", 1, None, 100.0),
    "LATE": ("3.1.2", 1, None, 100.0),
    "HOLES": ("3.2.1", 1, None, 100.0),
    "FLAT": ("7.1.1", 1, 100.0, 100.0),
    "SIDE": ("8.1.1", 1, None, None),
    "GONE": ("9.1.1", 1, None, None),
}
ROLES = pl.DataFrame(
    [(name, {"SIDE": "collateral", "GONE": "out"}.get(name, "instrumental"), f"because {name}") for name in SERIES],
    schema=["series", "role", "reason"], orient="row",
)  # fmt: skip
RULES = pl.DataFrame(
    [
        {
            "series": name, "status": "rule", "direction": direction, "target_type": "absolute" if target else "",
            "target": target, "parity": name == "PARITY", "lower_limit": 0.0 if upper else None, "upper_limit": upper,
            "unit": "PERCENT", "indicator": indicator, "source": "invented", "reason": "invented",
        }
        for name, (indicator, direction, target, upper) in SERIES.items()
    ]
)  # fmt: skip


def figures(area: str = "AAA", seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    drift = {"WATER": 1.5, "POOR": -1.0, "TAX": 0.3, "SIDE": 0.2}
    rows = []
    for name in SERIES:
        values = 50 + np.cumsum(drift.get(name, 0.1) + rng.normal(0, 0.5, len(YEARS)))
        if name == "PARITY":
            values = np.linspace(0.5, 0.8, len(YEARS))
        if name == "FLAT":
            values = np.full(len(YEARS), 100.0)
        rows += [(name, area, year, float(value)) for year, value in zip(YEARS, values, strict=True)]
    left_out = (
        ((pl.col("series") == "SHORT") & (pl.col("period") > 2008))
        | ((pl.col("series") == "LATE") & (pl.col("period") < 2007))
        | ((pl.col("series") == "HOLES") & pl.col("period").is_between(2008, 2013))
        | ((pl.col("series") == "TAX") & pl.col("period").is_in([2000, 2001, 2010, 2011, 2020]))
    )
    frame = pl.DataFrame(rows, schema=["series", "area", "period", "value"], orient="row")
    return frame.filter(~left_out).with_columns(
        dimensions=pl.lit(""), bound=pl.lit(""), unit=pl.lit("PERCENT"), nature=pl.lit("C"), provider=pl.lit("un"),
        release=pl.lit(riverland.SECOND), status=pl.lit("published"), note=pl.lit(""),
    )  # fmt: skip


def made(**options: int) -> indicators.Past:
    known = figures()
    scale = indicators.ranges(pl.concat([known, figures("BBB", 5)]), RULES)
    return indicators.past("AAA", known, RULES, ROLES, scale, last=2020, **options)


def test_series_take_part_or_are_left_out_with_the_reason() -> None:
    past = made()
    assert past.taken["series"].to_list() == ["POOR", "PARITY", "WATER", "SIDE", "TAX"]
    reasons = dict(past.left_out.select("series", "reason").iter_rows())
    assert reasons["GONE"] == "because GONE"
    assert reasons["SHORT"].startswith("9 years with a figure")
    assert "first figure is of 2007" in reasons["LATE"]
    assert "no figure for more than 4 years" in reasons["HOLES"]
    assert "nothing to calibrate to" in reasons["FLAT"]


def test_levels_rise_when_things_get_better_whatever_the_direction() -> None:
    past = made()
    observed = figures().filter(pl.col("series") == "POOR").sort("period")["value"].to_numpy()
    levels = past.levels.filter(pl.col("series") == "POOR")["level"].to_numpy()
    row = past.taken.row(by_predicate=pl.col("series") == "POOR", named=True)
    assert np.allclose(row["low"] + levels * (row["high"] - row["low"]), observed)
    assert levels[-1] > levels[0]
    assert row["goal_level"] == pytest.approx(1.0)
    parity = past.levels.filter(pl.col("series") == "PARITY")
    assert parity["value"][0] == pytest.approx(2.0)
    assert (np.diff(parity["level"].to_numpy()) > 0).all()


def test_filled_years_are_marked_and_do_not_count_as_rises() -> None:
    past = made()
    tax = past.levels.filter(pl.col("series") == "TAX")
    marks = dict(tax.select("year", "filled").iter_rows())
    assert {year: marks[year] for year in (2000, 2001, 2002, 2010, 2020)} == {
        2000: "before", 2001: "before", 2002: "", 2010: "between", 2020: "after",
    }  # fmt: skip
    row = past.taken.row(by_predicate=pl.col("series") == "TAX", named=True)
    assert (row["observed"], row["filled"], row["first_year"], row["latest_year"]) == (16, 5, 2002, 2019)
    known = tax.filter(pl.col("filled") == "")["value"].to_numpy()
    assert row["rate"] == pytest.approx(np.clip((np.diff(known) > 0).mean(), 0.05, 0.95))


def test_levels_are_unchanged_by_the_unit_of_a_series() -> None:
    known, scaled = figures(), figures().with_columns(pl.col("value") * 1000)
    plain = RULES.with_columns(
        pl.lit(None, pl.Float64).alias(name) for name in ("lower_limit", "upper_limit", "target")
    )
    one, other = (
        indicators.past("AAA", f, plain, ROLES, indicators.ranges(f, plain), last=2020) for f in (known, scaled)
    )
    wanted = pl.col("series") != "PARITY"
    assert np.allclose(one.levels.filter(wanted)["level"], other.levels.filter(wanted)["level"])


def test_a_series_in_another_unit_than_its_rule_is_left_out() -> None:
    other = figures().with_columns(unit=pl.when(pl.col("series") == "TAX").then(pl.lit("NUMBER")).otherwise("unit"))
    past = indicators.past("AAA", other, RULES, ROLES, indicators.ranges(other, RULES), last=2020)
    assert "TAX" not in past.taken["series"].to_list()
    assert "is not the rule's unit" in dict(past.left_out.select("series", "reason").iter_rows())["TAX"]


def test_money_is_known_where_a_series_says_and_else_shared_equally() -> None:
    past = made()
    share = figures().filter(pl.col("series") == "SIDE").with_columns(series=pl.lit("SPENT"), value=pl.lit(40.0))
    found = spending(past, share, pl.DataFrame({"goal": ["6"], "series": ["SPENT"]}))
    rows = {row["goal"]: row for row in found.iter_rows(named=True)}
    assert set(rows) == {"1", "4", "6", "17"}
    assert (rows["6"]["share"], rows["6"]["basis"], rows["6"]["year"]) == (pytest.approx(0.4), "known", 2020)
    assert (rows["1"]["share"], rows["1"]["basis"]) == (pytest.approx(0.2), "assumed")


def test_a_member_without_data_is_named() -> None:
    past = indicators.past("ZZZ", figures(), RULES, ROLES, indicators.ranges(figures(), RULES), last=2020)
    with pytest.raises(InputError, match=r"ZZZ: no instrumental indicator has enough data from 2000 to 2020"):
        spending(past, figures(), pl.DataFrame(schema={"goal": pl.String, "series": pl.String}))


def known_network(seed: int, years: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Levels of ten indicators whose changes hang together in pairs (0, 1), (2, 3) and (4, 5)."""
    rng = np.random.default_rng(seed)
    changes = rng.normal(0, 1, (years, 10))
    for i in (0, 2, 4):
        changes[:, i + 1] = 0.9 * changes[:, i] + 0.45 * changes[:, i + 1]
    truth = np.zeros((10, 10), dtype=bool)
    for i in (0, 2, 4):
        truth[i, i + 1] = truth[i + 1, i] = True
    return np.cumsum(0.01 * changes, axis=0), truth


@pytest.mark.parametrize("seed", range(3))
def test_a_network_that_is_there_is_found(seed: int) -> None:
    levels, truth = known_network(seed)
    found = {network.name: network for network in networks(levels)}
    assert set(found) == {"none", "changes", "trend", "sparse"}
    assert sum(network.weight for network in found.values()) == pytest.approx(1.0)
    assert not found["none"].links
    for name in ("changes", "sparse"):
        A = found[name].A
        assert (A[truth] > 0.05).all()
        assert np.array_equal(A, A.T)
        assert not np.diag(A).any()
        assert np.abs(A[truth]).min() > np.abs(A[~truth]).max()


def test_noise_gives_few_links_and_the_same_ones_every_time() -> None:
    levels = np.cumsum(np.random.default_rng(3).normal(0, 1, (21, 30)), axis=0)
    one, again = networks(levels), networks(levels)
    assert all(np.array_equal(a.A, b.A) for a, b in zip(one, again, strict=True))
    assert all(network.links < 0.2 * 30 * 29 for network in one)
    assert all(np.isfinite(network.A).all() for network in one)


def test_an_indicator_that_never_moves_depends_on_nothing() -> None:
    levels = known_network(1)[0]
    levels[:, 9] = 0.5
    assert all(not network.A[9].any() and not network.A[:, 9].any() for network in networks(levels))


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> serai.Region:
    """Riverland with twenty years of figures for both members."""
    figures = {key: dict(values) for key, values in riverland.FIGURES.items()}
    rng = np.random.default_rng(0)
    for area, drift in (("AAA", 1.0), ("BBB", 0.3), ("CCC", 0.1)):
        for series, sign in (("WATER_ACCESS", 1), ("POVERTY", -1)):
            path = 45 + sign * np.cumsum(drift + rng.normal(0, 0.4, len(YEARS)))
            figures[series, area] = {year: float(v) for year, v in zip(YEARS, path, strict=True)}
    figures["WATER_ACCESS", "BBB"] = {2020: 50.0}
    figures["POVERTY", "BBB"] = {2020: 50.0}
    root = tmp_path_factory.mktemp("planned")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(riverland, "FIGURES", figures)
        pack = riverland.write(root / "pack")
    return serai.open(pack, home=root / "home")


def test_a_region_calibrates_and_keeps_what_it_found(region: serai.Region) -> None:
    found = region.plan.calibration("AAA")
    assert found["reached"].all()
    assert set(found["network"]) == {"none", "changes", "trend", "sparse"}
    assert set(found["nature"]) == {"M"}
    kept = list(region.plan.cache.glob("AAA-*.parquet"))  # type: ignore[union-attr]
    assert len(kept) == 1
    again = serai.open(region.pack.path, home=region.home)
    before = kept[0].stat().st_mtime_ns
    assert again.plan.calibration("AAA").equals(found)
    assert kept[0].stat().st_mtime_ns == before
    assert not region.plan.calibration("AAA", threshold=0.5).equals(found)


def test_a_calibrated_model_runs_on_from_where_the_member_is(region: serai.Region) -> None:
    model = region.plan.model("AAA", "none", to=2030)
    levels = region.plan.levels("AAA").filter(pl.col("year") == 2020)["level"].to_numpy()
    assert np.allclose(model.I0, levels)
    assert model.T == 11
    assert simulate(model, 50, keep=("mean",))["mean"].shape == (2, 11)
    ready = region.plan.ready("AAA")[0]
    assert (ready.code, list(ready.models)) == ("AAA", ["none", "changes", "trend", "sparse"])


def test_the_model_is_held_against_years_it_has_not_seen(region: serai.Region) -> None:
    found = region.plan.holdout("AAA")
    assert set(found["fitted_to"]) == {2015}
    base = region.plan.levels("AAA").filter(pl.col("year") == 2015).sort("series")["value"]
    assert np.allclose(found.sort("series")["base"], base)
    assert ((found["model_low"] <= found["model"]) & (found["model"] <= found["model_high"])).all()
    summed = skill(found)
    assert summed["area"].to_list() == ["AAA", "all"]
    assert summed["no_change"][0] == pytest.approx(found["error_no_change"].median())
    with pytest.raises(InputError, match="choose years"):
        region.plan.holdout("AAA", fitted_to=2021, year=2020)


def test_what_a_region_cannot_plan_is_named(region: serai.Region) -> None:
    with pytest.raises(InputError, match="BBB: no instrumental indicator has enough data"):
        region.plan.calibration()
    with pytest.raises(UnknownName, match="unknown member 'XXX'"):
        region.plan.calibration("XXX")
    with pytest.raises(UnknownName, match="unknown network 'best'"):
        region.plan.model("AAA", "best")
    with pytest.raises(InputError, match="2019 does not come after 2020"):
        region.plan.model("AAA", to=2019)


def test_filled_levels_and_reasons_have_their_columns(region: serai.Region) -> None:
    assert region.plan.levels("AAA").schema == pl.Schema(indicators.LEVELS)
    assert region.plan.indicators().schema == pl.Schema(indicators.TAKEN)
    assert Path(region.plan.cache or "").name == "riverland"

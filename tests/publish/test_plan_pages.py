"""Pages of the plan on two small countries: labelled, in two languages, with their briefs and tables."""

from __future__ import annotations

import io
import json
import math
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pypdf
import pytest

import riverland
from plan.plan_pack import add_plan
from plan.two_countries import exposure, world
from serai.errors import InputError
from serai.plan.decisions import Decisions
from serai.plan.holdout import HOLDOUT
from serai.plan.indicators import TAKEN
from serai.plan.member import SPENDING
from serai.plan.planner import CALIBRATION
from serai.plan.world import StackedWorld
from serai.publish.sections import plan as section
from serai.publish.sections.plan import gather as gathering
from serai.publish.sections.plan.pictures import box_picture, tradeoff_picture
from serai.publish.sections.preview import preview
from serai.publish.tables import described_tables
from serai.region import load_pack


def blank(schema, rows):
    full = [dict.fromkeys(schema) | row for row in rows]
    return pl.DataFrame(full, schema=schema)


class Planned:
    """A planner of hand-made models; only what pages ask for."""

    last = 2024

    def __init__(self, decisions, absent):
        self.decisions, self.absent = decisions, absent

    def calibration(self, members):
        rows = [
            {"area": area, "network": "a", "indicator": "S1", "fit_level": 0.9, "reached": True} for area in members
        ]
        return blank(CALIBRATION, rows)

    def indicators(self, members):
        taken = [
            {
                "area": area,
                "series": "S1",
                "goal": "1",
                "observed": 9,
                "filled": 2,
                "latest_year": 2021,
                "goal_level": 1.0,
            }
            for area in members
        ]
        return blank(TAKEN, [*taken, {"area": members[0], "series": "S9", "reason": "too short"}])

    def holdout(self, members):
        rows = [
            {"area": area, "series": "S1", "fitted_to": 2015, "year": 2020, "observed": 1.0, "model_low": 2.0,
             "model_high": 3.0, "error_model": 0.75, "error_no_change": 0.5}
            for area in members
        ]  # fmt: skip
        return blank(HOLDOUT, rows)

    def spending(self, members):
        return blank(SPENDING, [{"area": area, "goal": "1", "share": 1.0, "basis": "assumed"} for area in members])


@pytest.fixture
def region(tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "SHOCKS", 32)
    monkeypatch.setattr(gathering, "RUNS", 4)
    monkeypatch.setattr(gathering, "BASE", 8)
    monkeypatch.setattr(gathering, "FEW", 2)
    path = add_plan(riverland.write(tmp_path / "riverland"))
    figures = pl.DataFrame(schema={"series": pl.String, "area": pl.String, "period": pl.Int32, "value": pl.Float64})
    decisions = Decisions(
        world(), pack=path, figures=figures, exposure=exposure, cost=exposure, home=tmp_path / "home", key="k"
    )
    return SimpleNamespace(pack=load_pack(path), members=("AAA", "BBB"), plan=Planned(decisions, {}))


def built(region, out):
    preview(region, "plan", out)
    return {path.relative_to(out).as_posix(): path for path in sorted(out.rglob("*")) if path.is_file()}


def test_every_page_is_labelled_in_both_languages_and_has_its_twin(region, tmp_path):
    files = built(region, tmp_path / "out")
    for name in ("index", "AAA", "BBB", "shocks", "methods"):
        assert "Model output, not a forecast." in files[f"plan/{name}.html"].read_text(encoding="utf-8")
        russian = files[f"ru/plan/{name}.html"].read_text(encoding="utf-8")
        assert "Результат модели, не прогноз." in russian
        assert "Model output" not in russian
        assert json.loads(files[f"data/plan/{name}.json"].read_text(encoding="utf-8"))["coverage"]
    page = files["plan/index.html"].read_text(encoding="utf-8")
    assert "32 drawn shocks × 3 strategies × 4 runs, from levels of 2024 to 2030." in page


def test_models_no_better_than_no_change_are_said_to_be_so(region, tmp_path):
    page = built(region, tmp_path / "out")["plan/methods.html"].read_text(encoding="utf-8")
    assert "they are no better than the assumption that nothing changes" in page
    assert "Their band of 80 % held 0 %" in page.replace("\xa0", " ").replace("\u202f", " ").replace(
        "80%", "80 %"
    ).replace("0% of", "0 % of")
    assert "never for forecasting" in page


def test_pasts_too_short_to_hold_years_out_are_said_to_be_so(region, tmp_path, monkeypatch):
    def refused(_):
        raise InputError("choose years")

    monkeypatch.setattr(region.plan, "holdout", refused)
    page = built(region, tmp_path / "out")["plan/methods.html"].read_text(encoding="utf-8")
    assert "too short to hold years out" in page


def test_the_brief_of_a_member_has_two_pages_and_says_what_the_page_says(region, tmp_path):
    files = built(region, tmp_path / "out")
    for code, label in (("en", "not a forecast"), ("ru", "не прогноз")):
        reader = pypdf.PdfReader(io.BytesIO(files[f"plan/AAA.{code}.pdf"].read_bytes()))
        assert len(reader.pages) == 2
        assert label in reader.pages[0].extract_text()
    link = 'href="AAA.en.pdf"'
    assert link in files["plan/AAA.html"].read_text(encoding="utf-8").replace("../plan/", "")


def test_every_column_of_the_tables_is_described_and_every_row_labelled(region, tmp_path):
    files = built(region, tmp_path / "out")
    described = described_tables()
    own = tomllib.loads((Path(section.__file__).parent / "tables.toml").read_text(encoding="utf-8"))["table"]
    assert len(own) == 13
    for name in (table["name"] for table in own):
        frame = pl.read_parquet(files[f"data/{name}.parquet"])
        assert frame.columns == list(described[name]["columns"]), name
        assert "nature" not in frame.columns or set(frame["nature"].drop_nulls()) <= {"M"}


def test_a_member_without_a_model_is_named_with_the_reason(region, tmp_path):
    whole = region.plan.decisions
    region.plan = Planned(whole.suspend("BBB"), {"BBB": "BBB: no series takes part"})
    files = built(region, tmp_path / "out")
    assert "plan/BBB.html" not in files
    page = files["plan/index.html"].read_text(encoding="utf-8")
    assert "too few series with data for a model" in page
    assert "1/2" in page


def test_a_member_without_a_gap_is_named_with_the_reason(region, tmp_path):
    whole = region.plan.decisions
    first, second = whole.world.members
    met = replace(second, target=np.full(6, -1.0))
    whole.world = StackedWorld((first, met), whole.world.links, 2024)
    files = built(region, tmp_path / "out")
    assert "plan/BBB.html" not in files
    assert "no series with a target has a gap left to close" in files["plan/index.html"].read_text(encoding="utf-8")


def test_a_region_in_which_nobody_has_a_model_still_has_a_site(region, tmp_path, monkeypatch):
    def refused(_):
        raise InputError("no member has a calibrated model")

    monkeypatch.setattr(gathering, "gather", refused)
    files = built(region, tmp_path / "out")
    assert "nothing can be compared here" in files["plan/index.html"].read_text(encoding="utf-8")


def test_two_builds_are_the_same_bytes(region, tmp_path):
    one, two = (built(region, tmp_path / name) for name in ("one", "two"))
    assert one.keys() == two.keys()
    assert all(one[name].read_bytes() == two[name].read_bytes() for name in one)


def test_a_pack_without_a_plan_has_no_such_section(tmp_path):
    assert not section.SECTION.has(load_pack(riverland.write(tmp_path / "riverland")))


def test_pictures_stand_flat_figures_and_single_members():
    flat = [
        {"letter": "A", "mean": 0.2, "cvar": 0.1, "leads": True},
        {"letter": "B", "mean": 0.2, "cvar": 0.1, "leads": False},
    ]
    assert tradeoff_picture("AAA", flat).count("<circle") == 2
    places = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', tradeoff_picture("AAA", flat))
    assert math.dist(*([float(part) for part in place] for place in places)) >= 17  # letters do not hide each other
    ones = pl.Series([0.5, 0.5]).to_numpy()
    bad = pl.Series([True, False]).to_numpy()
    drawn = box_picture(ones, ones, bad, ((0.4, 0.6), (0.4, 1.0)), ((0.0, 1.0), (0.0, 1.0)))
    assert drawn.count("<circle") == 1
    assert drawn.count("<rect") == 1

"""Shocks: every fault of the file named, weights by what is known, and what a draw does to the model."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riverland
from plan.plan_pack import add_plan, uncertain
from plan.small_world import GROUND, UNKNOWNS, reached, shock
from serai.errors import InputError, PackError
from serai.plan import forcing, inputs, shocks
from serai.region import check_pack, find_pack
from serai.region.plan_files import UNCERTAIN, unknown_names

AT = {"exposure": 0.5, "response": 0.5, "fall.size": 40.0, "fall.start": 2025.0, "fall.years": 1.5}


def forced(effects, weight=1.0, **drawn):
    known = {"fall": shock(effects=effects)}
    return forcing.forced(GROUND, forcing.hits(GROUND, known, reached(known, weight)), AT | drawn)


def test_a_budget_is_cut_for_as_long_as_the_shock_lasts():
    money = forced([{"does": "budget", "goals": ["6"], "reason": "by hand"}], weight=0.5).money
    assert money[0] == pytest.approx([1, 1, 1, 1])
    assert money[1] == pytest.approx([1, 0.8, 0.9, 1])  # 40 % of a weight of one half; half of the second year


def test_a_level_falls_once_by_its_share():
    shift = forced([{"does": "level", "goals": ["1"], "members": ["BBB"], "reason": "by hand"}]).shift
    assert shift[3] == pytest.approx([0, -0.04, 0, 0])
    assert not shift[[2, 4]].any()


def test_capacity_is_lost_on_links_of_the_kind_that_touch_a_member():
    known = {"fall": shock(effects=[{"does": "capacity", "kinds": ["water"], "reason": "by hand"}])}
    capacity = forcing.forced(GROUND, forcing.hits(GROUND, known, reached(known)), AT).capacity
    assert capacity[[0, 2]] == pytest.approx(1)
    assert capacity[1] == pytest.approx([1, 0.6, 0.8, 1])
    only = reached(known).filter(pl.col("member") == "CCC")
    assert forcing.forced(GROUND, forcing.hits(GROUND, known, only), AT).capacity == pytest.approx(1)


def test_a_weight_that_is_not_known_is_no_effect_and_is_told():
    known = {"fall": shock(effects=[{"does": "growth", "weight": {"series": "S1"}, "reason": "by hand"}])}
    figures = pl.DataFrame(
        {"series": ["S1", "S1"], "area": ["AAA", "AAA"], "period": [2019, 2021], "value": [9.0, 25.0]}
    )
    found = forcing.reach(known, GROUND.members, figures, None, None)
    assert found["value"].to_list() == [0.25, None]
    assert found["basis"].to_list() == ["S1 2021: 25 %", "no figure of S1"]
    assert found["missing"].to_list() == [None, "no figure of S1"]
    growth = forcing.forced(GROUND, forcing.hits(GROUND, known, found), AT).growth
    assert growth[0] == pytest.approx([1, 0.9, 0.95, 1])
    assert growth[3:] == pytest.approx(1)


def test_weights_multiply_exposure_series_and_cost():
    weight = {"exposure": "transit", "partners": ["XXX", "YYY"], "series": "S1", "complement": True, "corridor": "shut"}
    known = {"fall": shock(effects=[{"does": "growth", "members": ["AAA"], "weight": weight, "reason": "by hand"}])}
    figures = pl.DataFrame({"series": ["S1"], "area": ["AAA"], "period": [2021], "value": [20.0]})
    shares = pl.DataFrame({"member": ["AAA"] * 3, "partner": ["XXX", "YYY", "ZZZ"], "low": [0.1, 0.2, 0.3],
                           "value": [0.2, 0.3, 0.4], "high": [0.5, 0.8, 0.9]})  # fmt: skip
    extra = pl.DataFrame({"member": ["AAA"], "low": [0.0], "value": [0.5], "high": [1.0]})
    found = forcing.reach(known, GROUND.members, figures, lambda kind: shares, lambda name: extra)
    assert found.select("low", "value", "high").row(0) == pytest.approx((0, 0.5 * 0.8 * 0.5, 1 * 0.8 * 1))


def test_overlap_with_calendar_years():
    assert forcing.overlap(2024.5, 1.25, (2024, 2025, 2026)) == pytest.approx([0.5, 0.75, 0])
    assert forcing.overlap(2030, 2, (2024, 2025)) == pytest.approx([0, 0])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=30, max_size=30))
def test_whatever_is_drawn_stays_within_its_bounds(unit):
    known = shocks.read(find_pack("central_asia"))
    listed = inputs.listed(known, UNKNOWNS)
    drawn = inputs.drawn(listed, np.resize(np.array(unit), len(listed)))
    found = forcing.forced(GROUND, forcing.hits(GROUND, known, reached(known)), drawn)
    for array in (found.capacity, found.money, found.growth):
        assert ((array >= 0) & (array <= 1)).all()
    assert ((found.shift <= 0) & (found.shift >= -7 * GROUND.start[:, None])).all()


def test_a_larger_shock_never_takes_less():
    effects = [{"does": name, "reason": "by hand"} for name in ("budget", "growth", "level", "capacity")]
    small, large = (forced(effects, **{"fall.size": size}) for size in (10.0, 30.0))
    for name in ("money", "growth", "shift", "capacity"):
        assert (getattr(large, name) <= getattr(small, name)).all()


def test_no_size_is_no_shock():
    found = forced(
        [{"does": name, "reason": "by hand"} for name in ("budget", "growth", "level")], **{"fall.size": 0.0}
    )
    assert (found.money == 1).all()
    assert (found.growth == 1).all()
    assert (found.shift == 0).all()


GOOD = """
[[shock]]
id = "fall"
title = { en = "Fall" }
story = { en = "It falls." }
[shock.size]
low = 0
high = 50
unit = "%"
over = { en = "over {} %" }
under = { en = "under {} %" }
basis = "sourced"
source = "a table"
[shock.start]
low = 2024
high = 2026
unit = "year"
basis = "sourced"
source = "a table"
[shock.years]
low = 1
high = 2
unit = "years"
basis = "sourced"
source = "a table"
[[shock.effect]]
does = "budget"
reason = "by hand"
"""


def read(tmp_path, text):
    (tmp_path / "plan").mkdir(exist_ok=True)
    (tmp_path / "plan" / "shocks.toml").write_text(text)
    return shocks.read(tmp_path)


def test_a_sound_file_is_read_and_none_is_no_shock(tmp_path):
    assert shocks.read(tmp_path) == {}
    assert list(read(tmp_path, GOOD)) == ["fall"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("high = 50", "high = -5", "swap them"),
        ("high = 50", "high = 150", "above 100"),
        ("low = 0", "low = -1", "below 0"),
        ("low = 0\n", "low = nan\n", "finite"),
        ('over = { en = "over {} %" }', 'over = { en = "over 5 %" }', "must hold {} once"),
        ('under = { en = "under {} %" }', 'under = { ru = "менее {} %" }', "same languages"),
        ('does = "budget"', 'does = "money"', "budget"),
        ('does = "budget"', 'does = "budget"\nkinds = ["water"]', "kinds of links"),
        ('does = "budget"', 'does = "budget"\nfactor = [2, 1]', "swap them"),
        ('does = "budget"', 'does = "budget"\nstrength = 2', "strength"),
        ('source = "a table"\n[shock.start]', "[shock.start]", "source"),
        ("low = 1\n", "low = 0\n", "a shock lasts"),
        ('id = "fall"', 'id = "Fall!"', "id"),
        ("[[shock]]", "[[shock", "not valid TOML"),
    ],
)
def test_every_fault_is_named(tmp_path, old, new, words):
    assert old in GOOD
    with pytest.raises(PackError, match=words):
        read(tmp_path, GOOD.replace(old, new, 1))


def test_all_faults_are_told_at_once(tmp_path):
    bad = GOOD.replace("high = 50", "high = -5").replace('does = "budget"', 'does = "money"')
    with pytest.raises(PackError) as caught:
        read(tmp_path, bad)
    assert len(caught.value.faults) == 2
    with pytest.raises(PackError, match="there already"):
        read(tmp_path, GOOD + GOOD)


def test_names_that_do_not_exist_are_found():
    known = {"fall": shock(effects=[{"does": "growth", "goals": ["18"], "members": ["ZZZ"], "reason": "x",
                                     "weight": {"series": "S9"}}])}  # fmt: skip
    faults = list(unknown_names(known, {"goals": {"1"}, "members": {"AAA"}, "series": {"S1"}}))
    assert {fault.value.split(": ")[1] for fault in faults} == {"18", "ZZZ", "S9"}


def test_the_shipped_files_name_only_what_there_is():
    import serai

    house = serai.open("central_asia")
    table = house.pack.table
    known = {
        "members": set(house.members), "goals": set(table("goals")["goal"]), "areas": set(table("areas")["area"]),
        "series": set(table("series")["series"]), "corridors": set(house.corridors.scenarios),
        "exposures": set(house.dependence.kinds),
    }  # fmt: skip
    assert list(unknown_names(shocks.read(house.pack.path), known)) == []
    found = inputs.read(house.pack.path)
    assert {goal for channel in found.channel for goal in channel.goals} <= known["goals"]
    assert {channel.kind for channel in found.channel} <= known["exposures"]


def test_a_longer_sequence_begins_with_the_shorter_one():
    assert (inputs.points(5, 64, 3)[:16] == inputs.points(5, 16, 3)).all()
    with pytest.raises(InputError, match="power of two"):
        inputs.points(5, 100, 3)


def test_unknown_numbers_must_all_be_given_once(tmp_path):
    (tmp_path / "plan").mkdir()
    text = (find_pack("central_asia") / UNCERTAIN).read_text()
    (tmp_path / UNCERTAIN).write_text(text.replace('id = "law"', 'id = "links"'))
    with pytest.raises(PackError) as caught:
        inputs.read(tmp_path)
    assert {(fault.value, fault.problem) for fault in caught.value.faults} == {
        ("law", "given 0 times"), ("links", "given 2 times"),
    }  # fmt: skip


def test_a_pack_is_checked_with_its_plan(tmp_path):
    pack = add_plan(riverland.write(tmp_path / "riverland"))
    assert not [fault for fault in check_pack(pack) if fault.file.startswith("plan/") and "sources" not in fault.file]
    for name, old, new in (
        ("shocks", 'does = "growth"\ngoals = ["6"]', 'does = "growth"\ngoals = ["18"]\nmembers = ["QQQ"]'),
        ("strategies", 'goals = ["6"]', 'goals = ["19"]'),
        ("uncertain", 'id = "law"', 'id = "links"'),
    ):
        path = pack / "plan" / f"{name}.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    found = {(fault.file, fault.value) for fault in check_pack(pack) if fault.file.startswith("plan/")}
    assert found == {
        ("plan/shocks.toml", "cut.effect.2: 18"), ("plan/shocks.toml", "cut.effect.2: QQQ"),
        ("plan/strategies.toml", "water: 19"),
        ("plan/uncertain.toml", "law"), ("plan/uncertain.toml", "links"),
    }  # fmt: skip


def test_shares_below_zero_are_refused(tmp_path):
    text = uncertain().replace("high = 1.8", "high = 2.2")
    (tmp_path / "plan").mkdir()
    (tmp_path / "plan" / "uncertain.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match=r"shares run from 0\.2 to 2\.2: beyond 0 to 2"):
        inputs.read(tmp_path)

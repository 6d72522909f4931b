"""The planner's decision half: who takes part, who does not and why, and what it passes on."""

from functools import cached_property
from types import SimpleNamespace

import polars as pl
import pytest

from plan.plan_pack import add_plan
from plan.two_countries import exposure, member
from serai.errors import InputError, PackError
from serai.plan.deciding import Deciding

FIGURES = pl.DataFrame(schema={"series": pl.String, "area": pl.String, "period": pl.Int32, "value": pl.Float64})


class Planner(Deciding):
    """Members with hand-made models; the third has too little data."""

    last = 2024
    detours = None

    def __init__(self, pack, cache, exposure=None, lacking=("CCC",)):
        self.pack = SimpleNamespace(path=pack, manifest=SimpleNamespace(members=("AAA", "BBB", "CCC")))
        self.cache, self.exposure, self.lacking = cache, exposure, lacking
        self.told = []
        self.tell = lambda *told: self.told.append(told)

    @cached_property
    def figures(self):
        return FIGURES

    def ready(self, members=None):
        if members in self.lacking:
            raise InputError(f"{members}: no series takes part")
        return [member(members, {"AAA": 1, "BBB": 2, "CCC": 3}[members])]

    def state(self, code):
        return code


@pytest.fixture
def pack(tmp_path):
    return add_plan(tmp_path / "pack")


def test_a_member_without_a_model_is_left_out_with_the_reason(pack, tmp_path):
    plan = Planner(pack, tmp_path / "cache")
    assert plan.absent == {"CCC": "CCC: no series takes part"}
    assert [one.code for one in plan.decisions.world.members] == ["AAA", "BBB"]
    assert ("calibrate", 3, 3) in plan.told


def test_the_whole_api_on_one_planner(pack, tmp_path):
    plan = Planner(pack, tmp_path / "cache")
    assert list(plan.shocks) == ["cut"]
    assert list(plan.strategies) == ["as_is", "equal", "water"]
    assert plan.reach["value"].to_list() == [1.0] * 4
    assert {one.id for one in plan.uncertain} >= {"network", "links", "cut.size"}
    run = plan.run(["water"], shocks=16, runs=2)
    assert plan.compare(run).summary.height == 4
    assert plan.influence(["water"], base=8, runs=2)["member"].n_unique() == 2
    assert plan.bottlenecks("AAA")["member"].unique().to_list() == ["AAA"]
    assert plan.accelerators("BBB")["member"].unique().to_list() == ["BBB"]
    assert plan.frontier()["member"].n_unique() == 2
    rows = plan.suspend("AAA", shocks=16, runs=2).outcomes()
    assert dict(rows.select("member", "status").unique().iter_rows()) == {"AAA": "frozen", "BBB": "current"}


def test_without_flows_there_are_no_links_and_no_shares(pack, tmp_path):
    assert Planner(pack, tmp_path / "cache").decisions.world.links.height == 0
    path = pack / "plan" / "uncertain.toml"
    channel = '[[channel]]\nkind = "trade"\ngoals = ["9"]\nreason = "x"\n'
    path.write_text(path.read_text(encoding="utf-8") + channel, encoding="utf-8")
    flows = lambda kind: exposure(kind).rename({"member": "area"})  # noqa: E731
    assert Planner(pack, tmp_path / "cache", flows).decisions.world.links.height == 4


def test_nobody_with_a_model_no_place_and_no_file_are_told(pack, tmp_path):
    with pytest.raises(InputError, match="no member has a calibrated model"):
        Planner(pack, tmp_path, lacking=("AAA", "BBB", "CCC")).decisions  # noqa: B018
    with pytest.raises(InputError, match="no place to keep ensembles"):
        Planner(pack, None).decisions  # noqa: B018
    (pack / "plan" / "uncertain.toml").unlink()
    with pytest.raises(PackError, match=r"plan/uncertain\.toml: file is missing"):
        Planner(pack, tmp_path).decisions  # noqa: B018

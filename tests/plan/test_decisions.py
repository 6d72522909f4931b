"""The decision half as a whole, on two small countries."""

from dataclasses import replace

import polars as pl
import pytest

from plan.plan_pack import add_plan
from plan.small_world import digests
from plan.two_countries import exposure, member, world
from serai.errors import InputError, UnknownName
from serai.plan import frontier
from serai.plan.decisions import Decisions


@pytest.fixture
def decisions(tmp_path):
    pack = add_plan(tmp_path / "pack")
    figures = pl.DataFrame(schema={"series": pl.String, "area": pl.String, "period": pl.Int32, "value": pl.Float64})
    return Decisions(
        world(), pack=pack, figures=figures, exposure=exposure, cost=exposure, home=tmp_path / "home",
        key="k",
    )  # fmt: skip


def test_an_ensemble_from_pack_to_comparison(decisions):
    run = decisions.run(shocks=64, runs=8)
    rows = run.outcomes()
    assert rows.height == 64 * 3 * 2
    assert set(rows["status"]) == {"current"}
    assert run.outcomes(goals=True).filter(pl.col("goal") == "6").height == rows.height
    found = decisions.compare(run)
    assert found.summary.select("member", "strategy").rows() == [
        (code, name) for code in ("AAA", "BBB") for name in ("as_is", "equal", "water")
    ]
    assert found.decision.height == 2 * 3
    assert set(found.regret["shock"]) == {"cut"}
    assert found.regret["regret"].min() >= 0
    for frame in (found.summary, found.paired, found.decision, found.regret):
        assert set(frame["nature"]) == {"M"}


def test_money_cut_closes_less_of_the_gap(decisions):
    run = decisions.run(["equal"], shocks=64, runs=16)
    rows = run.current().join(run.values, on="shock").filter(pl.col("member") == "AAA")
    small, large = (rows.filter(side)["closed"].mean() for side in (pl.col("cut.size") < 30, pl.col("cut.size") > 60))
    assert small > large + 0.05


def test_a_second_run_computes_nothing_and_says_the_same(decisions):
    first = decisions.run(shocks=16, runs=4, workers=2)
    before = digests(first.folder)
    told = []
    decisions.tell = lambda step, done, total: told.append((done, total))
    again = decisions.run(shocks=16, runs=4)
    assert again.folder == first.folder
    assert told == [(2, 2)]
    assert digests(again.folder) == before


def test_the_model_writes_the_same_bytes_on_one_thread_or_several(decisions, tmp_path):
    folders = [
        decisions.run(shocks=32, runs=8, folder=tmp_path / str(workers), workers=workers).folder / "chunks"
        for workers in (1, 3)
    ]
    assert digests(folders[0]) == digests(folders[1])
    assert len(digests(folders[0])) == 4


def test_other_shocks_or_another_calibration_have_a_folder_of_their_own(decisions):
    first = decisions.run(shocks=8, runs=2)
    decisions.key = "other"
    assert decisions.run(shocks=8, runs=2).folder != first.folder
    assert decisions.run(shocks=8, runs=2, seed=5).folder != first.folder


def test_a_users_table_is_one_more_strategy(decisions, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("member,programme,share\nAAA,9,1\n")
    run = decisions.run(["water"], shocks=16, runs=4, table=path)
    assert set(run.current()["strategy"]) == {"as_is", "water", "mine"}
    own = run.current().filter(pl.col("member") == "BBB").pivot("strategy", index="shock", values="closed")
    # The other member keeps its money; it feels the first only through links, on the same luck.
    assert (own["mine"] - own["as_is"]).abs().mean() < 0.05
    with pytest.raises(InputError, match="called 'water' already"):
        decisions.run(shocks=16, runs=4, table=path.rename(tmp_path / "water.csv"))


def test_indices_share_out_what_moves_the_ranking(decisions):
    found = decisions.influence(["water"], base=16, runs=4)
    assert set(found["input"]) == {"network", "links", "governance", "shares", "reach", "cut", "luck"}
    assert found.height == 2 * 7
    assert set(found["points"]) == {16 * 9}
    own = found.filter(pl.col("member") == "AAA")
    assert own["total"].to_list() == sorted(own["total"], reverse=True)


def test_drawn_shares_move_the_ranking_only_where_no_source_gives_them(decisions):
    def moved():
        found = decisions.influence(["equal", "water"], base=16, runs=4)
        return found.filter(pl.col("input") == "shares")["total"]

    assert (moved() > 0).all()
    decisions.world = world(*(replace(one, sourced=frozenset(("1", "6", "9"))) for one in decisions.world.members))
    decisions.key = "sourced"
    assert (moved() == 0).all()


def test_a_suspended_member_stays_frozen_and_the_others_are_recomputed(decisions):
    whole = decisions.run(shocks=16, runs=4)
    rest = decisions.suspend("BBB")
    alone = rest.run(shocks=16, runs=4)
    assert set(alone.current()["member"]) == {"AAA"}
    assert rest.world.links.height == 0
    kept = decisions.frozen(whole, ["BBB"])
    told = alone.with_frozen(kept).outcomes()
    frozen = told.filter(pl.col("status") == "frozen")
    assert frozen.drop("status").equals(whole.outcomes().filter(pl.col("member") == "BBB").drop("status"))
    assert frozen["made"].unique().to_list() == [whole.made]
    summary = rest.compare(alone.with_frozen(kept)).summary
    assert dict(summary.select("member", "status").unique().iter_rows()) == {"AAA": "current", "BBB": "frozen"}
    with pytest.raises(UnknownName, match="CCC"):
        decisions.suspend("CCC")
    with pytest.raises(InputError, match="all members are suspended"):
        decisions.suspend("AAA", "BBB")


def test_more_money_closes_more_up_to_the_frontier(decisions):
    found = decisions.frontier(runs=64)
    assert found["member"].unique(maintain_order=True).to_list() == ["AAA", "BBB"]
    for (_,), rows in found.group_by("member"):
        assert rows["budget"].to_list() == list(frontier.BUDGETS)
        assert rows["closed"][-1] > rows["closed"][0]
        assert (rows["low"] <= rows["high"]).all()
    with pytest.raises(InputError, match="above zero"):
        frontier.frontier(world(), budgets=(1, 0))


def test_bottlenecks_by_hand(decisions):
    found = decisions.bottlenecks("AAA", runs=64)
    assert found["series"].to_list() == ["S1", "S2", "S3", "S4", "S5"]  # the last has no target
    alphas = member("AAA", 1).any.alphas[:5]
    most = [min(alpha * 6 / 0.3, 1) for alpha in alphas]
    assert found["closed_most"].to_list() == pytest.approx(most)
    for row in found.iter_rows(named=True):
        assert row["closed"] <= row["closed_most"] + 1e-9
        assert (row["kind"] == "structural") == (row["closed_most"] < 0.5)
    with pytest.raises(UnknownName, match="CCC"):
        decisions.bottlenecks("CCC")


def test_accelerators_tell_own_from_other_goals(decisions):
    found = decisions.accelerators("AAA", runs=64)
    assert sorted(found["programme"]) == ["1", "6", "9"]
    assert found["money"].sum() == pytest.approx(0.25)
    assert (found["low"] <= found["elsewhere"]).all()
    assert found["own"].max() > 0


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_seeds_the_streams_cannot_take_are_refused(decisions, seed):
    with pytest.raises(InputError, match="whole number from 0"):
        decisions.run(shocks=8, runs=2, seed=seed)
    with pytest.raises(InputError, match="whole number from 0"):
        decisions.influence(base=8, runs=2, seed=seed)


def test_the_largest_seed_runs(decisions):
    assert decisions.run(["water"], shocks=8, runs=2, seed=2**64 - 1).current().height


def test_too_few_runs_are_refused(decisions):
    with pytest.raises(InputError, match="at least two"):
        decisions.run(runs=1)
    with pytest.raises(InputError, match="power of two"):
        decisions.run(shocks=100)
    with pytest.raises(UnknownName, match="watr"):
        decisions.run(["watr"])

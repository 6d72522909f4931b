"""Ensembles: the same bytes whoever solves them, taken up where they stopped, each run as solved on its own."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from distributed import LocalCluster

import serai
from corridor.network_pack import add_network
from serai.corridor import Change, Corridors, Shock
from serai.corridor import ensemble as ensembles
from serai.corridor.disruption import shocked
from serai.corridor.hazards import carrying, read
from serai.corridor.runs import Runner
from serai.region import load_pack

RUNS = 600
"""Two whole chunks and a part."""


@pytest.fixture
def pack(pack_dir: Path) -> Path:
    add_network(pack_dir)
    return pack_dir


@pytest.fixture
def corridors(pack: Path) -> Corridors:
    return Corridors(load_pack(pack))


@pytest.fixture
def study(corridors: Corridors, pack: Path) -> ensembles.Study:
    return ensembles.Study(corridors.freight, read(pack), ["AAA", "BBB"])


def test_any_number_of_threads_writes_the_same_bytes(corridors: Corridors, tmp_path: Path) -> None:
    one, three = tmp_path / "one.parquet", tmp_path / "three.parquet"
    corridors.ensemble(one, runs=RUNS)
    corridors.ensemble(three, runs=RUNS, jobs=3)
    assert one.read_bytes() == three.read_bytes()
    assert pl.read_parquet(one)["run"].n_unique() == RUNS
    assert not list(tmp_path.glob(".*"))


def test_workers_of_a_cluster_write_the_same_bytes(corridors: Corridors, tmp_path: Path) -> None:
    alone, shared = tmp_path / "alone.parquet", tmp_path / "shared.parquet"
    corridors.ensemble(alone, runs=RUNS)
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        corridors.ensemble(shared, runs=RUNS, scheduler=cluster.scheduler_address)
    assert alone.read_bytes() == shared.read_bytes()


def test_a_study_travels_to_other_machines(study: ensembles.Study) -> None:
    twin = pickle.loads(pickle.dumps(study))  # noqa: S301 - our own bytes
    assert ensembles.solve_chunk(twin, 1, RUNS) == ensembles.solve_chunk(study, 1, RUNS)


def test_an_interrupted_ensemble_goes_on_where_it_stopped(
    corridors: Corridors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, out = tmp_path / "whole.parquet", tmp_path / "runs.parquet"
    corridors.ensemble(whole, runs=RUNS)

    def stop(done: int, total: int) -> None:
        if done >= 2 * ensembles.CHUNK:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        corridors.ensemble(out, runs=RUNS, tell=stop)
    assert not out.exists()
    solved: list[int] = []
    solve = ensembles.Study.solve

    def watched(self: ensembles.Study, chunk: int, runs: int) -> object:
        solved.append(chunk)
        return solve(self, chunk, runs)

    monkeypatch.setattr(ensembles.Study, "solve", watched)
    corridors.ensemble(out, runs=RUNS)
    assert solved == [2]
    assert out.read_bytes() == whole.read_bytes()


def test_what_another_ensemble_left_is_not_taken_up(corridors: Corridors, tmp_path: Path) -> None:
    one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
    left = tmp_path / ".other.parquet.parts"
    left.mkdir()
    (left / "key").write_text("of something else", encoding="utf-8")
    (left / "00000000.parquet").write_bytes(b"not ours")
    corridors.ensemble(one, runs=10)
    corridors.ensemble(other, runs=10)
    assert one.read_bytes() == other.read_bytes()


def test_a_run_is_what_its_events_do_solved_from_nothing(study: ensembles.Study) -> None:
    freight, checked = study.freight, 0
    points = study.points(0)
    demand = freight.demand.drawn(points[:, -len(freight.demand.commodities) :])
    table = pl.from_arrow(study.solve(0, 64))
    assert isinstance(table, pl.DataFrame)
    for run in range(64):
        changes: list[Change] = []
        level = None
        for event in study.events(points[run]):
            if event.hazard.id == "falls":
                level = event.force
            elif event.hazard.id == "slow":
                area = event.hit.element.name
                changes += [
                    Change(kind="border", borders_of=(area,), slower=event.force),
                    Change(kind="transfer", areas=(area,), slower=event.force),
                ]
            else:
                start, end = event.hit.element.name.split()[0].split("-")
                mode = event.hit.element.name.split()[1]
                edges = [freight.net.edges[at] for at in event.hit.element.edges]
                assert {edge.start for edge in edges} | {edge.end for edge in edges} == {start, end}
                assert mode in ("rail", "ferry")
                changes += [Change(kind="border", places=(start,), modes=(mode,), close=True)]  # type: ignore[arg-type]
        # Borders of these places are one each, so that closing at a place closes the crossing alone.
        if any(change.close for change in changes) and {"ford", "pier"}.isdisjoint(
            place for change in changes for place in change.places
        ):
            continue
        costs = shocked(freight, Shock(id="x", change=tuple(changes), level=level))
        response = Runner(freight).response(costs, demand[run])
        expected = study.accounts.summed(response.measures().T)
        rows = table.filter(pl.col("run") == run)
        names = [*ensembles.MEASURES]
        found = rows.select(names).to_numpy() * 365 / rows["days"][0]
        kept = study.accounts.summed(freight.demand.ends[2]) > 0
        assert found == pytest.approx(expected[kept], rel=1e-5, abs=1e-3)
        checked += 1
    assert checked > 20


def test_a_run_of_a_seed_is_the_same_in_every_ensemble(corridors: Corridors, tmp_path: Path) -> None:
    few, many, other = (tmp_path / f"{name}.parquet" for name in ("few", "many", "other"))
    corridors.ensemble(few, runs=50)
    corridors.ensemble(many, runs=RUNS)
    corridors.ensemble(other, runs=50, seed=1)
    assert pl.read_parquet(few).equals(pl.read_parquet(many).filter(pl.col("run") < 50))
    assert not pl.read_parquet(few).equals(pl.read_parquet(other))


def test_points_fill_the_cube_evenly(study: ensembles.Study) -> None:
    points = np.concatenate([study.points(chunk) for chunk in range(4)])
    assert np.unique(points, axis=0).shape == points.shape
    assert points.mean(axis=0) == pytest.approx(0.5, abs=2e-3)


def test_the_summary_is_that_of_the_runs(corridors: Corridors, tmp_path: Path) -> None:
    out = tmp_path / "runs.parquet"
    corridors.ensemble(out, runs=100)
    rows = pl.read_parquet(out).filter((pl.col("area") == "AAA") & (pl.col("role") == "export"))
    (row,) = ensembles.summary(out).filter(
        (pl.col("area") == "AAA") & (pl.col("role") == "export") & (pl.col("measure") == "extra_cost_usd")
        & (pl.col("commodity") == "boxes")
    ).to_dicts()  # fmt: skip
    own = rows.filter(pl.col("commodity") == "boxes")["extra_cost_usd"]
    assert row["mean"] == pytest.approx(own.mean())
    assert row["most"] == own.max()
    assert row["runs"] == 100


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda c, path: c.ensemble(path / "a.parquet", runs=0), "0 runs"),
        (lambda c, path: c.ensemble(path / "a.parquet", jobs=0), "0 jobs"),
        (lambda c, path: c.ensemble(path / "a.csv", runs=1), "ends in .parquet"),
        (lambda c, path: c.ensemble(path / "a.parquet", runs=1, areas="MOON"), "unknown area"),
    ],
)
def test_what_cannot_be_drawn_is_named(
    corridors: Corridors, tmp_path: Path, call: Callable[[Corridors, Path], None], problem: str
) -> None:
    with pytest.raises(serai.InputError, match=problem):
        call(corridors, tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("days = [30, 365]", "days = [365, 30]", "give the lesser first"),
        ('id = "slow"', 'id = "shut"', "an id of its own"),
        ('what = "area"', 'what = "link"', "links and modes can be closed"),
        ('what = "area"', 'what = "moon"', "input should be"),
        ('what = "level"', 'what = "area"', "'level' is done to a level"),
        ("low = 1.0", "low = 0.5", "times slower begin at 1"),
        ("low = 1.0", "", "give low and high"),
        ("chance = 0.5", "chance = 1.5", "less than or equal to 1"),
        ("high = -29", "high = -20", "rises to -20 m"),
        ("days", "day", "field required"),
        ("[[hazard]]", "[[hazard", "not valid TOML"),
    ],
)
def test_broken_hazards_are_named(pack: Path, tmp_path: Path, old: str, new: str, problem: str) -> None:
    path = pack / "corridor/hazards.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(serai.InputError, match=problem) as caught:
        Corridors(load_pack(pack)).ensemble(tmp_path / "runs.parquet", runs=1)
    assert "corridor/hazards.toml" in str(caught.value)


def test_hazards_of_the_shipped_pack_strike_what_is_in_use() -> None:
    region = Corridors(load_pack("central_asia"))
    study = ensembles.Study(region.freight, read(region.pack.path), region.pack.manifest.members)
    kinds = {hazard.what: len(hits) for hazard, hits in zip(study.hazards.hazard, study.hits, strict=True)}
    assert kinds["border"] > 20
    assert kinds["port"] > 5
    assert kinds["link"] > 100
    table = pl.from_arrow(study.solve(0, 8))
    assert isinstance(table, pl.DataFrame)
    assert set(table["area"]) == {*region.pack.manifest.members, "all"}


def test_with_a_project_built_the_same_hazards_strike(corridors: Corridors, tmp_path: Path) -> None:
    without, built, again = (tmp_path / f"{name}.parquet" for name in ("without", "built", "again"))
    corridors.ensemble(without, runs=300)
    corridors.ensemble(built, runs=300, built=["chord", "deeper"])
    corridors.ensemble(again, runs=300)
    old, new = pl.read_parquet(without), pl.read_parquet(built)
    assert old.select("run", "days", "level", "events").equals(new.select("run", "days", "level", "events"))
    assert not old.equals(new)
    assert without.read_bytes() == again.read_bytes()


def test_a_dredged_port_feels_a_falling_sea_later(corridors: Corridors) -> None:
    from serai.corridor.projects import built, projects

    freight = corridors.freight
    deep = built(freight, [projects(corridors.pack, freight)["deeper"]])
    study = ensembles.Study(deep, read(corridors.pack.path), ["AAA"], used=carrying(freight.base.flow))
    falls = next(hazard for hazard in study.hazards.hazard if hazard.what == "level")
    demand = deep.demand.value
    event = ensembles.Event(falls, study.hits[study.hazards.hazard.index(falls)][0], -29.9)
    found = study.run(Runner(deep), [event], demand)
    values = deep.values.copy()
    values[deep.net.parameter("level")] = -29.9
    scratch = deep.solved(deep.costs(values), demand)
    assert found.after[:, 1] == pytest.approx(scratch.pairs[:, 1], rel=1e-6)


def test_a_project_that_is_none_cannot_be_built(corridors: Corridors, tmp_path: Path) -> None:
    with pytest.raises(serai.InputError, match="unknown project"):
        corridors.ensemble(tmp_path / "a.parquet", runs=1, built=["moon"])

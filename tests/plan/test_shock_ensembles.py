"""Ensembles: the same bytes for any number of workers, resumed where they stopped, the same luck for every strategy."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from plan.small_world import GAPS, SmallWorld, digests, job
from serai.errors import InputError, OutputError
from serai.plan import ensemble


def test_any_number_of_workers_writes_the_same_bytes(tmp_path):
    one = digests(ensemble.run(job(), tmp_path / "one"))
    assert len(one) == 1 + 4
    assert digests(ensemble.run(job(), tmp_path / "three", workers=3)) == one


def test_dask_writes_the_same_bytes(tmp_path):
    from distributed import LocalCluster

    one = digests(ensemble.run(job(), tmp_path / "one"))
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster:
        found = ensemble.run(job(), tmp_path / "dask", scheduler=cluster.scheduler_address)
    assert digests(found) == one


def test_a_stopped_ensemble_goes_on_where_it_stopped(tmp_path):
    class Stopped(SmallWorld):
        def final(self, *args, **kwargs):
            if self.calls == 20:
                raise KeyboardInterrupt
            return super().final(*args, **kwargs)

    with pytest.raises(KeyboardInterrupt):
        ensemble.run(job(Stopped()), tmp_path / "run")
    with pytest.raises(InputError, match="1 of 4 chunks are there"):
        ensemble.outcomes(tmp_path / "run")
    world = SmallWorld()
    ensemble.run(job(world), tmp_path / "run")
    assert world.calls == 3 * 8 * 2  # the finished chunk is not computed again
    assert digests(tmp_path / "run") == digests(ensemble.run(job(), tmp_path / "whole"))


def test_strategies_meet_the_same_luck_and_shocks_have_luck_of_their_own(tmp_path):
    same = job(budgets={"as_is": np.ones((4, 4)), "twin": np.ones((4, 4))})
    found = ensemble.outcomes(ensemble.run(same, tmp_path / "run")).collect()
    twins = found.pivot("strategy", index=["shock", "member", "goal"], values="closed")
    assert twins["as_is"].equals(twins["twin"])
    levels = [ensemble.closed_in(same, same.unit[0] * 0, first)[1] for first in (0, 4)]
    assert not np.allclose(*levels)


def test_outcomes_are_the_share_of_the_gap_with_goals_of_equal_weight():
    levels = np.array([[1.0, 0.4, 0.5, 0.1, 0.6], [0.2, 0.4, 2.0, 0.0, 0.5]])
    cells, weights = GAPS.weights()
    shares = dict(zip(cells, GAPS.closed(levels, weights).T, strict=True))
    # AAA: goal 1 has gaps .8 and .6, goal 6 a gap of .5; each goal weighs the same.
    assert shares["AAA", "1"] == pytest.approx([0.8 / 1.4, 0])
    assert shares["AAA", "6"] == pytest.approx([0, 1])  # beyond the target is met, no more
    assert shares["AAA", ""] == pytest.approx([0.4 / 1.2, 0.5 / 1.2])
    assert shares["BBB", "1"] == pytest.approx([0, -0.1 / 0.9])  # widened
    assert ("BBB", "6") not in shares  # no gap there, so nothing to close
    assert shares["BBB", ""] == pytest.approx([0, -0.2 / 0.9])  # but the target met there is lost again


def test_indicators_without_a_target_do_not_count():
    target = GAPS.target.copy()
    target[4] = -np.inf
    gaps = replace(GAPS, target=target)
    cells, weights = gaps.weights()
    levels = np.array([[0.2, 0.4, 0.5, 0.1, -9.0]])
    assert gaps.closed(levels, weights)[0] == pytest.approx(np.zeros(len(cells)))


def test_outcomes_split_into_even_and_odd_runs(tmp_path):
    found = ensemble.outcomes(ensemble.run(job(), tmp_path / "run")).collect()
    assert found.schema == pl.Schema(ensemble.OUTCOMES)
    assert (found["first"] + found["second"]).to_numpy() / 2 == pytest.approx(found["closed"].to_numpy())
    assert found.group_by("shock", "strategy", "member", "goal").len()["len"].max() == 1


def test_memory_does_not_grow_with_the_number_of_shocks(tmp_path):
    """What is held at once is one chunk: frames are written as they come, none is kept."""
    import gc
    import weakref

    alive: list[weakref.ref] = []
    most = 0
    made = ensemble.chunk

    def watched(*args):
        nonlocal most
        gc.collect()
        most = max(most, sum(ref() is not None for ref in alive))
        frame = made(*args)
        alive.append(weakref.ref(frame))
        return frame

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ensemble, "chunk", watched)
        ensemble.run(job(shocks=128, runs=1), tmp_path / "run")
    assert len(alive) == 16
    assert most <= 1


def test_another_ensemble_in_the_folder_is_refused_and_left_alone(tmp_path):
    ensemble.run(job(), tmp_path / "run")
    before = digests(tmp_path / "run")
    for other, words in (
        (job(runs=5), "runs, points differ"),
        (job(key="x"), "key differ"),
        (job(shocks=64), "shocks, points"),
    ):
        with pytest.raises(InputError, match=words):
            ensemble.run(other, tmp_path / "run")
    assert digests(tmp_path / "run") == before


def test_bad_places_and_workers_are_refused(tmp_path):
    with pytest.raises(InputError, match="0 workers"):
        ensemble.run(job(), tmp_path / "run", workers=0)
    with pytest.raises(InputError, match="holds no ensemble"):
        ensemble.outcomes(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot write"):
        ensemble.run(job(), tmp_path / "file" / "run")
    with pytest.raises(InputError, match="does not answer"):
        ensemble.run(job(), tmp_path / "run", scheduler="tcp://127.0.0.1:9")

"""A run hangs on its model, seed, number and country alone; what is kept is what was asked for."""

from __future__ import annotations

import cases
import numpy as np
import pytest

from serai.errors import InputError, UnknownName
from serai.plan import Links, Model, Stack, simulate
from serai.plan.simulate import KEPT

PATHS = ("I", "C", "F", "P", "S", "gamma")


def three() -> tuple[Model, ...]:
    return tuple(
        Model.build(**cases.arrays(seed, collateral=seed > 1), name=name)
        for seed, name in ((1, "a"), (2, "b"), (3, "c"))
    )


def same(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("lanes", [1, 3, 32, 128])
def test_lanes_do_not_matter(lanes: int) -> None:
    model = three()[1].replace(bs=np.linspace(0.5, 2, 9))
    assert same(dict(simulate(model, 70, keep=PATHS, lanes=lanes)), dict(simulate(model, 70, keep=PATHS)))


def test_workers_and_company_of_runs_do_not_matter() -> None:
    model = three()[0]
    whole = simulate(model, 3000, keep=KEPT, workers=1)
    assert same(dict(whole), dict(simulate(model, 3000, keep=KEPT, workers=2)))
    part = simulate(model, 5, keep=("I",), first_run=2000)
    assert np.array_equal(part["I"], whole["I"][2000:2005])


def test_seeds_matter() -> None:
    model = three()[0]
    assert not np.array_equal(simulate(model, 5, seed=1)["I"], simulate(model, 5, seed=2)["I"])


def test_unlinked_countries_run_as_if_alone() -> None:
    models = three()
    links = Links(np.array([0, 13, 30]), np.array([12, 25, 3]), np.zeros(3))
    for stack in (Stack(models), Stack(models[::-1]), Stack(models, links)):
        together = simulate(stack, 40, seed=5, keep=PATHS)
        for model in models:
            assert same(together.of(model.name), dict(simulate(model, 40, seed=5, keep=PATHS)))


def test_links_spill_over_as_far_as_the_border_lets_through() -> None:
    models = three()
    stack = Stack(models, Links(np.array([0]), np.array([30]), np.array([0.7])))
    calm = stack.calm()
    calm.capacity[0, 10:] = 0.25
    runs = simulate(stack, 500, keep=("I", "S"), forcing=calm)
    alone = simulate(Stack(models), 500, keep=("I",))
    rose = runs["I"][:, 0, 1:] > runs["I"][:, 0, :-1]
    own = models[2].A[:, 30 - 24]
    within = np.einsum("rjt,j->rt", runs["I"][:, 24:, 1:] > runs["I"][:, 24:, :-1], own)
    capacity = calm.capacity[0, 1:]
    assert np.allclose(runs["S"][:, 30, 1:], within + 0.7 * capacity * rose)
    assert np.array_equal(runs["I"][:, :24], alone["I"][:, :24])


def test_money_spent_is_money_budgeted_when_it_is_due() -> None:
    rng = np.random.default_rng(3)
    base = cases.arrays(6)
    budgets = rng.uniform(0, 50, (3, 30))
    model = Model.build(**{**base, "Bs": budgets, "B_dict": cases.programmes(base["R"])})
    stack = Stack((model,))
    forcing = stack.calm()
    forcing.money[1, 5:] = 0.2
    spent = simulate(stack, 20, keep=("P",), forcing=forcing)["P"].sum(axis=1)
    assert np.allclose(spent, (budgets * forcing.money).sum(axis=0))


def test_the_currency_does_not_matter() -> None:
    model = three()[1]
    other = Model.build(**{**cases.arrays(2), "Bs": cases.arrays(2)["Bs"] * 1024.0}, name="b")
    ours, theirs = simulate(model, 50, keep=PATHS), simulate(other, 50, keep=PATHS)
    assert all(np.array_equal(ours[name], theirs[name]) for name in ("I", "F", "S", "gamma"))
    assert np.array_equal(ours["P"] * 1024.0, theirs["P"])


def test_more_money_of_the_same_currency_makes_growth_likelier() -> None:
    model = three()[0]
    richer = model.replace(Bs=model.Bs * 2)
    assert richer.money == model.money
    few, many = (simulate(m, 200, keep=("mean_rate",))["mean_rate"] for m in (model, richer))
    assert (many > few).all()


def test_shocks_do_what_they_say() -> None:
    stack = Stack((three()[0],))
    calm, forcing = stack.calm(), stack.calm()
    forcing.shift[2, 10] = -0.1
    forcing.growth[3, 5] = 0.0
    before, after = (simulate(stack, 50, keep=("I", "gamma"), forcing=f) for f in (calm, forcing))
    assert np.allclose(after["I"][:, 2, 11] - before["I"][:, 2, 11], -0.1, atol=0.04)
    assert np.array_equal(after["I"][:, 2, :11], before["I"][:, 2, :11])
    assert (after["gamma"][:, 3, 5] == 0).all()
    assert (after["I"][:, 3, 6] < after["I"][:, 3, 5]).all()


def test_growth_probabilities_are_probabilities() -> None:
    model = three()[0].replace(betas=np.full(12, 50.0))
    gamma = simulate(model, 20, keep=("gamma",))["gamma"]
    assert gamma.max() == 1.0
    assert simulate(model, 20, keep=("gamma",), reference=True)["gamma"].max() > 1.0


def test_sums_are_those_of_the_paths() -> None:
    runs = simulate(three()[2], 900, keep=("I", "gamma", "final", "rate", "mean", "sd", "mean_rate"))
    assert np.array_equal(runs["final"], runs["I"][:, :, -1])
    assert np.allclose(runs["mean"], runs["I"].mean(axis=0))
    assert np.allclose(runs["sd"], runs["I"].std(axis=0, ddof=1), atol=1e-12)
    assert np.allclose(runs["rate"], runs["gamma"].mean(axis=2))
    assert np.allclose(runs["mean_rate"], runs["gamma"].mean(axis=(0, 2)))


def test_the_callers_arrays_stay_as_they_are() -> None:
    given = cases.arrays(4)
    given |= {"Bs": np.full((2, 30), 50.0)}
    given["Bs"][0, 3] = 0.0
    before = {name: np.copy(value) for name, value in given.items()}
    model = Model.build(**given)
    simulate(model, 10)
    simulate(model, 10, reference=True)
    assert all(np.array_equal(given[name], before[name]) for name in given)
    with pytest.raises(ValueError, match="read-only"):
        model.I0[0] = 1.0


def test_what_was_not_kept_is_named() -> None:
    runs = simulate(three()[0], 3)
    with pytest.raises(InputError, match="'gamma' was not kept"):
        runs["gamma"]
    with pytest.raises(UnknownName, match="gama"):
        simulate(three()[0], 3, keep=("gama",))

"""Indices of uncertain inputs: against closed forms and an independent implementation."""

import numpy as np
import pytest
from scipy import stats

from serai.errors import InputError
from serai.plan import sobol


def ishigami(x: np.ndarray) -> np.ndarray:
    a, b, c = np.moveaxis(2 * np.pi * x - np.pi, -1, 0)
    return np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a)


@pytest.mark.published
def test_the_ishigami_function_has_its_known_indices():
    """Ishigami and Homma (1990): first order .3139, .4424, 0; total .5576, .4424, .2437."""
    points = sobol.design(3, 4096)
    found = sobol.indices(ishigami(points), ["a", "b", "c"]).sort("input")
    assert found["first"].to_list() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.01)
    assert found["total"].to_list() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.01)
    assert (found["first_low"] <= found["first"]).all()
    assert (found["total"] <= found["total_high"]).all()


def test_one_answer_gives_what_scipy_gives():
    points = sobol.design(3, 512)
    answers = ishigami(points)
    found = sobol.indices(answers, ["a", "b", "c"]).sort("input")
    peer = stats.sobol_indices(
        func={"f_A": answers[0][None], "f_B": answers[1][None], "f_AB": answers[2:, None, :]}, n=512
    )
    assert found["first"].to_numpy() == pytest.approx(peer.first_order.ravel(), abs=1e-9)
    assert found["total"].to_numpy() == pytest.approx(peer.total_order.ravel(), abs=1e-9)


def test_a_vector_of_answers_is_weighed_by_variance():
    """Two parts, 3 x0 and x1: variances 9 to 1, so the indices are .9 and .1."""
    points = sobol.design(2, 1024)
    answers = np.stack([3 * points[..., 0], points[..., 1]], axis=-1)
    found = sobol.indices(answers, ["x0", "x1"])
    assert found["input"].to_list() == ["x0", "x1"]
    assert found["first"].to_list() == pytest.approx([0.9, 0.1], abs=0.01)
    assert found["total"].to_list() == pytest.approx([0.9, 0.1], abs=0.01)


def test_an_answer_that_never_changes_has_no_indices():
    found = sobol.indices(np.full((4, 16), 0.1), ["a", "b"])
    assert found["first"].to_list() == [None, None]
    assert found["variance"].to_list() == [0, 0]


def test_each_input_is_swapped_alone():
    points = sobol.design(4, 32)
    for i in range(4):
        assert (points[i + 2, :, i] == points[1, :, i]).all()
        assert (np.delete(points[i + 2], i, axis=1) == np.delete(points[0], i, axis=1)).all()


def test_bad_designs_and_answers_are_refused():
    with pytest.raises(InputError, match="power of two"):
        sobol.design(3, 100)
    with pytest.raises(InputError, match="for 3 inputs"):
        sobol.indices(np.zeros((4, 16)), ["a", "b", "c"])
    with pytest.raises(InputError, match="finite"):
        sobol.indices(np.full((3, 16), np.nan), ["a"])

"""Methods are data: complete, bilingual, and in step with the formulas."""

from __future__ import annotations

import pytest

from serai.assess import escap, eurostat, statcan
from serai.assess.compare import differences
from serai.assess.methods import method, method_classes, methods
from serai.errors import UnknownName

STANDINGS = {"on_track", "too_slow", "away", "by_sign"}


def test_six_methods_in_a_fixed_order() -> None:
    assert list(methods()) == ["statcan", "unsd", "unsd5", "escap", "sdsn", "eurostat"]


@pytest.mark.parametrize("name", list(methods()))
def test_every_method_is_fully_described(name: str) -> None:
    entry = method(name)
    words = [entry.title_en, entry.title_ru, entry.source, entry.formula, entry.value, entry.score, entry.needs]
    assert all([*words, entry.zero, entry.baseline, entry.trend, entry.checked])
    assert all(each.label_en and each.label_ru and each.standing in STANDINGS for each in entry.classes)
    ids = [each.id for each in entry.classes]
    assert all(label in ids for _, label in entry.cuts)
    assert list(entry.cuts) == sorted(entry.cuts, reverse=True)


def test_cuts_of_means_are_the_cuts_of_the_formulas() -> None:
    for name, module in (("statcan", statcan), ("escap", escap), ("eurostat", eurostat)):
        assert method(name).cuts[:-1] == module.CLASSES_BY_SCORE


def test_places_run_from_the_worst_up() -> None:
    places = method_classes().group_by("method", maintain_order=True).agg("place")
    assert all(row[::-1] == list(range(len(row))) for row in places["place"].to_list())


def test_differences_are_bilingual_and_of_a_known_cause() -> None:
    causes = {"baseline", "trend rule", "target", "cut", "missing rule"}
    assert {entry["cause"] for entry in differences().values()} == causes
    assert all(entry["text_en"] and entry["text_ru"] for entry in differences().values())


def test_unknown_method_names_its_neighbours() -> None:
    with pytest.raises(UnknownName, match="did you mean: eurostat"):
        method("eurostats")

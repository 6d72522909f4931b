"""A unit is shown once: not in the title of a series when it follows anyway."""

from __future__ import annotations

from serai.publish.names import bare


def test_a_title_loses_its_unit_where_the_unit_follows() -> None:
    unit = {"en": "%", "ru": "процентов"}
    title = {"en": "Literacy (%)", "ru": "Грамотность (процентов)"}
    assert bare(title, unit) == {"en": "Literacy", "ru": "Грамотность"}


def test_another_unit_or_none_leaves_the_title() -> None:
    title = {"en": "Deaths (per 100,000)"}
    assert bare(title, {"en": "number"}) == title
    assert bare(title, {"en": ""}) == title

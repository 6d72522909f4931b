"""The progress methods as data: titles, sources, formulas in words, classes in order."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import polars as pl

from serai.errors import UnknownName

__all__ = ["Class", "Method", "method", "method_classes", "methods"]


@dataclass(frozen=True, slots=True)
class Class:
    """One class of a method. ``standing`` places it on the scale all methods share."""

    id: str
    label_en: str
    label_ru: str
    standing: str


@dataclass(frozen=True, slots=True)
class Method:
    """One published method.

    Attributes:
        id: name used in calls and tables.
        title_en, title_ru, source: for pages.
        formula, value, score, needs, zero, baseline, trend: the method in words.
        checked: what it was checked against, with figures.
        cuts: lower ends of the classes of a mean, best first.
        classes: best first.
        rollup: ``score`` where a mean of scores gives the class above the series, ``rank`` where a mean of the
            classes' places does.
        all_of: class that a roll-up reaches only if every part has it.
    """

    id: str
    title_en: str
    title_ru: str
    source: str
    formula: str
    value: str
    score: str
    needs: str
    zero: str
    baseline: str
    trend: str
    checked: str
    cuts: tuple[tuple[float, str], ...]
    classes: tuple[Class, ...]
    rollup: str = "score"
    all_of: str = ""


@cache
def methods() -> Mapping[str, Method]:
    """All methods by id, in the order they are shown."""
    text = files("serai.assess").joinpath("methods.toml").read_text(encoding="utf-8")
    found = {}
    for name, entry in tomllib.loads(text).items():
        classes = tuple(Class(**item) for item in entry.pop("classes"))
        cuts = tuple((float(low), str(label)) for low, label in entry.pop("cuts"))
        found[name] = Method(id=name, classes=classes, cuts=cuts, **entry)
    return MappingProxyType(found)


def method(name: str) -> Method:
    """One method.

    Raises:
        UnknownName: there is none of that name.
    """
    if name not in methods():
        raise UnknownName("method", name, methods())
    return methods()[name]


def method_classes() -> pl.DataFrame:
    """Classes of all methods: ``method, class, place, label_en, label_ru, standing``; place 0 is the worst."""
    return pl.DataFrame(
        [
            (name, each.id, len(entry.classes) - 1 - order, each.label_en, each.label_ru, each.standing)
            for name, entry in methods().items()
            for order, each in enumerate(entry.classes)
        ],
        schema=["method", "class", "place", "label_en", "label_ru", "standing"],
        orient="row",
    )

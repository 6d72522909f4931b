"""What the register of a pack says in TOML: the desk, the mandate, the measures (``coordinate/*.toml``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from serai.errors import Fault, PackError
from serai.region._read import read_toml
from serai.region.manifest import AreaCode, Manifest, Text

__all__ = ["Desk", "Indicator", "Line", "Mandate", "Measure", "Measures", "Named", "Provider", "Ratio", "notes_faults",
           "read_notes"]  # fmt: skip

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Named(_Frozen):
    """Something with an identifier and a title in every language."""

    id: Id
    title: Text
    note: Text | None = None


class Provider(Named):
    """Who gives a figure; figures of de facto authorities are kept apart and labelled."""

    de_facto: bool = False
    hosts: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+$")], ...] = ()
    """Where its own documents stand; a figure read elsewhere is quoted. Without hosts nothing is said of it."""


class Ratio(Named):
    """A share of two metrics of one area and period."""

    numerator: Id
    denominator: Id
    formula: str


class Desk(_Frozen):
    """``desk.toml``: names of topics, metrics and providers, and the shares computed."""

    topic: tuple[Named, ...] = ()
    metric: tuple[Named, ...] = ()
    provider: tuple[Provider, ...] = ()
    ratio: tuple[Ratio, ...] = ()


class Indicator(Named):
    """An indicator of a programme line: a series, a metric of the desk, or one of its shares."""

    series: str | None = None
    desk: Id | None = None
    ratio: Id | None = None
    provider: Id | None = None
    """Whose figures of a metric count here; needed where several providers give it."""
    better: Literal["more", "less", "neither"]
    baseline: Annotated[int, Field(ge=1990, le=2100)] | None = None
    """Year to compare with; by default the first year of the goals or the first after it with a figure."""

    @model_validator(mode="after")
    def _has_one_origin(self) -> Indicator:
        if sum(origin is not None for origin in (self.series, self.desk, self.ratio)) != 1:
            raise ValueError("give exactly one of series, desk and ratio")
        return self


class Line(Named):
    """A programme line; without ``areas`` it is about every member."""

    reason: Text
    source: Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$")]
    areas: tuple[AreaCode, ...] = ()
    indicator: tuple[Indicator, ...] = ()


class Mandate(_Frozen):
    """``mandate.toml``: the body that is the centre, and its programme lines."""

    centre: Id
    line: tuple[Line, ...] = ()


class Measure(_Frozen):
    """A count that stands on one side of a comparison."""

    id: Literal["hosted", "mechanisms", "seats", "signatures", "data_supplied", "projects", "activities"]
    side: Literal["symbolic", "operational"]
    title: Text
    formula: Text


class Index(_Frozen):
    """A number made of measures, with the formula shown beside it."""

    title: Text
    formula: Text


class Measures(_Frozen):
    """``measures.toml``."""

    measure: tuple[Measure, ...] = ()
    index: dict[Literal["symbolic", "operational", "visibility", "influence", "reaction"], Index] = {}


FILES: Mapping[str, type[Desk] | type[Mandate] | type[Measures]] = {
    "coordinate/desk.toml": Desk, "coordinate/mandate.toml": Mandate, "coordinate/measures.toml": Measures,
}  # fmt: skip
_Note = TypeVar("_Note", Desk, Mandate, Measures)


def read_notes(root: Path, name: str, kind: type[_Note]) -> _Note | None:
    """One of the files; ``None`` where the pack has none.

    Args:
        root: directory of the pack.
        name: ``desk``, ``mandate`` or ``measures``.
        kind: its model.

    Raises:
        PackError: it breaks its schema.
    """
    file = f"coordinate/{name}.toml"
    if not (root / file).is_file():
        return None
    found, faults = read_toml(root, file, kind)
    if found is None:
        raise PackError(root.name, faults)
    return found


def notes_faults(root: Path, known: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    """What is wrong with the files, and names in them that no table knows."""
    found: dict[str, BaseModel] = {}
    for file, kind in FILES.items():
        if (root / file).is_file():
            model, faults = read_toml(root, file, kind)
            yield from faults
            if model is not None:
                found[file] = model
                yield from _repeated(file, model)
    # What a file that cannot be read would have named is not held against the tables.
    desk = found.get("coordinate/desk.toml", None if (root / "coordinate/desk.toml").is_file() else Desk())
    mandate = found.get("coordinate/mandate.toml")
    if "desk" in known and isinstance(desk, Desk):
        yield from _desk_faults(desk, known["desk"])
    if isinstance(mandate, Mandate) and isinstance(desk, Desk):
        yield from _mandate_faults(mandate, desk, known)
    region, _ = read_toml(root, "region.toml", Manifest)
    if isinstance(mandate, Mandate) and region is not None:
        for line in mandate.line:
            for area in sorted(set(line.areas) - set(region.members)):
                problem = f"line {line.id} is about an area that is no member"
                yield Fault("coordinate/mandate.toml", None, area, problem, "name members, or leave areas out for all")


def _repeated(file: str, model: BaseModel) -> Iterator[Fault]:
    """Identifiers that a list of a file gives twice, of which only one could count."""
    lists = [(name, value) for name, value in model if isinstance(value, tuple)]
    lists += [(f"indicator of line {one.id}", one.indicator) for one in getattr(model, "line", ())]
    for name, entries in lists:
        ids = [entry.id for entry in entries]
        for twice in sorted({one for one in ids if ids.count(one) > 1}):
            yield Fault(file, None, twice, f"{name} appears twice", "keep one of the two")


def _desk_faults(desk: Desk, table: pl.DataFrame) -> Iterator[Fault]:
    named = {"topic": desk.topic, "metric": desk.metric, "provider": desk.provider}
    for column, entries in named.items():
        ids = {entry.id for entry in entries}
        for row in table.filter(~pl.col(column).is_in(list(ids))).unique(column, keep="first").iter_rows(named=True):
            remedy = f"add a [[{column}]] to coordinate/desk.toml or correct it"
            yield Fault("coordinate/desk.csv", row["row"], row[column], f"unknown {column}", remedy)
    metrics = {entry.id for entry in desk.metric}
    for ratio in desk.ratio:
        for name in (ratio.numerator, ratio.denominator):
            if name not in metrics:
                yield Fault("coordinate/desk.toml", None, name, f"ratio {ratio.id} names no metric", "correct it")


def _mandate_faults(mandate: Mandate, desk: Desk, known: Mapping[str, pl.DataFrame]) -> Iterator[Fault]:
    file = "coordinate/mandate.toml"
    if "bodies" in known and mandate.centre not in set(known["bodies"]["body"]):
        yield Fault(file, None, mandate.centre, "the centre is no body", "add it to coordinate/bodies.csv")
    series = set(known["series"]["series"]) if "series" in known else None
    metrics, ratios = {entry.id for entry in desk.metric}, {entry.id for entry in desk.ratio}
    for line in mandate.line:
        for entry in line.indicator:
            checks = ((entry.series, series, "series"), (entry.desk, metrics, "desk"), (entry.ratio, ratios, "ratio"))
            for name, names, kind in checks:
                if name is not None and names is not None and name not in names:
                    yield Fault(file, None, name, f"unknown {kind} of indicator {entry.id}", "correct it")
            if entry.desk is not None and entry.provider is None and "desk" in known:
                mine = known["desk"].filter((pl.col("metric") == entry.desk) & (pl.col("counterpart") == ""))
                if len(several := sorted(mine["provider"].unique())) > 1:
                    problem = f"indicator {entry.id} does not say whose figures count"
                    yield Fault(file, None, entry.desk, problem, f"give provider: {', '.join(several)}")

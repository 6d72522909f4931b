"""SDMX-ML 2.1 data messages (structure-specific and generic) as one table of text, as they were written.

A message says most things once for a whole series (its key, its unit) and the rest for each observation. Both are
kept apart while reading and joined by number at the end, so that a file costs little more than parsing it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from serai.errors import SourceError
from serai.observe._xml import MAX_BYTES, Element, local_name, parse_xml

SPECIFIC = ("StructureSpecificData", "StructureSpecificTimeSeriesData")
GENERIC = ("GenericData", "GenericTimeSeriesData")
PERIOD, VALUE = "TIME_PERIOD", "OBS_VALUE"
FILE, ROW, PREPARED = "file", "row", "prepared"
OWN = frozenset((FILE, ROW, PREPARED))
MAX_COLUMNS = 200
"""Dimensions and attributes of one message; the largest structures in use have some fifty."""

_ANY = "{*}"
"""Elements are found by local name: some writers qualify Series and Obs, most do not."""

Said = Mapping[str, str]
"""What a message says of a series or an observation: value by dimension or attribute."""


@dataclass
class _Collected:
    """What has been read so far: series, and observations that point to one by number."""

    files: list[tuple[str, str]] = field(default_factory=list)
    series: list[Said] = field(default_factory=list)
    observations: list[Said] = field(default_factory=list)
    places: list[tuple[int, int, int]] = field(default_factory=list)
    """Of each observation: number of its series, number of its file, line."""
    names: set[str] = field(default_factory=set)
    """Dimensions and attributes met."""

    def describe(self, said: Said) -> int:
        self.names.update(said)
        self.series.append(said)
        return len(self.series) - 1

    def observe(self, series: int, line: int, said: Said) -> None:
        self.names.update(said)
        self.observations.append(said)
        self.places.append((series, len(self.files) - 1, line))


def read_messages(files: Iterable[Path] | Path, *, limit: int = MAX_BYTES) -> pl.DataFrame:
    """Data messages as one table of text: a row per observation, in the order written.

    Args:
        files: one file or several.
        limit: largest size of a file, in bytes.

    Returns:
        ``file`` (name), ``row`` (line in it) and ``prepared`` (day the message was made, ``2024-12-16``, or empty),
        then a column per dimension and attribute that occurs (``SERIES, REF_AREA, SEX, …, TIME_PERIOD, OBS_VALUE``):
        text, null where a message does not say. What is said of a data set holds for its series, what is said of a
        series for its observations, unless they say otherwise.

    Raises:
        SourceError: not a sound SDMX-ML 2.1 data message; with file and line.
    """
    collected = _Collected()
    for path in [files] if isinstance(files, Path) else files:
        root = parse_xml(path, limit=limit)
        try:
            _read(root, collected, path)
        except KeyError as error:
            raise SourceError(f"{path}: a Value without {error} in a generic message; export it again") from error
        if len(collected.names) > MAX_COLUMNS or not OWN.isdisjoint(collected.names):
            problem = f"{len(collected.names)} dimensions and attributes (at most {MAX_COLUMNS})"
            raise SourceError(f"{path}: {problem}, or one named like a column of ours; export it again")
    return _joined(collected)


def _read(root: Element, collected: _Collected, path: Path) -> None:
    kind = local_name(root)
    if kind not in (*SPECIFIC, *GENERIC):
        known = ", ".join((*SPECIFIC, *GENERIC))
        raise SourceError(f"{path}:{root.sourceline}: not an SDMX-ML 2.1 data message [{kind}]; known: {known}")
    prepared = root.findtext(f"{_ANY}Header/{_ANY}Prepared") or ""
    collected.files.append((path.name, prepared.strip()[:10]))
    for data_set in root.iterchildren(f"{_ANY}DataSet"):
        if (group := data_set.find(f"{_ANY}Group")) is not None:
            remedy = "export attributes with series or observations"
            raise SourceError(f"{path}:{group.sourceline}: attributes of groups are not read; {remedy}")
        if kind in SPECIFIC:
            _specific(data_set, collected)
        else:
            _generic(data_set, collected, _period_name(root))


def _plain(element: Element) -> dict[str, str]:
    """Attributes of an element without those of XML and SDMX themselves, which are qualified."""
    return {name: value for name, value in element.items() if name[0] != "{"}


def _specific(data_set: Element, collected: _Collected) -> None:
    common = _plain(data_set)
    for series in data_set.iterchildren(f"{_ANY}Series"):
        number = collected.describe(common | _plain(series))
        for observation in series.iterchildren(f"{_ANY}Obs"):
            collected.observe(number, observation.sourceline, _plain(observation))
    number = collected.describe(common)
    for observation in data_set.iterchildren(f"{_ANY}Obs"):
        collected.observe(number, observation.sourceline, _plain(observation))


def _values(parent: Element, path: str) -> dict[str, str]:
    return {value.attrib["id"]: value.attrib["value"] for value in parent.iterfind(f"{path}/{_ANY}Value")}


def _period_name(root: Element) -> str:
    structure = root.find(f"{_ANY}Header/{_ANY}Structure")
    name = "" if structure is None else structure.get("dimensionAtObservation", "")
    return PERIOD if name in ("", "AllDimensions") else name


def _generic(data_set: Element, collected: _Collected, period_name: str) -> None:
    common = _values(data_set, f"{_ANY}Attributes")
    for series in data_set.iterchildren(f"{_ANY}Series"):
        said = common | _values(series, f"{_ANY}SeriesKey") | _values(series, f"{_ANY}Attributes")
        number = collected.describe(said)
        for observation in series.iterchildren(f"{_ANY}Obs"):
            collected.observe(number, observation.sourceline, _generic_observation(observation, period_name))
    number = collected.describe(common)
    for observation in data_set.iterchildren(f"{_ANY}Obs"):
        collected.observe(number, observation.sourceline, _generic_observation(observation, period_name))


def _generic_observation(observation: Element, period_name: str) -> dict[str, str]:
    said = _values(observation, f"{_ANY}ObsKey") | _values(observation, f"{_ANY}Attributes")
    if (period := observation.find(f"{_ANY}ObsDimension")) is not None:
        said[period.get("id") or period_name] = period.attrib["value"]
    if (value := observation.find(f"{_ANY}ObsValue")) is not None:
        said[VALUE] = value.attrib["value"]
    return said


def _joined(collected: _Collected) -> pl.DataFrame:
    files = pl.DataFrame(collected.files, schema=[FILE, PREPARED], orient="row")
    places = pl.DataFrame(collected.places, schema=dict.fromkeys(("series", FILE, ROW), pl.Int64), orient="row")
    series, observations = _table(collected.series), _table(collected.observations)
    series = series[places["series"]] if series.width else series
    both = [name for name in observations.columns if name in series.columns]
    said = pl.concat([observations, series.rename({name: f"{name}\n" for name in both})], how="horizontal")
    said = said.with_columns(pl.coalesce(name, f"{name}\n") for name in both).drop(f"{name}\n" for name in both)
    own = files[places[FILE]].with_columns(places[ROW]).select(FILE, ROW, PREPARED)
    return pl.concat([own, said], how="horizontal")


def _table(said: list[Said]) -> pl.DataFrame:
    names = dict.fromkeys(name for one in said for name in one)
    return pl.DataFrame(
        {name: [one.get(name) for one in said] for name in names}, schema=dict.fromkeys(names, pl.String)
    )

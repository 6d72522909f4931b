"""Networks and trip tables in the text format of the TransportationNetworks collection (``.tntp``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from serai.corridor.network import Floats, LinkError, Network
from serai.errors import InputError, SourceError

MAX_BYTES = 512 * 2**20
_TAG = re.compile(r"<([^>]+)>\s*([^~]*)")
_COLUMNS = 10
_TRIP = re.compile(r"([^\s:;]+)\s*:\s*([^\s:;]+)")
_ORIGIN = re.compile(r"^origin\b\s*:?\s*(\S*)\s*;?\s*(.*)$", re.IGNORECASE)


def read_network(path: str | Path, *, toll_weight: float = 0.0, distance_weight: float = 0.0) -> Network:
    """A network from a ``_net.tntp`` file.

    Cost is the travel time, plus ``toll_weight`` times the toll, plus ``distance_weight`` times the length.

    Raises:
        SourceError: the file cannot be read as a network, or a link breaks the rules of :class:`Network`; the line is
            named.
        InputError: a weight is negative or no number.
    """
    for name, weight in (("toll", toll_weight), ("distance", distance_weight)):
        if not 0 <= weight < np.inf:
            raise InputError(f"the {name} weight is {weight:g}; give a number from 0 up")
    file = Path(path)
    tags, body = _split(file)
    if toll_weight and (ninth := _columns(file).get(8, "toll")) != "toll":
        raise SourceError(f"{file.name}: its ninth column is '{ninth}', not 'toll'; leave out the weight of tolls")
    rows, lines = _links(file, body)
    if not rows:
        raise SourceError(f"{file.name}: no link; a line each is wanted below <END OF METADATA>")
    stated = _count(tags, "NUMBER OF LINKS", file, len(rows))
    if stated != len(rows):
        raise SourceError(f"{file.name}: {len(rows)} links where the header says {stated}; the file is cut or edited")
    table = np.array(rows, dtype=np.float64)
    if (split := np.flatnonzero((table[:, :2] != np.floor(table[:, :2])).any(axis=1))).size:
        ends = " -> ".join(f"{end:g}" for end in table[split[0], :2])
        raise SourceError(f"{file.name}:{lines[split[0]]}: {ends}: nodes are whole numbers; correct them")
    try:
        network = Network.build(
            (table[:, 0], table[:, 1]), capacity=table[:, 2], free_flow=table[:, 4], b=table[:, 5], power=table[:, 6],
            fixed=distance_weight * table[:, 3] + toll_weight * table[:, 8],
            zones=_count(tags, "NUMBER OF ZONES", file),
            first_through_node=_count(tags, "FIRST THRU NODE", file, 1), name=file.name,
        )  # fmt: skip
    except LinkError as error:
        raise SourceError(f"{file.name}:{lines[error.link]}: {error.why}") from None
    except InputError as error:
        raise SourceError(str(error)) from None
    nodes = _count(tags, "NUMBER OF NODES", file, network.nodes)
    if network.nodes > nodes:
        what = f"{network.zones} zones" if network.zones > nodes else f"a link names node {network.nodes}"
        raise SourceError(f"{file.name}: {what} where the header says {nodes} nodes; correct one of them")
    if not 1 <= network.first_through_node <= nodes + 1:
        raise SourceError(f"{file.name}: <FIRST THRU NODE> is {network.first_through_node}; nodes are 1 to {nodes}")
    return network


def read_trips(path: str | Path, zones: int) -> Floats:
    """Demand from a ``_trips.tntp`` file.

    What stands there for a pair more than once is added up.

    Returns:
        Array of shape ``(zones, zones)``: row origin, column destination, in trips.

    Raises:
        SourceError: the file is no trip table, names a zone the network lacks, or holds a negative demand.
    """
    file = Path(path)
    tags, body = _split(file)
    if (stated := _count(tags, "NUMBER OF ZONES", file, zones)) > zones:
        raise SourceError(
            f"{file.name}: {stated} zones where the network has {zones}; do the two files belong together?"
        )
    demand = np.zeros((zones, zones))
    origin = 0
    for number, text in body:
        line = text
        if begun := _ORIGIN.match(text):
            origin, line = _zone(begun[1].rstrip(";"), zones, file, number), begun[2]
        if rest := _TRIP.sub("", line).strip(" \t;"):
            raise SourceError(f"{file.name}:{number}: '{rest}' is no 'zone : trips;'; correct it")
        for name, volume in _TRIP.findall(line):
            if not origin:
                raise SourceError(f"{file.name}:{number}: trips before the first 'Origin'; restore that line")
            if not _is_number(volume) or float(volume) < 0:
                raise SourceError(
                    f"{file.name}:{number}: demand '{volume.strip()}' is not a number from 0 up; correct it"
                )
            demand[origin - 1, _zone(name, zones, file, number) - 1] += float(volume)
    total = _tag(tags, "TOTAL OD FLOW", file, float(demand.sum()))
    # Some headers count trips within a zone, some do not.
    if not any(np.isclose(total, found, rtol=1e-3) for found in (demand.sum(), demand.sum() - np.trace(demand))):
        raise SourceError(f"{file.name}: trips sum to {demand.sum():,.1f} where the header says {total:,.1f}")
    return demand


def _links(file: Path, body: Iterator[tuple[int, str]]) -> tuple[list[list[float]], list[int]]:
    """The numbers of each link, and the line it stands in."""
    rows: list[list[float]] = []
    lines: list[int] = []
    for number, line in body:
        fields = line.rstrip(";").split()
        if len(fields) < _COLUMNS:
            raise SourceError(
                f"{file.name}:{number}: {len(fields)} fields where a link has {_COLUMNS}; restore the line"
            )
        try:
            rows.append([float(field) for field in fields[:_COLUMNS]])
            lines.append(number)
        except ValueError:
            bad = next(field for field in fields if not _is_number(field))
            raise SourceError(f"{file.name}:{number}: '{bad}' is not a number; correct it") from None
    return rows, lines


def _split(file: Path) -> tuple[dict[str, str], Iterator[tuple[int, str]]]:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise SourceError(f"{file}: larger than {MAX_BYTES:,} bytes; split it")
        lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        raise SourceError(f"cannot read '{file}': {error.strerror}") from error
    tags: dict[str, str] = {}
    end = next((n for n, line in enumerate(lines) if "<END OF METADATA>" in line.upper()), None)
    if end is None:
        raise SourceError(f"{file.name}: no <END OF METADATA> line; is it a .tntp file?")
    for line in lines[:end]:
        if match := _TAG.match(line.strip()):
            name, value = " ".join(match[1].upper().replace("THROUGH", "THRU").split()), match[2].strip()
            if tags.setdefault(name, value) != value:
                raise SourceError(f"{file.name}: <{name}> is '{tags[name]}' and '{value}'; leave one")
    return tags, _body(lines, end + 1)


def _body(lines: list[str], start: int) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(lines[start:], start + 1):
        line = raw.split("~")[0].strip()
        if line and line != ";":
            yield number, line


def _columns(file: Path) -> dict[int, str]:
    """What the comment above the links calls its columns, by position, where there is one."""
    for line in file.read_text(encoding="utf-8-sig", errors="replace").splitlines():
        names = line.lower().replace("~", " ").replace(";", " ").split()
        if names[:2] == ["init_node", "term_node"]:
            return dict(enumerate(names))
    return {}


def _tag(tags: dict[str, str], name: str, file: Path, default: float | None = None) -> float:
    value = tags.get(name, default)
    text = str(value).replace(",", "").strip(" ;")
    if value is None or not _is_number(text):
        raise SourceError(f"{file.name}: <{name}> is missing or no number; add it to the header")
    return float(text)


def _count(tags: dict[str, str], name: str, file: Path, default: int | None = None) -> int:
    value = _tag(tags, name, file, default)
    if value != int(value):
        raise SourceError(f"{file.name}: <{name}> is {value:g}; give a whole number")
    return int(value)


def _zone(text: str, zones: int, file: Path, number: int) -> int:
    if not text.isdigit() or not 1 <= int(text) <= zones:
        raise SourceError(f"{file.name}:{number}: '{text}' is not a zone; zones are 1 to {zones}")
    return int(text)


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False

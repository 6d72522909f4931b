"""Networks and trip tables in the text format of the TransportationNetworks collection (``.tntp``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from serai.corridor.network import Floats, Network
from serai.errors import SourceError

MAX_BYTES = 512 * 2**20
_TAG = re.compile(r"<([^>]+)>\s*([^~]*)")
_COLUMNS = 10
_TRIP = re.compile(r"([^\s:;]+)\s*:\s*([^\s:;]+)")
_ORIGIN = re.compile(r"^origin\b\s*:?\s*(\S*)\s*;?\s*(.*)$", re.IGNORECASE)


def read_network(path: str | Path, *, toll_weight: float = 0.0, distance_weight: float = 0.0) -> Network:
    """A network from a ``_net.tntp`` file.

    Cost is the travel time, plus ``toll_weight`` times the toll, plus ``distance_weight`` times the length.

    Raises:
        SourceError: the file cannot be read as a network; names the line.
        InputError: a link breaks the rules of :class:`Network`.
    """
    file = Path(path)
    tags, body = _split(file)
    rows: list[list[float]] = []
    for number, line in body:
        fields = line.rstrip(";").split()
        if len(fields) < _COLUMNS:
            raise SourceError(
                f"{file.name}:{number}: {len(fields)} fields where a link has {_COLUMNS}; restore the line"
            )
        try:
            rows.append([float(field) for field in fields[:_COLUMNS]])
        except ValueError:
            bad = next(field for field in fields if not _is_number(field))
            raise SourceError(f"{file.name}:{number}: '{bad}' is not a number; correct it") from None
    stated = int(_tag(tags, "NUMBER OF LINKS", file, str(len(rows))))
    if stated != len(rows):
        raise SourceError(f"{file.name}: {len(rows)} links where the header says {stated}; the file is cut or edited")
    table = np.array(rows, dtype=np.float64).reshape(-1, _COLUMNS)
    network = Network.build(
        (table[:, 0], table[:, 1]), capacity=table[:, 2], free_flow=table[:, 4], b=table[:, 5], power=table[:, 6],
        fixed=distance_weight * table[:, 3] + toll_weight * table[:, 8],
        zones=int(_tag(tags, "NUMBER OF ZONES", file)),
        first_through_node=int(_tag(tags, "FIRST THRU NODE", file, "1")), name=file.name,
    )  # fmt: skip
    nodes = int(_tag(tags, "NUMBER OF NODES", file, str(network.nodes)))
    if network.nodes > nodes:
        what = f"{network.zones} zones" if network.zones > nodes else f"a link names node {network.nodes}"
        raise SourceError(f"{file.name}: {what} where the header says {nodes} nodes; correct one of them")
    return network


def read_trips(path: str | Path, zones: int) -> Floats:
    """Demand from a ``_trips.tntp`` file.

    Returns:
        Array of shape ``(zones, zones)``: row origin, column destination, in trips.

    Raises:
        SourceError: the file is no trip table, names a zone the network lacks, or holds a negative demand.
    """
    file = Path(path)
    tags, body = _split(file)
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
    total = float(_tag(tags, "TOTAL OD FLOW", file, str(demand.sum())))
    # Some headers count trips within a zone, some do not.
    if not any(np.isclose(total, found, rtol=1e-3) for found in (demand.sum(), demand.sum() - np.trace(demand))):
        raise SourceError(f"{file.name}: trips sum to {demand.sum():,.1f} where the header says {total:,.1f}")
    return demand


def _split(file: Path) -> tuple[dict[str, str], Iterator[tuple[int, str]]]:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise SourceError(f"{file}: larger than {MAX_BYTES:,} bytes; split it")
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise SourceError(f"cannot read '{file}': {error.strerror}") from error
    tags: dict[str, str] = {}
    end = next((n for n, line in enumerate(lines) if "<END OF METADATA>" in line.upper()), None)
    if end is None:
        raise SourceError(f"{file.name}: no <END OF METADATA> line; is it a .tntp file?")
    for line in lines[:end]:
        if match := _TAG.match(line.strip()):
            tags[" ".join(match[1].upper().replace("THROUGH", "THRU").split())] = match[2].strip()
    return tags, _body(lines, end + 1)


def _body(lines: list[str], start: int) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(lines[start:], start + 1):
        line = raw.split("~")[0].strip()
        if line and line != ";":
            yield number, line


def _tag(tags: dict[str, str], name: str, file: Path, default: str | None = None) -> str:
    value = tags.get(name, default)
    if value is not None:
        value = value.replace(",", "").strip(" ;")
    if value is None or not _is_number(value):
        raise SourceError(f"{file.name}: <{name}> is missing or no number; add it to the header")
    return value.split(".")[0] if name != "TOTAL OD FLOW" else value


def _zone(text: str, zones: int, file: Path, number: int) -> int:
    if not text.isdigit() or not 1 <= int(text) <= zones:
        raise SourceError(f"{file.name}:{number}: '{text}' is not a zone; zones are 1 to {zones}")
    return int(text)


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False

"""The uncertain inputs of an ensemble: the shocks' sizes and times, and what is uncertain in the model itself.

Read from ``plan/shocks.toml`` and ``plan/uncertain.toml`` of a pack; drawn as a scrambled Sobol' sequence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import qmc

from serai.errors import InputError, PackError
from serai.region.plan_files import Range, Shock, Told, Unknowns, read_unknowns

NETWORK, SHARES = "network", "shares"
Floats = npt.NDArray[np.float64]


def read(pack: Path) -> Unknowns:
    """What a pack says is uncertain.

    Raises:
        PackError: no such file, no TOML, or it breaks its schema, repeats an id or leaves one out.
    """
    found, faults = read_unknowns(pack)
    if faults or found is None:
        raise PackError(pack.name, faults)
    return found


@dataclass(frozen=True, slots=True)
class Input:
    """One uncertain input.

    Attributes:
        id: ``network``, the id of an uncertain number, or ``SHOCK.size``, ``SHOCK.start``, ``SHOCK.years``.
        group: what it belongs to: ``network``, ``links``, ``governance``, ``shares``, ``reach``, or the shock's id.
        title: by language.
        low, high: ends of its range; for the network 0 and 1.
        unit, basis, source, reason: as in the file.
        over, under: words for a condition, ``{}`` for the number; empty for starts, lengths and the network.
    """

    id: str
    group: str
    title: Mapping[str, str]
    low: float
    high: float
    unit: str
    basis: str
    source: str
    reason: str
    over: Mapping[str, str]
    under: Mapping[str, str]


GROUPS = {"monitoring": "governance", "law": "governance", "exposure": "reach", "response": "reach"}


def listed(shocks: Mapping[str, Shock], unknowns: Unknowns) -> list[Input]:
    """Every uncertain input, the model's own first."""
    network = unknowns.network
    found = [
        Input(NETWORK, NETWORK, network.title, 0.0, 1.0, "choice", "derived", "Networks of the calibration",
              network.reason, {}, {})
    ]  # fmt: skip
    found += [_input(one.id, GROUPS.get(one.id, one.id), one.title, one, one) for one in unknowns.uncertain]
    for shock in shocks.values():
        for name, number in (("size", shock.size), ("start", shock.start), ("years", shock.years)):
            told = shock.size if name == "size" else None
            found.append(_input(f"{shock.id}.{name}", shock.id, shock.title, number, told))
    return found


def _input(name: str, group: str, title: Mapping[str, str], number: Range, told: Told | None) -> Input:
    words = (told.over, told.under) if told is not None else ({}, {})
    return Input(name, group, title, number.low, number.high, number.unit, number.basis, number.source,
                 number.reason, *words)  # fmt: skip


def table(inputs: Sequence[Input]) -> pl.DataFrame:
    """The inputs as ``input, group, title, low, high, unit, basis, source, reason`` (titles in English)."""
    rows = [
        (one.id, one.group, one.title.get("en", one.id), one.low, one.high, one.unit, one.basis, one.source, one.reason)
        for one in inputs
    ]
    names = ["input", "group", "title", "low", "high", "unit", "basis", "source", "reason"]
    return pl.DataFrame(rows, schema=names, orient="row")


def points(inputs: int, shocks: int, seed: int) -> Floats:
    """The first points of a scrambled Sobol' sequence in the unit cube, shape ``(shocks, inputs)``.

    A longer sequence of the same seed begins with the shorter one.

    Raises:
        InputError: ``shocks`` is no power of two from 8 on, where the sequence is balanced.
    """
    if shocks < 8 or shocks & (shocks - 1):
        raise InputError(f"{shocks} shocks; give a power of two from 8 on (64, 128, 256, …), where draws are balanced")
    drawn: Floats = qmc.Sobol(inputs, scramble=True, rng=np.random.default_rng(seed)).random(shocks)
    return drawn


def drawn(inputs: Sequence[Input], unit: Floats) -> dict[str, float]:
    """The inputs' values at one point of the unit cube; the network stays between 0 and 1."""
    return {one.id: one.low + float(u) * (one.high - one.low) for one, u in zip(inputs, unit, strict=True)}


def network_of(drawn_network: float, networks: int) -> int:
    """Which of several equally plausible networks a draw between 0 and 1 stands for."""
    return min(int(drawn_network * networks), networks - 1)


def values(inputs: Sequence[Input], unit: Floats, networks: Sequence[str]) -> pl.DataFrame:
    """The values of all draws: ``shock`` and one column an input, the network by its name."""
    columns: dict[str, object] = {"shock": range(len(unit))}
    for at, one in enumerate(inputs):
        if one.id == NETWORK:
            columns[one.id] = [networks[network_of(float(u), len(networks))] for u in unit[:, at]]
        else:
            columns[one.id] = one.low + unit[:, at] * (one.high - one.low)
    return pl.DataFrame(columns)

"""The parts of the projection as they describe themselves; documentation is generated from them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Part:
    """One part of the projection: a member, a step of the model, a test or a measure."""

    id: str
    part: str
    title: str
    description: str
    formula: str
    source: str


@cache
def parts() -> tuple[Part, ...]:
    """All parts, in the order in which they are explained."""
    text = (resources.files("serai.assess.projection") / "methods.toml").read_text(encoding="utf-8")
    return tuple(Part(name, **entry) for name, entry in tomllib.loads(text).items())

"""What the model is, as data: read from ``methods.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the method: what is computed, where it is from, what it was checked against, how it differs."""

    title_en: str
    title_ru: str
    formula: str
    source: str
    checked: str
    differs: str


def parts() -> dict[str, Part]:
    """Every part, in the order a reader needs."""
    text = (resources.files("serai.plan") / "methods.toml").read_text(encoding="utf-8")
    return {name: Part(**entry) for name, entry in tomllib.loads(text).items()}

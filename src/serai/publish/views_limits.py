"""Context of the page of limits: what each model is for and leaves open, and how old the figures are."""

from __future__ import annotations

from dataclasses import asdict
from statistics import median_low
from typing import Any

from serai.publish.material import Material
from serai.publish.messages import _
from serai.publish.sections import Limit

__all__ = ["limits_context"]

Row = dict[str, Any]
OLD = 5
"""Years before the release from which a latest figure counts as old."""
OWN = (
    Limit(
        title=_("Progress towards targets"),
        address="compare.html",
        serves=_("Seeing whether a series moves fast enough towards its target."),
        leaves=_("Why it moves, and whatever no series measures."),
        sure=_("Six published methods side by side, with the reason where they differ."),
    ),
    Limit(
        title=_("Projections"),
        address="methods.html",
        serves=_("Seeing where a series leads if it goes on changing as such series did."),
        leaves=_("Decisions, shocks and turns of which the past holds no sign."),
        sure=_("Bands from the errors of earlier projections, with how often they held."),
    ),
)


def limits_context(material: Material) -> Row:
    """Models with what they leave open, and per member the age of its latest figures.

    A figure's age is counted from the year of the latest release that covers a member, not from today: two builds
    of the same figures are the same page.
    """
    release = material.last_release
    return {
        "kind": "limits",
        "models": [asdict(limit) for limit in _models(material)],
        "release": release.isoformat() if release else None,
        "old": OLD,
        "ages": [_age(material, area, release.year) for area in material.members] if release else [],
    }


def _models(material: Material) -> list[Limit]:
    """Models whose page is there."""
    found = list(OWN)
    for section, part in zip(material.sections, material.parts, strict=True):
        there = {page.path for page in part.pages}
        found += [limit for limit in section.limits if limit.address in there]
    return found


def _age(material: Material, area: str, year: int) -> Row:
    """Years of a member's latest headline figures: how many series, the middle year, and how many are old."""
    years = [row["period"] for (_series, one), row in material.latest.items() if one == area]
    return {
        "area": area,
        "series": len(years),
        "middle": median_low(years) if years else None,
        "old": sum(year - one > OLD for one in years),
    }

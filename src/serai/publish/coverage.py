"""Coverage of a view: which members are in it, which are not, and why. Every page carries one; no view drops a member
without a word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from serai.publish.messages import _
from serai.publish.rows import absent

if TYPE_CHECKING:
    from serai.publish.material import Material

__all__ = ["coverage", "coverage_of", "of_one"]

Row = dict[str, Any]
NO_DATA = _("no series with data")


def coverage(members: Sequence[str], absent: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> Row:
    """Coverage of a view of the region.

    Args:
        members: all members in order.
        absent: member -> why it is not in the view, a marked message.
    """
    why = dict(absent)
    return {
        "one": False,
        "present": [area for area in members if area not in why],
        "absent": [{"area": area, "reason": why[area]} for area in members if area in why],
    }


def of_one(members: Sequence[str], area: str) -> Row:
    """Coverage of a page about one member: the others have pages of their own."""
    others = [{"area": other, "reason": ""} for other in members if other != area]
    return {"one": True, "present": [area], "absent": others}


def coverage_of(context: Row, material: Material) -> Row:
    """Coverage of a page about goals, from its context."""
    members = material.members
    rows = [row for row in context.get("members", ()) if isinstance(row, dict)]
    if rows and {"missing", "indicators_with_data"} & set(rows[0]):
        return coverage(members, absent(rows))
    if (one := context.get("parent") or context.get("area")) in members:
        return of_one(members, one)
    with_figures = set(material.observations["area"].unique())
    return coverage(members, {area: NO_DATA for area in members if area not in with_figures})

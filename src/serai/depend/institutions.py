"""Institutions against geography: who shares a resource, and who sits in the bodies that govern it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import polars as pl

COVERAGE: Mapping[str, pl.DataType] = {
    "resource": pl.String(),
    "type": pl.String(),
    "area": pl.String(),
    "member": pl.Boolean(),
    "roles": pl.String(),
    "contributes": pl.Float64(),
    "of": pl.Float64(),
    "share": pl.Float64(),
    "uses": pl.Float64(),
    "unit": pl.String(),
    "bodies": pl.String(),
    "allocation": pl.String(),
    "status": pl.String(),
    "flagged": pl.Boolean(),
}
"""One row per resource and area it touches. ``bodies``: those that govern the resource and have the area as a member;
``allocation``: those of them that allocate. ``status``: ``covered``; ``outside`` (bodies govern it, the area is in
none); ``outside_allocation`` (in some, but in none that allocates, though one does); ``no_body`` (nobody governs it).
``flagged``: an area that contributes or uses and is outside."""

PAIRS: Mapping[str, pl.DataType] = {
    "resource": pl.String(),
    "area": pl.String(),
    "other": pl.String(),
    "bodies": pl.String(),
    "status": pl.String(),
}
"""One row per resource and pair of areas; ``bodies`` both are members of; ``status``: ``covered``, ``uncovered``."""

ALLOCATION = "allocation"


def coverage(
    resources: pl.DataFrame,
    areas: pl.DataFrame,
    governing: pl.DataFrame,
    memberships: pl.DataFrame,
    members: Iterable[str],
) -> pl.DataFrame:
    """Every area a shared resource touches, and whether a body that governs the resource has it as a member.

    Args:
        resources, areas, governing: the pack's tables ``resources``, ``resource_areas``, ``resource_bodies``.
        memberships: ``body, area``: full members today.
        members: members of the region.

    Returns:
        Columns as in :data:`COVERAGE`.
    """
    inside = _by_body(memberships)
    region = set(members)
    rows = []
    for resource in resources.iter_rows(named=True):
        touched = areas.filter(pl.col("resource") == resource["resource"])
        bodies = _bodies(governing, resource["resource"])
        total = float(touched.filter(pl.col("role") == "contributes")["value"].sum())
        for area in touched["area"].unique(maintain_order=True):
            own = touched.filter(pl.col("area") == area)
            rows.append(_row(resource, str(area), own, bodies, inside, total, str(area) in region))
    return pl.DataFrame(rows, schema=dict(COVERAGE), orient="row")


def _row(
    resource: Mapping[str, object], area: str, own: pl.DataFrame, bodies: Mapping[str, set[str]],
    inside: Mapping[str, set[str]], total: float, member: bool,
) -> tuple[object, ...]:  # fmt: skip
    seats = sorted(body for body in bodies if area in inside.get(body, set()))
    allocating = sorted(body for body in seats if ALLOCATION in bodies[body])
    status = _status(bodies, seats, allocating)
    gives, uses = _value(own, "contributes"), _value(own, "uses")
    roles = sorted(set(own["role"]))
    share = gives / total if gives is not None and total > 0 else None
    flagged = status in ("outside", "outside_allocation") and bool({"contributes", "uses", "crosses"} & set(roles))
    of = total if gives is not None and total > 0 else None
    return (
        resource["resource"], resource["type"], area, member, " ".join(roles), gives, of, share, uses, resource["unit"],
        " ".join(seats), " ".join(allocating), status, flagged,
    )  # fmt: skip


def _status(bodies: Mapping[str, set[str]], seats: Sequence[str], allocating: Sequence[str]) -> str:
    if not bodies:
        return "no_body"
    if any(ALLOCATION in functions for functions in bodies.values()) and not allocating:
        return "outside_allocation" if seats else "outside"
    return "covered" if seats else "outside"


def _value(own: pl.DataFrame, role: str) -> float | None:
    found = own.filter((pl.col("role") == role) & pl.col("value").is_not_null())["value"]
    return float(found.sum()) if len(found) else None


def uncovered_pairs(areas: pl.DataFrame, governing: pl.DataFrame, memberships: pl.DataFrame) -> pl.DataFrame:
    """Every two areas that share a resource, and the bodies that govern it and have both.

    Args:
        areas, governing: the pack's tables ``resource_areas`` and ``resource_bodies``.
        memberships: ``body, area``: full members today.

    Returns:
        Columns as in :data:`PAIRS`.
    """
    inside = _by_body(memberships)
    rows = []
    for resource in areas["resource"].unique(maintain_order=True):
        bodies = _bodies(governing, resource)
        touched = sorted(set(areas.filter(pl.col("resource") == resource)["area"]))
        for one, other in combinations(touched, 2):
            common = sorted(body for body in bodies if {one, other} <= inside.get(body, set()))
            rows.append((resource, one, other, " ".join(common), "covered" if common else "uncovered"))
    return pl.DataFrame(rows, schema=dict(PAIRS), orient="row")


def _by_body(memberships: pl.DataFrame) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for body, area in memberships.select("body", "area").iter_rows():
        if area:
            found.setdefault(body, set()).add(area)
    return found


def _bodies(governing: pl.DataFrame, resource: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for body, function in governing.filter(pl.col("resource") == resource).select("body", "function").iter_rows():
        found.setdefault(body, set()).add(function)
    return found

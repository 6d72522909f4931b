"""Lengths of links out of published lengths of lines and roads, which mostly pass several places of the network.

A published length of one link is taken as it is. That of a chain of links is shared out: links that are known already
are taken off it, the others share the rest in proportion to their great circles. Where nothing is left to share, the
length is a check, as are those marked so by hand; the network's own is set beside each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from pack_io import read_input

Row = dict[str, object]
Hop = tuple[str, str, str]
"""Two places in the order of the alphabet, and the mode."""


def hop_of(one: str, other: str, mode: str) -> Hop:
    """The key of a link, whichever way it is named."""
    return (*sorted((one, other)), mode)  # type: ignore[return-value]


def length_rows(
    known: dict[Hop, int], straight: Mapping[Hop, float], names: Mapping[str, str]
) -> tuple[list[Row], dict[Hop, dict[str, str]]]:
    """Published lengths with what they were used for, and the lengths of links that follow.

    Args:
        known: kilometres of links written by hand; those that follow are added.
        straight: great circles of all links, km.
        names: of places.

    Raises:
        SystemExit: a chain names no link, or is shorter than the great circles of its links.
    """
    rows: list[Row] = []
    found: dict[Hop, dict[str, str]] = {}
    for row in read_input("corridor_lengths.csv"):
        places, km = row["places"].split(), int(row["km"])
        hops = [hop_of(one, other, row["mode"]) for one, other in pairwise(places)]
        if missing := [hop for hop in hops if hop not in straight]:
            raise SystemExit(f"corridor_lengths.csv: {row['places']}: no link {missing[0]}")
        origin = {key: row[key] for key in ("source", "year")}
        left = [hop for hop in hops if hop not in known]
        if row["used"] == "check":
            left = []
        rest = km - sum(known[hop] for hop in hops if hop in known)
        if left and rest < sum(straight[hop] for hop in left) - 2:
            raise SystemExit(f"corridor_lengths.csv: {row['places']}: {rest} km are left, less than the great circle")
        used = "check" if not left else "link" if len(hops) == 1 else "rest" if len(left) == 1 else "shared"
        for hop, part in zip(left, _shares(rest, [straight[hop] for hop in left]), strict=True):
            known[hop] = part
            note = (
                row["note"]
                if used == "link"
                else _note(row, f"{km:,} km {names[places[0]]}-{names[places[-1]]}", len(left))
            )
            basis = "sourced" if used == "link" and not row["note"].startswith("km ") else "derived"
            found[hop] = {"km": str(part), "basis": basis, **origin, "note": note}
        rows.append({"places": row["places"], "mode": row["mode"], "km": km, "used": used, **origin,
                     "note": row["note"]})  # fmt: skip
    return rows, found


def _note(row: dict[str, str], whole: str, left: int) -> str:
    text = f"{whole} {'shared out by great circle' if left > 1 else 'less the other links'}"
    return f"{text}; {row['note']}" if row["note"] else text


def _shares(total: int, parts: Sequence[float]) -> list[int]:
    """Whole kilometres in proportion to parts, together the total: the largest remainders are rounded up."""
    if not parts:
        return []
    exact = [total * part / sum(parts) for part in parts]
    floors = [int(value) for value in exact]
    order = sorted(range(len(parts)), key=lambda place: (floors[place] - exact[place], place))
    for place in order[: total - sum(floors)]:
        floors[place] += 1
    return floors


def beside(rows: Sequence[Row], links: Sequence[Row]) -> None:
    """Set the network's length beside every published one."""
    km = {hop_of(str(row["from"]), str(row["to"]), str(row["mode"])): int(str(row["km"])) for row in links}
    for row in rows:
        hops = pairwise(str(row["places"]).split())
        row["network_km"] = sum(km[hop_of(one, other, str(row["mode"]))] for one, other in hops)

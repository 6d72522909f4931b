"""The page of corridors by funder: bottlenecks and works without money first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from serai.coordinate import segments
from serai.publish.coverage import coverage
from serai.publish.messages import _
from serai.publish.render import Page
from serai.publish.sections.coordinate.gather import Gathered
from serai.publish.sections.coordinate.parts import page

__all__ = ["corridors_page"]

Row = dict[str, Any]
FIRM = ("committed", "paid")
NOWHERE = _("no segment of the corridors held lies there")


def corridors_page(found: Gathered, members: Sequence[str]) -> Page | None:
    """Segments with those who pay for them; none where the pack has no corridors."""
    rows = found.ledger.segments(as_of=found.as_of).to_dicts()
    if not rows:
        return None
    records: dict[str, list[Row]] = {}
    for one in found.ledger.funding(as_of=found.as_of).to_dicts():
        records.setdefault(one["segment"], []).append({**one, "date_text": found.when(one["date"])})
    shown = [_shown(row, records.get(row["segment"], [])) for row in rows]
    narrow = [row for row in shown if row["bottleneck"]]
    there = {area for row in shown for area in row["areas"]}
    context: Row = {
        "kind": "corridors",
        "coverage": coverage(members, {area: NOWHERE for area in members if area not in there}),
        "slow": segments.SLOW,
        "states": {state: Counter(row["state"] for row in narrow)[state] for state in segments.STATES},
        "open": [row for row in narrow if row["state"] not in FIRM],
        "firm": [row for row in narrow if row["state"] in FIRM],
        "use": [row for row in shown if not row["bottleneck"] and row["records"]],
        "unheld": sum(not row["bottleneck"] and not row["records"] for row in shown),
    }
    return page(found, "corridors.html", "corridors.html", context)


def _shown(row: Row, records: list[Row]) -> Row:
    kept = ("segment", "kind", "mode", "status", "owner", "hours", "hours_basis", "bottleneck", "state")
    own = {name: row[name] for name in kept}
    names = {"name": {"en": row["name_en"], "ru": row["name_ru"]}, "areas": row["areas"].split()}
    named = {"en": row["funders_en"], "ru": row["funders_ru"]} if row["funders_en"] and not records else {}
    return {**own, **names, "named": named, "records": records}

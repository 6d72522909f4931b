"""What the pages of coordination are made with."""

from __future__ import annotations

from typing import Any

from serai.publish.render import Page
from serai.publish.sections.coordinate.gather import Gathered, used

__all__ = ["Row", "both", "page"]

Row = dict[str, Any]


def page(found: Gathered, path: str, template: str, context: Row, **pictures: str) -> Page:
    """A page whose context holds the names and documents its rows refer to."""
    context = {**context, **found.shared(used(context))}
    return Page(f"coordinate/{path}", f"coordinate/{template}", context, figures=pictures)


def both(row: Row, name: str) -> Row:
    """A text of the pack in its languages."""
    return {code: row[f"{name}_{code}"] for code in ("en", "ru") if row.get(f"{name}_{code}")}

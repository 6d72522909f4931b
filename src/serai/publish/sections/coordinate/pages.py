"""The pages of coordination, and the order of its navigation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from serai.publish.coverage import coverage
from serai.publish.messages import _
from serai.publish.render import Page
from serai.publish.sections.coordinate.gather import Gathered
from serai.publish.sections.coordinate.pages_corridors import corridors_page
from serai.publish.sections.coordinate.pages_documents import (
    agreements_page,
    calendar_page,
    claims_page,
    followup,
    pledges_page,
)
from serai.publish.sections.coordinate.pages_region import (
    actor_page,
    actors_page,
    desk_page,
    desks_page,
    hosting_page,
    linked,
    mandate_page,
    workplan_page,
)
from serai.publish.sections.coordinate.parts import Row, page

if TYPE_CHECKING:
    from serai.publish.sections import Setting

__all__ = ["MENU", "pages"]

MENU = (
    ("coordinate/index.html", _("Overview")),
    ("coordinate/pledges.html", _("Pledges")),
    ("coordinate/corridors.html", _("Corridors by funder")),
    ("coordinate/agreements.html", _("Agreements and rhythm")),
    ("coordinate/calendar.html", _("Calendar")),
    ("coordinate/claims.html", _("Claims")),
    ("coordinate/desk.html", _("Desks")),
    ("coordinate/actors.html", _("Actors")),
    ("coordinate/hosting.html", _("Hosting and working")),
    ("coordinate/mandate.html", _("Mandate and lines")),
    ("coordinate/workplan.html", _("Joint work plan")),
)
NOT_MONEY = ("persons", "projects")
NO_RECORD = _("in no record held")


def pages(found: Gathered, setting: Setting) -> list[Page]:
    """Every page of the section."""
    members = setting.members
    made = [
        pledges_page(found, members),
        agreements_page(found, members),
        calendar_page(found, members),
        claims_page(found, members),
        desks_page(found, members),
        *(desk_page(found, members, area) for area in members),
        actors_page(found, members, setting),
        *(actor_page(found, members, name) for name in linked(found, members)),
        mandate_page(found, members),
    ]
    corridors = corridors_page(found, members)
    if corridors is not None:
        made.append(corridors)
    if found.ledger.measures.measure:
        made.append(hosting_page(found, members, setting))
    if found.ledger.workplans:
        made.append(workplan_page(found, members, setting))
    return [_overview(found, members, made), *made]


def _overview(found: Gathered, members: Sequence[str], made: Sequence[Page]) -> Page:
    by_path = {page.path: page.context for page in made}
    states = Counter(found.claims["state"].to_list())
    late = found.followups.filter(pl.col("state").is_in(["overdue", "outcome_unknown"]))
    money = found.pledges.filter(pl.col("counted") & ~pl.col("currency").is_in(NOT_MONEY))
    context: Row = {
        "kind": "coordinate",
        "coverage": coverage(members, {area: NO_RECORD for area in members if not _anywhere(by_path, area)}),
        "pledges": {"counted": money.height, "untraced": money.filter(traced="nothing traceable").height},
        "claims": {"all": found.claims.height, "states": dict(sorted(states.items()))},
        "corridors": _corridors(by_path),
        "late": [followup(found, row) for row in late.head(6).to_dicts()],
        "late_count": late.height,
        "events": found.ledger.register("events").height,
        "actors": found.actors.height,
        "ties": found.edges.height,
    }
    return page(found, "index.html", "index.html", context)


def _corridors(contexts: Mapping[str, Row]) -> Row:
    """How many bottlenecks there are, and of these without money committed."""
    shown = contexts.get("coordinate/corridors.html")
    return {"open": len(shown["open"]), "all": len(shown["open"]) + len(shown["firm"])} if shown else {}


def _anywhere(contexts: Mapping[str, Row], area: str) -> bool:
    """Whether any page about the region has a member in it."""
    return any(
        area in context["coverage"]["present"] for context in contexts.values() if not context["coverage"]["one"]
    )

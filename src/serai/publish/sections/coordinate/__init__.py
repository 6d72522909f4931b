"""Coordination: pledges, agreements, claims, desks, actors, mandate and joint work plans."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import polars as pl

from serai.publish.messages import _
from serai.publish.sections import Part, Section
from serai.publish.sections.coordinate.aid_words import AID_WORDS
from serai.publish.sections.coordinate.words import WORDS

if TYPE_CHECKING:
    from serai.publish.material import PackLike
    from serai.publish.sections import Setting
    from serai.publish.sections.coordinate.gather import Gathered

__all__ = ["SECTION"]


def _has(pack: PackLike) -> bool:
    return pack.has("events") and pack.has("documents")


def _make(region: Any, setting: Setting) -> Part:  # noqa: ANN401 - a region, or what stands for one in tests
    from serai.publish.sections.coordinate import aid
    from serai.publish.sections.coordinate.gather import gather
    from serai.publish.sections.coordinate.pages import MENU, pages

    found, activities = gather(region.ledger, setting.languages), aid.Aid(region.ledger, setting.members)
    made = [*pages(found, setting), *aid.pages(activities, setting)]
    there = {page.path for page in made}
    menu = [entry for entry in (*MENU, *aid.MENU) if entry[0] in there]
    return Part(made, menu=menu, frames=_frames(found) | aid.frames(activities), files=_files(found, setting))


def _frames(found: Gathered) -> dict[str, pl.DataFrame]:
    """Published tables; lists become words with blanks between."""
    ledger, day = found.ledger, found.as_of
    frames = {
        "pledges": found.pledges,
        "pledge_totals": ledger.pledge_totals(as_of=day),
        "events": ledger.events(),
        "calendar": ledger.calendar(as_of=day),
        "agreements": found.agreements,
        "agreement_parties": ledger.parties(as_of=day),
        "cadence": ledger.cadence(as_of=day),
        "followups": found.followups,
        "claims": found.claims,
        "corridor_segments": ledger.segments(as_of=day),
        "corridor_funding": ledger.funding(as_of=day),
        "claim_sources": ledger.evidence(),
        "desk_figures": pl.concat([ledger.desk(area) for area in ledger.members]),
        "desk_shares": ledger.desk_ratios(),
        "desk_totals": ledger.desk_totals(),
        "tracks": ledger.tracks(),
        "actors": found.actors,
        "ties": found.edges,
        "measures": found.measures,
        "anchors": ledger.anchors(as_of=day),
        "programme_lines": found.lines,
        "scopes": ledger.scopes(),
        "frameworks": ledger.frameworks(as_of=day),
    }
    if ledger.workplans:
        frames["plan_tasks"] = ledger.workplan().tasks
    return {name: _flat(frame) for name, frame in frames.items()}


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    return frame.with_columns(pl.col(name).list.join(" ") for name in lists)


def _files(found: Gathered, setting: Setting) -> dict[str, str | bytes]:
    tongues = [code for code in setting.languages if code in ("en", "ru")] or ["en"]
    files: dict[str, str | bytes] = {
        f"coordinate/calendar.{code}.ics": found.ledger.ics(as_of=found.as_of, language=code) for code in tongues
    }
    script = (resources.files(__package__) / "decide.js").read_text(encoding="utf-8")
    return {**files, "static/ledger-decide.js": script}


SECTION = Section(
    id="coordinate",
    title=_("Coordination"),
    address="coordinate/index.html",
    has=_has,
    make=_make,
    about=_("Who promised, signed and paid what, and what can be followed: one ledger that counts nothing twice."),
    state=lambda region: str(region.ledger.stamp),
    words={**WORDS, **AID_WORDS},
)

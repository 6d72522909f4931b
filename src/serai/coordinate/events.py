"""Events and their actors, and one calendar of all that has a date; as an iCalendar file as well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from serai.coordinate.dates import exactness, first_day, last_day

if TYPE_CHECKING:
    from icalendar import Event

__all__ = ["CALENDAR", "EVENTS", "calendar", "events", "ics"]

ROLES = ("host", "initiator", "signatory", "witness", "participant", "observer", "guest", "unknown")
TOOK_PART = ROLES[:5]
"""Roles that count as taking part: observers and guests do not, nor those whose role is unknown."""
LISTS = ("hosts", "initiators", "signatories", "witnesses", "participants", "observers", "guests", "unknown")
EVENTS: Mapping[str, Any] = {
    "event": pl.String, "format": pl.String, "number": pl.Int64, "kind": pl.String, "start": pl.String,
    "end": pl.String, "area": pl.String, "place_en": pl.String, "place_ru": pl.String, "title_en": pl.String,
    "title_ru": pl.String, "outcome_en": pl.String, "outcome_ru": pl.String,
    **dict.fromkeys(LISTS, pl.List(pl.String)),
    "source": pl.String, "note": pl.String,
}  # fmt: skip
"""Columns of :func:`events`; a list of actors for every role, empty where nobody is held in it."""

CALENDAR: Mapping[str, Any] = {
    "entry": pl.String, "kind": pl.String, "start": pl.Date, "end": pl.Date, "exactness": pl.String,
    "title_en": pl.String, "title_ru": pl.String, "place_en": pl.String, "place_ru": pl.String, "area": pl.String,
    "source": pl.String,
}  # fmt: skip
"""Columns of :func:`calendar`. ``kind``: ``event``, ``due``, ``term`` (an agreement ends), ``framework``. Where
``exactness`` is ``month`` or ``year``, start and end are the first and last day the date can mean."""

Row = dict[str, Any]
SUMMARY = {
    "en": {"due": "Due: {}", "term": "Ends: {}", "month": " (day not held)", "year": " (only the year is held)"},
    "ru": {"due": "Срок: {}", "term": "Заканчивается: {}", "month": " (день не известен)",
           "year": " (известен только год)"},
}  # fmt: skip


def events(table: pl.DataFrame, actors: pl.DataFrame) -> pl.DataFrame:
    """Every event with those who took part in it, by role.

    Args:
        table: the pack's ``events``.
        actors: the pack's ``event_actors``.

    Returns:
        One row per event, the earliest first; columns as in :data:`EVENTS`.
    """
    by_event: dict[tuple[str, str], list[str]] = {}
    for row in actors.iter_rows(named=True):
        by_event.setdefault((row["event"], row["role"]), []).append(row["actor"])
    rows = []
    for row in table.sort("start", "event").iter_rows(named=True):
        who = {name: by_event.get((row["event"], role), []) for name, role in zip(LISTS, ROLES, strict=True)}
        rows.append({**row, **who})
    return pl.DataFrame(rows, schema=dict(EVENTS), orient="row")


def calendar(
    table: pl.DataFrame, due: pl.DataFrame, agreed: pl.DataFrame, frameworks: pl.DataFrame | None = None
) -> pl.DataFrame:
    """One calendar: events, what is due and not done, terms of agreements, UN frameworks.

    Args:
        table: the pack's ``events``.
        due: as from :func:`serai.coordinate.cadence.followups`.
        agreed: as from :func:`serai.coordinate.agreements.agreements`.
        frameworks: the pack's ``frameworks``.

    Returns:
        One row per entry, the earliest first; columns as in :data:`CALENDAR`.
    """
    rows = [_entry(row["event"], "event", row, row["start"], row["end"] or row["start"])
            for row in table.iter_rows(named=True)]  # fmt: skip
    for row in due.filter((pl.col("due") != "") & (pl.col("state") != "done")).iter_rows(named=True):
        named = {**row, "title_en": row["what_en"], "title_ru": row["what_ru"]}
        rows.append(_entry(row["followup"], "due", named, row["due"], row["due"]))
    told = set(due.select("agreement", "due").iter_rows())  # the end of these is among what is due
    for row in agreed.filter(pl.col("ends") != "").iter_rows(named=True):
        if (row["agreement"], row["ends"]) in told:
            continue
        rows.append(_entry(row["agreement"], "term", row, row["ends"], row["ends"]))
    for row in frameworks.iter_rows(named=True) if frameworks is not None else ():
        rows.append(_entry(row["framework"], "framework", row, row["start"], row["end"]))
    return pl.DataFrame(rows, schema=dict(CALENDAR), orient="row").sort("start", "entry")


def _entry(name: str, kind: str, row: Row, start: str, end: str) -> Row:
    places = {key: row.get(key, "") for key in ("place_en", "place_ru", "area")}
    return {
        "entry": name, "kind": kind, "start": first_day(start), "end": last_day(end),
        "exactness": min((exactness(start), exactness(end)), key=("year", "month", "day").index),
        "title_en": row["title_en"], "title_ru": row["title_ru"], **places, "source": row["source"],
    }  # fmt: skip


def ics(entries: pl.DataFrame, urls: Mapping[str, str], *, region: str, title: str, stamp: date, language: str = "en",
        kinds: Iterable[str] = ("event", "due", "term")) -> bytes:  # fmt: skip
    """A calendar as an iCalendar file (RFC 5545): whole days, the same bytes for the same entries.

    Args:
        entries: as from :func:`calendar`.
        urls: address of each source.
        region: identifier of the region, part of every entry's UID.
        title: name of the calendar.
        stamp: day the entries were put together; every entry carries it.
        language: ``en`` or ``ru``.
        kinds: kinds of entries to write.
    """
    from icalendar import Calendar

    result = Calendar()
    result.add("prodid", f"-//Serai//{region}//{language.upper()}")
    result.add("version", "2.0")
    result.add("calscale", "GREGORIAN")
    result.add("x-wr-calname", title)
    wanted = set(kinds)
    for row in entries.filter(pl.col("kind").is_in(wanted) & pl.col("start").is_not_null()).iter_rows(named=True):
        result.add_component(_component(row, urls, region, stamp, language))
    return bytes(result.to_ical())


def _component(row: Row, urls: Mapping[str, str], region: str, stamp: date, language: str) -> Event:
    from icalendar import Event

    words = SUMMARY.get(language, SUMMARY["en"])
    entry = Event()
    entry.add("uid", f"{row['entry'].lower()}.{row['kind']}@{region}.serai")
    entry.add("dtstamp", datetime(stamp.year, stamp.month, stamp.day, tzinfo=UTC))
    entry.add("dtstart", row["start"])
    entry.add("dtend", row["end"] + timedelta(days=1))  # RFC 5545: the end is the day after the last
    text = row[f"title_{language}"] or row["title_en"]
    entry.add("summary", words.get(row["kind"], "{}").format(text) + words.get(row["exactness"], ""))
    if place := row[f"place_{language}"] or row["place_en"]:
        entry.add("location", place)
    if url := urls.get(row["source"]):
        entry.add("url", url)
    entry.add("categories", [row["kind"]])
    entry.add("transp", "TRANSPARENT")
    return entry

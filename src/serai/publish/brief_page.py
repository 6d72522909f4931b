"""Everything the pages of a brief show, in a language, as the template reads it: texts and drawings, no arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from serai.publish.brief_ahead import ahead, watch
from serai.publish.brief_choice import Choice
from serai.publish.brief_facts import Evidence
from serai.publish.brief_gaps import gaps
from serai.publish.brief_moved import moved
from serai.publish.brief_notes import notes
from serai.publish.brief_parts import classed_by, heads, source
from serai.publish.brief_words import Words, tied
from serai.publish.messages import CLASS_MEANINGS, CLASS_NAMES
from serai.publish.palette import CLASSES, NO_CLASS

__all__ = ["page"]

Row = dict[str, Any]
REASONS_SHOWN = 6


def page(evidence: Evidence, choice: Choice, words: Words, charts: Mapping[str, str], rows: int = 5) -> Row:
    """Everything the template needs for one language.

    Args:
        evidence: the figures.
        choice: the series chosen.
        words: the language.
        charts: drawing (SVG) of each telling series by its name, and of the map as ``map``.
        rows: most rows of a table of series.
    """
    made = {
        "lang": words.code,
        "dir": words.language.direction,
        "cover": _cover(evidence, words),
        "findings": _findings(evidence, choice, words),
        "glance": _glance(evidence, words),
        "map": _map(words, charts.get("map", "")),
        "stands": _stands(evidence, words),
        "moved": moved(evidence, words, rows),
        "ahead": ahead(evidence, choice, words, charts),
        "gaps": gaps(evidence, words),
        "watch": watch(evidence, choice, words),
        "notes": notes(evidence, words),
    }
    return {name: _tied(part, words.code) for name, part in made.items()}


def _tied(part: Any, code: str) -> Any:  # noqa: ANN401
    """The same tree with the language's no-break spaces in its texts; drawings and other languages' texts stay."""
    if isinstance(part, str):
        return part if part.startswith("<svg") else tied(part, code)
    if isinstance(part, dict):
        return part if "lang" in part and "text" in part else {name: _tied(value, code) for name, value in part.items()}
    return [_tied(value, code) for value in part] if isinstance(part, list) else part


def _cover(evidence: Evidence, words: Words) -> Row:
    manifest = evidence.now.manifest
    title = words.of(manifest.title)
    day = words.day(evidence.new)
    return {
        "kicker": words.text("Regional brief on the Sustainable Development Goals"),
        "title": title,
        "subtitle": words.text("Where the region stands, what moved, what is missing and what to watch"),
        "centre": words.of(manifest.centre),
        "release": words.text("Figures released on %(date)s", date=day),
        "footer": words.text("%(title)s: brief on the figures released on %(date)s", title=title, date=day),
        "page": words.text("Page"),
        "date": evidence.new.isoformat() if evidence.new else "",
    }


def _findings(evidence: Evidence, choice: Choice, words: Words) -> Row:
    text, end = words.text, evidence.now.manifest.end
    tally, grid, members = evidence.tally(), evidence.grid(), len(evidence.members)
    items = [
        (text("Where the region stands"), words.standing(tally), ""),
        (text("Ahead and behind"), words.ends(grid, members), ""),
        (text("What moved"), words.moved(evidence.old, evidence.new, evidence.change_counts(), evidence.moves()), ""),
        (text("The way to %(year)s", year=str(end)), words.outlook(choice.pairs, end), text("model output")),
        (text("Where data are missing"), words.data(tally, evidence.coverage()), ""),
    ]
    return {
        "title": text("In brief"),
        "items": [{"lead": lead, "text": body, "label": label} for lead, body, label in items],
    }


def _glance(evidence: Evidence, words: Words) -> Row:
    text, tally = words.text, evidence.tally()
    rows = [
        [
            words.area(row["area"]),
            *(words.integer(row[name]) for name in ("on_track", "slow", "away", "none")),
            f"{words.integer(row['with_data'])} ({words.share(row['with_data'], row['indicators'])})",
            words.year(row["median_year"]),
        ]
        for row in tally
    ]
    return {
        "caption": text("The countries at a glance"),
        "head": [
            text("Country"), text("On track or achieved"), text("Too slow"), text("Moving away"), text("No class"),
            text("Indicators with data, of %(n)s", n=words.integer(evidence.official.height)),
            text("Median year of the latest figures"),
        ],
        "groups": [[text("Goals, of 17"), 1, 5], [text("Data"), 5, 7]],
        "rows": rows,
        "source": source(evidence, words, classed_by(words)),
    }  # fmt: skip


def _map(words: Words, drawing: str) -> Row:
    """The map, and beside it how to read what follows."""
    text = words.text
    return {
        "svg": drawing,
        "alt": text("Map of the countries of this brief"),
        "note": text("Boundaries and names: see the disclaimer in the notes."),
        "title": text("How to read this brief"),
        "items": [
            text("Figures are the provider’s, as published; classes are computed from them by one published method."),
            text(
                "A cell without a class is a gap in the evidence, not a bad result. Missing, withheld and zero are "
                "kept apart."
            ),
            text("Whatever is a projection carries the label “model output” and the record of its past errors."),
            text("What is shown in detail is chosen by rules; each rule stands beside its table."),
        ],
    }


def _stands(evidence: Evidence, words: Words) -> Row:
    text, grid = words.text, evidence.grid()
    on_track = [row["on_track"] for row in evidence.tally()]
    return {
        "title": text("Where the region stands"),
        "text": text(
            "A class sums up the series of a goal that can be judged. The numbers beside it say on how many of the "
            "goal’s official indicators it rests, how many have data, and how many there are: the fewer it rests on, "
            "the less the class can carry."
        ),
        "caption": text("Class of progress, and official indicators of the goal: classed / with data / all"),
        "goal": text("Goal"),
        "heads": heads(evidence, words),
        "rows": [
            {
                "goal": row["goal"],
                "title": words.of(words.names.goal(row["goal"])),
                "cells": _cells(words, row["cells"]),
            }
            for row in grid
        ],
        "total": {"title": text("Goals on track or achieved"), "cells": [words.integer(count) for count in on_track]},
        "legend": _legend(words),
        "notes": _unclassed(evidence, words),
        "source": source(evidence, words, classed_by(words)),
    }


def _cells(words: Words, cells: Iterable[Row]) -> list[Row]:
    out = []
    for cell in cells:
        mark = CLASSES.get(cell["class"] or "", NO_CLASS)
        total = cell["indicators"]
        counts = (cell["indicators_classified"], cell["indicators_with_data"], total)
        share = "/".join(words.integer(count or 0) for count in counts) if total else ""
        out.append({"fill": mark.fill, "ink": mark.ink, "sign": mark.sign, "text": share})
    return out


def _legend(words: Words) -> list[Row]:
    """Signs of the classes with name and meaning."""
    return [
        {
            "fill": mark.fill, "ink": mark.ink, "sign": mark.sign, "name": words.text(CLASS_NAMES[mark.name]),
            "meaning": words.text(CLASS_MEANINGS[mark.name]),
        }
        for mark in (*CLASSES.values(), NO_CLASS)
    ]  # fmt: skip


def _unclassed(evidence: Evidence, words: Words) -> list[str]:
    """Why cells have no class: a line for each reason and group of countries it holds for."""
    notes = {note.text["en"]: note.text for note in evidence.now.manifest.goal_notes}
    return [
        words.count(
            "No class in goal %(goals)s (%(areas)s): %(why)s",
            "No class in goals %(goals)s (%(areas)s): %(why)s",
            len(row["goals"]),
            goals=", ".join(row["goals"]),
            areas=", ".join(words.area(area) for area in row["areas"]),
            why=words.of(notes[row["why"]]) if row["why"] in notes else words.reason(row["why"]),
        )
        for row in evidence.unclassed()[:REASONS_SHOWN]
    ]

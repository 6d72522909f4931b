"""The section on what moved since the previous release."""

from __future__ import annotations

from typing import Any

from serai.publish.brief_facts import Evidence
from serai.publish.brief_parts import chip, classed_by, series, source
from serai.publish.brief_words import Words

__all__ = ["moved"]

Row = dict[str, Any]
GOALS_SHOWN = 8


def moved(evidence: Evidence, words: Words, rows: int) -> Row:
    """Figures and classes that differ between the last two releases; tables of series have at most ``rows``."""
    text = words.text
    title = text("What moved since the previous release")
    if evidence.old is None:
        return {"title": title, "text": words.moved(None, evidence.new, [], []), "tables": None}
    since = text("Compared with the release of %(date)s.", date=words.day(evidence.old))
    return {
        "title": title,
        "text": text(
            "The release of %(new)s is compared with that of %(old)s. Classes of the earlier release are computed with "
            "today’s rules, so that every difference comes from the figures.",
            new=words.day(evidence.new),
            old=words.day(evidence.old),
        ),
        "tables": {
            "counts": _counts(evidence, words),
            "busiest": _busiest(evidence, words, rows),
            "goals": _goals(evidence, words),
            "series": _series(evidence, words, rows),
            "revised": _revised(evidence, words, rows),
            "source": source(evidence, words, since),
            "classes": source(evidence, words, since, classed_by(words)),
        },
    }


def _counts(evidence: Evidence, words: Words) -> Row:
    text, integer = words.text, words.integer
    classes = {row["area"]: row for row in evidence.series_moves()}
    rows = [
        [
            words.area(row["area"]),
            *(integer(row[name]) for name in ("added", "revised", "withdrawn", "described")),
            *(integer(classes[row["area"]][name]) for name in ("classed", "better", "worse", "gained", "lost")),
        ]
        for row in evidence.change_counts()
    ]
    return {
        "caption": text("Figures and classes of series that changed"),
        "head": [
            text("Country"), text("Added"), text("Revised"), text("Withdrawn"), text("Description or rounding"),
            text("Classed now"), text("Better"), text("Worse"), text("Newly classed"), text("No longer classed"),
        ],
        "groups": [[text("Figures"), 1, 5], [text("Series by class"), 5, 10]],
        "rows": rows,
        "note": text(
            "Revised: another value, bound, unit or status. Description or rounding: the nature of the figure or its "
            "note changed, or the same figure is given with more decimals."
        ),
    }  # fmt: skip


def _busiest(evidence: Evidence, words: Words, limit: int) -> Row:
    """Series with most changed figures."""
    text, integer = words.text, words.integer
    return {
        "caption": text("Series with most changed figures, all breakdowns"),
        "none": text("No figure changed."),
        "head": [text("Series"), text("Added"), text("Revised"), text("Withdrawn"), text("Countries")],
        "rows": [
            {
                "series": series(evidence, words, row["series"]),
                "cells": [integer(row[name]) for name in ("added", "revised", "withdrawn", "members")],
            }
            for row in evidence.busiest(limit)
        ],
    }


def _goals(evidence: Evidence, words: Words) -> Row:
    """Goals whose class changed: country, goal, before, now."""
    moves = evidence.moves()
    rest = len(moves) - GOALS_SHOWN
    more = words.count("%(n)s more change is in the tables.", "%(n)s more changes are in the tables.", max(rest, 0))
    return {
        "caption": words.text("Classes of goals that changed"),
        "none": words.text("No class of a goal changed."),
        "head": [words.text("Goal"), words.text("Country"), words.text("Before"), words.text("Now")],
        "rows": [
            {
                "goal": words.goal(row["goal"]),
                "area": words.area(row["area"]),
                "before": chip(words, row["before"]),
                "after": chip(words, row["after"]),
            }
            for row in moves[:GOALS_SHOWN]
        ],
        "rest": more if rest > 0 else "",
    }


def _series(evidence: Evidence, words: Words, limit: int) -> Row:
    """Series whose class is better or worse: country, class and latest figure before and now."""
    text = words.text
    return {
        "caption": text("Series whose class is better or worse"),
        "none": text("No class of a series is better or worse."),
        "note": text("Rule: for each series the country with the largest change of the score; largest change first."),
        "head": [text("Series"), text("Country"), text("Before"), text("Now"), text("Countries changed")],
        "rows": [
            {
                "series": series(evidence, words, row["series"]),
                "area": words.area(row["area"]),
                "before": chip(words, row["old_class"]),
                "after": chip(words, row["class"]),
                "was": _figure(words, row, "old_"),
                "now": _figure(words, row, ""),
                "members": words.integer(row["members"]),
            }
            for row in evidence.class_changes(limit)
        ],
    }


def _figure(words: Words, row: Row, prefix: str) -> str:
    value = words.number(row[f"{prefix}latest_value"], row[f"{prefix}latest_bound"])
    return f"{value} ({words.year(row[f'{prefix}latest_year'])})"


def _revised(evidence: Evidence, words: Words, limit: int) -> Row:
    text = words.text
    return {
        "caption": text("Largest revisions of figures that had been the latest of their series"),
        "none": text("No latest figure with a class was revised."),
        "note": text(
            "Rule: figures behind a class, in the same unit in both releases, ordered by the change over the mean "
            "of the two values; for each series the country with the largest change."
        ),
        "head": [
            text("Series"), text("Country"), text("Year"), text("Before"), text("Now"), text("Countries revised"),
        ],
        "rows": [
            {
                "series": series(evidence, words, row["series"]),
                "cells": [
                    words.area(row["area"]),
                    words.year(row["period"]),
                    words.number(row["old_value"], row["old_bound"]),
                    words.number(row["new_value"], row["new_bound"]),
                    words.integer(row["members"]),
                ],
            }
            for row in evidence.revisions(limit)
        ],
    }  # fmt: skip

"""The section on where data are missing, and how old those are that there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from serai.publish.brief_facts import RECENT, Evidence
from serai.publish.brief_parts import heads, source
from serai.publish.brief_words import Words

__all__ = ["gaps"]

Row = dict[str, Any]


def gaps(evidence: Evidence, words: Words) -> Row:
    """Age of the latest figures by goal and country, and how far the official indicators reach."""
    text, coverage = words.text, evidence.coverage()
    return {
        "title": text("Where data are missing"),
        "text": f"{words.data(evidence.tally(), coverage)} {words.half(evidence.years())}".strip(),
        "caption": text("Median year of the latest figures by goal, and reach of the official indicators"),
        "goal": text("Goal"),
        "heads": heads(evidence, words),
        "counts": [text("all"), text("some"), text("none")],
        "groups": [text("Median year of the latest figures"), text("Indicators with data in")],
        "rows": _rows(evidence, words, {row["goal"]: row for row in coverage}),
        "totals": _totals(evidence, words),
        "ages": [
            {"age": age, "text": label}
            for age, label in enumerate(
                (
                    text("up to 2 years before the release"),
                    text("3 to 4 years"),
                    text("5 years and more"),
                    text("no figure"),
                )
            )
        ],
        "source": source(evidence, words),
    }


def _rows(evidence: Evidence, words: Words, coverage: dict[str, Row]) -> list[Row]:
    new = evidence.new.year if evidence.new else None
    return [
        {
            "goal": row["goal"],
            "title": words.of(words.names.goal(row["goal"])),
            "years": [_aged(words, cell["median_latest_year"], new) for cell in row["cells"]],
            "counts": [words.integer(coverage[row["goal"]][name]) for name in ("all", "some", "none")],
        }
        for row in evidence.grid()
    ]


def _aged(words: Words, year: float | None, new: int | None) -> Row:
    """A year and how old it is: 0 fresh to 2 old, 3 none."""
    if year is None or new is None:
        return {"text": words.year(None), "age": 3}
    gap = new - round(year)
    return {"text": words.year(year), "age": 0 if gap <= 2 else 1 if gap <= 4 else 2}


def _totals(evidence: Evidence, words: Words) -> list[Row]:
    """Rows at the foot of the table: what each country has, and what it holds back."""
    text, integer, tally = words.text, words.integer, evidence.tally()
    recent = evidence.new.year - RECENT if evidence.new else None
    lines: list[tuple[str, Callable[[Row], str]]] = [
        (text("Indicators with data"), lambda row: integer(row["with_data"])),
        (text("with figures of %(year)s or later", year=words.year(recent)), lambda row: integer(row["recent"])),
        (text("Figures withheld"), lambda row: integer(row["withheld"])),
        (text("Figures marked not applicable"), lambda row: integer(row["not_applicable"])),
    ]
    return [{"title": title, "cells": [value(row) for row in tally]} for title, value in lines]

"""The sections on the years ahead: projections in full, and the lists of what to watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from serai.publish.brief_choice import Choice, needed
from serai.publish.brief_facts import Evidence
from serai.publish.brief_parts import classed_by, crowded, good_evidence, heads, modelled, series, source
from serai.publish.brief_words import Words
from serai.publish.i18n import NO_VALUE
from serai.publish.palette import CLASSES, NO_CLASS

__all__ = ["ahead", "watch"]

Row = dict[str, Any]


def _rules(words: Words) -> Mapping[str, tuple[str, str]]:
    """What each telling series is shown as, and the rule that chose it."""
    text = words.text
    return {
        "closest": (
            text("Closest to the target"),
            text("closest to the target, the highest mean chance"),
        ),
        "divided": (text("Most divided"), text("most divided, the widest gap between countries")),
        "furthest": (text("Furthest from the target"), text("furthest from the target, the lowest mean chance")),
    }


def ahead(evidence: Evidence, choice: Choice, words: Words, charts: Mapping[str, str]) -> Row:
    """Projections of a few telling series, with their bands and their tested record."""
    text, end = words.text, str(evidence.now.manifest.end)
    rules = _rules(words)
    return {
        "title": text("What %(year)s will probably look like", year=end),
        "label": text("model output"),
        "text": text(
            "A projection is a distribution, not an official forecast. Its bands are the errors the method made "
            "when it was tested on the past; the record under each chart says how often they held."
        ),
        "rule": text(
            "Rule: among the series that have good evidence in %(k)s of %(m)s countries and a target that at most "
            "half of them meet today, no two from one goal: %(rules)s.",
            k=words.integer(choice.widest),
            m=words.integer(len(evidence.members)),
            rules=words.listed([rules[name][1] for name, _ in choice.telling if name in charts]),
        ),
        "good": good_evidence(evidence, words),
        "none": text("No series has good evidence in enough countries."),
        "charts": [
            _chart(evidence, words, rules[name][0], row, charts[name]) for name, row in choice.telling if name in charts
        ],
        "key": text(
            "Each panel has its own scale. Coloured line: observed; hollow marks: estimated or modelled figures. "
            "Dashed: median. Dark and light bands: 80% and 95%. Dotted: target. Chances beyond the tested bands are "
            "given as a limit."
        ),
        "source": source(evidence, words, modelled(words)),
    }  # fmt: skip


def _chart(evidence: Evidence, words: Words, label: str, row: Row, drawing: str) -> Row:
    text, end = words.text, str(evidence.now.manifest.end)
    about = series(evidence, words, row["series"])
    cells = row["cells"]
    for area in evidence.members:
        drawing = drawing.replace(f">{area}<", f">{words.area(area)}<").replace(
            f">{area}  –<", f">{words.area(area)}  –<"
        )
    rows = [[words.area(area), *_projected(words, cells.get(area))] for area in evidence.members]
    spoken = "; ".join(f"{name} {band} ({chance})" for name, _, band, chance in rows)
    return {
        **about,
        "label": label,
        "about": "; ".join(part for part in _details(evidence, words, row) if part),
        "svg": drawing,
        "alt": f"{label}: {about['title']['text']}. {end}: {spoken}",
        "head": [text("Country"), text("Last figure"), text("%(year)s: median, 80%% band", year=end), text("Chance")],
        "rows": rows,
        "record": text("Tested record: %(record)s.", record=words.record(list(cells.values()))),
    }


def _details(evidence: Evidence, words: Words, row: Row) -> tuple[str, str, str]:
    """Unit, slice and target of a series."""
    first: Row = next(iter(evidence.now.headline_of.get(row["series"], ())), {})
    slice_ = words.of(words.names.slice(first.get("dimensions")))
    return words.of(words.names.unit(first.get("unit"))), slice_, _aim(evidence, words, row["series"])


def _aim(evidence: Evidence, words: Words, code: str) -> str:
    """The target, where it is the same for all; where each country has its own, that is said."""
    rows = (found for (name, _), found in evidence.now.progress_of.items() if name == code)
    targets = {row["target"] for row in rows if row["target"] is not None}
    if len(targets) == 1:
        return words.text("target: %(value)s", value=words.number(targets.pop()))
    return words.text("each country has its own target") if targets else ""


def _projected(words: Words, cell: Row | None) -> list[str]:
    if cell is None:
        return [NO_VALUE] * 3
    last = f"{words.number(cell['last_value'])} ({words.year(cell['last_year'])})"
    return [
        last,
        f"{words.number(cell['median'])} ({words.span(cell['lo80'], cell['hi80'])})",
        words.chance(cell["p_target"]),
    ]


def watch(evidence: Evidence, choice: Choice, words: Words) -> Row:
    """Lists of targets that will hardly be met, of those in the balance, and of series that move the wrong way."""
    text, end = words.text, str(evidence.now.manifest.end)
    counts = _counts(evidence, words)
    unlikely = _chances(evidence, words, choice.unlikely) | {
        "caption": text("Targets least likely to be met by %(year)s: chance by country", year=end),
        "none": text("No series has good evidence in enough countries."),
        "rule": text(
            "Rule: good evidence (see the notes) in at least %(k)s of %(m)s countries; lowest mean chance first, "
            "then lowest mean score; one series a goal.",
            **counts,
        ),
    }
    balance = _chances(evidence, words, choice.balance) | {
        "caption": text("Targets in the balance for %(year)s: chance by country", year=end),
        "none": text("No series with good evidence in enough countries has a mean chance between one and two thirds."),
        "rule": text(
            "Rule: good evidence in at least %(k)s of %(m)s countries and a mean chance between one and two thirds; "
            "nearest to one half first; one series a goal.",
            **counts,
        ),
    }
    return {
        "title": text("What to watch"),
        "text": text("The lists are made by rule. They point to where a closer look pays; they do not rank countries."),
        "heads": heads(evidence, words),
        "series": text("Series"),
        "unlikely": unlikely,
        "balance": balance,
        "away": _away(evidence, choice, words),
    }


def _chances(evidence: Evidence, words: Words, chosen: Sequence[Row]) -> Row:
    """Rows of a list of chances."""
    return {
        "label": words.text("model output"),
        "last": words.text("Mean"),
        "rows": [
            {
                "series": series(evidence, words, row["series"]),
                "cells": [words.chance((row["cells"].get(area) or {}).get("p_target")) for area in evidence.members],
                "last": words.chance(row["mean"]),
            }
            for row in chosen
        ],
        "source": source(evidence, words, modelled(words)),
    }


def _away(evidence: Evidence, choice: Choice, words: Words) -> Row:
    text, members = words.text, words.integer(len(evidence.members))
    rule = text(
        "Rule: a class in at least %(k)s of %(m)s countries, and deterioration in more than half of all; most "
        "countries first, then lowest mean score; one series a goal.",
        **_counts(evidence, words),
    )
    brief = crowded(evidence)
    below = "" if brief else text("Under the sign: first and last figure, and their years.")
    return {
        "caption": text("Series that move away in most countries: class by country"),
        "label": "",
        "last": text("Away"),
        "none": text("No series moves away in more than half of the countries."),
        "rule": f"{rule} {below}".strip(),
        "rows": [
            {
                "series": series(evidence, words, row["series"]),
                "cells": [_moving(words, row["cells"].get(area), brief=brief) for area in evidence.members],
                "last": f"{words.integer(row['away'])}/{members}",
            }
            for row in choice.away
        ],
        "source": source(evidence, words, classed_by(words)),
    }


def _counts(evidence: Evidence, words: Words) -> dict[str, str]:
    members = len(evidence.members)
    return {"k": words.integer(needed(members)), "m": words.integer(members)}


def _moving(words: Words, cell: Row | None, *, brief: bool) -> Row:
    """Sign of the class, with the first and the last figure it rests on unless it is to be ``brief``."""
    mark = CLASSES[cell["class"]] if cell else NO_CLASS
    shown = {"fill": mark.fill, "ink": mark.ink, "sign": mark.sign}
    if cell is None or brief:
        return {**shown, "text": "", "years": ""}
    return {
        **shown,
        "text": f"{words.number(cell['base_value'])} → {words.number(cell['latest_value'], cell['latest_bound'])}",
        "years": f"{words.year(cell['base_year'])}–{words.year(cell['latest_year'])}",
    }  # fmt: skip

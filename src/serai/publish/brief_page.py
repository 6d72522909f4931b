"""Everything the pages of a brief show, in a language, as the template reads it: texts and drawings, no arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from serai.assess.methods import method
from serai.publish.brief_choice import MIN_RECORD, OLDEST, Choice, needed
from serai.publish.brief_facts import RECENT, Evidence
from serai.publish.brief_notes import notes
from serai.publish.brief_words import Words, tied
from serai.publish.messages import CLASS_MEANINGS, CLASS_NAMES, CLASS_SHORT
from serai.publish.palette import CLASSES, NO_CLASS

__all__ = ["METHOD", "page"]

Row = dict[str, Any]
METHOD = "statcan"
WIDEST = 8
"""Members up to which a table has room for their names; beyond it shows their codes."""
MOVES_SHOWN = 16


def page(evidence: Evidence, choice: Choice, words: Words, charts: Mapping[str, str], revised: Sequence[Row]) -> Row:
    """Everything the template needs for one language.

    Args:
        evidence: the figures.
        choice: the series chosen.
        words: the language.
        charts: drawing (SVG) of each telling series by its name.
        revised: the largest revisions.
    """
    tally, grid = evidence.tally(), evidence.grid()
    made = {
        "lang": words.code,
        "dir": words.language.direction,
        "cover": _cover(evidence, words),
        "findings": _findings(evidence, choice, words, tally, grid),
        "glance": _glance(words, tally),
        "stands": _stands(evidence, words, grid),
        "moved": _moved(evidence, words, revised),
        "ahead": _ahead(evidence, choice, words, charts),
        "gaps": _gaps(evidence, words, tally, grid),
        "watch": _watch(evidence, choice, words),
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


def _heads(evidence: Evidence, words: Words) -> list[str]:
    """Heads of the members' columns."""
    wide = len(evidence.members) > WIDEST
    return [area if wide else words.area(area) for area in evidence.members]


def _source(evidence: Evidence, words: Words, *more: str) -> str:
    """Whose figures, which release, and what we did to them."""
    provider = words.of(words.names.provider(evidence.now.manifest.primary_provider))
    figures = words.text("Source: %(provider)s, release of %(date)s.", provider=provider, date=words.day(evidence.new))
    return " ".join((figures, *more))


def _classed(words: Words) -> str:
    entry = method(METHOD)
    title = words.of({"en": entry.title_en, "ru": entry.title_ru})
    return words.text("Classes: Serai, by the method of %(method)s.", method=title)


def _modelled(words: Words) -> str:
    return words.text("Projections: Serai, model output.")


def _cover(evidence: Evidence, words: Words) -> Row:
    manifest = evidence.now.manifest
    title = words.of(manifest.title)
    day = words.day(evidence.new)
    return {
        "kicker": words.text("Regional brief on the Sustainable Development Goals"),
        "title": title,
        "subtitle": words.text("Where the region stands, what moved, what is missing and what to watch"),
        "centre": words.of(manifest.centre),
        "release": _source(evidence, words),
        "footer": words.text("%(title)s: brief on the figures released on %(date)s", title=title, date=day),
        "page": words.text("Page"),
        "date": evidence.new.isoformat() if evidence.new else "",
    }


def _findings(evidence: Evidence, choice: Choice, words: Words, tally: list[Row], grid: list[Row]) -> Row:
    text, end = words.text, evidence.now.manifest.end
    members = len(evidence.members)
    items = [
        (text("Where the region stands"), words.standing(tally), ""),
        (text("Ahead and behind"), words.ends(grid, members), ""),
        (text("What moved"), words.moved(evidence.old, evidence.new, evidence.change_counts(), evidence.moves()), ""),
        (text("What %(year)s will probably look like", year=str(end)), words.outlook(choice.pairs, end), _model(words)),
        (text("Where data are missing"), words.data(tally, evidence.coverage()), ""),
    ]
    return {
        "title": text("In brief"),
        "items": [{"lead": lead, "text": body, "label": label} for lead, body, label in items],
    }


def _model(words: Words) -> str:
    return words.text("model output")


def _glance(words: Words, tally: list[Row]) -> Row:
    text = words.text
    rows = [
        [
            words.area(row["area"]),
            *(words.integer(row[name]) for name in ("on_track", "slow", "away", "none")),
            f"{words.integer(row['with_data'])} ({words.share(row['with_data'], row['indicators'])})",
            words.year(row["median_year"]),
        ]
        for row in tally
    ]
    total = words.integer(tally[0]["indicators"]) if tally else "0"
    return {
        "caption": text("The countries at a glance"),
        "head": [
            text("Country"), text("On track or achieved"), text("Too slow"), text("Moving away"), text("No class"),
            text("Indicators with data, of %(n)s", n=total), text("Median year of latest figures"),
        ],
        "groups": [[text("Goals, of 17"), 1, 5]],
        "rows": rows,
    }  # fmt: skip


def _stands(evidence: Evidence, words: Words, grid: list[Row]) -> Row:
    text = words.text
    counts = [
        sum(row["cells"][place]["standing"] == "on_track" for row in grid) for place in range(len(evidence.members))
    ]
    return {
        "title": text("Where the region stands"),
        "text": text(
            "Each country is measured against each goal by the same published method. A class sums up the series of the "
            "goal that can be judged; the fraction beside it says for how many of the goal’s official indicators the "
            "country has data. The smaller the fraction, the less the class can carry. A cell without a class is a gap "
            "in the evidence, not a bad result."
        ),
        "caption": text("Class of progress, and official indicators with data out of all indicators of the goal"),
        "goal": text("Goal"),
        "heads": _heads(evidence, words),
        "rows": [
            {"goal": row["goal"], "title": words.of(words.names.goal(row["goal"])), "cells": _cells(words, row["cells"])}
            for row in grid
        ],
        "total": {"title": text("Goals on track or achieved"), "cells": [words.integer(count) for count in counts]},
        "legend": legend(words),
        "notes": _goal_notes(evidence, words, grid),
        "source": _source(evidence, words, _classed(words)),
    }


def _cells(words: Words, cells: Iterable[Row]) -> list[Row]:
    out = []
    for cell in cells:
        mark = CLASSES.get(cell["class"] or "", NO_CLASS)
        total = cell["indicators"]
        share = f"{words.integer(cell['indicators_with_data'] or 0)}/{words.integer(total)}" if total else ""
        out.append({"fill": mark.fill, "ink": mark.ink, "sign": mark.sign, "text": share})
    return out


def legend(words: Words) -> list[Row]:
    """Signs of the classes with name and meaning."""
    return [
        {
            "fill": mark.fill, "ink": mark.ink, "sign": mark.sign, "name": words.text(CLASS_NAMES[mark.name]),
            "meaning": words.text(CLASS_MEANINGS[mark.name]),
        }
        for mark in (*CLASSES.values(), NO_CLASS)
    ]  # fmt: skip


def _goal_notes(evidence: Evidence, words: Words, grid: list[Row]) -> list[str]:
    """What the pack says of goals that stay empty, where they do."""
    empty = {(row["goal"], cell["area"]) for row in grid for cell in row["cells"] if not cell["class"]}
    return [
        words.text("Goal %(goal)s: %(note)s", goal=note.goal, note=words.of(note.text))
        for note in evidence.now.manifest.goal_notes
        if any((note.goal, area) in empty for area in note.members)
    ]


def _moved(evidence: Evidence, words: Words, revised: Sequence[Row]) -> Row:
    text = words.text
    made: Row = {"title": text("What moved since the previous release"), "source": _source(evidence, words)}
    if evidence.old is None:
        return {**made, "text": words.moved(None, evidence.new, [], []), "counts": None, "classes": None, "revised": None}
    return {
        **made,
        "text": text(
            "The release of %(new)s is compared with that of %(old)s. Classes of the earlier release are computed with "
            "today’s rules, so that every difference comes from the figures.",
            new=words.day(evidence.new),
            old=words.day(evidence.old),
        ),
        "counts": _counts(evidence, words),
        "classes": _class_table(evidence, words),
        "revised": _revised(evidence, words, revised),
        "source": _source(evidence, words, _since(evidence, words), _classed(words)),
    }


def _since(evidence: Evidence, words: Words) -> str:
    return words.text("Compared with the release of %(date)s.", date=words.day(evidence.old))


def _counts(evidence: Evidence, words: Words) -> Row:
    text, integer = words.text, words.integer
    series = {row["area"]: row for row in evidence.series_moves()}
    rows = [
        [
            words.area(row["area"]),
            *(integer(row[name]) for name in ("added", "revised", "withdrawn", "described")),
            *(integer(series[row["area"]][name]) for name in ("classed", "better", "worse", "gained", "lost")),
        ]
        for row in evidence.change_counts()
    ]
    return {
        "caption": text("Figures and classes of series that changed"),
        "head": [
            text("Country"), text("Added"), text("Revised"), text("Withdrawn"), text("Only described anew"),
            text("Classed now"), text("Better"), text("Worse"), text("Newly classed"), text("No longer classed"),
        ],
        "groups": [[text("Figures"), 1, 5], [text("Series by class"), 5, 10]],
        "rows": rows,
        "note": text(
            "Revised: another value, bound, unit or status. Only described anew: the nature of the figure or its note "
            "changed, the value did not."
        ),
    }  # fmt: skip


def _class_table(evidence: Evidence, words: Words) -> Row:
    """Goals whose class changed: country, goal, before, now."""
    moves = evidence.moves()
    shown = moves[:MOVES_SHOWN]
    rest = len(moves) - len(shown)
    return {
        "caption": words.text("Classes of goals that changed"),
        "text": words.class_moves(moves),
        "head": [words.text("Goal"), words.text("Country"), words.text("Before"), words.text("Now")],
        "rows": [
            {
                "goal": words.goal(row["goal"]),
                "area": words.area(row["area"]),
                "before": _chip(words, row["before"]),
                "after": _chip(words, row["after"]),
            }
            for row in shown
        ],
        "rest": words.count("%(n)s more change is in the table of goals.", "%(n)s more changes are in the table of goals.", rest)
        if rest
        else "",
    }  # fmt: skip


def _chip(words: Words, name: str | None) -> Row:
    mark = CLASSES.get(name or "", NO_CLASS)
    return {"fill": mark.fill, "ink": mark.ink, "sign": mark.sign, "name": words.text(CLASS_SHORT[mark.name])}


def _revised(evidence: Evidence, words: Words, revised: Sequence[Row]) -> Row:
    text = words.text
    return {
        "caption": text("Largest revisions of figures that had been the latest of their series"),
        "note": text(
            "Rule: headline slices that have a class, same unit in both releases, ordered by the change over the mean of "
            "the two values; one country a series."
        ),
        "none": text("No latest figure with a class was revised."),
        "head": [
            text("Series"), text("Country"), text("Year"), text("Before"), text("Now"), text("Countries revised"),
        ],
        "rows": [
            {
                "series": _series(evidence, words, row["series"]),
                "cells": [
                    words.area(row["area"]),
                    words.year(row["period"]),
                    words.number(row["old_value"], row["old_bound"]),
                    words.number(row["new_value"], row["new_bound"]),
                    words.integer(row["members"]),
                ],
            }
            for row in revised
        ],
    }  # fmt: skip


def _series(evidence: Evidence, words: Words, code: str) -> Row:
    """Indicator, title and code of a series."""
    indicators = evidence.now.indicators_of.get(code, [])
    return {
        "code": code,
        "indicator": indicators[0]["indicator"] if indicators else "",
        "title": words.foreign(words.names.series(code)),
    }


def _good(evidence: Evidence, words: Words) -> str:
    """What good evidence is."""
    year = evidence.new.year - OLDEST if evidence.new else None
    return words.text(
        "Good evidence: a numeric target, a last figure of %(year)s or later, and at least %(n)s past cases in the "
        "series’ own tested record.",
        year=words.year(year),
        n=words.integer(MIN_RECORD),
    )


def _ahead(evidence: Evidence, choice: Choice, words: Words, charts: Mapping[str, str]) -> Row:
    text, end = words.text, str(evidence.now.manifest.end)
    members = len(evidence.members)
    rules: Mapping[str, tuple[str, str]] = {
        "closest": (
            text("Closest to the target"),
            text("the highest mean chance, among series that at most half of the countries meet today"),
        ),
        "divided": (text("Most divided"), text("the widest gap between the countries’ chances")),
        "furthest": (text("Furthest from the target"), text("the lowest mean chance")),
    }
    return {
        "title": text("What %(year)s will probably look like", year=end),
        "label": _model(words),
        "text": text(
            "A projection is a distribution, not an official forecast. Its bands are the errors the method made when it was "
            "tested on what was known at the time of earlier releases."
        ),
        "rule": words.count(
            "%(n)s series has good evidence in at least %(k)s of %(m)s countries. Shown by rule, no two of one goal: %(rules)s.",
            "%(n)s series have good evidence in at least %(k)s of %(m)s countries. Shown by rule, no two of one goal: "
            "%(rules)s.",
            choice.considered,
            k=words.integer(needed(members)),
            m=words.integer(members),
            rules=words.listed([f"{name.lower()}: {rule}" for name, rule in rules.values()]),
        ),
        "good": _good(evidence, words),
        "none": text("No series has good evidence in enough countries."),
        "charts": [
            _chart(evidence, words, rules[name][0], row, charts[name]) for name, row in choice.telling if name in charts
        ],
        "key": text(
            "Coloured line: observed; hollow marks: estimated or modelled. Dashed: median. Dark and light bands: 80% and 95%. "
            "Dotted: target. A dash: no good evidence."
        ),
        "source": _source(evidence, words, _modelled(words)),
    }  # fmt: skip


def _chart(evidence: Evidence, words: Words, label: str, row: Row, drawing: str) -> Row:
    text, end = words.text, str(evidence.now.manifest.end)
    series = _series(evidence, words, row["series"])
    unit = next(iter(evidence.now.headline_of.get(row["series"], ())), {}).get("unit")
    slice_ = words.of(words.names.slice(_dimensions(evidence, row["series"])))
    rows = []
    for area in evidence.members:
        cell = row["cells"].get(area)
        rows.append([area, words.area(area), *_projected(words, cell)])
    return {
        **series,
        "label": label,
        "about": "; ".join(part for part in (words.of(words.names.unit(unit)), slice_, _aim(evidence, words, row)) if part),
        "svg": drawing,
        "alt": f"{label}: {series['title']['text']}",
        "head": ["", text("Country"), text("Last figure"), text("%(year)s: median and 80% band", year=end), text("Chance")],
        "rows": rows,
        "record": text("Tested record: %(record)s.", record=words.record(list(row["cells"].values()))),
    }


def _dimensions(evidence: Evidence, series: str) -> str:
    rows = evidence.now.headline_of.get(series, ())
    return next((row["dimensions"] for row in rows), "") or ""


def _aim(evidence: Evidence, words: Words, row: Row) -> str:
    """The target, where it is the same for all; where each country has its own, that is said."""
    targets = {
        found["target"] for (series, _), found in evidence.now.progress_of.items()
        if series == row["series"] and found["target"] is not None
    }  # fmt: skip
    if len(targets) == 1:
        return words.text("target: %(value)s", value=words.number(targets.pop()))
    return words.text("each country has its own target") if targets else ""


def _projected(words: Words, cell: Row | None) -> list[str]:
    if cell is None:
        return [words.language.number(None), words.language.number(None), words.chance(None)]
    last = f"{words.number(cell['last_value'])} ({words.year(cell['last_year'])})"
    band = f"{words.number(cell['median'])} ({words.number(cell['lo80'])} … {words.number(cell['hi80'])})"
    return [last, band, words.chance(cell["p_target"])]


def _gaps(evidence: Evidence, words: Words, tally: list[Row], grid: list[Row]) -> Row:
    text = words.text
    coverage = {row["goal"]: row for row in evidence.coverage()}
    new = evidence.new.year if evidence.new else None
    rows = [
        {
            "goal": row["goal"],
            "title": words.of(words.names.goal(row["goal"])),
            "years": [_aged(words, cell["median_latest_year"], new) for cell in row["cells"]],
            "counts": [words.integer(coverage[row["goal"]][name]) for name in ("indicators", "all", "some", "none")],
        }
        for row in grid
    ]
    return {
        "title": text("Where data are missing"),
        "text": f"{words.data(tally, list(coverage.values()))} {_half(words, evidence)}".strip(),
        "caption": text("Median year of the latest figures by goal, and reach of the official indicators"),
        "goal": text("Goal"),
        "heads": _heads(evidence, words),
        "counts": [text("In the list"), text("All"), text("Some"), text("None")],
        "groups": [text("Median year of latest figures"), text("Indicators with data in … countries")],
        "rows": rows,
        "totals": _totals(evidence, words, tally),
        "ages": [
            {"age": age, "text": label}
            for age, label in (
                (0, text("up to 2 years before the release")),
                (1, text("3 to 4 years")),
                (2, text("5 years and more")),
                (3, text("no figure")),
            )
        ],
        "source": _source(evidence, words),
    }


def _aged(words: Words, year: float | None, new: int | None) -> Row:
    """A year and how old it is: 0 fresh to 2 old, 3 none."""
    if year is None or new is None:
        return {"text": words.year(None), "age": 3}
    gap = new - round(year)
    return {"text": words.year(year), "age": 0 if gap <= 2 else 1 if gap <= 4 else 2}


def _half(words: Words, evidence: Evidence) -> str:
    years = sorted(evidence.now.progress["latest_year"].drop_nulls().to_list())
    if not years:
        return ""
    return words.text("Half of all latest figures are of %(year)s or older.", year=words.year(years[(len(years) - 1) // 2]))


def _totals(evidence: Evidence, words: Words, tally: list[Row]) -> list[Row]:
    """Rows at the foot of the table: what each country has, and what it holds back."""
    text, integer = words.text, words.integer
    recent = evidence.new.year - RECENT if evidence.new else None
    lines: list[tuple[str, Callable[[Row], str]]] = [
        (text("Indicators with data"), lambda row: integer(row["with_data"])),
        (text("Of these, figures of %(year)s or later", year=words.year(recent)), lambda row: integer(row["recent"])),
        (text("Figures withheld"), lambda row: integer(row["withheld"])),
        (text("Figures marked as not applicable"), lambda row: integer(row["not_applicable"])),
    ]
    return [{"title": title, "cells": [value(row) for row in tally]} for title, value in lines]


def _watch(evidence: Evidence, choice: Choice, words: Words) -> Row:
    text, end = words.text, str(evidence.now.manifest.end)
    counts = {"k": words.integer(needed(len(evidence.members))), "m": words.integer(len(evidence.members))}
    return {
        "title": text("What to watch"),
        "text": text("Both lists are made by rule. They point to where a closer look pays; they do not rank countries."),
        "heads": _heads(evidence, words),
        "series": text("Series"),
        "unlikely": {
            "caption": text("Targets least likely to be met by %(year)s: chance by country", year=end),
            "label": _model(words),
            "last": text("Mean"),
            "none": text("No series has good evidence in enough countries."),
            "rule": text(
                "Rule: good evidence in at least %(k)s of %(m)s countries; lowest mean chance first, then lowest mean score; "
                "one series a goal.",
                **counts,
            ),
            "rows": [
                {
                    "series": _series(evidence, words, row["series"]),
                    "cells": [words.chance((row["cells"].get(area) or {}).get("p_target")) for area in evidence.members],
                    "last": words.chance(row["mean"]),
                }
                for row in choice.unlikely
            ],
            "source": _source(evidence, words, _modelled(words)),
        },
        "away": {
            "caption": text("Series that move away in most countries: class by country"),
            "label": "",
            "last": text("Away"),
            "none": text("No series moves away in more than half of the countries."),
            "rule": text(
                "Rule: a class in at least %(k)s of %(m)s countries and deterioration in more than half of all; most countries "
                "first, then lowest mean score; one series a goal.",
                **counts,
            ),
            "rows": [
                {
                    "series": _series(evidence, words, row["series"]),
                    "cells": [_moving(words, row["cells"].get(area)) for area in evidence.members],
                    "last": f"{words.integer(row['away'])}/{words.integer(len(evidence.members))}",
                }
                for row in choice.away
            ],
            "source": _source(evidence, words, _classed(words)),
        },
    }  # fmt: skip


def _moving(words: Words, cell: Row | None) -> Row:
    """Sign of the class, with the first and the last figure it rests on."""
    if cell is None:
        return {"fill": NO_CLASS.fill, "ink": NO_CLASS.ink, "sign": NO_CLASS.sign, "text": ""}
    mark = CLASSES[cell["class"]]
    span = f"{words.number(cell['base_value'])} → {words.number(cell['latest_value'])}"
    years = f"{words.year(cell['base_year'])}–{words.year(cell['latest_year'])}"
    return {"fill": mark.fill, "ink": mark.ink, "sign": mark.sign, "text": span, "years": years}

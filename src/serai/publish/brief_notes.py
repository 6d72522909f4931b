"""The last section of a brief: methods, natures of the figures, sources, licences, disclaimer."""

from __future__ import annotations

from typing import Any

from serai.publish.brief_facts import Evidence
from serai.publish.brief_parts import good_evidence, method_title
from serai.publish.brief_words import Words
from serai.publish.messages import NATURES

__all__ = ["notes"]

Row = dict[str, Any]


def notes(evidence: Evidence, words: Words) -> Row:
    """Headed paragraphs."""
    text, manifest = words.text, evidence.now.manifest
    start, end = str(manifest.start), str(manifest.end)
    items: list[tuple[str, str | Row]] = [
        (
            text("Classes"),
            text(
                "Method of %(method)s. The yearly change since %(start)s is set against the change that would reach "
                "the target in %(end)s; where a series has a direction and no numeric target, the size of the "
                "change decides. Scores are averaged from series to indicators and from indicators to goals.",
                method=method_title(words),
                start=start,
                end=end,
            ),
        ),
        (
            text("Series and slices"),
            text(
                "Each series is represented by one slice, as a rule the total; a reviewed table says which and why. "
                "A numeric target is used only where the official text sets one in the unit of the series. A title "
                "without a wording in this language stands in English."
            ),
        ),
        (text("Missing, withheld, zero"), _absences(evidence, words)),
        (text("Nature of the figures"), _natures(evidence, words)),
        (
            text("Projections"),
            text(
                "Model output: an ensemble of methods for short series. The record says how many past cases a "
                "series’ band was tested on and how often the band held; up to six years ahead in real time, beyond "
                "that on revised data. The chance is the share of the distribution that meets the target, without "
                "tolerance. A class looks back at the growth so far and a chance ahead, so the two may part."
            )
            + f" {good_evidence(evidence, words)}",
        ),
        (text("Sources and licences"), _sources(evidence)),
        (
            text("Files"),
            text("All tables behind these pages are in the folder data/ beside this brief, as CSV and parquet."),
        ),
        (text("Disclaimer"), words.of(manifest.disclaimer)),
    ]  # fmt: skip
    made = [{"lead": lead, "text": words.said(body)} for lead, body in items if body]
    return {"title": text("Notes on methods and sources"), "items": made, "first": _break(made)}


def _absences(evidence: Evidence, words: Words) -> str:
    tally = evidence.tally()
    said = words.text(
        "A figure that is missing, one that is withheld and a zero are three different things and are never added "
        "together."
    )
    held = sum(row["withheld"] for row in tally)
    none = words.text("No figure of these countries is withheld in the releases shown.")
    some = words.count("%(n)s figure is withheld.", "%(n)s figures are withheld.", held)
    return f"{said} {some if held else none}"


def _natures(evidence: Evidence, words: Words) -> str:
    """Of which nature the latest figures are, in shares."""
    counts = evidence.natures()
    total = sum(counts.values())
    if not total:
        return ""
    unsaid = words.text("nature not stated")
    named = {code: words.text(NATURES[code]) if code in NATURES else unsaid for code in counts}
    parts = [
        f"{named[code]} {words.share(count, total)}"
        for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return words.text("Latest figures of the series shown: %(parts)s.", parts=words.listed(parts))


def _sources(evidence: Evidence) -> Row:
    """Who the tables behind the brief are from, under which licence, each once; in the language of the pack."""
    used = (f"observations/{evidence.now.manifest.primary_provider}", "sdg/", "geometry/")
    tables = evidence.now.pack.sources.table
    found = [table for prefix in used for table in tables if table.file.startswith(prefix)]
    named = dict.fromkeys(f"{table.provider} ({table.licence})" for table in found)
    return {"text": "; ".join(named) + ".", "lang": "en"}


def _break(items: list[Row]) -> int:
    """How many paragraphs stand in the first of two columns of about the same length."""
    sizes = [len(item["text"]["text"]) for item in items]
    return min(range(len(sizes) + 1), key=lambda place: abs(sum(sizes[:place]) - sum(sizes[place:])))

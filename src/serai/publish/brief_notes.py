"""The last section of a brief: methods, natures of the figures, sources, licences, disclaimer."""

from __future__ import annotations

from typing import Any

from serai.assess.methods import method
from serai.publish.brief_facts import Evidence
from serai.publish.brief_words import Words
from serai.publish.messages import NATURES

__all__ = ["notes"]

Row = dict[str, Any]


def notes(evidence: Evidence, words: Words) -> Row:
    """Headed paragraphs."""
    text, manifest = words.text, evidence.now.manifest
    entry = method("statcan")
    title = words.of({"en": entry.title_en, "ru": entry.title_ru})
    start, end = str(manifest.start), str(manifest.end)
    items = [
        (
            text("Classes"),
            text(
                "Method of %(method)s. The yearly change since %(start)s is set against the change that would reach the "
                "target in %(end)s; where a series has a direction and no numeric target, the size of the change decides. "
                "Scores are averaged from series to indicators and from indicators to goals.",
                method=title,
                start=start,
                end=end,
            ),
        ),
        (
            text("Series"),
            text(
                "Each series is represented by one slice, as a rule the total; a reviewed table says which and why. "
                "A numeric target is used only where the official text sets one in the unit of the series."
            ),
        ),
        (text("Missing, withheld, zero"), _absences(evidence, words)),
        (text("Nature of the figures"), _natures(evidence, words)),
        (
            text("Projections"),
            text(
                "Model output: an ensemble of methods for short series. The record says how many past cases a series’ band was "
                "tested on and how often the band held; up to six years ahead in real time, beyond that on revised data. "
                "The chance is the share of the distribution that meets the target."
            ),
        ),
        (text("Sources and licences"), _sources(evidence, words)),
        (text("Files"), text("All tables behind these pages are in the folder data/ beside this brief, as CSV and parquet.")),
        (text("Disclaimer"), words.of(manifest.disclaimer)),
    ]  # fmt: skip
    return {
        "title": text("Notes on methods and sources"),
        "items": [{"lead": lead, "text": body} for lead, body in items if body],
    }


def _absences(evidence: Evidence, words: Words) -> str:
    tally = evidence.tally()
    said = words.text(
        "A figure that is missing, one that is withheld and a zero are three different things and are never added together."
    )
    held = sum(row["withheld"] for row in tally)
    if not held:
        return f"{said} {words.text('No figure of these countries is withheld in this release.')}"
    counted = words.count("%(n)s figure is withheld.", "%(n)s figures are withheld.", held)
    return f"{said} {counted}"


def _natures(evidence: Evidence, words: Words) -> str:
    """Of which nature the latest figures are, in shares."""
    counts = evidence.natures()
    total = sum(counts.values())
    if not total:
        return ""
    parts = [
        f"{words.text(NATURES[code]) if code in NATURES else words.text('nature not stated')} {words.share(count, total)}"
        for code, count in sorted(counts.items(), key=lambda item: -item[1])
    ]
    return words.text("Latest figures of the series shown: %(parts)s.", parts=words.listed(parts))


def _sources(evidence: Evidence, words: Words) -> str:
    """Each provider of a table of the pack with its licences, once."""
    found: dict[tuple[str, str], list[str]] = {}
    for table in evidence.now.pack.sources.table:
        found.setdefault((table.provider, table.licence), []).append(table.release)
    return words.listed([f"{provider} ({licence})" for provider, licence in found]) + "."

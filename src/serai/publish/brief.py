"""The brief: a short PDF that an adviser can forward, in every language of the region."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl

from serai.publish.brief_choice import choose
from serai.publish.brief_facts import BriefRegion, Evidence, ask
from serai.publish.brief_page import page
from serai.publish.brief_words import Words
from serai.publish.charts import fan_chart
from serai.publish.draw import svg, with_decimal
from serai.publish.output import write_new

__all__ = ["BriefReport", "build_brief"]

Row = dict[str, Any]
Progress = Callable[[str, int, int], None]
REVISIONS = 6
_SIZE = re.compile(r'font-size="([0-9.]+)px"')
_FAMILY = re.compile(r'font-family="[^"]*"')
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
LETTERS = 1.2
"""Letters of a drawing are set this much larger on paper, where it stands smaller than on a screen."""


@dataclass
class BriefReport:
    """What was written.

    Attributes:
        files: the PDF of each language.
        pages: its number of pages.
    """

    files: dict[str, Path] = field(default_factory=dict)
    seconds: float = 0.0


def _nothing(step: str, done: int, total: int) -> None:
    """Tell nobody."""


def build_brief(
    region: BriefRegion,
    out: Path | str,
    *,
    languages: Sequence[str] | None = None,
    progress_callback: Progress = _nothing,
) -> BriefReport:
    """Write the brief of a region: ``brief.pdf`` in the first language, ``brief.<code>.pdf`` in the others.

    The same figures give the same bytes: the date of the document is that of the latest release.

    Args:
        region: the region; only its public tables are used.
        out: directory to write into.
        languages: codes; by default the languages the pack publishes.
        progress_callback: told of long work as ``(step, done, total)``.

    Raises:
        OutputError: ``out`` cannot be written.
    """
    tongues = tuple(languages or region.pack.manifest.published_languages)
    evidence = ask(region, tongues)
    choice = choose(evidence)
    drawings = {name: svg(_figure(evidence, row)) for name, row in choice.telling}
    revised = evidence.revisions(REVISIONS)
    report = BriefReport()
    for number, code in enumerate(tongues):
        words = Words(code, evidence.now.names)
        charts = {name: _printed(drawing, words.language.decimal) for name, drawing in drawings.items()}
        content = typeset(page(evidence, choice, words, charts, revised), evidence)
        path = Path(out) / ("brief.pdf" if number == 0 else f"brief.{code}.pdf")
        write_new(path, content)
        report.files[code] = path
        progress_callback("brief", number + 1, len(tongues))
    return report


def _figure(evidence: Evidence, row: Row) -> Any:  # noqa: ANN401
    """Panels of a series: what was observed, and what is projected where the evidence is good."""
    now, code = evidence.now, row["series"]
    observed = pl.DataFrame(
        [(r["area"], r["period"], r["value"], r["nature"]) for r in now.headline_of.get(code, ()) if r["value"] is not None],
        schema={"area": pl.String, "period": pl.Int32, "value": pl.Float64, "nature": pl.String},
        orient="row",
    )
    paths = [r for r in now.projection_of.get(code, ()) if r["area"] in row["cells"] and r["median"] is not None]
    targets = {
        area: found["target"] for (series, area), found in now.progress_of.items()
        if series == code and found["target"] is not None
    }  # fmt: skip
    return fan_chart(observed, pl.DataFrame(paths), evidence.members, targets=targets, end=now.manifest.end)


def _printed(drawing: str, mark: str) -> str:
    """A drawing for paper: the document's letters, a little larger, and the language's decimal mark."""
    drawing = _FAMILY.sub('font-family="Noto Sans"', _STYLE.sub("", drawing))
    drawing = _SIZE.sub(lambda found: f'font-size="{float(found[1]) * LETTERS:.1f}px"', drawing)
    return with_decimal(drawing, mark)


def typeset(content: Mapping[str, Any], evidence: Evidence) -> bytes:
    """The PDF of a page tree (see :func:`serai.publish.brief_page.page`)."""
    import typst

    data = json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True)
    day = evidence.new
    stamp = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else datetime(2000, 1, 1, tzinfo=UTC)
    root = resources.files("serai.publish")
    with resources.as_file(root / "brief") as folder, resources.as_file(root / "fonts") as fonts:
        made: bytes = typst.compile(
            str(folder / "brief.typ"),
            root=str(folder),
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            sys_inputs={"data": data},
            format="pdf",
            timestamp=int(stamp.timestamp()),
        )
    return made

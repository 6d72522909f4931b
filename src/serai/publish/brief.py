"""The brief: a short PDF that an adviser can forward, in every language of the region."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl

from serai.publish.brief_choice import choose
from serai.publish.brief_facts import BriefRegion, Evidence, ask
from serai.publish.brief_page import page
from serai.publish.brief_words import Words
from serai.publish.charts import fan_chart
from serai.publish.draw import svg, with_decimal
from serai.publish.material import Material
from serai.publish.output import write_new
from serai.publish.views_overview import map_figure

__all__ = ["BriefReport", "brief_names", "build_brief"]

Row = dict[str, Any]
Progress = Callable[[str, int, int], None]
_SIZE = re.compile(r'font-size="([0-9.]+)px"')
_FAMILY = re.compile(r'font-family="[^"]*"')
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
MOST_PAGES = 6
STANDARD: Final = "ua-1"
"""PDF/UA: the file can be read aloud, with headings, tables and alternative texts."""
COLUMNS = 3
"""Panels of a drawing side by side."""
LETTERS = 1.2
"""Letters of a drawing are set this much larger on paper, where it stands smaller than on a screen."""


class _Density(NamedTuple):
    """How much is shown: rows of a table of series, projections in full, and whether there is a map."""

    rows: int
    charts: int
    map: bool


DENSITIES = (
    _Density(5, 3, map=True), _Density(4, 3, map=True), _Density(3, 3, map=True), _Density(3, 2, map=False),
    _Density(2, 1, map=False),
)  # fmt: skip
"""Tried in turn until the brief keeps to its pages in every language: larger regions get shorter tables."""


@dataclass
class BriefReport:
    """What was written.

    Attributes:
        files, pages: the PDF of each language, and its number of pages.
        seconds: time it took.
    """

    files: dict[str, Path] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


def brief_names(languages: Sequence[str]) -> dict[str, str]:
    """File name of the brief in each language: the first is ``brief.pdf``."""
    return {code: "brief.pdf" if number == 0 else f"brief.{code}.pdf" for number, code in enumerate(languages)}


def _nothing(step: str, done: int, total: int) -> None:
    """Tell nobody."""


def build_brief(
    region: BriefRegion,
    out: Path | str,
    *,
    languages: Sequence[str] | None = None,
    figures: Material | None = None,
    progress_callback: Progress = _nothing,
) -> BriefReport:
    """Write the brief of a region: ``brief.pdf`` in the first language, ``brief.<code>.pdf`` in the others.

    The same figures give the same bytes: the date of the document is that of the latest release.

    Args:
        region: the region; only its public tables are used.
        out: directory to write into.
        languages: codes; by default the languages the pack publishes.
        figures: what a site was made from, where one was made just before; asked of the region otherwise.
        progress_callback: told of long work as ``(step, done, total)``.

    Raises:
        OutputError: ``out`` cannot be written.
    """
    started = time.perf_counter()
    tongues = tuple(languages or region.pack.manifest.published_languages)
    evidence = ask(region, tongues, figures)
    report = BriefReport()
    made = _fitted(evidence, tongues, progress_callback)
    for code, name in brief_names(tongues).items():
        report.files[code], report.pages[code] = Path(out) / name, made[code][1]
        write_new(report.files[code], made[code][0])
    report.seconds = round(time.perf_counter() - started, 3)
    return report


def _fitted(evidence: Evidence, languages: Sequence[str], tell: Progress) -> dict[str, tuple[bytes, int]]:
    """PDF and number of pages in each language, with as much in it as the page limit leaves room for."""
    speakers = [Words(code, evidence.now.names) for code in languages]
    drawings = {name: svg(_figure(evidence, row)) for name, row in choose(evidence).telling}
    maps = {words.code: svg(map_figure(evidence.now, words.code)) for words in speakers}
    made: dict[str, tuple[bytes, int]] = {}
    for density in DENSITIES:
        choice = choose(evidence, rows=density.rows)
        shown = {name: drawings[name] for name, _ in choice.telling[: density.charts]}
        for words in speakers:
            pictures = shown | ({"map": maps[words.code]} if density.map else {})
            charts = {name: _printed(drawing, words.language.decimal) for name, drawing in pictures.items()}
            made[words.code] = typeset(page(evidence, choice, words, charts, density.rows), evidence.new)
        if all(pages <= MOST_PAGES for _, pages in made.values()):
            break
    tell("brief", len(languages), len(languages))
    return made


def _figure(evidence: Evidence, row: Row) -> Any:  # noqa: ANN401
    """Panels of a series: what was observed, and what is projected where the evidence is good."""
    now, code = evidence.now, row["series"]
    observed = pl.DataFrame(
        [
            (r["area"], r["period"], r["value"], r["nature"])
            for r in now.headline_of.get(code, ())
            if r["value"] is not None
        ],
        schema={"area": pl.String, "period": pl.Int32, "value": pl.Float64, "nature": pl.String},
        orient="row",
    )
    paths = [r for r in now.projection_of.get(code, ()) if r["area"] in row["cells"] and r["median"] is not None]
    targets = {
        area: found["target"] for (series, area), found in now.progress_of.items()
        if series == code and found["target"] is not None
    }  # fmt: skip
    return fan_chart(
        observed, pl.DataFrame(paths), evidence.members, targets=targets, end=now.manifest.end, columns=COLUMNS
    )


def _printed(drawing: str, mark: str) -> str:
    """A drawing for paper: the document's letters, a little larger, and the language's decimal mark."""
    drawing = _FAMILY.sub('font-family="Noto Sans"', _STYLE.sub("", drawing))
    drawing = _SIZE.sub(lambda found: f'font-size="{float(found[1]) * LETTERS:.1f}px"', drawing)
    return with_decimal(drawing, mark)


def typeset(content: Mapping[str, Any], day: date | None) -> tuple[bytes, int]:
    """The PDF of a page tree (see :func:`serai.publish.brief_page.page`), dated ``day``, and its number of pages."""
    import typst

    data = json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True)
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else datetime(2000, 1, 1, tzinfo=UTC)
    root = resources.files("serai.publish")
    with resources.as_file(root / "brief") as folder, resources.as_file(root / "fonts") as fonts:
        compiler = typst.Compiler(
            str(folder / "brief.typ"),
            root=str(folder),
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            sys_inputs={"data": data},
        )
        made = compiler.compile(format="pdf", timestamp=int(moment.timestamp()), pdf_standards=STANDARD)
        pages = int(json.loads(compiler.query("<pages>", field="value", one=True)))
    if not isinstance(made, bytes):
        raise TypeError("the typesetter gave no single PDF")
    return made, pages

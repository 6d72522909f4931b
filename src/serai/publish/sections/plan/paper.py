"""The brief of each member on two pages: what the page says, as a PDF that can be forwarded."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import resources
from typing import Any, Final

from serai.publish.draw import with_decimal
from serai.publish.i18n import Language, language
from serai.publish.names import pick
from serai.publish.render import Page
from serai.publish.sections import Setting
from serai.publish.sections.plan.pages import GROUPS

__all__ = ["papers"]

Row = dict[str, Any]
PAGES = 2
STANDARD: Final = "ua-1"
SHADES = (
    ("#ffffff", "#1d2733"),
    ("#fdf0df", "#2b1a06"),
    ("#fde0bd", "#2b1a06"),
    ("#f3b679", "#2b1a06"),
    ("#d9741f", "#ffffff"),
)
"""Fill and ink of a regret, from none to large."""
SIZES = ((8, 4), (6, 3), (5, 3), (4, 2), (3, 2), (2, 1))
"""Rows of the tables of indicators and boxes shown, tried in turn until two pages hold it all; a region with more
shocks or strategies than fit even so gets a longer brief."""


def papers(pages: list[Page], setting: Setting) -> dict[str, bytes]:
    """A PDF for every member's page and language, by address."""
    found = {}
    for page in pages:
        if page.template == "plan/member.html":
            for code in setting.languages:
                speaker = _Speaker(language(code), setting)
                picture = page.figures["tradeoff"]
                found[page.context["papers"][code]] = _fitted(speaker, page.context, str(picture))
    return found


def _fitted(speaker: _Speaker, context: Row, picture: str) -> bytes:
    made = b""
    for rows, boxes in SIZES:
        made, pages = typeset(speaker.content(context, picture, rows, boxes))
        if pages <= PAGES:
            break
    return made


def typeset(content: Mapping[str, Any]) -> tuple[bytes, int]:
    """The PDF, undated so that the same figures give the same bytes, and its number of pages."""
    import typst

    data = json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True)
    with resources.as_file(resources.files("serai.publish")) as root:
        compiler = typst.Compiler(
            str(root / "sections/plan/paper/plan.typ"), root=str(root), font_paths=[str(root / "fonts")],
            ignore_system_fonts=True, sys_inputs={"data": data},
        )  # fmt: skip
        moment = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
        made = compiler.compile(format="pdf", timestamp=moment, pdf_standards=STANDARD)
        pages = int(json.loads(compiler.query("<pages>", field="value", one=True)))
    if not isinstance(made, bytes):
        raise TypeError("the typesetter gave no single PDF")
    return made, pages


class _Speaker:
    """Words and numbers of one language."""

    def __init__(self, tongue: Language, setting: Setting) -> None:
        self.tongue, self.setting = tongue, setting

    def of(self, text: Mapping[str, Any] | None) -> str:
        """A text of the pack."""
        return pick(text or {}, self.tongue.code)[0]

    def content(self, context: Row, picture: str, rows: int, boxes: int) -> Row:
        """What the template shows."""
        text, manifest = self.tongue.text, self.setting.manifest
        return {
            "lang": self.tongue.code, "dir": self.tongue.direction, "page": text("Page"),
            "kicker": text("Priorities under shocks"), "title": self.of(self.setting.names.area(context["area"])),
            "centre": self.of(manifest.centre),
            "release": text("Levels of %(last)s, to %(end)s", **self._years(context)),
            "footer": f"{self.of(manifest.title)}: {text('Model output, not a forecast.')}",
            "label": self._label(context), "answer": self._answer(context), "picture": self._picture(picture),
            "strategies": self._strategies(context), "regret": self._regret(context),
            "fails": self._fails(context, boxes),
            "money": self._money(context, rows), "moves": self._moves(context), "rests": self._rests(context),
            "limits": self._limits(),
        }  # fmt: skip

    def _years(self, context: Row) -> Row:
        return {"last": context["about"]["last"], "end": context["about"]["end"]}

    def _label(self, context: Row) -> Row:
        text, about = self.tongue.text, context["about"]
        counts = {name: self.tongue.integer(about[name]) for name in ("shocks", "strategies", "runs")}
        drawn = text(
            "%(shocks)s drawn shocks × %(strategies)s strategies × %(runs)s runs, from levels of %(last)s to %(end)s.",
            **counts, **self._years(context),
        )  # fmt: skip
        said = text(
            "Shocks have ranges, not probabilities; figures compare strategies and say nothing of what will happen."
        )
        return {"lead": text("Model output, not a forecast."), "text": f"{drawn} {said}"}

    def _answer(self, context: Row) -> Row:
        text, percent = self.tongue.text, self.tongue.percent
        leading = ", ".join(
            f"{row['letter']} ({self.of(row['title'])})" for row in context["strategies"] if row["leads"]
        )
        best = next(row for row in context["strategies"] if row["best"])
        said = (
            text("By the mean over all shocks one strategy is told apart from all others:")
            if context["decided"]["mean"]["decided"]
            else text("By the mean over all shocks these strategies cannot be told apart:")
        )
        closes = text(
            "The best closes %(mean)s of the gap on average, and %(worst)s in the worst tenth of shocks.",
            mean=percent(best["mean"]), worst=percent(best["cvar"]),
        )  # fmt: skip
        return {"title": text("Which strategy holds up"), "text": f"{said} {leading}. {closes}"}

    def _picture(self, picture: str) -> Row:
        text = self.tongue.text
        plain = re.sub(r"<style>.*?</style>", "", picture, flags=re.DOTALL)
        plain = re.sub(r'font-family="[^"]*"', 'font-family="Noto Sans"', plain)
        note = text("To the right: mean over all shocks. Upwards: mean of the worst tenth. Filled: leading.")
        return {"svg": with_decimal(plain, self.tongue.decimal), "alt": note, "note": note}

    def _strategies(self, context: Row) -> Row:
        text, percent = self.tongue.text, self.tongue.percent
        head = [text("Strategy"), text("Mean"), text("Worst tenth"), text("Regret, mean"), text("Beats the status quo")]
        rows = [
            [f"{row['letter']}  {self.of(row['title'])}",
             *(percent(row[name]) for name in ("mean", "cvar", "regret_mean", "satisficing"))]
            for row in context["strategies"]
        ]  # fmt: skip
        key = [f"{row['letter']}  {self.of(row['title'])}. {self.of(row['text'])}" for row in context["strategies"]]
        return {"head": head, "rows": rows, "key": key}

    def _regret(self, context: Row) -> Row:
        text = self.tongue.text
        rows = [
            {
                "title": self.of(row["title"]),
                "cells": [
                    {"text": self.tongue.percent(cell["regret"], 1)}
                    | dict(zip(("fill", "ink"), SHADES[cell["step"]], strict=True))
                    for cell in row["cells"]
                ],
            }
            for row in context["regret"]
        ]  # fmt: skip
        note = text(
            "Mean regret where the shock is in the upper third of its range, all others being whatever they are; in "
            "points of the gap"
        )
        heads = [row["letter"] for row in context["strategies"]]
        return {"title": text("What one would regret, shock by shock"), "head": heads, "rows": rows, "note": note}

    def _fails(self, context: Row, most: int) -> Row:
        text, percent = self.tongue.text, self.tongue.percent
        items = []
        for box in context["boxes"][:most]:
            when = (
                text("is in its worst fifth of shocks when")
                if box["fails"] == "worst"
                else text("does worse than the status quo when")
            )
            shares = text(
                "Covers %(coverage)s of the failures; of the shocks inside %(density)s fail, of all %(base)s.",
                coverage=percent(box["coverage"]), density=percent(box["density"]), base=percent(box["base"]),
            )  # fmt: skip
            items.append(f"{box['letter']} ({self.of(box['title'])}) {when} {self.of(box['words'])}. {shares}")
        none = text(
            "No conditions set failures apart from the other shocks by more than chance in an ensemble of this size."
        )
        return {"title": text("When it fails"), "items": items or [none]}

    def _money(self, context: Row, rows: int) -> Row:
        text, percent, counts = self.tongue.text, self.tongue.percent, context["bottlenecks"]["counts"]
        n = {name: self.tongue.integer(count) for name, count in counts.items()}
        parts = [
            text("%(n)s are on course as things are", n=n["on_course"]),
            text("%(n)s close at least five points more with twice the money", n=n["money"]),
            text("%(n)s are slow either way", n=n["slow"]),
            text(
                "%(n)s cannot close half of their gap even rising every year at the pace they have shown: structural "
                "bottlenecks",
                n=n["structural"],
            ),
        ]
        total = text("Of %(n)s indicators with a gap:", n=self.tongue.integer(context["bottlenecks"]["total"]))
        head = [text("Series"), text("Gap closed"), text("with twice the money"), text("rising every year")]
        captions = {
            "structural": text("Structural bottlenecks, the tightest first"),
            "money": text("Where twice the money closes most more"),
        }
        tables = [
            {
                "caption": caption, "head": head,
                "rows": [
                    [f"{row['goal']}  {self.of(row['title'])}",
                     *(percent(row[name]) for name in ("closed", "closed_double", "closed_most"))]
                    for row in context["bottlenecks"][kind][:rows]
                ],
            }
            for kind, caption in captions.items() if context["bottlenecks"][kind]
        ]  # fmt: skip
        return {"title": text("Where money does not help"), "text": f"{total} {'; '.join(parts)}.", "tables": tables}

    def _moves(self, context: Row) -> Row:
        text = self.tongue.text
        names = [
            f"{self.of(row['title']) if row['title'] else text(GROUPS[row['input']])} "
            f"({self.tongue.percent(row['cells'][0]['total'])})"
            for row in context["influence"][:5]
        ]
        said = text(
            "Share of the variance of the strategies’ leads that each uncertain input is part of (total order). Shares "
            "overlap and add up to more than one."
        )
        return {"title": text("What moves the ranking"), "text": f"{', '.join(names)}. {said}"}

    def _rests(self, context: Row) -> Row:
        text, data, whole = self.tongue.text, context["data"], self.tongue.integer
        items = [
            f"{text('Series in the model')}: {whole(data['series'])}; "
            + text("%(n)s of them with a target", n=whole(data["with_target"])),
            text(
                "median latest year %(year)s; the model starts from levels of %(last)s",
                year=f"{data['median_year']:.0f}", last=context["about"]["last"],
            ),
            text(
                "%(n)s of %(all)s yearly levels have no figure and were filled within limits",
                n=whole(data["filled"]), all=whole(data["years"]),
            ),
        ]  # fmt: skip
        if data["goals_without"]:
            goals = ", ".join(data["goals_without"])
            items.append(text("no indicator with data and a target in goals %(goals)s", goals=goals))
        return {"title": text("What this rests on"), "items": [item[:1].upper() + item[1:] for item in items]}

    def _limits(self) -> Row:
        text = self.tongue.text
        return {
            "title": text("What it cannot say"),
            "items": [
                text("What will happen. A mean over drawn shocks is no expectation: no one knows their probabilities."),
                text("What a reallocation costs politically, or whether it can be done at all."),
                text("How one country stands against another: each member’s money is a unit of its own."),
            ],
        }

"""Contexts to HTML: templates, and the words, links and numbers they need in a language."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup, escape

from serai.assess import differences, method_classes, methods
from serai.publish import rows
from serai.publish.i18n import NO_VALUE, SOURCE_LANGUAGE, Language, language
from serai.publish.messages import CLASS_MEANINGS, CLASS_NAMES, CLASS_SHORT, NATURES, PATTERNS, WORDS, shape_of
from serai.publish.messages_further import GAP_MARKS, STANDING_MARKS
from serai.publish.names import Names, bare, pick
from serai.publish.palette import CLASSES, NO_CLASS, line_style
from serai.publish.places import ROOT, section_folders

if TYPE_CHECKING:
    from serai.publish.figure import Figure
    from serai.publish.sections import Section

__all__ = ["Page", "Renderer", "source_digest"]

Row = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """One page: where it is, which template shows it, and its context, which is also its JSON.

    Attributes:
        path: address within a language, such as ``goals/7.html``.
        section: the section it belongs to, if any.
        figures: pictures by name, to be drawn or drawn already (as SVG); a name ending in a language is for that
            language alone.
        charts: name used in the template -> (address of the picture, width, height).
    """

    path: str
    template: str
    context: Row
    section: str = ""
    figures: Mapping[str, Figure | str] = field(default_factory=dict)
    charts: Mapping[str, tuple[str, int, int]] = field(default_factory=dict)
    scales: Mapping[str, str] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """Address without its ending."""
        return self.path.removesuffix(".html")

    @cached_property
    def json(self) -> str:
        """The context as it is published beside the page."""
        body = json.dumps(self.context, ensure_ascii=False, separators=(",", ":"), default=str, allow_nan=False)
        return body + "\n"


@lru_cache(maxsize=4)
def source_digest(package: str = "serai.publish") -> str:
    """Hash of a package's files, code and data: what was made by other code is made again."""
    root = Path(str(resources.files(package)))
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        # Packs have a digest of their own; what is compiled on the way (bytecode, kernels) says nothing new.
        if path.is_file() and not {"packs", "__pycache__"} & set(path.relative_to(root).parts):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _labels() -> Mapping[tuple[str, str], Row]:
    """Names of the classes of every method, by language."""
    rows = method_classes().iter_rows(named=True)
    return {(row["method"], row["class"]): {"en": row["label_en"], "ru": row["label_ru"]} for row in rows}


@lru_cache(maxsize=1)
def _differences() -> Mapping[str, Row]:
    """Why methods differ, in words, by language."""
    return {name: {"en": entry["text_en"], "ru": entry["text_ru"]} for name, entry in differences().items()}


MARKERS = {
    "circle": "M-3.4 0A3.4 3.4 0 1 0 3.4 0A3.4 3.4 0 1 0 -3.4 0",
    "square": "M-3-3h6v6h-6z",
    "triangle-up": "M0-3.8L3.8 3H-3.8z",
    "triangle-down": "M0 3.8L3.8-3H-3.8z",
    "diamond": "M0-4.2L3.4 0L0 4.2L-3.4 0z",
    "cross": "M-1.2-3.6h2.4v2.4h2.4v2.4h-2.4v2.4h-2.4v-2.4h-2.4v-2.4h2.4z",
}


class Renderer:
    """Renders pages in one language.

    Args:
        tongue: code of the language.
        names: names from the pack.
        languages: ``(code, own name)`` of every language of the site; the first stands at the root.
        members: codes of the members in order.
        site: what every page shows (title, disclaimer, centre, provider, release, start, end, sections).
        sections: whose words and templates are known beside the site's own.
    """

    def __init__(
        self,
        tongue: str,
        names: Names,
        languages: Sequence[tuple[str, str]],
        members: Sequence[str],
        site: Row,
        sections: Sequence[Section] = (),
    ) -> None:
        self.language: Language = language(tongue)
        self.names, self.languages, self.site = names, tuple(languages), site
        self.slots = {area: slot for slot, area in enumerate(members)}
        self._said: dict[str | None, Markup] = {}
        self._words = {**WORDS, **{code: text for section in sections for code, text in section.words.items()}}
        self._patterns = (*PATTERNS, *(shape for section in sections for shape in section.patterns))

    @property
    def prefix(self) -> str:
        """Directory of this language within the site; empty for the first."""
        return "" if self.language.code == self.languages[0][0] else f"{self.language.code}/"

    @cached_property
    def environment(self) -> Environment:
        """Templates with this language's words."""
        own = FileSystemLoader(ROOT / "templates")
        made = Environment(
            loader=ChoiceLoader(
                [own, PrefixLoader({f.name: FileSystemLoader(f / "templates") for f in section_folders()})]
            ),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.install_gettext_translations(self.language.translations, newstyle=True)  # type: ignore[attr-defined]
        made.filters.update(self._filters())
        made.globals.update(self._globals())
        return made

    def render(self, page: Page) -> str:
        """HTML of a page."""
        depth = (self.prefix + page.path).count("/")
        root = "../" * depth
        home = "../" * page.path.count("/")
        places = {code: "" if code == self.languages[0][0] else f"{code}/" for code, _ in self.languages}
        charts = page.charts
        sections = self.site.get("sections", ())
        return self.environment.get_template(page.template).render(
            ctx=page.context,
            page=page,
            section=next((entry for entry in sections if entry["id"] == page.section), None),
            section_entries=[(entry["address"], self._say(entry["title"])) for entry in sections],
            asset=lambda path: root + path,
            link=lambda path: home + path,
            in_language=lambda code: f"{root}{places[code]}{page.path}",
            chart=lambda name: self._chart(charts, name),
            chart_size=lambda name: charts[self._chart_key(charts, name)][1:],
            picture=lambda name: charts[f"{name}.{self.language.code}.png"][0],
            scale=page.scales.get,
            common_target=page.context.get("common_target"),
        )

    def _chart_key(self, charts: Mapping[str, Any], name: str) -> str:
        """The picture for this language: made for it, or for its decimal mark, or for all."""
        comma = self.language.decimal == ","
        wanted = (f"{name}.{self.language.code}", f"{name}.comma" if comma else name, name)
        return next((key for key in wanted if key in charts), "")

    def _chart(self, charts: Mapping[str, Any], name: str) -> str:
        key = self._chart_key(charts, name)
        return charts[key][0] if key else ""

    def _text(self, text: Mapping[str, Any] | str | None) -> Markup:
        """A text of the pack; marked with its language where that is not the page's."""
        if not text:
            return Markup("")
        found, tongue = pick(text, self.language.code) if not isinstance(text, str) else (text, self.language.code)
        if tongue == self.language.code or not found:
            return escape(found)
        return Markup('<span lang="{}">{}</span>').format(tongue, found)

    def _plain(self, text: Mapping[str, Any] | None) -> str:
        return pick(text or {}, self.language.code)[0]

    def _say(self, message: str | None) -> Markup:
        """A word, a reason or a title from a table in this language; in English, and marked so, where it has none."""
        if message not in self._said:
            self._said[message] = self._reason(self._words.get(message or "", message or ""))
        return self._said[message]

    def _reason(self, message: str) -> Markup:
        if not message or self.language.code == SOURCE_LANGUAGE:
            return escape(message)
        found = self.language.text(message)
        if found == message:
            found = self.names.wording(message, self.language.code) or message
        if found != message:
            return escape(found)
        if known := shape_of(message, self._patterns):
            shape, parts = known
            return escape(self.language.text(shape)) % {name: self._reason(part) for name, part in parts.items()}
        return escape(message) if message.isnumeric() else Markup('<span lang="{}">{}</span>').format("en", message)

    def _any(self, cell: object) -> object:
        if cell is None:
            return NO_VALUE
        if isinstance(cell, int):
            return self.language.integer(cell)
        if isinstance(cell, float):
            return self.language.number(cell)
        return self._text(cell) if isinstance(cell, Mapping) else cell

    def _rate(self, share: float | None) -> str:
        text = self.language.percent(share, 1)
        return f"+{text}" if share is not None and share > 0 and text[0].isdigit() else text

    def _signed(self, value: float | None) -> str:
        text = self.language.number(value)
        return f"+{text}" if value is not None and value > 0 and text[0].isdigit() else text

    def _filters(self) -> dict[str, Any]:
        lang = self.language
        return {
            "t": self._text,
            "plain": self._plain,
            "num": lambda value, bound="": lang.number(value, bound=bound),
            "int_": lang.integer,
            "pct": lang.percent,
            "rate": self._rate,
            "signed": self._signed,
            "day": lang.date,
            "year": lambda value: NO_VALUE if value is None else f"{value:.0f}",
            "any": self._any,
            "bare": bare,
            "anchor": rows.anchor,
            "by_goal": rows.by_goal,
            "by_class": rows.by_class,
            "by_year": rows.by_year,
            "national_pairs": rows.national_pairs,
        }

    def _globals(self) -> dict[str, Any]:
        names = self.names
        return {
            "lang": self.language,
            "languages": [{"code": code, "name": name} for code, name in self.languages],
            "site": self.site,
            "say": self._say,
            "area_plain": lambda code: self._plain(names.area(code)),
            "area_name": lambda code: self._text(names.area(code)),
            "provider_name": lambda code: self._text(names.provider(code)),
            "unit_name": lambda code: self._text(names.unit(code)),
            "indicator_name": lambda code: self._text(names.indicator(code)),
            "class_name": lambda name: self._say(CLASS_NAMES[name or ""]),
            "class_short": lambda name: self._say(CLASS_SHORT[name or ""]),
            "class_meaning": lambda name: self._say(CLASS_MEANINGS[name]),
            "class_marks": (*CLASSES.values(), NO_CLASS),
            "mark_of": rows.mark_of,
            "sign": self._sign,
            "method_ids": tuple(methods()),
            "method_label": lambda method, name: self._text(_labels()[method, name]),
            "difference": lambda detail: self._text(_differences()[detail]),
            "standing_mark": lambda name: STANDING_MARKS[name or ""],
            "gap_mark": lambda name: GAP_MARKS[name or ""],
            "natures": tuple(NATURES),
            "nature_name": lambda code: self.language.text(NATURES.get(code, code)),
            "style_of": lambda area: line_style(self.slots[area]),
            "marker_path": MARKERS.__getitem__,
            "names_list": lambda rows: ", ".join(self._plain(row["name"]) for row in rows),
            "unclassed_cells": rows.unclassed_cells,
            "notes": rows.notes,
            "direction_text": self._direction,
            "record_text": self._record,
            "line_alt": self._line_alt,
            "fan_alt": self._fan_alt,
        }

    def _sign(self, name: str | None) -> Markup:
        """The sign of a class with its name for those who cannot see it; nothing without a class."""
        if not name:
            return Markup("")
        mark = rows.mark_of(name)
        text = Markup(
            '<span class="k k-{}" title="{}"><b aria-hidden="true">{}</b><span class="sr">{}: </span></span> '
        )
        label = self.language.text(CLASS_NAMES[name])
        return text.format(mark.slug, label, mark.sign, label)

    def _direction(self, rule: Row) -> str:
        lang = self.language
        if rule["parity"]:
            return lang.text("Wanted: parity, a ratio of one.")
        wanted = {
            1: lang.text("Wanted: a higher figure."),
            -1: lang.text("Wanted: a lower figure."),
        }.get(rule["direction"], "")
        if rule["target_type"] == "absolute":
            return f"{wanted} " + lang.text("Target: %(value)s.", value=lang.number(rule["target"]))
        if rule["target_type"] == "factor":
            return f"{wanted} " + lang.text(
                "Target: %(value)s times the first figure.", value=lang.number(rule["target"])
            )
        return f"{wanted} " + lang.text("No numeric target.")

    def _record(self, ahead: Row) -> Markup:
        lang = self.language
        note = self._say(ahead.get("record_note"))
        if not ahead.get("record_n"):
            return note or escape(lang.text("no tested record"))
        held = ahead.get("record_coverage80")
        text = escape(lang.count("%(n)s past case", "%(n)s past cases", ahead["record_n"]))
        if note:
            text += escape(" (") + note + escape(")")
        if held is not None:
            text += escape("; " + lang.text("80 %% band held in %(share)s", share=lang.percent(held)))
        return text

    def _line_alt(self, context: Row) -> str:
        lang = self.language
        ends = [
            f"{self._plain(self.names.area(member['area']))} "
            f"{lang.number(member['latest']['value'], bound=member['latest']['bound'])} ({member['latest']['period']})"
            for member in context["members"]
            if member["latest"]
        ]
        title = self._plain(context["title"])
        return lang.text("Line chart: %(title)s. Latest figures: %(ends)s.", title=title, ends="; ".join(ends))

    def _fan_alt(self, context: Row) -> str:
        lang = self.language
        ends = []
        for member in context["members"]:
            if member["projection"]:
                end = member["projection"]["path"][-1]
                ends.append(
                    f"{self._plain(self.names.area(member['area']))} {lang.number(end['median'])} "
                    f"({lang.number(end['lo80'])} … {lang.number(end['hi80'])})"
                )
        return lang.text(
            "One panel for each country with its projection. Median and 80 %% band in the last year: %(ends)s.",
            ends="; ".join(ends),
        )

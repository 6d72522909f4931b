"""Which pages there are, which pictures they show, and how they become files."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serai.publish import views_groups as people
from serai.publish import views_limits as limits
from serai.publish import views_methods as methods
from serai.publish import views_overview as overview
from serai.publish import views_peers as peers
from serai.publish import views_reference as reference
from serai.publish import views_regions as regions
from serai.publish import views_series as one
from serai.publish.axes import axis_factor
from serai.publish.coverage import coverage_of
from serai.publish.draw import SIZE, Drawer, png, with_decimal
from serai.publish.figure import Figure
from serai.publish.i18n import language
from serai.publish.material import Material
from serai.publish.messages import SCALES
from serai.publish.palette import CLASSES
from serai.publish.render import Page, Renderer, source_digest

if TYPE_CHECKING:
    from serai.publish.site import SiteReport
    from serai.region import Manifest

__all__ = ["illustrate", "own_names", "pages", "placed", "render_all"]

Row = dict[str, Any]
Progress = Callable[[str, int, int], None]
Write = Callable[[str, str | bytes], None]


def pages(material: Material, files: list[Row]) -> Iterator[Page]:
    """Every page with its context and the members it covers, without pictures yet."""
    for page in _goal_pages(material, files):
        yield replace(page, context=page.context | {"coverage": coverage_of(page.context, material)})
    for section, part in zip(material.sections, material.parts, strict=True):
        yield from (replace(page, section=section.id) for page in part.pages)


def _goal_pages(material: Material, files: list[Row]) -> Iterator[Page]:
    yield Page("index.html", "home.html", overview.home_context(material))
    goals = [overview.goal_context(material, goal) for goal in overview.GOALS]
    for context in goals:
        yield Page(f"goals/{context['goal']}.html", "goal.html", context)
    yield Page("goals/index.html", "index_list.html", _goal_list(goals))
    members = [overview.member_context(material, area) for area in material.members]
    for context in members:
        yield Page(f"countries/{context['area']}.html", "country.html", context)
    yield Page("countries/index.html", "index_list.html", _member_list(members))
    for code in material.series:
        context = one.series_context(material, code)
        context |= {"compared": methods.compared(material, code), "takes": methods.takes(material, code)}
        yield Page(f"series/{code}.html", "series.html", context | {"common_target": one.common_target(context)})
    yield Page("series/index.html", "catalogue.html", reference.catalogue_context(material))
    yield Page("methods.html", "methods.html", reference.methods_context(material))
    yield Page("limits.html", "limits.html", limits.limits_context(material))
    yield Page("sources.html", "sources.html", reference.sources_context(material, files))
    yield Page("compare.html", "compare.html", methods.compare_context(material))
    if address := _peers_address(material):
        yield Page(address, "peers.html", peers.peers_context(material))
    yield from _group_pages(material)


def _peers_address(material: Material) -> str | None:
    group = material.further.group
    return f"{group.lower()}.html" if group else None


def _group_pages(material: Material) -> Iterator[Page]:
    """Groups of people, then regions of countries."""
    context = people.groups_context(material)
    yield Page("groups.html", "groups.html", context)
    for entry in context["groups"]:
        group = entry["group"]
        yield Page(f"groups/{group}.html", "group.html", people.group_context(material, group))
    for parent in regions.parents(material):
        yield Page(f"regions/{parent}.html", "regions.html", regions.regions_context(material, parent))
        for area in regions.regions_of(material, parent):
            yield Page(f"regions/{area}.html", "region.html", regions.region_context(material, area))


def _tally(rows: Sequence[Row]) -> list[tuple[str, int]]:
    counts = Counter(row["class"] or "" for row in rows)
    return [(name, counts[name]) for name in (*CLASSES, "") if counts[name]]


def _goal_list(goals: list[Row]) -> Row:
    entries = [
        {
            "path": f"goals/{goal['goal']}.html",
            "number": goal["goal"],
            "title": goal["title"],
            "about": goal["full_title"],
            "tally": _tally(goal["members"]),
        }
        for goal in goals
    ]
    return {"kind": "goals", "entries": entries}


def _member_list(members: list[Row]) -> Row:
    entries = [
        {
            "path": f"countries/{member['area']}.html",
            "number": None,
            "title": member["name"],
            "about": member["formal"] if member["formal"] != member["name"] else {},
            "tally": _tally(member["goals"]),
        }
        for member in members
    ]
    return {"kind": "countries", "entries": entries}


def _figures(material: Material, page: Page) -> Mapping[str, Figure | str]:
    """Pictures of a page by name; a name ending in a language is for that language alone."""
    if page.section:
        return page.figures
    if page.template == "home.html":
        maps = {f"map.{tongue}": overview.map_figure(material, tongue) for tongue in material.languages}
        heat = {f"heatmap.{tongue}": overview.heatmap_figure(material, tongue) for tongue in material.languages}
        return {**maps, **heat}
    if page.template == "series.html":
        found = {"line": one.line_figure(material, page.context), "fan": one.fan_figure(material, page.context)}
        return {name: figure for name, figure in found.items() if figure is not None}
    return {}


def _scales(figures: Mapping[str, Figure], context: Row) -> dict[str, str]:
    """For each picture whose axis is divided: the words that say so."""
    out = {}
    values = [row["value"] for row in context.get("observations", ()) if row["value"] is not None]
    target = context.get("common_target")
    for name in figures:
        extra = [] if target is None else [target]
        if name == "fan":
            extra = [
                point[key]
                for member in context["members"]
                if member["projection"]
                for point in member["projection"]["path"]
                for key in ("median", "lo95", "hi95")
            ]
        factor = axis_factor([*values, *extra])
        if factor in SCALES:
            out[name] = SCALES[factor]
    return out


def illustrate(
    material: Material,
    drafts: Sequence[Page],
    cache: Path,
    jobs: int,
    write: Write,
    tell: Progress,
    report: SiteReport,
) -> list[Page]:
    """Draw the pictures of all pages, write them, and give the pages with their addresses."""
    wanted: dict[str, Figure] = {}
    drawn: dict[str, str] = {}  # by the section itself
    for page in drafts:
        for name, figure in _figures(material, page).items():
            place: dict[str, Any] = drawn if isinstance(figure, str) else wanted
            place[f"{page.stem}/{name}"] = figure
    drawer = Drawer(cache, jobs=jobs)
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        tell("charts", done, len(wanted))

    drawings = drawer.draw(wanted, count) | drawn
    drawer.prune()
    report.charts_drawn, report.charts_reused = drawer.drawn, drawer.reused
    for name, figure in wanted.items():
        if name.startswith("index/heatmap."):
            write(f"charts/{name}.png", png(figure))
    return [placed(page, drawings, wanted, material.languages, write) for page in drafts]


def placed(
    page: Page, drawings: Mapping[str, str], figures: Mapping[str, Figure], languages: Sequence[str], write: Write
) -> Page:
    """Write the pictures of a page, in each decimal mark of the languages, and give it their addresses."""
    comma = any(language(tongue).decimal == "," for tongue in languages)
    prefix = f"{page.stem}/"
    mine = {name.removeprefix(prefix): drawing for name, drawing in drawings.items() if name.startswith(prefix)}
    if not mine:
        return page
    charts: dict[str, tuple[str, int, int]] = {}
    for name, drawing in mine.items():
        own = next((tongue for tongue in languages if name.endswith(f".{tongue}")), None)
        variants = {name: with_decimal(drawing, language(own).decimal) if own else drawing}
        if comma and own is None and (other := with_decimal(drawing, ",")) != drawing:
            variants[f"{name}.comma"] = other
        for variant, content in variants.items():
            address = f"charts/{page.stem}.{variant}.svg" if page.stem != "index" else f"charts/{variant}.svg"
            write(address, content)
            charts[variant] = (address, *_size(content))
    for name in mine:
        if name.startswith("heatmap."):
            charts[f"{name}.png"] = (f"charts/index/{name}.png", 0, 0)
    if page.section:
        return replace(page, charts=charts)
    return replace(page, charts=charts, scales=_scales({name: figures[prefix + name] for name in mine}, page.context))


def _size(drawing: str) -> tuple[int, int]:
    found = SIZE.search(drawing)
    return (round(float(found[1])), round(float(found[2]))) if found else (0, 0)


def render_all(
    material: Material, ready: Sequence[Page], reusable: Callable[[str, str], bool]
) -> Iterator[tuple[str, str | None]]:
    """Address and HTML of every page in every language (none where the last output's page still holds), and JSON."""
    languages = own_names(material.manifest, material.languages)
    site = _site(material)
    for tongue in material.languages:
        renderer = Renderer(tongue, material.names, languages, material.members, site, material.sections)
        shared = f"{source_digest()}{languages}{json.dumps(site, sort_keys=True, default=str)}{tongue}"
        for page in ready:
            name = renderer.prefix + page.path
            key = hashlib.sha256(f"{shared}{page.charts}{page.json}".encode()).hexdigest()[:24]
            yield name, None if reusable(name, key) else renderer.render(page)


def own_names(manifest: Manifest, languages: Sequence[str]) -> list[tuple[str, str]]:
    """Code and own name of each language."""
    own = {entry.code: entry.name for entry in manifest.languages}
    return [(tongue, own.get(tongue, tongue)) for tongue in languages]


def contexts(ready: Iterable[Page]) -> Iterator[tuple[str, str]]:
    """Address and text of every page's JSON."""
    for page in ready:
        yield f"data/{page.stem}.json", page.json


def _site(material: Material) -> Row:
    """What every page says of the site."""
    manifest, last = material.manifest, material.last_release
    return {
        "title": dict(manifest.title),
        "centre": dict(manifest.centre),
        "disclaimer": dict(manifest.disclaimer),
        "provider": manifest.primary_provider,
        "release": last.isoformat() if last else None,
        "start": manifest.start,
        "end": manifest.end,
        "peers": _peers_address(material),
        "peers_title": material.names.area(material.further.group or ""),
        "sections": [section.entry(part) for section, part in zip(material.sections, material.parts, strict=True)],
    }

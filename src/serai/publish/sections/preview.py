"""One section alone: its pages in every language, its pictures, tables and files, without the rest of the site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serai.errors import UnknownName
from serai.publish.names import Names
from serai.publish.pages import own_names, placed
from serai.publish.render import Page, Renderer
from serai.publish.sections import Part, Section, Setting, sections
from serai.publish.tables import table_files

if TYPE_CHECKING:
    from serai.publish.material import RegionLike

__all__ = ["preview"]


def preview(region: RegionLike, name: str, out: Path, *, languages: Sequence[str] | None = None) -> list[str]:
    """Write one section into a directory; links out of it lead nowhere.

    Returns:
        Addresses of the pages written.

    Raises:
        UnknownName: no such section.
    """
    section = next((section for section in sections() if section.id == name), None)
    if section is None:
        raise UnknownName("section", name, [section.id for section in sections()], "serai.publish.sections")
    tongues = tuple(languages or region.pack.manifest.published_languages)
    setting = Setting(region.pack, tuple(region.members), tongues, Names(region.pack, tongues))
    part = section.make(region, setting)
    written = []
    for address, content in _files(section, part, setting):
        path = out / address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        written.append(address)
    return [address for address in written if address.endswith(".html")]


def _files(section: Section, part: Part, setting: Setting) -> Iterator[tuple[str, str | bytes]]:
    css = resources.files("serai.publish") / "static" / "site.css"
    yield "static/site.css", css.read_bytes()
    yield from part.files.items()
    yield from table_files(part.frames)
    ready = []
    for page in part.pages:
        pictures: list[tuple[str, str | bytes]] = []
        ready.append(_drawn(replace(page, section=section.id), setting, pictures))
        yield from pictures
    for tongue in setting.languages:
        own = own_names(setting.manifest, setting.languages)
        renderer = Renderer(tongue, setting.names, own, setting.members, _site(section, part, setting), [section])
        for page in ready:
            yield renderer.prefix + page.path, renderer.render(page)
    for page in ready:
        yield f"data/{page.stem}.json", page.json


def _drawn(page: Page, setting: Setting, pictures: list[tuple[str, str | bytes]]) -> Page:
    from serai.publish.draw import svg

    drawings = {
        f"{page.stem}/{name}": figure if isinstance(figure, str) else svg(figure)
        for name, figure in page.figures.items()
    }
    return placed(page, drawings, {}, setting.languages, lambda name, content: pictures.append((name, content)))


def _site(section: Section, part: Part, setting: Setting) -> dict[str, Any]:
    manifest = setting.manifest
    return {
        "title": dict(manifest.title), "centre": dict(manifest.centre), "disclaimer": dict(manifest.disclaimer),
        "provider": manifest.primary_provider, "release": None, "start": manifest.start, "end": manifest.end,
        "peers": None, "peers_title": {}, "sections": [section.entry(part)],
    }  # fmt: skip

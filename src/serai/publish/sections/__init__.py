"""Sections: what a room of the house publishes beside the goals, each in a package of its own.

A package ``sections/<id>/`` holds everything of one section and nothing of another:

- ``__init__.py`` with ``SECTION``, a :class:`Section`;
- ``templates/*.html``, used as ``<id>/<name>.html``; they extend ``base.html`` and import ``parts.html``;
- ``locale/<language>.po``, brought up to date by ``python -m serai.publish.catalogue <language>``;
- ``tables.toml``, which describes every column of the tables it publishes (as ``publish/tables.toml`` does).

``python -m serai.publish.sections <id> --out DIR`` builds one section alone, to look at it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from serai.publish.places import section_folders

if TYPE_CHECKING:
    import polars as pl

    from serai.publish.material import PackLike
    from serai.publish.names import Names
    from serai.publish.render import Page
    from serai.region import Manifest

__all__ = ["Limit", "Part", "Section", "Setting", "sections", "sections_of"]

ORDER = ("corridor", "coordinate", "depend", "plan")
"""Order in the main navigation: that of the house; others follow by name."""


@dataclass(frozen=True)
class Setting:
    """What every section needs besides the region.

    Attributes:
        pack: the region as data.
        members: member areas in order.
        languages: codes; the first stands at the root.
        names: names of areas, goals, series, units and providers by code.
    """

    pack: PackLike
    members: tuple[str, ...]
    languages: tuple[str, ...]
    names: Names

    @property
    def manifest(self) -> Manifest:
        """The pack's manifest."""
        return self.pack.manifest


@dataclass(frozen=True)
class Part:
    """What one section publishes.

    Attributes:
        pages: its pages. A context holds ``kind`` (class of the body), ``coverage`` (from
            :mod:`serai.publish.coverage`) and what its template shows; it is published as the page's JSON. Pictures
            hang on the page.
        menu: ``(address, title)`` of the pages in the section's own navigation; titles are marked messages.
        frames: published tables by name, each described in ``tables.toml``.
        files: further files by address.
    """

    pages: Sequence[Page]
    menu: Sequence[tuple[str, str]] = ()
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    files: Mapping[str, str | bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Limit:
    """What a model is for and what it leaves open; all but the address are marked messages.

    Attributes:
        title: the model.
        address: page that shows how it is tested or what it rests on; without that page the model is not listed.
        serves: what its figures can be used for.
        leaves: what it says nothing about.
        sure: how its uncertainty is shown.
    """

    title: str
    address: str
    serves: str
    leaves: str
    sure: str


@dataclass(frozen=True)
class Section:
    """A section of the site.

    Attributes:
        id: name of its package; its pages have addresses of its own choice.
        title: entry in the main navigation, a marked message.
        address: page the entry leads to.
        has: whether a pack holds what the section shows.
        make: asks the region once and makes the pages.
        about: what is there, in one sentence for the home page, a marked message.
        state: changes when something outside the pack does that the section shows (imports, decisions).
        words: codes that reach pages from tables -> marked messages, shown through ``say``.
        limits: its models, for the page of limits.
        patterns: marked messages with places to fill, recognised in finished sentences shown through ``say``.
    """

    id: str
    title: str
    address: str
    has: Callable[[PackLike], bool]
    make: Callable[[Any, Setting], Part]
    about: str = ""
    state: Callable[[Any], str] = lambda region: ""
    words: Mapping[str, str] = field(default_factory=dict)
    limits: Sequence[Limit] = ()
    patterns: Sequence[str] = ()

    def entry(self, part: Part) -> dict[str, Any]:
        """What every page knows of the section."""
        facts = {name: getattr(self, name) for name in ("id", "title", "address", "about")}
        return {**facts, "menu": list(part.menu)}


@lru_cache(maxsize=1)
def sections() -> tuple[Section, ...]:
    """Every section, in the order of the main navigation."""
    place = {name: number for number, name in enumerate(ORDER)}
    found: list[Section] = [
        import_module(f"serai.publish.sections.{folder.name}").SECTION for folder in section_folders()
    ]
    return tuple(sorted(found, key=lambda section: (place.get(section.id, len(place)), section.id)))


def sections_of(pack: PackLike) -> tuple[Section, ...]:
    """The sections that a pack holds anything for."""
    return tuple(section for section in sections() if section.has(pack))

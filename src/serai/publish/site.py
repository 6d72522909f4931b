"""The site: every page in every language, the pictures, and the tables behind them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serai.publish.output import MARKER, read_marker, replacing, write_new
from serai.publish.render import source_digest

if TYPE_CHECKING:
    from serai.publish.material import Material, RegionLike

__all__ = ["SiteReport", "build_site"]

Progress = Callable[[str, int, int], None]
Extra = Callable[[Path, "Material"], None]


@dataclass
class SiteReport:
    """What a run did.

    Attributes:
        pages, pages_reused: HTML pages in all, and those taken over unchanged from the last output.
        charts_drawn, charts_reused: pictures made in this run, and taken from the cache.
        largest_page: address and size in bytes of the heaviest page.
        seconds: time by step.
        unchanged: nothing had changed, so nothing was written.
    """

    out: Path
    pages: int = 0
    pages_reused: int = 0
    charts_drawn: int = 0
    charts_reused: int = 0
    largest_page: tuple[str, int] = ("", 0)
    seconds: dict[str, float] = field(default_factory=dict)
    unchanged: bool = False


class _Clock:
    """Adds up the time of named steps."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds, self._since = seconds, time.perf_counter()

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step] = round(self.seconds.get(step, 0.0) + now - self._since, 3)
        self._since = now


def _nothing(step: str, done: int, total: int) -> None:
    """Tell nobody."""


def build_site(
    region: RegionLike,
    out: Path | str,
    *,
    languages: Sequence[str] | None = None,
    progress_callback: Progress = _nothing,
    cache: Path | None = None,
    jobs: int = 2,
    extra: Extra | None = None,
) -> SiteReport:
    """Write the site of a region into a directory, replacing what an earlier run wrote there.

    Args:
        region: the region; only its public tables are used.
        out: directory to write; it must be new, empty, or written by an earlier run.
        languages: codes; the first stands at the root, the others in directories of their code. By default the
            languages the pack publishes.
        progress_callback: told of long work as ``(step, done, total)``.
        cache: where drawn pictures are kept; by default within the region's cache.
        jobs: processes that draw.
        extra: writes further files (say, a brief) into the staging directory it is given, from the figures it is
            given, so that they appear together with the site or not at all.

    Raises:
        OutputError: ``out`` or the cache cannot be written; the last good output is untouched.
    """
    out = Path(out)
    report = SiteReport(out)
    clock = _Clock(report.seconds)
    tongues = tuple(languages or region.pack.manifest.published_languages)
    marker = read_marker(out)
    state = _fingerprint(region, tongues, extra is not None)
    clock.lap("check")
    if marker.get("state") == state and _intact(out, marker):
        report.unchanged = True
        report.pages = _count_pages(marker)
        return report
    kept = cache or Path(getattr(region, "cache", out.absolute().parent / ".serai-cache")) / "charts"
    with replacing(out) as stage:
        site = _Site(region, tongues, stage, out, marker, progress_callback)
        material = site.build(kept, jobs, clock, report)
        if extra is not None:
            extra(stage, material)
            clock.lap("extra")
        site.write_marker(state)
    return report


def _fingerprint(region: RegionLike, languages: Sequence[str], extra: bool) -> str:
    """What the output depends on, as one hash: the pack, the releases held, this code, the languages."""
    from importlib.metadata import version

    from serai.publish.material import held
    from serai.publish.sections import sections_of

    states = [f"{section.id}={section.state(region)}" for section in sections_of(region.pack)]
    releases = held(region.releases()).write_json()
    engines = [version(name) for name in ("altair", "vl-convert-python", "jinja2", "babel", "typst")]
    parts = [region.pack.digest, releases, source_digest("serai"), ",".join(languages), *engines, *states, str(extra)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _intact(out: Path, marker: Mapping[str, Any]) -> bool:
    """Whether every file the last run wrote is still there in its size."""
    files = marker.get("files")
    if not isinstance(files, dict) or not files:
        return False
    try:
        return all((out / name).stat().st_size == size for name, size in files.items())
    except OSError:
        return False


def _count_pages(marker: Mapping[str, Any]) -> int:
    return sum(1 for name in marker.get("files", {}) if name.endswith(".html"))


class _Site:
    """One build: what is written where, and what of the last output still holds."""

    def __init__(
        self,
        region: RegionLike,
        languages: tuple[str, ...],
        stage: Path,
        out: Path,
        marker: Mapping[str, Any],
        tell: Progress,
    ) -> None:
        self.region, self.languages, self.stage, self.last, self.tell = region, languages, stage, out, tell
        self.keys: dict[str, str] = {}
        found = marker.get("pages")
        self.last_keys: Mapping[str, str] = found if isinstance(found, dict) else {}
        self._folders: set[Path] = set()

    def build(self, cache: Path, jobs: int, clock: _Clock, report: SiteReport) -> Material:
        from serai.publish.material import gather
        from serai.publish.pages import contexts, illustrate, pages, render_all
        from serai.publish.tables import frames, package, series_files, summary, table_files

        material = gather(self.region, self.languages)
        clock.lap("figures")
        tables = frames(material)
        drafts = list(pages(material, summary(tables)))
        clock.lap("contexts")
        ready = illustrate(material, drafts, cache, jobs, self.write, self.tell, report)
        clock.lap("charts")
        self._pages(render_all(material, ready, self.reusable), len(ready) * len(self.languages), report)
        for name, text in contexts(ready):
            self.write(name, text)
        clock.lap("pages")
        for name, content in (*table_files(tables), *series_files(material)):
            self.write(name, content)
        self.write("data/datapackage.json", package(material, tables))
        for part in material.parts:
            for name, further in part.files.items():
                self.write(name, further)
        self._static()
        clock.lap("tables")
        return material

    def write(self, name: str, content: str | bytes) -> None:
        """Write a file of the site."""
        path = self.stage / name
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def reusable(self, name: str, key: str) -> bool:
        """Whether the last output holds this very page; if so it is taken over."""
        self.keys[name] = key
        if self.last_keys.get(name) != key:
            return False
        target = self.stage / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(self.last / name, target)
        except OSError:
            with suppress(OSError):
                shutil.copyfile(self.last / name, target)
        return target.is_file()

    def _pages(self, rendered: Iterable[tuple[str, str | None]], total: int, report: SiteReport) -> None:
        for number, (name, html) in enumerate(rendered, 1):
            if html is None:
                report.pages_reused += 1
            else:
                self.write(name, html)
            size = (self.stage / name).stat().st_size
            report.largest_page = max(report.largest_page, (name, size), key=lambda item: item[1])
            report.pages = number
            self.tell("pages", number, total)

    def _static(self) -> None:
        from importlib import resources

        css = resources.files("serai.publish") / "static" / "site.css"
        self.write("static/site.css", css.read_bytes())

    def write_marker(self, state: str) -> None:
        """Write down what this output is, so that the next run knows what still holds."""
        files = {
            path.relative_to(self.stage).as_posix(): path.stat().st_size
            for path in sorted(self.stage.rglob("*"))
            if path.is_file()
        }
        content = {"state": state, "pages": dict(sorted(self.keys.items())), "files": files}
        write_new(self.stage / MARKER, json.dumps(content, indent=0) + "\n")

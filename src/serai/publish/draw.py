"""Figures to pictures: deterministic SVG, PNG and PDF, drawn once per content and kept."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serai.publish.output import write_new

if TYPE_CHECKING:
    from serai.publish.figure import Figure

__all__ = ["SIZE", "Drawer", "pdf", "png", "svg", "with_decimal"]

CHUNK = 16
NARROW = 340
"""Width of a picture on a phone, in pixels."""
SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_IDENTIFIER = re.compile(r'\bid="([^"]+)"')
_TEXT = re.compile(r"(<text[^>]*>)([^<]*)(</text>)")
_STYLE = re.compile(r"<style>.*?</style>")


def _style(width: float) -> str:
    """On a narrow screen the picture shrinks; its letters must not. Its media queries look at its own box."""
    letters = max(12, round(10 * width / NARROW))
    return (
        f"<style>@media (max-width:{NARROW + 90}px){{text{{font-size:{letters}px}}}}"
        "@media (prefers-color-scheme:dark){svg{background:#fff}}</style>"
    )


def svg(figure: Figure) -> str:
    """The picture as SVG: the same figure gives the same bytes, whatever was drawn before it.

    Raises:
        ValueError: the figure cannot be drawn.
    """
    return _draw(json.dumps(figure.vega(), allow_nan=False, separators=(",", ":")))


def png(figure: Figure, *, scale: float = 2.0) -> bytes:
    """The picture as PNG, ``scale`` times its size in pixels."""
    import vl_convert

    drawn: bytes = vl_convert.svg_to_png(_on_paper(svg(figure)), scale=scale)
    return drawn


def pdf(figure: Figure) -> bytes:
    """The picture as one PDF page of its size."""
    import vl_convert

    drawn: bytes = vl_convert.svg_to_pdf(_on_paper(svg(figure)))
    return drawn


def _on_paper(drawing: str) -> str:
    body = _STYLE.sub("", drawing, count=1)
    head = body.index(">") + 1
    return body[:head] + '<rect width="100%" height="100%" fill="#ffffff"/>' + body[head:]


def with_decimal(drawing: str, mark: str) -> str:
    """The same picture with another decimal mark in its numbers."""

    def change(match: re.Match[str]) -> str:
        return match[1] + re.sub(r"(?<=\d)\.(?=\d)", mark, match[2]) + match[3]

    return _TEXT.sub(change, drawing)


def _draw(vega: str) -> str:
    import vl_convert

    drawing = vl_convert.vega_to_svg(vega)
    return _settled(drawing, "f" + hashlib.sha256(vega.encode()).hexdigest()[:8])


def _settled(drawing: str, prefix: str) -> str:
    """Give ids the figure's own prefix (the engine counts them up within a process) and drop needless weight."""
    for number, name in enumerate(dict.fromkeys(_IDENTIFIER.findall(drawing))):
        drawing = re.sub(rf'(id="|url\(#|href="#){re.escape(name)}(?=["\)])', rf"\g<1>{prefix}-{number}", drawing)
    # Marks carry a spoken description each; the page's text and table say the same better.
    drawing = re.sub(r' (?:aria-[a-z]+|role|aria-roledescription)="[^"]*"', "", drawing)
    drawing = re.sub(r' class="(?:mark|background|foreground|root)[^"]*"', "", drawing)
    drawing = re.sub(r"(\d\.\d{2})\d+", r"\1", drawing)
    head = drawing.index(">") + 1
    size = SIZE.search(drawing)
    return drawing[:head] + _style(float(size[1]) if size else 0) + drawing[head:]


def _draw_many(specifications: list[str]) -> list[str]:
    return [_draw(vega) for vega in specifications]


class Drawer:
    """Draws figures, each content once: what was drawn before, in this run or an earlier one, is taken from ``cache``.

    Attributes:
        drawn, reused: counts of pictures.
    """

    def __init__(self, cache: Path, *, jobs: int = 2) -> None:
        self.cache, self.jobs = cache, jobs
        self.drawn = self.reused = 0
        self._used: set[str] = set()

    def draw(self, figures: Mapping[str, Figure], done: Callable[[int], None] | None = None) -> dict[str, str]:
        """SVG of each figure by its name; ``done`` is told how many more pictures are there.

        Raises:
            OutputError: the cache cannot be written.
        """
        self.cache.mkdir(parents=True, exist_ok=True)
        tell = done or (lambda _: None)
        out: dict[str, str] = {}
        todo: dict[str, tuple[str, list[str]]] = {}
        for name, figure in figures.items():
            vega = json.dumps(figure.vega(), allow_nan=False, separators=(",", ":"))
            key = hashlib.sha256(f"{_engine()}{_style(0)}{vega}".encode()).hexdigest()[:32]
            kept = self.cache / f"{key}.svg"
            if key not in todo and kept.is_file():
                out[name] = kept.read_text(encoding="utf-8")
                self._used.add(kept.name)
                self.reused += 1
                tell(1)
            else:
                todo.setdefault(key, (vega, []))[1].append(name)
        for key, drawing in self._fresh(todo):
            write_new(self.cache / f"{key}.svg", drawing)
            self._used.add(f"{key}.svg")
            self.drawn += 1
            for name in todo[key][1]:
                out[name] = drawing
            tell(len(todo[key][1]))
        return out

    def _fresh(self, todo: Mapping[str, tuple[str, list[str]]]) -> Iterator[tuple[str, str]]:
        keys = list(todo)
        chunks = [keys[i : i + CHUNK] for i in range(0, len(keys), CHUNK)]
        # Starting a second process costs about a second: not worth it for a few pictures.
        if self.jobs < 2 or len(keys) < 3 * CHUNK:
            results: Any = (_draw_many([todo[key][0] for key in chunk]) for chunk in chunks)
        else:
            from joblib import Parallel, delayed

            pool = Parallel(n_jobs=self.jobs, return_as="generator")
            results = pool(delayed(_draw_many)([todo[key][0] for key in chunk]) for chunk in chunks)
        for chunk, drawings in zip(chunks, results, strict=True):
            yield from zip(chunk, drawings, strict=True)

    def prune(self) -> None:
        """Forget pictures no longer used once they outnumber those in use."""
        stale = sorted(
            (path for path in self.cache.glob("*.svg") if path.name not in self._used),
            key=lambda path: path.stat().st_mtime,
        )
        for path in stale[: max(0, len(stale) - 2 * len(self._used))]:
            path.unlink(missing_ok=True)


def _engine() -> str:
    """What else a picture depends on."""
    return "/".join(version(name) for name in ("vl-convert-python", "altair"))

"""Pages in headless Chromium: no accessibility violation (axe-core), nothing wider than a phone.

axe-core (MPL-2.0) is a tool for tests only: ``npm ci --prefix tests/browser``, or name ``axe.min.js`` in the
environment variable SERAI_AXE. SERAI_SITE names a built site to look at instead of the invented one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest
from shown_riverland import Riverland

from serai.publish import build_site
from serai.publish.sections import sections

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AXE = Path(os.environ.get("SERAI_AXE") or Path(__file__).parents[1] / "browser/node_modules/axe-core/axe.min.js")
PAGES = (
    "index.html",
    "goals/index.html",
    "goals/6.html",
    "countries/index.html",
    "countries/[A-Z]*.html",
    "series/index.html",
    "series/[A-Z]*.html",
    "methods.html",
    "compare.html",
    "groups.html",
    "sources.html",
)
"""One page of every type: of those that match, the heaviest."""
SITE = Path(os.environ.get("SERAI_SITE") or "none").absolute()


def section_pages() -> list[str]:
    """Pages of the sections of a given site; those about members, and those of one folder, are of one type each."""

    def kind(path: Path) -> str:
        if len(path.parts) > 2:
            return f"{path.parent.as_posix()}/*.html"
        return re.sub(r"[A-Z]{3}\.html$", "[A-Z]*.html", path.as_posix())

    found = [path.relative_to(SITE) for section in sections() for path in SITE.glob(f"{section.id}/**/*.html")]
    return sorted({kind(path) for path in found})


RUN = """<script>{axe}</script><script>
addEventListener('load', async () => {{
  const found = await axe.run(document, {{runOnly: [
    'wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}});
  const pre = document.createElement('pre');
  pre.id = 'result';
  pre.textContent = JSON.stringify({{
    violations: found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).slice(0, 4).join(', ')),
    passes: found.passes.length, wide: document.documentElement.scrollWidth - innerWidth, width: innerWidth}});
  document.body.append(pre);
}});</script>"""

REQUIRED = bool(os.environ.get("SERAI_REQUIRE_BROWSER"))
"""Where the browser must be there, its absence is a failure and not a skip."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None and not REQUIRED, reason="no Chromium"),
    pytest.mark.skipif(not AXE.is_file() and not REQUIRED, reason="no axe-core; npm ci --prefix tests/browser"),
]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    if SITE.is_dir():
        return SITE
    root = tmp_path_factory.mktemp("browser")
    build_site(Riverland(root), root / "out", jobs=1)
    return root / "out"


def opened(page: Path, width: int, folder: Path) -> dict:
    """What axe says of a page at a width; the page is framed, since a headless window has a least width."""
    html = page.read_text(encoding="utf-8")
    head = f'<head><base href="{page.parent.as_uri()}/">'
    script = RUN.format(axe=AXE.read_text(encoding="utf-8"))
    (folder / "page.html").write_text(html.replace("<head>", head + script), encoding="utf-8")
    frame = folder / "frame.html"
    frame.write_text(
        f"<!doctype html><iframe src='page.html' style='width:{width}px;height:900px;border:0'></iframe><script>"
        "const copy = () => {const f = document.querySelector('iframe').contentDocument?.getElementById('result');"
        "if (f) document.body.append(f.cloneNode(true)); else setTimeout(copy, 50)};"
        "addEventListener('load', copy)</script>",
        encoding="utf-8",
    )
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
        "--allow-file-access-from-files", f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=30000",
        f"--window-size={max(width, 500)},900", "--dump-dom", frame.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.S)
    assert found, done.stdout[-500:]
    return json.loads(unescape(found[1]))


@pytest.mark.parametrize("page", [*PAGES, *section_pages()])
@pytest.mark.parametrize(("language", "width"), [("", 1280), ("ru/", 360)])
def test_a_page_is_accessible_and_fits_its_screen(out, page, language, width, tmp_path):
    heaviest = max((out / language).glob(page), key=lambda path: path.stat().st_size)
    said = opened(heaviest, width, tmp_path)
    assert said["violations"] == []
    assert said["passes"] > 20
    assert said["wide"] <= 0
    assert said["width"] == width

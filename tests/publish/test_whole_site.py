"""A built site of a real region, every page of it: SERAI_SITE names the directory `serai brief` wrote."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from page_links import Links

SITE = Path(os.environ.get("SERAI_SITE") or "none").absolute()
SCRIPTED = ("corridor/", "coordinate/matches.html")
"""Where a page may load a script: the map that can be moved, when asked; decisions that are kept in the browser."""

pytestmark = pytest.mark.skipif(not SITE.is_dir(), reason="SERAI_SITE names no built site")


@pytest.fixture(scope="module")
def pages():
    return {path: Links(path.read_text(encoding="utf-8")) for path in sorted(SITE.rglob("*.html"))}


def others():
    """Directories of the languages beside the first."""
    return [folder for folder in SITE.iterdir() if (folder / "index.html").is_file() and folder.name == tongue(folder)]


def tongue(folder):
    text = (folder / "index.html").read_text(encoding="utf-8")
    return text.split('<html lang="', 1)[1].split('"', 1)[0]


def english(pages):
    return [path for path in pages if not any(path.is_relative_to(folder) for folder in others())]


def twin(path):
    return json.loads((SITE / "data" / path.relative_to(SITE).with_suffix(".json")).read_text(encoding="utf-8"))


def test_every_page_accounts_for_every_member(pages):
    members = sorted(twin(SITE / "index.html")["coverage"]["present"])
    assert members
    for path in english(pages):
        found = twin(path)["coverage"]
        absent = {row["area"]: row["reason"] for row in found["absent"]}
        assert sorted([*found["present"], *absent]) == members, path
        assert found["one"] or all(absent.values()), path
        assert 'class="coverage"' in path.read_text(encoding="utf-8"), path


def test_every_link_leads_to_a_file_and_every_anchor_to_an_id(pages):
    broken = []
    for path, links in pages.items():
        for link in links.found:
            if link.startswith("http"):
                continue
            address, _, anchor = link.partition("#")
            target = (path.parent / address).resolve() if address else path
            if not target.is_file() or (anchor and anchor not in pages[target].ids):
                broken.append((path.relative_to(SITE).as_posix(), link))
    assert broken == []


def test_pages_are_light_and_their_places_have_names_of_their_own(pages):
    for path, links in pages.items():
        assert path.stat().st_size < 300_000, path
        assert len(links.ids) == len(set(links.ids)), path
        inside = path.relative_to(SITE).as_posix()
        assert "script" not in links.tags or any(place in inside for place in SCRIPTED), path


def test_every_page_is_there_in_every_language(pages):
    plain = {path.relative_to(SITE) for path in english(pages)}
    assert others()
    for folder in others():
        assert {path.relative_to(folder) for path in folder.rglob("*.html")} == plain

"""The catalogues of messages: what is used where; ``python -m serai.publish.catalogue ru`` brings them up to date."""

from __future__ import annotations

import io
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po
from jinja2.ext import babel_extract

from serai.publish.i18n import read_catalogue
from serai.publish.places import ROOT, section_folders

__all__ = ["update", "used"]

KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "text": None, "count": (1, 2)}
DATED = datetime(2026, 1, 1, tzinfo=UTC)
"""Fixed, so that a catalogue changes only when a message does."""
# Templates and tables mark messages with `_`; code shows them with a language's `text` and `count`.


def used(code: str = "en", folder: Path = ROOT) -> Catalog:
    """Every message that pages use, with the places they are used in; the brief has catalogues of its own.

    Args:
        code: language of the catalogue.
        folder: publishing itself, or a section: its messages are those that publishing does not use already.
    """
    found = _empty(code)
    shared = _empty(code) if folder == ROOT else used(code)
    for path in _files(folder):
        for message in _messages(path):
            parts = message if isinstance(message, tuple) else (message,)
            if parts and all(parts) and parts[0] not in shared:
                found.add(message, locations=[(path.name, 1)])
    return found


def _files(folder: Path) -> list[Path]:
    code = folder.glob("*.py") if folder == ROOT else folder.rglob("*.py")
    modules = [path for path in sorted(code) if not path.name.startswith("brief")]
    tables = [path for path in [folder / "tables.toml"] if path.is_file()]
    return [*modules, *sorted((folder / "templates").glob("*.html")), *tables]


def _empty(code: str) -> Catalog:
    return Catalog(
        locale=code,
        project="serai",
        version="1",
        header_comment="# What Serai publishes, in another language. English is the source.",
        msgid_bugs_address="-",
        last_translator="-",
        language_team="-",
        creation_date=DATED,
        revision_date=DATED,
        fuzzy=False,
    )


def _messages(path: Path) -> Iterator[str | tuple[str, ...]]:
    stream = io.BytesIO(path.read_bytes())
    if path.suffix == ".toml":
        yield from (table["title"] for table in tomllib.load(stream).get("table", ()))
    elif path.suffix == ".py":
        yield from (row[1] for row in extract("python", stream, keywords=KEYWORDS))
    else:
        for _line, _function, message, _comments in babel_extract(stream, tuple(KEYWORDS), (), {"trimmed": "true"}):
            texts = (message,) if isinstance(message, str) else tuple(text for text in message or () if text)
            yield texts[0] if len(texts) == 1 else texts[:2]


def update(code: str, folder: Path = ROOT) -> Catalog:
    """The catalogue of a language with today's messages: new ones are empty, unused ones are gone."""
    kept, fresh = read_catalogue(code, folder), used(code, folder)
    for message in fresh:
        if message.id and (known := kept.get(message.id[0] if isinstance(message.id, tuple) else message.id)):
            message.string = known.string
    return fresh


def main() -> None:
    """Rewrite the catalogues of the languages named on the command line, the site's and every section's."""
    for code, folder in product(sys.argv[1:], (ROOT, *section_folders())):
        fresh = update(code, folder)  # read before the file is opened for writing, which empties it
        (folder / "locale").mkdir(exist_ok=True)
        with (folder / "locale" / f"{code}.po").open("wb") as file:
            write_po(file, fresh, sort_output=True, omit_header=False, width=110, include_lineno=False)


if __name__ == "__main__":
    main()

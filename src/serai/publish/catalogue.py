"""The catalogues of messages: what is used where, and ``python -m serai.publish.catalogue`` to bring them up to date."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po

from serai.publish.i18n import read_catalogue

__all__ = ["update", "used"]

KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "text": None, "count": (1, 2)}
DATED = datetime(2026, 1, 1, tzinfo=UTC)
"""Fixed, so that a catalogue changes only when a message does."""
# Templates and tables mark messages with `_`; code shows them with a language's `text` and `count`.


def used(code: str = "en") -> Catalog:
    """Every message that pages use, with the places they are used in; the brief has catalogues of its own."""
    root = Path(str(resources.files("serai.publish")))
    found = Catalog(
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
    templates = [(path, "jinja2.ext:babel_extract") for path in sorted((root / "templates").glob("*.html"))]
    for path, kind in [*((path, "python") for path in sorted(root.glob("*.py")) if not path.name.startswith("brief")), *templates]:
        extractor = "python" if kind == "python" else _jinja
        options = {"trimmed": "true"}
        for _line, message, _comments, _context in extract(
            extractor, io.BytesIO(path.read_bytes()), keywords=KEYWORDS, options=options
        ):
            if message and all(message if isinstance(message, tuple) else (message,)):
                found.add(message, locations=[(path.name, None)])
    for title in _titles():
        found.add(title, locations=[("tables.toml", None)])
    return found


def _titles() -> list[str]:
    from serai.publish.tables import described_tables

    return [table["title"] for table in described_tables().values()]


def _jinja(stream: object, keywords: object, tags: object, options: object) -> object:
    from jinja2.ext import babel_extract

    return babel_extract(stream, keywords, tags, options)  # type: ignore[arg-type]


def update(code: str) -> Catalog:
    """The catalogue of a language with today's messages: new ones are empty, unused ones are gone."""
    kept, fresh = read_catalogue(code), used(code)
    for message in fresh:
        if message.id and (known := kept.get(message.id[0] if isinstance(message.id, tuple) else message.id)):
            message.string = known.string
    return fresh


def main() -> None:
    """Rewrite the catalogues named on the command line."""
    folder = Path(str(resources.files("serai.publish"))) / "locale"
    for code in sys.argv[1:]:
        with (folder / f"{code}.po").open("wb") as file:
            write_po(file, update(code), sort_output=True, omit_header=False, width=110, include_lineno=False)


if __name__ == "__main__":
    main()

"""The catalogues of messages: what is used where; ``python -m serai.publish.catalogue ru`` brings one up to date."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po
from jinja2.ext import babel_extract

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
    modules = [path for path in sorted(root.glob("*.py")) if not path.name.startswith("brief")]
    for path in (*modules, *sorted((root / "templates").glob("*.html"))):
        for message in _messages(path):
            if message and all(message if isinstance(message, tuple) else (message,)):
                found.add(message, locations=[(path.name, 1)])
    for title in _titles():
        found.add(title, locations=[("tables.toml", 1)])
    return found


def _titles() -> list[str]:
    from serai.publish.tables import described_tables

    return [table["title"] for table in described_tables().values()]


def _messages(path: Path) -> Iterator[str | tuple[str, ...]]:
    stream = io.BytesIO(path.read_bytes())
    if path.suffix == ".py":
        yield from (row[1] for row in extract("python", stream, keywords=KEYWORDS))
    else:
        for _line, _function, message, _comments in babel_extract(stream, tuple(KEYWORDS), (), {"trimmed": "true"}):
            texts = (message,) if isinstance(message, str) else tuple(text for text in message or () if text)
            yield texts[0] if len(texts) == 1 else texts[:2]


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
        fresh = update(code)  # read before the file is opened for writing, which empties it
        with (folder / f"{code}.po").open("wb") as file:
            write_po(file, fresh, sort_output=True, omit_header=False, width=110, include_lineno=False)


if __name__ == "__main__":
    main()

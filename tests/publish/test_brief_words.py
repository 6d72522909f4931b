"""The words of a brief: plural forms, limits of chances, typography, and complete catalogues."""

from __future__ import annotations

import io
import re
from pathlib import Path

import polars as pl
import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import serai
from serai.publish.brief_words import Words, catalogue_bytes, tied
from serai.publish.names import Names

ROOM = Path(serai.__file__).parent / "publish"
PLACE = re.compile(r"%\((\w+)\)s")


class Nothing:
    """A pack without names."""

    def table(self, name: str) -> pl.DataFrame:
        return pl.DataFrame()

    def has(self, name: str) -> bool:
        return False


def words(code: str) -> Words:
    return Words(code, Names(Nothing(), (code,)))


def used() -> dict[str, tuple[str, ...]]:
    """Messages of the brief by their English singular, with their plural where they have one."""
    found = {}
    for path in sorted(ROOM.glob("brief*.py")):
        content = io.BytesIO(path.read_bytes())
        for _line, message, _comments, _context in extract("python", content, keywords={"text": None, "count": (1, 2)}):
            found[message[0] if isinstance(message, tuple) else message] = (
                message if isinstance(message, tuple) else (message,)
            )
    return found


def catalogue(code: str):
    return read_po(io.BytesIO(catalogue_bytes(code) or b""), locale=code)


def test_the_russian_catalogue_holds_every_message_and_no_other():
    messages = {m.id[0] if isinstance(m.id, tuple) else m.id: m for m in catalogue("ru") if m.id}
    assert set(messages) == set(used())
    for message in messages.values():
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(forms), message.id
        assert len(forms) == (3 if isinstance(message.id, tuple) else 1)


def test_translations_fill_the_same_places():
    for message in catalogue("ru"):
        if not message.id:
            continue
        english = message.id[-1] if isinstance(message.id, tuple) else message.id
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        for form in forms:
            assert set(PLACE.findall(form)) == set(PLACE.findall(english)), form


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "Не раскрыто 1 значение."),
        (2, "Не раскрыто 2 значения."),
        (5, "Не раскрыто 5 значений."),
        (11, "Не раскрыто 11 значений."),
        (21, "Не раскрыто 21 значение."),
        (112, "Не раскрыто 112 значений."),
    ],
)
def test_russian_numbers_take_their_plural(number: int, said: str):
    assert words("ru").count("%(n)s figure is withheld.", "%(n)s figures are withheld.", number) == said


def test_english_numbers_take_their_plural():
    moves = [{"way": "better"}]
    assert words("en").class_moves(moves).startswith("1 class of a goal changed")
    assert words("en").class_moves(moves * 2).startswith("2 classes of goals changed")
    assert words("en").class_moves([]) == "No class of a goal changed."


@pytest.mark.parametrize(
    ("chance", "english", "russian"),
    [(None, "–", "–"), (0.0125, "<3%", "<3\u00a0%"), (0.5, "50%", "50\u00a0%"), (0.9875, ">97%", ">97\u00a0%")],
)
def test_chances_beyond_the_tested_bands_are_limits(chance, english, russian):
    assert (words("en").chance(chance), words("ru").chance(chance)) == (english, russian)


def test_ranges_with_a_minus_are_spaced_out():
    assert words("en").span(2.0, 3.5) == "2–3.5"
    assert words("en").span(-2.0, 3.5) == "−2 … 3.5"


def test_large_numbers_use_the_words_of_the_language():
    assert words("en").number(505_810_000) == "505.81M"
    assert words("ru").number(505_810_000).replace("\u00a0", " ") == "505,81 млн"


@pytest.mark.parametrize(
    ("loose", "held"),
    [
        ("по 2 в 3 года", "по_2_в_3_года"),
        ("и в конце", "и_в_конце"),
        ("из 102 пар: лучше — 3", "из_102_пар: лучше_—_3"),
        ("SDG 4 в мире", "SDG 4_в_мире"),
    ],
)
def test_russian_short_words_dashes_and_numbers_are_tied(loose: str, held: str):
    assert tied(loose, "ru").replace("\u00a0", "_") == held
    assert tied(loose, "en") == loose


def test_a_record_says_what_was_tested_and_how_often_it_held():
    cell = {"record_note": "revised data, 7-10 years ahead", "record_n": 21, "record_coverage80": 0.764}
    assert words("en").record([cell, cell]) == "revised data, 7–10 years ahead, 21 past cases, 80% band held in 76%"
    assert "21 прошлый случай" in words("ru").record([cell])
    untested = {"record_note": "no tested record", "record_n": 0, "record_coverage80": None}
    assert words("en").record([untested]).startswith("no tested record")

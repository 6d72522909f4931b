"""Languages: every message has its translation; numbers and days follow the reader."""

from __future__ import annotations

import re
from datetime import date

import pytest

from serai.publish.catalogue import used
from serai.publish.i18n import Language, read_catalogue
from serai.publish.messages import PATTERNS
from serai.publish.names import Names, pick
from serai.publish.places import ROOT, section_folders
from serai.publish.render import Renderer

PLACES = pytest.mark.parametrize("folder", [ROOT, *section_folders()], ids=lambda folder: folder.name)


def translations(code, folder):
    return {message.id: message for message in read_catalogue(code, folder) if message.id}


def forms(string):
    return string if isinstance(string, tuple) else (string,)


@PLACES
@pytest.mark.parametrize("code", ["ru"])
def test_every_message_in_use_is_translated(code, folder):
    known = translations(code, folder)
    lacking = [m.id for m in used(code, folder) if m.id and (m.id not in known or not all(forms(known[m.id].string)))]
    assert lacking == []
    assert not [m.id for m in known.values() if m.fuzzy]


@PLACES
@pytest.mark.parametrize("code", ["ru"])
def test_no_translation_is_left_over(code, folder):
    assert sorted(map(str, set(translations(code, folder)) - {m.id for m in used(code, folder)})) == []


@PLACES
@pytest.mark.parametrize("code", ["ru"])
def test_translations_keep_the_places_to_fill(code, folder):
    places = re.compile(r"%\(\w+\)s")
    for message in translations(code, folder).values():
        wanted = set(places.findall(forms(message.id)[-1]))
        for string in forms(message.string):
            assert set(places.findall(string)) == wanted, message.id


def test_russian_has_three_plural_forms():
    ru = Language("ru")
    told = [ru.count("%(n)s past case", "%(n)s past cases", n) for n in (1, 2, 5, 21)]
    assert told == ["1 прошлый случай", "2 прошлых случая", "5 прошлых случаев", "21 прошлый случай"]


@pytest.mark.parametrize(
    ("value", "english", "russian"),
    [
        (None, "–", "–"),
        (0.0, "0", "0"),
        (0.00123, "0.00123", "0,00123"),
        (4.5, "4.5", "4,5"),
        (-12.34, "−12.3", "−12,3"),
        (1234567.8, "1,234,568", "1\u202f234\u202f568"),
        (float("nan"), "–", "–"),
    ],
)
def test_numbers_keep_three_digits_and_follow_the_language(value, english, russian):
    assert Language("en").number(value) == english
    assert Language("ru").number(value) == russian


def test_a_bound_is_shown_as_one():
    assert Language("en").number(95.0, bound=">") == ">95"


def test_days_are_written_day_first():
    assert Language("en").date(date(2023, 12, 17)) == "17 December 2023"
    assert Language("ru").date("2023-12-17") == "17 декабря 2023"
    assert Language("ru").date("edition 4") == "edition 4"


def test_dari_and_pashto_run_from_right_to_left():
    assert [Language(code).direction for code in ("en", "ru", "kk", "prs", "ps")] == ["ltr", "ltr", "ltr", "rtl", "rtl"]


def test_a_language_without_a_catalogue_reads_english():
    assert Language("kk").text("Goals") == "Goals"


def test_names_come_from_the_pack_and_fall_back_to_english(region):
    names = Names(region.pack, ("en", "ru"))
    assert names.area("AAA") == {"en": "Alder", "ru": "Ольха"}
    assert pick(names.series("RIVERS"), "ru") == ("Number of rivers", "en")


def test_reasons_with_figures_are_translated(region):
    renderer = Renderer("ru", Names(region.pack, ("en", "ru")), (("en", "English"), ("ru", "Русский")), (), {})
    assert renderer._say("one year of data since 2015 (2018)") == "с 2015 года данные только за один год (2018)"
    nested = renderer._say("no series could be classified: no data since 2015")
    assert nested == "ни один ряд не удалось отнести к классу: нет данных с 2015 года"
    assert renderer._say("something new") == '<span lang="en">something new</span>'
    assert len(PATTERNS) == len(set(PATTERNS))

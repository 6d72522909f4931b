"""The brief as a whole: what the PDF says in each language, and that it is the same every time."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import polars as pl
import pypdf
import pytest

import riverland
import serai
from serai.errors import OutputError
from serai.publish import brief
from serai.publish.brief import BriefReport, build_brief, typeset
from serai.publish.brief_choice import choose
from serai.publish.brief_facts import ask
from serai.publish.brief_page import page
from serai.publish.brief_words import Words

ROOM = Path(serai.__file__).parent / "publish"
FONTS = ROOM / "fonts"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> serai.Region:
    root = tmp_path_factory.mktemp("riverland")
    return serai.open(riverland.write(root / "pack"), home=root / "home")


@pytest.fixture(scope="module")
def report(house: serai.Region, tmp_path_factory: pytest.TempPathFactory) -> BriefReport:
    return build_brief(house, tmp_path_factory.mktemp("brief"))


def text(path: Path) -> str:
    pages = pypdf.PdfReader(path).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u00a0", " ").split())


def characters(tree: object) -> set[str]:
    if isinstance(tree, str):
        drawn = re.findall(r"<text[^>]*>([^<]*)<", tree) if tree.startswith("<svg") else [tree]
        return set("".join(drawn))
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return {sign for part in parts for sign in characters(part)}


def covered(font: bytes) -> set[int]:
    """Characters of a font, from its table ``cmap`` (formats 4 and 12)."""
    tables = {font[i : i + 4]: struct.unpack(">I", font[i + 8 : i + 12])[0] for i in range(12, 12 + 16 * font[5], 16)}
    base, found = tables[b"cmap"], set()
    for entry in range(struct.unpack(">H", font[base + 2 : base + 4])[0]):
        at = base + struct.unpack(">I", font[base + 8 + 8 * entry : base + 12 + 8 * entry])[0]
        kind = struct.unpack(">H", font[at : at + 2])[0]
        if kind == 12:
            for group in range(struct.unpack(">I", font[at + 12 : at + 16])[0]):
                first, last, _ = struct.unpack(">III", font[at + 16 + 12 * group : at + 28 + 12 * group])
                found |= set(range(first, last + 1))
        elif kind == 4:
            count = struct.unpack(">H", font[at + 6 : at + 8])[0] // 2
            ends = struct.unpack(f">{count}H", font[at + 14 : at + 14 + 2 * count])
            starts = struct.unpack(f">{count}H", font[at + 16 + 2 * count : at + 16 + 4 * count])
            found |= {code for first, last in zip(starts, ends, strict=True) for code in range(first, last + 1)}
    return found


def test_a_brief_is_written_in_every_published_language(report: BriefReport) -> None:
    assert {code: path.name for code, path in report.files.items()} == {"en": "brief.pdf", "ru": "brief.ru.pdf"}
    for code, path in report.files.items():
        pdf = pypdf.PdfReader(path)
        assert len(pdf.pages) == report.pages[code] <= 6
        assert pdf.trailer["/Root"]["/Lang"] == code
        assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"].value is True


def test_two_runs_give_the_same_bytes(house: serai.Region, report: BriefReport, tmp_path: Path) -> None:
    again = build_brief(house, tmp_path)
    for code, path in again.files.items():
        assert path.read_bytes() == report.files[code].read_bytes()
    assert pypdf.PdfReader(again.files["en"]).metadata.creation_date.date() == riverland.SECOND


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", ["Riverland", "Source: UN, release of 1 June 2023.", "Compared with the release of 1 June 2022."]),
        ("ru", ["Речной край", "Источник: ООН, выпуск от 1 июня 2023", "Сопоставлено с выпуском от 1 июня 2022"]),
    ],
)
def test_every_figure_has_its_source_and_release(report: BriefReport, code: str, said: list[str]) -> None:
    found = text(report.files[code])
    for sentence in said:
        assert sentence in found


@pytest.mark.parametrize(("code", "label"), [("en", "model output"), ("ru", "результат модели")])
def test_projections_are_labelled_as_model_output(report: BriefReport, code: str, label: str) -> None:
    assert text(report.files[code]).count(label) >= 3


@pytest.mark.parametrize(
    ("code", "withheld", "lines"),
    [
        ("en", "1 figure is withheld.", "Lines on maps imply no opinion."),
        ("ru", "Не раскрыто 1 значение.", "Линии на картах не выражают мнения."),
    ],
)
def test_what_is_withheld_and_the_disclaimer_are_said(
    report: BriefReport, code: str, withheld: str, lines: str
) -> None:
    found = text(report.files[code])
    assert withheld in found
    assert lines in found


@pytest.mark.parametrize("code", ["en", "ru"])
def test_every_character_has_a_letter_in_the_fonts(house: serai.Region, code: str) -> None:
    known = set().union(*(covered(path.read_bytes()) for path in FONTS.glob("*.ttf")))
    evidence = ask(house, (code,))
    tree = page(evidence, choose(evidence), Words(code, evidence.now.names), {})
    assert {sign for sign in characters(tree) if ord(sign) not in known} == set()


def test_the_families_the_template_names_are_those_that_are_shipped(report: BriefReport) -> None:
    fonts = pypdf.PdfReader(report.files["ru"]).pages[1]["/Resources"]["/Font"].values()
    names = {font.get_object()["/BaseFont"].split("+")[1] for font in fonts}
    assert {"NotoSans-Regular", "NotoSans-Bold", "NotoSerif-Bold", "NotoSansMath-Regular"} <= names
    assert "NotoSansSymbols2-Regular" in names, "the check mark of an achieved target"
    assert all(name.startswith("Noto") for name in names)


def test_no_country_is_named_in_code_template_or_catalogue() -> None:
    names = pl.read_csv(ROOM.parent / "packs" / "central_asia" / "names.csv")
    words = {word for word in (*names["area"], *names["name"], *names["short"]) if word}
    files = [*ROOM.glob("brief*.py"), *(ROOM / "brief").rglob("*.typ"), *(ROOM / "brief").rglob("*.po")]
    assert len(files) > 10
    for path in files:
        content = path.read_text(encoding="utf-8")
        assert {word for word in words if re.search(rf"\b{re.escape(word)}\b", content)} == set(), path.name


def test_one_release_leaves_nothing_to_compare(house: serai.Region) -> None:
    evidence = ask(house, ("en",))
    alone = type(evidence)(evidence.now, None, evidence.new, pl.DataFrame(), pl.DataFrame())
    words = Words("en", evidence.now.names)
    tree = page(alone, choose(alone), words, {})
    assert tree["moved"]["tables"] is None
    assert "Only one release is held" in tree["findings"]["items"][2]["text"]
    assert typeset(tree, alone.new)[1] <= 6


def test_a_brief_too_long_is_set_again_with_less_in_it(
    house: serai.Region, report: BriefReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brief, "MOST_PAGES", 0)
    shorter = build_brief(house, tmp_path, languages=("en",))
    assert "see the disclaimer in the notes" in text(report.files["en"]), "the map has its note"
    assert "see the disclaimer in the notes" not in text(shorter.files["en"])
    assert shorter.pages["en"] <= report.pages["en"]


def test_a_place_that_cannot_be_written_is_named(house: serai.Region, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        build_brief(house, tmp_path / "file" / "below", languages=("en",))


@pytest.mark.slow
def test_the_shipped_region_fills_four_to_six_pages(tmp_path: Path) -> None:
    made = build_brief(serai.open("central_asia", home=tmp_path / "home"), tmp_path)
    assert all(4 <= pages <= 6 for pages in made.pages.values())
    english, russian = text(made.files["en"]), text(made.files["ru"])
    assert "Source: United Nations Statistics Division, release of 17 December 2023." in english
    assert "выпуск от 17 декабря 2023" in russian
    assert english.count("model output") >= 5
    assert "Tested record:" in english
    assert "Проверка:" in russian

"""Files are cut into activities right, whatever stands between them and however small the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iati_files import ACTIVITY, document

from serai.coordinate.iati import scan

NOISE = [
    "<!-- <iati-activity> in a comment -->",
    "<note><![CDATA[</iati-activity><iati-activity>]]></note>",
    "<?serai <iati-activity> ?>",
    "<iati-activity-extra/>",
    "\n\n",
]


def cut(path: Path) -> list[bytes]:
    content = path.read_bytes()
    return [content[one.offset : one.offset + one.size] for one in scan.pieces(scan.open_head(path))]


@given(
    parts=st.lists(st.tuples(st.sampled_from(NOISE), st.sampled_from(NOISE)), min_size=1, max_size=6),
    block=st.integers(1, 700),
)
def test_activities_are_cut_whole_for_any_window(
    parts: list[tuple[str, str]], block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    inside = [ACTIVITY.replace("<title>", f"{between}<title>").strip() for _, between in parts]
    body = "".join(before + one for (before, _), one in zip(parts, inside, strict=True))
    path = tmp_path_factory.mktemp("scan") / "a.xml"
    path.write_text(document(body), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "BLOCK", block)
        assert cut(path) == [one.encode() for one in inside]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_those_of_the_file(end: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(document(ACTIVITY, "<!--\n\n-->", ACTIVITY), encoding="utf-8", newline=end)
    lines = path.read_text(encoding="utf-8").split("\n")
    for one in scan.pieces(scan.open_head(path)):
        assert lines[one.line - 1].startswith("<iati-activity ")


def test_an_activity_too_large_is_named_and_the_rest_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "MAX_ACTIVITY", 4000)
    monkeypatch.setattr(scan, "BLOCK", 500)
    path = tmp_path / "a.xml"
    path.write_text(document(ACTIVITY.replace("Wells", "Wells " * 2000), ACTIVITY), encoding="utf-8")
    large, sound = scan.pieces(scan.open_head(path))
    assert "larger than" in large.problem
    assert not sound.problem


def test_a_file_that_ends_inside_an_activity_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(document(ACTIVITY, ACTIVITY)[:-400], encoding="utf-8")
    first, last = scan.pieces(scan.open_head(path))
    assert (first.problem, last.problem) == ("", "the file ends inside it")


def test_a_file_cut_off_between_activities_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    for end in (b"", b"</iati-activit", b"<iati-activity default-curr"):
        path.write_bytes(document(ACTIVITY).encode().replace(b"</iati-activities>\n", end))
        first, last = scan.pieces(scan.open_head(path))
        assert (first.problem, last.problem) == ("", "the file ends before </iati-activities>: it was cut off")


def test_what_follows_the_end_of_a_file_is_named_and_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(document(ACTIVITY) + document(ACTIVITY, ACTIVITY), encoding="utf-8")
    first, last = scan.pieces(scan.open_head(path))
    assert first.problem == ""
    assert (last.line, last.problem.split(",")[0]) == (26, "it stands after </iati-activities>")


def test_a_root_within_the_root_ends_neither(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(document("<iati-activities>", ACTIVITY, "</iati-activities>", ACTIVITY), encoding="utf-8")
    assert [one.problem for one in scan.pieces(scan.open_head(path))] == ["", ""]


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_an_empty_activity_ends_where_its_tag_does(block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "BLOCK", block)
    empty = ["<iati-activity/>", "<iati-activity hierarchy='/>'/>", "<iati-activity\n x='\"' y=\"'>\"\n/>"]
    path = tmp_path / "a.xml"
    path.write_text(document("<!-- a -->".join(empty)), encoding="utf-8")
    assert cut(path) == [one.encode() for one in empty]


def test_a_tag_that_is_broken_costs_its_own_activity(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    broken = ACTIVITY.replace("currency=", "currency", 1).replace('"USD"', '"USD', 1)
    path.write_text(document(broken, ACTIVITY), encoding="utf-8")
    assert cut(path) == [broken.strip().encode(), ACTIVITY.strip().encode()]

"""Files come in: what holds is taken, what does not is one line each, and nothing is half-written."""

from __future__ import annotations

import os
from datetime import date, datetime, tzinfo
from pathlib import Path

import polars as pl
import pytest
from iati_files import ACTIVITY, changed, document, write

from serai.coordinate import archive, intake
from serai.coordinate.archive import Archive
from serai.coordinate.iati import accept
from serai.coordinate.iati import read as reading
from serai.coordinate.iati.read import read
from serai.errors import OutputError, StoreError

TODAY = date(2026, 11, 25)
DROPS_ACTIVITY = {
    "percentages of sectors do not sum to 100 [99.0]": [('percentage="30"', 'percentage="29"')],
    "percentages of recipients do not sum to 100 [60.0]": [('percentage="40"', "")],
    "a percentage of recipients is no number [60 %]": [('percentage="60"', 'percentage="60 %"')],
    "a percentage of sectors is below zero [-30]": [('percentage="70"', 'percentage="130"'), ('"30"', '"-30"')],
    "no identifier [Clean water]": [("XM-TEST-1-A", " ")],
}
DROPS_ROW = {
    "transaction 1: value is no number [9OO]": [(">900<", ">9OO<")],
    "transaction 2: unknown currency [EUX]": [('currency="EUR"', 'currency="EUX"')],
    "transaction 2: unknown currency [XXX]": [('currency="EUR"', 'currency="XXX"')],
    "transaction 2: no date since 1950 [2022-06-011]": [('iso-date="2022-06-01"', 'iso-date="2022-06-011"')],
    "transaction 2: dated in the future [2049-06-01]": [('iso-date="2022-06-01"', 'iso-date="2049-06-01"')],
    "transaction 2: no date since 1950 [1822-06-01]": [('iso-date="2022-06-01"', 'iso-date="1822-06-01"')],
    "budget: negative budget [-1000]": [(">1000<", ">-1000<")],
    "budget: begins at no date from 1950 to 2036 [2049-01-01]": [('"2022-01-01"/><per', '"2049-01-01"/><per')],
    "budget: ends before it begins [2021-12-31]": [('iso-date="2022-12-31"', 'iso-date="2021-12-31"')],
}  # fmt: skip


def add(root: Path, *files: Path, workers: int = 1) -> archive.Receipt:
    return Archive(root).add(files, tell=lambda *_: None, workers=workers, today=TODAY)


def count(root: Path, table: str) -> int:
    return Archive(root).scan(table).collect().height


@pytest.mark.parametrize("line", DROPS_ACTIVITY)
def test_an_activity_that_does_not_hold_is_left_out_and_the_rest_taken(line: str, tmp_path: Path) -> None:
    broken = changed(*DROPS_ACTIVITY[line])
    path = write(tmp_path / "a.xml", ACTIVITY.replace("XM-TEST-1-A", "XM-TEST-1-B"), broken)
    receipt = add(tmp_path / "home", path)
    assert [str(one).split("activity: ")[1].split(";")[0] for one in receipt.rejects] == [line]
    assert receipt.rejects[0].line == 3 + ACTIVITY.count("\n") + 1
    assert (receipt.taken, count(tmp_path / "home", "transactions")) == (1, 2)


@pytest.mark.parametrize("line", DROPS_ROW)
def test_a_row_that_does_not_hold_is_left_out_and_the_rest_taken(line: str, tmp_path: Path) -> None:
    receipt = add(tmp_path / "home", write(tmp_path / "a.xml", changed(*DROPS_ROW[line])))
    assert [str(one).split(", ", 1)[1].split(";")[0] for one in receipt.rejects] == [line]
    assert receipt.taken == 1
    assert count(tmp_path / "home", "transactions") + count(tmp_path / "home", "budgets") == 2


def test_rounding_of_shares_is_no_fault(tmp_path: Path) -> None:
    thirds = [('percentage="60"', 'percentage="59.97"')]
    assert add(tmp_path / "home", write(tmp_path / "a.xml", changed(*thirds))).rejects == ()


OWN = '<sector vocabulary="98" code="{}" percentage="{}"><narrative>Own</narrative></sector>'
REGION = '<recipient-region vocabulary="{}" code="a" percentage="{}"/>'
COUNTRIES = '<recipient-country code="KG" percentage="60"/>\n <recipient-country code="TJ" percentage="40"/>'
KG = '<recipient-country code="KG" percentage="60"/>'
SHARES = {
    "themes of a publisher": (("<tag", OWN.format(1, 403) * 2 + "<tag"), ["vocabulary 98: 806.0"], 2, 2),
    "a theme without a share": (
        ("<tag", OWN.format(1, "") + OWN.format(2, 100) + "<tag"), ["vocabulary 98: 100.0"], 2, 2,
    ),
    "themes that are whole": (("<tag", OWN.format(1, 60) + OWN.format(2, 40) + "<tag"), [], 4, 2),
    "one region of a second vocabulary": ((COUNTRIES, KG + REGION.format(2, 40)), [], 2, 2),
    "regions twice": ((COUNTRIES, KG + REGION.format(1, 40) + REGION.format(2, 40)), [], 2, 3),
    "regions twice, the second wrong": (
        (COUNTRIES, KG + REGION.format(1, 40) + REGION.format(2, 30)), ["vocabulary 2: 90.0"], 2, 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SHARES)
def test_shares_that_do_not_count_are_left_out_without_their_activity(case: str, tmp_path: Path) -> None:
    change, lines, sectors, recipients = SHARES[case]
    receipt = add(tmp_path / "home", write(tmp_path / "a.xml", changed(change)))
    assert [one.value for one in receipt.rejects] == lines
    found = [count(tmp_path / "home", name) for name in ("activities", "sectors", "recipients")]
    assert found == [1, sectors, recipients]


def test_regions_of_the_vocabulary_that_counts_make_a_whole_with_countries(tmp_path: Path) -> None:
    beside = changed((COUNTRIES, COUNTRIES + REGION.format(2, 40)))
    receipt = add(tmp_path / "home", write(tmp_path / "a.xml", beside))
    assert (receipt.taken, [one.value for one in receipt.rejects]) == (0, ["140.0"])


def test_one_identifier_in_five_files_counts_once_and_the_latest_version_wins(tmp_path: Path) -> None:
    days = (3, 5, 1, 4, 2)
    files = [write(tmp_path / f"{n}.xml", changed(("2024-01-05T", f"2024-01-0{n}T"))) for n in days]
    receipt = add(tmp_path / "home", *files)
    assert (receipt.taken, len(receipt.rejects)) == (1, 4)
    assert all("5.xml:3" in one.problem for one in receipt.rejects)
    assert Archive(tmp_path / "home").scan("activities").collect()["updated"].to_list() == ["2024-01-05T10:00:00Z"]


def test_its_own_publisher_goes_before_who_reports_it_a_second_time(tmp_path: Path) -> None:
    again = changed(('type="40">', 'type="40" secondary-reporter="1">'), ("2024-01-05T", "2024-06-05T"))
    add(tmp_path / "home", write(tmp_path / "a.xml", ACTIVITY), write(tmp_path / "b.xml", again))
    assert Archive(tmp_path / "home").scan("activities").collect()["secondary"].to_list() == [None]


def test_a_later_import_replaces_and_the_same_file_does_nothing(tmp_path: Path) -> None:
    home, first = tmp_path / "home", write(tmp_path / "a.xml")
    add(home, first)
    later = add(home, write(tmp_path / "b.xml", changed(("2024-01-05T", "2025-01-05T"), (">900<", ">950<"))))
    assert (later.taken, later.replaced) == (1, 1)
    again = add(home, first)
    assert (again.taken, again.known) == (0, (str(first),))
    assert Archive(home).scan("transactions").collect()["value"].to_list() == [950.0, 100.0]


def test_dates_with_zones_and_namespaces_of_extensions_are_read(tmp_path: Path) -> None:
    zoned = changed(('iso-date="2022-03-01"', 'iso-date="2022-03-01+06:00"'), ("<title>", '<x:own k="1"/><title>'))
    path = tmp_path / "a.xml"
    path.write_text(document(zoned, attributes='version="2.03" xmlns:x="urn:x"'), encoding="utf-8")
    assert read(path).frames["transactions"]["date"][0] == date(2022, 3, 1)


def test_white_space_around_numbers_and_dates_is_none_of_them(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.xml", changed(('percentage="60"', 'percentage="60\n "'), ('"2022-03-01"', '" 2022-03-01 "'))
    )
    assert add(tmp_path / "home", path).rejects == ()
    assert read(path).frames["transactions"]["date"][0] == date(2022, 3, 1)


def test_what_is_dated_tomorrow_may_have_happened_in_the_east(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Evening(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime(2022, 5, 31, 20, tzinfo=tz)

    monkeypatch.setattr(accept, "datetime", Evening)
    path = write(tmp_path / "a.xml")
    assert accept.accept(read(path), "a.xml").rejects == []
    assert len(accept.accept(read(path), "a.xml", today=date(2022, 5, 31)).rejects) == 1


def test_white_space_kept_by_references_does_not_break_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", changed(('ref="T1"', 'ref="T&#9;1&#10;x"')))
    assert read(path).frames["transactions"]["ref"].to_list() == ["T 1 x", "T2"]


def test_a_bomb_is_refused_and_the_other_files_taken(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xml"
    bomb.write_text(
        '<!DOCTYPE b [<!ENTITY a "aa"><!ENTITY c "&a;&a;">]><iati-activities version="2.03">&c;</iati-activities>'
    )
    receipt = add(tmp_path / "home", bomb, write(tmp_path / "a.xml"))
    assert receipt.taken == 1
    assert "document type" in receipt.refused[0]


def test_an_entity_no_one_declared_costs_its_activity_only(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", changed(("Wells", "&wells;")), ACTIVITY.replace("XM-TEST-1-A", "XM-TEST-1-B"))
    receipt = add(tmp_path / "home", path)
    assert receipt.taken == 1
    assert "wells" in receipt.rejects[0].problem


def test_a_failure_in_the_middle_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    add(home, write(tmp_path / "a.xml"))
    before = Archive(home).stamp

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.LazyFrame, "sink_parquet", full)
    with pytest.raises(OutputError, match="nothing was changed"):
        add(home, write(tmp_path / "b.xml", ACTIVITY.replace("XM-TEST-1-A", "XM-TEST-1-B")))
    assert (Archive(home).stamp, count(home, "activities")) == (before, 1)
    assert [path.name for path in (home / "parts").iterdir()] == ["00001"]


@pytest.mark.parametrize("name", ["activities.xml", "flows.csv"])
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    (problem,) = add(tmp_path / "home", tmp_path / name).refused
    assert "save it to a file" in problem


def test_two_imports_at_once_are_refused(tmp_path: Path) -> None:
    with Archive(tmp_path / "home")._locked(), pytest.raises(StoreError, match="in use"):
        add(tmp_path / "home", write(tmp_path / "a.xml"))


def large(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of sixty activities that is worked on in five tasks."""
    many = [ACTIVITY.replace("XM-TEST-1-A", f"XM-TEST-1-{n}") for n in range(60)]
    monkeypatch.setattr(intake, "TASK", 20_000)
    monkeypatch.setattr(intake, "tasks", lambda head: reading.tasks(head, 20_000))
    return write(path, *many)


def test_several_threads_write_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = large(tmp_path / "a.xml", monkeypatch)
    for name, workers in (("one", 1), ("many", 4)):
        add(tmp_path / name, path, workers=workers)
    one, many = (
        {found.name: found.read_bytes() for found in (tmp_path / name / "parts").glob("*/*")}
        for name in ("one", "many")
    )
    assert one == many
    assert len([name for name in one if name.startswith("records")]) == 5
    assert Archive(tmp_path / "one").scan("activities").collect()["identifier"].n_unique() == 60


def test_a_failure_in_a_thread_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, home = large(tmp_path / "a.xml", monkeypatch), tmp_path / "home"
    sound = intake.store

    def full(frames: reading.Frames, folder: Path, name: str, base: int, file: str) -> None:
        if name.endswith("3"):
            raise OSError(28, "No space left on device")
        sound(frames, folder, name, base, file)

    monkeypatch.setattr(intake, "store", full)
    with pytest.raises(OutputError, match="nothing was changed"):
        add(home, path, workers=3)
    assert (Archive(home).stamp, list((home / "parts").iterdir())) == ("", [])


def test_what_is_under_way_is_bounded_in_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, most = large(tmp_path / "a.xml", monkeypatch), []
    under_way: list[int] = []
    sound = intake.do

    def counted(job: intake.Job) -> intake.Done:
        under_way.append(job.size)
        most.append(sum(under_way))
        try:
            return sound(job)
        finally:
            under_way.remove(job.size)

    monkeypatch.setattr(intake, "do", counted)
    monkeypatch.setattr(intake, "TASK", 5_000)  # each task is as large as a huge activity
    assert add(tmp_path / "home", path, workers=4).taken == 60
    assert max(most) <= 2 * 25_000


def test_a_file_that_is_wrong_throughout_is_listed_as_far_as_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_LISTED", 3)
    many = [changed(('percentage="30"', 'percentage="29"')) for _ in range(5)]
    receipt = add(tmp_path / "home", write(tmp_path / "a.xml", *many))
    assert (len(receipt.rejects), receipt.unlisted) == (3, 2)


def test_tasks_stay_in_order_beyond_ten_thousand_files() -> None:
    names = [intake.task_name(file, number) for file in (1000, 9999, 10_000) for number in (0, 99_999, 100_000)]
    assert names == sorted(names)

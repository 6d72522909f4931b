"""The commands of the ledger: exit codes, one line a fault, what a decision leaves behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from iati_files import ACTIVITY, changed, document, write
from ledgers import ledger

from serai.cli import app
from serai.errors import InputError

PLACES = '<recipient-country code="KG" percentage="60"/>\n <recipient-country code="TJ" percentage="40"/>'


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    pack = ledger(tmp_path).pack.path
    monkeypatch.setenv("SERAI_HOME", str(tmp_path / "home"))

    def call(*words: str) -> tuple[int, str, str]:
        region = [] if words[0] == "check" else ["--region", str(pack)]
        code, refused = 0, ""
        try:
            app(["ledger", *words, *region], exit_on_error=False)
        except SystemExit as ended:
            code = int(ended.code or 0)
        except InputError as error:
            code, refused = 2, f"{error}\n"
        out, error_text = capfd.readouterr()
        return code, out, error_text + refused

    return call


@pytest.fixture
def registered(tmp_path: Path) -> tuple[str, str]:
    """The publisher of the sample is registered, and so exempt from the list of agencies."""
    (tmp_path / "publishers.txt").write_text("XM-TEST-1\n", encoding="utf-8")
    return "--org-ids", str(tmp_path / "publishers.txt")


def test_check_says_which_agencies_it_goes_by(run, tmp_path: Path) -> None:
    code, out, error = run("check", str(write(tmp_path / "a.xml")))
    assert code == 1
    assert "warning 1.14.8" in out
    assert "rules 1.14.8, 1.18.8: 544 registration agencies as of 2024-11-22" in error
    (tmp_path / "own.txt").write_text("XM-TEST\n", encoding="utf-8")
    assert run("check", str(tmp_path / "a.xml"), "--org-prefixes", str(tmp_path / "own.txt"))[0] == 0


def test_check_says_clean_findings_or_unreadable_by_its_exit_code(run, registered, tmp_path: Path) -> None:
    sound, faulty = (
        write(tmp_path / "a.xml"),
        write(tmp_path / "b.xml", changed(('percentage="60"', 'percentage="59"'), ("TEST-1-A", "TEST-1-B"))),
    )
    old = tmp_path / "c.xml"
    old.write_text(document(attributes='version="1.05"'), encoding="utf-8")
    assert run("check", str(sound), *registered)[0] == 0
    code, out, _ = run("check", str(sound), str(faulty), *registered)
    assert (code, out.count("\n")) == (1, 1)
    assert "b.xml:" in out
    assert "3.1.2" in out
    assert "[99]" in out
    code, _, error = run("check", str(old), str(faulty))
    assert code == 2
    assert "version 1.05 of the standard is not read" in error
    assert run("check", str(tmp_path / "none.xml"))[0] == 2


def test_check_writes_a_table_of_findings(run, registered, tmp_path: Path) -> None:
    faulty, table = write(tmp_path / "b.xml", changed(('percentage="60"', 'percentage="59"'))), tmp_path / "f.csv"
    assert run("check", str(faulty), *registered, "-o", str(table))[0] == 1
    header, row = table.read_text(encoding="utf-8").splitlines()
    assert header == "file,line,activity,rule,kind,severity,value,message"
    assert ",XM-TEST-1-A,3.1.2,strict_sum,error,99," in row


def test_import_lists_what_it_left_out_and_takes_the_rest(run, tmp_path: Path) -> None:
    broken = changed(('percentage="30"', 'percentage="29"')).replace("XM-TEST-1-A", "XM-TEST-1-B")
    code, out, error = run("import", str(write(tmp_path / "a.xml", ACTIVITY, broken)))
    assert code == 1
    assert "XM-TEST-1-B, activity: percentages of sectors do not sum to 100 [99.0]" in out
    assert "records taken: 1 (files: 1); earlier ones replaced: 0; left out: 1" in error
    assert run("import", str(tmp_path / "none.xml"))[0] == 2
    code, _, error = run("import", str(tmp_path / "a.xml"))
    assert code == 0
    assert "imported before" in error


def test_export_gives_back_what_was_imported(run, registered, tmp_path: Path) -> None:
    run("import", str(write(tmp_path / "a.xml")))
    code, _, error = run("export", str(tmp_path / "out.xml"))
    assert (code, "1 records written" in error) == (0, True)
    assert run("check", str(tmp_path / "out.xml"), *registered)[0] == 0
    assert run("export", str(tmp_path / "x.xml"), "NO-SUCH")[0] == 2


def test_a_split_needs_shares_of_a_whole_and_a_name(run, tmp_path: Path) -> None:
    one = changed((PLACES, '<activity-scope code="3"/><recipient-country code="AA"/>'))
    run("import", str(write(tmp_path / "a.xml", one)))
    assert "XM-TEST-1-A" in run("questions")[1]
    assert run("split", "XM-TEST-1-A", "AAA=90", "--by", "A. Analyst")[0] == 2
    assert run("split", "XM-TEST-1-A", "AAA:100", "--by", "A. Analyst")[0] == 2
    code, _, error = run("split", "XM-TEST-1-A", "AAA=60", "BBB=40", "--by", "A. Analyst")
    assert (code, "by A. Analyst on 20" in error) == (0, True)
    out = run("overlap", "--by", "member", "--stage", "commitment")[1]
    assert "540" in out
    assert "360" in out


def test_an_unknown_match_or_stage_is_one_line(run) -> None:
    for words, said in (
        (("accept", "0123456789", "--by", "A"), "unknown match '0123456789'; none is held"),
        (("overlap", "--stage", "promise"), "unknown stage 'promise'"),
        (("gaps", "--by", "colour"), "colour"),
        (("crowded", "--donors", "0"), "--donors is 0"),
    ):
        code, _, error = run(*words)
        assert (code, error.count("\n")) == (2, 1)
        assert said in error


def test_a_table_that_holds_no_flows_is_told_as_a_table(run, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("a,b\n", encoding="utf-8")
    code, _, error = run("import", str(tmp_path / "empty.csv"))
    assert code == 2
    assert "no table of FTS flows" in error


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("overlap", "--by", "year", "year"), "'year' is asked for twice"),
        (("match", "--threshold", "1.5"), "give a score from 0 to 1"),
        (("match", "--threshold", "nan"), "give a score from 0 to 1"),
        (("split", "X", "AAA=60", "AAA=40", "--by", "A."), "AAA has two shares"),
        (("export", "out.csv"), "a name that ends in .xml"),
        (("rates", "mine.csv", "--reset"), "give one of them"),
        (("rates", "none.csv"), "none.csv: cannot be read (No such file or directory); give a CSV table"),
    ],
)
def test_input_that_means_nothing_is_refused_in_one_line(run, words, problem) -> None:
    code, _, error = run(*words)
    assert code == 2
    assert problem in error
    assert len(error.strip().splitlines()) == 1


def test_a_table_without_rows_says_that_nothing_is_held(run) -> None:
    assert run("files")[2] == "no rows: nothing of this is held\n"

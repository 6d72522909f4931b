"""``serai ledger``, its second half, on the command line: tables out, one clear line where the input is wrong."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from coordinate.register_pack import add_register
from serai.cli import app
from serai.errors import InputError, OutputError, PackError

PLAN = """
id = "bridge"
title = { en = "A bridge" }
start = 2024-01-01
end = 2024-12-31
currency = "EUR"
budget = 100
members = ["AAA", "BBB"]
[[task]]
id = "dig"
title = { en = "Dig" }
owner = "AAA"
days = 10
[[task]]
id = "build"
title = { en = "Build" }
owner = "BBB"
days = 20
after = ["dig"]
"""


@pytest.fixture
def run(pack_dir, tmp_path, monkeypatch, capsys):
    add_register(pack_dir)
    monkeypatch.setenv("SERAI_HOME", str(tmp_path / "home"))

    def called(*arguments):
        app(
            ["ledger", *map(str, arguments), "--region", str(pack_dir)],
            exit_on_error=False,
            result_action="return_value",
        )
        return capsys.readouterr()

    return called


def rows(path: Path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        (("pledges",), 7),
        (("pledges", "--totals", "--by-pledger", "--as-of", "2026-01-01"), 3),
        (("pledges", "--overlaps"), 1),
        (("events", "--actor", "union"), 1),
        (("events", "--year", "2018"), 2),
        (("agreements", "--parties"), 4),
        (("cadence", "--followups", "--as-of", "2026-01-01"), 3),
        (("calendar",), 5),
        (("claims", "--state", "disputed"), 1),
        (("claims", "--evidence"), 5),
        (("desk", "AAA", "--tracks"), 0),
        (("actors",), 7),
        (("actors", "AAA", "union"), 2),
        (("actors", "--symbolic"), 2),
        (("actors", "--balance", "AAA"), 3),
        (("actors", "--balance", "AAA", "--without", "bank"), 2),
        (("mandate", "--records"), 16),
    ],
)
def test_every_table_can_be_written(run, tmp_path, arguments, count):
    out = tmp_path / "out.csv"
    run(*arguments, "-o", out)
    assert len(rows(out)) == count


def test_the_screen_shows_money_with_commas_and_no_trace_as_words(run):
    shown = run("pledges").out
    assert "nothing traceable" in shown
    assert "900" in shown


def test_claims_as_json_hold_their_sources(run, tmp_path):
    out = tmp_path / "claims.json"
    run("claims", "-o", out)
    held = {row["claim"]: row for row in json.loads(out.read_text(encoding="utf-8"))}
    assert [one["stance"] for one in held["C5"]["sources"]] == ["supports", "contradicts"]
    assert held["C4"]["sources"] is None


def test_a_scope_is_said_with_its_meaning(run):
    assert run("mandate", "--scope", "CCC").out.startswith("transit_neighbour: about neighbours only")


def test_a_work_plan_is_computed_and_a_suspension_told(run, tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text(PLAN, encoding="utf-8")
    told = run("workplan", path, "--suspend", "BBB", "--since", "2024-01-15").err
    assert "no end known: tasks frozen: 1, waiting for a frozen one: 0" in told
    assert "what can be dated ends 2024-01-10, critical path: dig" in told
    out = tmp_path / "tasks.csv"
    run("workplan", path, "-o", out)
    assert [(row["task"], row["finish"]) for row in rows(out)] == [("dig", "2024-01-10"), ("build", "2024-01-30")]


def test_a_calendar_file_is_written_whole(run, tmp_path):
    path = tmp_path / "calendar.ics"
    assert "5 entries written" in run("calendar", "--ics", path, "--as-of", "2026-01-01").err
    assert path.read_bytes().endswith(b"END:VCALENDAR\r\n")


def test_a_calendar_makes_no_folder(run, tmp_path):
    with pytest.raises(OutputError, match="No such file or directory"):
        run("calendar", "--ics", tmp_path / "none/c.ics")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("events", "--actor", "ZZZ"), "unknown actor 'ZZZ'"),
        (("claims", "--state", "true"), "unknown state 'true'"),
        (("cadence", "--as-of", "yesterday"), "'yesterday' is not a date"),
        (("desk",), "no area is given; name one of AAA, BBB"),
        (("desk", "CCC"), "unknown member 'CCC'"),
        (("desk", "AAA", "--totals", "--ratios"), "--ratios and --totals ask for different things"),
        (("mandate", "--scope", ""), "--scope names no area"),
        (("actors", "AAA"), "one actor is given"),
        (("mandate", "--scope", "XYZ"), "unknown area 'XYZ'"),
        (("workplan",), "holds no work plan"),
        (("workplan", "nothing"), "unknown work plan 'nothing'"),
        (("workplan", "x.toml", "--suspend", "AAA"), "needs both --suspend MEMBER and --since DAY"),
        (("calendar", "--ics", "calendar.txt"), "use a name that ends in .ics"),
        (("calendar", "--ics", "c.ics", "--language", "de"), "no calendar in 'de'"),
    ],
)
def test_wrong_input_is_one_clear_line(run, arguments, problem):
    with pytest.raises(InputError) as caught:
        run(*arguments)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_year_without_events_is_one_line_with_the_years_held(run):
    with pytest.raises(InputError, match="no event of 9999 is held; years held: 2016, 2018"):
        run("events", "--year", "9999")
    with pytest.raises(InputError, match="no event of bank of 2016 is held; years held: 2018"):
        run("events", "--year", "2016", "--actor", "bank")


def test_the_check_of_a_pack_names_faults_of_its_work_plans(pack_dir):
    add_register(pack_dir)
    folder = pack_dir / "coordinate/workplans"
    folder.mkdir(exist_ok=True)
    (folder / "good.toml").write_text(PLAN, encoding="utf-8")
    app(["pack", "check", str(pack_dir)], result_action="return_value")
    (folder / "bad.toml").write_text(PLAN.replace("2024-12-31", "2024-01-15"), encoding="utf-8")
    (folder / "odd.toml").write_text("id = [", encoding="utf-8")
    with pytest.raises(PackError, match=r"coordinate/workplans/bad\.toml: .*build") as error:
        app(["pack", "check", str(pack_dir)], result_action="return_value")
    assert "coordinate/workplans/odd.toml: not valid TOML" in str(error.value)


@pytest.mark.parametrize(
    "words",
    [
        ("pledges", "--totals", "--overlaps"),
        ("pledges", "--by-pledger"),
        ("segments", "--records", "--open"),
        ("actors", "KAZ", "--symbolic"),
        ("actors", "--without", "USA"),
        ("mandate", "--scope", "KAZ", "--records"),
        ("calendar", "--ics", "a.ics", "--output", "a.csv"),
        ("desk", "AFG", "--totals"),
        ("calendar", "--language", "ru"),
        ("workplan", "--until", "2026-01-01"),
        ("actors", "AAA", "AAA"),
        ("actors", "--balance", "AAA", "--without", "XXX"),
    ],
)
def test_no_option_is_left_out_without_a_word(words, run):
    with pytest.raises(InputError):
        run(*words)

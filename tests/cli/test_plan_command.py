"""``serai plan``: the label, what is shown, and faults in one line."""

from contextlib import contextmanager

import polars as pl
import pytest

from plan.plan_pack import add_plan
from plan.two_countries import exposure, world
from serai.cli import app
from serai.cli import plan as command
from serai.errors import InputError
from serai.plan.decisions import Decisions


@pytest.fixture
def decisions(tmp_path, monkeypatch):
    pack = add_plan(tmp_path / "pack")
    figures = pl.DataFrame(schema={"series": pl.String, "area": pl.String, "period": pl.Int32, "value": pl.Float64})
    made = Decisions(world(), pack=pack, figures=figures, exposure=exposure, cost=exposure, home=tmp_path, key="k")

    @contextmanager
    def opened(region, suspended, strategy=None, member=None):
        yield made, made.suspend(*suspended) if suspended else made

    monkeypatch.setattr(command, "_decisions", opened)
    return made


def said(capsys, *words):
    app(["plan", *words], result_action="return_value")
    return capsys.readouterr()


SMALL = ("--shocks", "16", "--runs", "4", "--workers", "1")


def test_compare_is_labelled_and_says_whether_it_is_decided(decisions, capsys):
    found = said(capsys, "compare", *SMALL)
    assert "Model output, not a forecast" in found.err
    assert "16 shocks x 3 strategies x 4 runs, 2024 to 2030" in found.err
    assert "is the ranking decided?" in found.out
    assert "satisficing" in found.out


def test_run_writes_every_goal_and_goes_on_in_a_folder(decisions, capsys, tmp_path):
    said(capsys, "run", *SMALL, "--folder", str(tmp_path / "kept"), "-o", str(tmp_path / "rows.parquet"))
    rows = pl.read_parquet(tmp_path / "rows.parquet")
    assert set(rows["goal"]) == {"", "1", "6", "9"}
    assert (tmp_path / "kept" / "job.json").is_file()


def test_a_suspended_member_is_shown_frozen(decisions, capsys):
    found = said(capsys, "compare", *SMALL, "--suspend", "BBB")
    assert "frozen" in found.out


def test_faults_are_the_users_and_told_in_one_line(decisions, tmp_path):
    bad = tmp_path / "shares.csv"
    bad.write_text("member,programme,share\nQQQ,1,1\n")
    for words, told in (
        (("compare", "--strategy", "watr"), "unknown strategy 'watr'"),
        (("run", "--shocks", "100"), "power of two"),
        (("run", "--seed", "-1"), "seed -1; give a whole number from 0"),
        (("compare", "--seed", str(2**64)), f"seed {2**64}; give"),
        (("compare", "--workers", "0"), "0 workers"),
        (("bottlenecks", "QQQ", "--frontier"), "unknown member 'QQQ'"),
        (("run", "--suspend", "QQQ"), "unknown member 'QQQ'"),
        (("compare", "--table", str(bad)), "shares.csv:2: unknown member [QQQ]"),
        (("bottlenecks", "QQQ"), "unknown member 'QQQ'"),
    ):
        with pytest.raises(InputError) as caught:  # which the command line ends with code 2
            app(["plan", *words], exit_on_error=False, result_action="return_value")
        assert told in str(caught.value)
        assert "\n" not in str(caught.value)

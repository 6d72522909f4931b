"""Joint work plans: critical path by hand, rules of joint programmes, a suspension freezes and deletes nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serai.coordinate.workplan import Plan, read_plan, schedule, suspension
from serai.errors import InputError, SourceError, UnknownName

PLAN = """
id = "bridge"
title = { en = "A bridge" }
start = 2024-01-01
end = 2024-12-31
currency = "EUR"
budget = 100
members = ["AAA", "BBB", "bank"]
[[output]]
id = "piers"
title = { en = "Piers" }
entity = "AAA"
start = 2024-01-01
end = 2024-06-30
[[task]]
id = "dig"
title = { en = "Dig" }
owner = "AAA"
days = 10
output = "piers"
budget = 40
[[task]]
id = "pay"
title = { en = "Pay" }
owner = "bank"
days = 5
budget = 20
[[task]]
id = "build"
title = { en = "Build" }
owner = "BBB"
days = 20
after = ["dig", "pay"]
budget = 30
[[task]]
id = "open"
title = { en = "Open" }
owner = "AAA"
days = 1
after = ["build"]
"""


@pytest.fixture
def plan(tmp_path):
    def make(old="", new=""):
        assert old in PLAN
        path = tmp_path / "plan.toml"
        path.write_text(PLAN.replace(old, new, 1) if old else PLAN, encoding="utf-8")
        return read_plan(path)

    return make


def rows(found):
    return {row["task"]: row for row in found.tasks.to_dicts()}


def test_dates_slack_and_critical_path_by_hand(plan):
    found = schedule(plan())
    assert found.path == ["dig", "build", "open"]
    assert found.finish == date(2024, 1, 31)
    task = rows(found)
    assert (task["build"]["start"], task["build"]["finish"]) == (date(2024, 1, 11), date(2024, 1, 30))
    assert {name: row["slack_days"] for name, row in task.items()} == {"dig": 0, "pay": 5, "build": 0, "open": 0}
    assert (found.allotted, found.frozen, found.late_days) == (90, 0, 0)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('owner = "BBB"', 'owner = "CCC"', "task build: CCC is not among the members"),
        (
            'owner = "BBB"',
            'owner = "AAA, BBB"',
            "task build: owner is one area or body [AAA, BBB]; name one, or split it",
        ),
        ('after = ["dig", "pay"]', 'after = ["dug"]', "waits for 'dug', which does not exist"),
        ('id = "dig"\n', 'id = "dig"\nafter = ["open"]\n', "tasks wait for each other"),
        ("budget = 40", "budget = 60", "tasks hold 110 EUR of a budget of 100"),
        ("budget = 40", "budget = -1", "task dig: budget"),
        ("days = 20", "days = 400", "task build: ends on"),
        ("end = 2024-06-30", "end = 2025-06-30", "output piers: 2024-01-01..2025-06-30 is not inside"),
        ("end = 2024-06-30", "end = 2024-01-05", "task dig: ends on 2024-01-10, after 2024-01-05"),
        ('entity = "AAA"', 'entity = "BBB"', "of AAA, its output piers is of BBB; one entity each"),
        ('id = "pay"', 'id = "dig"', "task dig appears twice"),
        ('currency = "EUR"', 'currency = "euro"', "currency"),
        ("members = [", 'colour = "red"\nmembers = [', "colour"),
        ("[[output]]", "[[output", "not valid TOML"),
    ],
)
def test_each_broken_rule_is_named(plan, old, new, problem):
    with pytest.raises(SourceError) as caught:
        plan(old, new)
    assert problem in str(caught.value)


def test_all_faults_come_at_once(plan):
    with pytest.raises(SourceError, match="2 faults"):
        plan('owner = "BBB"\ndays = 20\nafter = ["dig", "pay"]', 'owner = "CCC"\ndays = 20\nafter = ["dug", "pay"]')


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(SourceError, match="cannot read"):
        read_plan(tmp_path / "none.toml")


def test_a_member_suspended_freezes_its_tasks_and_deletes_none(plan):
    found = schedule(plan(), suspend=[suspension("BBB", date(2024, 1, 15))])
    assert {name: row["state"] for name, row in rows(found).items()} == {
        "dig": "planned", "pay": "planned", "build": "frozen", "open": "waiting",
    }  # fmt: skip
    assert found.tasks.height == 4
    assert found.frozen == 30
    assert found.finish == date(2024, 1, 10)
    assert rows(found)["open"]["reason"] == "waits for build"
    assert (rows(found)["build"]["start"], rows(found)["build"]["finish"]) == (date(2024, 1, 11), None)
    assert rows(found)["open"]["start"] is None


def test_work_finished_before_the_suspension_stays_as_it_was(plan):
    found = schedule(plan(), suspend=[suspension("AAA", date(2024, 1, 11), date(2024, 1, 20))])
    assert rows(found)["dig"]["state"] == "planned"
    assert found.finish == date(2024, 1, 31)


def test_a_suspension_with_an_end_pushes_what_comes_after(plan):
    found = schedule(plan(), suspend=[suspension("BBB", date(2024, 1, 15), date(2024, 1, 24))])
    build = rows(found)["build"]
    assert (build["start"], build["finish"], build["paused_days"]) == (date(2024, 1, 11), date(2024, 2, 9), 10)
    assert found.finish == date(2024, 2, 10)


def test_a_suspension_of_nobody_or_backwards_is_refused(plan):
    with pytest.raises(UnknownName, match="unknown member 'CCC'"):
        schedule(plan(), suspend=[suspension("CCC", date(2024, 1, 1))])
    with pytest.raises(InputError, match="until comes before since"):
        suspension("AAA", date(2024, 2, 1), date(2024, 1, 1))


def test_the_shipped_example_says_that_it_is_one(shipped):
    found = shipped.workplan()
    assert found.plan.example
    assert found.allotted == found.plan.budget
    assert found.path == ["inventory", "definitions", "upstream_tjk", "balance", "review"]


@given(
    st.lists(st.tuples(st.integers(1, 40), st.sets(st.integers(0, 7)), st.sampled_from(["AAA", "BBB"])), min_size=1,
             max_size=8),
    st.integers(0, 60), st.integers(0, 30),
)  # fmt: skip
def test_invariants_of_any_plan(entries, since, length):
    begin = date(2024, 1, 1)
    tasks = [
        {"id": f"t{number}", "title": {"en": "t"}, "owner": owner, "days": days,
         "after": [f"t{other}" for other in sorted(after) if other < number]}
        for number, (days, after, owner) in enumerate(entries)
    ]  # fmt: skip
    plan = Plan(
        id="p", title={"en": "p"}, start=begin, end=date(2026, 12, 31), currency="EUR", budget=0,
        members=("AAA", "BBB"), task=tuple(tasks),
    )  # fmt: skip
    free = schedule(plan)
    first = begin + timedelta(days=since)
    held = schedule(plan, suspend=[suspension("AAA", first, first + timedelta(days=length))])
    assert free.finish <= held.finish <= free.finish + timedelta(days=length + 1)
    for found in (free, held):
        task = rows(found)
        for row in task.values():
            assert all(task[name]["finish"] < row["start"] for name in row["after"])
            assert (row["finish"] - row["start"]).days + 1 == row["days"] + row["paused_days"] or row["paused_days"]
            assert row["slack_days"] >= 0
        assert task[found.path[-1]]["finish"] == found.finish
        assert all(task[name]["critical"] for name in found.path)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [("days = 10\n", "days = 36501\n", "less than or equal"), ("2024-12-31", "9999-12-31", "2199-12-31")],
)
def test_what_would_leave_the_calendar_is_refused(plan, old, new, problem):
    with pytest.raises(SourceError, match=problem):
        plan(old, new)


def test_more_work_than_a_calendar_holds_is_refused(tmp_path):
    task = '[[task]]\nid = "t{0}"\ntitle = {{ en = "t" }}\nowner = "AAA"\ndays = 36500\nafter = {1}\n'
    tasks = "".join(task.format(n, f'["t{n - 1}"]' if n else "[]") for n in range(200))
    path = tmp_path / "plan.toml"
    path.write_text(PLAN[: PLAN.index("[[output]]")] + tasks, encoding="utf-8")
    with pytest.raises(SourceError, match="days of work"):
        read_plan(path)

"""One calendar, and its iCalendar twin: whole days, honest about what is not known, the same bytes every time."""

from __future__ import annotations

from datetime import date

from icalendar import Calendar


def entries(content):
    return {str(entry["uid"]): entry for entry in Calendar.from_ical(content).walk("VEVENT")}


def test_the_file_is_the_same_twice_and_can_be_read_back(shipped):
    first = shipped.ics(as_of="2026-11-25")
    assert first == shipped.ics(as_of="2026-11-25")
    found = entries(first)
    assert len(found) == shipped.calendar(as_of="2026-11-25").height
    entry = found["cn-2.event@central_asia.serai"]
    assert (entry.start, entry.end) == (date(2025, 6, 17), date(2025, 6, 18))


def test_a_day_that_is_not_held_is_said(register):
    found = entries(register.ics(as_of="2026-11-25"))
    entry = found["rs-2.event@riverland.serai"]
    assert "day not held" in entry["summary"]
    assert (entry.start, entry.end) == (date(2018, 6, 1), date(2018, 7, 1))
    assert "известен только год" in entries(register.ics(as_of="2026-11-25", language="ru"))[
        "fu-1.due@riverland.serai"
    ]["summary"]  # fmt: skip


def test_frameworks_stand_on_the_same_calendar(shipped):
    found = shipped.calendar(as_of="2026-11-25")
    frameworks = found.filter(kind="framework")
    assert set(frameworks["area"]) == set(shipped.members)


def test_what_is_done_is_no_longer_due(register):
    assert "FU-2" not in register.calendar(as_of="2026-11-25")["entry"]
    assert "FU-2" in register.calendar(as_of="2019-01-01")["entry"]


def test_a_framework_is_at_the_stage_its_months_say_whatever_its_source_lists(shipped):
    def stages(day):
        return dict(shipped.frameworks(as_of=day).select("framework", "stage").iter_rows())

    before, after = stages("2025-12-31"), stages("2026-01-01")
    assert (before["UNF-KAZ-2021"], before["UNF-KAZ-2026"]) == ("running", "planned")
    assert (after["UNF-KAZ-2021"], after["UNF-KAZ-2026"]) == ("ended", "running")


def test_events_of_an_actor_are_counted_alike_wherever_they_are_counted(shipped):
    """Observers, guests and those whose role is unknown did not take part."""
    hosting = dict(shipped.symbolic().select("area", "took_part").iter_rows())
    actors = dict(shipped.actors().select("actor", "events").iter_rows())
    assert all(actors[area] == events for area, events in hosting.items())
    assert hosting["TKM"] == 20

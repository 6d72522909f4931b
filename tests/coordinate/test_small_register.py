"""A pack may hold only a part of the register: what it lacks counts as empty, and pages still stand."""

from __future__ import annotations

import pytest

import serai
from coordinate.register_pack import TABLES
from serai.coordinate.register import Register
from serai.publish.sections.preview import preview
from serai.region import check_pack, load_pack

KEPT = ("documents", "events")


@pytest.fixture
def small(pack_dir):
    folder = pack_dir / "coordinate"
    folder.mkdir()
    entries = []
    for name in KEPT:
        text = TABLES[name]
        if name == "events":  # without bodies no event names a format
            text = text.replace("RS-1,summit", "RS-1,").replace("RS-2,summit", "RS-2,").replace("RS-X,summit", "RS-X,")
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        described = "\n".join(f'{column} = "what it holds"' for column in text.split("\n")[0].split(","))
        entries.append(
            f'[[table]]\nfile = "coordinate/{name}.csv"\ntitle = "t"\nprovider = "p"\nsource = "s"\nlicence = "l"\n'
            f'release = "r"\nretrieved = 2024-01-01\n[table.columns]\n{described}\n'
        )
    sources = pack_dir / "sources.toml"
    sources.write_text(sources.read_text(encoding="utf-8") + "\n" + "\n".join(entries), encoding="utf-8")
    return pack_dir


def test_it_is_sound(small):
    assert check_pack(small) == []


def test_every_question_has_an_empty_answer(small):
    register = Register(load_pack(small))
    assert register.events().height == 3
    for answer in (
        register.pledges(), register.pledge_totals(), register.pledge_overlaps(), register.agreements(),
        register.parties(), register.cadence(), register.followups(), register.claims(), register.evidence(),
        register.desk("AAA"), register.desk_ratios(), register.desk_totals(), register.tracks(), register.edges(),
        register.actors(), register.mandate(), register.instruments(), register.balance("AAA"),
    ):  # fmt: skip
        assert answer.is_empty()
    assert register.symbolic().height == 2
    assert register.scopes().height == 3
    assert register.ics(as_of="2024-01-01").count(b"BEGIN:VEVENT") == 3
    assert register.workplans == ()


def test_pages_stand_without_the_rest(small, tmp_path):
    region = serai.open(small, home=tmp_path / "home")
    written = preview(region, "coordinate", tmp_path / "out")
    assert "coordinate/calendar.html" in written
    assert "coordinate/hosting.html" not in written
    assert "coordinate/workplan.html" not in written

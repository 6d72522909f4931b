"""Claims: the state follows from the sources, and both sides stay visible."""

from __future__ import annotations

import polars as pl


def state(register, name):
    return register.claims().filter(pl.col("claim") == name)["state"].item()


def test_every_state_follows_from_what_sources_say(register):
    states = dict(register.claims().select("claim", "state").iter_rows())
    assert states == {
        "C1": "contradicted", "C2": "supported", "C3": "unverified", "C4": "judgement", "C5": "disputed",
        "C6": "forecast",
    }  # fmt: skip


def test_the_third_summit_is_contradicted_by_seven_sources(shipped):
    row = shipped.claims().filter(pl.col("claim") == "CL-20").to_dicts()[0]
    assert (row["state"], row["contradicts"], row["supports"]) == ("contradicted", 7, 0)
    assert shipped.evidence().filter(claim="CL-20").height == 8  # one more tells how the count could come about


def test_who_signed_is_disputed_and_the_place_contradicted(shipped):
    assert state(shipped, "CL-16") == "disputed"
    assert [state(shipped, name) for name in ("CL-01", "CL-07", "CL-21")] == ["contradicted"] * 3


def test_evidence_opens_its_document(shipped):
    assert shipped.evidence()["url"].str.starts_with("http").all()

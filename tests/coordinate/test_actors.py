"""Actors, measures and scope: every tie has an identifier, every number a formula, no record is lost."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from serai.coordinate import symbolic
from serai.coordinate.actors import edges
from serai.errors import UnknownName
from serai.region.notes_coordinate import Measure, Measures

DAY = "2026-11-25"


def test_two_banks_share_what_the_documents_show_with_identifiers(shipped):
    found = shipped.shared("world_bank", "ebrd", as_of=DAY)
    assert found.select("tie", "via").rows() == [("membership", "carec")]
    both = shipped.shared("eib", "ebrd", as_of=DAY)
    assert {("co_funded", "EU10"), ("met", "GG-IF")} <= set(both.select("tie", "via").iter_rows())


def test_ties_hold_only_while_both_belong(register):
    ties = register.edges(as_of="2010-01-01").filter(tie="membership")
    assert ("AAA", "CCC", "lake") in set(ties.select("a", "b", "via").iter_rows())
    later = register.edges(as_of=DAY).filter(tie="membership")
    assert ("AAA", "CCC", "lake") not in set(later.select("a", "b", "via").iter_rows())


def test_co_signing_counts_signatories_not_witnesses(register):
    signed = register.edges(as_of=DAY).filter(tie="co_signed")
    assert signed.select("a", "b", "via").rows() == [("AAA", "BBB", "AG-1")]
    assert register.edges(as_of="2019-06-01").filter(tie="co_signed").is_empty()


def test_an_unknown_actor_is_refused(register):
    with pytest.raises(UnknownName, match="unknown actor 'nobody'"):
        register.shared("AAA", "nobody")


def test_hosting_and_working_are_counted_apart(register):
    found = register.symbolic(as_of=DAY)
    assert found.select("area", "hosted", "mechanisms", "seats", "signatures").rows() == [
        ("AAA", 1, 1, 1, 1), ("BBB", 1, 0, 0, 1),
    ]  # fmt: skip
    assert found["influence"].to_list() == [0, 3]  # the whole pledges of money made in BBB
    assert found["influence_traced"].to_list() == [0, 1]


def test_an_index_is_the_mean_of_shares_of_the_largest(register):
    notes = Measures(
        measure=tuple(
            Measure(id=name, side=side, title={"en": name}, formula={"en": name})
            for name, side in (("hosted", "symbolic"), ("signatures", "operational"), ("seats", "operational"))
        )
    )
    tables = {**register._tables, "found": register.pledges(as_of=DAY)}
    found = symbolic.symbolic(tables, register.members, date(2026, 1, 1), notes)
    assert found["operational"].to_list() == [1.0, 0.5]
    assert found["operational_rank"].to_list() == [1, 2]


def test_a_measure_nothing_is_held_for_enters_no_index(shipped):
    assert shipped.symbolic(as_of=DAY)["activities"].null_count() == 6


def test_the_rankings_of_visibility_and_influence_differ(shipped):
    found = shipped.symbolic(as_of=DAY)
    assert found["visibility_rank"].to_list() != found["influence_rank"].to_list()
    (_, pair) = shipped.symbolic_correlations(as_of=DAY)
    assert pair.one == "visibility"
    assert 0 < pair.correlation < 1


def test_ranks_of_hosts_are_told_without_each_partner(register):
    found = register.anchors(as_of=DAY)
    assert found.filter(without="").select("area", "hosted", "rank").rows() == [("AAA", 1, 1), ("BBB", 1, 1)]
    assert found.filter(without="union").select("hosted", "rank").rows() == [(1, 1), (0, 2)]


def test_leaving_a_partner_out_takes_its_events_away(shipped):
    whole, without = (shipped.balance("KAZ", without=names, as_of=DAY) for names in ((), ("CHN",)))
    assert "CHN" in whole["partner"]
    assert "CHN" not in without["partner"]
    assert without.filter(partner="RUS")["events"].sum() < whole.filter(partner="RUS")["events"].sum()


@pytest.mark.parametrize(
    ("areas", "scope"),
    [("KAZ UZB", "in_remit"), ("AFG", "in_remit"), ("PAK", "transit_neighbour"), ("PAK TJK", "cross_border"),
     ("BRA", "outside"), ("PAK BRA", "outside"), ("", "unknown")],
)  # fmt: skip
def test_scope_of_a_record(shipped, areas, scope):
    assert shipped.scope(areas) == scope


def test_every_record_has_a_scope_and_none_is_dropped(shipped):
    found = shipped.scopes()
    tables = ("events", "agreements", "pledges", "bodies")
    assert found.height == sum(shipped.register(name).height for name in tables) + shipped.segments().height
    abroad = found.filter(record="kharlachi-peshawar rail1676")["scope"].to_list()
    assert abroad == ["transit_neighbour"]  # a project in Pakistan is kept as cross-border context
    scopes = dict(found.filter(kind="pledge").select("record", "scope").iter_rows())
    assert (scopes["CASA"], scopes["EU12"], scopes["AIIB10"]) == ("cross_border", "in_remit", "cross_border")


def test_programme_lines_have_baselines_and_no_score(shipped):
    lines = shipped.mandate()
    assert set(lines["line"]) == {"economy", "migration", "afghan_track"}
    refugees = lines.filter(indicator="refugees", area="AFG").to_dicts()[0]
    assert (refugees["baseline"], refugees["period"], refugees["provider"]) == ("2015", "2025", "unhcr")
    assert lines.filter(indicator="growth")["missing"].unique().to_list() == ["no figure is held"]
    assert "score" not in lines.columns


def test_who_pays_for_one_segment_is_tied_from_the_later_document_on(shipped):
    def ties(day):
        return shipped.shared("ebrd", "adb", as_of=day).filter(tie="co_funded").select("via", "since", "source").rows()

    assert ties("2016-06-23") == []
    assert ties("2016-06-24") == [("tursunzoda-dushanbe road", "2016-06-24", "azerbaijannewsgazette_c913")]


def test_activities_tie_those_who_take_part_from_their_start_on(shipped):
    rows = [("A-1", "A project", "2020-03-01", name) for name in ("adb", "eib")]
    activities = pl.DataFrame(rows, schema=["activity", "title", "since", "actor"], orient="row")

    def tied(day):
        found = edges(shipped._tables, date.fromisoformat(day), activities)
        return found.filter(a="adb", b="eib", via="A-1").height

    assert (tied("2020-02-29"), tied("2020-03-01")) == (0, 1)


def test_an_agreement_without_parties_is_about_those_who_were_there(shipped):
    found = dict(shipped.scopes().filter(kind="agreement").select("record", "areas").iter_rows())
    assert set(found["AG-XIAN"]) == {"CHN", "KAZ", "KGZ", "TJK", "TKM", "UZB"}
    assert "AZE" not in found["AG-CM5-YOUTH"]  # a guest of the meeting
    assert set(found["AG-CENTRE-RES"]) == set(shipped.members)
    assert {name for name, areas in found.items() if not areas} == {"AG-AWAZA-POA", "AG-VIENNA"}

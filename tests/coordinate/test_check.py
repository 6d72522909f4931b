"""Files against the standard: each kind of rule is broken once, in one place."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from iati_files import ACTIVITY, changed, document, write

from serai.coordinate.iati import ruleset
from serai.coordinate.iati.check import Finding, check
from serai.errors import SourceError

NOW = ruleset.Known(now=datetime(2026, 11, 25, tzinfo=UTC))
PROVIDER = '<provider-org ref="XM-TEST-2"><narrative>Donor</narrative></provider-org>'
SECTOR = '<sector vocabulary="1" code="14031" percentage="70"/>\n <sector vocabulary="1" code="12220" percentage="30"/>'
RESULT = (
    '<result type="1"><title><narrative>R</narrative></title><indicator measure="{measure}"><title><narrative>I'
    "</narrative></title>{inside}</indicator></result></iati-activity>"
)

BREAKS = {
    "1.1.3": [("XM-TEST-1-A", "XM-TEST-1")],
    "1.1.21": [("XM-TEST-1-A", "OTHER-A")],
    "1.3.13": [("XM-TEST-1-A", "XM-TEST-1-A/B")],
    "1.3.1": [("XM-TEST-1-A", "XM-TEST-1-A\n")],
    "6.11.1": [('type="1"', 'type="3"'), ('type="2"/>', 'type="4"/>')],
    "6.2.2": [(SECTOR, "")],
    "4.1.1": [('xml:lang="en" ', "")],
    "7.8.1": [('default-currency="USD" ', "")],
    "11.1.1": [("2024-01-05T10:00:00Z", "2049-01-05T10:00:00Z")],
    "11.1.2": [('iso-date="2024-12-31"', 'iso-date="2021-12-31"')],
    "11.1.4": [('iso-date="2022-02-01"', 'iso-date="2049-02-01"')],
    "11.2.1": [('iso-date="2022-03-01"', 'iso-date="2049-03-01"')],
    "11.2.2": [('value-date="2022-03-01"', 'value-date="2049-03-01"')],
    "2.1.2": [('percentage="30"', 'percentage="29"')],
    "3.1.2": [('percentage="60"', 'percentage="59"')],
    "12.1.1": [('percentage="60"', 'percentage="160"')],
    "3.1.1": [(' percentage="60"', "")],
    "3.7.1": [('<recipient-country code="KG" percentage="60"/>\n <recipient-country code="TJ" percentage="40"/>', "")],
    "6.6.2": [(PROVIDER, f'{PROVIDER}<sector code="14031"/>')],
    "6.9.1": [(PROVIDER, "<provider-org/>")],
    "6.10.1": [('ref="XM-TEST-2" role', "role"), ("<narrative>Donor of Birch</narrative>", "")],
    "7.5.3": [('iso-date="2022-12-31"', 'iso-date="2023-12-31"')],
    "8.6.3": [('iso-date="2022-12-31"', 'iso-date="2021-12-31"')],
    "4.3.1": [("<narrative>Clean water</narrative>", "<narrative/>")],
    "107.1.2": [
        (
            '<default-flow-type code="10"/>',
            '<default-flow-type code="10"/><default-aid-type code="A01"/><default-aid-type code="A02"/>',
        )
    ],
    "8.8.1": [("</iati-activity>", RESULT.format(measure="1", inside='<baseline year="2020"/>'))],
    "8.8.2": [("</iati-activity>", RESULT.format(measure="1", inside='<baseline year="2020" value="many"/>'))],
    "8.8.3": [("</iati-activity>", RESULT.format(measure="5", inside='<baseline year="2020" value="1"/>'))],
    "codelist Sector": [('code="14031"', 'code="99999"')],
    "schema": [('<activity-status code="2"/>', "<activity-state/>")],
}


def found(path: Path, *activities: str) -> list[Finding]:
    return list(check(write(path, *activities), known=NOW))


def test_the_ruleset_holds_every_case_of_every_kind() -> None:
    rules = ruleset.standard()
    assert rules.size == 107
    assert rules.idle(ruleset.Known()) == ["1.14.8", "1.18.8"]


def test_the_cases_that_need_registration_agencies_run_with_those_shipped(tmp_path: Path) -> None:
    agencies = ruleset.agencies()
    assert {"XM-DAC", "XI-IATI", "GB-COH", "CA_ON-ONT"} <= agencies
    assert ruleset.standard().idle(ruleset.Known(prefixes=agencies)) == []
    known = ruleset.Known(now=NOW.now, prefixes=agencies)
    path = write(tmp_path / "a.xml", ACTIVITY)
    assert [(one.rule, one.value) for one in check(path, known=known)] == [("1.14.8", "XM-TEST-1")]
    sound = write(tmp_path / "b.xml", ACTIVITY.replace("XM-TEST-1", "XM-DAC-1"))
    assert list(check(sound, known=known)) == []


def test_a_sound_activity_has_no_findings(tmp_path: Path) -> None:
    assert found(tmp_path / "a.xml", ACTIVITY) == []


@pytest.mark.parametrize("rule", BREAKS)
def test_each_rule_is_found_where_it_is_broken(rule: str, tmp_path: Path) -> None:
    findings = found(tmp_path / "a.xml", ACTIVITY.replace("XM-TEST-1-A", "XM-TEST-1-Z"), changed(*BREAKS[rule]))
    assert rule in {one.rule for one in findings}
    assert all(one.activity != "XM-TEST-1-Z" for one in findings)
    assert all(one.line > ACTIVITY.count("\n") for one in findings)


def test_a_finding_names_file_line_activity_rule_and_value(tmp_path: Path) -> None:
    (one,) = found(tmp_path / "a.xml", changed(('percentage="30"', 'percentage="29"')))
    line = document().split("\n").index(' <sector vocabulary="1" code="14031" percentage="70"/>') + 1
    assert (one.file, one.line, one.activity, one.rule, one.value) == (
        str(tmp_path / "a.xml"), line, "XM-TEST-1-A", "2.1.2", "99",
    )  # fmt: skip


def test_percentages_of_a_vocabulary_other_than_the_first_are_summed(tmp_path: Path) -> None:
    more = "".join(
        f'<sector vocabulary="99" code="{n}" percentage="49"><narrative>Own</narrative></sector>' for n in (1, 2)
    )
    findings = found(tmp_path / "a.xml", changed(("<tag", f"{more}<tag")))
    assert [(one.rule, one.value) for one in findings] == [("2.1.2", "98")]


def test_each_date_is_held_against_the_earliest_that_must_not_be_before_it(tmp_path: Path) -> None:
    ends = "".join(f'<activity-date iso-date="{day}" type="3"/>' for day in ("2021-06-30", "2021-03-31", "2024-12-31"))
    starts = "".join(f'<activity-date iso-date="{day}" type="1"/>' for day in ("2021-01-01", "2021-04-01"))
    findings = found(tmp_path / "a.xml", changed(('<activity-date iso-date="2024-12-31" type="3"/>', starts + ends)))
    assert [(one.rule, one.value) for one in findings] == [
        ("11.1.2", "2022-01-01 > 2021-03-31"), ("11.1.2", "2021-04-01 > 2021-03-31"),
    ]  # fmt: skip


def test_more_vocabularies_than_there_are_do_not_keep_the_check_for_ever(tmp_path: Path) -> None:
    many = "".join(f'<sector vocabulary="{n}" code="{n}"><narrative>N</narrative></sector>' for n in range(200, 1000))
    findings = found(tmp_path / "a.xml", changed(("<tag", f"{many}<tag")))
    assert ("vocabulary", "800") in {(one.rule, one.value) for one in findings if one.kind == "loop"}


def test_a_date_is_in_the_future_only_when_it_has_begun_nowhere(tmp_path: Path) -> None:
    known = ruleset.Known(now=datetime(2022, 2, 28, 20, tzinfo=UTC))
    earlier = [('iso-date="2022-06-01"', 'iso-date="2022-02-01"'), ('"2022-06-01">100', '"2022-02-01">100')]
    zones = {"+06:00": set(), "Z": {"11.2.1", "11.2.2"}, "": {"11.2.1", "11.2.2"}}
    for zone, rules in zones.items():
        dates = [('iso-date="2022-03-01"', f'iso-date="2022-03-01{zone}"'), ('"2022-03-01">9', f'"2022-03-01{zone}">9')]
        updated = [("2024-01-05T", "2022-01-05T")]
        path = write(tmp_path / "a.xml", changed(*earlier, *dates, *updated))
        assert {one.rule for one in check(path, known=known)} == rules


def test_a_finding_is_one_line_whatever_the_value(tmp_path: Path) -> None:
    broken = changed(
        ('type="1"/>', 'type="1"/><activity-scope code="a\n\nb"/>'), (">900<", ">\n9\n0 0<"), ("-1-A", "-1-A\nB")
    )
    lines = [str(one) for one in found(tmp_path / "a.xml", broken, "<iati-activity><!--\n -- \n--></iati-activity>")]
    assert lines
    assert all("\n" not in one for one in lines)


def test_an_identifier_that_appears_twice_is_found(tmp_path: Path) -> None:
    (one,) = found(tmp_path / "a.xml", ACTIVITY, ACTIVITY)
    assert (one.rule, one.value) == ("identifier", "XM-TEST-1-A")


def test_an_identifier_that_appears_in_another_file_is_found(tmp_path: Path) -> None:
    seen: dict[str, str] = {}
    first, second = write(tmp_path / "a.xml"), write(tmp_path / "b.xml")
    assert list(check(first, known=NOW, seen=seen)) == []
    (one,) = check(second, known=NOW, seen=seen)
    assert (one.rule, one.message) == ("identifier", f"The identifier appears twice, first at {first}:3.")


def test_a_broken_activity_does_not_hide_the_others(tmp_path: Path) -> None:
    broken = ACTIVITY.replace("</title>", "</titel>")
    findings = found(tmp_path / "a.xml", broken, changed(('percentage="60"', 'percentage="59"')))
    assert [one.rule for one in findings] == ["xml", "3.1.2"]


OTHER = ACTIVITY.replace("XM-TEST-1-A", "XM-TEST-1-B")
SOUND = document(ACTIVITY)
AROUND = {
    "the file ends before </iati-activities>": (SOUND.replace("</iati-activities>", ""), 22),
    "stands after </iati-activities>": (SOUND + document(OTHER).split("\n", 1)[1], 25),
    "Extra content at the end": (f"{SOUND}more", 25),
    "no target name": (SOUND.replace("<iati-activities", "<?><iati-activities", 1), 2),
    "Double hyphen": (document("<!-- a -- b -->", ACTIVITY), 3),
    "It may not stand beside iati-activity. [<foo>]": (document(ACTIVITY, "<!--\n-->", "<foo/>"), 26),
    "It may not stand beside iati-activity. [<iati-activities>]": (
        document(ACTIVITY, "<iati-activities>", OTHER, "</iati-activities>"), 24,
    ),
    "Text may not stand beside iati-activity. [so it goes]": (document(ACTIVITY, "so it\ngoes", OTHER), 24),
}  # fmt: skip


@pytest.mark.parametrize("problem", AROUND)
def test_what_stands_around_activities_is_checked_too(problem: str, tmp_path: Path) -> None:
    content, line = AROUND[problem]
    path = tmp_path / "a.xml"
    path.write_text(content, encoding="utf-8")
    (one,) = check(path, known=NOW)
    assert problem in str(one)
    assert one.line == line


@pytest.mark.parametrize(
    "beside", ["<!-- a\n<iati-activity> -->", "<?x y?>", '<x:own xmlns:x="urn:x">a</x:own>', " \n"]
)
def test_comments_and_elements_of_others_may_stand_beside_activities(beside: str, tmp_path: Path) -> None:
    assert found(tmp_path / "a.xml", ACTIVITY, beside) == []


def test_an_older_ruleset_runs_with_its_own_kinds(tmp_path: Path) -> None:
    cases = {
        "only_one_of": {"excluded": ["sector"], "paths": ["transaction/sector"]},
        "dependent": {"paths": ["sector", "result"]},
        "regex_no_matches": {"regex": "^XM", "paths": ["iati-identifier"]},
        "evaluates_to_true": {"eval": "count(transaction) > 5"},
        "sum": {"paths": ["recipient-country/@percentage"], "sum": 99},
    }
    rules = ruleset.Ruleset({"//iati-activity": {kind: {"cases": [case]} for kind, case in cases.items()}})
    kinds = {one.kind for one in check(write(tmp_path / "a.xml"), rules=rules, known=NOW)}
    assert kinds == {"dependent", "regex_no_matches", "evaluates_to_true", "sum"}


def test_kinds_are_known_by_either_spelling(tmp_path: Path) -> None:
    cases = {
        "atLeastOne": {"paths": ["contact-info"]},
        "startsWith": {"prefix": ["title"], "paths": ["iati-identifier"]},
    }
    rules = ruleset.Ruleset({"//iati-activity": {kind: {"cases": [case]} for kind, case in cases.items()}})
    assert {one.kind for one in check(write(tmp_path / "a.xml"), rules=rules, known=NOW)} == {
        "atleast_one",
        "startswith",
    }


def test_an_unknown_kind_of_rule_is_refused() -> None:
    with pytest.raises(SourceError, match="unknown kind of rule 'magic'"):
        ruleset.Ruleset({"//iati-activity": {"magic": {"cases": [{}]}}})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (document(attributes='version="1.05"'), "version 1.05 of the standard is not read"),
        (document(attributes=""), "no version is given"),
        (document(attributes='version="3.0"'), "version '3.0' of the standard is not known"),
        ('<!DOCTYPE a [<!ENTITY b "b">]><iati-activities version="2.03"/>', "document type"),
        ("<rss/>", "root element is <rss>"),
        ("identifier,title\n", "not an XML file: it does not begin with <"),
        ('<iati-activities version="2.03"', "not an XML file: its first tag does not end"),
        ("PK\x03\x04", "unpack it first"),
        ('<iati-activities xmlns="urn:x" version="2.03"/>', "root element is <{urn:x}iati-activities>"),
    ],
)
def test_what_is_no_such_file_is_refused_in_one_line(content: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=reason.replace("{", r"\{")) as caught:
        list(check(path))
    assert "\n" not in str(caught.value)


def test_other_encodings_are_read_and_the_widest_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    latin = document().replace("UTF-8", "ISO-8859-1").replace("Clean water", "Eau propre à boire")
    path.write_bytes(latin.encode("latin-1"))
    assert list(check(path, known=NOW)) == []
    path.write_bytes(document().replace("UTF-8", "UTF-16").encode("utf-16"))
    assert list(check(path, known=NOW)) == []
    path.write_bytes(document().encode("utf-32"))
    with pytest.raises(SourceError, match="UTF-8"):
        list(check(path))


@pytest.mark.skipif("SERAI_IATI_FILES" not in os.environ, reason="no published files at hand")
def test_published_files_are_clean() -> None:
    folder = Path(os.environ["SERAI_IATI_FILES"])
    for name in ("adb-activities-armenia-2025-09-30.xml", "adb-org-2025-03-27.xml", "worldbank-ida-org-2024-11-18.xml"):
        assert list(check(folder / name)) == []

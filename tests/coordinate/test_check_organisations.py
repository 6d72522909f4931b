"""Organisation files against the standard: the rules that hold for them alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from serai.coordinate.iati import ruleset
from serai.coordinate.iati.check import check

NOW = ruleset.Known(now=datetime(2026, 11, 25, tzinfo=UTC))
SPAN = '<period-start iso-date="2024-01-01"/><period-end iso-date="2024-12-31"/>'
LINE = '<budget-line><value value-date="2024-06-01">5</value><narrative>Wells</narrative></budget-line>'
ORGANISATION = f"""<iati-organisations version="2.03">
<iati-organisation xml:lang="en" default-currency="USD" last-updated-datetime="2024-02-01T00:00:00Z">
 <organisation-identifier>XM-TEST-1</organisation-identifier>
 <name><narrative>Agency of Alder</narrative></name>
 <reporting-org ref="XM-TEST-1" type="40"><narrative>Agency of Alder</narrative></reporting-org>
 <total-budget>{SPAN}<value value-date="2024-01-01">9</value></total-budget>
 <recipient-country-budget><recipient-country code="KG"/>{SPAN}<value value-date="2024-01-01">5</value>{LINE}\
</recipient-country-budget>
</iati-organisation>
</iati-organisations>
"""
BREAKS = {
    "11.3.1": ('value-date="2024-06-01"', 'value-date="2025-06-01"'),
    "8.6.3": ('end iso-date="2024-12-31"', 'end iso-date="2023-12-31"'),
    "7.5.3": ('end iso-date="2024-12-31"', 'end iso-date="2025-12-31"'),
    "11.4.1": ("2024-02-01T", "2049-02-01T"),
    "4.5.1": ('xml:lang="en" ', ""),
    "7.8.2": ('default-currency="USD" ', ""),
    "1.12.13": ("<organisation-identifier>XM-TEST-1", "<organisation-identifier>XM/TEST"),
    "1.18.1": ('ref="XM-TEST-1"', 'ref=" XM-TEST-1"'),
    "codelist Country": ('code="KG"', 'code="QQ"'),
    "schema": ("total-budget", "whole-budget"),
}


def found(root: Path, text: str) -> list[str]:
    path = root / "organisation.xml"
    path.write_text(text, encoding="utf-8")
    return [one.rule for one in check(path, known=NOW)]


def test_a_sound_organisation_has_no_findings(tmp_path: Path) -> None:
    assert found(tmp_path, ORGANISATION) == []


@pytest.mark.parametrize("rule", BREAKS)
def test_each_rule_of_organisations_is_found_where_it_is_broken(rule: str, tmp_path: Path) -> None:
    old, new = BREAKS[rule]
    assert old in ORGANISATION
    assert rule in found(tmp_path, ORGANISATION.replace(old, new))


def test_lists_from_outside_exempt_and_require(tmp_path: Path) -> None:
    path = tmp_path / "organisation.xml"
    path.write_text(ORGANISATION.replace("XM-TEST-1", "XX/1-A"), encoding="utf-8")
    strict = ruleset.Known(now=NOW.now, prefixes={"XM-TEST"})
    assert [one.rule for one in check(path, known=strict)] == ["1.18.8", "1.12.13", "1.18.13"]
    registered = ruleset.Known(now=NOW.now, prefixes={"XM-TEST"}, publishers={"XX/1-A"})
    assert list(check(path, known=registered)) == []

"""Small files of the standard, written by hand: one sound activity that tests break in one place each."""

from __future__ import annotations

from pathlib import Path

ACTIVITY = """\
<iati-activity xml:lang="en" default-currency="USD" last-updated-datetime="2024-01-05T10:00:00Z">
 <iati-identifier>XM-TEST-1-A</iati-identifier>
 <reporting-org ref="XM-TEST-1" type="40"><narrative>Agency of Alder</narrative></reporting-org>
 <title><narrative>Clean water</narrative></title>
 <description><narrative>Wells in two valleys.</narrative></description>
 <participating-org ref="XM-TEST-2" role="1" type="10"><narrative>Donor of Birch</narrative></participating-org>
 <activity-status code="2"/>
 <activity-date iso-date="2022-01-01" type="1"/>
 <activity-date iso-date="2022-02-01" type="2"/>
 <activity-date iso-date="2024-12-31" type="3"/>
 <recipient-country code="KG" percentage="60"/>
 <recipient-country code="TJ" percentage="40"/>
 <sector vocabulary="1" code="14031" percentage="70"/>
 <sector vocabulary="1" code="12220" percentage="30"/>
 <tag vocabulary="2" code="6"/>
 <default-flow-type code="10"/>
 <budget><period-start iso-date="2022-01-01"/><period-end iso-date="2022-12-31"/>\
<value currency="USD" value-date="2022-01-01">1000</value></budget>
 <transaction ref="T1"><transaction-type code="2"/><transaction-date iso-date="2022-03-01"/>\
<value value-date="2022-03-01">900</value><provider-org ref="XM-TEST-2"><narrative>Donor</narrative></provider-org>\
</transaction>
 <transaction ref="T2"><transaction-type code="3"/><transaction-date iso-date="2022-06-01"/>\
<value currency="EUR" value-date="2022-06-01">100</value></transaction>
</iati-activity>
"""


def document(*activities: str, attributes: str = 'version="2.03"') -> str:
    """A file holding the activities."""
    body = "\n".join(activities or (ACTIVITY,))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<iati-activities {attributes}>\n{body}\n</iati-activities>\n'


def write(path: Path, *activities: str, attributes: str = 'version="2.03"') -> Path:
    """The same, written to a path."""
    path.write_text(document(*activities, attributes=attributes), encoding="utf-8")
    return path


def changed(*changes: tuple[str, str]) -> str:
    """The sound activity with places of it replaced."""
    text = ACTIVITY
    for old, new in changes:
        assert old in text, f"no such place: {old}"
        text = text.replace(old, new, 1)
    return text

"""Activities of a pack: shares make a whole, dates are in order, and the core is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from serai.region import check_pack

DATES = "planned_start,actual_start,planned_end,actual_end"
ACTIVITIES = f"""record,identifier,reporter,reporter_type,reporter_name,title,description,status,{DATES},scope,\
collaboration,flow,finance,aid,tied
1,X-1,X,40,X,Wells,,2,,,,,,,,,,
"""
TRANSACTIONS = """record,transaction,ref,type,date,value,currency,value_date,usd,provider_name,provider_type,\
description
1,1,,2,2022-01-01,5,USD,,,,,
"""
RECIPIENTS = "record,kind,vocabulary,code,percentage\n1,recipient-country,,AA,60\n1,recipient-country,,BB,40\n"
SECTORS = "record,vocabulary,code,percentage\n1,1,14031,70\n1,1,12220,30\n"
TABLES = {
    "aid_activities": ACTIVITIES,
    "aid_transactions": TRANSACTIONS,
    "aid_recipients": RECIPIENTS,
    "aid_sectors": SECTORS,
}
WHOLE = "percentages do not sum to 100"


def faults(pack: Path, **changes: str) -> list[str]:
    (pack / "coordinate").mkdir(exist_ok=True)
    for name, text in {**TABLES, **changes}.items():
        if text:
            (pack / f"coordinate/{name}.csv").write_text(text, encoding="utf-8")
    return [str(one) for one in check_pack(pack) if "sources.toml" not in str(one)]


def test_activities_that_hold_have_no_faults(pack_dir: Path) -> None:
    assert faults(pack_dir) == []


@pytest.mark.parametrize(
    ("table", "text", "problem"),
    [
        ("aid_sectors", SECTORS.replace("70", "69"), WHOLE),
        ("aid_recipients", RECIPIENTS.replace("60", ""), WHOLE),
        ("aid_sectors", "record,vocabulary,code,percentage\n2,1,14031,100\n", "unknown record"),
        ("aid_transactions", TRANSACTIONS.replace("USD", "dollar"), "currency is malformed"),
        ("aid_transactions", TRANSACTIONS.replace(",,2,2022", ",,paid,2022"), "type is not an allowed value"),
        ("aid_recipients", RECIPIENTS.replace("AA", "ZZ"), "a country that no area has [ZZ]"),
        ("aid_recipients", RECIPIENTS.replace("country,,AA", "land,,AA"), "kind is not an allowed value"),
        ("aid_tags", "record,vocabulary,code\n1,2,18\n1,3,6.4\n1,99,any\n", "no such goal [18]; give 1 to 17"),
        ("rates", "currency,period,usd,low,high,amounts\nEUR,2022,1.1,1.2,1.3,2\n", "outside its own range"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_named(table: str, text: str, problem: str, pack_dir: Path) -> None:
    (found,) = faults(pack_dir, **{table: text})
    assert problem in found
    assert f"coordinate/{table}.csv:2" in found


def test_activities_without_their_core_are_named(pack_dir: Path) -> None:
    assert any("the activities lack this table" in one for one in faults(pack_dir, aid_recipients=""))

"""Build the pack's tables of activities and rates from the publishers' files at hand.

    python scripts/pack_activities.py --data DIR [--out src/serai/packs/central_asia]

``DIR`` holds the folders ``iati``: UNHCR's tables for seven countries and the organisation files of two banks; and
``fts``: humanitarian flows of one country and year, of which those to UNHCR are taken to be matched with what it
reports. Donors come from ``scripts/pack_inputs/aid_donors.csv``. Documents and contacts are left out. The
output is the same, byte for byte.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from pack_io import read_input, write_lock_of, write_rows
from serai.coordinate.iati.read import read

PACK = Path(__file__).resolve().parent.parent / "src/serai/packs/central_asia"
Row = dict[str, object]
MEMBERS = {"AF", "KZ", "KG", "TJ", "TM", "UZ"}
BANKS = ("adb-org-2025-03-27.xml", "worldbank-ida-org-2024-11-18.xml")
DATES = {"1": "planned_start", "2": "actual_start", "3": "planned_end", "4": "actual_end"}
RECEIVER, AGAINST = "United Nations High Commissioner for Refugees", "XM-DAC-41121-2020-ASO-AFG"
FLOW_TYPES = {"commitment": "2", "paid": "3"}
LONGEST = 320
"""A description is cut after the sentence that passes this length."""


def main() -> None:
    """Read the arguments, build, write the lock."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="directory with the tables at hand")
    parser.add_argument("--out", type=Path, default=PACK, help="pack to write to")
    arguments = parser.parse_args()
    write_lock_of(arguments.out, write(arguments.data, arguments.out))


def write(data: Path, out: Path) -> dict[str, int]:
    """Every table, as files of the pack; the number of rows of each."""
    made = {f"coordinate/{name}.csv": rows for name, rows in tables(data / "iati").items()}
    made["coordinate/aid_flows.csv"] = list(_flows(data / "fts/fts_incoming_funding_afg.csv"))
    return {file: write_rows(out / file, rows) for file, rows in made.items()}


def _flows(path: Path) -> Iterator[Row]:
    """Flows that donors reported for one agency's work, beside the activity in which it reports them."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in sorted(csv.DictReader(file), key=lambda row: int(row["id"])):
            if row["destOrganization"] != RECEIVER:
                continue
            own = bool(row["originalCurrency"]) and row["originalCurrency"] != "USD"
            money = (
                (row["originalAmount"], row["originalCurrency"], row["amountUSD"])
                if own
                else (row["amountUSD"], "USD", "")
            )
            yield {
                "flow": row["id"], "date": (row["decisionDate"] or row["date"])[:10],
                "year": row["destUsageYearStart"], "donor": row["srcOrganization"], "receiver": row["destOrganization"],
                "area": row["destLocations"], "type": FLOW_TYPES[row["status"]], "ref": row["refCode"],
                **dict(zip(("value", "currency", "usd"), money, strict=True)), "activity": AGAINST,
            }  # fmt: skip


def tables(folder: Path) -> dict[str, list[Row]]:
    """Every table, as rows."""
    number = {row["iati_identifier"]: at for at, row in enumerate(_csv(folder, "activity"), 1)}
    transactions = list(_transactions(folder, number))
    sectors = list(_csv(folder, "sector"))
    names = {
        (row["sector_vocabulary"], row["sector_code"]): row["sector_desc"] for row in sectors if row["sector_desc"]
    }
    codes = {row["iati_identifier"]: row["recipient_country_code"] for row in _csv(folder, "activity")}
    russian = {(row["vocabulary"], row["code"]): row["name_ru"] for row in read_input("aid_sector_names.csv")}
    return {
        "aid_activities": [_activity(row, number) for row in _csv(folder, "activity")],
        "aid_transactions": transactions,
        "aid_recipients": [_recipient(row, number) for row in _csv(folder, "activity")],
        "aid_sectors": _distinct(_sector(row, number) for row in sectors),
        "aid_sector_names": [
            {"vocabulary": key[0], "code": key[1], "name": name, "name_ru": russian.get(key, "")}
            for key, name in sorted(names.items())
        ],
        "aid_tags": [
            {"record": number[row["iati_identifier"]], "vocabulary": row["tag_vocabulary"], "code": row["tag_code"]}
            for row in _csv(folder, "tag")
        ],
        "aid_partners": _distinct(_partner(row, number) for row in _csv(folder, "participating_org")),
        "aid_budgets": [_budget(row, number) for row in _csv(folder, "budget")],
        "aid_locations": _distinct(_location(row, number) for row in _csv(folder, "location")),
        "aid_related": [
            {"record": number[row["iati_identifier"]], "ref": row["related_activity_ref"],
             "type": row["related_activity_type"]}
            for row in _csv(folder, "related_activity")
        ],
        "aid_results": list(_results(folder, number, codes)),
        "aid_organisation_budgets": [one for bank in BANKS for one in _bank(folder / bank)],
        "aid_donors": [dict(row) for row in read_input("aid_donors.csv")],
        "rates": list(rates(transactions)),
    }  # fmt: skip


def _results(folder: Path, number: dict[str, int], codes: dict[str, str]) -> Iterator[Row]:
    """Indicators and years of activities of members, numbered within each."""
    last: dict[str, int] = {}
    for row in _csv(folder, "result"):
        name = row["iati_identifier"]
        if codes[name] in MEMBERS:
            last[name] = last.get(name, 0) + 1
            yield {"record": number[name], "result": last[name], **_result(row)}


def _result(row: dict[str, str]) -> Row:
    """One indicator and year; who it is about stands with its title."""
    cell = {name.removeprefix("result_"): value.strip() for name, value in row.items() if name.startswith("result_")}
    about = cell["indicator_actual_value_1"] or cell["indicator_target_value_1"]
    about = about or cell["indicator_baseline_dimension_value_1"]
    return {
        "type": cell["type"], "title": cell["title"],
        "indicator": f"{cell['indicator_title']}{f' ({about})' if about else ''}",
        "measure": cell["indicator_measure"], "ascending": cell["indicator_ascending"],
        "baseline": cell["indicator_baseline_value"], "baseline_year": cell["indicator_baseline_year"],
        "start": cell["indicator_period_start"], "end": cell["indicator_period_end"],
        "target": cell["indicator_target_value"], "actual": cell["indicator_actual_value"],
    }  # fmt: skip


def _csv(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / "unhcr_tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _distinct(rows: Iterator[Row]) -> list[Row]:
    """Rows once each: a share that two rows of one sector carry is their sum."""
    kept: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = tuple(value for name, value in row.items() if name != "percentage")
        if key in kept and "percentage" in row:
            row["percentage"] = round(float(str(kept[key]["percentage"])) + float(str(row["percentage"])), 4)
        kept[key] = row
    return list(kept.values())


def _activity(row: dict[str, str], number: dict[str, int]) -> Row:
    dates = {row[f"activity_date_type_{at}"]: row[f"activity_date_{at}"] for at in range(1, 5)}
    return {
        "record": number[row["iati_identifier"]],
        "identifier": row["iati_identifier"],
        "reporter": row["reporting_org_ref"],
        "reporter_type": row["reporting_org_type"],
        "reporter_name": row["reporting_org"],
        "title": row["title_eng"].strip(),
        "description": _short(row["description_eng_1"]),
        "status": row["activity_status_code"],
        **{name: dates.get(kind, "") for kind, name in DATES.items()},
        "scope": row["activity_scope_code"],
        "collaboration": row["collaboration_type_code"],
        "flow": row["default_flow_type_code"],
        "finance": row["default_finance_type_code"],
        "aid": "",
        "tied": row["default_tied_status_code"],
    }


def _short(text: str) -> str:
    text = " ".join(text.split())
    if len(text) <= LONGEST:
        return text
    end = text.find(". ", LONGEST)
    return text if end < 0 else text[: end + 1] + " […]"


def _transactions(folder: Path, number: dict[str, int]) -> Iterator[Row]:
    counts: dict[int, int] = {}
    for row in _csv(folder, "transaction"):
        record = number[row["iati_identifier"]]
        counts[record] = counts.get(record, 0) + 1
        foreign = row["transaction_value_currency"] != "USD" and row["transaction_value_USD"]
        described = row["transaction_description"].strip()
        same = row["transaction_value_date"] == row["transaction_date"]
        yield {
            "record": record,
            "transaction": counts[record],
            "ref": row["transaction_ref"],
            "type": row["transaction_type_code"],
            "date": row["transaction_date"],
            "value": float(row["transaction_value"]),
            "currency": row["transaction_value_currency"],
            "value_date": "" if same else row["transaction_value_date"],
            "usd": float(row["transaction_value_USD"]) if foreign else None,
            "provider_name": " ".join(row["transaction_provider_org"].split()),
            "provider_type": row["transaction_provider_org_type"],
            "description": "" if described == "Monthly contribution summary" else described,
        }


def _recipient(row: dict[str, str], number: dict[str, int]) -> Row:
    kind, code = "recipient-country", row["recipient_country_code"]
    return {"record": number[row["iati_identifier"]], "kind": kind, "vocabulary": "", "code": code, "percentage": None}


def _sector(row: dict[str, str], number: dict[str, int]) -> Row:
    kept = {"vocabulary": row["sector_vocabulary"], "code": row["sector_code"]}
    return {"record": number[row["iati_identifier"]], **kept, "percentage": float(row["sector_pct"])}


def _partner(row: dict[str, str], number: dict[str, int]) -> Row:
    kept = {name: row[f"participating_org_{name}"] for name in ("role", "ref", "type")}
    return {"record": number[row["iati_identifier"]], **kept, "name": " ".join(row["participating_org_eng"].split())}


def _budget(row: dict[str, str], number: dict[str, int]) -> Row:
    return {
        "record": number[row["iati_identifier"]],
        "kind": "budget",
        "start": row["budget_period_start"],
        "end": row["budget_period_end"],
        "value": float(row["budget_value"]),
        "currency": row["budget_currency"],
        "value_date": row["budget_value_date"],
    }


def _location(row: dict[str, str], number: dict[str, int]) -> Row:
    return {
        "record": number[row["iati_identifier"]],
        "ref": row["location_ref"],
        "name": " ".join(row["location_name"].split()),
        "position": f"{row['location_lat']} {row['location_long']}".strip(),
        "exactness": row["location_exactness_code"],
        "class": row["location_class_code"],
    }


def _bank(path: Path) -> Iterator[Row]:
    """What a bank plans for each member, year by year."""
    frames = read(path).frames
    (bank,) = frames["organisations"].iter_rows(named=True)
    for row in frames["organisation_budgets"].iter_rows(named=True):
        if row["kind"] == "recipient-country-budget" and row["recipient"] in MEMBERS:
            kept = {name: row[name] for name in ("recipient", "start", "end", "value")}
            rest = {"currency": row["currency"] or bank["default_currency"], "value_date": row["value_date"]}
            yield {"organisation": bank["identifier"], "name": bank["name"], **kept, **rest, "status": row["status"]}


def rates(transactions: list[Row]) -> Iterator[Row]:
    """Dollars a unit of each currency buys, by month and by year: the median of the publisher's own conversions."""
    found: dict[tuple[str, str], list[float]] = {}
    for row in transactions:
        if row["usd"]:
            day = str(row["value_date"] or row["date"])
            for period in (day[:4], day[:7]):
                key = (str(row["currency"]), period)
                found.setdefault(key, []).append(float(str(row["usd"])) / float(str(row["value"])))
    for (currency, period), values in sorted(found.items()):
        low, middle, high = (float(f"{one:.7g}") for one in (min(values), median(values), max(values)))
        yield {"currency": currency, "period": period, "usd": middle, "low": low, "high": high, "amounts": len(values)}


if __name__ == "__main__":
    main()

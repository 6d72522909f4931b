"""Humanitarian flows of the Financial Tracking Service (OCHA) as activities: what donors report, one flow a record.

A *parked* flow is a multi-year promise whose yearly parts are flows of their own: it becomes a planned disbursement and
never a commitment, so that parent and children are not counted twice. Flows within a boundary pass on money that is
already counted; they are left out, each with that reason.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from serai.coordinate.iati.read import Frames, Reject, Taken, typed_column
from serai.coordinate.iati.spec import shapes
from serai.errors import SourceError

REPORTER, REPORTER_NAME = "fts", "Financial Tracking Service (OCHA)"
COLUMNS = ("id", "amountUSD", "flowType", "status", "date")
"""Columns by which a table of flows is known."""
MAX_BYTES = 256 * 2**20
MAX_CELL = 200_000
CLUSTERS = "10"
"""Vocabulary of humanitarian clusters (IATI SectorVocabulary)."""
_STAGES = {"commitment": "2", "paid": "3", "pledge": "12"}
_PARKED = ("Parked", "Carryover")

Row = Mapping[str, str]


def is_flows(path: Path) -> bool:
    """Whether a file is a table of flows, judged by its header."""
    if path.suffix.lower() != ".csv" or not path.is_file():
        return False
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file), [])
    except (OSError, UnicodeDecodeError, csv.Error):
        return False
    return set(COLUMNS) <= set(header)


def read_flows(path: Path) -> Taken:
    """A table of flows, as the service or its exchange exports it, as tables of the ledger.

    Raises:
        SourceError: the file cannot be read, or is too large.
    """
    if path.stat().st_size > MAX_BYTES:
        raise SourceError(f"{path}: larger than {MAX_BYTES:,} bytes; split it")
    rejects: list[Reject] = []
    tables: dict[str, list[dict[str, Any]]] = {}
    records: list[tuple[int, int, None]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for row in reader:
                if problem := _problem(row):
                    whose = f"FTS-{row.get('id') or ''}"
                    rejects.append(Reject(str(path), reader.line_num, whose, "flow", *problem))
                    continue
                if len(places := _places(row)) > 1:
                    rejects.append(_unshared(path, reader.line_num, row["id"], places))
                number = len(records)
                records.append((number, reader.line_num, None))
                for table, one in _tables(row):
                    tables.setdefault(table, []).append({"record": number, **one})
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path}: not a table of text ({error}); export it again as CSV in UTF-8") from error
    return Taken({**_frames(tables), "records": _records(records)}, rejects)


def _records(rows: list[tuple[int, int, None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"record": pl.Int64, "line": pl.Int64, "xml": pl.Binary}, orient="row")


def _frames(tables: Mapping[str, list[dict[str, Any]]]) -> Frames:
    frames = {}
    for name, shape in shapes().items():
        if shape.unit != "iati-activity":
            continue
        texts = {column: pl.String() if dtype != pl.Int64 else dtype for column, dtype in shape.schema.items()}
        extra = {"usd": pl.Float64()} if name == "transactions" else {}
        frame = pl.DataFrame(tables.get(name, []), schema={**texts, **extra})
        typed = [typed_column(one.name, one.kind) for one in shape.fields if one.kind != "text"]
        raw = [pl.col(one.name).alias(f"{one.name}_text") for one in shape.fields if one.kind != "text"]
        frames[name] = frame.with_columns(*raw).with_columns(typed)
    return frames


def _problem(row: Row) -> tuple[str, str, str] | None:
    """Value, problem and remedy of a flow that is not taken."""
    if not row.get("id"):
        return "", "a flow without id", "export it again"
    boundary = (row.get("boundary") or "incoming").lower()
    if boundary != "incoming":
        return boundary, "a flow that passes on money already counted", "nothing to do"
    if row.get("status") not in _STAGES:
        return row.get("status") or "", "unknown stage", f"use one of: {', '.join(_STAGES)}"
    return None


def _unshared(path: Path, line: int, number: str, places: list[str]) -> Reject:
    problem = "several countries without shares: it is counted in none of them"
    remedy = "say how it is shared: serai ledger split"
    return Reject(str(path), line, f"FTS-{number}", "recipients", ", ".join(places), problem, remedy)


def _tables(row: Row) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows a flow makes."""
    source, target = _party(row, "source", "srcOrganization"), _party(row, "destination", "destOrganization")
    title = " ".join((row.get("description") or "").split()) or f"Flow {row['id']}"
    parked = row.get("flowType") in _PARKED
    currency, value, dollars = _amount(row, parked)
    day = (row.get("decisionDate") or row["date"])[:10]
    yield (
        "activities",
        {
            "identifier": f"FTS-{row['id']}", "reporter": REPORTER, "reporter_name": REPORTER_NAME, "secondary": "1",
            "title": title[:200], "description": title, "status": "2", "default_currency": currency,
            "humanitarian": "1", "updated": row.get("updatedAt"), "planned_start": _year_day(row, "Start", "01-01"),
            "planned_end": _year_day(row, "End", "12-31"),
        },
    )  # fmt: skip
    if parked:
        span = {"start": day, "end": None, "value": value, "currency": currency, "value_date": day}
        yield "budgets", {"kind": "planned-disbursement", **span}
    else:
        given = {"ref": row.get("refCode") or None, "type": _STAGES[row["status"]], "date": day, "value": value}
        rest = {"currency": currency, "value_date": day, "usd": dollars, "provider_name": source, "description": title}
        yield "transactions", {"transaction": 1, **given, **rest, "receiver_name": target}
    places = _places(row)
    if len(places) == 1:
        yield "recipients", {"transaction": 0, "kind": "recipient-country", "code": places[0]}
    clusters = [part.strip() for part in (row.get("destGlobalClusters") or "").split(",") if part.strip()]
    if clusters:  # several without shares are one sector of their own: nothing says how they part the money
        name = ", ".join(sorted(set(clusters)))
        yield "sectors", {"transaction": 0, "vocabulary": CLUSTERS, "code": name, "name": name}
    yield "partners", {"role": "1", "name": source}
    yield "partners", {"role": "4", "name": target}
    if row.get("parentFlowId"):
        yield "related", {"ref": f"FTS-{row['parentFlowId'].split('.')[0]}", "type": "1"}


def _amount(row: Row, parked: bool) -> tuple[str, str, float | None]:
    """Currency, amount and the service's own dollars."""
    dollars = (row.get("fullParkedAmountUSD") if parked else None) or row.get("amountUSD") or ""
    currency, original = row.get("originalCurrency") or "", row.get("originalAmount") or ""
    if parked or not currency or not original or currency == "USD":
        return "USD", dollars, None
    try:
        return currency, original, float(dollars)
    except ValueError:
        return currency, original, None


def _year_day(row: Row, side: str, day: str) -> str | None:
    year = (row.get(f"destUsageYear{side}") or row.get("budgetYear") or "").split(".")[0]
    return f"{year}-{day}" if year.isdigit() else None


def _party(row: Row, objects: str, column: str) -> str:
    if row.get(column):
        return str(row[column])
    names = [one.get("name", "") for one in _objects(row, objects) if one.get("type") == "Organization"]
    return "; ".join(name for name in names if name)


def _objects(row: Row, which: str) -> list[dict[str, Any]]:
    text = row.get(f"{which}Objects") or ""
    if not text or len(text) > MAX_CELL:
        return []
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _places(row: Row) -> list[str]:
    """Countries a flow is for: alpha-3 codes, or names where only names are given."""
    if row.get("destLocations"):
        found = [part.strip() for part in str(row["destLocations"]).split(",")]
    else:
        found = [str(one.get("name", "")) for one in _objects(row, "destination") if one.get("type") == "Location"]
    return list(dict.fromkeys(part for part in found if part))

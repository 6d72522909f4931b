"""Build the register of events, agreements, pledges and claims from the tables at hand and the hand-written ones.

    python scripts/pack_coordinate.py --data DIR [--out src/serai/packs/central_asia]

``DIR`` holds the folders ``coordination`` and ``unhcr``. Hand-written are the tables
``scripts/pack_inputs/coordinate_*.csv``: what the remarks of the tables at hand say in words (who hosted, signed,
witnessed; what contains what) as columns.
The output is the same, byte for byte.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pack_coordinate_desk
from pack_io import read_input, write_lock_of, write_rows

PACK = Path(__file__).resolve().parent.parent / "src/serai/packs/central_asia"
Row = dict[str, object]
RELAY = re.compile(r"^https?://[0-9.]+/.*?(https?://)")
"""A page seen through a relay: the address behind it counts."""
DATED = re.compile(r"/(20\d\d)[/-]?(\d\d)?[/-]?(\d\d)?(?:/|$)")
UNITS = {"bn": 1e9, "m": 1e6, "persons": 1.0, "count": 1.0, "projects": 1.0}
FILES = ("events_agreements", "pledges", "unsdcf_cycles")
CLAIM_FILES = {"coordinate_claims": "An article on the opening of the Regional Centre, August 2025"}


class Documents:
    """Documents cited, each under an identifier made of its host and its address: the same whoever cites it first."""

    def __init__(self) -> None:
        self._by_url: dict[str, Row] = {}

    def cite(self, url: str) -> str:
        """The identifier of a page."""
        url = RELAY.sub(r"\1", url.strip())
        if url not in self._by_url:
            host = (urlsplit(url).hostname or "").removeprefix("www.")
            stem = re.sub(r"[^a-z0-9]+", "_", host.rsplit(".", 1)[0].lower()).strip("_")
            stem = stem if stem[:1].isalpha() else f"d_{stem}"
            mark = hashlib.sha256(url.encode()).hexdigest()[:4]
            self._by_url[url] = {"source": f"{stem}_{mark}", "publisher": host, "url": url, "date": _dated(url)}
        return str(self._by_url[url]["source"])

    def rows(self) -> list[Row]:
        """All that was cited, by identifier."""
        return sorted(self._by_url.values(), key=lambda row: str(row["source"]))


def _dated(url: str) -> str:
    found = DATED.search(urlsplit(url).path)
    parts = [part for part in found.groups() if part] if found else []
    return "-".join(parts) if all(int(part) <= 31 for part in parts[1:]) else parts[0] if parts else ""


def main() -> None:
    """Read the arguments, build, say how large each table is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="directory with the tables at hand")
    parser.add_argument("--out", type=Path, default=PACK, help="pack to write to")
    arguments = parser.parse_args()
    counts = write(arguments.data, arguments.out)
    for file, rows in counts.items():
        print(f"{(arguments.out / file).stat().st_size:>8,}  {rows:>5}  {file}")
    write_lock_of(arguments.out, counts)


def write(data: Path, out: Path) -> dict[str, int]:
    """Write every table of the register; file of the pack and its rows."""
    tables = {f"coordinate/{name}.csv": rows for name, rows in build(data).items()}
    return {file: write_rows(out / file, rows) for file, rows in tables.items()}


def build(data: Path) -> dict[str, list[Row]]:
    """Every table of the register, as rows."""
    documents = Documents()
    raw = {name: read_at_hand(data / "coordination" / f"{name}.csv") for name in FILES}
    members = tomllib.loads((PACK / "region.toml").read_text(encoding="utf-8"))["members"]
    russian = {row["area"]: row["name"] for row in read_at_hand(PACK / "names.csv") if row["language"] == "ru"}
    names = {row["name"]: row["area"] for row in read_at_hand(PACK / "areas.csv")}
    events = list(event_rows(raw["events_agreements"], documents))
    tables: dict[str, list[Row]] = {
        "events": events,
        "event_actors": list(actor_rows(raw["events_agreements"], {str(r["event"]): str(r["source"]) for r in events},
                                        documents)),
        "bodies": [_cited(row, documents) for row in read_input("coordinate_bodies.csv")],
        "body_members": list(member_rows(documents)),
        "formats": [_cited(row, documents) for row in read_input("coordinate_formats.csv")],
        "agreements": [{**_cited(row, documents), "mandate": row["mandate"] or "false"}
                       for row in read_input("coordinate_agreements.csv")],
        "agreement_parties": list(spread(read_input("coordinate_parties.csv"), "actors", "actor", documents)),
        "followups": [_cited(row, documents) for row in read_input("coordinate_followups.csv")],
        "pledges": list(pledge_rows(raw["pledges"], documents)),
        "pledge_steps": [_step(row, documents) for row in read_input("coordinate_pledge_steps.csv")],
        "funding": [_cited(row, documents) for row in read_input("coordinate_funding.csv")],
        "claims": list(claim_rows()),
        "claim_sources": [_cited(row, documents) for row in read_input("coordinate_claim_sources.csv")],
        "phrases": [dict(row) for row in read_input("coordinate_phrases.csv")],
        "desk": list(pack_coordinate_desk.desk_rows(data, documents, members)),
        "tracks": list(pack_coordinate_desk.track_rows(documents)),
        "frameworks": list(pack_coordinate_desk.framework_rows(raw["unsdcf_cycles"], names, russian, documents)),
    }  # fmt: skip
    return {**tables, "documents": documents.rows()}


def read_at_hand(path: Path) -> list[dict[str, str]]:
    """A table at hand, every cell as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _cited(row: dict[str, str], documents: Documents) -> Row:
    """A row with its address replaced by the identifier of the document, in the place of the address."""
    return {("source" if key == "url" else key): documents.cite(value) if key == "url" else value
            for key, value in row.items()}  # fmt: skip


def event_rows(raw: list[dict[str, str]], documents: Documents) -> Iterator[Row]:
    """Events: dates and source from the table at hand, the rest from the hand-written one."""
    found = {row["event_id"]: row for row in [*raw, *read_input("coordinate_events_more.csv")]}
    hand = read_input("coordinate_events.csv")
    if missing := found.keys() ^ {row["event"] for row in hand}:
        raise SystemExit(f"events in one table only: {', '.join(sorted(missing))}")
    for row in hand:
        known = found[row["event"]]
        keep = {key: row[key] for key in ("event", "format", "number", "in_rhythm", "kind")}
        when = {"start": known["date_start"], "end": known["date_end"]}
        where = {key: row[key] for key in ("area", "place_en", "place_ru", "title_en", "title_ru")}
        outcome = {key: row[key] for key in ("outcome_en", "outcome_ru")}
        source = {"source": documents.cite(known["source_url"]), "note": row["note"]}
        yield {**keep, **when, **where, **outcome, **source}


def actor_rows(raw: list[dict[str, str]], sources: dict[str, str], documents: Documents) -> Iterator[Row]:
    """Who took part in what, one row each; every country code of the table at hand must be among them."""
    iso3 = {row["iso2"]: row["area"] for row in read_at_hand(PACK / "areas.csv") if row["iso2"]}
    hand = read_input("coordinate_actors.csv")
    for row in raw:
        named = {iso3[code] for code in re.findall(r"\b[A-Z]{2}\b", row["parties"]) if code in iso3}
        actors = {name for mine in hand if mine["event"] == row["event_id"] for name in mine["actors"].split()}
        if lost := named - actors:
            raise SystemExit(f"{row['event_id']}: {', '.join(sorted(lost))} took part and is nowhere in the hand table")
    for mine in hand:
        source = documents.cite(mine["url"]) if mine["url"] else sources[mine["event"]]
        for actor in mine["actors"].split():
            row = {"event": mine["event"], "actor": actor, "role": mine["role"]}
            yield {**row, "source": source, "note": mine["note"]}


def member_rows(documents: Documents) -> Iterator[Row]:
    """Members of bodies, one row each."""
    for row in read_input("coordinate_members.csv"):
        both = [(name, "") for name in row["areas"].split()] + [("", name) for name in row["organisations"].split()]
        for area, organisation in both:
            start: Row = {"body": row["body"], "area": area, "organisation": organisation, "role": row["role"]}
            rest = {"since": row["since"], "until": row["until"], "source": documents.cite(row["url"])}
            yield {**start, **rest, "note": row["note"]}


def spread(rows: Iterable[dict[str, str]], many: str, one: str, documents: Documents) -> Iterator[Row]:
    """One row for each of several names in a cell."""
    for row in rows:
        cited = _cited(row, documents)
        for name in row[many].split():
            yield {(one if key == many else key): name if key == many else value for key, value in cited.items()}


def pledge_rows(raw: list[dict[str, str]], documents: Documents) -> Iterator[Row]:
    """Pledges: event, date, amount and wording from the table at hand, relations from the hand-written one."""
    hand = {row["pledge"]: row for row in read_input("coordinate_pledges.csv")}
    if missing := {row["pledge_id"] for row in raw} ^ hand.keys():
        raise SystemExit(f"pledges in one table only: {', '.join(sorted(missing))}")
    for row in raw:
        mine = hand[row["pledge_id"]]
        if row["component_of"] and row["component_of"] != mine["contained_in"]:
            raise SystemExit(f"{row['pledge_id']}: part of {row['component_of']} in one table only")
        money = row["currency"] not in ("persons", "projects")
        unit = UNITS[row["unit"]] if money else 1.0
        when = {"pledge": row["pledge_id"], "event": row["event_id"], "announced": row["announced"]}
        what = {key: mine[key] for key in ("stage", "kind", "standing", "pledgers", "beneficiaries")}
        how_much = {"beyond": mine["beneficiaries_beyond"], "amount": round(float(row["amount"]) * unit, 2)}
        keys = ("contained_in", "complete", "overlaps_with", "direction", "starts", "ends", "what_en", "what_ru")
        rest = {"currency": row["currency"], **{key: mine[key] for key in keys}, "wording": row["status_wording"]}
        source = {"projects": mine["projects"], "source": documents.cite(row["source_url"]), "note": mine["note"]}
        yield {**when, **what, **how_much, **rest, **source}


def _step(row: dict[str, str], documents: Documents) -> Row:
    cited = _cited(row, documents)
    return {**{key: cited[key] for key in ("pledge", "stage", "date", "amount", "currency", "what")},
            "activity": "", "source": cited["source"]}  # fmt: skip


def claim_rows() -> Iterator[Row]:
    """Statements, each with the text it stands in."""
    for name, title in CLAIM_FILES.items():
        for row in read_input(f"{name}.csv"):
            yield {"claim": row["claim"], "said_in": title,
                   **{key: value for key, value in row.items() if key != "claim"}}  # fmt: skip


if __name__ == "__main__":
    main()

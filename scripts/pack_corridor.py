"""Build the freight network of a region pack from the figures at hand and the hand-written tables.

    python scripts/pack_corridor.py --data DIR [--out src/serai/packs/central_asia]

``DIR`` holds the folders ``corridor``, ``bilateral_remit_fdi``, ``unctad_trade_matrix``,
``commodity_trade_2020_2026`` and ``un_sdg``. Hand-written are the tables
``scripts/pack_inputs/corridor_*.csv``: which places are joined by what, the posts, services and parameters. The output
is the same, byte for byte.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import tomllib
from collections.abc import Iterator
from itertools import combinations
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

import polars as pl

from pack_corridor_demand import demand_place_rows, demand_rows, unit_value_rows
from pack_corridor_facts import fact_rows
from pack_corridor_lengths import beside, hop_of, length_rows
from pack_io import read_input, write_rows

PACK = Path(__file__).resolve().parent.parent / "src/serai/packs/central_asia"
LOCK = "pack.lock.json"
EARTH_KM = 6371.0088
Row = dict[str, object]
SHIPS = ("ferry", "sea")


def main() -> None:
    """Read the arguments, build, say how large each table is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="directory with the figures at hand")
    parser.add_argument("--out", type=Path, default=PACK, help="pack to write to")
    arguments = parser.parse_args()
    tables = build(arguments.data)
    folder, total = arguments.out / "corridor", 0
    for name, rows in tables.items():
        write_rows(folder / f"{name}.csv", rows)
        size = (folder / f"{name}.csv").stat().st_size
        total += size
        print(f"{size:>8,}  {len(rows):>5}  {name}.csv")
    print(f"{total:>8,}")
    _lock(arguments.out, {f"corridor/{name}.csv": len(rows) for name, rows in tables.items()})


def build(data: Path) -> dict[str, list[Row]]:
    """Every table of the network, as rows."""
    places = list(place_rows(data / "corridor"))
    where = {str(row["place"]): row for row in places}
    parameters = read_input("corridor_parameters.csv")
    circuity = {row["mode"]: float(row["value"]) for row in parameters if row["parameter"] == "circuity"}
    lengths, links = link_rows(where, circuity)
    posts = post_rows()
    tables: dict[str, list[Row]] = {
        "places": places,
        "links": links,
        "lengths": lengths,
        "waypoints": [_named(row) for row in read_input("corridor_waypoints.csv")],
        "posts": posts,
        "borders": list(border_rows(links, where, posts)),
        "transfers": transfer_rows(links, where),
        "services": service_rows(links),
        "parameters": [_named(row, mode="key") for row in parameters],
        "contiguity": list(contiguity_rows(data / "bilateral_remit_fdi", {str(row["area"]) for row in places})),
    }
    members = tomllib.loads((PACK / "region.toml").read_text(encoding="utf-8"))["members"]
    tables |= {
        "demand": demand_rows(data, members),
        "unit_values": unit_value_rows(),
        "demand_places": demand_place_rows(),
    }
    freight = ("capacities", "throughputs", "projects", "project_effects", "project_costs")
    for name in ("commodities", "families", "journeys", "prices", "observed", "yearly", "pairs", "fibre", *freight):
        tables[name] = [_named(row) for row in read_input(f"corridor_{name}.csv")]
    for number, row in enumerate(posts, 1):
        row["post"] = f"p{number:02}"
    references = [_named(row) for row in read_input("corridor_refs.csv")]
    facts, more = fact_rows(data / "corridor", tables, references)
    tables["disputed"] = disputed_rows(facts)
    return {**tables, "facts": facts, "references": [*references, *more]}


def disputed_rows(facts: list[Row]) -> list[Row]:
    """Facts that contradict each other, by topic, with the one used; each must still be the fact that was meant."""
    values = {str(fact["fact"]): str(fact["value"]) for fact in facts}
    rows = [_named(row) for row in read_input("corridor_disputed.csv")]
    for row in rows:
        if values.get(str(row["fact"])) != str(row.pop("value")):
            raise SystemExit(f"corridor_disputed.csv: {row['fact']} is another fact now; look it up in facts.csv")
    return rows


def _named(row: dict[str, str], **renamed: str) -> Row:
    return {renamed.get(name, name): value for name, value in row.items()}


def place_rows(data: Path) -> Iterator[Row]:
    """Places, those of the list of nodes with its coordinates, rounded to two decimals."""
    with (data / "nodes.csv").open(encoding="utf-8", newline="") as file:
        nodes = {row["name"]: row for row in csv.DictReader(file)}
    for row in read_input("corridor_places.csv"):
        base = {key: row[key] for key in ("place", "name_en", "name_ru", "area", "type")}
        if row["origin"] != "node":
            basis = "assumed" if row["origin"] == "map" else "sourced"
            note = row["note"] or ("to about 5 km" if basis == "assumed" else "")
            at: Row = {"lon": float(row["lon"]), "lat": float(row["lat"])}
            yield {**base, **at, "basis": basis, "source": row["origin"], "note": note.replace("position to", "to")}
            continue
        node = nodes[row["node"]]
        lon, lat = round(float(node["lon"]), 2), round(float(node["lat"]), 2)
        source = "osm" if "OSM" in node["id"] else "ports" if "searoute" in node["source"] else "ne"
        note = "; ".join(part for part in (node["id"] if source == "osm" else "", row["note"]) if part)
        yield {**base, "lon": lon, "lat": lat, "basis": "sourced", "source": source, "note": note}


def great_circle(a: Row, b: Row) -> float:
    """Kilometres between two places on a sphere."""
    (x1, y1), (x2, y2) = ((radians(float(str(p["lon"]))), radians(float(str(p["lat"])))) for p in (a, b))
    return 2 * EARTH_KM * asin(sqrt(sin((y2 - y1) / 2) ** 2 + cos(y1) * cos(y2) * sin((x2 - x1) / 2) ** 2))


def link_rows(where: dict[str, Row], circuity: dict[str, float]) -> tuple[list[Row], list[Row]]:
    """Published lengths and links; a link that none gives is the great circle times the circuity of its mode."""
    written = read_input("corridor_links.csv")
    ends = {hop_of(row["from"], row["to"], row["mode"]): row for row in written}
    straight = {hop: great_circle(where[hop[0]], where[hop[1]]) for hop in ends}
    names = {place: str(row["name_en"]).partition(" (")[0] for place, row in where.items()}
    lengths, found = length_rows({hop: int(row["km"]) for hop, row in ends.items() if row["km"]}, straight, names)
    rows: list[Row] = []
    for row in written:
        hop = hop_of(row["from"], row["to"], row["mode"])
        origin = row if row["km"] else found.get(hop, row)
        km = origin["km"] or max(1, round(straight[hop] * circuity[row["mode"]]))
        base = {key: row[key] for key in ("from", "to", "mode", "gauge", "status")}
        rows.append({**base, "km": km, **{key: origin[key] for key in ("basis", "source", "year", "note")}})
    beside(lengths, rows)
    return lengths, rows


def post_rows() -> list[Row]:
    """What leaving and entering a country takes: posts of their own, countries, unions, everyone else."""
    rows: list[Row] = []
    for row in read_input("corridor_posts.csv"):
        name = "_".join(part.lower() for part in (row["place"] or row["area"] or "any", row["mode"], row["side"]))
        spread = {"hours_low": row["low"], "hours_high": row["high"]}
        kept = {key: row[key] for key in ("area", "place", "mode", "side", "hours")}
        spread["mixed"] = row["mixed"]
        rest = {key: row[key] for key in ("fee", "fee_low", "fee_high", "basis", "source", "year", "reason")}
        rows.append({"post": name, **kept, **spread, **rest})
    for row in read_input("corridor_unions.csv"):
        for side in ("exit", "entry"):
            fee = dict.fromkeys(("fee", "fee_low", "fee_high"), row["fee"])
            rest = {key: row[key] for key in ("basis", "source", "year", "reason")}
            hours = {"hours": row["hours"], "hours_low": row["low"], "hours_high": row["high"], "mixed": ""}
            name = f"{row['union'].lower()}_{row['mode']}_{side}"
            whose: Row = {"post": name, "area": "", "place": "", "mode": row["mode"], "side": side}
            rows.append({**whose, **hours, **fee, **rest})
    return rows


def border_rows(links: list[Row], where: dict[str, Row], posts: list[Row]) -> Iterator[Row]:
    """Both directions of every link between two countries, with the posts that hold on each side."""
    known = {str(row["post"]): row for row in posts}
    number = {name: f"p{place:02}" for place, name in enumerate(known, 1)}
    done = set()
    for link in links:
        for start, end in ((str(link["from"]), str(link["to"])), (str(link["to"]), str(link["from"]))):
            mode = str(link["mode"])
            waypoint = mode in SHIPS and "waypoint" in (where[start]["type"], where[end]["type"])
            if where[start]["area"] == where[end]["area"] or (start, end, mode) in done or waypoint:
                continue
            done.add((start, end, mode))
            sides = _posts_of(where[start], where[end], "ship" if mode in SHIPS else mode, known)
            yield _border(start, end, mode, [known[name] for name in sides], [number[name] for name in sides])


def _posts_of(start: Row, end: Row, kind: str, known: dict[str, Row]) -> list[str]:
    """The posts of leaving and entering: of the union both are in, of the place, of the country, of everyone."""
    both = {start["area"], end["area"]}
    unions = [row for row in read_input("corridor_unions.csv") if row["mode"] == kind]
    union = next((row["union"].lower() for row in unions if both <= set(row["areas"].split())), "no_union")
    return [
        next(
            name
            for owner in (union, str(place["place"]), str(place["area"]).lower(), "any")
            if (name := f"{owner}_{kind}_{side}") in known
        )
        for side, place in (("exit", start), ("entry", end))
    ]


def _border(start: str, end: str, mode: str, both: list[Row], numbers: list[str]) -> Row:
    row: Row = {"from": start, "to": end, "mode": mode}
    for side, post in zip(("exit", "entry"), both, strict=True):
        row |= {side: post["hours"], f"{side}_low": post["hours_low"], f"{side}_high": post["hours_high"]}
    for part in ("fee", "fee_low", "fee_high"):
        row[part] = sum(float(str(post[part])) for post in both)
    return {**row, "exit_post": numbers[0], "entry_post": numbers[1]}


def transfer_rows(links: list[Row], where: dict[str, Row]) -> list[Row]:
    """Transfers written by hand, and at every city and port those between its modes, at the kind's parameters."""
    rows = [_named(row) for row in read_input("corridor_transfers.csv")]
    present: dict[str, set[tuple[str, str]]] = {}
    for link in links:
        for end in (str(link["from"]), str(link["to"])):
            present.setdefault(end, set()).add((str(link["mode"]), str(link["gauge"])))
    have = {
        (row["place"], frozenset(((row["from_mode"], row["from_gauge"]), (row["to_mode"], row["to_gauge"]))))
        for row in rows
    }
    for place, nodes in sorted(present.items()):
        if where[place]["type"] not in ("city", "port", "station"):
            continue
        for one, other in combinations(sorted(nodes), 2):
            if one[0] == other[0] or (place, frozenset((one, other))) in have:
                continue
            ends = {"from_mode": one[0], "from_gauge": one[1], "to_mode": other[0], "to_gauge": other[1]}
            blank = dict.fromkeys(
                ("hours", "hours_low", "hours_high", "money", "money_low", "money_high", "capacity", "load"), ""
            )
            origin: Row = {"basis": "assumed", "source": "hand", "year": "2026", "reason": ""}
            rows.append({"place": place, **ends, **blank, "level": "", **origin})
    for row in rows:
        row["level"] = row["level"].replace("false", "") if isinstance(row["level"], str) else ""
    return rows


def service_rows(links: list[Row]) -> list[Row]:
    """Sailings: those written by hand, and from each port of a liner to where its links lead."""
    order = (
        "from", "to", "mode", "headway", "headway_low", "headway_high", "fare", "fare_low", "fare_high", "basis",
        "source", "year", "reason",
    )  # fmt: skip
    named = [_named(row, low="headway_low", high="headway_high") for row in read_input("corridor_services.csv")]
    rows = [{key: row[key] for key in order} for row in named]
    ports = {row["place"]: row for row in read_input("corridor_port_services.csv")}
    written = {(row["from"], row["to"]) for row in rows if row["mode"] == "sea"}
    for link in links:
        for start, end in ((str(link["from"]), str(link["to"])), (str(link["to"]), str(link["from"]))):
            if link["mode"] == "sea" and start in ports and (start, end) not in written:
                port = ports[start]
                numbers: Row = {"headway": port["headway"], "headway_low": port["low"], "headway_high": port["high"]}
                zero: Row = {"fare": 0, "fare_low": 0, "fare_high": 0}
                origin = {key: port[key] for key in ("basis", "source", "year", "reason")}
                rows.append({"from": start, "to": end, "mode": "sea", **numbers, **zero, **origin})
    return rows


def contiguity_rows(data: Path, areas: set[str]) -> Iterator[Row]:
    """Pairs of countries with a common land border, among those that have a place."""
    frame = pl.read_parquet(data / "cepii_dist_cepii.parquet").filter(pl.col("contig") == 1)
    frame = frame.with_columns(pl.col("iso_o", "iso_d").replace("ROM", "ROU"))
    for one, other in sorted(frame.select("iso_o", "iso_d").iter_rows()):
        if one < other and {one, other} <= areas:
            yield {"area": one, "other": other, "source": "cepii"}


def _lock(out: Path, rows: dict[str, int]) -> None:
    path = out / LOCK
    lock = json.loads(path.read_text(encoding="utf-8"))
    for name, count in rows.items():
        lock[name] = {"rows": count, "sha256": hashlib.sha256((out / name).read_bytes()).hexdigest()}
    path.write_text(json.dumps(lock, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

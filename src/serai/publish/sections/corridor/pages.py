"""The pages of corridors: what each shows, as contexts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from serai.publish.coverage import coverage
from serai.publish.geometry import Window
from serai.publish.i18n import language
from serai.publish.messages import _
from serai.publish.palette import line_style
from serai.publish.render import Page
from serai.publish.sections.corridor import against, bars, figures
from serai.publish.sections.corridor.figures import Spot, window_of
from serai.publish.sections.corridor.gather import APPRAISED, DRAWS, Gathered
from serai.publish.sections.corridor.moving import installed
from serai.publish.sections.corridor.words import WORDS

if TYPE_CHECKING:
    from serai.publish.sections import Setting

__all__ = ["MENU", "pages"]

Row = dict[str, Any]
MENU = (
    ("corridor/index.html", _("Network")),
    ("corridor/routes.html", _("Routes compared")),
    ("corridor/disruptions.html", _("Disruptions")),
    ("corridor/criticality.html", _("What matters most")),
    ("corridor/projects.html", _("Projects")),
    ("corridor/assumptions.html", _("Assumptions")),
    ("corridor/evidence.html", _("Against published figures")),
    ("corridor/fibre.html", _("Fibre")),
)
FEW_PLACES = _("fewer than two places in the network")
NO_TRADE = _("no trade in the demand held")
NO_PROJECT = _("touched by no project held")
NO_FIBRE = _("no fibre link held")
NAMED_CITIES = 3
"""Cities a member has named on a map: the first of the pack's places."""
TOP = 15
LITTLE = 0.1
"""Share of what was observed below which the model is said to carry little there."""
MILLION = 1e6
RANGED = ("km", "days", "money_usd", "co2_t", "spread_days", "cost_usd")
SINGLE = (("low", "single_days_low"), ("high", "single_days_high"))
"""Days of one consignment: the range has no value of its own."""
REACH = 35.0
"""Degrees of latitude that a map of routes may lead beyond its ends."""
ENDS = (("value", ""), ("low", "_low"), ("high", "_high"))
PANELS = ("days", "money_usd", "co2_t")


def pages(found: Gathered, setting: Setting) -> list[Page]:
    """Every page of the section that the pack holds something for."""
    made = [_network(found, setting)]
    if found.pairs:
        made += [_routes(found, setting), _assumptions(found, setting)]
    if found.disruptions:
        made += [_disruptions(found, setting), *(_disruption(found, setting, name) for name in found.disruptions)]
        made.append(_criticality(found, setting))
    if found.appraised is not None:
        made.append(_projects(found, setting))
    if found.times is not None and found.split is not None:
        made.append(_evidence(found, setting))
    if "fibre" in found.pack_has:
        made.append(_fibre(found, setting))
    return [replace(page, context=page.context | {"ages": dict(found.ages)}) for page in made]


def _tongues(setting: Setting) -> list[str]:
    return [code for code in setting.languages if code in ("en", "ru")] or ["en"]


def _name(found: Gathered, place: str) -> dict[str, str]:
    row = found.places[place]
    return {"en": row["name_en"], "ru": row["name_ru"]}


def _spots(found: Gathered, setting: Setting, tongue: str, *, members_only: bool = True) -> dict[str, Spot]:
    """All places, named where a map names them: ports, and the first cities of each member."""
    counts: dict[str, int] = {}
    spots = {}
    for place, row in found.places.items():
        inside = row["area"] in setting.members or not members_only
        city = row["type"] == "city" and inside and counts.get(row["area"], 0) < NAMED_CITIES
        counts[row["area"]] = counts.get(row["area"], 0) + (row["type"] == "city")
        named = inside and (city or row["type"] == "port")
        name = row[f"name_{tongue}"] if named else ""
        spots[place] = Spot(row["lon"], row["lat"], name, minor=not (city and counts[row["area"]] == 1))
    return spots


def _frame(found: Gathered, setting: Setting) -> Window:
    own = [(row["lon"], row["lat"]) for row in found.places.values() if row["area"] in setting.members]
    return window_of(own, 4.0)


def _network(found: Gathered, setting: Setting) -> Page:
    links = found.corridors.pack.table("links").to_dicts()
    held = {
        area: sum(row["area"] == area and row["type"] != "waypoint" for row in found.places.values())
        for area in setting.members
    }
    pictures = {
        f"network.{tongue}": figures.network(
            links,
            _spots(found, setting, tongue),
            setting.pack.geometry,
            setting.members,
            _frame(found, setting),
            found.bends,
        )
        for tongue in _tongues(setting)
    }
    estimated = sum(row["source"] == "gc" for row in links)
    context: Row = {
        "kind": "corridor",
        "coverage": coverage(setting.members, {area: FEW_PLACES for area in setting.members if held[area] < 2}),
        "places": len(found.places),
        "links": len(links),
        "estimated": estimated,
        "modes": {mode: sum(row["mode"] == mode for row in links) for mode in ("rail", "road", "ferry", "sea")},
        "held": [{"area": area, "places": held[area]} for area in setting.members],
        "shares": dict(found.shares),
        "lengths": found.corridors.pack.has("lengths"),
        "unit": found.corridors.pack.table("commodities")["unit"][0],
        "moving": installed() is not None,
        "window": list(_frame(found, setting)),
    }
    return Page("corridor/index.html", "corridor/index.html", context, figures=pictures)


def _routes(found: Gathered, setting: Setting) -> Page:
    pictures: dict[str, str] = {}
    pairs = []
    for pair in found.pairs:
        table = found.routes(pair)
        rows = [_route(found, row) for row in table.to_dicts()]
        key = []
        if pair["kind"] == "families":
            passed = found.passed(pair)
            key = [_key(found, row, place) for place, row in enumerate(rows) if row["family"] in passed]
            for tongue in _tongues(setting):
                pictures[f"map_{pair['pair']}.{tongue}"] = _family_map(found, setting, pair, rows, passed, tongue)
        for tongue in _tongues(setting):
            pictures[f"bars_{pair['pair']}.{tongue}"] = _bars(rows, tongue)
        titles = {"en": pair["title_en"], "ru": pair["title_ru"]}
        pairs.append({"pair": pair["pair"], "kind": pair["kind"], "title": titles, "rows": rows, "key": key})
    ends = {found.places[pair[end]]["area"] for pair in found.pairs for end in ("from", "to")}
    crossed = {area for pair in pairs for row in pair["rows"] for area in row["areas"]} | ends
    absent = {area: _("on none of these routes") for area in setting.members if area not in crossed}
    unit = found.corridors.pack.table("commodities")["unit"][0]
    context: Row = {"kind": "routes", "coverage": coverage(setting.members, absent), "pairs": pairs, "unit": unit,
                    "commodity": found.commodities[found.commodity]}  # fmt: skip
    return Page("corridor/routes.html", "corridor/routes.html", context, figures=pictures)


def _route(found: Gathered, row: Row) -> Row:
    """A route with its ranges apart, its places by name, and the areas it passes."""
    family = row.get("family", "")
    via = (row.get("via") or "").split(" - ") if row.get("via") else []
    label = found.families[family] if family else {"en": f"{row['route']}", "ru": f"{row['route']}"}
    kept = {name: row.get(name) for name in ("status", "borders", "gauge_breaks", "transfers", "estimated_km")}
    ranges = {name: {part: row.get(f"{name}{tail}") for part, tail in ENDS} for name in RANGED}
    single = {part: row.get(name) for part, name in SINGLE}
    hours = {part: row.get(f"hours_{part}") for part in (*bars.PARTS, "paper")}
    return {
        **kept, "family": family, "label": label, "ranges": ranges, "single": single, "hours": hours,
        "note": row.get("note", ""),
        "via": [_name(found, place) for place in via], "areas": sorted({found.places[place]["area"] for place in via}),
        "found": row.get("km") is not None,
    }  # fmt: skip


def _key(found: Gathered, row: Row, place: int) -> Row:
    look = line_style(place)
    dash = " ".join(map(str, look.dash))
    kept = {name: row[name] for name in ("family", "label", "status")}
    return {**kept, "colour": look.colour, "dash": dash}


def _family_map(
    found: Gathered, setting: Setting, pair: Row, rows: Sequence[Row], passed: Mapping[str, Sequence[str]], tongue: str
) -> str:
    spots = {place: Spot(row["lon"], row["lat"], row[f"name_{tongue}"]) for place, row in found.places.items()}
    named = {pair["from"], pair["to"]}
    for row in found.corridors.families.iter_rows(named=True):
        stages = [place for place in row["via"].replace(";", " ").split() if place in passed.get(row["family"], ())]
        named |= set(stages)
    for end in (pair["from"], pair["to"]):
        spots[end] = Spot(spots[end].lon, spots[end].lat, spots[end].name, minor=False)
    order = {row["family"]: place for place, row in enumerate(rows)}
    paths = [(order[family], places, rows[order[family]]["status"] == "open") for family, places in passed.items()]
    # The way round a continent would make everything else small: the map holds what lies between the ends.
    ends = [(spots[place].lon, spots[place].lat) for place in (pair["from"], pair["to"])]
    inner = [(spots[place].lon, spots[place].lat) for place in named]
    west, east = min(lon for lon, _lat in ends) - 4, max(lon for lon, _lat in ends) + 6
    low, high = min(lat for _lon, lat in ends) - REACH, max(lat for _lon, lat in ends) + REACH
    lats = [lat for lon, lat in inner if west <= lon <= east and low <= lat <= high]
    window = (west, min(lats) - 4, east, max(lats) + 6)
    return figures.families(paths, spots, sorted(named), setting.pack.geometry, setting.members, window,
                            found.bends)  # fmt: skip


def _bars(rows: Sequence[Row], tongue: str) -> str:
    lang = language(tongue)
    shown = [row for row in rows if row["found"]]
    panels = []
    for name in PANELS:
        lines = []
        for row in shown:
            held = row["ranges"][name]
            parts = [("", held["value"])]
            if name == "days":
                parts = [(part, row["hours"][part] / 24) for part in bars.PARTS]
            label = _pick(row["label"], tongue).partition(" (")[0]
            lines.append(bars.Line(label, parts, held["low"], held["high"], lang.number(held["value"]),
                                   pale=row["status"] != "open"))  # fmt: skip
        panels.append(bars.Panel(lang.text(WORDS[f"fr:panel:{name}"]), lines))
    return bars.compared(panels, [(part, lang.text(WORDS[f"fr:part:{part}"])) for part in bars.PARTS])


def _disruptions(found: Gathered, setting: Setting) -> Page:
    rows = []
    for name, table in found.disruptions.items():
        totals = table.filter(pl.col("area") == "all")
        rows.append({**_scenario(found, name), **_sums(totals), "hit": _hit(table, setting.members)})
    covered = coverage(setting.members, _without_trade(found, setting))
    context: Row = {"kind": "disruptions", **_how(found), "coverage": covered, "rows": rows}
    return Page("corridor/disruptions.html", "corridor/disruptions.html", context)


def _scenario(found: Gathered, name: str) -> Row:
    one = found.corridors.scenarios[name]
    reason = {"en": one.reason} | ({"ru": one.reason_ru} if one.reason_ru else {})
    return {"id": name, "title": dict(one.title), "reason": reason, "source": one.source}


def _sums(table: pl.DataFrame) -> Row:
    sums = table.select(pl.col("extra_cost_usd", "delay_tonne_days", "extra_co2_t", "unserved_t", "tonnes").sum())
    return {**sums.row(0, named=True), "days": table["days"][0] if table.height else None}


def _hit(table: pl.DataFrame, members: Sequence[str]) -> Row | None:
    """The member that pays most for each tonne it trades."""
    own = (
        table.filter(pl.col("area").is_in(list(members)))
        .group_by("area")
        .agg(pl.col("extra_cost_usd").sum(), pl.col("tonnes").sum(), pl.col("unserved_t").sum())
        .filter(pl.col("tonnes") > 0)
        .with_columns((pl.col("extra_cost_usd") / pl.col("tonnes")).alias("usd_per_t"))
        .sort("usd_per_t", "area", descending=[True, False])
    )
    return own.row(0, named=True) if own.height and own["usd_per_t"][0] > 0 else None


def _without_trade(found: Gathered, setting: Setting) -> dict[str, str]:
    there = {found.places[place]["area"] for side in ("from", "to") for place in found.corridors.demand[side].unique()}
    return {area: NO_TRADE for area in setting.members if area not in there}


def _disruption(found: Gathered, setting: Setting, name: str) -> Page:
    table = found.disruptions[name]
    flows = found.flows(name)
    touched = [row for row in flows if max(row["before"], row["after"]) > 0]
    greatest = max([max(row["before"], row["after"]) for row in touched] + [1.0])
    window = _frame(found, setting)
    pictures = {
        f"{column}.{tongue}": figures.flows(
            touched,
            column,
            _spots(found, setting, tongue),
            setting.pack.geometry,
            setting.members,
            window,
            greatest,
            found.bends,
        )
        for column in ("before", "after")
        for tongue in _tongues(setting)
    }
    order = {area: place for place, area in enumerate(setting.members)}
    rows = sorted(
        (row for row in table.to_dicts() if row["area"] in order),
        key=lambda row: (order[row["area"]], row["role"], row["commodity"]),
    )
    moved = sorted(touched, key=lambda row: -abs(row["after"] - row["before"]))[:TOP]
    context: Row = {
        "kind": "disruption",
        **_how(found),
        "coverage": coverage(setting.members, _without_trade(found, setting)),
        **_scenario(found, name),
        "draws": DRAWS,
        "totals": _sums(table.filter(pl.col("area") == "all")),
        "rows": rows,
        "commodities": found.commodities,
        "moved": [{**row, "ends": [_name(found, row["from"]), _name(found, row["to"])]} for row in moved
                  if abs(row["after"] - row["before"]) > 1],
        "taking_on": [
            {**{part: row[part] for part in ("segment", "kind", "mode", "hours", "before", "after")},
             "name": {"en": row["name_en"], "ru": row["name_ru"]}, **_paid(row)}
            for row in found.taking_on(name)[:TOP]
        ],
        "funders_page": _funders_page(setting),
    }  # fmt: skip
    return Page(f"corridor/disruption/{name}.html", "corridor/disruption.html", context, figures=pictures)


def _criticality(found: Gathered, setting: Setting) -> Page:
    table = found.critical
    assert table is not None  # noqa: S101 - the caller made sure of demand
    groups = []
    for kind in ("border", "link", "port"):
        whole = table.filter((pl.col("kind") == kind) & (pl.col("area") == "all"))
        ranked = whole.sort("extra_cost_usd", "element", descending=[True, False]).head(TOP)
        rows = []
        for row in ranked.to_dicts():
            own = table.filter((pl.col("kind") == kind) & (pl.col("element") == row["element"]))
            losses = {one["area"]: one for one in own.to_dicts() if one["area"] in setting.members}
            rows.append({**row, **_element(found, row["element"]), "by_area": losses})
        cut = whole.filter(pl.col("unserved_t") > 0).sort("unserved_t", descending=True).head(TOP)
        cut_off = [{**row, **_element(found, row["element"])} for row in cut.to_dicts()]
        groups.append({"kind": kind, "rows": rows, "cut_off": cut_off, "all": whole.height})
    covered = coverage(setting.members, _without_trade(found, setting))
    context: Row = {"kind": "criticality", **_how(found), "coverage": covered, "groups": groups,
                    "members": list(setting.members)}  # fmt: skip
    return Page("corridor/criticality.html", "corridor/criticality.html", context)


def _element(found: Gathered, element: str) -> Row:
    """Places and mode of what ``serai corridor criticality`` names ``a-b rail1520``."""
    ends, _blank, rest = element.partition(" ")
    gauge = "".join(letter for letter in rest if letter.isdigit())
    mode = rest.removesuffix(gauge)
    return {"places": [_name(found, place) for place in ends.split("-") if place in found.places], "mode": mode,
            "gauge": gauge}  # fmt: skip


def _projects(found: Gathered, setting: Setting) -> Page:
    table = found.appraised
    assert table is not None  # noqa: S101 - the caller made sure
    notes = {row["project"]: row for row in found.corridors.projects.to_dicts()}
    other = found.appraised_cheapest
    cheapest = {} if other is None else {
        row["project"]: row for row in other.filter(pl.col("area") == "all").to_dicts()
    }  # fmt: skip
    rows = []
    for (project,), own in table.group_by("project", maintain_order=True):
        lines = {line["area"] or "": line for line in own.to_dicts()}
        note = notes[str(project)]
        outside = own.filter(~pl.col("area").fill_null("").is_in(["", "all", *setting.members]))
        members = {area: lines.get(area) for area in setting.members}
        rows.append(
            {
                "project": project, "name": {"en": note["name_en"], "ru": note["name_ru"]}, "status": note["status"],
                "start": note["start"], "note": note["note"], "all": lines.get("all"), "members": members,
                "cheapest": cheapest.get(str(project)),
                "outside": float(outside["benefit_usd"].sum()), "unplaced": lines.get(""),
                "payers": [line for area, line in lines.items() if area not in ("", "all") and line["cost_usd"]],
            }
        )  # fmt: skip
    touched = {area for row in rows for area in setting.members if row["members"][area]}
    costs = found.corridors.pack.table("project_costs").to_dicts() if "project_costs" in found.pack_has else []
    used = {row["source"] for row in costs}
    context: Row = {
        "kind": "projects",
        **_how(found),
        "coverage": coverage(setting.members, {area: NO_PROJECT for area in setting.members if area not in touched}),
        "rows": rows, "members": list(setting.members), "costs": costs, "draws": APPRAISED,
        "names": {name: {"en": row["name_en"], "ru": row["name_ru"]} for name, row in notes.items()},
        "little": [row for row in _through(found) if row["model_mt"] < LITTLE * row["observed_mt"]],
        "tested": found.times is not None and found.split is not None,
        "references": {name: found.references[name] for name in sorted(used) if name in found.references},
    }  # fmt: skip
    pictures = {
        f"gains.{tongue}": bars.compared([_gains(rows, setting, tongue)], _sides(tongue))
        for tongue in _tongues(setting)
    }
    return Page("corridor/projects.html", "corridor/projects.html", context, figures=pictures)


def _gains(rows: Sequence[Row], setting: Setting, tongue: str) -> bars.Panel:
    """Yearly gains of each project: of the members, and of everyone else."""
    lang = language(tongue)
    lines = []
    for row in rows:
        whole = row["all"]
        own = sum(line["benefit_usd"] for line in row["members"].values() if line)
        parts = [("inside", max(own, 0.0) / MILLION), ("outside", max(row["outside"], 0.0) / MILLION)]
        low, high = (max(whole[f"benefit_usd_{end}"], 0.0) / MILLION for end in ("low", "high"))
        text = lang.number(whole["benefit_usd"] / MILLION)
        label = _pick(row["name"], tongue)
        lines.append(bars.Line(label, parts, low, high, text, pale=row["status"] != "open"))
    title = WORDS["fr:panel:gains"]
    return bars.Panel(lang.text(title), lines)


def _sides(tongue: str) -> list[tuple[str, str]]:
    return [(side, language(tongue).text(WORDS[f"fr:side:{side}"])) for side in ("inside", "outside")]


def _assumptions(found: Gathered, setting: Setting) -> Page:
    table = found.influences
    rows = [] if table is None else table.head(40).to_dicts()
    pair = next((pair for pair in found.pairs if pair["kind"] == "families"), None)
    used = {row["source"] for row in rows}
    topics: dict[str, Row] = {}
    if "disputed" in found.pack_has:
        facts = {row["fact"]: row for row in found.corridors.pack.table("facts").to_dicts()}
        for row in found.corridors.pack.table("disputed").to_dicts():
            title = {"en": row["title_en"], "ru": row["title_ru"]}
            topic = topics.setdefault(row["topic"], {"title": title, "rows": []})
            reason = {"en": row["reason_en"], "ru": row["reason_ru"]} if row["reason_en"] else {}
            topic["rows"].append({**facts[row["fact"]], "used": bool(row["used"]), "reason": reason})
            used.add(facts[row["fact"]]["source"])
    context: Row = {
        "kind": "assumptions",
        "coverage": coverage(setting.members),
        "title": {} if pair is None else {"en": pair["title_en"], "ru": pair["title_ru"]},
        "rows": [{**row, "most_in": found.families[row["most_in"]]} for row in rows],
        "all": 0 if table is None else table.height,
        "shares": dict(found.shares),
        "topics": list(topics.values()),
        "references": {name: found.references[name] for name in sorted(used) if name in found.references},
    }
    return Page("corridor/assumptions.html", "corridor/assumptions.html", context)


def _evidence(found: Gathered, setting: Setting) -> Page:
    times, split = found.times, found.split
    assert times is not None  # noqa: S101 - the caller made sure
    assert split is not None  # noqa: S101 - the caller made sure
    names = {place: _name(found, place) for place in found.places}
    rows = against.rows_of(times.sort("held", "service", "journey", descending=[False, True, False]), names)
    priced = [] if found.prices is None else against.rows_of(found.prices, names)
    volumes = [{**row, "name": found.families[row["route"]]} for row in split.table.to_dicts()]
    drawn = {"times": rows, "prices": priced}
    pictures = {
        f"{kind}.{tongue}": against.picture(kind, own, tongue)
        for tongue in _tongues(setting)
        for kind, own in drawn.items()
        if own
    }
    through = _through(found)
    used = {row["source"] for row in (*rows, *priced, *volumes, *through)}
    context: Row = {
        "kind": "evidence",
        "coverage": coverage(setting.members),
        "times": rows, "errors": against.tallies(times), "prices": priced, "through": through,
        "inside": {part: int(times[part].sum()) for part in ("inside", "inside_single")},
        "constants": [] if found.constants is None else [
            {**row, "title": {"en": row["title_en"], "ru": row["title_ru"]}} for row in found.constants.to_dicts()
        ],
        "volumes": volumes, "fitted": split.fitted.to_dicts(),
        "routes": [found.families[route] for route in split.routes],
        "references": {name: found.references[name] for name in sorted(used) if name in found.references},
    }  # fmt: skip
    return Page("corridor/evidence.html", "corridor/evidence.html", context, figures=pictures)


def _how(found: Gathered) -> Row:
    """How goods choose, and at how many points that was fitted; for pages that rest on it."""
    return {"choice": found.choice, "fits": 0 if found.constants is None else found.constants.height}


def _through(found: Gathered) -> list[Row]:
    """Points of the network: Mt observed and assigned, with the residual of how goods choose."""
    if found.through is None:
        return []
    return [
        {**row, "title": {"en": row["title_en"], "ru": row["title_ru"]},
         "model_mt": row[f"{found.choice}_mt"], "residual": row[f"{found.choice}_mt"] - row["observed_mt"]}
        for row in found.through.to_dicts()
    ]  # fmt: skip


def _funders_page(setting: Setting) -> bool:
    """Whether there is a page of segments by funder: the pack holds a register."""
    return setting.pack.has("events") and setting.pack.has("documents")


def _pick(text: Mapping[str, str], tongue: str) -> str:
    return text.get(tongue) or text["en"]


def _paid(segment: Row | None) -> Row:
    """What is held of a segment's money: how firm it is, and from whom."""
    held = segment or {"state": "no record", "funders_en": "", "funders_ru": ""}
    return {"state": held["state"], "funders": {"en": held["funders_en"], "ru": held["funders_ru"]}}


def _fibre(found: Gathered, setting: Setting) -> Page:
    money = {} if found.money is None else {row["segment"]: row for row in found.money.to_dicts()}
    rows = [
        {**row, "ends": [_name(found, row["from"]), _name(found, row["to"])], **_paid(money.get(row["fibre"]))}
        for row in found.corridors.pack.table("fibre").to_dicts()
    ]
    touched = {found.places[row[end]]["area"] for row in rows for end in ("from", "to")}
    pictures = {}
    for tongue in _tongues(setting):
        ends = {row[end] for row in rows for end in ("from", "to")}
        spots = {
            place: Spot(row["lon"], row["lat"], row[f"name_{tongue}"] if place in ends else "")
            for place, row in found.places.items()
        }
        drawn = [{**row, "mode": "ferry"} for row in rows]
        pictures[f"fibre.{tongue}"] = figures.network(
            drawn, spots, setting.pack.geometry, setting.members, _frame(found, setting), {}
        )
    used = {row["source"] for row in rows}
    context: Row = {
        "kind": "fibre",
        "coverage": coverage(setting.members, {area: NO_FIBRE for area in setting.members if area not in touched}),
        "rows": rows,
        "funders_page": _funders_page(setting),
        "references": {name: found.references[name] for name in sorted(used) if name in found.references},
    }
    return Page("corridor/fibre.html", "corridor/fibre.html", context, figures=pictures)

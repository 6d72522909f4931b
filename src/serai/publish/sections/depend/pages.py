"""The pages of dependence: what each shows, as contexts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from serai.publish.coverage import coverage, of_one
from serai.publish.messages import _
from serai.publish.names import pick
from serai.publish.render import Page
from serai.publish.sections.depend import figures
from serai.publish.sections.depend.gather import Gathered

if TYPE_CHECKING:
    from serai.depend import ScenarioResult
    from serai.publish.sections import Setting

__all__ = ["MENU", "pages"]

Row = dict[str, Any]
MENU = (
    ("depend/index.html", _("Who depends on whom")),
    ("depend/scenarios.html", _("When something gives way")),
    ("depend/institutions.html", _("Institutions and geography")),
    ("depend/central.html", _("Central, not dominant?")),
    ("depend/kinds.html", _("What is held")),
)
NO_FLOW = _("no flow of these kinds is held")
NO_TIE = _("in no document held")
NO_RESOURCE = _("touches no shared resource held")
TOP, IN_PICTURE, FEWEST_SHARE, OLD = 5, 4, 0.25, 5
"""Partners in tables; partners in pictures; share from which a partner is drawn in the network; years behind the newest
figure from which a kind is called old."""


def pages(found: Gathered, setting: Setting) -> list[Page]:
    """Every page of the section."""
    members = setting.members
    return [
        _matrix(found, members),
        *(_profile(found, members, area, setting) for area in members),
        _scenarios(found, members),
        *(_scenario(found, members, name, setting) for name in found.results),
        _institutions(found, members),
        _central(found, members),
        _kinds(found, members),
    ]


def _common(found: Gathered, kind: str, covered: Row) -> Row:
    return {
        "kind": kind, "coverage": covered, "kinds": found.kinds, "providers": found.providers, "bodies": found.bodies,
        "units": found.units,
    }  # fmt: skip


def _shown(found: Gathered, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of kinds that are observed and no part of another."""
    shown = [name for name, kind in found.kinds.items() if kind["observed"] and not kind["part"]]
    return frame.filter(pl.col("kind").is_in(shown))


def _matrix(found: Gathered, members: Sequence[str]) -> Page:
    latest = _shown(found, found.latest)
    limit = found.room.settings.concentration
    rows = []
    for (kind, side), part in latest.partition_by("kind", "side", as_dict=True, maintain_order=True).items():
        cells = {
            row["area"]: row | {"concentrated": _above(found, row, limit.share), "nature": _nature(found, row)}
            for row in part.iter_rows(named=True)
        }
        rows.append({"kind": kind, "side": side, "period": part["period"][0], "cells": cells})
    absent = {(a, k): {"en": en, "ru": ru} for k, a, en, ru in found.coverage.filter(~pl.col("present")).select(
        "kind", "area", "reason", "reason_ru").iter_rows()}  # fmt: skip
    listed = dict.fromkeys(str(row["kind"]) for row in rows)
    why = {kind: {area: absent.get((area, kind)) for area in members} for kind in listed}
    with_flows = set(latest.filter(pl.col("partners") > 0)["area"])
    context = {
        **_common(found, "depend-matrix", coverage(members, {a: NO_FLOW for a in members if a not in with_flows})),
        "members": list(members), "rows": rows, "why": why, "threshold": limit.share,
        "threshold_reason": dict(limit.reason),
        "data": found.data.to_dicts(), "domains": list(dict.fromkeys(found.kinds[k]["domain"] for k in listed)),
    }  # fmt: skip
    context |= {"old": _old(rows), "years": OLD}
    picture = _network(found, members)
    return Page("depend/index.html", "depend/matrix.html", context, figures={"network": picture})


def _nature(found: Gathered, row: Row) -> str:
    """Nature of the flow with the largest partner."""
    own = found.profiles[row["area"]].filter(
        (pl.col("kind") == row["kind"])
        & (pl.col("side") == row["side"])
        & (pl.col("partner") == (row["largest"] or ""))
    )
    return str(own["nature"][0] or "") if own.height else ""


def _old(rows: Sequence[Row]) -> list[Row]:
    """Kinds whose newest year lies far behind the newest of all."""
    newest: dict[str, int] = {}
    for row in rows:
        newest[row["kind"]] = max(newest.get(row["kind"], 0), *(cell["period"] for cell in row["cells"].values()))
    last = max(newest.values(), default=0)
    return [{"kind": kind, "period": year} for kind, year in newest.items() if last - year > OLD]


def _above(found: Gathered, row: Row, limit: float) -> str:
    if row["hhi_low"] is None or found.kinds[row["kind"]]["partial"]:
        return ""
    return "above" if row["hhi_low"] > limit else "may_be_above" if row["hhi_high"] > limit else "below"


def _network(found: Gathered, members: Sequence[str]) -> str:
    edges: dict[tuple[str, str, str], float] = {}
    for area, frame in found.profiles.items():
        for row in _shown(found, frame).iter_rows(named=True):
            share = _middle(row)
            if share is not None and share >= FEWEST_SHARE:
                key = (area, row["partner"], found.kinds[row["kind"]]["domain"])
                edges[key] = max(edges.get(key, 0.0), share)
    listed = [{"area": a, "partner": p, "domain": d, "share": s} for (a, p, d), s in edges.items()]
    return figures.network(listed, members)


def _middle(row: Row) -> float | None:
    """The share, or the middle of its range where a pair is missing."""
    if row["share"] is not None or row["share_high"] is None:
        return None if row["share"] is None else float(row["share"])
    return (float(row["share_low"]) + float(row["share_high"])) / 2


def _profile(found: Gathered, members: Sequence[str], area: str, setting: Setting) -> Page:
    frame = _shown(found, found.profiles[area])
    parts = []
    for (kind, side), part in frame.partition_by("kind", "side", as_dict=True, maintain_order=True).items():
        index = found.latest.filter((pl.col("kind") == kind) & (pl.col("side") == side) & (pl.col("area") == area))
        parts.append({
            "kind": kind, "side": side, "period": part["period"][0], "partners": part.head(TOP).to_dicts(),
            "more": max(part.height - TOP, 0), "index": index.row(0, named=True) if index.height else None,
        })  # fmt: skip
    balance = _shown(found, found.balance).filter(
        (pl.col("area") == area) & pl.col("status").is_in(["above", "may_be_above"])
    )
    sides = [(name, side) for name, kind in found.kinds.items() for side in kind["sides"]]
    wanted = pl.DataFrame(sides, schema=["kind", "side"], orient="row")
    balance = balance.join(wanted, on=["kind", "side"], how="semi", maintain_order="left")
    balance = balance.filter(pl.col("period") == pl.col("period").max().over("kind", "side"))
    absent = found.coverage.filter((pl.col("area") == area) & ~pl.col("present"))
    changes = _shown(found, found.changes).filter((pl.col("area") == area) & pl.col("certain"))
    changes = changes.filter(pl.col("change").abs() >= 0.05).sort(pl.col("change").abs(), descending=True).head(8)
    context = {
        **_common(found, "depend-profile", of_one(members, area)),
        "area": area, "parts": parts, "balance": balance.to_dicts(), "blocs": found.blocs,
        "threshold": found.room.settings.balance.share, "threshold_reason": dict(found.room.settings.balance.reason),
        "absent": [{"kind": k, "reason": {"en": en, "ru": ru}} for k, en, ru in absent.select(
            "kind", "reason", "reason_ru").iter_rows()],
        "data": found.data.filter(pl.col("area") == area).row(0, named=True),
        "changes": changes.to_dicts(), "facts": _facts(found, area), "members": list(members),
    }  # fmt: skip
    pictures = {f"sankey.{tongue}": _sankey(found, frame, tongue) for tongue in setting.languages}
    return Page(f"depend/{area}.html", "depend/profile.html", context, figures=pictures)


def _facts(found: Gathered, area: str) -> list[Row]:
    if not found.room.pack.has("flow_facts"):
        return []
    own = found.room.pack.table("flow_facts").filter(pl.col("area") == area)
    groups = own.partition_by("topic", as_dict=True, maintain_order=True)
    return [{"topic": topic, "rows": part.to_dicts()} for (topic,), part in groups.items()]


def _sankey(found: Gathered, frame: pl.DataFrame, tongue: str) -> str:
    rows = []
    for (kind, side), part in frame.partition_by("kind", "side", as_dict=True, maintain_order=True).items():
        shares = [(row["partner"], _middle(row)) for row in part.iter_rows(named=True)]
        parts = [{"partner": p, "share": s} for p, s in shares if s is not None and s > 0.02][:IN_PICTURE]
        if not parts:
            continue
        about = found.kinds[str(kind)]
        word = pick(about[str(side)], tongue)[0]
        label = (
            f"{pick(about['title'], tongue)[0]}: {word}" if len(about["sides"]) > 1 else pick(about["title"], tongue)[0]
        )
        total = sum(p["share"] for p in parts)
        scaled = [{**p, "share": p["share"] / max(total, 1.0)} for p in parts]
        rows.append({"label": _short(label), "domain": about["domain"], "parts": scaled})
    return figures.sankey(rows, "прочие" if tongue == "ru" else "others")


def _label(about: Row, side: str, tongue: str) -> str:
    """A kind, and its side where it has two."""
    title = pick(about["title"], tongue)[0]
    return f"{title}: {pick(about[side], tongue)[0]}" if len(about["sides"]) > 1 else title


def _short(label: str, most: int = 38) -> str:
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"


def _scenarios(found: Gathered, members: Sequence[str]) -> Page:
    rows = []
    for name, scenario in found.room.scenarios.items():
        result = found.results.get(name)
        rows.append({
            "id": name, "title": dict(scenario.title), "reason": dict(scenario.reason), "source": dict(scenario.source),
            "days": scenario.days, "refused": found.refused.get(name, ""),
            "worst": _worst(result) if result else [],
        })  # fmt: skip
    touched = {row["area"] for row in _members_hit(found.results.values())}
    absent = {area: NO_FLOW for area in members if area not in touched}
    context = {**_common(found, "depend-scenarios", coverage(members, absent)), "scenarios": rows}
    return Page("depend/scenarios.html", "depend/scenarios.html", context)


def _members_hit(results: Iterable[ScenarioResult]) -> Iterable[Row]:
    for result in results:
        yield from result.accounts.filter("member").iter_rows(named=True)


def _worst(result: ScenarioResult) -> list[Row]:
    own = result.accounts.filter(pl.col("member") & pl.col("depends") & (pl.col("share").abs() >= 0.001))
    return own.sort(pl.col("share").abs(), descending=True).head(4).to_dicts()


def _scenario(found: Gathered, members: Sequence[str], name: str, setting: Setting) -> Page:
    result = found.results[name]
    scenario = result.scenario
    own = result.accounts.filter(pl.col("member") & pl.col("depends") & _worth())
    rest = result.accounts.filter(~pl.col("member") & (pl.col("first") != 0) & _worth()).sort("kind", "side", "total")
    accounts = [{**row, "cells": _behind(result, row)} for row in own.iter_rows(named=True)]
    hit = set(own["area"])
    untouched = _("not touched: it has no link to what gives way")
    context = {
        **_common(found, "depend-scenario", coverage(members, {a: untouched for a in members if a not in hit})),
        "scenario": {"id": name, "title": dict(scenario.title), "reason": dict(scenario.reason),
                     "source": dict(scenario.source), "days": scenario.days},
        "changes": [change.model_dump() for change in scenario.change], "accounts": accounts,
        "partners": rest.to_dicts(), "draws": result.draws, "radius": result.radius,
        "unmatched": list(result.unmatched), "couplings": found.couplings,
    }  # fmt: skip
    pictures = {f"losses.{tongue}": _losses(found, own, tongue) for tongue in setting.languages}
    return Page(f"depend/scenarios/{name}.html", "depend/scenario.html", context, figures=pictures)


def _worth() -> pl.Expr:
    """Losses of less than a thousandth at both ends of their range are only in the tables."""
    base = pl.col("of").fill_null(pl.max_horizontal(pl.col("total_low").abs(), pl.col("total_high").abs()))
    return pl.max_horizontal(pl.col("total_low").abs(), pl.col("total_high").abs()) >= 1e-3 * base


def _behind(result: ScenarioResult, row: Row, most: int = 8) -> list[Row]:
    """The cells that make up an account, largest first."""
    here = (pl.col("kind") == row["kind"]) & (pl.col("side") == row["side"]) & (pl.col("area") == row["area"])
    far = (pl.col("kind") == row["kind"]) & (pl.col("from_side") == row["side"]) & (pl.col("from_area") == row["area"])
    both_ends = pl.col("step").is_in(["flow", "made_good"])
    cells = result.cells.filter(here | (far & both_ends)).sort(pl.col("value").abs(), descending=True)
    return cells.head(most).to_dicts()


def _losses(found: Gathered, own: pl.DataFrame, tongue: str) -> str:
    rows = []
    for row in own.filter(pl.col("share").is_not_null()).iter_rows(named=True):
        about = found.kinds[row["kind"]]
        label = pick(about["title"], tongue)[0]
        if len(about["sides"]) > 1:
            label = f"{label}: {pick(about[row['side']], tongue)[0]}"
        ends = {
            end: 100 * row[f"total_{end}" if end != "value" else "total"] / row["of"]
            for end in ("low", "value", "high")
        }
        rows.append({"label": _short(label), "area": row["area"], **ends})
    rows.sort(key=lambda row: -row["value"])
    return figures.losses(rows)


def _institutions(found: Gathered, members: Sequence[str]) -> Page:
    covered, pairs = found.room.institutions(), found.room.uncovered_pairs()
    table = found.room.pack.table("resources") if found.room.pack.has("resources") else pl.DataFrame()
    resources = []
    for about in table.iter_rows(named=True):
        own = covered.filter(pl.col("resource") == about["resource"]).to_dicts()
        open_ = pairs.filter((pl.col("resource") == about["resource"]) & (pl.col("status") == "uncovered"))
        resources.append({
            **about, "title": {"en": about["title_en"], "ru": about["title_ru"]}, "areas": own,
            "uncovered": open_.height, "pairs": open_.head(40).to_dicts(),
        })  # fmt: skip
    touched = set(covered["area"])
    absent = {area: NO_RESOURCE for area in members if area not in touched}
    flagged = covered.filter(pl.col("flagged")).to_dicts()
    context = {
        **_common(found, "depend-institutions", coverage(members, absent)), "resources": resources, "flagged": flagged,
        "titles": {row["resource"]: row["title"] for row in resources},
    }  # fmt: skip
    return Page("depend/institutions.html", "depend/institutions.html", context)


def _central(found: Gathered, members: Sequence[str]) -> Page:
    frame, without = found.central
    own = frame.filter("member")
    tied = set(own.filter(pl.col("ties") > 0)["actor"])
    others = frame.filter(~pl.col("member")).head(15)
    groups = without.partition_by("removed", as_dict=True, maintain_order=True)
    removed = [
        {"removed": name, "groups": part["groups"][0], "first": part["first"][0], "holds": part["holds"][0],
         "ranks": dict(part.select("actor", "betweenness_rank").iter_rows())}
        for (name,), part in groups.items()
    ]  # fmt: skip
    ties = found.room.ties
    absent = {area: NO_TIE for area in members if area not in tied}
    context = {
        **_common(found, "depend-central", coverage(members, absent)), "members": own.to_dicts(),
        "others": others.to_dicts(), "removed": removed, "ties": ties.height, "order": list(members),
        "ties_published": found.room.pack.has("documents"),
        "first": _leader(own, "betweenness_rank"), "heaviest": _leader(own, "weight_rank"),
    }  # fmt: skip
    return Page("depend/central.html", "depend/central.html", context)


def _leader(own: pl.DataFrame, rank: str) -> str:
    return str(own.sort(rank, "actor")["actor"][0]) if own.height else ""


def _kinds(found: Gathered, members: Sequence[str]) -> Page:
    table = found.coverage
    rows = []
    for name, part in table.partition_by("kind", as_dict=True, maintain_order=True).items():
        spans: Mapping[str, Row] = {row["area"]: row for row in part.iter_rows(named=True)}
        rows.append({"kind": name[0], "areas": {area: _span(spans[area]) for area in members}})
    context = {
        **_common(found, "depend-kinds", coverage(members)), "rows": rows, "members": list(members),
        "balance": {"share": found.room.settings.balance.share, "reason": dict(found.room.settings.balance.reason)},
        "concentration": {"share": found.room.settings.concentration.share,
                          "reason": dict(found.room.settings.concentration.reason)},
        "listed": [{"provider": name, **about} for name, about in sorted(found.providers.items())],
    }  # fmt: skip
    return Page("depend/kinds.html", "depend/kinds.html", context)


def _span(row: Row) -> Row:
    return {
        "present": row["present"], "first": row["first"], "last": row["last"],
        "reason": {"en": row["reason"], "ru": row["reason_ru"]},
    }  # fmt: skip

"""The pages of the plan: their contexts, which are also their JSON, and the pictures that hang on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import ascii_uppercase
from typing import Any

import polars as pl

from serai.plan.holdout import BAND, skill
from serai.plan.inputs import Input
from serai.plan.member import KNOWN
from serai.plan.robust import CRITERIA
from serai.publish.coverage import coverage, of_one
from serai.publish.messages import _
from serai.publish.render import Page
from serai.publish.sections import Setting
from serai.publish.sections.plan.gather import LEVEL, Gathered
from serai.publish.sections.plan.pictures import box_picture, frontier_picture, tradeoff_picture

__all__ = ["GROUPS", "pages"]

Row = dict[str, Any]
NO_MODEL = _("too few series with data for a model")
NO_GAP = _("no series with a target has a gap left to close")
GROUPS = {
    "network": _("Network of dependences"),
    "links": _("Strength of links between countries"),
    "governance": _("Governance"),
    "shares": _("Spending shares that no source gives"),
    "reach": _("How far shocks reach and how strongly they act"),
    "luck": _("Luck"),
}
"""Names of the groups of uncertain inputs that are no shock."""
SHOWN = 8
"""Rows of a table of indicators or programmes on a page; the published tables hold all."""


def pages(found: Gathered, setting: Setting) -> Iterator[Page]:
    """The overview, a page a member that has a model, shocks, methods."""
    absent = {
        area: NO_MODEL if area in found.absent else NO_GAP for area in setting.members if area not in found.members
    }
    everyone = coverage(setting.members, absent)
    yield _overview(found, setting, everyone)
    for member in found.members:
        yield _member(found, setting, member)
    yield Page("plan/shocks.html", "plan/shocks.html", _shocks(found) | {"coverage": everyone})
    yield Page("plan/methods.html", "plan/methods.html", _methods(found) | {"coverage": everyone})


def without(setting: Setting) -> Page:
    """The only page where no member has a model."""
    context = {"kind": "plan", "coverage": coverage(setting.members, dict.fromkeys(setting.members, NO_MODEL))}
    return Page("plan/index.html", "plan/none.html", context)


def about(found: Gathered) -> Row:
    """What every page says of the ensemble."""
    job = found.run.job
    return {
        "shocks": len(job.unit), "strategies": len(job.budgets), "runs": job.runs, "last": found.last,
        "end": job.world.ground.years[-1],
    }  # fmt: skip


def strategies(found: Gathered) -> list[Row]:
    """Strategies with the letter that stands for them in pictures."""
    known = found.decisions.strategies
    return [
        {"id": name, "letter": letter, "title": dict(known[name].title), "text": dict(known[name].text)}
        for name, letter in zip(found.run.job.budgets, ascii_uppercase, strict=False)
    ]


def decided(found: Gathered, member: str) -> dict[str, Row]:
    """By each criterion: the best, those that lead, whether it is decided."""
    rows = found.made.decision.filter(pl.col("member") == member)
    return {row["criterion"]: row for row in rows.iter_rows(named=True)}


def standing(found: Gathered, member: str) -> list[Row]:
    """The strategies of a member: figures, and what the comparison with the best says."""
    by_mean = decided(found, member)["mean"]
    rows = {row["strategy"]: row for row in _of(found.made.summary, member).to_dicts()}
    names = ("mean", "p10", "p90", "cvar", "regret_mean", "regret_max", "satisficing")
    return [
        one | {name: rows[one["id"]][name] for name in names}
        | {"best": one["id"] == by_mean["best"], "leads": one["id"] in by_mean["leading"],
           "alike": one["id"] in by_mean["alike"]}
        for one in strategies(found)
    ]  # fmt: skip


def _of(frame: pl.DataFrame, member: str) -> pl.DataFrame:
    return frame.filter(pl.col("member") == member)


def _overview(found: Gathered, setting: Setting, everyone: Row) -> Page:
    members: list[Row] = []
    for member in found.members:
        rows = standing(found, member)
        best = next(row for row in rows if row["best"])
        members.append(
            {
                "area": member, "best": best, "leading": [row for row in rows if row["leads"]], "strategies": rows,
                "decided": {name: row["decided"] for name, row in decided(found, member).items()},
                "ahead": {name: next(one for one in rows if one["id"] == row["best"])
                          for name, row in decided(found, member).items() if row["decided"]},
            }
        )  # fmt: skip
    curves = {member: _of(found.frontier, member) for member in found.members}
    lines = {member: list(rows.select("budget", "closed").iter_rows()) for member, rows in curves.items()}
    context = {
        "kind": "plan", "about": about(found), "strategies": strategies(found), "members": members,
        "influence": _influence(found, found.members), "coverage": everyone, "frontier_runs": LEVEL,
        "frontier": [
            {"area": member, "points": rows.drop("member", "nature").to_dicts()} for member, rows in curves.items()
        ],
    }  # fmt: skip
    slots = {area: slot for slot, area in enumerate(setting.members)}
    figures = {f"tradeoff-{row['area']}": tradeoff_picture(row["area"], row["strategies"]) for row in members}
    figures["frontier"] = frontier_picture(lines, slots)
    return Page("plan/index.html", "plan/index.html", context, figures=figures)


def _influence(found: Gathered, members: list[str]) -> list[Row]:
    """Groups of inputs by what they move on average; a cell a member."""
    rows = found.influence.filter(pl.col("member").is_in(members))
    order = (
        rows.group_by("input")
        .agg(pl.col("total").fill_null(0.0).mean())
        .sort("total", "input", descending=[True, False])
    )
    titles = {shock.id: dict(shock.title) for shock in found.decisions.shocks.values()}
    cells = {(row["member"], row["input"]): row for row in rows.iter_rows(named=True)}
    keys = ("first", "total", "total_low", "total_high")
    return [
        {
            "input": name, "title": titles.get(name), "word": GROUPS.get(name, ""),
            "cells": [{"area": member} | {key: _share(cells[member, name][key]) for key in keys} for member in members],
        }
        for name in order["input"]
    ]  # fmt: skip


def _share(index: float | None) -> float | None:
    """An index within 0 and 1, where it lies; its estimate from few points need not. The tables hold the estimate."""
    return None if index is None else min(max(index, 0.0), 1.0)


def _member(found: Gathered, setting: Setting, member: str) -> Page:
    rows = standing(found, member)
    boxes = found.boxes(member)
    titles = {row["id"]: row["title"] for row in rows}
    letters = {row["id"]: row["letter"] for row in rows}
    places = _of(found.made.regret, member)
    context: Row = {
        "kind": "plan", "area": member, "about": about(found), "strategies": rows,
        "decided": decided(found, member), "criteria": list(CRITERIA),
        "regret": [
            {"title": dict(shock.title),
             "cells": _cells(places.filter(pl.col("shock") == shock.id), [row["id"] for row in rows])}
            for shock in found.decisions.shocks.values()
        ],
        "boxes": [
            {key: value for key, value in box.items() if key != "limits"}
            | {"title": titles[box["strategy"]], "letter": letters[box["strategy"]]}
            for box in boxes
        ],
        "influence": _influence(found, [member]),
        "bottlenecks": _bottlenecks(found, setting, member),
        "accelerators": _accelerators(found, setting, member),
        "data": _data(found, setting, member),
        "papers": {code: f"plan/{member}.{code}.pdf" for code in setting.languages},
        "coverage": of_one(setting.members, member),
    }  # fmt: skip
    figures = {"tradeoff": tradeoff_picture(member, rows)}
    context["drawn"] = None
    if boxes and (picture := _box_picture(found, member, boxes)):
        figures["box"], context["drawn"] = picture
    return Page(f"plan/{member}.html", "plan/member.html", context, figures=figures)


def _cells(rows: pl.DataFrame, names: list[str]) -> list[Row]:
    known = {row["strategy"]: row["regret"] for row in rows.iter_rows(named=True)}
    return [{"regret": known.get(name), "step": _step(known.get(name))} for name in names]


def _step(regret: float | None) -> int:
    """Shade of a regret: 0 below one point in a hundred, then 1 to 4."""
    return 0 if regret is None else sum(regret >= edge for edge in (0.01, 0.03, 0.06, 0.12))


def _box_picture(found: Gathered, member: str, boxes: list[Row]) -> tuple[str, Row] | None:
    """The first box with a number in it, over its two firmest inputs; a second input is borrowed where it has one."""
    from serai.plan.boxes import fails

    for box in boxes:
        told = [limit for limit in box["limits"] if not limit.values]
        if not told:
            continue
        spare = [name for name in found.known if name.endswith(".size") and name != told[0].name]
        names = [told[0].name, told[1].name if len(told) > 1 else spare[0]]
        sides = [found.known[name] for name in names]
        ends = [(one.low, one.high) for one in sides]
        limits = {limit.name: limit for limit in told}
        frame = [_ends(limits.get(name), *pair) for name, pair in zip(names, ends, strict=True)]
        bad = fails(_of(found.run.current(), member), box["strategy"], how=box["fails"], status_quo="as_is")["fails"]
        values = found.run.values.sort("shock")
        drawn = box_picture(values[names[0]].to_numpy(), values[names[1]].to_numpy(), bad.to_numpy(),
                            (frame[0], frame[1]), (ends[0], ends[1]))  # fmt: skip
        return drawn, {"words": box["words"], "across": _side(sides[0]), "up": _side(sides[1])}
    return None


def _ends(limit: Any, low: float, high: float) -> tuple[float, float]:  # noqa: ANN401
    if limit is None:
        return low, high
    return (low if limit.low is None else limit.low, high if limit.high is None else limit.high)


def _side(one: Input) -> Row:
    """A side of the picture; the model's own numbers run over ranges without a unit."""
    return {"title": dict(one.title), "unit": one.unit if "." in one.id else ""}


def _bottlenecks(found: Gathered, setting: Setting, member: str) -> Row:
    rows = _of(found.bottlenecks, member)
    counts = dict(rows["kind"].value_counts().iter_rows())
    names = ("series", "goal", "closed", "closed_double", "closed_most", "networks_agree", "remark")
    shown = {
        kind: [
            {name: row[name] for name in names} | {"title": setting.names.series(row["series"])}
            for row in rows.filter(pl.col("kind") == kind).sort(by, "series").head(SHOWN).iter_rows(named=True)
        ]
        for kind, by in (("structural", "closed_most"), ("money", -(pl.col("closed_double") - pl.col("closed"))))
    }
    kinds = ("on_course", "money", "slow", "structural")
    return {"counts": {kind: counts.get(kind, 0) for kind in kinds}, "total": rows.height, **shown}


def _accelerators(found: Gathered, setting: Setting, member: str) -> list[Row]:
    rows = _of(found.accelerators, member).sort("elsewhere", descending=True).head(5)
    names = ("programme", "money", "own", "elsewhere", "abroad", "low", "high")
    return [
        {name: row[name] for name in names} | {"title": setting.names.goal(row["programme"])}
        for row in rows.iter_rows(named=True)
    ]


def _data(found: Gathered, setting: Setting, member: str) -> Row:
    """What the member's model rests on."""
    rows = found.indicators.filter(pl.col("area") == member)
    taken = rows.filter(pl.col("reason").is_null())
    fits = found.calibration.filter(pl.col("area") == member)
    spent = found.spending.filter(pl.col("area") == member)
    aimed = taken.filter(pl.col("goal_level").is_not_null())
    goals = sorted(set(aimed["goal"]), key=int)
    return {
        "series": taken.height, "with_target": aimed.height, "left_out": rows.height - taken.height,
        "filled": int(taken["filled"].sum()), "years": int((taken["observed"] + taken["filled"]).sum()),
        "median_year": float(taken["latest_year"].median() or 0),  # type: ignore[arg-type]
        "goals": goals, "goals_without": [str(n) for n in range(1, 18) if str(n) not in goals],
        "fit": float(fits["fit_level"].median() or 0),  # type: ignore[arg-type]
        "reached": bool(fits["reached"].all()), "networks": fits["network"].n_unique(),
        "known_money": spent.filter(pl.col("basis") == "known")["goal"].to_list(),
    }  # fmt: skip


def _shocks(found: Gathered) -> Row:
    reached = found.decisions.reach
    shocks = []
    for shock in found.decisions.shocks.values():
        effects = []
        for number, effect in enumerate(shock.effect, 1):
            rows = reached.filter((pl.col("shock") == shock.id) & (pl.col("effect") == number))
            effects.append(
                {"does": effect.does, "goals": list(effect.goals), "kinds": list(effect.kinds),
                 "factor": list(effect.factor), "reason": effect.reason,
                 "members": rows.drop("shock", "effect", "does").to_dicts()}
            )  # fmt: skip
        numbers = {
            name: part.model_dump(include={"low", "high", "unit", "basis", "source", "reason"})
            for name, part in (("size", shock.size), ("start", shock.start), ("years", shock.years))
        }
        shocks.append(
            {"id": shock.id, "title": dict(shock.title), "story": dict(shock.story), "effects": effects, **numbers}
        )
    return {"kind": "plan", "about": about(found), "shocks": shocks}


def _held_out(found: Gathered) -> Row | None:
    """How the models fared outside the years they were fitted to; nothing where no years could be held out."""
    if found.holdout.is_empty():
        return None
    *areas, whole = skill(found.holdout).drop("nature").to_dicts()
    return {
        "fitted_to": int(found.holdout["fitted_to"][0]), "year": int(found.holdout["year"][0]), "areas": areas,
        "whole": whole, "better": whole["model"] < whole["no_change"], "band": BAND[1] - BAND[0],
    }  # fmt: skip


def _methods(found: Gathered) -> Row:
    own = [
        {"id": one.id, "title": dict(one.title), "low": one.low, "high": one.high, "unit": one.unit,
         "basis": one.basis, "reason": one.reason}
        for one in found.known.values() if "." not in one.id
    ]  # fmt: skip
    fits = (
        found.calibration.group_by("area", "network", maintain_order=True)
        .agg(pl.len().alias("series"), pl.col("fit_level").median(), pl.col("fit_level").min().alias("worst"),
             pl.col("reached").first())
    )  # fmt: skip
    links: Mapping[str, int] = dict(found.decisions.world.links["kind"].value_counts().sort("kind").iter_rows())
    return {
        "kind": "plan", "about": about(found), "uncertain": own, "fits": fits.to_dicts(), "links": dict(links),
        "strategies": strategies(found), "influence": _influence(found, found.members),
        "points": int(found.influence["points"][0]),
        "spending": {"known": int((found.spending["basis"] == KNOWN).sum()), "programmes": found.spending.height},
        "holdout": _held_out(found),
    }  # fmt: skip

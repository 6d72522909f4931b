"""Rules of series: the hand decisions joined with the units of the data and the wordings of the target list.

A decision names its series and a verdict: ``list`` (what the list of 2030 values asks of the indicator), ``up``,
``down``, ``rate_up`` (a rate of change that should rise; no growth rate is taken of it), ``parity`` (the ratio should
be 1) or ``none`` (no single desirable direction). It may give a target
(``25``, or ``x0.5`` of the base value) and limits (``0..100``, ``0..``, ``..``); empty limits follow the unit.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

LATEST = "release_2023-12-17_world.parquet"

PERCENT_UNITS = {"percent", "per_pop_u5", "per_marw_20t24y"}
"""Per cent of a whole; the last two name the whole: children under five, and women of 20 to 24."""

COUNT_UNITS = {
    *("number", "num_th", "num_m", "tonnes", "tonnes_m", "metons", "kmsq", "ha_th", "m_m3_per_yr", "mt_co2e", "t_km"),
    *("p_km", "teu", "cu_usd", "cu_usd_m", "cu_usd_b", "con_usd_m", "cur_lcu", "cur_lcu_m", "bool"),
}

SCORES_CODED_AS_NUMBER = {"SG_CPA_MIGRS", "SG_CPA_MIGR", "ER_REG_UNFCIM", "ER_REG_SSFRAR"}
"""Published with the unit of a count, but a level on a short scale."""

PUBLISHED_ERRORS = {"SE_ADT_ACTS", "SG_DSR_SILS", "SI_COV_PENSN", "VC_PRS_UNSNT", "ER_MTN_GRNCVI"}
"""Shares with a few published values beyond what the definition allows; the bound stands."""

RATE = "rate_up"
"""Verdict on a series that is a yearly rate of change already and should rise: no growth rate is taken of it."""

WRONG_NUMBERS = {("17.1.1", "Proportion of domestic budget funded by domestic taxes"): "17.1.2"}
"""Rows of the list that carry the number of another indicator."""


class Fact(NamedTuple):
    """What the data say of a series: indicator, unit in the latest release that gives one, range of values."""

    indicator: str
    unit: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a series; a factor is of the base value, ``percent`` marks a number given in per cent."""

    direction: int
    target_type: str = ""
    target: float | None = None
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the decisions, for one series."""

    series: str
    verdict: str
    target: str
    limits: str
    source: str
    reason: str


PLAIN = {
    "Increase": Ask(1),
    "Decrease": Ask(-1),
    "Increase by double": Ask(1, "factor", 2.0),
    "Reduce by 1/2": Ask(-1, "factor", 0.5),
    "Reduce by 1/3": Ask(-1, "factor", 0.666667),
    "Reduce by 80%": Ask(-1, "factor", 0.2),
    "Reduce by 90%": Ask(-1, "factor", 0.1),
}


def ask(wording: str) -> Ask | None:
    """Read one wording of the list; None where it is compound, says nothing measurable or leaves it to the country."""
    text = wording.replace("(*See exceptions*)", "").strip()
    if text in PLAIN:
        return PLAIN[text]
    if (found := re.fullmatch(r"Score (?:=|≥) ([0-9.]+)(?: \(.*\))?", text)) is not None:
        return Ask(1, "absolute", float(found[1]))
    if (found := re.fullmatch(r"(≤|≥)? ?([0-9.]+)(%?)(?: per [0-9,]+)?", text)) is not None:
        side, number, percent = found[1], float(found[2]), found[3] == "%"
        # a bare number says from which side it is reached only if it is an end of the scale, or one half
        if side or number in ({0, 50, 100} if percent else {0}):
            return Ask(-1 if side == "≤" or number == 0 else 1, "absolute", number, percent)
    return None


def wordings(path: Path) -> dict[str, str]:
    """Wording of every indicator of the list."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {
        WRONG_NUMBERS.get((row["indicator"], row["name"]), row["indicator"]): row["target_or_direction"] for row in rows
    }


def facts(data: Path) -> dict[str, Fact]:
    """Facts of every series that any release carries."""
    text = [pl.col(name).cast(pl.String) for name in ("series", "indicator", "units")]
    world = pl.scan_parquet(data / "un_sdg" / LATEST).select(*text, "value", release=date(2023, 12, 17))
    past = pl.scan_parquet(data / "un_sdg/releases_region.parquet").select(*text, "value", "release")
    by_release = (
        pl.concat([world, past])
        .group_by("series", "release")
        .agg(
            pl.col("indicator", "units").drop_nulls().unique().sort().first(),
            low=pl.col("value").min(),
            high=pl.col("value").max(),
        )
        .sort("release")
    )
    table = by_release.group_by("series").agg(
        pl.col("indicator", "units").drop_nulls().last(), pl.col("low", "high").last()
    )
    return {
        series: Fact(indicator.split(",")[0].strip(), unit or "", low, high)
        for series, indicator, unit, low, high in table.collect().iter_rows()
    }


def decisions(path: Path) -> Iterator[Decision]:
    """Decisions of the file, one per series it names."""
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            for series in row["series"].split():
                yield Decision(series, *(row[name] for name in ("verdict", "target", "limits", "source", "reason")))


def asked(decision: Decision, fact: Fact, wording: str) -> Ask | None:
    """What the decision asks of its series; a percentage asked of a series in another unit shrinks to its direction."""
    if decision.verdict == "none":
        return None
    if decision.verdict == "list":
        found = ask(wording)
        if found is None:
            raise ValueError(f"the wording {wording!r} needs a decision of its own")
        refused = found.percent and fact.unit not in PERCENT_UNITS
        return Ask(found.direction) if refused else found
    direction = 1 if decision.verdict in {"up", RATE} else -1
    if not decision.target:
        return Ask(direction)
    if decision.target.startswith("x"):
        return Ask(direction, "factor", float(decision.target[1:]))
    return Ask(direction, "absolute", float(decision.target))


def limits(decision: Decision, fact: Fact) -> tuple[float | None, float | None]:
    """Natural bounds: as decided, else 0 to 100 for a percentage and 0 upwards for what is counted or measured."""
    if decision.limits:
        low, high = decision.limits.split("..")
        return float(low) if low else None, float(high) if high else None
    if fact.unit in {"index", "score"}:
        raise ValueError("an index needs limits of its own")
    return 0.0, 100.0 if fact.unit in PERCENT_UNITS else None


def source(decision: Decision, fact: Fact, wording: str) -> str:
    """Where direction and target come from."""
    target = ".".join(fact.indicator.split(".")[:2])
    names = {
        "text": f"SDG target {target} text",
        "text:11.5": "SDG target 11.5 text",
        "list": f"StatCan/Open SDG target list: {wording}",
        "title": "title of the series",
    }
    return "; ".join(names[part] for part in decision.source.split("+"))


def misfit(series: str, fact: Fact, found: Ask | None, bounds: tuple[float | None, float | None]) -> str:
    """What does not fit between rule, unit and data; empty if all does."""
    low, high = bounds
    target = found.target if found and found.target_type == "absolute" else None
    if fact.unit in COUNT_UNITS - {"bool"} and target and series not in SCORES_CODED_AS_NUMBER:
        return f"a target of {target:g} on a count ({fact.unit})"
    if target is not None and not (low or 0) <= target <= (high if high is not None else target):
        return f"the target {target:g} lies outside {low}..{high}"
    outside = (low is not None and (fact.low or 0) < low) or (high is not None and (fact.high or 0) > high)
    if outside and series not in PUBLISHED_ERRORS:
        return f"values {fact.low:g}..{fact.high:g} lie outside {low}..{high}"
    return ""


def number(value: float | None) -> str:
    """A number as short as it can be written."""
    return "" if value is None else f"{value:g}"


def rule(decision: Decision, fact: Fact, wording: str) -> dict[str, str]:
    """Row of ``rules.csv``; ValueError says what does not fit."""
    found = asked(decision, fact, wording)
    bounds = limits(decision, fact)
    if fault := misfit(decision.series, fact, found, bounds):
        raise ValueError(fault)
    return {
        "series": decision.series,
        "status": ("rate" if decision.verdict == RATE else "rule") if found else "no_rule",
        "direction": str(found.direction) if found else "",
        "target_type": found.target_type if found else "",
        "target": number(found.target if found else None),
        "parity": "true" if decision.verdict == "parity" else "false",
        "lower_limit": number(bounds[0]),
        "upper_limit": number(bounds[1]),
        "unit": fact.unit.upper(),
        "indicator": fact.indicator,
        "source": source(decision, fact, wording),
        "reason": decision.reason,
    }


def national(pack: Path, path: Path, known: Collection[str]) -> tuple[list[dict[str, str]], list[str]]:
    """Rows of ``rules.csv`` for series that national offices name themselves, and every fault met on the way.

    ``path`` holds series, verdict, target and reason; unit and range come from the offices' figures in the pack, the
    indicator from ``series_indicators.csv``. A series that is decided already (``known``) is a fault.
    """
    files = [file for file in sorted((pack / "observations").glob("*.parquet")) if not file.name.startswith("unsd")]
    figures = pl.concat([pl.scan_parquet(file).select("series", "unit", "value") for file in files])
    by = figures.group_by("series").agg(pl.col("unit").unique(), pl.col("value").min().alias("low")).collect()
    units = {series: sorted(unit) for series, unit, _ in by.iter_rows()}
    links = pl.read_csv(pack / "series_indicators.csv").unique("series", keep="first", maintain_order=True)
    of = dict(links.select("series", "indicator").iter_rows())
    rows, faults = [], []
    with path.open(encoding="utf-8", newline="") as stream:
        given = [(series, row) for row in csv.DictReader(stream) for series in row["series"].split()]
    for series, row in given:
        if series in known or len(units.get(series, ())) != 1 or series not in of:
            faults.append(f"{series}: decided already, without figures, in several units or without an indicator")
            continue
        fact = Fact(of[series], units[series][0].lower(), None, None)
        bounds = ".." if row["verdict"] == RATE or fact.unit == "index" else ""
        source = "text" if row["target"] else "title"
        try:
            rows.append(rule(Decision(series, row["verdict"], row["target"], bounds, source, row["reason"]), fact, ""))
        except ValueError as fault:
            faults.append(f"{series}: {fault}")
    return rows, faults


def build(data: Path, path: Path) -> tuple[list[dict[str, str]], list[str]]:
    """Rows of ``rules.csv`` by series, and every fault met on the way."""
    known = facts(data)
    words: Mapping[str, str] = wordings(data / "sdg_list/gif_targets_directions_statcan.csv")
    made = list(decisions(path))
    times = Counter(decision.series for decision in made)
    faults = [f"{series}: decided {count} times" for series, count in times.items() if count > 1]
    faults += [f"{series}: not decided" for series in sorted(set(known) - set(times))]
    faults += [f"{series}: no release carries it" for series in sorted(set(times) - set(known))]
    rows = []
    for decision in sorted(made, key=lambda one: one.series):
        if (fact := known.get(decision.series)) is None:
            continue
        try:
            rows.append(rule(decision, fact, words.get(fact.indicator, "")))
        except ValueError as fault:
            faults.append(f"{decision.series}: {fault}")
    return rows, faults

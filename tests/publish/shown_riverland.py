"""An invented region for the site: the pack of Riverland with hand-made results, so that no method is needed here."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

import riverland
from serai import assess
from serai.region import Pack, load_pack

RELEASE = date(2023, 6, 1)


def observed(pack: Pack) -> pl.DataFrame:
    frame = riverland.observations().filter(pl.col("release_to") == riverland.SECOND)
    frame = frame.drop("release_from").rename({"release_to": "release"})
    sexes = frame.filter((pl.col("series") == "POVERTY") & (pl.col("area") == "AAA")).with_columns(
        pl.lit("SEX=F").alias("dimensions"), pl.lit("M").alias("nature")
    )
    national = frame.filter((pl.col("series") == "POVERTY") & (pl.col("area") == "AAA")).with_columns(
        pl.lit("aaa_stat").alias("provider"), (pl.col("value") * 1.1).alias("value")
    )
    return pl.concat([frame, sexes, national])


def progressed() -> pl.DataFrame:
    def row(series, area, cls, score, reason, first, last, target):
        return {
            "method": "statcan", "area": area, "series": series, "dimensions": "", "unit": "PERCENT",
            "direction": 1 if series == "WATER_ACCESS" else -1, "target": target, "target_year": 2030, "limit": 100.0,
            "base_year": first[0], "base_value": first[1], "base_bound": "", "latest_year": last[0],
            "latest_value": last[1], "latest_bound": "", "observed_rate": 0.027 if cls else None,
            "required_rate": 0.024 if target else None, "value": 1.1, "class": cls, "score": score, "reason": reason,
            "provider": "un", "release": RELEASE, "nature": "C",
        }  # fmt: skip

    return pl.DataFrame(
        [
            row("WATER_ACCESS", "AAA", "substantial_progress", 3.0, None, (2015, 70.0), (2021, 82.0), 100.0),
            row("WATER_ACCESS", "BBB", "limited_progress", -1.0, None, (2015, 90.0), (2021, 91.0), 100.0),
            row("POVERTY", "AAA", "target_achieved", 5.0, None, (2015, 30.0), (2019, 21.0), 15.0),
            row("POVERTY", "BBB", "deterioration", -4.0, None, (2015, 10.0), (2020, 12.5), 5.0),
            row("RIVERS", "AAA", None, None, "no rule for this series", (2020, 0.0), (2020, 0.0), None),
        ]
    )


def goals() -> pl.DataFrame:
    known = {("6", "AAA"): "substantial_progress", ("6", "BBB"): "limited_progress", ("1", "AAA"): "target_achieved"}
    rows = []
    for area in ("AAA", "BBB"):
        for goal in range(1, 18):
            cls = known.get((str(goal), area))
            has = 1 if cls else 0
            rows.append(
                {
                    "method": "statcan", "area": area, "goal": str(goal), "indicators": 4, "indicators_with_data": has,
                    "indicators_classified": has, "series_classified": has, "class": cls,
                    "score": 1.0 if cls else None, "reason": None if cls else "no series with two years since 2015",
                    "median_latest_year": 2020.5 if cls else None, "oldest_year": 2019 if cls else None,
                    "newest_year": 2021 if cls else None,
                }
            )  # fmt: skip
    return pl.DataFrame(rows)


def projected() -> pl.DataFrame:
    rows = [
        {
            "area": "AAA", "series": "WATER_ACCESS", "dimensions": "", "unit": "PERCENT", "period": year,
            "median": 82.0 + year - 2021, "lo80": 82.0, "hi80": 95.5, "lo95": 80.0, "hi95": 99.0, "p_target": 0.25,
            "method": "last_value", "last_year": 2021, "last_value": 82.0, "horizon": year - 2021, "record_n": 1200,
            "record_coverage80": 0.79, "record_note": "", "provider": "un", "release": RELEASE, "nature": "C",
        }
        for year in range(2022, 2031)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def changed() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "series": ["POVERTY", "WATER_ACCESS"], "area": ["AAA", "BBB"], "period": [2016, 2021],
            "dimensions": ["", ""], "change": ["revised", "added"], "old_value": [28.0, None],
            "new_value": [27.0, 91.0], "old_release": [riverland.FIRST] * 2, "new_release": [riverland.SECOND] * 2,
        }
    )  # fmt: skip


class Riverland:
    """A region as publishing sees it, with results made by hand."""

    def __init__(self, root: Path) -> None:
        self.pack = load_pack(riverland.write(root / "pack"))
        self.members = self.pack.manifest.members
        self.cache = root / "cache"
        self.figures = observed(self.pack)

    def observations(self) -> pl.DataFrame:
        return self.figures

    def headline(self) -> pl.DataFrame:
        return self.figures.filter((pl.col("dimensions") == "") & (pl.col("provider") == "un"))

    def releases(self) -> pl.DataFrame:
        return pl.DataFrame(
            {"provider": ["un", "un"], "release": [riverland.FIRST, riverland.SECOND], "rows": [12, 18]}
        )

    def changes(self) -> pl.DataFrame:
        return changed()

    def gone(self) -> pl.DataFrame:
        return pl.DataFrame({"series": ["RIVERS"], "release": [riverland.FIRST]})

    def progress(self) -> pl.DataFrame:
        return progressed()

    def goals(self) -> pl.DataFrame:
        return goals()

    def goals_of(self, judged: pl.DataFrame) -> pl.DataFrame:
        links, official = self.pack.table("series_indicators"), self.pack.table("indicators")
        return assess.goal_status(judged, links, official, areas=self.members)

    def compare_methods(self) -> pl.DataFrame:
        return assess.compare_methods(self.headline(), self.pack.table("rules"))

    def required(self) -> pl.DataFrame:
        return assess.required(self.headline(), self.pack.table("rules"))

    def peers(self, group: str) -> pl.DataFrame:
        return assess.peers(self.headline(), self.pack.table("rules"), self.members)

    def peer_goals(self, group: str) -> pl.DataFrame:
        return assess.peer_goals(goals(), self.members)

    def programmes(self) -> pl.DataFrame:
        if not self.pack.has("programme_targets"):
            return pl.DataFrame(schema=assess.PROGRAMMES)
        return assess.programme_status(self.headline(), self.pack.table("programme_targets"), self.members)

    def left_behind(self) -> pl.DataFrame:
        return assess.left_behind(self.figures, self.pack.table("rules"), self.pack.table("headline"))

    def subnational(self) -> pl.DataFrame:
        regions = pl.DataFrame({"area": ["AAA-1", "AAA-2"], "kind": "region", "parent": "AAA"})
        country = self.figures.filter((pl.col("provider") == "aaa_stat") & (pl.col("dimensions") == ""))
        parts = [
            country.with_columns(pl.lit(area).alias("area"), pl.col("value") * n)
            for n, area in ((1, "AAA-1"), (2, "AAA-2"))
        ]
        frame = pl.concat([country, *parts])
        return assess.subnational(frame, regions, self.pack.table("rules"), self.pack.table("headline"))

    def national(self) -> pl.DataFrame:
        return assess.against_international(self.figures, national=["aaa_stat"], international="un")

    def project(self) -> pl.DataFrame:
        return projected()

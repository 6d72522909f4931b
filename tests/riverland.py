"""Riverland: an invented region, small enough to read. It proves that no region is in the code."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from serai.region.tables import OBSERVATION_RUNS, TABLES

FIRST, SECOND = date(2022, 6, 1), date(2023, 6, 1)

REGION = """
id = "riverland"
members = ["AAA", "BBB"]
neighbours = ["CCC"]
primary_provider = "un"
[title]
en = "Riverland"
ru = "Речной край"
[centre]
en = "Centre of Riverland"
ru = "Центр Речного края"
[disclaimer]
en = "Lines on maps imply no opinion."
ru = "Линии на картах не выражают мнения."
[map]
west = 0
east = 30
south = 0
north = 20
[[languages]]
code = "en"
name = "English"
published = true
[[languages]]
code = "ru"
name = "Русский"
published = true
"""

SERIES = {
    # code: (title, Russian title, unit, indicator, direction, target type, target, upper limit)
    "WATER_ACCESS": ("Access to drinking water", "Доступ к питьевой воде", "PERCENT", "6.1.1", 1, "absolute", 100, 100),
    "POVERTY": (
        "Population below the line",
        "Население за чертой бедности",
        "PERCENT",
        "1.2.1",
        -1,
        "factor",
        0.5,
        100,
    ),
    "RIVERS": ("Number of rivers", "", "NUMBER", "6.6.1", None, "", None, None),
}

FIGURES = {
    ("WATER_ACCESS", "AAA"): {2015: 70.0, 2018: 76.0, 2021: 82.0},
    ("WATER_ACCESS", "BBB"): {2015: 90.0, 2018: 90.5, 2021: 91.0},
    ("WATER_ACCESS", "CCC"): {2015: 80.0, 2018: 85.0, 2021: 88.0},
    ("POVERTY", "AAA"): {2015: 30.0, 2016: 27.0, 2019: 21.0},
    ("POVERTY", "BBB"): {2015: 10.0, 2017: 11.0, 2020: 12.5},
    ("RIVERS", "AAA"): {2020: 0.0},
}


def tables() -> dict[str, list[dict[str, object]]]:
    """Every CSV table of the pack, as rows."""
    names = {"AAA": ("Alder", "Ольха"), "BBB": ("Birch", "Берёза"), "CCC": ("Cedar", "Кедр")}
    goals = [
        {"goal": str(g), "language": la, "short": f"{w} {g}", "title": f"{w} {g}, in full"}
        for g in range(1, 18)
        for la, w in (("en", "Goal"), ("ru", "Цель"))
    ]
    indicators = sorted({row[3] for row in SERIES.values()})
    both = (("en", "Indicator"), ("ru", "Показатель"))
    return {
        "providers": [
            {"provider": "un", "name_en": "UN", "name_ru": "ООН", "kind": "international", "area": "", "url": ""},
            {
                "provider": "aaa_stat",
                "name_en": "Statistics of Alder",
                "name_ru": "Статистика Ольхи",
                "kind": "national",
                "area": "AAA",
                "url": "",
            },
        ],
        "areas": [
            {"area": a, "m49": i, "iso2": a[:2], "kind": "country", "parent": "", "name": n[0]}
            for i, (a, n) in enumerate(names.items(), 1)
        ],
        "names": [
            {"area": a, "language": la, "name": n, "short": n, "source": "invented"}
            for a, (en, ru) in names.items()
            for la, n in (("en", en), ("ru", ru))
        ],
        "groups": [{"group": "riverland", "area": a, "since": ""} for a in ("AAA", "BBB")],
        "units": [
            {"unit": "PERCENT", "name_en": "per cent", "name_ru": "процентов"},
            {"unit": "NUMBER", "name_en": "number", "name_ru": "единиц"},
        ],
        "series": [
            {"series": s, "title": r[0], "title_ru": r[1], "unit": r[2], "source_en": "UN", "source_ru": "ООН"}
            for s, r in SERIES.items()
        ],
        "series_indicators": [
            {"series": s, "indicator": r[3], "target": r[3].rsplit(".", 1)[0], "goal": r[3].split(".")[0]}
            for s, r in SERIES.items()
        ],
        "dimensions": [
            {
                "dimension": "SEX",
                "source_dimension": "sex",
                "code": "",
                "source_code": "bothsex",
                "name": "both sexes",
                "total": "true",
            }
        ],
        "goals": goals,
        "targets": [
            {"target": t, "goal": t.split(".")[0], "language": la, "title": f"Target {t}"}
            for t in sorted({i.rsplit(".", 1)[0] for i in indicators})
            for la, _ in both
        ],
        "indicators": [
            {
                "indicator": i,
                "target": i.rsplit(".", 1)[0],
                "goal": i.split(".")[0],
                "language": la,
                "title": f"{w} {i}",
            }
            for i in indicators
            for la, w in both
        ],
        "indicator_targets": [{"indicator": "6.1.1", "text": "100%", "source": "invented"}],
        "rules": [
            {
                "series": s,
                "status": "rule" if r[4] else "no_rule",
                "direction": r[4] or "",
                "target_type": r[5],
                "target": "" if r[6] is None else r[6],
                "parity": "false",
                "lower_limit": 0,
                "upper_limit": "" if r[7] is None else r[7],
                "unit": r[2],
                "indicator": r[3],
                "source": "invented",
                "reason": "invented for tests",
            }
            for s, r in SERIES.items()
        ],
        "headline": [{"series": s, "dimensions": "", "kind": "all_total", "reason": "the total"} for s in SERIES],
        "aliases": [
            {"old": "OLD_POVERTY", "new": "POVERTY", "release": "2023-06-01", "kind": "successor", "reason": "renamed"}
        ],
        "unit_changes": [
            {
                "series": "RIVERS",
                "old_unit": "NUMBER",
                "new_unit": "NUMBER",
                "release": "2023-06-01",
                "factor": 1,
                "reason": "invented",
            }
        ],
    }


def observations() -> pl.DataFrame:
    """Two releases: the second revises one figure of AAA and adds its last year; RIVERS of BBB is withheld."""
    rows = []
    for (series, area), years in FIGURES.items():
        for year, value in years.items():
            revised = (series, area, year) == ("POVERTY", "AAA", 2016)
            added = year == max(years)
            begin = SECOND if revised or added else FIRST
            if revised:
                rows.append((series, area, year, 28.0, "published", "", FIRST, FIRST))
            rows.append((series, area, year, value, "published", "", begin, SECOND))
    rows.append(("RIVERS", "BBB", 2020, None, "withheld", "withheld by the member: under review", FIRST, SECOND))
    named = ("series", "area", "period", "value", "status", "note", "release_from", "release_to")
    frame = pl.DataFrame(rows, schema=list(named), orient="row").with_columns(
        pl.lit("").alias("dimensions"),
        pl.lit("").alias("bound"),
        pl.lit("C").alias("nature"),
        pl.lit("un").alias("provider"),
        pl.col("series").replace_strict({s: r[2] for s, r in SERIES.items()}).alias("unit"),
    )
    return frame.select(pl.col(name).cast(dtype) for name, dtype in OBSERVATION_RUNS.items())


def write(root: Path) -> Path:
    """Write the pack into a directory and return it."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "region.toml").write_text(REGION, encoding="utf-8")
    content, specs = tables(), {table.name: table for table in TABLES}
    sources = []
    for name, rows in content.items():
        path = root / specs[name].file
        path.parent.mkdir(exist_ok=True)
        pl.DataFrame(rows, infer_schema_length=None, strict=False).write_csv(path)
        sources.append((specs[name].file, [column.name for column in specs[name].columns]))
    (root / "observations").mkdir(exist_ok=True)
    observations().write_parquet(root / "observations" / "un.parquet")
    sources.append(("observations/un.parquet", list(OBSERVATION_RUNS)))
    (root / "geometry").mkdir(exist_ok=True)
    (root / "geometry" / "countries.json").write_text(_geometry(), encoding="utf-8")
    sources.append(("geometry/countries.json", []))
    (root / "sources.toml").write_text("\n".join(_source(*entry) for entry in sources), encoding="utf-8")
    return root


def _source(file: str, columns: list[str]) -> str:
    described = "\n".join(f'{column} = "what {column} holds"' for column in columns)
    return (
        f'[[table]]\nfile = "{file}"\ntitle = "{file}"\nprovider = "Riverland"\nsource = "invented"\nlicence = "CC0"\n'
        f'release = "2023-06-01"\nretrieved = 2023-06-02\n[table.columns]\n{described}\n'
    )


def _geometry() -> str:
    def square(area: str, x: int) -> str:
        ring = f"[[{x},1],[{x},9],[{x + 8},9],[{x + 8},1],[{x},1]]"
        return (
            f'{{"type":"Feature","properties":{{"area":"{area}"}},'
            f'"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}'
        )

    features = ",".join(square(area, x) for area, x in (("AAA", 1), ("BBB", 10), ("CCC", 19)))
    return f'{{"type":"FeatureCollection","features":[{features}]}}'

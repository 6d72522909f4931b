"""National series: each statistical office's own table as observations of its own provider."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
from lxml import etree

from pack_io import has_input, read_input, write_runs
from serai.observe import open_sdg, sdmx_table
from serai.observe.codes import Codes
from serai.observe.files import read_csv, read_parquet
from serai.observe.national import Office
from serai.observe.runs import to_runs


@dataclass(frozen=True)
class SeriesAbout:
    """What an office says about a series: titles, its number in the national or global list, where it says so."""

    series: str
    title: str
    title_ru: str
    number: str
    source: str


DSD = "national/SDG_DSD.KG_1.8.xml"
_NS = {
    "s": "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure",
    "c": "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common",
}
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

CODELISTS = {
    "SEX": "CL_SEX",
    "AGE": "CL_AGE",
    "URBANISATION": "CL_URBANISATION",
    "INCOME_WEALTH_QUANTILE": "CL_QUANTILE",
    "EDUCATION_LEV": "CL_EDUCATION_LEV",
    "OCCUPATION": "CL_OCCUPATION",
    "CUST_BREAKDOWN": "CL_CUST_BREAKDOWN",
    "COMPOSITE_BREAKDOWN": "CL_COMP_BREAKDOWN",
    "DISABILITY_STATUS": "CL_DISABILITY",
    "ACTIVITY": "CL_ACTIVITY",
    "PRODUCT": "CL_PRODUCT",
}
"""Dimensions of the national tables and the code lists that name their codes."""

OUR_DIMENSION = {
    "URBANISATION": "LOCATION",
    "INCOME_WEALTH_QUANTILE": "QUANTILE",
    "EDUCATION_LEV": "EDUCATION_LEVEL",
    "OCCUPATION": "TYPE_OF_OCCUPATION",
    "CUST_BREAKDOWN": "CUSTOM_BREAKDOWN",
    "PRODUCT": "TYPE_OF_PRODUCT",
}
_COMPOSITE = (
    (r"^IO_(.+)$", "NAME_OF_INTERNATIONAL_INSTITUTION", r"\1"),
    (r"^HZT_(.+)$", "HAZARD_TYPE", r"\1"),
    (r"^MOT_(.+)$", "MODE_OF_TRANSPORTATION", r"\1"),
    (r"^IHR_([0-9]+)$", "IHR_CAPACITY", r"IHR\1"),
    (r"^SPAR_([0-9]+)$", "IHR_CAPACITY", r"SPAR\1"),
    (r"^(SPAR2_C[0-9]+)$", "IHR_CAPACITY", r"\1"),
    (r"^PD_([0-9])$", "POLICY_DOMAINS", r"DOMAIN\1"),
)
"""The composite breakdown holds several dimensions of the global structure at once."""
_AGES = ((r"^Y([0-9]+)T([0-9]+)$", r"\1-\2"), (r"^Y_GE([0-9]+)$", r"\1+"))


def load(data: Path) -> dict[str, pl.DataFrame]:
    """The national tables at hand, corrected where a code was written into the wrong column."""
    kaz = read_parquet(data / "national/kaz_sdg.parquet")
    return {
        "kgz_nsc": read_parquet(data / "national/kgz_sdg_sdmx.parquet"),
        "kaz_bns": _corrected(kaz, "kaz_bns"),
        "tjk_tajstat": read_csv(data / "national/tjk_sdg_sdmx.csv"),
    }


def _corrected(raw: pl.DataFrame, provider: str) -> pl.DataFrame:
    for row in read_input(f"{provider}_corrections.csv"):
        hit = (pl.col(row["column"]) == row["found"]).fill_null(False)
        if not row["becomes"]:
            continue
        changed = [pl.when(hit).then(pl.lit(row["becomes"])).otherwise(pl.col(row["column"])).alias(row["column"])]
        if row["area"]:
            changed.append(pl.when(hit).then(pl.lit(row["area"])).otherwise(pl.col("REF_AREA")).alias("REF_AREA"))
        raw = raw.with_columns(changed)
    return raw


def dimension_rows(data: Path, tables: Iterable[pl.DataFrame]) -> list[dict[str, object]]:
    """Rows of ``dimensions.csv`` for the codes that the national tables use."""
    names = _names(data)
    mapped = {(row["source_dimension"], row["source_code"]): row for row in read_input("national_dimensions.csv")}
    used: set[tuple[str, str]] = set()
    for table in tables:
        for dimension in CODELISTS:
            if dimension in table.columns:
                used |= {(dimension, code.strip()) for code in table[dimension].drop_nulls().unique() if code.strip()}
    rows = []
    for dimension, code in sorted(used):
        if row := mapped.get((dimension, code)):
            ours, our_code, name = row["dimension"], row["code"], row["name"]
        else:
            ours, our_code = _ours(dimension, code)
            name = names.get((dimension, code)) or _age_name(code)
        rows.append({
            "dimension": ours, "source_dimension": dimension, "code": our_code, "source_code": code,
            "name": name, "total": code == "_T",
        })  # fmt: skip
    return rows


def _ours(dimension: str, code: str) -> tuple[str, str]:
    if dimension == "COMPOSITE_BREAKDOWN":
        for form, ours, our_code in _COMPOSITE:
            if re.match(form, code):
                return ours, re.sub(form, our_code, code)
    if dimension == "AGE":
        for form, our_code in _AGES:
            if re.match(form, code):
                return "AGE", re.sub(form, our_code, code)
    return OUR_DIMENSION.get(dimension, dimension), code.removeprefix("_") if code == "_U" else code


def _age_name(code: str) -> str:
    return re.sub(r"^Y([0-9]+)$", r"\1 years old", re.sub(r"^Y([0-9]+)T([0-9]+)$", r"\1 to \2 years old", code))


def _names(data: Path) -> dict[tuple[str, str], str]:
    """(dimension, code) -> English name: the national structure definition first, then the offices' own lists."""
    tree = etree.parse(data / DSD)
    names: dict[tuple[str, str], str] = {}
    for provider in ("kaz_bns",):
        names |= {(row["kind"], row["code"]): row["name_en"] for row in read_input(f"{provider}_names.csv")}
    for dimension, codelist in CODELISTS.items():
        for code in tree.iterfind(f".//s:Codelist[@id='{codelist}']/s:Code", _NS):
            english = next((name.text for name in code.iterfind("c:Name", _NS) if name.get(_LANG) == "en"), None)
            if english:
                names[dimension, code.get("id")] = " ".join(english.split())
    return names


def office(provider: str) -> Office:
    """Area and unit codes of an office, from the hand-written tables."""
    area = next(row["area"] for row in read_input("providers.csv") if row["provider"] == provider)
    spelled = {row["code"]: area for row in read_input("country_codes.csv") if row["provider"] == provider}
    names = f"{provider}_names.csv"
    regions = [row["code"] for row in read_input(names) if row["kind"] == "REF_AREA"] if has_input(names) else []
    units = {
        (row["source_unit"], int(row["multiplier"])): (row["unit"], int(row["exponent"]))
        for row in read_input("national_units.csv")
        if row["provider"] == provider
    }
    return Office(provider, spelled | {code: f"{area}-{code}" for code in regions}, {("", 0): ("", 0)} | units)


def observations(tables: dict[str, pl.DataFrame], codes: Codes) -> dict[str, pl.DataFrame]:
    """The observation tables of all offices, all their releases one below the other."""
    found: dict[str, list[pl.DataFrame]] = {}
    for row in read_input("national_releases.csv"):
        provider, table = row["provider"], tables[row["provider"]]
        if row["column"]:
            table = table.filter(pl.col(row["column"]) == row["equals"])
        release = date.fromisoformat(row["release"])
        if "indicator_file" in table.columns and "OBS_VALUE" not in table.columns:
            frame = open_sdg.observations(
                table, release, codes, office=office(provider), prefix=office(provider).areas[""],
                dimensions=[name for name in CODELISTS if name in table.columns], source=row["file"],
            )  # fmt: skip
        else:
            frame = sdmx_table.observations(table, release, codes, office=office(provider), source=row["file"])
        found.setdefault(provider, []).append(frame)
    return {provider: pl.concat(frames) for provider, frames in found.items()}


def write_national(out: Path, observed: dict[str, pl.DataFrame]) -> dict[str, int]:
    """One run table per office."""
    return {
        provider: write_runs(out / f"observations/{provider}.parquet", to_runs(frame, _releases(frame)))
        for provider, frame in observed.items()
    }


def _releases(frame: pl.DataFrame) -> Sequence[date]:
    return sorted(frame["release"].unique())


def series_about(
    data: Path, tables: dict[str, pl.DataFrame], official: dict[tuple[str, str], str]
) -> list[SeriesAbout]:
    """Titles and indicators of the series that offices name themselves; ``official`` holds (indicator, language)."""
    found = [*_about_sdmx(data), *_about_open_sdg(tables, official)]
    return sorted(found, key=lambda about: about.series)


def _about_sdmx(data: Path) -> Iterable[SeriesAbout]:
    structure = read_csv(data / "national/kg_cl_series.csv").fill_null("")
    source = "SDG data structure definition KG_NSC:SDG 1.8"
    for series, title, title_ru, notes in structure.select("series", "en", "ru", "annotations").iter_rows():
        number = re.match(r"Indicator=([0-9a-z.]+)", notes)
        yield SeriesAbout(
            series, _one_line(title), _one_line(title_ru), number[1].rstrip(".") if number else "", source
        )


def _about_open_sdg(tables: dict[str, pl.DataFrame], official: dict[tuple[str, str], str]) -> Iterable[SeriesAbout]:
    provider = "kaz_bns"
    label = {(row["kind"], row["code"]): row for row in read_input(f"{provider}_names.csv")}
    units = {row["unit"]: row for row in read_input("units.csv")}
    ours = office(provider)
    used = open_sdg.named(tables[provider], ours.areas[""]).select("series", "SERIES", "unit", "indicator_file")
    for series, code, unit, file in used.unique("series", keep="first", maintain_order=True).iter_rows():
        titles = []
        for language in ("en", "ru"):
            indicator = label.get(("indicator", file))
            number = ".".join(file.split("-")[:3])
            parts = [indicator[f"name_{language}"] if indicator else official.get((number, language), "")]
            if row := label.get(("SERIES", code)):
                parts.append(row[f"name_{language}"])
            if series.endswith(f"_{unit}") and unit:
                parts.append(units[ours.units[unit, 0][0]][f"name_{language}"])
            titles.append(": ".join(filter(None, parts)))
        yield SeriesAbout(series, titles[0], titles[1], file.replace("-", "."), f"{provider}: titles of the data site")


def _one_line(text: str) -> str:
    return " ".join(text.split())

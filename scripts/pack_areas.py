"""Areas, their names and groups, providers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from babel.core import get_global

from pack_io import has_input, read_input, write_csv, write_rows

OVERRIDES = read_input("area_overrides.csv")


def iso2_of(iso3: str) -> str:
    """ISO 3166-1 alpha-2 code, from the territory aliases of CLDR; empty where there is none."""
    found = get_global("territory_aliases").get(iso3, [])
    return found[0] if found and len(found[0]) == 2 else ""


def un_areas(data: Path, frames: list[pl.DataFrame]) -> list[dict[str, object]]:
    """Countries and statistical groups that occur in the UN tables, or that projections of population name."""
    given = pl.read_csv(data / "un_sdg/dimension_codes.csv", infer_schema=False).filter(
        pl.col("dimension") == "geo_area"
    )
    names = dict(given.select("code", "name").iter_rows())
    found = pl.concat(frame.select("m49", pl.col("iso3").cast(pl.String)).unique() for frame in frames).unique()
    overridden = {row["area"]: row["name"] for row in OVERRIDES if row["kind"] == "name"}
    rows = []
    for m49, iso3 in found.sort("iso3", "m49").iter_rows():
        area = iso3 or f"M49:{m49}"
        name = overridden.get(area, " ".join(names[str(m49)].split()))
        kind = "country" if iso3 else "group"
        rows.append(_area(area, m49, iso2_of(iso3) if iso3 else "", kind, "", name))
    return sorted(rows, key=lambda row: (str(row["kind"]), str(row["area"])))


def national_names() -> list[tuple[str, dict[str, str]]]:
    """Regions and towns of members with their names, as their statistical offices code them."""
    offices = [row for row in read_input("providers.csv") if row["area"]]
    found = [
        (f"{office['area']}-{row['code']}", row)
        for office in offices
        if has_input(f"{office['provider']}_names.csv")
        for row in read_input(f"{office['provider']}_names.csv")
        if row["kind"] == "REF_AREA"
    ]
    return sorted(found, key=lambda item: item[0])


def _area(area: str, m49: int | None, iso2: str, kind: str, parent: str, name: str) -> dict[str, object]:
    return {"area": area, "m49": m49, "iso2": iso2, "kind": kind, "parent": parent, "name": name}


def write_areas(data: Path, out: Path, frames: list[pl.DataFrame], region: dict[str, Any]) -> list[dict[str, object]]:
    """``areas.csv``, ``names.csv``, ``groups.csv`` and ``providers.csv``; returns the areas."""
    regions = [_area(area, None, "", "region", area[:3], row["name_en"]) for area, row in national_names()]
    areas = [*un_areas(data, frames), *regions]
    write_rows(out / "areas.csv", areas)
    write_rows(out / "names.csv", _names())
    write_rows(out / "providers.csv", read_input("providers.csv"))
    _write_groups(data, out, region, {str(row["area"]) for row in areas})
    return areas


def _names() -> list[dict[str, str]]:
    written = [row | {"source": "written for this pack after UN usage"} for row in read_input("names.csv")]
    office = "national statistical office, written in full"
    regions = [
        {"area": area, "language": code, "name": row[f"name_{code}"], "short": row[f"name_{code}"], "source": office}
        for area, row in national_names()
        for code in ("en", "ru")
    ]
    return [*written, *regions]


def _write_groups(data: Path, out: Path, region: dict[str, Any], known: set[str]) -> None:
    ldc = pl.read_csv(data / "country_groups/ldc.csv", infer_schema=False)
    lldc = pl.read_csv(data / "country_groups/lldc.csv", infer_schema=False)
    left = {(row["group"], row["area"]) for row in OVERRIDES if row["kind"] == "left"}
    rows = [("LDC", code, since) for code, since in ldc.select("Code", "Year-Of-Inclusion").iter_rows()]
    rows += [("LLDC", code, "") for code in lldc["Code"]]
    rows += [(region["id"], code, "") for code in region["members"]]
    rows = [row for row in rows if row[:2] not in left]
    if missing := sorted({code for _, code, _ in rows} - known):
        raise SystemExit(f"groups name unknown areas: {', '.join(missing)}")
    write_csv(out / "groups.csv", ("group", "area", "since"), sorted(rows))

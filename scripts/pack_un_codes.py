"""Codes of the UN table: how each becomes ours, and what to call it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from pack_io import read_input

TOTALS = {
    "activity": ("t", "total"),
    "age": ("allage",),
    "bioclimatic_belt": ("total",),
    # The bounds of early releases stand beside a point estimate, which later releases give alone.
    "bounds": ("mp",),
    "cause_of_death": ("t",),
    "counterpart": ("t",),
    "disability_status": ("t",),
    "education_level": ("t",),
    "food_waste_sector": ("all",),
    "freq": ("annual",),
    "grounds_of_discrimination": ("all",),
    "ihr_capacity": ("t",),
    "level_of_government": ("t",),
    "level_of_requirement": ("total",),
    "level_status": ("t",),
    "location": ("allarea",),
    "migratory_status": ("t",),
    "mountain_elevation": ("all",),
    "policy_domains": ("alldomains",),
    "policy_instruments": ("t",),
    "population_group": ("total",),
    "quantile": ("t",),
    "severity_of_price_levels": ("total",),
    "sex": ("bothsex",),
    "substance_use_disorders": ("total",),
    "type_of_occupation": ("t",),
    "type_of_ofdi_scheme": ("all",),
    # "raw" of the releases to 2020-04 is "alp" of the later ones: the same values.
    "type_of_product": ("alp", "raw"),
    "type_of_renewable_technology": ("all",),
    "type_of_speed": ("anys",),
    "type_of_support": ("total",),
}
"""Codes that stand for the whole and are left out of our keys."""

NOT_SPECIFIED = "notspec"
KEPT_NOT_SPECIFIED = {("counterpart", NOT_SPECIFIED)}
"""Where "not specified" is a category of its own beside a total."""

OURS = {
    ("sex", "female"): "F",
    ("sex", "male"): "M",
    # Two spellings of one code in successive releases, with the same values.
    ("name_of_international_institution", "iabd"): "IADB",
    ("activity", "agr"): "ISIC4_A",
}

_AGE_FORMS = (
    (r"^([0-9]+)_([0-9]+)$", r"\1-\2", r"\1-\2 years"),
    (r"^([0-9]+)_([0-9]+)m$", r"\1-\2M", r"\1-\2 months"),
    (r"^([0-9]+)$", r"\1+", r"\1 years and over"),
    (r"^lt([0-9]+)y?$", None, r"under \1 years"),
    (r"^lt1m$", None, "under 1 month"),
    (r"^lt_([0-9]+)y$", r"LE\1Y", r"\1 years and under"),
    (r"^m([0-9]+)t([0-9]+)$", None, r"\1-\2 months"),
    (r"^allage$", None, "All ages"),
    (r"^notspec$", None, "Not specified"),
    (r"^u$", None, "Unknown"),
    (r"^x$", None, "Not elsewhere classified"),
)


def used_pairs(frames: Iterable[pl.DataFrame]) -> list[tuple[str, str]]:
    """Every (dimension, code) that occurs in the tables."""
    parts = pl.concat(
        frame.select(pl.col("dims").cast(pl.String).fill_null(""))
        .unique()
        .select(pl.col("dims").str.split("|"))
        .explode("dims")
        for frame in frames
    )
    found = parts["dims"].unique().drop_nulls().to_list()
    return sorted({(dimension, code) for part in found if part for dimension, code in [part.split("=", 1)]})


def dimension_rows(data: Path, pairs: Iterable[tuple[str, str]], countries: dict[str, str]) -> list[dict[str, object]]:
    """Rows of ``dimensions.csv`` for the codes of the UN table; ``countries`` maps ISO2 to names."""
    given = pl.read_csv(data / "un_sdg/dimension_codes.csv", infer_schema=False).filter(pl.col("name").is_not_null())
    source_names = {
        (dimension, code): name for dimension, code, name in given.select("dimension", "code", "name").iter_rows()
    }
    written = {(row["source_dimension"], row["source_code"]): row["name"] for row in read_input("dimension_names.csv")}
    return [
        {
            "dimension": dimension.upper(),
            "source_dimension": dimension,
            "code": our_code(dimension, code),
            "source_code": code,
            "name": written.get((dimension, code)) or _name(dimension, code, source_names, countries),
            "total": is_total(dimension, code),
        }
        for dimension, code in pairs
    ]


def is_total(dimension: str, code: str) -> bool:
    """Whether our keys leave the code out."""
    dropped = code in TOTALS.get(dimension, ()) or code == NOT_SPECIFIED
    return dropped and (dimension, code) not in KEPT_NOT_SPECIFIED


def our_code(dimension: str, code: str) -> str:
    """Our code for a code of the UN table."""
    if (dimension, code) in OURS:
        return OURS[dimension, code]
    if dimension == "age":
        for form, ours, _ in _AGE_FORMS:
            if ours and re.match(form, code):
                return re.sub(form, ours, code)
    return code.upper()


def _name(dimension: str, code: str, source_names: dict[tuple[str, str], str], countries: dict[str, str]) -> str:
    if dimension == "age":
        return next(re.sub(form, name, code) for form, _, name in _AGE_FORMS if re.match(form, code))
    if dimension == "counterpart":
        return countries.get(code.upper(), code.upper())
    if dimension == "cities":
        return _city(code)
    if dimension == "custom_breakdown":
        return f"Custom breakdown {code.removeprefix('c')}, as the country reports"
    if dimension == "government_name":
        return code.replace("_", " ").title()
    return source_names.get((dimension, code), code.upper())


def _city(code: str) -> str:
    """``co_ant_frontino`` -> ``Frontino (CO-ANT)``."""
    parts = code.split("_")
    where = []
    if len(parts) > 1 and len(parts[0]) == 2:
        where.append(parts.pop(0).upper())
        if where[0] in ("CO", "MX") and len(parts) > 1 and len(parts[0]) == 3:
            where.append(parts.pop(0).upper())
    name = " ".join(part.capitalize() for part in parts)
    return f"{name} ({'-'.join(where)})" if where else name

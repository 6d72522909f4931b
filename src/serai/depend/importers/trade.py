"""Trade: files of UN Comtrade and of BACI."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from serai.depend.importers.codes import AreaCodes, numbers
from serai.errors import SourceError
from serai.observe.files import read_csv

NEW = {"year": "refYear", "reporter": "reporterISO", "flow": "flowCode", "partner": "partnerISO", "product": "cmdCode",
       "value": "primaryValue"}  # fmt: skip
OLD = {"year": "Year", "reporter": "Reporter ISO", "flow": "Trade Flow", "partner": "Partner ISO",
       "product": "Commodity Code", "value": "Trade Value (US$)"}  # fmt: skip
WHOLE = {"freqCode": "A", "partner2Code": "0", "customsCode": "C00", "motCode": "0"}
"""Columns of Comtrade that split a flow further, and their value for the whole."""
EXPORT, IMPORT = ("x", "export", "exports"), ("m", "import", "imports")
THOUSAND = 1000.0


def comtrade(path: Path, codes: AreaCodes, *, products: Sequence[str] = ("TOTAL",)) -> pl.DataFrame:
    """A CSV file of UN Comtrade, in the form of its service since 2022 or in the older one.

    Each report is a flow of its own, exports as the reporter gives them (free on board) and imports likewise (cost,
    insurance and freight); the partner World is a total.

    Args:
        path: the file.
        codes: what its codes stand for.
        products: commodity codes, summed.

    Returns:
        ``origin, destination, period, value, reported_by``, values in US dollars.

    Raises:
        SourceError: not such a file; no row of these products; unknown codes; numbers that are none; a report twice.
    """
    frame = read_csv(path)
    names = next((form for form in (NEW, OLD) if set(form.values()) <= set(frame.columns)), None)
    if names is None:
        raise SourceError(f"{path.name}: not a file of UN Comtrade; its columns are {', '.join(NEW.values())}, …")
    for column, whole in WHOLE.items():
        if column in frame.columns:
            frame = frame.filter(pl.col(column).str.strip_chars().is_in([whole, ""]) | pl.col(column).is_null())
    frame = frame.select(pl.col(old).alias(new) for new, old in names.items())
    frame = _of_products(frame, products, path.name)
    flow = pl.col("flow").str.strip_chars().str.to_lowercase()
    frame = frame.filter(flow.is_in([*EXPORT, *IMPORT])).with_columns(flow.is_in(EXPORT).alias("out"))
    keys = ["year", "reporter", "partner", "out", "product"]
    if (again := frame.filter(pl.struct(keys).is_duplicated())).height:
        shown = " ".join(str(part) for part in again.select(keys).row(0))
        raise SourceError(
            f"{path.name}: {shown}: a report twice; keep the rows of the whole (no second partner or mode)"
        )
    frame = frame.with_columns(
        numbers(frame, "value", path.name).alias("value"),
        numbers(frame, "year", path.name).cast(pl.Int32).alias("period"),
    )
    own = frame["reporter"].replace_strict(codes.areas(frame["reporter"], path.name, "reporter"))
    other = frame["partner"].replace_strict(codes.areas(frame["partner"], path.name, "partner"))
    frame = frame.with_columns(own.alias("own"), other.alias("other")).filter(
        (pl.col("own") != "") & (pl.col("other") != "") & (pl.col("own") != pl.col("other"))
    )
    ends = {"origin": ("own", "other"), "destination": ("other", "own")}
    turned = frame.with_columns(
        pl.when("out").then(pl.col(a)).otherwise(pl.col(b)).alias(end) for end, (a, b) in ends.items()
    )
    keys = ["origin", "destination", "period", "own"]
    return turned.group_by(keys, maintain_order=True).agg(pl.col("value").sum()).rename({"own": "reported_by"})


def _of_products(frame: pl.DataFrame, products: Sequence[str], file: str) -> pl.DataFrame:
    wanted = [product.upper() for product in products]
    kept = frame.filter(pl.col("product").str.strip_chars().str.to_uppercase().is_in(wanted))
    if kept.is_empty():
        found = ", ".join(sorted(str(code) for code in frame["product"].unique().head(8)))
        raise SourceError(f"{file}: no row of {', '.join(products)}; the file has {found or 'no rows of whole flows'}")
    return kept


def country_codes(path: Path) -> dict[str, str]:
    """The country codes that come with BACI (``country_codes_V….csv``), to three-letter codes.

    Raises:
        SourceError: not such a file.
    """
    frame = read_csv(path, ("country_code", "country_iso3"))
    return {str(code): str(area) for code, area in frame.select("country_code", "country_iso3").iter_rows() if area}


def baci(path: Path, codes: AreaCodes, *, products: Sequence[str] = ()) -> pl.DataFrame:
    """A CSV file of BACI (CEPII): ``t,i,j,k,v,q``, values in thousand dollars, reports of both sides reconciled.

    Read as a stream: files have ten million rows and more.

    Args:
        path: the file.
        codes: what its country codes stand for.
        products: beginnings of product codes; all where empty.

    Returns:
        ``origin, destination, period, value, reported_by``, values in US dollars.

    Raises:
        SourceError: not such a file; no row of these products; unknown codes; numbers that are none.
    """
    try:
        lazy = pl.scan_csv(path, infer_schema=False)
        header = lazy.collect_schema().names()
        if missing := [name for name in ("t", "i", "j", "k", "v") if name not in header]:
            raise SourceError(f"{path.name}: column {missing[0]} is missing; a file of BACI has t, i, j, k, v, q")
        rows = lazy.with_columns(pl.col("k").str.strip_chars().str.zfill(6), pl.col("v").str.strip_chars())
        if products:
            rows = rows.filter(pl.any_horizontal(pl.col("k").str.starts_with(product) for product in products))
        value = pl.col("v").cast(pl.Float64, strict=False)
        summed = (
            rows.group_by("t", "i", "j")
            .agg((value.sum() * THOUSAND).alias("value"), value.is_null().sum().alias("unread"))
            .collect(engine="streaming")
        )
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = " ".join(str(error).split())[:120]
        raise SourceError(f"{path.name}: not a CSV file of BACI ({reason})") from None
    if summed.is_empty():
        raise SourceError(f"{path.name}: no row of products that begin with {', '.join(products)}")
    if unread := int(summed["unread"].sum()):
        raise SourceError(f"{path.name}: v is no number in {unread:,} rows; copy the file again from its source")
    ends = {}
    for end, column in (("origin", "i"), ("destination", "j")):
        ends[end] = summed[column].replace_strict(codes.areas(summed[column], path.name, column))
    frame = summed.with_columns(
        *(series.alias(end) for end, series in ends.items()),
        numbers(summed, "t", path.name).cast(pl.Int32).alias("period"),
        pl.lit("").alias("reported_by"),
    )
    two = (pl.col("origin") != "") & (pl.col("destination") != "") & (pl.col("origin") != pl.col("destination"))
    frame = frame.filter(two)
    return frame.select("origin", "destination", "period", "value", "reported_by").sort(
        "origin", "destination", "period"
    )

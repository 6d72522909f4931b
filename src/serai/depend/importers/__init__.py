"""Flows from outside files: one function a format; what each takes in replaces what the pack holds of the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from serai.depend.flows import FLOWS, as_flows
from serai.depend.importers import tables, trade
from serai.depend.importers.codes import AreaCodes
from serai.errors import InputError, UnknownName
from serai.region import Pack
from serai.region.flow_kinds import Kind

__all__ = ["FORMATS", "Format", "Request", "read"]


@dataclass(frozen=True)
class Format:
    """A form of file that flows can be read from.

    Attributes:
        title: what it is.
        provider: who published it, where the request does not say.
        nature: of its figures.
        unit: of its figures; empty where the file itself or the request says.
    """

    title: str
    provider: str
    nature: str
    unit: str


FORMATS: Mapping[str, Format] = {
    "comtrade": Format("UN Comtrade, CSV", "comtrade", "C", "USD"),
    "baci": Format("BACI of CEPII, CSV", "baci", "E", "USD"),
    "desa": Format("UN DESA International Migrant Stock, Table 1 as CSV", "un_desa", "E", "persons"),
    "knomad": Format("Remittance matrix of the World Bank and KNOMAD, CSV, million US dollars", "knomad", "M", "USD"),
    "matrix": Format("Any square matrix: senders down, receivers across", "", "", ""),
    "flows": Format("A flow table", "", "", ""),
}


@dataclass(frozen=True)
class Request:
    """What to read and as what.

    Attributes:
        path: the file.
        format: one of :data:`FORMATS`.
        kind: kind of flow it holds; a flow table says so itself.
        provider: who published it.
        products: commodity codes, or their beginnings (BACI); by default all goods.
        year: of a matrix.
        countries: country codes that came with BACI.
        scale: what the numbers of a matrix are to be multiplied by.
    """

    path: Path
    format: str
    kind: str = ""
    provider: str = ""
    products: Sequence[str] = ()
    year: int | None = None
    countries: Path | None = None
    scale: float | None = None


def read(request: Request, pack: Pack, kinds: Mapping[str, Kind]) -> pl.DataFrame:
    """Flows of a file, as a flow table that has still to be checked.

    Raises:
        UnknownName: no such format or kind.
        InputError: the request lacks what the format needs, or the kind has another unit.
        SourceError: the file is not of this form.
    """
    if request.format not in FORMATS:
        raise UnknownName("format", request.format, FORMATS)
    if request.format == "flows":
        return as_flows(tables.flow_table(request.path), request.path.name)
    form, kind = FORMATS[request.format], _kind(request, kinds)
    if form.unit and kind.unit != form.unit:
        raise InputError(f"{request.path.name}: its figures are in {form.unit}, but kind '{kind.id}' is in {kind.unit}")
    provider = request.provider or form.provider
    if not provider:
        raise InputError(f"{request.path.name}: say who published it (--provider)")
    more = trade.country_codes(request.countries) if request.countries else None
    codes = AreaCodes.of(pack, request.format, more)
    frame = _read(request, codes)
    label = ", ".join(request.products)
    return as_flows(frame.with_columns(
        pl.lit(kind.id).alias("kind"), pl.lit(kind.unit).alias("unit"), pl.lit(provider).alias("provider"),
        pl.lit(form.nature).alias("nature"), pl.lit(label).alias("note"),
    ).select(list(FLOWS)), request.path.name)  # fmt: skip


def _kind(request: Request, kinds: Mapping[str, Kind]) -> Kind:
    if request.kind not in kinds:
        raise UnknownName("kind of flow", request.kind, kinds)
    kind = kinds[request.kind]
    if kind.parts:
        raise InputError(f"kind '{kind.id}' is a sum of {', '.join(kind.parts)}; bring in its parts")
    return kind


def _read(request: Request, codes: AreaCodes) -> pl.DataFrame:
    if request.format == "comtrade":
        return trade.comtrade(request.path, codes, products=request.products or ("TOTAL",))
    if request.format == "baci":
        return trade.baci(request.path, codes, products=request.products)
    if request.format == "desa":
        return tables.migrant_stock(request.path, codes)
    if request.year is None:
        raise InputError(f"{request.path.name}: a matrix does not say its year; give it (--year)")
    scale = request.scale if request.scale is not None else 1e6 if request.format == "knomad" else 1.0
    return tables.matrix(request.path, codes, year=request.year, scale=scale)

"""Files of the forms in which sources publish flows: taken in whole, or refused with what is wrong."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import serai
from serai.depend import Dependence, importers, imports
from serai.depend.flows import FLOWS
from serai.depend.importers import Request
from serai.errors import InputError, SourceError, StoreError, UnknownName
from serai.region import load_pack

SAMPLES = Path(__file__).parent / "samples"
PACK = load_pack("central_asia")
KINDS = Dependence(PACK).kinds


def read(**request: object) -> pl.DataFrame:
    whole = {"kind": "trade", **request}
    whole["path"] = SAMPLES / str(whole["path"])
    return importers.read(Request(**whole), PACK, KINDS)  # type: ignore[arg-type]


def values(frame: pl.DataFrame) -> dict[tuple[str, str, str], float]:
    return {(o, d, r): v for o, d, r, v in frame.select("origin", "destination", "reported_by", "value").iter_rows()}


def test_comtrade_keeps_both_reports_and_only_the_whole_of_each() -> None:
    found = read(path="comtrade.csv", format="comtrade")
    assert values(found) == {
        ("KAZ", "UZB", "KAZ"): 3048210000.5,
        ("KAZ", "UZB", "UZB"): 3011000000.0,
        ("KAZ", "M49:1", "KAZ"): 78700000000.0,
    }
    assert set(found.select("kind", "period", "unit", "provider", "nature").unique().rows()) == {
        ("trade", 2023, "USD", "comtrade", "C")
    }


def test_comtrade_by_commodity_and_in_its_older_form() -> None:
    wheat = read(path="comtrade.csv", format="comtrade", kind="wheat", products=["1001"])
    assert values(wheat) == {("KAZ", "UZB", "KAZ"): 770168000.0}
    old = read(path="comtrade_old.csv", format="comtrade")
    assert values(old) == {("CHN", "KGZ", "KGZ"): 1464800000.0, ("KGZ", "M49:1", "KGZ"): 1573200000.0}


def test_baci_sums_products_in_dollars_and_knows_its_own_codes() -> None:
    found = read(path="baci.csv", format="baci", countries=SAMPLES / "baci_countries.csv")
    assert values(found) == {
        ("KAZ", "UZB", ""): pytest.approx(764355000.0),
        ("RUS", "KAZ", ""): 330612000.0,
        ("KAZ", "FRA", ""): 5e9,
    }
    wheat = read(path="baci.csv", format="baci", kind="wheat", products=["1001"])
    assert values(wheat)["KAZ", "UZB", ""] == pytest.approx(764254100.0)


def test_the_migrant_stock_takes_both_sexes_and_keeps_the_world_as_a_total() -> None:
    found = read(path="desa.csv", format="desa", kind="migration").filter(period=2020)
    assert values(found) == {
        ("M49:1", "KGZ", ""): 199011.0, ("RUS", "KGZ", ""): 108900.0, ("KGZ", "RUS", ""): 592000.0,
    }  # fmt: skip


def test_the_remittance_matrix_does_not_count_the_world_as_a_sender() -> None:
    found = read(path="knomad.csv", format="knomad", kind="remittances", year=2021)
    pairs = found.filter((pl.col("origin") != "M49:1") & (pl.col("destination") != "M49:1"))
    assert pairs["value"].sum() == pytest.approx((1904.3 + 2838.7) * 1e6)
    assert values(found)["M49:1", "KGZ", ""] == pytest.approx(2486.3e6)
    # A zero is a figure, a blank is none.
    assert values(pairs)["IRN", "KGZ", ""] == 0.0
    assert ("IRN", "UZB", "") not in values(pairs)


def test_a_flow_table_keeps_what_is_missing() -> None:
    found = read(path="flows.csv", format="flows")
    assert found["value"].to_list() == [1.2, None]


@pytest.mark.parametrize(
    ("change", "request_", "said"),
    [
        (("398,KAZ,", "398,KZX,"), {}, "reporter is no country known [KZX]"),
        (("3048210000.5\nC", "lots\nC"), {}, "primaryValue is no number"),
        (("C00,2100", "C00,0"), {}, "a report twice"),
        (("primaryValue", "value"), {}, "not a file of UN Comtrade"),
        (("", ""), {"products": ["9999"]}, "no row of 9999; the file has 1001, TOTAL"),
    ],
)
def test_a_broken_file_is_refused_with_what_is_wrong(
    tmp_path: Path, change: tuple[str, str], request_: dict[str, object], said: str
) -> None:
    text = (SAMPLES / "comtrade.csv").read_text(encoding="utf-8")
    file = tmp_path / "comtrade.csv"
    file.write_text(text.replace(*change) if change[0] else text, encoding="utf-8")
    with pytest.raises(SourceError) as error:
        importers.read(Request(file, "comtrade", "trade", **request_), PACK, KINDS)  # type: ignore[arg-type]
    assert said.replace("primaryValue is", "value is") in str(error.value)


def test_what_a_request_lacks_is_said() -> None:
    with pytest.raises(UnknownName, match="unknown format 'excel'"):
        read(path="baci.csv", format="excel")
    with pytest.raises(InputError, match="does not say its year"):
        read(path="knomad.csv", format="knomad", kind="remittances")
    with pytest.raises(InputError, match="is a sum of"):
        read(path="baci.csv", format="baci", kind="water")
    with pytest.raises(InputError, match="its figures are in persons, but kind 'gas' is in bcm"):
        read(path="desa.csv", format="desa", kind="gas")
    with pytest.raises(InputError, match="say who published it"):
        read(path="knomad.csv", format="matrix", kind="remittances", year=2021)
    with pytest.raises(SourceError, match="no such file"):
        read(path="nothing.csv", format="comtrade")


def test_what_is_brought_in_replaces_the_same_kind_provider_and_year(tmp_path: Path) -> None:
    region = serai.open("central_asia", home=tmp_path)
    before = region.dependence.indices("remittances", side="in", areas="UZB")
    assert before["period"].to_list() == [2017]
    request = Request(SAMPLES / "knomad.csv", "knomad", "remittances", year=2017)
    told = region.dependence.bring_in(request)
    assert told.select("kind", "provider", "period", "pairs", "totals").rows() == [
        ("remittances", "knomad", 2017, 3, 4)
    ]
    again = serai.open("central_asia", home=tmp_path).dependence.flows.filter(kind="remittances")
    assert again.height == 7
    region.dependence.bring_in(request)
    assert region.dependence.flows.filter(kind="remittances").height == 7


def test_files_of_one_name_do_not_meet_and_the_last_one_taken_in_counts(tmp_path: Path) -> None:
    header = "kind,origin,destination,period,value,unit,provider,nature,reported_by,note\n"
    for folder, rows in {
        "z": "gas,TKM,CHN,2021,1,bcm,x,C,,\ngas,TKM,CHN,2022,2,bcm,x,C,,\n",
        "a": "gas,TKM,CHN,2022,3,bcm,x,C,,\n",
        "m": "gas,TKM,CHN,2023,4,bcm,x,C,,\n",
    }.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "поток.csv").write_text(header + rows, encoding="utf-8")
        serai.open("central_asia", home=tmp_path).dependence.bring_in(Request(tmp_path / folder / "поток.csv", "flows"))
    flows = serai.open("central_asia", home=tmp_path).dependence.flows.filter(kind="gas", provider="x")
    assert flows.sort("period").select("period", "value").rows() == [(2021, 1.0), (2022, 3.0), (2023, 4.0)]


def test_a_file_that_is_taken_over_whole_goes(tmp_path: Path) -> None:
    flows = pl.DataFrame({"kind": ["gas"], "provider": ["x"], "period": [2021], "value": [1.0]})
    whole = pl.DataFrame(schema=FLOWS)
    first = pl.concat([whole, flows], how="diagonal_relaxed").select(list(FLOWS))
    imports.keep(tmp_path, "first", first)
    imports.keep(tmp_path, "second", first.with_columns(value=pl.lit(2.0)))
    assert [path.name for path in tmp_path.iterdir()] == ["second.parquet"]


def test_a_faulty_file_leaves_nothing_behind_and_a_damaged_store_is_named(tmp_path: Path) -> None:
    depend = serai.open("central_asia", home=tmp_path).dependence
    bad = tmp_path / "flows.csv"
    text = (SAMPLES / "flows.csv").read_text(encoding="utf-8")
    bad.write_text(text.replace("TKM,AFG", "AFG,AFG").replace("1.2", "-1.2"), encoding="utf-8")
    with pytest.raises(SourceError, match=r"(?s)flow to oneself.*below zero"):
        depend.bring_in(Request(bad, "flows"))
    kept = tmp_path / "central_asia" / "flows"
    assert not kept.exists()
    kept.mkdir(parents=True)
    (kept / "x.parquet").write_text("junk", encoding="utf-8")
    with pytest.raises(StoreError, match=r"x\.parquet: damaged"):
        depend.flows  # noqa: B018

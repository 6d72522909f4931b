"""A missing row, a withheld row and a zero are three different things."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from lakes import R1, R2, R3, rows, runs

from serai.errors import InputError, SourceError
from serai.store import Store

WITHHELD = {"value": None, "status": "withheld", "note": "at the request of the office"}


def test_missing_withheld_and_zero_stay_three_things(store: Store) -> None:
    table = rows({"area": "AAA", "value": 0.0}, {"area": "BBB", **WITHHELD})
    store.ingest_release(table, "p", R1, areas=["AAA", "BBB", "CCC"])
    found = store.observations(areas=["AAA", "BBB", "CCC"])
    assert found.select("area", "value", "status", "note").rows() == [
        ("AAA", 0.0, "published", ""),
        ("BBB", None, "withheld", "at the request of the office"),
    ]
    assert store.releases(areas="CCC")["rows"].to_list() == [0]


def test_each_absence_becoming_another_is_a_change_of_its_own_kind(store: Store) -> None:
    years = {"missing": 2010, "withheld": 2011, "zero": 2012}
    before = rows(
        {"period": 2010, **WITHHELD},
        {"period": 2011, "value": 0.0},
        {"period": 2013, "value": 0.0},
    )
    after = rows({"period": 2011, **WITHHELD}, {"period": 2012, "value": 0.0}, {"period": 2013, "value": 0.0})
    store.ingest_release(before, "p", R1)
    store.ingest_release(after, "p", R2)
    changes = {row["period"]: row for row in store.changes("p").iter_rows(named=True)}
    assert {name: changes[year]["change"] for name, year in years.items()} == {
        "missing": "withdrawn",
        "withheld": "revised",
        "zero": "added",
    }
    withheld = changes[2011]
    assert (withheld["old_value"], withheld["new_value"], withheld["new_status"]) == (0.0, None, "withheld")


def test_a_row_withheld_and_published_again_is_three_runs(store: Store) -> None:
    for day, row in ((R1, {"value": 4.0}), (R2, WITHHELD), (R3, {"value": 4.0})):
        store.ingest_release(rows(row), "p", day)
    assert store.history().select("value", "status", "release_from").rows() == [
        (4.0, "published", R1),
        (None, "withheld", R2),
        (4.0, "published", R3),
    ]


def test_bounds_and_not_applicable_are_kept_as_what_they_say(store: Store) -> None:
    table = rows({"value": 95.0, "bound": ">"}, {"period": 2016, "value": None, "status": "not_applicable"})
    store.ingest_release(table, "p", R1)
    found = store.observations().select("value", "bound", "status").rows()
    assert found == [(95.0, ">", "published"), (None, "", "not_applicable")]


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"value": None}, r"published without a value \[S1 AAA 2015\] \(1 row\)"),
        ({"value": float("nan")}, r"value is not a number \[S1 AAA 2015\]"),
        ({"value": float("inf")}, "value is not a number"),
        ({"value": 1.0, "status": "withheld", "note": "x"}, r"a value where there can be none \[withheld at S1 AAA"),
        ({"value": None, "status": "withheld"}, "withheld without a reason"),
        ({"value": 1.0, "status": "final"}, r"unknown status \[final at S1 AAA 2015\]"),
        ({"value": 1.0, "bound": "~"}, r"unknown bound \[~ at S1 AAA 2015\]"),
        ({"value": 1.0, "period": 20150}, r"year out of range \[S1 AAA 20150\]"),
        ({"value": 1.0, "area": ""}, r"no area \[S1  2015\]"),
        ({"value": 1.0, "series": None}, r"no series \[\? AAA 2015\]"),
        ({"value": 1.0, "period": None}, r"no period \[S1 AAA \?\]"),
    ],
)
def test_a_row_that_breaks_a_rule_is_named_in_one_line(store: Store, broken: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        store.ingest_release(rows({"value": 1.0, "series": "S0"}, broken), "p", R1)
    assert "\n" not in str(error.value)
    assert store.snapshots().height == 1


def test_all_kinds_of_fault_are_reported_together(store: Store) -> None:
    table = rows({"value": None}, {"period": 3000, "value": 1.0}, {"period": 2011, "value": 1.0, "bound": "?"})
    with pytest.raises(InputError, match=r"year out of range.*unknown bound.*published without a value"):
        store.ingest_release(table, "p", R1)


def test_a_duplicate_key_is_named(store: Store) -> None:
    table = rows({"value": 1.0, "dimensions": "SEX=F"}, {"value": 2.0, "dimensions": "SEX=F"})
    with pytest.raises(
        InputError, match=r"duplicate key \[S1 AAA 2015 SEX=F in the release of 2020-01-01\] \(1 in all"
    ):
        store.ingest_release(table, "p", R1)
    overlapping = runs(
        {"value": 1.0, "release_from": R1, "release_to": R2},
        {"value": 2.0, "release_from": R2, "release_to": R3},
    )
    with pytest.raises(InputError, match="in the release of 2020-04-01"):
        store.ingest_runs(overlapping, "p")


def test_runs_must_fit_the_releases_and_be_whole(store: Store) -> None:
    backwards = runs({"value": 1.0, "release_from": R2, "release_to": R1})
    with pytest.raises(InputError, match="a run from 2020-04-01 to 2020-01-01 does not fit"):
        store.ingest_runs(backwards, "p")
    with pytest.raises(InputError, match="does not fit the releases given"):
        store.ingest_runs(runs({"value": 1.0, "release_from": R1, "release_to": R2}), "p", releases=[R1])
    halves = runs(
        {"value": 1.0, "release_from": R1, "release_to": R1}, {"value": 1.0, "release_from": R2, "release_to": R2}
    )
    with pytest.raises(InputError, match=r"broken without a reason \[S1 AAA 2015 at 2020-04-01\]"):
        store.ingest_runs(halves, "p")


def test_foreign_and_missing_columns_and_providers_are_named(store: Store) -> None:
    with pytest.raises(InputError, match="no column note; foreign column remark; the columns are those of the obs"):
        store.ingest_release(rows({"value": 1.0}).rename({"note": "remark"}), "p", R1)
    with pytest.raises(InputError, match="no column release_from, release_to"):
        store.ingest_runs(rows({"value": 1.0}), "p")
    with pytest.raises(InputError, match="found provider q where p was expected"):
        store.ingest_release(rows({"value": 1.0}).with_columns(provider=pl.lit("q")), "p", R1)
    with pytest.raises(InputError, match="found provider none"):
        store.ingest_runs(runs({"value": 1.0, "release_from": R1, "release_to": R1}))
    with pytest.raises(InputError, match="a run from 2020-04-01 to 2020-04-01 does not fit"):
        store.ingest_release(rows({"value": 1.0}).with_columns(release=pl.lit(R2)), "p", R1)
    with pytest.raises(InputError, match="rows of AAA, which are not among the areas given"):
        store.ingest_release(rows({"value": 1.0}), "p", R1, areas=["BBB"])
    with pytest.raises(InputError, match="no rows, and no areas named"):
        store.ingest_release(rows(), "p", R1)


def test_a_corrupt_file_is_refused_and_the_lake_untouched(store: Store, tmp_path: Path) -> None:
    store.ingest_release(rows({"value": 1.0}), "p", R1)
    rows(*({"value": float(n), "period": n} for n in range(1900, 2100))).write_parquet(path := tmp_path / "r.parquet")
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], whole[:40] + bytes(60) + whole[100:], b"not parquet", b""):
        path.write_bytes(damaged)
        with pytest.raises(SourceError, match=r"^r\.parquet: cannot be read as a table") as error:
            store.ingest_release(path, "p", R2)
        assert "\n" not in str(error.value)
        lazy = pl.scan_parquet(path)
        with pytest.raises(SourceError, match="frame cannot be computed"):
            store.ingest_release(lazy, "p", R2)
    with pytest.raises(SourceError, match="No such file"):
        store.ingest_release(tmp_path / "none.parquet", "p", R2)
    assert store.observations()["value"].to_list() == [1.0]
    assert store.snapshots().height == 2


def test_dates_that_are_none_are_refused(store: Store) -> None:
    with pytest.raises(InputError, match="'soon' is not a date; write it as YYYY-MM-DD"):
        store.observations(as_of="soon")

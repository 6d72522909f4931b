"""What goes in comes out: every release exactly, in whatever order and form it arrived."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lakes import R1, R2, R3, R4, SCHEMA, rows, runs
from polars.testing import assert_frame_equal

from serai.errors import InputError, UnknownName
from serai.store import Store
from serai.store.schema import CONTENT, KEY, OBSERVATION, RUN

AREAS = ("AAA", "BBB", "CCC")
DATES = tuple(date(2020, month, 1) for month in range(1, 6))

cell = st.tuples(st.sampled_from([0.0, 1.5, None]), st.sampled_from(["PERCENT", "NUMBER"]))
content = st.dictionaries(st.tuples(st.sampled_from(["S1", "S2"]), st.sampled_from([2010, 2011])), cell, max_size=4)
release = st.dictionaries(st.sampled_from(AREAS), content, min_size=1, max_size=3)
published = st.dictionaries(st.sampled_from(DATES), release, min_size=1, max_size=4)

Published = dict[date, dict[str, dict[tuple[str, int], tuple[float | None, str]]]]


def frame(content: dict[str, dict[tuple[str, int], tuple[float | None, str]]]) -> pl.DataFrame:
    return rows(
        *(
            {
                "series": series,
                "area": area,
                "period": period,
                "value": value,
                "unit": unit,
                "status": "published" if value is not None else "withheld",
                "note": "" if value is not None else "asked for by the office",
            }
            for area, cells in content.items()
            for (series, period), (value, unit) in cells.items()
        )
    )


def expected(history: Published, as_of: date) -> pl.DataFrame:
    """The reference: per area, the last release by then that covers it."""
    parts = [frame({}).with_columns(release=pl.lit(None, pl.Date))]
    for area in AREAS:
        covering = [day for day in history if day <= as_of and area in history[day]]
        if covering:
            day = max(covering)
            parts.append(frame({area: history[day][area]}).with_columns(release=pl.lit(day)))
    return pl.concat(parts).with_columns(provider=pl.lit("p")).select(OBSERVATION).sort(*KEY)


def assert_carries(store: Store, history: Published) -> None:
    for day in DATES:
        assert_frame_equal(store.observations(provider="p", as_of=day).sort(*KEY), expected(history, day))
    assert_frame_equal(store.observations(provider="p").sort(*KEY), expected(history, max(DATES)))


def assert_unbroken(store: Store, history: Published) -> None:
    """Runs are as long as they can be: no run of a row begins at the release after another one of it ends."""
    table = store.history(provider="p")
    for area in AREAS:
        covering = sorted(day for day in history if area in history[day])
        after = dict(pairwise(covering))
        mine = table.filter(area=area)
        ends = mine.with_columns(next=pl.col("release_to").replace_strict(after, default=None, return_dtype=pl.Date))
        touching = ends.join(
            mine, left_on=[*CONTENT, "next"], right_on=[*CONTENT, "release_from"], nulls_equal=False, how="inner"
        ).filter(pl.col("next").is_not_null())
        assert touching.is_empty()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=published, data=st.data())
def test_each_release_ingested_in_any_order_comes_back_exactly(history: Published, data: st.DataObject) -> None:
    order = data.draw(st.permutations(sorted(history)))
    with TemporaryDirectory() as home, Store.open(Path(home)) as store:
        for day in order:
            store.ingest_release(frame(history[day]), "p", day, areas=history[day])
        assert_carries(store, history)
        assert_unbroken(store, history)
        before = store.snapshots()
        for day in order:
            assert not store.ingest_release(frame(history[day]), "p", day, areas=history[day]).changed
        assert_frame_equal(store.snapshots(), before)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=published, other=published)
def test_a_run_table_sets_what_it_covers_and_leaves_the_rest(history: Published, other: Published) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as two:
        source, store = Store.open(Path(one)), Store.open(Path(two))
        for day in sorted(other):
            source.ingest_release(frame(other[day]), "p", day, areas=other[day])
        for day in sorted(history):
            store.ingest_release(frame(history[day]), "p", day, areas=history[day])
        # Areas of a run table share its releases; here each area has its own, so it is a table each.
        for area in AREAS:
            if days := [day for day in other if area in other[day]]:
                table = source.history(areas=area)
                store.ingest_runs(table, "p", releases=days, areas=[area])
                assert not store.ingest_runs(table.reverse(), "p", releases=days, areas=[area]).changed
        merged = {day: history.get(day, {}) | other.get(day, {}) for day in {*history, *other}}
        assert_carries(store, merged)
        assert_unbroken(store, merged)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=published, data=st.data())
def test_changes_turn_the_old_release_into_the_new(history: Published, data: st.DataObject) -> None:
    old, new = sorted(data.draw(st.tuples(st.sampled_from(sorted(history)), st.sampled_from(sorted(history)))))
    with TemporaryDirectory() as home, Store.open(Path(home)) as store:
        for day in sorted(history):
            store.ingest_release(frame(history[day]), "p", day, areas=history[day])
        changes = store.changes("p", old, new)
        covered = {area for day in history if day <= old for area in history[day]}
        before, after = (expected(history, day).filter(pl.col("area").is_in(list(covered))) for day in (old, new))
        gone = changes.filter(pl.col("change") != "added")
        come = changes.filter(pl.col("change") != "withdrawn").select(
            *KEY, *(pl.col(f"new_{column}").alias(column) for column in CONTENT if column not in KEY)
        )
        kept = before.select(CONTENT).join(gone, on=KEY, how="anti")
        assert_frame_equal(pl.concat([kept, come.select(CONTENT)]).sort(*KEY), after.select(CONTENT).sort(*KEY))
        revised = changes.filter(change="revised")
        same = [pl.col(f"old_{c}").eq_missing(pl.col(f"new_{c}")) for c in ("value", "unit", "status", "note")]
        assert revised.filter(pl.all_horizontal(same)).is_empty()


def test_a_value_that_vanished_and_returned_has_two_runs(store: Store) -> None:
    for day, table in ((R1, rows({"value": 1.0})), (R2, rows()), (R3, rows({"value": 1.0}))):
        store.ingest_release(table, "p", day, areas=["AAA"])
    assert store.history().select("release_from", "release_to").rows() == [(R1, R1), (R3, R3)]
    assert store.observations(as_of=R2).is_empty()


def test_an_older_release_arriving_late_breaks_the_run_it_contradicts(store: Store) -> None:
    for day in (R1, R3):
        store.ingest_release(rows({"value": 1.0}), "p", day)
    assert store.history().select("release_from", "release_to").rows() == [(R1, R3)]
    store.ingest_release(rows({"value": 2.0}), "p", R2)
    assert store.history().select("value", "release_from", "release_to").rows() == [
        (1, R1, R1),
        (2, R2, R2),
        (1, R3, R3),
    ]


def test_a_repeated_release_makes_no_snapshot_and_an_unchanged_one_only_its_date(store: Store) -> None:
    table = rows({"value": 1.0}, {"value": 2.0, "period": 2016})
    assert store.ingest_release(table, "p", R1).added == 2
    assert not store.ingest_release(table.reverse(), "p", R1).changed
    receipt = store.ingest_release(table, "p", R2)
    assert (receipt.changed, receipt.added, receipt.removed) == (True, 0, 0)
    assert store.snapshots()["what"].to_list() == ["lake made", "p: 2020-01-01, AAA", "p: 2020-04-01, AAA"]
    assert store.history()["release_to"].unique().to_list() == [R2]


def test_releases_cover_areas_of_their_own(store: Store) -> None:
    for day in (R1, R2):
        store.ingest_release(rows({"value": 1.0}), "p", day)
    store.ingest_runs(runs({"area": "ZZZ", "value": 3.0, "release_from": R2, "release_to": R2}), "p")
    assert store.observations(as_of=R1)["area"].to_list() == ["AAA"]
    assert store.observations()["area"].to_list() == ["AAA", "ZZZ"]
    assert store.release_dates("p") == [R1, R2]
    assert store.release_dates("p", areas="ZZZ") == [R2]
    assert store.releases().select("release", "areas", "rows").rows() == [(R1, ["AAA"], 1), (R2, ["AAA", "ZZZ"], 2)]
    # What was never covered has not been added by its provider.
    assert store.changes("p", R1, R2).is_empty()


def test_a_release_that_forgets_an_area_is_refused_until_the_areas_are_named(store: Store) -> None:
    store.ingest_release(rows({"value": 1.0}, {"value": 1.0, "area": "BBB"}), "p", R1)
    with pytest.raises(InputError, match="no rows of BBB, which earlier releases of p cover"):
        store.ingest_release(rows({"value": 1.0}), "p", R2)
    store.ingest_release(rows({"value": 1.0}), "p", R2, areas=["AAA"])
    assert store.observations()["area"].to_list() == ["AAA", "BBB"]
    store.ingest_release(rows({"value": 1.0}), "p", R3, areas=["AAA", "BBB"])
    assert store.observations()["area"].to_list() == ["AAA"]


def test_a_release_with_other_content_is_refused_unless_it_replaces(store: Store) -> None:
    store.ingest_release(rows({"value": 1.0}), "p", R1)
    with pytest.raises(InputError, match=r"release 2020-01-01 of p is in the lake with other content \(2 rows differ"):
        store.ingest_release(rows({"value": 2.0}), "p", R1)
    assert store.observations()["value"].to_list() == [1.0]
    store.ingest_release(rows({"value": 2.0}), "p", R1, replace=True)
    assert store.observations()["value"].to_list() == [2.0]


def test_a_run_table_with_one_more_release_extends_the_lake(store: Store) -> None:
    first = runs({"value": 1.0, "release_from": R1, "release_to": R2})
    store.ingest_runs(first, "p")
    longer = runs(
        {"value": 1.0, "release_from": R1, "release_to": R2},
        {"value": 2.0, "release_from": R3, "release_to": R3},
    )
    assert store.ingest_runs(longer, "p", replace=False).changed
    assert store.observations(as_of=R2)["value"].to_list() == [1.0]
    assert store.observations()["value"].to_list() == [2.0]


def test_a_later_release_outlives_a_run_table_that_does_not_know_it(store: Store) -> None:
    store.ingest_runs(runs({"value": 1.0, "release_from": R1, "release_to": R2}), "p")
    store.ingest_release(rows({"value": 9.0}), "p", R4)
    store.ingest_runs(runs({"value": 1.5, "release_from": R1, "release_to": R2}), "p")
    assert store.observations(as_of=R2)["value"].to_list() == [1.5]
    assert store.observations()["value"].to_list() == [9.0]


def test_a_run_table_set_beside_other_releases_keeps_its_own_ends(store: Store) -> None:
    for day, table in ((R1, rows({"value": 1.0})), (R2, rows({"value": 7.0}))):
        store.ingest_release(table, "p", day)
    # It covers R1, R3, R4 but not R2: a run begins at R3 and ends there, for R4 is empty.
    table = runs({"value": 1.0, "release_from": R1, "release_to": R3})
    store.ingest_runs(table, "p", releases=[R1, R3, R4])
    assert store.history().select("value", "release_from", "release_to").sort("release_from").rows() == [
        (1.0, R1, R1),
        (7.0, R2, R2),
        (1.0, R3, R3),
    ]
    assert store.observations().is_empty()


def test_snapshots_are_read_as_they_were(store: Store) -> None:
    store.ingest_release(rows({"value": 1.0}), "p", R1)
    store.ingest_release(rows({"value": 2.0}), "p", R1, replace=True)
    assert store.snapshots()["snapshot"].to_list() == [1, 2, 3]
    assert store.observations(snapshot=1).is_empty()
    assert store.observations(snapshot=2)["value"].to_list() == [1.0]
    assert store.history(snapshot=2)["value"].to_list() == [1.0]
    assert store.observations(snapshot=3)["value"].to_list() == [2.0]
    assert store.snapshots().schema["time"] == pl.Datetime("us", "UTC")
    with pytest.raises(UnknownName, match="unknown snapshot '9' in the lake; known: 1, 2, 3"):
        store.observations(snapshot=9)


def test_providers_stand_side_by_side_each_with_its_own_latest_release(store: Store) -> None:
    store.ingest_release(rows({"value": 1.0}), "p", R1)
    store.ingest_release(rows({"value": 2.0}), "q", R3)
    assert store.observations(as_of=R2).select("provider", "value").rows() == [("p", 1.0)]
    assert store.observations().select("provider", "release", "value").rows() == [("p", R1, 1.0), ("q", R3, 2.0)]
    assert store.observations(provider="q")["value"].to_list() == [2.0]
    for unknown in ("r", ["p", "r"]):
        with pytest.raises(UnknownName, match="unknown provider 'r' in the lake; known: p, q"):
            store.observations(provider=unknown)
    assert store.observations(provider="q", as_of=R1).is_empty()


def test_filters_take_one_name_several_or_none(store: Store) -> None:
    table = rows({"value": 1.0}, {"value": 2.0, "dimensions": "SEX=F"}, {"value": 3.0, "series": "S2", "area": "O'A"})
    store.ingest_release(table, "p", R1)
    assert store.observations(dimensions="")["value"].to_list() == [1.0, 3.0]
    assert store.observations(series=["S1", "S9"], dimensions=["SEX=F"])["value"].to_list() == [2.0]
    assert store.observations(areas="O'A")["value"].to_list() == [3.0]
    assert store.observations(series=(name for name in ["S2", "S2"]), areas=iter(["O'A"]))["value"].to_list() == [3.0]
    assert store.observations(areas=[]).is_empty()
    assert store.observations(series="S9").is_empty()
    slices = pl.DataFrame(
        {"series": ["S1", "S2"], "dimensions": ["SEX=F", ""], "kind": ["standing_slice", "all_total"]}
    )
    assert store.observations(slices=slices)["value"].to_list() == [2.0, 3.0]
    assert store.history(slices=slices, areas="AAA")["value"].to_list() == [2.0]
    assert store.observations(slices=slices.clear()).is_empty()
    assert store.observations()["value"].to_list() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("as_form", ["frame", "lazy", "file"])
def test_frames_lazy_frames_and_files_give_the_same(store: Store, tmp_path: Path, as_form: str) -> None:
    table = rows({"value": 1.0}, {"value": 2.0, "period": 2016})
    table.write_parquet(path := tmp_path / "release.parquet")
    given = {"frame": table, "lazy": pl.scan_parquet(path), "file": path}[as_form]
    store.ingest_release(given, "p", R1)
    assert_frame_equal(store.observations().select(CONTENT), table)
    assert store.observations().columns == list(OBSERVATION)
    assert store.history().columns == list(RUN)
    assert store.observations().schema["release"] == pl.Date


def test_withdrawn_added_and_revised_are_told_apart(store: Store) -> None:
    store.ingest_release(rows({"value": 1.0}, {"value": 2.0, "period": 2016}), "p", R1)
    store.ingest_release(rows({"value": 1.0, "unit": "NUMBER"}, {"value": 4.0, "period": 2017}), "p", R2)
    changes = store.changes("p")
    assert changes.select("period", "change", "old_value", "new_value", "old_unit", "new_unit").rows() == [
        (2015, "revised", 1.0, 1.0, "PERCENT", "NUMBER"),
        (2016, "withdrawn", 2.0, None, "PERCENT", None),
        (2017, "added", None, 4.0, None, "PERCENT"),
    ]
    assert changes.select("old_release", "new_release").unique().rows() == [(R1, R2)]
    assert store.changes("p", "2020-04-01", "2020-04-01").is_empty()
    with pytest.raises(UnknownName, match="unknown release '2020-07-01' in p"):
        store.changes("p", R1, R3)
    with pytest.raises(InputError, match="run backwards"):
        store.changes("p", R2, R1)


def test_schema_of_an_empty_answer_is_that_of_a_full_one(store: Store) -> None:
    empty = store.observations()
    store.ingest_release(rows({"value": 1.0}), "p", R1)
    assert empty.is_empty()
    assert empty.schema == store.observations().schema
    assert {column: SCHEMA[column] for column in CONTENT} == dict(empty.select(CONTENT).schema)

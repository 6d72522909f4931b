"""The last snapshot outlives kills, full disks and damage; processes do not get in each other's way."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from lakes import R1, R2, R3, rows

from serai.errors import OutputError, StoreError
from serai.store import Store

# Another process at work on the lake. It stops at the place named, says so, and waits for a line.
OTHER = """
import sys
from datetime import date
from pathlib import Path
import polars as pl
from serai.errors import SeraiError
from serai.store import Store, store as module

def wait():
    print("there", flush=True)
    sys.stdin.readline()

home, task, *more = sys.argv[1:]
try:
    opened = Store.open(Path(home))
except SeraiError as error:
    sys.exit(f"{type(error).__name__} {error}")
if task == "read":
    with opened._lake.reading():
        wait()
else:
    real = module.ingest
    def ingest(*args, **options):
        receipt = real(*args, **options)
        if task == "write":
            wait()
        return receipt
    module.ingest = ingest
    frame = pl.read_parquet(Path(home) / "next.parquet")
    if task == "start":
        print("there", flush=True)
    try:
        print(opened.ingest_release(frame, "p", date.fromisoformat(more[0])).changed)
    except SeraiError as error:
        print(type(error).__name__, error)
"""


@contextmanager
def other(home: Path, *task: str, file_size: int | None = None) -> Iterator[subprocess.Popen[str]]:
    def limit() -> None:
        if file_size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

    command = [sys.executable, "-c", OTHER, str(home), *task]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, preexec_fn=limit)  # noqa: PLW1509
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def there(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    assert process.stdout.readline() == "there\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A lake with one release, and a large next one to ingest."""
    with Store.open(tmp_path) as store:
        store.ingest_release(rows({"value": 1.0}), "p", R1)
    table = rows(*({"value": float(n), "series": f"S{n:06}"} for n in range(20_000)))
    table.write_parquet(tmp_path / "next.parquet")
    return tmp_path


def data_files(home: Path) -> set[str]:
    return {path.name for path in (home / "lake" / "data").rglob("*.parquet")}


def test_a_kill_before_the_commit_leaves_the_last_snapshot(home: Path) -> None:
    before = data_files(home)
    with other(home, "write", str(R2)) as process:
        there(process)
        assert data_files(home) > before
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    with Store.open(home) as store:
        assert store.observations()["value"].to_list() == [1.0]
        assert store.release_dates("p") == [R1]
        assert store.snapshots().height == 2
        store.ingest_release(rows({"value": 3.0}), "p", R2)
        assert store.observations()["value"].to_list() == [3.0]
    assert data_files(home) == before, "what the killed ingest wrote is cleared away"


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_the_state_before_or_after(home: Path) -> None:
    outcomes = set()
    for step in range(12):
        with other(home, "start", str(R2)) as process:
            there(process)
            try:
                process.wait(timeout=0.04 * step)
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
        with Store.open(home) as store:
            found = (store.release_dates("p"), store.observations().height, store.snapshots().height)
            assert found in (([R1], 1, 2), ([R1, R2], 20_000, 3))
            outcomes.add(found[1])
    assert 1 in outcomes


def test_a_kill_while_the_lake_is_made_leaves_none_or_a_whole_one(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from serai.store.lake import Lake; from serai.store import Store\n"
    )
    code += "Lake._make_tables = lambda lake: os.kill(os.getpid(), 9)\nStore.open(Path(sys.argv[1]))"
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == -signal.SIGKILL
    with Store.open(tmp_path) as store:
        assert store.observations().is_empty()


def test_processes_read_at_the_same_time(home: Path) -> None:
    with other(home, "read") as process:
        there(process)
        with Store.open(home, patience=0) as store:
            assert store.observations()["value"].to_list() == [1.0]
            with pytest.raises(
                StoreError, match=rf"is in use by process {process.pid}; try again when it has finished"
            ):
                store.ingest_release(rows({"value": 2.0}), "p", R2)


def test_an_open_store_that_does_nothing_locks_nothing(home: Path) -> None:
    with Store.open(home) as idle, Store.open(home, patience=0) as store:
        idle.observations()
        store.ingest_release(rows({"value": 2.0}), "p", R2)
        assert idle.observations()["value"].to_list() == [2.0]


def test_a_read_meeting_an_ingest_waits_for_it(home: Path) -> None:
    with other(home, "write", str(R2)) as process, Store.open(home, patience=60) as store:
        there(process)
        with pytest.raises(StoreError, match=f"in use by process {process.pid}"):
            Store.open(home, patience=0)
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(store.observations)
            process.communicate("\n")
            assert reading.result().height == 20_000


def test_threads_share_a_store(store: Store) -> None:
    def ingest(number: int) -> bool:
        return store.ingest_release(rows({"value": float(number)}), f"p{number}", R1).changed

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ingest, range(8)))
        heights = [future.result().height for future in [pool.submit(store.observations) for _ in range(8)]]
    assert heights == [8] * 8


def test_no_room_on_the_disk_is_one_line_and_changes_nothing(home: Path) -> None:
    with other(home, "ingest", str(R2), file_size=4_000) as process:
        said, _ = process.communicate()
    assert said.startswith(f"OutputError cannot write the lake {home}/lake/catalogue.ducklake: disk full"), said
    assert said.count("\n") == 1
    with Store.open(home) as store:
        assert store.observations()["value"].to_list() == [1.0]
        assert store.ingest_release(home / "next.parquet", "p", R2).changed


def test_no_room_to_tidy_the_catalogue_loses_nothing(home: Path) -> None:
    room = (home / "lake" / "catalogue.ducklake").stat().st_size
    with other(home, "ingest", str(R2), file_size=room) as process:
        assert process.communicate()[0] == "True\n"
    with Store.open(home) as store:
        assert store.observations().height == 20_000


def test_no_room_for_a_new_lake_is_one_line(tmp_path: Path) -> None:
    with other(tmp_path, "read", file_size=20_000) as process:
        said = process.communicate()[1]
    assert said.startswith(f"OutputError cannot make a lake in {tmp_path}/lake: ")
    assert said.count("\n") == 1
    assert not list(tmp_path.rglob("*.ducklake*"))
    Store.open(tmp_path).close()


def test_a_home_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(
        OutputError, match=r"cannot make a lake in .*/file/lake: Not a directory; choose a home"
    ) as error:
        Store.open(tmp_path / "file")
    assert "\n" not in str(error.value)
    with pytest.raises(StoreError, match=r"no lake in .*; ingest something"):
        Store.open(tmp_path / "nowhere", create=False)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_lake_that_may_only_be_read_is_read(home: Path) -> None:
    folders = [home / "lake", *(path for path in (home / "lake").rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    try:
        with Store.open(home) as store:
            assert store.observations()["value"].to_list() == [1.0]
            with pytest.raises(OutputError, match="cannot write the lake"):
                store.ingest_release(rows({"value": 2.0}), "p", R2)
    finally:
        for folder in folders:
            folder.chmod(0o700)


def test_damage_is_named_in_one_line(home: Path) -> None:
    catalogue = home / "lake" / "catalogue.ducklake"
    whole = catalogue.read_bytes()
    for damaged in (b"", b"not a catalogue" * 1000, whole[:9000], whole[:4096] + bytes(len(whole) - 4096)):
        catalogue.write_bytes(damaged)
        with pytest.raises(StoreError, match=r"catalogue\.ducklake is damaged \(.*\); restore it, or move it") as error:
            Store.open(home)
        assert "\n" not in str(error.value)
    catalogue.write_bytes(whole)
    with Store.open(home) as store:
        store.ingest_release(home / "next.parquet", "p", R2)
        for name in data_files(home):
            next((home / "lake").rglob(name)).unlink()
        with pytest.raises(
            StoreError, match=r"is damaged: no data file .*\.parquet; restore it, or move the lake away"
        ):
            store.observations()


def test_a_lake_of_another_format_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serai.store.lake.FORMAT", 99)
    Store.open(tmp_path).close()
    monkeypatch.undo()
    with pytest.raises(StoreError, match=r"is of another version \(format 99, this is format 1\)"):
        Store.open(tmp_path)


def test_an_extension_that_is_missing_or_broken_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serai.store.lake.find_spec", lambda _: None)
    with pytest.raises(
        StoreError, match=r"no DuckLake extension for DuckDB 1\..*; install duckdb-extension-ducklake=="
    ):
        Store.open(tmp_path)
    (broken := tmp_path / "ducklake.duckdb_extension").write_bytes(bytes(1000))
    monkeypatch.setattr("serai.store.lake._extension", lambda: broken)
    with pytest.raises(StoreError, match=r"cannot load .*ducklake\.duckdb_extension \(.*\); install"):
        Store.open(tmp_path)


def test_a_lake_may_be_moved_and_its_path_may_hold_anything(tmp_path: Path) -> None:
    first, second = tmp_path / "o'brien's ұй; --", tmp_path / "moved"
    with Store.open(first) as store:
        store.ingest_release(rows(*({"value": 1.0, "period": year} for year in range(2000, 2020))), "p", R1)
    first.rename(second)
    with Store.open(second) as store:
        assert store.observations().height == 20
        store.ingest_release(rows({"value": 1.0, "period": 2000}), "p", R2)
        assert store.observations(as_of=R1).height == 20
        assert store.ingest_release(rows({"value": 5.0}), "p", R3).changed

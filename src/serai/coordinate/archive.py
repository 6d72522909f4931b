"""What has been imported, on disk: one folder a run of files, whole or not at all.

    parts/<number>/<table>-<task>.parquet    rows of one import
    state.json                               the parts that count, and which of their records are superseded
    .lock                                    held while something is imported

A part is written beside its place and counts only when ``state.json`` names it, which is replaced in one step: a
process killed in the middle leaves what was there before.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from serai.coordinate.fts import is_flows, read_flows
from serai.coordinate.iati.accept import accept
from serai.coordinate.iati.read import REJECT, Reject
from serai.coordinate.iati.scan import Head, open_head
from serai.coordinate.iati.spec import shapes
from serai.coordinate.intake import each, jobs, store, task_name
from serai.errors import OutputError, SourceError, StoreError
from serai.files import whole

Tell = Callable[[str, int, int], None]
SPAN = 2**32
"""Numbers a part may give its records; record numbers of the pack lie below the first part's."""
RECORDS = {"record": pl.Int64(), "line": pl.Int64(), "xml": pl.Binary(), "file": pl.String()}
MAX_LISTED = 100_000
"""Rejects of one import that are listed: a file that is wrong throughout is not a million lines."""
HEADS = {"activities": "activity", "organisations": "organisation"}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an import did."""

    files: int
    taken: int
    """Activities and organisations taken."""
    replaced: int
    """Records of earlier imports that a later version took the place of."""
    rejects: tuple[Reject, ...] = ()
    refused: tuple[str, ...] = ()
    """Files of which nothing could be read, each in one line."""
    known: tuple[str, ...] = ()
    """Files whose content was imported before."""
    unlisted: int = 0
    """Rejects beyond :data:`MAX_LISTED`, counted and not listed."""

    def table(self) -> pl.DataFrame:
        """The rejects as a table: ``file, line, activity, part, value, problem, remedy``."""
        rows = [[getattr(one, name) for name in REJECT] for one in self.rejects]
        return pl.DataFrame(rows, schema=REJECT, orient="row")


@dataclass(slots=True)
class _Run:
    """An import under way."""

    number: int
    folder: Path
    rejects: list[Reject] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    records: int = 0
    unlisted: int = 0

    def reject(self, found: Sequence[Reject]) -> None:
        """List what was left out, as far as there is room."""
        room = max(MAX_LISTED - len(self.rejects), 0)
        self.rejects += found[:room]
        self.unlisted += len(found[room:])


class Archive:
    """The imported part of a ledger.

    Args:
        root: its folder; made when something is imported.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def state(self) -> dict[str, Any]:
        """Parts that count, oldest first, and the file that lists superseded records.

        Raises:
            StoreError: the state cannot be read.
        """
        path = self.root / "state.json"
        if not path.is_file():
            return {"parts": [], "superseded": ""}
        try:
            loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise StoreError(
                f"ledger {path} is damaged ({error}); restore it, or move it away and import anew"
            ) from error
        return loaded

    @property
    def stamp(self) -> str:
        """Changes when what counts does."""
        path = self.root / "state.json"
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else ""

    def files(self) -> pl.DataFrame:
        """What was imported: ``part, file, kind, version, sha256, imported, records``."""
        rows = [{"part": part["number"], **one} for part in self.state["parts"] for one in part["files"]]
        names = ("file", "kind", "version", "sha256", "imported")
        schema: dict[str, pl.DataType] = {
            "part": pl.Int64(),
            **dict.fromkeys(names, pl.String()),
            "records": pl.Int64(),
        }
        return pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)

    def scan(self, table: str, tasks: Sequence[str] | None = None) -> pl.LazyFrame:
        """Rows of a table, those of superseded records left out. Memory is used for what is asked only.

        Args:
            table: its name.
            tasks: some of :meth:`tasks`; by default all.
        """
        schema = _schema(table)
        state = self.state
        if tasks is None:
            found = [path for part in state["parts"] for path in self._paths(part["number"], table)]
        else:
            folder = self.root / "parts"
            found = [path for one in tasks if (path := folder / one.replace("/", f"/{table}-")).is_file()]
        if not found:
            return pl.DataFrame(schema=schema).lazy()
        # Parts written by other kinds of file, or by another version, lack columns or have more.
        rows = pl.scan_parquet(found, schema=schema, missing_columns="insert", extra_columns="ignore")
        if state["superseded"]:
            rows = rows.join(pl.scan_parquet(self.root / state["superseded"]), on="record", how="anti")
        return rows

    def tasks(self) -> list[str]:
        """What the tables are written in: no record lies in two of them, and their records go up."""
        found = [path for part in self.state["parts"] for path in self._paths(part["number"], "records")]
        return [f"{path.parent.name}/{path.name.removeprefix('records-')}" for path in found]

    def _paths(self, number: int, table: str) -> list[Path]:
        return sorted((self.root / "parts" / f"{number:05}").glob(f"{table}-*.parquet"))

    def records(self, kind: str) -> Iterator[tuple[str, bytes, bytes]]:
        """Records of a kind of file that count: identifier, XML as written, start tag of the file; a few at a time."""
        state = self.state
        table, unit = ("activities", "iati-activities") if kind == "iati-activities" else ("organisations", kind)
        out = set(pl.read_parquet(self.root / state["superseded"])["record"]) if state["superseded"] else set()
        for part in state["parts"]:
            starts = [(one["base"], one["start"].encode(), one["kind"]) for one in part["files"]]
            for path in self._paths(part["number"], table):
                heads = pl.read_parquet(path, columns=["record", "identifier"])
                texts = pl.read_parquet(path.with_name(path.name.replace(table, "records")), columns=["record", "xml"])
                for record, identifier, text in heads.join(texts, on="record", maintain_order="left").iter_rows():
                    _, start, found = max(one for one in starts if one[0] <= record)
                    if found == unit and record not in out:
                        yield identifier, text, start

    # -- importing ---------------------------------------------------------------------------------------------------

    def add(self, files: Sequence[Path], *, tell: Tell, workers: int = 1, today: date | None = None) -> Receipt:
        """Import files: everything that holds of each, or nothing of what cannot be read at all.

        Of several records with one identifier the one its own publisher changed last counts; of equals, the one
        imported last.

        Args:
            files: activity and organisation files of the standard.
            tell: told of progress in megabytes.
            workers: threads for large files.
            today: the day after which nothing can have happened.

        Raises:
            OutputError: the ledger cannot be written; it is as it was.
            StoreError: another process is importing, or the ledger is damaged.
        """
        with self._locked():
            state = self.state
            number = max((part["number"] for part in state["parts"]), default=0) + 1
            folder = self.root / "parts" / f".{number:05}.tmp"
            shutil.rmtree(folder, ignore_errors=True)
            try:
                folder.mkdir(parents=True)
                return self._import(state, _Run(number, folder), files, tell, workers, today)
            except OSError as error:
                raise OutputError(
                    f"cannot write the ledger {self.root}: {error.strerror or error}; make room, nothing was changed"
                ) from error
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def _import(
        self, state: dict[str, Any], run: _Run, files: Sequence[Path], tell: Tell, workers: int, today: date | None
    ) -> Receipt:
        held = {one["sha256"] for part in state["parts"] for one in part["files"]}
        refused, known = [], []
        for path in files:
            try:
                head = None if is_flows(path) else open_head(path)
                digest = _digest(path)
                if digest in held:
                    known.append(str(path))
                    continue
                if head is None:
                    self._flows(path, digest, run, today)
                else:
                    self._file(head, digest, run, tell, workers, today)
                held.add(digest)
            except SourceError as error:
                refused.append(str(error))
        if not run.records:
            return Receipt(len(run.files), 0, 0, tuple(run.rejects), tuple(refused), tuple(known), run.unlisted)
        return self._settle(state, run, refused, known)

    def _file(self, head: Head, digest: str, run: _Run, tell: Tell, workers: int, today: date | None) -> None:
        """Write the tables of one file, task by task."""
        size, done, taken = head.content.stat().st_size, 0, 0
        base = run.number * SPAN + sum(one["pieces"] for one in run.files)
        count = 0
        for result in each(jobs(head, run.folder, len(run.files), base, today), size, workers):
            run.reject(result.rejects)
            taken, count, done = taken + result.taken, count + result.pieces, done + result.size
            tell(head.path.name[:24], min(done, size) // 10**6, size // 10**6)
        start = head.start.decode()
        entry = {"file": head.path.name, "kind": head.kind, "version": head.version, "sha256": digest, "start": start}
        _note(run, entry, base, count, taken)

    def _flows(self, path: Path, digest: str, run: _Run, today: date | None) -> None:
        """Write the tables of one file of humanitarian flows."""
        base = run.number * SPAN + sum(one["pieces"] for one in run.files)
        found = accept(read_flows(path), str(path), today=today)
        store(found.frames, run.folder, task_name(len(run.files), 0), base, path.name)
        run.reject(found.rejects)
        taken = found.frames["records"].height
        entry = {"file": path.name, "kind": "flows", "version": "", "sha256": digest, "start": ""}
        _note(run, entry, base, taken, taken)

    def _settle(self, state: dict[str, Any], run: _Run, refused: list[str], known: list[str]) -> Receipt:
        """Give the part its name, find what it supersedes, and let it count."""
        place = self.root / "parts" / f"{run.number:05}"
        shutil.rmtree(place, ignore_errors=True)  # left by a process that was killed before it counted
        run.folder.rename(place)
        parts = [*state["parts"], {"number": run.number, "files": run.files}]
        heads = self._heads([part["number"] for part in parts])
        losing = heads.filter(~pl.col("wins"))
        path = self.root / f"superseded-{run.number:05}.parquet"
        losing.select("record").write_parquet(path)
        new = losing.filter(pl.col("record") >= run.number * SPAN)
        earlier = set(pl.read_parquet(self.root / state["superseded"])["record"]) if state["superseded"] else set()
        run.reject(list(_doubles(new)))
        text = json.dumps({"parts": parts, "superseded": path.name}, indent=1)
        with whole(self.root / "state.json", remedy="make room, nothing was changed") as beside:
            beside.write_text(text, encoding="utf-8")
        for old in self.root.glob("superseded-*.parquet"):
            if old != path:
                old.unlink()
        replaced = [one for one in losing["record"] if one < run.number * SPAN and one not in earlier]
        taken = run.records - new.height
        lists = (tuple(run.rejects), tuple(refused), tuple(known))
        return Receipt(len(run.files), taken, len(replaced), *lists, run.unlisted)

    def _heads(self, numbers: Iterable[int]) -> pl.DataFrame:
        """All records with what decides which of them counts: ``record, identifier, file, line, wins, winner …``."""
        found = []
        for table, kind in HEADS.items():
            paths = [path for number in numbers for path in self._paths(number, table)]
            lines = [path for number in numbers for path in self._paths(number, "records")]
            if paths:
                rows = pl.scan_parquet(paths)
                secondary = pl.col("secondary") if table == "activities" else pl.lit(None, dtype=pl.String)
                rows = rows.select("record", "identifier", "updated", secondary.alias("secondary"))
                named = pl.scan_parquet(lines).select("record", "line", "file")
                found.append(rows.join(named, on="record").with_columns(pl.lit(kind).alias("kind")).collect())
        own = ~pl.col("secondary").is_in(["1", "true"]).fill_null(False)
        changed = pl.col("updated").str.to_datetime(time_zone="UTC", strict=False, format="%+")
        changed = pl.coalesce(
            changed, pl.col("updated").str.slice(0, 19).str.to_datetime(strict=False).dt.replace_time_zone("UTC")
        )
        ordered = pl.concat(found).with_columns(own.alias("own"), changed.alias("changed"))
        ordered = ordered.sort("kind", "identifier", "own", "changed", "record", nulls_last=False)
        last = pl.struct("kind", "identifier")
        return ordered.with_columns(
            last.is_last_distinct().alias("wins"),
            pl.col("file").last().over("kind", "identifier").alias("winning_file"),
            pl.col("line").last().over("kind", "identifier").alias("winning_line"),
        )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        import fcntl

        try:
            self.root.mkdir(parents=True, exist_ok=True)
            file = (self.root / ".lock").open("w")
        except OSError as error:
            raise OutputError(
                f"cannot write '{self.root}': {error.strerror}; set SERAI_HOME to a place that can be written"
            ) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                msg = f"ledger {self.root} is in use by another process; try again when it has finished"
                raise StoreError(msg) from None
            yield


def _note(run: _Run, entry: dict[str, Any], base: int, pieces: int, taken: int) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    run.records += taken
    run.files.append({**entry, "imported": now, "base": base, "pieces": pieces, "records": taken})


def _doubles(losing: pl.DataFrame) -> Iterator[Reject]:
    for row in losing.iter_rows(named=True):
        problem = (
            f"the identifier is held, changed later or imported after it ({row['winning_file']}:{row['winning_line']})"
        )
        remedy = "one version of an activity counts; nothing to do"
        yield Reject(row["file"], row["line"], row["identifier"], row["kind"], row["updated"] or "", problem, remedy)


def _schema(table: str) -> dict[str, pl.DataType]:
    """Columns of a table as it is kept: transactions also have ``usd``, where who reports gives dollars too."""
    if table == "records":
        return RECORDS
    return shapes()[table].schema | ({"usd": pl.Float64()} if table == "transactions" else {})


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Joint work plans: tasks with owners, dates and dependencies, one budget; the critical path; what a suspension does.

A plan is a TOML file. Rules on joint programmes: every output and task belongs to one entity, all lie inside the
programme's dates, and the budget is entered once, at the top: what tasks hold are parts of it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from serai.errors import Fault, InputError, SourceError, UnknownName
from serai.region.manifest import Text

__all__ = ["TASKS", "Plan", "Schedule", "Suspension", "Task", "pack_faults", "read_plan", "schedule"]

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Entity = Annotated[str, StringConstraints(pattern=r"^([A-Z]{3}|[a-z][a-z0-9_]*)$")]
"""One area or body; a list of several is refused."""
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2199, 12, 31))]
MAX_BYTES = 4 * 2**20
PLANS = "coordinate/workplans"
"""Folder of a pack's work plans."""
MAX_DAYS = 100_000
"""Days of work that a plan may hold in all; more is a slip of the pen, and would leave the calendar."""
TASKS: Mapping[str, Any] = {
    "task": pl.String, "title_en": pl.String, "title_ru": pl.String, "owner": pl.String, "output": pl.String,
    "after": pl.List(pl.String), "state": pl.String, "start": pl.Date, "finish": pl.Date, "days": pl.Int64,
    "paused_days": pl.Int64, "slack_days": pl.Int64, "critical": pl.Boolean, "budget": pl.Float64,
    "reason": pl.String,
}  # fmt: skip
"""Columns of a schedule. ``state``: ``planned``, ``paused`` (works around a suspension), ``frozen`` (its owner is
suspended without an end: no finish, and a start only where it had begun), ``waiting`` (depends on what is frozen: no
dates). Days are calendar days."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Output(_Frozen):
    """What one entity delivers."""

    id: Id
    title: Text
    entity: Entity
    start: Day
    end: Day


class Task(_Frozen):
    """A piece of work of one owner."""

    id: Id
    title: Text
    owner: Entity
    days: Annotated[int, Field(ge=1, le=36_500)]
    after: tuple[Id, ...] = ()
    not_before: Day | None = None
    output: Id | None = None
    budget: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0


class Suspension(_Frozen):
    """A member that does not work on the plan, from a day on; without an end, until further notice."""

    member: Entity
    since: Day
    until: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Suspension:
        if self.until is not None and self.until < self.since:
            raise ValueError("until comes before since")
        return self


class Plan(_Frozen):
    """A joint work plan."""

    id: Id
    title: Text
    start: Day
    end: Day
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    budget: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    members: Annotated[tuple[Entity, ...], Field(min_length=1)]
    example: bool = False
    """Written to show how a plan looks; nobody has agreed to it."""
    source: str = ""
    note: Text | None = None
    output: tuple[Output, ...] = ()
    task: Annotated[tuple[Task, ...], Field(min_length=1, max_length=5_000)]
    suspension: tuple[Suspension, ...] = ()


class Schedule(NamedTuple):
    """A plan with its dates.

    Attributes:
        plan: the plan.
        tasks: columns as in :data:`TASKS`.
        finish: last day of what can be scheduled; ``None`` where nothing can.
        late_days: days by which that is after the plan's end; 0 inside it.
        path: the critical path, in order.
        allotted: sum of the tasks' parts of the budget.
        frozen: part of the budget that belongs to tasks without an end.
    """

    plan: Plan
    tasks: pl.DataFrame
    finish: date | None
    late_days: int
    path: list[str]
    allotted: float
    frozen: float


def read_plan(path: Path) -> Plan:
    """A work plan from a TOML file.

    Raises:
        SourceError: the file cannot be read, breaks its schema or a rule; every fault is named.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(f"{path}: larger than {MAX_BYTES:,} bytes; this is no work plan")
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        plan = Plan.model_validate(raw)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise SourceError(f"cannot read '{path}': {reason}; name a TOML file") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SourceError(f"{path}: not valid TOML: {error}; correct the syntax") from error
    except ValidationError as error:
        raise SourceError(_told(path, [_model_fault(one, raw) for one in error.errors(include_url=False)])) from error
    if faults := list(plan_faults(plan)):
        raise SourceError(_told(path, faults))
    return plan


def pack_faults(folder: Path) -> list[Fault]:
    """Everything wrong with the work plans of a pack.

    Args:
        folder: the pack.
    """
    found = []
    for path in sorted((folder / PLANS).glob("*.toml")):
        try:
            read_plan(path)
        except SourceError as error:
            head, *more = str(error).splitlines()
            for line in more or [head.removeprefix(f"{path}: ")]:
                problem, _, remedy = line.strip().rpartition("; ")
                said = (problem, remedy) if problem else (remedy, "correct it")
                found.append(Fault(f"{PLANS}/{path.name}", None, "", *said))
    return found


def _told(path: Path, faults: Sequence[str]) -> str:
    if len(faults) == 1:
        return f"{path}: {faults[0]}"
    return f"{path}: {len(faults)} faults\n" + "\n".join(f"  {fault}" for fault in faults)


def _model_fault(detail: Any, raw: Mapping[str, Any]) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    """A breach of the schema, by the name of the task or output rather than its place in the file."""
    loc = [str(part) for part in detail["loc"]]
    where, shown = ".".join(loc), "" if isinstance(detail["input"], dict) else f" [{str(detail['input'])[:80]}]"
    if len(loc) > 2 and loc[1].isdigit():
        entry = raw[loc[0]][int(loc[1])]
        name = entry.get("id", loc[1]) if isinstance(entry, dict) else loc[1]
        where = f"{loc[0]} {name}: {'.'.join(loc[2:])}"
    if loc[-1] in ("owner", "entity") and detail["type"] != "missing":
        return f"{where} is one area or body{shown}; name one, or split it"
    return f"{where}: {detail['msg']}{shown}; correct it"


def plan_faults(plan: Plan) -> Iterator[str]:
    """Rules of joint programmes that a plan breaks."""
    if plan.end < plan.start:
        yield f"end {plan.end} comes before start {plan.start}; swap them"
    yield from _repeated(plan)
    outputs, tasks = {one.id: one for one in plan.output}, {one.id: one for one in plan.task}
    for output in plan.output:
        if not plan.start <= output.start <= output.end <= plan.end:
            yield f"output {output.id}: {output.start}..{output.end} is not inside {plan.start}..{plan.end}; move it"
        if output.entity not in plan.members:
            yield f"output {output.id}: {output.entity} is not among the members; add it or name another entity"
    for task in plan.task:
        yield from _task_faults(task, plan, outputs, tasks)
    for one in plan.suspension:
        if one.member not in plan.members:
            yield f"suspension of {one.member}: not among the members; correct it"
    parts = sum(task.budget for task in plan.task)
    if parts > plan.budget * (1 + 1e-9):
        yield f"tasks hold {parts:,.0f} {plan.currency} of a budget of {plan.budget:,.0f}; the budget is entered once"
    if (days := sum(task.days for task in plan.task)) > MAX_DAYS:
        yield f"tasks hold {days:,} days of work, more than {MAX_DAYS:,}; correct one"
        return
    try:
        TopologicalSorter({task.id: set(task.after) & tasks.keys() for task in plan.task}).prepare()
    except CycleError as error:
        yield f"tasks wait for each other: {' -> '.join(error.args[1])}; break the circle"
    else:
        yield from _end_faults(plan)


def _repeated(plan: Plan) -> Iterator[str]:
    for kind, entries in (("task", plan.task), ("output", plan.output)):
        ids = [one.id for one in entries]
        yield from (f"{kind} {name} appears twice; rename one" for name in sorted({n for n in ids if ids.count(n) > 1}))


def _task_faults(task: Task, plan: Plan, outputs: Mapping[str, Output], tasks: Mapping[str, Task]) -> Iterator[str]:
    if task.owner not in plan.members:
        yield f"task {task.id}: {task.owner} is not among the members; add it or name another owner"
    for name in task.after:
        if name not in tasks:
            yield f"task {task.id}: waits for '{name}', which does not exist; correct it"
    if task.not_before is not None and not plan.start <= task.not_before <= plan.end:
        yield f"task {task.id}: {task.not_before} is not inside {plan.start}..{plan.end}; move it"
    if task.output is not None:
        output = outputs.get(task.output)
        if output is None:
            yield f"task {task.id}: unknown output '{task.output}'; correct it"
        elif output.entity != task.owner:
            yield f"task {task.id}: of {task.owner}, its output {output.id} is of {output.entity}; one entity each"


def _end_faults(plan: Plan) -> Iterator[str]:
    """Tasks that, with nobody suspended, end after the plan or their output."""
    ends = {output.id: output.end for output in plan.output}
    tasks = {task.id: task for task in plan.task}
    free = plan.model_copy(update={"suspension": ()})
    for name, span in _spans(free).items():
        limit = min(plan.end, ends.get(tasks[name].output or "", plan.end))
        if span.finish is not None and span.finish > limit:
            yield f"task {name}: ends on {span.finish}, after {limit}; shorten it or what it waits for"


class _Span(NamedTuple):
    start: date | None
    finish: date | None
    paused: int
    state: str
    reason: str


def _spans(plan: Plan) -> dict[str, _Span]:
    """Earliest dates of every task, in an order in which each comes after what it waits for."""
    tasks = {task.id: task for task in plan.task}
    pauses: dict[str, list[Suspension]] = {}
    for one in sorted(plan.suspension, key=lambda one: one.since):
        pauses.setdefault(one.member, []).append(one)
    spans: dict[str, _Span] = {}
    for name in TopologicalSorter({task.id: set(task.after) & tasks.keys() for task in plan.task}).static_order():
        task = tasks[name]
        before = {other: spans[other] for other in task.after if other in spans}
        if held := sorted(other for other, span in before.items() if span.finish is None):
            spans[name] = _Span(None, None, 0, "waiting", f"waits for {', '.join(held)}")
            continue
        earliest = [plan.start, *(span.finish + timedelta(days=1) for span in before.values() if span.finish)]
        spans[name] = _worked(task, max([*earliest, task.not_before or plan.start]), pauses.get(task.owner, []))
    return spans


def _worked(task: Task, start: date, pauses: Sequence[Suspension]) -> _Span:
    """Dates of a task that begins as early as its owner works, and stands still while its owner is suspended."""
    left, day, paused, begun = task.days, start, 0, None
    for pause in pauses:
        if pause.until is not None and pause.until < day:
            continue
        free = max(0, (pause.since - day).days)
        if left <= free:
            break
        begun = begun or (day if free else None)
        left -= free
        if pause.until is None:
            reason = f"{pause.member} is suspended from {pause.since}"
            return _Span(begun, None, 0, "frozen", reason)
        paused += (pause.until - max(pause.since, day)).days + 1
        day = pause.until + timedelta(days=1)
    finish = day + timedelta(days=left - 1)
    state = "paused" if paused else "planned"
    return _Span(begun or day, finish, paused, state, f"stands still for {paused} days" if paused else "")


def schedule(plan: Plan, *, suspend: Sequence[Suspension] = ()) -> Schedule:
    """Dates, slack and the critical path of a plan (critical path method on calendar days).

    A suspended member's unfinished tasks are frozen and stay in the plan with their budget; what waits for them waits.

    Args:
        plan: as from :func:`read_plan`.
        suspend: further suspensions, to see what they would do.

    Raises:
        UnknownName: a suspended member that the plan does not have.
    """
    for one in suspend:
        if one.member not in plan.members:
            raise UnknownName("member", one.member, plan.members, f"work plan {plan.id}")
    plan = plan.model_copy(update={"suspension": (*plan.suspension, *suspend)})
    spans = _spans(plan)
    latest = _latest(plan, spans)
    rows = [_row(task, spans[task.id], latest.get(task.id)) for task in plan.task]
    tasks = pl.DataFrame(rows, schema=dict(TASKS), orient="row")
    finish = max((span.finish for span in spans.values() if span.finish), default=None)
    undated = sum(tasks.filter(pl.col("finish").is_null())["budget"].to_list())
    late = 0 if finish is None else max(0, (finish - plan.end).days)
    return Schedule(
        plan, tasks, finish, late, _path(plan, spans, latest), sum(task.budget for task in plan.task), undated
    )


def _latest(plan: Plan, spans: Mapping[str, _Span]) -> dict[str, date]:
    """Latest finish of every dated task that does not move the end of the whole."""
    after: dict[str, list[str]] = {}
    for task in plan.task:
        for name in task.after:
            after.setdefault(name, []).append(task.id)
    end = max((span.finish for span in spans.values() if span.finish), default=plan.end)
    latest: dict[str, date] = {}
    for name in reversed(list(spans)):
        if spans[name].finish is not None:
            limits = [latest[other] - _length(spans[other]) for other in after.get(name, []) if other in latest]
            latest[name] = min([end, *limits])
    return latest


def _length(span: _Span) -> timedelta:
    assert span.start is not None  # noqa: S101 - asked for dated tasks only
    assert span.finish is not None  # noqa: S101
    return span.finish - span.start + timedelta(days=1)


def _row(task: Task, span: _Span, latest: date | None) -> dict[str, Any]:
    slack = (latest - span.finish).days if latest is not None and span.finish is not None else None
    return {
        "task": task.id, "title_en": task.title["en"], "title_ru": task.title.get("ru", task.title["en"]),
        "owner": task.owner, "output": task.output or "", "after": list(task.after), "state": span.state,
        "start": span.start, "finish": span.finish, "days": task.days, "paused_days": span.paused,
        "slack_days": slack, "critical": None if slack is None else slack == 0, "budget": task.budget,
        "reason": span.reason,
    }  # fmt: skip


def _path(plan: Plan, spans: Mapping[str, _Span], latest: Mapping[str, date]) -> list[str]:
    """One chain of tasks without slack that ends on the last day: from its end back to its beginning."""
    tasks = {task.id: task for task in plan.task}
    tight = {name for name, day in latest.items() if spans[name].finish == day}
    end = max(latest.values(), default=None)
    name = next((name for name in sorted(tight) if spans[name].finish == end), None)
    path: list[str] = []
    while name is not None:
        path.append(name)
        before = [other for other in tasks[name].after if other in tight]
        name = max(before, key=lambda other: (spans[other].finish or date.min, other), default=None)
    return path[::-1]


def suspension(member: str, since: date, until: date | None = None) -> Suspension:
    """A suspension, checked.

    Raises:
        InputError: it ends before it begins.
    """
    try:
        return Suspension(member=member, since=since, until=until)
    except ValidationError as error:
        raise InputError(
            f"suspension of {member}: {error.errors()[0]['msg'].removeprefix('Value error, ')}; correct the dates"
        ) from error

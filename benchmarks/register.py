"""Joint work plans and ties between actors at a size no centre has, beside networkx on the same work in the same run.

python benchmarks/register.py --tasks 5000 --events 2000 --repeats 5
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from datetime import date
from statistics import median

import networkx as nx
import polars as pl

from serai.coordinate.actors import edges
from serai.coordinate.workplan import Plan, Task, schedule
from serai.region.tables_coordinate import COORDINATE_TABLES


def timed(work: Callable[[], object], repeats: int) -> float:
    """Median CPU seconds of a piece of work; a first round is not counted."""
    work()
    rounds = []
    for _ in range(repeats):
        begun = time.process_time()
        work()
        rounds.append(time.process_time() - begun)
    return median(rounds)


def plan(tasks: int, seed: int) -> Plan:
    """Tasks of 1 to 15 days, each after up to three of the fifty before it, so that the chain stays in the calendar."""
    draw = random.Random(seed)  # noqa: S311 - a benchmark
    made = [
        Task(
            id=f"t{number}", title={"en": "t"}, owner="AAA", days=draw.randint(1, 15),
            after=tuple(f"t{other}" for other in {draw.randrange(max(0, number - 50), number) for _ in range(3)})
            if number else (),
        )
        for number in range(tasks)
    ]  # fmt: skip
    return Plan(
        id="p", title={"en": "p"}, start=date(2024, 1, 1), end=date(2199, 12, 31), currency="USD", budget=0,
        members=("AAA",), task=tuple(made),
    )  # fmt: skip


def longest(given: Plan) -> float:
    """Length of the critical path by networkx, the graph built from the same tasks."""
    graph = nx.DiGraph()
    days = {task.id: task.days for task in given.task}
    graph.add_weighted_edges_from(
        (other, task.id, days[task.id]) for task in given.task for other in (task.after or ("start",))
    )
    return float(nx.dag_longest_path_length(graph))


def meetings(events: int, seed: int) -> dict[str, pl.DataFrame]:
    """A register that holds events of ten actors each, of four hundred."""
    draw = random.Random(seed)  # noqa: S311 - a benchmark
    tables = {table.name: pl.DataFrame(schema=table.schema) for table in COORDINATE_TABLES}
    took = [(f"E{number}", f"a{name}") for number in range(events) for name in draw.sample(range(400), 10)]
    rows = [{"event": name, "actor": actor, "role": "participant", "source": "s", "note": ""} for name, actor in took]
    held = [
        {**dict.fromkeys(tables["events"].columns, ""), "event": f"E{number}", "start": "2020", "number": None,
         "in_rhythm": False}
        for number in range(events)
    ]  # fmt: skip
    tables["event_actors"] = pl.DataFrame(rows)
    tables["events"] = pl.DataFrame(held, schema=tables["events"].schema)
    return tables


def projected(tables: dict[str, pl.DataFrame]) -> int:
    """Ties by networkx: actors joined by shared events, weighted; the sum of the weights."""
    graph = nx.Graph()
    pairs = list(tables["event_actors"].select("event", "actor").iter_rows())
    graph.add_nodes_from({actor for _, actor in pairs})
    graph.add_edges_from(pairs)
    joined = nx.bipartite.weighted_projected_graph(graph, {actor for _, actor in pairs})
    return sum(weight for _, _, weight in joined.edges(data="weight"))


def main() -> None:
    """Print both sides and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=5_000)
    parser.add_argument("--events", type=int, default=2_000)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    work, held = plan(given.tasks, 1), meetings(given.events, 1)
    found = schedule(work)
    if found.finish is None or (found.finish - work.start).days + 1 != longest(work):
        raise SystemExit("the two critical paths differ")
    if edges(held, date(2024, 1, 1)).height != projected(held):
        raise SystemExit("the two counts of ties differ")
    sides = (
        (f"critical path, slack and dates of {given.tasks:,} tasks", lambda: schedule(work), lambda: longest(work)),
        (f"ties of {given.events:,} events", lambda: edges(held, date(2024, 1, 1)), lambda: projected(held)),
    )
    for title, ours, theirs in sides:
        mine, peer = timed(ours, given.repeats), timed(theirs, given.repeats)
        print(f"{title}: serai {mine:.3f} s, networkx {peer:.3f} s, ratio {mine / peer:.2f}")


if __name__ == "__main__":
    main()

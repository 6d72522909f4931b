"""A large file of the aid standard into the ledger, beside plain lxml; the overlap query; reading beside iatikit.

python benchmarks/ledger.py --file ACTIVITIES.xml --megabytes 1000 --peer-python PATH
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

from serai.coordinate.iati.scan import open_head, pieces

BOUNDS = {"times plain lxml": 1.5, "memory MB": 500, "overlap query s": 0.5}
PLAIN = """
import resource, sys, time
from lxml import etree
started = time.perf_counter()
for _, element in etree.iterparse(sys.argv[1]{only}):
    {clear}
used = resource.getrusage(resource.RUSAGE_SELF)
print(time.perf_counter() - started, used.ru_utime + used.ru_stime)
"""
OURS = """
import json, sys, time
from pathlib import Path
from serai.coordinate import Ledger
from serai.region import load_pack
started = time.perf_counter()
ledger = Ledger(load_pack(sys.argv[4]), Path(sys.argv[2]))
receipt = ledger.import_files([Path(sys.argv[1])], workers=int(sys.argv[3]))
print(json.dumps([time.perf_counter() - started, receipt.taken, len(receipt.rejects)]))
"""
QUERY = """
import sys, time
from pathlib import Path
from serai.coordinate import Ledger
from serai.region import load_pack
ledger = Ledger(load_pack(sys.argv[2]), Path(sys.argv[1]))
started = time.perf_counter()
ledger.cells()
first = time.perf_counter() - started
again = []
for _ in range(5):
    started = time.perf_counter()
    found = ledger.overlap(stage="commitment", members=sys.argv[3].split(","))
    again.append(time.perf_counter() - started)
print(first, sorted(again)[2], ledger.cells().height, found.height)
"""
READ_OURS = """
import sys, time
from pathlib import Path
from serai.coordinate.iati.read import read
read(Path(sys.argv[1]))
started = time.process_time()
frames = read(Path(sys.argv[1])).frames
print(frames["activities"].height, frames["transactions"].height, time.process_time() - started)
"""
READ_PEER = """
import sys, time
from iatikit.data.dataset import Dataset
def whole():
    activities = transactions = 0
    for one in Dataset(sys.argv[1]).activities:
        kept = (one.id, one.title, one.description, one.start, one.end, one.location)
        activities += 1
        {paid}
    return activities, transactions
whole()
started = time.process_time()
print(*whole(), time.process_time() - started)
"""
COUNT = """transactions += len(one.etree.findall("transaction"))"""
VALUES = """for paid in one.etree.findall("transaction"):
            transactions += 1
            kept = (paid.get("ref"), paid.xpath("string(transaction-type/@code)"),
                    paid.xpath("string(transaction-date/@iso-date)"), paid.xpath("string(value)"),
                    paid.xpath("string(value/@currency)"), paid.xpath("string(value/@value-date)"),
                    paid.xpath("string(provider-org/@ref)"), paid.xpath("string(provider-org/narrative)"),
                    paid.xpath("string(receiver-org/@ref)"), paid.xpath("string(receiver-org/narrative)"))"""


def main() -> None:
    """Make the file, run each side in turn, print figures against their bounds."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--file", type=Path, required=True, help="a published file of activities")
    options.add_argument("--megabytes", type=int, default=1000, help="size of the file made from it")
    options.add_argument("--peer-python", help="an interpreter that can import iatikit")
    options.add_argument("--pack", default="central_asia")
    options.add_argument("--members", default="ARM", help="areas the query asks for, apart by commas")
    options.add_argument("--workers", type=int, default=2, help="threads of the import")
    options.add_argument("--repeats", type=int, default=3)
    chosen = options.parse_args()
    if chosen.peer_python:
        _reading(chosen)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        large = enlarge(chosen.file, root / "large.xml", chosen.megabytes * 10**6)
        _taking_in(chosen, large, root)


def enlarge(source: Path, target: Path, size: int) -> Path:
    """The activities of a file over and over, each time with identifiers of its own."""
    head, content = open_head(source), source.read_bytes()
    written, turn = 0, 0
    with target.open("wb") as file:
        file.write(head.start + b"\n")
        while written < size:
            for one in pieces(head):
                text = content[one.offset : one.offset + one.size]
                text = text.replace(b"</iati-identifier>", f"-{turn}</iati-identifier>".encode(), 1)
                written += file.write(text + b"\n")
            turn += 1
        file.write(b"</iati-activities>\n")
    return target


def _taking_in(chosen: argparse.Namespace, large: Path, root: Path) -> None:
    print(f"{large.stat().st_size / 1e6:,.0f} MB")
    plain = {
        "plain lxml, every element": PLAIN.format(only="", clear="element.clear()"),
        "plain lxml, activities": PLAIN.format(only=", tag='iati-activity'", clear="element.clear()"),
    }
    seconds: dict[str, list[float]] = {}
    peaks: list[float] = []
    for turn in range(chosen.repeats):
        for name, code in plain.items():
            wall, cpu = (float(part) for part in _run(sys.executable, code, str(large)).split())
            seconds.setdefault(f"{name}, wall", []).append(wall)
            seconds.setdefault(f"{name}, CPU", []).append(cpu)
        wall, cpu, peak, taken = _ours(large, root / f"home{turn}", chosen.workers, chosen.pack)
        seconds.setdefault("ledger, wall", []).append(wall)
        seconds.setdefault("ledger, CPU", []).append(cpu)
        peaks.append(peak)
    for name, found in seconds.items():
        print(f"{name:34} {median(found):8.2f} s")
    for kind in ("wall", "CPU"):
        against = median(seconds[f"plain lxml, every element, {kind}"])
        print(f"ledger against lxml, {kind:12} {median(seconds[f'ledger, {kind}']) / against:8.2f} x (bound 1.5)")
    print(f"{taken} activities; memory at most {max(peaks):,.0f} MB (bound 500)")
    first, again, cells, rows = _run(sys.executable, QUERY, str(root / "home0"), chosen.pack, chosen.members).split()
    print(f"cells, first time {float(first):.2f} s ({cells} cells)")
    print(f"overlap query {float(again):.3f} s (bound 0.5), {rows} rows")


def _ours(large: Path, home: Path, workers: int, pack: str) -> tuple[float, float, float, int]:
    """Wall and CPU seconds, and the most memory all processes held at one time (proportional: shared pages once)."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", OURS, str(large), str(home), str(workers), pack], stdout=subprocess.PIPE, text=True
    )
    peak, cpu = [0.0], [0.0]
    watcher = threading.Thread(target=_watch, args=(process, peak, cpu))
    watcher.start()
    out, _ = process.communicate()
    watcher.join()
    if process.returncode:
        raise SystemExit("the import failed")
    _, taken, rejects = json.loads(out)
    if rejects:
        raise SystemExit(f"{rejects} rejects: give a sound file")
    return time.perf_counter() - started, cpu[0], peak[0], taken


def _watch(process: subprocess.Popen[str], peak: list[float], cpu: list[float]) -> None:
    while process.poll() is None:
        family = _family(process.pid)
        peak[0] = max(peak[0], sum(_memory(pid) for pid in family))
        cpu[0] = max(cpu[0], sum(_cpu(pid) for pid in family))
        time.sleep(0.05)


def _family(pid: int) -> list[int]:
    found = [pid]
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [one for child in path.read_text().split() for one in _family(int(child))]
        except OSError:
            continue
    return found


def _memory(pid: int) -> float:
    """Most memory a process has held, as the kernel counts it: asking page by page would slow it down."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM:")), 0.0)


def _cpu(pid: int) -> float:
    try:
        parts = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(parts[11]) + int(parts[12])) / 100


def _reading(chosen: argparse.Namespace) -> None:
    sides = {
        "serai, every table": (sys.executable, READ_OURS),
        "iatikit, activities": (chosen.peer_python, READ_PEER.format(paid=COUNT)),
        "iatikit, with values": (chosen.peer_python, READ_PEER.format(paid=VALUES)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    counts = {}
    for _ in range(chosen.repeats):
        for name, (python, code) in sides.items():
            activities, transactions, cpu = _run(python, code, str(chosen.file)).split()
            counts[name] = (activities, transactions)
            seconds[name].append(float(cpu))
    if len(set(counts.values())) > 1:
        raise SystemExit(f"the sides read different numbers: {counts}")
    for name, found in seconds.items():
        ratio = median(found) / median(seconds["serai, every table"])
        print(f"reading, {name:22} {counts[name][0]} activities {median(found):7.3f} CPU s {ratio:6.1f} x ours")


def _run(python: str, code: str, *arguments: str) -> str:
    done = subprocess.run([python, "-c", code, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return done.stdout


if __name__ == "__main__":
    main()

"""User equilibrium on a network file and on a generated network, beside AequilibraE and PyTraf in the same run.

python benchmarks/equilibrium.py --peer-python PATH [--net NET.tntp --trips TRIPS.tntp]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np

HERE = Path(__file__).parent
SIDES = ("serai", "pytraf", "aequilibrae")


def generate(folder: Path, nodes: int = 1000, zones: int = 400, seed: int = 3) -> tuple[Path, Path]:
    """A street grid with random costs, capacities and demand, as ``.tntp`` files."""
    draw = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(nodes)))
    at = np.arange(nodes)
    right, down = at[(at % side < side - 1) & (at + 1 < nodes)], at[at + side < nodes]
    one_way = np.vstack([np.column_stack([right, right + 1]), np.column_stack([down, down + side])])
    ends = draw.permutation(nodes)[np.vstack([one_way, one_way[:, ::-1]])] + 1
    time, capacity = draw.uniform(1, 5, len(ends)), draw.uniform(500, 2000, len(ends))
    head = (
        "<NUMBER OF ZONES> {}\n<NUMBER OF NODES> {}\n<FIRST THRU NODE> 1\n<NUMBER OF LINKS> {}\n<END OF METADATA>\n~\n"
    )
    rows = "".join(
        f"{a} {b} {c!r} {t!r} {t!r} 0.15 4 0 0 1 ;\n"
        for (a, b), c, t in zip(ends.tolist(), capacity.tolist(), time.tolist(), strict=True)
    )
    net, trips = folder / "net.tntp", folder / "trips.tntp"
    net.write_text(head.format(zones, nodes, len(ends)) + rows)
    demand = draw.gamma(0.5, 0.6, (zones, zones))
    np.fill_diagonal(demand, 0)
    lines = [f"<NUMBER OF ZONES> {zones}\n<TOTAL OD FLOW> {demand.sum()}\n<END OF METADATA>\n"]
    for origin, row in enumerate(demand.tolist(), 1):
        lines.append(f"Origin {origin}\n" + " ".join(f"{t} : {v!r};" for t, v in enumerate(row, 1)) + "\n")
    trips.write_text("".join(lines))
    return net, trips


def compare(title: str, net: Path, trips: Path, gap: float, peer: str, repeats: int) -> None:
    """Run all sides in turn and print medians and ratios."""
    used: dict[str, list[float]] = {side: [] for side in SIDES}
    said: dict[str, dict[str, float]] = {}
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    for round_ in range(repeats + 1):
        for side in SIDES:
            python = sys.executable if side == "serai" else peer
            command = [python, str(HERE / "_equilibrium_side.py"), side, str(net), str(trips), repr(gap)]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"{side} failed:\n{done.stderr[-1500:]}")
            said[side] = json.loads(done.stdout.splitlines()[-1])
            if round_:
                used[side].append(said[side]["cpu"])
    print(f"\n{title}, relative gap {gap:g}; CPU seconds of the assignment alone, {repeats} runs each in turn")
    ours = median(used["serai"])
    for side in SIDES:
        cpu, report = used[side], said[side]
        print(
            f"  {side:12} {median(cpu):8.3f} ({min(cpu):.3f} to {max(cpu):.3f})  x{median(cpu) / ours:6.2f}"
            f"  gap {report['gap']:.1e}  objective {report['objective']:.9g}"
        )


def main() -> None:
    """Read the arguments and run both cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-python", required=True, help="interpreter with aequilibrae and pytraf")
    parser.add_argument("--net", type=Path)
    parser.add_argument("--trips", type=Path)
    parser.add_argument("--gap", type=float, default=1e-6)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    if given.net and given.trips:
        compare(given.net.stem, given.net, given.trips, given.gap, given.peer_python, given.repeats)
    with tempfile.TemporaryDirectory() as folder:
        net, trips = generate(Path(folder))
        compare("1,000 nodes, 400 zones", net, trips, given.gap, given.peer_python, given.repeats)


if __name__ == "__main__":
    main()

"""Reading SDMX-ML data messages: ours beside pysdmx, in turn, CPU seconds without the start of the interpreter.

python benchmarks/sdmx_read.py --files DIR --peer-python PATH
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median

OURS = """
import sys, time
from pathlib import Path
from serai.observe.sdmx_ml import read_messages
files = sorted(Path(sys.argv[1]).glob("*.xml"))
read_messages(files[:1])
started = time.process_time()
frame = read_messages(files)
print(frame.height, time.process_time() - started)
"""
PEER = """
import sys, time
from pathlib import Path
from pysdmx.io import read_sdmx
files = sorted(Path(sys.argv[1]).glob("*.xml"))
read_sdmx(files[0], validate={validate})
started = time.process_time()
rows = sum(len(data_set.data) for file in files for data_set in read_sdmx(file, validate={validate}).data)
print(rows, time.process_time() - started)
"""


def main() -> None:
    """Run each in turn and print medians and ratios."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--files", type=Path, required=True, help="directory of SDMX-ML data messages (*.xml)")
    options.add_argument(
        "--peer-python", required=True, help="an interpreter that can import pysdmx (extras data, xml)"
    )
    options.add_argument("--repeats", type=int, default=5)
    chosen = options.parse_args()
    sides = {
        "serai": (sys.executable, OURS),
        "pysdmx": (chosen.peer_python, PEER.format(validate=False)),
        "pysdmx, validating": (chosen.peer_python, PEER.format(validate=True)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    rows = {}
    for _ in range(chosen.repeats):
        for name, (python, code) in sides.items():
            done = subprocess.run([python, "-c", code, str(chosen.files)], capture_output=True, text=True, check=True)
            rows[name], cpu = done.stdout.split()[-2:]
            seconds[name].append(float(cpu))
    ours = median(seconds["serai"])
    for name, found in seconds.items():
        print(f"{name:20} {rows[name]:>7} observations {median(found):7.3f} CPU s  {median(found) / ours:6.1f} x ours")


if __name__ == "__main__":
    main()

"""``python -m serai`` is the command line."""

from __future__ import annotations

import subprocess
import sys


def test_python_m_serai_is_the_command_line() -> None:
    done = subprocess.run([sys.executable, "-m", "serai", "--version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.strip()

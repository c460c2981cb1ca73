"""Where the time of a search goes is printed for each step."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path


def test_each_step_is_printed_and_took_some_time(corpus_index: Path) -> None:
    """In a process of its own, since the steps are measured by taking their places."""
    command = [sys.executable, "-m", "benchmarks.search_steps", "--questions", "20"]
    done = subprocess.run(
        [*command, "--index", str(corpus_index)],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert re.search(r"^passages  \d+$", done.stdout, re.M)
    assert re.search(r"^a search  [\d.]+ ms, [\d.]+ ms of processor time$", done.stdout, re.M)
    steps = re.findall(r"^ *([\d.]+) ms  \S", done.stdout, re.M)
    assert len(steps) > 8
    assert all(float(milliseconds) > 0 for milliseconds in steps)

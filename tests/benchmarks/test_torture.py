"""Short forms of the campaigns against what an index promises; the long ones are `make torture`.

Each runs in a process of its own, since it forks: that is safe only where nothing was opened yet.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kb import failpoints

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("campaign", "points", "counted"),
    # Every named moment once, and as many at random.
    [("kills", 2 * len(failpoints.POINTS), "named"), ("damage", 2, "served")],
)
def test_nothing_that_was_promised_is_lost(campaign: str, points: int, counted: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.torture", campaign, "--points", str(points)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "wrong: nothing" in ran.stdout
    counts = dict(re.findall(r"(\w+) (\d+)[,;]", ran.stdout))
    assert int(counts[counted]) >= points // 2

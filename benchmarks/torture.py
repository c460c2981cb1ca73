"""Campaigns against what is promised of an index: kills, swaps, damage, full disks.

    python -m benchmarks.torture [kills] [swaps] [damage] [full] [limited] [--points N] [--seed S]

Without names all of them run. Each prints one line of counts, and what is wrong on stderr; ends
with 1 where anything was. What each does is said at the top of its module (benchmarks/torture_*).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks import torture_damage, torture_full, torture_kills, torture_swaps
from benchmarks.machine import machine_size

WRONG = ("lost", "duplicated", "orphaned", "mixed", "failed", "backwards", "undetected", "unnamed",
         "not served", "not rebuilt", "different", "read errors", "untyped", "not resumed",
         "not reached")  # fmt: skip
Campaign = Callable[[Path, int, int], Counter[str]]
CAMPAIGNS: dict[str, Campaign] = {
    "kills": torture_kills.campaign,
    "swaps": torture_swaps.campaign,
    "damage": torture_damage.campaign,
    "full": torture_full.campaign,
    "limited": torture_full.limited,
}
POINTS = {"kills": 1000, "swaps": 50, "damage": 0, "full": 50, "limited": 50}


def main() -> int:
    """Run the campaigns that are named; 1 where a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("campaigns", nargs="*", default=[], metavar="CAMPAIGN")
    parser.add_argument("--points", type=int, help="kills, swaps, sizes of the disk")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    unknown = set(options.campaigns) - set(CAMPAIGNS)
    if unknown:
        parser.error(f"there is no campaign {min(unknown)!r}; there are {', '.join(CAMPAIGNS)}")
    print(f"machine   {machine_size()}")
    wrong = 0
    for name in options.campaigns or CAMPAIGNS:
        began, cpu = time.perf_counter(), _processor()
        with tempfile.TemporaryDirectory(prefix=f"kido-{name}-") as folder:
            counts = CAMPAIGNS[name](Path(folder) / "home", options.points or POINTS[name],
                                     options.seed)  # fmt: skip
        found = {what: counts.pop(what, 0) for what in WRONG}
        wrong += sum(found.values())
        told = ", ".join(f"{what} {count}" for what, count in counts.items())
        bad = ", ".join(f"{what} {count}" for what, count in found.items() if count)
        seconds = f"{time.perf_counter() - began:.0f} s, processor {_processor() - cpu:.0f} s"
        print(f"{name:10}{told}; wrong: {bad or 'nothing'} ({seconds})", flush=True)
    return 1 if wrong else 0


def _processor() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    sys.exit(main())

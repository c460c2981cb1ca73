"""What a cluster gains: clock and processor time of the same run alone and shared out.

Processor time is that of the process that writes, of those that prepare (with the sandboxes that
read for them) and of the scheduler, each looked at ten times a second until it ends. The writer's
share bounds the gain by Amdahl's law, whatever the number of workers: what it does is done once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.ingest_run import ROOT, family, watching

_EVERY = 0.1  # seconds between two looks
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one run: by the clock, and of the processors by who used them."""

    clock: float
    writer: float
    workers: float
    scheduler: float = 0.0

    @property
    def processor(self) -> float:
        """All that was used of the processors."""
        return self.writer + self.workers + self.scheduler

    def __str__(self) -> str:
        return (
            f"{self.clock:6.1f} s, processor {self.processor:6.1f} s: writer {self.writer:.1f}, "
            f"preparing {self.workers:.1f}, scheduler {self.scheduler:.1f}"
        )


def writer_share(cost: Cost) -> float:
    """The share (0 to 1) of a shared-out run that the one writer does; the scheduler's is its."""
    return (cost.writer + cost.scheduler) / cost.processor


def gain(share: float, workers: int) -> float:
    """How many times as quick as on one core a run can be, by Amdahl's law.

    Source: G. Amdahl, "Validity of the single processor approach to achieving large scale
    computing capabilities", AFIPS 1967: 1 / (s + (1 - s) / n).
    """
    return 1.0 / (share + (1.0 - share) / workers)


def cost_of(
    corpus: Path,
    index: Path,
    *,
    processes: int = 1,
    cluster: str | None = None,
    workers: Sequence[int] = (),
    scheduler: int | None = None,
) -> Cost:
    """Run `kb ingest` in a process of its own, beside a cluster's where their pids are given."""
    command = [sys.executable, "-m", "kb.cli", "ingest", str(corpus), "--index", str(index),
               "--json", *(["--cluster", cluster] if cluster else [])]  # fmt: skip
    before = {pid: seconds for root in (*workers, scheduler) if root for pid, seconds in
              seconds_of(root).items()}  # fmt: skip
    began = perf_counter()
    writer = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "KIDO_WORKERS": str(processes)},
    )  # fmt: skip
    roots = [writer.pid, *workers, *([scheduler] if scheduler else [])]
    with watched(roots) as seen:
        status = writer.wait()
        clock = perf_counter() - began
    if status:
        raise SystemExit(f"kb ingest ended with {status}")
    found = {
        root: {pid: seconds - before.get(pid, 0.0) for pid, seconds in below.items()}
        for root, below in seen.items()
    }
    own = found[writer.pid].pop(writer.pid, 0.0)
    preparing = sum(sum(found[root].values()) for root in (writer.pid, *workers))
    return Cost(clock, own, preparing, sum(found[scheduler].values()) if scheduler else 0.0)


@contextmanager
def watched(roots: Sequence[int]) -> Iterator[Mapping[int, dict[int, float]]]:
    """Processor seconds of processes and of each one that was seen below them, by their pids."""
    seen: dict[int, dict[int, float]] = {root: {} for root in roots}

    def look() -> None:
        for root, below in seen.items():
            below.update(seconds_of(root))

    with watching(look, _EVERY):
        yield seen
    look()


def seconds_of(root: int) -> dict[int, float]:
    """The processor seconds so far of a process and of each below it that still runs."""
    found: dict[int, float] = {}
    for pid in family(root):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):  # it ended meanwhile
            continue
        fields = stat.rsplit(")", 1)[1].split()
        found[pid] = (int(fields[11]) + int(fields[12])) / _TICK
    return found

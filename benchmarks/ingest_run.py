"""A run of `kb ingest` in processes of its own: how long it takes, and their memory."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


def ingested(corpus: Path, index: Path) -> tuple[float, int, dict[str, int]]:
    """Run `kb ingest`: seconds, peak memory of its processes in bytes, and its report."""
    command = [
        sys.executable,
        "-m",
        "kb.cli",
        "ingest",
        str(corpus),
        "--index",
        str(index),
        "--json",
    ]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    with peak_of(process.pid) as peak:
        out, _ = process.communicate()
    if process.returncode:
        raise SystemExit(process.returncode)
    return time.perf_counter() - began, peak[0], json.loads(out)


@contextmanager
def watching(look: Callable[[], None], every: float) -> Iterator[None]:
    """Look again and again, so many seconds apart, while something goes on."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(every):
            look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


@contextmanager
def peak_of(pid: int) -> Iterator[list[int]]:
    """The most memory of a process and those below it, in bytes, as far as it was seen."""
    peak = [0]

    def look() -> None:
        peak[0] = max(peak[0], sum(map(_share, family(pid))))

    with watching(look, 0.5):
        yield peak


def family(pid: int) -> list[int]:
    """A process and those below it that still run."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text(encoding="ascii").split()
        except OSError:  # it ended meanwhile
            continue
        found += [one for child in children for one in family(int(child))]
    return found


def _share(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def size_of(folder: Path) -> int:
    """The bytes of the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

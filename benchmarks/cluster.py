"""Ingestion on a Dask cluster of processes of this machine, one of which is killed half-way.

    python -m benchmarks.cluster [--articles 3000] [--workers 3] [--gain 1 2]

The reports are parts of laws (`benchmarks.laws`). The index must be the same as the one that is
made without a cluster: the store and the vectors byte for byte; of the postings each file's
content, since tantivy names its files by chance and repeats the names in two small files; of the
manifest all but those names and the folder.

Then the same reports are ingested with as many processes as `--gain` says, alone and on a cluster,
and what the writer has of the work says how much more a larger cluster can gain at the most
(`benchmarks.cluster_gain`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from benchmarks.cluster_gain import Cost, cost_of, gain, writer_share
from benchmarks.laws import write_parts
from benchmarks.machine import machine_size
from kb.indexing.generation import POSTINGS, STORE, VECTORS, open_current
from kb.ingesting import ingestion
from kb.settings import Settings

Process: TypeAlias = "subprocess.Popen[bytes]"

_NAMES = ("meta.json", "parts.json")  # hold the names that tantivy gave its files


def main() -> None:
    """Ingest with and without a cluster, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=3_000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--gain", type=int, nargs="*", default=[1, 2])
    options = parser.parse_args()
    print(f"machine            {machine_size()}")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        files, characters = write_parts(home / "laws", options.articles)
        print(f"reports            {files:,} files, {characters:,} characters")
        local = Settings(corpus=home / "laws", index=home / "local")
        began = time.perf_counter()
        ingestion(local).run()
        print(f"this machine       {time.perf_counter() - began:.1f} s")
        shared = Settings(corpus=home / "laws", index=home / "cluster")
        with cluster(options.workers, home) as (address, _, workers):

            def kill_one(done: int, total: int, path: str) -> None:
                if done == total // 2:
                    os.kill(workers[0].pid, signal.SIGKILL)
                    print(f"killed a worker    after {done:,} of {total:,} files")

            began = time.perf_counter()
            ingestion(shared, cluster=address, progress=kill_one).run()
            print(f"{options.workers} workers          {time.perf_counter() - began:.1f} s")
        found = differences(local.index, shared.index)
        print("the indexes        " + ("; ".join(found) or "are the same"), flush=True)
        gains(home, options.gain)
        sys.exit(1 if found else 0)


def gains(home: Path, counts: Sequence[int]) -> None:
    """Print what the run costs with some numbers of processes, alone and on a cluster."""
    cost: Cost | None = None
    for count in counts:
        alone = cost_of(home / "laws", home / f"alone{count}", processes=count)
        print(f"alone, {count:2}          {alone}", flush=True)
        folder = home / f"dask{count}"
        folder.mkdir()
        with cluster(count, folder) as (address, scheduler, workers):
            pids = [worker.pid for worker in workers]
            cost = cost_of(home / "laws", folder / "index", cluster=address, workers=pids,
                           scheduler=scheduler.pid)  # fmt: skip
        print(f"cluster, {count:2}        {cost}; {alone.clock / cost.clock:.2f} times as quick",
              flush=True)  # fmt: skip
    if cost is not None:
        share = writer_share(cost)
        rest = ", ".join(f"{gain(share, n):.1f} with {n}" for n in (2, 4, 8, 16))
        print(f"writer's share     {share:.1%}: at most {1 / share:.1f} times one core; {rest}")


@contextmanager
def cluster(count: int, folder: Path) -> Iterator[tuple[str, Process, Sequence[Process]]]:
    """A scheduler and `count` worker processes: its address, itself, and the workers."""
    told = folder / "scheduler.json"
    common = ["--no-dashboard", "--scheduler-file", str(told)]
    environment = {**os.environ, "DASK_LOGGING__DISTRIBUTED": "critical"}
    running: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]],
                env=environment, cwd=folder, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            )
        )  # fmt: skip
        return running[-1]

    try:
        scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", *common)
        while not told.exists():
            time.sleep(0.05)
        workers = [
            start("worker", "--nthreads", "1", "--no-nanny", *common, "--local-directory",
                  str(folder / f"worker{i}"))
            for i in range(count)
        ]  # fmt: skip
        time.sleep(0.2)
        yield str(json.loads(told.read_text(encoding="utf-8"))["address"]), scheduler, workers
    finally:
        for process in running:
            process.kill()
            process.wait()


def differences(one: Path, other: Path) -> list[str]:
    """In what two indexes of the same files differ; nothing where they are the same."""
    a, b = open_current(one), open_current(other)
    found = [
        f"{name} differs"
        for name in (STORE, VECTORS)
        if a.manifest.files[name] != b.manifest.files[name]
    ]
    if _contents(a.postings) != _contents(b.postings):
        found.append(f"{POSTINGS} differ")
    for field in ("format", "generation", "encoder", "tokenizer", "settings", "documents",
                  "passages"):  # fmt: skip
        if getattr(a.manifest, field) != getattr(b.manifest, field):
            found.append(f"{field} differs")
    return found


def _contents(postings: Path) -> list[tuple[str, str]]:
    """The kind of each file of postings and its digest, whatever it is named."""
    return sorted(
        (path.suffix, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in postings.iterdir()
        if path.name not in _NAMES and not path.name.endswith(".lock")
    )


if __name__ == "__main__":
    main()

"""How long a search takes over HTTP on an index that is there, and what it costs the server.

    python -m benchmarks.latency --index DIR [--questions 300] [--rounds 3] [--clients 1]

Half of the queries are headings of the index's own passages without their numbers, half are
beginnings of their sentences, spread evenly. The first round asks each for the first time, the
later ones ask again. The server's time is what its process used of the processors, which other
work on the machine disturbs less than the clock.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import quote, urlsplit

from benchmarks.first_use import serving
from benchmarks.machine import machine_size, percentile
from kb.indexing.generation import open_current
from kb.indexing.store import Store

_NUMBER = re.compile(r"^第[^（　 ]{1,12}[条章節款編目](?:の[一二三四五六七八九十]+)*[（　 ]?")
_LONGEST = 40  # characters of a sentence's beginning


@dataclass(frozen=True, slots=True)
class Round:
    """The times of the searches of one round in seconds, and the server's for one search."""

    seconds: list[float]
    server: float

    def __str__(self) -> str:
        p50, p95, p99 = (1e3 * percentile(self.seconds, share) for share in (0.5, 0.95, 0.99))
        return (
            f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms, "
            f"server {1e3 * self.server:.2f} ms ({len(self.seconds)} searches)"
        )


def main() -> None:
    """Print the size of the index and the percentiles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=1)
    options = parser.parse_args()
    generation = open_current(options.index)
    questions = queries(generation.store, options.questions)
    print(f"machine   {machine_size()}")
    print(f"passages  {generation.manifest.passages:,}")
    with serving(options.index) as (url, process):
        for number in range(options.rounds):
            print(f"round {number + 1}   {measured(url, process, questions, options.clients)}")
        print(f"memory    {_resident(process.pid) / 2**20:.0f} MiB resident")


def measured(
    url: str, process: subprocess.Popen[bytes], questions: Sequence[str], clients: int = 1
) -> Round:
    """Ask each question once, by as many clients at a time, each on one connection."""
    before = _used(process.pid)
    with ThreadPoolExecutor(clients) as pool:
        parts = [questions[i::clients] for i in range(clients)]
        seconds = [s for part in pool.map(lambda part: _asked(url, part), parts) for s in part]
    return Round(seconds, (_used(process.pid) - before) / len(questions))


def queries(path: Path, count: int) -> list[str]:
    """Headings and beginnings of sentences of passages that are spread evenly over a store."""
    store = Store(path)
    total = store.counts()[1]
    found = store.passages([1 + i * total // (4 * count) for i in range(4 * count)])
    store.close()
    headings = (_NUMBER.sub("", p.heading_path[-1]).strip("（）") for p, _ in found.values()
                if p.heading_path)  # fmt: skip
    sentences = (text[:_LONGEST].split("。")[0] for _, text in reversed(found.values()))
    return [
        *islice(dict.fromkeys(h for h in headings if len(h) > 3), count // 2),
        *islice(dict.fromkeys(s for s in sentences if len(s) > 12), count // 2),
    ]


def _asked(url: str, questions: Sequence[str]) -> list[float]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    return [_search(connection, question) for question in questions]


def _search(connection: http.client.HTTPConnection, question: str) -> float:
    began = time.perf_counter()
    connection.request("GET", f"/api/v1/search?q={quote(question)}")
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        raise SystemExit(f"search answered {response.status} to {question!r}")
    return time.perf_counter() - began


def _resident(pid: int) -> int:
    """The bytes of a process that are in memory."""
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _used(pid: int) -> float:
    """The seconds that a process has used of the processors, its own and the system's."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()

"""How long a search takes over HTTP on an index that is there: one client, one at a time.

    python -m benchmarks.latency --index DIR [--questions 300]

Asks for headings of the index's own passages, spread evenly, each once to warm up and once
to be measured.
"""

from __future__ import annotations

import argparse
import http.client
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

from benchmarks.first_use import serving
from benchmarks.machine import machine_size, percentile
from kb.indexing.generation import open_current
from kb.indexing.store import Store


def main() -> None:
    """Print the size of the index and the percentiles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=300)
    options = parser.parse_args()
    generation = open_current(options.index)
    questions = _headings(generation.store, options.questions)
    print(f"machine   {machine_size()}")
    print(f"passages  {generation.manifest.passages:,}")
    with serving(options.index) as (url, _):
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        for name in ("first", "again"):
            seconds = [_search(connection, question) for question in questions]
            p50, p95, p99 = (1e3 * percentile(seconds, share) for share in (0.5, 0.95, 0.99))
            print(f"{name:9} p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms "
                  f"({len(seconds)} searches)")  # fmt: skip


def _headings(path: Path, count: int) -> list[str]:
    store = Store(path)
    total = store.counts()[1]
    rows = [1 + i * total // count for i in range(count)]
    found = [
        passage.heading_path[-1]
        for passage, _ in store.passages(rows).values()
        if passage.heading_path
    ]
    store.close()
    return found


def _search(connection: http.client.HTTPConnection, question: str) -> float:
    began = time.perf_counter()
    connection.request("GET", f"/api/v1/search?q={quote(question)}")
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        raise SystemExit(f"search answered {response.status} to {question!r}")
    return time.perf_counter() - began


if __name__ == "__main__":
    main()

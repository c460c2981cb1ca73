"""How search grows with the collection: this one, txtai, and plain FAISS + SQLite FTS5.

    python -m benchmarks.growth DIR [--sizes 1000 10000 100000 1000000] [--peers-to 1000000]
        [--plot docs/growth.svg]

The reports are laws in Markdown, each article under its heading and cut at 160 characters, so that
nearly each is one passage; from the 196,661st on they are copies with other numbers
(`benchmarks.laws`). They are indexed by `kb ingest`, and the peers (`benchmarks.growth_peers`) take
the passages of that index; what is built is kept in DIR, and a build that was cut off goes on.
`--only-build` asks nothing. In one process each system answers the same queries up to three
times; its time for a query is the quickest, by the clock and of the processor, which other work on
the machine disturbs less. A system that has taken 60 s is not asked more, which is said. Then a
server answers others over HTTP, to 1, 8 and 32 `--clients` at a time. `recall` is the share of the
ten nearest vectors of an exact search that are among the first ten of the dense leg.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.first_use import resident, serving
from benchmarks.growth_peers import Ranker, built_peer, peer_names, peer_ranker
from benchmarks.growth_plot import plotted
from benchmarks.ingest_run import ingested, size_of
from benchmarks.latency import measured, queries
from benchmarks.laws import write_cropped
from benchmarks.machine import machine_size, percentile
from kb.encoding.loading import load_encoder
from kb.indexing.dense import DenseIndex
from kb.indexing.generation import Generation, open_current
from kb.indexing.lexical import LexicalIndex
from kb.indexing.store import Store
from kb.language.glossary.matching import load_glossary
from kb.search import Searcher

QUERIES = 100
ROUNDS = 3
CLIENTS = (1, 8, 32)
_LONGEST = 160  # characters of an article
_PATIENCE = 60.0  # seconds after which a system is not asked more


def main() -> None:
    """Build, measure and print one line a system and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--peers-to", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, nargs="*", default=CLIENTS)
    parser.add_argument("--plot", type=Path, help="the medians by the clock, as SVG")
    parser.add_argument("--only-build", action="store_true")
    options = parser.parse_args()
    print(f"machine  {machine_size()}")
    curves: dict[str, list[tuple[int, float]]] = {}
    for size in options.sizes:
        folder = options.directory / str(size)
        built = built_at(folder, size)
        generation = open_current(folder / "index", verify=False)
        print(f"\n{generation.manifest.passages:,} passages")
        print(f"{'kido':22} {built}", flush=True)
        peers = peer_names() if size <= options.peers_to else {}
        for name, title in peers.items():
            print(f"{title:22} {built_peer(folder, name)}", flush=True)
        if options.only_build:
            continue
        asked = queries(generation.store, QUERIES)
        print(f"recall of ten {recall(generation, asked):.3f}", flush=True)
        for title, rank in rankers(folder, generation, peers):
            clock, used, answers = timed(rank, asked)
            asking = f"({len(clock)} queries, {answers} answers)"
            print(f"{title:22} {_percentiles(clock)} ms p50, p95, p99; "
                  f"processor {_percentiles(used)} ms {asking}", flush=True)  # fmt: skip
            curves.setdefault(title, []).append((size, 1e3 * percentile(clock, 0.5)))
        over_http(folder / "index", generation, options.clients)
        if options.plot is not None:  # after each size: a run that is cut off leaves what it saw
            options.plot.write_text(plotted(curves), encoding="utf-8")


def built_at(folder: Path, size: int) -> str:
    """Index as many articles unless they are; how long it took."""
    note = folder / "built.txt"
    if not note.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_cropped(folder / "laws", size, _LONGEST)
        took, peak, _ = ingested(folder / "laws", folder / "index")
        note.write_text(
            f"built in {took:.0f} s with {peak / 2**20:,.0f} MiB of memory, "
            f"{size_of(folder / 'index') / 2**20:,.0f} MiB"
        )
    return note.read_text()


def over_http(index: Path, generation: Generation, counts: Sequence[int]) -> None:
    """Times of searches through a server, by several clients."""
    for clients in counts:
        with serving(index) as (url, process):  # anew, so that nothing is remembered
            asked = queries(generation.store, 4 * QUERIES)
            measured(url, process, asked[: QUERIES // 2], clients)  # the first touch of the files
            found = measured(url, process, asked[QUERIES // 2 :], clients)
            memory = resident(process.pid) / 2**20
            print(f"HTTP, {clients:2} clients       {found}, {memory:,.0f} MiB", flush=True)


def rankers(
    folder: Path, generation: Generation, peers: dict[str, str]
) -> Iterator[tuple[str, Ranker]]:
    """The systems over the same passages, one after the other, each giving the ids of ten hits."""
    search = Searcher(
        generation.name, Store(generation.store), LexicalIndex(generation.postings),
        DenseIndex(generation.vectors), load_encoder(), load_glossary(),
    )  # fmt: skip

    def kido(query: str) -> list[str]:
        return [hit.passage.id for hit in search.search(query).hits]

    yield "kido", kido
    for name, title in peers.items():
        yield title, peer_ranker(folder, name, Store(generation.store))


def timed(rank: Ranker, asked: Sequence[str]) -> tuple[list[float], list[float], int]:
    """The quickest of a few answers to each query in seconds, by the clock and of the processor,
    and how many answers there were in all.

    Queries of all kinds come in turns, so that those for which there was time are a fair part.
    """
    half = len(asked) // 2
    mixed = [asked[i // 2 + (i % 2) * half] for i in range(2 * half)]
    clock: dict[str, float] = {}
    used: dict[str, float] = {}
    answers, started = 0, time.perf_counter()
    for query in mixed * ROUNDS:
        began, before = time.perf_counter(), time.process_time()
        if answers and began - started > _PATIENCE:
            break
        rank(query)
        took, cost = time.perf_counter() - began, time.process_time() - before
        clock[query] = min(clock.get(query, took), took)
        used[query] = min(used.get(query, cost), cost)
        answers += 1
    return list(clock.values()), list(used.values()), answers


def _percentiles(seconds: list[float]) -> str:
    return ", ".join(f"{1e3 * percentile(seconds, share):.2f}" for share in (0.5, 0.95, 0.99))


def recall(generation: Generation, asked: Sequence[str]) -> float:
    """The share of the ten nearest vectors that the dense leg finds."""
    vectors = load_encoder().encode_queries(asked)
    exact = DenseIndex(generation.vectors, signs_from=2**62)
    fast = DenseIndex(generation.vectors)
    shares = [
        len({row for row, _ in exact.search(v, limit=10)} & _rows(fast.search(v, limit=200)[:10]))
        for v in vectors
        if v.any()
    ]
    return sum(shares) / (10 * len(shares))


def _rows(found: Sequence[tuple[int, float]]) -> set[int]:
    return {row for row, _ in found}


if __name__ == "__main__":
    main()

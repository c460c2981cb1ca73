"""How search grows with the collection: this one, txtai, and plain FAISS + SQLite FTS5.

    python -m benchmarks.growth DIR [--sizes 1000 10000 100000 1000000] [--peers-to 100000]
        [--plot docs/growth.svg]

The reports are laws in Markdown, each article under its heading and cut at 160 characters, so that
nearly each is one passage; from the 196,661st on they are copies with other numbers
(`benchmarks.laws`). They are indexed by `kb ingest`; what is built is kept in DIR, and a build that
was cut off goes on. In one process each system answers the same queries three times; its time for a
query is the quickest of the three. Then a server answers others over HTTP, to 1, 8 and 32 clients
at a time. `recall` is the share of the ten nearest vectors of an exact search that are among the
first ten of the dense leg. Peers are measured up to a size: they hold all in memory.
"""

from __future__ import annotations

import argparse
import sqlite3
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.first_use import resident, serving
from benchmarks.growth_plot import plotted
from benchmarks.ingest_run import ingested, size_of
from benchmarks.latency import measured, queries
from benchmarks.laws import write_cropped
from benchmarks.machine import machine_size, percentile
from benchmarks.passages import Given
from benchmarks.quality_peers import txtai_ranker
from kb.encoding.loading import load_encoder
from kb.indexing.dense import DenseIndex
from kb.indexing.generation import Generation, open_current
from kb.indexing.lexical import LexicalIndex
from kb.indexing.store import Store
from kb.language.glossary.matching import load_glossary
from kb.language.tokens import analyse
from kb.search import Searcher

QUERIES = 100
ROUNDS = 3
CLIENTS = (1, 8, 32)
_LONGEST = 160  # characters of an article
_DEPTH = 100  # hits of each leg that plain FAISS + FTS5 fuses

Ranker = Callable[[str], Sequence[str]]


def main() -> None:
    """Build, measure and print one line a system and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--peers-to", type=int, default=100_000)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--only-build", action="store_true")
    options = parser.parse_args()
    print(f"machine  {machine_size()}")
    curves: dict[str, list[tuple[int, float]]] = {}
    for size in options.sizes:
        folder = options.directory / str(size)
        built = built_at(folder, size)
        generation = open_current(folder / "index", verify=False)
        print(f"\n{generation.manifest.passages:,} passages, {built}", flush=True)
        if options.only_build:
            continue
        asked = queries(generation.store, QUERIES)
        print(f"recall of ten {recall(generation, asked):.3f}")
        for name, rank in rankers(folder, generation, peers=size <= options.peers_to).items():
            seconds = timed(rank, asked)
            p50, p95, p99 = (1e3 * percentile(seconds, share) for share in (0.5, 0.95, 0.99))
            print(f"{name:22} p50 {p50:7.2f} ms, p95 {p95:7.2f} ms, p99 {p99:7.2f} ms", flush=True)
            curves.setdefault(name, []).append((size, p50))
        over_http(folder / "index", generation)
    if options.plot is not None and curves:
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


def over_http(index: Path, generation: Generation) -> None:
    """Times of searches through a server, by several clients."""
    for clients in CLIENTS:
        with serving(index) as (url, process):  # anew, so that nothing is remembered
            asked = queries(generation.store, 4 * QUERIES)
            measured(url, process, asked[: QUERIES // 2], clients)  # the first touch of the files
            found = measured(url, process, asked[QUERIES // 2 :], clients)
            memory = resident(process.pid) / 2**20
            print(f"HTTP, {clients:2} clients       {found}, {memory:,.0f} MiB", flush=True)


def rankers(folder: Path, generation: Generation, *, peers: bool) -> dict[str, Ranker]:
    """The systems over the same passages, each giving the ids of ten hits."""
    store = Store(generation.store)
    search = Searcher(
        generation.name, store, LexicalIndex(generation.postings),
        DenseIndex(generation.vectors), load_encoder(), load_glossary(),
    )  # fmt: skip

    def kido(query: str) -> list[str]:
        return [hit.passage.id for hit in search.search(query).hits]

    found: dict[str, Ranker] = {"kido": kido}
    if peers:
        found["FAISS + SQLite FTS5"] = plain_ranker(folder, store)
        if find_spec("txtai"):
            found["txtai hybrid"] = txtai_ranker(given_passages(store))
    return found


def given_passages(store: Store) -> list[Given]:
    """The passages of a store with their headings, for other systems."""
    rows = range(1, store.last_passage_row() + 1)
    return [
        Given(passage.id, "\n".join(passage.heading_path), text)
        for passage, text in store.passages(rows).values()
    ]


def timed(rank: Ranker, asked: Sequence[str]) -> list[float]:
    """The quickest of a few answers to each query, in seconds."""
    quickest = [float("inf")] * len(asked)
    for _ in range(ROUNDS):
        for i, query in enumerate(asked):
            began = time.perf_counter()
            rank(query)
            quickest[i] = min(quickest[i], time.perf_counter() - began)
    return quickest


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


def plain_ranker(folder: Path, store: Store) -> Ranker:
    """Words in SQLite's FTS5 and vectors in a flat FAISS index, fused by reciprocal rank."""
    import faiss

    encoder = load_encoder()
    path = folder / "fts5.sqlite"
    if not path.exists():
        db = sqlite3.connect(path)
        db.execute("CREATE VIRTUAL TABLE passages USING fts5(words)")
        rows = ((row, words) for row, _, words, *_ in store.postings())
        db.executemany("INSERT INTO passages (rowid, words) VALUES (?, ?)", rows)
        db.commit()
        db.close()
    db = sqlite3.connect(path)
    numbers, vectors = store.vectors(encoder.dimensions)
    index: Any = faiss.IndexFlatIP(encoder.dimensions)
    index.add(vectors)
    place = {int(row): at for at, row in enumerate(numbers)}

    def rank(query: str) -> list[str]:
        words = dict.fromkeys(token.form for token in analyse(query).words if token.content)
        match = " OR ".join('"' + word.replace('"', '""') + '"' for word in words)
        sql = "SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT ?"
        lexical = [place[row] for (row,) in db.execute(sql, (match, _DEPTH))] if match else []
        vector: NDArray[np.float32] = encoder.encode_queries([query])
        _, dense = index.search(vector, _DEPTH)
        scores: dict[int, float] = {}
        for leg in (lexical, dense[0].tolist()):
            for at, hit in enumerate(leg):
                scores[hit] = scores.get(hit, 0.0) + 1.0 / (60 + at)
        best = sorted(scores, key=lambda at: -scores[at])[:10]
        found = store.passages([int(numbers[at]) for at in best])
        return [found[int(numbers[at])][0].id for at in best]

    return rank


if __name__ == "__main__":
    main()

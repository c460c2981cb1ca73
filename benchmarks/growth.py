"""How search grows with the collection: this one, txtai, and plain FAISS + SQLite FTS5.

    python -m benchmarks.growth DIR [--sizes 1000 10000 100000] [--plot docs/growth.svg]

Passages are articles of law, cut at 400 characters under their title and headings; from the
196,660th on they are copies with other numbers (`benchmarks.laws`). What is built is kept in DIR.
Each system answers the same queries in one process, one after the other, three times; its time
for a query is the quickest of the three. `recall` is the share of the ten nearest vectors of an
exact search that are among the first ten of the dense leg.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.growth_plot import plotted
from benchmarks.laws import LAWS, moved
from benchmarks.machine import machine_size, percentile
from benchmarks.passages import Given, build, searcher
from benchmarks.quality_peers import txtai_ranker
from kb.encoding.loading import load_encoder
from kb.indexing.dense import DenseIndex
from kb.indexing.store import Store
from kb.language.glossary.matching import load_glossary
from kb.language.tokens import analyse

QUERIES = 100
ROUNDS = 3
_LONGEST = 400  # characters of a passage
_DEPTH = 100  # hits of each leg that plain FAISS + FTS5 fuses
_DIVISION = re.compile(r"第.{1,9}[編章節款目]")

Ranker = Callable[[str], Sequence[str]]


def main() -> None:
    """Build, measure and print one line a system and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    print(f"machine  {machine_size()}")
    curves: dict[str, list[tuple[int, float]]] = {}
    for size in options.sizes:
        folder = options.directory / str(size)
        passages = list(law_passages(size))
        built = _built(folder, passages)
        asked = queries(size)
        print(f"\n{size:,} passages, built in {built}, recall {recall(folder, asked):.3f}")
        for name, rank in rankers(folder, passages).items():
            seconds = timed(rank, asked)
            p50, p95, p99 = (1e3 * percentile(seconds, share) for share in (0.5, 0.95, 0.99))
            print(f"{name:22} p50 {p50:7.2f} ms, p95 {p95:7.2f} ms, p99 {p99:7.2f} ms", flush=True)
            curves.setdefault(name, []).append((size, p50))
    if options.plot is not None:
        options.plot.write_text(plotted(curves), encoding="utf-8")


def law_passages(count: int) -> Iterator[Given]:
    """Articles of law as passages, and copies of them with other numbers."""
    taken = 0
    for copy in itertools.count():
        with gzip.open(LAWS, "rt", encoding="utf-8") as stream:
            for row in map(json.loads, stream):
                if taken == count:
                    return
                above = "\n".join([row["title"], *row["headings"], row["article"]])
                text = moved(row["text"][:_LONGEST], copy)
                yield Given(f"{taken:07d}", moved(above, copy), text)
                taken += 1


def queries(count: int) -> list[str]:
    """Captions of articles and beginnings of their sentences, spread over the collection."""
    captions: list[str] = []
    sentences: list[str] = []
    with gzip.open(LAWS, "rt", encoding="utf-8") as stream:
        rows = itertools.islice(map(json.loads, stream), count)
        for row in itertools.islice(rows, 0, None, max(1, count // (QUERIES * 4))):
            caption = row["headings"][-1] if row["headings"] else ""
            if len(caption) > 3 and not _DIVISION.match(caption):
                captions.append(caption)
            sentences.append(row["text"][:40].split("。")[0])
    half = QUERIES // 2
    return [*itertools.islice(dict.fromkeys(captions), half), *sentences[-half:]]


def rankers(folder: Path, passages: Sequence[Given]) -> dict[str, Ranker]:
    """The systems over the same passages, each giving the ids of ten hits."""
    search = searcher(folder, load_encoder(), load_glossary())

    def kido(query: str) -> list[str]:
        return [hit.passage.document_id for hit in search.search(query).hits]

    found: dict[str, Ranker] = {"kido": kido, "FAISS + SQLite FTS5": _plain(folder)}
    if find_spec("txtai"):
        found["txtai hybrid"] = txtai_ranker(passages)
    return found


def timed(rank: Ranker, asked: Sequence[str]) -> list[float]:
    """The quickest of a few answers to each query, in seconds."""
    quickest = [float("inf")] * len(asked)
    for _ in range(ROUNDS):
        for i, query in enumerate(asked):
            began = time.perf_counter()
            rank(query)
            quickest[i] = min(quickest[i], time.perf_counter() - began)
    return quickest


def recall(folder: Path, asked: Sequence[str]) -> float:
    """The share of the ten nearest vectors that the dense leg finds."""
    vectors = load_encoder().encode_queries(asked)
    exact = DenseIndex(folder / "vectors", signs_from=2**62)
    fast = DenseIndex(folder / "vectors")
    shares = [
        len({row for row, _ in exact.search(v, limit=10)} & _rows(fast.search(v, limit=200)[:10]))
        for v in vectors
        if v.any()
    ]
    return sum(shares) / (10 * len(shares))


def _rows(found: Sequence[tuple[int, float]]) -> set[int]:
    return {row for row, _ in found}


def _built(folder: Path, passages: Sequence[Given]) -> str:
    """Build the index of a size unless it is there; how long it took."""
    note = folder / "built.txt"
    if not note.exists():
        folder.mkdir(parents=True)
        began, used = time.perf_counter(), time.process_time()
        build(folder, passages, load_encoder(), load_glossary())
        took, used = time.perf_counter() - began, time.process_time() - used
        size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 2**20
        note.write_text(f"{took:.0f} s ({used:.0f} s of one core), {size:,.0f} MiB")
    return note.read_text()


def _plain(folder: Path) -> Ranker:
    """Words in SQLite's FTS5 and vectors in a flat FAISS index, fused by reciprocal rank."""
    import faiss

    encoder = load_encoder()
    path = folder / "fts5.sqlite"
    store = Store(folder / "store")
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
    ids = [document_id for _, document_id in store.first_rows()]
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
        return [ids[at] for at in sorted(scores, key=lambda at: -scores[at])[:10]]

    return rank


if __name__ == "__main__":
    main()

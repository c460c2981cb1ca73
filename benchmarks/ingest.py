"""Ingestion beside its parts alone: Sudachi, tantivy, FAISS; its memory; adding one, removing many.

    python -m benchmarks.ingest [--articles 196660] [--index DIR] [--peers]

The reports are plain text, ten articles of one law a file (`benchmarks.laws.write_parts`), so
that they have the size of short reports. Sudachi alone tokenizes the same text in long units, 400
characters at a time, in one process for each core: once without looking at the words, and once
reading each word's form, which is the least that an index needs. Memory is the sum of all
processes of the run, shared pages counted once (PSS), looked at twice a second. Peers with
--peers: txtai, and words in SQLite's FTS5 with vectors in a flat FAISS index, over the passages
of the finished index.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from benchmarks.growth_peers import given_passages, plain_ranker
from benchmarks.ingest_change import changes
from benchmarks.ingest_run import ingested, size_of
from benchmarks.laws import write_parts
from benchmarks.machine import machine_size
from benchmarks.quality_peers import txtai_ranker
from kb.indexing.dense import write_vector_blocks
from kb.indexing.generation import open_current
from kb.indexing.lexical import write_postings
from kb.indexing.store import Store

_PIECE = 400  # characters that Sudachi is given at once
_SAMPLE = 4_000_000  # characters that Sudachi alone is timed on
_REMOVED = 10_000


def main() -> None:
    """Measure and print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=196_660)
    parser.add_argument("--index", type=Path, help="keep the index and the reports here")
    parser.add_argument("--peers", action="store_true")
    options = parser.parse_args()
    print(f"machine               {machine_size()}")
    with tempfile.TemporaryDirectory() as folder:
        home = options.index or Path(folder)
        corpus, index = home / "laws", home / "index"
        shutil.rmtree(corpus, ignore_errors=True)
        shutil.rmtree(index, ignore_errors=True)
        files, characters = write_parts(corpus, options.articles)
        print(f"reports               {files:,} files, {characters:,} characters")
        raw = [sudachi_rate(corpus, reading=reading) for reading in (False, True)]
        took, peak, report = ingested(corpus, index)
        rate = characters / took
        print(f"ingest                {took:.1f} s, {rate / 1e6:.3f} M characters/s, "
              f"{report['passages']:,} passages, {size_of(index) / 2**20:,.0f} MiB")  # fmt: skip
        for name, alone in zip(("tokens only", "forms read"), raw, strict=True):
            print(f"{'Sudachi, ' + name:22}{alone / 1e6:.3f} M characters/s on all cores; "
                  f"ingest has {rate / alone:.1%} of it")  # fmt: skip
        print(f"peak memory           {peak / 2**20:,.0f} MiB")
        parts(index, Path(folder))
        changes(corpus, index, min(_REMOVED, files // 2))
        if options.peers:
            peers(index, Path(folder))


def sudachi_rate(corpus: Path, *, reading: bool) -> float:
    """Characters a second that Sudachi tokenizes on all cores."""
    cores = len(os.sched_getaffinity(0))
    pieces: list[str] = []
    for path in sorted(corpus.iterdir()):
        text = path.read_text(encoding="utf-8")
        pieces += [text[i : i + _PIECE] for i in range(0, len(text), _PIECE)]
        if len(pieces) * _PIECE >= _SAMPLE:
            break
    shares = [pieces[i::cores] for i in range(cores)]
    with ProcessPoolExecutor(cores, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(tokenized, [["始めに"]] * cores, [True] * cores))  # the dictionary is loaded
        began = time.perf_counter()
        list(pool.map(tokenized, shares, [reading] * cores))
        return sum(map(len, pieces)) / (time.perf_counter() - began)


def tokenized(pieces: list[str], reading: bool) -> int:
    """Tokenize some texts, and read the forms of the words where that is asked for."""
    from kb.language.tokens import sudachi_alone

    tokenizer = sudachi_alone()
    words = 0
    for piece in pieces:
        found = tokenizer.tokenize(piece)
        words += len(found)
        if reading:
            for morpheme in found:
                morpheme.surface()
                morpheme.normalized_form()
    return words


def parts(index: Path, folder: Path) -> None:
    """Tantivy and FAISS alone, over the rows of a finished index."""
    generation = open_current(index, verify=False)
    store = Store(generation.store)
    count = generation.manifest.passages
    began = time.perf_counter()
    write_postings(folder / "postings", store.postings())
    took = time.perf_counter() - began
    print(f"tantivy alone         {took:.1f} s, {count / took:,.0f} passages/s")
    began = time.perf_counter()
    write_vector_blocks(
        folder / "vectors", store.vector_blocks(generation.manifest.dimensions),
        generation.manifest.dimensions,
    )  # fmt: skip
    took = time.perf_counter() - began
    print(f"FAISS alone           {took:.1f} s, {count / took:,.0f} vectors/s")
    store.close()


def peers(index: Path, folder: Path) -> None:
    """How long others take to index the same passages, in one process each."""
    store = Store(open_current(index, verify=False).store)
    passages = list(given_passages(store))
    builds: dict[str, Callable[[], object]] = {
        "FAISS + FTS5": partial(plain_ranker, folder / "plain", store),
        "txtai hybrid": partial(txtai_ranker, passages),
    }
    for name, build in builds.items():
        began = time.perf_counter()
        build()
        print(f"{name:22}{time.perf_counter() - began:.1f} s, {len(passages):,} passages")


if __name__ == "__main__":
    main()

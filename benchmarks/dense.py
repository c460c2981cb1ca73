"""The dense leg alone over many vectors: processor time of a search, recall, memory.

    python -m benchmarks.dense [--sizes 100000 300000 1000000]

The vectors are those of crops of 150 characters of the articles of law (`benchmarks.laws`), under
their title: first of the beginning of each, then from further on; the articles without so much
text begin again with other numbers. Queries are the captions of articles. Time is that of the
thread that searches, which other work on the machine hardly changes.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.laws import LAWS, moved
from benchmarks.machine import machine_size, percentile
from kb.encoding.encoder import Encoder
from kb.encoding.loading import load_encoder
from kb.indexing.dense import DenseIndex, write_vector_blocks

_CROP = 150  # characters
_BLOCK = 16_384
_QUERIES = 100


def main() -> None:
    """Print one line a size and kind of search."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 300_000, 1_000_000])
    options = parser.parse_args()
    print(f"machine  {machine_size()}")
    encoder = load_encoder()
    asked = encoder.encode_queries(captions())
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            path = Path(folder) / "vectors"
            began = time.thread_time()
            write_vector_blocks(path, blocks(encoder, size), encoder.dimensions)
            took = time.thread_time() - began
            mebibytes = path.stat().st_size / 2**20
            print(f"\n{size:,} vectors, {mebibytes:,.0f} MiB, encoded and written in {took:.0f} s")
            exact = DenseIndex(path, signs_from=2**62)
            best = searched("all codes", exact, asked, 10)
            found = searched("signs first", DenseIndex(path, signs_from=0), asked, 10)
            common = sum(len(set(a) & set(b)) for a, b in zip(best, found, strict=True))
            print(f"recall of ten {common / sum(map(len, best)):.3f}", flush=True)


def searched(
    name: str, index: DenseIndex, asked: NDArray[np.float32], limit: int
) -> list[list[int]]:
    """The rows found for each query; prints the times."""
    seconds, found = [], []
    for query in asked:
        began = time.thread_time()
        hits = index.search(query, limit=limit)
        seconds.append(time.thread_time() - began)
        found.append([row for row, _ in hits])
    p50, p95 = (1e3 * percentile(seconds, share) for share in (0.5, 0.95))
    print(f"{name:12} p50 {p50:.2f} ms, p95 {p95:.2f} ms of a core", flush=True)
    return found


def blocks(encoder: Encoder, count: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Rows and vectors of `count` crops."""
    texts = itertools.islice(crops(), count)
    row = 0
    while block := list(itertools.islice(texts, _BLOCK)):
        vectors = encoder.encode_passages(block)
        yield np.arange(row, row + len(block), dtype=np.int64), vectors
        row += len(block)


def crops() -> Iterator[str]:
    """Crops of articles under their titles, without end."""
    for part in itertools.count():
        with gzip.open(LAWS, "rt", encoding="utf-8") as stream:
            for row in map(json.loads, stream):
                text = row["text"][part * _CROP : (part + 1) * _CROP]
                if text:
                    yield f"{row['title']}\n{text}"
                else:
                    yield f"{row['title']}\n{moved(row['text'][:_CROP], part)}"


def captions() -> Sequence[str]:
    """Captions of articles that are spread over the laws."""
    with gzip.open(LAWS, "rt", encoding="utf-8") as stream:
        rows = itertools.islice(map(json.loads, stream), 0, None, 400)
        found = dict.fromkeys(row["headings"][-1] for row in rows if row["headings"])
    return [caption for caption in found if len(caption) > 3][:_QUERIES]


if __name__ == "__main__":
    main()

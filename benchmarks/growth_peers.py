"""Two other ways to search the passages of an index: plain FAISS + SQLite FTS5, and txtai hybrid.

    python -m benchmarks.growth_peers FOLDER NAME     # builds what FOLDER/NAME lacks

Each keeps what it built in a folder of its own and is loaded from there to be asked.
"""

from __future__ import annotations

import argparse
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.ingest_run import ROOT, peak_of, size_of
from benchmarks.passages import Given
from benchmarks.quality_peers import txtai_ranker
from kb.encoding.loading import load_encoder
from kb.indexing.generation import open_current
from kb.indexing.store import Store
from kb.language.tokens import analyse

_DEPTH = 100  # hits of each leg that plain FAISS + FTS5 fuses
_BLOCK = 10_000  # passages that are read at once

Ranker = Callable[[str], Sequence[str]]


def main() -> None:
    """Build one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds `index`")
    parser.add_argument("name", choices=_BUILDERS)
    options = parser.parse_args()
    store = Store(open_current(options.folder / "index", verify=False).store)
    _BUILDERS[options.name](options.folder / options.name, store)


def peer_names() -> dict[str, str]:
    """The peers that are installed: the names of their folders, and what they are called."""
    return {
        "plain": "FAISS + SQLite FTS5",
        **({"txtai": "txtai hybrid"} if find_spec("txtai") else {}),
    }


def built_peer(folder: Path, name: str) -> str:
    """Build a peer in a process of its own unless it is there; how long it took."""
    note = folder / f"built-{name}.txt"
    if not note.exists():
        command = [sys.executable, "-m", "benchmarks.growth_peers", str(folder), name]
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT)
        with peak_of(process.pid) as peak:
            process.wait()
        if process.returncode:
            raise SystemExit(process.returncode)
        note.write_text(
            f"built in {time.perf_counter() - began:.0f} s with {peak[0] / 2**20:,.0f} MiB of "
            f"memory, {size_of(folder / name) / 2**20:,.0f} MiB"
        )
    return note.read_text()


def given_passages(store: Store) -> Iterator[Given]:
    """The passages of a store with their headings, for other systems."""
    last = store.last_passage_row()
    for first in range(1, last + 1, _BLOCK):
        for passage, text in store.passages(range(first, min(first + _BLOCK, last + 1))).values():
            yield Given(passage.id, "\n".join(passage.heading_path), text)


def txtai_peer(folder: Path, store: Store) -> Ranker:
    """Txtai's hybrid search over the passages of a store."""
    return txtai_ranker(given_passages(store), folder)


def plain_ranker(folder: Path, store: Store) -> Ranker:
    """Words in SQLite's FTS5 and vectors in a flat FAISS index, fused by reciprocal rank."""
    import faiss

    encoder = load_encoder()
    words_at, vectors_at, rows_at = (folder / name for name in ("words", "vectors", "rows.npy"))
    if not rows_at.exists():
        folder.mkdir(parents=True, exist_ok=True)
        words_at.unlink(missing_ok=True)
        db = sqlite3.connect(words_at)
        db.execute("CREATE VIRTUAL TABLE passages USING fts5(words)")
        rows = ((row, words) for row, _, words, *_ in store.postings())
        db.executemany("INSERT INTO passages (rowid, words) VALUES (?, ?)", rows)
        db.commit()
        db.close()
        flat: Any = faiss.IndexFlatIP(encoder.dimensions)
        found: list[NDArray[np.int64]] = []
        for numbers, vectors in store.vector_blocks(encoder.dimensions):
            flat.add(vectors)
            found.append(numbers)
        faiss.write_index(flat, str(vectors_at))
        np.save(rows_at, np.concatenate(found))
    db = sqlite3.connect(words_at)
    index: Any = faiss.read_index(str(vectors_at))
    numbers = np.load(rows_at)
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
        hits = store.passages([int(numbers[at]) for at in best])
        return [hits[int(numbers[at])][0].id for at in best]

    return rank


_BUILDERS: dict[str, Callable[[Path, Store], Ranker]] = {
    "plain": plain_ranker,
    "txtai": txtai_peer,
}


def peer_ranker(folder: Path, name: str, store: Store) -> Ranker:
    """A peer that was built, ready to be asked."""
    return _BUILDERS[name](folder / name, store)


if __name__ == "__main__":
    main()

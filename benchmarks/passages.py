"""An index of passages that are ready-made, searched as any other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kb.domain import Block, BlockKind, Document, Passage, Section
from kb.encoding.encoder import Encoder
from kb.indexing.dense import DenseIndex, write_vectors
from kb.indexing.finished import Finished
from kb.indexing.lexical import LexicalIndex, write_postings
from kb.indexing.rows import PassageRow
from kb.indexing.store import Store
from kb.ingest.prepare import tokens_of
from kb.language.glossary.matching import Glossary
from kb.ranking.weights import Weights
from kb.search import Searcher

_BATCH = 1024


@dataclass(frozen=True, slots=True)
class Given:
    """A passage with its own id and what stands above it (title and headings, may be empty)."""

    id: str
    context: str
    text: str


def build(folder: Path, passages: Iterable[Given], encoder: Encoder, glossary: Glossary) -> None:
    """Write rows, postings and vectors of passages, each a document of its own."""
    store = Store.create(folder / "store")
    store.begin()
    batch: list[tuple[Document, PassageRow, str]] = []

    def flush() -> None:
        vectors = encoder.encode_passages([text for _, _, text in batch]).astype("<f2")
        for (document, row, _), vector in zip(batch, vectors, strict=True):
            finished = Finished.of(
                document, [row], issued=None, publisher=None, vectors=vector.tobytes()
            )
            store.add_finished(finished, state="")
        batch.clear()

    for given in passages:
        document = _document(given)
        passage = Passage(
            f"p{given.id}", document.id, 0, len(given.text), (), None, None, BlockKind.PARAGRAPH
        )
        terms = tokens_of(given.context, given.text, glossary)
        encoded = f"{given.context}\n{given.text}" if given.context else given.text
        key = hashlib.sha256(f"{given.id}\0{encoded}".encode()).digest()[:16]
        batch.append((document, PassageRow(passage, terms, key), encoded))
        if len(batch) == _BATCH:
            flush()
    if batch:
        flush()
    store.commit()
    write_postings(folder / "postings", store.postings())
    numbers, vectors = store.vectors(encoder.dimensions)
    write_vectors(folder / "vectors", numbers, vectors.astype(np.float32), encoder.dimensions)
    store.close()


def searcher(
    folder: Path, encoder: Encoder, glossary: Glossary, weights: Weights | None = None
) -> Searcher:
    """A searcher over what `build` wrote; the ids of its documents are those given."""
    return Searcher(
        "benchmark", Store(folder / "store"), LexicalIndex(folder / "postings"),
        DenseIndex(folder / "vectors"), encoder, glossary, weights,
    )  # fmt: skip


def _document(given: Given) -> Document:
    text = given.text
    return Document(
        id=given.id, path=given.id, sha256="", format="text", metadata={"title": given.context},
        text=text, blocks=(Block(BlockKind.PARAGRAPH, 0, len(text)),),
        sections=(Section((), 0, len(text)),),
    )  # fmt: skip

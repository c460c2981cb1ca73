"""A document with all that the store keeps of it, as columns, and as bytes for another process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import apsw

from kb.domain import Document
from kb.indexing.rows import PassageRow, structure_of, to_json

_KEY = 16  # bytes of a vector's key
_SIZES = 6  # lengths before the parts, of eight bytes each


@dataclass(frozen=True, slots=True)
class Finished:
    """What is known of a document when nothing is left but to write it.

    `document` and `passages` are the columns of their tables but for rows, states and vector
    keys; `keys` holds the passages' keys one after the other, and `vectors` the passages' vectors
    in half precision, little-endian. Where `vectors` is empty, `encoded` has the texts that are
    still to be encoded. `sentences` and `signature` are what the document is compared by.
    """

    document: Sequence[Any]
    passages: Sequence[Sequence[Any]]
    keys: bytes
    vectors: bytes
    encoded: Sequence[str]
    sentences: bytes
    signature: bytes
    warnings: Sequence[str]
    # The bytes that it came as; a changed copy has none.
    _came_as: bytes | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        document: Document,
        rows: Sequence[PassageRow],
        *,
        issued: str | None,
        publisher: str | None,
        facts: str = "[]",
        vectors: bytes = b"",
        encoded: Sequence[str] = (),
        sentences: bytes = b"",
        signature: bytes = b"",
    ) -> Finished:
        """A document with its passages; `facts` is what was drawn from it, as JSON."""
        return cls(
            document=(
                document.id, document.path, document.sha256, document.format, issued, publisher,
                len(document.text), len(rows), len(document.page_starts), document.quality,
                to_json(document.warnings), to_json(document.metadata), facts,
                structure_of(document), document.text,
            ),
            passages=[_columns(row) for row in rows],
            keys=b"".join(row.vector_key for row in rows),
            vectors=vectors,
            encoded=encoded,
            sentences=sentences,
            signature=signature,
            warnings=document.warnings,
        )  # fmt: skip

    def key_list(self) -> list[bytes]:
        """The key of each passage's vector."""
        return [self.keys[i : i + _KEY] for i in range(0, len(self.keys), _KEY)]

    def keyed_vectors(self) -> Iterator[tuple[bytes, bytes]]:
        """Each vector under its key; none where they are still to be made."""
        keys = self.key_list() if self.vectors else []
        size = len(self.vectors) // max(1, len(keys))
        return ((key, self.vectors[i * size : (i + 1) * size]) for i, key in enumerate(keys))

    def to_bytes(self) -> bytes:
        """The document as bytes, which depend on it alone."""
        if self._came_as is not None:
            return self._came_as
        columns = [self.document, self.passages, self.warnings]
        parts = [
            _json(columns), _json(self.encoded), self.keys, self.vectors, self.sentences,
            self.signature,
        ]  # fmt: skip
        return b"".join([*(len(part).to_bytes(8, "big") for part in parts), *parts])

    @classmethod
    def from_bytes(cls, data: bytes) -> Finished:
        """The document of `to_bytes`. Raises ValueError where the bytes are none."""
        sizes = [int.from_bytes(data[8 * i : 8 * i + 8], "big") for i in range(_SIZES)]
        if len(data) < 8 * _SIZES or sum(sizes) != len(data) - 8 * _SIZES:
            raise ValueError("these bytes are no finished document")
        parts, at = [], 8 * _SIZES
        for size in sizes:
            parts.append(data[at : at + size])
            at += size
        columns, texts, keys, vectors, sentences, signature = parts
        document, passages, warnings = json.loads(columns)
        found = cls(
            document, passages, keys, vectors, json.loads(texts), sentences, signature, warnings
        )
        object.__setattr__(found, "_came_as", data)
        return found


def insert(db: apsw.Connection, finished: Finished, state: str) -> int:
    """Add a document and its passages to the store; its row number. Vectors are added apart."""
    db.execute(
        "INSERT INTO documents (id, path, sha256, format, issued, publisher, characters, passages,"
        " pages, quality, warnings, metadata, facts, structure, text, state)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (*finished.document, state),
    )
    row = int(db.last_insert_rowid())
    db.executemany(
        "INSERT INTO passages (document, id, start, end, heading_path, first_page, last_page,"
        " kind, words, compounds, bigrams, concepts, marks, facets, vector_key)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            (row, *columns, key)
            for columns, key in zip(finished.passages, finished.key_list(), strict=True)
        ),
    )
    db.execute("INSERT INTO sketches VALUES (?,?,?)", (row, finished.signature, finished.sentences))
    return row


def _columns(row: PassageRow) -> tuple[object, ...]:
    passage, terms = row.passage, row.terms
    return (
        passage.id, passage.start, passage.end, to_json(passage.heading_path), passage.first_page,
        passage.last_page, str(passage.kind), terms.words, terms.compounds, terms.bigrams,
        terms.concepts, terms.marks, terms.facets,
    )  # fmt: skip


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )

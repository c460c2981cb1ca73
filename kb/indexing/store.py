"""The store: documents, passages, vectors and rejections as rows of one SQLite file.

It is the source of truth of a generation; the postings and the vector index are made
from it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw

from kb.domain import Document, Passage, Rejection, Version
from kb.errors import IndexUnavailable, NotFound
from kb.indexing import connections, filters, integrity, links, vector_rows, versions
from kb.indexing.finished import Finished, insert
from kb.indexing.rows import (
    DocumentSummary,
    document_of,
    passage_of,
    summary_of,
    tokens_in,
)
from kb.indexing.schema import SCHEMA, STORE_FORMAT
from kb.latest import Latest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.indexing.vector_rows import Blocks

_TEXTS = 16_000_000  # characters of documents' texts that are kept in memory
_ANY_ROW = 2**63 - 1
_BATCH = 500  # how many ids are asked for in one statement


class Store:
    """One SQLite file. Reading is safe from several threads, writing from one only.

    What `writable` changes is written beside the file (`kb.indexing.connections`).
    """

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        self.path = path
        self._writable = writable
        self._local = threading.local()
        self._texts = Latest(self._read_texts, _TEXTS, len)
        if not writable:
            self._check_format()

    @classmethod
    def create(cls, path: Path) -> Store:
        """A new, empty store at `path`, which must not exist."""
        store = cls(path, writable=True)
        store._local.db = db = connections.to_create(path)
        db.execute(SCHEMA)
        db.execute(f"PRAGMA user_version={STORE_FORMAT}")
        return store

    def _db(self) -> apsw.Connection:
        db: apsw.Connection | None = getattr(self._local, "db", None)
        if db is None:
            to_open = connections.to_change if self._writable else connections.to_read
            self._local.db = db = to_open(self.path)
        return db

    def _check_format(self) -> None:
        try:
            found = self._number("PRAGMA user_version")
        except apsw.Error as error:
            raise IndexUnavailable(f"{self.path} is not a readable store ({error})") from error
        if found != STORE_FORMAT:
            raise IndexUnavailable(
                f"{self.path} has format {found}; this version reads {STORE_FORMAT}: "
                "run `kb ingest` to build the index again"
            )

    def close(self) -> None:
        """Close this thread's connection; those of other threads close with them."""
        if (db := getattr(self._local, "db", None)) is not None:
            db.close()
            self._local.db = None

    # Writing

    def begin(self) -> None:
        """Begin the one transaction of a build."""
        self._db().execute("BEGIN")

    def commit(self) -> None:
        """End the transaction."""
        self._db().execute("COMMIT")

    def add_finished(self, finished: Finished, *, state: str) -> int:
        """Add a document with all that is kept of it, and return its row number."""
        row = insert(self._db(), finished, state)
        vector_rows.add(self._db(), finished.keyed_vectors())
        return row

    def remove_documents(self, ids: Iterable[str]) -> list[tuple[int, bytes, tuple[int, ...]]]:
        """Remove documents and their passages; the row numbers and vectors' keys that these had,
        and how many tokens of each field and facets.

        The vectors go with `drop_unused_vectors`.
        """
        db = self._db()
        query = "SELECT row FROM documents WHERE id=?"
        rows = sorted(int(row) for one in ids for (row,) in db.execute(query, (one,)))
        found: list[tuple[int, bytes, tuple[int, ...]]] = []
        for i in range(0, len(rows), _BATCH):
            batch = rows[i : i + _BATCH]
            marks = ",".join("?" * len(batch))
            query = (
                "SELECT row, vector_key, words, compounds, bigrams, concepts, facets FROM passages"
                f" WHERE document IN ({marks})"
            )
            found += [(row, key, tokens_in(texts)) for row, key, *texts in db.execute(query, batch)]
            links.remove(db, batch)
            db.execute(f"DELETE FROM passages WHERE document IN ({marks})", batch)
            db.execute(f"DELETE FROM documents WHERE row IN ({marks})", batch)
        return sorted(found)

    def drop_unused_vectors(self, keys: Iterable[bytes]) -> None:
        """Remove those of some vectors that no passage has any more."""
        vector_rows.drop_unused(self._db(), keys)

    def set_rejected(self, rejected: Iterable[tuple[Rejection, str]]) -> None:
        """Replace the list of files that could not be indexed, each with its state."""
        db = self._db()
        db.execute("DELETE FROM rejected")
        db.executemany(
            "INSERT INTO rejected VALUES (?,?,?,?)",
            ((r.path, r.reason, r.message, state) for r, state in rejected),
        )

    def set_aliases(self, aliases: Mapping[str, str]) -> None:
        """Replace the paths of files with the same bytes as a document, each with its id."""
        links.set_aliases(self._db(), aliases)

    def add_near_duplicates(self, pairs: Iterable[tuple[int, int, float]]) -> None:
        """Link pairs of document rows with their similarity, both ways."""
        links.add(self._db(), pairs)

    def keep_versions(self, ids: Iterable[str], *, generation: str) -> None:
        """Keep documents as they are, before they are changed or removed after `generation`."""
        versions.keep(self._db(), self._db(), ids, generation)

    def inherit_versions(self, source: Store, *, generation: str) -> None:
        """Take over the versions of another store, and those of its documents that changed."""
        versions.inherit(source._db(), self._db(), generation)

    def settle_versions(self, keep: int) -> None:
        """Drop the versions that are current again, and all but the last `keep` of a document."""
        versions.settle(self._db(), keep)

    # Reading

    def summaries(self) -> list[DocumentSummary]:
        """All documents by path, without their text."""
        query = (
            "SELECT row, id, path, sha256, state, format, issued, publisher, metadata,"
            " characters, passages, pages, quality, warnings FROM documents ORDER BY path"
        )
        db = self._db()
        aliases, near = links.aliases(db), links.near_duplicates(db)
        return [
            summary_of(
                values,
                aliases=aliases.get(values[0], ()),
                near_duplicates=near.get(values[0], ()),
            )
            for values in db.execute(query)
        ]

    def document(self, document_id: str) -> Document:
        """A document by its id. Raises NotFound."""
        found = self._db().execute(
            "SELECT id, path, sha256, format, metadata, text, structure FROM documents WHERE id=?",
            (document_id,),
        ).fetchone()  # fmt: skip
        if found is None:
            raise NotFound(f"there is no document {document_id!r} in the index")
        return document_of(found)

    def passages(self, rows: Sequence[int]) -> dict[int, tuple[Passage, str]]:
        """Passages by row number, each with its text."""
        columns = (
            "p.document, p.id, d.id, p.start, p.end, p.heading_path, p.first_page, p.last_page,"
            " p.kind"
        )
        read = [
            (row, document, passage_of(values))
            for row, document, *values in self._of_rows(columns, rows)
        ]
        texts = self._texts.of({document for _, document, _ in read})
        # Sliced here: SQLite would count characters from the start of the text each time.
        return {
            row: (passage, texts[document][passage.start : passage.end])
            for row, document, passage in read
        }

    def row_of(self, passage_id: str) -> int | None:
        """The row number of a passage; None where there is none with this id."""
        found = self._db().execute("SELECT row FROM passages WHERE id=?", (passage_id,)).fetchone()
        return int(found[0]) if found else None

    def first_rows(self) -> list[tuple[int, str]]:
        """The lowest row number of each document's passages and its id, in that order."""
        return [
            (int(row), str(document_id))
            for row, document_id in self._db().execute(
                "SELECT MIN(p.row), d.id FROM passages p JOIN documents d ON d.row = p.document"
                " GROUP BY p.document ORDER BY 1"
            )
        ]

    def _of_rows(self, columns: str, rows: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        for i in range(0, len(rows), _BATCH):
            batch = list(map(int, rows[i : i + _BATCH]))
            marks = ",".join("?" * len(batch))
            yield from self._db().execute(
                f"SELECT p.row, {columns} FROM passages p JOIN documents d ON d.row = p.document"
                f" WHERE p.row IN ({marks})",
                batch,
            )

    def _read_texts(self, documents: Sequence[int]) -> dict[int, str]:
        query = "SELECT row, text FROM documents WHERE row=?"
        return dict(found for row in documents for found in self._db().execute(query, (row,)))

    def passages_of(self, document_id: str) -> list[Passage]:
        """The passages of a document in the order of its text."""
        return [
            passage_of(values)
            for values in self._db().execute(
                "SELECT p.id, d.id, p.start, p.end, p.heading_path, p.first_page, p.last_page,"
                " p.kind FROM passages p JOIN documents d ON d.row = p.document WHERE d.id=?"
                " ORDER BY p.start",
                (document_id,),
            )
        ]

    def document_rows(
        self,
        *,
        ids: Sequence[str] | None = None,
        publishers: Sequence[str] | None = None,
        issued_from: str | None = None,
        issued_to: str | None = None,
    ) -> list[int]:
        """The row numbers of the documents that pass every filter that is given.

        Dates are compared as far as both are known: a report of 2025 passes 2025-06.
        """
        return filters.document_rows(
            self._db(), ids=ids, publishers=publishers, issued_from=issued_from, issued_to=issued_to
        )

    def rows_of_documents(self, documents: Sequence[int]) -> list[int]:
        """The row numbers of all passages of the given document rows."""
        rows: list[int] = []
        for i in range(0, len(documents), _BATCH):
            batch = list(documents[i : i + _BATCH])
            marks = ",".join("?" * len(batch))
            query = f"SELECT row FROM passages WHERE document IN ({marks})"
            rows.extend(int(row) for (row,) in self._db().execute(query, batch))
        return rows

    def postings(
        self, *, after_row: int = 0, last_row: int = _ANY_ROW
    ) -> Iterator[tuple[int, int, str, str, str, str, str]]:
        """Row, document row and the tokens of each field of the passages from after a row to
        the last.
        """
        yield from self._db().execute(
            "SELECT row, document, words, compounds, bigrams, concepts, facets FROM passages"
            " WHERE row > ? AND row <= ? ORDER BY row",
            (after_row, last_row),
        )

    def passage_rows(self, *, after_row: int = 0) -> Iterator[int]:
        """The row numbers of the passages after a row, in order."""
        query = "SELECT row FROM passages WHERE row > ? ORDER BY row"
        return (row for (row,) in self._db().execute(query, (after_row,)))

    def facets(self) -> Iterator[tuple[int, str]]:
        """The row numbers of all passages in order, each with its facets."""
        yield from self._db().execute("SELECT row, facets FROM passages ORDER BY row")

    def facts(self) -> Iterator[tuple[str, str]]:
        """The id of each document with what was drawn from it (JSON), by path."""
        yield from self._db().execute("SELECT id, facts FROM documents ORDER BY path")

    def facts_of(self, document_id: str) -> str | None:
        """What was drawn from one document (JSON); None where there is none with this id."""
        query = "SELECT facts FROM documents WHERE id=?"
        return next((facts for (facts,) in self._db().execute(query, (document_id,))), None)

    def tokens(self, rows: Sequence[int]) -> dict[int, tuple[str, str, str]]:
        """The tokens of passages, parted by spaces, their marks and the passages' kinds."""
        return self._columns("words, marks, kind", rows)

    def other_tokens(self, rows: Sequence[int]) -> dict[int, tuple[str, str, str]]:
        """The compounds, bigrams and concepts of passages, parted by spaces."""
        return self._columns("compounds, bigrams, concepts", rows)

    def _columns(self, names: str, rows: Sequence[int]) -> dict[int, tuple[str, str, str]]:
        found: dict[int, tuple[str, str, str]] = {}
        for i in range(0, len(rows), _BATCH):
            batch = list(map(int, rows[i : i + _BATCH]))
            marks = ",".join("?" * len(batch))
            query = f"SELECT row, {names} FROM passages WHERE row IN ({marks})"
            found.update((row, (*rest,)) for row, *rest in self._db().execute(query, batch))
        return found

    def vectors(self, dimensions: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The row numbers of all passages and their vectors, shapes (n,) and (n, dimensions)."""
        import numpy as np

        blocks = list(self.vector_blocks(dimensions))
        rows, vectors = zip(*blocks, strict=True) if blocks else ((), ())
        return (
            np.concatenate([np.empty(0, np.int64), *rows]),
            np.concatenate([np.empty((0, dimensions), np.float32), *vectors]),
        )

    def vector_blocks(self, dimensions: int, *, after_row: int = 0) -> Blocks:
        """The same block by block, of the passages after a row."""
        return vector_rows.blocks(self._db(), dimensions, after_row)

    def known_vectors(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The vectors that are kept under some of `keys`, as they are stored."""
        return vector_rows.known(self._db(), keys)

    def signatures(self) -> Iterator[tuple[int, bytes]]:
        """The MinHash of each document, by its row."""
        yield from self._db().execute("SELECT document, signature FROM sketches ORDER BY document")

    def sentences(self, document_row: int) -> bytes:
        """The digests of a document's sentences."""
        query = "SELECT sentences FROM sketches WHERE document=?"
        return b"".join(found for (found,) in self._db().execute(query, (document_row,)))

    def rejected(self) -> list[Rejection]:
        """The files that could not be indexed, by path."""
        return [rejection for rejection, _ in self.rejected_with_state()]

    def rejected_with_state(self) -> list[tuple[Rejection, str]]:
        """The same, each with the digest of the bytes and versions that were tried."""
        query = "SELECT path, reason, message, state FROM rejected ORDER BY path"
        return [(Rejection(*values[:3]), values[3]) for values in self._db().execute(query)]

    def counts(self) -> tuple[int, int]:
        """How many documents and passages there are."""
        documents = self._number("SELECT count(*) FROM documents")
        return documents, self._number("SELECT count(*) FROM passages")

    def last_passage_row(self) -> int:
        """The highest row number of a passage, 0 without passages."""
        return self._number("SELECT ifnull(max(row), 0) FROM passages")

    def _number(self, query: str) -> int:
        return next(int(value) for (value,) in self._db().execute(query))

    def version(self, document_id: str, sha256: str) -> Document:
        """An earlier version of a document, by the digest of its file. Raises NotFound.

        Where a file was read in several ways, the last of them.
        """
        return versions.version(self._db(), document_id, sha256)

    def versions_of(self, document_id: str) -> list[Version]:
        """The earlier versions of a document that are kept, the newest first."""
        return versions.versions_of(self._db(), document_id)

    def integrity_errors(self) -> list[str]:
        """What SQLite and the references between the tables find wrong; empty when all is well."""
        return integrity.errors(self._db())

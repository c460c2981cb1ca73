"""The files of the next generation: rows, postings, vectors, as far as a run changes them."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kb.failpoints import reach
from kb.indexing import connections, parts
from kb.indexing.copies import Source
from kb.indexing.dense import change_vectors, write_vector_blocks
from kb.indexing.generation import LOG, POSTINGS, STORE, VECTORS
from kb.indexing.lexical import META, Rows
from kb.indexing.pruning import Segment, name_of
from kb.indexing.store import Store
from kb.indexing.verified import State, to_note


@dataclass(slots=True)
class Files:
    """The files of one run in `directory`.

    They begin with those that `source` has; without one all are made from nothing. Where that is
    not `whole` but for its store, postings and vectors are made anew.
    """

    directory: Path
    source: Source | None
    whole: bool
    taken: dict[str, tuple[str, int]] = field(default_factory=dict)
    """What the manifest says of files that were taken over."""
    _removed: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    _keys: list[bytes] = field(default_factory=list)
    _last_row: int = 0
    _as_taken: tuple[int, int] | None = None

    def store(self) -> Store:
        """The store, to be written. Raises OSError, IndexDamaged."""
        path = self.directory / STORE
        if self.source is None:
            return Store.create(path)
        before = self.source.before
        if (before.directory / LOG).exists():
            shutil.copyfile(before.directory / LOG, self.directory / LOG)
            self.source.check(LOG, self.directory / LOG)
        self.taken |= self.source.put([STORE], self.directory)
        self._as_taken = _written(path)
        return Store(path, writable=True)

    def remove(self, store: Store, documents: Sequence[str]) -> None:
        """Remove documents, and keep them as versions where there was a generation."""
        if self.source is not None:
            store.keep_versions(documents, generation=self.source.before.name)
        removed = store.remove_documents(documents)
        self._removed = [(row, tokens) for row, _, tokens in removed]
        self._keys = [key for _, key, _ in removed]
        self._last_row = store.last_passage_row()

    def finish(self, store: Store) -> None:
        """End the store's transaction, and close it. Raises OSError, IndexDamaged."""
        store.drop_unused_vectors(self._keys)
        reach("store.commit")
        store.commit()
        store.close()
        self._check_untouched(store.path)
        reach("store.committed")
        if connections.is_long(store.path):
            self._check_taken(store.path)
            reach("store.merge")
            connections.merge(store.path)
            self.taken.pop(STORE, None)
            reach("store.merged")

    def _check_untouched(self, path: Path) -> None:
        """Raises OSError where a file that another generation may have, too, was written to."""
        if self._as_taken is not None and _written(path) != self._as_taken:
            raise OSError(errno.EIO, "it was written to, which nothing may do", str(path))

    def _check_taken(self, path: Path) -> None:
        """Raises IndexDamaged where the file of the store is not what it was, before it is written
        anew.
        """
        if self.source is not None:
            self.source.check(STORE, path)

    def write_indexes(self, dimensions: int) -> tuple[int, int]:
        """Postings and vectors of the store's rows; how many documents and passages there are.

        Raises OSError, IndexDamaged.
        """
        store = Store(self.directory / STORE)
        before = self.source.before if self.source is not None and self.whole else None
        vectors = self.directory / VECTORS
        last_row = 0 if before is None else self._last_row
        blocks = store.vector_blocks(dimensions, after_row=last_row)
        self._write_postings(store, last_row)
        if before is None:
            write_vector_blocks(vectors, blocks, dimensions)
        else:
            assert self.source is not None
            self.source.check(VECTORS)
            removed = [row for row, _ in self._removed]
            change_vectors(vectors, before.vectors, removed=removed, added=blocks)
        counts = store.counts()
        store.close()
        return counts

    def states(self) -> dict[str, State | None]:
        """What may be noted of the files that were not taken over, once all are written, and before
        their checksums are taken.
        """
        paths = [path for path in self.directory.rglob("*") if path.is_file()]
        found = {str(path.relative_to(self.directory)): path for path in paths}
        return {name: to_note(path) for name, path in found.items() if name not in self.taken}

    def _write_postings(self, store: Store, last_row: int) -> None:
        source = self.source if self.whole else None
        postings = self.directory / POSTINGS
        postings.mkdir()
        planned = parts.planned(
            parts.parts_in(source.before.postings) if source else (),
            removed=self._removed if source else (),
            last_row=last_row,
            added=list(store.passage_rows(after_row=last_row)),
            full=parts.full(store.counts()[1]),
        )
        if source is not None:
            kept = tuple(
                f"{POSTINGS}/{name}." for part in planned if part.is_kept for name in part.names
            )
            names = [name for name in source.before.manifest.files if name.startswith(kept)]
            self.taken |= source.put(names if kept else [], self.directory)
            shutil.copyfile(source.before.postings / META, postings / META)

        def rows_of(first: int, last: int) -> Rows:
            return store.postings(after_row=first - 1, last_row=last)

        def put(segment: Segment, folder: Path) -> None:
            assert source is not None
            for name in source.before.manifest.files:
                if name.startswith(f"{POSTINGS}/{name_of(segment)}."):
                    copy = folder / Path(name).name
                    shutil.copyfile(source.before.directory / name, copy)
                    source.check(name, copy)

        parts.write_parts(postings, planned, rows_of, put)


def _written(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns

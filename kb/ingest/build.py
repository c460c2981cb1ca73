"""One run of ingestion: what changed in the corpus becomes a new generation."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kb.domain import Document, IngestReport, Rejection
from kb.encoding.encoder import Encoder
from kb.errors import IndexDamaged, IndexUnavailable, Reason, RejectedFile
from kb.indexing import generation as generations
from kb.indexing.dense import write_vectors
from kb.indexing.generation import Generation, Manifest
from kb.indexing.lexical import write_postings
from kb.indexing.rows import DocumentSummary
from kb.indexing.store import Store
from kb.ingest.prepare import Prepared, prepare
from kb.ingest.scan import CorpusFile, scan
from kb.reading import metadata as library
from kb.reading.draft import document_id
from kb.reading.files import READER_VERSION, FileBytes, format_of, read_bytes, read_document

_ENCODE_BATCH = 1024

Progress = Callable[[int, int, str], None]


@dataclass(slots=True)
class _Plan:
    """What is to be done with each file, decided before anything is written."""

    added: list[tuple[CorpusFile, FileBytes]] = field(default_factory=list)
    updated: list[tuple[CorpusFile, FileBytes]] = field(default_factory=list)
    unchanged: list[DocumentSummary] = field(default_factory=list)
    removed: list[DocumentSummary] = field(default_factory=list)
    rejected: dict[str, tuple[Rejection, str]] = field(default_factory=dict)

    def reject(self, path: str, rejection: RejectedFile, *, state: str) -> None:
        """Note a file that cannot be indexed, with the digest of what was tried."""
        self.rejected[path] = (Rejection(path, str(rejection.reason), rejection.message), state)

    def changes(self, rejections: Mapping[str, tuple[Rejection, str]]) -> bool:
        """Whether the index has to be built anew."""
        return bool(self.added or self.updated or self.removed) or self.rejected != rejections


@dataclass(frozen=True, slots=True)
class Ingestion:
    """Ingests `corpus` into `index`.

    `encoder`, `tokenizer` and `versions` are what the rows depend on besides the bytes.
    """

    corpus: Path
    index: Path
    encoder: Encoder
    tokenizer: str
    versions: str
    max_file_bytes: int
    progress: Progress = lambda done, total, path: None

    def run(self) -> IngestReport:
        """Bring the index up to the corpus and say what was done with each file.

        What the report names as indexed is durable when this returns. Nothing changes for
        readers until the new generation is complete, and nothing at all when a run fails.
        Raises IndexUnavailable (locked, not a folder), MetadataError.
        """
        began = time.perf_counter()
        files = scan(self.corpus)
        items = library.read_library(self.corpus)
        with generations.writer_lock(self.index):
            before = self._before()
            known, rejections = self._known(before)
            plan = self._plan(files, items, known, rejections)
            if before is not None and not plan.changes(rejections) and self._serves(before):
                generations.remove_unread(self.index, keep=before.name)
                return self._report(before, plan, began, warnings={})
            current, warnings = self._build(before, plan, items)
        return self._report(current, plan, began, warnings)

    def _serves(self, before: Generation) -> bool:
        """Whether a generation says where the originals are now: the folder may have moved."""
        return before.manifest.corpus == str(self.corpus.resolve())

    def _before(self) -> Generation | None:
        """The generation to start from; none when it is missing, damaged or of other making."""
        try:
            found = generations.open_current(self.index)
            Store(found.store).close()
        except (IndexUnavailable, IndexDamaged):
            return None
        same = (found.manifest.settings, found.manifest.encoder, found.manifest.tokenizer) == (
            self.versions, self.encoder.name, self.tokenizer
        )  # fmt: skip
        return found if same else None

    def _known(
        self, before: Generation | None
    ) -> tuple[dict[str, DocumentSummary], dict[str, tuple[Rejection, str]]]:
        """The documents and the rejected files of a generation by path."""
        if before is None:
            return {}, {}
        store = Store(before.store)
        try:
            documents = {summary.path: summary for summary in store.summaries()}
            return documents, {r.path: (r, state) for r, state in store.rejected_with_state()}
        finally:
            store.close()

    def _plan(
        self,
        files: Iterable[CorpusFile],
        items: Mapping[str, Mapping[str, Any]],
        known: Mapping[str, DocumentSummary],
        rejections: Mapping[str, tuple[Rejection, str]],
    ) -> _Plan:
        plan = _Plan()
        kept: set[str] = set()
        for file in files:
            try:
                _check_name(file)
                format_of(file.path)
                data = read_bytes(file.location, max_bytes=self.max_file_bytes)
            except RejectedFile as rejection:
                plan.reject(file.path, rejection, state="")
                continue
            state = self._state(data, items.get(file.path, {}))
            old = known.get(file.path)
            if old is not None:
                kept.add(file.path)
                if old.state == state:
                    plan.unchanged.append(old)
                else:
                    plan.updated.append((file, data))
            elif file.path in rejections and rejections[file.path][1] == state:
                plan.rejected[file.path] = rejections[file.path]
            else:
                plan.added.append((file, data))
        plan.removed = [summary for path, summary in known.items() if path not in kept]
        return plan

    def _state(self, data: FileBytes, metadata: Mapping[str, Any]) -> str:
        """A digest of all that the rows of a document depend on."""
        parts = [data.sha256, json.dumps(metadata, sort_keys=True, ensure_ascii=False),
                 str(READER_VERSION), self.versions]  # fmt: skip
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _build(
        self,
        before: Generation | None,
        plan: _Plan,
        items: Mapping[str, Mapping[str, Any]],
    ) -> tuple[Generation, dict[str, tuple[str, ...]]]:
        directory = generations.new_directory(self.index)
        path = directory / generations.STORE
        if before is not None:
            shutil.copyfile(before.store, path)
            store = Store(path, writable=True)
        else:
            store = Store.create(path)
        last_row = store.last_passage_row()
        store.begin()
        for summary in plan.removed:
            store.remove_document(summary.id)
        replaced = self._remove_updated(store, plan)
        warnings = self._add(store, plan, items)
        if plan.removed or replaced:
            store.drop_unused_vectors()
        store.set_rejected(plan.rejected.values())
        store.commit()
        self._write_indexes(
            store, directory, before, last_row, rebuild=bool(plan.removed or replaced)
        )
        documents, passages = store.counts()
        store.close()
        manifest = Manifest(
            format=generations.INDEX_FORMAT,
            generation=generations.next_name(self.index),
            encoder=self.encoder.name,
            dimensions=self.encoder.dimensions,
            tokenizer=self.tokenizer,
            settings=self.versions,
            corpus=str(self.corpus.resolve()),
            documents=documents,
            passages=passages,
            files={},
        )
        return generations.publish(self.index, directory, manifest), warnings

    def _remove_updated(self, store: Store, plan: _Plan) -> bool:
        for file, _ in plan.updated:
            store.remove_document(document_id(file.path))
        return bool(plan.updated)

    def _add(
        self,
        store: Store,
        plan: _Plan,
        items: Mapping[str, Mapping[str, Any]],
    ) -> dict[str, tuple[str, ...]]:
        """Read and add the new and changed files; those that cannot be read are rejected."""
        work = [*plan.added, *plan.updated]
        warnings: dict[str, tuple[str, ...]] = {}
        for done, (file, data) in enumerate(work):
            self.progress(done, len(work), file.path)
            metadata = items.get(file.path, {})
            state = self._state(data, metadata)
            try:
                document = read_document(file.path, data, metadata)
            except RejectedFile as rejection:
                plan.reject(file.path, rejection, state=state)
                continue
            if document.warnings:
                warnings[file.path] = document.warnings
            self._add_document(store, document, state)
        self.progress(len(work), len(work), "")
        plan.added = [entry for entry in plan.added if entry[0].path not in plan.rejected]
        plan.updated = [entry for entry in plan.updated if entry[0].path not in plan.rejected]
        return warnings

    def _add_document(self, store: Store, document: Document, state: str) -> None:
        prepared = prepare(document, encoder_name=self.encoder.name)
        row = store.add_document(
            document,
            state=state,
            issued=library.issued(document.metadata),
            publisher=library.publisher(document.metadata),
        )
        _add_vectors(store, prepared, self.encoder)
        store.add_passages(row, prepared.rows)

    def _write_indexes(
        self,
        store: Store,
        directory: Path,
        before: Generation | None,
        last_row: int,
        *,
        rebuild: bool,
    ) -> None:
        """Postings and vectors from the rows.

        Postings only grow while nothing is removed: tantivy goes on counting a removed
        passage in its statistics, and then the ranking would depend on the past.
        """
        grow = before is not None and not rebuild
        if grow and before is not None:
            shutil.copytree(before.postings, directory / generations.POSTINGS)
            rows = store.postings(after_row=last_row)
        else:
            rows = store.postings()
        write_postings(directory / generations.POSTINGS, rows, new=not grow)
        dimensions = self.encoder.dimensions
        numbers, vectors = store.vectors(dimensions)
        write_vectors(directory / generations.VECTORS, numbers, vectors, dimensions)

    def _report(
        self,
        current: Generation,
        plan: _Plan,
        began: float,
        warnings: Mapping[str, tuple[str, ...]],
    ) -> IngestReport:
        return IngestReport(
            generation=current.name,
            added=tuple(file.path for file, _ in plan.added),
            updated=tuple(file.path for file, _ in plan.updated),
            unchanged=tuple(summary.path for summary in plan.unchanged),
            removed=tuple(s.path for s in plan.removed if s.path not in plan.rejected),
            rejected=tuple(plan.rejected[path][0] for path in sorted(plan.rejected)),
            warnings=warnings,
            passages=current.manifest.passages,
            seconds=time.perf_counter() - began,
        )


def _check_name(file: CorpusFile) -> None:
    """Raises RejectedFile (misnamed) where two names differ in nothing that can be seen."""
    if file.double:
        raise RejectedFile(
            Reason.MISNAMED,
            "another file has the same name, written in another Unicode form; rename one of them",
        )


def _add_vectors(store: Store, prepared: Prepared, encoder: Encoder) -> None:
    """Encode what has no vector yet, each text once."""
    texts = {
        row.vector_key: text for row, text in zip(prepared.rows, prepared.encoded, strict=True)
    }
    present = store.has_vectors(texts)
    missing = [key for key in texts if key not in present]
    for i in range(0, len(missing), _ENCODE_BATCH):
        keys = missing[i : i + _ENCODE_BATCH]
        store.add_vectors(keys, encoder.encode_passages([texts[key] for key in keys]))

"""One run of ingestion: what changed in the corpus becomes a new generation."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kb import changes
from kb.domain import IngestReport
from kb.durable import storing
from kb.encoding.encoder import Encoder
from kb.errors import IndexDamaged, IndexUnavailable, RejectedFile
from kb.failpoints import reach
from kb.indexing import copies
from kb.indexing import generation as generations
from kb.indexing.disk import disk_errors
from kb.indexing.generation import Generation, Manifest
from kb.indexing.schema import STORE_FORMAT
from kb.indexing.store import Store
from kb.indexing.verified import Verified, doubt
from kb.ingest.plan import Known, Plan, Planner
from kb.ingest.scan import CorpusFile, scan
from kb.ingest.seen import Seen
from kb.language.glossary.matching import Glossary
from kb.reading import metadata as library
from kb.reading.draft import document_id
from kb.reading.files import SUFFIXES
from kb.reading.options import PLAIN, ReadingOptions
from kb.reading.sandbox import MANY, Sandbox

if TYPE_CHECKING:
    from kb.indexing.finished import Finished
    from kb.ingest.workers import Finishing

# What makes rows and indexes (the rules of the tracker, faiss, tantivy) is imported where it is
# used: most runs find nothing new, and it would be more than half of their time.

Progress = Callable[[int, int, str], None]
Follow = Callable[[Generation, Generation, IngestReport | None], changes.Effects]
"""What became of citations and facts from one generation to the next; without the report of
the run where all was read again."""


@dataclass(frozen=True, slots=True)
class Ingestion:
    """Ingests `corpus` into `index`.

    `encoder`, `tokenizer` and `versions` are what the rows depend on besides the bytes;
    `keep_versions` is how many earlier versions of each document stay, `keep_previous` whether the
    generation before stays too, to serve should the new one be damaged; `sandbox` reads the files,
    unless what `finishing` makes does, which prepares them elsewhere; `follow` says what a run
    meant for citations and the tracker. Files that are `held` are being written: they stay in the
    index as they are.
    """

    corpus: Path
    index: Path
    encoder: Encoder
    tokenizer: str
    versions: str
    glossary: Glossary
    max_file_bytes: int
    options: ReadingOptions = PLAIN
    keep_versions: int = 20
    keep_previous: bool = True
    progress: Progress = lambda done, total, path: None
    sandbox: Sandbox = field(default_factory=Sandbox)
    held: frozenset[str] = frozenset()
    finishing: Callable[[], Finishing] | None = None
    follow: Follow = lambda before, current, report: changes.Effects()

    def run(self) -> IngestReport:
        """Bring the index up to the corpus and say what was done with each file.

        What the report names as indexed is durable when this returns. Nothing changes for
        readers until the new generation is complete, and nothing at all when a run fails.
        Raises IndexUnavailable (locked, not a folder), MetadataError, NotStored, IndexDamaged.
        """
        try:
            try:
                return self._run()
            except IndexDamaged:  # a file that was taken to be as it had been
                doubt(self.index)
                return self._run()
        finally:
            self.sandbox.rest()

    def _run(self) -> IngestReport:
        began = time.perf_counter()
        files = scan(self.corpus)
        items = library.read_library(self.corpus)
        with generations.writer_lock(self.index):
            seen, verified = Seen(self.index, self.corpus), Verified(self.index)
            with ThreadPoolExecutor(1) as beside:
                checking = beside.submit(self._previous, verified)
                self._get_ready(seen.news(files))
                previous, whole = checking.result()
            if previous is not None and whole:
                generations.remove_unread(self.index, keep=previous.name)
            before = previous if previous is not None and self._same_making(previous) else None
            known = _known(before)
            planner = Planner(
                items, known, self.versions, self.max_file_bytes, self.sandbox, self.options,
                self.held, seen,
            )  # fmt: skip
            plan = planner.plan(files)
            seen.keep()
            if before and whole and not plan.changes(known) and self._serves(before):
                self._keep(verified)
                return _report(before, plan, known, began, warnings={})
            with ExitStack() as held:
                if previous is not None and whole:  # it is compared with the next one
                    held.enter_context(generations.lease(previous))
                current, warnings = self._stored(verified, before, previous, whole, planner, plan)
                report = _report(current, plan, known, began, warnings)
                rejected = {rejection for rejection, _ in known.rejections.values()}
                rebuilt = previous is not None and before is None
                effects = changes.Effects()
                if previous is not None and whole:
                    effects = self.follow(previous, current, None if rebuilt else report)
                noted = changes.change_of(report, rejected, rebuilt=rebuilt, effects=effects)
                changes.record(self.index, noted)
            generations.remove_unread(self.index, keep=current.name)
            if self.keep_previous:
                kept = generations.open_previous(self.index, verify=False)
                copies.provide(self.index, current, kept, verified)
            else:
                copies.drop(self.index)
            self._keep(verified)
        return report

    def _get_ready(self, news: Sequence[CorpusFile]) -> None:
        """Load what it takes to read new files, while the checksums of the index are taken."""
        paths = [file.path for file in news if file.path.lower().endswith(tuple(SUFFIXES))]
        if not paths:
            return
        if len(paths) < MANY:
            self.sandbox.expect(paths)
        import kb.ingest.files
        import kb.ingest.finish  # noqa: F401

        if len(paths) < MANY or self.finishing is None:  # many are finished by other processes
            from kb.language.tokens import analyse

            self.glossary.mentions("準備")
            analyse("準備")

    def _serves(self, before: Generation) -> bool:
        """Whether a generation says where the originals are now: the folder may have moved."""
        return before.manifest.corpus == str(self.corpus.resolve())

    def _previous(self, verified: Verified) -> tuple[Generation | None, bool]:
        """The generation to build on, and whether it is the current one and whole.

        Checksums are taken of what is not `verified`. Of a damaged one the store serves, if that is
        whole: all else is made from it. Failing that the generation before; none where there is
        none, or of another format.
        """
        try:
            found = generations.open_current(self.index, verify=False)
            whole = not generations.checksum_errors(found, verified)
            if whole:
                verified.clear()
            if whole or generations.has_whole_store(found):
                Store(found.store).close()
                return found, whole
        except IndexUnavailable:
            return None, False
        except IndexDamaged:
            pass
        return generations.open_previous(self.index), False

    def _keep(self, verified: Verified) -> None:
        """Keep the notes of the files that the next run may take over."""
        current = generations.open_current(self.index, verify=False)
        found = [current, generations.open_previous(self.index, verify=False)]
        paths = [g.directory / name for g in found if g is not None for name in g.manifest.files]
        verified.keep([*paths, *copies.spares(self.index)])

    def _same_making(self, found: Generation) -> bool:
        """Whether the rows of a generation are what this run would make of the same files."""
        manifest = found.manifest
        return (manifest.settings, manifest.encoder, manifest.tokenizer) == (
            self.versions, self.encoder.name, self.tokenizer
        )  # fmt: skip

    def _stored(
        self,
        verified: Verified,
        before: Generation | None,
        previous: Generation | None,
        whole: bool,
        planner: Planner,
        plan: Plan,
    ) -> tuple[Generation, dict[str, tuple[str, ...]]]:
        """A new generation from the rows of `before`, with the history of `previous`.

        Postings and vectors are made anew where `before` is not `whole`. Raises NotStored.
        """
        with (
            storing(self.index, "the index is as before"),
            disk_errors(self.index),
            generations.built(self.index) as directory,
        ):
            return self._build(directory, verified, before, previous, whole, planner, plan)

    def _build(
        self,
        directory: Path,
        verified: Verified,
        before: Generation | None,
        previous: Generation | None,
        whole: bool,
        planner: Planner,
        plan: Plan,
    ) -> tuple[Generation, dict[str, tuple[str, ...]]]:
        from kb.ingest.files import Files

        files = Files(directory, self._source(before, whole, verified), whole)
        store = files.store()
        store.begin()
        files.remove(
            store, [s.id for s in plan.removed] + [document_id(w.path) for w in plan.updated]
        )
        warnings = self._add(store, planner, plan)
        if before is None and previous is not None:
            _inherit_versions(store, previous)
        store.settle_versions(self.keep_versions)
        store.set_aliases({alias: document_id(path) for alias, path in plan.aliases.items()})
        store.set_rejected(plan.rejected.values())
        files.finish(store)
        documents, passages = files.write_indexes(self.encoder.dimensions)
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
        fallback = None
        if self.keep_previous:
            fallback = before if whole else generations.open_previous(self.index)
        states = files.states()
        made = generations.publish(
            self.index, directory, manifest, fallback=fallback, taken=files.taken
        )
        for name, (digest, _) in made.manifest.files.items():
            verified.note(states.get(name), digest)
        return made, warnings

    def _source(
        self, before: Generation | None, whole: bool, verified: Verified
    ) -> copies.Source | None:
        """Where the files of the next generation come from, as far as they stay as they are."""
        if before is None:
            copies.drop(self.index)
            return None
        leaving = None
        if whole and self.keep_previous:
            leaving = generations.open_previous(self.index, verify=False)
        elif whole:
            leaving = before
        return copies.Source(self.index, before, leaving, verified)

    def _add(self, store: Store, planner: Planner, plan: Plan) -> dict[str, tuple[str, ...]]:
        """Add the new and changed files; those that cannot be read are rejected."""
        if not (todo := [*plan.added, *plan.updated]):
            plan.drop_rejected()
            return {}
        from kb.ingest.adding import outcomes
        from kb.ingest.duplicates import near_duplicates
        from kb.ingest.finish import Finisher
        from kb.ingest.kept import Kept

        warnings: dict[str, tuple[str, ...]] = {}
        rows: set[int] = set()
        here = Finisher(self.encoder, self.glossary, self.sandbox, self.options, encodes=False)
        finishing = here if self.finishing is None else self.finishing()
        making = f"{STORE_FORMAT}\0{self.encoder.name}\0{self.tokenizer}\0{self.options}"
        with (
            Kept(self.index) as kept,
            closing(
                outcomes(
                    todo,
                    planner,
                    finishing,
                    kept,
                    making=making,
                    complete=partial(self._encoded, store),
                )
            ) as found,
        ):
            for done, (work, outcome) in enumerate(found):
                self.progress(done, len(todo), work.path)
                if isinstance(outcome, RejectedFile):
                    for file in work.files:
                        state = planner.rejected_state(file.path, work.sha256, outcome.reason)
                        plan.reject(file.path, outcome, state=state)
                    continue
                if outcome.warnings:
                    warnings[work.path] = tuple(outcome.warnings)
                reach("store.document")
                rows.add(store.add_finished(outcome, state=work.state))
            self.progress(len(todo), len(todo), "")
            store.add_near_duplicates(near_duplicates(store.signatures(), rows, store.sentences))
        plan.drop_rejected()
        return warnings

    def _encoded(self, store: Store, finished: Finished) -> Finished:
        """A document whose passages have vectors: those that are kept, the others encoded."""
        from kb.ingest.finish import encoded

        return encoded(finished, self.encoder, store.known_vectors(finished.key_list()))


def _known(before: Generation | None) -> Known:
    """What a generation holds; nothing where there is none."""
    if before is None:
        return Known()
    store = Store(before.store)
    try:
        return Known.of(store)
    finally:
        store.close()


def _inherit_versions(store: Store, previous: Generation) -> None:
    """An index that is made anew keeps the history of the one before."""
    source = Store(previous.store)
    try:
        store.inherit_versions(source, generation=previous.name)
    finally:
        source.close()


def _report(
    current: Generation,
    plan: Plan,
    known: Known,
    began: float,
    warnings: Mapping[str, tuple[str, ...]],
) -> IngestReport:
    unchanged = {summary.path for summary in plan.unchanged}
    same = {a for a, path in plan.aliases.items() if path in unchanged} & known.aliases.keys()
    gone = [s.path for s in plan.removed if s.path not in {*plan.rejected, *plan.aliases}]
    return IngestReport(
        generation=current.name,
        added=tuple(work.path for work in plan.added),
        updated=tuple(work.path for work in plan.updated),
        unchanged=tuple(sorted(unchanged | same)),
        removed=tuple(gone),
        rejected=tuple(plan.rejected[path][0] for path in sorted(plan.rejected)),
        warnings=warnings,
        passages=current.manifest.passages,
        seconds=time.perf_counter() - began,
        duplicates=dict(sorted(plan.aliases.items())),
    )

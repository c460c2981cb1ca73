"""What is to be done with each file of a corpus, decided before anything is written.

Files with the same bytes are one document, which has the smallest of their paths that can
be read; the others are its aliases.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kb.domain import Rejection
from kb.errors import Reason, RejectedFile
from kb.indexing.rows import DocumentSummary
from kb.indexing.store import Store
from kb.ingest.scan import CorpusFile
from kb.ingest.seen import Seen
from kb.reading.files import READER_VERSION, FileBytes, format_of, read_bytes
from kb.reading.options import PLAIN, ReadingOptions
from kb.reading.sandbox import Sandbox

_BY_LIMITS = frozenset({Reason.TOO_COSTLY, Reason.CRASHED})  # what reading may take decides


@dataclass(frozen=True, slots=True)
class Known:
    """What the generation before holds, by path; `aliases` leads to the documents' paths."""

    documents: Mapping[str, DocumentSummary] = field(default_factory=dict)
    rejections: Mapping[str, tuple[Rejection, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store) -> Known:
        """What a store holds."""
        return cls(
            {summary.path: summary for summary in store.summaries()},
            {r.path: (r, state) for r, state in store.rejected_with_state()},
        )

    @property
    def aliases(self) -> dict[str, str]:
        """The path of the document that each alias stands for."""
        return {alias: path for path, s in self.documents.items() for alias in s.aliases}


@dataclass(frozen=True, slots=True)
class Work:
    """Files with the same bytes that are to become one document, named by the first."""

    files: tuple[CorpusFile, ...]
    sha256: str
    metadata: Mapping[str, Any]
    state: str

    @property
    def path(self) -> str:
        """The path of the document."""
        return self.files[0].path


@dataclass(slots=True)
class Plan:
    """What is to be done; `aliases` leads from paths to the paths of their documents."""

    added: list[Work] = field(default_factory=list)
    updated: list[Work] = field(default_factory=list)
    unchanged: list[DocumentSummary] = field(default_factory=list)
    removed: list[DocumentSummary] = field(default_factory=list)
    rejected: dict[str, tuple[Rejection, str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    def reject(self, path: str, rejection: RejectedFile, *, state: str) -> None:
        """Note a file that cannot be indexed, with the digest of what was tried."""
        self.rejected[path] = (Rejection(path, str(rejection.reason), rejection.message), state)

    def drop_rejected(self) -> None:
        """Forget the work and the aliases of what turned out to be rejected."""
        self.added = [work for work in self.added if work.path not in self.rejected]
        self.updated = [work for work in self.updated if work.path not in self.rejected]
        for path in self.rejected:
            self.aliases.pop(path, None)

    def changes(self, known: Known) -> bool:
        """Whether the index has to be built anew."""
        return (
            bool(self.added or self.updated or self.removed)
            or self.rejected != known.rejections
            or self.aliases != known.aliases
        )


@dataclass(frozen=True, slots=True)
class Planner:
    """Compares files with what is known.

    `items` is the metadata of the files by path, `versions` what the rows depend on besides;
    `sandbox` reads where it takes a reading to decide. Files that are `held` are taken as what
    is known of them, and left out where nothing is; those that were `seen` are not read.
    """

    items: Mapping[str, Mapping[str, Any]]
    known: Known
    versions: str
    max_file_bytes: int
    sandbox: Sandbox
    options: ReadingOptions = PLAIN
    held: frozenset[str] = frozenset()
    seen: Seen | None = None

    def plan(self, files: Iterable[CorpusFile]) -> Plan:
        """What is to be done with files that come in the order of their paths."""
        plan = Plan()
        for sha256, group in self._groups(files, plan).items():
            try:
                self._decide(group, sha256, plan)
            except RejectedFile as rejection:  # changed since it was read a moment ago
                for file in group:
                    plan.reject(file.path, rejection, state="")
        plan.added.sort(key=lambda work: work.path)
        plan.updated.sort(key=lambda work: work.path)
        kept = {summary.path for summary in plan.unchanged} | {work.path for work in plan.updated}
        plan.removed = [s for path, s in self.known.documents.items() if path not in kept]
        return plan

    def rejected_state(self, path: str, sha256: str, reason: str) -> str:
        """The state of a file by itself, which stands for its rejection.

        One that took too much is read again once more is allowed.
        """
        allowed = str(self.sandbox.limits) if reason in _BY_LIMITS else ""
        return self._state(sha256, self.items.get(path, {}), allowed)

    def bytes_of(self, work: Work) -> FileBytes:
        """The bytes of a file that is to be read, which are not held from the planning on.

        Raises RejectedFile where it changed since.
        """
        return self._read_again(work.files[0], work.sha256)

    def _groups(self, files: Iterable[CorpusFile], plan: Plan) -> dict[str, list[CorpusFile]]:
        """The files that may be indexed by the digest of their bytes."""
        groups: dict[str, list[CorpusFile]] = {}
        for file in files:
            if file.path in self.held:
                self._hold(file, groups, plan)
                continue
            try:
                _check_name(file)
                format_of(file.path)
                sha256 = self._digest(file)
            except RejectedFile as rejection:
                plan.reject(file.path, rejection, state="")
                continue
            rejected = self.known.rejections.get(file.path)
            if rejected is not None and self._still_stands(rejected, file.path, sha256):
                plan.rejected[file.path] = rejected
                continue
            groups.setdefault(sha256, []).append(file)
        return groups

    def _digest(self, file: CorpusFile) -> str:
        if self.seen is not None:
            return self.seen.digest(file, max_bytes=self.max_file_bytes)
        return read_bytes(file.location, max_bytes=self.max_file_bytes).sha256

    def _hold(self, file: CorpusFile, groups: dict[str, list[CorpusFile]], plan: Plan) -> None:
        """Take a file that is being written as what it was."""
        document = self.known.documents.get(self.known.aliases.get(file.path, file.path))
        if document is not None:
            groups.setdefault(document.sha256, []).append(file)
        elif file.path in self.known.rejections:
            plan.rejected[file.path] = self.known.rejections[file.path]

    def _decide(self, group: list[CorpusFile], sha256: str, plan: Plan) -> None:
        """Put one group of files with the same bytes where it belongs in the plan.

        The suffix can make the difference between files with the same bytes, so where the
        suffixes differ, those before the first that can be read are rejected here.
        """
        while group:
            metadata = self._metadata(group)
            state = self._state(sha256, metadata)
            old = self.known.documents.get(group[0].path)
            same = old is not None and old.state == state and not self._may_gain(old)
            if old is not None and (same or group[0].path in self.held):
                plan.unchanged.append(old)
                break
            if len({format_of(file.path) for file in group}) > 1:
                data = self._read_again(group[0], sha256)
                try:
                    self.sandbox.read(group[0].path, data, metadata, self.options)
                except RejectedFile as rejection:
                    path = group.pop(0).path
                    state = self.rejected_state(path, sha256, rejection.reason)
                    plan.reject(path, rejection, state=state)
                    continue
            work = Work(tuple(group), sha256, metadata, state)
            (plan.added if old is None else plan.updated).append(work)
            break
        plan.aliases.update((alias.path, group[0].path) for alias in group[1:])

    def _still_stands(self, rejected: tuple[Rejection, str], path: str, sha256: str) -> bool:
        """Whether a file would be rejected again, for the same reason."""
        rejection, state = rejected
        return state == self.rejected_state(
            path, sha256, rejection.reason
        ) and not self._may_read_now(rejection)

    def _may_read_now(self, rejection: Rejection) -> bool:
        """Whether what a file was rejected for may be mended by what this run is given."""
        return (self.options.ocr and rejection.reason == Reason.NO_TEXT) or (
            bool(self.options.passwords) and rejection.reason == Reason.ENCRYPTED
        )

    def _may_gain(self, document: DocumentSummary) -> bool:
        """Whether pages that have no text may be read now."""
        return self.options.may_read_more(document.warnings)

    def _read_again(self, file: CorpusFile, sha256: str) -> FileBytes:
        data = read_bytes(file.location, max_bytes=self.max_file_bytes)
        if data.sha256 != sha256:
            raise RejectedFile(
                Reason.CHANGED_WHILE_READING,
                "it changed while it was read; ingest again when it is still",
            )
        return data

    def _metadata(self, group: Iterable[CorpusFile]) -> Mapping[str, Any]:
        """The item of the first file of a group that has one."""
        return next((self.items[f.path] for f in group if f.path in self.items), {})

    def _state(self, sha256: str, metadata: Mapping[str, Any], *more: str) -> str:
        """A digest of all that the rows of a document depend on."""
        described = json.dumps(metadata, sort_keys=True, ensure_ascii=False) if metadata else "{}"
        parts = [sha256, described,
                 str(READER_VERSION), self.versions, *filter(None, more)]  # fmt: skip
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _check_name(file: CorpusFile) -> None:
    """Raises RejectedFile (misnamed) where two names differ in nothing that can be seen."""
    if file.double:
        raise RejectedFile(
            Reason.MISNAMED,
            "another file has the same name, written in another Unicode form; rename one of them",
        )

"""The digests of files that are as they were when they were last read.

A file counts as what it was while its size, its number on its device, and the times at which it
was written and changed are the same; no program can set the last. It must not have been written
to within two seconds before it was read, since clocks of file systems are coarse. The notes lie
beside the generations; nothing depends on them, since without them every file is read.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

from kb.indexing.notes import read_note, write_note
from kb.ingest.scan import CorpusFile
from kb.reading.files import FileBytes, read_bytes

FILE = "seen"
_SETTLED = 2_000_000_000  # nanoseconds
_State = list[int] | None  # None where it was too new to tell


class Seen:
    """What is known of the files of one corpus. The caller holds the writer lock of the index."""

    def __init__(self, index: Path, corpus: Path) -> None:
        self._path = index / FILE
        self._corpus = str(corpus.resolve())
        self._found: dict[str, tuple[_State, str]] = {}
        self._states: dict[str, tuple[list[int], bool]] = {}
        self._known = self._load()

    def news(self, files: Iterable[CorpusFile]) -> list[CorpusFile]:
        """The files that are not known, or are not as they were."""
        found = []
        for file in files:
            known = self._known.get(file.path)
            try:
                self._states[file.path] = state = _state(file.location)
            except OSError:
                continue  # it may have been so before
            if known is None or known[0] not in (None, state[0]):
                found.append(file)
        return found

    def digest(self, file: CorpusFile, *, max_bytes: int) -> str:
        """The SHA-256 of a file, which is read unless it is known. Raises RejectedFile."""
        try:
            # What was looked at before is not again: a change since is one after this run.
            looked = self._states.get(file.path)
            state, settled = _state(file.location) if looked is None else looked
        except OSError:
            return self._read(file, max_bytes).sha256  # says what is wrong
        known = self._known.get(file.path)
        if known is not None and known[0] == state and state[0] <= max_bytes:
            self._found[file.path] = known
            return known[1]
        sha256 = self._read(file, max_bytes).sha256
        self._found[file.path] = state if settled else None, sha256
        return sha256

    def keep(self) -> None:
        """Keep what is known of the files that were asked for, for the next run."""
        if self._found == self._known:
            return
        write_note(self._path, [self._corpus, self._found])

    @staticmethod
    def _read(file: CorpusFile, max_bytes: int) -> FileBytes:
        return read_bytes(file.location, max_bytes=max_bytes)

    def _load(self) -> dict[str, tuple[_State, str]]:
        """The notes of the run before; none where they are of another corpus, damaged or of
        another shape.
        """
        try:
            corpus, files = read_note(self._path) or ("", {})
            if corpus == self._corpus:
                return {path: (state, sha256) for path, (state, sha256) in files.items()}
        except (ValueError, TypeError, AttributeError):
            pass
        return {}


def _state(path: Path) -> tuple[list[int], bool]:
    """What tells that a file is as it was, and whether it is long enough since it was written."""
    now = time.time_ns()
    found = os.stat(path)  # noqa: PTH116 (twice as fast, for each file of the corpus)
    times = [found.st_mtime_ns, found.st_ctime_ns]
    settled = max(times) < now - _SETTLED
    return [found.st_size, *times, found.st_ino, found.st_dev], settled

"""Which files of a folder have been still for a while, and whether it is time to read them.

A file is still when its size and its time did not change between two looks that lie as far apart
as is asked for. Only what was seen counts, not the clock of the file's machine: in a folder of a
network the two may differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kb.ingest.scan import scan
from kb.reading.metadata import LIBRARY

Stamp = tuple[int, int]  # bytes, time of the last change in nanoseconds
_PATIENCE = 10  # times as long as a file must be still, others wait for what comes and goes


def stamps_of(corpus: Path) -> dict[str, Stamp]:
    """Size and time of each file of a corpus and of its metadata, by path.

    Raises IndexUnavailable when the folder cannot be listed.
    """
    found = {}
    for path, location in [*((f.path, f.location) for f in scan(corpus)), *_library(corpus)]:
        try:
            stat = location.stat()
        except OSError:
            continue  # gone a moment ago, or a link that leads nowhere
        found[path] = (stat.st_size, stat.st_mtime_ns)
    return found


def _library(corpus: Path) -> list[tuple[str, Path]]:
    return [(LIBRARY, corpus / LIBRARY)]


class Stillness:
    """What was seen of a folder, and what the last run has read of it. Times are in seconds."""

    def __init__(self, still: float) -> None:
        self._still = still
        self._seen: Mapping[str, Stamp] = {}
        self._since: dict[str, float] = {}
        self._read: dict[str, Stamp] | None = None
        self._due_since: float | None = None
        self.last_change = 0.0

    def see(self, found: Mapping[str, Stamp], now: float) -> None:
        """Take in a look at the folder."""
        for path in {*found, *self._seen}:
            if path not in self._since or self._seen.get(path) != found.get(path):
                self._since[path] = self.last_change = now
        known = found.keys() | (self._read or {}).keys()
        self._since = {path: at for path, at in self._since.items() if path in known}
        self._seen = dict(found)

    def restless(self, now: float) -> frozenset[str]:
        """The files that changed, came or went not long enough ago."""
        return frozenset(path for path, at in self._since.items() if now - at < self._still)

    def due(self, now: float) -> frozenset[str] | None:
        """The files that a run has to leave as they are; None while none is to be made.

        A folder that holds nothing is not read: it may be one of a network that is away.
        """
        if not self._seen:
            return None
        restless = self.restless(now)
        if not self._news(restless):
            self._due_since = None
            return None
        if self._due_since is None:
            self._due_since = now
        # What is gone may be back in a moment, and titles may be on their way.
        passing = any(path not in self._seen or path == LIBRARY for path in restless)
        if passing and now - self._due_since < _PATIENCE * self._still:
            return None
        return restless & self._seen.keys()

    def _news(self, restless: frozenset[str]) -> bool:
        read = self._read
        if read is None:
            return not self._seen.keys() <= restless
        return any(
            self._seen.get(path) != read.get(path)
            for path in self._seen.keys() | read.keys()
            if path not in restless
        )

    def read(self, held: frozenset[str]) -> None:
        """A run has read what was seen last, but for what it held back."""
        before = self._read or {}
        found = {path: stamp for path, stamp in self._seen.items() if path not in held}
        self._read = found | {path: before[path] for path in held if path in before}
        self._due_since = None
